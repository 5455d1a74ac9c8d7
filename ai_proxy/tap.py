"""Reads usage from a copy of a response, after each piece of it was relayed. Never fails, never holds much."""

import re
from collections.abc import Callable
from functools import partial

from ai_proxy.decode import ERRORS, Decoder, decoder
from ai_proxy.framing import Document, Event, EventStream
from ai_proxy.jsontext import loads
from ai_proxy.usage.reading import Reading, Shape

FIRST_WORD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*(?:data|event|id|retry)?:")
NO_WORD = re.compile(rb"(?:\xef\xbb\xbf)?[\r\n]*[^\xef\r\n:a-z]|.{32}", re.DOTALL)
DECODED_BYTES = 64 * 1024 * 1024
MODEL = re.compile(rb'"model(?:Version)?"\s*:\s*"[^"]')


class Tap:
    """One response. ``on_fault`` is called once, without detail, if reading it broke in a way nobody foresaw."""

    is_unreadable = False
    decoded_bytes = 0
    # Nothing is set up before there is something to read.
    frames: EventStream | Document | None = None
    start = b""

    def __init__(self, shape: Shape, content_type: str, content_encoding: str, on_fault: Callable[[], None]):
        self.shape, self.on_fault = shape, on_fault
        self.reading = Reading()
        self.decode: Decoder | None = None
        kind = content_type.partition(";")[0].strip().lower()
        self.is_events = kind == "text/event-stream"
        self.is_silent = not self.is_events and not shape.is_json and not kind.endswith("json")
        try:
            if content_encoding:
                self.decode = decoder(content_encoding)
        except ValueError:
            self.is_unreadable = True

    @property
    def is_stream(self) -> bool:
        """Events, or an array of Gemini chunks: a fact of the answer, never of the request."""
        return self.is_events or (isinstance(self.frames, Document) and self.frames.is_array)

    def feed(self, data: bytes) -> None:
        """Read some of the answer, as it came."""
        if not self.is_silent:
            self.guarded(partial(self.unpack, data))

    def read_document(self, data: bytes) -> bool:
        """Read a whole answer at once if it is a JSON object in plain text; False if it is to be fed instead."""
        if self.decode or self.is_events or self.is_silent or self.is_unreadable or data[:1] != b"{":
            return False
        try:
            self.read(loads(data))
        except Exception:
            self.reading = Reading()
            return False
        self.reading.is_terminal = True
        return True

    def unpack(self, data: bytes) -> None:
        if self.decode is None:
            self.take(data)
        else:
            for decoded in self.decode(data):
                self.take(decoded)

    def take(self, decoded: bytes) -> None:
        self.decoded_bytes += len(decoded)
        if self.decoded_bytes > DECODED_BYTES:
            raise ValueError("over the cap")
        if self.frames is not None:
            self.frames.feed(decoded)
            return
        self.start += decoded
        if self.is_events or FIRST_WORD.match(self.start):
            # Some gateways call events by another content type; the first word of the body then tells.
            self.is_events = True
            self.frames = EventStream(self.on_event, self.is_worth_parsing)
        elif NO_WORD.match(self.start):
            self.frames = Document(self.on_event if self.shape.reads_arrays else None)
        else:
            return
        self.frames.feed(self.start)

    def finish(self) -> None:
        """The body has ended, cleanly or not: read what is left of it."""
        if not self.is_silent:
            self.guarded(self.end)

    def end(self) -> None:
        """What can be said once nothing more comes."""
        if isinstance(self.frames, EventStream):
            self.frames.finish()
        elif self.frames is not None and self.frames.is_array:
            self.reading.is_terminal |= self.frames.is_closed
        elif not self.is_events:
            self.read(self.frames.value() if self.frames else loads(self.start))
            self.reading.is_terminal = True

    def guarded(self, step: Callable[[], None]) -> None:
        """Run a step of reading; whatever it raises ends the reading and nothing else."""
        if self.is_unreadable:
            return
        try:
            step()
        except Exception as error:
            self.give_up(error)

    def is_worth_parsing(self, text: bytes) -> bool:
        """Whether anything in these events could matter; most carry content alone and need no parsing."""
        shape = self.shape
        for word in shape.words:
            if word in text and (shape.marker is None or shape.marker.search(text)):
                return True
        if shape.ends_with_done and b"[DONE]" in text:
            return True
        return not self.reading.model and MODEL.search(text) is not None

    def on_event(self, event: Event) -> None:
        """One event of a stream; data that are not JSON are passed over."""
        if isinstance(event, bytes):
            if event.strip() == b"[DONE]":
                self.reading.is_terminal |= self.shape.ends_with_done
                return
            if not self.is_worth_parsing(event):
                return
        try:
            value = loads(event) if isinstance(event, bytes) else event.value()
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
