"""Heads of messages, passed on byte for byte: names, values, order and duplicates as received.

The header classes of aiohttp decode, sort and complete; a transparent proxy may do none of that. So heads are built
here from raw bytes and handed to aiohttp's own writer, through the one attribute in which it keeps a head until the
body comes. That attribute is private: the version of aiohttp is pinned, and the tests compare every byte.
"""

from collections.abc import Sequence
from functools import lru_cache

from aiohttp import BaseConnector, ClientRequest, ClientResponse, ClientTimeout, StreamReader, web
from aiohttp.helpers import TimerNoop
from aiohttp.http import HttpVersion10, StreamWriter
from yarl import URL

HEADER_BYTES = 64 * 1024
HEADERS = 256
READ_BYTES = 64 * 1024

RawHeaders = Sequence[tuple[bytes, bytes]]

# RFC 9110 7.6.1. What frames a body is never taken from this list but decided here.
HOP_BY_HOP = frozenset((b"keep-alive", b"te", b"trailer", b"transfer-encoding", b"upgrade"))
PASSES, HOP, CONNECTION, HOST = range(4)
NEVER_NAMED = frozenset((b"content-length", b"host"))


@lru_cache(maxsize=1024)
def role(name: bytes) -> int:
    """What a header is for: PASSES, or one of the others."""
    name = name.lower()
    if name == b"connection":
        return CONNECTION
    if name == b"host":
        return HOST
    return HOP if name in HOP_BY_HOP or name.startswith(b"proxy-") else PASSES


def end_to_end(headers: RawHeaders, is_request: bool, stays_open: bool = True) -> list[bytes]:
    """Header lines without those of one hop only, and of a request without Host.

    A mere ``Connection: keep-alive`` stays where it is: as true of the next hop as it was of this one.
    """
    named: set[bytes] = set()
    for name, value in headers:
        if role(name) == CONNECTION:
            named |= {word.strip().lower() for word in value.split(b",")}
    keeps_connection = stays_open and named == {b"keep-alive"}
    named -= NEVER_NAMED
    lines = []
    for name, value in headers:
        kind = role(name)
        if kind == PASSES:
            passes = not named or name.lower() not in named
        else:
            passes = keeps_connection if kind == CONNECTION else kind == HOST and not is_request
        if passes:
            lines.append(name + b": " + value)
    return lines


def request_head(method: str, target: str, host: str, headers: RawHeaders, is_chunked: bool) -> bytes:
    """Request line and headers as they go to the provider; only Host and the framing are ours."""
    lines = [f"{method} {target} HTTP/1.1\r\nHost: {host}".encode("ascii"), *end_to_end(headers, is_request=True)]
    if is_chunked:
        lines.append(b"Transfer-Encoding: chunked")
    return b"\r\n".join(lines) + b"\r\n\r\n"


def put_head(writer: StreamWriter, head: bytes) -> None:
    """Leave the head with the writer, which sends it together with the first piece of the body."""
    writer._headers_buf = head
    writer._headers_written = False


class Answer(web.StreamResponse):
    """An answer whose head is the provider's."""

    def __init__(self, response: ClientResponse, request: web.BaseRequest):
        super().__init__(status=response.status)
        has_body = request.method != "HEAD" and response.status not in (204, 304)
        length = response.headers.get("Content-Length")
        is_old = request.version <= HttpVersion10
        self.is_chunked_here = has_body and length is None and not is_old
        stays_open = request.keep_alive and not (has_body and length is None and is_old)
        self._keep_alive = stays_open
        status = f"HTTP/1.{0 if is_old else 1} {response.status} {response.reason or ''}"
        lines = [status.encode("utf-8", "surrogateescape")]
        lines += end_to_end(response.raw_headers, is_request=False, stays_open=stays_open and not is_old)
        if self.is_chunked_here:
            lines.append(b"Transfer-Encoding: chunked")
        if not stays_open:
            lines.append(b"Connection: close")
        elif is_old:
            lines.append(b"Connection: keep-alive")
        self.head = b"\r\n".join(lines) + b"\r\n\r\n"

    async def _start(self, request: web.BaseRequest) -> StreamWriter:
        """In place of aiohttp's own, which would add Date, Server and Content-Type."""
        self._req = request
        writer = self._payload_writer = request._payload_writer
        if self.is_chunked_here:
            writer.enable_chunking()
        put_head(writer, self.head)
        return writer

    def abandon(self) -> None:
        """Break off: no end of body is written, so that the client sees that it is not whole."""
        self._eof_sent = True
        self._keep_alive = False


class Address(ClientRequest):
    """Where connections to one upstream lead; never sent itself."""

    def __init__(self, url: str, ssl: object):
        super().__init__("GET", URL(url, encoded=True), ssl=ssl)
        self.prefix = "" if self.url.raw_path == "/" else self.url.raw_path
        self.authority = self.url.host_port_subcomponent


async def send(
    connector: BaseConnector,
    address: Address,
    timeout: ClientTimeout,
    method: str,
    head: bytes,
    is_chunked: bool,
    body: bytes | None,
    upload: object,
) -> ClientResponse:
    """Send one request and wait for the head of the answer.

    ``body`` is a whole body already here; else ``upload(writer)`` returns a running task that writes it. A request is
    never repeated: providers would bill it twice.
    """
    connection = await connector.connect(address, traces=[], timeout=timeout)
    task = None
    try:
        protocol = connection.protocol
        protocol.set_response_params(
            timer=TimerNoop(),
            skip_payload=method == "HEAD",
            read_until_eof=True,
            auto_decompress=False,
            read_bufsize=READ_BYTES,
            max_line_size=HEADER_BYTES,
            max_field_size=HEADER_BYTES,
            max_headers=HEADERS,
        )
        writer = StreamWriter(protocol, address.loop)
        if is_chunked:
            writer.enable_chunking()
        put_head(writer, head)
        if body is not None:
            await writer.write_eof(body)
        else:
            writer.send_headers()
            task = upload(writer)
        response = ClientResponse(
            method,
            address.url,
            writer=task,
            continue100=None,
            timer=TimerNoop(),
            request_info=None,
            traces=[],
            loop=address.loop,
            session=None,
            stream_writer=writer,
        )
        try:
            return await response.start(connection)
        except BaseException:
            response.close()
            raise
    except BaseException:
        if task:
            task.cancel()
        connection.close()
        raise


def leftover(content: StreamReader) -> bytes:
    """What arrived before the stream broke; aiohttp would raise and keep it."""
    return b"".join(content._buffer)
