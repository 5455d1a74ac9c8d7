"""How an ended call becomes a record of schema v1."""

import os
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache

from ai_proxy import __version__, schema
from ai_proxy.facts import Facts, count
from ai_proxy.model_name import clean, clean_if_public
from ai_proxy.operations import Operation, deployment_in_path, model_in_path, object_in_path
from ai_proxy.providers import Route
from ai_proxy.tap import Tap
from ai_proxy.usage.reading import Reading, Tokens, seconds, take_picture

RANDOM: list[str] = []
HELD_BYTES = 8 * 1024
NO_TOKENS = Tokens()
# Stands for an answer that was not read; never written to.
NOT_READ = Reading()


@dataclass(slots=True)
class Call:
    """One recorded call while it runs. ``ended`` says how: ``clean``, or by ``client``, ``upstream`` or ``proxy``."""

    route: Route
    operation: Operation
    method: str
    arrived: float
    facts: Facts
    # Headers of an answer that may hold usage; what came of it and was not read yet.
    headers: Mapping[str, str] | None = None
    pieces: list[bytes] | None = None
    held_bytes: int = 0
    tap: Tap | None = None
    http_status: int | None = None
    is_own_answer: bool = False
    ended: str = "client"
    latency_ms: float = 0.0
    reading: Reading = NOT_READ


def begin(call: Call, headers: Mapping[str, str]) -> None:
    """From here on the answer is copied."""
    call.headers, call.pieces = headers, []


def copy(call: Call, piece: bytes, on_fault: Callable[[], None]) -> None:
    """Take a relayed piece. Some are held until a few kilobytes are together: reading them at once is cheaper."""
    call.pieces.append(piece)
    call.held_bytes += len(piece)
    if call.held_bytes >= HELD_BYTES:
        read_held(call, on_fault)


def open_tap(call: Call, on_fault: Callable[[], None]) -> Tap:
    kind, coding = call.headers.get("Content-Type", ""), call.headers.get("Content-Encoding", "")
    return Tap(call.operation.shape, kind, coding, on_fault)


def read_held(call: Call, on_fault: Callable[[], None]) -> None:
    """Read what is held of a copy."""
    call.tap = call.tap or open_tap(call, on_fault)
    if call.pieces:
        call.tap.feed(b"".join(call.pieces))
        call.pieces.clear()
        call.held_bytes = 0


def read_to_end(call: Call, on_fault: Callable[[], None]) -> None:
    """Read the rest of a copy. A small JSON answer, the usual case, needs none of the machinery for all others."""
    if call.tap is None:
        call.tap = open_tap(call, on_fault)
        if call.tap.read_document(b"".join(call.pieces)):
            return
    read_held(call, on_fault)
    call.tap.finish()


def judge(call: Call, tokens: Tokens) -> tuple[str, str]:
    """Usage status (of tokens only) and outcome."""
    tap, reading, shape = call.tap, call.reading, call.operation.shape
    if call.is_own_answer:
        return "not_applicable", "proxy_error"
    if tap is None:
        # No answer yet, or one that is none: errors and redirects generate nothing.
        return ("not_applicable", "upstream_error") if call.http_status else ("partial", broken_off(call))
    is_clean = call.ended == "clean"
    if tap.is_unreadable and is_clean and not reading.is_terminal:
        return "unparseable", "complete"
    if reading.has_error:
        return "partial", "upstream_error"
    is_terminal = reading.is_terminal or (is_clean and (reading.is_terminal_at_end or tap.is_silent))
    if not is_terminal:
        return "partial", broken_off(call)
    outcome = "upstream_error" if reading.has_failed else "complete"
    if tokens.input is not None or tokens.output is not None:
        return "reported", outcome
    if not shape.has_tokens or reading.is_without_tokens or reading.has_failed:
        return "not_applicable", outcome
    return "missing", outcome


def broken_off(call: Call) -> str:
    return {"client": "client_closed", "proxy": "proxy_error"}.get(call.ended, "upstream_incomplete")


