"""Writes ``sample_data/``: the AI usage of a small organisation that does not exist, in the exact form of AWS CUR 2.0.

The data are synthetic and the folder's README says so. The same code writes the same rows every time. One account is the
worked example of the method document: Claude Sonnet 4, 15,000,000 tokens, eu-central-1, June 2025.

    python scripts/make_sample_data.py [--out sample_data]
"""

import argparse
import json
import random
import shutil
from calendar import monthrange
from datetime import date, datetime, timedelta
from pathlib import Path

import duckdb

FIRST_MONTH, LAST_MONTH = date(2025, 5, 1), date(2025, 10, 1)
EXPORT = "meridian-ai-costs"
PAYER = "100000000001"
ACCOUNTS = {
    "200000000001": "frankfurt-pilot",
    "200000000002": "support-assistant",
    "200000000003": "document-pipeline",
    "200000000004": "research-lab",
    "200000000005": "creative-studio",
}
SELLERS = {"Claude": "Anthropic, PBC", "Stable": "Stability AI Ltd", "Cohere": "Cohere Inc."}

# Columns of the export in the order and with the types AWS delivers them (the ones an organisation of this size has).
COLUMNS = {
    "bill_bill_type": "varchar",
    "bill_billing_entity": "varchar",
    "bill_billing_period_end_date": "timestamp",
    "bill_billing_period_start_date": "timestamp",
    "bill_invoice_id": "varchar",
    "bill_invoicing_entity": "varchar",
    "bill_payer_account_id": "varchar",
    "bill_payer_account_name": "varchar",
    "cost_category": "map(varchar, varchar)",
    "discount": "map(varchar, double)",
    "identity_line_item_id": "varchar",
    "identity_time_interval": "varchar",
    "line_item_availability_zone": "varchar",
    "line_item_blended_cost": "double",
    "line_item_currency_code": "varchar",
    "line_item_legal_entity": "varchar",
    "line_item_line_item_description": "varchar",
    "line_item_line_item_type": "varchar",
    "line_item_net_unblended_cost": "double",
    "line_item_normalization_factor": "double",
    "line_item_operation": "varchar",
    "line_item_product_code": "varchar",
    "line_item_resource_id": "varchar",
    "line_item_tax_type": "varchar",
    "line_item_unblended_cost": "double",
    "line_item_unblended_rate": "varchar",
    "line_item_usage_account_id": "varchar",
    "line_item_usage_account_name": "varchar",
    "line_item_usage_amount": "double",
    "line_item_usage_end_date": "timestamp",
    "line_item_usage_start_date": "timestamp",
    "line_item_usage_type": "varchar",
    "pricing_currency": "varchar",
    "pricing_public_on_demand_cost": "double",
    "pricing_term": "varchar",
    "pricing_unit": "varchar",
    "product": "map(varchar, varchar)",
    "product_comment": "varchar",
    "product_from_region_code": "varchar",
    "product_instance_type": "varchar",
    "product_location": "varchar",
    "product_operation": "varchar",
    "product_pricing_unit": "varchar",
    "product_product_family": "varchar",
    "product_region_code": "varchar",
    "product_servicecode": "varchar",
    "product_sku": "varchar",
    "product_usagetype": "varchar",
    "reservation_reservation_a_r_n": "varchar",
    "resource_tags": "map(varchar, varchar)",
    "savings_plan_savings_plan_a_r_n": "varchar",
    "split_line_item_parent_resource_id": "varchar",
}


def days_of(month: date) -> list[date]:
    return [month + timedelta(days=i) for i in range(monthrange(month.year, month.month)[1])]


def months() -> list[date]:
    found, month = [], FIRST_MONTH
    while month <= LAST_MONTH:
        found.append(month)
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def operation_of(kind: str, code: str, entity: str, month: date) -> str:
    """Bedrock usage has a telling operation since January 2026."""
    if kind != "Usage":
        return ""
    is_bedrock = code.startswith("AmazonBedrock") or (entity == "AWS Marketplace" and "othersoftware" not in code)
    return "InvokeModelInference" if is_bedrock and month >= date(2026, 1, 1) else "Usage"


