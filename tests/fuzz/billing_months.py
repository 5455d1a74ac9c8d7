"""Makes billing months of AWS at random and counts, in plain Python, what has to come out of them.

A month is a handful of billing lines of one payer. It is delivered twice, by two payers of its own that differ in
nothing else, in two different forms of export, each with its own order of lines, files and columns, its own case of
column names, surplus and missing columns, versions and manifest. So one build shows whether anything was lost (the
count of ``expected``) and whether form and order matter (the two deliveries against each other)."""

import csv
import gzip
import io
import json
import math
import random
import shutil
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import billing_exports as exports
import duckdb
from billing_exports import Line
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

FORMS = ("cur2_parquet", "cur2_csv", "legacy_csv", "legacy_parquet", "focus_1_0", "focus_1_2")
PERIODS = [date(year, month, 1) for year in (2024, 2025, 2026) for month in range(1, 13)]
# Billing periods in which no export has a manifest: an export of unknown payer is taken for the same payer, so such a
# period holds exports of one form only.
SILENT = PERIODS[::4]

REGIONS = {
    "us-east-1": "USE1",
    "us-west-2": "USW2",
    "eu-west-1": "EU",
    "eu-central-1": "EUC1",
    "ap-northeast-1": "APN1",
    "sa-east-1": "SAE1",
}


@dataclass(frozen=True)
class Meter:
    """A usage type without its prefix, and what the price lists say it means: single units in one billed unit."""

    name: str
    unit: str
    factor: float
    counted_in: str
    status: str
    marketplace: str | None = None


METERS = [
    Meter("NovaPro-input-tokens", "1K tokens", 1e3, "token", "estimated"),
    Meter("NovaLite-output-tokens", "1K tokens", 1e3, "token", "estimated"),
    Meter("NovaLite-cache-read-input-token-count", "1K tokens", 1e3, "token", "estimated"),
    Meter("Nova2.0Lite-input-tokens-cross-region-global", "1K tokens", 1e3, "token", "estimated"),
    Meter("Qwen3-32B-input-tokens-batch", "1K tokens", 1e3, "token", "estimated"),
    Meter("gpt-oss-120b-output-tokens-flex", "1K tokens", 1e3, "token", "estimated"),
    Meter("Claude3Haiku-input-tokens", "1K tokens", 1e3, "token", "estimated"),
    Meter("xai.grok-4.3-mantle-input-tokens-standard", "1M tokens", 1e6, "token", "estimated"),
    Meter("NovaCanvas-T2I-1024-Premium", "image", 1, "image", "estimated"),
    Meter("NovaReel-T2V-Medfps-HDRes", "video", 1, "second", "estimated"),
    Meter("MP:{}_InputTokenCount-Units", "Units", 1e6, "token", "estimated", "Claude Sonnet 4"),
    Meter("MP:{}_OutputTokenCount-Units", "Units", 1e6, "token", "estimated", "Claude Haiku 4.5"),
    Meter("MP:{}_CacheReadInputTokenCount_Global-Units", "Units", 1e6, "token", "estimated", "Claude Sonnet 4.5"),
    Meter("TitanEmbeddingV2-Text-input-tokens", "1K tokens", 1e3, "token", "out_of_scope_modality"),
    Meter("Guardrail-ContentPolicyUnitsConsumed", "TextUnit", 1, "textunit", "not_model_usage"),
    Meter("Qwen3-32B-ProvisionedThroughput-NoCommit-ModelUnits", "hour", 1, "hour", "no_usage_quantity"),
    Meter("Zephyr9-input-tokens", "1K tokens", 1e3, "token", "unmapped_model"),
    Meter("NovaPro-output-tokens", "1B tokens", 1, "1b tokens", "unknown_unit"),
]
USAGE_TYPES = ("Usage", "DiscountedUsage", "SavingsPlanCoveredUsage")

