"""The report page in a real browser: it needs nothing beside it, its numbers are those of the marts, everybody can read
it, and odd data do not break it."""

import os
import re
import shutil
import warnings
from itertools import pairwise

import duckdb
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright
from report_pages import NUMBERS, Recount, change_marts

from ai_emissions.report.cli import main
from ai_emissions.report.marts import Marts, ReportError

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
LOOKS = [(width, scheme) for width in (390, 768, 1440) for scheme in ("light", "dark")]
SECTIONS = {
    "months": "ai_emissions_change",
    "sources": "ai_emissions_by_account_month",
    "coverage": "ai_usage_unmapped",
    "sure": "ai_emissions_sensitivity",
    "what-if": "ai_emissions_what_if",
    "intensity": "sci_operational_by_model_month",
    "look": "fct_ai_emissions",
    "equivalences": "emission_equivalences",
    "method": "emission_factors",
}


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        reason = "NO BROWSER: the report page is not tested. Install Chromium, or name it in CHROMIUM."
        warnings.warn(reason, stacklevel=1)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class Reader:
    """A page as somebody has it open, with what went wrong on the way."""

    def __init__(self, chromium, file, width: int, scheme: str) -> None:
        self.context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.page = self.context.new_page()
        self.messages: list[str] = []
        self.requests: list[str] = []
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())
        self.address = file.as_uri()

    def scrolls_sideways(self) -> bool:
        return self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")

    def assert_sound(self) -> None:
        assert self.messages == []
        assert self.requests == [self.address]
        assert not self.scrolls_sideways()


@pytest.fixture
def read(chromium):
    """``read(file, width, scheme)`` opens a page."""
    readers = []

    def open_page(file, width: int = 1440, scheme: str = "light") -> Reader:
        readers.append(Reader(chromium, file, width, scheme))
        return readers[-1]

    yield open_page
    for reader in readers:
        reader.context.close()


@pytest.fixture(scope="session")
def report(sample, tmp_path_factory):
    """The page of the sample organisation."""
    file = tmp_path_factory.mktemp("report") / "report.html"
    assert main(["--export-dir", str(sample.published), "--out", str(file)]) == 0
    return file


@pytest.fixture
def odd_report(sample, tmp_path, capsys):
    """``odd_report({mart: query})`` makes the page of changed marts, and returns page and marts."""

    def make(changes: dict[str, str]):
        folder = change_marts(sample.published, tmp_path / "odd/marts", changes)
        assert main(["--export-dir", str(folder)]) == 0, capsys.readouterr().err
        return tmp_path / "odd/report.html", folder

    return make


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_opens_offline_and_everybody_can_read_it(report, read, width, scheme):
    reader = read(report, width, scheme)
    reader.assert_sound()
    # A closed table is read by nobody, also not by the checker.
    reader.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    assert not reader.scrolls_sideways()
    found = Axe().run(reader.page, options={"resultTypes": ["violations"]}).response["violations"]
    assert not [(one["id"], one["help"], [node["html"] for node in one["nodes"][:3]]) for one in found]
    charts = reader.page.locator(".chart svg:visible").count()
    assert charts == reader.page.locator(".chart").count() == 3


def test_the_page_is_one_small_file_without_script(report):
    page = report.read_text(encoding="utf-8")
    assert len(page.encode()) < 2_000_000
    assert "<script" not in page
    assert not re.findall(r'(?:src|href)="(?!#|data:)|url\((?!#)|@import|javascript:| on\w+="', page)


def test_every_number_of_the_page_is_that_of_the_marts(sample, report, read):
    numbers = read(report).page.evaluate(NUMBERS)
    recount = Recount(sample.published)
    assert len(numbers) > 500
    assert not [problem for problem in map(recount.wrong, numbers) if problem]
    # The worked example of the method is among them.
    assert any(
        n["mart"] == "ai_emissions_by_account_month" and abs(float(n["value"]) - 18500.62032) < 1e-4 for n in numbers
    )


def test_every_section_shows_numbers_of_its_mart(report, read):
    page = read(report).page
    for section, mart in SECTIONS.items():
        assert page.locator(f"#{section} [data-mart={mart}]").count(), section
    total = page.locator(".total [data-value]")
    assert total.get_attribute("data-column") == "gco2e"
    assert page.locator("figure .chart[role=img][aria-label]").count() == page.locator("figure").count()


