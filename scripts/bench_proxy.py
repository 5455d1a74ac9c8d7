"""Benchmark of the AI proxy on this machine, everything on loopback: direct, through the proxy, through a bare relay.

The relay without extraction is the same program, records and delivery included, that reads no answer; the bare relay
makes no records either. All figures of one table come from the same
run; rounds of the candidates take turns, so that other load on the machine meets all of them. Prints figures and
whether each target is met; exits 0 if all are.

    python scripts/bench_proxy.py [--streams 200000] [--quick]
"""

import argparse
import asyncio
import contextlib
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import uvloop

PROJECT = Path(__file__).resolve().parents[1]
USAGE = {"prompt_tokens": 1200, "completion_tokens": 100, "total_tokens": 1300}
DOCUMENT = json.dumps(
    {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "model": "bench-model",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "word " * 360}, "finish_reason": "stop"}],
        "usage": USAGE,
    }
).encode()
BODY = json.dumps({"model": "bench-model", "messages": [{"role": "user", "content": "word " * 800}]}).encode()
EVENT = (
    b'data: {"id":"c","object":"chat.completion.chunk","model":"bench-model","choices":[{"delta":{"content":"%b"}}]}'
)
EVENT += b"\n\n"
LAST = (
    b'data: {"id":"c","model":"bench-model","choices":[],"usage":'
    + json.dumps(USAGE).encode()
    + b"}\n\ndata: [DONE]\n\n"
)
EVENTS, EVENT_SECONDS = 100, 0.005
# Targets of the project, in milliseconds and as a share.
MOST_ADDED_MS, MOST_CHUNK_MS, LEAST_SHARE = 0.3, 0.15, 0.85


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


class Upstream(asyncio.Protocol):
    """A provider as fast as Python allows: one answer a path, no parsing beyond the end of the request."""

    WHOLE = (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(DOCUMENT) + DOCUMENT
    )
    HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    SHORT = HEAD + b"".join(chunk(EVENT % b"word") for _ in range(5)) + chunk(LAST) + b"0\r\n\r\n"

    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            length = re.search(rb"(?i)content-length: (\d+)", self.received[:end])
            size = end + 4 + (int(length[1]) if length else 0)
            if len(self.received) < size:
                return
            head, self.received = self.received[:end], self.received[size:]
            if b"?slow" in head:
                self.task = asyncio.ensure_future(self.stream())
            else:
                self.transport.write(self.SHORT if b"?short" in head else self.WHOLE)

    async def stream(self):
        """Events that carry the moment they were sent, on the clock all processes share."""
        self.transport.write(self.HEAD)
        for _ in range(EVENTS):
            await asyncio.sleep(EVENT_SECONDS)
            self.transport.write(chunk(EVENT % b"%d" % time.perf_counter_ns()))
        self.transport.write(chunk(LAST) + b"0\r\n\r\n")


