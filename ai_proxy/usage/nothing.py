"""Answers that report no tokens by nature: moderation, OCR, long-running operations."""

from ai_proxy.usage.reading import Reading, Shape, take_error, take_model


def read(event: dict, reading: Reading) -> None:
    take_model(event.get("model"), reading)
    take_error(event, reading)


NOTHING = Shape(read, has_tokens=False)
