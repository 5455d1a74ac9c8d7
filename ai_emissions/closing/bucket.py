"""Closed periods in a bucket: fetched into a folder, worked on there, and what is new put back.

A bucket cannot move a finished pack to its place in one step. The manifest of a pack is therefore written after its
tables, the seal after the manifest, nothing over an object that is there, and what a killed run left without a manifest
is taken away by the next one.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ai_emissions.closing.pack import MANIFEST, ClosingError

LAST = (f"/{MANIFEST}", ".sha256")


class Bucket:
    """The objects below ``s3://bucket/prefix``. Credentials, region and endpoint are found as boto3 finds them."""

    def __init__(self, location: str):
        import boto3

        self.location = location
        self.name, _, prefix = location.removeprefix("s3://").partition("/")
        self.prefix = f"{prefix}/" if prefix else ""
        self.client = boto3.client("s3")

    def keys(self) -> set[str]:
        """Names below the prefix."""
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.prefix)
        return {one["Key"].removeprefix(self.prefix) for page in pages for one in page.get("Contents", [])}

    def fetch(self, key: str, folder: Path) -> None:
        target = folder / key
        target.parent.mkdir(parents=True, exist_ok=True)
        self.client.download_file(self.name, self.prefix + key, str(target))

    def add(self, key: str, folder: Path) -> None:
        """Write one object. Raises ClosingError if there is one of this name."""
        try:
            self.client.put_object(
                Bucket=self.name, Key=self.prefix + key, Body=(folder / key).read_bytes(), IfNoneMatch="*"
            )
        except self.client.exceptions.ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                raise ClosingError(
                    f"{self.location}/{key}: already there. Another run closed the period meanwhile; close again."
                ) from None
            raise

    def remove(self, key: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=self.prefix + key)


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

    ``period`` is the one being closed. Raises ClosingError if the bucket cannot be used.
    """
    if "://" not in location:
        yield Path(location)
        return
    if not location.startswith("s3://"):
        raise ClosingError(f"{location}: closed periods live in a folder or below s3://. Give one of these.")
    with told_of(location), tempfile.TemporaryDirectory(prefix="closed-") as name:
        bucket, folder = Bucket(location.rstrip("/")), Path(name)
        keys = bucket.keys()
        left = set() if is_read_only else unfinished(keys, period or "")
        for key in sorted(keys - left):
            bucket.fetch(key, folder)
        yield folder
        if not is_read_only:
            put_back(bucket, folder, keys, left)


def put_back(bucket: Bucket, folder: Path, keys: set[str], left: set[str]) -> None:
    """Write what is new. Raises ClosingError if another run came between: then there is no seal."""
    for key in sorted(left):
        bucket.remove(key)
    found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    new = sorted(found - (keys - left), key=lambda key: (key.endswith(LAST), key))
    for key in [key for key in new if not key.endswith(".sha256")]:
        bucket.add(key, folder)
    if gone := {key for key in new if not key.endswith(".sha256")} - bucket.keys():
        raise ClosingError(
            f"{bucket.location}/{min(gone)}: taken away while it was written. Another run closed the period meanwhile; "
            "close again."
        )
    for key in [key for key in new if key.endswith(".sha256")]:
        bucket.add(key, folder)


@contextmanager
def told_of(location: str) -> Iterator[None]:
    """Errors of boto3, which are of many kinds, as a ClosingError."""
    try:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
    except ImportError:
        raise ClosingError(
            f"{location}: needs the package boto3. Install the extra: pip install --editable '.[bucket]'"
        ) from None
    try:
        yield
    except (Boto3Error, BotoCoreError, ClientError) as error:
        raise ClosingError(
            f"{location}: {str(error).rstrip('.')}. Check the bucket's name, its region (AWS_REGION) and the "
            "credentials of this program."
        ) from None
