"""What must never reach a provider, and what must never bring the proxy down."""

import json
import socket
import subprocess
import sys
import threading
import time

import pytest
from conftest import PATIENCE_SECONDS, read_all, wait_for
from fake_provider import ENCODERS, END, chunk, chunked_head, whole
from test_relay import REQUEST, closing, post, response

from ai_proxy.config import ConfigError, parse
from ai_proxy.tap import DECODED_BYTES

HEAD = b"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: x\r\n"
SECOND = b"GET /openai/v1/smuggled HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "request_bytes",
    [
        HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + SECOND,
        HEAD + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcd" + SECOND,
        HEAD + b"Content-Length: 4, 5\r\n\r\nabcd" + SECOND,
        HEAD + b"Content-Length: +4\r\n\r\nabcd" + SECOND,
        HEAD + b"Content-Length: -1\r\n\r\n" + SECOND,
        HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + SECOND,
        HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + SECOND,
        HEAD + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + SECOND,
        HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + SECOND,
        HEAD + b"Content-Length : 4\r\n\r\nabcd" + SECOND,
        HEAD + b"X-A: 1\r\n folded\r\nContent-Length: 0\r\n\r\n" + SECOND,
        HEAD + b"X-A: 1\nContent-Length: 0\r\n\r\n" + SECOND,
        HEAD + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n" + SECOND,
        HEAD + b"X-\xff: a\r\nContent-Length: 0\r\n\r\n" + SECOND,
        HEAD.replace(b"HTTP/1.1", b"HTTP/1.1 ") + b"\r\n" + SECOND,
        b"POST /openai/v1/x HTTP/9.1\r\nHost: x\r\n\r\n" + SECOND,
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
def test_smuggling_is_refused_and_nothing_is_forwarded(proxy, provider, request_bytes):
    received = proxy.exchange(request_bytes)
    assert received.startswith(b"HTTP/1.1 400 ") or received.startswith(b"HTTP/1.0 400 ")
    assert received.count(b"HTTP/1.") == 1
    assert b"smuggled" not in received
    assert not provider.seen


@pytest.mark.parametrize(
    "body",
    [
        b"zz\r\nabc\r\n0\r\n\r\n",
        b"4\r\nabcdef\r\n0\r\n\r\n",
        b"4;ext=\n1\r\nabcd\r\n0\r\n\r\n",
        b"FFFFFFFFFFFFFFFFF\r\nabc",
    ],
)
def test_broken_chunks_never_become_a_whole_request(proxy, provider, body):
    proxy.exchange(HEAD + b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n" + body + SECOND)
    assert not [seen for seen in provider.seen if seen.is_whole]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("http://evil.example/openai/v1/models", "invalid_target"),
        ("https://api.openai.com/v1/models", "invalid_target"),
        ("*", "invalid_target"),
        ("openai/v1/models", "invalid_target"),
        ("/openai/v1/../../google/v1/models", "invalid_path"),
        ("/openai/..", "invalid_path"),
        ("/openai/./v1/models", "invalid_path"),
        ("/openai/%2e%2e/v1/models", "invalid_path"),
        ("/openai/.%2E/v1/models", "invalid_path"),
        ("/openai/v1/..;/models", "invalid_path"),
        ("/openai/v1/%2e%2e%2fmodels", "invalid_path"),
        ("/openai\\v1/models", "invalid_path"),
        ("/openai/%5cv1/models", "invalid_path"),
        ("/openai/v1/%0d%0aX-A:%201", "invalid_path"),
        ("/openai/v1/%00", "invalid_path"),
        ("//evil.example/v1/models", "unknown_route"),
        ("/evil/v1/models", "unknown_route"),
        ("/", "unknown_route"),
        ("/OpenAI/v1/models", "unknown_route"),
        ("/openai%2fv1/models", "unknown_route"),
        ("/azure/unknown/openai/v1/models", "unknown_route"),
        ("/azure.sales/openai/v1/models", "unknown_route"),
        ("/vertex/evil.example/v1/models", "unknown_route"),
        ("/vertex/{location}/v1/models", "unknown_route"),
    ],
)
def test_targets_that_lead_elsewhere_are_refused(proxy, provider, target, reason):
    received = proxy.exchange(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["type"] in (reason, "malformed_request")
    assert received.split(b" ")[1] == (b"404" if reason == "unknown_route" else b"400")
    assert not provider.seen


def test_connect_is_refused(proxy, provider):
    received = proxy.exchange(
        b"CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com\r\nConnection: close\r\n\r\n"
    )
    assert received.startswith(b"HTTP/1.1 400 ")
    assert not provider.seen


def test_the_host_header_does_not_choose_the_upstream(proxy, provider):
    proxy.exchange(
        b"GET /openai/v1/models HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil\r\nConnection: close\r\n\r\n"
    )
    assert provider.seen[-1].header("host") == provider.url.removeprefix("http://")


def test_a_websocket_upgrade_gets_a_clear_answer(proxy, provider):
    received = proxy.exchange(
        b"GET /openai/v1/realtime?model=x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    assert received.startswith(b"HTTP/1.1 501 ")
    assert json.loads(received.partition(b"\r\n\r\n")[2])["error"]["type"] == "websocket_not_supported"
    assert not provider.seen
    assert 'proxy_refused_total{reason="websocket_not_supported"}' in proxy.metrics()


def test_large_headers_pass_and_too_large_ones_are_refused(proxy, provider):
    token = b"Authorization: Bearer " + b"t" * 30_000
    assert proxy.exchange(closing(post("/openai/v1/chat/completions", REQUEST, token))).startswith(b"HTTP/1.1 200")
    provider.seen.clear()
    token = b"Authorization: Bearer " + b"t" * 100_000
    received = proxy.exchange(closing(post("/openai/v1/chat/completions", REQUEST, token)))
    assert received.startswith(b"HTTP/1.0 400 ")
    many = [b"X-%d: 1" % number for number in range(1000)]
    received = proxy.exchange(closing(post("/openai/v1/chat/completions", REQUEST, *many)))
    assert received.startswith(b"HTTP/1.0 400 ")
    assert not provider.seen


def test_bodies_over_the_limit_are_refused_in_both_framings(own_proxy, provider):
    proxy = own_proxy(server={"max_body_bytes": 10_000})
    provider.seen.clear()
    with proxy.connect() as connection:
        connection.sendall(post("/openai/v1/chat/completions", b"x" * 10_001).removesuffix(b"x" * 10_001))
        assert response(connection).status == 413
    assert not provider.seen
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    with proxy.connect() as connection:
        connection.sendall(head)
        for _ in range(11):
            connection.sendall(chunk(b"x" * 1000))
            time.sleep(0.01)
        assert response(connection).status == 413
    assert not [seen for seen in provider.seen if seen.is_whole]
    record = proxy.record()
    assert (record["http_status"], record["outcome"]) == (413, "proxy_error")


def test_clients_too_slow_with_their_headers_are_let_go(own_proxy, provider):
    proxy = own_proxy(server={"header_timeout_seconds": 0.4})
    with proxy.connect() as silent, proxy.connect() as dripping, proxy.connect() as later:
        later.sendall(post("/openai/v1/chat/completions"))
        assert response(later).read()
        stop = threading.Event()

        def drip(connection: socket.socket) -> None:
            try:
                for byte in HEAD * 100:
                    if stop.wait(0.05):
                        return
                    connection.sendall(bytes([byte]))
            except OSError:
                pass

        threads = [threading.Thread(target=drip, args=(connection,)) for connection in (dripping, later)]
        for thread in threads:
            thread.start()
        for connection in (silent, dripping, later):
            assert read_all(connection) == b""
        stop.set()
        for thread in threads:
            thread.join()


def test_a_slow_but_honest_stream_is_never_timed_out(own_proxy, provider):
    proxy = own_proxy(server={"header_timeout_seconds": 0.3})
    usual = provider.reply
    provider.reply = lambda seen: [
        lambda: time.sleep(1),
        chunked_head(),
        lambda: time.sleep(1),
        chunk(b"data: [DONE]\n\n"),
        END,
    ]
    try:
        with proxy.connect() as connection:
            connection.sendall(post("/openai/v1/chat/completions"))
            assert response(connection).read() == b"data: [DONE]\n\n"
    finally:
        provider.reply = usual
    assert proxy.record()["outcome"] == "complete"


def test_connections_beyond_the_cap_are_closed_at_once(own_proxy, provider):
    proxy = own_proxy(server={"max_connections": 3})
    held = [proxy.connect() for _ in range(3)]
    for connection in held:
        connection.sendall(post("/openai/v1/chat/completions"))
        assert response(connection).read()
    with proxy.connect() as one_more:
        one_more.settimeout(PATIENCE_SECONDS)
        assert read_all(one_more) == b""
    held.pop().close()
    wait_for(
        lambda: proxy.exchange(closing(post("/openai/v1/chat/completions"))).startswith(b"HTTP/1.1 200"), "a free place"
    )
    for connection in held:
        connection.close()


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_decompression_bomb_passes_untouched_and_harms_nothing(own_proxy, provider, encoding):
    bomb = ENCODERS[encoding](b'{"model":"' + b"A" * (DECODED_BYTES + 20_000_000))
    proxy = own_proxy()
    usual = provider.reply
    provider.reply = lambda seen: [whole(bomb, extra=b"Content-Encoding: " + encoding.encode() + b"\r\n")]
    before = proxy.memory_bytes()
    try:
        received = proxy.exchange(closing(post("/openai/v1/chat/completions")))
    finally:
        provider.reply = usual
    assert received.endswith(b"\r\n\r\n" + bomb)
    assert proxy.record()["usage_status"] == "unparseable"
    assert proxy.memory_bytes() - before < 48 * 1024 * 1024


BROKEN = """
import sys
from ai_proxy import tap
from ai_proxy.__main__ import main

def fail(*_):
    raise RuntimeError("CANARY")

tap.Tap.{method} = fail
sys.exit(main())
"""


@pytest.mark.parametrize("method", ["take", "on_event", "read", "unpack", "end"])
def test_a_fault_in_extraction_never_touches_the_relay(own_proxy, method):
    proxy = own_proxy(command=["-c", BROKEN.format(method=method)])
    for body in (REQUEST, REQUEST[:-1] + b',"stream":true}'):
        received = proxy.exchange(closing(post("/openai/v1/chat/completions", body)))
        assert received.startswith(b"HTTP/1.1 200 ") and b"gpt-test-1" in received
    records = proxy.records(2)
    assert {record["outcome"] for record in records} <= {"complete", "upstream_incomplete"}
    assert proxy.metric("proxy_tap_errors_total") >= 1
    assert "CANARY" not in proxy.log.read_text()


def test_even_a_record_that_cannot_be_built_leaves_the_answer_alone(own_proxy):
    code = BROKEN.replace("from ai_proxy import tap", "from ai_proxy import relay").replace(
        "tap.Tap.{method}", "relay.build"
    )
    proxy = own_proxy(command=["-c", code])
    assert proxy.exchange(closing(post("/openai/v1/chat/completions"))).startswith(b"HTTP/1.1 200 ")
    wait_for(lambda: proxy.metric("proxy_tap_errors_total") == 1, "the fault to be counted")


def test_an_unknown_key_or_a_wrong_value_is_refused_by_name():
    for content, words in [
        ({"server": {"prot": 1}}, ["[server] prot", "Known: host"]),
        ({"server": {"port": "80"}}, ["[server] port", "int"]),
        ({"sevrer": {}}, ["[sevrer]"]),
        ({"sink": {"kind": "s3"}}, ["[sink] kind"]),
        ({"sink": {"kind": "firehose"}}, ["[sink] stream"]),
        ({"providers": {"openai": {"base_url": "http://example.com"}}}, ["openai", "loopback"]),
        ({"providers": {"openai": {"base_url": "https://u:p@example.com"}}}, ["base_url"]),
        ({"providers": {"acme": {}}}, ["providers.acme"]),
        ({"providers": {"azure": {"sales": {}}}}, ["azure.sales", "base_url"]),
        ({"labels": {"team": "a\nb"}}, ["[labels] team"]),
        ({"server": {"ca_file": "/nowhere/ca.pem"}}, ["[server] ca_file", "/nowhere/ca.pem", "No such file"]),
        ({"server": {"ca_file": __file__}}, ["[server] ca_file", "no PEM certificates"]),
        ({"sink": {"region": "Frankfurt"}}, ["[sink] region", "Frankfurt", "eu-central-1"]),
        ({"sink": {"endpoint_url": "firehose.example.com"}}, ["[sink] endpoint_url", "https://host"]),
        ({"sink": {"endpoint_url": "http://firehose.example.com"}}, ["[sink] endpoint_url", "loopback"]),
        ({"spool": {"install_id": "berlin"}}, ["[spool] install_id", "berlin", "UUID"]),
    ]:
        with pytest.raises(ConfigError) as error:
            parse(content, "x.toml")
        assert all(word in str(error.value) for word in ["x.toml", *words])


def test_a_start_that_cannot_succeed_says_why_and_fails(own_proxy, tmp_path):
    running = own_proxy()

    def start(text: str) -> str:
        file = tmp_path / "bad.toml"
        file.write_text(text)
        done = subprocess.run(
            [sys.executable, "-m", "ai_proxy", "--config", str(file)],
            capture_output=True,
            text=True,
            env=running.environment,
            cwd=tmp_path,
            timeout=PATIENCE_SECONDS,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("error: ") and done.stderr.count("\n") == 1
        return done.stderr

    assert "bad.toml" in start("[server]\nprot = 1\n")
    assert "in use by another process" in start(
        f'[server]\nport = 0\nmetrics_port = 0\n[spool]\ndir = "{running.spool}"\n'
    )
    assert "cannot listen" in start(
        f'[server]\nport = {running.port}\nmetrics_port = 0\n[spool]\ndir = "{tmp_path}/s"\n'
    )


def test_by_default_it_listens_on_loopback_only():
    assert parse({}).server.host == "127.0.0.1"
