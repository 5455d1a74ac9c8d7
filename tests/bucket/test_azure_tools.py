"""What writes to Azure Blob Storage, on Microsoft's emulator: the loader of power figures, the compaction of telemetry
and the closing of periods, and a build over what they left."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from azurite import KEY, Line, connection_string
from conftest import passed
from model_power_files import write_daily
from project_runs import PROJECT, Build
from test_s3 import close, marts

from ai_emissions import object_store
from ai_emissions.closing import bucket, pack
from ai_emissions.closing.pack import MARTS
from ai_emissions.model_power import snapshot
from ai_emissions.object_store import StoreError, open_store
from ai_proxy import schema

DAY = date(2026, 2, 13)
ADVICE = "AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING"


def program(name: str, *arguments: str | Path, line: Line | None = None) -> subprocess.CompletedProcess:
    """One of the scripts as a process, through ``line`` where one is given."""
    environment = dict(os.environ)
    if line:
        environment["AZURE_STORAGE_CONNECTION_STRING"] = connection_string(line.port)
    command = [sys.executable, PROJECT / "scripts" / f"{name}.py", *arguments]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


def objects(container, prefix: str) -> dict[str, str]:
    """Names below a prefix, and what tells one content from another."""
    return {blob.name.removeprefix(prefix): blob.etag for blob in container.list_blobs(name_starts_with=prefix)}


def assert_equal(one: list[list[tuple]], other: list[list[tuple]]) -> None:
    for left, right in zip(one, other, strict=True):
        assert len(left) == len(right)
        assert all(all(map(close, x, y)) for x, y in zip(left, right, strict=True))


def assert_stopped_by_the_line(done: subprocess.CompletedProcess, location: str) -> None:
    assert done.returncode == 1, done.stdout
    message = done.stderr.strip().splitlines()
    assert len(message) == 1, done.stderr
    assert location in message[0] and "refused" in message[0].lower() and ADVICE in message[0]
    assert KEY not in done.stderr


# The loader


@pytest.fixture
def published(tmp_path) -> Path:
    """Two weeks of the power dataset, and one file the loader refuses."""
    for offset in (0, 7):
        write_daily(tmp_path, DAY + timedelta(offset), wobble=offset / 100)
    return tmp_path


SNAPSHOTS = {f"model_power_{DAY + timedelta(offset)}.parquet" for offset in (0, 7)}


def test_snapshots_are_written_once(container, published):
    write_daily(published, DAY + timedelta(8), lengths=["Long"])
    written = []
    for _ in range(2):
        done = program("load_model_power", "--source", published, "--out", "az://bills/loaded/model_power")
        assert done.returncode == 1 and "1 files refused" in done.stderr, done.stderr
        written.append(objects(container, "loaded/model_power/"))
    assert done.stdout.count("nothing to do") == 2
    assert set(written[0]) == SNAPSHOTS and written[0] == written[1]


def test_a_snapshot_that_another_run_has_just_written_is_not_replaced(container, tmp_path):
    out = "az://bills/raced/model_power"
    write_daily(tmp_path, DAY)
    assert program("load_model_power", "--source", tmp_path, "--out", out).returncode == 0
    before = objects(container, "raced/")
    with snapshot.connect(out) as con:
        rows = list(snapshot.read_snapshots(con, out)[DAY].rows.values())
        with pytest.raises(snapshot.SnapshotError, match="another run has just written it"):
            snapshot.write_snapshot(con, out, rows)
    assert objects(container, "raced/") == before


def test_a_load_that_loses_the_server_keeps_what_is_whole_and_the_next_one_goes_on(azurite, container, published):
    arguments = ("--source", published, "--out", "az://bills/cut/model_power")
    with Line(azurite, cut_after=1) as line:
        assert_stopped_by_the_line(program("load_model_power", *arguments, line=line), "az://bills/cut/model_power")
    assert set(objects(container, "cut/model_power/")) == {min(SNAPSHOTS)}
    healed = program("load_model_power", *arguments)
    assert healed.returncode == 0, healed.stderr
    assert set(objects(container, "cut/model_power/")) == SNAPSHOTS


def test_a_server_that_is_away_for_a_moment_costs_time_only(azurite, container, published):
    arguments = ("--source", published, "--out", "az://bills/moment/model_power")
    with Line(azurite, cut_after=1, seconds_away=2) as line:
        done = program("load_model_power", *arguments, line=line)
        assert line.is_cut
    assert done.returncode == 0, done.stderr
    assert set(objects(container, "moment/model_power/")) == SNAPSHOTS


# Compaction


@pytest.fixture(scope="module")
def raw(tmp_path_factory) -> list[bytes]:
    """The telemetry of the sample as the proxy writes it, in two files."""
    folder, columns = tmp_path_factory.mktemp("raw"), ", ".join(schema.COLUMNS)
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        con.execute(f"create table raw as from read_parquet('{PROJECT}/sample_data/ai_proxy/dt=*/*.parquet')")
        for part, test in (("a", "request_ts < '2025-10-01'"), ("b", "request_ts >= '2025-10-01'")):
            con.execute(f"copy (select {columns} from raw where {test}) to '{folder}/{part}' (format json)")
    return [(folder / part).read_bytes() for part in ("a", "b")]


def upload(container, prefix: str, raw: list[bytes]) -> None:
    for number, content in enumerate(raw):
        container.upload_blob(f"{prefix}/2025/{number}.jsonl", content)
    # How an account with a hierarchical namespace lists a folder.
    container.upload_blob(f"{prefix}/2025", b"", metadata={"hdi_isfolder": "true"})


def records(pattern: str) -> list[tuple]:
    with duckdb.connect() as con:
        columns = ", ".join(schema.COLUMNS)
        return con.execute(f"select {columns} from read_parquet('{pattern}') order by all").fetchall()


def test_telemetry_is_compacted_once_and_raw_files_go_only_after_that(container, raw, tmp_path):
    upload(container, "compact/raw", raw)
    container.upload_blob("compact/raw/2025/2.jsonl", b"nonsense\n")

    def run(*more: str, code: int) -> dict[str, str]:
        locations = ("--source", "az://bills/compact/raw", "--out", "az://bills/compact/ai_proxy")
        done = program("compact_telemetry", *locations, *more)
        assert done.returncode == code, done.stderr
        return objects(container, "compact/ai_proxy/")

    first = run(code=3)
    assert {"_compaction/manifest.jsonl", "_compaction/quarantine.jsonl"} < set(first)
    assert run(code=0) == first
    for key in first:
        if key.startswith("dt="):
            target = tmp_path / key
            target.parent.mkdir()
            target.write_bytes(container.download_blob(f"compact/ai_proxy/{key}").readall())
    assert records(f"{tmp_path}/dt=*/*.parquet") == records(f"{PROJECT}/sample_data/ai_proxy/dt=*/*.parquet")

    run("--retention-days", "0", code=0)
    left = set(objects(container, "compact/raw/2025"))
    assert left == {"", "/2.jsonl"}, "only the folder and the damaged file stay"
    assert {key: tag for key, tag in run(code=0).items() if key.startswith("dt=")} == {
        key: tag for key, tag in first.items() if key.startswith("dt=")
    }


def test_a_compaction_that_loses_the_server_notes_nothing_and_the_next_one_ends_it(azurite, container, raw):
    upload(container, "halfway/raw", raw)
    arguments = ("--source", "az://bills/halfway/raw", "--out", "az://bills/halfway/ai_proxy")
    with Line(azurite, cut_after=3) as line:
        assert_stopped_by_the_line(program("compact_telemetry", *arguments, line=line), "az://bills/halfway/ai_proxy")
    written = objects(container, "halfway/ai_proxy/")
    assert len(written) == 3 and all(key.startswith("dt=") for key in written)
    healed = program("compact_telemetry", *arguments)
    assert healed.returncode == 0, healed.stderr
    names = {path.parent.name for path in (PROJECT / "sample_data" / "ai_proxy").glob("dt=*/*")}
    assert {key.split("/")[0] for key in objects(container, "halfway/ai_proxy/")} == names | {"_compaction"}


# All of it in one container


@pytest.fixture(scope="module")
def whole(container, project, raw, tmp_path_factory) -> Build:
    """A build over exports, compacted telemetry and loaded figures below az://bills/whole; its marts as published."""
    sample = PROJECT / "sample_data"
    for path in [*(sample / "aws").rglob("*"), *(sample / "azure").rglob("*"), sample / "account_names.csv"]:
        if path.is_file():
            container.upload_blob(f"whole/{path.relative_to(sample).as_posix()}", path.read_bytes())
    upload(container, "raw", raw)
    compacted = program("compact_telemetry", "--source", "az://bills/raw", "--out", "az://bills/whole/ai_proxy")
    assert compacted.returncode == 0, compacted.stderr
    folder = tmp_path_factory.mktemp("whole")
    published = write_daily(folder, DAY)
    loaded = program("load_model_power", "--source", published, "--out", "az://bills/whole/model_power")
    assert loaded.returncode == 0, loaded.stderr
    build = passed(project.run("build", "az://bills/whole", folder, left_out=()))
    # Only builds with all their tests publish; these marts are what such a build would copy.
    build.published.mkdir(exist_ok=True)
    with duckdb.connect(str(build.warehouse), read_only=True) as con:
        for name in (*MARTS, "ai_input_deliveries"):
            con.execute(f"copy marts.{name} to '{build.published}/{name}.parquet' (format parquet)")
    return build


