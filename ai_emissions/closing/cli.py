"""Command line for closing a period, and for checking and replaying closed ones."""

import argparse
import json
import os
import re
import shutil
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ai_emissions.closing.bucket import as_folder
from ai_emissions.closing.pack import (
    ClosingError,
    check_code,
    check_inputs,
    check_revisions,
    closed_periods,
    hash_inputs,
    is_same_content,
    keep_seals,
    mart_files,
    publish,
    revision_of,
    revisions,
    write_manifest,
    write_tables,
)
from ai_emissions.code_version import code_version
from ai_emissions.object_store import StoreError

REPLAY = Path(__file__).with_name("replay.sql")
DESCRIPTION = """\
Freezes a month as the last passed build published it: fact and headline rows, the factor and power rows behind them,
the settings, the input files with their hashes, the version of the code. A closed period is never rewritten; figures
that change later stand in the mart ai_emissions_restated. Each pack is replayed from its own files before it counts."""
EPILOG = """\
Exit code 0: closed, or closed before with the same content; with --verify: everything is as it was. 1: not, the
message says why. 2: wrong options. Settings: AI_EMISSIONS_EXPORT_DIR (the published marts),
AI_EMISSIONS_CLOSED_DIR (a folder, s3://bucket/prefix or az://container/prefix)."""


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="close_period.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = words.add_argument
    add("--period", metavar="YYYY-MM", help="the billing period to close, or to verify")
    add("--revision", metavar="REASON", help="close a period again beside the earlier one, and say why")
    add("--verify", action="store_true", help="check every byte and replay: the period, or all closed ones")
    add("--check-inputs", action="store_true", help="with --verify: the input files are still those of the pack")
    add("--export-dir", metavar="FOLDER", default=os.environ.get("AI_EMISSIONS_EXPORT_DIR") or "warehouse/marts")
    add("--closed-dir", metavar="LOCATION", default=os.environ.get("AI_EMISSIONS_CLOSED_DIR") or "warehouse/closed")
    return words


Say = Callable[[str], None]


def replay(pack: Path) -> tuple[int, float, float]:
    """Compute a closed month again from its pack. Returns rows, kWh and gCO2e of its estimated usage.

    Raises ClosingError if a row does not come out as it was closed.
    """
    query = REPLAY.read_text(encoding="utf-8").replace("{pack}", str(pack).replace("'", "''"))
    with duckdb.connect() as con:
        wrong = con.execute(query).fetchall()
        facts = str(pack / "fct_ai_emissions.parquet").replace("'", "''")
        totals = con.execute(f"select count(*), sum(kwh), sum(gco2e) from '{facts}'").fetchone()
    if wrong:
        emission_id, kwh, again, *_ = wrong[0]
        raise ClosingError(
            f"{pack}: {len(wrong)} rows do not come out of the factors of the pack, first {emission_id}: closed {kwh} "
            f"kWh, computed {again} kWh. Restore the pack from a copy; if it is a new one, build and close again."
        )
    return totals


def verify(closed_dir: Path, period: str, export_dir: Path, with_inputs: bool, say: Say) -> None:
    """Raises ClosingError if a revision of a period is gone or not as it was written, does not replay, or rests on
    files that changed."""
    for manifest in check_revisions(closed_dir, period):
        pack = closed_dir / f"period={period}" / f"revision={manifest['revision']}"
        rows, kwh, gco2e = replay(pack)
        if with_inputs:
            check_inputs(pack, manifest, export_dir)
        say(f"{pack}: unchanged, {rows} rows replayed: {kwh or 0:.6g} kWh, {gco2e or 0:.6g} gCO2e")


def close(period: str, export_dir: Path, closed_dir: Path, reason: str | None, say: Say) -> None:
    """Write the pack of a month. Raises ClosingError if it cannot be closed, or is closed with other content."""
    earlier = check_revisions(closed_dir, period)
    closed = revisions(closed_dir, period)
    number = revision_of(closed[-1]) + 1 if closed else 1
    target = closed_dir / f"period={period}" / f"revision={number}"
    if period >= f"{date.today():%Y-%m}":
        say(f"NOTE: {period} is not over. Billing files of a month change for about two weeks after its end.")
    marts = mart_files(export_dir)
    check_code(marts, export_dir, period)
    closed_dir.mkdir(parents=True, exist_ok=True)
    for left in closed_dir.glob(f".period={period}.*.part"):
        shutil.rmtree(left, ignore_errors=True)
    for left in closed_dir.glob(f".seal={period}.*.part"):
        left.unlink(missing_ok=True)
    keep_seals(closed_dir, period)
    part = closed_dir / f".period={period}.{os.getpid()}.part"
    part.mkdir()
    try:
        rows = write_tables(part, marts, period)
        inputs = hash_inputs(marts, export_dir, period, say)
        manifest = write_manifest(
            part,
            {
                "period": period,
                "revision": number,
                "previous_seal_sha256": earlier[-1]["seal_sha256"] if earlier else None,
                "reason": reason,
                "closed_at": datetime.now(UTC).isoformat(timespec="seconds"),
                "code": code_version(),
                "inputs": inputs,
            },
        )
        replay(part)
        if closed and not reason:
            if is_same_content(closed[-1], part):
                say(f"{closed[-1]}: {period} is closed, with this content. Nothing to do.")
                return
            raise ClosingError(
                f"{closed[-1]}: {period} is closed with other figures, and a closed period is not rewritten. See the "
                "differences in ai_emissions_restated; give --revision REASON to close it again beside the earlier one."
            )
        publish(part, target)
        keep_seals(closed_dir, period)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    say(f"{target}: closed {rows} rows and {len(inputs)} input files, seal {manifest['seal_sha256']}")


def main(arguments: list[str] | None = None) -> int:
    words = parser()
    options = words.parse_args(arguments)
    if options.period and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", options.period):
        words.error(f"--period {options.period}: no month. Write it as YYYY-MM, such as 2025-06.")
    if not options.period and not options.verify:
        words.error("--period is missing. Give --period YYYY-MM, or --verify.")
    if "://" in options.export_dir:
        words.error(f"--export-dir {options.export_dir}: no folder. Copy the published marts into one, and name it.")
    location, folder = options.closed_dir, options.closed_dir

    def told(text: object) -> str:
        """What is said of the copy of a bucket is meant of the bucket."""
        return str(text).replace(folder, location)

    try:
        with as_folder(location, options.period, is_read_only=options.verify) as closed_dir:
            folder = str(closed_dir)
            run(options, closed_dir, lambda line: print(told(line), flush=True))
    except (ClosingError, StoreError) as error:
        print(f"ERROR: {told(error)}", file=sys.stderr)
        return 1
    except (duckdb.Error, OSError, RuntimeError, json.JSONDecodeError) as error:
        print(
            f"ERROR: {told(error)}\nWhat is closed in {location} is whole. Remove the cause, then run again.",
            file=sys.stderr,
        )
        return 1
    return 0


def run(options: argparse.Namespace, closed_dir: Path, say: Say) -> None:
    """Close, or verify. Raises ClosingError."""
    export_dir = Path(options.export_dir)
    if not options.verify:
        close(options.period, export_dir, closed_dir, options.revision, say)
        return
    periods = [options.period] if options.period else closed_periods(closed_dir)
    if not any(check_revisions(closed_dir, period) for period in periods):
        raise ClosingError(
            f"{closed_dir}: no closed period {options.period or ''} there. Close one with --period, or name the place "
            "with --closed-dir."
        )
    for period in periods:
        verify(closed_dir, period, export_dir, options.check_inputs, say)
