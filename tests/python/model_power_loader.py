"""Starts the loader of the per-model power dataset as a program, and looks at what a run left."""

import hashlib
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]
SCRIPT = PROJECT / "scripts" / "load_model_power.py"
DAY = date(2026, 2, 13)
# What a loader that reads without end may take before it fails, instead of the machine.
ADDRESS_SPACE_KILOBYTES = 4_000_000


def rows(folder: Path, query: str = "select * from snapshots order by all") -> list[dict]:
    with duckdb.connect() as con:
        con.execute(f"create view snapshots as select * from read_parquet('{folder}/model_power_*.parquet')")
        result = con.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def files(folder: Path) -> dict[str, str]:
    """Every file below the folder and the hash of its bytes."""
    if not folder.exists():
        return {}
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def snapshots(folder: Path) -> dict[str, str]:
    return {name: content for name, content in files(folder).items() if name.endswith(".parquet")}


def program(*arguments, **environment) -> subprocess.Popen:
    """The loader as a process of its own, with bounded memory."""
    bounded = ["sh", "-c", f'ulimit -v {ADDRESS_SPACE_KILOBYTES}; exec "$@"', "loader"]
    return subprocess.Popen(
        [*bounded, sys.executable, str(SCRIPT), *map(str, arguments)],
        cwd=PROJECT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
