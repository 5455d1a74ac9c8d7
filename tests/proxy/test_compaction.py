"""Raw lines become one Parquet file a day: the same whatever the order, the repetition, the damage or the kills."""

import fcntl
import gzip
import hashlib
import importlib
import json
import os
import random
import shutil
import subprocess
import sys
import time
import uuid
from pathlib import Path

import boto3
import duckdb
import pytest
from conftest import CAMPAIGN, PROJECT
from moto.server import ThreadedMotoServer
from test_relay import closing, post

from ai_proxy.schema import COLUMNS

SCRIPT = str(PROJECT / "scripts" / "compact_telemetry.py")
sys.path.append(str(PROJECT / "scripts"))
compact_telemetry = importlib.import_module("compact_telemetry")
BASE = {
    "schema_version": 1,
    "record_id": "",
    "request_ts": "2026-01-31T23:59:59.999Z",
    "provider": "openai",
    "operation": "chat",
    "output_type": "text",
    "model": "gpt-test-1",
    "stream": False,
    "usage_status": "reported",
    "input_tokens": 31,
    "output_tokens": 12,
    "cache_read_tokens": 16,
    "cache_write_tokens": None,
    "reasoning_tokens": 5,
    "total_tokens_reported": 43,
    "image_count": None,
    "image_size": None,
    "image_quality": None,
    "media_seconds": None,
    "outcome": "complete",
    "http_status": 200,
    "latency_ms": 12.345,
    "proxy_version": "0.1.0",
    "team": "research",
}
CHANCE = random.Random(5)


def some_id(version: int = 4) -> str:
    return str(uuid.UUID(int=CHANCE.getrandbits(128), version=version))


def record(**changes) -> dict:
    return {**BASE, "record_id": some_id(), **changes}


def text(*records: dict | str) -> str:
    return "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in records)


@pytest.fixture
def place(tmp_path):
    return Place(tmp_path)


class Place:
    """A raw folder and what is made of it."""

    def __init__(self, folder: Path):
        self.raw, self.out = folder / "raw", folder / "telemetry"
        self.raw.mkdir()
        self.environment = {**os.environ, "PYTHONPATH": str(PROJECT)}

    def put(self, name: str, content: str | bytes) -> Path:
        path = self.raw / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *options: str, out: str | None = None, source: str | None = None) -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, SCRIPT, "--source", source or str(self.raw), "--out", out or str(self.out), *options],
            capture_output=True,
            text=True,
            env=self.environment,
        )

    def compact(self, **options) -> str:
        """A whole run within the process of the tests, which is quicker by the start of Python."""
        return compact_telemetry.compact(compact_telemetry.Options(str(self.raw), str(self.out), **options))[0]

    def rows(self) -> list[dict]:
        found = duckdb.sql(f"select * from read_parquet('{self.out}/dt=*/*.parquet', hive_partitioning = false)")
        return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]

    def ids(self, day: str) -> set[str]:
        path = self.out / f"dt={day}" / "records.parquet"
        return {row[0] for row in duckdb.sql(f"select record_id from '{path}'").fetchall()} if path.exists() else set()

    def quarantine(self) -> list[dict]:
        path = self.out / "_compaction" / "quarantine.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def hashes(self) -> dict[str, str]:
        return {
            path.relative_to(self.out).as_posix(): hashlib.md5(path.read_bytes()).hexdigest()
            for path in sorted(self.out.rglob("*"))
            if path.is_file() and not path.name.endswith(".part")
        }


def test_records_of_the_proxy_become_rows(own_proxy, place):
    proxy = own_proxy(labels={"team": "équipe"})
    for path in ("/openai/v1/chat/completions", "/anthropic/v1/messages", "/openai/v1/nothing/completions"):
        proxy.exchange(closing(post(path)))
    written = {one["record_id"]: one for one in proxy.records(3)}
    done = place.run(source=str(proxy.raw))
    assert done.returncode == 0, done.stderr
    rows = place.rows()
    assert len(rows) == 3
    for row in rows:
        row["request_ts"] = row["request_ts"].isoformat(timespec="milliseconds") + "Z"
        assert row == written[row["record_id"]]
    assert not place.quarantine()


