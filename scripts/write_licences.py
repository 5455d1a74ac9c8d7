"""Write docs/licences.md: every package of the lock files with its version and licence.

    .venv/bin/python scripts/write_licences.py [--path FOLDER ...]

Licences are read from the metadata of installed packages: of the environment that runs this, of .venv-bucket and
.venv-spark where they are there, and of the folders given with --path. A package of another platform can be put into
such a folder:

    .venv/bin/python -m pip install --no-deps --target FOLDER NAME==VERSION

A package that is installed nowhere keeps the row it has in the document. Without one, nothing is written and the exit
code is 1.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from importlib.metadata import Distribution, distributions
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
DOCUMENT = PROJECT / "docs" / "licences.md"
LOCKS = {
    "requirements.lock": "project and its checks",
    "requirements-proxy.lock": "AI proxy and its tests",
    "requirements-bucket.lock": "bucket tests",
    "requirements-spark.lock": "Spark and its tests",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)
HEAD = """# Licences of the dependencies

Written by `scripts/write_licences.py` from the metadata of the packages in the lock files; do not edit. It is what each
package says of itself, shortened; its own files count. Several licences behind each other are what the package states
without saying whether one of them is enough. A lock file names packages of other platforms and versions of Python too.
None of them is copied into this project. What the product needs to run stands in `requirements.lock` beside the tools
that check it; a package that several lock files name stands here once, with the first of them.

| package | version | licence | needed for |
| --- | --- | --- | --- |
"""


def normal(name: str) -> str:
    """A package's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def locked() -> dict[tuple[str, str], str]:
    """Name and version of every package of the lock files, and what the first file that names it is for."""
    packages: dict[tuple[str, str], str] = {}
    for file, purpose in LOCKS.items():
        for name, version in PIN.findall((PROJECT / file).read_text(encoding="utf-8")):
            packages.setdefault((normal(name), version), purpose)
    return packages


def listed() -> dict[tuple[str, str], str]:
    """Name, version and licence of every row of the document."""
    text = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return {(row[0], row[1]): row[2] for row in rows if row[0] not in ("package", "---")}


def licence(package: Distribution) -> str | None:
    """The licence as the package states it: its expression, else its classifiers, else the first line of its text."""
    metadata = package.metadata
    classifiers = [c.rpartition(" :: ")[2] for c in metadata.get_all("Classifier", []) if c.startswith("License ::")]
    stated = [metadata.get("License-Expression"), "; ".join(sorted(set(classifiers) - {"OSI Approved"}))]
    stated += [metadata.get("License"), *(licence_text(package, name) for name in metadata.get_all("License-File", []))]
    lines = [text.strip().splitlines()[0].strip() for text in stated if text and text.strip() not in ("", "UNKNOWN")]
    return lines[0].replace("|", "/") if lines else None


def licence_text(package: Distribution, name: str) -> str | None:
    """The text of a licence file that a package brings."""
    return package.read_text(f"licenses/{name}") or package.read_text(name)


def installed(folders: Iterable[Path]) -> dict[tuple[str, str], str]:
    """Name, version and licence of every package in ``folders``."""
    found = {}
    for package in distributions(path=[str(folder) for folder in folders]):
        stated = licence(package)
        if stated:
            found[normal(package.metadata["Name"]), package.version] = stated
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--path", type=Path, action="append", default=[], help="another folder of installed packages")
    extra = [path for name in ("bucket", "spark") for path in PROJECT.glob(f".venv-{name}/lib/python*/site-packages")]
    folders = [*map(Path, sys.path), *extra, *parser.parse_args().path]
    known = listed() | installed(folders)
    packages = locked()
    missing = [f"{name}=={version}" for name, version in packages if (name, version) not in known]
    if missing:
        print(
            f"error: {', '.join(missing)}: no licence found. Install them into a folder and name it with --path.",
            file=sys.stderr,
        )
        return 1
    rows = [
        f"| {name} | {version} | {known[name, version]} | {packages[name, version]} |"
        for name, version in sorted(packages)
    ]
    DOCUMENT.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
    print(f"{DOCUMENT}: {len(rows)} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main())
