"""Turns the raw records of the AI proxy into one Parquet file a day that the models read.

    python scripts/compact_telemetry.py --source FOLDER|s3://bucket/prefix|az://container/prefix [--out LOCATION]

Reads every file below the source that the manifest does not know yet (JSON lines, plain or gzip, any folder layout, as
the proxy's folder sink or Firehose leave them) and merges it into ``dt=YYYY-MM-DD/records.parquet`` by the UTC date of
the request. A record counts once: of several with one id the one that knows most of the end stays. Lines that are no
record are noted in ``_compaction/quarantine.jsonl`` by file, size and hash, never with their text. Late records are
merged into their day whenever they come.

Running it again changes nothing, byte for byte. It may be killed at any point and run again: a day's file is replaced
whole, and only then is its input noted in ``_compaction/manifest.jsonl``. One writer at a time.

Exit codes: 0 all was read; 3 all was written, but this run put lines into quarantine: look at their raw files, which no
retention deletes; 1 nothing was noted as done, the message says why; 2 the command line is wrong.
"""

import argparse
import fcntl
import hashlib
import json
import os
import re
import sys
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import chain
from pathlib import Path

import duckdb

from ai_emissions.object_store import Entry, StoreError, open_store
from ai_proxy import schema

STATE, RECORDS = "_compaction", "records.parquet"
# Left to DuckDB; Python and the reading of files need some more.
MEMORY_LIMIT = "1GB"
EXIT_QUARANTINED = 3
LINE_BYTES = 64 * 1024
BLOCK_BYTES = 1024 * 1024
# Bytes that no JSON line holds and that would confuse the reader of lines.
CONTROL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
GZIP = b"\x1f\x8b"
UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


class Stop(Exception):
    """One message: which location, what is wrong, what to do."""


# Places: a folder or a bucket


