"""Times a build of many billing lines beside one hand-written query over the same files.

``python scripts/bench.py [--form cur2|cur_legacy] [--rows N] [--small N] [--repeat N] [--workloads N]`` writes the
lines once to ``bench_data/`` (synthetic, deterministic), then alternates builds and the query, prints medians and adds
them to ``bench_data/results.csv``. CUR 2.0 is Parquet, the legacy report CSV.gz.

* build: the whole command ``dbt build`` into a new warehouse, from the start of the process to its end: seeds, models,
  unit and data tests, published marts.
* net of dbt: the build less the same command over ``--small`` lines, which is what start-up, seeds, models and tests
  cost at any size.
* hand-written query: ``scripts/bench/by_hand.sql`` (``by_hand_legacy.sql``) in a Python process of its own, into a new
  DuckDB file, with as many threads as the build; less a process that only imports duckdb and opens an empty database.

Files are read from the page cache by both, the first round is not counted. Nothing here passes or fails on time; the
exit code is 1 only if a step fails or if build and query do not find the same lines and cost.
"""

import argparse
import csv
import hashlib
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[1]
DATA = PROJECT / "bench_data"
GENERATOR = PROJECT / "scripts" / "bench"
WAREHOUSE = DATA / "out" / "ai_emissions.duckdb"
BY_HAND = DATA / "by_hand.duckdb"
LINES_PER_FILE = 1_000_000
# As in profiles.yml.
THREADS = 4
RATIO_TARGET = 1.5
MEMORY_TARGET_GB = 4.0
MAPS = ("product", "resource_tags", "cost_category", "discount")
# Longest first: line_item is part of split_line_item.
LEGACY_SECTIONS = (
    "split_line_item",
    "savings_plan",
    "line_item",
    "reservation",
    "identity",
    "discount",
    "pricing",
    "product",
    "bill",
)
RESULTS = DATA / "results.csv"
OPEN_DATABASE = f"import duckdb, sys; con = duckdb.connect(sys.argv[1], config={{'threads': {THREADS}}})"
RUN_QUERY = f"{OPEN_DATABASE}; con.execute(sys.argv[2])"


@dataclass
class Run:
    """Wall time, processor time of all threads and largest resident memory of one process."""

    seconds: float
    cpu_seconds: float
    peak_gb: float


@dataclass
class Round:
    """Each command once, close together in time."""

    build: Run
    small_build: Run
    query: Run
    empty_query: Run

    @property
    def ratio(self) -> float:
        return (self.build.seconds - self.small_build.seconds) / (self.query.seconds - self.empty_query.seconds)


def run(command: list[str], settings: dict[str, str] | None = None) -> Run:
    """Run a command to its end. Raises SystemExit with the end of its output if it fails."""
    log = DATA / "last_run.log"
    # Settings of the caller, such as another input location, would change what is measured.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AI_EMISSIONS_")}
    with log.open("w") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=PROJECT, env=environment | (settings or {}), stdout=output, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed; the end of {log}:\n{log.read_text()[-3000:]}")
    # Linux counts in KiB, macOS in bytes.
    peak_bytes = usage.ru_maxrss * (1 if platform.system() == "Darwin" else 1024)
    return Run(seconds, usage.ru_utime + usage.ru_stime, peak_bytes / 1e9)


def recipe_of(workloads: int) -> str:
    """The query that makes the lines, but for their numbers."""
    with (GENERATOR / "empty_columns.csv").open(newline="", encoding="utf-8") as file:
        columns = list(csv.DictReader(file))
    # AWS writes 0 into the amounts of commitments a line does not use.
    values = {"double": "cast(0 as double)", "varchar": "cast(null as varchar)"}
    empty_columns = ",\n    ".join(f"{values[c['column_type']]} as {c['column_name']}" for c in columns)
    recipe = (GENERATOR / "cur2_lines.sql").read_text(encoding="utf-8")
    return recipe.replace("{empty_columns}", empty_columns).replace("{workloads}", str(workloads))


def legacy_name(name: str) -> str:
    """The column of the legacy report for one of CUR 2.0: ``line_item_usage_type`` is ``lineItem/UsageType``."""
    section = next(section for section in LEGACY_SECTIONS if name.startswith(section))
    first, *words = [word.capitalize() for word in name.removeprefix(section).strip("_").split("_")]
    # Attributes of products and prices begin with a small letter.
    first = first.lower() if section in ("product", "pricing") else first
    head, *rest = section.split("_")
    return f"{head}{''.join(word.capitalize() for word in rest)}/{first}{''.join(words)}"


