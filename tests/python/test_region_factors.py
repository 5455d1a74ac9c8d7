"""The factors of every region, worked out in plain arithmetic from the rows of the seeds, and a yearly update of them
as CONTRIBUTING.md describes it, rehearsed from the seed files to the marts."""

import csv
import math
import os
import shutil
import subprocess
import sys
from datetime import date
from functools import cache
from pathlib import Path

import azure_exports
import billing_exports as exports
import duckdb
import pytest
from billing_exports import Line
from conftest import PROJECT

FACTOR_SEEDS = {"carbon_intensity": "gco2e_per_kwh", "pue": "pue", "power_factors": "factor"}


@cache
def seed(path: str, seeds: Path = PROJECT / "seeds") -> list[dict]:
    with (seeds / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def in_force(rows: list[dict], day: date) -> dict:
    """The row of the day; before the first one, the first one."""
    known = [row for row in rows if not row["valid_to"] or f"{day}" <= row["valid_to"]]
    return min(known, key=lambda row: (row["valid_from"] > f"{day}", row["valid_from"]))


def pue_of(region: dict, day: date) -> dict:
    """Of the narrowest place that has any row: region, geography, provider, world."""
    places = {
        "region": lambda row: row["region_code"] == region["region_code"],
        "geography": lambda row: row["geography"] == region["pue_geography"],
        "provider": lambda row: True,
    }
    rows = [row for row in seed("factors/pue.csv") if row["in_default_set"] == "true"]
    of_provider = [row for row in rows if row["provider"] == region["provider"]]
    for scope, fits in places.items():
        found = [row for row in of_provider if row["scope"] == scope and fits(row)]
        if [row for row in found if not row["valid_to"] or f"{day}" <= row["valid_to"]]:
            return in_force(found, day)
    raise AssertionError(f"no PUE for {region['region_code']}")


def grid_of(region: dict, day: date) -> dict:
    rows = seed("factors/carbon_intensity.csv")
    for code in (region["country_code"], region["zone_code"], "WORLD"):
        found = [row for row in rows if code and row["geo_code"] == code]
        if [row for row in found if not row["valid_to"] or f"{day}" <= row["valid_to"]]:
            return in_force(found, day)
    raise AssertionError(f"no carbon intensity for {region['region_code']}")


DAYS = [date(2023, 6, 10), date(2025, 6, 10), date(2026, 6, 10)]


def write_a_line_per_region(root: Path, days: list[date]) -> None:
    """One line of known models in every region of both clouds on every day, a month a delivery."""
    for day in days:
        month = day.replace(day=1)
        aws = [
            Line("Claude4Sonnet-input-tokens", 1000.0, day=day, month=month, region=region["region_code"])
            for region in seed("catalog/regions.csv")
            if region["provider"] == "aws"
        ]
        exports.write_cur2(root, aws)
        azure = [
            azure_exports.Line(
                "gpt 4o 1120 Inp regnl Tokens",
                day=day,
                month=month,
                region=region["region_code"],
                region_name=region["region_name"],
            )
            for region in seed("catalog/regions.csv")
            if region["provider"] == "azure"
        ]
        rows = [azure_exports.ea_row(line) for line in azure]
        azure_exports.write_run(root, "cost_details", rows, month)


def test_the_factors_of_every_region_are_those_plain_arithmetic_finds_in_the_seeds(build, data_root):
    write_a_line_per_region(data_root, DAYS)
    done = build(data_root)
    assert done.success, done.messages
    found = {
        (provider, region, day): figures
        for provider, region, day, *figures in done.rows("""
            select
                case source when 'aws_bedrock' then 'aws' else 'azure' end, region_billed, usage_date,
                pue_factor_id, carbon_intensity_factor_id, pue_is_backcast, intensity_is_backcast,
                it_kwh, facility_kwh, kwh, gco2e
            from marts.fct_ai_emissions where status = 'estimated'
        """)
    }
    regions = seed("catalog/regions.csv")
    assert len(found) == len(regions) * len(DAYS)
    constants = [row for row in seed("factors/power_factors.csv") if row["factor_set"] == "document"]
    supply, transmission = (
        float(next(row["factor"] for row in constants if row["factor_name"] == name))
        for name in ("power_supply", "transmission")
    )
    for region in regions:
        for day in DAYS:
            pue_id, grid_id, pue_early, grid_early, it, facility, kwh, gco2e = found[
                region["provider"], region["region_code"], day
            ]
            pue, grid = pue_of(region, day), grid_of(region, day)
            assert (pue_id, grid_id) == (pue["factor_id"], grid["factor_id"]), (region["region_code"], day)
            assert pue_early == (pue["valid_from"] > f"{day}") and grid_early == (grid["valid_from"] > f"{day}")
            assert math.isclose(facility, it * supply * float(pue["pue"]), rel_tol=1e-12)
            assert math.isclose(kwh, facility * transmission, rel_tol=1e-12)
            assert math.isclose(gco2e, kwh * float(grid["gco2e_per_kwh"]), rel_tol=1e-12)


def test_transmission_factors_of_countries_follow_from_the_losses_the_world_bank_publishes():
    rows = [row for row in seed("factors/power_factors.csv") if row["factor_set"] == "country"]
    assert len(rows) >= 70
    for row in rows:
        assert row["formula"] == "1 / (1 - loss)"
        assert math.isclose(float(row["factor"]), 1 / (1 - float(row["loss_pct"]) / 100), abs_tol=1e-6), row


def next_year(seeds: Path, name: str, column: str, change: float) -> int:
    """What CONTRIBUTING.md says: the rows in force end with the year, and the new year's are appended."""
    path = seeds / "factors" / f"{name}.csv"
    before = path.read_text(encoding="utf-8")
    rows = list(csv.DictReader(before.splitlines()))
    added = [
        row
        | {
            "factor_id": f"{row['factor_id'].rpartition(':')[0]}:2027-01-01",
            "valid_from": "2027-01-01",
            column: repr(
                1 + (float(row[column]) - 1) * change if name != "carbon_intensity" else float(row[column]) * change
            ),
            "data_year": "2026",
            "source": "made up for a test",
        }
        for row in rows
        if not row["valid_to"]
    ]
    for row in rows:
        row["valid_to"] = row["valid_to"] or "2026-12-31"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows + added)
    return len(added)


