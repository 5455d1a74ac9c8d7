"""What a newly read day changes beside the snapshots before it: repeated values, jumps, names that left."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date

from ai_emissions.model_power.snapshot import Key, Row, Snapshot, key_of

# Between frozen files the last digit moves, so equality is relative.
SAME_VALUE = 1e-9
JUMP_FACTOR = 2.0
PUBLISHED_TEXTS = ("provider", "host", "hardware", "author_size_class", "prompt_length_used")
PUBLISHED_NUMBERS = (
    "output_tokens",
    "energy_wh_mean",
    "energy_wh_std",
    "energy_wh_min",
    "energy_wh_max",
    "pue_included",
    "wh_per_token",
)
# Energy per query by day and key: what is known of the days before.
Sightings = dict[date, dict[Key, float | None]]


def same_number(left: float | None, right: float | None) -> bool:
    if left is None or right is None:
        return left is right
    return math.isclose(left, right, rel_tol=SAME_VALUE)


def differing_keys(rows: Iterable[Row], snapshot: Snapshot) -> list[Key]:
    """Keys whose published content is not that of the snapshot. What was resolved through the catalogue, where the
    file came from and what came before it are not content."""
    new = {key_of(row): row for row in rows}
    return sorted(
        key
        for key in new.keys() | snapshot.rows.keys()
        if key not in new
        or key not in snapshot.rows
        or any(getattr(new[key], name) != getattr(snapshot.rows[key], name) for name in PUBLISHED_TEXTS)
        or not all(
            same_number(getattr(new[key], name), getattr(snapshot.rows[key], name)) for name in PUBLISHED_NUMBERS
        )
    )


def sightings_of(snapshots: Iterable[Snapshot]) -> Sightings:
    return {snapshot.measured_on: energies_of(snapshot.rows.values()) for snapshot in snapshots}


def energies_of(rows: Iterable[Row]) -> dict[Key, float | None]:
    return {key_of(row): row.energy_wh_mean for row in rows}


def with_staleness(rows: list[Row], sightings: Sightings) -> list[Row]:
    """The rows with ``values_unchanged_since`` filled in. A day on which the value is absent does not break a run of
    equal ones: prompt sizes go missing per model and day."""
    days = sorted((day for day in sightings if day < rows[0].measured_on), reverse=True)
    return [row._replace(values_unchanged_since=unchanged_since(row, days, sightings)) for row in rows]


def unchanged_since(row: Row, days: list[date], sightings: Sightings) -> date | None:
    since = None
    if row.energy_wh_mean is None:
        return None
    for day in days:
        value = sightings[day].get(key_of(row))
        if value is None:
            continue
        if not same_number(row.energy_wh_mean, value):
            break
        since = day
    return since


def share_unchanged(rows: list[Row], earlier: dict[Key, float | None]) -> float:
    """Share of the values that give the Wh per token which stand in the earlier day too, 0 to 1."""
    both = [row for row in rows if row.wh_per_token is not None and earlier.get(key_of(row)) is not None]
    same = sum(same_number(row.energy_wh_mean, earlier[key_of(row)]) for row in both)
    return same / len(both) if both else 0.0


def stale_lines(rows: list[Row]) -> list[str]:
    """Per prompt size: how many values are repeated, and since when."""
    lines = []
    by_length = defaultdict(list)
    for row in rows:
        by_length[row.prompt_length].append(row)
    for length, group in by_length.items():
        since = Counter(row.values_unchanged_since for row in group if row.values_unchanged_since)
        parts = [f"{count} since {day}" for day, count in sorted(since.items())]
        if parts:
            total = f"{sum(since.values())} of {len(group)}"
            lines.append(f"stale: {total} {length} values unchanged ({', '.join(parts)})")
    return lines


def last_known(key: Key, days: list[date], history: dict[date, Snapshot]) -> Row | None:
    """The row of the first of the days that has the key with a value."""
    rows = (history[day].rows.get(key) for day in days)
    return next((row for row in rows if row is not None and row.energy_wh_mean is not None), None)


def in_force_on(day: date, history: dict[date, Snapshot]) -> dict[Key, Row]:
    """The newest figure of each key on or before the day: models that left keep their last one."""
    figures: dict[Key, Row] = {}
    for measured_on in sorted(history):
        if measured_on <= day:
            figures |= {key: row for key, row in history[measured_on].rows.items() if row.wh_per_token is not None}
    return figures


def it_energy(row: Row) -> float:
    """Wh per query without the PUE that is inside."""
    return row.energy_wh_mean / row.pue_included


def jump_lines(rows: list[Row], history: dict[date, Snapshot]) -> list[str]:
    """Figures that moved by more than the factor since the last one known of the same model and prompt size."""
    days = sorted((day for day in history if day < rows[0].measured_on), reverse=True)
    lines = []
    for row in rows:
        old = last_known(key_of(row), days, history)
        if old is None or row.energy_wh_mean is None:
            continue
        ratio = it_energy(row) / it_energy(old)
        if not 1 / JUMP_FACTOR <= ratio <= JUMP_FACTOR:
            lines.append(
                f"jump: {row.model_name_as_published} {row.prompt_length} {old.energy_wh_mean:.4g} Wh "
                f"({old.measured_on}) -> {row.energy_wh_mean:.4g} Wh, x {ratio:.2f}"
            )
    return lines


def left_lines(rows: list[Row], history: dict[date, Snapshot]) -> list[str]:
    """Names with a figure in the snapshot before that have none now; their last figure stays in force."""
    earlier = [day for day in history if day < rows[0].measured_on]
    if not earlier:
        return []
    before = history[max(earlier)]
    now = {row.model_name_as_published for row in rows if row.wh_per_token is not None}
    was = {row.model_name_as_published for row in before.rows.values() if row.wh_per_token is not None}
    left = sorted(was - now)
    return [f"left since {before.measured_on}, last figure stays in force: {', '.join(left)}"] if left else []


def difference_table(rows: list[Row], history: dict[date, Snapshot]) -> list[str]:
    """Model by model: the Wh per token in force on that day, the new one, and their ratio."""
    in_force = in_force_on(rows[0].measured_on, history)
    new = {key_of(row): row for row in rows if row.wh_per_token is not None}
    cells = [("model", "prompt", "in force", "measured on", "new", "ratio")]
    for key in sorted(in_force.keys() | new.keys()):
        old, row = in_force.get(key), new.get(key)
        cells.append(
            (
                key[0],
                key[2],
                f"{old.wh_per_token:.6g}" if old else "none",
                str(old.measured_on) if old else "",
                f"{row.wh_per_token:.6g}" if row else "keeps it",
                f"{row.wh_per_token / old.wh_per_token:.3f}" if old and row else "",
            )
        )
    widths = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return [
        "  ".join(text.ljust(width) if i < 2 else text.rjust(width) for i, (text, width) in enumerate(columns)).rstrip()
        for columns in (list(zip(line, widths, strict=True)) for line in cells)
    ]
