"""Model names as they may be stored: without resource prefixes, customers' suffixes, or anything that is no name."""

import re
from functools import lru_cache

from ai_proxy.schema import MODEL

NAME = re.compile(MODEL)
RESOURCE = re.compile(r"(?:.*/)?publishers/[^/]+/models/|models/")
# Names of tuned models and end points are the customer's own words.
CUSTOMER = re.compile(r"(?:.*/)?(?:tunedModels|endpoints|projects)/")
# What names of public models are made of, beside single letters, versions and dates.
PUBLIC_WORDS = frozenset(
    """
    anthropic claude fable haiku instant mythos opus sonnet
    ada astra audio babbage chat chatgpt codex computer cyber dall davinci deep diarize embedding embeddings gpt hd
    image instruct luna max mini moderation nano omni openai oss pro realtime research safeguard search sol sora terra
    text transcribe tts turbo use whisper
    customtools exp experimental fast flash gemini gemma generate google imagen it learnlm lite live multilingual
    multimodal multimodalembedding native robotics thinking ultra veo
    codestral devstral embed labs large magistral mamba mathstral medium ministral mistral mistralai mixtral nemo ocr
    open pixtral saba small tiny voxtral
    ai coder cohere command deepseek fp glm grok jamba kimi llama maas maverick meta minimax minimaxai moonshotai next
    non org phi qwen reasoning scout vision vl xai zai
    beta default latest model preview router
    """.split()  # noqa: SIM905
)


@lru_cache(maxsize=1024)
def clean(name: str | None) -> str | None:
    """The name, ``invalid`` for what cannot be one, None for nothing or for a customer's own word."""
    if not name:
        return None
    if found := RESOURCE.match(name):
        name = name[found.end() :]
    if CUSTOMER.match(name):
        return None
    if name.startswith("ft:"):
        name = name.split(":")[1]
    # Azure and the first fine-tuning of OpenAI put the customer's suffix behind the base name.
    name = re.split(r"[.:]ft-", name)[0]
    if not name:
        return None
    return name if NAME.fullmatch(name) else "invalid"


@lru_cache(maxsize=1024)
def clean_if_public(name: str | None) -> str | None:
    """As ``clean``, for a name that no provider has confirmed: one with a word of anybody's own is None."""
    cleaned = clean(name)
    if cleaned is None or cleaned == "invalid":
        return cleaned
    is_public = all(
        len(part) == 1 or part in PUBLIC_WORDS if part.isalpha() else len(part) <= 8
        for part in re.findall(r"[a-z]+|[0-9]+", cleaned.lower())
    )
    return cleaned if is_public else None