def test_a_build_reads_what_compaction_and_loader_left(whole, from_folder):
    # Figures differ by what was loaded, usage does not.
    query = """
        select source, usage_month, account_id, meter_name, usage_kind, sum(line_count), sum(quantity), sum(cost_amount)
        from marts.fct_ai_emissions
        group by all
        order by all
    """
    pairs = list(zip(from_folder.rows(query), whole.rows(query), strict=True))
    assert pairs and all(all(map(close, left, right)) for left, right in pairs)
    loaded = "select count(*) from marts.ai_input_deliveries where input_form = 'model_power' and decision = 'used'"
    assert (whole.value(loaded), from_folder.value(loaded)) == (1, 0)


def june(build: Build, closed: str) -> tuple[str | Path, ...]:
    return "--period", "2025-06", "--export-dir", build.published, "--closed-dir", closed


def test_a_month_is_closed_and_builds_hold_it_against_the_current_figures(container, project, whole, tmp_path):
    closed = "az://bills/closed"
    first = program("close_period", *june(whole, closed))
    assert first.returncode == 0, first.stderr
    assert f"{closed}/period=2025-06/revision=1: closed" in first.stdout
    kept = objects(container, "closed/")
    assert {name.rpartition("/")[2] for name in kept} >= {"manifest.json", "2025-06.1.sha256"}

    again = program("close_period", *june(whole, closed))
    assert again.returncode == 0 and "Nothing to do" in again.stdout and objects(container, "closed/") == kept
    verified = program("close_period", "--verify", "--closed-dir", closed)
    assert verified.returncode == 0 and f"{closed}/period=2025-06/revision=1: unchanged" in verified.stdout

    settings = {"left_out": (), "closed_dir": closed}
    built = passed(project.run("build", "az://bills/whole", tmp_path, **settings))
    query = (
        "select sum(closed_kwh), max(abs(coalesce(closed_kwh, 0) - coalesce(current_kwh, 0))) "
        "from marts.ai_emissions_restated"
    )
    kwh, difference = built.rows(query)[0]
    assert kwh > 0 and difference < 1e-9 * kwh
    # The packs alone may lie in a container, beside inputs in folders.
    local = passed(project.run("build", PROJECT / "sample_data", tmp_path / "local", **settings))
    assert local.rows(query)[0][0] == pytest.approx(kwh, rel=1e-9)

    name = "closed/period=2025-06/revision=1/method_settings.parquet"
    container.upload_blob(name, b"other", overwrite=True)
    for arguments in (june(whole, closed), ("--verify", "--closed-dir", closed)):
        refused = program("close_period", *arguments)
        assert refused.returncode == 1
        assert f"az://bills/{name}: changed" in refused.stderr
    stopped = project.run("build", "az://bills/whole", tmp_path, **settings)
    assert "method_settings.parquet: changed since" in stopped.error()


