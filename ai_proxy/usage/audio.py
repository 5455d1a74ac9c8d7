"""Transcription and speech: tokens, or seconds, or bytes that say nothing."""

from ai_proxy.usage.reading import ESCAPE, Reading, Shape, merge, paths, seconds, take_error, take_model

# OpenAI says input and output, Mistral prompt and completion.
FIELDS = paths(input="input_tokens prompt_tokens", output="output_tokens completion_tokens", total="total_tokens")
TERMINAL = frozenset(("transcript.text.done", "transcription.done", "speech.audio.done"))


def read(event: dict, reading: Reading) -> None:
    take_model(event.get("model"), reading)
    take_error(event, reading)
    usage = event.get("usage")
    if type(usage) is dict:
        merge(usage, FIELDS, reading)
        length = seconds(usage.get("seconds", usage.get("prompt_audio_seconds")))
        if length is not None:
            reading.media_seconds = length
        reading.is_without_tokens = usage.get("type") == "duration" and not reading.wire
    if event.get("type") in TERMINAL:
        reading.is_terminal = True


WORDS = (b'"usage"', b'"error"', b'.done"', ESCAPE)
TRANSCRIPTION = Shape(read, words=WORDS, is_json=False, ends_with_done=False)
SPEECH = Shape(read, words=WORDS, is_json=False, has_tokens=False)
