"""Usage as read from every form of answer, however the bytes fall into pieces and whatever they are packed in."""

import csv
import json
import random
import tracemalloc
import uuid

import pytest
from conftest import PROJECT
from fake_provider import ENCODERS, sse
from wire_cases import BASE, CASES, CHAT, CHAT_PATH, DELTA, LAST, SSE, Case, js, ok

from ai_proxy import config
from ai_proxy.facts import Facts
from ai_proxy.metrics import Metrics
from ai_proxy.model_name import clean_if_public
from ai_proxy.operations import classify
from ai_proxy.providers import Route
from ai_proxy.record import Call, begin, build, copy
from ai_proxy.schema import COLUMNS
from ai_proxy.spool import Spool
from ai_proxy.tap import DECODED_BYTES

NAMESPACE = uuid.uuid4()
BY_NAME = {case.name: case for case in CASES}
SMALL = [case for case in CASES if len(case.body) < 4096 and case.status == 200]


def read(case: Case, pieces: list[bytes], encoding: str = "") -> dict:
    """The record of a call whose answer came in these pieces."""
    operation = classify(case.provider, case.method, case.path)
    assert operation, case.path
    facts = Facts(case.request_type, "")
    body = case.request if isinstance(case.request, bytes) else json.dumps(case.request).encode()
    for start in range(0, len(body), 1000):
        facts.feed(body[start : start + 1000])
    route = Route(case.provider, case.provider, "", case.path, "")
    call = Call(route, operation, case.method, 1767225600.25, facts, http_status=case.status)
    faults = []

    def on_fault() -> None:
        faults.append(1)

    if case.status < 300:
        begin(call, {"Content-Type": case.content_type, "Content-Encoding": encoding})
        for piece in pieces:
            copy(call, piece, on_fault)
    call.ended = "clean" if case.is_whole else "upstream"
    record = build(call, NAMESPACE, "research", {"mapped": "gpt-mapped"}, on_fault)
    assert list(record) == list(COLUMNS)
    assert not faults
    assert "secret" not in json.dumps(record)
    return record


def check(record: dict, case: Case) -> None:
    assert {key: record[key] for key in case.wanted} == case.wanted


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[start : start + size] for start in range(0, len(data), size)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_the_record_says(case):
    record = read(case, [case.body])
    check(record, case)
    assert record["request_ts"] == "2026-01-01T00:00:00.250Z"
    assert (record["team"], record["schema_version"]) == ("research", 1)


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_every_encoding_in_single_bytes(case, encoding):
    if not case.is_whole and encoding != "identity":
        packed = ENCODERS[encoding](case.body)
    packed = ENCODERS[encoding](case.body)
    check(read(case, cut(packed, 1), encoding), case)


@pytest.mark.parametrize("ending", [b"\r\n", b"\r"], ids=["CRLF", "CR"])
@pytest.mark.parametrize("case", [case for case in SMALL if case.content_type == SSE], ids=lambda case: case.name)
def test_other_line_ends_at_every_split(case, ending):
    body = case.body.replace(b"\n", ending)
    for position in range(1, len(body)):
        check(read(case, [body[:position], body[position:]]), case)


@pytest.mark.parametrize("case", SMALL, ids=lambda case: case.name)
def test_every_split_reads_the_same(case):
    whole = comparable(read(case, [case.body]))
    for position in range(1, len(case.body)):
        assert comparable(read(case, [case.body[:position], case.body[position:]])) == whole


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("case", [case for case in CASES if len(case.body) >= 4096], ids=lambda case: case.name)
def test_large_answers_in_random_pieces(case, encoding):
    chance = random.Random(7)
    packed = ENCODERS[encoding](case.body)
    for _ in range(3):
        pieces, start = [], 0
        while start < len(packed):
            size = chance.choice((1, 17, 1000, 60_000))
            pieces.append(packed[start : start + size])
            start += size
        check(read(case, pieces, encoding), case)


