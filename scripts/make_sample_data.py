"""Writes ``sample_data/``: AI usage of a small organisation that does not exist, in the exact form of AWS CUR 2.0, of
Azure cost details (Microsoft Customer Agreement) and of compacted telemetry of the AI proxy.

What is used and when stands in ``scripts/sample/aws_usage.csv``, ``azure_usage.csv`` and ``proxy_usage.csv``, one row a
workload; this script lays it out as AWS, Azure and the proxy would deliver it. Telemetry goes through the compaction.
The data are synthetic and the folder's README says so. The same rows come out every time. One account is the worked
example of the method document: Claude Sonnet 4, 15,000,000 tokens, eu-central-1, June 2025.

    python scripts/make_sample_data.py [--out sample_data]
"""

import argparse
import csv
import io
import json
import random
import shutil
import tempfile
import uuid
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb
from compact_telemetry import STATE, Options, compact

from ai_proxy import __version__, schema

SAMPLE = Path(__file__).parent / "sample"
USAGE, AZURE_USAGE, PROXY_USAGE = SAMPLE / "aws_usage.csv", SAMPLE / "azure_usage.csv", SAMPLE / "proxy_usage.csv"
COLUMNS, AZURE_COLUMNS = SAMPLE / "cur2_columns.csv", SAMPLE / "mca_columns.csv"
EXPORT = "meridian-ai-costs"
PAYER = "100000000001"
ACCOUNTS = {
    PAYER: "meridian-payer",
    "200000000001": "frankfurt-pilot",
    "200000000002": "support-assistant",
    "200000000003": "document-pipeline",
    "200000000004": "research-lab",
    "200000000005": "creative-studio",
}
AZURE_EXPORT = "meridian-foundry-costs"
AZURE_BILLING_ACCOUNT = "0000aaaa-synthetic:0000bbbb-synthetic_2019-05-31"
SUBSCRIPTIONS = {
    "support": "30000000-0000-4000-8000-000000000001",
    "research": "30000000-0000-4000-8000-000000000002",
    "studio": "30000000-0000-4000-8000-000000000003",
}
SERVICES = {
    "SaaS": "Microsoft.SaaS/resources",
    "Storage": "Microsoft.Storage/storageAccounts",
    "Virtual Machines": "Microsoft.Compute/virtualMachines",
}
REGIONS = {"USE1": "us-east-1", "USW2": "us-west-2", "EU": "eu-west-1", "EUC1": "eu-central-1"}
PRODUCT_CODES = {"Amazon Elastic Compute Cloud": "AmazonEC2", "Amazon Simple Storage Service": "AmazonS3"}
GROWTH_PER_MONTH = 1.04
PROXY_MONTHS = ("2025-09", "2025-10")
COUNTS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")
README = """# Sample data

**Synthetic.** The organisation, its accounts and every figure here are made up by `scripts/make_sample_data.py`; the
files have the exact form of AWS CUR 2.0, of Azure cost details (Microsoft Customer Agreement, actual cost) and of
telemetry of the AI proxy (record schema v1, compacted). The account `frankfurt-pilot` holds the worked example of the
method: Claude Sonnet 4, 15,000,000 tokens, eu-central-1, June 2025. Of the last month the Azure export has two
month-to-date runs: only the newer one counts. The proxy came into use in September 2025.
"""


def months_between(first: str, last: str) -> list[date]:
    """First days of the months from ``YYYY-MM`` to ``YYYY-MM``, both included."""
    month, found = date.fromisoformat(f"{first}-01"), []
    while month <= date.fromisoformat(f"{last}-01"):
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def days_of(month: date, pattern: str) -> list[date]:
    """Days a workload runs: ``weekdays``, ``every N`` or one day of the month."""
    days = [month + timedelta(days=i) for i in range(monthrange(month.year, month.month)[1])]
    if pattern == "weekdays":
        return [day for day in days if day.weekday() < 5]
    if pattern.startswith("every "):
        return days[:: int(pattern.split()[1])]
    return [month.replace(day=int(pattern))]


