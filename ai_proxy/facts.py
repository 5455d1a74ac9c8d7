"""The few facts a request may add to its record: model, count, size, quality, seconds, from a copy that is not kept."""

import re
from email.message import Message

from ai_proxy.jsontext import Pruner, loads

FIELDS = ("model", "n", "size", "quality", "seconds")
VALUE_BYTES = 256
PART_HEAD_BYTES = 8 * 1024
# Up to this size a body is held as it is until somebody asks for a fact; nobody does where the answer names its model.
HELD_BYTES = 32 * 1024


class Facts:
    """Facts of one request body, fed in the pieces in which it was relayed. Nothing here ever raises."""

    def __init__(self, content_type: str, content_encoding: str):
        self.pieces: list[bytes] = []
        self.size = 0
        self.reader: JsonFacts | FormFacts | None = None
        self.content_type = content_type
        # No SDK compresses requests; one that does keeps its facts to itself.
        self.is_broken = content_encoding.strip().lower() not in ("", "identity")

    def feed(self, piece: bytes) -> None:
        if self.is_broken:
            return
        self.size += len(piece)
        if self.reader is None:
            self.pieces.append(piece)
            if self.size > HELD_BYTES:
                self.read()
            return
        self.pass_on(piece)

    def read(self) -> None:
        """Hand what is held to the reader; from here on pieces are read as they come."""
        self.reader = (
            FormFacts(self.content_type) if "multipart/form-data" in self.content_type.lower() else JsonFacts()
        )
        pieces, self.pieces = self.pieces, []
        for piece in pieces:
            self.pass_on(piece)

    def pass_on(self, piece: bytes) -> None:
        try:
            if not self.is_broken:
                self.reader.feed(piece)
        except Exception:
            self.is_broken = True

    def get(self) -> dict[str, object]:
        """Facts found so far, by the names in FIELDS."""
        if self.reader is None and not self.is_broken and self.pieces:
            self.read()
        try:
            return self.reader.get() if self.reader else {}
        except Exception:
            return {}


class JsonFacts:
    """Members of the top-level object; everything below it is skipped while it passes."""

    def __init__(self):
        self.documents: list[bytes] = []
        self.pruner = Pruner(self.documents.append, depth=1)

    def feed(self, piece: bytes) -> None:
        self.pruner.feed(piece)

    def get(self) -> dict[str, object]:
        skeleton = self.documents[0] if self.documents else self.unfinished()
        value = loads(skeleton)
        return {name: value[name] for name in FIELDS if name in value} if type(value) is dict else {}

    def unfinished(self) -> bytes:
        """The skeleton of a body that broke off, cut behind its last whole member."""
        return bytes(self.pruner.out).rpartition(b",")[0] + b"}"


class FormFacts:
    """Short fields of a multipart form; files are skipped while they pass."""

    def __init__(self, content_type: str):
        header = Message()
        header["content-type"] = content_type
        self.mark = b"\r\n--" + str(header.get_param("boundary", "")).encode("latin-1", "replace")
        # The first delimiter needs no line break before it.
        self.rest = b"\r\n"
        self.name: str | None = None
        self.is_in_body = True
        self.value = bytearray()
        self.found: dict[str, object] = {}

    def feed(self, piece: bytes) -> None:
        self.rest += piece
        while True:
            if not self.is_in_body:
                head, mark, rest = self.rest.partition(b"\r\n\r\n")
                if not mark:
                    if len(head) > PART_HEAD_BYTES:
                        raise ValueError("no form")
                    return
                # The line break stays: an empty part begins with its delimiter.
                self.rest, self.is_in_body, self.name = b"\r\n" + rest, True, self.wanted(head)
                self.value.clear()
            body, mark, rest = self.rest.partition(self.mark)
            if not mark:
                keep = len(self.mark)
                self.take(self.rest[:-keep])
                self.rest = self.rest[-keep:]
                return
            self.take(body)
            self.end_part()
            self.rest, self.is_in_body = rest, False

    def wanted(self, head: bytes) -> str | None:
        found = re.search(rb'name="?(\w+)"?', head)
        name = found[1].decode() if found else None
        return name if name in FIELDS and b"filename" not in head else None

    def take(self, text: bytes) -> None:
        if self.name and len(self.value) <= VALUE_BYTES:
            self.value += text

    def end_part(self) -> None:
        if self.name and len(self.value) <= VALUE_BYTES:
            self.found[self.name] = bytes(self.value).strip().decode("utf-8", "replace")
        self.name = None

    def get(self) -> dict[str, object]:
        return self.found


def count(value: object) -> int | None:
    """``n`` as number or as form text."""
    if type(value) is str and re.fullmatch(r"\d{1,4}", value):
        value = int(value)
    return value if type(value) is int and 0 <= value < 10_000 else None
