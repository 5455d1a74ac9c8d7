"""Charts as static SVG, drawn by Vega-Lite: no script in the page.

Each is drawn twice, for wide and for narrow screens. Colours in the specifications are stand-ins; the style sheet gives
each its colour in light and dark by matching the attribute (``page.css``).
"""

import math
import re

import altair as alt
import vl_convert
from markupsafe import Markup

# Stand-ins. The style sheet knows them by these values.
INK, SOFT, LINE, ACCENT, MORE, LESS = "#010101", "#020202", "#030303", "#040404", "#050505", "#060606"
SERIES = ["#070707", "#080808", "#090909", "#0a0a0a"]
FONT = "system-ui, sans-serif"
WIDE, NARROW = 890, 330


def _svg(chart: alt.TopLevelMixin, name: str, font_size: int) -> Markup:
    """The chart as SVG that scales with its box. Ids are made the chart's own, a page holds several."""
    config = {
        "aria": False,
        "font": FONT,
        "background": None,
        "view": {"stroke": None},
        "axis": {
            "labelColor": SOFT,
            "titleColor": SOFT,
            "gridColor": LINE,
            "domainColor": LINE,
            "tickColor": LINE,
            "labelFontSize": font_size,
            "titleFontSize": font_size,
            "titleFontWeight": "normal",
        },
        "text": {"fontSize": font_size, "color": INK},
        "padding": 2,
    }
    spec = chart.to_dict() | {"config": config}
    svg = vl_convert.vegalite_to_svg(spec, vl_version=".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2]))
    svg = re.sub(r"\b(id=\"|url\(#|href=\"#)", rf"\g<1>{name}-", svg)
    size = re.search(r'<svg[^>]*?width="([\d.]+)"', svg)
    width = float(size.group(1)) if size else WIDE
    return Markup(svg.replace("<svg ", f'<svg class="{name}" style="max-width:{width:.0f}px" aria-hidden="true" ', 1))


def both(draw, name: str) -> dict[str, Markup]:
    """``draw(width, height, narrow)`` for wide and narrow screens."""
    return {
        "wide": _svg(draw(WIDE, 280, False), f"{name}-wide", 13),
        "narrow": _svg(draw(NARROW, 240, True), f"{name}-narrow", 12),
    }


def months(axis: list[dict], rows: list[dict], stacks: list[dict], sources: list[str], unit: str) -> dict[str, Markup]:
    """Bars per month, stacked by input, with the range of the total. ``axis``: month and short, the two labels of every
    month, so that one without usage leaves a gap; ``rows``: labels, value, low, high; ``stacks``: labels, source,
    value; all in ``unit``."""

    def draw(width: int, height: int, narrow: bool) -> alt.LayerChart:
        many = len(axis) > (6 if narrow else 14)
        ticks = alt.Axis(
            title=None, labelAngle=-90 if many else 0, ticks=False, labelPadding=8, labelOverlap=False, domain=True
        )
        label = "short" if narrow else "month"
        order = [month[label] for month in axis]
        scale = alt.Scale(domain=order, paddingInner=0.4, paddingOuter=0.3)
        x = alt.X(f"{label}:N", sort=order, axis=ticks, scale=scale)
        y = alt.Y(
            "value:Q",
            axis=alt.Axis(
                title=unit,
                tickCount=5,
                domain=False,
                ticks=False,
                titleAngle=0,
                titleAlign="left",
                titleAnchor="end",
                titleY=-12,
                titleX=-28,
            ),
        )
        colour = alt.Color("source:N", scale=alt.Scale(domain=sources, range=SERIES[: len(sources)]), legend=None)
        bars = alt.Chart(alt.Data(values=stacks)).mark_bar(cornerRadiusEnd=0).encode(x=x, y=y, color=colour)
        base = alt.Chart(alt.Data(values=rows)).encode(x=x)
        whisker = base.mark_rule(color=INK, strokeWidth=1.5).encode(y="low:Q", y2="high:Q")
        ends = [
            base.mark_tick(color=INK, thickness=1.5, size=9).encode(y=alt.Y(f"{end}:Q", title=unit))
            for end in ("low", "high")
        ]
        return alt.layer(bars, whisker, *ends).properties(width=width - 50, height=height)

    return both(draw, "months")


def steps(rows: list[dict], unit: str) -> dict[str, Markup]:
    """What led from one month to the next: a bar from ``start`` to ``end`` per step, in ``unit``; ``kind`` is month,
    more or less, ``label`` what stands over it."""

    def draw(width: int, height: int, narrow: bool) -> alt.LayerChart:
        name = "short" if narrow else "name"
        axis = alt.Axis(
            title=None,
            labelAngle=0,
            ticks=False,
            labelPadding=6,
            labelLimit=200,
            labelColor=INK,
            domain=False,
            minExtent=95,
        )
        y = alt.Y(f"{name}:N", sort=[row[name] for row in rows], axis=axis)
        ends = [row[end] for row in rows for end in ("start", "end")]
        # Room for the labels to the right of the longest bar.
        reach = [min(0.0, *ends), max(0.0, *ends) + (max(ends) - min(ends)) * (0.3 if narrow else 0.1)]
        ticks = alt.Axis(title=unit, tickCount=4 if narrow else 6, domain=False, ticks=False)
        x = alt.X("start:Q", axis=ticks, scale=alt.Scale(domain=reach, nice=False))
        colour = alt.Color(
            "kind:N", scale=alt.Scale(domain=["month", "more", "less"], range=[ACCENT, MORE, LESS]), legend=None
        )
        base = alt.Chart(alt.Data(values=rows)).encode(y=y)
        bars = base.mark_bar(height={"band": 0.62}).encode(x=x, x2="end:Q", color=colour)
        labels = base.mark_text(align="left", dx=6).encode(x="top:Q", text="label:N")
        return alt.layer(bars, labels).properties(width=width - 120, height=34 * len(rows))

    return both(draw, "steps")


def ranges(rows: list[dict], unit: str) -> dict[str, Markup]:
    """A dot and a line from low to high per ``name``, on a logarithmic axis: ``value``, ``low``, ``high`` in
    ``unit``."""

    def draw(width: int, height: int, narrow: bool) -> alt.LayerChart:
        limit = 115 if narrow else 190
        axis = alt.Axis(
            title=None,
            ticks=False,
            domain=False,
            labelLimit=limit,
            labelColor=INK,
            labelPadding=8,
            grid=False,
            minExtent=limit,
        )
        y = alt.Y("name:N", sort=[row["name"] for row in rows], axis=axis)
        ticks = alt.Axis(
            title=unit, values=powers(rows), domain=False, ticks=False, labelExpr="format(datum.value, ',~r')"
        )
        x = alt.X("value:Q", scale=alt.Scale(type="log"), axis=ticks)
        base = alt.Chart(alt.Data(values=rows)).encode(y=y)
        lines = base.mark_rule(color=ACCENT, strokeWidth=5, opacity=0.3, strokeCap="round").encode(
            x=alt.X("low:Q", title=unit), x2="high:Q"
        )
        dots = base.mark_circle(color=ACCENT, size=80, opacity=1).encode(x=x)
        return alt.layer(lines, dots).properties(width=width - limit - 30, height=26 * len(rows))

    return both(draw, "ranges")


def powers(rows: list[dict]) -> list[float]:
    """Powers of ten around the values of a logarithmic axis."""
    values = [row[end] for row in rows for end in ("low", "high")]
    return [10.0**power for power in range(math.floor(math.log10(min(values))), math.ceil(math.log10(max(values))) + 1)]