class Folder:
    """A local place."""

    def __init__(self, location: str):
        self.root = Path(location)
        self.name = str(self.root.resolve())

    def entries(self) -> Iterator[Entry]:
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                found = path.stat()
                changed = datetime.fromtimestamp(found.st_mtime, UTC)
                yield Entry(path.relative_to(self.root).as_posix(), str(found.st_size), changed)

    def fetch(self, key: str, work: Path) -> Path:
        return self.root / key

    def put(self, source: Path, key: str) -> None:
        """Put a file in its place, whole and on disk, or not at all."""
        target = self.root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f".{target.name}.part")
        with open(source, "rb") as reader, open(part, "wb") as writer:
            while block := reader.read(BLOCK_BYTES):
                writer.write(block)
            writer.flush()
            os.fsync(writer.fileno())
        os.replace(part, target)
        sync_folder(target.parent)

    def delete(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Raises Stop where another run holds it."""
        folder = self.root / STATE
        folder.mkdir(parents=True, exist_ok=True)
        with open(folder / "lock", "w") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Stop(f"{self.name}: another compaction is running. Wait for it to end.") from None
            yield


class Bucket:
    """A place in a bucket or container. That one run writes at a time is up to the schedule."""

    def __init__(self, location: str):
        self.store = open_store(location)
        self.name = self.store.name

    def entries(self) -> Iterator[Entry]:
        yield from self.store.entries()

    def fetch(self, key: str, work: Path) -> Path:
        target = work / hashlib.md5(f"{self.name}{key}".encode()).hexdigest()
        self.store.fetch(key, target)
        return target

    def put(self, source: Path, key: str) -> None:
        self.store.put(source, key)

    def delete(self, key: str) -> None:
        self.store.remove(key)

    @contextmanager
    def lock(self) -> Iterator[None]:
        yield


def place(location: str) -> Folder | Bucket:
    return Bucket(location) if "://" in location else Folder(location)


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def default_out() -> str:
    """Where the models look for telemetry."""
    root = os.environ.get("AI_EMISSIONS_DATA_ROOT") or "sample_data"
    return os.environ.get("AI_EMISSIONS_AI_PROXY") or f"{root.rstrip('/')}/ai_proxy"


# State: what was read, and what could not be


def state_lines(out: Folder | Bucket, name: str, keys: set[str], work: Path) -> list[dict]:
    key = f"{STATE}/{name}"
    if key not in keys:
        return []
    try:
        return [json.loads(line) for line in out.fetch(key, work).read_text(encoding="utf-8").splitlines()]
    except ValueError:
        raise Stop(f"{out.name}{key}: is damaged. Delete it and run again with --rebuild-from-raw.") from None


def put_state(out: Folder | Bucket, name: str, lines: list[dict], work: Path) -> None:
    """Sorted and without repetition, so that the same facts always make the same bytes."""
    texts = sorted({json.dumps(line, sort_keys=True) for line in lines})
    file = work / name
    file.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
    out.put(file, f"{STATE}/{name}")


# Reading lines


@dataclass(frozen=True)
class Lines:
    """A plain file of lines that the reader can take, and notes on what was taken out of it."""

    path: Path
    notes: list[dict]


def note(key: str, text: bytes, reason: str) -> dict:
    """What is kept of a line that is no record: it could hold anything, so no text."""
    return {"file": key, "bytes": len(text), "md5": hashlib.md5(text).hexdigest(), "reason": reason}


def readable(key: str, path: Path, work: Path) -> Lines:
    """The file itself where it is plain text in lines of sane length, else an unpacked or cleaned copy."""
    notes: list[dict] = []
    name = hashlib.md5(key.encode()).hexdigest()
    with open(path, "rb") as file:
        is_gzip = file.read(2) == GZIP
    if is_gzip:
        packed, path = path, work / f"unpacked-{name}"
        try:
            with open(path, "wb") as writer:
                writer.writelines(unpacked(packed))
        except (EOFError, zlib.error):
            notes.append({"file": key, "bytes": packed.stat().st_size, "md5": "", "reason": "gzip: cut or damaged"})
    if not is_clean(path):
        foul, path = path, work / f"clean-{name}"
        with open(path, "wb") as writer:
            writer.writelines(line + b"\n" for line in sound_lines(key, foul, notes))
    return Lines(path, notes)


def unpacked(path: Path) -> Iterator[bytes]:
    """The content of a gzip file of any number of members; all that can be had of it before it raises."""
    unpack, is_begun = zlib.decompressobj(31), False
    for block in blocks(path):
        while block:
            is_begun = True
            if piece := unpack.decompress(block, BLOCK_BYTES):
                yield piece
            block = unpack.unconsumed_tail
            if unpack.eof:
                block = unpack.unused_data.lstrip(b"\0")
                unpack, is_begun = zlib.decompressobj(31), False
    if is_begun:
        raise EOFError


def blocks(path: Path) -> Iterator[bytes]:
    with open(path, "rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


def is_clean(path: Path) -> bool:
    rest = b""
    try:
        for block in blocks(path):
            lines = (rest + block).split(b"\n")
            rest = lines.pop()
            if CONTROL.search(block) or len(rest) > LINE_BYTES or max(map(len, lines), default=0) > LINE_BYTES:
                return False
            if not block.isascii():
                b"\n".join(lines).decode()
        rest.decode()
    except UnicodeDecodeError:
        return False
    return True


def sound_lines(key: str, path: Path, notes: list[dict]) -> Iterator[bytes]:
    """Lines that the reader can take; the others are noted."""
    rest, is_too_long = b"", False
    digest, size = hashlib.md5(), 0
    for block in chain(blocks(path), (b"\n",)):
        lines = (rest + block).split(b"\n")
        rest = lines.pop()
        for line in lines:
            if is_too_long or len(line) > LINE_BYTES:
                digest.update(line)
                notes.append({"file": key, "bytes": size + len(line), "md5": digest.hexdigest(), "reason": "too long"})
                is_too_long, digest, size = False, hashlib.md5(), 0
            elif CONTROL.search(line.rstrip(b"\r")) or not is_text(line):
                notes.append(note(key, line, "not text"))
            elif line := line.rstrip(b"\r"):
                yield line
        if len(rest) > LINE_BYTES:
            digest.update(rest)
            size += len(rest)
            rest, is_too_long = b"", True


def is_text(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


# SQL

COLUMNS = ", ".join(schema.COLUMNS)
AS_TEXT = json.dumps(dict.fromkeys(schema.COLUMNS, "VARCHAR"))


def typed(column: str, kind: str) -> str:
    """One column of a record from its text."""
    return f"lower({column})" if column == "record_id" else f"try_cast({column} as {kind})"


def off_schema() -> str:
    """SQL that is true for what is JSON but no record of schema v1."""
    tests = [f"schema_version is distinct from '{schema.VERSION}'"]
    tests += [f"{column} is null" for column in schema.REQUIRED]
    for column, words in schema.WORDS.items():
        tests.append(f"{column} not in ({', '.join(repr(word) for word in words)})")
    patterns = {
        "record_id": f"(?i){UUID}",
        "model": schema.MODEL,
        "image_size": schema.IMAGE_SIZE,
        "proxy_version": schema.PROXY_VERSION,
        "stream": "true|false",
        "request_ts": r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?(Z|\+00:00)?",
    }
    for column, kind in schema.COLUMNS.items():
        if kind in ("bigint", "integer"):
            patterns[column] = r"\d{1,18}" if kind == "bigint" else r"\d{1,9}"
        elif kind == "double":
            patterns[column] = r"\d{1,15}(\.\d+)?([eE][+-]?\d{1,2})?"
    tests += [f"not regexp_full_match({column}, '{pattern}')" for column, pattern in patterns.items()]
    tests += ["try_cast(request_ts as timestamp) is null", "length(team) > 128"]
    return "\n        or ".join(f"coalesce({test}, false)" if "is null" not in test else test for test in tests)


READ = f"""
insert into parsed
with lines as (
    select filename, line
    from read_csv(
        $files, columns = {{'line': 'varchar'}}, header = false, auto_detect = false, delim = '\\x01', quote = '',
        escape = '', filename = true, compression = 'none', max_line_size = 262144, parallel = true
    )
    where line is not null and trim(line) <> ''
),
read as (
    select
        filename,
        line,
        -- What is no JSON at all becomes an empty object here, which is no record either.
        case when json_valid(line) then line else '{{}}' end as document,
        json_transform(document, '{AS_TEXT}') as found,
        json_keys(document) as keys
    from lines
),
columns as (
    select
        filename,
        line,
        len(list_distinct(keys)) < len(keys) or not list_has_all({list(schema.COLUMNS)}, keys) as is_foreign,
        unnest(found)
    from read
)
select
    filename,
    case when is_foreign or {off_schema()} then md5(line) end as bad_md5,
    case when bad_md5 is not null then strlen(line) end as bad_bytes,
    {", ".join(f"case when bad_md5 is null then {typed(c, k)} end as {c}" for c, k in schema.COLUMNS.items())}
from columns
"""
RANKS = {word: rank for rank, word in enumerate(schema.WORDS["usage_status"])}
# Of one object usage counts before all; then that it failed, for good; then that it is being made and how long it will
# be; a poll that broke off or could not be read says least. Among equals the first counts: its day stays, however late
# an object is asked for again, and only the answer that begins an extension knows what is added.
# A total order, so that the same records make the same choice whatever the order in which they came.
BEST_FIRST = f"""
    case
        when usage_status = 'reported' then 0
        when usage_status = 'not_applicable' and outcome = 'upstream_error' then 1
        when operation = 'video' and outcome = 'complete' then 2
        else 3
    end,
    case usage_status {" ".join(f"when '{word}' then {rank}" for word, rank in RANKS.items())} end,
    coalesce(input_tokens, 0) + coalesce(output_tokens, 0) desc,
    {", ".join(f"{column} nulls last" for column in schema.COLUMNS)}
"""


@dataclass(frozen=True)
class Step:
    """One writing of a day. Before ``is_final`` the records that another day has won still stand there."""

    day: date
    is_final: bool


def connect(work: Path, memory: str) -> duckdb.DuckDBPyConnection:
    """A database on disk: the size of the input must not be the size of the memory."""
    con = duckdb.connect(work / "compaction.duckdb")
    con.execute(f"set memory_limit = '{memory}'")
    con.execute(f"set temp_directory = '{work / 'spill'}'")
    con.execute("set preserve_insertion_order = false")
    con.execute("set threads = 2")
    con.execute("set TimeZone = 'UTC'")
    types = ", ".join(f"{column} {kind}" for column, kind in schema.COLUMNS.items())
    con.execute(f"create table parsed (filename varchar, bad_md5 varchar, bad_bytes bigint, {types})")
    return con


def load(con: duckdb.DuckDBPyConnection, files: dict[str, Lines]) -> list[dict]:
    """Fill ``parsed`` from the files, by key; notes on all that is no record."""
    names = {str(lines.path): key for key, lines in files.items()}
    if group := [str(lines.path) for lines in files.values() if lines.path.stat().st_size]:
        con.execute(READ, {"files": group})
    bad = con.execute("select filename, bad_md5, bad_bytes from parsed where bad_md5 is not null").fetchall()
    notes = [one for lines in files.values() for one in lines.notes]
    return notes + [
        {"file": names[filename], "bytes": size, "md5": digest, "reason": "no record of schema 1"}
        for filename, digest, size in bad
    ]


def find_days(con: duckdb.DuckDBPyConnection, existing: Iterable[date], fetch: Callable[[date], Path]) -> list[Step]:
    """Days to write anew, in the order in which that is safe; also fills ``winners``, the records of polled objects.

    The same object may be polled on several days (its id is then a UUID of version 5), so that its record can stand in
    a partition of another day. Before a day loses such a record the day that gains it is written: a run that ends
    between the two leaves the record twice, which the next run puts right, and never not at all.
    """
    is_polled = "bad_md5 is null and record_id[15] = '5'"
    con.execute(f"create table polled as select {COLUMNS}, null::date as stands_on from parsed where {is_polled}")
    (number,) = con.execute("select count(*) from polled").fetchone()
    for day in existing if number else ():
        con.execute(
            f"insert into polled select {COLUMNS}, $day::date from read_parquet($file, hive_partitioning = false) "
            f"where record_id in (select record_id from parsed where {is_polled})",
            {"file": str(fetch(day)), "day": day},
        )
    con.execute(
        f"create table winners as select {COLUMNS} from polled "
        f"qualify row_number() over (partition by record_id order by {BEST_FIRST}) = 1"
    )

    def days(sql: str) -> set[date]:
        return {day for (day,) in con.execute(sql).fetchall()}

    new = days("select distinct request_ts::date from parsed where bad_md5 is null")
    gaining = days("select distinct request_ts::date from winners")
    losing = days(
        "select distinct stands_on from polled join winners using (record_id) "
        "where stands_on <> winners.request_ts::date"
    )
    steps = [Step(day, True) for day in sorted((new | gaining) - losing)]
    steps += [Step(day, False) for day in sorted(losing & gaining)]
    return steps + [Step(day, True) for day in sorted(losing)]


def write_day(con: duckdb.DuckDBPyConnection, step: Step, existing: Path | None, target: Path) -> int:
    """One day's file: what stands there and what came, each record once, in a fixed order. Rows written."""
    day, elsewhere = step.day, "" if step.is_final else "where request_ts::date = $day"
    parameters = {"day": day}
    stands = ""
    if existing:
        stands = f"union all select {COLUMNS} from read_parquet($file, hive_partitioning = false)"
        parameters["file"] = str(existing)
    con.execute("drop table if exists day")
    con.execute(
        f"""
        create table day as
        with together as (
            select {COLUMNS} from parsed where bad_md5 is null and request_ts::date = $day {stands}
        ),
        once as (
            select {COLUMNS}
            from together
            where record_id not in (select record_id from winners {elsewhere})
            qualify row_number() over (partition by record_id order by {BEST_FIRST}) = 1
        )
        select {COLUMNS} from once
        union all
        select {COLUMNS} from winners where request_ts::date = $day
        """,
        parameters,
    )
    # One thread: with more the file's row groups depend on who was faster.
    con.execute("set threads = 1")
    con.execute(
        f"copy (select {COLUMNS} from day order by request_ts, record_id) to '{target}' "
        "(format parquet, compression zstd, row_group_size 122880)"
    )
    con.execute("set threads = 2")
    (rows,) = con.execute("select count(*) from day").fetchone()
    return rows


# The run


@dataclass(frozen=True)
class Options:
    """What the command line says."""

    source: str
    out: str
    retention_days: int | None = None
    is_rebuild: bool = False
    memory: str = MEMORY_LIMIT
    work_dir: str | None = None


def is_raw(entry: Entry) -> bool:
    """Whether a file may hold records: not hidden, not half-written, not of another kind."""
    names = entry.key.split("/")
    return not any(name.startswith((".", "_")) for name in names) and not names[-1].endswith(
        (".parquet", ".part", ".tmp")
    )


def days_of(keys: set[str]) -> dict[date, str]:
    found = {}
    for key in keys:
        if matched := re.fullmatch(rf"dt=(\d{{4}}-\d\d-\d\d)/{re.escape(RECORDS)}", key):
            found[date.fromisoformat(matched[1])] = key
    return dict(sorted(found.items()))


def compact(options: Options) -> tuple[str, int]:
    """Run once; a sentence about what was done, and how many lines went to quarantine. Raises Stop."""
    source, out = place(options.source), place(options.out)
    if isinstance(source, Folder) and not source.root.is_dir():
        raise Stop(f"{options.source}: no such folder. Name the folder of the proxy's sink with --source.")
    with out.lock(), tempfile.TemporaryDirectory(dir=options.work_dir, prefix="compaction-") as name:
        return run(source, out, options, Path(name))


def run(source: Folder | Bucket, out: Folder | Bucket, options: Options, work: Path) -> tuple[str, int]:
    raw = [entry for entry in source.entries() if is_raw(entry)]
    keys = {entry.key for entry in out.entries()}
    known = {
        (line["source"], line["key"], line["version"])
        for line in state_lines(out, "manifest.jsonl", keys, work)
        if not options.is_rebuild
    }
    pending = [entry for entry in raw if (source.name, entry.key, entry.version) not in known]
    existing = {} if options.is_rebuild else days_of(keys)
    days, rows, notes = merge(source, out, pending, existing, options, work) if pending else ([], 0, [])
    if options.is_rebuild:
        check_nothing_is_lost(out, days_of(keys), days)
    replace_days(out, days)
    kept = [] if options.is_rebuild else state_lines(out, "quarantine.jsonl", keys, work)
    if notes or (options.is_rebuild and f"{STATE}/quarantine.jsonl" in keys):
        put_state(out, "quarantine.jsonl", kept + notes, work)
    deleted = expired(raw, options.retention_days, {line["file"] for line in kept + notes})
    present = {(source.name, entry.key, entry.version) for entry in raw if entry not in deleted}
    manifest = {entry for entry in known if entry[0] != source.name} | present
    if manifest != known or f"{STATE}/manifest.jsonl" not in keys:
        lines = [{"source": place, "key": key, "version": version} for place, key, version in manifest]
        put_state(out, "manifest.jsonl", lines, work)
    for entry in deleted:
        source.delete(entry.key)
    sentence = (
        f"{len(pending)} new of {len(raw)} files, {len({day.day for day in days})} days written with {rows} records, "
        f"{len(notes)} lines in quarantine, {len(deleted)} raw files deleted."
    )
    return sentence, len(notes)


@dataclass(frozen=True)
class Day:
    """A finished file of a day, not yet in its place; ``file`` None: the day has no record left."""

    day: date
    file: Path | None
    rows: int


def merge(source, out, pending: list[Entry], existing: dict[date, str], options: Options, work: Path):
    """New files of all days that the pending input touches, their rows, and notes on what is no record."""
    files = {entry.key: readable(entry.key, source.fetch(entry.key, work), work) for entry in pending}
    with connect(work, options.memory) as con:
        notes = load(con, files)
        standing = cache(lambda day: out.fetch(existing[day], work) if day in existing else None)
        made = []
        for number, step in enumerate(find_days(con, existing, standing)):
            target = work / f"{number}.parquet"
            rows = write_day(con, step, standing(step.day), target)
            made.append(Day(step.day, target if rows else None, rows))
    return made, sum({day.day: day.rows for day in made}.values()), notes


def replace_days(out: Folder | Bucket, days: list[Day]) -> None:
    for day in days:
        key = f"dt={day.day}/{RECORDS}"
        if day.file:
            out.put(day.file, key)
            day.file.unlink()
        else:
            out.delete(key)


def check_nothing_is_lost(out: Folder | Bucket, existing: dict[date, str], days: list[Day]) -> None:
    """A rebuild replaces days by what raw files hold now; where these were deleted since, it must not."""
    rebuilt = {day.day: day.rows for day in days}
    with tempfile.TemporaryDirectory() as work, duckdb.connect() as con:
        for day, key in existing.items():
            if day not in rebuilt:
                continue
            path = out.fetch(key, Path(work))
            (rows,) = con.execute("select count(*) from read_parquet($file)", {"file": str(path)}).fetchone()
            if rebuilt[day] < rows:
                raise Stop(
                    f"{out.name} dt={day}: raw files hold {rebuilt[day]} records, the partition {rows}. Nothing was "
                    "replaced. Raw files were deleted; bring them back, or delete the partition if it is wrong."
                )


def expired(raw: list[Entry], retention_days: int | None, damaged: set[str]) -> list[Entry]:
    """Raw files older than the retention; all are in the manifest by now. What nobody could read whole stays."""
    if retention_days is None:
        return []
    limit = datetime.now(UTC) - timedelta(days=retention_days)
    return [entry for entry in raw if entry.changed < limit and entry.key not in damaged]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--source",
        required=True,
        metavar="LOCATION",
        help="folder, s3://bucket/prefix or az://container/prefix of raw records",
    )
    parser.add_argument("--out", metavar="LOCATION", help="default: the ai_proxy location of the settings")
    parser.add_argument(
        "--retention-days", type=int, metavar="N", help="delete raw files compacted N days ago or earlier"
    )
    parser.add_argument(
        "--rebuild-from-raw",
        action="store_true",
        help="read every raw file again and build its days from raw files alone",
    )
    parser.add_argument("--memory", default=MEMORY_LIMIT, help=f"memory of DuckDB (default {MEMORY_LIMIT})")
    parser.add_argument("--work-dir", help="folder for temporary files, as large as the new input (default: system's)")
    arguments = parser.parse_args()
    if arguments.retention_days is not None and not 0 <= arguments.retention_days <= 36_500:
        parser.error(
            f"--retention-days {arguments.retention_days}: must be 0 to 36500 days. Leave it out to delete nothing."
        )
    options = Options(
        source=arguments.source,
        out=arguments.out or default_out(),
        retention_days=arguments.retention_days,
        is_rebuild=arguments.rebuild_from_raw,
        memory=arguments.memory,
        work_dir=arguments.work_dir,
    )
    try:
        sentence, quarantined = compact(options)
        print(sentence)
    except (Stop, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(
            f"error: {error.filename or options.out}: {error.strerror or type(error).__name__}. Nothing was noted as "
            "done. Remove the cause, then run again.",
            file=sys.stderr,
        )
        return 1
    except duckdb.Error as error:
        # Its own words may quote a line, which could hold anything.
        print(
            f"error: {options.source} -> {options.out}: {type(error).__name__} while compacting; nothing was noted as "
            "done. Run again, with more --memory or disk in --work-dir where these are short.",
            file=sys.stderr,
        )
        return 1
    if quarantined:
        print(
            f"warning: {options.source}: {quarantined} lines are no records; {STATE}/quarantine.jsonl names their "
            "files. They are kept: correct or delete them by hand.",
            file=sys.stderr,
        )
        return EXIT_QUARANTINED
    return 0


if __name__ == "__main__":
    sys.exit(main())