# What separates, quotes and ends things in files, and letters of several scripts.
ODD = "xyzäßЖя漢字🙂ñ'\"`,;|{}[]()\\/&%$#=+*<>~^!?:"
texts = st.text(ODD, min_size=1, max_size=6)
amounts = st.one_of(
    st.floats(1e-9, 1e6),
    st.integers(1, 10**9).map(float),
    st.sampled_from([1e-300, 5e-324, 1e-12, 0.0, 0.1, 1 / 3, 123456.789, 2.0**53 + 2, 1e15, 1e18]),
    # Corrections, small enough that no sum of them with the others loses its digits.
    st.floats(-1e-6, -1e-9),
)
odd_amounts = st.sampled_from(
    ["a lot", "NaN", "nan", "Infinity", "-inf", "1,5", "--", "0x10", "", None, "1e400", "1 000"]
)
text_amounts = st.sampled_from(["1e3", "1E-3", "007", "+7", " 5 ", "3.", ".5", "1000000000000000000000"])
costs = st.one_of(st.floats(0, 1e6), st.sampled_from([0.0, 1e-12, 1e12]), st.floats(-1e-6, 0))
regions = st.one_of(st.sampled_from([*REGIONS]), st.none(), st.just("mars-north-1"))
tags = st.dictionaries(st.sampled_from(["team", "CostCenter", "app-id", "Environment"]), texts, max_size=3)


@st.composite
def lines(draw, is_text: bool):
    """A line of a bill; ``is_text`` allows values that no typed column could hold."""
    meter = draw(st.sampled_from(METERS))
    region = draw(regions)
    prefix = REGIONS.get(region) or draw(st.sampled_from([*REGIONS.values()]))
    amount, cost, day = draw(amounts), draw(costs), f"{draw(st.integers(1, 28)):02}"
    if is_text:
        amount = draw(st.one_of(st.just(amount), odd_amounts, text_amounts))
        cost = draw(st.one_of(st.just(cost), st.just("free"), st.none()))
        day = draw(st.one_of(st.just(day), st.sampled_from(["99", "x", ""])))
    line = Line(
        f"{prefix}-{meter.name.format(prefix)}",
        amount,
        day=day,
        account=draw(st.sampled_from(["0", "1", "2", "2", None])),
        unit=meter.unit,
        cost=cost,
        currency=draw(st.sampled_from(["USD", "USD", "EUR"])),
        line_type=draw(st.sampled_from([*USAGE_TYPES, *USAGE_TYPES, "Usage", "Usage", "Credit", "Tax"])),
        region=region,
        resource=draw(st.one_of(st.none(), texts.map("app-{}".format))),
        description=None if meter.marketplace else draw(st.one_of(st.none(), texts)),
        tags=draw(tags),
        categories=draw(st.dictionaries(st.sampled_from(["Unit", "CostCenter"]), texts, max_size=1)),
    )
    if meter.marketplace:
        line = replace(
            line,
            entity="AWS Marketplace",
            product_code="opaque" + "".join(c for c in meter.marketplace.lower() if c.isalnum()),
            product_name=f"{meter.marketplace} (Amazon Bedrock Edition)",
        )
    return line


OTHER = Line("BoxUsage:m7g.large", 24.0, product_code="AmazonEC2", product_name="Amazon EC2", unit="Hrs", day="05")


@dataclass(frozen=True)
class Month:
    """Lines without payer, and what a later delivery of the same month holds (None: there is none)."""

    period: date
    lines: tuple[Line, ...]
    restated: tuple[Line, ...] | None
    is_text: bool
    forms: tuple[str, str]
    seeds: tuple[int, int]


@st.composite
def months(draw):
    is_text = draw(st.booleans())
    some = st.lists(lines(is_text), min_size=1, max_size=8)
    held = draw(some)
    # The same line several times is several lines.
    held += draw(st.lists(st.sampled_from(held), max_size=3))
    return Month(
        draw(st.sampled_from(PERIODS)),
        tuple([*held, *draw(st.lists(st.just(OTHER), max_size=1))]),
        draw(st.one_of(st.none(), st.none(), some.map(tuple))),
        is_text,
        tuple(draw(st.permutations(FORMS))[:2]),
        (draw(st.integers(0, 2**32)), draw(st.integers(0, 2**32))),
    )