def test_the_keyboard_reaches_the_report_first(report, read):
    page = read(report, 390).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    levels = page.evaluate("[...document.querySelectorAll('h1,h2,h3')].map(one => Number(one.tagName[1]))")
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_synthetic_bills_are_said_to_be_synthetic_and_others_are_not(report, read, odd_report):
    assert "synthetic" in read(report).page.locator(".banner").inner_text()
    real = "replace(replace(file_path, 'sample_data', 'exports'), 'synthetic', 'run')"
    page, _ = odd_report({"ai_input_deliveries": f"select * replace ({real} as file_path) from mart"})
    assert read(page).page.locator(".banner").count() == 0


def test_names_from_bills_are_text_on_the_page_and_never_markup(odd_report, read):
    evil = "<img src=x onerror=alert(1)><script>alert(2)</script>\"'&" + "x" * 300
    text = "'" + evil.replace("'", "''") + "'"
    page, marts = odd_report(
        {
            "ai_usage_unmapped": f"select * replace ({text} as unresolved_text, {text} as status_reason) from mart",
            "fct_ai_emissions": f"select * replace ({text} as model_id, {text} as region_used) from mart",
            "ai_emissions_by_account_month": f"select * replace ({text} as account_name, {text} as team) from mart",
            "ai_emissions_by_model_region_month": f"select * replace ({text} as region) from mart",
            "sci_operational_by_model_month": (
                f"select * replace (case when model_id > 'g' then {text} else model_id end as model_id) from mart"
            ),
            "emission_factors": f"select * replace ({text} as source) from mart",
            "method_settings": f"select * replace ({text} as setting_value) from mart where setting = 'team_keys'",
        }
    )
    for width in (390, 1440):
        reader = read(page, width)
        reader.assert_sound()
        assert reader.page.locator("img, script, [onerror]").count() == 0
        assert reader.page.get_by_text("<script>alert(2)</script>").count() > 5
    recount = Recount(marts)
    assert not [problem for problem in map(recount.wrong, reader.page.evaluate(NUMBERS)) if problem]


USAGE = (
    "fct_ai_emissions",
    "ai_emissions_by_model_region_month",
    "ai_emissions_by_account_month",
    "ai_usage_coverage",
)
QUESTIONS = (
    "ai_emissions_sensitivity",
    "ai_emissions_what_if",
    "ai_emissions_change",
    "sci_operational_by_model_month",
    "emission_equivalences",
)
REST = ("ai_usage_unmapped", "ai_emissions_restated", "dim_models", "dim_regions")
NONE = "select * from mart where false"
ONE_MONTH = "select * from mart where usage_month = date '2025-06-01'"
ONE_MODEL = "select * from mart where model_id = 'claude-sonnet-4'"
NOT_ESTIMATED = "select * from mart where status <> 'estimated'"
GROWN = ("gco2e", "gco2e_low", "gco2e_high", "kwh", "cost_amount")
HUGE = f"select * replace ({', '.join(f'{column} * 1e7 as {column}' for column in GROWN)}) from mart"
CURRENCIES = """
    select * replace (
        case when source = 'aws_bedrock' then 'USD' when status = 'estimated' then 'EUR' else 'JPY' end as cost_currency
    ) from mart
"""
WRONG_UNIT = """
    select * replace (case when account_name = 'frankfurt-pilot' then quantity / 1000 else quantity end as quantity)
    from mart
"""
CLOSED = """
    select * from mart
    union all by name
    select date '2025-06-01' as usage_month, 2 as closed_revision, 'aws_bedrock' as source, 100.0 as closed_gco2e,
        130.5 as current_gco2e, 30.5 as difference_gco2e, 20.0 as difference_usage_gco2e,
        10.0 as difference_power_figure_gco2e, 0.0 as difference_factors_gco2e, 0.5 as difference_rules_gco2e
"""


def no_names(*columns: str) -> str:
    return f"select * replace ({', '.join(f'cast(null as varchar) as {column}' for column in columns)}) from mart"


