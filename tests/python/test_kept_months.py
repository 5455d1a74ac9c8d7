"""The tables of usage and the fact keep the rows of a month as long as nothing the month follows from has changed; each
thing it follows from makes it anew."""

import shutil
from datetime import date

import billing_exports as exports
import duckdb
import model_power_files as files
import pytest
from billing_exports import Line, changed
from project_runs import PROJECT
from test_incremental import assert_same

from ai_emissions import warehouse_setup

JUNE = Line("EUC1-Claude4Sonnet-input-tokens", 1000.0, region="eu-central-1")
JULY = changed(JUNE, day=date(2025, 7, 3), month=date(2025, 7, 1))
MARK = "update marts.fct_ai_emissions set power_source = 'kept'"
KEPT = """
    select usage_month, bool_and(power_source = 'kept') from marts.fct_ai_emissions
    group by usage_month order by usage_month
"""
TABLES = [
    "int_aws__usage_lines",
    "int_azure__usage_lines",
    "int_ai_proxy__usage_lines",
    "int_usage",
    "int_usage_by_day",
    "fct_ai_emissions",
]


@pytest.fixture(scope="module")
def two_months(project, tmp_path_factory):
    """Two built months; each row of the fact says that it is of this build."""
    folder = tmp_path_factory.mktemp("two_months")
    exports.write_cur2(folder / "data", [JUNE, JULY])
    done = project.run("build", folder / "data", folder / "out")
    assert done.success, done.messages
    with duckdb.connect(str(done.warehouse)) as con:
        con.execute(MARK)
    return folder


@pytest.fixture
def night(build, two_months, tmp_path):
    """``night(...)`` builds once more, from a copy of the built warehouse."""
    shutil.copytree(two_months / "out", tmp_path / "out")

    def run(*arguments, **settings):
        done = build(two_months / "data", *arguments, **settings)
        assert done.success, done.messages
        return done

    return run


@pytest.fixture
def warehouse(night, tmp_path):
    """The warehouse before the next night."""
    with duckdb.connect(str(tmp_path / "out/ai_emissions.duckdb")) as con:
        yield con


def kept(done) -> list[bool]:
    """Of June and July: are all rows those of the first build?"""
    return [flag for _, flag in done.rows(KEPT)]


def test_months_that_nothing_has_changed_of_are_kept_night_after_night(night):
    assert kept(night()) == [True, True]
    assert kept(night()) == [True, True]
    done = night("--select", "fct_ai_emissions", command="run")
    assert kept(done) == [True, True]
    built = done.rows("select model_name, count(*) from intermediate.months_built group by all order by all")
    assert built == sorted((table, 2) for table in TABLES)


def test_a_month_with_other_files_is_made_anew_and_the_others_are_kept(build, data_root):
    exports.write_cur2(data_root, [JUNE, JULY])
    done = build(data_root)
    with duckdb.connect(str(done.warehouse)) as con:
        con.execute(MARK)
    exports.write_cur2(data_root, [changed(JULY, amount=3000.0)])
    night = build(data_root)
    assert night.success, night.messages
    assert kept(night) == [True, False]
    assert night.rows("select usage_month, quantity from marts.fct_ai_emissions order by 1") == [
        (date(2025, 6, 1), 1_000_000.0),
        (date(2025, 7, 1), 3_000_000.0),
    ]
    for folder in [*data_root.rglob("BILLING_PERIOD=2025-07")]:
        shutil.rmtree(folder)
    without = build(data_root)
    assert without.success, without.messages
    assert kept(without) == [True]


@pytest.mark.parametrize("variables", ["{transmission_factor_set: country}", "{old_figure_days: 400}"])
def test_other_variables_make_every_month_anew(night, variables):
    assert kept(night(variables=variables)) == [False, False]


def test_so_does_other_code(night, monkeypatch):
    real = warehouse_setup.code_sha256
    # How files are read is a part of its own: that one stays.
    monkeypatch.setattr(
        warehouse_setup, "code_sha256", lambda **options: real(**options) if "names" in options else "another one"
    )
    assert kept(night("--select", "fct_ai_emissions", command="run")) == [False, False]


def test_what_a_run_of_some_models_made_is_made_anew_by_the_next_build(night, tmp_path):
    """It may rest on tables that the run did not make: here on power figures nobody has computed anew."""
    only = ("--select", "int_usage_by_day", "fct_ai_emissions")
    assert kept(night("--full-refresh", *only, command="run")) == [False, False]
    with duckdb.connect(str(tmp_path / "out/ai_emissions.duckdb")) as con:
        con.execute(MARK)
    assert kept(night()) == [False, False]
    with duckdb.connect(str(tmp_path / "out/ai_emissions.duckdb")) as con:
        con.execute(MARK)
    assert kept(night()) == [True, True]


def test_so_does_the_next_build_after_one_in_which_something_failed(build, night, warehouse, two_months):
    """Rows that a test finds wrong are not kept; the first night says so, the second one mends it."""
    warehouse.execute("update marts.fct_ai_emissions set gco2e = gco2e * 2 where usage_month = '2025-06-01'")
    warehouse.close()
    stopped = build(two_months / "data")
    assert not stopped.success and stopped.results["assert_kept_months_say_what_today_would"] == "fail"
    assert kept(stopped) == [True, True]
    assert kept(night()) == [False, False]


