"""Times a build of many CUR 2.0 lines beside one hand-written query over the same files.

``python scripts/bench.py [--rows N] [--pairs N]`` writes the lines once to ``bench_data/`` (synthetic, deterministic),
then alternates ``dbt build`` and the query, and prints medians. "Net of dbt" is the build less the same build over
1,000 lines: what start-up, seeds and tests cost at any size is not counted against the lines. Nothing here passes or
fails on time.
"""

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
DATA = PROJECT / "bench_data"
GENERATOR = PROJECT / "scripts" / "bench"
SMALL = 1_000
LINES_PER_FILE = 2_500_000
RATIO_TARGET = 1.5
MEMORY_TARGET_GB = 2.0


@dataclass
class Run:
    """Wall time and largest resident memory of one process."""

    seconds: float
    peak_gb: float


def run(command: list[str], environment: dict[str, str]) -> Run:
    """Run a command to its end. Raises SystemExit with the end of its output if it fails."""
    log = DATA / "last_run.log"
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=PROJECT, env=os.environ | environment, stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, command))} failed; the end of {log}:\n{log.read_text()[-3000:]}")
    # Linux counts in KiB, macOS in bytes.
    return Run(seconds, usage.ru_maxrss / (1024**3 if platform.system() == "Darwin" else 1024**2))


def write_lines(rows: int) -> Path:
    """Write ``rows`` lines as one month of a CUR 2.0 export, unless they are there. Returns the data root."""
    root = DATA / f"{rows}_lines"
    names_only = (GENERATOR / "empty_columns.csv").read_text(encoding="utf-8").split()[1:]
    empty_columns = ", ".join(f"cast(null as varchar) as {name}" for name in names_only)
    recipe = (GENERATOR / "cur2_lines.sql").read_text(encoding="utf-8").replace("{empty_columns}", empty_columns)
    marker = root / "complete.json"
    if marker.exists() and json.loads(marker.read_text()) == {"rows": rows, "recipe": recipe}:
        return root
    shutil.rmtree(root, ignore_errors=True)
    export = root / "aws" / "cur2" / "bench"
    folder = export / "data" / "BILLING_PERIOD=2025-06"
    folder.mkdir(parents=True)
    names = []
    with duckdb.connect() as con:
        for number, first in enumerate(range(0, rows, LINES_PER_FILE), start=1):
            last = min(first + LINES_PER_FILE, rows)
            path = folder / f"bench-{number:05}.snappy.parquet"
            con.execute(
                f"copy ({recipe.format(first=first, last=last)}) to '{path}' (format parquet, compression snappy)"
            )
            names.append(path.name)
            print(f"  wrote {last:,} of {rows:,} lines", flush=True)
    manifest = export / "metadata" / "BILLING_PERIOD=2025-06" / "bench-Manifest.json"
    manifest.parent.mkdir(parents=True)
    prefix = "s3://bench/cur2/bench/data/BILLING_PERIOD=2025-06/"
    manifest.write_text(json.dumps({"executionId": "synthetic", "dataFiles": [prefix + name for name in names]}))
    marker.write_text(json.dumps({"rows": rows, "recipe": recipe}))
    return root


def build(root: Path) -> Run:
    """One whole ``dbt build`` into a new warehouse: seeds, models, all tests, published files."""
    out = DATA / "out"
    shutil.rmtree(out, ignore_errors=True)
    settings = {
        "AI_EMISSIONS_DATA_ROOT": str(root),
        "AI_EMISSIONS_WAREHOUSE": str(out / "ai_emissions.duckdb"),
        "AI_EMISSIONS_EXPORT_DIR": str(out / "marts"),
    }
    dbt = Path(sys.executable).parent / "dbt"
    return run([str(dbt), "build", "--target-path", str(DATA / "target")], settings)


def hand_written(root: Path) -> Run:
    """The query an analyst would write for this export alone, into a new DuckDB file, with as many threads."""
    warehouse = DATA / "by_hand.duckdb"
    warehouse.unlink(missing_ok=True)
    query = (GENERATOR / "by_hand.sql").read_text(encoding="utf-8")
    query = query.replace("{files}", f"{root}/aws/cur2/bench/data/*/*.parquet")
    program = "import duckdb, sys; duckdb.connect(sys.argv[1], config={'threads': 4}).execute(sys.argv[2])"
    return run([sys.executable, "-c", program, str(warehouse), query], {})


def report(rows: int, root: Path, big: list[Run], small: list[Run], by_hand: list[Run], idle: list[Run]) -> str:
    files = list(root.rglob("*.parquet"))
    with duckdb.connect(str(DATA / "out" / "ai_emissions.duckdb"), read_only=True) as con:
        ai_lines = con.execute("select sum(line_count) from marts.fct_ai_emissions").fetchone()[0]
        columns = len(con.execute(f"describe from read_parquet('{files[0]}')").fetchall())
    net = median(big) - median(small)
    query = median(by_hand) - median(idle)
    peak = max(r.peak_gb for r in big)
    ratio = net / query
    lines = [
        ("lines", f"{rows:,} ({ai_lines:,} about AI, {ai_lines / rows:.1%}), {columns} columns"),
        ("files", f"{len(files)}, {sum(f.stat().st_size for f in files) / 1024**3:.2f} GiB Parquet"),
        (
            "machine",
            f"{os.cpu_count()} cores, Python {platform.python_version()}, "
            f"duckdb {version('duckdb')}, dbt-core {version('dbt-core')}",
        ),
        ("build", f"{median(big):.2f} s (runs: {spread(big)})"),
        (f"build of {SMALL:,} lines", f"{median(small):.2f} s (runs: {spread(small)})"),
        ("build, net of dbt", f"{net:.2f} s, {rows / net:,.0f} rows/s"),
        ("hand-written query", f"{query:.2f} s, {rows / query:,.0f} rows/s (runs: {spread(by_hand)})"),
        ("ratio", f"{ratio:.2f} (target: at most {RATIO_TARGET}: {'met' if ratio <= RATIO_TARGET else 'NOT met'})"),
        (
            "peak memory of the build",
            f"{peak:.2f} GiB (target: under {MEMORY_TARGET_GB}: {'met' if peak < MEMORY_TARGET_GB else 'NOT met'})",
        ),
    ]
    return "\n".join(f"{name:<26}{value}" for name, value in lines)


def median(runs: list[Run]) -> float:
    return statistics.median(r.seconds for r in runs)


def spread(runs: list[Run]) -> str:
    return ", ".join(f"{r.seconds:.2f}" for r in runs)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=10_000_000, help="lines to build (default: 10 million)")
    parser.add_argument("--pairs", type=int, default=3, help="how often build and query alternate (default: 3)")
    arguments = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    root, small_root = write_lines(arguments.rows), write_lines(SMALL)
    idle_query = [sys.executable, "-c", "import duckdb; duckdb.connect(config={'threads': 4}).execute('select 1')"]
    big, small, by_hand, idle = [], [], [], []
    build(small_root)  # the first one compiles Python and fills dbt's parse cache
    for pair in range(1, arguments.pairs + 1):
        small.append(build(small_root))
        by_hand.append(hand_written(root))
        big.append(build(root))
        idle.append(run(idle_query, {}))
        print(
            f"  pair {pair} of {arguments.pairs}: build {big[-1].seconds:.1f} s, query {by_hand[-1].seconds:.1f} s",
            flush=True,
        )
    print(report(arguments.rows, root, big, small, by_hand, idle))
    return 0


if __name__ == "__main__":
    sys.exit(main())
