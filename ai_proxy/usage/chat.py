"""OpenAI chat and text completions, which Azure, Mistral and the compatible end points of Google speak too."""

import re

from ai_proxy.usage.reading import Reading, Shape, Tokens, as_sent, merge, paths, take_error, take_model

FIELDS = paths(
    input="prompt_tokens",
    output="completion_tokens",
    # Mistral has been seen and documented with three spellings.
    cache_read="prompt_tokens_details.cached_tokens prompt_token_details.cached_tokens num_cached_tokens",
    cache_write="prompt_tokens_details.cache_write_tokens",
    reasoning="completion_tokens_details.reasoning_tokens",
    total="total_tokens",
)
EMBEDDING_FIELDS = paths(input="prompt_tokens", total="total_tokens")


def read(event: dict, reading: Reading) -> None:
    take_model(event.get("model"), reading)
    merge(event.get("usage"), FIELDS, reading)
    take_error(event, reading)


def read_embeddings(event: dict, reading: Reading) -> None:
    take_model(event.get("model"), reading)
    merge(event.get("usage"), EMBEDDING_FIELDS, reading)
    take_error(event, reading)


def embedding_tokens(wire: dict[str, int]) -> Tokens:
    """An embedding generates nothing: output is 0 by nature, once any usage is reported, and all of the total input."""
    if not wire:
        return Tokens()
    sent = as_sent(wire)
    return sent._replace(input=sent.total if sent.input is None else sent.input, output=0)


def google_tokens(wire: dict[str, int]) -> Tokens:
    """Gemini behind the compatible end points: thinking stands beside the completion, in the total alone."""
    sent = as_sent(wire)
    if sent.input is None or sent.total is None or sent.total <= sent.input + (sent.output or 0):
        return sent
    return sent._replace(output=sent.total - sent.input)


# With include_usage every chunk but the last says "usage": null.
MARKER = re.compile(rb'"(?:usage|error)"\s*:\s*[^\sn]|\\u')
CHAT = Shape(read, marker=MARKER, ends_with_done=True)
GOOGLE_CHAT = Shape(read, google_tokens, marker=MARKER, ends_with_done=True)
EMBEDDINGS = Shape(read_embeddings, embedding_tokens)
MISTRAL_EMBEDDINGS = Shape(read, embedding_tokens)
