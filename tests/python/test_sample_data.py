"""The sample organisation, built as a new user builds it: the worked example and its trail, an independent recount of
the files, the published files, and the headline as it is printed."""

import csv
import json
import math
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import duckdb

PROJECT = Path(__file__).resolve().parents[2]
SAMPLE = PROJECT / "sample_data"
WORKED_EXAMPLE = "account_name = 'frankfurt-pilot' and status = 'estimated'"

# Written down apart from the seeds, so that a wrong seed shows.
TOKENS_PER_UNIT = {"1K tokens": 1e3, "1M tokens": 1e6}
AZURE_BLOCKS = {"1": 1.0, "100": 100.0, "1K": 1e3, "1M": 1e6}


def close(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9)


def seed(path: str, key: str) -> dict[str, dict]:
    with (PROJECT / "seeds" / path).open(encoding="utf-8", newline="") as file:
        return {row[key]: row for row in csv.DictReader(file)}


def billing_lines() -> list[dict]:
    """Every line of every sample file, with the name of its delivery as the manifests give it."""
    lines = []
    with duckdb.connect() as con:
        for manifest in sorted(SAMPLE.glob("aws/cur2/*/metadata/*/*-Manifest.json")):
            content = json.loads(manifest.read_text(encoding="utf-8"))
            export = manifest.parts[-4]
            period = manifest.parent.name.removeprefix("BILLING_PERIOD=")
            delivery = f"aws_cur2:{export}:{period}:{content['executionId']}"
            for file in sorted(SAMPLE.glob(f"aws/cur2/{export}/data/BILLING_PERIOD={period}/*.parquet")):
                found = con.execute(f"select * from read_parquet('{file}')")
                names = [column[0] for column in found.description]
                rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
                lines += [row | {"delivery": delivery, "month": f"{period}-01"} for row in rows]
    return lines


def is_bedrock(line: dict) -> bool:
    return line["line_item_product_code"].startswith("AmazonBedrock") or "Bedrock" in (
        line["product"].get("product_name") or ""
    )


def test_the_worked_example_comes_out_to_the_last_digit(sample):
    tokens, kwh, gco2e = sample.rows(
        f"select sum(quantity), sum(kwh), sum(gco2e) from marts.fct_ai_emissions where {WORKED_EXAMPLE}"
    )[0]
    assert tokens == 15_000_000
    assert close(kwh, 55.72476)
    assert close(gco2e, 18500.62032)


