"""The other way to do it: a call of an estimation library for every line, in Python.

``python scripts/bench/per_row.py bench_data/1000000_lines_1000_workloads`` takes AI lines of a benchmark's first file
and asks EcoLogits for the impacts of each, as its own clients do after a request. Prints lines a second. The figures
of the two methods are not compared here: EcoLogits estimates requests, by output tokens and latency, and a billing
line is no request.
"""

import argparse
import time
from pathlib import Path

import duckdb
from ecologits import __version__
from ecologits.tracers.utils import llm_impacts

LINES = """
    select line_item_usage_amount * 1000 as tokens
    from read_parquet(?)
    where line_item_operation = 'Usage' and line_item_usage_type ilike '%token%'
    limit 5000
"""
# A model that the library knows, whatever the synthetic lines are about.
MODEL = ("anthropic", "claude-sonnet-4-5")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a data root that make bench has written")
    first, *_ = sorted(parser.parse_args().folder.rglob("*.parquet"))
    lines = duckdb.execute(LINES, [str(first)]).fetchall()
    started = time.perf_counter()
    kwh = sum(llm_impacts(*MODEL, max(1, round(tokens)), 1.0, "USA").energy.value.mean for (tokens,) in lines)
    seconds = time.perf_counter() - started
    print(
        f"EcoLogits {__version__}: {len(lines):,} lines ({kwh:.1f} kWh) in {seconds:.2f} s, "
        f"{len(lines) / seconds:,.0f} lines a second"
    )


if __name__ == "__main__":
    main()
