"""Mistral conversations: usage in the JSON body, or in the event that ends the stream."""

from ai_proxy.usage import chat
from ai_proxy.usage.reading import ESCAPE, Reading, Shape


def read(event: dict, reading: Reading) -> None:
    chat.read(event, reading)
    kind = event.get("type")
    reading.is_terminal |= kind == "conversation.response.done"
    reading.has_error |= kind == "conversation.response.error"


CONVERSATIONS = Shape(read, words=(b'"usage"', b'"error"', b'"conversation.response.', ESCAPE))
