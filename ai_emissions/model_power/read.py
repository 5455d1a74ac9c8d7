"""Reads one published file, daily or running average, by column name, and refuses what cannot be trusted.

The forms drift: columns come, go, are renamed and change places, so only the columns named here are looked at, and
each of them must be there. A file with any problem is refused whole, with every kind of problem named.
"""

import csv
import io
import math
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

PROMPT_SIZES = Path(__file__).with_name("prompt_sizes.csv")
PUE_FROM, PUE_TO = 1.0, 2.0
# A guard against another unit, not a fact: the largest figure published so far is below 70 Wh per query.
ABSURD_WH_PER_QUERY = 1000.0
# The dataset publishes the mean as the midpoint of its two utilisation cases; the last digits may differ.
MIDPOINT_TOLERANCE = 1e-6
EXAMPLES_PER_PROBLEM = 3
BLANK = ("", "--")
FILE_DATE = re.compile(r"(?<!\d)\d{4}-\d{2}-\d{2}(?!\d)")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")

TEXTS = ("model_name_as_published", "api_id", "provider", "host", "hardware", "author_size_class")
ENERGIES = ("energy_wh_mean", "energy_wh_std", "energy_wh_min", "energy_wh_max")
# Our name of a value -> the column that holds it.
COMMON_COLUMNS = {
    "model_name_as_published": "Model",
    "api_id": "API ID",
    "provider": "Company",
    "host": "Host",
    "hardware": "Hardware",
    "author_size_class": "Size",
    "output_tokens": "Query Length",
    "pue_included": "PUE",
}
DAILY_COLUMNS = COMMON_COLUMNS | {
    "prompt_length": "length",
    "energy_wh_mean": "Mean Combined Energy (Wh)",
    "energy_wh_std": "Std Combined Energy (Wh)",
    "energy_wh_min": "Mean Min Energy (Wh)",
    "energy_wh_max": "Mean Max Energy (Wh)",
}
RUNNING_AVERAGE_COLUMNS = COMMON_COLUMNS | {
    "energy_wh_mean": "Avg Daily Average Energy (Wh)",
    "energy_wh_std": "Pooled Std Average Energy (Wh)",
    "energy_wh_min": "Avg Daily Min Energy (Wh)",
    "energy_wh_max": "Avg Daily Max Energy (Wh)",
}
DATE_COLUMN = "SnapshotDate"


class Refused(Exception):
    """The file cannot be trusted. The message says why and what to do, without the file's name."""


class NoFigures(Refused):
    """A sound file without a row of the accepted prompt size."""


@dataclass(frozen=True)
class PromptSize:
    """One of the dataset's prompts, in tokens per query."""

    prompt_length: str
    published_length: str
    input_tokens: int
    output_tokens: int


@dataclass(frozen=True)
class Source:
    """One file as it came. ``label`` is its public address or its bare name, never a local path. ``measured_on`` is
    the date the user states, ``expected_on`` the one it was asked for by, ``last_modified`` what the server says."""

    content: bytes
    label: str
    measured_on: date | None = None
    expected_on: date | None = None
    last_modified: date | None = None

    @property
    def file_name(self) -> str:
        return self.label.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class Published:
    """The rows of one file as published: text, tokens, Wh per query with the host's PUE inside. ``notes`` are for
    the log."""

    measured_on: date
    edition: str
    rows: list[dict]
    notes: list[str]


class Problems:
    """Collects what is wrong with a file: few examples of each kind, and how many there are."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = defaultdict(list)

    def add(self, kind: str, example: str = "") -> None:
        self.found[kind].append(example)

    def __str__(self) -> str:
        parts = []
        for kind, examples in self.found.items():
            shown = ", ".join(filter(None, examples[:EXAMPLES_PER_PROBLEM]))
            more = len(examples) - EXAMPLES_PER_PROBLEM
            parts.append(kind + (f": {shown}" if shown else "") + (f" and {more} more" if more > 0 else ""))
        return "; ".join(parts)


def read_prompt_sizes(path: Path = PROMPT_SIZES) -> dict[str, PromptSize]:
    """The dataset's prompts by our name of them, smallest first."""
    with path.open(newline="", encoding="utf-8") as file:
        return {
            row["prompt_length"]: PromptSize(
                row["prompt_length"], row["published_length"], int(row["input_tokens"]), int(row["output_tokens"])
            )
            for row in csv.DictReader(file)
        }