def test_a_close_that_loses_the_server_leaves_no_closed_month_and_the_next_one_closes_it(
    azurite, container, project, whole, tmp_path
):
    closed = "az://bills/half_closed"
    with Line(azurite, cut_after=2) as line:
        assert_stopped_by_the_line(program("close_period", *june(whole, closed), line=line), closed)
    left = objects(container, "half_closed/")
    assert len(left) == 2 and not any(name.endswith(("manifest.json", ".sha256")) for name in left)
    stopped = project.run("build", "az://bills/whole", tmp_path, left_out=(), closed_dir=closed)
    assert "missing from the pack" in stopped.error()
    healed = program("close_period", *june(whole, closed))
    assert healed.returncode == 0, healed.stderr
    assert program("close_period", "--verify", "--closed-dir", closed).returncode == 0
    passed(project.run("build", "az://bills/whole", tmp_path, left_out=(), closed_dir=closed))


def test_a_month_that_another_run_closed_meanwhile_is_not_written_over(container, whole, tmp_path):
    (tmp_path / "period=2025-06" / "revision=1").mkdir(parents=True)
    table = tmp_path / "period=2025-06" / "revision=1" / "fct_ai_emissions.parquet"
    table.write_bytes(b"mine")
    store = open_store("az://bills/two_at_once")
    bucket.put_back(store, tmp_path, set(), set())
    kept = objects(container, "two_at_once/")
    table.write_bytes(b"yours")
    with pytest.raises(pack.ClosingError, match="Another run closed the period meanwhile"):
        bucket.put_back(store, tmp_path, set(), set())
    assert objects(container, "two_at_once/") == kept


