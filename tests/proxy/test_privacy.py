"""Canaries in everything a client or a provider can write: none is ever stored, logged or counted under its name."""

import contextlib
import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import anthropic
import openai
import pytest
from conftest import PROJECT, RunningProxy, read_all
from fake_provider import USAGE_CHAT, chunk, chunked_head, document, hang_up, sse, whole
from google import genai
from mistralai.client import Mistral
from test_delivery import firehose_settings
from test_relay import closing, post

from ai_proxy.schema import COLUMNS

# Letters only, so that no rule for names or numbers can change it beyond recognition.
CANARY = re.compile(rb"canary|127\.0\.0\.77", re.IGNORECASE)
HEADERS = [
    b"Authorization: Bearer sk-CANARYkey",
    b"api-key: CANARYkey",
    b"x-goog-api-key: CANARYkey",
    b"OpenAI-Organization: org-CANARY",
    b"OpenAI-Project: proj_CANARY",
    b"X-CANARY-Header: CANARY",
    b"Cookie: session=CANARY",
    b"User-Agent: CANARY/1.0",
    b"X-Forwarded-For: 127.0.0.77",
    b"Content-Type: application/json; canary=CANARY",
]
MESSAGES = [{"role": "system", "content": "CANARY system"}, {"role": "user", "content": "CANARY prompt"}]
TOOL = {"type": "function", "function": {"name": "CANARY_tool", "description": "CANARY", "parameters": {}}}
BODY = {
    "model": "CANARY model",
    "messages": MESSAGES,
    "tools": [TOOL],
    "user": "CANARY-user",
    "metadata": {"CANARY": "CANARY"},
    "n": "CANARY",
    "size": "CANARY",
    "quality": "CANARY",
    "CANARY": True,
}
CALL = {"index": 0, "message": {"role": "assistant", "content": "CANARY", "tool_calls": [{"arguments": "CANARY"}]}}
ANSWER = {
    "id": "resp_CANARY",
    "object": "CANARY",
    "model": "CANARY model",
    "status": "CANARY",
    "system_fingerprint": "CANARY",
    "choices": [CALL],
    "size": "CANARY",
    "quality": "CANARY",
    "seconds": "CANARY",
    "usage": {**USAGE_CHAT, "CANARY": "CANARY", "total_tokens": "CANARY"},
}
ANSWER_HEADERS = (
    b"openai-organization: org-CANARY\r\nx-request-id: req_CANARY\r\nSet-Cookie: CANARY\r\nCANARY: CANARY\r\n"
)
PATHS = [
    "/openai/v1/chat/completions?key=CANARY",
    "/openai/v1/responses",
    "/openai/v1/images/generations?CANARY=1",
    "/openai/v1/videos",
    "/openai/v1/audio/speech",
    "/openai/v1/CANARY",
    "/azure/sales/openai/deployments/CANARY/chat/completions?api-version=CANARY",
    "/azure/sales/openai/v1/chat/completions",
    "/azure/CANARY/openai/v1/chat/completions",
    "/anthropic/v1/messages?beta=CANARY",
    "/google/v1beta/models/CANARY%20x:generateContent?key=CANARY",
    "/google/v1beta/tunedModels/CANARY:streamGenerateContent?key=CANARY",
    "/vertex/global/v1/projects/CANARY/locations/CANARY/endpoints/CANARY:generateContent",
    "/vertex/CANARY/v1/x",
    "/mistral/v1/conversations/CANARY",
    "/CANARY",
    "/openai/../CANARY",
]
MALFORMED = [
    b"CANARY CANARY CANARY\r\n\r\n",
    b"GET /CANARY HTTP/CANARY\r\n\r\n",
    b"POST /openai/v1/chat/completions HTTP/1.1\r\nAuthorization : Bearer CANARY\r\n\r\n",
    b"POST /openai/v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer CANARY\0\r\n\r\n",
    b"POST /openai/v1/chat/completions HTTP/1.1\r\nAuthorization: Bearer " + b"CANARY" * 20_000 + b"\r\n\r\n",
    b"POST /openai/v1/chat/completions HTTP/1.1\r\nContent-Length: CANARY\r\n\r\nCANARY",
    b"POST /openai/v1/chat/completions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nCANARY\r\n",
    b"POST http://CANARY/CANARY HTTP/1.1\r\nHost: CANARY\r\n\r\n",
    b"GET /openai/v1/realtime?CANARY HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX: CANARY\r\n\r\n",
    b"CANARY",
]
REPLIES = [
    lambda seen: [whole(json.dumps(ANSWER).encode(), extra=ANSWER_HEADERS)],
    lambda seen: [
        chunked_head(extra=ANSWER_HEADERS),
        chunk(sse(ANSWER, {"type": "CANARY", "error": "CANARY"}, "CANARY")),
        b"0\r\n\r\n",
    ],
    lambda seen: [chunked_head(extra=ANSWER_HEADERS), chunk(sse(ANSWER)), hang_up],
    lambda seen: [whole(b"CANARY is no JSON", extra=ANSWER_HEADERS)],
    lambda seen: [whole(b"CANARY", extra=ANSWER_HEADERS + b"Content-Encoding: CANARY\r\n")],
    lambda seen: [whole(b"CANARY", extra=ANSWER_HEADERS + b"Content-Encoding: gzip\r\n")],
    lambda seen: [
        whole(json.dumps({"error": {"message": "CANARY"}}).encode(), status="401 CANARY", extra=ANSWER_HEADERS)
    ],
    lambda seen: [b"HTTP/1.1 CANARY\r\nCANARY\r\n\r\n", hang_up],
    lambda seen: [hang_up],
]


