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

# They name the delivery, which is a file here and a table there.
EXEMPT = {"emission_id", "source_delivery"}
# Differences of large sums: near zero, what they are right to is a share of the largest of their column.
DIFFERENCES = {"kwh_change", "gco2e_change", "gco2e_difference", "kwh_change_share", "gco2e_change_share"}
# Marts about files and about the code instead of usage.
OTHER_MARTS = {"ai_input_deliveries", "method_settings"}
# Tiny data: what costs is planning, compiling code and the number of tasks, not the rows.
SETTINGS = {
    "spark.master": "local[2]",
    "spark.driver.memory": "1g",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.sql.catalogImplementation": "in-memory",
    "spark.sql.constraintPropagation.enabled": "false",
    "spark.log.level": "ERROR",
}
# The tests of keys and lists take as long as all models; those of tests/data come along.
BUILD = ["build", "--threads", "2", "--exclude-resource-type", "unit_test", "--exclude", "test_type:generic", "--quiet"]


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
        [Path(sys.executable).parent / "dbt", *BUILD],
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
    process.wait()


class Lake:
    """dbt on Spark, in a session of this process."""

    def __init__(self, folder: Path, tables: dict[str, Path]) -> None:
        from pyspark.sql import SparkSession

        self.folder = folder
        builder = SparkSession.builder.config("spark.sql.warehouse.dir", str(folder / "warehouse"))
        for name, value in SETTINGS.items():
            builder = builder.config(name, value)
        self.session = builder.getOrCreate()
        self.session.sql("create schema lake")
        for form, file in tables.items():
            self.session.sql(f"create table lake.{form} using parquet location '{file.as_uri()}'")

    def dbt(self, *arguments: str) -> list[str]:
        """What went wrong, a message each."""
        from dbt.cli.main import dbtRunner

        os.environ["DBT_TARGET_PATH"] = str(self.folder / "target")
        os.chdir(PROJECT)
        try:
            outcome = dbtRunner().invoke([*arguments, "--target", "spark", "--log-level-file", "none"])
        finally:
            del os.environ["DBT_TARGET_PATH"]
        failed = [result for result in outcome.result or [] if result.status in ("error", "fail", "runtime error")]
        messages = [f"{result.node.name}: {result.message}" for result in failed]
        return messages + ([str(outcome.exception)] if outcome.exception else [])

    def rows(self, query: str) -> list[dict]:
        return [row.asDict() for row in self.session.sql(query).collect()]


@pytest.fixture(scope="module")
def from_tables(data, from_files, tmp_path_factory):
    for name in [name for name in os.environ if name.startswith("AI_EMISSIONS_")]:
        del os.environ[name]
    lake = Lake(tmp_path_factory.mktemp("spark"), data[1])
    messages = lake.dbt(*BUILD)
    assert not messages, messages[:3]
    yield lake
    lake.session.stop()


def is_number(value) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def in_order(rows: list[dict], columns: list[str]) -> list[dict]:
    """Sorted by texts and days first: amounts differ in their last digits."""

    def key(row: dict) -> list[str]:
        texts = [str(row[name]) for name in columns if not is_number(row[name])]
        return texts + [f"{row[name]:.6e}" for name in columns if is_number(row[name])]

    return sorted(rows, key=key)


def differences(expected: list[dict], found: list[dict]) -> list[tuple]:
    """``(column, value of DuckDB, value of Spark)`` wherever the two are not the same."""
    columns = [name for name in expected[0] if name not in EXEMPT]
    slack = {name: 1e-12 * max(abs(row[name] or 0) for row in expected) for name in DIFFERENCES & set(columns)}

    def same(name: str, left, right) -> bool:
        if is_number(left) and is_number(right):
            return math.isclose(left, right, rel_tol=1e-9, abs_tol=slack.get(name, 0))
        return left == right

    return [
        (name, left[name], right[name])
        for left, right in zip(in_order(expected, columns), in_order(found, columns), strict=True)
        for name in columns
        if not same(name, left[name], right[name])
    ]


MARTS = sorted({path.stem for path in (PROJECT / "models/marts").glob("*.sql")} - OTHER_MARTS)


@pytest.mark.parametrize("mart", MARTS)
def test_a_mart_is_the_same_on_both_engines(mart, from_files, from_tables):
    expected, found = from_files(f"select * from marts.{mart}"), from_tables.rows(f"select * from marts.{mart}")
    # Nothing was closed, so that nothing can be restated.
    assert bool(expected) == (mart != "ai_emissions_restated")
    assert len(found) == len(expected)
    assert not expected or set(found[0]) == set(expected[0])
    assert not expected or differences(expected, found)[:5] == []


