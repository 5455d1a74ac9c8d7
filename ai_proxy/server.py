"""The process: listeners, health and metrics, start and graceful stop."""

import asyncio
import contextlib
import gc
import json
import logging
import resource
import signal
import sys

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

from ai_proxy.config import Config
from ai_proxy.metrics import Metrics
from ai_proxy.relay import Relay, own_answer
from ai_proxy.sinks import Shipper
from ai_proxy.spool import Spool
from ai_proxy.wire import HEADER_BYTES, HEADERS

log = logging.getLogger("ai_proxy")
HINT_SECONDS = 3600.0
LAST_ROUND_SECONDS = 10.0


class Silence(logging.Logger):
    """Stands in for the loggers of libraries, which print raw headers, keys included, when a request is malformed."""

    def __init__(self):
        super().__init__("silence", logging.CRITICAL + 1)


class ClientConnection(RequestHandler):
    """A client's connection. What aiohttp would answer in its own words is answered in ours."""

    __slots__ = ("metrics",)

    def handle_error(self, request, status=500, exc=None, message=None):
        self.metrics.refused("malformed_request" if status == 400 else "proxy_fault")
        if request.writer.output_size > 0:
            raise ConnectionError
        answer = own_answer(status, "malformed_request" if status == 400 else "proxy_fault")
        answer.force_close()
        return answer


class Listener(web.Server):
    """aiohttp's low-level server with a cap on connections: beyond it new ones are closed at once."""

    def __init__(self, handler, config: Config, metrics: Metrics):
        super().__init__(handler, handler_cancellation=True)
        self.metrics, self.cap = metrics, config.server.max_connections
        self.connection_settings = {
            "keepalive_timeout": config.server.header_timeout_seconds,
            "logger": Silence(),
            "access_log": None,
            "max_line_size": HEADER_BYTES,
            "max_field_size": HEADER_BYTES,
            "max_headers": HEADERS,
            "auto_decompress": False,
        }

    def __call__(self) -> RequestHandler:
        connection = ClientConnection(self, loop=self._loop, **self.connection_settings)
        connection.metrics = self.metrics
        return connection

    def connection_made(self, handler, transport) -> None:
        super().connection_made(handler, transport)
        if len(self._connections) > self.cap:
            self.metrics.refused("too_many_connections")
            transport.abort()


class Proxy:
    """Everything one process runs."""

    def __init__(self, config: Config, is_counting: bool = True):
        self.config, self.metrics = config, Metrics()
        self.spool = Spool(config.spool, self.metrics)
        self.shipper = Shipper(config.sink, self.spool, self.metrics)
        self.is_counting = is_counting
        self.next_hint: dict[str, float] = {}
        self.ports: tuple[int, int] = (0, 0)

    async def start(self) -> None:
        """Listen. Raises SpoolError, or OSError where a port is taken."""
        server = self.config.server
        self.spool.start()
        self.relay = Relay(self.config, self.spool.namespace, self.metrics, self.keep if self.is_counting else None)
        self.listener = Listener(self.handle, self.config, self.metrics)
        self.runner = web.ServerRunner(self.listener, shutdown_timeout=server.shutdown_seconds)
        self.side = web.ServerRunner(web.Server(self.handle_side, access_log=None, logger=Silence()))
        ports = []
        for runner, port in ((self.runner, server.port), (self.side, server.metrics_port)):
            await runner.setup()
            is_shared = server.reuse_port and runner is self.runner
            await web.TCPSite(runner, server.host, port, backlog=1024, reuse_port=is_shared or None).start()
            ports.append(runner.addresses[0][1])
        self.ports = (ports[0], ports[1])
        self.shipper.start()

    async def stop(self) -> None:
        """Take no more, let streams end, cut the rest, write and ship what there is."""
        self.relay.is_stopping = True
        await self.runner.cleanup()
        await self.relay.close()
        await asyncio.to_thread(self.spool.close)
        await asyncio.to_thread(self.shipper.close, LAST_ROUND_SECONDS)
        await self.side.cleanup()

    def keep(self, records: list[dict[str, object]]) -> None:
        self.spool.keep(records)
        is_told = log.isEnabledFor(logging.INFO)
        for record in records:
            if is_told:
                words = ("provider", "operation", "outcome", "http_status", "usage_status", "latency_ms")
                log.info(" ".join(f"{word}={record[word]}" for word in words))
            if record["usage_status"] == "missing" and record["stream"]:
                self.hint(record["provider"], record["operation"])

    def hint(self, provider: str, operation: str) -> None:
        """Once an hour: how the client makes the usage come."""
        now = asyncio.get_running_loop().time()
        if now >= self.next_hint.get(provider, 0.0):
            self.next_hint[provider] = now + HINT_SECONDS
            log.warning(
                "%s %s: streams without usage. Let the client send stream_options={'include_usage': true}.",
                provider,
                operation,
            )

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        if request._message.path == "/healthz":
            return self.health()
        return await self.relay.handle(request)

    async def handle_side(self, request: web.BaseRequest) -> web.StreamResponse:
        """The port for health and metrics."""
        if request.path == "/metrics":
            return web.Response(body=self.metrics.text(), content_type="text/plain", charset="utf-8")
        return self.health() if request.path == "/healthz" else own_answer(404, "unknown_route")

    def health(self) -> web.Response:
        """Degraded means: relaying goes on, records are in danger. So it is 200 as well: nobody should stop sending."""
        troubles = {"spool": self.spool.is_troubled(), "sink": self.shipper.is_troubled()}
        reasons = [name for name, is_troubled in troubles.items() if is_troubled]
        body = json.dumps({"status": "degraded" if reasons else "ok", "reasons": reasons})
        return web.Response(text=body, content_type="application/json")


def quiet(level: str) -> None:
    """Only our own logger speaks, in words of closed lists; no library, no traceback, no core dump."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    log.addHandler(handler)
    log.setLevel(level.upper())
    log.propagate = False
    logging.getLogger().addHandler(logging.NullHandler())
    sys.excepthook = lambda kind, error, trace: log.error(
        "stopped by a fault: %s. The spool is kept: start again, and report it.", kind.__name__
    )
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


async def serve(proxy: Proxy) -> None:
    """Run until SIGTERM or SIGINT."""
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    loop.set_exception_handler(lambda _, context: log.error("fault: %s", type(context.get("exception")).__name__))
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    await proxy.start()
    host = proxy.config.server.host
    print(f"ai_proxy listens on http://{host}:{proxy.ports[0]}, metrics on http://{host}:{proxy.ports[1]}", flush=True)
    # What lives as long as the process is no garbage, and short-lived garbage is better collected in larger lots.
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    await done.wait()
    await proxy.stop()


def run(config: Config, is_counting: bool = True) -> None:
    """Run one process. ``is_counting`` False relays without reading or recording: what the benchmark compares with."""
    quiet(config.server.log_level)
    factory = None
    with contextlib.suppress(ImportError):
        import uvloop

        factory = uvloop.new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serve(Proxy(config, is_counting)))
