"""A night reads what changed since the last one, and leaves the marts a full refresh would."""

import gzip
import json
import math
import os
import shutil
from datetime import date

import billing_exports as exports
import duckdb
import model_power_files as files
import pytest
from billing_exports import Line, changed
from project_runs import PROJECT

from ai_emissions import warehouse_setup

READING_TABLES = """
    select schema_name || '.' || table_name from duckdb_columns()
    where column_name = 'read_key' and table_name in (select table_name from duckdb_tables())
"""


def garble(root) -> dict:
    """Make every data file and manifest unreadable, keeping sizes and times. Returns what ``restore`` needs."""
    kept = {}
    for path in [path for path in root.rglob("*") if path.is_file() and path.name != "account_names.csv"]:
        content, times = path.read_bytes(), path.stat()
        kept[path] = (content, (times.st_atime_ns, times.st_mtime_ns))
        path.write_bytes(b"\x00" * len(content))
        os.utime(path, ns=kept[path][1])
    return kept


def restore(kept: dict) -> None:
    for path, (content, times) in kept.items():
        path.write_bytes(content)
        os.utime(path, ns=times)


def marts(done) -> dict[str, list]:
    """The rows of every mart, in an order that the last digits of doubles do not decide."""
    with duckdb.connect(str(done.warehouse), read_only=True) as con:
        tables = con.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        return {table: sorted(con.execute(f"select * from marts.{table}").fetchall(), key=rough) for (table,) in tables}


def rough(row: tuple) -> tuple[str, str]:
    numbers = [value for value in row if isinstance(value, float)]
    texts = [value for value in row if not isinstance(value, float) and not str(value).startswith("{")]
    return str(texts), str([f"{value:.3e}" for value in numbers])


def same(left, right) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9)
    if left != right and str(left).startswith("{") and str(right).startswith("{"):
        left, right = json.loads(left), json.loads(right)
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return left == right


def assert_same(night, full) -> None:
    left, right = marts(night), marts(full)
    assert set(left) == set(right) and len(left) >= 8
    for table in left:
        assert len(left[table]) == len(right[table]), table
        pairs = zip(left[table], right[table], strict=True)
        assert not [pair for pair in pairs if not all(map(same, *pair))][:3], table


def test_a_night_opens_no_unchanged_file_and_equals_a_full_refresh(build, tmp_path):
    """Of every input and form: a late month, a restated one, one that is gone, a run that replaces another."""
    root, away = tmp_path / "data", tmp_path / "away"
    shutil.copytree(PROJECT / "sample_data", root)
    late = [path for path in root.rglob("*2025-10*") if path.is_dir()]
    late += list(root.glob("azure/*/*/20251001-20251031/202511*"))
    for path in late:
        (away / path.relative_to(root)).parent.mkdir(parents=True, exist_ok=True)
        path.rename(away / path.relative_to(root))
    assert build(root, into="night").success

    kept = garble(root)
    shutil.copytree(away, root, dirs_exist_ok=True)
    night = build(root, into="night")
    assert night.success, night.messages
    restore(kept)
    assert_same(night, build(root, into="full"))
    assert night.value("select max(usage_date) from marts.fct_ai_emissions where source = 'aws_bedrock'").month == 10

    [june] = root.glob("aws/cur2/*/data/BILLING_PERIOD=2025-06/*.parquet")
    [may] = root.glob("ai_proxy/dt=2025-09-15/*.parquet")
    kept = garble(root)
    restore({path: kept.pop(path) for path in (june, may)})
    for path, column in [(june, "line_item_usage_amount"), (may, "output_tokens")]:
        with duckdb.connect() as con:
            con.execute(f"create table rows_of_file as select * replace ({column} * 2 as {column}) from '{path}'")
            con.execute(f"copy rows_of_file to '{path}' (format parquet)")
    for path in [*root.glob("aws/cur2/*/*/BILLING_PERIOD=2025-07"), *root.glob("azure/*/*/20250701-20250731")]:
        shutil.rmtree(path)
    night = build(root, into="night")
    assert night.success, night.messages
    restore({path: content for path, content in kept.items() if path.parent.exists()})
    assert_same(night, build(root, into="again"))


def test_one_changed_file_has_its_whole_period_read_again_and_no_other(build, tmp_path):
    """Lines of a period are summed across its files; the totals of each file stay apart."""
    line = Line("EUC1-Claude4Sonnet-input-tokens", 1000.0, region="eu-central-1")
    lines = [line, changed(line, amount=20.0), changed(line, day=date(2025, 7, 3), month=date(2025, 7, 1))]
    written = exports.write_cur2(tmp_path / "data", lines, count=2)
    june = [path for path in written if "2025-06" in str(path) and path.suffix == ".parquet"]
    assert len(june) == 2 and build(tmp_path / "data", into="night").success

    kept = garble(tmp_path / "data")
    restore({path: content for path, content in kept.items() if "2025-06" in str(path)})
    with duckdb.connect() as con:
        con.execute(
            "create table rows_of_file as select * replace (line_item_usage_amount + 3 as line_item_usage_amount) "
            f"from '{june[0]}'"
        )
        con.execute(f"copy rows_of_file to '{june[0]}' (format parquet)")
    night = build(tmp_path / "data", into="night")
    assert night.success, night.messages
    by_month = "select usage_month, sum(line_count), sum(quantity) from marts.fct_ai_emissions group by 1 order by 1"
    assert [(row[0].month, *row[1:]) for row in night.rows(by_month)] == [(6, 2, 1023e3), (7, 1, 1000e3)]
    totals = night.rows(
        "select file_path, rows_read, usage_amount_total from marts.ai_input_deliveries where rows_read > 0 order by 1"
    )
    assert [row[1:] for row in totals if "2025-06" in row[0]] == [(1, 1003.0), (1, 20.0)]


