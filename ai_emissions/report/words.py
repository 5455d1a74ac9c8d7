"""What the codes of the marts are called on the page."""

from datetime import date

SOURCES = {"aws_bedrock": "AWS Bedrock", "microsoft_foundry": "Microsoft Foundry", "ai_proxy": "AI proxy"}
STATUSES = {
    "estimated": ("In the number", "Energy and emissions were computed."),
    "no_power_figure": (
        "No power figure",
        "The model is in scope, but no measured figure of it is loaded. Load a newer power dataset.",
    ),
    "unmapped_model": ("Model not recognised", "The name is not in the catalogue yet. Add it, and it counts."),
    "unsized_model": ("Size not known", "The model has neither a power figure nor a known size."),
    "unmapped_region": ("Region not recognised", "The region is missing, or its spelling is not known yet."),
    "out_of_scope_model": ("Model outside the method", "The method covers only models of its dataset on this service."),
    "out_of_scope_modality": (
        "Kind of use outside the method",
        "Embeddings, speech, search, reranking and text recognition: no figures in the method.",
    ),
    "no_usage_quantity": (
        "Paid by capacity",
        "Reserved or provisioned capacity: the bill does not say how many tokens went through it.",
    ),
    "not_model_usage": (
        "Not use of a model",
        "Training, hosting, storage, guardrails and other services around models.",
    ),
    "unknown_unit": ("Unit not known", "The bill counts in a unit that is not known, or that can be read two ways."),
    "usage_not_reported": ("Usage not reported", "The provider answered without saying how many tokens were used."),
    "request_failed": ("Failed requests", "The provider answered with an error."),
    "billed_elsewhere": ("Counted elsewhere", "The same usage is in a bill that is counted already."),
    "excluded_charge": (
        "Not usage",
        "Taxes, credits, refunds, fees and purchases: kept so that the cost ties to the bill.",
    ),
    "invalid_row": ("Unreadable", "Date, period, account or amount of the line cannot be read."),
}
CAUSES = {
    "volume": ("Volume", "more or fewer tokens, images and seconds, in the same proportions"),
    "mix": ("Mix", "other models, regions and kinds of token"),
    "power_figure": ("Power figures", "another figure in force for the same model"),
    "facility": ("Data centres", "another PUE or power factor for the same place"),
    "grid": ("Grid", "another carbon intensity for the same place"),
}
BASES = {
    "measured": "Figure of the model itself",
    "size_bucket": "Average of its size class",
    "media_table": "Table for images and video",
}
FACTORS = {
    "text_power": "Power per token",
    "size_bucket_power": "Power per token, size class",
    "media_power": "Power per image or second",
    "power_supply": "Power supply",
    "pue": "PUE of the data centre",
    "transmission": "Transmission",
    "carbon_intensity": "Carbon intensity of the grid",
}
SETTINGS = {
    "cache_read_weight": "how much of a token a cached read counts for",
    "use_assumed_sizes": "models whose size is assumed take part",
    "min_bucket_members": "a size class with fewer members gives low confidence",
    "old_figure_days": "a power figure older than this, in days, gives low confidence",
    "power_jump_factor": "so does one that moved by more than this factor",
    "power_smoothing_days": "days of the trailing median over power figures",
    "location_policy": "where routed usage is placed",
    "grid_level": "country or subdivision grids",
    "transmission_factor_set": "one transmission factor, or one per country",
    "aws_form_order": "which AWS export counts where several overlap",
    "azure_form_order": "which Azure export counts where several overlap",
    "team_keys": "tags and cost categories that name the team",
}


def source_name(source: str | None) -> str:
    return SOURCES.get(source or "", source or "not named")


def status_name(status: str) -> str:
    return STATUSES.get(status, (status.replace("_", " "), ""))[0]


def month_name(month: date | None) -> str:
    return "" if month is None else f"{month:%B %Y}"


def short_month(month: date) -> str:
    return f"{month:%b %Y}"


def months_between(first: date, last: date) -> list[date]:
    """The first days of all months from that of ``first`` to that of ``last``."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]


def day_name(day: date | None) -> str:
    return "" if day is None else f"{day.day} {day:%B %Y}"


def joined(words: list[str]) -> str:
    """a; a and b; a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
