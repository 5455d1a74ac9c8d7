"""Inputs of every form as a data root of files, and the same rows as Parquet tables with the vendors' column names, one
table for each form: what a lake holds."""

import contextlib
import io
import random
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

USAGE_TYPES = [
    ("USE1-NovaPro-input-tokens", "1K tokens"),
    ("EUC1-Claude4.5Haiku-cache-read-input-token-count", "1K tokens"),
    ("USW2-gpt-oss-120b-output-tokens-flex", "1K tokens"),
    ("USE1-NovaCanvas-T2I-1024-Premium", "image"),
    ("USE1-Zephyr9-input-tokens", "1K tokens"),
    ("USE1-NovaPro-output-tokens", "1B tokens"),
]
# What is no number or day is none on both engines, and the rest is read alike.
AMOUNTS = [
    "NaN",
    "Infinity",
    "1,5",
    "1e400",
    " 12.5 ",
    "1.5f",
    "0x1p3",
    "1d",
    "+5",
    "5.",
    ".5",
    "1E+5",
    "-1e-3",
    "",
    "a lot",
]
DAYS = [
    "2025-02-30T00:00:00Z",
    "2025-02-10T23:30:00-05:00",
    "2025-02-10",
    "2025-02-10 11:00:00",
    "2025",
    "10:00",
    "x",
    "",
]
TAG_VALUES = [
    "ads",
    "search",
    " spaced ",
    "",
    "NULL",
    'with "quotes"',
    "it's",
    "back\\slash",
    "日本, ü",
    "a/b:c",
    "[1, 2]",
]
TAG_KEYS = ["team", "CostCenter", "user:team", "Über-Key", "a.b"]

# Form of input: its files.
FILES = {
    "aws_cur2": "aws/cur2/**/*.parquet",
    "aws_cur_legacy": "aws/cur_legacy/**/*.parquet",
    "aws_focus": "aws/focus/**/*.csv.gz",
    "azure_cost_details": "azure/cost_details/**/*.csv",
    "azure_focus": "azure/focus/**/*.parquet",
    "ai_proxy": "ai_proxy/**/*.parquet",
    "model_power": "model_power/*.parquet",
    "account_names": "account_names.csv",
}


# What lakes do to columns: names are spelt anew.
LAKE_COLUMNS = {
    "azure_focus": '* rename (x_SkuMeterCategory as x_sku_meter_category, SubAccountId as "Sub Account ID")',
}


def in_month(lines: list, month: date, **changes) -> list:
    """The lines of June 2025 moved to another month; those of other months are left out."""
    return [
        replace(line, month=month, day=date(month.year, month.month, min(line.day.day, 28)), **changes)
        for line in lines
        if line.month == date(2025, 6, 1)
    ]


def made_up_month(month: date, count: int = 400) -> list[billing_exports.Line]:
    """Lines with random amounts, tags and resources, some of which cannot be read: the same ones in every run."""
    chosen = random.Random(20250201)
    lines = []
    for _ in range(count):
        usage_type, unit = chosen.choice(USAGE_TYPES)
        is_sound = chosen.random() < 0.7
        lines.append(
            billing_exports.Line(
                usage_type,
                chosen.choice([round(chosen.uniform(-50, 9e6), 6), chosen.randrange(10**6)])
                if is_sound
                else chosen.choice(AMOUNTS),
                day=month.replace(day=chosen.randint(1, 28)) if chosen.random() < 0.8 else chosen.choice(DAYS),
                month=month,
                account=chosen.choice(["200000000001", "200000000002", "000000000003"]),
                unit=unit,
                cost=round(chosen.uniform(0, 40), 4) if is_sound else chosen.choice([1.25, "free", ""]),
                region=chosen.choice(["us-east-1", "eu-central-1", None, "mars-1"]),
                line_type=chosen.choice(["Usage", "Usage", "Usage", "Credit", "Tax"]),
                tags={chosen.choice(TAG_KEYS): chosen.choice(TAG_VALUES) for _ in range(chosen.randrange(3))},
            )
        )
    return lines


def write_data_root(root: Path) -> None:
    """The sample organisation, and beside it what it lacks: legacy reports, FOCUS of both clouds, measured power."""
    shutil.copytree(PROJECT / "sample_data", root)
    # A run that a later one of the same month has replaced is not in the table.
    shutil.rmtree(root / "azure/cost_details/meridian-foundry-costs/20251001-20251031/202510160400")
    # A month without usage follows: what changed in it is all that was there.
    lines = in_month(AWS_LINES, date(2025, 1, 1)) + made_up_month(date(2025, 2, 1))
    billing_exports.write_focus(root, lines, "1.2", "csv")
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
    """Each form's rows as one Parquet file ``<form>.parquet``: texts as its files have them for FOCUS from AWS, the
    numbers a table would have for the other files of text."""
    folder.mkdir(parents=True)
    tables = {}
    with duckdb.connect() as con:
        columns = f"read_csv('{PROJECT}/seeds/catalog/export_columns.csv')"
        numbers = con.execute(f"select distinct column_name from {columns} where column_type = 'double'").fetchall()
        for form, pattern in FILES.items():
            files = [str(path) for path in sorted(root.glob(pattern))]
            assert files, form
            if files[0].endswith((".csv", ".csv.gz")):
                source = f"read_csv({files}, all_varchar = true, union_by_name = true, header = true, quote = '\"')"
                names = {row[0] for row in con.execute(f"describe select * from {source}").fetchall()}
                casts = [
                    f'cast("{name}" as double) as "{name}"'
                    for (name,) in numbers
                    if name in names and form != "aws_focus"
                ]
                selected = f"* replace ({', '.join(casts)})" if casts else "*"
            else:
                source = f"read_parquet({files}, union_by_name = true, hive_partitioning = false)"
                selected = LAKE_COLUMNS.get(form, "*")
            tables[form] = folder / f"{form}.parquet"
            con.execute(f"copy (select {selected} from {source}) to '{tables[form]}' (format parquet)")
    return tables
