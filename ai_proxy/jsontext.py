"""JSON of any size in bounded memory: kept whole while small, pruned to its skeleton while it grows.

Pruning drops white space, empties long strings and long runs of numbers, and cuts what lies too deep to matter. The
skeleton is parsed like any document, so a counter is only ever read where it really stands, never found by text search.
"""

import json
import re
from collections.abc import Callable

import orjson

WHOLE_BYTES = 256 * 1024
SKELETON_BYTES = 1024 * 1024
TOKENS = 4_000_000
STRING_BYTES = 512
RUN_BYTES = 256
DEPTH = 6

INSIDE = re.compile(rb'(?:[^"\\]++|\\.)*+', re.DOTALL)
OUTSIDE = re.compile(rb'[^"{}\[\]]*+')
OPENERS, CLOSERS = re.compile(rb"[{\[]++"), re.compile(rb"[}\]]++")


def loads(text: bytes) -> object:
    """Parsed JSON. Raises ValueError, or RecursionError for endless nesting."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        # Half an emoji at the end of an answer is no valid Unicode, but must not hide the usage behind it.
        return json.loads(text)


class TooLarge(ValueError):
    """The skeleton itself is too large to be judged."""


class Pruner:
    """Feeds on pieces of JSON and calls ``on_document`` with the skeleton of every value at nesting level ``base``.

    ``base`` 0 is the document itself, 1 each element of a top-level array.
    """

    def __init__(self, on_document: Callable[[bytes], None], base: int = 0, depth: int = DEPTH):
        self.on_document, self.base, self.deepest = on_document, base, base + depth
        self.level, self.tokens = 0, 0
        self.out = bytearray()
        self.held = bytearray()
        self.is_in_string = self.is_escaped = self.is_long = False
        self.last = b""

    def feed(self, piece: bytes) -> None:
        """Raises TooLarge where the skeleton or the number of tokens passes its limit."""
        position, end = 0, len(piece)
        while position < end:
            self.tokens += 1
            if self.is_in_string:
                position = self.string(piece, position)
            elif piece[position] in b"{[":
                self.flush_run()
                position = self.brackets(OPENERS.match(piece, position), 1)
            elif piece[position] in b"}]":
                self.flush_run()
                position = self.brackets(CLOSERS.match(piece, position), -1)
            elif piece[position] == 0x22:
                self.flush_run()
                self.is_in_string = True
                position += 1
            else:
                run = OUTSIDE.match(piece, position)
                self.hold(run[0].translate(None, b" \t\r\n"), RUN_BYTES)
                position = run.end()
        if self.tokens > TOKENS or len(self.out) > SKELETON_BYTES:
            raise TooLarge

    def string(self, piece: bytes, position: int) -> int:
        if self.is_escaped:
            self.hold(piece[position : position + 1], STRING_BYTES)
            self.is_escaped = False
            position += 1
        inside = INSIDE.match(piece, position)
        self.hold(inside[0], STRING_BYTES)
        position = inside.end()
        if position < len(piece):
            if piece[position] == 0x22:
                self.emit(b'""' if self.is_long else b'"%b"' % self.held)
                self.is_in_string = False
            else:
                self.hold(b"\\", STRING_BYTES)
                self.is_escaped = True
            position += 1
        return position

    def hold(self, text: bytes, limit: int) -> None:
        if text:
            self.last = text[-1:]
        if self.level > self.deepest:
            return
        if not self.is_long and len(self.held) + len(text) > limit:
            self.is_long = True
            self.held = self.held[:1]
        elif not self.is_long:
            self.held += text

    def flush_run(self) -> None:
        """Write out what stood between brackets and strings; of a long run only the commas at its ends."""
        if self.is_long:
            self.emit(b"," if self.held[:1] == b"," and self.last == b"," else b"")
        elif self.held:
            self.emit(self.held)

    def emit(self, text: bytes) -> None:
        if self.base <= self.level <= self.deepest and self.level:
            self.out += text
        self.held.clear()
        self.is_long = False

    def brackets(self, run: re.Match[bytes], step: int) -> int:
        for bracket in run[0] if len(run[0]) < 64 else self.outer(run[0], step):
            if step > 0:
                self.level += 1
            if self.base < self.level <= self.deepest + 1:
                self.out.append(bracket)
            if step < 0:
                self.level -= 1
                if self.level == self.base:
                    self.finish()
        return run.end()

    def outer(self, run: bytes, step: int) -> bytes:
        """A long run of brackets cut to the part that is not too deep; the level moves past the rest at once."""
        if step > 0:
            kept = max(0, self.deepest + 1 - self.level)
            head = run[:kept]
            self.out += head
            self.level += len(run)
            return b""
        skipped = min(len(run), max(0, self.level - self.deepest - 1))
        self.level -= skipped
        return run[skipped:]

    def finish(self) -> None:
        """One value is complete."""
        text = bytes(self.out).lstrip(b",")
        self.out.clear()
        self.on_document(text)


class JsonText:
    """One JSON document, fed in pieces."""

    def __init__(self, depth: int = DEPTH):
        self.pieces: list[bytes] = []
        self.size = 0
        self.depth = depth
        self.pruner: Pruner | None = None
        self.skeletons: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        self.size += len(piece)
        if self.pruner is None:
            self.pieces.append(piece)
            if self.size <= WHOLE_BYTES:
                return
            self.pruner = Pruner(self.skeletons.append, depth=self.depth)
            pieces, self.pieces = self.pieces, []
        else:
            pieces = [piece]
        for part in pieces:
            self.pruner.feed(part)

    def value(self) -> object:
        """The parsed document. Raises ValueError where it is none, RecursionError where it nests without end."""
        if self.pruner is None:
            return loads(b"".join(self.pieces))
        if len(self.skeletons) != 1 or self.pruner.level:
            raise ValueError("not one JSON document")
        return loads(self.skeletons[0])
