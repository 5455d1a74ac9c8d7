"""A closed month stays as it was reported: frozen, sealed, replayable, and compared with what it would be today."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from datetime import date

import billing_exports as exports
import duckdb
import model_power_files as files
import pytest
from billing_exports import Line, changed
from project_runs import PROJECT

from ai_emissions.closing.cli import main
from ai_emissions.closing.pack import write_manifest

JUNE = date(2025, 6, 1)
SONNET = Line("EUC1-Claude4Sonnet-input-tokens", 1000.0, region="eu-central-1")
LLAMA = Line("EUC1-Llama3-1-8B-output-tokens", 500.0, region="eu-central-1")
CACHE = Line("EUC1-Claude4Sonnet-cache-read-input-token-count", 300.0, region="eu-central-1")
CREDIT = changed(SONNET, line_type="Credit", cost=-1.0)
CAUSES = ("usage", "power_figure", "factors", "rules")


LINES = [SONNET, LLAMA, CACHE, CREDIT]


@pytest.fixture(scope="module")
def june(project, tmp_path_factory):
    """A built June, and a copy of it to go back to: a complete build takes long, and the tests spoil it."""
    folder = tmp_path_factory.mktemp("june")
    exports.write_cur2(folder / "live/data", LINES, run="2025-07-02T00:00:00.000Z-1")
    closed = str(folder / "live/closed")
    done = project.run("build", folder / "live/data", folder / "live/out", complete=True, closed_dir=closed)
    assert done.success, done.messages
    shutil.copytree(folder / "live", folder / "built")
    return folder


@pytest.fixture
def data_root(june):
    return june / "live/data"


@pytest.fixture
def books(project, june, data_root, capsys):
    """The built June, and a way to close it and to build again."""
    live = june / "live"
    shutil.rmtree(live)
    # Times of the inputs are part of what a build knows of them. What was published is newer than they are.
    shutil.copytree(june / "built/data", data_root)
    shutil.copytree(june / "built/out", live / "out", copy_function=shutil.copyfile)

    def build(data_root, *args, command="build", **settings):
        return project.run(command, data_root, live / "out", *args, **settings)

    class Books:
        closed = live / "closed"
        published = live / "out/marts"

        def build(self, **settings):
            done = build(data_root, complete=True, closed_dir=str(self.closed), **settings)
            assert done.success, done.messages
            return done

        def compare(self, **settings):
            """The comparison alone, without the tests and marts beside it."""
            select = ("--select", "+ai_emissions_restated")
            done = build(data_root, *select, command="run", closed_dir=str(self.closed), **settings)
            assert done.success, done.messages
            return self.restated(done)

        def read_by_a_build(self):
            """The part of a build that reads the packs."""
            select = ("--select", "inputs__closed_files", "inputs__closed_manifests", "inputs__closed_pack_problems")
            select += ("inputs__closed_packs", "stg_closed_periods__emissions")
            return build(data_root, *select, command="run", closed_dir=str(self.closed))

        def close(self, *arguments: str) -> tuple[int, str]:
            code = main([*arguments, "--export-dir", str(self.published), "--closed-dir", str(self.closed)])
            printed = capsys.readouterr()
            return code, printed.out + printed.err

        def restated(self, done) -> dict[str, dict[str, float]]:
            names = ["closed_kwh", "current_kwh", "difference_kwh", *(f"difference_{cause}_kwh" for cause in CAUSES)]
            rows = done.rows(f"select model_id, {', '.join(names)} from marts.ai_emissions_restated")
            return {row[0]: dict(zip(names, row[1:], strict=True)) for row in rows}

    return Books()


def only(differences: dict[str, float], cause: str) -> None:
    """The whole difference, which is not zero, has one cause."""
    assert differences["difference_kwh"] != 0
    assert differences[f"difference_{cause}_kwh"] == pytest.approx(differences["difference_kwh"], rel=1e-9)
    rest = [differences[f"difference_{other}_kwh"] for other in CAUSES if other != cause]
    assert rest == pytest.approx([0, 0, 0], abs=1e-12)


def seal_anew(pack, manifest: dict) -> None:
    """What somebody who knows how packs are sealed could do."""
    seal = write_manifest(pack, manifest)["seal_sha256"]
    (pack.parents[1] / "seals" / f"{manifest['period']}.{manifest['revision']}.sha256").write_text(seal)


def test_closing_twice_is_one_closing_and_nothing_differs(books, data_root):
    """Nor does it where the same lines were delivered once more under another version."""
    code, said = books.close("--period", "2025-06")
    assert code == 0, said
    before = {path: path.read_bytes() for path in books.closed.rglob("*") if path.is_file()}
    exports.write_cur2(data_root, LINES, run="2025-07-05T00:00:00.000Z-2")
    done = books.build()
    delivered = done.rows("select distinct source_delivery from marts.fct_ai_emissions")
    assert "2025-07-05" in delivered[0][0]
    found = books.restated(done)
    code, said = books.close("--period", "2025-06")
    assert code == 0 and "Nothing to do" in said
    assert {path: path.read_bytes() for path in books.closed.rglob("*") if path.is_file()} == before
    assert set(found) == {"claude-sonnet-4", "llama-3.1-8b-instruct"}
    for row in found.values():
        assert row["difference_kwh"] == pytest.approx(0, abs=1e-12) and row["closed_kwh"] > 0


def test_a_restated_delivery_is_usage(books, data_root):
    assert books.close("--period", "2025-06")[0] == 0
    more = [changed(SONNET, amount=1200.0, cost=1.8), LLAMA, CACHE, CREDIT]
    exports.write_cur2(data_root, more, run="2025-07-05T00:00:00.000Z-2")
    found = books.restated(books.build())
    only(found["claude-sonnet-4"], "usage")
    assert found["llama-3.1-8b-instruct"]["difference_kwh"] == pytest.approx(0, abs=1e-12)
    code, said = books.close("--period", "2025-06")
    assert code == 1 and "not rewritten" in said
    assert books.close("--period", "2025-06", "--revision", "late lines of AWS")[0] == 0
    assert books.compare()["claude-sonnet-4"]["difference_kwh"] == pytest.approx(0, abs=1e-12)


def test_a_loaded_snapshot_is_the_power_figure(books, load, out, tmp_path):
    assert books.close("--period", "2025-06")[0] == 0
    day = date(2025, 6, 1)
    assert load("--source", files.write_daily(tmp_path / "published", day), as_of=day)[0] == 0
    found = books.compare(model_power=str(out))
    for row in found.values():
        only(row, "power_figure")


def test_another_setting_of_the_method_is_a_rule_and_other_losses_are_a_factor(books, data_root):
    assert books.close("--period", "2025-06")[0] == 0
    # The same lines once more are no restatement that would hide the rule.
    exports.write_cur2(data_root, LINES, run="2025-07-05T00:00:00.000Z-2")
    found = books.compare(variables="{transmission_factor_set: country, cache_read_weight: 0.1}")
    only(found["llama-3.1-8b-instruct"], "factors")
    sonnet = found["claude-sonnet-4"]
    # Of 1,300 tokens 300 are cached reads, of which a tenth is left.
    assert sonnet["difference_rules_kwh"] == pytest.approx(-sonnet["closed_kwh"] * 270 / 1300, rel=1e-9)
    assert sonnet["difference_factors_kwh"] != 0
    assert [sonnet["difference_usage_kwh"], sonnet["difference_power_figure_kwh"]] == pytest.approx([0, 0], abs=1e-12)


def test_several_causes_at_once_add_up(books, data_root, load, out, tmp_path):
    assert books.close("--period", "2025-06")[0] == 0
    day = date(2025, 6, 1)
    assert load("--source", files.write_daily(tmp_path / "published", day), as_of=day)[0] == 0
    new = [changed(SONNET, amount=1200.0), CACHE, changed(LLAMA, day=date(2025, 6, 20))]
    exports.write_cur2(data_root, new, run="2025-07-05T00:00:00.000Z-2")
    found = books.compare(model_power=str(out), variables="{transmission_factor_set: country, cache_read_weight: 0.5}")
    for row in found.values():
        assert sum(row[f"difference_{cause}_kwh"] for cause in CAUSES) == pytest.approx(row["difference_kwh"], rel=1e-9)
        assert row["difference_usage_kwh"] != 0


def test_a_pack_replays_from_its_own_files_and_any_altered_byte_is_found(books, tmp_path):
    assert books.close("--period", "2025-06")[0] == 0
    assert books.close("--verify", "--check-inputs")[0] == 0
    chance = random.Random(3)
    pack = next(books.closed.glob("period=*/revision=*"))
    for path in sorted(pack.iterdir()):
        whole = path.read_bytes()
        for place in [0, len(whole) - 1, *(chance.randrange(len(whole)) for _ in range(8))]:
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
            code, said = books.close("--verify")
            assert code == 1 and str(pack) in said, (path, place)
        path.write_bytes(whole)
    moved = books.closed / "period=2025-07" / pack.name
    shutil.copytree(pack, moved)
    code, said = books.close("--verify")
    assert code == 1 and str(moved) in said and "2025-06" in said
    shutil.rmtree(moved.parent)
    (pack / "more.txt").write_text("x")
    assert books.close("--verify")[0] == 1
    (pack / "more.txt").unlink()
    assert books.close("--verify")[0] == 0


def test_a_build_stops_at_a_pack_that_is_not_as_it_was_closed(books):
    assert books.close("--period", "2025-06")[0] == 0
    assert books.close("--period", "2025-06", "--revision", "once more")[0] == 0
    assert books.read_by_a_build().success
    pack = books.closed / "period=2025-06" / "revision=2"
    fact = pack / "fct_ai_emissions.parquet"
    whole = fact.read_bytes()
    fact.write_bytes(whole[:900] + bytes([whole[900] ^ 1]) + whole[901:])
    assert f"{fact}: changed since the period was closed" in books.read_by_a_build().error()
    fact.write_bytes(whole)
    manifest = pack / "manifest.json"
    text = manifest.read_text()
    manifest.write_text(text.replace("once more", "once nore"))
    assert f"{manifest}: changed since the period was closed" in books.read_by_a_build().error()
    manifest.write_text(text)
    # The last revision that is gone is missed by its seal, an earlier one by what follows it too.
    away = books.closed.parent / "away"
    for gone in (pack, pack.with_name("revision=1")):
        gone.rename(away)
        assert f"{gone}: this closed revision is gone" in books.read_by_a_build().error()
        for arguments in (["--verify"], ["--period", "2025-06"], ["--period", "2025-06", "--revision", "again"]):
            code, said = books.close(*arguments)
            assert code == 1 and f"{gone}: this closed revision is gone" in said
        away.rename(gone)
    # Sealed as a pack should be, but of another month.
    with duckdb.connect() as con:
        con.execute(f"create table fact as select * replace (date '2025-07-01' as usage_month) from '{fact}'")
        con.execute(f"copy fact to '{fact}' (format parquet)")
    seal_anew(pack, json.loads(text))
    assert f"{fact}: holds rows of another month" in books.read_by_a_build().error()


def test_a_pack_whose_figures_do_not_follow_from_its_factors_is_refused(books, tmp_path):
    """Published marts that were tampered with before closing do not replay."""
    fact = books.published / "fct_ai_emissions.parquet"
    with duckdb.connect() as con:
        con.execute(f"create table fact as select * from '{fact}'")
        con.execute("update fact set gco2e = gco2e * 1.01 where model_id = 'claude-sonnet-4'")
        con.execute(f"copy fact to '{fact}' (format parquet)")
    code, said = books.close("--period", "2025-06")
    assert code == 1 and "do not come out of the factors" in said
    assert not list(books.closed.glob("period=*"))


def test_inputs_and_code_that_changed_after_the_build_are_not_closed(books, data_root):
    settings = books.published / "method_settings.parquet"
    built = settings.read_bytes()
    with duckdb.connect() as con:
        con.execute(f"create table settings as select * from '{settings}'")
        con.execute("update settings set setting_value = 'other' where setting = 'code_sha256'")
        con.execute(f"copy settings to '{settings}' (format parquet)")
    code, said = books.close("--period", "2025-06")
    assert code == 1 and "published by other code" in said and "dbt build" in said
    settings.write_bytes(built)
    path = next(data_root.rglob("*.parquet"))
    whole, times = path.read_bytes(), path.stat()
    # Of another size; of the same size; of the same size and time.
    for content, keeps_time in [(whole + b"more", False), (whole[:-1] + b"x", False), (whole[:-1] + b"x", True)]:
        path.write_bytes(content)
        if keeps_time:
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        code, said = books.close("--period", "2025-06")
        assert code == 1 and str(path) in said and "dbt build" in said
    path.write_bytes(whole)
    books.build()
    assert books.close("--period", "2025-06")[0] == 0
    assert books.close("--verify", "--check-inputs")[0] == 0
    path.write_bytes(whole[:-1] + b"x")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    code, said = books.close("--verify", "--check-inputs")
    assert code == 1 and str(path) in said
    # A file in a bucket has no hash: the last published build has to list it as it was when the month was closed.
    pack = books.closed / "period=2025-06" / "revision=1"
    manifest = json.loads((pack / "manifest.json").read_text())
    [listed] = [entry for entry in manifest["inputs"] if entry["file_path"] == str(path)]
    for change, expected in [({}, 0), ({"file_bytes": 1}, 1), ({"modified_at": "2025-07-02T00:00:00.000+00:00"}, 1)]:
        seal_anew(pack, manifest | {"inputs": [listed | {"sha256": None} | change]})
        code, said = books.close("--verify", "--check-inputs")
        assert code == expected, said
        assert expected == 0 or str(path) in said


def test_what_cannot_be_closed_is_said_in_one_message(books):
    books.published.rename(books.published.with_name("away"))
    code, said = books.close("--period", "2025-06")
    assert code == 1 and "run dbt build" in said
    books.published.with_name("away").rename(books.published)
    assert books.close("--period", "2024-01")[0] == 1
    with pytest.raises(SystemExit) as stopped:
        books.close("--period", "2025-13")
    assert stopped.value.code == 2


def test_closing_killed_at_any_moment_leaves_all_or_nothing(books):
    command = [sys.executable, str(PROJECT / "scripts/close_period.py"), "--period", "2025-06"]
    command += ["--export-dir", str(books.published), "--closed-dir", str(books.closed)]
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.monotonic() - started
    outcomes = set()
    for step in range(8):
        shutil.rmtree(books.closed)
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(whole * (step + 1) / 7)
        process.send_signal(signal.SIGKILL)
        process.wait()
        packs = list(books.closed.glob("period=*/revision=*"))
        outcomes.add(len(packs))
        if packs:
            assert books.close("--verify")[0] == 0
        assert books.close("--period", "2025-06")[0] == 0
        assert books.close("--verify")[0] == 0
        assert [name for name in os.listdir(books.closed) if name.startswith(".")] == []
    assert outcomes <= {0, 1}
