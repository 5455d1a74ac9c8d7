"""The whole project on a bucket: a local S3-compatible server, the sample data, the same marts as from a folder.

Runs in an environment of its own (``make test-bucket``), see requirements-bucket.in.
"""

import os
import shutil
import subprocess
import sys
import threading
import time
from datetime import date, timedelta
from pathlib import Path

import boto3
import duckdb
import pytest
from conftest import passed
from duckdb_extensions import import_extension
from model_power_files import write_daily
from model_power_loader import program
from moto.server import ThreadedMotoServer
from project_runs import PROJECT, Build

from ai_emissions.closing.pack import MARTS

REGION = "eu-central-1"
COMPARED = [
    # Paths and times differ by nature; the totals are text, whose last digits depend on the order of the sum.
    """
    select
        * exclude (modified_at, file_path, decision_reason, cost_totals_json),
        cast(cost_totals_json ->> 'USD' as double) as cost_usd
    from marts.ai_input_deliveries
    order by file_kind, billing_period, input_form, file_bytes, version, rows_read, usage_amount_total
    """,
    "select * exclude (power_source) from marts.fct_ai_emissions order by all",
    "select * from marts.ai_emissions_by_model_region_month order by all",
]


@pytest.fixture(scope="module")
def server():
    """An S3 server; what it holds outlives a restart."""
    for extension in ("httpfs", "aws"):
        import_extension(extension)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def bucket(server):
    """A client of the server with the sample data below s3://bills/org."""
    host, port = server.get_host_and_port()
    os.environ.update(
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",
        AWS_REGION=REGION,
        AWS_ENDPOINT_URL=f"http://{host}:{port}",
    )
    client = boto3.client("s3", region_name=REGION)
    client.create_bucket(Bucket="bills", CreateBucketConfiguration={"LocationConstraint": REGION})
    for path in (PROJECT / "sample_data").rglob("*"):
        if path.is_file():
            client.upload_file(str(path), "bills", f"org/{path.relative_to(PROJECT / 'sample_data')}")
    return client


def marts(build: Build) -> list[list[tuple]]:
    return [build.rows(query) for query in COMPARED]


def close(left, right) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return left == pytest.approx(right, rel=1e-9)
    return left == right


@pytest.fixture(scope="module")
def from_bucket(bucket, project, tmp_path_factory) -> Build:
    """A build of the same data from the bucket, with what closing needs."""
    return passed(project.run("build", "s3://bills/org", tmp_path_factory.mktemp("bucket"), left_out=()))


def test_a_bucket_gives_the_same_marts_as_a_folder(from_folder, from_bucket):
    for left, right in zip(marts(from_folder), marts(from_bucket), strict=True):
        assert len(left) == len(right)
        pairs = [(x, y) for x, y in zip(left, right, strict=True) if not all(map(close, x, y))]
        assert not pairs, pairs[:3]


def test_one_input_may_lie_in_a_bucket_and_the_rest_in_folders(bucket, project, tmp_path):
    prefix = "s3://bills/org/aws/cur2/meridian-ai-costs"
    build = passed(project.run("build", tmp_path / "empty", tmp_path, aws_cur2=prefix))
    worked_example = "model_id = 'claude-sonnet-4' and region_used = 'eu-central-1'"
    kwh = build.value(f"select sum(kwh) from marts.fct_ai_emissions where {worked_example}")
    assert kwh == pytest.approx(55.72476, rel=1e-9)


def test_a_bucket_without_account_names_builds(bucket, project, tmp_path):
    key = "org/account_names.csv"
    body = bucket.get_object(Bucket="bills", Key=key)["Body"].read()
    bucket.delete_object(Bucket="bills", Key=key)
    try:
        build = passed(project.run("build", "s3://bills/org", tmp_path))
    finally:
        bucket.put_object(Bucket="bills", Key=key, Body=body)
    assert build.value("select count(account_name) from marts.fct_ai_emissions") == 0


def test_a_file_that_the_manifest_lists_and_the_bucket_lacks_stops_the_build(bucket, project, tmp_path):
    key = "org/aws/cur2/meridian-ai-costs/data/BILLING_PERIOD=2025-06/meridian-ai-costs-00001.snappy.parquet"
    body = bucket.get_object(Bucket="bills", Key=key)["Body"].read()
    bucket.delete_object(Bucket="bills", Key=key)
    try:
        build = project.run("build", "s3://bills/org", tmp_path)
    finally:
        bucket.put_object(Bucket="bills", Key=key, Body=body)
    assert "BILLING_PERIOD=2025-06" in build.error() and "which is not there" in build.error()


def test_snapshots_of_the_power_dataset_are_written_to_a_bucket_once(bucket, tmp_path):
    day = date(2026, 2, 13)
    for offset in (0, 7):
        write_daily(tmp_path, day + timedelta(offset), wobble=offset / 100)
    write_daily(tmp_path, day + timedelta(8), lengths=["Long"])
    written = []
    for _ in range(2):
        process = program("--source", tmp_path, "--out", "s3://bills/loaded/model_power")
        text, errors = process.communicate(timeout=120)
        assert process.returncode == 1, errors
        assert "1 files refused" in errors
        objects = bucket.list_objects_v2(Bucket="bills", Prefix="loaded/")["Contents"]
        written.append({(one["Key"], one["ETag"], one["LastModified"]) for one in objects})
    assert text.count("nothing to do") == 2
    assert {key for key, *_ in written[0]} == {
        f"loaded/model_power/model_power_{day + timedelta(offset)}.parquet" for offset in (0, 7)
    }
    assert written[0] == written[1]