def test_the_worked_example_stands_in_the_headline(sample):
    kwh, gco2e = sample.rows("""
        select kwh, gco2e from marts.ai_emissions_by_model_region_month
        where usage_month = '2025-06-01' and model_id = 'claude-sonnet-4' and region = 'eu-central-1'
    """)[0]
    assert close(kwh, 55.72476) and close(gco2e, 18500.62032)
    environment = {"AI_EMISSIONS_WAREHOUSE": str(sample.warehouse), "PATH": ""}
    printed = subprocess.run(
        [sys.executable, PROJECT / "scripts/print_headline.py"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "55.72476" in printed and "18,500.62032" in printed


def test_the_worked_example_can_be_traced_to_delivery_figure_and_factors(sample):
    """Recomputes the figure from nothing but the raw file and the seed rows that the fact names."""
    rows = sample.rows(f"""
        select distinct source_delivery, power_figure_id, psu_factor_id, transmission_factor_id, pue_factor_id,
            carbon_intensity_factor_id, power_basis, region_used
        from marts.fct_ai_emissions where {WORKED_EXAMPLE}
    """)
    assert len(rows) == 1
    delivery, figure, psu, transmission, pue, intensity, basis, region = rows[0]
    assert (basis, region) == ("measured", "eu-central-1")

    units = sum(
        line["line_item_usage_amount"]
        for line in billing_lines()
        if line["delivery"] == delivery and line["line_item_usage_account_id"] == "200000000001"
    )
    wh_per_token = float(seed("power/text_model_power.csv", "power_figure_id")[figure]["wh_per_token"])
    power = seed("factors/power_factors.csv", "factor_id")
    factors = [
        float(power[psu]["factor"]),
        float(power[transmission]["factor"]),
        float(seed("factors/pue.csv", "factor_id")[pue]["pue"]),
    ]
    grid = seed("factors/carbon_intensity.csv", "factor_id")[intensity]
    kwh = units * 1e6 * wh_per_token / 1000 * math.prod(factors)
    assert close(kwh, 55.72476)
    assert close(kwh * float(grid["gco2e_per_kwh"]), 18500.62032)

    listed = {row[0] for row in sample.rows("select factor_id from marts.emission_factors where source is not null")}
    assert {figure, psu, transmission, pue, intensity} <= listed
    assert sample.value(
        f"select bool_and(decision = 'used') from marts.ai_input_deliveries where source_delivery = '{delivery}'"
    )


def test_lines_and_cost_recounted_from_the_files_are_in_the_marts(sample):
    counted = defaultdict(lambda: [0, 0.0])
    for line in filter(is_bedrock, billing_lines()):
        total = counted[(line["delivery"], line["month"], line["line_item_currency_code"])]
        total[0] += 1
        net = line["line_item_net_unblended_cost"]
        total[1] += line["line_item_unblended_cost"] if net is None else net
    rows = sample.rows("""
        select source_delivery, cast(usage_month as varchar), cost_currency, sum(line_count), sum(cost_amount)
        from marts.fct_ai_emissions where source = 'aws_bedrock' group by all
    """)
    assert {row[:3] for row in rows} == set(counted)
    for *key, line_count, cost in rows:
        assert line_count == counted[tuple(key)][0]
        assert close(cost, counted[tuple(key)][1])


def test_tokens_and_images_recounted_from_the_files_are_in_the_marts(sample):
    """Tokens by the pricing unit and the word in the usage type, images by theirs; only plain usage lines."""
    counted = defaultdict(float)
    for line in filter(is_bedrock, billing_lines()):
        unit, usage_type = line["pricing_unit"], line["line_item_usage_type"] or ""
        if line["line_item_line_item_type"] != "Usage" or unit is None:
            continue
        per_unit = TOKENS_PER_UNIT.get(unit)
        if unit == "Units" and "TokenCount" in usage_type:
            per_unit = 1e6
        if per_unit:
            counted[(line["delivery"], "token")] += line["line_item_usage_amount"] * per_unit
        elif unit == "image":
            counted[(line["delivery"], "image")] += line["line_item_usage_amount"]
    rows = sample.rows("""
        select source_delivery, quantity_unit, sum(quantity)
        from marts.fct_ai_emissions
        where
            source = 'aws_bedrock'
            and (quantity_unit = 'token' or (quantity_unit = 'image' and meter_name not like '%MP:%'))
        group by all
    """)
    assert {row[:2] for row in rows} == set(counted)
    for delivery, unit, quantity in rows:
        assert close(quantity, counted[(delivery, unit)]), (delivery, unit)


def azure_lines() -> list[dict]:
    """Every AI line of the newest run of every month, with the name of its delivery, by the folders alone."""
    lines = []
    for period in sorted(SAMPLE.glob("azure/cost_details/*/*")):
        newest = max(period.iterdir(), key=lambda folder: folder.name)
        for file in sorted(newest.glob("*/*.csv")):
            delivery = (
                f"azure_cost_details:{period.parent.name}:{period.name[:4]}-{period.name[4:6]}:{file.parent.name}"
            )
            with file.open(encoding="utf-8-sig", newline="") as opened:
                lines += [row | {"delivery": delivery} for row in csv.DictReader(opened)]
    return [line for line in lines if line["meterCategory"] not in ("Virtual Machines", "Storage")]


def test_azure_lines_cost_and_quantities_recounted_from_the_files_are_in_the_marts(sample):
    """Tokens, images and seconds by the last word of the meter and the unit; only plain usage lines."""
    totals, quantities = defaultdict(lambda: [0, 0.0]), defaultdict(float)
    for line in azure_lines():
        total = totals[line["delivery"]]
        total[0] += 1
        total[1] += float(line["costInBillingCurrency"])
        word = line["meterName"].rpartition(" ")[2]
        if line["chargeType"] == "Usage" and word in ("Tokens", "Images", "Second"):
            unit = word.lower().removesuffix("s")
            quantities[(line["delivery"], unit)] += float(line["quantity"]) * AZURE_BLOCKS[line["unitOfMeasure"]]
    found = sample.rows("""
        select source_delivery, sum(line_count), sum(cost_amount) from marts.fct_ai_emissions
        where source = 'microsoft_foundry' group by all
    """)
    assert {row[0] for row in found} == set(totals)
    for delivery, line_count, cost in found:
        assert line_count == totals[delivery][0] and close(cost, totals[delivery][1]), delivery
    found = sample.rows("""
        select source_delivery, quantity_unit, sum(quantity) from marts.fct_ai_emissions
        where source = 'microsoft_foundry' and quantity_unit in ('token', 'image', 'second') group by all
    """)
    assert {row[:2] for row in found} == set(quantities)
    for delivery, unit, quantity in found:
        assert close(quantity, quantities[(delivery, unit)]), (delivery, unit)


def telemetry() -> list[dict]:
    """Every record of every telemetry file."""
    with duckdb.connect() as con:
        found = con.execute(f"from read_parquet('{SAMPLE}/ai_proxy/dt=*/*.parquet', hive_partitioning = false)")
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def proxy_status(record: dict) -> str:
    """By the words of the record alone, for the kinds of requests the sample has."""
    if (record["http_status"] or 0) >= 400:
        return "request_failed"
    if record["provider"] == "azure_openai":
        return "billed_elsewhere"
    if record["operation"] in ("embeddings", "audio_out", "ocr"):
        return "out_of_scope_modality"
    if record["operation"] not in ("image", "video") and record["input_tokens"] is None:
        return "usage_not_reported"
    return "unmapped_model" if "meridian" in record["model"] else "estimated"


def test_requests_tokens_images_and_seconds_recounted_from_the_telemetry_are_in_the_marts(sample):
    """Per status. Tokens of images stand apart from their requests, which count by the image."""
    counted = defaultdict(lambda: defaultdict(float))
    for record in telemetry():
        status = proxy_status(record)
        counted[status]["requests"] += 1
        tokens = (record["input_tokens"] or 0) + (record["output_tokens"] or 0)
        counted["no_usage_quantity" if record["operation"] == "image" else status]["tokens"] += tokens
        counted[status]["images"] += record["image_count"] or 0
        counted[status]["seconds"] += record["media_seconds"] or 0
    found = sample.rows("""
        select
            status, sum(line_count), coalesce(sum(tokens), 0), coalesce(sum(images), 0), coalesce(sum(video_seconds), 0)
        from marts.ai_usage_coverage where source = 'ai_proxy' group by all
    """)
    assert {status: tuple(rest) for status, *rest in found} == {
        status: tuple(counts[key] for key in ("requests", "tokens", "images", "seconds"))
        for status, counts in counted.items()
    }


def test_published_files_hold_what_the_marts_hold(sample):
    marts = [row[0] for row in sample.rows("select table_name from duckdb_tables() where schema_name = 'marts'")]
    marts += [row[0] for row in sample.rows("select view_name from duckdb_views() where schema_name = 'marts'")]
    assert {path.stem for path in sample.published.glob("*.parquet")} == set(marts)
    for mart in marts:
        published = f"read_parquet('{sample.published}/{mart}.parquet')"
        count = sample.value(f"select count(*) from marts.{mart}")
        assert sample.value(f"select count(*) from (from marts.{mart} intersect all from {published})") == count


def test_the_sample_data_comes_out_of_its_script_byte_for_byte(tmp_path):
    subprocess.run(
        [sys.executable, PROJECT / "scripts/make_sample_data.py", "--out", tmp_path], check=True, capture_output=True
    )
    written = {path.relative_to(tmp_path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    shipped = {path.relative_to(SAMPLE): path.read_bytes() for path in SAMPLE.rglob("*") if path.is_file()}
    assert written == shipped
