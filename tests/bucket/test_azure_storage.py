"""The whole project on Azure Blob Storage: Microsoft's emulator (Azurite), the sample data, the same marts as from a
folder.

Azurite is a Node program from the npm registry; without Node these tests are skipped and say so.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from azure.storage.blob import BlobServiceClient
from conftest import passed
from duckdb_extensions import import_extension
from project_runs import PROJECT, Build
from test_s3 import close, marts

AZURITE = "azurite@3.35.0"
# Account and key of the emulator, the same everywhere and public.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
SECONDS_TO_START = 180


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port: int, server: subprocess.Popen) -> None:
    """Until the server answers; the first start downloads it."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        assert server.poll() is None, f"{AZURITE} ended with exit code {server.returncode}"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise AssertionError(f"{AZURITE} did not start within {SECONDS_TO_START} s")


@pytest.fixture(scope="module")
def container(tmp_path_factory):
    """An emulator with the sample data below az://bills/org."""
    if shutil.which("npx") is None:
        pytest.skip("SKIPPED, NOT TESTED: inputs at az:// need Node (npx) for the Azurite emulator")
    import_extension("azure")
    port, folder = free_port(), tmp_path_factory.mktemp("azurite")
    options = ["--blobPort", str(port), "--location", str(folder), "--silent", "--skipApiVersionCheck"]
    server = subprocess.Popen(
        ["npx", "--yes", "--package", AZURITE, "azurite-blob", *options], cwd=folder, start_new_session=True
    )
    try:
        wait_for(port, server)
        endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
        connection = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={endpoint};"
        os.environ["AZURE_STORAGE_CONNECTION_STRING"] = connection
        client = BlobServiceClient.from_connection_string(connection).create_container("bills")
        for path in (PROJECT / "sample_data").rglob("*"):
            if path.is_file():
                client.upload_blob(f"org/{path.relative_to(PROJECT / 'sample_data')}", path.read_bytes())
        yield client
    finally:
        os.environ.pop("AZURE_STORAGE_CONNECTION_STRING", None)
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(timeout=30)


def run(folder: Path, **settings: str) -> subprocess.CompletedProcess:
    """A build as people run it, with log and artifacts."""
    environment = os.environ | {
        "AI_EMISSIONS_WAREHOUSE": str(folder / "ai_emissions.duckdb"),
        "AI_EMISSIONS_EXPORT_DIR": str(folder / "marts"),
        **{f"AI_EMISSIONS_{name.upper()}": value for name, value in settings.items()},
    }
    left_out = ["--exclude-resource-type", "unit_test", "--exclude", "test_type:generic"]
    command = [Path(sys.executable).parent / "dbt", "build", *left_out, "--target-path", folder / "target"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def from_blobs(container, tmp_path_factory):
    """The folder of a build of the sample data in the container, and all that the build printed."""
    folder = tmp_path_factory.mktemp("blobs")
    done = run(folder, data_root="az://bills/org")
    assert done.returncode == 0, done.stdout[-3000:]
    return folder, done.stdout + done.stderr


def test_blob_storage_gives_the_same_marts_as_a_folder(from_blobs, from_folder):
    for left, right in zip(marts(from_folder), marts(Build(True, [], from_blobs[0])), strict=True):
        assert len(left) == len(right)
        pairs = [(x, y) for x, y in zip(left, right, strict=True) if not all(map(close, x, y))]
        assert not pairs, pairs[:3]


def test_one_input_may_lie_in_blob_storage_and_the_rest_in_folders(container, project, tmp_path):
    prefix = "az://bills/org/azure/cost_details"
    build = passed(project.run("build", tmp_path / "empty", tmp_path, azure_cost_details=prefix))
    assert build.rows("select distinct source from marts.fct_ai_emissions") == [("microsoft_foundry",)]


def test_the_connection_string_is_written_nowhere(from_blobs):
    folder, printed = from_blobs
    written = [path for path in folder.rglob("*") if path.is_file()]
    assert len(written) > 100
    logs = [path for path in Path(PROJECT / "logs").rglob("*") if path.is_file()]
    assert not [path for path in written + logs if KEY.encode() in path.read_bytes()]
    assert KEY not in printed


def test_a_location_without_an_account_is_a_clear_error(container, project, tmp_path, monkeypatch):
    monkeypatch.delenv("AZURE_STORAGE_CONNECTION_STRING")
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT", raising=False)
    build = project.run("build", "az://bills/org", tmp_path)
    assert "AZURE_STORAGE_ACCOUNT" in build.error()