async def serve_upstream() -> None:
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, backlog=1024)
    print(f"upstream :{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Event().wait()


class Client(asyncio.Protocol):
    """One connection that sends a request and knows by its end when the answer is whole."""

    def connection_made(self, transport):
        self.transport, self.received, self.done = transport, bytearray(), None
        self.lags: list[float] = []

    def data_received(self, data):
        now = time.perf_counter_ns()
        self.received += data
        if self.ends_with == b"0\r\n\r\n" and self.is_timed:
            self.lags += [(now - int(sent)) / 1e6 for sent in re.findall(rb'"content":"(\d{9,})"', data)]
        if self.received.endswith(self.ends_with):
            if not self.received.startswith(b"HTTP/1.1 200"):
                raise SystemExit("error: an answer was not 200")
            done, self.done = self.done, None
            self.received.clear()
            if done and not done.done():
                done.set_result(None)

    def ask(self, request: bytes, ends_with: bytes, is_timed: bool = False) -> asyncio.Future:
        self.ends_with, self.is_timed = ends_with, is_timed
        self.done = asyncio.get_running_loop().create_future()
        self.transport.write(request)
        return self.done


def request(prefix: str, query: str = "") -> bytes:
    head = f"POST {prefix}/v1/chat/completions{query} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer x\r\n"
    return head.encode() + b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY


async def connect(port: int) -> Client:
    return (await asyncio.get_running_loop().create_connection(Client, "127.0.0.1", port))[1]


END_OF_DOCUMENT, END_OF_STREAM = DOCUMENT[-40:], b"0\r\n\r\n"


async def latencies(port: int, prefix: str, number: int) -> list[float]:
    """Milliseconds of single requests one after the other on one warm connection."""
    client, text, found = await connect(port), request(prefix), []
    for count in range(number + 50):
        start = time.perf_counter()
        await client.ask(text, END_OF_DOCUMENT)
        if count >= 50:
            found.append((time.perf_counter() - start) * 1000)
    client.transport.close()
    return found


async def chunk_lags(port: int, prefix: str) -> list[float]:
    """Milliseconds from the sending of an event to its arrival, over one stream."""
    client = await connect(port)
    await client.ask(request(prefix, "?slow"), END_OF_STREAM, is_timed=True)
    client.transport.close()
    return client.lags


async def throughput(
    port: int, prefix: str, query: str, ends_with: bytes, seconds: float, connections: int = 50
) -> float:
    """Requests a second with that many connections, each busy all the time."""
    clients = [await connect(port) for _ in range(connections)]
    text, count = request(prefix, query), 0
    end = time.perf_counter() + seconds

    async def run(client: Client) -> None:
        nonlocal count
        while time.perf_counter() < end:
            await client.ask(text, ends_with)
            count += 1

    start = time.perf_counter()
    await asyncio.gather(*map(run, clients))
    took = time.perf_counter() - start
    for client in clients:
        client.transport.close()
    return count / took


async def many(port: int, prefix: str, number: int, connections: int = 50) -> None:
    """That many short streams."""
    clients = [await connect(port) for _ in range(connections)]
    text = request(prefix, "?short")

    async def run(client: Client) -> None:
        for _ in range(number // connections):
            await client.ask(text, END_OF_STREAM)

    await asyncio.gather(*map(run, clients))
    for client in clients:
        client.transport.close()


class Process:
    """A process of the benchmark that prints its port."""

    def __init__(self, *arguments: str, environment: dict[str, str] | None = None):
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "PYTHONPATH": str(PROJECT), **(environment or {})},
        )
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)(?:, |$)", line)
        if not found:
            raise SystemExit(f"error: {' '.join(arguments)[:80]} did not start")
        self.port = int(found[1])

    def memory_mib(self) -> float:
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


BARE = "import sys; from pathlib import Path; from ai_proxy.config import load; from ai_proxy.server import run; "
BARE += "run(load(Path(sys.argv[1])), is_counting=False)"
# Nothing of an answer is copied, so nothing is read; a record without counters is made all the same. It has a model, or
# the request would be searched for one, which costs more than reading the answer.
UNREAD = "import sys; from ai_proxy import record, relay; relay.begin = lambda call, headers: None; "
UNREAD += "record.NOT_READ.model = 'bench-model'; from ai_proxy.__main__ import main; sys.exit(main())"
AWS = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}


def proxy(folder: Path, upstream: Process, code: str = "", sink: str = "", spool: str = "") -> Process:
    """A proxy process with a folder sink, or the sink and spool given as TOML; ``code`` runs a variant of it."""
    folder.mkdir()
    file = folder / "proxy.toml"
    file.write_text(
        f'[server]\nport = 0\nmetrics_port = 0\n[spool]\ndir = "{folder}/spool"\n{spool}\n'
        f'[sink]\n{sink or f"""folder = "{folder}/raw" """}\n'
        f'[providers.openai]\nbase_url = "http://127.0.0.1:{upstream.port}"\n'
    )
    if code == BARE:
        return Process("-c", code, str(file), environment=AWS)
    arguments = [*(["-c", code] if code else ["-m", "ai_proxy"]), "--config", str(file)]
    return Process(*arguments, environment=AWS)


