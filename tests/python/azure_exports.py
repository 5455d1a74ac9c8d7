"""Writes billing lines as Azure delivers them: the same logical lines as cost details of the three kinds of agreement
and as FOCUS 1.0 and 1.2, in the folders, files and manifests of Cost Management exports."""

import codecs
import gzip
import io
import json
from calendar import monthrange
from csv import DictWriter
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

from billing_exports import chunks, write_parquet

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
BLOCKS = {"1": 1, "100": 100, "1K": 1000, "1M": 1_000_000}


@dataclass(frozen=True)
class Line:
    """One line of a bill, in no export's words. ``quantity`` counts single tokens, images, seconds or hours; ``price``
    is per ``unit``."""

    meter: str | None
    quantity: float | str | None = 1000.0
    price: float = 0.0025
    unit: str | None = "1K"
    subcategory: str | None = "Azure OpenAI"
    category: str | None = "Foundry Models"
    day: date | str = date(2025, 6, 10)
    month: date = date(2025, 6, 1)
    subscription: str | None = SUBSCRIPTION
    resource: str = "foundry-one"
    region: str = "eastus2"
    region_name: str = "East US 2"
    charge_type: str = "Usage"
    currency: str = "USD"
    tags: dict[str, str] = field(default_factory=dict)
    product: str | None = None
    plan: str | None = None
    publisher: str = "Microsoft"
    publisher_type: str = "Azure"
    service: str = "Microsoft.CognitiveServices"
    cost: float | str | None = None
    block: int | None = None

    @property
    def block_size(self) -> int:
        """Single units in one ``unit``."""
        return self.block or BLOCKS.get(self.unit or "", 1)

    @property
    def blocks(self) -> float | str | None:
        """The quantity in the unit of the price."""
        return self.quantity / self.block_size if isinstance(self.quantity, int | float) else self.quantity

    @property
    def net_cost(self) -> float | str:
        """The cost of the line: what it says, else blocks times price."""
        if self.cost is not None:
            return self.cost
        return self.blocks * self.price if isinstance(self.blocks, float) else 0.0

    @property
    def resource_path(self) -> str:
        return (
            f"/subscriptions/{self.subscription}/resourceGroups/rg-ai/providers/"
            f"{self.service if '/' in self.service else self.service + '/accounts'}/{self.resource}"
        )


def changed(line: Line, **changes) -> Line:
    return replace(line, **changes)


def us_date(day: date | str) -> str:
    return f"{day:%m/%d/%Y}" if isinstance(day, date) else day


def iso_date(day: date | str) -> str:
    return f"{day:%Y-%m-%d}" if isinstance(day, date) else day


def month_end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def ea_row(line: Line, *, single_units: bool = False) -> dict:
    """Enterprise Agreement, 2023-12-01: dates month first, tags without braces."""
    return {
        "BillingAccountId": "87654321",
        "BillingPeriodStartDate": us_date(line.month),
        "BillingPeriodEndDate": us_date(month_end(line.month)),
        "Date": us_date(line.day),
        "SubscriptionId": line.subscription,
        "MeterCategory": line.category,
        "MeterSubCategory": line.subcategory,
        "MeterName": line.meter,
        "MeterRegion": "US East 2",
        "ProductName": line.product,
        "Quantity": line.quantity if single_units else line.blocks,
        "UnitOfMeasure": line.unit,
        "UnitPrice": line.price,
        "EffectivePrice": line.price,
        "CostInBillingCurrency": line.net_cost,
        "BillingCurrencyCode": line.currency,
        "ResourceId": line.resource_path,
        "ResourceLocation": line.region,
        "ConsumedService": line.service,
        "ChargeType": line.charge_type,
        "PublisherType": line.publisher_type,
        "PublisherName": line.publisher,
        "PlanName": line.plan,
        "PricingModel": "OnDemand",
        "Tags": ",".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in line.tags.items()),
    }


