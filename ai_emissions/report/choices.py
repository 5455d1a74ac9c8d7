"""Sections on what other choices, places and models would give, on intensity per unit, and on closed months."""

from ai_emissions.report import charts, words
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import Number, in_words, ratio, scale_of
from ai_emissions.report.tables import Column, Table, named

SENSITIVITY = "ai_emissions_sensitivity"
WHAT_IF = "ai_emissions_what_if"
INTENSITY = "sci_operational_by_model_month"
RESTATED = "ai_emissions_restated"
BASE = "method_document"


def sensitivity(marts: Marts) -> dict:
    """The total of the period under each choice of method, the document's first."""
    rows = marts.rows("sensitivity")
    base = next((row for row in rows if row["choice"] == BASE), None)
    if not base or not base["gco2e"]:
        return {"table": None}

    def change(row: dict, column: str) -> Number:
        share = ratio(row[column], base[column])
        value = None if share is None else share - 1
        return Number(value, "share", SENSITIVITY, column, {"choice": row["choice"]}, "change", {"choice": BASE}, True)

    def of(row: dict, column: str, kind: str) -> Number:
        return Number(row[column], kind, SENSITIVITY, column, {"choice": row["choice"]})

    columns = [
        Column("Choice"),
        Column("Change of emissions", "share", bar=True),
        Column("Emissions", "mass"),
        Column("Change of electricity", "share"),
        Column("Electricity", "energy"),
    ]
    body = [
        [
            named(row["choice_name"] or row["choice"], row["what_changes"]),
            change(row, "gco2e") if row["choice"] != BASE else "base",
            of(row, "gco2e", "mass"),
            change(row, "kwh") if row["choice"] != BASE else "base",
            of(row, "kwh", "energy"),
        ]
        for row in rows
    ]
    others = [row for row in rows if row["choice"] not in (BASE, "as_built") and row["gco2e"] is not None]
    lowest = min(others, key=lambda row: row["gco2e"], default=None)
    highest = max(others, key=lambda row: row["gco2e"], default=None)
    return {
        "table": Table("The same usage under other choices of method", columns, body),
        "lowest": lowest and {"name": lowest["choice_name"], "share": change(lowest, "gco2e")},
        "highest": highest and {"name": highest["choice_name"], "share": change(highest, "gco2e")},
    }


def what_if(marts: Marts) -> dict:
    """The largest usage, had it run in other regions or on other models."""
    rows = marts.rows("what_if")
    models = {row["model_id"]: row["model_name"] for row in marts.rows("model_names")}
    tables = []
    for kind, caption, column in (
        ("region", "The same usage in another region", "In region"),
        ("model", "The same tokens on another model", "On model"),
    ):
        chosen = [row for row in rows if row["change"] == kind]
        if not chosen:
            continue
        body = []
        for row in chosen:
            usage = {"change": kind} | {name: row[name] for name in ("source", "model_id", "region", "alternative")}
            alternative = row["alternative"] or ""
            share = ratio(row["alternative_gco2e"], row["gco2e"])
            body.append(
                [
                    named(models.get(row["model_id"], row["model_id"] or "not named"), row["region"] or "no region"),
                    models.get(alternative, alternative) if kind == "model" else alternative,
                    Number(row["gco2e"], "mass", WHAT_IF, "gco2e", usage),
                    Number(row["alternative_gco2e"], "mass", WHAT_IF, "alternative_gco2e", usage),
                    Number(
                        None if share is None else share - 1,
                        "share",
                        WHAT_IF,
                        "sum(alternative_gco2e) / sum(gco2e) - 1",
                        usage,
                        signed=True,
                    ),
                ]
                + ([words.BASES.get(row["power_basis"] or "", row["power_basis"] or "")] if kind == "model" else [])
            )
        columns = [
            Column("Usage"),
            Column(column),
            Column("Now", "mass"),
            Column("Then", "mass"),
            Column("Difference", "share", bar=True),
            *([Column("Power figure of it")] if kind == "model" else []),
        ]
        caveats = sorted({row["caveat"] for row in chosen if row["caveat"]})
        tables.append(Table(caption, columns, body, note=" ".join(caveats)))
    return {"tables": tables}