class Month:
    """The billing lines of one month."""

    def __init__(self, month: date):
        self.month = month
        self.random = random.Random(f"{month:%Y-%m}")
        self.lines: list[dict] = []

    def line(self, day, account, usage_type, amount, price, *, unit, description="", product="Amazon Bedrock",
             code="AmazonBedrock", region="us-east-1", resource="", team="", kind="Usage", attributes=None, entity="AWS"):
        """Add one line; ``price`` is USD per unit."""
        start = datetime(day.year, day.month, day.day)
        cost = None if amount is None else round(amount * price, 10)
        row = dict.fromkeys(COLUMNS)
        row.update(
            bill_bill_type="Anniversary",
            bill_billing_entity=entity,
            bill_billing_period_start_date=datetime(self.month.year, self.month.month, 1),
            bill_billing_period_end_date=datetime.combine(days_of(self.month)[-1], datetime.min.time()) + timedelta(days=1),
            bill_invoicing_entity="Amazon Web Services EMEA SARL" if entity == "AWS" else "AWS Marketplace EMEA SARL",
            bill_payer_account_id=PAYER,
            bill_payer_account_name="meridian-payer",
            cost_category={},
            discount={},
            identity_line_item_id=f"sample{self.month:%Y%m}{len(self.lines):06d}",
            identity_time_interval=f"{start:%Y-%m-%dT00:00:00Z}/{start + timedelta(days=1):%Y-%m-%dT00:00:00Z}",
            line_item_blended_cost=cost,
            line_item_currency_code="USD",
            line_item_legal_entity=next((s for k, s in SELLERS.items() if product.startswith(k)), "Amazon Web Services EMEA SARL"),
            line_item_line_item_description=description,
            line_item_line_item_type=kind,
            line_item_operation=operation_of(kind, code, entity, self.month),
            line_item_product_code=code,
            line_item_resource_id=resource,
            line_item_unblended_cost=cost,
            line_item_unblended_rate=str(price),
            line_item_usage_account_id=account,
            line_item_usage_account_name=ACCOUNTS.get(account, "meridian-payer"),
            line_item_usage_amount=amount,
            line_item_usage_start_date=start,
            line_item_usage_end_date=start + timedelta(days=1),
            line_item_usage_type=usage_type,
            pricing_currency="USD",
            pricing_public_on_demand_cost=cost,
            pricing_term="OnDemand",
            pricing_unit=unit,
            product={"product_name": product, "region": region, **(attributes or {})} if product else {},
            product_product_family="Amazon Bedrock" if self.month >= date(2026, 7, 1) and "Bedrock" in (product or "") else None,
            product_region_code=region,
            product_servicecode=code if entity == "AWS" else None,
            product_usagetype=usage_type,
            resource_tags={"user_team": team, "user_environment": "production"} if team else {},
        )
        self.lines.append(row)
        return row

    def marketplace(self, day, account, model, metric, amount, price, *, prefix="USE1", region="us-east-1", code, resource="", team=""):
        """A Marketplace line of Claude and the like: opaque product code, amounts in millions of tokens."""
        is_token = "Token" in metric
        unit = "1M tokens" if is_token and self.month >= date(2025, 10, 1) else "Units"
        self.line(
            day, account, f"{prefix}-MP:{prefix}_{metric}-Units", amount, price, unit=unit,
            description=f"AWS Marketplace software usage|{region}|{'Million ' if is_token else ''}{metric}", product=f"{model} (Amazon Bedrock Edition)",
            code=code, region=region, resource=resource, team=team, entity="AWS Marketplace",
        )

    def tokens(self, base: float, spread: float = 0.25) -> float:
        """A day's tokens around ``base``, growing by 4 % a month."""
        age = (self.month.year - FIRST_MONTH.year) * 12 + self.month.month - FIRST_MONTH.month
        return round(base * 1.04**age * self.random.uniform(1 - spread, 1 + spread))


