"""Inputs of every form as a data root of files, and the same rows as Parquet tables with the vendors' column names, one
table for each form: what a lake holds."""

import contextlib
import io
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import azure_exports
import billing_exports
import duckdb
from model_power_files import write_daily
from test_azure_forms import LINES as AZURE_LINES
from test_six_forms import LINES as AWS_LINES

from ai_emissions.model_power.cli import main as load_model_power

PROJECT = Path(__file__).resolve().parents[2]
OTHER_SUBSCRIPTION = "77777777-2222-3333-4444-555555555555"
SNAPSHOT_DAYS = [date(2025, 8, 20), date(2025, 10, 5)]

# Form of input: its files.
FILES = {
    "aws_cur2": "aws/cur2/**/*.parquet",
    "aws_cur_legacy": "aws/cur_legacy/**/*.parquet",
    "aws_focus": "aws/focus/**/*.parquet",
    "azure_cost_details": "azure/cost_details/**/*.csv",
    "azure_focus": "azure/focus/**/*.parquet",
    "ai_proxy": "ai_proxy/**/*.parquet",
    "model_power": "model_power/*.parquet",
    "account_names": "account_names.csv",
}


# What lakes do to columns: maps become JSON texts, names are spelt anew.
LAKE_COLUMNS = {
    "aws_focus": "* replace (to_json(Tags)::varchar as Tags)",
    "azure_focus": '* rename (x_SkuMeterCategory as x_sku_meter_category, SubAccountId as "Sub Account ID")',
}


def in_month(lines: list, month: date, **changes) -> list:
    """The lines of June 2025 moved to another month; those of other months are left out."""
    return [
        replace(line, month=month, day=date(month.year, month.month, min(line.day.day, 28)), **changes)
        for line in lines
        if line.month == date(2025, 6, 1)
    ]


def write_data_root(root: Path) -> None:
    """The sample organisation, and beside it what it lacks: legacy reports, FOCUS of both clouds, measured power."""
    shutil.copytree(PROJECT / "sample_data", root)
    # A run that a later one of the same month has replaced is not in the table.
    shutil.rmtree(root / "azure/cost_details/meridian-foundry-costs/20251001-20251031/202510160400")
    # Months without usage follow: what changed in the first of them is all that was there.
    billing_exports.write_focus(root, in_month(AWS_LINES, date(2025, 1, 1)), "1.2", "parquet")
    # The second month is there as CUR 2.0 too, and left out for it.
    for month in (date(2025, 4, 1), date(2025, 5, 1)):
        billing_exports.write_legacy_parquet(root, in_month(AWS_LINES, month))
    lines = in_month(AZURE_LINES, date(2025, 6, 1), subscription=OTHER_SUBSCRIPTION)
    rows = [azure_exports.focus_row(line, "1.2") for line in lines]
    azure_exports.write_run(root, "focus", rows, suffix="parquet", export="focus", export_type="FocusCost")
    published = root.parent / "published"
    for day, wobble in zip(SNAPSHOT_DAYS, (0.0, 0.25), strict=True):
        write_daily(published, day, wobble=wobble)
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        code = load_model_power(
            ["--source", str(published), "--out", str(root / "model_power"), "--as-of", str(SNAPSHOT_DAYS[-1])]
        )
    assert code == 0, printed.getvalue()


def write_tables(root: Path, folder: Path) -> dict[str, Path]:
    """Each form's rows as one Parquet file ``<form>.parquet``. Files of text get the numbers a table would have."""
    folder.mkdir(parents=True)
    tables = {}
    with duckdb.connect() as con:
        columns = f"read_csv('{PROJECT}/seeds/catalog/export_columns.csv')"
        numbers = con.execute(f"select distinct column_name from {columns} where column_type = 'double'").fetchall()
        for form, pattern in FILES.items():
            files = [str(path) for path in sorted(root.glob(pattern))]
            assert files, form
            if files[0].endswith(".csv"):
                source = f"read_csv({files}, all_varchar = true, union_by_name = true)"
                names = {row[0] for row in con.execute(f"describe select * from {source}").fetchall()}
                casts = [f'cast("{name}" as double) as "{name}"' for (name,) in numbers if name in names]
                selected = f"* replace ({', '.join(casts)})" if casts else "*"
            else:
                source = f"read_parquet({files}, union_by_name = true, hive_partitioning = false)"
                selected = LAKE_COLUMNS.get(form, "*")
            tables[form] = folder / f"{form}.parquet"
            con.execute(f"copy (select {selected} from {source}) to '{tables[form]}' (format parquet)")
    return tables
