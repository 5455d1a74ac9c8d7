"""Writes billing lines in the six forms AWS delivers: the same logical lines, laid out as each export lays them out."""

import csv
import gzip
import io
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import duckdb

PAYER = "100000000001"


@dataclass(frozen=True)
class Line:
    """One line of a bill, in no export's words."""

    usage_type: str | None
    amount: float | str | None = 1.0
    day: date | str = date(2025, 6, 10)
    month: date = date(2025, 6, 1)
    account: str | None = "200000000001"
    payer: str = PAYER
    unit: str | None = "1K tokens"
    cost: float | str = 1.5
    currency: str = "USD"
    line_type: str = "Usage"
    entity: str = "AWS"
    product_code: str = "AmazonBedrock"
    product_name: str = "Amazon Bedrock"
    operation: str = "Usage"
    description: str | None = None
    region: str | None = "us-east-1"
    resource: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    product: dict[str, str] = field(default_factory=dict)
    family: str | None = None
    split_parent: str | None = None

    @property
    def start(self) -> str:
        return f"{self.day}T00:00:00Z" if isinstance(self.day, date) else self.day


def marketplace(usage_type: str, model: str, amount: float, **changes) -> Line:
    """A Marketplace line: opaque code, the model in the product name, amounts in millions."""
    defaults = {
        "unit": "Units",
        "entity": "AWS Marketplace",
        "product_code": "opaque" + "".join(c for c in model.lower() if c.isalnum()),
        "product_name": f"{model} (Amazon Bedrock Edition)",
    }
    return Line(usage_type, amount, **(defaults | changes))