def frankfurt_pilot(m: Month) -> None:
    """The worked example: 9,000,000 tokens in and 6,000,000 out."""
    if m.month != date(2025, 6, 1):
        return
    arn = "arn:aws:bedrock:eu-central-1:200000000001:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0"
    for day, metric, millions, price in [(10, "InputTokenCount", 4.0, 3.0), (10, "OutputTokenCount", 2.5, 15.0),
                                         (24, "InputTokenCount", 5.0, 3.0), (24, "OutputTokenCount", 3.5, 15.0)]:
        m.marketplace(m.month.replace(day=day), "200000000001", "Claude Sonnet 4", metric, millions, price, prefix="EUC1",
                      region="eu-central-1", code="sample1sonnet4productcode", resource=arn, team="innovation")


def support_assistant(m: Month) -> None:
    """A chat assistant that moves from Claude 3.5 Sonnet to Sonnet 4 and 4.5, with prompt caching."""
    if m.month < date(2025, 8, 1):
        model, code, model_id = "Claude 3.5 Sonnet v2", "sample2sonnet35productcode", "anthropic.claude-3-5-sonnet-20241022-v2:0"
    elif m.month < date(2025, 10, 1):
        model, code, model_id = "Claude Sonnet 4", "sample1sonnet4productcode", "anthropic.claude-sonnet-4-20250514-v1:0"
    else:
        model, code, model_id = "Claude Sonnet 4.5", "sample3sonnet45productcode", "anthropic.claude-sonnet-4-5-20250929-v1:0"
    arn = f"arn:aws:bedrock:us-east-1:200000000002:inference-profile/us.{model_id}"
    for day in days_of(m.month):
        if day.weekday() >= 5:
            continue
        for metric, base, price in [("InputTokenCount", 1_800_000, 3.0), ("OutputTokenCount", 420_000, 15.0),
                                    ("CacheReadInputTokenCount", 5_200_000, 0.3), ("CacheWriteInputTokenCount", 350_000, 3.75)]:
            m.marketplace(day, "200000000002", model, metric, m.tokens(base) / 1e6, price, code=code, resource=arn, team="customer-service")
    if m.month >= date(2025, 10, 1):
        m.marketplace(m.month, "200000000002", model, "InputTokenCount_Global", m.tokens(900_000) / 1e6, 3.0, code=code, team="customer-service")


def document_pipeline(m: Month) -> None:
    """Classification, embeddings and reranking of documents in Ireland."""
    for day in days_of(m.month)[::3]:
        for meter, base, price in [("NovaLite-input-tokens", 9_000_000, 0.00006), ("NovaLite-output-tokens", 700_000, 0.00024),
                                   ("NovaMicro-input-tokens-batch", 4_000_000, 0.0000175), ("NovaMicro-output-tokens-batch", 300_000, 0.00007),
                                   ("TitanEmbeddingV2-Text-input-tokens", 12_000_000, 0.00002)]:
            m.line(day, "200000000003", f"EU-{meter}", m.tokens(base) / 1e3, price, unit="1K tokens", region="eu-west-1",
                   description=f"${price} per 1K tokens for {meter} in EU (Ireland)", team="data-platform")
        if m.month >= date(2025, 9, 1):
            m.line(day, "200000000003", "EU-Nova2.0Lite-input-tokens-cross-region-global", m.tokens(2_000_000) / 1e3, 0.0003,
                   unit="1K tokens", region="eu-west-1", description="$0.0003 per 1K tokens", team="data-platform")
    day = m.month.replace(day=15)
    m.marketplace(day, "200000000003", "Cohere Rerank v3.5", "search_units", 1800.0, 0.002, prefix="EU", region="eu-west-1",
                  code="sample5rerankproductcode", team="data-platform")
    m.line(day, "200000000003", "EU-DataAutomation-Standard-PagesProcessed", 640.0, 0.01, unit="Pages Processed", region="eu-west-1", team="data-platform")
    m.line(day, "200000000003", "EU-Guardrail-ContentPolicyUnitsConsumed", 5200.0, 0.00015, unit="TextUnit", region="eu-west-1", team="data-platform")


