"""How a body falls into documents: one JSON document, a JSON array sent in pieces, or server-sent events."""

from collections.abc import Callable

from ai_proxy.jsontext import WHOLE_BYTES, JsonText, Pruner

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
BLANK_LINES = (b"\n\n", b"\r\n\r\n")
Event = bytes | JsonText


class EventStream:
    """Server-sent events by the rules of WHATWG. ``on_event`` gets the data of each event, joined with LF.

    ``is_worth_parsing`` says of a run of whole events whether they need to be looked at one by one.
    """

    def __init__(self, on_event: Callable[[Event], None], is_worth_parsing: Callable[[bytes], bool]):
        self.on_event, self.is_worth_parsing = on_event, is_worth_parsing
        self.line = bytearray()
        self.data: Event | None = None
        # Field of a line too long to be held: "data" is fed on as it comes, anything else dropped.
        self.long_field: str | None = None
        self.is_after_cr = False
        self.is_first = True

    def feed(self, piece: bytes) -> None:
        # Servers write whole events: most pieces begin and end between two of them, and most say nothing of interest.
        if (
            self.data is None
            and not self.line
            and not self.long_field
            and not self.is_first
            and not self.is_after_cr
            and piece.endswith(BLANK_LINES)
            and not self.is_worth_parsing(piece)
        ):
            return
        for line in piece.splitlines(keepends=True):
            last = line[-1]
            if last != 0x0A and last != 0x0D:
                self.hold(line)
            elif not (self.is_after_cr and line == b"\n" and not self.line and not self.long_field):
                self.end_line(line.rstrip(b"\r\n"))
            self.is_after_cr = last == 0x0D

    def finish(self) -> None:
        """The last event may lack its blank line, and its last line its end."""
        if self.line or self.long_field:
            self.end_line(b"")
        self.dispatch()

    def hold(self, text: bytes) -> None:
        if self.long_field:
            self.feed_long(text)
            return
        self.line += text
        if len(self.line) > WHOLE_BYTES:
            line, self.line = bytes(self.line), bytearray()
            name, content = self.split(line)
            self.long_field = "data" if name == b"data" else "other"
            if name == b"data":
                self.document().feed(content)

    def feed_long(self, text: bytes) -> None:
        if self.long_field == "data":
            self.document().feed(text)

    def end_line(self, text: bytes) -> None:
        if self.long_field:
            self.feed_long(text)
            self.long_field = None
            return
        if self.line:
            text = bytes(self.line) + text
            self.line.clear()
        if not text:
            self.dispatch()
            return
        name, content = self.split(text)
        if name != b"data":
            return
        if self.data is None:
            self.data = content
        else:
            self.document().feed(content)

    def split(self, line: bytes) -> tuple[bytes, bytes]:
        if self.is_first:
            line = line.removeprefix(BYTE_ORDER_MARK)
            self.is_first = False
        name, _, content = line.partition(b":")
        return name, content.removeprefix(b" ")

    def document(self) -> JsonText:
        """The event as a document that grows; a line already there is its first."""
        if not isinstance(self.data, JsonText):
            document = JsonText()
            if self.data is not None:
                document.feed(self.data + b"\n")
            self.data = document
        elif not self.long_field:
            self.data.feed(b"\n")
        return self.data

    def dispatch(self) -> None:
        data, self.data = self.data, None
        if data is not None:
            self.on_event(data)


class Document:
    """One JSON document, or, where ``on_element`` is given and the first character says so, an array of them."""

    def __init__(self, on_element: Callable[[Event], None] | None = None):
        self.on_element = on_element
        self.text = JsonText()
        self.array: Pruner | None = None
        self.is_open = on_element is not None

    def feed(self, piece: bytes) -> None:
        if self.is_open:
            start = piece.removeprefix(BYTE_ORDER_MARK).lstrip()
            if not start:
                return
            self.is_open = False
            if start.startswith(b"["):
                self.array = Pruner(self.on_element, base=1)
        if self.array:
            self.array.feed(piece)
        else:
            self.text.feed(piece)

    @property
    def is_array(self) -> bool:
        return self.array is not None

    @property
    def is_closed(self) -> bool:
        """Whether the array has come to its end."""
        return self.array is not None and self.array.level == 0

    def value(self) -> object:
        return self.text.value()
