"""Which code made the figures: version and commit of the project, and a hash over everything that decides a figure."""

import hashlib
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
CODE = (
    "models",
    "macros",
    "seeds",
    "ai_emissions",
    "scripts/close_period.py",
    "scripts/compact_telemetry.py",
    "scripts/load_model_power.py",
    "dbt_project.yml",
)
# What decides which rows come out of a file: a build keeps the rows of an unchanged file as long as this stays.
READING_CODE = (
    "models/inputs",
    "models/staging",
    "macros",
    "seeds/catalog/azure_units.csv",
    "seeds/catalog/export_columns.csv",
    "seeds/catalog/export_layouts.csv",
    "seeds/catalog/marketplace_product_codes.csv",
)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file as hexadecimal text."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def package_version(package: str) -> str | None:
    """Version of an installed package, None if it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def code_sha256(project: Path = PROJECT, names: tuple[str, ...] = CODE) -> str:
    """SHA-256 over names and content of the files that decide figures, whatever their times and places: all of them, or
    those below ``names``. Raises RuntimeError where one of them is not there."""
    # A copy of the dbt project alone runs with the Python of this one.
    homes = {name: project if (project / name).exists() else PROJECT for name in names}
    if absent := [name for name, home in homes.items() if not (home / name).exists()]:
        raise RuntimeError(
            f"{project}: no {absent[0]} here, so what code this is cannot be told. Install the project with "
            "pip install --editable from its own folder: a copy of its Python alone is not the project."
        )
    digest = hashlib.sha256()
    for name, home in homes.items():
        for path in sorted([home / name, *(home / name).rglob("*")]):
            # Caches and what editors and file managers leave behind decide nothing.
            if path.is_file() and "__pycache__" not in path.parts and not path.name.startswith("."):
                digest.update(f"{path.relative_to(home).as_posix()}\0{sha256_of(path)}\n".encode())
    return digest.hexdigest()


def code_version() -> dict:
    """Version of the project: number, commit where there is one, hash of the code, and the packages it runs on."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    changes = git("status", "--porcelain", "--untracked-files=no")
    return {
        "project": package_version("ai-emissions-ledger"),
        "commit": git("rev-parse", "HEAD"),
        "has_uncommitted_changes": None if changes is None else bool(changes),
        "code_sha256": code_sha256(),
        "python": sys.version.split()[0],
        **{package: package_version(package) for package in ("duckdb", "dbt-core", "dbt-duckdb")},
    }
