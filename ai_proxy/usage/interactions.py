"""Google Interactions, whose events name themselves in ``event_type``."""

from ai_proxy.usage.reading import ESCAPE, FAILED, Reading, Shape, Tokens, merge, paths, take_error, take_model

FIELDS = paths(
    base="total_input_tokens",
    tool_use="total_tool_use_tokens",
    cache_read="total_cached_tokens",
    generated="total_output_tokens",
    reasoning="total_thought_tokens",
    total="total_tokens",
)


def read(event: dict, reading: Reading) -> None:
    kind, interaction = event.get("event_type"), event.get("interaction")
    document = interaction if type(interaction) is dict else event
    take_model(document.get("model"), reading)
    if type(document.get("id")) is str and (document is interaction or kind is None):
        reading.object_id = document["id"]
    merge(document.get("usage"), FIELDS, reading)
    if document.get("status") in FAILED:
        reading.has_failed = True
    elif kind == "error":
        reading.has_error = True
    else:
        take_error(event, reading)
    reading.is_terminal |= kind == "interaction.completed"


def tokens(wire: dict[str, int]) -> Tokens:
    """Whether output contains the thoughts is not documented: the total decides, and without one they are added."""
    base, tool_use, output = wire.get("base"), wire.get("tool_use", 0), wire.get("generated")
    thoughts, total = wire.get("reasoning"), wire.get("total")
    is_inside = None not in (base, output) and base + tool_use + output == total
    if output is not None and thoughts and not is_inside:
        output += thoughts
    return Tokens(
        input=None if base is None else base + tool_use,
        output=output,
        cache_read=wire.get("cache_read"),
        reasoning=thoughts,
        total=total,
    )


WORDS = (b'"usage"', b'"error"', b'"interaction.completed"', b'"interaction"', ESCAPE)
INTERACTIONS = Shape(read, tokens, WORDS)