def test_columns_and_types_are_those_of_the_schema(place):
    place.put("a.jsonl", text(record()))
    place.compact()
    path = place.out / "dt=2026-01-31" / "records.parquet"
    found = duckdb.sql(f"describe select * from read_parquet('{path}', hive_partitioning = false)").fetchall()
    assert {row[0]: row[1].lower() for row in found} == COLUMNS
    assert list(COLUMNS) == [row[0] for row in found]


def test_days_are_utc_days_of_the_request_whatever_folder_it_came_in(place):
    lines = text(
        record(request_ts="2026-01-31T23:59:59.999Z"),
        record(request_ts="2026-02-01T00:00:00.000Z"),
        record(request_ts="2026-01-31T00:00:00.000+00:00"),
    )
    place.put("dt=2026-02-03/x.jsonl", lines)
    place.put("2026/02/01/05/stream-1-2026-02-01-05-00-00-abc", text(record(request_ts="2026-02-01T05:00:00Z")))
    place.put("2026/02/01/06/stream.gz", gzip.compress(text(record(request_ts="2026-02-01T06:00:00Z")).encode()))
    place.compact()
    assert (len(place.ids("2026-01-31")), len(place.ids("2026-02-01"))) == (2, 3)


def test_of_several_records_with_one_id_the_best_counts_once(place):
    ids = [some_id() for _ in range(4)]
    place.put(
        "a.jsonl",
        text(
            {**BASE, "record_id": ids[0], "usage_status": "missing", "input_tokens": None, "output_tokens": None},
            {**BASE, "record_id": ids[0]},
            {**BASE, "record_id": ids[0].upper(), "usage_status": "partial", "input_tokens": 900},
            {**BASE, "record_id": ids[1], "output_tokens": 11},
            {**BASE, "record_id": ids[1], "output_tokens": 13},
            {**BASE, "record_id": ids[2]},
            {**BASE, "record_id": ids[3], "usage_status": "not_applicable"},
        ),
    )
    place.put("b.jsonl", text({**BASE, "record_id": ids[2]}, {**BASE, "record_id": ids[3], "usage_status": "missing"}))
    place.compact()
    found = {row["record_id"]: (row["usage_status"], row["output_tokens"]) for row in place.rows()}
    assert found == {
        ids[0]: ("reported", 12),
        ids[1]: ("reported", 13),
        ids[2]: ("reported", 12),
        ids[3]: ("missing", 12),
    }
    assert len(place.rows()) == 4


def test_late_records_are_merged_into_their_day_and_other_days_stay_as_they_are(place):
    early = [record(request_ts="2026-01-01T10:00:00Z"), record(request_ts="2026-01-02T10:00:00Z")]
    place.put("a.jsonl", text(*early))
    place.compact()
    before = place.hashes()
    late = record(request_ts="2026-01-01T09:00:00Z")
    place.put("b.jsonl", text(late, early[0]))
    assert "1 days written with 2 records" in place.compact()
    assert place.ids("2026-01-01") == {early[0]["record_id"], late["record_id"]}
    after = place.hashes()
    assert after["dt=2026-01-02/records.parquet"] == before["dt=2026-01-02/records.parquet"]


def test_a_second_run_changes_no_byte(place):
    lines = [
        record(request_ts=f"2026-01-0{CHANCE.randint(1, 5)}T10:00:00.{CHANCE.randint(100, 999)}Z") for _ in range(5000)
    ]
    place.put("a.jsonl", text(*lines[:3000], "nonsense"))
    place.put("b.jsonl.gz", gzip.compress(text(*lines[2500:]).encode()))
    place.compact()
    before = place.hashes()
    assert "0 new of 2 files" in place.compact()
    assert place.hashes() == before


def test_the_order_of_arrival_does_not_matter(tmp_path):
    lines = [
        record(request_ts=f"2026-01-0{CHANCE.randint(1, 3)}T10:00:00Z", latency_ms=CHANCE.random()) for _ in range(2000)
    ]
    lines += [{**CHANCE.choice(lines), "usage_status": CHANCE.choice(("missing", "partial"))} for _ in range(500)]
    lines += [record(record_id=some_id(5), request_ts="2026-01-01T00:00:00Z") for _ in range(50)]
    lines += [{**one, "request_ts": "2026-01-03T00:00:00Z"} for one in lines[-50:]]
    seen = []
    for number, pieces in enumerate((1, 3, 7)):
        (tmp_path / str(number)).mkdir()
        place = Place(tmp_path / str(number))
        CHANCE.shuffle(lines)
        for piece in range(pieces):
            place.put(f"{piece}.jsonl", text(*lines[piece::pieces]))
            place.compact()
        seen.append({key: value for key, value in place.hashes().items() if key.startswith("dt=")})
    assert seen[0] == seen[1] == seen[2]


