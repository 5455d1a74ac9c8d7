"""The pack of a closed period: a folder of Parquet and JSON files, sealed by checksums, never changed once it is there.

``<closed folder>/period=YYYY-MM/revision=N/`` holds the fact and headline rows of the month, the factor and power rows
they use, the settings of the build, the input files with their hashes, and ``manifest.json`` with the SHA-256 of every
other file, the seal of the revision before it and its own seal. ``<closed folder>/seals/YYYY-MM.N.sha256`` repeats the
seal, so that a pack that is gone is missed. The models inputs__closed_* check the same in every build.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from ai_emissions.code_version import code_sha256, sha256_of

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
    select file_path, input_form, source_delivery, file_bytes, epoch_us(modified_at) as modified_us
    from {ai_input_deliveries}
    where decision = 'used' and (
        input_form = 'model_power'
        or source_delivery in (
            select distinct source_delivery from {fct_ai_emissions} where strftime(usage_month, '%Y-%m') = $period
        )
    )
    order by file_path
"""
# What a fact row is, whichever delivery brought it.
CONTENT_KEY = (
    "source",
    "usage_month",
    "usage_date",
    "billing_account_id",
    "account_id",
    "meter_name",
    "model_name_raw",
    "model_id",
    "model_variant",
    "modality",
    "usage_kind",
    "resource_id",
    "region_billed",
    "region_used",
    "service_tier",
    "processing_scope",
    "team",
    "tags_json",
    "cost_currency",
    "quantity_unit",
    "usage_quality",
    "status",
    "status_reason",
    "power_confidence",
    *FACTOR_COLUMNS,
)


class ClosingError(Exception):
    """A period cannot be closed, or a pack cannot be trusted. The message says which, why, and what to do."""


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
        raise ClosingError(
            f"{period}: no usage of this month in the published marts. Nothing was closed: "
            "check --period, or build with the exports of the month first."
        )
    if abs(kwh - total) > 1e-9 * max(abs(kwh), 1e-9):
        raise ClosingError(
            f"{period}: the published fact has {kwh} kWh, the headline {total}: they are not of one build. Wait "
            "for the build that is running, then close again."
        )
    return row_count


def when(modified_us: int) -> str:
    """Microseconds since 1970 as a UTC time."""
    return datetime.fromtimestamp(modified_us / 1e6, UTC).isoformat(timespec="milliseconds")


def is_as_read(path: Path, size: int, modified_us: int, published_at: float) -> bool:
    """Is a file the one the build listed? Its size and time are, and nothing touched it after the marts were published:
    a copy can keep both, but not the time at which the file system last changed it."""
    if not path.exists():
        return False
    found = path.stat()
    return (
        found.st_size == size and abs(found.st_mtime_ns / 1000 - modified_us) < 1000 and found.st_ctime <= published_at
    )


def hash_inputs(marts: dict[str, str], export_dir: Path, period: str, say: Callable[[str], None]) -> list[dict]:
    """Path, size, time and SHA-256 of the input files behind the month. Files in a bucket are not fetched, their hash
    is null.

    Raises ClosingError if a file is gone or was changed after the build.
    """
    published_at = (export_dir / "ai_input_deliveries.parquet").stat().st_mtime
    with duckdb.connect() as con:
        con.execute("set timezone = 'UTC'")
        listed = con.execute(INPUTS.format(**marts).replace("$period", sql_text(period))).fetchall()
    inputs = []
    for number, (path, form, delivery, size, modified_us) in enumerate(listed, start=1):
        entry = {
            "file_path": path,
            "input_form": form,
            "source_delivery": delivery,
            "file_bytes": size,
            "modified_at": when(modified_us),
            "sha256": None,
        }
        if "://" not in path:
            if not is_as_read(Path(path), size, modified_us, published_at):
                raise ClosingError(f"{path}: not as the build read it. Run dbt build again, then close {period}.")
            say(f"hashing input {number} of {len(listed)}: {path}")
            entry["sha256"] = sha256_of(Path(path))
        inputs.append(entry)
    return inputs


def check_inputs(pack: Path, manifest: dict, export_dir: Path) -> None:
    """Raises ClosingError if an input file is not the one a pack rests on. A file in a bucket has no hash: the last
    published build has to list it with the size and time it was closed with."""
    unhashed = {entry["file_path"]: entry for entry in manifest["inputs"] if entry["sha256"] is None}
    listed = {}
    if unhashed:
        query = (
            f"select file_path, file_bytes, epoch_us(modified_at) from {mart_files(export_dir)['ai_input_deliveries']}"
        )
        with duckdb.connect() as con:
            listed = {path: (size, when(modified_us)) for path, size, modified_us in con.execute(query).fetchall()}
    for entry in manifest["inputs"]:
        path = entry["file_path"]
        if path in unhashed:
            if listed.get(path) != (entry["file_bytes"], entry["modified_at"]):
                raise ClosingError(
                    f"{path}: {pack} rests on it, and the last build published in {export_dir} does not list it with "
                    "the size and time it was closed with: it was changed, moved or deleted. Restore it, or close the "
                    "month again with --revision."
                )
        elif not Path(path).exists() or sha256_of(Path(path)) != entry["sha256"]:
            raise ClosingError(
                f"{path}: not the file that {pack} rests on. Restore it, or close the month again with --revision."
            )