def read_published(source: Source, accepted: str, sizes: dict[str, PromptSize]) -> Published:
    """Read and check one file. ``accepted`` is the prompt size that gives the Wh per token.

    Raises NoFigures where the only fault is that it has no such rows, Refused for everything else.
    """
    records = read_records(source.content)
    columns = form_of(list(records[0]))
    problems = Problems()
    measured_on, notes = date_of(source, records, problems)
    rows = [read_row(number, record, columns, accepted, sizes, problems) for number, record in enumerate(records, 1)]

    lengths = {row["prompt_length"] for row in rows}
    lacks_accepted = accepted not in lengths
    if lacks_accepted:
        present = ", ".join(sizes[name].published_length for name in sizes if name in lengths)
        no_rows = (
            f"no {sizes[accepted].published_length} rows (only {present}), so no default figure can be made of it; "
            "--prompt-length accepts another size and labels the snapshot"
        )
        if not problems.found:
            raise NoFigures(no_rows)
        problems.add(no_rows)
    if problems.found:
        raise Refused(str(problems))

    blanks = [f"{row['model_name_as_published']} {row['prompt_length']}" for row in rows if not row["energy_wh_mean"]]
    if blanks:
        notes.append(f"blank energy, kept as NULL: {', '.join(blanks)}")
    form = "daily file" if columns is DAILY_COLUMNS else "running average of the daily files"
    dated = "of" if DATE_COLUMN in records[0] else "without a date, taken as of"
    return Published(measured_on, f"How Hungry is AI? {form} {dated} {measured_on}", rows, notes)


def read_records(content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV as dictionaries. Raises Refused if the bytes are no whole CSV file with rows."""
    if not content.strip():
        raise Refused("the file is empty")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(f"not a CSV file: byte {error.start} is no UTF-8") from None
    if text.lstrip().startswith("<"):
        raise Refused("an HTML or XML page instead of a CSV file; the address of the raw file is needed")
    # Line by line: a large file of something else is given up at its header.
    lines = (line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line)
    try:
        header = [name.strip() for name in next(lines, [])]
        if not header:
            raise Refused("the file is empty")
        form_of(header)
        read = {*DAILY_COLUMNS.values(), *RUNNING_AVERAGE_COLUMNS.values(), DATE_COLUMN}
        repeated = sorted({name for name in header if name in read and header.count(name) > 1})
        if repeated:
            raise Refused(f"columns occur twice: {', '.join(repeated)}")
        records = []
        for number, line in enumerate(lines, 1):
            if len(line) != len(header):
                where = f"row {number}" if next(lines, None) else "the last row"
                raise Refused(
                    f"{where} has {len(line)} fields under {len(header)} column names: cut off or no CSV file"
                )
            records.append(dict(zip(header, line, strict=True)))
    except csv.Error as error:
        raise Refused(f"not a whole CSV file: {error}") from None
    if not records:
        raise Refused("a header without rows")
    return records


def form_of(header: list[str]) -> dict[str, str]:
    """Which published form this is, as its columns. Raises Refused if one of them is missing."""
    is_running = RUNNING_AVERAGE_COLUMNS["energy_wh_mean"] in header and DAILY_COLUMNS["energy_wh_mean"] not in header
    columns = RUNNING_AVERAGE_COLUMNS if is_running else DAILY_COLUMNS
    missing = [name for name in columns.values() if name not in header]
    if len(missing) == len(columns):
        raise Refused(f"not a file of this dataset: none of its columns is there (first column: {header[0][:60]!r})")
    if missing:
        raise Refused(f"missing required columns: {', '.join(missing)}; the published form has changed")
    return columns


def date_of(source: Source, records: list[dict], problems: Problems) -> tuple[date | None, list[str]]:
    """The day the figures are of: the file's own column, else what the user states, else Last-Modified."""
    dates = set()
    for text in {record.get(DATE_COLUMN, "").strip() for record in records}:
        if DATE_COLUMN in records[0]:
            try:
                dates.add(datetime.fromisoformat(text).date())
            except ValueError:
                problems.add(f"{DATE_COLUMN} is no date", repr(text))
    if len(dates) > 1:
        problems.add("several dates in one file", ", ".join(map(str, sorted(dates)[:EXAMPLES_PER_PROBLEM])))
        return None, []
    in_name = FILE_DATE.search(source.file_name)
    stated = {
        "its name": in_name and in_name.group(),
        "the address": source.expected_on and source.expected_on.isoformat(),
        "--measured-on": source.measured_on and source.measured_on.isoformat(),
    }
    if dates:
        measured_on = dates.pop()
        for origin, value in stated.items():
            if value and value != measured_on.isoformat():
                problems.add(f"{DATE_COLUMN} is {measured_on}, but {origin} says {value}")
                break
        return measured_on, []
    if source.measured_on:
        return source.measured_on, [f"undated file, taken as of {source.measured_on} (--measured-on)"]
    # The date of a change may be that of a later copy: it does not stand in for a day that name or address tell.
    if source.last_modified and DATE_COLUMN not in records[0] and not any(stated.values()):
        return source.last_modified, [f"undated file, taken as of {source.last_modified} (Last-Modified)"]
    if not problems.found:
        hint = f" (its name says {in_name.group()})" if in_name else ""
        problems.add(f"no column {DATE_COLUMN}: say --measured-on DATE{hint}, loading the file by itself")
    return None, []


def read_row(
    number: int, record: dict, columns: dict, accepted: str, sizes: dict[str, PromptSize], problems: Problems
) -> dict:
    """One published row under our names; what is wrong with it goes to ``problems``."""
    row = {name: record[columns[name]].strip() or None for name in TEXTS}
    where = f"row {number} ({row['model_name_as_published']})"
    if row["model_name_as_published"] is None:
        problems.add("rows without Model", where)
    readable = True
    for name in ("output_tokens", "pue_included", *ENERGIES):
        text = record[columns[name]]
        try:
            row[name] = parse_number(text)
        except ValueError:
            row[name], readable = None, False
            problems.add(f"{columns[name]} is no number", f"{where}: {text!r}")
    row["prompt_length"] = prompt_length_of(record, row, columns, sizes, where, problems)
    if not readable:
        return row
    is_blank = row["energy_wh_mean"] is None and row["pue_included"] is None
    if not is_blank and not PUE_FROM <= (row["pue_included"] or 0) <= PUE_TO:
        problems.add(f"PUE outside {PUE_FROM:g} to {PUE_TO:g}", f"{where}: {record[columns['pue_included']]!r}")
    check_energy(row, accepted, where, columns, problems)
    return row


def parse_number(text: str) -> float | None:
    """``1,079`` is 1079.0, U+2212 a minus, blank or ``--`` None. Raises ValueError for everything not finite."""
    text = text.strip().replace("\N{MINUS SIGN}", "-")
    if text in BLANK:
        return None
    value = float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text)
    if "_" in text or not math.isfinite(value):
        raise ValueError(text)
    return value


