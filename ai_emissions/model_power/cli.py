"""Command line of the loader: options, settings, and what the exit code says."""

import argparse
import os
import sys
from collections import defaultdict
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb

from ai_emissions.model_power.convert import read_catalogue
from ai_emissions.model_power.fetch import FetchError, Limits, public_address, read_cache, write_cache
from ai_emissions.model_power.find import load_newest, load_weekly
from ai_emissions.model_power.load import Job, age_line, load_address, load_file, load_folder, say
from ai_emissions.model_power.read import Refused, read_prompt_sizes
from ai_emissions.model_power.snapshot import Snapshot, SnapshotError, connect, read_snapshots, remove_leftovers
from ai_emissions.object_store import StoreError

PUBLIC_FILES = (
    "https://raw.githubusercontent.com/Nidhal-Jegham/HowHungryisAIDashboard/main/output/"
    "artificialanalysis_environmental_{date}.csv"
)
SAMPLE_DATA = "sample_data"
DESCRIPTION = """\
Loads the per-model power dataset into dated snapshots that are never changed.

Without --source it walks back from --as-of to the newest daily file that has rows of the medium prompt. Wh per token =
mean Wh of that prompt / the row's PUE / its output tokens. A file that cannot be trusted is refused and the snapshots
stay as they were. The public files state no licence: whether you may use them is yours to decide."""
EPILOG = """\
Exit code 0: everything asked for is loaded, or was before. 1: something was refused or could not be read; the message
says what. 2: wrong options. Settings: AI_EMISSIONS_MODEL_POWER, AI_EMISSIONS_DATA_ROOT (where to write),
AI_EMISSIONS_MODEL_POWER_URL (--url-template); for s3:// the usual AWS variables, for az://
AZURE_STORAGE_CONNECTION_STRING or AZURE_STORAGE_ACCOUNT."""


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="load_model_power.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = words.add_argument
    add("--source", metavar="URL|FILE|FOLDER", help="one file, or a folder of daily files")
    add("--out", metavar="LOCATION", help="folder, s3:// or az:// prefix (default: model_power below the data root)")
    add("--as-of", type=date.fromisoformat, metavar="DATE", help="day to look back from (default: today)")
    add("--since", type=date.fromisoformat, metavar="DATE", help="load one daily file a week from there to --as-of")
    add("--measured-on", type=date.fromisoformat, metavar="DATE", help="day of a file that carries no date")
    add(
        "--prompt-length",
        choices=list(read_prompt_sizes()),
        default="medium",
        help="prompt that gives the Wh per token; other than medium is another quantity, and the snapshot says so",
    )
    add(
        "--url-template",
        default=os.environ.get("AI_EMISSIONS_MODEL_POWER_URL") or PUBLIC_FILES,
        metavar="TEMPLATE",
        help="address of the daily files with {date} or {date:%%Y/%%m/%%d} in it (default: the public repository)",
    )
    add(
        "--dry-run",
        action="store_true",
        help="print the difference to the figures in force, model by model; no writing",
    )
    add("--revision", action="store_true", help="write other content for a day that is loaded as a new revision of it")
    add("--max-days-back", type=int, default=400, metavar="N", help="how far to walk back (default: %(default)s)")
    add("--timeout", type=float, default=15, metavar="S", help="wait for the server, seconds (default: %(default)s)")
    add("--deadline", type=float, default=60, metavar="S", help="total per file, seconds (default: %(default)s)")
    add("--attempts", type=int, default=3, metavar="N", help="tries per file (default: %(default)s)")
    add("--retry-wait", type=float, default=1, metavar="S", help="first wait between them (default: %(default)s)")
    add("--max-megabytes", type=float, default=20, metavar="MB", help="largest file read (default: %(default)s)")
    add(
        "--http-cache",
        type=Path,
        metavar="FILE",
        help="ETags of loaded files (default: .http_cache.json in the folder)",
    )
    return words


