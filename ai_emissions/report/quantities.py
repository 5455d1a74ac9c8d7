"""Numbers of the page: each knows the mart, column and rows it comes from, and is shown in a unit its table shares."""

import json
import math
from dataclasses import dataclass, field
from datetime import date

from markupsafe import Markup, escape

# Powers of the unit of the marts (gCO2e, kWh, tokens) that a table can be shown in.
SCALES = {
    "mass": [(1.0, "g"), (1e3, "kg"), (1e6, "t"), (1e9, "kt"), (1e12, "Mt")],
    "energy": [(1e-3, "Wh"), (1.0, "kWh"), (1e3, "MWh"), (1e6, "GWh"), (1e9, "TWh")],
    "count": [(1.0, ""), (1e6, "million"), (1e9, "billion"), (1e12, "trillion")],
    "share": [(0.01, "%")],
    "cost": [(1.0, "")],
    "plain": [(1.0, "")],
}
DIGITS = 3
NOTHING = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"


@dataclass(frozen=True)
class Number:
    """A figure of a mart.

    ``column`` is summed over the rows of ``mart`` that match ``key`` (column to value, to a list of values, or to
    ``{"not": [values]}``); where it is more than a name, it is the SQL expression taken over them. ``of`` is a second
    key: ``how`` then says whether the figure is its share in that (``share``), the change against it (``change``) or
    the difference to it (``difference``). The browser test computes every number of the page again from these.
    """

    value: float | None
    kind: str
    mart: str
    column: str
    key: dict = field(default_factory=dict)
    how: str = "sum"
    of: dict | None = None
    signed: bool = False


def ratio(part: float | None, whole: float | None) -> float | None:
    """``part / whole``; None where either is not known or there is no whole."""
    return part / whole if part is not None and whole else None


def scale_of(kind: str, values: list[float | None]) -> tuple[float, str]:
    """Factor and unit for a table's numbers of one kind: the largest unit in which half of them are at least 1."""
    sizes = sorted(abs(value) for value in values if value)
    middle = sizes[len(sizes) // 2] if sizes else 0.0
    fitting = [scale for scale in SCALES[kind] if scale[0] <= middle]
    return fitting[-1] if fitting else SCALES[kind][0]


def significant(value: float, digits: int = DIGITS) -> str:
    """``value`` with three significant digits, thousands separated, never in exponents: 1,250; 0.0512; 4.00."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else NOTHING
    places = digits - 1 - math.floor(math.log10(abs(value)))
    rounded = round(value, places)
    # 9.996 rounds to 10.0, which has one digit more before the point.
    places = digits - 1 - math.floor(math.log10(abs(rounded))) if rounded else places
    return f"{rounded:,.{max(places, 0)}f}"


def text_of(number: Number, factor: float, zero: float = 1e-9) -> str:
    """What the page shows for a number in a unit of ``factor``, without the unit. Below ``zero`` it is 0: what sums of
    doubles leave over is no figure."""
    if number.value is None or not math.isfinite(number.value):
        return NOTHING
    if abs(number.value) < zero:
        return "0"
    value = number.value / factor
    if number.kind == "cost":
        text = f"{value:,.2f}"
    elif number.kind == "share":
        text = f"{value:,.1f}" if abs(value) >= 0.05 else "<0.1"
    elif number.kind in ("count", "plain") and factor == 1 and value == int(value) and abs(value) < 1e4:
        text = f"{value:,.0f}"
    else:
        text = significant(value)
    text = text.replace("-", MINUS)
    return f"+{text}" if number.signed and value > 0 and text[0] != "<" else text


def _json(value) -> str:
    def plain(item):
        return item.isoformat() if isinstance(item, date) else str(item)

    return json.dumps(value, default=plain, ensure_ascii=False, separators=(",", ":"))


def markup(number: Number, factor: float = 1.0, unit: str = "", zero: float = 1e-9) -> Markup:
    """The number as HTML, with its exact value and its origin in data attributes."""
    shown = text_of(number, factor, zero)
    if number.value is None or shown == NOTHING:
        return Markup(f'<span class="nothing">{NOTHING}<span class="hidden"> not known</span></span>')
    attributes = {
        "value": repr(float(number.value)),
        "mart": number.mart,
        "column": number.column,
        "key": _json(number.key) if number.key else None,
        "how": number.how if number.how != "sum" else None,
        "of": _json(number.of) if number.of is not None else None,
        "scale": repr(factor) if factor != 1 else None,
    }
    data = " ".join(f'data-{name}="{escape(value)}"' for name, value in attributes.items() if value is not None)
    after = "" if not unit else f"\u202f{unit}" if unit == "%" else f"\u00a0{unit}"
    return Markup(f'<span class="n" {data}>{escape(shown)}</span>{escape(after)}')


def alone(number: Number, unit: str = "") -> Markup:
    """A number that stands in a sentence: in a unit of its own, followed by it and by ``unit`` (``CO₂e``)."""
    factor, own = scale_of(number.kind, [number.value])
    words = f"{own} {unit}".strip()
    return markup(number, factor, words)


def in_words(value: float | None, kind: str, unit: str = "") -> str:
    """The same without markup, for labels that are read out."""
    if value is None:
        return "not known"
    factor, own = scale_of(kind, [value])
    return f"{text_of(Number(value, kind, '', ''), factor)} {own} {unit}".strip().replace("  ", " ")