def prompt_length_of(record, row, columns, sizes: dict[str, PromptSize], where: str, problems: Problems) -> str | None:
    """Our name of the row's prompt size. The daily form names it; both forms give its output tokens."""
    tokens = row["output_tokens"]
    if "prompt_length" not in columns:
        for size in sizes.values():
            if size.output_tokens == tokens:
                return size.prompt_length
        problems.add("unknown Query Length", f"{where}: {tokens}")
        return None
    published = record[columns["prompt_length"]].strip()
    for size in sizes.values():
        if size.published_length == published:
            if size.output_tokens != tokens:
                problems.add("Query Length unlike length", f"{where}: {published} with {tokens} output tokens")
            return size.prompt_length
    problems.add("unknown length", f"{where}: {published!r}")
    return None


def check_energy(row: dict, accepted: str, where: str, columns: dict, problems: Problems) -> None:
    """Blank is allowed outside the accepted prompt size; nonsense nowhere."""
    mean, std, low, high = (row[name] for name in ENERGIES)
    if mean is None:
        if row["prompt_length"] == accepted:
            problems.add(f"no energy in rows of prompt size {accepted}", where)
        return
    for name in ("energy_wh_mean", "energy_wh_min", "energy_wh_max"):
        if row[name] is not None and not 0 < row[name] <= ABSURD_WH_PER_QUERY:
            problems.add(
                f"{columns[name]} outside 0 to {ABSURD_WH_PER_QUERY:g} Wh per query", f"{where}: {row[name]:g}"
            )
    if std is not None and not 0 <= std <= ABSURD_WH_PER_QUERY:
        problems.add(f"{columns['energy_wh_std']} outside 0 to {ABSURD_WH_PER_QUERY:g}", f"{where}: {std:g}")
    slack = MIDPOINT_TOLERANCE * abs(mean)
    if low is not None and high is not None and not low - slack <= mean <= high + slack:
        problems.add("mean energy outside its minimum and maximum", f"{where}: {mean:g}, {low:g} to {high:g}")