def collected(months, count: int, number: int) -> list:
    """``count`` examples of a strategy, always the same ones for the same ``number`` in the same program."""
    found = []

    @seed(number)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(months)
    def collect(month) -> None:
        found.append(month)

    collect()
    return found[:count]


def make_months(count: int, number: int) -> list[Month]:
    return collected(months(), count, number)


@dataclass
class Delivery:
    """A month as one payer's export of one form."""

    number: int
    twin: int
    month: Month
    form: str
    chance: random.Random
    has_manifest: bool

    @property
    def payer(self) -> str:
        return f"9{self.number:010}{self.twin}"

    @property
    def export(self) -> str:
        return f"export{self.number}-{self.twin}"

    def lines_of(self, version: tuple[Line, ...]) -> list[Line]:
        """The lines with account, payer and dates of this delivery, in an order of its own."""
        month = self.month.period
        found = [
            replace(
                line,
                month=month,
                day=f"{month:%Y-%m}-{line.day}T00:00:00Z" if line.day else line.day,
                payer=self.payer,
                account=None if line.account is None else f"1{self.number:09}{self.twin}{line.account}",
            )
            for line in version
        ]
        self.chance.shuffle(found)
        return found


def deliveries(found: list[Month], number: int) -> list[Delivery]:
    """Two of each month. In a period without manifests there is one form only, so its months take that form twice."""
    forms = {period: FORMS[index % len(FORMS)] for index, period in enumerate(SILENT)}
    made = []
    for index, month in enumerate(found):
        for twin in (0, 1):
            is_silent = month.period in forms
            # The legacy report for Athena never has a manifest: outside of silent periods its CSV stands in.
            form = forms[month.period] if is_silent else month.forms[twin].replace("legacy_parquet", "legacy_csv")
            chance = random.Random(f"{number}-{month.seeds[twin]}-{twin}")
            made.append(Delivery(index, twin, month, form, chance, not is_silent))
    return made


def rows_of(delivery: Delivery, version: tuple[Line, ...]) -> list[dict]:
    found = delivery.lines_of(version)
    if delivery.form.startswith("focus"):
        return [exports.focus_row(line, delivery.form[6:].replace("_", ".")) for line in found]
    if delivery.form.startswith("legacy"):
        return [exports.legacy_row(line, delivery.form == "legacy_csv") for line in found]
    return [exports.cur2_row(line) for line in found]


REQUIRED = {
    "bill_billing_period_start_date",
    "line_item_usage_start_date",
    "line_item_usage_account_id",
    "line_item_line_item_type",
    "line_item_product_code",
    "line_item_usage_type",
    "line_item_usage_amount",
    "line_item_unblended_cost",
    "product",
}
REQUIRED |= {exports.LEGACY_CSV[name] for name in REQUIRED - {"product"}} | {
    "BillingPeriodStart",
    "ChargePeriodStart",
    "SubAccountId",
    "ChargeCategory",
    "ServiceName",
    "ConsumedQuantity",
    "PricingQuantity",
    "EffectiveCost",
}


