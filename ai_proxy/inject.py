"""The one change of a request this proxy knows: asking for usage in a chat stream. Off unless the operator says so."""

import json

from ai_proxy.record import Call

MOST_BYTES = 8 * 1024 * 1024
OPTION = b'"stream_options":{"include_usage":true}}'


def include_usage(body: bytes, call: Call) -> bytes | None:
    """The body with the option, or None where it is no chat stream, or says something of its own about options."""
    if call.operation.operation not in ("chat", "text_completion") or not call.operation.shape.ends_with_done:
        return None
    if len(body) > MOST_BYTES or not body.rstrip().endswith(b"}"):
        return None
    try:
        content = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if type(content) is not dict or content.get("stream") is not True or "stream_options" in content:
        return None
    # Everything the client wrote stays byte for byte; the option comes last.
    return body.rstrip()[:-1] + b"," + OPTION


def with_length(headers: tuple[tuple[bytes, bytes], ...], length: int) -> list[tuple[bytes, bytes]]:
    """Headers that frame the changed body."""
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return [*kept, (b"Content-Length", str(length).encode())]
