"""Makes billing months of Microsoft Foundry at random, as ``billing_months`` does for AWS: each is delivered twice, for
two subscriptions that differ in nothing else, in two forms of Azure cost export, and counted in plain Python."""

import random
import re
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import azure_exports as exports
from azure_exports import Line
from billing_months import PERIODS, close_to, collected, number_of, texts
from hypothesis import strategies as st

FORMS = ("ea", "mca", "payg", "focus_1_0", "focus_1_2")
ROWS = {
    "ea": exports.ea_row,
    "mca": exports.mca_row,
    "payg": exports.payg_row,
    "focus_1_0": lambda line: exports.focus_row(line, "1.0"),
    "focus_1_2": exports.focus_row,
}
REGIONS = {"eastus2": "East US 2", "swedencentral": "Sweden Central", "francecentral": "France Central"}


@dataclass(frozen=True)
class Meter:
    """A meter, and what the price list says it means: ``counted_in`` the single unit."""

    name: str
    subcategory: str
    unit: str
    price: float
    counted_in: str
    status: str


METERS = [
    Meter("gpt 4o 1120 Inp glbl Tokens", "Azure OpenAI", "1K", 0.0025, "token", "estimated"),
    Meter("gpt 4o 1120 cached Inp Data Zone Tokens", "Azure OpenAI", "1K", 0.00125, "token", "estimated"),
    Meter("gpt 4.1 nano Inp glbl Tokens", "Azure OpenAI", "1K", 0.0001, "token", "estimated"),
    Meter("o3 mini 0131 input regnl Tokens", "Azure OpenAI", "1K", 0.0011, "token", "estimated"),
    Meter("R1 Outp glbl Tokens", "Azure Deepseek Models", "1K", 0.0054, "token", "estimated"),
    Meter("Llama 3.3 70B Inp regnl Tokens", "Azure Llama Models", "1K", 0.00071, "token", "estimated"),
    Meter("Image-Dall-E-3 HD HighRes-regnl EP Images", "Azure OpenAI", "100", 13.2, "image", "estimated"),
    Meter("Sora 2 glbl Second", "Azure OpenAI Media", "1", 0.1, "second", "estimated"),
    Meter("GPT 5 Mini Inpt Glbl 1M Tokens", "Azure OpenAI GPT5", "1M", 0.25, "token", "no_power_figure"),
    Meter("text-embedding-3-small-glbl Tokens", "Azure OpenAI", "1K", 0.00002, "token", "out_of_scope_modality"),
    Meter("Zephyr 9 Inp glbl Tokens", "Azure OpenAI", "1K", 0.002, "token", "unmapped_model"),
]
BY_NAME = {meter.name: meter for meter in METERS}
NO_AMOUNTS = ["a lot", "NaN", "Infinity", "1,5", "", None, "1e400"]


@st.composite
def lines(draw, is_text: bool, currency: str):
    meter = draw(st.sampled_from(METERS))
    region = draw(st.sampled_from([*REGIONS, "mars north"]))
    quantity = float(draw(st.one_of(st.integers(1, 10**7), st.integers(10**7, 10**15), st.integers(-50, -1))))
    discount = draw(st.sampled_from([1.0, 1.0, 0.9, 0.5, 1.1, 0.0]))
    day = f"{draw(st.integers(1, 28)):02}"
    if is_text:
        quantity = draw(st.one_of(st.just(quantity), st.sampled_from(NO_AMOUNTS)))
        day = draw(st.one_of(st.just(day), st.just("x")))
    line = Line(
        meter.name,
        quantity,
        meter.price,
        meter.unit,
        meter.subcategory,
        day=day,
        resource=draw(st.sampled_from(["foundry-one", "foundry-two", "x"])),
        region=region,
        region_name=REGIONS.get(region, "Mars North"),
        currency=currency,
        tags=draw(st.dictionaries(st.sampled_from(["team", "CostCenter", "Environment"]), texts, max_size=2)),
        product=draw(st.one_of(st.none(), st.sampled_from(["Foundry", '日本, "x"']))),
    )
    return replace(line, cost=line.net_cost * discount if isinstance(quantity, float) else 0.25)


OTHER = Line("D2s v3", 24.0, 0.1, "1 Hour", "Dv3 Series", "Virtual Machines", service="Microsoft.Compute", day="05")