# Data a page can meet: which marts are changed, and what the page then says.
ODD = {
    "one month": (
        {mart: ONE_MONTH for mart in USAGE + QUESTIONS} | {"ai_emissions_change": NONE},
        "One month only",
    ),
    "one model": (
        {mart: ONE_MODEL for mart in (*USAGE[:2], "sci_operational_by_model_month")},
        "Claude Sonnet 4",
    ),
    "empty marts": ({mart: NONE for mart in QUESTIONS + REST}, "Every name on the bills was resolved"),
    "nothing estimated": (
        {mart: NOT_ESTIMATED for mart in USAGE} | {mart: NONE for mart in QUESTIONS},
        "Not known",
    ),
    "huge figures": ({mart: HUGE for mart in USAGE[:3]}, "Mt CO₂e"),
    "no names": (
        {
            "fct_ai_emissions": no_names("team"),
            "ai_emissions_by_account_month": no_names("team", "account_name"),
            "ai_emissions_by_model_region_month": no_names("region", "model_id"),
        },
        "no team",
    ),
    "several currencies": ({mart: CURRENCIES for mart in (*USAGE, "ai_usage_unmapped")}, "Cost of usage in JPY"),
    "a unit read wrong": ({"fct_ai_emissions": WRONG_UNIT}, "Prices that do not fit: Claude Sonnet 4"),
    "a closed month": ({"ai_emissions_restated": CLOSED}, "As closed"),
}


@pytest.mark.parametrize("name", ODD)
def test_odd_data_still_make_a_sound_page(odd_report, read, name):
    changes, said = ODD[name]
    page, marts = odd_report(changes)
    for width in (390, 1440):
        reader = read(page, width)
        reader.assert_sound()
    recount = Recount(marts)
    assert not [problem for problem in map(recount.wrong, reader.page.evaluate(NUMBERS)) if problem]
    text = reader.page.locator("body").inner_text()
    assert not re.findall(r".{0,40}\b(?:nan|None|inf|NULL)\b.{0,40}", text)
    assert said in text


def test_without_marts_one_message_says_what_to_do_and_the_old_page_stays(sample, tmp_path, capsys):
    old = tmp_path / "report.html"
    old.write_text("old", encoding="utf-8")
    assert main(["--export-dir", str(tmp_path / "marts")]) == 1
    assert "run make build" in capsys.readouterr().err
    folder = change_marts(sample.published, tmp_path / "marts", {"fct_ai_emissions": NONE})
    assert main(["--export-dir", str(folder)]) == 1
    assert "fct_ai_emissions.parquet: holds no rows" in capsys.readouterr().err
    (folder / "fct_ai_emissions.parquet").write_bytes(b"PAR1 not whole")
    assert main(["--export-dir", str(folder)]) == 1
    assert "cannot be read" in capsys.readouterr().err
    change_marts(sample.published, folder, {"fct_ai_emissions": HUGE})
    assert main(["--export-dir", str(folder)]) == 1
    assert "not of one build" in capsys.readouterr().err
    change_marts(sample.published, folder, {"ai_emissions_change": "select usage_month from mart"})
    assert main(["--export-dir", str(folder)]) == 1
    error = capsys.readouterr().err
    assert "another version" in error and error.count("\n") <= 6
    assert old.read_text(encoding="utf-8") == "old"
    assert sorted(file.name for file in tmp_path.iterdir()) == ["marts", "report.html"]


def test_a_page_is_of_one_build_though_builds_go_on(sample, tmp_path):
    folder = change_marts(sample.published, tmp_path / "marts", {})
    marts = Marts(folder)
    marts.check_unchanged()
    change_marts(sample.published, folder, {"ai_usage_unmapped": NONE})
    with pytest.raises(ReportError, match="has published meanwhile"):
        marts.check_unchanged()


def test_things_to_look_at_are_those_that_touch_most(sample, report, read):
    page = read(report).page
    found = page.evaluate(
        "[...document.querySelectorAll('.findings [data-value]')]"
        ".map(one => [one.dataset.mart, Number(one.dataset.value)])"
    )
    assert len(found) == 10
    shares = [value for mart, value in found if mart != "ai_input_deliveries"]
    assert shares == sorted(shares, reverse=True)
    with duckdb.connect() as con:
        largest = con.execute(f"""
            select
                sum(cost_amount) filter (where status = 'no_usage_quantity')
                / sum(cost_amount) filter (where status <> 'excluded_charge')
            from read_parquet('{sample.published}/ai_usage_coverage.parquet')
        """).fetchone()[0]
    assert any(abs(share - largest) < 1e-9 for share in shares)