def research_lab(m: Month) -> None:
    """Open-weight models in Oregon, capacity and a fine-tuning job."""
    meters = [("Llama3-3-70B-input-tokens", 3_000_000, 0.00072), ("Llama3-3-70B-output-tokens", 900_000, 0.00072),
              ("DeepSeek-R1-input-tokens", 500_000, 0.00135), ("DeepSeek-R1-output-tokens", 1_400_000, 0.0054),
              ("MistralLarge2407-input-tokens", 800_000, 0.002), ("MistralLarge2407-output-tokens", 200_000, 0.006)]
    if m.month >= date(2025, 8, 1):
        meters += [("gpt-oss-120b-input-tokens", 2_500_000, 0.00015), ("gpt-oss-120b-output-tokens-flex", 700_000, 0.0003),
                   ("Qwen3-32B-input-tokens-batch", 1_500_000, 0.000075)]
    if m.month >= date(2025, 10, 1):
        meters += [("openai.gpt-oss-120b-mantle-output-tokens-standard", 600_000, 0.0006), ("moonshotai.kimi-k2.5-mantle-input-tokens-standard", 900_000, 0.0006)]
    for day in days_of(m.month)[::4]:
        for meter, base, price in meters:
            m.line(day, "200000000004", f"USW2-{meter}", m.tokens(base) / 1e3, price, unit="1K tokens", region="us-west-2",
                   description=f"${price} per 1K tokens for {meter} in US West (Oregon)", team="research")
        if m.month >= date(2025, 10, 1):
            m.line(day, "200000000004", "USW2-xai.grok-4.3-mantle-input-tokens-standard", m.tokens(1_100_000) / 1e6, 3.0,
                   unit="1M tokens", region="us-west-2", description="$3 per 1M tokens", team="research")
    m.line(m.month, "200000000004", "USW2-Llama3-1-70B-ProvisionedThroughput-NoCommit-ModelUnits", 4.0, 24.0, unit="hour", region="us-west-2", team="research")
    m.line(m.month.replace(day=9), "200000000004", "USW2-Llama3-3-70B-Customization-Training", 12_000.0, 0.008, unit="1K tokens", region="us-west-2", team="research")
    m.line(m.month.replace(day=9), "200000000004", "USW2-NovaPro-output-tokens-custom-model", 850.0, 0.0032, unit="1K tokens", region="us-west-2", team="research")
    # Lines nobody can map: a model that does not exist, a unit and a region nobody lists, a profile that hides its model.
    m.line(m.month.replace(day=5), "200000000004", "USW2-Zephyr9-120B-input-tokens", 420.0, 0.0005, unit="1K tokens", region="us-west-2", team="research")
    m.line(m.month.replace(day=6), "200000000004", "USW2-Qwen3-32B-output-tokens", 0.02, 600.0, unit="1B tokens", region="us-west-2", team="research")
    m.line(m.month.replace(day=7), "200000000004", "XEZ1-NovaPro-input-tokens", 310.0, 0.0008, unit="1K tokens", region=None, team="research")
    m.marketplace(m.month.replace(day=8), "200000000004", "Claude", "InputTokenCount", 0.8, 3.0, prefix="USW2", region="us-west-2",
                  code="sample9unknownproductcode", resource="arn:aws:bedrock:us-west-2:200000000004:application-inference-profile/x1y2z3", team="research")


def creative_studio(m: Month) -> None:
    """Images and a little video in Virginia, and a voice assistant."""
    for day in days_of(m.month)[::5]:
        m.line(day, "200000000005", "USE1-NovaCanvas-T2I-1024-Standard", float(m.random.randint(40, 160)), 0.04, unit="image", team="marketing")
        m.line(day, "200000000005", "USE1-NovaCanvas-T2I-1024-Premium", float(m.random.randint(10, 40)), 0.06, unit="image", team="marketing")
        m.marketplace(day, "200000000005", "Stable Image Core", "created_image", float(m.random.randint(5, 25)), 0.04, code="sample6stableimageproductcode", team="marketing")
    m.line(m.month.replace(day=12), "200000000005", "USE1-NovaReel-T2V-Medfps-HDRes", 36.0, 0.08, unit="video", team="marketing")
    m.line(m.month.replace(day=20), "200000000005", "USE1-NovaSonic-speech-input-tokens", 900.0, 0.0034, unit="1K tokens", team="marketing")


