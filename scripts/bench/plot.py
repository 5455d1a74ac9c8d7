"""Draws docs/performance.svg from docs/performance.csv: seconds over lines, the build net of dbt beside the query."""

import csv
import sys
from pathlib import Path

import altair as alt
import vl_convert as vlc

DOCS = Path(__file__).resolve().parents[2] / "docs"
BUILD, QUERY = "dbt build, net of dbt", "hand-written query"


def main() -> int:
    with (DOCS / "performance.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["form"] == "CUR 2.0"]
    points = []
    for row in rows:
        net = float(row["build_seconds"]) - float(row["small_build_seconds"])
        points.append({"lines": int(row["lines"]), "seconds": max(net, 0.01), "what": BUILD})
        points.append({"lines": int(row["lines"]), "seconds": float(row["query_seconds"]), "what": QUERY})
    chart = (
        alt.Chart(alt.Data(values=points), width=460, height=260)
        .mark_line(point=True)
        .encode(
            x=alt.X("lines:Q", scale=alt.Scale(type="log"), title="billing lines", axis=alt.Axis(format="~s")),
            y=alt.Y("seconds:Q", scale=alt.Scale(type="log"), title="seconds"),
            color=alt.Color("what:N", title=None, scale=alt.Scale(range=["#0b6e4f", "#c8553d"])),
        )
    )
    (DOCS / "performance.svg").write_text(vlc.vegalite_to_svg(chart.to_json()) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
