"""Times a night that changes one month, with 1, 12 and 36 months of history behind it.

``python scripts/bench_nights.py [--rows N] [--months N,N,N] [--repeat N] [--keep]`` takes the month of
``bench.py --rows N`` as the newest one and writes months before it to ``bench_data/nights/`` (synthetic,
deterministic), builds each history once in full, and then times nights:

* nothing changed: what dbt, the tests and the marts cost.
* newest month delivered anew: its files are newer than they were, all others are as they were.
* new figures: nothing was delivered, every month is rated with another setting of the method.

The months before hold the AI lines of such a month alone: a night does not open them, so the others would cost the
first build time, and disk, and nothing else. Each night is the whole command ``dbt build``, all tests included, except
unit tests, which look at rules and cost the same at any size. Nothing here passes or fails on time.
"""

import argparse
import csv
import json
import math
import os
import shutil
import statistics
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from pathlib import Path

import bench
import duckdb

NIGHTS = bench.DATA / "nights"
RESULTS = bench.DATA / "night_results.csv"
NEWEST = date(2025, 6, 1)
LINES_PER_AI_LINE = 50
OTHER_METHOD = "{transmission_factor_set: country}"


def months_before(count: int) -> list[date]:
    """The first days of the ``count`` months before the newest one, oldest first."""
    newest = NEWEST.year * 12 + NEWEST.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(newest - count, newest)]


def folder_of(root: Path, month: date) -> Path:
    return root / "aws" / "cur2" / "bench" / "data" / f"BILLING_PERIOD={month:%Y-%m}"