def comparable(record: dict) -> dict:
    return {key: value for key, value in record.items() if key not in ("record_id", "latency_ms")}


def test_gzip_of_several_members_and_nested_encodings():
    case = BY_NAME["chat stream"]
    members = b"".join(ENCODERS["gzip"](part) for part in cut(case.body, 100))
    check(read(case, cut(members, 7), "x-gzip"), case)
    check(read(case, cut(ENCODERS["br"](ENCODERS["gzip"](case.body)), 7), "gzip, br"), case)


def test_raw_deflate_as_some_servers_send_it():
    import zlib

    case = BY_NAME["chat stream"]
    packer = zlib.compressobj(wbits=-15)
    packed = packer.compress(case.body) + packer.flush()
    check(read(case, cut(packed, 1), "deflate"), case)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_compressed_stream_without_its_trailer_is_judged_by_its_events(encoding):
    case = BY_NAME["chat stream"]
    record = read(case, [flushed(encoding, case.body)], encoding)
    check(record, case)


def flushed(encoding: str, data: bytes) -> bytes:
    """Compressed and flushed, as a server that streams does, but never ended."""
    import zlib

    import brotli
    from backports import zstd

    if encoding == "br":
        packer = brotli.Compressor()
        return packer.process(data) + packer.flush()
    if encoding == "zstd":
        packer = zstd.ZstdCompressor()
        return packer.compress(data, zstd.ZstdCompressor.FLUSH_BLOCK)
    packer = zlib.compressobj(wbits=31 if encoding == "gzip" else 15)
    return packer.compress(data) + packer.flush(zlib.Z_SYNC_FLUSH)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "lzw"])
def test_what_is_not_in_its_encoding_is_unparseable(encoding):
    case = BY_NAME["chat"]
    record = read(case, [b"\x1f\x00 nothing of the kind " * 10], encoding)
    assert (record["usage_status"], record["outcome"], record["input_tokens"]) == ("unparseable", "complete", None)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_given_up_in_bounded_memory(encoding):
    bomb = ENCODERS[encoding](b"{" + b" " * (DECODED_BYTES + 20_000_000))
    tracemalloc.start()
    record = read(BY_NAME["chat"], cut(bomb, 64 * 1024), encoding)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert record["usage_status"] == "unparseable"
    assert peak < 8 * 1024 * 1024


def test_a_huge_stream_is_read_in_bounded_memory():
    event = js({**BASE, "choices": [{"delta": {"content": "x" * 100_000}}], "usage": None})
    body = b"data: " + event + b"\n\n"
    tracemalloc.start()
    record = read(BY_NAME["chat stream"], [body] * 500 + [sse(LAST, "[DONE]")])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert record["usage_status"] == "reported"
    assert peak < 4 * 1024 * 1024


def test_an_endless_event_is_read_in_bounded_memory():
    tracemalloc.start()
    pieces = [b'data: {"type":"image_generation.completed","b64_json":"'] + [b"A" * 65536] * 400
    pieces.append(b'","usage":{"input_tokens":1,"output_tokens":2}}\n\n')
    case = Case("image", "openai", "/v1/images/generations", b"", {}, SSE)
    record = read(case, pieces)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (record["input_tokens"], record["output_tokens"], record["image_count"]) == (1, 2, 1)
    assert peak < 4 * 1024 * 1024


@pytest.mark.parametrize("depth", [100, 100_000, 3_000_000])
def test_endless_nesting_does_no_harm(depth):
    body = b'{"model":"gpt-test-1","choices":' + b"[" * depth + b"]" * depth + b',"usage":' + js(LAST["usage"]) + b"}"
    record = read(BY_NAME["chat"], cut(body, 65536))
    assert record["usage_status"] in ("reported", "unparseable")
    assert record["input_tokens"] in (31, None)


