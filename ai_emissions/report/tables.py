"""Tables of the page: one unit for each kind of number in a table, bars beside ranked numbers."""

from dataclasses import dataclass, field

from markupsafe import Markup, escape

from ai_emissions.report.quantities import NOTHING, Number, markup, scale_of, text_of


def named(name: str, more: str | None) -> Markup:
    """A name with something smaller under it."""
    return Markup('{}<span class="sub">{}</span>').format(shortened(name), more) if more else escape(shortened(name))


def shortened(text: str) -> str:
    """The text, or the beginning of one that would fill the page; the whole stands in the mart."""
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


LONGEST_TEXT = 120
# A first column with texts longer than this under its names gets more room.
PROSE = 40
# What is counted, in column headers after the unit that the table shares.
MATTER = {"mass": "CO₂e"}


@dataclass(frozen=True)
class Column:
    """``kind``: ``text``, or a kind of numbers. ``unit``: stands in place of the unit of the kind's scale. Columns of
    one ``group`` share a unit. ``bar`` draws the number's length beside it, ``range`` a line from low to high."""

    label: str
    kind: str = "text"
    unit: str | None = None
    group: str = ""
    bar: bool = False


@dataclass
class Table:
    """``rows``: a text or a Number for each column; the first cell names the row. ``low_high`` of a row number gives
    the ends of its range."""

    caption: str
    columns: list[Column]
    rows: list[list]
    note: str = ""
    scales: list[tuple[float, str]] = field(init=False)
    zeros: list[float] = field(init=False)

    def __post_init__(self) -> None:
        groups: dict[str, list[float | None]] = {}
        for i, column in enumerate(self.columns):
            if column.kind != "text":
                values = [row[i].value for row in self.rows if isinstance(row[i], Number)]
                groups.setdefault(column.group or column.kind, []).extend(values)
        self.scales = [
            scale_of(column.kind, groups[column.group or column.kind]) if column.kind != "text" else (1.0, "")
            for column in self.columns
        ]

        # What sums of doubles leave over beside the largest number of its kind.
        largest = {name: max((abs(v) for v in values if v is not None), default=0) for name, values in groups.items()}
        self.zeros = [1e-12 * largest.get(column.group or column.kind, 0) for column in self.columns]

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Label and unit of each column."""
        found = []
        for column, (_, own) in zip(self.columns, self.scales, strict=True):
            unit = column.unit if column.unit is not None else f"{own} {MATTER.get(column.kind, '')}".strip()
            found.append((column.label, "" if column.kind == "share" and column.unit is None else unit))
        return found

    @property
    def cells(self) -> list[list[Markup]]:
        return [[self._cell(i, cell) for i, cell in enumerate(row)] for row in self.rows]

    @property
    def has_prose(self) -> bool:
        """Whether the first column holds sentences."""
        return any(isinstance(row[0], Markup) and len(row[0].striptags()) > PROSE for row in self.rows)

    def is_number(self, i: int) -> bool:
        return self.columns[i].kind != "text"

    def _cell(self, i: int, cell) -> Markup:
        if not isinstance(cell, Number):
            return escape(cell if isinstance(cell, Markup) else shortened(cell))
        factor, _ = self.scales[i]
        shown = markup(cell, factor, "%" if cell.kind == "share" else "", self.zeros[i])
        return Markup("{}{}").format(self._bar(i, cell), shown) if self.columns[i].bar else shown

    def _bar(self, i: int, cell: Number) -> Markup:
        values = [row[i].value or 0 for row in self.rows if isinstance(row[i], Number)]
        most = max((abs(value) for value in values), default=0)
        if not most or cell.value is None or text_of(cell, 1.0) == NOTHING:
            return Markup('<span class="bar" aria-hidden="true"></span>')
        share = abs(cell.value) / most
        if not cell.signed:
            return Markup(f'<span class="bar" aria-hidden="true" style="--w:{100 * share:.1f}%"></span>')
        side = "less" if cell.value < 0 else "more"
        if min(values) >= 0 or max(values) <= 0:
            return Markup(f'<span class="bar {side}" aria-hidden="true" style="--w:{100 * share:.1f}%"></span>')
        return Markup(f'<span class="bar both {side}" aria-hidden="true" style="--w:{50 * share:.1f}%"></span>')
