"""docs/licences.md names what the lock files hold: every package, by version, with a licence. No file holds a secret,
and the policies in the documents are whole."""

import importlib.util
import json
import re
import sys
from pathlib import Path

from conftest import PROJECT

spec = importlib.util.spec_from_file_location("write_licences", PROJECT / "scripts" / "write_licences.py")
licences = importlib.util.module_from_spec(spec)
spec.loader.exec_module(licences)


def test_every_package_of_the_lock_files_is_listed_and_no_other():
    assert len(licences.locked()) > 100
    assert set(licences.listed()) == set(licences.locked()), "run scripts/write_licences.py"
    assert not [package for package, stated in licences.listed().items() if not stated]


def test_every_package_of_the_lock_files_is_pinned_with_hashes():
    for file in licences.LOCKS:
        text = (PROJECT / file).read_text(encoding="utf-8")
        # A requirement goes from a line that is not indented to the next one.
        requirements = [part for part in ("\n" + text).split("\n") if part and part[0] not in " #"]
        assert len(requirements) == len(licences.PIN.findall(text)), file
        assert all(part.endswith("\\") for part in requirements), f"{file}: a package without a hash"
        assert text.count("--hash=sha256:") >= len(requirements), file


def test_what_is_installed_says_what_the_list_says():
    found = licences.installed(map(Path, sys.path))
    listed = licences.listed()
    both = found.keys() & listed.keys()
    assert len(both) > 50
    assert {package: found[package] for package in both} == {package: listed[package] for package in both}


def test_the_files_of_dbt_hold_no_secret():
    """Settings come from the environment, and none of them takes a secret."""
    for name in ("profiles.yml", "dbt_project.yml"):
        text = (PROJECT / name).read_text(encoding="utf-8").lower()
        assert not re.findall(r"(?:password|passwd|secret|\btoken|credential|_key|connection_string)\s*:", text)


def test_policies_in_the_documents_are_whole_and_allow_no_more_than_they_name():
    found = []
    for name in ("SECURITY.md", "docs/connect_aws.md"):
        lines = (PROJECT / name).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines):
            if line.strip() == "{" and '"Version"' in lines[number + 1]:
                policy, _ = json.JSONDecoder().raw_decode("\n".join(lines[number:]).lstrip())
                found += policy["Statement"]
    assert len(found) >= 7
    for statement in found:
        assert "*" not in str(statement["Action"]), statement
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        assert all(resource.startswith("arn:") and resource.count("*") <= 1 for resource in resources), statement
        assert "s3:ListBucket" not in statement["Action"] or "s3:prefix" in str(statement["Condition"]), statement
