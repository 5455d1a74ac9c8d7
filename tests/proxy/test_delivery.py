"""The conservation law: records taken = distinct records delivered + drops that were counted, whatever breaks."""

import json
import os
import random
import subprocess
import threading
import time

import boto3
import pytest
from conftest import CAMPAIGN, RunningProxy, wait_for
from fake_firehose import Firehose
from fake_provider import USAGE_CHAT, document
from moto.server import ThreadedMotoServer
from test_relay import closing, post, response

from ai_proxy import config
from ai_proxy.metrics import Metrics
from ai_proxy.schema import COLUMNS
from ai_proxy.sinks import CALL_BYTES, Shipper, batches
from ai_proxy.spool import Spool, SpoolError

AWS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
REQUEST = post("/openai/v1/chat/completions")


def firehose_settings(firehose_url: str) -> dict:
    sink = {"kind": "firehose", "stream": "telemetry", "region": "eu-central-1", "endpoint_url": firehose_url}
    return {"sink": sink, "environment": AWS}


def ask(proxy: RunningProxy, number: int) -> None:
    """That many requests over one connection, all of which must succeed."""
    with proxy.connect() as connection:
        for _ in range(number):
            connection.sendall(REQUEST)
            answer = response(connection)
            answer.read()
            assert answer.status == 200


@pytest.fixture(autouse=True)
def short_answers(provider):
    usual = provider.reply
    provider.reply = lambda seen: document({"model": "gpt-test-1", "usage": USAGE_CHAT})
    yield
    provider.reply = usual


def ids(records: list[dict]) -> set[str]:
    assert all(list(record) == list(COLUMNS) for record in records)
    return {record["record_id"] for record in records}


def test_every_record_arrives_once_in_the_folder(own_proxy):
    proxy = own_proxy(spool={"rotate_bytes": 5000})
    ask(proxy, 300)
    assert proxy.terminate() == 0
    records = proxy.records()
    assert len(records) == len(ids(records)) == 300
    assert not list(proxy.spool.glob("*/*.jsonl"))


class Traffic(threading.Thread):
    """Clients that ask until told to stop, through whatever happens to the proxy."""

    def __init__(self, proxy: RunningProxy):
        super().__init__(daemon=True)
        self.proxy, self.stopped, self.answered = proxy, threading.Event(), 0

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                with self.proxy.connect() as connection:
                    while not self.stopped.is_set():
                        connection.sendall(REQUEST)
                        answer = response(connection)
                        answer.read()
                        assert answer.status == 200
                        self.answered += 1
            except OSError:
                time.sleep(0.01)
            except Exception:
                # Killed in the middle of an answer.
                time.sleep(0.01)


def kill_in_a_loop(proxy: RunningProxy, rounds: int, seed: int) -> tuple[int, int]:
    """Kill the proxy at random points under traffic. Records it had acknowledged, and requests it had answered."""
    chance = random.Random(seed)
    acknowledged = answered = 0
    for _ in range(rounds):
        traffic = [Traffic(proxy) for _ in range(3)]
        for thread in traffic:
            thread.start()
        wait_for(lambda traffic=traffic: sum(thread.answered for thread in traffic) > 20, "traffic")
        time.sleep(chance.uniform(0, 0.6))
        # Acknowledged: written to the spool, as the process itself says. What is killed a moment later must be there.
        acknowledged += int(proxy.metric("proxy_records_spooled_total"))
        proxy.kill()
        for thread in traffic:
            thread.stopped.set()
        for thread in traffic:
            thread.join()
        answered += sum(thread.answered for thread in traffic)
        proxy.process.stdout.close()
        proxy.start()
    return acknowledged, answered


def test_a_killed_process_loses_nothing_it_acknowledged(own_proxy, provider):
    proxy = own_proxy(spool={"rotate_bytes": 20_000, "rotate_seconds": 0.2})
    provider.seen.clear()
    acknowledged, answered = kill_in_a_loop(proxy, rounds=4 * CAMPAIGN, seed=1)
    assert proxy.terminate() == 0
    records = proxy.records()
    assert len(records) == len(ids(records))
    assert acknowledged <= len(records) <= len(provider.seen)
    # What was answered in the last moments before a kill may be lost; how much depends on how busy the machine is.
    assert answered - len(records) < 0.2 * answered