def test_totals_of_files_and_rows_of_usage_add_up_to_the_same(build, tmp_path):
    """Lines without a type, a currency or a number, a file without AI lines, and one without any."""
    line = Line("EUC1-Claude4Sonnet-input-tokens", 1000.0, region="eu-central-1")
    lines = [
        line,
        changed(line, line_type=None, currency=None),
        changed(line, amount="a lot"),
        changed(line, amount=-3.0, cost="free", line_type="Credit"),
        changed(
            line,
            usage_type="EUC1-BoxUsage:m5.large",
            product_code="AmazonEC2",
            product_name="Amazon EC2",
            resource=None,
        ),
    ]
    written = exports.write_cur2(tmp_path / "data", lines, "csv", manifest=False, count=5)
    empty = written[0].with_name("cur2-00009.csv.gz")
    empty.write_bytes(gzip.compress(gzip.decompress(written[0].read_bytes()).splitlines(keepends=True)[0]))
    done = build(tmp_path / "data")
    assert done.success, done.messages
    files = done.rows("select file_path, line_count from staging.stg_aws__cur2 where is_file_total order by all")
    assert [row[1] for row in files] == [1, 1, 1, 1, 0, 0] and [row[0] for row in files] == sorted(
        map(str, [*written, empty])
    )
    sums = (
        "select sum(line_count), sum(usage_amount), sum(cost_amount) from staging.stg_aws__cur2 group by is_file_total"
    )
    assert done.rows(sums) == [(4, 1997.0, 4.5)] * 2


@pytest.fixture(scope="module")
def two_months(project, tmp_path_factory):
    """Two built months of one export, whose files nobody can read any more."""
    folder = tmp_path_factory.mktemp("two_months")
    line = Line("EUC1-Claude4Sonnet-input-tokens", 1000.0, region="eu-central-1")
    exports.write_cur2(folder / "data", [line, changed(line, day=date(2025, 7, 3))])
    done = project.run("build", folder / "data", folder / "built")
    assert done.success, done.messages
    garble(folder / "data")
    return folder


@pytest.fixture
def night(build, two_months, tmp_path):
    """``night(...)`` builds once more, from a copy of the built warehouse."""
    shutil.copytree(two_months / "built", tmp_path / "out")

    def run(*arguments, **settings):
        return build(two_months / "data", *arguments, **settings)

    return run


def test_a_new_snapshot_and_new_factors_rate_old_months_anew_without_their_files(night, load, out, tmp_path):
    july = date(2025, 7, 1)
    assert load("--source", files.write_daily(tmp_path / "published", july), as_of=july)[0] == 0
    with duckdb.connect(str(tmp_path / "out/ai_emissions.duckdb")) as con:
        before = con.execute("select usage_date, wh_per_unit, gco2e / kwh from marts.fct_ai_emissions order by 1")
        [(_, june_figure, intensity), (_, july_figure, _)] = before.fetchall()
        con.execute("update seeds.carbon_intensity set gco2e_per_kwh = gco2e_per_kwh * 2")
    done = night(model_power=str(out))
    assert done.success, done.messages
    rows = done.rows("select wh_per_unit, gco2e / kwh from marts.fct_ai_emissions order by usage_date")
    assert rows[0] == (june_figure, pytest.approx(2 * intensity))
    assert rows[1][0] != july_figure


def test_other_code_reads_every_file_again_and_so_does_a_full_refresh(night, monkeypatch):
    assert night().success
    stopped = night("--full-refresh")
    assert not stopped.success and "BILLING_PERIOD=2025-06" in str(stopped.messages)
    monkeypatch.setattr(warehouse_setup, "code_sha256", lambda **options: "other code")
    stopped = night()
    assert not stopped.success and "BILLING_PERIOD=2025-06" in str(stopped.messages)


def test_a_memory_limit_reaches_duckdb(night, capsys):
    query = "select current_setting('memory_limit') as memory_limit"
    night("--inline", query, command="show", memory_limit="700MB")
    assert "667.5 MiB" in capsys.readouterr().out
    stopped = night("--inline", query, command="show", memory_limit="much")
    assert not stopped.success and "AI_EMISSIONS_MEMORY_LIMIT is 'much'" in str(stopped.messages)


def test_a_warehouse_that_remembers_no_files_reads_them_all(night, tmp_path):
    """Earlier versions made the reading tables anew in every build."""
    with duckdb.connect(str(tmp_path / "out/ai_emissions.duckdb")) as con:
        tables = [row[0] for row in con.execute(READING_TABLES).fetchall()]
        assert len(tables) >= 12
        for table in tables:
            con.execute(f"alter table {table} drop column read_key")
    stopped = night()
    assert not stopped.success and "BILLING_PERIOD=2025-06" in str(stopped.messages)
