"""Buckets of Amazon S3 and containers of Azure Blob Storage, behind one small interface.

For what has to write, or to write only where nothing is; builds read both through DuckDB. An object is replaced whole
by nature: a reader sees the one before or the one after, never half. The packages of each cloud are optional extras.
"""

import logging
import os
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

# A request that fails is sent again for some ten seconds, as long as a server takes to restart.
AZURE_RETRIES = {"retry_total": 3, "initial_backoff": 1, "increment_base": 2, "random_jitter_range": 1}
SIGNATURE = re.compile(r"\bsig=[^&\s'\"]+")


class StoreError(Exception):
    """A bucket or container cannot be used. The message says which, why, and what to do."""


@dataclass(frozen=True)
class Entry:
    """One file or object: its key, what tells one version of it from another, and when it was last changed."""

    key: str
    version: str
    changed: datetime


class Store(ABC):
    """The objects below ``scheme://container/prefix``; keys are relative to it.

    All methods raise StoreError where the store cannot be reached, or refuses.
    """

    def __init__(self, location: str):
        scheme, _, rest = location.partition("://")
        self.container, _, prefix = rest.strip("/").partition("/")
        self.prefix = f"{prefix.strip('/')}/" if prefix else ""
        self.location = location.rstrip("/")
        self.name = f"{scheme}://{self.container}/{self.prefix}"

    @abstractmethod
    def told(self) -> AbstractContextManager[None]:
        """Errors of the cloud's package, which are of many kinds, as a StoreError."""

    @abstractmethod
    def entries(self) -> list[Entry]:
        """All objects, without the place holders that stand for folders."""

    def keys(self) -> set[str]:
        return {entry.key for entry in self.entries()}

    @abstractmethod
    def fetch(self, key: str, target: Path) -> None:
        """Copy one object into a file, which is whole only if nothing is raised."""

    @abstractmethod
    def put(self, source: Path, key: str) -> None:
        """Write one object, or replace the one there."""

    @abstractmethod
    def add(self, source: Path, key: str) -> None:
        """Write one object where none is. Raises FileExistsError if there is one, also where it came meanwhile."""

    @abstractmethod
    def remove(self, key: str) -> None:
        """Delete one object, if it is there."""


class S3Store(Store):
    """``s3://bucket/prefix``. Credentials, region and endpoint are found as boto3 finds them."""

    def __init__(self, location: str):
        super().__init__(location)
        try:
            import boto3
            from boto3.exceptions import Boto3Error
            from botocore.exceptions import BotoCoreError, ClientError
        except ImportError:
            raise StoreError(
                f"{self.location}: needs the package boto3. Install the extra: pip install --editable '.[bucket]'"
            ) from None
        self.refused, self.failures = ClientError, (Boto3Error, BotoCoreError, ClientError)
        with self.told():
            self.client = boto3.client("s3")

    @contextmanager
    def told(self) -> Iterator[None]:
        try:
            yield
        except self.failures as error:
            raise StoreError(
                f"{self.location}: {reason_of(error)}. Check the bucket's name, its region (AWS_REGION) and the "
                "credentials of this program."
            ) from None

    def entries(self) -> list[Entry]:
        with self.told():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.container, Prefix=self.prefix)
            return [
                Entry(one["Key"].removeprefix(self.prefix), f"{one['Size']} {one['ETag']}", one["LastModified"])
                for page in pages
                for one in page.get("Contents", [])
                if not one["Key"].endswith("/")
            ]

    def fetch(self, key: str, target: Path) -> None:
        with self.told():
            self.client.download_file(self.container, self.prefix + key, str(target))

    def put(self, source: Path, key: str) -> None:
        with self.told():
            self.client.upload_file(str(source), self.container, self.prefix + key)

    def add(self, source: Path, key: str) -> None:
        with self.told():
            try:
                self.client.put_object(
                    Bucket=self.container, Key=self.prefix + key, Body=source.read_bytes(), IfNoneMatch="*"
                )
            except self.refused as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                    raise FileExistsError(f"{self.name}{key}") from None
                raise

    def remove(self, key: str) -> None:
        with self.told():
            self.client.delete_object(Bucket=self.container, Key=self.prefix + key)