def as_legacy(recipe: str) -> str:
    """The same lines with the columns of a legacy report, tags and product attributes in columns of their own."""
    names = [
        name for name, *_ in duckdb.sql(f"describe {recipe.replace('{first}', '0').replace('{last}', '1')}").fetchall()
    ]
    plain = ", ".join(f'{name} as "{legacy_name(name)}"' for name in names if name not in MAPS)
    return f"""
        select {plain}, product['product_name'] as "product/ProductName", product['region'] as "product/region",
            product['model'] as "product/model", resource_tags['user_team'] as "resourceTags/user:team"
        from ({recipe})
    """


def write_lines(form: str, rows: int, workloads: int) -> Path:
    """Write ``rows`` lines as one month of an export, unless they are there. Returns the data root."""
    root = DATA / f"{rows}_lines_{workloads}_workloads{'' if form == 'cur2' else '_' + form}"
    recipe = recipe_of(workloads)
    if form == "cur_legacy":
        return write_legacy(root, as_legacy(recipe), rows)
    marker, made_of = root / "complete.json", made_of_what(rows, recipe)
    if is_there(root, marker, made_of):
        return root
    export = root / "aws" / "cur2" / "bench"
    names = write_files(
        export / "data" / "BILLING_PERIOD=2025-06", "snappy.parquet", "format parquet, compression snappy", recipe, rows
    )
    manifest = export / "metadata" / "BILLING_PERIOD=2025-06" / "bench-Manifest.json"
    manifest.parent.mkdir(parents=True)
    content = {
        "exportArn": "arn:aws:bcm-data-exports:us-east-1:100000000001:export/bench-synthetic",
        "executionId": "synthetic-2025-06",
        "dataFiles": [f"s3://bench-billing/cur2/bench/data/BILLING_PERIOD=2025-06/{name}" for name in names],
    }
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    marker.write_text(json.dumps(made_of))
    return root


def write_legacy(root: Path, recipe: str, rows: int) -> Path:
    """The same as a legacy report, CSV.gz without a manifest: the files alone count."""
    marker, made_of = root / "complete.json", made_of_what(rows, recipe)
    if not is_there(root, marker, made_of):
        folder = root / "aws" / "cur_legacy" / "bench" / "20250601-20250701"
        write_files(folder, "csv.gz", "format csv, header, compression gzip", recipe, rows)
        marker.write_text(json.dumps(made_of))
    return root


def made_of_what(rows: int, recipe: str) -> dict[str, object]:
    return {
        "rows": rows,
        "lines_per_file": LINES_PER_FILE,
        "recipe": hashlib.sha256(recipe.encode()).hexdigest(),
        "duckdb": version("duckdb"),
    }


def is_there(root: Path, marker: Path, made_of: dict[str, object]) -> bool:
    """Whether these lines were written before; else what is there is taken away."""
    if marker.exists() and json.loads(marker.read_text()) == made_of:
        print(f"{made_of['rows']:,} lines are there: {root.relative_to(PROJECT)}")
        return True
    shutil.rmtree(root, ignore_errors=True)
    return False


def write_files(folder: Path, ending: str, options: str, recipe: str, rows: int) -> list[str]:
    """Write the lines as files of a million each. Returns their names."""
    folder.mkdir(parents=True)
    names = []
    with duckdb.connect() as con:
        con.execute("set enable_progress_bar = false")
        for number, first in enumerate(range(0, rows, LINES_PER_FILE), start=1):
            last = min(first + LINES_PER_FILE, rows)
            path = folder / f"bench-{number:05}.{ending}"
            query = recipe.replace("{first}", str(first)).replace("{last}", str(last))
            con.execute(f"copy ({query}) to '{path}' ({options})")
            names.append(path.name)
            print(f"wrote {last:,} of {rows:,} lines", flush=True)
    return names


def target_of(root: Path) -> Path:
    """dbt's folder for one data root: a shared one would be parsed anew at each change of the root."""
    return DATA / "target" / root.name


def build(root: Path) -> Run:
    """One whole ``dbt build`` into a new warehouse: seeds, models, all tests, published files."""
    shutil.rmtree(WAREHOUSE.parent, ignore_errors=True)
    settings = {
        "AI_EMISSIONS_DATA_ROOT": str(root),
        "AI_EMISSIONS_WAREHOUSE": str(WAREHOUSE),
        "AI_EMISSIONS_EXPORT_DIR": str(WAREHOUSE.parent / "marts"),
    }
    dbt = Path(sys.executable).parent / "dbt"
    folders = ["--target-path", str(target_of(root)), "--log-path", str(DATA / "logs")]
    return run([str(dbt), "build", *folders], settings)


