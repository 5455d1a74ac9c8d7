"""Gets one file over HTTP in bounded time and memory, and asks only whether it changed where that is enough."""

import gzip
import json
import os
import re
import threading
import time
import zlib
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit, urlunsplit

import requests
from urllib3.exceptions import HTTPError

CHUNK_BYTES = 64 * 1024
MAX_REDIRECTS = 5
ABSENT = (404, 410)
TOO_MANY_REQUESTS = 429


class FetchError(Exception):
    """The address could not be read. The message names it and says why and what to do."""


class _PassingError(Exception):
    """Worth another attempt, after ``wait_seconds`` if the server asks for it."""

    def __init__(self, message: str, wait_seconds: float = 0) -> None:
        super().__init__(message)
        self.wait_seconds = wait_seconds


@dataclass(frozen=True)
class Limits:
    """What one file may take. ``read_seconds`` bounds every wait for the server, ``total_seconds`` all attempts
    together; ``attempts`` are spaced by ``wait_seconds``, doubled each time."""

    read_seconds: float
    total_seconds: float
    max_bytes: int
    attempts: int
    wait_seconds: float


@dataclass(frozen=True)
class Answer:
    """``content`` is None where the file is absent or ``not_modified``."""

    content: bytes | None = None
    not_modified: bool = False
    etag: str | None = None
    last_modified: str | None = None

    @property
    def last_modified_on(self) -> date | None:
        try:
            return parsedate_to_datetime(self.last_modified).date() if self.last_modified else None
        except ValueError:
            return None


class Session(requests.Session):
    """Leaves redirects alone: requests reads the body of each of them whole, however long it is."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def public_address(url: str) -> str:
    """The address without credentials and query, which may hold a signature."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def fetch(session: Session, url: str, limits: Limits, known: dict | None = None) -> Answer:
    """Get a file. ``known`` holds ``etag`` and ``last_modified`` of the last time, if that content is at hand.

    An absent file is an Answer without content. Raises FetchError for everything else that is no whole file.
    """
    name = public_address(url)
    deadline = time.monotonic() + limits.total_seconds
    for attempt in range(1, limits.attempts + 1):
        try:
            return within(deadline, lambda: request(session, url, limits, deadline, known or {}))
        except _PassingError as error:
            wait = max(error.wait_seconds, limits.wait_seconds * 2 ** (attempt - 1))
            if attempt == limits.attempts or time.monotonic() + wait >= deadline:
                raise FetchError(
                    f"{name}: {error}, after {attempt} attempts. Nothing was loaded from it: run again later."
                ) from None
            time.sleep(wait)
        except requests.RequestException as error:
            raise FetchError(f"{name}: {without_secrets(str(error))}. Check the address.") from None
    raise AssertionError("unreachable: the last attempt returns or raises")


def within(deadline: float, work):
    """Run ``work`` in a thread and give up on it at the deadline, wherever it hangs (name look-up, headers)."""
    outcome = {}

    def run():
        try:
            outcome["value"] = work()
        except BaseException as error:
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if "error" in outcome:
        raise outcome["error"]
    if "value" not in outcome:
        raise _PassingError("no whole answer within the total time allowed (--deadline)")
    return outcome["value"]


def request(session: Session, url: str, limits: Limits, deadline: float, known: dict) -> Answer:
    # Asked for as it is: what is sent is then what counts against the size allowed.
    headers = {"Accept-Encoding": "identity"}
    if known.get("etag"):
        headers["If-None-Match"] = known["etag"]
    if known.get("last_modified"):
        headers["If-Modified-Since"] = known["last_modified"]
    name = public_address(url)
    try:
        with following_redirects(session, url, headers, limits) as response:
            validators = {"etag": response.headers.get("ETag"), "last_modified": response.headers.get("Last-Modified")}
            if response.status_code == requests.codes.not_modified and known:
                return Answer(not_modified=True, **validators)
            if response.status_code in ABSENT:
                # Its few words taken, the connection serves the next day of a walk.
                response.raw.read1(CHUNK_BYTES)
                return Answer()
            if response.status_code >= 500 or response.status_code == TOO_MANY_REQUESTS:
                wait = response.headers.get("Retry-After", "")
                raise _PassingError(
                    f"the server answers {response.status_code} {response.reason}", int(wait) if wait.isdecimal() else 0
                )
            if response.status_code != requests.codes.ok:
                raise FetchError(
                    f"{name}: the server answers {response.status_code} {response.reason}. "
                    "Check the address and whether it needs credentials."
                )
            return Answer(read_body(response, name, limits, deadline), **validators)
    except (requests.ConnectionError, requests.Timeout, HTTPError, ConnectionError, TimeoutError) as error:
        raise _PassingError(f"{type(error).__name__} ({without_secrets(str(error))[:200]})") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise _PassingError(f"a compressed answer that is not whole ({error})") from None


@contextmanager
def following_redirects(session: Session, url: str, headers: dict, limits: Limits):
    """The last answer of a chain of redirects, no body read. Raises requests.TooManyRedirects."""
    for _ in range(MAX_REDIRECTS + 1):
        with session.get(url, headers=headers, stream=True, timeout=limits.read_seconds) as response:
            if not response.is_redirect:
                yield response
                return
            url = urljoin(url, response.headers["Location"])
    raise requests.TooManyRedirects(f"more than {MAX_REDIRECTS} redirects")


def read_body(response: requests.Response, name: str, limits: Limits, deadline: float) -> bytes:
    """The whole body, decompressed, and never more of it in memory than allowed. urllib3 compares its length with
    Content-Length and raises if it is cut."""
    kind = response.headers.get("Content-Type", "")
    if "html" in kind.lower():
        raise FetchError(f"{name}: an HTML page ({kind}) instead of a CSV file. Give the address of the raw file.")
    too_large = FetchError(
        f"{name}: more than {limits.max_bytes / 1e6:g} MB, so it is not read. Give a larger "
        "--max-megabytes if that is its size."
    )
    announced = response.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > limits.max_bytes:
        raise too_large
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    if encoding not in ("identity", "gzip", "x-gzip"):
        raise FetchError(
            f"{name}: the answer is compressed as {encoding}, which is not read. Load it as a file, with --source FILE."
        )
    body = response.raw if encoding == "identity" else gzip.GzipFile(fileobj=response.raw)
    content = bytearray()
    # read1 returns what is there: a server that sends a byte now and then meets the deadline here.
    while chunk := body.read1(CHUNK_BYTES):
        content += chunk
        if len(content) > limits.max_bytes:
            raise too_large
        if time.monotonic() > deadline:
            raise _PassingError("no whole answer within the total time allowed (--deadline)")
    is_measured = announced or "Transfer-Encoding" in response.headers or encoding != "identity"
    if content and not is_measured and not content.endswith(b"\n"):
        raise _PassingError("an answer without a length that ends within a line: cut off")
    return bytes(content)


def without_secrets(text: str) -> str:
    """An error text with the queries and credentials of the addresses in it taken out."""
    return re.sub(r"//[^/\s]*@", "//", re.sub(r"\?[^\s'\")]+", "?...", text))


def read_cache(path: Path | None) -> dict[str, dict]:
    """What each address answered last: validators and what came of it. Unreadable is empty: it only saves requests."""
    if path is None:
        return {}
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return entries if isinstance(entries, dict) else {}


def write_cache(path: Path | None, entries: dict[str, dict]) -> None:
    if path is None or not entries:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_text(json.dumps(entries, indent=1, sort_keys=True), encoding="utf-8")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
