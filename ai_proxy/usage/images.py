"""Images and video: pieces, sizes and seconds, and tokens where a model reports them."""

from ai_proxy.usage.reading import (
    ESCAPE,
    FAILED,
    Reading,
    Shape,
    merge,
    paths,
    seconds,
    take_error,
    take_model,
    take_picture,
)

FIELDS = paths(input="input_tokens", output="output_tokens", total="total_tokens")


def read(event: dict, reading: Reading) -> None:
    """A whole answer with ``data``, or an event of a stream: one completed event is one image."""
    take_model(event.get("model"), reading)
    merge(event.get("usage"), FIELDS, reading)
    take_picture(event, reading)
    take_error(event, reading)
    data, kind = event.get("data"), event.get("type")
    if type(data) is list:
        reading.image_count = len(data)
    elif type(kind) is str and kind.endswith(".completed"):
        reading.image_count = (reading.image_count or 0) + 1
        reading.is_terminal_at_end = True
    # Models of the DALL-E kind report no tokens at all.
    reading.is_without_tokens = not reading.wire


def read_video(event: dict, reading: Reading) -> None:
    """A video job. Of an extension ``seconds`` is the whole length; what was added stands in the request alone."""
    take_model(event.get("model"), reading)
    take_picture({"size": event.get("size")}, reading)
    length = seconds(event.get("seconds"))
    if length is not None:
        reading.media_seconds = length
    if type(event.get("id")) is str:
        reading.object_id = event["id"]
    reading.has_failed |= event.get("status") in FAILED


IMAGES = Shape(read, words=(b'"usage"', b'"error"', b'completed"', ESCAPE))
VIDEO = Shape(read_video, has_tokens=False)