@dataclass(frozen=True)
class Month:
    """Lines without subscription, and what a later run of the same month holds (None: there is none)."""

    period: date
    lines: tuple[Line, ...]
    restated: tuple[Line, ...] | None
    is_text: bool
    forms: tuple[str, str]
    seeds: tuple[int, int]


@st.composite
def months(draw):
    is_text = draw(st.booleans())
    currency = draw(st.sampled_from(["USD", "USD", "EUR"]))
    some = st.lists(lines(is_text, currency), min_size=1, max_size=8)
    held = draw(some)
    held += draw(st.lists(st.sampled_from(held), max_size=3))
    return Month(
        draw(st.sampled_from(PERIODS)),
        tuple([*held, *draw(st.lists(st.just(OTHER), max_size=1))]),
        draw(st.one_of(st.none(), st.none(), some.map(tuple))),
        is_text,
        tuple(draw(st.permutations(FORMS))[:2]),
        (draw(st.integers(0, 2**32)), draw(st.integers(0, 2**32))),
    )


def make_months(count: int, number: int) -> list[Month]:
    return collected(months(), count, number)


@dataclass
class Delivery:
    """A month of one subscription as an export of one form."""

    number: int
    twin: int
    month: Month
    form: str
    chance: random.Random

    @property
    def subscription(self) -> str:
        return f"{self.number:08x}-0000-4000-8000-00000000000{self.twin}"

    def lines_of(self, version: tuple[Line, ...]) -> list[Line]:
        month = self.month.period
        found = [
            replace(
                line,
                month=month,
                day=month.replace(day=int(line.day)) if line.day.isdigit() else line.day,
                subscription=self.subscription,
            )
            for line in version
        ]
        self.chance.shuffle(found)
        return found


def deliveries(found: list[Month], number: int) -> list[Delivery]:
    return [
        Delivery(index, twin, month, month.forms[twin], random.Random(f"azure-{number}-{month.seeds[twin]}-{twin}"))
        for index, month in enumerate(found)
        for twin in (0, 1)
    ]


def respelt(name: str, chance: random.Random) -> str:
    """Azure spells a column with blanks, underscores and any case."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return chance.choice([name, name, name.upper(), name.lower(), spaced, spaced.replace(" ", "_")])


def laid_out(rows: list[dict], chance: random.Random, is_csv: bool) -> list[dict]:
    """The same rows with columns in another order, spelt otherwise (CSV), some without any value left out."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    # What tells kinds of agreement and versions apart stays.
    optional = {name for name in names if name in ("PlanName", "planName", "x_SkuPlanName", "ProductName", "product")}
    empty = {name for name in optional if not any(row.get(name) for row in rows)}
    names = [name for name in names if name not in empty or chance.random() < 0.5]
    chance.shuffle(names)
    spelt = {name: respelt(name, chance) if is_csv and not name.startswith("x_") else name for name in names}
    return [{spelt[name]: row.get(name) for name in names} for row in rows]


def lay_out(con, root: Path, delivery: Delivery, version: tuple[Line, ...], number: int) -> list[Path]:
    """Write version ``number`` as a run of its own; older runs can no longer be read."""
    chance, month = delivery.chance, delivery.month.period
    is_focus = delivery.form.startswith("focus")
    folder = "focus" if is_focus else "cost_details"
    export = f"export{delivery.number}-{delivery.twin}"
    for old in (root / "azure" / folder / export).rglob("part_*"):
        old.write_bytes(b"\x00 nobody opens this file")
    end = exports.month_end(month)
    can_be_parquet = is_focus and not delivery.month.is_text
    suffix = chance.choice(["csv", "csv.gz", "parquet"] if can_be_parquet else ["csv", "csv.gz"])
    rows = laid_out([ROWS[delivery.form](line) for line in delivery.lines_of(version)], chance, suffix != "parquet")
    options = {} if suffix == "parquet" else {"bom": chance.random() < 0.3, "mixed_line_ends": chance.random() < 0.3}
    return exports.write_run(
        root,
        folder,
        rows,
        month,
        export=export,
        run=f"{end:%Y%m}{20 + number}0400/{chance.randrange(16**8):08x}",
        submitted=f"{end:%Y-%m}-{20 + number}T04:00:00.000Z",
        export_type="FocusCost" if is_focus else "ActualCost",
        scope=f"/subscriptions/{delivery.subscription}",
        suffix=suffix,
        count=chance.randint(1, 3),
        # Of all runs of an export or of none.
        manifest=delivery.form != "payg" and delivery.number % 5 > 0,
        **options,
    )