def test_a_killed_process_and_a_faulty_firehose_lose_nothing(own_proxy, provider):
    firehose = Firehose(refused=0.1, unsaid=0.1, halved=0.4)
    proxy = own_proxy(spool={"rotate_bytes": 40_000, "rotate_seconds": 0.5}, **firehose_settings(firehose.url))
    provider.seen.clear()
    acknowledged, _ = kill_in_a_loop(proxy, rounds=3 * CAMPAIGN, seed=2)
    wait_for(lambda: proxy.metric("proxy_spool_bytes") == 0, "the spool to be empty")
    assert proxy.terminate() == 0
    stored = firehose.records()
    assert acknowledged <= len(ids(stored)) <= len(provider.seen)
    assert firehose.faults > 0 and not firehose.broken_limits
    firehose.close()


def test_a_firehose_that_fails_half_fails_and_duplicates(own_proxy):
    firehose = Firehose(refused=0.15, unsaid=0.1, halved=0.5)
    proxy = own_proxy(spool={"rotate_bytes": 30_000, "rotate_seconds": 1}, **firehose_settings(firehose.url))
    for _ in range(4):
        ask(proxy, 400)
    wait_for(lambda: proxy.metric("proxy_records_delivered_total") == 1600, "delivery")
    stored = firehose.records()
    assert len(ids(stored)) == 1600
    assert len(stored) > 1600, "the stub was meant to make duplicates"
    assert proxy.metric("proxy_records_accepted_total") == 1600
    assert proxy.metric("proxy_records_dropped_total") == 0
    assert proxy.metric("proxy_firehose_failures_total") > 0
    assert not list(proxy.spool.glob("ready/*"))
    assert not firehose.broken_limits
    firehose.close()


def test_a_firehose_that_is_down_is_reported_and_caught_up_with(own_proxy):
    firehose = Firehose()
    firehose.is_down = True
    settings = firehose_settings(firehose.url)
    settings["sink"]["degraded_after_seconds"] = 0.1
    proxy = own_proxy(**settings)
    ask(proxy, 50)
    wait_for(lambda: proxy.health()["status"] == "degraded", "health to be degraded")
    assert proxy.health()["reasons"] == ["sink"]
    ask(proxy, 50)
    assert not firehose.stored
    firehose.is_down = False
    wait_for(lambda: proxy.health()["status"] == "ok", "health to be ok again")
    wait_for(lambda: len(firehose.records()) == 100, "the records")
    assert len(ids(firehose.records())) == 100
    firehose.close()


@pytest.mark.parametrize(
    "nonsense",
    [
        b"{}",
        b"[]",
        b"no JSON",
        b'{"FailedPutCount": 0}',
        b'{"FailedPutCount": 1, "RequestResponses": [{"ErrorCode": "InternalFailure"}]}',
        b'{"FailedPutCount": "x", "RequestResponses": 5}',
    ],
)
def test_a_firehose_answer_that_says_nothing_is_a_failed_call_and_delivery_goes_on(own_proxy, nonsense):
    firehose = Firehose()
    firehose.nonsense = nonsense
    settings = firehose_settings(firehose.url)
    settings["sink"]["degraded_after_seconds"] = 0.1
    proxy = own_proxy(**settings)
    ask(proxy, 20)
    wait_for(lambda: proxy.health()["reasons"] == ["sink"], "health to be degraded")
    assert proxy.metric("proxy_records_delivered_total") == 0
    assert list(proxy.spool.glob("ready/*.jsonl"))
    firehose.nonsense = None
    wait_for(lambda: len(ids(firehose.records())) == 20, "the records")
    wait_for(lambda: proxy.health()["status"] == "ok", "health to be ok again")
    firehose.close()


def test_health_tells_of_a_shipper_that_has_ended(tmp_path):
    spool = Spool(config.Spool(dir=str(tmp_path / "spool")), Metrics())
    shipper = Shipper(config.Sink(folder=str(tmp_path / "raw")), spool, Metrics())
    shipper.run = lambda: None
    assert not shipper.is_troubled()
    shipper.thread = threading.Thread(target=shipper.run)
    shipper.start()
    shipper.thread.join()
    assert shipper.is_troubled()


