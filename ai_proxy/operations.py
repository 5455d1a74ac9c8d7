"""Which calls make a record: a table of methods and paths, first match wins. All else is relayed unrecorded."""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from ai_proxy.usage import SHAPES
from ai_proxy.usage.reading import Shape

OPENAI, AZURE, MISTRAL, GOOGLE, VERTEX = "openai", "azure_openai", "mistral", "google", "vertex"
GEMINI_VERBS = "generateContent|streamGenerateContent"

# providers, method, path after the route, operation, output type, shape of the usage
TABLE = [
    ((OPENAI, AZURE, MISTRAL), "POST", r".*/chat/completions", "chat", "text", "chat"),
    ((GOOGLE,), "POST", r".*/openai/chat/completions", "chat", "text", "google_chat"),
    ((VERTEX,), "POST", r".*/endpoints/[^/]+/chat/completions", "chat", "text", "google_chat"),
    ((MISTRAL,), "POST", r"/v1/agents/completions", "chat", "text", "chat"),
    ((MISTRAL,), "POST", r"/v1/fim/completions", "text_completion", "text", "chat"),
    ((OPENAI, AZURE), "POST", r".*/completions", "text_completion", "text", "chat"),
    ((OPENAI, AZURE, MISTRAL), "POST", r".*/responses(/compact)?", "chat", "text", "responses"),
    ((OPENAI, AZURE, MISTRAL), "GET", r".*/responses/[^/]+", "chat", "text", "responses"),
    # Says how a response in the background ended; its record is that of the response.
    ((OPENAI, AZURE, MISTRAL), "POST", r".*/responses/[^/]+/cancel", "chat", "text", "responses"),
    ((OPENAI, AZURE), "POST", r".*/embeddings", "embeddings", "embedding", "embeddings"),
    ((MISTRAL,), "POST", r".*/embeddings", "embeddings", "embedding", "mistral_embeddings"),
    ((GOOGLE,), "POST", r".*/openai/embeddings", "embeddings", "embedding", "embeddings"),
    ((OPENAI, AZURE), "POST", r".*/images/(generations|edits|variations)", "image", "image", "images"),
    ((OPENAI, AZURE, MISTRAL), "POST", r".*/audio/transcriptions", "audio_in", "text", "transcription"),
    ((OPENAI,), "POST", r".*/audio/translations", "audio_in", "text", "transcription"),
    ((OPENAI, AZURE, MISTRAL), "POST", r".*/audio/speech", "audio_out", "audio", "speech"),
    ((OPENAI, AZURE), "POST", r".*/videos(/edits|/[^/]+/remix)?", "video", "video", "video"),
    ((OPENAI, AZURE), "POST", r".*/videos/extensions", "video", "video", "video_extension"),
    ((OPENAI, AZURE), "GET", r".*/videos/[^/]+", "video", "video", "video"),
    ((OPENAI,), "POST", r"/v1/decisions", "other", "other", "decisions"),
    ((OPENAI,), "POST", r"/v1/moderations", "other", "other", "none"),
    (("anthropic",), "POST", r"/v1/messages", "chat", "text", "anthropic"),
    ((VERTEX,), "POST", r".*/models/count-tokens:.*", "", "", ""),
    (
        (VERTEX,),
        "POST",
        r".*/publishers/anthropic/models/[^/]+:(rawPredict|streamRawPredict)",
        "chat",
        "text",
        "anthropic",
    ),
    ((VERTEX,), "POST", r".*/publishers/mistralai/models/[^/]+:(rawPredict|streamRawPredict)", "chat", "text", "chat"),
    ((GOOGLE, VERTEX), "POST", rf".*:({GEMINI_VERBS})", "chat", "text", "gemini"),
    ((GOOGLE, VERTEX), "POST", r".*:(embedContent|batchEmbedContents)", "embeddings", "embedding", "gemini_embeddings"),
    ((GOOGLE, VERTEX), "POST", r".*:predict", "other", "other", "predict"),
    ((GOOGLE, VERTEX), "POST", r".*:predictLongRunning", "video", "video", "none"),
    ((GOOGLE, VERTEX), "POST", r"/[^/]+(/.+)?/interactions", "chat", "text", "interactions"),
    ((GOOGLE, VERTEX), "GET", r"/[^/]+(/.+)?/interactions/[^/]+", "chat", "text", "interactions"),
    ((MISTRAL,), "POST", r"/v1/conversations(/[^/]+(/restart)?)?", "chat", "text", "conversations"),
    ((MISTRAL,), "POST", r"/v1/ocr", "ocr", "text", "none"),
    ((MISTRAL,), "POST", r"/v1/(chat/)?(moderations|classifications)", "other", "other", "none"),
]
POLLABLE = ("responses", "video", "video_extension", "interactions")
MODEL_IN_PATH = re.compile(r"(?:^|/)models/([^/:]+):")


class Operation(NamedTuple):
    """What a call does, as far as method and path say."""

    operation: str
    output_type: str
    shape: Shape
    is_pollable: bool
    # Makes an object longer: the answer tells the whole length, the request what is added.
    is_extension: bool = False


def compile_table() -> dict[tuple[str, str], list[tuple[re.Pattern, Operation | None]]]:
    """The table by provider and method."""
    rules: dict[tuple[str, str], list] = {}
    for providers, method, path, operation, output_type, shape in TABLE:
        is_extension = shape == "video_extension"
        made = Operation(operation, output_type, SHAPES[shape], shape in POLLABLE, is_extension) if shape else None
        for provider in providers:
            rules.setdefault((provider, method), []).append((re.compile(path, re.DOTALL), made))
    return rules


RULES = compile_table()


@lru_cache(maxsize=4096)
def classify(provider: str, method: str, path: str) -> Operation | None:
    """The operation of a call, or None where it makes no record."""
    rules = RULES.get((provider, method))
    if not rules:
        return None
    path = unquote(path) if "%" in path else path
    for pattern, operation in rules:
        if pattern.fullmatch(path):
            return operation
    return None


def model_in_path(provider: str, path: str) -> str | None:
    """Model name of a Google path; None for every other provider, whose paths hold customers' names."""
    if provider not in (GOOGLE, VERTEX):
        return None
    found = MODEL_IN_PATH.search(unquote(path))
    return found[1] if found else None


def deployment_in_path(path: str) -> str | None:
    """Azure deployment: the customer's own word, only ever looked up in the operator's map, never stored."""
    found = re.search(r"/deployments/([^/]+)/", path)
    return unquote(found[1]) if found else None


def object_in_path(path: str) -> str:
    """Id of the object that a GET polls: the last segment. It is only ever hashed, never stored."""
    return unquote(path.rpartition("/")[2])
