"""A warehouse of an earlier version opens and builds: other columns, other keys, seeds and marts of another shape,
tables that were views and views that were tables."""

import shutil

import azure_exports
import billing_exports as exports
import duckdb
from billing_exports import Line
from test_incremental import READING_TABLES, assert_same

# Columns an earlier version did not have, and views it stored, by what the present version makes of them.
VIEWS = "select schema_name || '.' || view_name from duckdb_views() where schema_name in ('intermediate', 'staging')"
TABLES = "select schema_name || '.' || table_name from duckdb_tables() where schema_name = '{}' order by 1"


def age(con) -> None:
    """Give every table the shape of an earlier version."""
    reading = [table for (table,) in con.execute(READING_TABLES).fetchall()]
    assert len(reading) >= 12
    for number, table in enumerate(reading):
        columns = [name for name, *_ in con.execute(f"describe {table}").fetchall() if name != "read_key"]
        # What an earlier version read in another way has another key, and may lack a column or have one too many.
        con.execute(f"update {table} set read_key = 'earlier ' || read_key")
        con.execute(f"alter table {table} drop column {columns[number % len(columns)]}")
        con.execute(f"alter table {table} add column dropped_since integer default 7")
    for (table,) in con.execute(TABLES.format("seeds")).fetchall():
        con.execute(f"alter table {table} add column dropped_since varchar")
        con.execute(f"delete from {table}")
    for (table,) in con.execute(TABLES.format("marts")).fetchall():
        first, *_ = [name for name, *_ in con.execute(f"describe {table}").fetchall()]
        con.execute(f"create or replace table {table} as select {first} from {table}")
    views = [view for (view,) in con.execute(VIEWS).fetchall()]
    assert len(views) > 10
    for view in views:
        con.execute(f"drop view {view}")
        con.execute(f"create table {view} as select 1 as was_a_table")
    con.execute("drop table intermediate.int_usage")
    con.execute("create view intermediate.int_usage as select 1 as was_a_view")
    con.execute("create table marts.gone_since as select 1 as nobody_makes_this_any_more")


def test_a_warehouse_of_an_earlier_version_is_brought_up_to_date(project, tmp_path):
    root, old = tmp_path / "data", tmp_path / "old"
    exports.write_cur2(root, [Line("USE1-NovaPro-input-tokens", 1000.0), Line("USE1-Zephyr9-input-tokens", 5.0)])
    azure = azure_exports.Line("gpt 4o 1120 Inp glbl Tokens", 5000.0)
    azure_exports.write_run(root, "cost_details", [azure_exports.ea_row(azure)])
    fresh = project.run("build", root, tmp_path / "fresh")
    assert fresh.success, fresh.messages
    shutil.copytree(fresh.folder, old)
    with duckdb.connect(str(old / fresh.warehouse.name)) as con:
        age(con)
    assert project.run("seed", root, old).success
    done = project.run("build", root, old)
    assert done.success, done.messages
    with duckdb.connect(str(done.warehouse)) as con:
        con.execute("drop table marts.gone_since")
    assert_same(done, fresh)
