"""The section of things to look at: what was found in the marts, largest first, with what to do about each."""

from ai_emissions.report import words
from ai_emissions.report.coverage import USAGE_COST
from ai_emissions.report.marts import Marts
from ai_emissions.report.quantities import Number, alone

MOST = 10
# Units of AI meters differ by factors of 100 and more; prices of one model between tiers and regions by far less.
PRICE_SPREAD = 100
FACT = "fct_ai_emissions"
IN = {"status": "estimated"}

# Topic: title (with the subject), what the share is of, text, what to do. {name} is the subject as the page calls it.
TEXTS = {
    "status": (
        "{name}",
        "of usage cost in {currency}",
        "This part of the bill is not in the number, for this one reason.",
        {
            "no_power_figure": "Load a newer power dataset (docs/operations.md), then build again.",
            "no_usage_quantity": "Ask the owners of the capacity for token counts, or record them with the AI proxy.",
            "out_of_scope_modality": "State it beside the number: the method has no figure for this kind of use.",
            "out_of_scope_model": "State it beside the number: the method leaves these models out on this service.",
            "unmapped_model": "Add the names to the catalogue (CONTRIBUTING.md), then build again.",
            "unmapped_region": "Add the regions to the catalogue (CONTRIBUTING.md), then build again.",
            "unknown_unit": "Look at the unit on the bill, and add it to the catalogue (CONTRIBUTING.md).",
        },
    ),
    "unmapped": (
        "Largest unresolved name: {name}",
        "of usage cost in {currency}",
        "This part of the bill stands under one name that the catalogue does not know.",
        "Add the name to the catalogue (CONTRIBUTING.md), then build again.",
    ),
    "low_confidence": (
        "Figure of low confidence: {name}",
        "of emissions",
        "The largest model whose power figure is of low confidence.",
        "Read in the fact table how its figure was chosen; a measured figure would narrow it most.",
    ),
    "assumed_size": (
        "Assumed sizes: {name}",
        "of emissions",
        "They rest on a size that nobody has published.",
        "Read the reasons in dim_models; “How sure is it?” has the total without them.",
    ),
    "backcast": (
        "Power figures newer than the usage",
        "of emissions",
        "They rest on a figure that was measured after the usage, for want of an earlier one.",
        "Do not read a trend of efficiency into these months.",
    ),
    "old_figure": (
        "Old power figures",
        "of emissions",
        "They rest on figures older than the settings allow for; the oldest was {detail} days old.",
        "Load a newer power dataset (docs/operations.md).",
    ),
    "open_unit": (
        "Units that could not be verified",
        "of emissions",
        "They rest on an amount whose unit is assumed.",
        "Compare these meters with the price list: a wrong unit is wrong by a factor of a thousand.",
    ),
    "no_team": (
        "Usage without a team",
        "of emissions",
        "No tag or cost category names a team for it.",
        "Tag the resources, or name other tags in the setting team_keys.",
    ),
    "region": (
        "Most carbon per kWh: {name}",
        "of emissions",
        "They arise where the grid has the highest carbon intensity in use, {detail} g CO₂e per kWh.",
        "“What if” shows the same usage elsewhere, where residency and latency allow.",
    ),
    "largest_model": (
        "Largest model: {name}",
        "of emissions",
        "They come from this one model.",
        "Start here: what this model is used for moves the total most.",
    ),
    "cached_reads": (
        "Cached reads",
        "of emissions",
        "The method counts a cached token like any other, though it very likely needs less.",
        "Give the number with and without: “How sure is it?” has both.",
    ),
    "mover": (
        "Biggest mover of the last month: {name}",
        "of emissions",
        "So much, as a share of the total of the period, did this model {detail} against the month before.",
        "Ask its users whether the change is meant to last.",
    ),
}
KEYS = {
    "low_confidence": lambda row: {"model_id": row["subject"], "power_confidence": "low"},
    "backcast": lambda row: {"power_is_backcast": True},
    "open_unit": lambda row: {"usage_quality": ["unit_unverifiable", "unit_assumed"]},
    "no_team": lambda row: {"team": None},
    "region": lambda row: {"carbon_intensity_gco2e_per_kwh": float(row["detail"]), "region_used": {"not": [None]}},
    "largest_model": lambda row: {"model_id": row["subject"]},
    "cached_reads": lambda row: {"usage_kind": "cache_read"},
}


def findings(marts: Marts) -> list[dict]:
    """At most ten, by the share of cost or emissions they touch; files and prices, which have none, come last."""
    models = {row["model_id"]: row["model_name"] for row in marts.rows("model_names")}
    assumed = [row["model_id"] for row in marts.rows("assumed_models")]
    old_days = next(
        (row["setting_value"] for row in marts.rows("settings") if row["setting"] == "old_figure_days"), None
    )
    rows = [row for part in ("cost", "doubts", "sizes") for row in marts.rows(f"findings_{part}")]
    rows.sort(key=lambda row: (-(row["share"] or 0), row["topic"], row["subject"] or ""))
    found = [finding(row, models, assumed, old_days) for row in rows]
    return (found[: MOST - 2] + prices(marts, models) + files(marts) + found[MOST - 2 :])[:MOST]