def test_a_full_spool_drops_new_records_and_counts_them(own_proxy):
    firehose = Firehose()
    firehose.is_down = True
    proxy = own_proxy(spool={"max_bytes": 20_000, "rotate_bytes": 5000}, **firehose_settings(firehose.url))
    ask(proxy, 300)
    wait_for(lambda: proxy.metric("proxy_records_spooled_total") + dropped_by(proxy) == 300, "all to be judged")
    assert dropped_by(proxy) > 0
    assert proxy.health() == {"status": "degraded", "reasons": ["spool"]}
    firehose.is_down = False
    wait_for(lambda: proxy.metric("proxy_records_delivered_total") + dropped_by(proxy) == 300, "delivery of the rest")
    dropped = proxy.metric("proxy_records_dropped_total")
    assert len(ids(firehose.records())) + dropped == proxy.metric("proxy_records_accepted_total") == 300
    assert 'proxy_records_dropped_total{reason="spool_full"}' in proxy.metrics()
    firehose.close()


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)], capture_output=True)
    if made.returncode:
        pytest.skip("A FULL DISK IS NOT TESTED: mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_drops_whole_records_counts_them_and_recovers(own_proxy, small_disk):
    firehose = Firehose()
    firehose.is_down = True
    spool = {"dir": str(small_disk / "spool"), "rotate_bytes": 10_000, "rotate_seconds": 60}
    proxy = own_proxy(spool=spool, **firehose_settings(firehose.url))
    proxy.spool = small_disk / "spool"
    ask(proxy, 400)
    wait_for(lambda: proxy.metric("proxy_records_spooled_total") + dropped_by(proxy) == 400, "all records to be judged")
    assert 'proxy_records_dropped_total{reason="disk_full"}' in proxy.metrics()
    assert proxy.health()["status"] == "degraded"
    firehose.is_down = False
    wait_for(lambda: not list(proxy.spool.glob("ready/*")), "the spool to be shipped")
    ask(proxy, 50)
    dropped = dropped_by(proxy)
    assert proxy.terminate() == 0
    stored = firehose.records()
    assert len(ids(stored)) + dropped == 450
    assert 0 < dropped < 400
    firehose.close()


def dropped_by(proxy: RunningProxy) -> float:
    return proxy.metric("proxy_records_dropped_total")


def test_a_sink_folder_that_cannot_be_written_keeps_the_records_in_the_spool(own_proxy, tmp_path):
    (tmp_path / "file").write_text("no folder")
    proxy = own_proxy(sink={"folder": str(tmp_path / "file" / "raw"), "degraded_after_seconds": 0.1})
    ask(proxy, 20)
    wait_for(lambda: proxy.health()["reasons"] == ["sink"], "health to be degraded")
    (tmp_path / "file").unlink()
    proxy.raw = tmp_path / "file" / "raw"
    assert len(ids(proxy.records(20))) == 20


def test_a_sink_on_another_file_system_gets_whole_files(own_proxy, small_disk):
    proxy = own_proxy(sink={"folder": str(small_disk / "raw")})
    proxy.raw = small_disk / "raw"
    ask(proxy, 20)
    assert len(ids(proxy.records(20))) == 20
    assert not list(proxy.raw.glob("*/.*")) and not list(proxy.spool.glob("ready/*"))


def test_a_torn_last_line_is_noted_without_its_text_and_the_rest_is_shipped(own_proxy, tmp_path):
    spool = tmp_path / "own" / "spool"
    (spool / "open").mkdir(parents=True)
    (spool / "open" / "old.jsonl").write_text('{"a":1}\n{"a":2}\n{"canary')
    (spool / "open" / "empty.jsonl").write_text("")
    (spool / "ready").mkdir()
    (spool / "ready" / "older.jsonl").write_text('{"a":0}\n')
    proxy = own_proxy()
    assert sorted(record["a"] for record in proxy.records(3)) == [0, 1, 2]
    note = json.loads((spool / "quarantine" / "torn_lines.jsonl").read_text())
    assert (note["file"], note["bytes"], note["offset"]) == ("old.jsonl", 8, 16)
    assert "canary" not in (spool / "quarantine" / "torn_lines.jsonl").read_text()
    assert proxy.metric("proxy_spool_torn_lines_total") == 1


def test_an_orderly_end_ships_everything(own_proxy):
    firehose = Firehose(halved=0.5)
    proxy = own_proxy(spool={"rotate_seconds": 60}, **firehose_settings(firehose.url))
    ask(proxy, 200)
    assert proxy.terminate() == 0
    assert len(ids(firehose.records())) == 200
    firehose.close()


def test_an_orderly_end_with_the_sink_down_keeps_everything(own_proxy):
    firehose = Firehose()
    firehose.is_down = True
    proxy = own_proxy(spool={"rotate_seconds": 60}, **firehose_settings(firehose.url))
    ask(proxy, 200)
    assert proxy.terminate() == 0
    kept = [json.loads(line) for path in proxy.spool.glob("ready/*.jsonl") for line in path.read_text().splitlines()]
    assert len(ids(kept)) == 200
    firehose.close()


def test_records_reach_s3_through_firehose(own_proxy):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test", "region_name": "eu-central-1"}
    s3, client = (boto3.client(name, endpoint_url=url, **keys) for name in ("s3", "firehose"))
    s3.create_bucket(Bucket="delivered", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    client.create_delivery_stream(
        DeliveryStreamName="telemetry",
        ExtendedS3DestinationConfiguration={
            "RoleARN": "arn:aws:iam::123456789012:role/x",
            "BucketARN": "arn:aws:s3:::delivered",
        },
    )
    proxy = own_proxy(**firehose_settings(url))
    ask(proxy, 60)
    assert proxy.terminate() == 0
    lines = []
    for entry in s3.list_objects_v2(Bucket="delivered")["Contents"]:
        lines += s3.get_object(Bucket="delivered", Key=entry["Key"])["Body"].read().splitlines()
    assert len(ids([json.loads(line) for line in lines])) == 60
    server.stop()


def test_calls_keep_within_the_limits():
    lines = [b"x" * size + b"\n" for size in (900_000, 900_000, 900_000, 900_000, 900_000)] + [b"y\n"] * 1201
    made = batches(lines)
    assert [line for batch in made for line in batch] == lines
    assert all(len(batch) <= 500 and sum(map(len, batch)) <= CALL_BYTES for batch in made)
    assert batches([]) == []


def test_one_folder_serves_one_process(tmp_path):
    settings = config.Spool(dir=str(tmp_path))
    first = Spool(settings, Metrics())
    first.start()
    with pytest.raises(SpoolError, match="in use by another process"):
        Spool(settings, Metrics()).start()
    first.close()
    second = Spool(settings, Metrics())
    second.start()
    assert second.namespace == first.namespace
    second.close()


def test_while_the_disk_does_not_answer_memory_is_bounded_and_drops_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("ai_proxy.spool.QUEUE_RECORDS", 50)
    metrics = Metrics()
    spool = Spool(config.Spool(dir=str(tmp_path)), metrics)
    answers = threading.Event()
    real = os.write
    monkeypatch.setattr("ai_proxy.spool.os.write", lambda *a: (answers.wait(), real(*a))[1])
    spool.start()
    for number in range(500):
        spool.keep([{"number": number}])
    answers.set()
    spool.close()
    kept = [json.loads(line) for path in tmp_path.glob("ready/*") for line in path.read_text().splitlines()]
    dropped = metrics.registry.get_sample_value("proxy_records_dropped_total", {"reason": "queue_full"})
    assert len(kept) + dropped == 500 == metrics.registry.get_sample_value("proxy_records_accepted_total")
    assert dropped > 0


def test_every_request_ends_in_one_record_also_when_nobody_waits_for_the_answer(own_proxy):
    proxy = own_proxy()
    for number in range(30):
        with proxy.connect() as connection:
            connection.sendall(REQUEST)
            if number % 2:
                response(connection).read()
    assert proxy.exchange(closing(REQUEST))
    assert len(ids(proxy.records(31))) == len(proxy.records()) == 31
