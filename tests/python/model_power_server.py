"""A real HTTP server on the loopback that serves daily files, and misbehaves in every way a server can."""

import gzip
import hashlib
import threading
import time
import zlib
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from model_power_files import daily_csv, daily_name, daily_rows

# Ends what would hang; nothing is judged by the time it takes.
HANGS_AFTER_SECONDS = 120


class Server:
    """What the loopback server answers by path, and what it was asked: ``requests`` as (path, status)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers = {}
        self.requests = []
        self.connections = 0
        self.sent_bytes = 0

    def serve(self, day: date, text: str | None = None, **options) -> None:
        self.answers[f"/{daily_name(day)}"] = whole(text or daily_csv(daily_rows(day, **options)))

    def send_garbage(self, handler) -> None:
        block = b"garbage," * 8192
        for _ in range(2 * 1024**3 // len(block)):
            handler.wfile.write(block)
            self.sent_bytes += len(block)

    @property
    def template(self) -> str:
        return f"{self.url}/artificialanalysis_environmental_{{date}}.csv"

    def asked(self, status: int) -> list[str]:
        return [path for path, answered in self.requests if answered == status]


@contextmanager
def running_server():
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def setup(self):
            server.connections += 1
            super().setup()

        def do_GET(self):
            answer = server.answers.get(self.path.partition("?")[0], whole("404: Not Found", status=404))
            try:
                server.requests.append((self.path, answer(self)))
            except (BrokenPipeError, ConnectionResetError):
                server.requests.append((self.path, "client left"))
                self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        http.block_on_close = False
        server = Server(f"http://127.0.0.1:{http.server_port}")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield server
        http.shutdown()


def whole(text: str, status: int = 200, kind: str = "text/plain; charset=utf-8", **headers):
    """An answer with ETag that knows If-None-Match."""
    body = text.encode()
    etag = f'"{hashlib.sha256(body).hexdigest()}"'

    def answer(handler) -> int:
        unchanged = status == 200 and handler.headers.get("If-None-Match") == etag
        handler.send_response(304 if unchanged else status)
        handler.send_header("ETag", etag)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if not unchanged:
            handler.send_header("Content-Type", kind)
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if not unchanged:
            handler.wfile.write(body)
        return 304 if unchanged else status

    return answer


def in_turn(*answers):
    """The first answer to the first request, and so on; the last one for good."""
    left = list(answers)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def truncated(text: str):
    def answer(handler) -> int:
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(text)))
        handler.end_headers()
        handler.wfile.write(text[: len(text) // 2].encode())
        handler.close_connection = True
        return 200

    return answer


def cut_chunks(text: str):
    def answer(handler) -> int:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        part = text[: len(text) // 2].encode()
        handler.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
        handler.close_connection = True
        return 200

    return answer


def silent(handler) -> int:
    handler.server.silence = getattr(handler.server, "silence", threading.Event())
    handler.server.silence.wait(HANGS_AFTER_SECONDS)
    return 0


def dripping(handler) -> int:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000000")
    handler.end_headers()
    for _ in range(HANGS_AFTER_SECONDS * 20):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)
    return 200


def dripping_headers(handler) -> int:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    for _ in range(HANGS_AFTER_SECONDS * 20):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.05)
    return 200


def endless(server: Server, announced: int | None):
    """Two gigabytes of garbage, or as much as the client takes."""

    def answer(handler) -> int:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/csv")
        if announced:
            handler.send_header("Content-Length", str(announced))
        else:
            handler.send_header("Connection", "close")
        handler.end_headers()
        server.send_garbage(handler)
        handler.close_connection = True
        return 200

    return answer


def sent(body: bytes, status: int = 200, **headers):
    """These bytes and headers, and the end of the connection as the end of the body."""

    def answer(handler) -> int:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True
        return status

    return answer


def compressed(text: str, share: float = 1.0):
    """The answer as gzip, whole or cut off without anything else that shows it."""
    body = gzip.compress(text.encode())
    return sent(body[: int(len(body) * share)], Content_Encoding="gzip")


def two_gigabytes_in_two_megabytes(handler) -> int:
    """An answer of a size that may be read, which unfolds to a thousand times of it."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.send_header("Connection", "close")
    handler.end_headers()
    gzip_format = 16 + zlib.MAX_WBITS
    squeeze = zlib.compressobj(9, zlib.DEFLATED, gzip_format)
    block = b"garbage," * 131072
    for _ in range(2 * 1024**3 // len(block)):
        handler.wfile.write(squeeze.compress(block))
    handler.wfile.write(squeeze.flush())
    handler.close_connection = True
    return 200


def dripping_gzip(handler) -> int:
    """Compressed bytes that never come to anything: one empty file after the other."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    for _ in range(HANGS_AFTER_SECONDS * 20):
        handler.wfile.write(gzip.compress(b""))
        handler.wfile.flush()
        time.sleep(0.05)
    return 200


def redirecting(target: str, then=None):
    """A redirect, its body empty or whatever ``then`` sends after the headers."""

    def answer(handler) -> int:
        handler.send_response(302)
        handler.send_header("Location", target)
        handler.send_header("Connection", "close")
        handler.end_headers()
        if then:
            then(handler)
        handler.close_connection = True
        return 302

    return answer