def hand_written(root: Path) -> Run:
    """The query an analyst would write for this export alone, into a new DuckDB file."""
    BY_HAND.unlink(missing_ok=True)
    is_legacy = (root / "aws" / "cur_legacy").exists()
    query = (GENERATOR / ("by_hand_legacy.sql" if is_legacy else "by_hand.sql")).read_text(encoding="utf-8")
    pattern = "aws/cur_legacy/bench/*/*.csv.gz" if is_legacy else "aws/cur2/bench/data/*/*.parquet"
    files = str(root / pattern).replace("'", "''")
    return run([sys.executable, "-c", RUN_QUERY, str(BY_HAND), query.replace("{files}", files)])


def one_round(root: Path, small_root: Path, reverse: bool) -> Round:
    """Each command once, in one order or the other, the build of many lines last or first."""
    steps = {
        "small_build": lambda: build(small_root),
        "empty_query": lambda: run([sys.executable, "-c", OPEN_DATABASE, ":memory:"]),
        "query": lambda: hand_written(root),
        "build": lambda: build(root),
    }
    order = list(steps)
    return Round(**{name: steps[name]() for name in (reversed(order) if reverse else order)})


def rows_of(database: Path, query: str) -> list[tuple]:
    with duckdb.connect(str(database), read_only=True) as con:
        return con.execute(query).fetchall()


def check_same_lines(root: Path) -> None:
    """Build once and query once. Raises SystemExit if they do not come to the same AI lines and the same cost."""
    build(root)
    hand_written(root)
    [(lines, cost)] = rows_of(WAREHOUSE, "select sum(line_count), sum(cost_amount) from marts.fct_ai_emissions")
    [(lines_by_hand, cost_by_hand)] = rows_of(BY_HAND, "select sum(line_count), sum(cost_amount) from usage")
    if lines != lines_by_hand or not math.isclose(cost, cost_by_hand, rel_tol=1e-9):
        raise SystemExit(
            f"The build found {lines} AI lines of cost {cost}, the query {lines_by_hand} of {cost_by_hand}: "
            "scripts/bench/by_hand.sql no longer asks what the project reads. Bring them together, then measure."
        )


def slowest_nodes(root: Path, small_root: Path, count: int = 6) -> list[str]:
    """Where the lines cost time: dbt's own seconds of a node less those over few lines, last round, largest first."""

    def seconds(folder: Path) -> dict[str, float]:
        results = json.loads((folder / "run_results.json").read_text(encoding="utf-8"))["results"]
        return {result["unique_id"]: result["execution_time"] for result in results}

    small = seconds(target_of(small_root))
    extra = {name: spent - small.get(name, 0.0) for name, spent in seconds(target_of(root)).items()}
    largest = sorted(extra, key=extra.__getitem__, reverse=True)[:count]
    return [f"{extra[name]:.2f} s {name.split('.')[2]}" for name in largest]


