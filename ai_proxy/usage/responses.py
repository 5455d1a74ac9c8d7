"""OpenAI Responses: JSON, background polls, compaction, and the terminal events of its streams."""

import re

from ai_proxy.usage.reading import ESCAPE, FAILED, Reading, Shape, merge, paths, take_error, take_model

FIELDS = paths(
    input="input_tokens",
    output="output_tokens",
    cache_read="input_tokens_details.cached_tokens",
    cache_write="input_tokens_details.cache_write_tokens",
    reasoning="output_tokens_details.reasoning_tokens",
    total="total_tokens",
)
TERMINAL = frozenset(("response.completed", "response.incomplete", "response.failed"))


def read(event: dict, reading: Reading) -> None:
    response = event.get("response")
    kind = event.get("type")
    if type(response) is dict:
        read_response(response, reading)
    elif type(kind) is str and kind.startswith("response."):
        # About a part of the response, such as a picture: whatever it counts is not the response's.
        take_error(event, reading)
    elif event.get("status") in FAILED or "usage" in event:
        # The failed response carries its error itself; it is no error in a stream.
        read_response(event, reading)
    else:
        take_model(event.get("model"), reading)
        take_id(event, reading)
        take_error(event, reading)
    if kind in TERMINAL:
        reading.is_terminal = True
        reading.has_failed |= kind == "response.failed"


def read_response(response: dict, reading: Reading) -> None:
    take_model(response.get("model"), reading)
    take_id(response, reading)
    merge(response.get("usage"), FIELDS, reading)
    reading.has_failed |= response.get("status") in FAILED


def take_id(response: dict, reading: Reading) -> None:
    if type(response.get("id")) is str:
        reading.object_id = response["id"]


MARKER = re.compile(rb'"response"\s*:\s*\{|"error"|\\u')
RESPONSES = Shape(read, words=(b'"response"', b'"error"', ESCAPE), marker=MARKER)
