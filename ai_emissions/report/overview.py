"""Sections on the number itself: the total, the months, and who and what it comes from."""

from markupsafe import Markup, escape

from ai_emissions.report import charts, words
from ai_emissions.report.coverage import USAGE_COST, USAGE_TOKENS
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import Number, alone, in_words, ratio, scale_of, text_of
from ai_emissions.report.tables import Column, Table, named

HEADLINE = "ai_emissions_by_model_region_month"
ACCOUNTS = "ai_emissions_by_account_month"
IN = {"status": "estimated"}
# Rows of a ranked table; the rest stands together in one row more.
LONGEST = 10


def headline(marts: Marts) -> dict:
    """The total with its range, and what it covers."""
    totals = marts.row("totals")

    def total(column: str, kind: str) -> Number:
        return Number(totals[column], kind, HEADLINE, column, IN)

    costs = [
        {
            "currency": row["cost_currency"] or "no currency",
            "cost": Number(
                row["cost"], "cost", "ai_usage_coverage", "cost_amount", {"cost_currency": row["cost_currency"]}
            ),
            "share": Number(
                row["share"] if row["share"] is not None else 0.0,
                "share",
                "ai_usage_coverage",
                "cost_amount",
                {"cost_currency": row["cost_currency"], **IN},
                "share",
                {"cost_currency": row["cost_currency"], **USAGE_COST},
            ),
        }
        for row in marts.rows("costs")
        if row["cost"]
    ]
    tokens = marts.row("token_coverage")
    files = marts.row("synthetic_files")
    ends = [
        f"{words.source_name(row['source'])} on {words.day_name(row['last_usage_day'])}"
        for row in marts.rows("last_days")
    ]
    media = [
        (label, total(column, "count"))
        for label, column in (("images", "images"), ("seconds of video", "video_seconds"))
        if totals[column]
    ]
    return {
        "totals": totals,
        "gco2e": alone(total("gco2e", "mass"), "CO₂e"),
        "has_total": totals["gco2e"] is not None,
        "span": span(totals),
        "low": alone(total("gco2e_low", "mass")),
        "high": alone(total("gco2e_high", "mass")),
        "about": roughly(totals["gco2e"]),
        "kwh": alone(total("kwh", "energy")),
        "tokens": alone(total("tokens", "count")),
        "media": [(label, alone(number)) for label, number in media],
        "costs": costs,
        "token_share": Number(tokens["share"], "share", "ai_usage_coverage", "tokens", IN, "share", USAGE_TOKENS),
        "first_day": words.day_name(totals["first_day"]),
        "last_day": words.day_name(totals["last_day"]),
        "ends_early": words.joined(ends),
        "last_month": words.month_name(totals["last_month"]),
        "synthetic": files["synthetic_count"] > 0,
        "all_synthetic": files["synthetic_count"] == files["file_count"],
    }


def span(totals: dict) -> dict | None:
    """Where low, estimate and high lie on a line that starts at 0, in percent of its length."""
    low, middle, high = totals["gco2e_low"], totals["gco2e"], totals["gco2e_high"]
    if not high or middle is None or low is None:
        return None
    return {"low": 100 * low / high, "middle": 100 * middle / high}


def roughly(grams: float | None) -> str:
    """The total with the one digit that can be claimed for it."""
    if not grams:
        return ""
    factor, unit = scale_of("mass", [grams])
    digits = len(str(int(grams / factor))) - 1
    return f"{round(grams / factor, -digits):,.0f} {unit}"


