"""The whole project on Spark, over lake tables, gives the marts that DuckDB makes of the files with the same rows.

Runs in an environment of its own (``make test-spark``), see requirements-spark.in. A local session; no cluster."""

import math
import os
import shutil
import subprocess
import sys

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from lake import PROJECT, write_data_root, write_tables

JAVA = shutil.which("java") or (os.environ.get("JAVA_HOME") and Path(os.environ["JAVA_HOME"], "bin/java").exists())
pytestmark = pytest.mark.skipif(not JAVA, reason="NOT TESTED: Spark needs Java 17 or newer, and there is no java here")

# Columns that name the delivery, which is a file here and a table there.
EXEMPT = {"emission_id", "source_delivery"}
# Which marts describe files or the code instead of usage: they are compared in tests of their own.
OTHER_MARTS = {"ai_input_deliveries", "method_settings"}
# Tiny data: what costs is planning, generated code and the number of tasks, not the rows.
SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.log.level": "ERROR",
}
MODELS_ONLY = ["--exclude-resource-type", "test", "--exclude-resource-type", "unit_test", "--quiet"]


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """``(root, tables)``: files of every form, and a table of the same rows for each form."""
    folder = tmp_path_factory.mktemp("data")
    write_data_root(folder / "root")
    return folder / "root", write_tables(folder / "root", folder / "lake")


@pytest.fixture(scope="module")
def from_files(data, tmp_path_factory):
    """A build on DuckDB, begun before Spark starts: ``rows(query)`` waits for its end."""
    root, _ = data
    folder = tmp_path_factory.mktemp("duckdb")
    settings = {
        "AI_EMISSIONS_DATA_ROOT": str(root),
        "AI_EMISSIONS_WAREHOUSE": str(folder / "w.duckdb"),
        "AI_EMISSIONS_EXPORT_DIR": str(folder / "marts"),
        "DBT_TARGET_PATH": str(folder / "target"),
    }
    process = subprocess.Popen(
        [Path(sys.executable).parent / "dbt", "build", *MODELS_ONLY, "--threads", "1"],
        cwd=PROJECT,
        env={name: value for name, value in os.environ.items() if not name.startswith("AI_EMISSIONS_")} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )

    def rows(query: str) -> list[dict]:
        printed, _ = process.communicate() if process.returncode is None else ("", None)
        assert process.returncode == 0, printed
        with duckdb.connect(str(folder / "w.duckdb"), read_only=True) as con:
            result = con.execute(query)
            names = [column[0] for column in result.description]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    yield rows
    process.kill()


@pytest.fixture(scope="module")
def from_tables(data, from_files, tmp_path_factory):
    """A build on Spark: ``rows(query)``."""
    from dbt.cli.main import dbtRunner
    from pyspark.sql import SparkSession

    _, tables = data
    folder = tmp_path_factory.mktemp("spark")
    builder = SparkSession.builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    session.sql("create schema lake")
    for form, file in tables.items():
        session.sql(f"create table lake.{form} using parquet location '{file.as_uri()}'")
    environment = {"DBT_TARGET_PATH": str(folder / "target")}
    os.environ.update(environment)
    os.chdir(PROJECT)
    try:
        outcome = dbtRunner().invoke(["build", "--target", "spark", *MODELS_ONLY, "--log-level-file", "none"])
    finally:
        for name in environment:
            del os.environ[name]
    messages = [result.message for result in outcome.result or [] if result.status not in ("success", "pass")]
    assert outcome.success, (messages[:3], outcome.exception)
    yield lambda query: [row.asDict() for row in session.sql(query).collect()]
    session.stop()


def as_number(value):
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else value


def order(row: dict, columns: list[str]) -> tuple:
    """Texts and days first: amounts differ in their last digits."""
    texts = [str(row[name]) for name in columns if not isinstance(as_number(row[name]), float)]
    numbers = [f"{row[name]:.6e}" for name in columns if isinstance(as_number(row[name]), float)]
    return tuple(texts), tuple(numbers)


def same(left, right) -> bool:
    left, right = as_number(left), as_number(right)
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return left == right


def differences(expected: list[dict], found: list[dict]) -> list[tuple]:
    columns = sorted(set(expected[0]) - EXEMPT)
    pairs = zip(
        sorted(expected, key=lambda row: order(row, columns)),
        sorted(found, key=lambda row: order(row, columns)),
        strict=True,
    )
    return [
        (name, left[name], right[name]) for left, right in pairs for name in columns if not same(left[name], right[name])
    ]


def marts() -> list[str]:
    return sorted({path.stem for path in (PROJECT / "models/marts").glob("*.sql")} - OTHER_MARTS)


@pytest.mark.parametrize("mart", marts())
def test_a_mart_is_the_same_on_both_engines(mart, from_files, from_tables):
    found = from_tables(f"select * from marts.{mart}")
    expected = from_files(f"select * from marts.{mart}")
    assert len(found) == len(expected)
    if not expected:
        assert mart == "ai_emissions_restated", "only closed periods may be absent"
        return
    assert set(found[0]) == set(expected[0])
    assert not differences(expected, found)[:5]
