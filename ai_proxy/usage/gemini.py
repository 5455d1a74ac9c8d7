"""Gemini API and Vertex: running totals on any chunk, zero counters left out, thoughts beside the candidates."""

from ai_proxy.usage.reading import ESCAPE, Reading, Shape, Tokens, counter, merge, paths, take_error, take_model

FIELDS = paths(
    prompt="promptTokenCount",
    tool_use="toolUsePromptTokenCount",
    cache_read="cachedContentTokenCount",
    candidates="candidatesTokenCount",
    reasoning="thoughtsTokenCount",
    total="totalTokenCount",
)


def read(event: dict, reading: Reading) -> None:
    take_model(event.get("modelVersion"), reading)
    take_error(event, reading)
    usage = event.get("usageMetadata")
    merge(usage, FIELDS, reading)
    if type(usage) is dict and has_image_tokens(usage.get("candidatesTokensDetails")):
        reading.output_type = "image"
    candidates, feedback = event.get("candidates"), event.get("promptFeedback")
    is_finished = type(candidates) is list and any(type(c) is dict and c.get("finishReason") for c in candidates)
    if is_finished or (type(feedback) is dict and feedback.get("blockReason")):
        reading.is_terminal_at_end = True


def has_image_tokens(details: object) -> bool:
    return type(details) is list and any(
        type(entry) is dict and entry.get("modality") == "IMAGE" and counter(entry.get("tokenCount"))
        for entry in details
    )


def tokens(wire: dict[str, int]) -> Tokens:
    """Output is candidates and thoughts, unless the total shows that the candidates contain the thoughts."""
    prompt, candidates, thoughts = wire.get("prompt"), wire.get("candidates"), wire.get("reasoning")
    tool_use = wire.get("tool_use", 0)
    output = None
    if prompt is not None or candidates is not None:
        output = candidates or 0
        is_inside = thoughts and thoughts <= output and (prompt or 0) + tool_use + output == wire.get("total")
        output += 0 if is_inside else thoughts or 0
    return Tokens(
        input=None if prompt is None else prompt + tool_use,
        output=output,
        cache_read=wire.get("cache_read"),
        reasoning=thoughts,
        total=wire.get("total"),
    )


def embedding_tokens(wire: dict[str, int]) -> Tokens:
    """All that is counted went in, whether as prompt or in the total alone."""
    total = wire.get("total")
    return Tokens(input=wire.get("prompt", total), output=0, total=total) if wire else Tokens()


WORDS = (b'"usageMetadata"', b'"finishReason"', b'"blockReason"', b'"error"', ESCAPE)
GEMINI = Shape(read, tokens, WORDS, reads_arrays=True)
EMBEDDINGS = Shape(read, embedding_tokens, WORDS)
