"""Sections on what is not in the number, and on how sure the rest is."""

from ai_emissions.report import words
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import Number, alone, ratio
from ai_emissions.report.tables import Column, Table, named

COVERAGE = "ai_usage_coverage"
FACT = "fct_ai_emissions"
IN = {"status": "estimated"}
USAGE_COST = {"status": {"not": ["excluded_charge"]}}
USAGE_TOKENS = {"status": {"not": ["not_model_usage", "billed_elsewhere"]}}


def coverage(marts: Marts) -> dict:
    """By cost first, then by tokens: what every AI line ended in."""
    rows = marts.rows("coverage")
    currencies = sorted({row["cost_currency"] for row in rows if row["cost_currency"]})
    statuses = list(dict.fromkeys(row["status"] for row in rows))
    cost = {(row["status"], row["cost_currency"]): row["cost"] for row in rows}
    tokens = {s: add(row["tokens"] for row in rows if row["status"] == s) for s in statuses}
    # Shares are of usage: charges that are no usage, and tokens counted elsewhere or for training, have none.
    costly = [s for s in statuses if s not in USAGE_COST["status"]["not"]]
    used = [s for s in statuses if s not in USAGE_TOKENS["status"]["not"]]
    all_tokens = add(tokens[s] for s in used)
    totals = {currency: add(cost.get((s, currency)) for s in costly) for currency in currencies}

    def cost_cells(status: str, currency: str) -> list[Number]:
        value, key = cost.get((status, currency)), {"status": status, "cost_currency": currency}
        share = ratio(value, totals[currency]) if status in costly else None
        whole = {"cost_currency": currency, **USAGE_COST}
        return [
            Number(value, "cost", COVERAGE, "cost_amount", key),
            Number(share, "share", COVERAGE, "cost_amount", key, "share", whole),
        ]

    def token_cells(status: str) -> list[Number]:
        value, key = tokens[status], {"status": status}
        share = ratio(value, all_tokens) if status in used else None
        return [
            Number(value, "count", COVERAGE, "tokens", key),
            Number(share, "share", COVERAGE, "tokens", key, "share", USAGE_TOKENS),
        ]

    def line_count(status: str) -> Number:
        counted = add(row["line_count"] for row in rows if row["status"] == status)
        return Number(counted, "plain", COVERAGE, "line_count", {"status": status})

    columns = [Column("Status")]
    for currency in currencies:
        columns += [Column("Cost", "cost", currency), Column("Of usage cost", "share")]
    columns += [Column("Tokens", "count"), Column("Of usage tokens", "share"), Column("Billing lines", "plain")]
    body = [
        [named(*words.STATUSES.get(status, (status, "")))]
        + [cell for currency in currencies for cell in cost_cells(status, currency)]
        + token_cells(status)
        + [line_count(status)]
        for status in statuses
    ]
    bars = [
        bar(f"Cost of usage in {currency}", [(s, cost.get((s, currency))) for s in costly], totals[currency])
        for currency in currencies
        if totals[currency]
    ]
    if all_tokens:
        bars.append(bar("Tokens of usage", [(s, tokens[s]) for s in used], all_tokens))
    return {
        "table": Table("What every AI line of the bills ended in", columns, body),
        "bars": bars,
        "unmapped": unmapped(marts),
    }


def add(values) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def bar(name: str, parts: list[tuple[str, float | None]], total: float) -> dict:
    """A bar of shares: in the number, the three largest statuses outside, the rest. Negative parts (credits) have no
    length."""
    positive = [(status, value / total) for status, value in parts if value and value > 0]
    inside = [(status, share) for status, share in positive if status == "estimated"]
    outside = sorted((part for part in positive if part[0] != "estimated"), key=lambda part: -part[1])
    pieces = [(words.status_name(status), share) for status, share in inside + outside[:3]]
    rest = sum(share for _, share in outside[3:])
    if rest:
        pieces.append(("All other", rest))
    length = sum(share for _, share in pieces) or 1
    return {
        "name": name,
        "pieces": [
            {"name": piece, "share": share, "width": 100 * share / length, "tone": tone}
            for tone, (piece, share) in enumerate(pieces, start=0 if inside else 1)
        ],
        "label": f"{name}: " + ", ".join(f"{piece.lower()} {share:.1%}" for piece, share in pieces),
    }


def unmapped(marts: Marts) -> Table | None:
    """The largest strings nobody could resolve."""
    rows = marts.rows("unmapped")
    if not rows:
        return None

    def of(column: str, kind: str, row: dict) -> Number:
        return Number(row[column], kind, "ai_usage_unmapped", column, {"size_rank": row["size_rank"]})

    columns = [
        Column("As the bill writes it"),
        Column("Input"),
        Column("Why"),
        Column("Cost", "cost", ""),
        Column("Currency"),
        Column("Tokens", "count"),
    ]
    body = [
        [
            row["unresolved_text"] or "(empty)",
            words.source_name(row["source"]),
            row["status_reason"] or words.status_name(row["status"]),
            of("cost_amount", "cost", row),
            row["cost_currency"] or "",
            of("tokens", "count", row),
        ]
        for row in rows
    ]
    return Table("The largest names that were not resolved", columns, body)


def sureness(marts: Marts) -> dict:
    """What the emissions rest on, as shares of the total."""
    doubts = marts.row("doubts")
    total = doubts["gco2e"]
    if not total:
        return {"facts": [], "table": None}
    assumed = [row["model_id"] for row in marts.rows("assumed_models")]

    def share(value: float | None, key: dict) -> Number:
        return Number((value or 0.0) / total, "share", FACT, "gco2e", {**key, **IN}, "share", IN)

    facts = [
        ("rest on a figure of the model itself", share(doubts["measured"], {"power_basis": "measured"})),
        ("rest on the average of a size class", share(doubts["bucketed"], {"power_basis": "size_bucket"})),
        ("rest on the table for images and video", share(doubts["media"], {"power_basis": "media_table"})),
        (
            "rest on a size that is assumed",
            share(doubts["assumed"], {"power_basis": "size_bucket", "model_id": assumed}),
        ),
        ("are of low confidence", share(doubts["low_confidence"], {"power_confidence": "low"})),
        (
            "rest on a power figure measured after the usage",
            share(doubts["power_backcast"], {"power_is_backcast": True}),
        ),
        ("have no range: the published figure states none", share(doubts["without_range"], {"range_basis": None})),
    ]
    if doubts["intensity_backcast"]:
        grid = share(doubts["intensity_backcast"], {"intensity_is_backcast": True})
        facts.append(("rest on a grid figure of a later year", grid))
    if doubts["open_units"]:
        key = {"usage_quality": ["unit_unverifiable", "unit_assumed"]}
        facts.append(("rest on a unit that could not be verified", share(doubts["open_units"], key)))
    rows = marts.rows("sureness")
    columns = [
        Column("Power figure"),
        Column("Confidence"),
        Column("Emissions", "mass", bar=True),
        Column("Share", "share"),
        Column("Electricity", "energy"),
    ]
    body = []
    for row in rows:
        key = {"power_basis": row["power_basis"], "power_confidence": row["power_confidence"]}
        body.append(
            [
                words.BASES.get(row["power_basis"], row["power_basis"] or ""),
                row["power_confidence"] or "",
                Number(row["gco2e"], "mass", FACT, "gco2e", {**key, **IN}),
                share(row["gco2e"], key),
                Number(row["kwh"], "energy", FACT, "kwh", {**key, **IN}),
            ]
        )
    return {
        "facts": [(alone(number), text) for text, number in facts],
        "table": Table("Emissions by power figure and confidence", columns, body),
    }
