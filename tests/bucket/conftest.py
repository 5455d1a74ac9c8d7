"""What the tests of both kinds of bucket share."""

import os

import pytest
from azure.storage.blob import BlobServiceClient, ContainerClient
from azurite import connection_string, running
from duckdb_extensions import import_extension
from project_runs import PROJECT, Build, Project


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def from_folder(project, tmp_path_factory) -> Build:
    """A build of the sample data as it lies in the project."""
    return passed(project.run("build", PROJECT / "sample_data", tmp_path_factory.mktemp("folder")))


@pytest.fixture(scope="session")
def azurite(tmp_path_factory):
    """The port of an emulator of Azure Blob Storage, which the environment names."""
    with running(tmp_path_factory.mktemp("azurite")) as port:
        import_extension("azure")
        os.environ["AZURE_STORAGE_CONNECTION_STRING"] = connection_string(port)
        yield port
        os.environ.pop("AZURE_STORAGE_CONNECTION_STRING")


@pytest.fixture(scope="session")
def container(azurite) -> ContainerClient:
    """A container with the sample data below az://bills/org."""
    client = BlobServiceClient.from_connection_string(connection_string(azurite)).create_container("bills")
    for path in (PROJECT / "sample_data").rglob("*"):
        if path.is_file():
            client.upload_blob(f"org/{path.relative_to(PROJECT / 'sample_data').as_posix()}", path.read_bytes())
    return client


def passed(build: Build) -> Build:
    assert build.success, build.messages
    return build
