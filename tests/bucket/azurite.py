"""Microsoft's emulator of Azure Blob Storage (Azurite) as a process, and a way to it that can be cut.

Azurite is a Node program that npx downloads; without Node its tests are skipped and say so.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

AZURITE = "azurite@3.35.0"
# Account and key of the emulator, the same everywhere and public.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SECONDS_TO_START = 180


def connection_string(port: int, key: str = KEY) -> str:
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};BlobEndpoint={endpoint};"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, server: subprocess.Popen) -> None:
    """Until the server answers; the first start downloads it."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert server.poll() is None, f"{AZURITE} ended with exit code {server.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"{AZURITE} did not start within {SECONDS_TO_START} s")


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The port of an emulator that keeps its blobs in the folder."""
    if shutil.which("npx") is None:
        pytest.skip("SKIPPED, NOT TESTED: az:// needs Node (npx) for the Azurite emulator")
    port = free_port()
    options = ["--blobPort", str(port), "--location", str(folder), "--silent", "--skipApiVersionCheck"]
    options += ["--disableTelemetry"]
    server = subprocess.Popen(
        ["npx", "--yes", "--package", AZURITE, "azurite-blob", *options], cwd=folder, start_new_session=True
    )
    try:
        wait_for(port, server)
        yield port
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


class Line:
    """A line to a server that is cut for some seconds when a given number of requests has gone through."""

    def __init__(self, server_port: int, cut_after: int, verb: bytes = b"PUT", seconds_away: float = 600):
        self.server_port, self.left, self.verb, self.seconds_away = server_port, cut_after, verb + b" /", seconds_away
        self.port, self.is_cut, self.is_closed = free_port(), False, threading.Event()
        self.lock, self.open_sockets = threading.Lock(), set()

    def __enter__(self) -> "Line":
        self.listen()
        return self

    def __exit__(self, *_) -> None:
        self.is_closed.set()
        self.hang_up()

    def listen(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server_port))
            except OSError:
                return
            with self.lock:
                self.open_sockets |= {client, server}
            for one, other in ((client, server), (server, client)):
                threading.Thread(target=self.carry, args=(one, other, one is client), daemon=True).start()

    def carry(self, one: socket.socket, other: socket.socket, is_request: bool) -> None:
        try:
            while piece := one.recv(65536):
                if is_request and piece.startswith(self.verb):
                    self.left -= 1
                if self.left < 0 and not self.is_cut:
                    self.is_cut = True
                    self.hang_up()
                    threading.Thread(target=self.come_back, daemon=True).start()
                    return
                other.sendall(piece)
            other.shutdown(socket.SHUT_WR)
        except OSError:
            return

    def hang_up(self) -> None:
        with self.lock:
            ends, self.open_sockets = (self.listener, *self.open_sockets), set()
        for each in ends:
            # A thread that waits in accept() keeps a socket listening that is only closed.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def come_back(self) -> None:
        if not self.is_closed.wait(self.seconds_away):
            self.listen()