def test_a_polled_object_counts_once_also_over_days(place):
    polled, other = some_id(5), some_id(5)
    missing = {"usage_status": "missing", "input_tokens": None, "output_tokens": None}
    place.put("a.jsonl", text({**BASE, "record_id": polled, "request_ts": "2026-01-01T23:59:00Z", **missing}))
    place.put("b.jsonl", text({**BASE, "record_id": other, "request_ts": "2026-01-01T23:59:00Z"}))
    place.compact()
    place.put("c.jsonl", text({**BASE, "record_id": polled, "request_ts": "2026-01-02T00:01:00Z"}))
    place.put("d.jsonl", text({**BASE, "record_id": other, "request_ts": "2026-01-05T00:01:00Z"}))
    place.compact()
    assert place.ids("2026-01-01") == {other}
    assert place.ids("2026-01-02") == {polled}
    assert place.ids("2026-01-05") == set()
    place.put("e.jsonl", text({**BASE, "record_id": polled, "request_ts": "2026-01-09T00:01:00Z"}))
    place.compact()
    assert len(place.rows()) == 2


def test_how_an_object_ended_wins_over_how_it_began_and_over_a_poll_that_broke_off(place):
    nothing = {"input_tokens": None, "output_tokens": None, "usage_status": "not_applicable"}
    video = {"operation": "video", "output_type": "video", **nothing}
    failed, done, longer, answer = some_id(5), some_id(5), some_id(5), some_id(5)
    ended = {**nothing, "outcome": "upstream_error"}
    broken = {"usage_status": "partial", "outcome": "upstream_incomplete"}
    polls = [
        {"record_id": failed, **video, "media_seconds": 8.0},
        {"record_id": failed, **video, **broken},
        {"record_id": failed, **video, **ended},
        {"record_id": done, **video, **broken},
        {"record_id": done, **video, "media_seconds": 8.0},
        # Of an extension only its first answer knows what was added.
        {"record_id": longer, **video, "media_seconds": 4.0},
        {"record_id": longer, **video, "media_seconds": 12.0},
        {"record_id": answer, **nothing, "usage_status": "missing"},
        {"record_id": answer, **nothing, **broken},
        {"record_id": answer, **ended},
    ]
    polls = [{**BASE, "request_ts": f"2026-01-01T00:00:0{n}Z", **poll} for n, poll in enumerate(polls)]
    for number, order in enumerate((polls, polls[::-1])):
        place.put(f"{number}.jsonl", text(*order))
        place.compact()
        assert {row["record_id"]: (row["outcome"], row["media_seconds"]) for row in place.rows()} == {
            failed: ("upstream_error", None),
            done: ("complete", 8.0),
            longer: ("complete", 4.0),
            answer: ("upstream_error", None),
        }


BAD = {
    "nonsense": "CANARY nonsense",
    "half a record": json.dumps(record())[:-40] + "CANARY",
    "a list": '["CANARY"]',
    "a key too many": json.dumps({**record(), "prompt": "CANARY"}),
    "a key twice": json.dumps(record())[:-1] + ', "team": "CANARY"}',
    "no id": json.dumps({**record(), "record_id": "CANARY"}),
    "no time": json.dumps({**record(), "request_ts": "CANARY"}),
    "another time zone": json.dumps({**record(), "request_ts": "2026-01-31T00:00:00.000+02:00"}),
    "no such day": json.dumps({**record(), "request_ts": "2026-02-30T00:00:00Z"}),
    "a provider of its own": json.dumps({**record(), "provider": "CANARY"}),
    "a status of its own": json.dumps({**record(), "usage_status": "CANARY"}),
    "words for a model": json.dumps({**record(), "model": "CANARY words"}),
    "a negative count": json.dumps({**record(), "input_tokens": -1}),
    "a fraction of a token": json.dumps({**record(), "input_tokens": 1.5}),
    "text for a count": json.dumps({**record(), "input_tokens": "CANARY"}),
    "an object for a count": json.dumps({**record(), "output_tokens": {"CANARY": 1}}),
    "another version": json.dumps({**record(), "schema_version": 2, "team": "CANARY"}),
    "a size that is none": json.dumps({**record(), "image_size": "CANARY"}),
    "a quality that is none": json.dumps({**record(), "image_quality": "CANARY"}),
    "a long team": json.dumps({**record(), "team": "CANARY" * 100}),
    "a missing provider": json.dumps({key: value for key, value in record().items() if key != "provider"}),
}