def everything_kept(proxy: RunningProxy) -> dict[str, bytes]:
    """All that the process left on disk or tells about itself, but for its settings."""
    kept = {str(path): path.read_bytes() for path in proxy.folder.rglob("*") if path.is_file() and path != proxy.config}
    kept |= {f"name {path}": str(path.relative_to(proxy.folder)).encode() for path in proxy.folder.rglob("*")}
    return kept


def send(proxy: RunningProxy, request: bytes, is_cut: bool = False) -> None:
    """From an address of its own, so that it would be seen."""
    with socket.create_connection(("127.0.0.1", proxy.port), 10, source_address=("127.0.0.77", 0)) as connection:
        connection.sendall(request)
        if not is_cut:
            connection.shutdown(socket.SHUT_WR) if request in MALFORMED else None
            read_all(connection)


@pytest.mark.parametrize("sink", ["folder", "firehose that is down"])
def test_nothing_said_by_client_or_provider_is_kept_anywhere(own_proxy, provider, sink, tmp_path):
    settings = {} if sink == "folder" else firehose_settings("http://127.0.0.1:9")
    settings["environment"] = {**settings.get("environment", {}), "PYTHONASYNCIODEBUG": "1", "PYTHONDEVMODE": "1"}
    proxy = own_proxy(**settings)
    usual = provider.reply
    try:
        for reply in REPLIES:
            provider.reply = reply
            for path in PATHS:
                send(proxy, closing(post(path, json.dumps(BODY).encode(), *HEADERS)))
        for request in MALFORMED:
            send(proxy, request)
        provider.reply = lambda seen: [chunked_head(), chunk(sse(ANSWER)), lambda: None] * 50
        for path in PATHS:
            send(proxy, post(path, json.dumps(BODY).encode(), *HEADERS), is_cut=True)
            send(proxy, post(path, json.dumps(BODY).encode(), *HEADERS)[:700], is_cut=True)
        provider.reply = lambda seen: document(ANSWER)
        ask_with_sdks(proxy)
    finally:
        provider.reply = usual
    metrics = proxy.metrics()
    assert proxy.terminate() == 0
    kept = everything_kept(proxy) | {"metrics": metrics.encode()}
    if sink == "folder":
        kept |= compacted(proxy, tmp_path)
    else:
        assert list(proxy.spool.glob("ready/*.jsonl"))
    assert len(kept[str(proxy.log)].splitlines()) > 100, "the log at DEBUG was meant to hold the requests"
    lines = [line for path in proxy.folder.rglob("*.jsonl") for line in path.read_bytes().splitlines()]
    assert len(lines) > 100
    assert all(list(json.loads(line)) == list(COLUMNS) for line in lines)
    found = {name: CANARY.findall(content)[:3] for name, content in kept.items() if CANARY.search(content)}
    assert not found