def quantile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def line(name: str, value: str, verdict: bool | None = None) -> bool:
    mark = {None: "", True: "  met", False: "  NOT MET"}[verdict]
    print(f"{name:<58}{value}{mark}", flush=True)
    return verdict is not False


async def measure_latency(candidates: dict[str, tuple[int, str]], rounds: int) -> bool:
    print(f"\nAdded latency, one request after the other, {rounds} rounds of 400 in turn (ms)")
    found: dict[str, list[float]] = {name: [] for name in candidates}
    added: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, (port, prefix) in candidates.items():
            times = await latencies(port, prefix, 400)
            found[name] += times
            added[name].append(statistics.median(times))
    for name, times in found.items():
        line(f"  {name}", f"p50 {statistics.median(times):.3f}  p99 {quantile(times, 0.99):.3f}")
    difference = statistics.median(p - d for p, d in zip(added["proxy"], added["direct"], strict=True))
    return line(
        "  added by the proxy, median", f"{difference:.3f}  (at most {MOST_ADDED_MS})", difference <= MOST_ADDED_MS
    )


async def measure_chunks(candidates: dict[str, tuple[int, str]], rounds: int) -> bool:
    print(f"\nLag of streamed events, {rounds} streams of {EVENTS} events in turn (ms)")
    found: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, (port, prefix) in candidates.items():
            found[name] += await chunk_lags(port, prefix)
    for name, lags in found.items():
        line(f"  {name}", f"p50 {statistics.median(lags):.3f}  p99 {quantile(lags, 0.99):.3f}")
    added = statistics.median(found["proxy"]) - statistics.median(found["direct"])
    return line("  added by the proxy, median", f"{added:.3f}  (at most {MOST_CHUNK_MS})", added <= MOST_CHUNK_MS)


async def measure_throughput(candidates: dict[str, tuple[int, str]], rounds: int, seconds: float) -> bool:
    is_met = True
    for title, query, end in (("JSON requests", "", END_OF_DOCUMENT), ("Streams of 6 events", "?short", END_OF_STREAM)):
        print(f"\n{title} at 50 connections, {rounds} rounds of {seconds:g} s in turn (a second)")
        found: dict[str, list[float]] = {name: [] for name in candidates}
        for _ in range(rounds):
            for name, (port, prefix) in candidates.items():
                found[name].append(await throughput(port, prefix, query, end, seconds))
        for name, rates in found.items():
            line(f"  {name}", f"median {statistics.median(rates):,.0f}  best {max(rates):,.0f}")
        for other in ("without extraction", "bare relay"):
            share = statistics.median(p / b for p, b in zip(found["proxy"], found[other], strict=True))
            is_target = not query and other == "without extraction"
            target = f"  (at least {LEAST_SHARE})" if is_target else ""
            verdict = share >= LEAST_SHARE if is_target else None
            is_met &= line(f"  share of {other}, median of rounds", f"{share:.3f}{target}", verdict)
    return is_met


