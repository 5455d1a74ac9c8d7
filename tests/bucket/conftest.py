"""What the tests of both kinds of bucket share."""

import pytest
from test_s3 import run


@pytest.fixture(scope="session")
def from_folder(tmp_path_factory):
    """The folder of a build of the sample data as it lies in the project."""
    folder = tmp_path_factory.mktemp("folder")
    done = run(folder, data_root="sample_data")
    assert done.returncode == 0, done.stdout[-3000:]
    return folder