class AzureStore(Store):
    """``az://container/prefix``, in the account of AZURE_STORAGE_CONNECTION_STRING, else in AZURE_STORAGE_ACCOUNT with
    the credentials that Azure's programs find."""

    def __init__(self, location: str):
        super().__init__(location)
        try:
            from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError
            from azure.storage.blob import ContainerClient
        except ImportError:
            raise needs_azure(self.location) from None
        self.failures, self.exists, self.is_absent = AzureError, ResourceExistsError, ResourceNotFoundError
        connection_string = os.environ.get("AZURE_STORAGE_CONNECTION_STRING")
        account = os.environ.get("AZURE_STORAGE_ACCOUNT")
        if connection_string:
            try:
                self.client = ContainerClient.from_connection_string(connection_string, self.container, **AZURE_RETRIES)
            except ValueError:
                # Without the words of the package: they could repeat a part of the secret.
                raise StoreError(
                    f"{self.location}: AZURE_STORAGE_CONNECTION_STRING cannot be read. Copy it again from the access "
                    "keys of the storage account."
                ) from None
        elif account:
            url = f"https://{account}.blob.core.windows.net"
            self.client = ContainerClient(url, self.container, azure_credential(self.location), **AZURE_RETRIES)
        else:
            raise StoreError(
                f"{self.location}: set AZURE_STORAGE_ACCOUNT to the name of the storage account, or "
                "AZURE_STORAGE_CONNECTION_STRING."
            )

    @contextmanager
    def told(self) -> Iterator[None]:
        try:
            yield
        except self.failures as error:
            raise StoreError(
                f"{self.location}: {reason_of(error)}. Check the container's name, the storage account "
                "(AZURE_STORAGE_ACCOUNT or AZURE_STORAGE_CONNECTION_STRING) and the credentials of this program."
            ) from None

    def entries(self) -> list[Entry]:
        with self.told():
            # Accounts with a hierarchical namespace list folders as blobs, with this mark.
            found = self.client.list_blobs(name_starts_with=self.prefix or None, include=["metadata"])
            return [
                Entry(one.name.removeprefix(self.prefix), f"{one.size} {one.etag}", one.last_modified)
                for one in found
                if not one.name.endswith("/") and (one.metadata or {}).get("hdi_isfolder") != "true"
            ]

    def fetch(self, key: str, target: Path) -> None:
        with self.told(), target.open("wb") as file:
            self.client.download_blob(self.prefix + key).readinto(file)

    def put(self, source: Path, key: str) -> None:
        with self.told(), source.open("rb") as file:
            self.client.upload_blob(self.prefix + key, file, overwrite=True)

    def add(self, source: Path, key: str) -> None:
        with self.told(), source.open("rb") as file:
            try:
                self.client.upload_blob(self.prefix + key, file, overwrite=False)
            except self.exists:
                raise FileExistsError(f"{self.name}{key}") from None

    def remove(self, key: str) -> None:
        with self.told():
            try:
                self.client.delete_blob(self.prefix + key)
            except self.is_absent:
                # As on S3. A container that is not there is told by the next request.
                return


STORES = {"s3": S3Store, "az": AzureStore}


def open_store(location: str) -> Store:
    """The store of a location. Raises StoreError if its kind is unknown, or its package is not there."""
    scheme, _, rest = location.partition("://")
    container = rest.strip("/").partition("/")[0]
    # DuckDB also takes az://account.blob.core.windows.net/container, which names no container here.
    if scheme not in STORES or not container or (scheme == "az" and "." in container):
        raise StoreError(f"{location}: of no known kind. Name a folder, s3://bucket/prefix or az://container/prefix.")
    return STORES[scheme](location)


def azure_credential(location: str):
    """Environment, workload and managed identity, command line, in this order."""
    try:
        from azure.identity import DefaultAzureCredential
    except ImportError:
        raise needs_azure(location) from None
    # It logs at length what it tried and did not find; the error says it once.
    logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
    return DefaultAzureCredential()


def needs_azure(location: str) -> StoreError:
    return StoreError(
        f"{location}: needs the packages azure-storage-blob and azure-identity. Install the extra: "
        "pip install --editable '.[azure]'"
    )


def reason_of(error: Exception) -> str:
    """The first line of an error's text, without the signature of an address."""
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return SIGNATURE.sub("sig=...", first).rstrip(". ")