def billing_line(usage: dict, month: date, day: date, amount: float, number: int) -> dict:
    """One line of the bill: the columns that have a value."""
    usage_type, account = usage["usage_type"], usage["account_id"]
    is_marketplace = "MP:" in usage_type
    is_model = is_marketplace and usage["product"] not in PRODUCT_CODES and "other" not in usage["product"]
    region = REGIONS.get(usage_type.partition("-")[0])
    cost = amount * float(usage["usd_per_unit"])
    start = datetime.combine(day, datetime.min.time())
    product = f"{usage['product']} (Amazon Bedrock Edition)" if is_model else usage["product"] or "Amazon Bedrock"
    if is_marketplace:
        code = "sample" + "".join(c for c in product.lower() if c.isalnum())[:20]
    else:
        code = PRODUCT_CODES.get(product, "AmazonBedrock")
    resource = usage["resource"]
    if resource:
        kind = "application-inference-profile/x1y2z3" if resource == "application" else f"inference-profile/{resource}"
        resource = f"arn:aws:bedrock:{region}:{account}:{kind}"
    line = {
        "bill_bill_type": "Anniversary",
        "bill_billing_entity": "AWS Marketplace" if is_marketplace else "AWS",
        "bill_billing_period_start_date": datetime(month.year, month.month, 1),
        "bill_billing_period_end_date": datetime.combine(month + timedelta(days=31), datetime.min.time()).replace(
            day=1
        ),
        "bill_payer_account_id": PAYER,
        "bill_payer_account_name": ACCOUNTS[PAYER],
        "cost_category": {},
        "discount": {},
        "identity_line_item_id": f"sample{month:%Y%m}{number:06d}",
        "identity_time_interval": f"{start:%Y-%m-%dT00:00:00Z}/{start + timedelta(days=1):%Y-%m-%dT00:00:00Z}",
        "line_item_currency_code": "USD",
        "line_item_line_item_description": usage["description"],
        "line_item_line_item_type": usage["line_type"],
        "line_item_operation": "Usage" if usage["line_type"] == "Usage" else "",
        "line_item_product_code": code,
        "line_item_resource_id": resource,
        "line_item_unblended_cost": cost,
        "line_item_blended_cost": cost,
        "line_item_unblended_rate": usage["usd_per_unit"],
        "line_item_usage_account_id": account,
        "line_item_usage_account_name": ACCOUNTS[account],
        "line_item_usage_amount": amount,
        "line_item_usage_start_date": start,
        "line_item_usage_end_date": start + timedelta(days=1),
        "line_item_usage_type": usage_type,
        "pricing_currency": "USD",
        "pricing_public_on_demand_cost": cost,
        "pricing_term": "OnDemand",
        "pricing_unit": usage["unit"] or None,
        "product": {"product_name": product} | ({"region": region} if region else {}),
        "product_region_code": region,
        "product_servicecode": None if is_marketplace else code,
        "product_usagetype": usage_type,
        "resource_tags": {"user_team": usage["team"], "user_environment": "production"} if usage["team"] else {},
    }
    return line


def lines_of(month: date, usages: list[dict]) -> list[dict]:
    """Every billing line of a month. Amounts that vary do so around a base that grows from May 2025 on."""
    lines: list[dict] = []
    for usage in usages:
        if month not in months_between(usage["first_month"], usage["last_month"]):
            continue
        chance = random.Random(f"{month} {usage['usage_type']} {usage['account_id']}")
        age = (month.year - 2025) * 12 + month.month - 5
        for day in days_of(month, usage["days"]):
            amount = float(usage["amount"])
            if usage["varies"] == "yes":
                amount *= GROWTH_PER_MONTH**age * chance.uniform(0.75, 1.25)
                amount = round(amount) if usage["unit"] == "image" else round(amount, 6)
            lines.append(billing_line(usage, month, day, float(amount), len(lines)))
    return lines


