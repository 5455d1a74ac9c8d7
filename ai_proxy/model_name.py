"""Model names as they may be stored: without resource prefixes, customers' suffixes, or anything that is no name."""

import re
from functools import lru_cache

from ai_proxy.schema import MODEL

NAME = re.compile(MODEL)
RESOURCE = re.compile(r"(?:.*/)?publishers/[^/]+/models/|models/")
# Names of tuned models and end points are the customer's own words.
CUSTOMER = re.compile(r"(?:.*/)?(?:tunedModels|endpoints|projects)/")


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