def everything_else(m: Month) -> None:
    """Lines that are not AI usage: other services, tax, a credit, a refund, a correction, a discount."""
    first, last = m.month, days_of(m.month)[-1]
    for account in ACCOUNTS:
        m.line(first, account, "EUC1-BoxUsage:m7g.large", 720.0, 0.0816, unit="Hrs", product="Amazon Elastic Compute Cloud",
               code="AmazonEC2", region="eu-central-1", resource=f"arn:aws:ec2:eu-central-1:{account}:instance/i-0sample")
        m.line(first, account, "EUC1-TimedStorage-ByteHrs", 310.0, 0.0245, unit="GB-Mo", product="Amazon Simple Storage Service", code="AmazonS3", region="eu-central-1")
    m.line(first, "200000000002", "Marketplace-SaaS-Units", 1.0, 499.0, unit="Units", product="Some other Marketplace software",
           code="sample7othersoftwarecode", entity="AWS Marketplace")
    ai_cost = sum(r["line_item_unblended_cost"] or 0 for r in m.lines if "Bedrock" in (r["product"].get("product_name") or ""))
    m.line(last, PAYER, "", 1.0, round(ai_cost * 0.19, 2), unit=None, product="Amazon Bedrock", kind="Tax", region=None, description="VAT")
    m.line(last, "200000000003", "EU-NovaLite-input-tokens", -250.0, 0.00006, unit="1K tokens", region="eu-west-1", team="data-platform",
           description="correction of an earlier day")
    m.line(last, "200000000004", "USW2-Llama3-3-70B-input-tokens", 1.0, -25.0, unit="1K tokens", region="us-west-2", kind="Credit", description="promotional credit")
    if m.month.month % 3 == 0:
        m.line(last, "200000000005", "USE1-NovaReel-T2V-Medfps-HDRes", 6.0, -0.08, unit="video", kind="Refund", description="refund of a failed clip")


def write_month(m: Month, root: Path) -> None:
    """One Parquet file and its manifest, laid out as AWS Data Exports does."""
    partition = f"BILLING_PERIOD={m.month:%Y-%m}"
    data = root / EXPORT / "data" / partition / f"{EXPORT}-00001.snappy.parquet"
    manifest = root / EXPORT / "metadata" / partition / f"{EXPORT}-Manifest.json"
    for path in (data, manifest):
        path.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"create table export ({', '.join(f'{name} {kind}' for name, kind in COLUMNS.items())})")
        con.executemany(f"insert into export values ({', '.join('?' * len(COLUMNS))})", [list(r.values()) for r in m.lines])
        con.execute(f"copy export to '{data}' (format parquet, compression snappy)")
    manifest.write_text(json.dumps({
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{PAYER}:export/{EXPORT}-synthetic",
        "executionId": f"synthetic-{m.month:%Y-%m}",
        "dataFiles": [f"s3://meridian-billing/cur2/{EXPORT}/data/{partition}/{data.name}"],
    }, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("sample_data"), help="data root to write (default: sample_data)")
    root = parser.parse_args().out
    shutil.rmtree(root / "aws", ignore_errors=True)
    for month in months():
        m = Month(month)
        for workload in (frankfurt_pilot, support_assistant, document_pipeline, research_lab, creative_studio, everything_else):
            workload(m)
        write_month(m, root / "aws" / "cur2")
    names = "account_id,account_name\n" + "".join(f"{i},{n}\n" for i, n in {PAYER: "meridian-payer", **ACCOUNTS}.items())
    (root / "account_names.csv").write_text(names, encoding="utf-8")
    (root / "README.md").write_text(
        "# Sample data\n\n**Synthetic.** The organisation, its accounts and every figure here are made up by `scripts/make_sample_data.py`;\n"
        "the files have the exact form of AWS CUR 2.0. The account `frankfurt-pilot` holds the worked example of the method:\n"
        "Claude Sonnet 4, 15,000,000 tokens, eu-central-1, June 2025.\n", encoding="utf-8")
    print(f"wrote {len(months())} months of CUR 2.0 to {root}")


if __name__ == "__main__":
    main()