def dbt_build(project: Path, root: Path) -> Path:
    """One whole build of a copy of the project, unit tests left out: they look at rules. Returns the warehouse."""
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("AI_EMISSIONS_", "DBT_"))}
    settings |= {"AI_EMISSIONS_DATA_ROOT": str(root), "AI_EMISSIONS_CLOSED_DIR": str(project / "closed")}
    dbt = str(Path(sys.executable).parent / "dbt")
    done = subprocess.run(
        [dbt, "build", "--quiet", "--exclude-resource-type", "unit_test"],
        cwd=project,
        env=settings,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return project / "warehouse" / "ai_emissions.duckdb"


FACT = "select * exclude (emission_id) from marts.fct_ai_emissions"
EMISSIONS = "select source, region_billed, model_id, usage_date, it_kwh, kwh, gco2e from marts.fct_ai_emissions"


def test_a_new_year_of_factors_changes_its_own_months_and_no_other(tmp_path):
    """Usage on both sides of the turn of the year, rated before the new factors were known and again with them."""
    copy, root = tmp_path / "project", tmp_path / "data"
    copy.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT / name, copy)
    for name in ("models", "macros", "tests"):
        (copy / name).symlink_to(PROJECT / name)
    shutil.copytree(PROJECT / "seeds", copy / "seeds")
    days = [date(2025, 12, 31), date(2026, 12, 31), date(2027, 1, 1), date(2027, 3, 5)]
    write_a_line_per_region(root, days)

    warehouse = dbt_build(copy, root)
    shutil.copy(warehouse, tmp_path / "before.duckdb")
    added = {
        name: next_year(copy / "seeds", name, column, change)
        for (name, column), change in zip(FACTOR_SEEDS.items(), (0.9, 0.8, 0.5), strict=True)
    }
    assert all(count >= 2 for count in added.values())
    assert dbt_build(copy, root) == warehouse

    with duckdb.connect(str(warehouse), read_only=True) as con:
        con.execute(f"attach '{tmp_path / 'before.duckdb'}' as before (read_only)")
        con.execute("create temp table earlier as from before.marts.fct_ai_emissions")
        old, new = (
            f"select * from {table} where usage_date < '2027-01-01'" for table in ("earlier", "marts.fct_ai_emissions")
        )
        assert con.sql(f"({old}) except ({new})").fetchall() == []
        assert con.sql(f"({new}) except ({old})").fetchall() == []
        [(kept,)] = con.sql(f"select count(*) from ({new})").fetchall()
        regions = len(seed("catalog/regions.csv"))
        assert kept == regions * 2
        pairs = con.sql("""
            select
                earlier.it_kwh, later.it_kwh, later.psu_factor, later.transmission_factor, earlier.pue, later.pue,
                earlier.carbon_intensity_gco2e_per_kwh, later.carbon_intensity_gco2e_per_kwh,
                later.kwh, later.gco2e,
                list_transform(
                    [later.psu_factor_id, later.transmission_factor_id, later.pue_factor_id,
                     later.carbon_intensity_factor_id],
                    lambda factor_id: factor_id[-10:]
                ),
                later.pue_is_backcast or later.intensity_is_backcast
            from earlier
            inner join marts.fct_ai_emissions as later
                using (source, region_billed, usage_date, meter_name)
            where later.usage_date >= '2027-01-01'
        """).fetchall()
    assert len(pairs) == regions * 2
    for it_before, it, supply, transmission, pue_before, pue, grid_before, grid, kwh, gco2e, ids, early in pairs:
        assert it == it_before and not early and set(ids) == {"2027-01-01"}
        assert supply == pytest.approx(1 + 0.04 * 0.5) and transmission == pytest.approx(1 + 0.08 * 0.5)
        assert pue == pytest.approx(1 + (pue_before - 1) * 0.8) and grid == pytest.approx(grid_before * 0.9)
        assert kwh == pytest.approx(it * supply * transmission * pue, rel=1e-12)
        assert gco2e == pytest.approx(kwh * grid, rel=1e-12)
