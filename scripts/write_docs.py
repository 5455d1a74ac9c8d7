"""Writes the generated part of the documentation: docs/data_dictionary.md, every mart with its columns as the YAML
describes them, and docs/questions.md, every analysis with its answer on the sample data.

python scripts/write_docs.py [--check]

Builds nothing: reads the warehouse of the last `dbt build`, which has to be one of the sample data.
"""

import argparse
import os
import sys
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

PROJECT = Path(__file__).resolve().parents[1]
ROWS_SHOWN = 8
NOTICE = "<!-- Written by scripts/write_docs.py (make docs): edit the YAML or the analysis, not this file. -->"


def compiled_project():
    """Manifest of the project and the compiled SQL of its analyses by name. RuntimeError says why there is none."""
    outcome = dbtRunner().invoke(["compile", "--quiet", "--select", "resource_type:analysis"])
    # dbt keeps the warehouse open within a process; the answers are read from it next.
    DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        raise RuntimeError(f"dbt compile failed: {outcome.exception or outcome.result}")
    analyses = {result.node.name: result.node for result in outcome.result}
    manifest = dbtRunner().invoke(["parse", "--quiet"]).result
    return manifest, analyses


def one_line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def data_dictionary(manifest) -> str:
    """Every mart: what it holds, its grain, and each column with type and meaning."""
    marts = sorted(
        (node for node in manifest.nodes.values() if node.resource_type == "model" and node.fqn[1] == "marts"),
        key=lambda node: node.name,
    )
    parts = [
        NOTICE,
        "# Data dictionary",
        "Each mart is a table in the schema `marts` of the warehouse and a file `<mart>.parquet` in the export folder. "
        "Types are DuckDB's. NULL means not known or not applicable, never 0.",
        "\n".join(f"- [{mart.name}](#{mart.name})" for mart in marts),
    ]
    for mart in marts:
        rows = [
            f"| `{column.name}` | {column.data_type} | {one_line(column.description)} |"
            for column in mart.columns.values()
        ]
        parts += [
            f"## {mart.name}",
            one_line(mart.description),
            "\n".join(["| column | type | meaning |", "| --- | --- | --- |", *rows]),
        ]
    return "\n\n".join(parts) + "\n"


def cell(value) -> str:
    """Six significant digits: sums of doubles differ in their last ones from build to build."""
    if value is None:
        return ""
    if isinstance(value, float):
        rounded = float(f"{value:.6g}")
        return "0" if abs(rounded) < 1e-9 else f"{rounded:,.6g}" if abs(rounded) < 1e6 else f"{rounded:,.0f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return one_line(str(value))


def question(node, con: duckdb.DuckDBPyConnection) -> str:
    """One analysis: its question and explanation (the comment it starts with) and the first rows of its answer."""
    comment = " ".join(line.removeprefix("--").strip() for line in node.raw_code.strip().split("\n\n")[0].splitlines())
    asked, _, explained = comment.partition("? ")
    found = con.execute(node.compiled_code)
    names = [column[0] for column in found.description]
    rows = found.fetchall()
    table = [
        "| " + " | ".join(names) + " |",
        "| " + " | ".join(["---"] * len(names)) + " |",
        *("| " + " | ".join(map(cell, row)) + " |" for row in rows[:ROWS_SHOWN]),
    ]
    more = f"\n\nThe first {ROWS_SHOWN} of {len(rows)} rows." if len(rows) > ROWS_SHOWN else ""
    source = f"[`analyses/{node.name}.sql`](../analyses/{node.name}.sql)"
    return "\n\n".join([f"## {asked}?", f"{explained} {source}", "\n".join(table) + more])


def questions(analyses: dict, warehouse: Path) -> str:
    parts = [
        NOTICE,
        "# Questions and answers",
        "Worked questions, each a file to run and to change: "
        "`.venv/bin/dbt show --quiet --select which_team --limit 20`. "
        "The answers below are those of the sample data, which is **synthetic**: they show the form, not the world.",
    ]
    with duckdb.connect(str(warehouse), read_only=True) as con:
        parts += [question(node, con) for _, node in sorted(analyses.items())]
    return "\n\n".join(parts) + "\n"


def documents(warehouse: Path) -> dict[Path, str]:
    """Path and text of each generated document."""
    manifest, analyses = compiled_project()
    return {
        PROJECT / "docs" / "data_dictionary.md": data_dictionary(manifest),
        PROJECT / "docs" / "questions.md": questions(analyses, warehouse),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--check", action="store_true", help="write nothing; exit code 1 where a document is out of date"
    )
    check = parser.parse_args().check
    warehouse = Path(os.environ.get("AI_EMISSIONS_WAREHOUSE", "warehouse/ai_emissions.duckdb"))
    if not warehouse.exists():
        print(f"{warehouse}: no warehouse there. Run `make build` on the sample data first.", file=sys.stderr)
        return 1
    stale = []
    for path, text in documents(warehouse).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path.name)
        if not check:
            path.write_text(text, encoding="utf-8")
    if check and stale:
        print(f"Out of date: {', '.join(stale)}. Run `make build docs` on the sample data.", file=sys.stderr)
        return 1
    print(f"{'Written' if stale else 'Up to date'}: {', '.join(stale) or 'docs'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