@pytest.mark.parametrize("name", BAD)
def test_a_line_that_is_no_record_goes_to_quarantine_without_its_text(place, name):
    good = [record(), record()]
    place.put("a.jsonl", text(good[0], BAD[name], good[1]))
    assert "1 lines in quarantine" in place.compact()
    assert place.ids("2026-01-31") == {one["record_id"] for one in good}
    (noted,) = place.quarantine()
    assert noted["file"] == "a.jsonl"
    assert (noted["bytes"], noted["md5"]) == (len(BAD[name]), hashlib.md5(BAD[name].encode()).hexdigest())
    for path in place.out.rglob("*"):
        assert path.is_dir() or b"CANARY" not in path.read_bytes()


@pytest.mark.parametrize(
    ("bad", "number"),
    [
        (b"\xff\xfe CANARY", 1),
        (b"a\x00b CANARY", 1),
        (b"\x01CANARY\x02", 1),
        (b"CANARY" * 100_000, 1),
        (b"\r\n\n  \n", 0),
        (b"\x1b[31mCANARY", 1),
    ],
)
def test_bytes_that_are_no_lines_harm_no_other_line(place, bad, number):
    good = [record(), record()]
    parts = [json.dumps(one).encode() for one in good]
    place.put("a.jsonl", parts[0] + b"\r\n" + bad + b"\n" + parts[1])
    place.put("b.jsonl.gz", gzip.compress(parts[0] + b"\n" + bad))
    place.compact()
    assert place.ids("2026-01-31") == {one["record_id"] for one in good}
    assert len(place.quarantine()) == number * 2
    assert "CANARY" not in json.dumps(place.quarantine())


def test_packed_files_of_several_members_are_read_whole(place):
    lines = [record() for _ in range(5)]
    place.put("a.gz", b"".join(gzip.compress(text(one).encode()) for one in lines) + b"\0" * 100)
    place.put("b.gz", gzip.compress(text(*lines, "\x01").encode()) + gzip.compress(text(record()).encode()))
    place.compact()
    assert len(place.rows()) == 6 and len(place.quarantine()) == 1