def columns_of(rows: list[dict], chance: random.Random) -> list[str]:
    """Names in an order of their own, some of those left out that hold nothing, and some nobody knows put in."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    empty = {name for name in names if name not in REQUIRED and not any(row.get(name) for row in rows)}
    names = [name for name in names if name not in empty or chance.random() < 0.5]
    names += chance.sample(["x_new", "spalte ä", "列", "identity/LineItemId", 'a "b"'], chance.randrange(3))
    chance.shuffle(names)
    return names


def respelt(name: str, chance: random.Random) -> str:
    """Another case; a column of one tag or cost category is named by its key, which has the case it has."""
    if name.lower().startswith(("resourcetags/", "costcategory/", "resource_tags_", "cost_category_")):
        return name
    return chance.choice([name, name, name.upper(), name.lower()])


def write_parquet(con, rows: list[dict], path: Path, chance: random.Random, is_text: bool) -> None:
    names = columns_of(rows, chance)
    kinds = [exports.TYPES.get(name, "varchar") for name in names]
    if is_text:
        kinds = [kind if kind.startswith("map") else "varchar" for kind in kinds]
    quoted = [f'"{respelt(name, chance).replace(chr(34), chr(34) * 2)}"' for name in names]
    con.execute(f"create or replace table export ({', '.join(f'{n} {k}' for n, k in zip(quoted, kinds, strict=True))})")
    values = [[null_as_text(row.get(name), name, chance, is_text) for name in names] for row in rows]
    con.executemany(f"insert into export values ({', '.join('?' * len(names))})", values)
    path.parent.mkdir(parents=True, exist_ok=True)
    compression = chance.choice(["snappy", "zstd", "uncompressed"])
    con.execute(f"copy export to '{path}' (format parquet, compression {compression})")


def null_as_text(value, name: str, chance: random.Random, is_text: bool):
    """No value is written as NULL, as nothing, or by its name."""
    if value is not None or not is_text:
        return value
    return None if name in ("product", "Tags") else chance.choice([None, "", "NULL", "null"])


def write_csv(rows: list[dict], path: Path, chance: random.Random, is_text: bool) -> None:
    names = columns_of(rows, chance)
    text = io.StringIO()
    quoting = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    writer = csv.writer(text, lineterminator=chance.choice(["\n", "\r\n"]), quoting=quoting)
    writer.writerow([respelt(name, chance) for name in names])
    for row in rows:
        values = [null_as_text(row.get(name), name, chance, is_text) for name in names]
        writer.writerow(
            [json.dumps(v, ensure_ascii=chance.random() < 0.5) if isinstance(v, dict) else v for v in values]
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    content = text.getvalue().encode()
    path.write_bytes(gzip.compress(content, mtime=0, compresslevel=1) if path.suffix == ".gz" else content)


def lay_out(con, root: Path, delivery: Delivery, version: tuple[Line, ...], number: int) -> list[Path]:
    """Write version ``number`` of a delivery as its form does: runs are kept or overwrite each other. Older files that
    are kept can no longer be read. Returns the files that count."""
    chance = delivery.chance
    month = delivery.month.period
    end = exports.month_end(month)
    keeps_runs = delivery.number % 3 == 0
    kind = "parquet" if "parquet" in delivery.form or delivery.form.startswith("focus_1_2") else "csv"
    suffix = {"parquet": "snappy.parquet", "csv": "csv.gz" if delivery.number % 2 else "csv"}[kind]
    name = delivery.export
    run = f"{end.year}-{end.month:02}-{3 + number:02}T04:00:00.000Z-{chance.randrange(16**4):04x}" if keeps_runs else ""
    if delivery.form == "legacy_csv":
        period = f"{month:%Y%m%d}-{end:%Y%m%d}"
        top = root / "aws/cur_legacy/billing" / name / period
        place = top / run if keeps_runs else top
        manifests = [top / f"{name}-Manifest.json", place / f"{name}-Manifest.json"]
    elif delivery.form == "legacy_parquet":
        top = place = root / "aws/cur_legacy/billing" / name / name / f"year={month.year}/month={month.month}"
        manifests = []
    else:
        below = root / "aws" / ("cur2" if delivery.form.startswith("cur2") else "focus") / name
        top = below / "data" / f"BILLING_PERIOD={month:%Y-%m}"
        place = top / run if keeps_runs else top
        manifests = [below / "metadata" / f"BILLING_PERIOD={month:%Y-%m}" / f"{name}-Manifest.json"]
    for old in [path for path in top.rglob("*") if path.is_file() and "Manifest" not in path.name]:
        if keeps_runs and delivery.has_manifest:
            old.write_bytes(b"\x00 nobody opens this file")
        elif not keeps_runs or delivery.form == "legacy_parquet":
            old.unlink()
    rows = rows_of(delivery, version)
    files = []
    for part, some in enumerate(exports.chunks(rows, chance.randint(1, 3)), start=1):
        path = place / f"{name}-{part:05}.{suffix}"
        if kind == "parquet":
            write_parquet(con, some, path, chance, delivery.month.is_text)
        else:
            write_csv(some, path, chance, delivery.month.is_text)
        files.append(path)
    if delivery.has_manifest:
        for path in manifests:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(
                json.dumps(manifest_of(delivery, files, root, run or f"run-{number}"), indent=chance.choice([None, 2]))
            )
    return files


def manifest_of(delivery: Delivery, files: list[Path], root: Path, run: str) -> dict:
    keys = [f"s3://bucket/prefix/{path.relative_to(root)}" for path in files]
    if delivery.form == "legacy_csv":
        month = delivery.month.period
        period = {"start": f"{month:%Y%m%d}T000000.000Z", "end": f"{exports.month_end(month):%Y%m%d}T000000.000Z"}
        below = root / "aws/cur_legacy"
        return {
            "assemblyId": run,
            "account": delivery.payer,
            "billingPeriod": period,
            "reportKeys": [str(path.relative_to(below)) for path in files],
        }
    return {
        "exportArn": f"arn:aws:bcm-data-exports:us-east-1:{delivery.payer}:export/{delivery.export}-0a1b",
        "executionId": run,
        "dataFiles": keys,
    }


def number_of(value) -> float | None:
    """What a billed amount means, None if it is no finite number."""
    if isinstance(value, str):
        value = value.strip()
        if not value or any(c in value for c in ",_x ") or value.lower().lstrip("+-") in ("nan", "inf", "infinity"):
            return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def expected(delivery: Delivery, version: tuple[Line, ...]) -> dict[tuple, list[float]]:
    """Lines, quantity and cost by account, status, unit and currency: what has to stand in the fact, counted without
    any SQL of the project."""
    found: dict[tuple, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for line in delivery.lines_of(version):
        if line.product_code == "AmazonEC2":
            continue
        status, unit, quantity = outcome(line)
        amounts_of_key = found[line.account, status, unit, line.currency]
        amounts_of_key[0] += 1
        amounts_of_key[1] += quantity or 0.0
        amounts_of_key[2] += number_of(line.cost) or 0.0
    return dict(found)


def meter_of(line: Line) -> Meter:
    prefix, _, name = line.usage_type.partition("-")
    # A model is told by its product name where the usage type does not name one.
    return next(
        meter
        for meter in METERS
        if meter.name.format(prefix) == name and (meter.marketplace or "Amazon Bedrock") in line.product_name
    )


def outcome(line: Line) -> tuple[str, str | None, float | None]:
    """Status, unit and quantity of a line."""
    meter = meter_of(line)
    if line.line_type not in USAGE_TYPES:
        return "excluded_charge", None, None
    amount = number_of(line.amount)
    is_day = line.day[8:10].isdigit() and int(line.day[8:10]) <= 28
    if amount is None or not is_day or line.account is None:
        return "invalid_row", meter.counted_in, None
    status = meter.status
    if status == "estimated" and line.region == "mars-north-1":
        status = "unmapped_region"
    return status, meter.counted_in, amount * meter.factor


def close_to(left: float, right: float) -> bool:
    return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-300)


FACT = """
    select account_id, status, quantity_unit, cost_currency, line_count, quantity, cost_amount, billing_account_id,
        usage_month
    from marts.fct_ai_emissions
    where source = 'aws_bedrock'