def write_ai_lines(root: Path, month: date, rows: int) -> None:
    """The AI lines of a month of ``rows`` lines, in as many files as the month has, without a manifest: the files alone
    count."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    recipe = bench.recipe_of(1000).replace("2025-07-01", f"{following}").replace("2025-06-01", f"{month}")
    # Of the numbers of the lines, those about AI are the multiples.
    recipe = recipe.replace("range({first}, {last})", f"range({{first}}, {{last}}, {LINES_PER_AI_LINE})")
    folder_of(root, month).mkdir(parents=True)
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        for number, first in enumerate(range(0, rows, bench.LINES_PER_FILE), start=1):
            path = folder_of(root, month) / f"bench-{number:05}.snappy.parquet"
            last = min(first + bench.LINES_PER_FILE, rows)
            query = recipe.replace("{first}", str(first)).replace("{last}", str(last))
            con.execute(f"copy ({query}) to '{path}' (format parquet, compression snappy)")
    print(f"wrote the AI lines of {month:%Y-%m}", flush=True)


def deliver_newest(root: Path, month_root: Path) -> None:
    """The files of the newest month, as if they had come this moment."""
    folder = folder_of(root, NEWEST)
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder_of(month_root, NEWEST).iterdir():
        link = folder / file.name
        link.unlink(missing_ok=True)
        link.hardlink_to(file)
        os.utime(link)


def history(count: int, rows: int, month_root: Path) -> Path:
    """A data root of ``count`` months, the newest of them complete. The others are written unless they are there."""
    root = NIGHTS / f"{count}_months_of_{rows}_lines"
    marker, made_of = root / "complete.json", bench.made_of_what(rows, bench.recipe_of(1000))
    if not bench.is_there(root, marker, made_of):
        for month in months_before(count - 1):
            write_ai_lines(root, month, rows)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(json.dumps(made_of))
    deliver_newest(root, month_root)
    return root


def night(root: Path, *arguments: str) -> bench.Run:
    """One ``dbt build`` into the warehouse that this history has. A build with variables has a target folder of its
    own, or dbt would parse the project anew at each change of them."""
    out = root / "out"
    settings = {
        "AI_EMISSIONS_DATA_ROOT": str(root),
        "AI_EMISSIONS_WAREHOUSE": str(out / "ai_emissions.duckdb"),
        "AI_EMISSIONS_EXPORT_DIR": str(out / "marts"),
    }
    dbt = Path(sys.executable).parent / "dbt"
    target = out / ("target_of_variables" if arguments else "target")
    folders = ["--target-path", str(target), "--log-path", str(out / "logs")]
    return bench.run([str(dbt), "build", "--exclude-resource-type", "unit_test", *folders, *arguments], settings)


def measure(root: Path, month_root: Path, repeat: int, keep: bool) -> dict[str, list[bench.Run]]:
    runs = {"all months new": [], "nothing changed": [], "newest month anew": [], "new figures": []}
    if not keep:
        shutil.rmtree(root / "out", ignore_errors=True)
        runs["all months new"].append(night(root))
    else:
        night(root)
    # Other variables rate every month anew, and so does the way back: the nights between them are not counted.
    night(root, "--vars", OTHER_METHOD)
    for _ in range(repeat):
        night(root)
        runs["nothing changed"].append(night(root))
        deliver_newest(root, month_root)
        runs["newest month anew"].append(night(root))
        runs["new figures"].append(night(root, "--vars", OTHER_METHOD))
    return runs


def keep_results(rows: int, found: dict, net: dict) -> None:
    """Add a line per history to the results of this machine."""
    is_new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        lines = csv.writer(file, lineterminator="\n")
        if is_new:
            lines.writerow(["lines_per_month", "months", "night", "seconds", "net_seconds", "processor_seconds"])
        for months, runs in found.items():
            for kind, done in [(kind, done) for kind, done in runs.items() if done]:
                seconds, processor = (
                    round(statistics.median(getattr(run, name) for run in done), 2)
                    for name in ("seconds", "cpu_seconds")
                )
                net_seconds = round(net[months], 2) if kind == "newest month anew" else ""
                lines.writerow([rows, months, kind, seconds, net_seconds, processor])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rows", type=bench.positive, default=10_000_000, help="lines of a month (default: %(default)s)"
    )
    parser.add_argument("--small", type=bench.positive, default=1_000, help="lines of the small month")
    parser.add_argument("--months", default="1,12,36", help="histories to measure (default: %(default)s)")
    parser.add_argument("--repeat", type=bench.positive, default=3, help="nights of each kind (default: %(default)s)")
    parser.add_argument("--keep", action="store_true", help="go on from the warehouses of the last run")
    arguments = parser.parse_args()
    NIGHTS.mkdir(parents=True, exist_ok=True)
    print(f"load {os.getloadavg()[0]:.1f} at the start, {os.cpu_count()} cores")
    # In a process of its own: Linux counts the memory of the parent at the start of a process as its peak.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as writer:
        small_root = writer.submit(bench.write_lines, "cur2", arguments.small, 1000).result()
        month_root = writer.submit(bench.write_lines, "cur2", arguments.rows, 1000).result()
        small_history = writer.submit(history, 1, arguments.small, small_root).result()
        histories = {
            months: writer.submit(history, months, arguments.rows, month_root).result()
            for months in map(int, arguments.months.split(","))
        }
    small = measure(small_history, small_root, arguments.repeat, arguments.keep)
    found = {months: measure(root, month_root, arguments.repeat, arguments.keep) for months, root in histories.items()}

    def middle(runs: dict[str, list[bench.Run]], kind: str) -> float:
        return statistics.median(run.seconds for run in runs[kind]) if runs[kind] else math.nan

    print(f"{'median seconds':<34}" + "".join(f"{kind:>20}" for kind in small) + f"{'peak GB':>10}")
    named = {f"1 month of {arguments.small:,} lines": small}
    named |= {f"{months} months of {arguments.rows:,} lines": runs for months, runs in found.items()}
    for name, runs in named.items():
        peak = max(run.peak_gb for done in runs.values() for run in done)
        print(f"{name:<34}" + "".join(f"{middle(runs, kind):>20.1f}" for kind in runs) + f"{peak:>10.2f}")
    base = middle(small, "newest month anew")
    net = {months: middle(runs, "newest month anew") - base for months, runs in found.items()}
    keep_results(arguments.rows, found, net)
    print("a night that changes one month, net of dbt (less the same night over the small month):")
    for months, seconds in net.items():
        ratio = f", {seconds / net[1]:.2f} times a night with one month of history" if 1 in net else ""
        print(f"  {months:>2} months: {seconds:6.1f} s{ratio}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