def intensity(marts: Marts) -> dict:
    """Operational emissions per functional unit and model, from the sums of the period."""
    rows = marts.rows("intensity")
    tables, drawn = [], None
    for unit in dict.fromkeys(row["functional_unit"] for row in rows):
        chosen = [row for row in rows if row["functional_unit"] == unit]
        body = [intensity_row(row, unit) for row in chosen]
        columns = [
            Column("Model"),
            Column("Per unit", "mass", group="rate", bar=True),
            Column("Low", "mass", group="rate"),
            Column("High", "mass", group="rate"),
            Column("Units", "count"),
            Column("Electricity", "energy"),
            Column("Emissions", "mass"),
        ]
        tables.append(Table(f"Operational emissions per {singular(unit)}", columns, body))
        if unit == "1,000 tokens":
            drawn = intensity_chart(chosen)
    first = rows[0] if rows else {}
    return {
        "tables": tables,
        "drawn": drawn,
        "boundary": first.get("boundary"),
        "not_included": first.get("not_included"),
        "quantification": first.get("quantification"),
    }


def singular(unit: str) -> str:
    return {"video second": "second of video"}.get(unit, unit)


def intensity_row(row: dict, unit: str) -> list:
    key = {"functional_unit": unit, "model_id": row["model_id"]}

    def rate(name: str) -> Number:
        part = f"operational_gco2e{name}"
        return Number(row[f"rate{name}"], "mass", INTENSITY, f"sum({part}) / sum(functional_units)", key)

    return [
        row["model_id"] or "not named",
        rate(""),
        rate("_low"),
        rate("_high"),
        Number(row["functional_units"], "count", INTENSITY, "functional_units", key),
        Number(row["operational_kwh"], "energy", INTENSITY, "operational_kwh", key),
        Number(row["operational_gco2e"], "mass", INTENSITY, "operational_gco2e", key),
    ]


def intensity_chart(rows: list[dict]) -> dict | None:
    """Dots with ranges on a logarithmic axis; a low end of 0, which has no place on it, is left at the dot."""
    known = [row for row in rows if row["rate"]][:20]
    if len(known) < 2:
        return None
    factor, unit = scale_of("mass", [row["rate"] for row in known])
    dots = [
        {
            "name": row["model_id"] or "not named",
            "value": row["rate"] / factor,
            "low": (row["rate_low"] or row["rate"]) / factor,
            "high": (row["rate_high"] or row["rate"]) / factor,
        }
        for row in known
    ]
    most, least = known[0], known[-1]
    ends = [f"{row['model_id']}, {in_words(row['rate'], 'mass', 'CO2e')}" for row in (least, most)]
    return {
        "chart": charts.ranges(dots, f"{unit} CO₂e per 1,000 tokens"),
        "label": f"Emissions per 1,000 tokens, from {ends[0]}, to {ends[1]}, each with its range.",
    }


def restated(marts: Marts) -> Table | None:
    """Closed months beside what they would be today; None where nothing is closed."""
    rows = marts.rows("restated")
    if not rows:
        return None
    parts = [
        ("Usage", "usage", "difference_usage_gco2e"),
        ("Power figures", "power_figure", "difference_power_figure_gco2e"),
        ("Factors", "factors", "difference_factors_gco2e"),
        ("Rules", "rules", "difference_rules_gco2e"),
    ]
    columns = [
        Column("Month"),
        Column("Revision"),
        Column("As closed", "mass"),
        Column("Today", "mass"),
        Column("Difference", "mass", group="part"),
        *(Column(label, "mass", group="part") for label, _, _ in parts),
    ]
    body = []
    for row in rows:
        key = {"usage_month": row["usage_month"]}
        body.append(
            [
                words.month_name(row["usage_month"]),
                str(row["closed_revision"]),
                Number(row["closed_gco2e"], "mass", RESTATED, "closed_gco2e", key),
                Number(row["current_gco2e"], "mass", RESTATED, "current_gco2e", key),
                Number(row["difference_gco2e"], "mass", RESTATED, "difference_gco2e", key, signed=True),
                *(Number(row[name], "mass", RESTATED, column, key, signed=True) for _, name, column in parts),
            ]
        )
    return Table("Closed months, as closed and as they would be today", columns, body)
