"""The other way to do it: a call of an estimation library for every line, in Python.

``python scripts/bench/per_row.py bench_data/1000000_lines_1000_workloads`` takes the AI lines of the first file of a
benchmark and asks EcoLogits (the package ``ecologits``, not a dependency of the project: install it beside) for the
impacts of each, as its own clients do after a request. Prints lines a second. The figures of the two methods are not
compared here: EcoLogits estimates requests, by output tokens and latency, and a billing line is no request.
"""

import sys
import time
from pathlib import Path

import duckdb

LINES = """
    select coalesce(product['product_name'], line_item_usage_type) as name, line_item_usage_amount * 1000 as tokens
    from read_parquet(?)
    where line_item_operation = 'Usage' and line_item_usage_type ilike '%token%'
    limit 5000
"""
# What the synthetic lines are about, by the names of the library.
MODEL = ("anthropic", "claude-sonnet-4-5")


def main() -> int:
    try:
        from ecologits import __version__
        from ecologits.tracers.utils import llm_impacts
    except ImportError:
        print("error: the package ecologits is missing. Install it: pip install ecologits", file=sys.stderr)
        return 1
    if len(sys.argv) != 2 or not (files := sorted(Path(sys.argv[1]).rglob("*.parquet"))):
        print(f"error: {__file__} wants one folder that make bench has written.", file=sys.stderr)
        return 2
    lines = duckdb.execute(LINES, [str(files[0])]).fetchall()
    started = time.perf_counter()
    kwh = 0.0
    for _, tokens in lines:
        impacts = llm_impacts(*MODEL, max(1, round(tokens)), 1.0, "USA")
        kwh += impacts.energy.value.mean
    seconds = time.perf_counter() - started
    print(
        f"EcoLogits {__version__}: {len(lines):,} lines in {seconds:.2f} s, {len(lines) / seconds:,.0f} lines a second"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
