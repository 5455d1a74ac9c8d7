"""The pack of a closed period: a folder of Parquet and JSON files, sealed by checksums, never changed once it is there.

``<closed folder>/period=YYYY-MM/revision=N/`` holds the fact and headline rows of the month, the factor and power rows
they use, the settings of the build, the input files with their hashes, and ``manifest.json`` with the SHA-256 of every
other file and of itself.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]
CODE = ("models", "macros", "seeds", "ai_emissions", "scripts", "dbt_project.yml")
FACTOR_COLUMNS = (
    "power_figure_id",
    "psu_factor_id",
    "transmission_factor_id",
    "pue_factor_id",
    "carbon_intensity_factor_id",
)
MANIFEST = "manifest.json"
# The tables of a pack, and the marts they come from.
TABLES = {
    "fct_ai_emissions.parquet": """
        select * from {fct_ai_emissions} where strftime(usage_month, '%Y-%m') = $period order by emission_id
    """,
    "ai_emissions_by_model_region_month.parquet": """
        select * from {ai_emissions_by_model_region_month} where strftime(usage_month, '%Y-%m') = $period order by all
    """,
    "emission_factors.parquet": """
        select * from {emission_factors}
        where factor_id in (
            select unnest([power_figure_id, psu_factor_id, transmission_factor_id, pue_factor_id,
                carbon_intensity_factor_id])
            from {fct_ai_emissions} where strftime(usage_month, '%Y-%m') = $period
        )
        order by factor_id
    """,
    "method_settings.parquet": "select * from {method_settings} order by all",
}
MARTS = ("fct_ai_emissions", "ai_emissions_by_model_region_month", "emission_factors", "method_settings")
INPUTS = """
    select file_path, input_form, source_delivery, file_bytes, epoch(modified_at) as modified_at
    from {ai_input_deliveries}
    where decision = 'used' and (
        input_form = 'model_power'
        or source_delivery in (
            select distinct source_delivery from {fct_ai_emissions} where strftime(usage_month, '%Y-%m') = $period
        )
    )
    order by file_path