def spread(values: list[float]) -> str:
    """Median, smallest and largest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def report(rows: int, small_rows: int, root: Path, small_root: Path, rounds: list[Round], load: float) -> str:
    files = [path for path in root.rglob("*") if path.suffix in (".parquet", ".gz")]
    kind = "legacy CUR" if files[0].suffix == ".gz" else "CUR 2.0"
    size_gb = sum(file.stat().st_size for file in files) / 1e9
    quoted = str(files[0]).replace("'", "''")
    columns = len(duckdb.sql(f"select * from '{quoted}' limit 0").columns)
    ai_lines, by_hand_rows = rows_of(BY_HAND, "select sum(line_count), count(*) from usage")[0]
    net = [r.build.seconds - r.small_build.seconds for r in rounds]
    query = [r.query.seconds - r.empty_query.seconds for r in rounds]
    net_cpu = statistics.median(r.build.cpu_seconds - r.small_build.cpu_seconds for r in rounds)
    query_cpu = statistics.median(r.query.cpu_seconds - r.empty_query.cpu_seconds for r in rounds)
    ratio = statistics.median(net) / statistics.median(query)
    peak = max(r.build.peak_gb for r in rounds)
    verdict = {True: "met", False: "NOT met"}
    keep_result(
        {
            "form": kind,
            "lines": rows,
            "file_gb": round(size_gb, 2),
            "build_seconds": round(statistics.median(r.build.seconds for r in rounds), 2),
            "small_build_seconds": round(statistics.median(r.small_build.seconds for r in rounds), 2),
            "query_seconds": round(statistics.median(query), 2),
            "ratio": round(ratio, 2),
            "processor_time_ratio": round(net_cpu / query_cpu, 2),
            "peak_gb": round(peak, 2),
            "rounds": len(rounds),
            "load": round(load, 1),
        }
    )
    lines = [
        ("rows", f"{rows:,} {kind} lines, {columns} columns; {size_gb:.2f} GB in {len(files)} {files[0].suffix} files"),
        ("AI rows", f"{ai_lines:,} ({ai_lines / rows:.1%}), {by_hand_rows:,} after summing to days"),
        (
            "machine",
            f"{os.cpu_count()} cores, load {load:.1f} at the start; Python {platform.python_version()}, "
            f"duckdb {version('duckdb')}, dbt-core {version('dbt-core')}, dbt-duckdb {version('dbt-duckdb')}",
        ),
        ("seconds", f"median (smallest to largest) of {len(rounds)} rounds, orders alternated"),
        ("  dbt build", f"{spread([r.build.seconds for r in rounds])}, all tests included"),
        (f"  dbt build, {small_rows:,} rows", spread([r.small_build.seconds for r in rounds])),
        ("  build net of dbt", spread(net)),
        ("  hand-written query", f"{spread(query)}, without {rounds[-1].empty_query.seconds:.2f} of an empty process"),
        ("rows/s", f"{rows / statistics.median(net):,.0f} (by hand: {rows / statistics.median(query):,.0f})"),
        ("ratio", f"{ratio:.2f} (rounds: {', '.join(f'{r.ratio:.2f}' for r in rounds)})"),
        ("ratio of processor time", f"{net_cpu / query_cpu:.2f} ({net_cpu:.1f} s to {query_cpu:.1f} s)"),
        ("peak memory", f"{peak:.2f} GB (by hand: {max(r.query.peak_gb for r in rounds):.2f} GB)"),
        (f"at most {RATIO_TARGET} x", verdict[ratio <= RATIO_TARGET]),
        (f"under {MEMORY_TARGET_GB:g} GB", verdict[peak < MEMORY_TARGET_GB]),
        ("extra time by node", "; ".join(slowest_nodes(root, small_root))),
    ]
    return "\n".join(f"{name:<26}{value}" for name, value in lines)


def keep_result(result: dict[str, object]) -> None:
    """Add one line to the results of this machine."""
    is_new = not RESULTS.exists()
    with RESULTS.open("a", newline="", encoding="utf-8") as file:
        rows = csv.DictWriter(file, result, lineterminator="\n")
        if is_new:
            rows.writeheader()
        rows.writerow(result)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return number


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--form", choices=("cur2", "cur_legacy"), default="cur2", help="export (default: %(default)s)")
    parser.add_argument("--rows", type=positive, default=10_000_000, help="lines to build (default: %(default)s)")
    parser.add_argument("--small", type=positive, default=1_000, help="lines of the small build (default: %(default)s)")
    parser.add_argument("--repeat", type=positive, default=3, help="rounds that count (default: %(default)s)")
    parser.add_argument(
        "--workloads",
        type=positive,
        default=1_000,
        help="AI workloads with hourly lines; more of them leave more rows after summing (default: %(default)s)",
    )
    arguments = parser.parse_args()
    if arguments.small >= arguments.rows:
        parser.error(f"--small ({arguments.small}) must be less than --rows ({arguments.rows})")
    DATA.mkdir(exist_ok=True)
    # In a process of its own: Linux counts the memory of the parent at the start of a process as its peak.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as writer:
        root = writer.submit(write_lines, arguments.form, arguments.rows, arguments.workloads).result()
        small_root = writer.submit(write_lines, arguments.form, arguments.small, arguments.workloads).result()
    load = os.getloadavg()[0]
    print("first round, not counted: fills caches, compares what build and query find", flush=True)
    build(small_root)
    check_same_lines(root)
    rounds = []
    for number in range(1, arguments.repeat + 1):
        rounds.append(one_round(root, small_root, reverse=number % 2 == 0))
        last = rounds[-1]
        print(
            f"round {number} of {arguments.repeat}: build {last.build.seconds:.1f} s, small build "
            f"{last.small_build.seconds:.1f} s, query {last.query.seconds:.1f} s",
            flush=True,
        )
    print(report(arguments.rows, arguments.small, root, small_root, rounds, load))
    return 0


if __name__ == "__main__":
    sys.exit(main())