def build(
    call: Call, namespace: uuid.UUID, team: str | None, models: dict[str, str], on_fault: Callable[[], None]
) -> dict[str, object]:
    """The record of an ended call. ``models`` is the operator's map of Azure deployments."""
    if call.pieces is not None:
        read_to_end(call, on_fault)
        call.reading = call.tap.reading
    reading, operation = call.reading, call.operation
    tokens = operation.shape.tokens(reading.wire) if reading.wire else NO_TOKENS
    status, outcome = judge(call, tokens)
    if status in ("unparseable", "not_applicable", "missing"):
        tokens = Tokens(total=tokens.total) if status == "missing" else NO_TOKENS
    kind = reading.operation or operation.operation
    record: dict[str, object] = {
        "schema_version": schema.VERSION,
        "record_id": record_id(call, namespace),
        "request_ts": timestamp(call.arrived),
        "provider": call.route.provider,
        "operation": kind,
        "output_type": reading.output_type or operation.output_type,
        "model": model(call, models),
        "stream": bool(call.tap and call.tap.is_stream),
        "usage_status": status,
        "input_tokens": tokens.input,
        "output_tokens": tokens.output,
        "cache_read_tokens": tokens.cache_read,
        "cache_write_tokens": tokens.cache_write,
        "reasoning_tokens": tokens.reasoning,
        "total_tokens_reported": tokens.total,
        "image_count": None,
        "image_size": None,
        "image_quality": None,
        "media_seconds": media_seconds(call, outcome),
        "outcome": outcome,
        "http_status": call.http_status,
        "latency_ms": round(call.latency_ms, 3),
        "proxy_version": __version__,
        "team": team,
    }
    if kind in ("image", "video") and call.tap:
        add_pictures(record, call, kind)
    return record


def record_id(call: Call, namespace: uuid.UUID) -> str:
    """Random, but for what can be polled: the same object has the same id on every poll, so that polls collapse."""
    if call.operation.is_pollable and call.tap:
        name = call.reading.object_id or (object_in_path(call.route.path) if call.method == "GET" else None)
        if name:
            return str(uuid.uuid5(namespace, f"{call.route.key} {name}"))
    return random_id()


def random_id() -> str:
    """A version 4 UUID. The module uuid asks the system for every one of them, which costs more than all the rest."""
    if not RANDOM:
        digits = os.urandom(1024).hex()
        RANDOM.extend(digits[start : start + 32] for start in range(0, len(digits), 32))
    digits = RANDOM.pop()
    variant = "89ab"[int(digits[16], 16) & 3]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def timestamp(seconds: float) -> str:
    """Unix seconds as UTC with milliseconds."""
    whole, milliseconds = divmod(int(seconds * 1000), 1000)
    return f"{second(whole)}.{milliseconds:03d}Z"


@lru_cache(maxsize=8)
def second(whole: int) -> str:
    return datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def model(call: Call, models: dict[str, str]) -> str | None:
    """From the answer, else the path, else the request: the last two are what the client wrote.

    On Azure they name a deployment, the customer's own word, which some answers repeat as their model: the operator's
    map says what it is. Elsewhere a provider that took the request has confirmed the name. A name that nothing
    confirmed is kept only if it is made of the words of public models.
    """
    answered = call.reading.model
    if call.route.provider == "azure_openai":
        deployment = deployment_in_path(call.route.path) or call.facts.get().get("model")
        is_known = type(deployment) is str
        if answered and is_known and answered.casefold() != deployment.casefold():
            return clean(answered)
        # A poll names no deployment: what it answers may be one.
        mapped = models.get(deployment if is_known else answered)
        return clean(mapped) if mapped else clean_if_public(answered)
    if answered:
        return clean(answered)
    asked = model_in_path(call.route.provider, call.route.path) or call.facts.get().get("model")
    if type(asked) is not str:
        return None
    is_confirmed = call.headers is not None
    return clean(asked) if is_confirmed else clean_if_public(asked)


def media_seconds(call: Call, outcome: str) -> float | None:
    """Length of what was heard or made; of an extension what it adds, of a video that failed nothing."""
    if call.operation.operation != "video":
        return call.reading.media_seconds
    if outcome != "complete":
        return None
    return seconds(call.facts.get().get("seconds")) if call.operation.is_extension else call.reading.media_seconds


def add_pictures(record: dict[str, object], call: Call, kind: str) -> None:
    """Count, size and quality: what the answer says, else what was asked for."""
    asked, reading = Reading(), call.reading
    facts = {}
    if None in (reading.image_size, reading.image_quality, reading.image_count):
        facts = call.facts.get()
        take_picture(facts, asked)
    record["image_size"] = reading.image_size or asked.image_size
    if kind == "image":
        record["image_count"] = reading.image_count
        if reading.image_count is None and record["outcome"] == "complete":
            record["image_count"] = count(facts.get("n"))
        record["image_quality"] = reading.image_quality or asked.image_quality