def test_a_model_name_that_no_provider_confirmed_is_kept_only_if_it_is_a_public_one(own_proxy, provider):
    proxy = own_proxy()
    usual = provider.reply
    said = json.dumps({**BODY, "model": "gpt-4o-CANARY-1"}).encode()
    try:
        for reply in REPLIES[6:]:
            provider.reply = reply
            for path in [*PATHS, "/google/v1beta/models/gemini-CANARY:generateContent"]:
                send(proxy, closing(post(path, said)))
        send(proxy, closing(post("/openai/v1/chat/completions", b'{"model":"gpt-4o-mini-2024-07-18"}')))
        provider.reply = lambda seen: document({**ANSWER, "model": "gpt-4o-CANARY-1"})
        send(proxy, closing(post("/azure/sales/openai/v1/chat/completions", said)))
        send(proxy, closing(post("/azure/sales/openai/deployments/GPT-4o-canary-1/chat/completions", said)))
        send(proxy, closing(post("/azure/sales/openai/v1/responses/resp_1/cancel", b"")))
        send(proxy, closing(b"GET /azure/sales/openai/v1/responses/resp_1 HTTP/1.1\r\nHost: x\r\n\r\n"))
        provider.reply = lambda seen: document({**ANSWER, "model": "gpt-4o"})
        send(proxy, closing(post("/azure/sales/openai/v1/chat/completions", b'{"model":"gpt-4o"}')))
    finally:
        provider.reply = usual
    assert proxy.terminate() == 0
    lines = [line for path in proxy.folder.rglob("*.jsonl") for line in path.read_bytes().splitlines()]
    assert len(lines) > 30
    assert {json.loads(line)["model"] for line in lines} == {None, "invalid", "gpt-4o-mini-2024-07-18", "gpt-4o"}
    found = {name: 1 for name, content in everything_kept(proxy).items() if CANARY.search(content)}
    assert not found


def compacted(proxy: RunningProxy, folder: Path) -> dict[str, bytes]:
    """Raw files, some of them spoilt, made into Parquet: everything that comes of it."""
    raw = next(proxy.raw.glob("dt=*/*.jsonl"))
    spoilt = proxy.raw / "spoilt.jsonl"
    spoilt.write_bytes(raw.read_bytes() + b'{"CANARY": 1}\nCANARY\n\xffCANARY\n' + b"CANARY" * 20_000)
    done = subprocess.run(
        [sys.executable, PROJECT / "scripts" / "compact_telemetry.py", "--source", proxy.raw, "--out", folder / "out"],
        capture_output=True,
        env=proxy.environment,
    )
    assert done.returncode == 3, done.stderr
    spoilt.unlink()
    kept = {str(path): path.read_bytes() for path in (folder / "out").rglob("*") if path.is_file()}
    import duckdb

    rows = duckdb.sql(f"select * from '{folder}/out/dt=*/*.parquet'").fetchall()
    assert rows
    return kept | {"rows": repr(rows).encode(), "stdout": done.stdout, "stderr": done.stderr}


def ask_with_sdks(proxy: RunningProxy) -> None:
    """Every SDK, with canaries in all it lets one say; what it makes of the odd answers does not matter here."""
    sdk = openai.OpenAI(base_url=f"{proxy.url}/openai/v1", api_key="sk-CANARY", organization="CANARY", max_retries=0)
    azure = openai.AzureOpenAI(
        azure_endpoint=f"{proxy.url}/azure/sales", api_key="CANARY", api_version="CANARY", max_retries=0
    )
    claude = anthropic.Anthropic(base_url=f"{proxy.url}/anthropic", api_key="CANARY", max_retries=0)
    gemini = genai.Client(api_key="CANARY", http_options={"base_url": f"{proxy.url}/google"})
    mistral = Mistral(api_key="CANARY", server_url=f"{proxy.url}/mistral")
    said = {"model": "CANARY model", "messages": MESSAGES[1:]}
    picture, sound = ("CANARY.png", b"CANARY" * 9000), ("CANARY.mp3", b"CANARY")
    for ask in (
        lambda: sdk.chat.completions.create(**said, user="CANARY"),
        lambda: list(sdk.chat.completions.create(**said, stream=True)),
        lambda: sdk.responses.create(model="CANARY model", input="CANARY", instructions="CANARY"),
        lambda: sdk.images.edit(model="CANARY model", prompt="CANARY", image=picture),
        lambda: sdk.audio.transcriptions.create(model="CANARY model", file=sound, prompt="CANARY"),
        lambda: azure.chat.completions.create(**said),
        lambda: claude.messages.create(**said, max_tokens=5, system="CANARY", metadata={"user_id": "CANARY"}),
        lambda: gemini.models.generate_content(model="CANARY model", contents="CANARY"),
        lambda: mistral.chat.complete(**said),
    ):
        with contextlib.suppress(Exception):
            ask()


def test_a_fault_at_start_tells_no_secret(own_proxy, tmp_path):
    file = tmp_path / "x.toml"
    file.write_text('[providers.openai]\nbase_url = "https://CANARY:CANARY@example.com"\n')
    done = subprocess.run(
        [sys.executable, "-m", "ai_proxy", "--config", str(file)],
        capture_output=True,
        env={"PYTHONPATH": str(PROJECT)},
        timeout=30,
    )
    assert done.returncode == 2
    assert not CANARY.search(done.stdout + done.stderr)