def mca_row(line: Line) -> dict:
    """Microsoft Customer Agreement, 2021-10-01: cases mixed, priced in USD whatever the bill is in, tags as JSON."""
    rate = 1.0 if line.currency == "USD" else 0.9
    cost = line.net_cost
    return {
        "billingPeriodStartDate": us_date(line.month),
        "billingPeriodEndDate": us_date(month_end(line.month)),
        "date": us_date(line.day),
        "SubscriptionId": line.subscription,
        "meterCategory": line.category,
        "meterSubCategory": line.subcategory,
        "meterName": line.meter,
        "meterRegion": "US East 2",
        "ProductId": "DZH318Z0BNZH",
        "product": line.product,
        "quantity": line.blocks,
        "unitOfMeasure": line.unit,
        "unitPrice": line.price / rate if line.currency != "USD" else line.price,
        "PayGPrice": line.price,
        "costInBillingCurrency": cost,
        "costInPricingCurrency": cost / rate if isinstance(cost, float) else cost,
        "exchangeRatePricingToBilling": rate,
        "billingCurrency": line.currency,
        "pricingCurrency": "USD",
        "InstanceName": line.resource_path.upper(),
        "location": line.region_name,
        "consumedService": line.service,
        "chargeType": line.charge_type,
        "publisherType": line.publisher_type,
        "publisherName": line.publisher,
        "planName": line.plan,
        "tags": json.dumps(line.tags) if line.tags else "",
    }


def payg_row(line: Line) -> dict:
    """Pay-as-you-go, 2019-11-01: usage only, no billing period, ISO dates."""
    return {
        "SubscriptionGuid": line.subscription,
        "UsageDateTime": iso_date(line.day),
        "MeterCategory": line.category,
        "MeterSubcategory": line.subcategory,
        "MeterId": "0a1b",
        "MeterName": line.meter,
        "UsageQuantity": line.blocks,
        "ResourceRate": line.price,
        "PreTaxCost": line.net_cost,
        "Currency": line.currency,
        "ResourceLocation": line.region_name,
        "InstanceId": line.resource_path,
        "ConsumedService": line.service,
        "UnitOfMeasure": line.unit,
        "Tags": json.dumps(line.tags) if line.tags else "",
    }


FOCUS_CATEGORY = {"Refund": "Purchase", "UnusedReservation": "Usage", "UnusedSavingsPlan": "Usage"}


def focus_row(line: Line, version: str = "1.2", *, old_blocks: bool = False) -> dict:
    """FOCUS from Azure. ``old_blocks``: as before November 2024, ConsumedQuantity in blocks, PricingQuantity and the
    contracted cost off by the block once more."""
    usage = line.charge_type in ("Usage", "UnusedReservation", "UnusedSavingsPlan")
    pricing = line.blocks / line.block_size if old_blocks and isinstance(line.blocks, float) else line.blocks
    start = f"{line.day}T00:00:00Z" if isinstance(line.day, date) else line.day
    marketplace = line.publisher_type == "Marketplace"
    row = {
        "BillingAccountId": "/providers/Microsoft.Billing/billingAccounts/8611537",
        "BillingPeriodStart": f"{line.month}T00:00:00Z",
        "BillingPeriodEnd": f"{month_end(line.month) + timedelta(days=1)}T00:00:00Z",
        "ChargePeriodStart": start,
        "ChargeCategory": FOCUS_CATEGORY.get(line.charge_type, line.charge_type),
        "ChargeClass": "Correction" if line.charge_type == "Refund" else None,
        "ChargeDescription": line.product,
        "CommitmentDiscountStatus": "Unused" if line.charge_type.startswith("Unused") else None,
        "ConsumedQuantity": (line.blocks if old_blocks else line.quantity) if usage else None,
        "ConsumedUnit": "Units",
        "PricingQuantity": pricing,
        "PricingUnit": "Units",
        "x_PricingUnitDescription": line.unit,
        "x_PricingBlockSize": line.block_size if line.unit else None,
        "ListUnitPrice": 0 if marketplace else line.price,
        "ListCost": 0 if marketplace else line.net_cost,
        "ContractedUnitPrice": line.price,
        "ContractedCost": pricing * line.price if isinstance(pricing, float) else 0,
        "x_BilledUnitPrice": line.price,
        "BilledCost": line.net_cost,
        "x_EffectiveUnitPrice": line.price,
        "EffectiveCost": line.net_cost,
        "BillingCurrency": line.currency,
        "ResourceId": line.resource_path.lower(),
        "RegionId": line.region_name.replace(" ", "").lower(),
        "RegionName": line.region_name,
        "ServiceName": "Azure AI Services",
        "SubAccountId": f"/subscriptions/{line.subscription}" if line.subscription else None,
        "PublisherName": line.publisher,
        "x_PublisherCategory": "Vendor" if marketplace else "Cloud Provider",
        "x_SkuMeterCategory": line.category,
        "x_SkuMeterSubcategory": line.subcategory,
        "x_SkuDescription": line.product,
        "Tags": json.dumps(line.tags) if line.tags else "{}",
    }
    if version == "1.0":
        return row | {"x_SkuMeterName": line.meter, "x_PricingCurrency": line.currency}
    return row | {"SkuMeter": line.meter, "PricingCurrency": line.currency, "x_SkuPlanName": line.plan}


