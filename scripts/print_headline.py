"""Prints the headline table of the warehouse: energy and emissions per month, model and region, and what is not in it.

python scripts/print_headline.py
"""

import os
import sys
from pathlib import Path

import duckdb

ROWS = """
    select strftime(usage_month, '%Y-%m'), source, coalesce(model_id, '-'), coalesce(region, '-'),
           tokens, images, video_seconds, kwh, gco2e
    from marts.ai_emissions_by_model_region_month
    where status = 'estimated'
    order by usage_month, source, gco2e desc
"""
TOTALS = """
    select sum(kwh), sum(gco2e), sum(gco2e_low), sum(gco2e_high)
    from marts.ai_emissions_by_model_region_month
"""
COVERAGE = """
    select status, coalesce(cost_currency, '-'), sum(line_count), sum(tokens), sum(cost_amount),
           sum(cost_amount) / nullif(sum(sum(cost_amount)) over (partition by cost_currency), 0)
    from marts.ai_usage_coverage
    group by status, cost_currency
    order by status = 'estimated' desc, sum(cost_amount) desc nulls last, status
"""


def number(value: float | None, digits: int = 0) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def table(header: list[str], rows: list[list[str]], left: int) -> str:
    """Columns as wide as their widest cell, the first ``left`` of them left-aligned."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = []
    for row in [header, ["-" * width for width in widths], *rows]:
        cells = [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def main() -> int:
    path = Path(os.environ.get("AI_EMISSIONS_WAREHOUSE", "warehouse/ai_emissions.duckdb"))
    if not path.exists():
        print(f"{path}: no warehouse there. Run `dbt build` first, or set AI_EMISSIONS_WAREHOUSE.", file=sys.stderr)
        return 1
    with duckdb.connect(str(path), read_only=True) as con:
        rows = con.execute(ROWS).fetchall()
        kwh, gco2e, low, high = con.execute(TOTALS).fetchone()
        coverage = con.execute(COVERAGE).fetchall()

    print("\nEmissions of AI usage per month, model and region (ai_emissions_by_model_region_month)\n")
    body = [[*r[:4], *map(number, r[4:7]), number(r[7], 5), number(r[8], 5)] for r in rows]
    print(table(["month", "source", "model", "region", "tokens", "images", "video s", "kWh", "gCO2e"], body, left=4))
    if kwh is None:
        print("\nNo usage came to energy. The table below says where it went.")
    else:
        kilograms = [number(grams / 1000, 2) for grams in (gco2e, low, high)]
        print(f"\nTotal {number(kwh, 2)} kWh, {kilograms[0]} kg CO2e", end="")
        print(f" ({kilograms[1]} to {kilograms[2]} over the ranges of the power figures)")
    print("\nWhat is in the number and what is not (ai_usage_coverage)\n")
    body = [
        [r[0], r[1], number(r[2]), number(r[3]), number(r[4], 2), "" if r[5] is None else f"{r[5]:.1%}"]
        for r in coverage
    ]
    print(table(["status", "currency", "lines", "tokens", "cost", "of cost"], body, left=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
