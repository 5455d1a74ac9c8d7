"""The snapshots: their schema, and reading and writing them in a folder or an ``s3://`` or ``az://`` prefix.

One Parquet file per day of data, ``model_power_YYYY-MM-DD.parquet``, never changed once it is there. Where other
content for the same day was accepted on purpose it is a further file ``model_power_YYYY-MM-DD.r2.parquet``; of one day
the highest revision counts.
"""

import contextlib
import os
import re
import tempfile
from collections import namedtuple
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

from ai_emissions.object_store import open_store

# Name, type in the file, meaning with unit. One row per published model name, API ID and prompt length.
COLUMNS = [
    ("measured_on", "date", "day the figures are of: SnapshotDate of the file, or as stated for an undated one"),
    ("model_name_as_published", "varchar", "Model, verbatim; the name that tells variants and hosts apart"),
    ("api_id", "varchar", "API ID, verbatim; stands for several reasoning levels or hosts, so it is no key by itself"),
    ("model_id", "varchar", "model of the catalogue as known when loaded; NULL: the name is not in it"),
    ("variant", "varchar", "version, effort or speed the name stands for; NULL: the plain model"),
    ("provider", "varchar", "Company: the model's maker"),
    ("host", "varchar", "Host: operator of the endpoint whose speed was taken"),
    ("hardware", "varchar", "Hardware the author assumes"),
    ("author_size_class", "varchar", "Size: the author's hardware class, Nano to Large"),
    ("prompt_length", "varchar", "short, medium, long or extra_long"),
    ("input_tokens", "integer", "input tokens of the prompt, tokens per query"),
    ("output_tokens", "integer", "output tokens of the prompt, tokens per query"),
    ("energy_wh_mean", "double", "mean energy, Wh per query, with pue_included inside; NULL: published blank"),
    ("energy_wh_std", "double", "standard deviation of it, Wh per query"),
    ("energy_wh_min", "double", "mean at minimum utilisation, Wh per query, PUE inside"),
    ("energy_wh_max", "double", "mean at maximum utilisation, Wh per query, PUE inside"),
    ("pue_included", "double", "PUE inside the four energy columns, ratio"),
    (
        "wh_per_token",
        "double",
        "Wh per token without PUE: energy_wh_mean / pue_included / output_tokens; NULL where prompt_length is not the "
        "one used",
    ),
    ("prompt_length_used", "varchar", "prompt length the Wh per token of this snapshot come from, medium by default"),
    ("rows_collapsed", "integer", "published rows averaged into this one; 1: none"),
    ("values_unchanged_since", "date", "earliest day known to carry the same energy_wh_mean without a change since"),
    ("edition", "varchar", "form and date of the published file"),
    ("source", "varchar", "public address or bare name of the published file"),
    ("source_sha256", "varchar", "SHA-256 of the published file, hexadecimal"),
    ("revision", "integer", "1, or higher where other content for the same day was accepted on purpose"),
]
Row = namedtuple("Row", [name for name, _, _ in COLUMNS])
Key = tuple[str, str, str]
FILE_NAME = re.compile(r"model_power_(\d{4}-\d{2}-\d{2})(?:\.r(\d+))?\.parquet")
PART = re.compile(r"\.model_power_.*\.(\d+)\.part")


