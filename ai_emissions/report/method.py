"""Sections on equivalences, and on the method, factors and settings behind the page."""

import subprocess
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

from ai_emissions.report import words
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import Number, alone
from ai_emissions.report.tables import Column, Table, named

# Shown large; the others stand in the table.
PICTURED = (
    "petrol_car_mile_desnz_2025",
    "flight_short_haul_economy_pkm",
    "national_rail_passenger_km",
    "smartphone_charge_energy",
)
# Rows of the factor table of one kind; all of them stand in the mart.
LONGEST = 8
PROJECT = Path(__file__).resolve().parents[2]
DOCS = [
    ("docs/methodology.md", "Methodology: every formula, factor, assumption and weakness"),
    ("docs/report.md", "This page: what stands where, how to read it"),
    ("docs/operations.md", "Operations: schedules, power figures, closing a month"),
    ("docs/decisions.md", "Decisions and their reasons"),
    ("CONTRIBUTING.md", "Adding a model, a region, a year of factors"),
]


NEWEST_FIGURE = "arg_max(figure, usage_month)"


def equivalences(marts: Marts) -> Table | None:
    """Everyday quantities of the same size, with the figure and its source."""
    rows = marts.rows("equivalences")
    if not rows:
        return None

    def of(row: dict, column: str) -> Number:
        return Number(row[column], "plain", "emission_equivalences", column, {"equivalence": row["equivalence"]})

    columns = [
        Column("As much as"),
        Column("Amount", "plain", ""),
        Column("Low", "plain", ""),
        Column("High", "plain", ""),
        Column("Figure", "plain", ""),
        Column("Unit of the figure"),
        Column("Year"),
    ]
    body = [
        [
            named(
                row["equivalence_name"] or row["equivalence"], "; ".join(filter(None, (source_of(row), row["note"])))
            ),
            of(row, "amount"),
            of(row, "amount_low"),
            of(row, "amount_high"),
            Number(row["figure"], "plain", "emission_equivalences", NEWEST_FIGURE, {"equivalence": row["equivalence"]}),
            (row["figure_unit"] or "") + (" (newest of several editions)" if row["edition_count"] > 1 else ""),
            str(row["data_year"] or "not stated"),
        ]
        for row in rows
    ]
    return Table("Equivalences of the whole period", columns, body)


def source_of(row: dict) -> str:
    return f"{row['source'] or 'source not stated'} ({row['licence'] or 'no licence stated'})"


def cards(marts: Marts) -> list[dict]:
    """The few equivalences most people can picture."""
    rows = {row["equivalence"]: row for row in marts.rows("equivalences")}
    found = []
    for row in [rows[name] for name in PICTURED if name in rows]:
        key = {"equivalence": row["equivalence"]}
        amount = Number(row["amount"], "count", "emission_equivalences", "amount", key)
        year = f", {row['data_year']}" if row["data_year"] else ""
        source = (row["source"] or "source not stated").split(",")[0].split(";")[0]
        found.append({"amount": alone(amount), "unit": row["equivalence_name"], "source": f"{source}{year}"})
    return found


def factors(marts: Marts) -> list[Table]:
    """The factor rows the results rest on, per kind, with the emissions that rest on each."""
    rows = marts.rows("factors_used")
    tables = []
    for kind in dict.fromkeys(row["factor_type"] for row in rows):
        chosen = [row for row in rows if row["factor_type"] == kind]
        columns = [
            Column("Applies to"),
            Column("Figure", "plain", ""),
            Column("Unit"),
            Column("Edition"),
            Column("From"),
        ]
        body = [
            [
                named(row["applies_to"] or row["factor_id"], source_of(row)),
                Number(row["figure"], "plain", "emission_factors", "figure", {"factor_id": row["factor_id"]}),
                row["unit"] or "",
                row["edition"] or "",
                f"{row['valid_from']}" if row["valid_from"] else "",
            ]
            for row in chosen[:LONGEST]
        ]
        more = len(chosen) - LONGEST
        note = f"The {LONGEST} that most emissions rest on; {more} more in emission_factors." if more > 0 else ""
        tables.append(Table(words.FACTORS.get(kind, kind), columns, body, note=note))
    return tables


def settings(marts: Marts) -> Table:
    columns = [Column("Setting"), Column("Value"), Column("What it decides")]
    body = [
        [row["setting"], row["setting_value"] or "", words.SETTINGS.get(row["setting"], "")]
        for row in marts.rows("settings")
    ]
    return Table("Settings of the build", columns, body)


def made(folder: Path) -> dict:
    """When the marts were published, and by what this page was made. Times are UTC."""
    published = max(file.stat().st_mtime for file in folder.glob("*.parquet"))
    return {
        "published": f"{datetime.fromtimestamp(published, UTC):%d %B %Y, %H:%M} UTC",
        "code": code_version(),
        "duckdb": duckdb.__version__,
    }


def code_version() -> str:
    """Version of the project and, in a clone, its commit."""
    try:
        number = version("ai-emissions-ledger")
    except PackageNotFoundError:
        number = "not installed"
    try:
        commit = subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=PROJECT, capture_output=True, text=True, timeout=10
        ).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        commit = ""
    return f"{number}{f', commit {commit}' if commit else ''}"
