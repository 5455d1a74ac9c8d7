"""The generated documents say what the project says, the analyses run, and published files are whole at any moment."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]


def test_data_dictionary_and_answers_are_those_of_the_project(sample, tmp_path):
    """Every analysis runs, too: its answer is in the document."""
    environment = {
        **os.environ,
        "AI_EMISSIONS_WAREHOUSE": str(sample.warehouse),
        "DBT_TARGET_PATH": str(tmp_path / "target"),
    }
    run = subprocess.run(
        [sys.executable, "scripts/write_docs.py", "--check"],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_column_of_a_mart_is_described_with_its_unit(project):
    """Numbers with a unit in their name say it in the description, too; text columns need none."""
    units = {"kwh": ["kwh"], "gco2e": ["co2e"], "share": ["share"], "factor": ["factor", "kwh"]}
    silent = []
    for node in project.manifest.nodes.values():
        if node.resource_type != "model" or node.fqn[1] != "marts":
            continue
        for column in node.columns.values():
            text = column.description.lower()
            if column.data_type != "double":
                silent += [] if text else [f"{node.name}.{column.name}"]
                continue
            wanted = [said for word in column.name.split("_") for said in units.get(word, [])]
            if not text or not any(said in text for said in wanted or [""]):
                silent.append(f"{node.name}.{column.name}: {column.description}")
    assert not silent


TOTAL = "select count(*), sum(gco2e) from read_parquet('{}')"


def test_readers_of_published_files_see_whole_files_of_passed_builds_only(project, sample, tmp_path):
    """A reader in a loop over the published files, during builds that pass and builds that fail: each read finds one of
    the totals that passed builds published. DuckDB opens a file twice in one query, so one that begins in the very
    moment of the replacement may stop with an error: a file is replaced once here, so that is one error at most."""
    out = tmp_path / "out"
    shutil.copytree(sample.folder, out)
    query = TOTAL.format(out / "marts" / "fct_ai_emissions.parquet")
    reads, errors = [], []
    stop = threading.Event()

    def read() -> None:
        with duckdb.connect() as con:
            while not stop.is_set():
                try:
                    reads.append(con.execute(query).fetchone())
                except duckdb.Error as error:
                    errors.append(str(error))

    broken = tmp_path / "broken" / "aws" / "cur2"
    broken.mkdir(parents=True)
    (broken / "cut_off.parquet").write_bytes(b"PAR1 no such file PAR1")
    with duckdb.connect() as con:
        published = [con.execute(query).fetchone()]
        reader = threading.Thread(target=read)
        reader.start()
        try:
            failed = project.run("build", tmp_path / "broken", out, complete=True)
            passed = project.run(
                "build", PROJECT / "sample_data", out, complete=True, variables="{cache_read_weight: 0.5}"
            )
            published.append(con.execute(query).fetchone())
        finally:
            stop.set()
            reader.join()
    assert passed.success and not failed.success
    assert len(errors) <= 1, errors
    # Sums of doubles differ in their last digits from read to read.
    assert {(rows, round(total, 3)) for rows, total in reads} == {(rows, round(total, 3)) for rows, total in published}
    assert len({total for _, total in published}) == 2