def write_month(month: date, lines: list[dict], columns: dict[str, str], root: Path) -> None:
    """One Parquet file and its manifest, laid out as AWS Data Exports does."""
    partition = f"BILLING_PERIOD={month:%Y-%m}"
    data = root / EXPORT / "data" / partition / f"{EXPORT}-00001.snappy.parquet"
    manifest = root / EXPORT / "metadata" / partition / f"{EXPORT}-Manifest.json"
    for path in (data, manifest):
        path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"create table export ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        places = ", ".join("?" * len(columns))
        con.executemany(f"insert into export values ({places})", [[line.get(c) for c in columns] for line in lines])
        con.execute(f"copy export to '{data}' (format parquet, compression snappy)")
    content = {
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{PAYER}:export/{EXPORT}-synthetic",
        "executionId": f"synthetic-{month:%Y-%m}",
        "dataFiles": [f"s3://meridian-billing/cur2/{EXPORT}/data/{partition}/{data.name}"],
    }
    manifest.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def azure_line(usage: dict, month: date, day: date, amount: float) -> dict:
    """One line of an Azure bill: the columns that have a value."""
    subscription = SUBSCRIPTIONS[usage["subscription"]]
    service = SERVICES.get(usage["category"], "Microsoft.CognitiveServices/accounts")
    is_marketplace = usage["category"] == "SaaS"
    cost = f"{amount * float(usage['usd_per_unit']):.10g}"
    end = month.replace(day=monthrange(month.year, month.month)[1])
    product = usage["subcategory"] or "Claude in Microsoft Foundry"
    return {
        "billingAccountId": AZURE_BILLING_ACCOUNT,
        "billingAccountName": "Meridian (synthetic)",
        "billingPeriodStartDate": f"{month:%m/%d/%Y}",
        "billingPeriodEndDate": f"{end:%m/%d/%Y}",
        "servicePeriodStartDate": f"{month:%m/%d/%Y}",
        "servicePeriodEndDate": f"{end:%m/%d/%Y}",
        "date": f"{day:%m/%d/%Y}",
        "serviceFamily": "SaaS" if is_marketplace else "AI + Machine Learning",
        "consumedService": service.partition("/")[0],
        "meterName": usage["meter"],
        "meterCategory": usage["category"],
        "meterSubCategory": usage["subcategory"],
        "ProductName": f"{product} - {usage['meter'].rpartition(' ')[0]} - {usage['location']}",
        "SubscriptionId": subscription,
        "subscriptionName": f"meridian-{usage['subscription']}",
        "publisherType": "Marketplace" if is_marketplace else "Azure",
        "publisherName": "Anthropic" if is_marketplace else "Microsoft",
        "resourceGroupName": "rg-ai",
        "ResourceId": f"/subscriptions/{subscription}/resourceGroups/rg-ai/providers/{service}/{usage['resource']}",
        "resourceLocation": usage["location"],
        "location": usage["location"],
        "effectivePrice": usage["usd_per_unit"],
        "quantity": f"{amount:.10g}",
        "unitOfMeasure": usage["unit"],
        "chargeType": usage["charge_type"],
        "billingCurrency": "USD",
        "pricingCurrency": "USD",
        "costInBillingCurrency": cost,
        "costInPricingCurrency": cost,
        "costInUsd": cost,
        "paygCostInBillingCurrency": cost,
        "paygCostInUsd": cost,
        "exchangeRatePricingToBilling": "1",
        "isAzureCreditEligible": str(not is_marketplace),
        "tags": json.dumps({"team": usage["team"], "environment": "production"}) if usage["team"] else "",
        "PayGPrice": usage["usd_per_unit"],
        "frequency": "UsageBased",
        "pricingModel": "OnDemand",
        "unitPrice": usage["usd_per_unit"],
        "provider": "Azure",
    }


def azure_lines_of(month: date, usages: list[dict], last_day: date) -> list[dict]:
    """Every line of an Azure bill of a month up to a day. Amounts vary as those of AWS do."""
    lines = []
    for usage in usages:
        if month not in months_between(usage["first_month"], usage["last_month"]):
            continue
        chance = random.Random(f"{month} {usage['meter']} {usage['subscription']} {usage['days']}")
        age = (month.year - 2025) * 12 + month.month - 5
        for day in days_of(month, usage["days"]):
            amount = float(usage["amount"])
            if usage["varies"] == "yes":
                amount = round(amount * GROWTH_PER_MONTH**age * chance.uniform(0.75, 1.25), 3)
            if day <= last_day:
                lines.append(azure_line(usage, month, day, amount))
    return lines


def write_azure_run(month: date, run_day: date, lines: list[dict], columns: list[str], root: Path) -> None:
    """One run of an Azure export: a CSV file and its manifest, laid out as Cost Management does."""
    last = month.replace(day=monthrange(month.year, month.month)[1])
    period, run = f"{month:%Y%m%d}-{last:%Y%m%d}", f"synthetic-{run_day:%Y%m%d}"
    folder = root / AZURE_EXPORT / period / f"{run_day:%Y%m%d}0400" / run
    folder.mkdir(parents=True, exist_ok=True)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(lines)
    data = folder / "part_0_0001.csv"
    data.write_bytes(text.getvalue().encode("utf-8-sig"))
    content = {
        "manifestVersion": "2024-04-01",
        "byteCount": data.stat().st_size,
        "blobCount": 1,
        "dataRowCount": len(lines),
        "exportConfig": {
            "exportName": AZURE_EXPORT,
            "resourceId": f"/providers/Microsoft.Billing/billingAccounts/{AZURE_BILLING_ACCOUNT}"
            f"/providers/Microsoft.CostManagement/exports/{AZURE_EXPORT}",
            "dataVersion": "2021-10-01",
            "apiVersion": "2023-07-01-preview",
            "type": "ActualCost",
            "timeFrame": "MonthToDate",
            "granularity": "Daily",
        },
        "deliveryConfig": {
            "partitionData": True,
            "dataOverwriteBehavior": "CreateNewReport",
            "fileFormat": "Csv",
            "compressionMode": "None",
            "containerUri": "/subscriptions/synthetic/resourceGroups/rg-billing/providers/Microsoft.Storage",
            "rootFolderPath": "foundry",
        },
        "runInfo": {
            "executionType": "Scheduled",
            "submittedTime": f"{run_day}T04:00:00.0000000Z",
            "runId": run,
            "startDate": f"{month}T00:00:00",
            "endDate": f"{last}T00:00:00",
        },
        "blobs": [
            {
                "blobName": f"foundry/{AZURE_EXPORT}/{period}/{run_day:%Y%m%d}0400/{run}/{data.name}",
                "byteCount": data.stat().st_size,
                "dataRowCount": len(lines),
            }
        ],
    }
    (folder / "manifest.json").write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def write_azure(root: Path) -> int:
    """All months of the Azure export; of the last one also a run from the middle of the month. Returns the months."""
    with AZURE_USAGE.open(newline="", encoding="utf-8") as file:
        usages = list(csv.DictReader(file))
    with AZURE_COLUMNS.open(newline="", encoding="utf-8") as file:
        columns = [row["column_name"] for row in csv.DictReader(file)]
    months = months_between(min(u["first_month"] for u in usages), max(u["last_month"] for u in usages))
    for month in months:
        runs = [(month + timedelta(days=31)).replace(day=3)]
        if month == months[-1]:
            runs.insert(0, month.replace(day=16))
        for run_day in runs:
            lines = azure_lines_of(month, usages, run_day - timedelta(days=1))
            write_azure_run(month, run_day, lines, columns, root)
    return len(months)


