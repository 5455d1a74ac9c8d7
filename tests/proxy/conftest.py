"""A real proxy process between real clients and a provider on loopback."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from fake_provider import Provider

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30.0
# Tests that look for rare moments by repetition repeat this many times more often: 1 in CI, more with
# ``make campaign-proxy``.
CAMPAIGN = int(os.environ.get("PROXY_CAMPAIGN", "1"))


def wait_for(condition, what: str):
    """The first true value of ``condition``; fails loudly after a long while."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if value := condition():
            return value
        time.sleep(0.01)
    raise AssertionError(f"waited in vain for {what}")


class RunningProxy:
    """A proxy in a process of its own, all providers pointing to one fake."""

    def __init__(self, folder: Path, provider_url: str, **settings: dict):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.spool, self.raw = folder / "spool", folder / "raw"
        self.log = folder / "log.txt"
        self.config = folder / "proxy.toml"
        sections = {
            "server": {"port": 0, "metrics_port": 0, "log_level": "debug", **settings.get("server", {})},
            "spool": {"dir": str(self.spool), "rotate_seconds": 0.1, **settings.get("spool", {})},
            "sink": {"kind": "folder", "folder": str(self.raw), **settings.get("sink", {})},
            "labels": {"team": "research", **settings.get("labels", {})},
        }
        upstreams = ["openai", "anthropic", "google", "mistral", "azure.sales", "vertex"]
        for name in upstreams:
            sections[f"providers.{name}"] = {"base_url": provider_url, **settings.get(name, {})}
        self.config.write_text("".join(table(name, values) for name, values in sections.items()))
        self.command = settings.get("command", ["-m", "ai_proxy"])
        self.environment = {**os.environ, "PYTHONPATH": str(PROJECT), **settings.get("environment", {})}
        self.start()

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *self.command, "--config", str(self.config)],
                stdout=subprocess.PIPE,
                stderr=log,
                env=self.environment,
                cwd=self.folder,
                text=True,
            )
        line = self.process.stdout.readline()
        found = re.search(r":(\d+), metrics on http://[^:]+:(\d+)", line)
        assert found, f"the proxy did not start: {self.log.read_text()}"
        self.port, self.metrics_port = int(found[1]), int(found[2])
        self.url = f"http://127.0.0.1:{self.port}"

    def connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def exchange(self, request: bytes) -> bytes:
        """Send raw bytes, and all that comes back until the proxy closes."""
        with self.connect() as connection:
            connection.sendall(request)
            return read_all(connection)

    def records(self, number: int | None = None) -> list[dict]:
        """Delivered records; waits until there are ``number``, then a little for one too many."""
        if number is not None:
            wait_for(lambda: len(self.lines()) >= number, f"{number} records, there are {len(self.lines())}")
            time.sleep(0.25)
        return [json.loads(line) for line in self.lines()]

    def lines(self) -> list[str]:
        found = []
        for path in sorted(self.raw.glob("dt=*/*.jsonl")):
            found += path.read_text().splitlines()
        return found

    def record(self) -> dict:
        """The one record since the last call of ``clear``."""
        records = self.records(1)
        assert len(records) == 1, records
        self.clear()
        return records[0]

    def memory_bytes(self) -> int:
        """Resident memory of the process."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def clear(self) -> None:
        for path in self.raw.glob("dt=*/*.jsonl"):
            path.unlink()

    def metrics(self) -> str:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=PATIENCE_SECONDS
        ) as answer:
            return answer.read().decode()

    def metric(self, name: str) -> float:
        """A value summed over its labels."""
        return sum(float(n) for n in re.findall(rf"^{name}(?:\{{[^}}]*\}})? (\S+)$", self.metrics(), re.MULTILINE))

    def settle(self) -> None:
        """Until nothing is relayed and every record taken is delivered."""
        wait_for(
            lambda: (
                self.metric("proxy_inflight") == 0
                and self.metric("proxy_records_delivered_total") == self.metric("proxy_records_accepted_total")
            ),
            "all records to be delivered",
        )

    def health(self) -> dict:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{self.metrics_port}/healthz", timeout=PATIENCE_SECONDS
        ) as answer:
            return json.load(answer)

    def terminate(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE_SECONDS)

    def close(self) -> None:
        if self.process.poll() is None:
            self.kill()
        self.process.stdout.close()


def table(name: str, values: dict) -> str:
    """One TOML table."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not isinstance(value, dict)]
    text = f"[{name}]\n" + "\n".join(lines) + "\n"
    for key, value in values.items():
        if isinstance(value, dict):
            text += table(f"{name}.{key}", {json.dumps(k): v for k, v in value.items()})
    return text


def read_all(connection: socket.socket) -> bytes:
    received = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            received += piece
    return received


@pytest.fixture(scope="module")
def provider():
    made = Provider()
    default = made.reply
    yield made
    made.reply = default
    made.close()


@pytest.fixture(scope="module")
def running(provider, tmp_path_factory):
    made = RunningProxy(tmp_path_factory.mktemp("proxy"), provider.url)
    yield made
    made.close()


@pytest.fixture
def proxy(running, provider):
    """The module's proxy with nothing recorded and the provider's usual answers."""
    usual = provider.reply
    provider.seen.clear()
    yield running
    provider.reply = usual
    running.settle()
    running.clear()


@pytest.fixture
def own_proxy(tmp_path, provider):
    """A function that starts a proxy of the test's own."""
    made = []

    def start(provider_url: str = provider.url, folder: str = "own", **settings) -> RunningProxy:
        made.append(RunningProxy(tmp_path / folder, provider_url, **settings))
        return made[-1]

    yield start
    for one in made:
        one.close()
