"""Takes files in, one after the other: an address, a file, or a folder of files."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import duckdb

from ai_emissions.model_power import compare
from ai_emissions.model_power.convert import Catalogue, to_rows
from ai_emissions.model_power.fetch import Answer, Limits, Session, fetch, public_address
from ai_emissions.model_power.read import FILE_DATE, NoFigures, PromptSize, Refused, Source, read_published
from ai_emissions.model_power.snapshot import Row, Snapshot, key_of, write_snapshot

# The dataset is said to be weekly: older than that is worth a loud word.
FRESH_DAYS = 7


@dataclass
class Job:
    """One call of the loader: what it was asked for, what it works with, and what it came to."""

    out: str
    accepted: str
    as_of: date
    template: str
    max_days_back: int
    limits: Limits
    con: duckdb.DuckDBPyConnection
    sizes: dict[str, PromptSize]
    catalogue: Catalogue
    history: dict[date, Snapshot]
    measured_on: date | None = None
    is_dry_run: bool = False
    may_revise: bool = False
    cache: dict[str, dict] = field(default_factory=dict)
    session: Session = field(default_factory=Session)
    sightings: compare.Sightings = field(default_factory=dict)
    refused: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.sightings = compare.sightings_of(self.history.values())


def say(line: str) -> None:
    print(line, flush=True)


def take(job: Job, source: Source, title: str, look_back: Callable | None = None) -> Snapshot:
    """Read, check, convert and write one file; says what came of it. ``look_back`` finds earlier sightings of the
    values beside those of the snapshots.

    Raises Refused, and then nothing is written.
    """
    rows, notes = read_rows(job, source)
    day = rows[0].measured_on
    existing = job.history.get(day)
    if existing:
        differing = compare.differing_keys(rows, existing)
        if not differing:
            say(f"{title}: same content as {existing.file_name or day}, nothing to do")
            return existing
        if not job.may_revise:
            name, _, length = differing[0]
            raise Refused(
                f"{len(differing)} figures of {day} differ from {existing.file_name or 'a file before it'} (first: "
                f"{name} {length}). A snapshot is never changed; --revision writes these beside it and they count then"
            )
        rows = [row._replace(revision=existing.revision + 1) for row in rows]
    seen = look_back(job, rows) if look_back else {}
    rows = compare.with_staleness(rows, seen | job.sightings)
    names = len({row.model_name_as_published for row in rows if row.wh_per_token is not None})
    counts = f"{day}, {len(rows)} rows, {names} names with a figure"
    table = compare.difference_table(rows, job.history) if job.is_dry_run else []
    file_name = None if job.is_dry_run else write_snapshot(job.con, job.out, rows)
    say(f"{title}: {counts}, {'not written (--dry-run)' if job.is_dry_run else f'written to {file_name}'}")
    if job.accepted != "medium":
        notes.append(f"NOT the default figure: Wh per token come from the {job.accepted} prompt, another quantity")
    report = [*notes, *compare.stale_lines(rows)]
    report += [*compare.jump_lines(rows, job.history), *compare.left_lines(rows, job.history), *table]
    for line in report:
        say(f"    {line}")
    snapshot = Snapshot(day, {key_of(row): row for row in rows}, file_name)
    job.history[day] = snapshot
    job.sightings[day] = compare.energies_of(rows)
    return snapshot


def read_rows(job: Job, source: Source) -> tuple[list[Row], list[str]]:
    published = read_published(source, job.accepted, job.sizes)
    return to_rows(published, source, job.accepted, job.sizes, job.catalogue)


def load_file(job: Job, path: Path, title: str) -> Snapshot:
    """Load one local file. Raises Refused."""
    try:
        if path.stat().st_size > job.limits.max_bytes:
            raise Refused(
                f"more than {job.limits.max_bytes / 1e6:g} MB, so it is not read; --max-megabytes allows more"
            )
        content = path.read_bytes()
    except OSError as error:
        raise Refused(f"cannot be read: {error.strerror}") from None
    return take(job, Source(content, path.name, job.measured_on), title)


def load_folder(job: Job, folder: Path) -> Snapshot | None:
    """Load the CSV files of a folder, oldest first; refused ones are noted and do not stop the others.

    Returns the newest day loaded.
    """

    def by_date(path: Path) -> tuple[str, str]:
        in_name = FILE_DATE.search(path.name)
        return (in_name.group() if in_name else "9999", path.name)

    paths = sorted((path for path in folder.iterdir() if path.suffix.lower() == ".csv" and path.is_file()), key=by_date)
    if not paths:
        raise Refused("no CSV file in this folder")
    loaded = []
    for number, path in enumerate(paths, 1):
        title = f"[{number}/{len(paths)}] {path.name}"
        try:
            loaded.append(load_file(job, path, title))
        except Refused as error:
            refuse(job, path.name, title, error)
    return max(loaded, key=lambda snapshot: snapshot.measured_on, default=None)


def refuse(job: Job, name: str, title: str, error: Refused) -> None:
    job.refused.append((name, str(error)))
    say(f"{title}: REFUSED")


def load_address(
    job: Job, url: str, title: str, expected_on: date | None = None, look_back: Callable | None = None
) -> Snapshot | None:
    """Load the file at an address, asking first whether it changed since it was loaded. None: there is no file.

    Raises Refused, FetchError.
    """
    name = public_address(url)
    entry = remembered(job, url)
    answer = fetch(job.session, url, job.limits, entry)
    if answer.not_modified and entry:
        if entry["snapshot"] is None:
            raise NoFigures(entry["reason"])
        say(f"{title}: unchanged since it was loaded as {entry['snapshot']}, nothing to do")
        return next(one for one in job.history.values() if one.file_name == entry["snapshot"])
    if answer.content is None:
        return None
    source = Source(answer.content, name, job.measured_on, expected_on, answer.last_modified_on)
    try:
        snapshot = take(job, source, title, look_back)
    except NoFigures as error:
        remember(job, url, answer, None, str(error))
        raise
    if snapshot.file_name:
        remember(job, url, answer, snapshot.file_name)
    return snapshot


def remembered(job: Job, url: str) -> dict | None:
    """The last answer of an address, if it still says what this call wants to know."""
    entry = job.cache.get(url)
    written = {snapshot.file_name for snapshot in job.history.values()}
    if not entry or job.measured_on or entry.get("prompt_length") != job.accepted:
        return None
    is_known = "reason" in entry if entry.get("snapshot") is None else entry["snapshot"] in written
    return entry if is_known else None


def remember(job: Job, url: str, answer: Answer, snapshot: str | None, reason: str = "") -> None:
    # An address with a query may hold a signature: it is not written down.
    if (answer.etag or answer.last_modified) and url == public_address(url):
        job.cache[url] = {
            "etag": answer.etag,
            "last_modified": answer.last_modified,
            "prompt_length": job.accepted,
            "snapshot": snapshot,
            "reason": reason,
        }


def age_line(snapshot: Snapshot, as_of: date) -> str:
    """How old the figures are: by the file's date, and by when most of them last changed."""
    figures = [row for row in snapshot.rows.values() if row.wh_per_token is not None]
    since = Counter(row.values_unchanged_since or snapshot.measured_on for row in figures)
    changed_on, count = since.most_common(1)[0]
    if snapshot.measured_on > as_of:
        return f"CHECK THE DATE: the figures are dated {snapshot.measured_on}, after {as_of}"
    age = (as_of - snapshot.measured_on).days
    line = f"the figures are dated {snapshot.measured_on}, {age} days before {as_of}"
    if changed_on < snapshot.measured_on:
        line += f"; {count} of {len(figures)} repeat values of {changed_on}, {(as_of - changed_on).days} days before it"
    is_old = (as_of - changed_on).days > FRESH_DAYS
    return f"OLD FIGURES: {line}" if is_old else line