def finding(row: dict, models: dict, assumed: list[str], old_days: str | None) -> dict:
    title, share_of, text, todo = TEXTS[row["topic"]]
    name = row["subject"] or "not named"
    if row["topic"] == "status":
        name, todo = words.status_name(row["subject"]), todo.get(row["subject"], words.STATUSES[row["subject"]][1])
    elif row["topic"] == "assumed_size":
        name = f"{name} model{'' if name == '1' else 's'}"
    elif row["topic"] != "unmapped":
        name = models.get(name, name)
    detail = row["detail"] or ""
    if row["topic"] == "region":
        detail = f"{float(detail):,.0f}"
    elif row["topic"] == "mover":
        detail = "grow" if row["amount"] > 0 else "shrink"
    return {
        "title": title.replace("{name}", name),
        "number": alone(number(row, assumed, old_days)),
        "of": share_of.replace("{currency}", row["detail"] or ""),
        "text": text.replace("{detail}", detail),
        "todo": todo,
    }


def number(row: dict, assumed: list[str], old_days: str | None) -> Number:
    """The share, traced to the mart it is of."""
    topic, currency = row["topic"], row["detail"]
    if topic == "status":
        key = {"status": row["subject"], "cost_currency": currency}
        of = {"cost_currency": currency, **USAGE_COST}
        return Number(row["share"], "share", "ai_usage_coverage", "cost_amount", key, "share", of)
    if topic == "unmapped":
        usage = f"cost_currency = {quoted(currency)} and status <> 'excluded_charge'"
        amount = f"(select sum(cost_amount) from ai_usage_coverage where {usage})"
        key = {"unresolved_text": row["subject"], "cost_currency": currency, "cost_amount": row["amount"]}
        return Number(row["share"], "share", "ai_usage_unmapped", f"max(cost_amount) / {amount}", key)
    if topic == "mover":
        newest, all_of_it = f"(select max(usage_month) from {FACT})", f"(select sum(gco2e) from {FACT})"
        before = f"(select max(usage_month) from {FACT} where status = 'estimated' and usage_month < {newest})"
        column = (
            f"abs(coalesce(sum(gco2e) filter (where usage_month = {newest}), 0)"
            f" - coalesce(sum(gco2e) filter (where usage_month = {before}), 0)) / {all_of_it}"
        )
        return Number(row["share"], "share", FACT, column, {"model_id": row["subject"], **IN})
    if topic == "old_figure":
        older = f"date_diff('day', power_measured_on, usage_date) > {int(old_days or 0)}"
        return Number(row["share"], "share", FACT, f"sum(gco2e) filter (where {older}) / sum(gco2e)", IN)
    if topic == "assumed_size":
        key = {"power_basis": "size_bucket", "model_id": assumed}
        return Number(row["share"], "share", FACT, "gco2e", {**key, **IN}, "share", IN)
    return Number(row["share"], "share", FACT, "gco2e", {**KEYS[topic](row), **IN}, "share", IN)


def quoted(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def prices(marts: Marts, models: dict) -> list[dict]:
    """One kind of token of one model, at prices that lie further apart than any tier explains."""
    for row in marts.rows("price_spread"):
        if row["spread"] and row["spread"] >= PRICE_SPREAD:
            kind = (row["usage_kind"] or "token").replace("_", " ")
            return [
                {
                    "title": f"Prices that do not fit: {models.get(row['model_id'], row['model_id'] or 'not named')}",
                    "number": alone(spread(row)),
                    "of": "times the lowest price",
                    "text": f"So much does a token of kind {kind} cost on {row['dearest_meter']}, against "
                    f"{row['cheapest_meter']}.",
                    "todo": "Compare the units of the two meters in ai_usage_meters with the price list.",
                }
            ]
    return []


def spread(row: dict) -> Number:
    """Highest price of a token over the lowest."""
    names = ("model_id", "usage_kind", "cost_currency")
    same = " and ".join(f"{name} is not distinct from {quoted(row[name])}" for name in names)
    prices = (
        f"select sum(cost_amount) / sum(quantity) as price from {FACT} where status = 'estimated' and quantity_unit = "
        f"'token' and quantity > 0 and cost_amount > 0 and {same} group by meter_name"
    )
    return Number(row["spread"], "plain", FACT, f"(select max(price) / min(price) from ({prices}))", {})


def files(marts: Marts) -> list[dict]:
    """Files that were left aside for newer or better ones."""
    row = marts.row("deliveries")
    if not row["superseded"] and not row["outranked"]:
        return []
    key = {"decision": ["superseded", "outranked"]}
    left = Number(row["superseded"] + row["outranked"], "plain", "ai_input_deliveries", "count(*)", key)
    return [
        {
            "title": "Files left aside",
            "number": alone(left),
            "of": "of the input files",
            "text": "Not read, because a newer delivery or a better form of the same usage is there.",
            "todo": "Read the reasons in ai_input_deliveries; a month that should count must not be among them.",
        }
    ]
