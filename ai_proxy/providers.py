"""The fixed table of upstreams, and the way from a request target to one of them.

The first path segment names the provider; the rest goes on byte for byte. No part of an upstream host ever comes from
the request but a Vertex location, and that only from a configured list.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

DEFAULT_BASE_URLS = {
    "openai": "https://api.openai.com",
    "anthropic": "https://api.anthropic.com",
    "google": "https://generativelanguage.googleapis.com",
    "vertex": "https://{location}-aiplatform.googleapis.com",
    "mistral": "https://api.mistral.ai",
}
GLOBAL_VERTEX_URL = "https://aiplatform.googleapis.com"
VERTEX_LOCATIONS = tuple(
    """
    global us-central1 us-east1 us-east4 us-east5 us-south1 us-west1 us-west2 us-west3 us-west4
    northamerica-northeast1 northamerica-northeast2 southamerica-east1 southamerica-west1 africa-south1
    europe-central2 europe-north1 europe-southwest1 europe-west1 europe-west2 europe-west3 europe-west4 europe-west6
    europe-west8 europe-west9 europe-west12 me-central1 me-central2 me-west1 asia-east1 asia-east2 asia-northeast1
    asia-northeast2 asia-northeast3 asia-south1 asia-southeast1 asia-southeast2 australia-southeast1
    australia-southeast2
    """.split()  # noqa: SIM905
)

NOT_IN_A_TARGET = re.compile(r"[^\x21-\x7e]|#")
# Dot segments, also one hidden in front of a matrix parameter (/..;/x); backslashes; control characters.
AMBIGUOUS_PATH = re.compile(r"[\x00-\x1f\x7f\\]|(?:^|/)\.\.?(?:[;/]|$)")


class Refused(Exception):
    """A request answered by the proxy itself: HTTP status and a word for the reason."""

    def __init__(self, status: int, reason: str):
        super().__init__(reason)
        self.status, self.reason = status, reason


class Route(NamedTuple):
    """Upstream of one request. ``path`` is what follows the route, as received, without the query."""

    provider: str
    key: str
    base_url: str
    path: str
    query: str

    @property
    def url(self) -> str:
        return self.base_url + self.path + self.query


@lru_cache(maxsize=4096)
def split_path(path: str) -> tuple[str, str, str]:
    """First segment, second segment and the rest after it. Raises Refused for what servers could read differently."""
    if not path.startswith("/") or NOT_IN_A_TARGET.search(path):
        raise Refused(400, "invalid_target")
    if AMBIGUOUS_PATH.search(unquote(path) if "%" in path else path):
        raise Refused(400, "invalid_path")
    first, _, rest = path[1:].partition("/")
    second, _, after = rest.partition("/")
    return first, second, after


def resolve(target: str, settings: dict) -> Route:
    """Route of a request target such as ``/azure/sales/openai/v1/responses?x=1``. Raises Refused."""
    path, mark, query = target.partition("?")
    # The query may hold a key; it is looked at and passed on, never kept.
    if NOT_IN_A_TARGET.search(query):
        raise Refused(400, "invalid_target")
    first, second, after = split_path(path)
    if first == "azure":
        found = settings.get(f"azure.{second}")
        if found:
            return Route("azure_openai", f"azure.{second}", found.base_url, f"/{after}", mark + query)
    elif first == "vertex":
        if second in settings["vertex"].locations:
            return Route("vertex", "vertex", vertex_url(settings["vertex"].base_url, second), f"/{after}", mark + query)
    elif first in settings and first in DEFAULT_BASE_URLS:
        return Route(first, first, settings[first].base_url, path[len(first) + 1 :] or "/", mark + query)
    raise Refused(404, "unknown_route")


def vertex_url(base_url: str, location: str) -> str:
    if base_url == DEFAULT_BASE_URLS["vertex"] and location == "global":
        return GLOBAL_VERTEX_URL
    return base_url.replace("{location}", location)
