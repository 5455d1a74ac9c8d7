"""Command line for the report page."""

import argparse
import os
import sys
from pathlib import Path

import duckdb

from ai_emissions.report.marts import ReportError
from ai_emissions.report.page import render

DESCRIPTION = """\
Makes one HTML page from the published marts: totals with their range, trend, who and what they come from, what is not
in the number, how sure it is, and what to look at. The page needs nothing beside it: no network, no script."""
EPILOG = """\
Exit code 0: the page is written. 1: it is not, the message says why. 2: wrong options.
Settings: AI_EMISSIONS_EXPORT_DIR (the published marts)."""


def parser() -> argparse.ArgumentParser:
    words = argparse.ArgumentParser(
        prog="make_report.py",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = words.add_argument
    add(
        "--export-dir",
        metavar="FOLDER",
        default=os.environ.get("AI_EMISSIONS_EXPORT_DIR") or "warehouse/marts",
        help="the published marts; default: AI_EMISSIONS_EXPORT_DIR, else warehouse/marts",
    )
    add("--out", metavar="FILE", help="the page; default: report.html beside the folder of the marts")
    return words


def main(arguments: list[str] | None = None) -> int:
    words = parser()
    options = words.parse_args(arguments)
    if "://" in options.export_dir:
        words.error(f"{options.export_dir}: the report reads a folder. Copy the marts into one first.")
    folder = Path(options.export_dir)
    out = Path(options.out) if options.out else folder.absolute().parent / "report.html"
    part = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        page = render(folder)
        out.parent.mkdir(parents=True, exist_ok=True)
        # Replaced whole: whoever reads the page meanwhile sees the old one or the new one.
        part.write_text(page, encoding="utf-8")
        part.replace(out)
    except ReportError as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    except (duckdb.Error, OSError) as error:
        print(f"ERROR: {error}\n{out} is as it was. Remove the cause, then make the report again.", file=sys.stderr)
        return 1
    finally:
        part.unlink(missing_ok=True)
    try:
        shown = out.absolute().relative_to(Path.cwd())
    except ValueError:
        shown = out
    print(f"{shown}: {len(page.encode()) / 1000:,.0f} kB, opens in any browser")
    return 0