def month_end(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def snake(key: str) -> str:
    """AWS puts an underscore before every capital of a tag key."""
    return "".join(f"_{c.lower()}" if c.isupper() else c if c.isalnum() else "_" for c in key).strip("_")


def cur2_row(line: Line) -> dict:
    product = {"product_name": line.product_name} | ({"region": line.region} if line.region else {}) | line.product
    return {
        "bill_billing_entity": line.entity,
        "bill_billing_period_start_date": f"{line.month}T00:00:00Z",
        "bill_payer_account_id": line.payer,
        "cost_category": {snake(key): value for key, value in line.categories.items()},
        "line_item_currency_code": line.currency,
        "line_item_line_item_description": line.description,
        "line_item_line_item_type": line.line_type,
        "line_item_operation": line.operation,
        "line_item_product_code": line.product_code,
        "line_item_resource_id": line.resource,
        "line_item_unblended_cost": line.cost,
        "line_item_usage_account_id": line.account,
        "line_item_usage_amount": line.amount,
        "line_item_usage_start_date": line.start,
        "line_item_usage_type": line.usage_type,
        "pricing_unit": line.unit,
        "product": product,
        "product_product_family": line.family,
        "product_region_code": line.region,
        "resource_tags": {f"user_{snake(key)}": value for key, value in line.tags.items()},
        "split_line_item_parent_resource_id": line.split_parent,
    }


LEGACY_CSV = {
    "bill_billing_entity": "bill/BillingEntity",
    "bill_billing_period_start_date": "bill/BillingPeriodStartDate",
    "bill_payer_account_id": "bill/PayerAccountId",
    "line_item_currency_code": "lineItem/CurrencyCode",
    "line_item_line_item_description": "lineItem/LineItemDescription",
    "line_item_line_item_type": "lineItem/LineItemType",
    "line_item_operation": "lineItem/Operation",
    "line_item_product_code": "lineItem/ProductCode",
    "line_item_resource_id": "lineItem/ResourceId",
    "line_item_unblended_cost": "lineItem/UnblendedCost",
    "line_item_usage_account_id": "lineItem/UsageAccountId",
    "line_item_usage_amount": "lineItem/UsageAmount",
    "line_item_usage_start_date": "lineItem/UsageStartDate",
    "line_item_usage_type": "lineItem/UsageType",
    "pricing_unit": "pricing/unit",
    "product_product_family": "product/productFamily",
    "product_region_code": "product/regionCode",
    "product_product_name": "product/ProductName",
    "product_model": "product/model",
    "split_line_item_parent_resource_id": "splitLineItem/ParentResourceId",
}


def legacy_row(line: Line, csv_names: bool) -> dict:
    row = cur2_row(line)
    product = row.pop("product")
    row |= {"product_product_name": product["product_name"], "product_model": product.get("model")}
    for name in ("cost_category", "resource_tags"):
        row.pop(name)
    if csv_names:
        row = {LEGACY_CSV[name]: value for name, value in row.items()}
        row |= {f"resourceTags/user:{key}": value for key, value in line.tags.items()}
        row |= {f"costCategory/{key}": value for key, value in line.categories.items()}
    else:
        row |= {f"resource_tags_user_{snake(key)}": value for key, value in line.tags.items()}
        row |= {f"cost_category_{snake(key)}": value for key, value in line.categories.items()}
    return row


FOCUS_CATEGORY = {"Tax": "Tax", "Credit": "Credit", "Refund": "Credit", "Fee": "Purchase", "RIFee": "Purchase"}


def focus_row(line: Line, version: str) -> dict:
    usage = line.line_type in ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")
    row = {
        "BilledCost": line.cost,
        "BillingAccountId": line.payer,
        "BillingCurrency": line.currency,
        "BillingPeriodEnd": f"{month_end(line.month)}T00:00:00Z",
        "BillingPeriodStart": f"{line.month}T00:00:00Z",
        "ChargeCategory": "Usage" if usage else FOCUS_CATEGORY.get(line.line_type, "Adjustment"),
        "ChargeDescription": line.description,
        "ChargePeriodStart": line.start,
        "ConsumedQuantity": line.amount if usage else None,
        "EffectiveCost": line.cost,
        "PricingQuantity": line.amount,
        "PricingUnit": line.unit,
        "PublisherName": "Amazon Web Services",
        "RegionId": line.region,
        "ResourceId": line.resource,
        "ServiceName": line.product_name,
        "SubAccountId": line.account,
        "Tags": line.tags,
        "x_Operation": line.operation,
        "x_ServiceCode": None if line.entity == "AWS Marketplace" else line.product_code,
    }
    if version == "1.0":
        return row | {"x_UsageType": line.usage_type, "x_CostCategories": line.categories}
    return row | {"SkuMeter": line.usage_type, "BillingAccountType": "payer", "InvoiceId": "1"}


def csv_text(rows: list[dict], header: list[str] | None = None) -> str:
    header = header or list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({k: json.dumps(v) if isinstance(v, dict) else "" if v is None else v for k, v in row.items()})
    return text.getvalue()


TYPES = {
    "line_item_usage_amount": "double",
    "line_item_unblended_cost": "double",
    "bill_billing_period_start_date": "timestamp",
    "line_item_usage_start_date": "timestamp",
    "cost_category": "map(varchar, varchar)",
    "product": "map(varchar, varchar)",
    "resource_tags": "map(varchar, varchar)",
    "Tags": "map(varchar, varchar)",
    "x_CostCategories": "map(varchar, varchar)",
    "BilledCost": "double",
    "EffectiveCost": "double",
    "ConsumedQuantity": "double",
    "PricingQuantity": "double",
    "BillingPeriodStart": "timestamp",
    "ChargePeriodStart": "timestamp",
}


def write_parquet(rows: list[dict], path: Path, types: dict[str, str] = TYPES) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = ", ".join(f'"{name}" {types.get(name, "varchar")}' for name in names)
    path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"create table export ({columns})")
        places = ", ".join("?" * len(names))
        con.executemany(f"insert into export values ({places})", [[row.get(name) for name in names] for row in rows])
        con.execute(f"copy export to '{str(path).replace(chr(39), chr(39) * 2)}' (format parquet)")