def trend(marts: Marts) -> dict:
    """Each month with its range, and what moved the newest one."""
    rows = marts.rows("months")
    if not rows:
        return {"table": None, "change": None}

    def of(column: str, kind: str, row: dict) -> Number:
        return Number(row[column], kind, HEADLINE, column, {"usage_month": row["usage_month"], **IN})

    columns = [
        Column("Month"),
        Column("Emissions", "mass", bar=True),
        Column("Low", "mass"),
        Column("High", "mass"),
        Column("Electricity", "energy"),
        Column("Tokens", "count"),
    ]
    body = [
        [words.month_name(row["usage_month"])]
        + [of(name, "mass", row) for name in ("gco2e", "gco2e_low", "gco2e_high")]
        + [of("kwh", "energy", row), of("tokens", "count", row)]
        for row in rows
    ]
    table = Table("Emissions and electricity per month", columns, body)
    factor, unit = table.scales[1]
    sources = marts.rows("months_by_source")
    # In the order of their names, so that an input keeps its colour from page to page.
    names = sorted({row["source"] for row in sources})
    axis = words.months_between(rows[0]["usage_month"], rows[-1]["usage_month"])

    def place(month) -> dict:
        return {"month": f"{month:%b %y}", "short": f"{month:%b %y}" if len(axis) > 12 else f"{month:%b}"}

    drawn = charts.months(
        [place(month) for month in axis],
        [
            place(row["usage_month"])
            | {"value": row["gco2e"] / factor}
            | {end: (row[f"gco2e_{end}"] or row["gco2e"]) / factor for end in ("low", "high")}
            for row in rows
        ],
        [
            place(row["usage_month"]) | {"source": words.source_name(row["source"]), "value": row["gco2e"] / factor}
            for row in sources
        ],
        [words.source_name(name) for name in names],
        f"{unit} CO₂e",
    )
    first, last = rows[0], rows[-1]
    low, high = in_words(last["gco2e_low"], "mass"), in_words(last["gco2e_high"], "mass")
    said = f"{month_in_words(last)}, range {low} to {high}."
    if len(rows) > 1:
        said = f"Emissions per month, from {month_in_words(first)}, to {said}"
    return {
        "table": table,
        "chart": drawn,
        "label": said,
        "legend": [words.source_name(name) for name in names],
        "change": change(marts, rows),
        "single": len(rows) == 1,
        "last_month": words.month_name(last["usage_month"]),
    }


def month_in_words(row: dict) -> str:
    return f"{words.month_name(row['usage_month'])} with {in_words(row['gco2e'], 'mass', 'CO2e')}"


def change(marts: Marts, months: list[dict]) -> dict | None:
    """The steps from the month before to the newest one; None where there is no pair of months."""
    rows = marts.rows("change")
    if not rows:
        return None
    newest, previous = rows[0]["usage_month"], rows[0]["previous_month"]
    totals = {row["usage_month"]: row["gco2e"] for row in months}
    start, end = totals.get(previous) or 0.0, totals.get(newest) or 0.0
    key = {"usage_month": newest}

    def of(row: dict, column: str, kind: str) -> Number:
        where = {**key, "cause": row["cause"]}
        return Number(row[column], kind, "ai_emissions_change", column, where, signed=True)

    body = [
        [
            named(*words.CAUSES.get(row["cause"], (row["cause"], ""))),
            of(row, "gco2e_change", "mass"),
            of(row, "kwh_change", "energy"),
        ]
        for row in rows
    ]
    then = {"usage_month": previous, **IN}
    whole = Number(end - start, "mass", HEADLINE, "gco2e", {**key, **IN}, "difference", then, True)
    share = Number(end / start - 1, "share", HEADLINE, "gco2e", {**key, **IN}, "change", then, True) if start else None
    columns = [
        Column("Cause"),
        Column("Emissions", "mass", bar=True),
        Column("Electricity", "energy"),
    ]
    table = Table(f"What changed from {words.month_name(previous)} to {words.month_name(newest)}", columns, body)
    factor, unit = scale_of("mass", [start, end, *(row["gco2e_change"] for row in rows)])
    nothing = 1e-9 * max(start, end)
    bars, at = [bar(words.short_month(previous), 0.0, start, "month", factor)], start
    for row in rows:
        if row["gco2e_change"] and abs(row["gco2e_change"]) > nothing:
            name, after = words.CAUSES.get(row["cause"], (row["cause"], ""))[0], at + row["gco2e_change"]
            bars.append(bar(name, at, after, "more" if after > at else "less", factor))
            at = after
    bars.append(bar(words.short_month(newest), 0.0, end, "month", factor))
    parts = [
        f"{words.CAUSES[row['cause']][0].lower()} {in_words(row['gco2e_change'], 'mass')}"
        for row in rows
        if row["gco2e_change"] and abs(row["gco2e_change"]) > nothing
    ]
    ends = [in_words(value, "mass", "CO2e") for value in (start, end)]
    return {
        "table": table,
        "whole_text": alone(whole, "CO₂e"),
        "share": share,
        "chart": charts.steps(bars, f"{unit} CO₂e"),
        "label": (
            f"From {words.month_name(previous)} to {words.month_name(newest)} emissions went from {ends[0]} to "
            f"{ends[1]}: {', '.join(parts) or 'no change'}."
        ),
        "newest": words.month_name(newest),
        "previous": words.month_name(previous),
    }