def proxy_record(usage: dict, day: date, number: int) -> dict:
    """One record of schema v1. Token counts vary by request, all of one request alike, so that parts stay parts."""
    name = " ".join([str(day), *(usage[key] for key in usage), str(number)])
    chance = random.Random(name)
    factor = chance.uniform(0.6, 1.4)
    start = datetime.combine(day, datetime.min.time()) + timedelta(seconds=chance.randrange(7 * 3600, 19 * 3600))
    record: dict = dict.fromkeys(schema.COLUMNS)
    record |= {key: value for key, value in usage.items() if key in schema.COLUMNS and value}
    record |= {key: int(int(usage[key]) * factor) for key in COUNTS if usage[key]}
    record |= {
        "schema_version": schema.VERSION,
        "record_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"synthetic:{name}")),
        "request_ts": f"{start:%Y-%m-%dT%H:%M:%S}.000Z",
        "stream": usage["stream"] == "yes",
        "http_status": int(usage["http_status"]),
        "latency_ms": round(400 * factor, 3),
        "proxy_version": __version__,
    }
    if usage["image_count"]:
        record["image_count"] = int(usage["image_count"])
    if usage["media_seconds"]:
        record["media_seconds"] = float(usage["media_seconds"])
    return record


def write_ai_proxy(root: Path) -> int:
    """Raw records as the proxy's folder sink writes them, then compacted. Returns the number of records."""
    with PROXY_USAGE.open(newline="", encoding="utf-8") as file:
        usages = list(csv.DictReader(file))
    records = [
        proxy_record(usage, day, number)
        for month in months_between(*PROXY_MONTHS)
        for usage in usages
        for day in days_of(month, usage["days"])
        if day.weekday() < 5
        for number in range(int(usage["requests"]))
    ]
    with tempfile.TemporaryDirectory() as raw:
        lines = "".join(json.dumps(record, separators=(",", ":")) + "\n" for record in records)
        Path(raw, "synthetic.jsonl").write_text(lines, encoding="utf-8")
        compact(Options(source=raw, out=str(root)))
    # What the compaction remembers of its source names a folder of this machine.
    shutil.rmtree(root / STATE)
    return len(records)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--out", type=Path, default=Path("sample_data"), help="data root to write (default: %(default)s)"
    )
    root = parser.parse_args().out
    with USAGE.open(newline="", encoding="utf-8") as file:
        usages = list(csv.DictReader(file))
    with COLUMNS.open(newline="", encoding="utf-8") as file:
        columns = {row["column_name"]: row["column_type"] for row in csv.DictReader(file)}
    months = months_between(min(u["first_month"] for u in usages), max(u["last_month"] for u in usages))
    for folder in ("aws", "azure", "ai_proxy"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for month in months:
        write_month(month, lines_of(month, usages), columns, root / "aws" / "cur2")
    azure_months = write_azure(root / "azure" / "cost_details")
    records = write_ai_proxy(root / "ai_proxy")
    names = [f"{account},{name}\n" for account, name in ACCOUNTS.items()]
    names += [f"{account},meridian-{name}\n" for name, account in SUBSCRIPTIONS.items()]
    (root / "account_names.csv").write_text("account_id,account_name\n" + "".join(names), encoding="utf-8")
    (root / "README.md").write_text(README, encoding="utf-8")
    print(
        f"wrote {len(months)} months of CUR 2.0, {azure_months} months of Azure cost details and {records} records "
        f"of the AI proxy to {root}"
    )


if __name__ == "__main__":
    main()
