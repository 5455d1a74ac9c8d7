"""Draws docs/performance.svg from docs/performance_months.csv and docs/performance_nights.csv.

python scripts/bench/plot.py

The two files hold the measured rows that docs/performance.md shows as tables: lines of bench_data/results.csv and
bench_data/night_results.csv of one machine, copied by hand when a run is worth keeping.
"""

import csv
from pathlib import Path

import altair
import vl_convert

DOCS = Path(__file__).resolve().parents[2] / "docs"


def rows(name: str) -> list[dict]:
    with (DOCS / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def months() -> altair.Chart:
    """Seconds over lines: the build net of dbt and the query beside it, both on logarithmic axes."""
    points = []
    for row in rows("performance_months.csv"):
        query = float(row["query_seconds"])
        for what, seconds in (("build, net of dbt", float(row["ratio"]) * query), ("hand-written query", query)):
            # A net that is lost in how dbt's own time varies can come out below zero.
            if seconds <= 0:
                continue
            points.append({"form": row["form"], "lines": int(row["lines"]), "what": what, "seconds": seconds})
    return (
        altair.Chart(altair.Data(values=points), title="One month", width=300, height=240)
        .mark_line(point=True)
        .encode(
            x=altair.X("lines:Q", title="billing lines").scale(type="log").axis(format="~s"),
            y=altair.Y("seconds:Q", title="seconds").scale(type="log"),
            color=altair.Color("what:N", title=None),
            shape=altair.Shape("form:N", title=None),
            detail="form:N",
        )
    )


def nights() -> altair.Chart:
    """Seconds of a night over months of history."""
    points = [
        {
            "months": int(row["months"]),
            "seconds": float(row["seconds"]),
            "what": f"{int(row['lines_per_month']) // 1_000_000} million lines a month, {row['night']}",
        }
        for row in rows("performance_nights.csv")
        if row["night"] in ("nothing changed", "newest month anew")
    ]
    return (
        altair.Chart(altair.Data(values=points), title="One night, dbt included", width=300, height=240)
        .mark_line(point=True)
        .encode(
            x=altair.X("months:Q", title="months of history"),
            y=altair.Y("seconds:Q", title="seconds"),
            color=altair.Color("what:N", title=None).legend(labelLimit=300),
        )
    )


def main() -> None:
    chart = (months() | nights()).resolve_scale(color="independent", shape="independent")
    (DOCS / "performance.svg").write_text(vl_convert.vegalite_to_svg(chart.to_json()), encoding="utf-8")


if __name__ == "__main__":
    main()
