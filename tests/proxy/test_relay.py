"""Byte identity both ways, order in time, and what happens when somebody hangs up."""

import http.client
import json
import socket
import threading
import time

import pytest
from conftest import PATIENCE_SECONDS, wait_for
from fake_provider import (
    ENCODERS,
    END,
    USAGE_CHAT,
    Provider,
    chunk,
    chunked_head,
    hang_up,
    sse,
    stream,
    whole,
)
from wire_cases import ANTHROPIC_START, DELTA, LAST

REQUEST = b'{"model":"gpt-x","messages":[{"role":"user","content":"hi"}]}'
EVENTS = sse(DELTA, LAST, "[DONE]")
DOCUMENT = json.dumps({"model": "gpt-test-1", "usage": USAGE_CHAT}).encode()


def post(path: str, body: bytes = REQUEST, *headers: bytes, version: str = "1.1") -> bytes:
    lines = [f"POST {path} HTTP/{version}".encode(), b"Host: proxy.example", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % len(body)]) + b"\r\n\r\n" + body


def response(connection: socket.socket) -> http.client.HTTPResponse:
    found = http.client.HTTPResponse(connection)
    found.begin()
    return found


def closing(request: bytes) -> bytes:
    return request.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n", 1)


# What the provider receives


@pytest.mark.parametrize(
    "target",
    [
        "/v1/chat/completions",
        "/v1/chat/completions?",
        "/v1/chat/completions?a=1&b=%20x&a=2&c",
        "/v1/chat/completions?x=/../y",
        "/v1/files/a%2Fb%3f",
        "/v1/%7Euser/%C3%BCn",
        "/v1//double//slashes/",
        '/v1/models/{x}|y^z`"<>',
        "/v1/x;y=1/z:generateContent",
        "/",
        "",
    ],
)
def test_the_target_arrives_as_it_was_sent(proxy, provider, target):
    proxy.exchange(closing(post(f"/openai{target}")))
    assert provider.seen[-1].target == (target or "/")


def test_headers_arrive_in_order_with_duplicates_case_and_odd_bytes(proxy, provider):
    headers = [
        b"X-First: 1",
        b"authorization: Bearer sk-1",
        b"X-Dup: a",
        b"x-dup: b",
        b"Accept-Encoding: br;q=0.1, zstd",
        b"X-Latin: caf\xe9",
        b"X-Utf8: caf\xc3\xa9",
        b"X-Empty: ",
        b"Content-Type: application/json; charset=utf-8",
        b"Cookie: a=b; c=d",
    ]
    proxy.exchange(closing(post("/openai/v1/chat/completions", REQUEST, *headers)))
    seen = provider.seen[-1]
    wanted = [header.strip() for header in headers]
    assert [line.strip() for line in seen.headers] == [
        b"Host: " + provider.url.removeprefix("http://").encode(),
        *wanted,
        b"Content-Length: %d" % len(REQUEST),
    ]
    assert seen.body == REQUEST


def test_headers_of_one_hop_stay_there(proxy, provider):
    hop = [
        b"Connection: close, X-Mine, Content-Length",
        b"X-Mine: 1",
        b"TE: trailers",
        b"Keep-Alive: timeout=5",
        b"Proxy-Authorization: Basic x",
        b"Upgrade: h2c",
        b"Trailer: X",
        b"X-Kept: 1",
    ]
    proxy.exchange(post("/openai/v1/chat/completions", REQUEST, *hop))
    seen = provider.seen[-1]
    assert [line.partition(b":")[0] for line in seen.headers] == [b"Host", b"X-Kept", b"Content-Length"]
    assert seen.body == REQUEST


@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_request_bodies_arrive_byte_for_byte(proxy, provider, encoding, framing):
    body = ENCODERS[encoding](REQUEST * 3000)
    head = (
        f"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Encoding: {encoding}\r\nConnection: close\r\n"
    )
    if framing == "length":
        request = head.encode() + b"Content-Length: %d\r\n\r\n" % len(body) + body
    else:
        pieces = b"".join(chunk(body[start : start + 999]) for start in range(0, len(body), 999))
        request = head.encode() + b"Transfer-Encoding: chunked\r\n\r\n" + pieces + END
    proxy.exchange(request)
    seen = provider.seen[-1]
    assert seen.body == body
    assert (seen.header("transfer-encoding") == "chunked") == (framing == "chunks")
    assert (seen.header("content-length") == str(len(body))) == (framing == "length")


