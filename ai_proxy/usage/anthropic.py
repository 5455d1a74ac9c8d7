"""Anthropic messages. The input counter leaves the cache out; stream counters are cumulative, not increments."""

from ai_proxy.usage.reading import ESCAPE, Reading, Shape, Tokens, counter, dig, merge, paths, take_error, take_model

FIELDS = paths(
    input="input_tokens",
    cache_write="cache_creation_input_tokens",
    cache_write_5m="cache_creation.ephemeral_5m_input_tokens",
    cache_write_1h="cache_creation.ephemeral_1h_input_tokens",
    cache_read="cache_read_input_tokens",
    output="output_tokens",
    reasoning="output_tokens_details.thinking_tokens",
)
COUNTERS = ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens")


def read(event: dict, reading: Reading) -> None:
    take_error(event, reading)
    message = event.get("message")
    take_model(event.get("model"), reading)
    if type(message) is dict:
        take_model(message.get("model"), reading)
        read_usage(message.get("usage"), reading)
    read_usage(event.get("usage"), reading)
    if event.get("type") == "message_stop":
        reading.is_terminal = True


def read_usage(usage: object, reading: Reading) -> None:
    merge(usage, FIELDS, reading)
    iterations = dig(usage, ("iterations",))
    if type(iterations) is not list:
        return
    # Compaction is documented as not contained in the top-level counters. A later list replaces an earlier one.
    compactions = [entry for entry in iterations if dig(entry, ("type",)) == "compaction"]
    for name in COUNTERS:
        reading.wire[f"compaction_{name}"] = sum(counter(entry.get(name)) or 0 for entry in compactions)


def tokens(wire: dict[str, int]) -> Tokens:
    """Input is the sum of the fresh, the written and the read; thinking lies inside output."""
    write = wire.get("cache_write")
    parts = [wire[name] for name in ("cache_write_5m", "cache_write_1h") if name in wire]
    if write is None and parts:
        write = sum(parts)
    extra_input, extra_write, extra_read, extra_output = (wire.get(f"compaction_{name}", 0) for name in COUNTERS)
    write, read = plus(write, extra_write), plus(wire.get("cache_read"), extra_read)
    fresh, output = plus(wire.get("input"), extra_input), plus(wire.get("output"), extra_output)
    return Tokens(
        input=None if fresh is None else fresh + (write or 0) + (read or 0),
        output=output,
        cache_read=read,
        cache_write=write,
        reasoning=wire.get("reasoning"),
    )


def plus(value: int | None, extra: int) -> int | None:
    """The sum, unknown only where neither says anything."""
    return (value or 0) + extra if value is not None or extra else None


ANTHROPIC = Shape(read, tokens, words=(b'"usage"', b'"error"', b'"message_stop"', ESCAPE))
