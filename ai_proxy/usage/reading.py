"""What has been read of one response so far, and how counters merge over a stream: the last non-null value wins."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ai_proxy import schema

BIGINT_MAX = 2**63 - 1
# How objects that are worked on in the background end without a result.
FAILED = frozenset(("failed", "cancelled"))
IMAGE_SIZE = re.compile(schema.IMAGE_SIZE)
IMAGE_QUALITIES = frozenset(schema.WORDS["image_quality"])

# An escape may hide a letter of a key: events with one are always parsed.
ESCAPE = b"\\u"

Paths = dict[str, tuple[tuple[str, ...], ...]]


class Reading:
    """Facts of one response. ``wire`` holds the counters as sent, by our word for them; nothing of it is content.

    Defaults stand at the class, since one of these is made for every call.
    """

    model: str | None = None
    object_id: str | None = None
    # Terminal event seen; or an event that is terminal once the body has ended cleanly.
    is_terminal = False
    is_terminal_at_end = False
    has_error = False
    has_failed = False
    # True where this very answer has no token usage by nature.
    is_without_tokens = False
    operation: str | None = None
    output_type: str | None = None
    image_count: int | None = None
    image_size: str | None = None
    image_quality: str | None = None
    media_seconds: float | None = None

    def __init__(self):
        self.wire: dict[str, int] = {}


class Tokens(NamedTuple):
    """Counters of the record. None: not reported."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write: int | None = None
    reasoning: int | None = None
    total: int | None = None


def as_sent(wire: dict[str, int]) -> Tokens:
    """Counters that need no arithmetic."""
    return Tokens(**wire)


@dataclass(frozen=True)
class Shape:
    """How to read the responses of one API.

    ``read`` takes every JSON document or stream event; ``tokens`` turns wire counters into those of the record;
    events of a stream are parsed only if they hold one of ``words`` and, where there is one, match ``marker``;
    ``is_json`` says whether a plain body must be JSON.
    """

    read: Callable[[dict, Reading], None]
    tokens: Callable[[dict[str, int]], Tokens] = as_sent
    words: tuple[bytes, ...] = (b'"usage"', b'"error"', ESCAPE)
    marker: re.Pattern[bytes] | None = None
    has_tokens: bool = True
    ends_with_done: bool = False
    is_json: bool = True
    reads_arrays: bool = False


def counter(value: object) -> int | None:
    """A non-negative integer (4.0 counts as 4); None for anything else."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and 0 <= value <= BIGINT_MAX else None


def seconds(value: object) -> float | None:
    """A length of time as number or text; None for anything that is not one."""
    try:
        number = float(value) if type(value) in (int, float, str) else -1.0
    except (ValueError, OverflowError):
        return None
    return number if 0 <= number < 1e9 else None


def dig(value: object, path: tuple[str, ...]) -> object:
    """The value below nested keys, or None."""
    for key in path:
        if type(value) is not dict:
            return None
        value = value.get(key)
    return value


def paths(**names: str) -> Paths:
    """``cache_read="a.b c"`` as key paths: the first path that holds a counter is taken."""
    return {name: tuple(tuple(path.split(".")) for path in spelled.split()) for name, spelled in names.items()}


def merge(usage: object, fields: Paths, reading: Reading) -> None:
    """Take the counters a usage object has; what it leaves out stays as it was."""
    if type(usage) is not dict:
        return
    wire = reading.wire
    for name, candidates in fields.items():
        for path in candidates:
            value = usage.get(path[0]) if len(path) == 1 else dig(usage, path)
            if value is not None and (value := counter(value)) is not None:
                wire[name] = value
                break


def take_model(value: object, reading: Reading) -> None:
    """The first non-empty model name counts: Azure sends an empty one first."""
    if reading.model is None and type(value) is str and value:
        reading.model = value


def take_error(event: dict, reading: Reading) -> None:
    """An error object or event inside a response that began as a success."""
    if event.get("error") or event.get("type") == "error":
        reading.has_error = True


def take_picture(event: dict, reading: Reading) -> None:
    """Size and quality where the answer names them."""
    size, quality = event.get("size"), event.get("quality")
    if type(size) is str and IMAGE_SIZE.fullmatch(size):
        reading.image_size = size
    if type(quality) is str and quality in IMAGE_QUALITIES:
        reading.image_quality = quality