"""


def losses(con, state: dict[int, tuple[Line, ...]], made: list[Delivery]) -> list[str]:
    """What differs between the fact and the count of every delivery; ``state`` has the version in force by number."""
    counted: dict[str, dict[tuple, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0, 0.0]))
    for account, status, unit, currency, count, quantity, cost, payer, month in con.execute(FACT).fetchall():
        sums = counted[f"{payer} {month}"][account, status, unit, currency]
        sums[0] += count
        sums[1] += quantity or 0.0
        sums[2] += cost or 0.0
    found = []
    for delivery in made:
        wanted = expected(delivery, state[delivery.number])
        there = counted.pop(f"{delivery.payer} {delivery.month.period}", {})
        for key in wanted.keys() | there.keys():
            left, right = wanted.get(key, [0, 0.0, 0.0]), there.get(key, [0, 0.0, 0.0])
            if left[0] != right[0] or not all(map(close_to, left[1:], right[1:])):
                found.append(f"{delivery.export} {delivery.form} {delivery.month.period}: {key}: {left}, found {right}")
    return found + [f"{key}: usage that no delivery holds" for key in counted]


EXEMPT = {"emission_id", "source_delivery", "usage_quality", "account_name", "account_id", "billing_account_id"}


def differences_of_twins(con, made: list[Delivery]) -> list[str]:
    """Months whose two deliveries do not give the same rows of the fact."""
    forms = {delivery.payer: delivery.form for delivery in made}
    columns = [row[0] for row in con.execute("describe marts.fct_ai_emissions").fetchall() if row[0] not in EXEMPT]
    # Rows that differ in what is exempt alone are one row here, so their lines are added up as well.
    columns = [f"cast({name} as double)" if name == "line_count" else name for name in columns]
    query = (
        f"select billing_account_id, account_id, {', '.join(columns)} from marts.fct_ai_emissions"
        " where source = 'aws_bedrock'"
    )
    twins: dict[tuple[str, str], dict[tuple, list[float]]] = defaultdict(dict)
    for payer, account, *row in con.execute(query).fetchall():
        measures = [value for value in row if isinstance(value, float)]
        key = (account and account[-1], *[None if isinstance(value, float) else value for value in row])
        held = twins[payer[:-1], payer[-1]].setdefault(key, [0.0] * len(measures))
        twins[payer[:-1], payer[-1]][key] = [a + b for a, b in zip(held, measures, strict=True)]
    found = []
    for month in sorted({payer for payer, _ in twins}):
        one, two = twins.get((month, "0"), {}), twins.get((month, "1"), {})
        keys = one.keys() ^ two.keys()
        unlike = [key for key in one.keys() & two.keys() if not all(map(close_to, one[key], two[key]))]
        which = f"{month} {forms[month + '0']} {forms[month + '1']}"
        found += [f"{which}: {key} in {'the first' if key in one else 'the second'} only" for key in keys]
        found += [f"{which}: {key}: {one[key]} and {two[key]}" for key in unlike]
    return found


RATED = """
    select model_id, modality, usage_kind, service_tier, processing_scope, region_used, usage_date, power_figure_id,
        meter_name, quantity, wh_per_unit, psu_factor, pue, transmission_factor, carbon_intensity_gco2e_per_kwh,
        it_kwh, facility_kwh, kwh, gco2e, status
    from marts.fct_ai_emissions
