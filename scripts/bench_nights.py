"""Times a night that changes one month, with 1, 12 and 36 months of history behind it.

``python scripts/bench_nights.py [--rows N] [--months N,N,N] [--repeat N]`` writes months of ``--rows`` CUR 2.0 lines
each to ``bench_data/nights/`` (synthetic, deterministic), builds each history once in full, and then times nights:

* nothing changed: what dbt, the tests and the marts cost.
* newest month delivered anew: its files are written again, all others are as they were.
* new figures: nothing was delivered, every month is rated with another setting of the method.

Each is the whole command ``dbt build``, all tests included, except unit tests, which look at rules and cost the same at
any size. Nothing here passes or fails on time.
"""

import argparse
import os
import shutil
import statistics
import sys
from datetime import date
from pathlib import Path

import bench
import duckdb

NIGHTS = bench.DATA / "nights"
LAST_MONTH = (2025, 10)
OTHER_METHOD = "{transmission_factor_set: country}"


def months_back(count: int) -> list[date]:
    """The first days of ``count`` months up to the last one, oldest first."""
    year, month = LAST_MONTH
    numbers = range(year * 12 + month - count, year * 12 + month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


def write_month(root: Path, month: date, rows: int) -> None:
    """Write one month of the export as AWS delivers it, without a manifest: the files alone count."""
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    recipe = bench.recipe_of(1000).replace("2025-07-01", f"{following}").replace("2025-06-01", f"{month}")
    folder = root / "aws" / "cur2" / "bench" / "data" / f"BILLING_PERIOD={month:%Y-%m}"
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        for number, first in enumerate(range(0, rows, bench.LINES_PER_FILE), start=1):
            path = folder / f"bench-{number:05}.snappy.parquet"
            last = min(first + bench.LINES_PER_FILE, rows)
            query = recipe.replace("{first}", str(first)).replace("{last}", str(last))
            con.execute(f"copy ({query}) to '{path}' (format parquet, compression snappy)")


def history(count: int, rows: int) -> Path:
    """A data root of the last ``count`` months."""
    root = NIGHTS / f"{count}_months_of_{rows}_lines"
    shutil.rmtree(root, ignore_errors=True)
    for month in months_back(count):
        write_month(root, month, rows)
    print(f"wrote {count} months of {rows:,} lines", flush=True)
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


def measure(root: Path, rows: int, repeat: int) -> dict[str, list[bench.Run]]:
    shutil.rmtree(root / "out", ignore_errors=True)
    runs = {"all months new": [night(root)], "nothing changed": [], "newest month anew": [], "new figures": []}
    night(root, "--vars", OTHER_METHOD)
    for _ in range(repeat):
        runs["nothing changed"].append(night(root))
        write_month(root, months_back(1)[0], rows)
        runs["newest month anew"].append(night(root))
        runs["new figures"].append(night(root, "--vars", OTHER_METHOD))
    return runs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--rows", type=bench.positive, default=1_000_000, help="lines of a month (default: %(default)s)"
    )
    parser.add_argument("--small", type=bench.positive, default=1_000, help="lines of the small month")
    parser.add_argument("--months", default="1,12,36", help="histories to measure (default: %(default)s)")
    parser.add_argument("--repeat", type=bench.positive, default=3, help="nights of each kind (default: %(default)s)")
    arguments = parser.parse_args()
    NIGHTS.mkdir(parents=True, exist_ok=True)
    print(f"load {os.getloadavg()[0]:.1f} at the start, {os.cpu_count()} cores")
    sizes = [(1, arguments.small), *((int(count), arguments.rows) for count in arguments.months.split(","))]
    found = {size: measure(history(*size), size[1], arguments.repeat) for size in sizes}

    def seconds(size: tuple[int, int], kind: str) -> float:
        return statistics.median(run.seconds for run in found[size][kind])

    kinds = list(found[sizes[0]])
    print(f"{'median seconds':<34}" + "".join(f"{kind:>20}" for kind in kinds) + f"{'peak GB':>10}")
    for size in sizes:
        peak = max(run.peak_gb for runs in found[size].values() for run in runs)
        figures = "".join(f"{seconds(size, kind):>20.1f}" for kind in kinds)
        print(f"{f'{size[0]} months of {size[1]:,} lines':<34}{figures}{peak:>10.2f}")
    [base] = [size for size in sizes if size == (1, arguments.rows)] or [sizes[0]]
    print("a night that changes one month, net of dbt (less the same night over the small month):")
    one = seconds(base, "newest month anew") - seconds(sizes[0], "newest month anew")
    for size in sizes[1:]:
        net = seconds(size, "newest month anew") - seconds(sizes[0], "newest month anew")
        print(f"  {size[0]:>2} months: {net:6.1f} s, {net / one:.2f} times a night with one month of history")
    return 0


if __name__ == "__main__":
    sys.exit(main())
