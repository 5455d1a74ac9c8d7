"""Breaks answers of providers in every way the wire can, and says what the record must not do about it.

A split: the same bytes in other pieces give the same record. A cut: what came before the cut counts, and no count is
read out of half an event. A flipped byte: no fault, counts that are counts, and the same ones however the bytes fall
into pieces. (That a count is right in spite of it is up to TLS: a server that flushes and never ends a compressed
stream is read too, so the check sum at its end cannot be insisted on.)"""

import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from fake_provider import ENCODERS
from test_extraction import comparable, cut, read
from wire_cases import CASES, SSE, Case

COUNTS = [
    "input_tokens",
    "output_tokens",
    "cache_read_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
    "total_tokens_reported",
    "image_count",
    "media_seconds",
]
STATUSES = {"reported", "partial", "missing", "unparseable", "not_applicable"}
LINE_ENDS = [b"\n", b"\r\n", b"\r"]
ANSWERS = [case for case in CASES if case.status == 200]


def counts(record: dict) -> tuple:
    """The counters read from an answer. Of one that cannot be read the images are those that were asked for."""
    is_asked = record["usage_status"] == "unparseable"
    return tuple(None if is_asked and name == "image_count" else record[name] for name in COUNTS)


def bodies(case: Case, is_open: bool = False) -> Iterator[tuple[str, bytes]]:
    """The answer in every coding, events with every line end too. ``is_open``: with nothing marked as a secret in it,
    since a flipped byte can turn one into the name of a model."""
    if is_open:
        case = replace(case, body=case.body.replace(b"secret", b"hidden"))
    for name, encode in ENCODERS.items():
        for ending in LINE_ENDS if case.content_type == SSE and name == "identity" else LINE_ENDS[:1]:
            yield name, encode(case.body.replace(b"\n", ending) if ending != b"\n" else case.body)


def pieces_of(data: bytes, places: list[int]) -> list[bytes]:
    ends = [*sorted(set(places)), len(data)]
    return [data[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def splits(case: Case, encoding: str, data: bytes, places: list[list[int]]) -> int:
    """Read the bytes once whole and once for each list of places to part them. Returns how often."""
    whole = comparable(read(case, [data], encoding))
    for some in places:
        found = comparable(read(case, pieces_of(data, some), encoding))
        assert found == whole, (case.name, encoding, some, found, whole)
    return len(places)


@cache
def counts_before(name: str) -> frozenset[tuple]:
    """Counts the answer may have shown by the end of each of its events or objects, and at its own end."""
    case = next(case for case in CASES if case.name == name)
    ends = [number + 1 for number, byte in enumerate(case.body) if byte in b"}\n"]
    return frozenset(counts(read(case, [case.body[:end]])) for end in [0, *ends, len(case.body)])


def truncated(case: Case, encoding: str, data: bytes, end: int, chance: random.Random) -> None:
    """Cut off after ``end`` bytes, in pieces of any size."""
    pieces = cut(data[:end], chance.choice([1, 3, 17, 1 << 20])) if end else []
    record = read(case, pieces, encoding)
    assert record["usage_status"] in STATUSES, (case.name, encoding, end)
    assert counts(record) in counts_before(case.name), (case.name, encoding, end, counts(record))


def flipped(case: Case, encoding: str, data: bytes, chance: random.Random) -> None:
    """One to three bytes are others than were sent."""
    broken = bytearray(data)
    for _ in range(chance.randint(1, 3)):
        broken[chance.randrange(len(broken))] ^= chance.randint(1, 255)
    whole = read(case, [bytes(broken)], encoding)
    where = (case.name, encoding, bytes(broken))
    for value in counts(whole):
        assert value is None or (not isinstance(value, bool) and 0 <= value < 2**63), where
    assert whole["usage_status"] in STATUSES, where
    if encoding == "identity":
        size = chance.choice([1, 2, 7, 61])
        assert comparable(read(case, cut(bytes(broken), size), encoding)) == comparable(whole), where


def random_places(data: bytes, chance: random.Random, times: int) -> list[list[int]]:
    """Lists of two to twenty places to part the bytes at."""
    if len(data) < 2:
        return []
    return [[chance.randrange(1, len(data)) for _ in range(chance.choice([2, 2, 3, 5, 20]))] for _ in range(times)]
