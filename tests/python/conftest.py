"""Runs the real dbt project on real files: each test lays out a data root and builds it into a warehouse of its own.
The loader of the power dataset runs the same way, into a folder of its own."""

import fcntl
import os
from datetime import date
from pathlib import Path

import pytest
from model_power_loader import DAY
from project_runs import PROJECT, Build, Project

from ai_emissions.model_power.cli import main


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def sample(project, tmp_path_factory) -> Build:
    """The sample organisation, built completely: once for all tests of all processes, which only read it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    folder = shared / "sample"
    with (shared / "sample.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            done = project.run("build", PROJECT / "sample_data", shared / "sample.part", complete=True)
            assert done.success, done.messages
            done.folder.rename(folder)
    return Build(True, [], folder)


@pytest.fixture
def build(project, tmp_path):
    """``build(data_root)`` runs ``dbt build`` there."""

    def run(data_root: Path, *args: str, command: str = "build", into: str = "out", **settings) -> Build:
        return project.run(command, data_root, tmp_path / into, *args, **settings)

    return run


@pytest.fixture
def data_root(tmp_path) -> Path:
    root = tmp_path / "data"
    root.mkdir()
    return root


@pytest.fixture
def no_settings(monkeypatch):
    """Nothing of the machine the tests run on decides what the loader does."""
    for name in [name for name in os.environ if name.startswith("AI_EMISSIONS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")


@pytest.fixture
def out(tmp_path, no_settings) -> Path:
    return tmp_path / "model_power"


@pytest.fixture
def load(out, capsys):
    """``load(...)`` runs the loader into ``out`` and returns exit code and all it printed."""

    def run(*arguments, as_of: date = DAY) -> tuple[int, str]:
        code = main([*map(str, arguments), "--out", str(out), "--as-of", str(as_of), "--retry-wait", "0"])
        printed = capsys.readouterr()
        return code, printed.out + printed.err

    return run