def expected(delivery: Delivery, version: tuple[Line, ...]) -> dict[tuple, list[float]]:
    """Lines, quantity and cost by status, unit and currency, counted without any SQL of the project."""
    found: dict[tuple, list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for line in delivery.lines_of(version):
        if line.category == "Virtual Machines":
            continue
        meter, quantity = BY_NAME[line.meter], number_of(line.quantity)
        status = meter.status
        if quantity is None or not isinstance(line.day, date):
            status, quantity = "invalid_row", None
        elif status in ("estimated", "no_power_figure") and line.region == "mars north":
            status = "unmapped_region"
        sums = found[status, meter.counted_in, line.currency]
        sums[0] += 1
        sums[1] += quantity or 0.0
        sums[2] += line.net_cost
    return dict(found)


FACT = """
    select account_id, usage_month, status, quantity_unit, cost_currency, line_count, quantity, cost_amount
    from marts.fct_ai_emissions
    where source = 'microsoft_foundry'
"""


def losses(con, state: dict[int, tuple[Line, ...]], made: list[Delivery]) -> list[str]:
    counted: dict[tuple, dict[tuple, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0, 0.0, 0.0]))
    for account, month, status, unit, currency, count, quantity, cost in con.execute(FACT).fetchall():
        sums = counted[account, month][status, unit, currency]
        sums[0] += count
        sums[1] += quantity or 0.0
        sums[2] += cost or 0.0
    found = []
    for delivery in made:
        wanted = expected(delivery, state[delivery.number])
        there = counted.pop((delivery.subscription, delivery.month.period), {})
        for key in wanted.keys() | there.keys():
            left, right = wanted.get(key, [0, 0.0, 0.0]), there.get(key, [0, 0.0, 0.0])
            if left[0] != right[0] or not all(map(close_to, left[1:], right[1:])):
                found.append(f"{delivery.subscription} {delivery.form}: {key}: {left}, found {right}; {delivery.month}")
    return found + [f"{key}: usage that no delivery holds" for key in counted]


EXEMPT = {"emission_id", "source_delivery", "usage_quality", "account_name", "account_id", "resource_id"}


def differences_of_twins(con, made: list[Delivery]) -> list[str]:
    """Months whose two deliveries do not give the same rows of the fact."""
    columns = [row[0] for row in con.execute("describe marts.fct_ai_emissions").fetchall() if row[0] not in EXEMPT]
    # Rows that differ in what is exempt alone are one row here, so their lines are added up as well.
    columns = [f"cast({name} as double)" if name == "line_count" else name for name in columns]
    named = ", ".join(["account_id", "resource_id", *columns])
    query = f"select {named} from marts.fct_ai_emissions where source = 'microsoft_foundry'"
    forms = {delivery.subscription: delivery.form for delivery in made}
    twins: dict[tuple[str, str], dict[tuple, list[float]]] = defaultdict(dict)
    for account, resource, *row in con.execute(query).fetchall():
        measures = [value for value in row if isinstance(value, float)]
        key = (resource.rpartition("/")[2], *[None if isinstance(value, float) else value for value in row])
        held = twins[account[:-1], account[-1]].setdefault(key, [0.0] * len(measures))
        twins[account[:-1], account[-1]][key] = [a + b for a, b in zip(held, measures, strict=True)]
    found = []
    for month in sorted({account for account, _ in twins}):
        one, two = twins.get((month, "0"), {}), twins.get((month, "1"), {})
        which = f"{month} {forms[month + '0']} {forms[month + '1']}"
        unlike = [key for key in one.keys() & two.keys() if not all(map(close_to, one[key], two[key]))]
        keys = one.keys() ^ two.keys()
        found += [f"{which}: {key} in {'the first' if key in one else 'the second'} only" for key in keys]
        found += [f"{which}: {key}: {one[key]} and {two[key]}" for key in unlike]
    return found
