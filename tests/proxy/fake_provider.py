"""A provider on loopback: it keeps every byte it receives and answers with exactly the bytes a test scripts."""

import contextlib
import gzip
import json
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import brotli
from backports import zstd

ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": lambda data: gzip.compress(data, mtime=0),
    "deflate": zlib.compress,
    # The best quality takes many times as long, and bombs are large.
    "br": lambda data: brotli.compress(data, quality=5),
    "zstd": zstd.compress,
}


@dataclass
class Seen:
    """One request as it arrived."""

    head: bytes
    body: bytes = b""
    raw_body: bytes = b""
    is_whole: bool = False
    was_cut: threading.Event = field(default_factory=threading.Event)

    @property
    def line(self) -> str:
        return self.head.partition(b"\r\n")[0].decode("latin-1")

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def headers(self) -> list[bytes]:
        return self.head.removesuffix(b"\r\n\r\n").split(b"\r\n")[1:]

    def header(self, name: str) -> str | None:
        for line in self.headers:
            key, _, value = line.partition(b":")
            if key.strip().lower() == name.lower().encode():
                return value.strip().decode("latin-1")
        return None

    def json(self) -> dict:
        return json.loads(self.body)


Piece = bytes | Callable[[], object]
Reply = Callable[[Seen], Iterable[Piece]]


class Hangup(Exception):
    """Raised by a script: close the connection here."""


class Provider:
    """Answers every request with what ``reply`` yields: bytes are sent, callables called (to wait, or to hang up)."""

    def __init__(self, reply: Reply | None = None, reads_bodies: bool = True):
        self.reply = reply or answer
        self.reads_bodies = reads_bodies
        self.seen: list[Seen] = []
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self.listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self) -> None:
        self.listener.close()

    def accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.connections += 1
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as incoming, contextlib.suppress(OSError, Hangup):
            while seen := self.receive(incoming):
                try:
                    for piece in self.reply(seen):
                        if isinstance(piece, bytes):
                            connection.sendall(piece)
                        else:
                            piece()
                        if is_closed(connection):
                            raise OSError
                except OSError:
                    seen.was_cut.set()
                    raise

    def receive(self, incoming) -> Seen | None:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = incoming.readline()
            if not line:
                return None
            head += line
        seen = Seen(head)
        self.seen.append(seen)
        if not self.reads_bodies:
            return seen
        if (seen.header("transfer-encoding") or "").lower() == "chunked":
            while True:
                size_line = incoming.readline()
                if not size_line:
                    seen.was_cut.set()
                    return None
                size = int(size_line, 16)
                data = incoming.read(size)
                seen.raw_body += size_line + data + incoming.readline()
                seen.body += data
                if not size:
                    break
        elif length := seen.header("content-length"):
            seen.body = seen.raw_body = incoming.read(int(length))
            if len(seen.body) < int(length):
                seen.was_cut.set()
                return None
        seen.is_whole = True
        return seen


def is_closed(connection: socket.socket) -> bool:
    """Whether the other side has hung up."""
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False


# Answers