def test_a_slow_request_body_is_passed_on_as_it_comes(proxy, provider):
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions", b"a" * 60)[:-40])
        wait_for(lambda: provider.seen, "the head at the provider before the body is whole")
        connection.sendall(b"b" * 20)
        connection.sendall(b"c" * 20)
        response(connection).read()
    assert provider.seen[-1].body == b"a" * 20 + b"b" * 20 + b"c" * 20


def test_expect_continue_is_answered_at_once(proxy, provider):
    with proxy.connect() as connection:
        head = post("/openai/v1/chat/completions", REQUEST, b"Expect: 100-continue").removesuffix(REQUEST)
        connection.sendall(head)
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(REQUEST)
        assert response(connection).status == 200
    assert provider.seen[-1].header("expect") == "100-continue"


@pytest.mark.parametrize("method", ["GET", "DELETE", "PUT", "PATCH", "OPTIONS", "HEAD"])
def test_every_method_passes_with_its_body_or_none(proxy, provider, method):
    provider.reply = lambda seen: [b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"]
    received = proxy.exchange(f"{method} /openai/v1/files/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert received.startswith(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n")
    assert provider.seen[-1].line == f"{method} /v1/files/x HTTP/1.1"
    assert [line.partition(b":")[0] for line in provider.seen[-1].headers] == [b"Host"]


# What the client receives


def framed(body: bytes, framing: str, headers: bytes) -> list[bytes]:
    head = b"HTTP/1.1 200 Fine By Me\r\n" + headers
    if framing == "length":
        return [head + b"Content-Length: %d\r\n\r\n" % len(body) + body]
    if framing == "chunks":
        pieces = [chunk(body[start : start + 777]) for start in range(0, len(body), 777)]
        return [head + b"Transfer-Encoding: chunked\r\n\r\n", *pieces, END]
    return [head + b"\r\n", body, hang_up]


@pytest.mark.parametrize("framing", ["length", "chunks", "until close"])
@pytest.mark.parametrize("encoding", ENCODERS)
@pytest.mark.parametrize("kind", ["application/json", "text/event-stream"])
def test_response_bodies_arrive_byte_for_byte_in_every_framing_and_encoding(proxy, provider, framing, encoding, kind):
    plain = DOCUMENT + b" " * 5000 if "json" in kind else EVENTS
    body = ENCODERS[encoding](plain)
    headers = f"Content-Type: {kind}\r\nContent-Encoding: {encoding}\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n".encode()
    provider.reply = lambda seen: framed(body, framing, headers)
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        answer = response(connection)
        assert (answer.status, answer.reason) == (200, "Fine By Me")
        assert answer.read() == body
        names = [name for name, _ in answer.getheaders()]
        wanted = ["Content-Type", "Content-Encoding", "Set-Cookie", "Set-Cookie"]
        assert names == [*wanted, "Content-Length" if framing == "length" else "Transfer-Encoding"]
    record = proxy.record()
    assert (record["usage_status"], record["input_tokens"], record["outcome"]) == ("reported", 31, "complete")
    assert record["stream"] == (kind == "text/event-stream")


def test_odd_response_heads_arrive_as_they_are(proxy, provider):
    head = b"HTTP/1.1 299 caf\xc3\xa9\r\nx-b: 1\r\nX-A: \xe9\r\nx-b: 2\r\nServer: s\r\nDate: yesterday\r\n"
    head += b"Content-Length: 0\r\n\r\n"
    provider.reply = lambda seen: [head]
    assert proxy.exchange(closing(post("/openai/v1/files"))) == head.replace(
        b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"
    )


def test_a_redirect_is_passed_back_not_followed(proxy, provider):
    provider.reply = lambda seen: [
        whole(b"", status="307 Temporary Redirect", extra=b"Location: http://127.0.0.1:1/x\r\n")
    ]
    received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    assert received.startswith(b"HTTP/1.1 307") and b"Location: http://127.0.0.1:1/x" in received
    assert len(provider.seen) == 1
    record = proxy.record()
    assert (record["usage_status"], record["outcome"]) == ("not_applicable", "upstream_error")


@pytest.mark.parametrize(
    "status", ["400 Bad Request", "401 Unauthorized", "429 Too Many Requests", "500 Oh", "529 Busy"]
)
def test_errors_arrive_as_they_are_and_are_recorded(proxy, provider, status):
    body = b'{"error":{"message":"no"},"usage":{"prompt_tokens":5}}'
    provider.reply = lambda seen: [whole(body, status=status, extra=b"Retry-After: 1\r\n")]
    received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    assert received.startswith(f"HTTP/1.1 {status}\r\n".encode()) and received.endswith(body)
    record = proxy.record()
    assert record["http_status"] == int(status[:3])
    assert (record["usage_status"], record["outcome"]) == ("not_applicable", "upstream_error")
    assert (record["input_tokens"], record["model"]) == (None, "gpt-x")


def test_head_answers_keep_their_length(proxy, provider):
    provider.reply = lambda seen: [b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"]
    received = proxy.exchange(b"HEAD /openai/v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert received == b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\nConnection: close\r\n\r\n"


def test_an_old_client_gets_a_body_that_ends_with_the_connection(proxy, provider):
    provider.reply = lambda seen: stream(DELTA, LAST, "[DONE]")
    received = proxy.exchange(post("/openai/v1/chat/completions", version="1.0"))
    assert received.startswith(b"HTTP/1.0 200 OK\r\n") and received.endswith(b"\r\n\r\n" + EVENTS)
    assert proxy.record()["input_tokens"] == 31


def test_one_connection_serves_many_requests_also_pipelined(proxy, provider):
    request = post("/openai/v1/chat/completions")
    with proxy.connect() as connection:
        for _ in range(3):
            connection.sendall(request)
            assert json.loads(response(connection).read())["usage"]["total_tokens"] == 43
    assert proxy.exchange(request * 2 + closing(request)).count(b"HTTP/1.1 200 OK") == 3
    assert len(provider.seen) == 6
    assert len(proxy.records(6)) == 6


# Order in time


def test_the_first_chunk_reaches_the_client_before_the_second_is_produced(proxy, provider):
    may_go_on = threading.Event()
    first, second = sse(DELTA), sse(LAST, "[DONE]")
    provider.reply = lambda seen: [
        chunked_head(),
        chunk(first),
        lambda: may_go_on.wait(PATIENCE_SECONDS),
        chunk(second),
        END,
    ]
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        answer = response(connection)
        assert answer.read1() == first
        may_go_on.set()
        assert answer.read() == second


def test_the_head_reaches_the_client_before_any_body_is_produced(proxy, provider):
    may_go_on = threading.Event()
    provider.reply = lambda seen: [chunked_head(), lambda: may_go_on.wait(PATIENCE_SECONDS), chunk(EVENTS), END]
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        answer = response(connection)
        may_go_on.set()
        assert answer.read() == EVENTS


def test_a_compressed_stream_is_not_held_back(proxy, provider):
    import zlib

    may_go_on = threading.Event()
    packer = zlib.compressobj(wbits=31)
    first = packer.compress(sse(DELTA)) + packer.flush(zlib.Z_SYNC_FLUSH)
    second = packer.compress(sse(LAST, "[DONE]")) + packer.flush()
    head = chunked_head(extra=b"Content-Encoding: gzip\r\n")
    provider.reply = lambda seen: [head, chunk(first), lambda: may_go_on.wait(PATIENCE_SECONDS), chunk(second), END]
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        answer = response(connection)
        assert answer.read1() == first
        may_go_on.set()
        assert answer.read() == second
    assert proxy.record()["input_tokens"] == 31


# Hanging up


def test_a_client_that_hangs_up_stops_the_provider_and_is_recorded(proxy, provider):
    is_gone = threading.Event()
    pieces = [chunked_head(), chunk(sse(ANTHROPIC_START)), lambda: is_gone.wait(PATIENCE_SECONDS)]
    pieces += [lambda: time.sleep(0.01), chunk(sse({"type": "ping"}))] * 1000
    provider.reply = lambda seen: pieces
    with proxy.connect() as connection:
        connection.sendall(post("/anthropic/v1/messages"))
        assert response(connection).read1()
    is_gone.set()
    assert provider.seen[-1].was_cut.wait(PATIENCE_SECONDS)
    record = proxy.record()
    assert (record["usage_status"], record["outcome"]) == ("partial", "client_closed")
    assert (record["input_tokens"], record["output_tokens"], record["http_status"]) == (1110, 1, 200)


def test_a_client_that_hangs_up_before_any_answer(proxy, provider):
    provider.reply = lambda seen: [lambda: time.sleep(0.01), b""] * 1000
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        wait_for(lambda: provider.seen, "the request at the provider")
    assert provider.seen[-1].was_cut.wait(PATIENCE_SECONDS)
    record = proxy.record()
    assert (record["usage_status"], record["outcome"], record["http_status"]) == ("partial", "client_closed", None)


def test_a_client_that_hangs_up_while_it_uploads(proxy, provider):
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions", b"a" * 100_000)[:500])
        wait_for(lambda: provider.seen, "the request at the provider")
    assert provider.seen[-1].was_cut.wait(PATIENCE_SECONDS)
    assert proxy.record()["outcome"] == "client_closed"


def test_hanging_up_after_done_is_complete(proxy, provider):
    never = threading.Event()
    provider.reply = lambda seen: [chunked_head(), chunk(EVENTS), lambda: never.wait(1.0), END]
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        assert response(connection).read1() == EVENTS
    record = proxy.record()
    assert (record["usage_status"], record["outcome"], record["input_tokens"]) == ("reported", "complete", 31)


@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_provider_that_breaks_off_is_not_made_whole(proxy, provider, framing):
    first = sse(ANTHROPIC_START)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
    head = chunked_head() if framing == "chunks" else head
    provider.reply = lambda seen: [head, chunk(first) if framing == "chunks" else first, hang_up]
    with proxy.connect() as connection:
        connection.sendall(post("/anthropic/v1/messages"))
        answer = response(connection)
        with pytest.raises(http.client.IncompleteRead) as broken:
            answer.read()
        assert broken.value.partial == first
    record = proxy.record()
    assert (record["usage_status"], record["outcome"], record["input_tokens"]) == (
        "partial",
        "upstream_incomplete",
        1110,
    )


def test_a_provider_that_hangs_up_without_an_answer(proxy, provider):
    provider.reply = lambda seen: [hang_up]
    received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    assert received.startswith(b"HTTP/1.1 502") and b"proxy_upstream_disconnected" in received
    # Sent once: nobody may be billed twice.
    assert len(provider.seen) == 1
    record = proxy.record()
    assert (record["usage_status"], record["outcome"], record["http_status"]) == ("not_applicable", "proxy_error", 502)


def test_a_provider_that_answers_nonsense(proxy, provider):
    provider.reply = lambda seen: [b"SSH-2.0-OpenSSH_9.9 canary\r\n\r\n", hang_up]
    received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    assert received.startswith(b"HTTP/1.1 502") and b"canary" not in received
    assert proxy.record()["outcome"] == "proxy_error"


def test_a_provider_that_cannot_be_reached(own_proxy):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    proxy = own_proxy(f"http://127.0.0.1:{port}")
    received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    assert received.startswith(b"HTTP/1.1 502") and b"proxy_upstream_unreachable" in received
    assert proxy.record()["outcome"] == "proxy_error"


def test_an_early_answer_to_a_large_upload_arrives(own_proxy):
    provider = Provider(lambda seen: [whole(b"{}", status="413 Payload Too Large")], reads_bodies=False)
    proxy = own_proxy(provider.url)
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions", b"x" * 1_000_000)[:5000])
        answer = response(connection)
        assert (answer.status, answer.read()) == (413, b"{}")
    assert proxy.record()["http_status"] == 413
    provider.close()


def test_a_stale_connection_is_not_used_and_nothing_is_sent_twice(proxy, provider):
    provider.reply = lambda seen: [whole(DOCUMENT), hang_up]
    for _ in range(5):
        received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
        assert received.startswith(b"HTTP/1.1 200")
        time.sleep(0.05)
    assert len(provider.seen) == 5


def test_many_streams_at_once_do_not_mix(proxy, provider):
    provider.reply = lambda seen: stream(
        DELTA,
        {**LAST, "usage": {"prompt_tokens": int(seen.target.partition("?n=")[2]), "completion_tokens": 1}},
        "[DONE]",
    )

    def ask(number: int) -> None:
        received = proxy.exchange(closing(post(f"/openai/v1/chat/completions?n={number}")))
        assert b'"prompt_tokens":%d,' % number in received

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(record["input_tokens"] for record in proxy.records(60)) == list(range(60))


def test_usage_is_asked_for_only_where_the_operator_says_so(own_proxy, provider):
    proxy = own_proxy(openai={"inject_include_usage": True})
    body = b'{"model": "gpt-x",  "stream": true, "messages": [] }'
    proxy.exchange(closing(post("/openai/v1/chat/completions", body)))
    seen = provider.seen[-1]
    assert seen.body == body[:-1] + b',"stream_options":{"include_usage":true}}'
    assert seen.header("content-length") == str(len(seen.body))
    assert proxy.record()["usage_status"] == "reported"
    for untouched in (b'{"stream": false, "messages": []}', b'{"stream": true, "stream_options": {}}', b"no json"):
        proxy.exchange(closing(post("/openai/v1/chat/completions", untouched)))
        assert provider.seen[-1].body == untouched
    proxy.exchange(closing(post("/mistral/v1/chat/completions", body)))
    assert provider.seen[-1].body == body


def test_the_end_of_a_process_lets_streams_end(own_proxy, provider):
    may_go_on = threading.Event()
    usual = provider.reply
    provider.reply = lambda seen: [
        chunked_head(),
        chunk(sse(DELTA)),
        lambda: may_go_on.wait(5),
        chunk(sse(LAST, "[DONE]")),
        END,
    ]
    proxy = own_proxy()
    try:
        with proxy.connect() as connection:
            connection.sendall(post("/openai/v1/chat/completions"))
            answer = response(connection)
            assert answer.read1()
            proxy.process.terminate()
            wait_for(lambda: not can_connect(proxy.port), "the proxy to stop listening")
            may_go_on.set()
            assert answer.read() == sse(LAST, "[DONE]")
        assert proxy.process.wait(PATIENCE_SECONDS) == 0
    finally:
        provider.reply = usual
    assert proxy.record()["usage_status"] == "reported"


def test_the_end_of_a_process_cuts_what_does_not_end_and_records_it(own_proxy, provider):
    never = threading.Event()
    usual = provider.reply
    provider.reply = lambda seen: [chunked_head(), chunk(sse(ANTHROPIC_START)), lambda: never.wait(10), END]
    proxy = own_proxy(server={"shutdown_seconds": 0.3})
    try:
        with proxy.connect() as connection:
            connection.sendall(post("/anthropic/v1/messages"))
            assert response(connection).read1()
            assert proxy.terminate() == 0
    finally:
        provider.reply = usual
        never.set()
    record = proxy.record()
    assert (record["usage_status"], record["outcome"], record["input_tokens"]) == ("partial", "proxy_error", 1110)


def can_connect(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False


def test_a_client_that_does_not_read_slows_the_provider(proxy, provider):
    sent = []
    piece = chunk(b"data: " + b"x" * 60_000 + b"\n\n")

    def pieces():
        yield chunked_head()
        for _ in range(3000):
            sent.append(len(piece))
            yield piece

    provider.reply = lambda seen: pieces()
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions"))
        wait_for(lambda: sent and sum(sent) == wait_a_little(sent), "the provider to be held back")
        assert sum(sent) < 60_000_000


def wait_a_little(sent: list[int]) -> int:
    before = sum(sent)
    time.sleep(0.5)
    return before if before == sum(sent) else -1