class SnapshotError(Exception):
    """The location of the snapshots cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True)
class Snapshot:
    """The rows of one day by model name, API ID and prompt length; ``file_name`` is None if it is not written."""

    measured_on: date
    rows: dict[Key, Row]
    file_name: str | None

    @property
    def revision(self) -> int:
        return next(iter(self.rows.values())).revision


def key_of(row: Row) -> Key:
    return row.model_name_as_published, row.api_id or "", row.prompt_length


def connect(location: str) -> duckdb.DuckDBPyConnection:
    """An in-memory DuckDB that can reach a folder or ``s3://``. Credentials of a bucket come from where AWS programs
    find them, region and endpoint from the usual AWS variables."""
    con = duckdb.connect()
    if location.startswith("s3://"):
        options = ["type s3", "provider credential_chain"]
        region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
        endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
        if region:
            options.append(f"region {sql_text(region)}")
        if endpoint:
            options.append(f"endpoint {sql_text(endpoint.split('://')[-1].rstrip('/'))}")
            options.append(f"use_ssl {'false' if endpoint.startswith('http://') else 'true'}")
            options.append("url_style 'path'")
        con.execute(f"create secret ({', '.join(options)})")
    return con


def sql_text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def read_snapshots(con: duckdb.DuckDBPyConnection, location: str) -> dict[date, Snapshot]:
    """The newest revision of each day, oldest day first.

    Raises SnapshotError if a file there is no snapshot, StoreError if ``az://`` cannot be read.
    """
    newest: dict[date, tuple[int, str]] = {}
    for name in names_below(con, location):
        if match := FILE_NAME.fullmatch(name):
            measured_on, revision = date.fromisoformat(match.group(1)), int(match.group(2) or 1)
            newest[measured_on] = max(newest.get(measured_on, (0, "")), (revision, name))
    rows: dict[str, dict[Key, Row]] = {name: {} for _, name in newest.values()}
    if rows:
        columns = ", ".join(Row._fields)
        with readable(location, list(rows)) as paths:
            try:
                query = f"select filename, {columns} from read_parquet(?, filename = true)"
                found = con.execute(query, [paths]).fetchall()
            except duckdb.Error as error:
                reason = str(error).splitlines()[0]
                raise SnapshotError(
                    f"{location}: a file there is no whole snapshot: {reason}. Move that file away, and load its day "
                    "again."
                ) from None
        for path, *values in found:
            row = Row(*values)
            rows[path.rsplit("/", 1)[-1]][key_of(row)] = row
    if empty := sorted(name for name in rows if not rows[name]):
        raise SnapshotError(f"{location}/{empty[0]}: a snapshot without rows. Move it away and load that day again.")
    return {day: Snapshot(day, rows[name], name) for day, (_, name) in sorted(newest.items())}


def is_blobs(location: str) -> bool:
    """Azure is read and written by its own package: only so is a file never written over one that came meanwhile."""
    return location.startswith("az://")


def names_below(con: duckdb.DuckDBPyConnection, location: str) -> list[str]:
    """Names of the files right below the location that may be snapshots."""
    if is_blobs(location):
        return [entry.key for entry in open_store(location).entries() if "/" not in entry.key]
    if "://" in location:
        found = con.execute("select file from glob(?)", [f"{location}/model_power_*.parquet"]).fetchall()
        return [name.rsplit("/", 1)[-1] for (name,) in found]
    return [path.name for path in Path(location).glob("model_power_*.parquet")]


@contextlib.contextmanager
def readable(location: str, names: list[str]) -> Iterator[list[str]]:
    """Paths of files of the location that DuckDB can read; of blobs these are copies."""
    if not is_blobs(location):
        yield [f"{location}/{name}" for name in names]
        return
    store = open_store(location)
    with tempfile.TemporaryDirectory(prefix="snapshots-") as folder:
        for name in names:
            store.fetch(name, Path(folder) / name)
        yield [f"{folder}/{name}" for name in names]


def file_name_of(measured_on: date, revision: int) -> str:
    return f"model_power_{measured_on}{f'.r{revision}' if revision > 1 else ''}.parquet"


def write_snapshot(con: duckdb.DuckDBPyConnection, location: str, rows: list[Row]) -> str:
    """Write one day whole or not at all, and never over a file that is there. Returns the file's name.

    Raises SnapshotError if the file came into being meanwhile, OSError, duckdb.Error or StoreError if it cannot be
    written.
    """
    name = file_name_of(rows[0].measured_on, rows[0].revision)
    lists = ", ".join(f"unnest(?::{kind}[]) as {column}" for column, kind, _ in COLUMNS)
    values = [list(column) for column in zip(*rows, strict=True)]
    con.execute(f"create or replace temp table snapshot as select {lists}", values)
    if is_blobs(location):
        with tempfile.TemporaryDirectory(prefix="snapshot-") as work:
            made = Path(work) / name
            con.execute(f"copy snapshot to {sql_text(str(made))} (format parquet)")
            try:
                open_store(location).add(made, name)
            except FileExistsError:
                raise already_there(f"{location}/{name}") from None
        return name
    if "://" in location:
        target = f"{location}/{name}"
        # Without a wildcard glob() gives a name back unseen.
        if con.execute("select file from glob(?)", [f"{target}*"]).fetchall():
            raise already_there(target)
        # An upload is completed at its end: what was cut off never becomes an object.
        con.execute(f"copy snapshot to {sql_text(target)} (format parquet)")
        return name
    folder = Path(location)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f".{name}.{os.getpid()}.part"
    try:
        con.execute(f"copy snapshot to {sql_text(str(part))} (format parquet, use_tmp_file false)")
        flush(part)
        publish(part, folder / name)
        flush(folder)
    finally:
        part.unlink(missing_ok=True)
    return name


def publish(part: Path, target: Path) -> None:
    """Give the whole file its name in one step. A link fails where a rename would replace."""
    try:
        try:
            target.hardlink_to(part)
        except FileExistsError:
            raise
        except OSError:
            # A file system without links: the check is then not part of the step.
            if target.exists():
                raise FileExistsError from None
            part.rename(target)
    except FileExistsError:
        raise already_there(target) from None


def already_there(target: str | Path) -> SnapshotError:
    return SnapshotError(f"{target}: another run has just written it. Run again to compare with it.")


def flush(path: Path) -> None:
    """Wait until the file or folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_leftovers(location: str) -> None:
    """Delete what a killed run left half written. Files of a run that is still alive stay."""
    if "://" in location or not Path(location).is_dir():
        return
    for path in Path(location).glob(".model_power_*.part"):
        match = PART.fullmatch(path.name)
        if match and not is_other_process(int(match.group(1))):
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def is_other_process(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
