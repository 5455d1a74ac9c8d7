"""The relay: every byte goes on as it came, at once; the copy for the tap is taken after the client has its own."""

import asyncio
import contextlib
import json
import ssl
import time
import uuid
from collections import deque
from collections.abc import Callable

import aiohttp
from aiohttp import web
from aiohttp.http import HttpVersion10

from ai_proxy import inject
from ai_proxy.config import Config, ProviderSettings
from ai_proxy.facts import Facts
from ai_proxy.metrics import Metrics
from ai_proxy.operations import classify
from ai_proxy.providers import Refused, Route, resolve
from ai_proxy.record import Call, begin, build, copy
from ai_proxy.wire import Address, Answer, leftover, request_head, send

# Providers close idle connections after a minute or more; a request that meets a closing one fails and is not repeated.
IDLE_SECONDS = 15
# Ended calls wait this long for others; no more than so many records are made before the loop turns to relaying again.
GATHER_SECONDS, RECORDS_AT_ONCE = 0.005, 32
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {
    "invalid_target": "The request target must begin with '/' and hold no control characters.",
    "invalid_path": "The path holds dot segments, backslashes or control characters, plain or encoded. Send a plain "
    "one.",
    "unknown_route": "No provider under this path. Begin it with /openai, /azure/<alias>, /anthropic, /google, "
    "/vertex/<location> or /mistral.",
    "websocket_not_supported": "This proxy relays HTTP only. Use the provider's HTTP interface, or go to the provider "
    "directly for WebSocket sessions.",
    "body_too_large": "The request body is over the limit of this proxy. Send less, or raise [server] max_body_bytes.",
    "proxy_upstream_unreachable": "The proxy could not connect to the provider. Send the request again; if it stays "
    "so, check base_url in [providers].",
    "proxy_upstream_disconnected": "The provider closed the connection before it answered. Send the request again.",
    "proxy_upstream_invalid": "The provider's answer is no valid HTTP. Check base_url in [providers].",
    "malformed_request": "The request is no valid HTTP, or its headers are too large. Correct the client.",
    "proxy_fault": "The proxy failed. Report it with the status and the time.",
}


def own_answer(status: int, reason: str) -> web.Response:
    """An answer of the proxy itself, in the form that SDKs show to people."""
    body = json.dumps({"error": {"type": reason, "message": REASONS[reason]}})
    return web.Response(status=status, text=body, content_type="application/json")


class BodyTooLarge(Exception):
    """A body sent in pieces passed the limit on its way."""


