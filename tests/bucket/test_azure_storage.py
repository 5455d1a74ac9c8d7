"""The whole project on Azure Blob Storage: Microsoft's emulator (Azurite), the sample data, the same marts as from a
folder."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from azurite import KEY
from conftest import passed
from project_runs import PROJECT, Build
from test_s3 import close, marts


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