def test_every_input_counts_and_the_same_ones_are_left_out(from_files, from_tables):
    """A table has one delivery per billing period, whatever the files are that hold it."""
    query = """
        select input_form, billing_period, decision, sum(rows_read) as rows_read
        from marts.ai_input_deliveries
        where decision in ('used', 'outranked') and input_form <> 'model_power'
        group by input_form, billing_period, decision
    """
    expected, found = from_files(query), from_tables.rows(query)
    assert {row["decision"] for row in expected} == {"used", "outranked"}
    assert differences(expected, found) == []


def test_the_settings_are_the_same_on_both_engines(from_files, from_tables):
    query = "select setting, setting_value from marts.method_settings"
    expected, found = (
        {row["setting"]: row["setting_value"] for row in rows(query)} for rows in (from_files, from_tables.rows)
    )
    code = {"code_sha256", "reading_sha256", "project_version", "models_and_seeds_md5"}
    assert {name: expected[name] for name in expected if name not in code} == {
        name: found[name] for name in found if name not in code
    }


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ("lake_schema: nowhere", "AI_EMISSIONS_LAKE_SCHEMA is nowhere: there is no such schema"),
        ("lake_schema: spark_catalog.nowhere", "AI_EMISSIONS_LAKE_SCHEMA is spark_catalog.nowhere: there is no such"),
        ("aws_cur2: lake.cur", "AI_EMISSIONS_AWS_CUR2 is lake.cur: there is no such table"),
        ("azure_focus: nowhere.focus", "AI_EMISSIONS_AZURE_FOCUS is nowhere.focus: there is no such table"),
        ("ai_proxy: telemetry", "AI_EMISSIONS_AI_PROXY is telemetry, which is no table with its schema"),
        ("ai_proxy: 's3://bucket/ai.proxy'", "AI_EMISSIONS_AI_PROXY is s3://bucket/ai.proxy, which is no table"),
    ],
)
def test_a_schema_or_a_named_table_that_is_not_there_stops_the_build(from_tables, variables, told):
    (message,) = from_tables.dbt("run", "--quiet", "--vars", variables, "--select", "inputs__files")
    assert told in message


def test_a_named_table_that_is_there_is_read(from_tables):
    build = ["run", "--quiet", "--select", "inputs__files", "--vars"]
    assert not from_tables.dbt(*build, "{aws_cur2: spark_catalog.lake.aws_cur2, lake_schema: spark_catalog.lake}")
    # Closed periods are DuckDB's: their bucket is no matter of Spark.
    assert not from_tables.dbt(*build, "{closed_dir: 's3://bucket/closed'}")
    assert not from_tables.dbt(*build, "{closed_dir: 'az://container/closed'}")


def test_a_table_without_a_required_column_and_a_schema_without_tables_stop_the_build(from_tables):
    from_tables.session.sql("create schema other_lake")
    steps = ["files", "file_versions", "deliveries", "data_files", "file_columns", "file_problems", "delivery_problems"]
    models = [f"inputs__{step}" for step in [*steps, "read_files"]]
    build = ["run", "--quiet", "--vars", "lake_schema: other_lake", "--select", *models]
    (message,) = from_tables.dbt(*build)
    assert "No billing export found" in message and "AI_EMISSIONS_LAKE_SCHEMA" in message
    columns = "date '2025-06-01' as bill_billing_period_start_date, map('product_name', 'Amazon Bedrock') as product"
    from_tables.session.sql(f"create view other_lake.aws_cur2 as select {columns}")
    (message,) = from_tables.dbt(*build)
    assert "other_lake.aws_cur2/BILLING_PERIOD=2025-06/rows: no column line_item_line_item_type" in message


def test_maps_may_be_structs(from_tables):
    """``product``, tags and cost categories as Athena or a crawler may have typed them."""
    query = "select * from staging.stg_aws__cur2"
    build = ["run", "--quiet", "--select", "+stg_aws__cur2", "--vars"]
    assert not from_tables.dbt(*build, "lake_schema: lake")
    from_maps = from_tables.rows(query)
    fields = ", ".join(f"'{key}', product['{key}']" for key in ("product_name", "model", "region"))
    tag_keys = from_tables.rows("select distinct explode(map_keys(resource_tags)) as tag_key from lake.aws_cur2")
    tags = ", ".join(f"'{row['tag_key']}', resource_tags['{row['tag_key']}']" for row in tag_keys)
    from_tables.session.sql("create schema struct_lake")
    from_tables.session.sql(
        f"create view struct_lake.aws_cur2 as select * except (product, resource_tags), "
        f"named_struct({fields}) as product, named_struct({tags}) as resource_tags from lake.aws_cur2"
    )
    assert not from_tables.dbt(*build, "lake_schema: struct_lake")
    from_structs = from_tables.rows(query)
    described = ("product_name", "model_attribute", "region", "usage_type", "usage_date", "tags", "line_count")
    assert from_maps and {row["product_name"] for row in from_maps} - {None}
    assert sorted(str([row[name] for name in described]) for row in from_structs) == sorted(
        str([row[name] for name in described]) for row in from_maps
    )