def close_period(*arguments: str | Path) -> subprocess.CompletedProcess:
    command = [sys.executable, PROJECT / "scripts" / "close_period.py", *arguments]
    return subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)


def test_a_month_is_closed_in_a_bucket_and_builds_hold_it_against_the_current_figures(
    bucket, project, from_bucket, tmp_path
):
    closed = "s3://bills/closed"
    # Only builds with all their tests publish; these marts are what such a build would copy.
    marts_folder = tmp_path / "published"
    marts_folder.mkdir()
    with duckdb.connect(str(from_bucket.warehouse), read_only=True) as con:
        for name in (*MARTS, "ai_input_deliveries"):
            con.execute(f"copy marts.{name} to '{marts_folder}/{name}.parquet' (format parquet)")
    june = ("--period", "2025-06", "--export-dir", marts_folder, "--closed-dir", closed)

    def objects() -> dict[str, str]:
        found = bucket.list_objects_v2(Bucket="bills", Prefix="closed/").get("Contents", [])
        return {one["Key"]: one["ETag"] for one in found}

    first = close_period(*june)
    assert first.returncode == 0, first.stderr
    assert f"{closed}/period=2025-06/revision=1: closed" in first.stdout
    whole = objects()
    assert {key.rpartition("/")[2] for key in whole} >= {
        "manifest.json",
        "2025-06.1.sha256",
        "fct_ai_emissions.parquet",
    }

    again = close_period(*june)
    assert again.returncode == 0 and "Nothing to do" in again.stdout and objects() == whole
    verified = close_period("--verify", "--closed-dir", closed)
    assert verified.returncode == 0 and f"{closed}/period=2025-06/revision=1: unchanged" in verified.stdout

    # A run that was killed before it wrote the manifest leaves a pack that the next one writes anew.
    for key in ("closed/period=2025-06/revision=1/manifest.json", "closed/seals/2025-06.1.sha256"):
        bucket.delete_object(Bucket="bills", Key=key)
    healed = close_period(*june)
    assert healed.returncode == 0 and set(objects()) == set(whole), healed.stderr

    settings = {"left_out": (), "closed_dir": closed}
    built = passed(project.run("build", "s3://bills/org", tmp_path, **settings))
    kwh, difference = built.rows(
        "select sum(closed_kwh), max(abs(coalesce(closed_kwh, 0) - coalesce(current_kwh, 0))) "
        "from marts.ai_emissions_restated"
    )[0]
    assert kwh > 0 and difference < 1e-9 * kwh

    bucket.put_object(Bucket="bills", Key="closed/period=2025-06/revision=1/method_settings.parquet", Body=b"other")
    for arguments in (june, ("--verify", "--closed-dir", closed)):
        refused = close_period(*arguments)
        assert refused.returncode == 1
        assert f"{closed}/period=2025-06/revision=1/method_settings.parquet: changed" in refused.stderr
    stopped = project.run("build", "s3://bills/org", tmp_path, **settings)
    assert "method_settings.parquet: changed since" in stopped.error()


@pytest.mark.parametrize("seconds_away", [1.0, 40.0])
def test_a_server_that_goes_away_during_a_build_costs_time_or_the_build_but_never_half_of_the_marts(
    bucket, server, project, from_bucket, tmp_path, seconds_away
):
    folder = tmp_path / "out"
    folder.mkdir()
    shutil.copy(from_bucket.warehouse, folder)
    before = marts(from_bucket)
    port = server.get_host_and_port()[1]
    requests, handle = [], server._server.app

    def counted(environ, start_response):
        requests.append(environ["REQUEST_METHOD"])
        return handle(environ, start_response)

    server._server.app = counted
    build_is_over = threading.Event()

    def restart() -> None:
        """Once the build reads files: away, and back later on the same port."""
        while requests.count("GET") < 20 and not build_is_over.is_set():
            time.sleep(0.01)
        server.stop()
        server._server.server_close()
        build_is_over.wait(seconds_away)
        server._port = port
        server.start()

    restarting = threading.Thread(target=restart)
    restarting.start()
    try:
        build = project.run("build", "s3://bills/org", folder, "--full-refresh")
    finally:
        build_is_over.set()
        restarting.join()
    assert requests.count("GET") >= 20
    if seconds_away < 5:
        assert build.success, build.messages
    else:
        assert not build.success and "/bills/org/" in build.messages[0] and "connect" in build.messages[0]
    for left, right in zip(before, marts(build), strict=True):
        assert len(left) == len(right)
        assert all(all(map(close, x, y)) for x, y in zip(left, right, strict=True))
    healed = passed(project.run("build", "s3://bills/org", folder))
    for left, right in zip(before, marts(healed), strict=True):
        assert len(left) == len(right)
        assert all(all(map(close, x, y)) for x, y in zip(left, right, strict=True))