def bar(name: str, start: float, end: float, kind: str, factor: float) -> dict:
    """A step of the chart of changes; the label says its size, with a sign unless it is a month."""
    shown = Number(end - start, "mass", "", "", signed=kind != "month")
    return {
        "name": name,
        "short": name,
        "start": start / factor,
        "end": end / factor,
        "top": max(start, end) / factor,
        "kind": kind,
        "label": text_of(shown, factor),
    }


def breakdown(marts: Marts) -> list[Table]:
    """Ranked tables by model, region, account, team and input, with cost beside carbon."""
    models = {row["model_id"]: row for row in marts.rows("model_names")}
    regions = {row["region"]: row for row in marts.rows("region_names")}
    accounts = {row["account_id"]: row["account_name"] for row in marts.rows("account_names")}

    def model(member: str | None) -> Markup:
        known = models.get(member)
        return named(known["model_name"], known["model_provider"]) if known else escape(member or "not named")

    def region(member: str | None) -> Markup:
        known = regions.get(member)
        return named(member, known["country_name"]) if known else escape(member or "not named")

    def account(member: str | None) -> Markup:
        return named(accounts[member], member) if accounts.get(member) else escape(member or "not named")

    return [
        ranked(marts, HEADLINE, "model_id", "By model", "Model", model),
        ranked(marts, HEADLINE, "region", "By region", "Region", region),
        ranked(marts, ACCOUNTS, "account_id", "By account", "Account", account),
        ranked(marts, ACCOUNTS, "team", "By team", "Team", lambda member: member or "no team"),
        ranked(marts, HEADLINE, "source", "By input", "Input", words.source_name),
    ]


def ranked(marts: Marts, mart: str, dimension: str, caption: str, label: str, name) -> Table:
    """The largest members of a dimension and, in one row, all others."""
    rows = marts.rows("ranked", mart=mart, dimension=dimension)
    currencies = sorted({currency for row in rows for currency in row["cost"] or {}})
    shown = rows if len(rows) <= LONGEST + 1 else rows[:LONGEST]
    others = rows[len(shown) :]
    total = sum(row["gco2e"] or 0 for row in rows)
    columns = [
        Column(label),
        Column("Emissions", "mass", bar=True),
        Column("Share", "share"),
        Column("Low", "mass"),
        Column("High", "mass"),
        Column("Electricity", "energy"),
        Column("Per kWh", "plain", "g CO₂e"),
        Column("Tokens", "count"),
        *(Column("Cost", "cost", currency) for currency in currencies),
    ]

    def line(title: str, members: list[dict], key: dict) -> list:
        def added(column: str) -> float | None:
            values = [row[column] for row in members if row[column] is not None]
            return sum(values) if values else None

        def of(column: str, kind: str) -> Number:
            return Number(added(column), kind, mart, column, {**key, **IN})

        def cost(currency: str) -> Number:
            values = [row["cost"][currency] for row in members if currency in (row["cost"] or {})]
            known = [value for value in values if value is not None]
            return Number(
                sum(known) if known else None, "cost", mart, "cost_amount", {**key, **IN, "cost_currency": currency}
            )

        grams, kwh = added("gco2e"), added("kwh")
        return [
            title,
            of("gco2e", "mass"),
            Number(ratio(grams, total), "share", mart, "gco2e", {**key, **IN}, "share", IN),
            of("gco2e_low", "mass"),
            of("gco2e_high", "mass"),
            of("kwh", "energy"),
            Number(ratio(grams, kwh), "plain", mart, "sum(gco2e) / sum(kwh)", {**key, **IN}),
            of("tokens", "count"),
            *(cost(currency) for currency in currencies),
        ]

    body = [line(name(row["member"]), [row], {dimension: row["member"]}) for row in shown]
    if others:
        left = {dimension: {"not": [row["member"] for row in shown]}}
        body.append(line(f"{len(others)} others", others, left))
    return Table(caption, columns, body)
