"""What the tests of both kinds of bucket share."""

import pytest
from project_runs import PROJECT, Build, Project


@pytest.fixture(scope="session")
def project(tmp_path_factory) -> Project:
    return Project(tmp_path_factory.mktemp("seeds"))


@pytest.fixture(scope="session")
def from_folder(project, tmp_path_factory) -> Build:
    """A build of the sample data as it lies in the project."""
    return passed(project.run("build", PROJECT / "sample_data", tmp_path_factory.mktemp("folder")))


def passed(build: Build) -> Build:
    assert build.success, build.messages
    return build