class Relay:
    """Relays requests. ``keep`` takes records and must not block; without it nothing is read or recorded."""

    def __init__(
        self, config: Config, namespace: uuid.UUID, metrics: Metrics, keep: Callable[[list[dict]], None] | None
    ):
        self.config, self.namespace, self.metrics, self.keep = config, namespace, metrics, keep
        self.team = config.labels.team
        self.max_body = config.server.max_body_bytes
        self.is_stopping = False
        self.ended: deque[Call] = deque()
        self.timeout = aiohttp.ClientTimeout(
            total=None, connect=None, sock_connect=config.server.connect_timeout_seconds, sock_read=None
        )
        self.ssl = ssl.create_default_context(cafile=config.server.ca_file or None)
        self.connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS, ssl=self.ssl)
        self.addresses: dict[str, Address] = {}

    async def close(self) -> None:
        """Make the last records, close the connections."""
        while self.ended:
            self.make_records()
        await self.connector.close()

    def address(self, base_url: str) -> Address:
        found = self.addresses.get(base_url)
        if found is None:
            found = self.addresses[base_url] = Address(base_url, self.ssl)
        return found

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        arrived, started = time.time(), time.perf_counter()
        try:
            route = self.admit(request)
        except Refused as refused:
            self.metrics.refused(refused.reason)
            return own_answer(refused.status, refused.reason)
        operation = classify(route.provider, request.method, route.path) if self.keep else None
        call = None
        if operation:
            headers = request._message.headers
            facts = Facts(headers.get("Content-Type", ""), headers.get("Content-Encoding", ""))
            call = Call(route, operation, request.method, arrived, facts)
        self.metrics.running += 1
        try:
            return await self.relay(request, route, call, started)
        finally:
            self.finish(call, started)

    def admit(self, request: web.BaseRequest) -> Route:
        """The route of a request this proxy relays. Raises Refused."""
        message = request._message
        route = resolve(message.path, self.config.providers)
        if message.upgrade and message.headers.get("Upgrade", "").lower() == "websocket":
            raise Refused(501, "websocket_not_supported")
        if int(message.headers.get("Content-Length") or 0) > self.max_body:
            raise Refused(413, "body_too_large")
        return route

    async def relay(
        self, request: web.BaseRequest, route: Route, call: Call | None, started: float
    ) -> web.StreamResponse:
        try:
            response = await self.ask(request, route, call, started)
        except BodyTooLarge:
            return self.fail(call, 413, "body_too_large")
        except web.RequestPayloadError:
            return self.fail(call, 400, "malformed_request")
        except (aiohttp.ClientConnectorError, TimeoutError):
            return self.fail(call, 502, "proxy_upstream_unreachable")
        except (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, OSError):
            return self.fail(call, 502, "proxy_upstream_disconnected")
        except aiohttp.ClientError:
            return self.fail(call, 502, "proxy_upstream_invalid")
        try:
            return await self.pass_back(request, response, call)
        finally:
            # A connection whose answer was read to its end is back in the pool already; any other is closed, which
            # tells the provider to stop.
            response.close()

    def fail(self, call: Call | None, status: int, reason: str) -> web.Response:
        self.metrics.upstream_failure(reason)
        if call:
            call.is_own_answer, call.http_status, call.ended = True, status, "clean"
        answer = own_answer(status, reason)
        if status < 500:
            answer.force_close()
        return answer

    async def ask(
        self, request: web.BaseRequest, route: Route, call: Call | None, started: float
    ) -> aiohttp.ClientResponse:
        """Send the request on; the head of the answer."""
        message, content = request._message, request._payload
        address = self.address(route.base_url)
        headers, settings = message.raw_headers, self.config.providers[route.key]
        is_chunked = bool(message.chunked)
        if message.headers.get("Expect", "").lower() == "100-continue" and request.version > HttpVersion10:
            request.transport.write(CONTINUE)
        if settings.inject_include_usage and call:
            body, headers, is_chunked = await self.injected(content, headers, call, is_chunked)
        else:
            body = content.read_nowait()
            if call and body:
                call.facts.feed(body)
        head = request_head(
            message.method, address.prefix + route.path + route.query, address.authority, headers, is_chunked
        )
        whole = body if content.at_eof() else None
        upload = None if whole is not None else self.uploader(content, body, call)
        sent = send(self.connector, address, self.timeout, message.method, head, is_chunked, whole, upload)
        if whole is not None:
            self.metrics.forwarded(time.perf_counter() - started)
        return await sent

    async def injected(self, content, headers, call: Call, is_chunked: bool):
        """Opt-in of the operator: the body with ``stream_options.include_usage``, where it is a chat stream without."""
        pieces = []
        while piece := await content.readany():
            pieces.append(piece)
            if sum(map(len, pieces)) > self.max_body:
                raise BodyTooLarge
        body = b"".join(pieces)
        call.facts.feed(body)
        changed = inject.include_usage(body, call)
        if changed is not None:
            body, headers, is_chunked = changed, inject.with_length(headers, len(changed)), False
        return body, headers, is_chunked

    def uploader(self, content, first: bytes, call: Call | None):
        """A function that starts to write the body while it still arrives."""

        async def write(writer) -> None:
            size, piece = 0, first
            while True:
                if piece:
                    size += len(piece)
                    if size > self.max_body:
                        raise BodyTooLarge
                    await writer.write(piece)
                    if call and piece is not first:
                        call.facts.feed(piece)
                if content.at_eof():
                    break
                piece = await content.readany()
            await writer.write_eof()

        async def guarded(writer) -> None:
            try:
                await write(writer)
            except (Exception, asyncio.CancelledError) as error:
                # A provider may answer early and stop to read: its answer counts, not our broken writing.
                if not isinstance(error, OSError | aiohttp.ClientError) or writer.transport is None:
                    writer.protocol.set_exception(error if isinstance(error, Exception) else ConnectionError())
                    if writer.transport:
                        writer.transport.close()
                if isinstance(error, asyncio.CancelledError):
                    raise

        return lambda writer: asyncio.ensure_future(guarded(writer))

    async def pass_back(self, request: web.BaseRequest, response: aiohttp.ClientResponse, call: Call | None):
        """Relay the answer piece by piece."""
        answer = Answer(response, request)
        if call:
            call.http_status = response.status
            if response.status < 300:
                begin(call, response.headers)
        copies = call is not None and call.pieces is not None
        content = response.content
        writer = await answer.prepare(request)
        try:
            piece = content.read_nowait()
            if not piece and not content.at_eof():
                # The head must not wait for the body: a stream may begin long before its first event.
                writer.send_headers()
            while True:
                if content.at_eof():
                    break
                if piece:
                    await writer.write(piece)
                    if copies:
                        copy(call, piece, self.metrics.tap_error)
                piece = await content.readany()
        except (aiohttp.ClientError, BodyTooLarge, web.RequestPayloadError) as error:
            is_client = isinstance(error, aiohttp.ClientConnectionResetError)
            if not is_client and (piece := leftover(content)):
                # What came before the provider broke off is the client's.
                with contextlib.suppress(OSError):
                    await writer.write(piece)
                if copies:
                    copy(call, piece, self.metrics.tap_error)
            return self.break_off(request, answer, call, by="client" if is_client else "upstream")
        try:
            await answer.write_eof(piece)
        except OSError:
            return self.break_off(request, answer, call, by="client")
        finally:
            if copies and piece:
                copy(call, piece, self.metrics.tap_error)
        if call:
            call.ended = "clean"
        return answer

    def break_off(self, request: web.BaseRequest, answer: Answer, call: Call | None, by: str = "upstream") -> Answer:
        if call:
            call.ended = by
        answer.abandon()
        request.protocol.force_close()
        return answer

    def finish(self, call: Call | None, started: float) -> None:
        """Take note of the end; the record is made a moment later, together with others."""
        if call is None:
            self.metrics.running -= 1
            return
        if self.is_stopping and call.ended == "client":
            call.ended = "proxy"
        call.latency_ms = (time.perf_counter() - started) * 1000
        if not self.ended:
            asyncio.get_running_loop().call_later(GATHER_SECONDS, self.make_records)
        self.ended.append(call)

    def make_records(self) -> None:
        """Records of the calls that ended; a fault in here is counted and goes no further.

        Made together they cost a fraction of what each alone would: the code stays in the processor's cache.
        """
        records = []
        for _ in range(min(len(self.ended), RECORDS_AT_ONCE)):
            call = self.ended.popleft()
            self.metrics.running -= 1
            try:
                settings: ProviderSettings = self.config.providers[call.route.key]
                records.append(build(call, self.namespace, self.team, settings.models, self.metrics.tap_error))
            except Exception:
                self.metrics.tap_error()
        if records:
            self.keep(records)
            self.metrics.recorded(records)
        if self.ended:
            asyncio.get_running_loop().call_soon(self.make_records)
