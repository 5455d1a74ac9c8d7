"""Closed periods in a bucket or container: fetched into a folder, worked on there, and what is new put back.

A bucket cannot move a finished pack to its place in one step. The manifest of a pack is therefore written after its
tables, the seal after the manifest, nothing over an object that is there, and what a killed run left without a manifest
is taken away by the next one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ai_emissions.closing.pack import MANIFEST, ClosingError
from ai_emissions.object_store import Store, open_store

LAST = (f"/{MANIFEST}", ".sha256")


def unfinished(keys: set[str], period: str) -> set[str]:
    """Objects of packs of the period that have neither a manifest nor a seal: a run was killed while it wrote them.

    Those of other periods are not looked at: somebody may be writing them.
    """
    packs = {key.rpartition("/")[0] for key in keys if key.startswith(f"period={period}/")}
    left = {pack for pack in packs if f"{pack}/{MANIFEST}" not in keys and seal_key(pack) not in keys}
    return {key for key in keys if key.rpartition("/")[0] in left}


def seal_key(pack: str) -> str:
    """``period=2025-06/revision=1`` has the seal ``seals/2025-06.1.sha256``."""
    period, _, revision = pack.partition("/")
    return f"seals/{period.partition('=')[2]}.{revision.partition('=')[2]}.sha256"


@contextmanager
def as_folder(location: str, period: str | None, is_read_only: bool) -> Iterator[Path]:
    """The closed periods of a location as a folder: itself, or a copy of the bucket whose new files go back at the end.

    ``period`` is the one being closed. Raises StoreError if the bucket cannot be used, ClosingError as put_back does.
    """
    if "://" not in location:
        yield Path(location)
        return
    bucket = open_store(location)
    with tempfile.TemporaryDirectory(prefix="closed-") as name:
        folder, keys = Path(name), bucket.keys()
        # A key is what somebody named it; it must not lead out of the folder.
        if strange := sorted(key for key in keys if key.startswith("/") or ".." in key.split("/")):
            raise ClosingError(f"{location}/{strange[0]}: no name of a file of a closed period. Take it away.")
        left = set() if is_read_only else unfinished(keys, period or "")
        for key in sorted(keys - left):
            (folder / key).parent.mkdir(parents=True, exist_ok=True)
            bucket.fetch(key, folder / key)
        yield folder
        if not is_read_only:
            put_back(bucket, folder, keys, left)


def put_back(bucket: Store, folder: Path, keys: set[str], left: set[str]) -> None:
    """Write what is new. Raises ClosingError if another run came between: then there is no seal."""
    for key in sorted(left):
        bucket.remove(key)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    new = sorted(found - (keys - left), key=lambda key: (key.endswith(LAST), key))
    for key in [key for key in new if not key.endswith(".sha256")]:
        add(bucket, key, folder)
    if gone := {key for key in new if not key.endswith(".sha256")} - bucket.keys():
        raise ClosingError(
            f"{bucket.location}/{min(gone)}: taken away while it was written. Another run closed the period meanwhile; "
            "close again."
        )
    for key in [key for key in new if key.endswith(".sha256")]:
        add(bucket, key, folder)


def add(bucket: Store, key: str, folder: Path) -> None:
    """Write one object. Raises ClosingError if there is one of this name."""
    try:
        bucket.add(folder / key, key)
    except FileExistsError:
        raise ClosingError(
            f"{bucket.location}/{key}: already there. Another run closed the period meanwhile; close again."
        ) from None