async def measure_memory(process: Process, streams: int) -> bool:
    print(f"\nMemory over {streams:,} streamed requests (MiB)")
    step = max(1, streams // 8)
    await many(process.port, "/openai", step)
    seen = [process.memory_mib()]
    for _ in range(7):
        await many(process.port, "/openai", step)
        seen.append(process.memory_mib())
    line("  resident after each eighth", "  ".join(f"{value:.1f}" for value in seen))
    growth = seen[-1] - seen[1]
    return line("  growth from the second to the last", f"{growth:.1f}  (flat: at most 2)", growth <= 2)


async def measure_troubles(folder: Path, upstream: Process, rounds: int) -> bool:
    """Latency beside a sink that works, hangs or fails, and beside a full spool and disk."""
    print(f"\nLatency while delivery is in trouble, {rounds} rounds of 400 in turn (ms)")

    async def swallow(reader, _) -> None:
        with contextlib.suppress(OSError):
            while await reader.read(65536):
                pass

    async def refuse(reader, writer) -> None:
        with contextlib.suppress(OSError):
            await reader.read(65536)
            writer.write(b"HTTP/1.1 500 No\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}")
            await writer.drain()
            writer.close()

    hanging = await asyncio.start_server(swallow, "127.0.0.1", 0)
    failing = await asyncio.start_server(refuse, "127.0.0.1", 0)
    quick = "rotate_seconds = 0.2\n"

    def firehose(server) -> str:
        port = server.sockets[0].getsockname()[1]
        return f'kind = "firehose"\nstream = "x"\nregion = "eu-central-1"\nendpoint_url = "http://127.0.0.1:{port}"'

    candidates = {
        "sink works": proxy(folder / "works", upstream, spool=quick),
        "sink hangs": proxy(folder / "hangs", upstream, sink=firehose(hanging), spool=quick),
        "sink fails": proxy(folder / "fails", upstream, sink=firehose(failing), spool=quick),
        "spool full": proxy(folder / "full", upstream, sink=firehose(failing), spool=quick + "max_bytes = 1000\n"),
    }
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True)
    if not mounted.returncode:
        small = proxy(folder / "small", upstream, sink=firehose(failing), spool=quick)
        small.stop()
        file = folder / "small" / "proxy.toml"
        file.write_text(file.read_text().replace(f"{folder}/small/spool", f"{disk}/spool"))
        candidates["disk full"] = Process("-m", "ai_proxy", "--config", str(file), environment=AWS)
    else:
        print("  disk full: NOT MEASURED, mounting a small file system needs root")
    times: dict[str, list[float]] = {name: [] for name in candidates}
    differences: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        medians = {}
        for name, process in candidates.items():
            found = await latencies(process.port, "/openai", 400)
            times[name] += found
            medians[name] = statistics.median(found)
        for name, value in medians.items():
            differences[name].append(value - medians["sink works"])
    is_met = True
    for name, found in times.items():
        shift = statistics.median(differences[name])
        shown = f"p50 {statistics.median(found):.3f}  p90 {quantile(found, 0.9):.3f}  p99 {quantile(found, 0.99):.3f}"
        is_met &= line(f"  {name}", f"{shown}  shift {shift:+.3f}", abs(shift) <= 0.05)
    for process in candidates.values():
        process.stop()
    if not mounted.returncode:
        subprocess.run(["umount", "-l", str(disk)], check=True)
    return is_met


async def bench(streams: int, is_quick: bool) -> bool:
    rounds = 5 if is_quick else 11
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        upstream = Process(__file__, "--upstream")
        counting, bare = proxy(folder / "counting", upstream), proxy(folder / "bare", upstream, BARE)
        unread = proxy(folder / "unread", upstream, UNREAD)
        candidates = {
            "direct": (upstream.port, ""),
            "bare relay": (bare.port, "/openai"),
            "without extraction": (unread.port, "/openai"),
            "proxy": (counting.port, "/openai"),
        }
        print(f"AI proxy on {os.cpu_count()} cores, Python {sys.version.split()[0]}, all processes on this machine")
        try:
            results = [
                await measure_latency(candidates, rounds),
                await measure_chunks(candidates, rounds),
                await measure_throughput(candidates, rounds, 1 if is_quick else 3),
                await measure_troubles(folder, upstream, rounds),
                await measure_memory(counting, streams),
            ]
        finally:
            for process in (counting, bare, unread, upstream):
                process.stop()
    print("\nAll targets met." if all(results) else "\nNot all targets are met.")
    return all(results)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--streams", type=int, default=200_000, help="streamed requests of the memory test")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--upstream", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.upstream:
        uvloop.run(serve_upstream())
        return 0
    return 0 if uvloop.run(bench(arguments.streams, arguments.quick)) else 1


if __name__ == "__main__":
    sys.exit(main())