def check_code(marts: dict[str, str], export_dir: Path, period: str) -> None:
    """Raises ClosingError if the marts were built by other code than closes them, which the pack would name."""
    query = f"select setting_value from {marts['method_settings']} where setting = 'code_sha256'"
    with duckdb.connect() as con:
        built = con.execute(query).fetchone()
    if not built or built[0] != code_sha256():
        raise ClosingError(
            f"{export_dir}: published by other code than is here now (models, macros, seeds, programs or "
            f"dbt_project.yml were changed since). Run dbt build again, then close {period}."
        )


def manifest_text(manifest: dict) -> str:
    return json.dumps(manifest, indent=2, sort_keys=True) + "\n"


def seal_of(manifest: dict) -> str:
    """SHA-256 over the text of the manifest with an empty seal, which SQL can compute as well."""
    return hashlib.sha256(manifest_text(manifest | {"seal_sha256": ""}).encode()).hexdigest()


def write_manifest(folder: Path, content: dict) -> dict:
    manifest = content | {"files": {name: sha256_of(folder / name) for name in TABLES}}
    manifest["seal_sha256"] = seal_of(manifest)
    (folder / MANIFEST).write_text(manifest_text(manifest), encoding="utf-8")
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
    if seal != seal_of(manifest) or text != manifest_text(manifest):
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


def closed_periods(closed_dir: Path) -> list[str]:
    """Periods that have a pack, or a seal of one, oldest first."""
    packs = {path.parent.name.partition("=")[2] for path in closed_dir.glob("period=*/revision=*")}
    return sorted(packs | {path.name.split(".")[0] for path in (closed_dir / "seals").glob("*.sha256")})


def revision_of(folder: Path) -> int:
    return int(folder.name.partition("=")[2])


def seals(closed_dir: Path, period: str) -> dict[int, str]:
    """The seals kept beside the packs of a period, by revision."""
    return {
        int(path.name.split(".")[-2]): path.read_text(encoding="utf-8", errors="replace").strip()
        for path in (closed_dir / "seals").glob(f"{period}.[0-9]*.sha256")
    }


def check_revisions(closed_dir: Path, period: str) -> list[dict]:
    """The manifests of a period, oldest first, every byte of their packs as it was written.

    Raises ClosingError if one was changed, moved or replaced, or a revision is gone that once was there.
    """
    kept = seals(closed_dir, period)
    packs = {revision_of(pack): pack for pack in revisions(closed_dir, period)}
    manifests: list[dict] = []
    for number in range(1, max([0, *kept, *packs]) + 1):
        pack = closed_dir / f"period={period}" / f"revision={number}"
        manifest = read_manifest(pack) if number in packs else None
        if manifest and (manifest["period"], manifest["revision"]) != (period, number):
            raise ClosingError(
                f"{pack}: holds revision {manifest['revision']} of {manifest['period']}: it was moved. Move it back."
            )
        previous = manifests[-1]["seal_sha256"] if manifests else None
        if manifest is None or kept.get(number, manifest["seal_sha256"]) != manifest["seal_sha256"]:
            raise ClosingError(
                f"{pack}: this closed revision is gone, or is not the one that was closed. Restore the pack from a "
                "copy."
            )
        if manifest.get("previous_seal_sha256") != previous:
            raise ClosingError(
                f"{pack}: follows another revision {number - 1} than the one there. Restore both from a copy."
            )
        manifests.append(manifest)
    return manifests


def keep_seals(closed_dir: Path, period: str) -> None:
    """Write the seal of each pack of a period beside the packs, where a run that was killed has not."""
    kept = seals(closed_dir, period)
    for pack in revisions(closed_dir, period):
        number = revision_of(pack)
        if number not in kept:
            (closed_dir / "seals").mkdir(exist_ok=True)
            part = closed_dir / f".seal={period}.{os.getpid()}.part"
            part.write_text(read_manifest(pack)["seal_sha256"] + "\n", encoding="utf-8")
            part.replace(closed_dir / "seals" / f"{period}.{number}.sha256")


def is_same_content(pack: Path, other: Path) -> bool:
    """Do two packs hold the same usage and figures, whichever delivery brought them? Sums of doubles may differ in
    their last digit between builds."""
    one, two = (sql_text(folder / "fct_ai_emissions.parquet") for folder in (pack, other))
    key = ", ".join(CONTENT_KEY)
    measures = ("line_count", "quantity", "cost_amount", "wh_per_unit", "kwh", "gco2e")
    sums = ", ".join(f"sum({name}) as {name}" for name in measures)
    same_key = " and ".join(f"a.{name} is not distinct from b.{name}" for name in CONTENT_KEY)
    differs = " or ".join(
        f"(a.{name} is null) <> (b.{name} is null) or abs(a.{name} - b.{name}) > 1e-9 * abs(a.{name})"
        for name in measures
    )
    with duckdb.connect() as con:
        [(count,)] = con.execute(
            f"with a as (select {key}, {sums} from {one} group by all), "
            f"b as (select {key}, {sums} from {two} group by all) "
            f"select count(*) from a full join b on {same_key} where a.source is distinct from b.source or {differs}"
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
        raise ClosingError(
            f"{target}: already there. Another run closed the period at the same time. Run again to compare with it."
        ) from None