def write_csv(rows: list[dict], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = csv_text(rows).encode()
    path.write_bytes(gzip.compress(text, mtime=0) if path.suffix == ".gz" else text)


def by_month(lines: list[Line]) -> dict[date, list[Line]]:
    months: dict[date, list[Line]] = {}
    for line in lines:
        months.setdefault(line.month, []).append(line)
    return months


def chunks(rows: list[dict], count: int) -> list[list[dict]]:
    """Rows dealt out to ``count`` files of one delivery."""
    return [part for part in (rows[i::count] for i in range(count)) if part]


def write_data_export(
    root: Path,
    folder: str,
    rows: list[dict],
    month: date,
    file_format: str,
    *,
    export: str,
    run: str = "",
    count: int = 2,
    manifest: bool = True,
    payer: str = PAYER,
) -> list[Path]:
    """CUR 2.0 and FOCUS: a partition per billing period, with a manifest beside it. Returns the data files."""
    partition = f"BILLING_PERIOD={month:%Y-%m}" + (f"/{run}" if run else "")
    suffix = "snappy.parquet" if file_format == "parquet" else "csv.gz"
    files = []
    for number, part in enumerate(chunks(rows, count), start=1):
        path = root / folder / export / "data" / partition / f"{export}-{number:05}.{suffix}"
        (write_parquet if file_format == "parquet" else write_csv)(part, path)
        files.append(path)
    if manifest:
        content = {
            "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{payer}:export/{export}-0a1b",
            "executionId": run or f"execution-{month:%Y%m}",
            "dataFiles": [f"s3://bucket/prefix/{export}/data/{partition}/{path.name}" for path in files],
        }
        path = root / folder / export / "metadata" / partition / f"{export}-Manifest.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
    return files


def write_cur2(
    root: Path, lines: list[Line], file_format: str = "parquet", *, export: str = "cur2", **options
) -> list[Path]:
    files = []
    for month, month_lines in by_month(lines).items():
        rows = [cur2_row(line) for line in month_lines]
        files += write_data_export(root, "aws/cur2", rows, month, file_format, export=export, **options)
    return files


def write_focus(
    root: Path, lines: list[Line], version: str, file_format: str = "parquet", *, export: str = "focus", **options
) -> list[Path]:
    files = []
    for month, month_lines in by_month(lines).items():
        rows = [focus_row(line, version) for line in month_lines]
        files += write_data_export(root, "aws/focus", rows, month, file_format, export=export, **options)
    return files


def write_legacy_csv(
    root: Path, lines: list[Line], *, report: str = "report", assembly: str = "", manifest: bool = True, count: int = 2
) -> list[Path]:
    """Legacy report in CSV: with an assembly each run is kept, without one it overwrites."""
    files = []
    for month, month_lines in by_month(lines).items():
        period = f"{month:%Y%m%d}-{month_end(month):%Y%m%d}"
        folder = root / "aws/cur_legacy/billing" / report / period
        month_files = []
        for number, part in enumerate(chunks([legacy_row(line, True) for line in month_lines], count), start=1):
            path = folder / assembly / f"{report}-{number:05}.csv.gz"
            write_csv(part, path)
            month_files.append(path)
        if manifest:
            content = {
                "assemblyId": assembly or "3f1c",
                "account": PAYER,
                "billingPeriod": {
                    "start": f"{month:%Y%m%d}T000000.000Z",
                    "end": f"{month_end(month):%Y%m%d}T000000.000Z",
                },
                "reportKeys": [f"billing/{report}/{path.relative_to(folder.parent)}" for path in month_files],
            }
            for place in {folder, folder / assembly}:
                (place / f"{report}-Manifest.json").write_text(json.dumps(content))
        files += month_files
    return files


def write_legacy_parquet(root: Path, lines: list[Line], *, report: str = "report", count: int = 2) -> list[Path]:
    """Legacy report for Athena."""
    files = []
    for month, month_lines in by_month(lines).items():
        for number, part in enumerate(chunks([legacy_row(line, False) for line in month_lines], count), start=1):
            name = f"year={month.year}/month={month.month}/{report}-{number:05}.snappy.parquet"
            path = root / "aws/cur_legacy/billing" / report / report / name
            write_parquet(part, path)
            files.append(path)
    return files


def changed(line: Line, **changes) -> Line:
    return replace(line, **changes)