TYPES = {
    name: "double"
    for name in (
        "Quantity",
        "UnitPrice",
        "EffectivePrice",
        "CostInBillingCurrency",
        "ConsumedQuantity",
        "PricingQuantity",
        "x_PricingBlockSize",
        "ListUnitPrice",
        "ListCost",
        "ContractedUnitPrice",
        "ContractedCost",
        "x_BilledUnitPrice",
        "BilledCost",
        "x_EffectiveUnitPrice",
        "EffectiveCost",
    )
} | {"BillingPeriodStart": "timestamp", "ChargePeriodStart": "timestamp"}


def csv_bytes(rows: list[dict], *, bom: bool = False, mixed_line_ends: bool = False) -> bytes:
    """Rows as an Azure CSV file; ``mixed_line_ends`` ends every second line with CRLF."""
    header = list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = DictWriter(text, header, lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: "" if value is None else value for name, value in row.items()})
    content = text.getvalue()
    if mixed_line_ends:
        lines = content.split("\n")[:-1]
        content = "".join(line + ("\r\n" if number % 2 else "\n") for number, line in enumerate(lines))
    return (codecs.BOM_UTF8 if bom else b"") + content.encode()


def write_file(rows: list[dict], path: Path, **csv_options: bool) -> None:
    """Write CSV, CSV.gz or Parquet, as the name of the file says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.name.endswith(".parquet"):
        write_parquet(rows, path, TYPES)
        return
    content = csv_bytes(rows, **csv_options)
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)


def write_run(
    root: Path,
    folder: str,
    rows: list[dict],
    month: date = date(2025, 6, 1),
    *,
    export: str = "daily",
    run: str = "202507010400/0a1b2c3d",
    submitted: str | None = None,
    export_type: str = "ActualCost",
    scope: str = f"/subscriptions/{SUBSCRIPTION}",
    suffix: str = "csv",
    count: int = 1,
    manifest: bool = True,
    **csv_options: bool,
) -> list[Path]:
    """One run of an export: partitions and manifest. Returns the data files."""
    period = f"{month:%Y%m%d}-{month_end(month):%Y%m%d}"
    place = root / "azure" / folder / export / period / run
    files, counts = [], []
    for number, part in enumerate(chunks(rows, count)):
        path = place / f"part_{number}_0001.{suffix}"
        write_file(part, path, **csv_options)
        files.append(path)
        counts.append(len(part))
    if manifest:
        content = {
            "manifestVersion": "2024-04-01",
            "byteCount": sum(path.stat().st_size for path in files),
            "blobCount": len(files),
            "dataRowCount": sum(counts),
            "exportConfig": {
                "exportName": export,
                "resourceId": f"{scope}/providers/Microsoft.CostManagement/exports/{export}",
                "dataVersion": "2021-10-01",
                "apiVersion": "2023-07-01-preview",
                "type": export_type,
                "timeFrame": "MonthToDate",
                "granularity": "Daily",
            },
            "deliveryConfig": {"partitionData": True, "dataOverwriteBehavior": "CreateNewReport", "fileFormat": "Csv"},
            "runInfo": {
                "executionType": "Scheduled",
                "submittedTime": submitted or f"{month_end(month) + timedelta(days=1)}T04:00:00.000Z",
                "runId": run.rpartition("/")[2],
                "startDate": f"{month}T00:00:00",
                "endDate": f"{month_end(month)}T00:00:00",
            },
            "blobs": [
                {
                    "blobName": f"exports/{export}/{period}/{run}/{path.name}",
                    "byteCount": path.stat().st_size,
                    "dataRowCount": rows_in_file,
                }
                for path, rows_in_file in zip(files, counts, strict=True)
            ],
        }
        (place / "manifest.json").write_text(json.dumps(content))
    return files