def whole(body: bytes, content_type: str = "application/json", status: str = "200 OK", extra: bytes = b"") -> bytes:
    """A response with Content-Length."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + extra + b"\r\n" + body


def chunked_head(content_type: str = "text/event-stream", extra: bytes = b"") -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\nContent-Type: "
        + content_type.encode()
        + b"\r\nTransfer-Encoding: chunked\r\n"
        + extra
        + b"\r\n"
    )


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""


END = b"0\r\n\r\n"


def sse(*events: dict | str, named: bool = False) -> bytes:
    """Events as their wire form."""
    text = b""
    for event in events:
        if named and isinstance(event, dict):
            text += b"event: " + event["type"].encode() + b"\n"
        data = event if isinstance(event, str) else json.dumps(event, separators=(",", ":"))
        text += b"data: " + data.encode() + b"\n\n"
    return text


def stream(*events: dict | str, named: bool = False) -> list[bytes]:
    """A stream of events, each in a chunk of its own."""
    return [chunked_head(), *(chunk(sse(event, named=named)) for event in events), END]


USAGE_CHAT = {
    "prompt_tokens": 31,
    "completion_tokens": 12,
    "total_tokens": 43,
    "prompt_tokens_details": {"cached_tokens": 16, "cache_write_tokens": 0},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
USAGE_RESPONSES = {
    "input_tokens": 31,
    "input_tokens_details": {"cached_tokens": 16, "cache_write_tokens": 0},
    "output_tokens": 12,
    "output_tokens_details": {"reasoning_tokens": 5},
    "total_tokens": 43,
}
USAGE_GEMINI = {
    "promptTokenCount": 40,
    "cachedContentTokenCount": 32,
    "candidatesTokenCount": 6,
    "thoughtsTokenCount": 190,
    "toolUsePromptTokenCount": 7,
    "totalTokenCount": 243,
}


def document(value: object) -> list[bytes]:
    return [whole(json.dumps(value).encode())]


def chat(body: dict, with_usage: bool) -> list[bytes]:
    base = {"id": "chatcmpl-t1", "created": 1767225600, "model": "gpt-test-1"}
    if not body.get("stream"):
        message = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
        return document({**base, "object": "chat.completion", "choices": [message], "usage": USAGE_CHAT})
    base["object"] = "chat.completion.chunk"
    delta = {"index": 0, "delta": {"role": "assistant", "content": "Hel"}, "finish_reason": None}
    end = {"index": 0, "delta": {}, "finish_reason": "stop"}
    events = [{**base, "choices": [delta]}, {**base, "choices": [end]}]
    if with_usage:
        events = [{**event, "usage": None} for event in events]
        events.append({**base, "choices": [], "usage": USAGE_CHAT})
    return stream(*events, "[DONE]")


def mistral_chat(body: dict) -> list[bytes]:
    usage = {"prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13}
    base = {"id": "m1", "created": 1767225600, "model": "mistral-test-1"}
    if not body.get("stream"):
        message = {"index": 0, "message": {"role": "assistant", "content": "Hello"}, "finish_reason": "stop"}
        return document({**base, "object": "chat.completion", "choices": [message], "usage": usage})
    base["object"] = "chat.completion.chunk"
    first = {**base, "choices": [{"index": 0, "delta": {"role": "assistant", "content": "H"}, "finish_reason": None}]}
    last = {**base, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "stop"}], "usage": usage}
    return stream(first, last, "[DONE]")


def responses(body: dict) -> list[bytes]:
    base = {
        "id": "resp_t1",
        "object": "response",
        "created_at": 1767225600,
        "model": "gpt-test-1",
        "output": [],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "error": None,
    }
    done = {**base, "status": "completed", "usage": USAGE_RESPONSES}
    if not body.get("stream"):
        return document(done)
    begun = {**base, "status": "in_progress", "usage": None}
    return stream(
        {"type": "response.created", "sequence_number": 0, "response": begun},
        {"type": "response.completed", "sequence_number": 9, "response": done},
        named=True,
    )


def anthropic(body: dict) -> list[bytes]:
    usage = {
        "input_tokens": 10,
        "cache_creation_input_tokens": 100,
        "cache_read_input_tokens": 1000,
        "output_tokens": 1,
    }
    base = {"id": "msg_t1", "type": "message", "role": "assistant", "model": "claude-test-1"}
    if not body.get("stream"):
        text = {"type": "text", "text": "Hello"}
        end = {"stop_reason": "end_turn", "stop_sequence": None}
        return document({**base, "content": [text], **end, "usage": {**usage, "output_tokens": 42}})
    start = {**base, "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
    grown = {**usage, "input_tokens": 55, "cache_read_input_tokens": 2000, "output_tokens": 42}
    return stream(
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": '{"usage":{"output_tokens":99999}}'},
        },
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn", "stop_sequence": None}, "usage": grown},
        {"type": "message_stop"},
        named=True,
    )


def gemini(seen: Seen) -> list[bytes]:
    text = {"content": {"role": "model", "parts": [{"text": "."}]}, "index": 0}
    base = {"modelVersion": "gemini-test-1", "responseId": "g1"}
    last = {**base, "candidates": [{**text, "finishReason": "STOP"}], "usageMetadata": USAGE_GEMINI}
    if "streamGenerateContent" not in seen.target:
        return document(last)
    first = {**base, "candidates": [text], "usageMetadata": {"promptTokenCount": 40, "totalTokenCount": 40}}
    if "alt=sse" in seen.target:
        return stream(first, last)
    body = json.dumps([first, last], indent=2).encode()
    return [chunked_head("application/json"), *(chunk(body[i : i + 37]) for i in range(0, len(body), 37)), END]


def answer(seen: Seen) -> Iterable[Piece]:
    """The fake API: enough of every provider for its official SDK."""
    path = seen.target.partition("?")[0]
    try:
        body = seen.json()
    except ValueError:
        body = {}
    if path.endswith("/chat/completions"):
        if body.get("model", "").startswith("mistral"):
            return mistral_chat(body)
        return chat(body, bool((body.get("stream_options") or {}).get("include_usage")) or not body.get("stream"))
    if path.endswith("/responses"):
        return responses(body)
    if path.endswith("/embeddings"):
        data = [{"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}]
        usage = {"prompt_tokens": 8, "total_tokens": 8}
        if body.get("model", "").startswith("mistral"):
            usage["completion_tokens"] = 0
        return document({"id": "e", "object": "list", "data": data, "model": "embed-test-1", "usage": usage})
    if path.endswith("/images/generations"):
        return document(
            {
                "created": 1767225600,
                "data": [{"b64_json": "AAAA"}, {"b64_json": "BBBB"}],
                "size": "1024x1536",
                "quality": "high",
                "usage": {
                    "input_tokens": 50,
                    "input_tokens_details": {"image_tokens": 40, "text_tokens": 10},
                    "output_tokens": 6208,
                    "total_tokens": 6258,
                },
            }
        )
    if path.endswith("/images/edits"):
        return document({"created": 1767225600, "data": [{"b64_json": "AAAA"}]})
    if path.endswith("/messages"):
        return anthropic(body)
    if path.endswith("/messages/count_tokens"):
        return document({"input_tokens": 12})
    if "enerateContent" in path:
        return gemini(seen)
    if path.endswith(":batchEmbedContents"):
        return document({"embeddings": [{"values": [0.1, 0.2]}]})
    if path.endswith("/models"):
        return document({"object": "list", "data": []})
    return [whole(b'{"error":{"message":"not here"}}', status="404 Not Found")]


def pause(seconds: float) -> Callable[[], None]:
    return lambda: time.sleep(seconds)


def hang_up() -> None:
    raise Hangup