@pytest.mark.parametrize("key", ["../outside", "/outside", "period=2025-06/../../outside"])
def test_a_key_that_leads_out_of_the_folder_is_not_fetched(monkeypatch, key):
    class Odd:
        def keys(self) -> set[str]:
            return {key}

    monkeypatch.setattr(bucket, "open_store", lambda location: Odd())
    with pytest.raises(pack.ClosingError, match="no name of a file"), bucket.as_folder("s3://bills/x", None, True):
        raise AssertionError("it was fetched")


@pytest.mark.parametrize("seconds_away", [1.0, 600.0])
def test_a_server_that_goes_away_during_a_build_never_costs_half_of_the_marts(
    azurite, project, whole, tmp_path, monkeypatch, seconds_away
):
    before = marts(whole)
    (tmp_path / whole.warehouse.name).write_bytes(whole.warehouse.read_bytes())
    with Line(azurite, cut_after=20, verb=b"GET", seconds_away=seconds_away) as line:
        monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection_string(line.port))
        build = project.run("build", "az://bills/whole", tmp_path, "--full-refresh")
        assert line.is_cut
    if seconds_away > 5:
        # In the words of DuckDB's extension, which name the address of the account.
        assert not build.success
        assert f"127.0.0.1:{line.port}. Could not connect to server" in build.messages[0], build.messages
    else:
        assert build.success, build.messages
    assert_equal(before, marts(build))
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection_string(azurite))
    assert_equal(before, marts(passed(project.run("build", "az://bills/whole", tmp_path))))


# Messages


SCRIPTS = {
    "load_model_power": ("--source", PROJECT / "seeds", "--out"),
    "compact_telemetry": ("--source", PROJECT / "seeds", "--out"),
    "close_period": ("--verify", "--closed-dir"),
}


@pytest.mark.parametrize("script", SCRIPTS)
@pytest.mark.parametrize(
    ("location", "key", "reason"),
    [
        ("az://nowhere/x", KEY, "container does not exist"),
        ("az://bills/x", "d3Jvbmcgd3Jvbmcgd3Jvbmc=", "authenticate"),
    ],
)
def test_a_container_that_cannot_be_used_is_one_clear_message(
    azurite, container, monkeypatch, script, location, key, reason
):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", connection_string(azurite, key))
    done = program(script, *SCRIPTS[script], location)
    assert done.returncode == 1, done.stdout
    assert done.stderr.count("\n") == 1, done.stderr
    assert location in done.stderr and reason in done.stderr and ADVICE in done.stderr
    assert key not in done.stdout + done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_location_without_an_account_says_which_setting_is_missing(monkeypatch, script):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    done = program(script, *SCRIPTS[script], "az://bills/x")
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "az://bills/x: set AZURE_STORAGE_ACCOUNT" in done.stderr


def test_a_connection_string_that_cannot_be_read_is_not_repeated(monkeypatch):
    monkeypatch.setenv("AZURE_STORAGE_CONNECTION_STRING", "AccountKey=verysecret")
    with pytest.raises(StoreError) as raised:
        open_store("az://bills/x")
    assert "AZURE_STORAGE_CONNECTION_STRING cannot be read" in str(raised.value)
    assert "verysecret" not in str(raised.value)


def test_an_account_name_takes_the_credential_chain(monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING", raising=False)
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT", "meridian")
    store = open_store("az://bills/some/prefix/")
    assert store.client.url == "https://meridian.blob.core.windows.net/bills"
    assert type(store.client.credential).__name__ == "DefaultAzureCredential"
    assert (store.name, store.prefix) == ("az://bills/some/prefix/", "some/prefix/")


@pytest.mark.parametrize(
    ("location", "package", "extra"),
    [("az://bills/x", "azure.storage.blob", "[azure]"), ("s3://bills/x", "boto3", "[bucket]")],
)
def test_a_package_that_is_missing_is_named_with_its_extra(monkeypatch, location, package, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(StoreError) as raised:
        open_store(location)
    assert location in str(raised.value) and extra in str(raised.value)


@pytest.mark.parametrize("location", ["gs://bills/x", "az://", "az://meridian.blob.core.windows.net/bills/x"])
def test_another_kind_of_location_is_refused(location):
    with pytest.raises(StoreError, match="of no known kind"):
        open_store(location)


def test_the_signature_of_an_address_is_not_shown():
    error = Exception("GET https://x/bills?sv=1&sig=c2VjcmV0&se=2 failed.\nRequestId: 1")
    assert object_store.reason_of(error) == "GET https://x/bills?sv=1&sig=...&se=2 failed"