def checked(words: argparse.ArgumentParser, options: argparse.Namespace) -> argparse.Namespace:
    """Options that contradict each other end the program with exit code 2."""
    if options.source == "":
        words.error("--source is empty. Leave it out, or name an address, a file or a folder.")
    for address in filter(None, (options.source, options.url_template)):
        try:
            public_address(address)
        except ValueError as error:
            words.error(f"{address}: no address ({error}). Correct --source or --url-template.")
    is_one_file = bool(options.source) and not Path(options.source).is_dir()
    if options.since and options.source:
        words.error("--since goes by the address template. Leave --source out.")
    if options.measured_on and not is_one_file:
        words.error("--measured-on dates one file. Give it as --source.")
    try:
        days = {options.url_template.format(date=day) for day in (date(2000, 1, 1), date(2001, 2, 2))}
    except (KeyError, IndexError, ValueError):
        days = set()
    if len(days) < 2 or not options.url_template.startswith(("http://", "https://")):
        words.error(f"--url-template {options.url_template}: no template. Give an http(s) address with {{date}} in it.")
    options.as_of = options.as_of or datetime.now(UTC).date()
    if options.since and options.since > options.as_of:
        words.error(f"--since {options.since} is after --as-of {options.as_of}. Give an earlier day.")
    options.out = (options.out or default_location()).rstrip("/") or "/"
    if "://" in options.out and not options.out.startswith(("s3://", "az://")):
        words.error(f"--out {options.out}: of no known kind. Name a folder, an s3:// or an az:// prefix.")
    return options


def default_location() -> str:
    """The model_power input of the builds."""
    root = os.environ.get("AI_EMISSIONS_DATA_ROOT") or SAMPLE_DATA
    return os.environ.get("AI_EMISSIONS_MODEL_POWER") or f"{root.rstrip('/')}/model_power"


def run(options: argparse.Namespace) -> int:
    catalogue = read_catalogue()
    say(f"snapshots: {options.out}")
    if options.out == f"{SAMPLE_DATA}/model_power":
        say("    that is the sample data; AI_EMISSIONS_DATA_ROOT names your own, --out another place")
    if not options.dry_run:
        remove_leftovers(options.out)
    is_local = "://" not in options.out
    cache_path = options.http_cache or (Path(options.out) / ".http_cache.json" if is_local else None)
    with connect(options.out) as con:
        job = Job(
            out=options.out,
            accepted=options.prompt_length,
            as_of=options.as_of,
            template=options.url_template,
            max_days_back=options.max_days_back,
            limits=Limits(
                options.timeout,
                options.deadline,
                int(options.max_megabytes * 1e6),
                max(1, options.attempts),
                options.retry_wait,
            ),
            con=con,
            sizes=read_prompt_sizes(),
            catalogue=catalogue,
            history=read_snapshots(con, options.out),
            measured_on=options.measured_on,
            is_dry_run=options.dry_run,
            may_revise=options.revision,
            cache=read_cache(cache_path),
        )
        try:
            newest = load(job, options)
        finally:
            if not options.dry_run:
                write_cache(cache_path, job.cache)
            if job.refused:
                print(refusals(job), file=sys.stderr)
    if newest:
        say(age_line(newest, job.as_of))
    return 1 if job.refused else 0


def refusals(job: Job) -> str:
    """The refused files under the reason they share."""
    names = defaultdict(list)
    for name, reason in job.refused:
        names[reason].append(name)
    lines = [f"{len(job.refused)} files refused, the others are loaded. Correct these, or leave them out:"]
    for reason, files in names.items():
        lines += [f"  {reason}:", *(f"    {name}" for name in files)]
    return "\n".join(lines)


def load(job: Job, options: argparse.Namespace) -> Snapshot | None:
    """Load what was asked for. Raises Refused with the name of the file in the message."""
    if options.since:
        return load_weekly(job, options.since)
    if options.source is None:
        return load_newest(job)
    path = Path(options.source)
    is_address = options.source.startswith(("http://", "https://"))
    name = public_address(options.source) if is_address else options.source
    try:
        if is_address:
            snapshot = load_address(job, options.source, name.rsplit("/", 1)[-1])
            if snapshot is None:
                raise Refused("there is no such file (404). Check the address")
            return snapshot
        if path.is_dir():
            return load_folder(job, path)
        if path.is_file():
            return load_file(job, path, path.name)
        raise Refused("no such file or folder")
    except Refused as error:
        raise Refused(f"{name}: {error}") from None


def main(arguments: list[str] | None = None) -> int:
    words = parser()
    options = checked(words, words.parse_args(arguments))
    try:
        return run(options)
    except Refused as error:
        print(f"refused: {error}. The snapshots are as they were: correct the file, or load another.", file=sys.stderr)
    except (FetchError, SnapshotError, StoreError) as error:
        print(f"error: {error}", file=sys.stderr)
    except (OSError, duckdb.Error) as error:
        print(
            f"error: {options.out}: {str(error).splitlines()[0]}\nWhat is written there is whole. Remove the "
            "cause, then run again.",
            file=sys.stderr,
        )
    except KeyboardInterrupt:
        print(f"stopped: what is written in {options.out} is whole. Run again for the rest.", file=sys.stderr)
    return 1
