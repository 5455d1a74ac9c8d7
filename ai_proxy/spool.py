"""The write-ahead spool: records are on disk before anything is shipped, and nobody who relays waits for it.

Event loop -> queue -> one writer thread -> ``open/`` -> rename into ``ready/`` -> shipper. What a kill of the process
can lose is what the writer has not taken yet: a few milliseconds of traffic. The relay hands records over in small
batches, so that one write takes many.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import secrets
import threading
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path
from queue import Empty, SimpleQueue

import orjson

from ai_proxy import config
from ai_proxy.metrics import Metrics

# Records held in memory while the disk does not answer; beyond it they are dropped and counted.
QUEUE_RECORDS = 100_000
BATCH_RECORDS = 5_000
FSYNC_BYTES = 1024 * 1024


class SpoolError(Exception):
    """One message: which folder, what is wrong, what to do."""


class Spool:
    """Owner of one spool folder. ``on_ready`` is called from the writer thread after every rotation."""

    def __init__(self, settings: config.Spool, metrics: Metrics):
        self.settings, self.metrics = settings, metrics
        self.root = Path(settings.dir)
        self.open, self.ready, self.quarantine = (self.root / name for name in ("open", "ready", "quarantine"))
        self.on_ready = lambda: None
        self.queue: SimpleQueue[tuple[int, bytes] | None] = SimpleQueue()
        self.waiting = 0
        self.thread = threading.Thread(target=self.run, name="spool", daemon=True)
        self.boot = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
        self.number = 0
        self.file: int | None = None
        self.path: Path | None = None
        self.size = self.unsynced = 0
        self.opened = self.synced = 0.0
        self.lock = threading.Lock()
        self.bytes = 0
        self.last_drop = float("-inf")
        self.namespace: uuid.UUID | None = None

    def start(self) -> None:
        """Lock the folder, close what a crash left open, start the writer. Raises SpoolError."""
        try:
            for folder in (self.open, self.ready, self.quarantine):
                folder.mkdir(parents=True, exist_ok=True, mode=0o750)
            self.lock_file = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o640)
            fcntl.flock(self.lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self.namespace = self.install_id()
            for leftover in sorted(self.open.glob("*.jsonl")):
                self.recover(leftover)
        except BlockingIOError:
            raise SpoolError(
                f"[spool] dir {self.root}: in use by another process. Give every proxy process a folder of its own."
            ) from None
        except (OSError, ValueError) as error:
            raise SpoolError(
                f"[spool] dir {self.root}: cannot be used ({type(error).__name__}). Name a folder this user may write."
            ) from None
        self.bytes = sum(path.stat().st_size for path in self.ready.glob("*.jsonl"))
        self.metrics.spool_bytes.set_function(lambda: self.bytes)
        self.metrics.oldest.set_function(self.oldest_seconds)
        self.thread.start()

    def install_id(self) -> uuid.UUID:
        """The namespace that ids of polled objects are hashed in: the operator's, else made once and kept."""
        if self.settings.install_id:
            return uuid.UUID(self.settings.install_id)
        path = self.root / "install_id"
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_text(str(uuid.uuid4()) + "\n")
            part.rename(path)
        return uuid.UUID(path.read_text().strip())

    def recover(self, path: Path) -> None:
        """Move a segment of a former process on; a torn last line is noted by size and hash only."""
        text = path.read_bytes()
        whole = text.rfind(b"\n") + 1
        if torn := text[whole:]:
            note = {"file": path.name, "offset": whole, "bytes": len(torn), "md5": hashlib.md5(torn).hexdigest()}
            with open(self.quarantine / "torn_lines.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps(note) + "\n")
            self.metrics.torn.inc()
            os.truncate(path, whole)
        if whole:
            path.rename(self.ready / path.name)
        else:
            path.unlink()

    def keep(self, records: list[dict[str, object]]) -> None:
        """Take records; never blocks, never raises."""
        self.metrics.accepted += len(records)
        if self.waiting + len(records) > QUEUE_RECORDS:
            self.drop("queue_full", len(records))
            return
        text = b"".join([orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE) for record in records])
        with self.lock:
            self.waiting += len(records)
        self.queue.put((len(records), text))

    def drop(self, reason: str, number: int) -> None:
        self.metrics.dropped.labels(reason).inc(number)
        self.last_drop = time.monotonic()

    def close(self) -> None:
        """Write all that was taken, sync and rotate."""
        self.queue.put(None)
        self.thread.join()
        os.close(self.lock_file)

    def run(self) -> None:
        is_open = True
        while is_open:
            texts, number, is_open = self.gather()
            if texts:
                self.write(b"".join(texts), number)
                with self.lock:
                    self.waiting -= number
            with contextlib.suppress(OSError):
                self.look_after(is_open)

    def gather(self) -> tuple[list[bytes], int, bool]:
        """The next texts, how many records they hold, and whether more will come."""
        texts: list[bytes] = []
        number = 0
        try:
            item = self.queue.get(timeout=self.patience())
            while item is not None:
                number += item[0]
                texts.append(item[1])
                if number >= BATCH_RECORDS:
                    return texts, number, True
                item = self.queue.get_nowait()
        except Empty:
            return texts, number, True
        return texts, number, False

    def patience(self) -> float | None:
        """Seconds until the open segment wants attention; for ever where there is none."""
        if self.file is None:
            return None
        now = time.monotonic()
        due = self.opened + self.settings.rotate_seconds
        if self.unsynced:
            due = min(due, self.synced + self.settings.fsync_seconds)
        return max(0.0, due - now)

    def write(self, text: bytes, number: int) -> None:
        """Append whole lines only: what does not fit is cut off again, dropped and counted."""
        if self.bytes + len(text) > self.settings.max_bytes:
            self.drop("spool_full", number)
            return
        written = 0
        try:
            if self.file is None:
                self.begin()
            while written < len(text):
                written += os.write(self.file, text[written:])
        except OSError as error:
            kept = text.rfind(b"\n", 0, written) + 1
            self.cut(self.size + kept)
            is_full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            self.drop("disk_full" if is_full else "write_failed", number - text.count(b"\n", 0, kept))
            written = kept
        self.size += written
        self.unsynced += written
        self.add_bytes(written)
        self.metrics.spooled.inc(text.count(b"\n", 0, written))

    def begin(self) -> None:
        self.number += 1
        self.path = self.open / f"{self.boot}-{self.number:08d}.jsonl"
        self.file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o640)
        self.size = self.unsynced = 0
        self.opened = self.synced = time.monotonic()

    def cut(self, size: int) -> None:
        """Back to the last whole line. Where even that fails the segment is given up as it is."""
        if self.file is None:
            return
        try:
            os.ftruncate(self.file, size)
        except OSError:
            os.close(self.file)
            self.file = None

    def look_after(self, is_open: bool) -> None:
        """Sync and rotate where it is time."""
        if self.file is None:
            return
        now = time.monotonic()
        age = now - self.opened
        is_over = not is_open or self.size >= self.settings.rotate_bytes or age >= self.settings.rotate_seconds
        if (
            is_over
            or self.unsynced >= FSYNC_BYTES
            or (self.unsynced and now - self.synced >= self.settings.fsync_seconds)
        ):
            self.unsynced, self.synced = 0, now
            os.fsync(self.file)
        if is_over:
            os.close(self.file)
            self.file, path = None, self.path
            if self.size:
                path.rename(self.ready / path.name)
                self.on_ready()
            else:
                path.unlink()

    def add_bytes(self, number: int) -> None:
        with self.lock:
            self.bytes += number

    def oldest_seconds(self) -> float:
        """Age of the oldest segment in ``ready/``, 0 where there is none."""
        with contextlib.suppress(OSError, ValueError):
            return max(0.0, time.time() - min(path.stat().st_mtime for path in self.ready.glob("*.jsonl")))
        return 0.0

    def is_troubled(self) -> bool:
        """Nearly full, or dropping records within the last minute."""
        return self.bytes > 0.8 * self.settings.max_bytes or time.monotonic() - self.last_drop < 60
