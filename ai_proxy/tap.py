"""Reads usage from a copy of a response, after each piece of it was relayed. Never fails, never holds much."""

import json
import re
from collections.abc import Callable

from ai_proxy.decode import ERRORS, Decoder, decoder
from ai_proxy.framing import Document, Event, EventStream
from ai_proxy.usage.reading import Reading, Shape

FIRST_WORD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:data|event|id|retry)?:")
NO_WORD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*[^\xef\r\n:a-z]|.{32}", re.DOTALL)
DECODED_BYTES = 64 * 1024 * 1024
MODEL = re.compile(rb'"model(?:Version)?"\s*:\s*"[^"]')


class Tap:
    """One response. ``on_fault`` is called once, without detail, if reading it broke in a way nobody foresaw."""

    def __init__(self, shape: Shape, content_type: str, content_encoding: str, on_fault: Callable[[], None]):
        self.shape, self.on_fault = shape, on_fault
        self.reading = Reading()
        self.is_unreadable = False
        self.decoded_bytes = 0
        self.decode: Decoder | None = None
        kind = content_type.partition(";")[0].strip().lower()
        self.is_events = kind == "text/event-stream"
        # Some gateways name another type; the first word of the body then tells.
        self.is_undecided = not self.is_events
        self.start = b""
        self.is_silent = not self.is_events and not shape.is_json and not kind.endswith("json")
        self.frames: EventStream | Document
        if self.is_events:
            self.frames = EventStream(self.on_event)
        else:
            self.frames = Document(self.on_event if shape.reads_arrays else None)
        try:
            if content_encoding:
                self.decode = decoder(content_encoding)
        except ValueError:
            self.is_unreadable = True

    @property
    def is_stream(self) -> bool:
        """Events, or an array of Gemini chunks: a fact of the answer, never of the request."""
        return self.is_events or (isinstance(self.frames, Document) and self.frames.is_array)

    def feed(self, piece: bytes) -> None:
        """Take one relayed piece."""
        if self.is_unreadable or self.is_silent:
            return
        try:
            if self.decode is None:
                self.take(piece)
            else:
                for decoded in self.decode(piece):
                    self.take(decoded)
        except Exception as error:
            self.give_up(error)

    def take(self, decoded: bytes) -> None:
        self.decoded_bytes += len(decoded)
        if self.decoded_bytes > DECODED_BYTES:
            raise ValueError("over the cap")
        if self.is_undecided:
            decoded = self.decide(decoded)
        self.frames.feed(decoded)

    def decide(self, decoded: bytes) -> bytes:
        """Take the body for events where it begins like some; returns what is to be read, nothing while too short."""
        self.start += decoded
        if FIRST_WORD.match(self.start):
            self.is_events = True
            self.frames = EventStream(self.on_event)
        elif not NO_WORD.match(self.start):
            return b""
        self.is_undecided = False
        start, self.start = self.start, b""
        return start

    def finish(self) -> None:
        """The body has ended, cleanly or not: read what is left of it."""
        if self.is_unreadable or self.is_silent:
            return
        try:
            if self.start:
                self.frames.feed(self.start)
            if isinstance(self.frames, EventStream):
                self.frames.finish()
            elif not self.frames.is_array:
                self.read(self.frames.value())
                self.reading.is_terminal = True
            elif self.frames.is_closed:
                self.reading.is_terminal = True
        except Exception as error:
            self.give_up(error)

    def on_event(self, event: Event) -> None:
        """One event of a stream; data that are not JSON are passed over."""
        if isinstance(event, bytes):
            if event.strip() == b"[DONE]":
                self.reading.is_terminal |= self.shape.ends_with_done
                return
            if not self.shape.marker.search(event) and (self.reading.model or not MODEL.search(event)):
                return
        try:
            value = json.loads(event) if isinstance(event, bytes) else event.value()
        except ValueError:
            return
        if type(value) is dict:
            self.shape.read(value, self.reading)

    def read(self, value: object) -> None:
        if type(value) is not dict:
            raise ValueError("no JSON object")
        self.shape.read(value, self.reading)

    def give_up(self, error: Exception) -> None:
        """Not decodable, not JSON, too large: the answer is unreadable. Anything else is a fault of ours as well."""
        self.is_unreadable = True
        if not isinstance(error, (ValueError, RecursionError, *ERRORS)):
            self.on_fault()