"""


def faults_of_energy(con) -> list[str]:
    """Rows whose energy does not follow from quantity and factors, in plain Python: each factor once, all of them
    finite and above 0, energy in proportion to quantity; and energy where the status allows none."""
    found = []
    rates: dict[tuple, list[float]] = defaultdict(list)
    rows = con.execute(RATED).fetchall()
    for *key, quantity, wh, psu, pue, transmission, intensity, it, facility, kwh, grams, status in rows:
        energies = (it, facility, kwh, grams)
        if status != "estimated":
            found += [f"{key}: {status} carries energy"] if any(value is not None for value in energies) else []
            continue
        factors = (wh, psu, pue, transmission, intensity)
        if not all(value is not None and math.isfinite(value) and value > 0 for value in factors):
            found.append(f"{key}: factors {factors}")
            continue
        steps = (quantity * wh / 1000, it * psu * pue, facility * transmission, kwh * intensity)
        if not all(map(close_to, energies, steps)):
            found.append(f"{key}: {energies} instead of {steps}")
        if abs(quantity) > 1e-200:
            rates[tuple(key)].append(grams / quantity)
    unlike = {key: both for key, both in rates.items() if not close_to(min(both), max(both))}
    found += [f"{key}: from {min(both)} to {max(both)} g per unit" for key, both in unlike.items()]
    return found


def open_warehouse(path: Path):
    return duckdb.connect(str(path), read_only=True)


def clear(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
