"""Vertex ``:predict``: what the predictions hold decides what the call was."""

from ai_proxy.usage.gemini import embedding_tokens
from ai_proxy.usage.reading import Reading, Shape, counter, dig, take_error, take_model

TOKEN_COUNT = ("embeddings", "statistics", "token_count")


def read(event: dict, reading: Reading) -> None:
    take_error(event, reading)
    take_model(event.get("model"), reading)
    predictions = event.get("predictions")
    predictions = [p for p in predictions if type(p) is dict] if type(predictions) is list else []
    embeddings = [p for p in predictions if "embeddings" in p]
    # An entry with nothing but a filter reason is no image.
    pictures = [p for p in predictions if p.get("bytesBase64Encoded") is not None or p.get("gcsUri") is not None]
    if embeddings:
        reading.operation, reading.output_type = "embeddings", "embedding"
        counts = [counter(dig(p, TOKEN_COUNT)) for p in embeddings]
        if None not in counts:
            reading.wire["prompt"] = sum(counts)
    elif pictures or any("raiFilteredReason" in p for p in predictions):
        reading.operation, reading.output_type = "image", "image"
        reading.image_count = len(pictures)
        reading.is_without_tokens = True
    else:
        reading.is_without_tokens = True


PREDICT = Shape(read, embedding_tokens)