def test_what_is_compiled_or_shown_is_the_whole_model(night, capsys):
    night("--select", "int_usage_by_day", "--output", "json", command="show")
    assert capsys.readouterr().out.count('"usage_month"') == 2


@pytest.mark.parametrize("table", TABLES)
def test_a_build_that_stops_at_any_table_is_healed_by_the_next_one(build, data_root, table):
    """The tables before it are of the new state then, it and those after it of the old one."""
    exports.write_cur2(data_root, [JUNE, JULY])
    first = build(data_root).rows("select * from marts.fct_ai_emissions order by usage_month")
    exports.write_cur2(data_root, [changed(JULY, amount=3000.0)])
    assert build(data_root, "--exclude", f"{table}+", command="run", left_out=()).success
    night = build(data_root)
    assert night.success, night.messages
    rows = "select * from marts.fct_ai_emissions order by usage_month"
    assert night.rows(rows) == build(data_root, into="fresh").rows(rows)
    assert night.rows(rows) != first


def test_a_table_of_an_earlier_version_about_the_months_is_replaced(night, warehouse):
    warehouse.execute("alter table intermediate.months_built drop column made_at")
    warehouse.close()
    assert kept(night()) == [False, False]


def test_so_does_a_full_refresh(night):
    assert kept(night("--full-refresh")) == [False, False]


@pytest.mark.parametrize(
    "statement",
    [
        "update seeds.carbon_intensity set gco2e_per_kwh = gco2e_per_kwh + 1 where geo_code = 'ZA'",
        "update seeds.usage_type_rules set note = 'another one' where rank = 10",
        "delete from seeds.media_power",
    ],
)
def test_so_does_any_change_of_any_seed(night, warehouse, statement):
    warehouse.execute(statement)
    warehouse.close()
    assert kept(night()) == [False, False]


def test_so_does_a_new_snapshot_of_power_figures(night, load, out, tmp_path):
    day = date(2025, 7, 1)
    assert load("--source", files.write_daily(tmp_path / "published", day), as_of=day)[0] == 0
    assert kept(night(model_power=str(out))) == [False, False]


def test_so_do_other_names_of_accounts(build, night, two_months):
    names = two_months / "data/account_names.csv"
    names.write_text("account_id,account_name\n200000000001,Search\n")
    try:
        done = night()
    finally:
        names.unlink()
    assert kept(done) == [False, False]
    assert done.rows("select distinct account_name from marts.fct_ai_emissions") == [("Search",)]


@pytest.mark.parametrize("table", TABLES)
def test_a_table_of_another_shape_or_none_is_made_anew(night, warehouse, table):
    schema = "marts" if table.startswith("fct") else "intermediate"
    warehouse.execute(f"create or replace table {schema}.{table} as select 1 as of_an_earlier_version")
    warehouse.close()
    done = night()
    quantity = done.rows("select sum(quantity), count(*) from marts.fct_ai_emissions")
    assert quantity == [(2_000_000.0, 2)]
    assert kept(done) == ([False, False] if schema == "marts" else [True, True])


def test_a_table_that_was_dropped_is_made_anew(night, warehouse):
    warehouse.execute("drop table marts.fct_ai_emissions")
    warehouse.execute("drop table intermediate.int_usage")
    warehouse.close()
    assert night().rows("select sum(quantity), count(*) from marts.fct_ai_emissions") == [(2_000_000.0, 2)]


def test_a_warehouse_that_does_not_know_what_its_months_were_made_from_makes_them_anew(night, warehouse):
    warehouse.execute("drop table intermediate.months_built")
    warehouse.close()
    assert kept(night()) == [False, False]
    assert night().rows("select count(*) from marts.fct_ai_emissions") == [(2,)]


def test_usage_of_no_month_is_there_once_however_often_it_is_built(build, data_root):
    """Telemetry without a readable time."""
    exports.write_cur2(data_root, [JUNE])
    folder = data_root / "ai_proxy/dt=2025-06-10"
    folder.mkdir(parents=True)
    source = next((PROJECT / "sample_data/ai_proxy").rglob("*.parquet"))
    query = f"select * exclude (dt) replace (cast(null as timestamp) as request_ts) from '{source}' limit 5"
    with duckdb.connect() as con:
        con.execute(f"copy ({query}) to '{folder / source.name}'")
    first = build(data_root)
    assert first.success, first.messages
    assert first.value("select sum(line_count) from marts.fct_ai_emissions where usage_month is null") == 5
    second = build(data_root)
    assert second.success, second.messages
    assert_same(second, first)


def test_the_key_of_a_month_knows_every_seed(project):
    [node] = [node for node in project.manifest.nodes.values() if node.name == "int_usage_months"]
    seeds = {name for name, other in project.manifest.nodes.items() if other.resource_type == "seed"}
    assert seeds and not seeds - set(node.depends_on.nodes)