"""


class ClosingError(Exception):
    """A period cannot be closed, or a pack cannot be trusted. The message says which, why, and what to do."""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sql_text(value: str | Path) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def mart_files(export_dir: Path) -> dict[str, str]:
    """The published marts as FROM clauses. Raises ClosingError if one is absent: only passed builds publish."""
    names = [*MARTS, "ai_input_deliveries"]
    absent = [name for name in names if not (export_dir / f"{name}.parquet").exists()]
    if absent:
        raise ClosingError(
            f"{export_dir}: no {absent[0]}.parquet. Only what a passed build has published can be closed: run dbt "
            "build, or set AI_EMISSIONS_EXPORT_DIR to where it publishes."
        )
    return {name: f"read_parquet({sql_text(export_dir / f'{name}.parquet')})" for name in names}


def write_tables(folder: Path, marts: dict[str, str], period: str) -> int:
    """Write the tables of a pack and return the number of fact rows. Raises ClosingError if the month is empty or the
    published files are not of one build."""
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        for name, query in TABLES.items():
            filled = query.format(**marts).replace("$period", sql_text(period))
            con.execute(f"copy ({filled}) to {sql_text(folder / name)} (format parquet, compression zstd)")
        fact, headline = (sql_text(folder / name) for name in list(TABLES)[:2])
        row_count, kwh, total = con.execute(
            f"select count(*), coalesce(sum(kwh), 0), (select coalesce(sum(kwh), 0) from {headline}) from {fact}"
        ).fetchone()
    if not row_count:
        raise ClosingError(f"{period}: no usage of this month in the published marts. Nothing was closed.")
    if abs(kwh - total) > 1e-9 * max(abs(kwh), 1e-9):
        raise ClosingError(
            f"{period}: the published fact has {kwh} kWh, the headline {total}: they are not of one build. Wait "
            "for the build that is running, then close again."
        )
    return row_count


def hash_inputs(marts: dict[str, str], period: str, say: Callable[[str], None]) -> list[dict]:
    """Path, size and SHA-256 of the input files behind the month. Files in a bucket are not fetched, their hash is
    null.

    Raises ClosingError if a file is gone or was changed after the build.
    """
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        listed = con.execute(INPUTS.format(**marts).replace("$period", sql_text(period))).fetchall()
    inputs = []
    for number, (path, form, delivery, size, _) in enumerate(listed, start=1):
        entry = {"file_path": path, "input_form": form, "source_delivery": delivery, "file_bytes": size}
        if "://" not in path:
            if not Path(path).exists() or Path(path).stat().st_size != size:
                raise ClosingError(f"{path}: not as the build read it. Run dbt build again, then close {period}.")
            say(f"hashing input {number} of {len(listed)}: {path}")
            entry["sha256"] = sha256_of(Path(path))
        else:
            entry["sha256"] = None
        inputs.append(entry)
    return inputs


def code_version() -> dict:
    """Version of the project: number, commit where there is one, and a hash over what decides the figures."""

    def git(*arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", *arguments], cwd=PROJECT, capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        return done.stdout.strip()

    def number(package: str) -> str | None:
        try:
            return version(package)
        except PackageNotFoundError:
            return None

    digest = hashlib.sha256()
    files = [path for name in CODE for path in sorted([PROJECT / name, *(PROJECT / name).rglob("*")])]
    for path in files:
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(f"{path.relative_to(PROJECT).as_posix()}\0{sha256_of(path)}\n".encode())
    changes = git("status", "--porcelain", "--untracked-files=no")
    return {
        "project": number("ai-emissions-ledger"),
        "commit": git("rev-parse", "HEAD"),
        "has_uncommitted_changes": None if changes is None else bool(changes),
        "code_sha256": digest.hexdigest(),
        "python": sys.version.split()[0],
        **{package: number(package) for package in ("duckdb", "dbt-core", "dbt-duckdb")},
    }


def seal_of(manifest: dict) -> str:
    """SHA-256 over the manifest without its own seal."""
    body = {key: value for key, value in manifest.items() if key != "seal_sha256"}
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def write_manifest(folder: Path, content: dict) -> dict:
    manifest = content | {"files": {name: sha256_of(folder / name) for name in TABLES}}
    manifest["seal_sha256"] = seal_of(manifest)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    return manifest


def read_manifest(pack: Path) -> dict:
    """The manifest of a pack whose every byte is as it was written. Raises ClosingError if one is not."""
    path = pack / MANIFEST
    try:
        text = path.read_text(encoding="utf-8")
        manifest = json.loads(text)
        seal = manifest["seal_sha256"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ClosingError(f"{path}: cannot be read ({error}). Restore the pack from a copy.") from None
    if seal != seal_of(manifest) or text != json.dumps(manifest, indent=2, sort_keys=True) + "\n":
        raise ClosingError(f"{path}: changed since the period was closed. Restore the pack from a copy.")
    found = {file.name for file in pack.iterdir()} - {MANIFEST}
    for name in sorted(found ^ set(manifest["files"])):
        raise ClosingError(f"{pack / name}: {'added to' if name in found else 'missing from'} the pack. Restore it.")
    for name, expected in manifest["files"].items():
        if sha256_of(pack / name) != expected:
            raise ClosingError(f"{pack / name}: changed since the period was closed. Restore the pack from a copy.")
    return manifest


def revisions(closed_dir: Path, period: str) -> list[Path]:
    """The packs of a period, oldest first."""
    folders = (closed_dir / f"period={period}").glob("revision=*")
    return sorted(folders, key=lambda folder: int(folder.name.partition("=")[2]))


def is_same_content(pack: Path, other: Path) -> bool:
    """Do two packs hold the same usage and figures? Sums of doubles may differ in their last digit between builds."""
    one, two = (sql_text(folder / "fct_ai_emissions.parquet") for folder in (pack, other))
    measures = ("quantity", "cost_amount", "wh_per_unit", "kwh", "gco2e")
    differs = " or ".join(
        f"(a.{name} is null) <> (b.{name} is null) or abs(a.{name} - b.{name}) > 1e-9 * abs(a.{name})"
        for name in measures
    )
    with duckdb.connect() as con:
        [(count,)] = con.execute(
            f"select count(*) from {one} as a full join {two} as b using (emission_id) "
            f"where a.status is distinct from b.status or {differs}"
        ).fetchall()
    return count == 0


def publish(part: Path, target: Path) -> None:
    """Move a finished pack to its place in one step. Raises ClosingError if another process was faster."""
    for path in part.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        # Renaming onto a folder that is there and not empty fails on every system.
        part.rename(target)
    except OSError:
        shutil.rmtree(part, ignore_errors=True)
        raise ClosingError(f"{target}: already there. Another run closed the period at the same time.") from None
