"""Delivery of ready segments: into a local folder, or to Kinesis Data Firehose. At least once, never lost."""

import contextlib
import errno
import logging
import os
import random
import shutil
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from ai_proxy import config
from ai_proxy.metrics import Metrics
from ai_proxy.spool import Spool

log = logging.getLogger("ai_proxy")
CALL_RECORDS = 500
# The limit of a call is 4 MiB; the margin is for what the service counts besides the data.
CALL_BYTES = 4 * 1024 * 1024 - 64 * 1024
LONGEST_WAIT_SECONDS = 30.0
POLL_SECONDS = 5.0
# Calls in vain before the round ends and health may tell of it; the next round begins with the same segment.
MOST_ATTEMPTS = 6


class NotDelivered(Exception):
    """A segment stays in the spool; the reason is a word for the metrics."""


class FolderSink:
    """Segments become files ``<folder>/dt=<day of arrival>/<segment>.jsonl``, each whole at once."""

    def __init__(self, folder: str):
        self.folder = Path(folder)

    def deliver(self, path: Path) -> None:
        """Move one segment. Raises NotDelivered."""
        day = self.folder / f"dt={datetime.now(UTC):%Y-%m-%d}"
        try:
            day.mkdir(parents=True, exist_ok=True)
            target = day / path.name
            try:
                path.rename(target)
            except OSError as error:
                if error.errno != errno.EXDEV:
                    raise
                self.copy(path, target)
            sync_folder(day)
        except OSError as error:
            raise NotDelivered(errno.errorcode.get(error.errno, "OSError")) from None

    def copy(self, path: Path, target: Path) -> None:
        """To another file system: under a hidden name until it is whole and on disk."""
        part = target.with_name(f".{target.name}.part")
        try:
            with open(path, "rb") as source, open(part, "wb") as file:
                shutil.copyfileobj(source, file)
                file.flush()
                os.fsync(file.fileno())
            part.rename(target)
        except OSError:
            with contextlib.suppress(OSError):
                part.unlink()
            raise
        path.unlink()


def sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class FirehoseSink:
    """One PutRecordBatch a few hundred records; what failed of a call is sent again, nothing else."""

    def __init__(self, settings: config.Sink, metrics: Metrics, wait: Callable[[float], bool], client=None):
        self.stream, self.metrics, self.wait = settings.stream, metrics, wait
        self.client = client or firehose_client(settings)

    def deliver(self, path: Path) -> None:
        """Send one segment and delete it once every record is acknowledged. Raises NotDelivered."""
        for batch in batches(path.read_bytes().splitlines(keepends=True)):
            attempt = 0
            while failed := self.put(batch):
                # Progress, however small, means that the service is there: no reason to wait ever longer.
                is_in_vain = len(failed) == len(batch)
                attempt = attempt + 1 if is_in_vain else 0
                batch = failed
                is_stopping = self.wait(random.uniform(0, min(LONGEST_WAIT_SECONDS, 0.1 * 2**attempt)))
                if attempt >= MOST_ATTEMPTS or (is_stopping and is_in_vain):
                    raise NotDelivered("firehose")
        path.unlink()

    def put(self, batch: list[bytes]) -> list[bytes]:
        """The records of the batch that Firehose did not take."""
        try:
            answer = self.client.put_record_batch(
                DeliveryStreamName=self.stream, Records=[{"Data": line} for line in batch]
            )
        except Exception as error:
            # Taken or not, nobody knows: sent again, and compaction drops the second copy.
            self.metrics.firehose.labels(type(error).__name__).inc()
            return batch
        failed = refused(answer, batch)
        if failed is None:
            # Nobody knows what it took. Sent again like a call without an answer.
            self.metrics.firehose.labels("answer_not_understood").inc()
            return batch
        self.metrics.firehose.labels("record_refused").inc(len(failed))
        return failed


def refused(answer: object, batch: list[bytes]) -> list[bytes] | None:
    """The records that an answer of Firehose names as failed; None where it has not the fields to say so."""
    if not isinstance(answer, dict):
        return None
    number, ones = answer.get("FailedPutCount"), answer.get("RequestResponses")
    if type(number) is not int or not isinstance(ones, list) or len(ones) != len(batch):
        return None
    if not all(isinstance(one, dict) for one in ones):
        return None
    failed = [line for line, one in zip(batch, ones, strict=True) if one.get("ErrorCode")]
    return failed if len(failed) == number else None


def batches(lines: list[bytes]) -> list[list[bytes]]:
    """Lines in runs that one call may carry."""
    made: list[list[bytes]] = []
    size = CALL_BYTES
    for line in lines:
        if size + len(line) > CALL_BYTES or len(made[-1]) >= CALL_RECORDS:
            made.append([])
            size = 0
        made[-1].append(line)
        size += len(line)
    return made


def firehose_client(settings: config.Sink):
    """A client that tries once: waiting and repeating is done here, where it is counted."""
    import boto3
    from botocore.config import Config

    return boto3.client(
        "firehose",
        region_name=settings.region or None,
        endpoint_url=settings.endpoint_url or None,
        config=Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=30),
    )


class Shipper:
    """The thread that delivers ready segments, oldest first."""

    def __init__(self, settings: config.Sink, spool: Spool, metrics: Metrics):
        self.spool, self.metrics = spool, metrics
        self.wake = threading.Event()
        self.stop = threading.Event()
        self.failing_since: float | None = None
        if settings.kind == "firehose":
            self.sink = FirehoseSink(settings, metrics, self.stop.wait)
        else:
            self.sink = FolderSink(settings.folder)
        self.patience = settings.degraded_after_seconds
        self.thread = threading.Thread(target=self.run, name="shipper", daemon=True)
        spool.on_ready = self.wake.set

    def start(self) -> None:
        self.thread.start()

    def close(self, seconds: float) -> None:
        """One last round; what it cannot deliver in ``seconds`` stays in the spool."""
        self.stop.set()
        self.wake.set()
        self.thread.join(seconds)

    def run(self) -> None:
        failures = 0
        while True:
            is_last = self.stop.is_set()
            self.wake.clear()
            failures = 0 if self.round() else failures + 1
            if is_last:
                return
            if failures:
                self.stop.wait(random.uniform(0.5, 1) * min(LONGEST_WAIT_SECONDS, 0.5 * 2**failures))
            else:
                self.wake.wait(POLL_SECONDS)

    def round(self) -> bool:
        """Deliver all that is ready; False at the first segment that cannot be."""
        try:
            paths = sorted(self.spool.ready.glob("*.jsonl"))
            for path in paths:
                text = path.read_bytes()
                self.sink.deliver(path)
                self.spool.add_bytes(-len(text))
                self.metrics.delivered.inc(text.count(b"\n"))
        except Exception as error:
            # Whatever it is: a shipper that ends would leave the spool to fill up.
            reason = str(error) if isinstance(error, NotDelivered) else type(error).__name__
            self.metrics.sink_failures.labels(reason).inc()
            if self.failing_since is None:
                self.failing_since = time.monotonic()
                log.warning(
                    "sink: delivery fails (%s), records wait in the spool. Check [sink] and its permissions.", reason
                )
            return False
        if self.failing_since is not None:
            log.warning("sink: delivery works again")
        self.failing_since = None
        return True

    def is_troubled(self) -> bool:
        """Whether delivery has failed for longer than the operator allows, or nobody delivers any more."""
        if self.thread.ident and not self.thread.is_alive() and not self.stop.is_set():
            return True
        return self.failing_since is not None and time.monotonic() - self.failing_since > self.patience
