"""Content codings, undone on a copy, piece by piece, so that no input can make a large output at once."""

import zlib
from collections.abc import Callable, Iterator

import brotli

try:
    from compression import zstd
except ImportError:
    from backports import zstd

STEP = 64 * 1024
# What the functions below raise for data that are not in the coding they are said to be in.
ERRORS = (zlib.error, brotli.error, zstd.ZstdError)
Decoder = Callable[[bytes], Iterator[bytes]]


class UnknownCoding(ValueError):
    """A content coding this proxy cannot read."""


def decoder(content_encoding: str) -> Decoder | None:
    """A function that decodes pieces in order, or None where nothing needs decoding.

    Codings apply in the order the header lists them, so they are undone from the last to the first. Raises
    UnknownCoding; the function raises zlib.error, brotli.error or zstd.ZstdError for what is no such data.
    """
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in reversed(names) if name not in ("", "identity")]
    if unknown := [name for name in names if name not in DECODERS]:
        raise UnknownCoding(unknown[0][:32])
    steps = [DECODERS[name]() for name in names]
    if len(steps) < 2:
        return steps[0] if steps else None

    def chain(data: bytes, first: int = 0) -> Iterator[bytes]:
        for piece in steps[first](data):
            if first + 1 < len(steps):
                yield from chain(piece, first + 1)
            else:
                yield piece

    return chain


def inflate(new: Callable[[], object], data_left: bytes, state: list) -> Iterator[bytes]:
    """Run zlib over ``data_left``; ``state`` holds the current decompressor, renewed at the end of a member."""
    while True:
        piece = state[0].decompress(data_left, STEP)
        if piece:
            yield piece
        if state[0].eof:
            data_left = state[0].unused_data.lstrip(b"\0")
            state[0] = new()
            state[1] = True
            if not data_left:
                return
        else:
            data_left = state[0].unconsumed_tail
            if not data_left and len(piece) < STEP:
                return


def gzip_decoder() -> Decoder:
    """gzip of any number of members; what follows the last one and is none is ignored, as gzip itself does."""

    def new():
        return zlib.decompressobj(16 + zlib.MAX_WBITS)

    state = [new(), False]

    def decode(data: bytes) -> Iterator[bytes]:
        try:
            yield from inflate(new, data, state)
        except zlib.error:
            if not state[1]:
                raise

    return decode


def deflate_decoder() -> Decoder:
    """zlib, as the standard says, or raw deflate, as some servers send: the first two bytes tell."""
    state: list = []
    head = bytearray()

    def decode(data: bytes) -> Iterator[bytes]:
        if not state:
            head.extend(data)
            if len(head) < 2:
                return
            is_zlib = head[0] & 15 == 8 and (head[0] << 8 | head[1]) % 31 == 0
            state.extend((zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS), False))
            data = bytes(head)
        if not state[1]:
            yield from inflate(zlib.decompressobj, data, state)

    return decode


def brotli_decoder() -> Decoder:
    decompressor = brotli.Decompressor()

    def decode(data: bytes) -> Iterator[bytes]:
        while not decompressor.is_finished():
            piece = decompressor.process(data, output_buffer_limit=STEP)
            data = b""
            if piece:
                yield piece
            elif decompressor.can_accept_more_data():
                return

    return decode


def zstd_decoder() -> Decoder:
    """zstd of any number of frames."""
    state = [zstd.ZstdDecompressor()]

    def decode(data: bytes) -> Iterator[bytes]:
        while True:
            piece = state[0].decompress(data, STEP)
            data = b""
            if piece:
                yield piece
            if state[0].eof:
                data = state[0].unused_data
                state[0] = zstd.ZstdDecompressor()
                if not data:
                    return
            elif state[0].needs_input:
                return

    return decode


DECODERS: dict[str, Callable[[], Decoder]] = {
    "gzip": gzip_decoder,
    "x-gzip": gzip_decoder,
    "deflate": deflate_decoder,
    "br": brotli_decoder,
    "zstd": zstd_decoder,
}