def test_a_cut_gzip_file_gives_what_it_holds_and_is_noted(place):
    lines = [record() for _ in range(2000)]
    packed = gzip.compress(text(*lines).encode())
    place.put("a.gz", packed[: len(packed) // 2])
    place.put("b.jsonl", text(record()))
    place.compact()
    assert 100 < len(place.rows()) < 2001
    assert any(noted["reason"].startswith("gzip") for noted in place.quarantine())
    place.put("a.gz", packed)
    place.compact()
    assert len(place.rows()) == 2001


def test_columns_that_were_left_out_are_null(place):
    lean = {key: value for key, value in record().items() if key not in ("team", "image_count", "latency_ms")}
    place.put("a.jsonl", text(lean))
    place.compact()
    (row,) = place.rows()
    assert (row["team"], row["image_count"], row["latency_ms"]) == (None, None, None)
    assert not place.quarantine()


def test_half_written_and_foreign_files_are_not_read(place):
    place.put(".hidden.jsonl", text(record()))
    place.put("a.jsonl.part", text(record()))
    place.put("_state/x.jsonl", text(record()))
    place.put("a.parquet", b"PAR1")
    place.put("empty.jsonl", b"")
    assert "1 new of 1 files, 0 days" in place.compact()
    assert "0 new of 1 files" in place.compact()


# A fresh process forks one run for each number of steps it reads: Python and DuckDB are loaded once.
DYING = """
import os, sys
sys.path.append({folder!r})
import compact_telemetry

def dying(name, left):
    real = getattr(os, name)
    def step(*arguments):
        if left[0] <= 0:
            os._exit(9)
        left[0] -= 1
        return real(*arguments)
    return step

for line in sys.stdin:
    child = os.fork()
    if not child:
        left = [int(line)]
        for name in ("replace", "fsync"):
            setattr(os, name, dying(name, left))
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os._exit(compact_telemetry.main())
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Dying:
    """Runs that die at a given step of writing."""

    def __init__(self, place: Place):
        command = [sys.executable, "-c", DYING.format(folder=str(PROJECT / "scripts"))]
        self.process = subprocess.Popen(
            [*command, "--source", str(place.raw), "--out", str(place.out)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=place.environment,
            text=True,
        )

    def run(self, steps: int) -> int:
        """The exit code of a run: 9 if it was killed."""
        print(steps, file=self.process.stdin, flush=True)
        return int(self.process.stdout.readline())

    def close(self) -> None:
        self.process.communicate()


def test_killed_at_every_step_and_run_again_it_comes_to_the_same(tmp_path):
    polled = some_id(5)
    first = [record(request_ts=f"2026-01-0{day}T10:00:00Z") for day in (1, 2, 3) for _ in range(20)]
    first.append({**BASE, "record_id": polled, "request_ts": "2026-01-01T00:00:00Z", "usage_status": "partial"})
    second = [record(request_ts=f"2026-01-0{day}T11:00:00Z") for day in (2, 3, 4) for _ in range(20)]
    second += [*first[:10], {**BASE, "record_id": polled, "request_ts": "2026-01-04T00:00:00Z"}, "nonsense"]

    place = Place(tmp_path)
    place.put("a.jsonl", text(*first))
    place.compact()
    before = shutil.copytree(place.out, tmp_path / "before")
    place.put("b.jsonl", text(*second))
    place.compact()
    wanted = place.hashes()
    codes, dying = [], Dying(place)
    while not codes or codes[-1] == 9:
        shutil.rmtree(place.out)
        shutil.copytree(before, place.out)
        codes.append(dying.run(steps=len(codes)))
        # Nothing may be gone in between, whatever the moment.
        assert {one["record_id"] for one in first} <= {row["record_id"] for row in place.rows()}
        place.compact()
        assert place.hashes() == wanted
    dying.close()
    # 3: the input holds a line that is no record.
    assert set(codes) == {3, 9} and codes.count(9) >= 12


def test_killed_at_random_moments_it_comes_to_the_same(tmp_path):
    lines = [record(request_ts=f"2026-01-{day:02}T10:00:00Z") for day in range(1, 11) for _ in range(300)]
    whole = Place(tmp_path)
    whole.put("a.jsonl", text(*lines))
    start = time.monotonic()
    whole.compact()
    took = time.monotonic() - start
    wanted = whole.hashes()
    (tmp_path / "other").mkdir()
    place = Place(tmp_path / "other")
    place.put("a.jsonl", text(*lines))
    for _ in range(3 * CAMPAIGN):
        process = subprocess.Popen(
            [sys.executable, SCRIPT, "--source", str(place.raw), "--out", str(place.out)],
            env=place.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(CHANCE.uniform(0.3, 1.0) * took)
        process.kill()
        process.wait()
    place.compact()
    assert {key: value for key, value in place.hashes().items() if "manifest" not in key} == {
        key: value for key, value in wanted.items() if "manifest" not in key
    }


def test_two_runs_at_once_are_refused(place):
    place.put("a.jsonl", text(record()))
    place.compact()
    with open(place.out / "_compaction" / "lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = place.run()
    assert done.returncode == 1
    assert "another compaction is running" in done.stderr


def test_retention_deletes_only_what_was_compacted_and_is_old(place):
    old, fresh = place.put("old.jsonl", text(record())), place.put("fresh.jsonl", text(record()))
    long_ago = time.time() - 40 * 86400
    os.utime(old, (long_ago, long_ago))
    place.compact()
    assert old.exists()
    assert "1 raw files deleted" in place.compact(retention_days=30)
    assert not old.exists() and fresh.exists()
    assert len(place.rows()) == 2
    assert "0 new of 1 files" in place.compact(retention_days=30)
    assert len(place.rows()) == 2


def test_lines_in_quarantine_are_told_by_exit_code_3_and_their_raw_file_is_kept(place):
    old = place.put("old.jsonl", text(record(), "nonsense"))
    long_ago = time.time() - 40 * 86400
    os.utime(old, (long_ago, long_ago))
    done = place.run("--retention-days", "30")
    assert done.returncode == 3 and "1 lines are no records" in done.stderr and "0 raw files deleted" in done.stdout
    assert len(place.rows()) == 1
    again = place.run("--retention-days", "0")
    assert again.returncode == 0 and "0 raw files deleted" in again.stdout and old.exists()


def test_a_negative_retention_is_one_clear_message(place):
    old = place.put("old.jsonl", text(record()))
    done = place.run("--retention-days", "-1")
    assert done.returncode == 2 and "--retention-days -1: must be" in done.stderr
    assert old.exists() and not place.out.exists()


def test_a_rebuild_reads_everything_again_but_never_loses_records(place):
    kept = record()
    gone = place.put("gone.jsonl", text(kept))
    place.put("a.jsonl", text(record(), "nonsense"))
    place.compact()
    before = place.hashes()
    (place.out / "dt=2026-01-31" / "records.parquet").unlink()
    place.compact(is_rebuild=True)
    assert place.hashes() == before
    gone.unlink()
    done = place.run("--rebuild-from-raw")
    assert done.returncode == 1 and "raw files hold 1 records, the partition 2" in done.stderr
    assert place.hashes() == before


def test_the_default_location_is_where_the_models_look(place, tmp_path):
    place.put("a.jsonl", text(record()))
    for environment, where in (
        ({"AI_EMISSIONS_DATA_ROOT": str(tmp_path / "root")}, tmp_path / "root" / "ai_proxy"),
        ({"AI_EMISSIONS_AI_PROXY": str(tmp_path / "elsewhere")}, tmp_path / "elsewhere"),
    ):
        subprocess.run(
            [sys.executable, SCRIPT, "--source", str(place.raw)], env={**place.environment, **environment}, check=True
        )
        assert (where / "dt=2026-01-31" / "records.parquet").exists()


def test_a_source_that_is_not_there_is_one_clear_message(place):
    done = place.run(source=str(place.raw / "nowhere"))
    assert done.returncode == 1
    assert done.stderr.startswith("error: ") and "no such folder" in done.stderr and done.stderr.count("\n") == 1


def test_a_damaged_manifest_is_one_clear_message(place):
    place.put("a.jsonl", text(record()))
    place.compact()
    (place.out / "_compaction" / "manifest.jsonl").write_text("{")
    done = place.run()
    assert done.returncode == 1 and "--rebuild-from-raw" in done.stderr


def test_a_bucket_that_does_not_answer_is_one_clear_message(place):
    place.put("a.jsonl", text(record()))
    place.environment |= {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
    }
    done = place.run(out="s3://telemetry/ai_proxy")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("error: s3://telemetry/ai_proxy: ") and "AWS_REGION" in done.stderr


def test_a_location_of_another_kind_is_one_clear_message(place):
    done = place.run(out="gs://telemetry/ai_proxy")
    assert done.returncode == 1 and "gs://telemetry/ai_proxy: of no known kind" in done.stderr
    assert done.stderr.count("\n") == 1


def test_from_and_to_a_bucket(place):
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    place.environment |= {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    s3 = boto3.client(
        "s3",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        region_name="us-east-1",
    )
    s3.create_bucket(Bucket="telemetry")
    polled = some_id(5)
    lines = [record(), {**BASE, "record_id": polled, "request_ts": "2026-01-01T00:00:00Z", "usage_status": "missing"}]
    s3.put_object(
        Bucket="telemetry", Key="raw/2026/01/31/23/a.gz", Body=gzip.compress(text(*lines, "nonsense").encode())
    )

    def run(code: int = 0) -> dict[str, str]:
        done = place.run("--retention-days", "30", source="s3://telemetry/raw", out="s3://telemetry/ledger/ai_proxy")
        assert done.returncode == code, done.stderr
        listed = s3.list_objects_v2(Bucket="telemetry", Prefix="ledger/ai_proxy/")["Contents"]
        return {entry["Key"].removeprefix("ledger/ai_proxy/"): entry["ETag"] for entry in listed}

    first = run(code=3)
    assert set(first) == {
        "_compaction/manifest.jsonl",
        "_compaction/quarantine.jsonl",
        "dt=2026-01-01/records.parquet",
        "dt=2026-01-31/records.parquet",
    }
    assert run() == first
    later = {**BASE, "record_id": polled, "request_ts": "2026-02-01T00:00:00Z"}
    s3.put_object(Bucket="telemetry", Key="raw/2026/02/01/00/b", Body=text(later).encode())
    assert {key for key in run() if key.startswith("dt=")} == {
        "dt=2026-01-31/records.parquet",
        "dt=2026-02-01/records.parquet",
    }
    server.stop()