def test_polls_share_an_id_and_other_calls_never_do():
    post, poll = BY_NAME["responses in the background"], BY_NAME["responses poll"]
    first, second = read(post, [post.body]), read(poll, [poll.body])
    assert first["record_id"] == second["record_id"]
    chat = BY_NAME["chat"]
    assert read(chat, [chat.body])["record_id"] != read(chat, [chat.body])["record_id"]


def test_installations_that_share_an_id_give_a_polled_object_one_record_id(tmp_path):
    shared = {"install_id": "5f0c1a36-6f1e-4b9a-9d3c-0a4b8e7d2c11"}
    spools = [Spool(config.Spool(dir=str(tmp_path / name), **shared), Metrics()) for name in "ab"]
    apart = Spool(config.Spool(dir=str(tmp_path / "c")), Metrics())
    for spool in (*spools, apart):
        spool.start()
        spool.close()
    assert spools[0].namespace == spools[1].namespace == uuid.UUID(shared["install_id"])
    assert apart.namespace != spools[0].namespace


def test_names_of_the_catalogue_that_providers_use_count_as_public():
    """All ids of the makers whose API the proxy relays; a model that is new there must be added to the words."""
    makers = {"Anthropic", "Google", "Mistral AI", "OpenAI"}
    with (PROJECT / "seeds" / "catalog" / "models.csv").open(encoding="utf-8", newline="") as file:
        names = [row["model_id"] for row in csv.DictReader(file) if row["model_provider"] in makers]
    assert len(names) > 100
    assert not [name for name in names if clean_if_public(name) != name]
    for name in ("acme-gpt-4o", "gpt-4o-for-jane", "claude-sonnet-4-123456789", "projects/x/models/y"):
        assert clean_if_public(name) is None


@pytest.mark.parametrize(
    ("provider", "method", "path"),
    [
        ("anthropic", "POST", "/v1/messages/count_tokens"),
        ("anthropic", "POST", "/v1/messages/batches"),
        ("vertex", "POST", "/v1/projects/p/locations/l/publishers/anthropic/models/count-tokens:rawPredict"),
        ("google", "POST", "/v1beta/models/gemini-x:countTokens"),
        ("openai", "POST", "/v1/responses/input_tokens"),
        ("openai", "GET", "/v1/responses/resp_1/input_items"),
        ("openai", "GET", "/v1/models"),
        ("openai", "POST", "/v1/batches"),
        ("openai", "GET", "/v1/videos/video_1/content"),
        ("openai", "GET", "/v1/chat/completions/chatcmpl-1"),
        ("openai", "DELETE", "/v1/responses/resp_1"),
        ("mistral", "GET", "/v1/conversations/conv_1"),
    ],
)
def test_calls_that_generate_nothing_make_no_record(provider, method, path):
    assert classify(provider, method, path) is None


def test_a_request_body_that_breaks_off_still_gives_its_model():
    facts = Facts("application/json", "")
    facts.feed(b'{"model":"gpt-x","messages":[{"content":"' + b"x" * 100_000)
    assert facts.get()["model"] == "gpt-x"


def test_facts_of_a_large_request_are_read_in_bounded_memory():
    tracemalloc.start()
    facts = Facts("application/json", "")
    facts.feed(b'{"messages":[{"model":"trap","content":"')
    for _ in range(500):
        facts.feed(b"x" * 65536)
    facts.feed(b'"}],"model":"gpt-x","n":2}')
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert facts.get() == {"model": "gpt-x", "n": 2}
    assert peak < 2 * 1024 * 1024


def test_a_stream_is_what_the_answer_is_not_what_the_request_asked():
    case = Case("x", "openai", CHAT_PATH, js({**BASE, "usage": LAST["usage"]}), ok(**CHAT), request={"stream": True})
    assert read(case, [case.body])["stream"] is False
    case = Case("x", "openai", CHAT_PATH, sse(DELTA, LAST, "[DONE]"), ok(), SSE, request={"stream": False})
    assert read(case, [case.body])["stream"] is True
