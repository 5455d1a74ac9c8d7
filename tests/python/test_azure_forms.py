"""One logical month in every form of Azure cost export gives equal marts, however a file counts its quantities."""

import math
from datetime import date

import azure_exports as exports
import pytest
from azure_exports import Line, changed
from test_six_forms import MARTS, comparable, same

SECOND = "99999999-2222-3333-4444-555555555555"
TAGS = {"team": "search", "CostCenter": "4711"}
GPT4O = Line("gpt 4o 1120 Inp glbl Tokens", 1_250_000.0, 0.0025, tags=TAGS)

LINES = [
    GPT4O,
    changed(GPT4O, meter="gpt 4o 1120 Outp glbl Tokens", quantity=310_000.0, price=0.01),
    changed(GPT4O, meter="gpt 4o 1120 cached Inp Data Zone Tokens", quantity=24_815_360.0, price=0.00125),
    # Two equal lines and a correction are three lines of the bill.
    Line("GPT 5 Mini Inpt Glbl 1M Tokens", 2_900_953.0, 0.25, "1M", "Azure OpenAI GPT5", subscription=SECOND),
    Line("GPT 5 Mini Inpt Glbl 1M Tokens", 2_900_953.0, 0.25, "1M", "Azure OpenAI GPT5", subscription=SECOND),
    Line("GPT 5 Mini Inpt Glbl 1M Tokens", -953.0, 0.25, "1M", "Azure OpenAI GPT5", subscription=SECOND),
    Line("GPT 5 Mini outpt Glbl 1M Tokens", 170_994.0, 2.0, "1M", "Azure OpenAI GPT5", subscription=SECOND),
    # So little that the cost is written as 5.5E-06.
    Line("gpt 4.1 nano Inp glbl Tokens", 55.0, 0.0001, day=date(2025, 6, 2)),
    Line("R1 Outp glbl Tokens", 88_000.0, 0.0054, subcategory="Azure Deepseek Models", currency="EUR"),
    Line("Llama 3.3 70B Inp regnl Tokens", 5000.0, 0.00071, subcategory="Azure Llama Models", region="francecentral"),
    Line("Image-Dall-E-3 HD HighRes-regnl EP Images", 12.0, 13.2, "100", region="swedencentral"),
    Line("Sora 2 glbl Second", 30.0, 0.1, "1", "Azure OpenAI Media"),
    Line("5.4 mini Inp Dz 1M Tokens", 77_000.0, 0.825, "1M", "Azure OpenAI GPT5"),
    Line("text-embedding-3-small-glbl Tokens", 9000.0, 0.00002),
    Line("gpt-image-1-output-img-glbl Tokens", 4000.0, 0.04, subcategory="Azure OpenAI Media"),
    Line("Provisioned Managed Global Unit", 24.0, 1.0, "1/Hour"),
    Line("gpt-4.1-ft hosting regional Unit", 24.0, 1.7, "1 Hour"),
    Line("Zephyr 9 Inp glbl Tokens", 3000.0, 0.002),
    Line("gpt 4.1 Inp regnl Tokens", 6000.0, 0.002, region="mars north", region_name="Mars North"),
    Line("D2s v3", 24.0, 0.1, "1 Hour", "Dv3 Series", "Virtual Machines", service="Microsoft.Compute"),
]
LINES = [
    changed(line, region_name={"francecentral": "France Central", "swedencentral": "Sweden Central"}[line.region])
    if line.region in ("francecentral", "swedencentral")
    else line
    for line in LINES
]
OTHER_CHARGES = [
    Line(None, None, charge_type="Refund", cost=-4.0, unit=None),
    Line("Provisioned Throughput Units", 1.0, 200.0, "1/Month", charge_type="Purchase"),
    Line("Provisioned Managed Global Unit", 5.0, 1.0, "1/Hour", charge_type="UnusedReservation"),
]


def c360_row(line: Line) -> dict:
    """Older names of the columns of Enterprise Agreements, as the samples of the finops toolkit have them."""
    names = {"ProductName": "Product", "CostInBillingCurrency": "Cost", "BillingCurrencyCode": "BillingCurrency"}
    return {names.get(name, name): value for name, value in exports.ea_row(line).items()}


def spaced_row(line: Line) -> dict:
    """Column names spelt with blanks, underscores and other cases."""
    names = {
        "MeterName": "Meter Name",
        "MeterSubCategory": "METER_SUBCATEGORY",
        "Quantity": " quantity",
        "Date": "DATE",
    }
    return {names.get(name, name): value for name, value in exports.ea_row(line).items()}


def rows(make, lines=LINES) -> list[dict]:
    return [make(line) for line in lines]


FORMS = {
    "ea_csv_bom": lambda root: exports.write_run(root, "cost_details", rows(exports.ea_row), bom=True, count=3),
    "ea_parquet": lambda root: exports.write_run(root, "cost_details", rows(exports.ea_row), suffix="parquet"),
    "ea_old_names": lambda root: exports.write_run(root, "cost_details", rows(c360_row)),
    "ea_other_spellings": lambda root: exports.write_run(root, "cost_details", rows(spaced_row)),
    "ea_single_tokens": lambda root: exports.write_run(
        root, "cost_details", rows(lambda line: exports.ea_row(line, single_units=True)), suffix="csv.gz"
    ),
    "mca_mixed_line_ends": lambda root: exports.write_run(
        root, "cost_details", rows(exports.mca_row), mixed_line_ends=True, bom=True
    ),
    "pay_as_you_go": lambda root: exports.write_run(root, "cost_details", rows(exports.payg_row), manifest=False),
    "focus_1_0": lambda root: exports.write_run(
        root, "focus", rows(lambda line: exports.focus_row(line, "1.0")), suffix="csv.gz", export_type="FocusCost"
    ),
    "focus_1_2": lambda root: exports.write_run(
        root, "focus", rows(exports.focus_row), suffix="parquet", count=2, export_type="FocusCost"
    ),
    "focus_old_blocks": lambda root: exports.write_run(
        root, "focus", rows(lambda line: exports.focus_row(line, "1.0", old_blocks=True)), export_type="FocusCost"
    ),
    "mca_amortized": lambda root: exports.write_run(
        root, "cost_details", rows(exports.mca_row), export_type="AmortizedCost"
    ),
}


@pytest.fixture(scope="module")
def reference(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("azure_reference")
    exports.write_run(folder / "data", "cost_details", rows(exports.ea_row))
    build = project.run("build", folder / "data", folder / "out")
    assert build.success, build.messages
    return build


def test_the_reference_counts_what_the_lines_hold(reference):
    found = dict(
        reference.rows(
            "select meter_name, sum(quantity) from marts.fct_ai_emissions where status = 'estimated' group by 1"
        )
    )
    estimated = [line for line in LINES if line.meter in found]
    assert len(found) == 8
    for meter in found:
        expected = sum(line.quantity for line in estimated if line.meter == meter and "mars" not in line.region)
        assert math.isclose(found[meter], expected, rel_tol=1e-9), meter


def test_the_reference_ends_in_every_kind_of_status(reference):
    found = dict(
        reference.rows("select distinct meter_name, status from marts.fct_ai_emissions where status <> 'estimated'")
    )
    assert found == {
        "GPT 5 Mini Inpt Glbl 1M Tokens": "no_power_figure",
        "GPT 5 Mini outpt Glbl 1M Tokens": "no_power_figure",
        "5.4 mini Inp Dz 1M Tokens": "out_of_scope_model",
        "text-embedding-3-small-glbl Tokens": "out_of_scope_modality",
        "gpt-image-1-output-img-glbl Tokens": "no_usage_quantity",
        "Provisioned Managed Global Unit": "no_usage_quantity",
        "gpt-4.1-ft hosting regional Unit": "not_model_usage",
        "Zephyr 9 Inp glbl Tokens": "unmapped_model",
        "gpt 4.1 Inp regnl Tokens": "unmapped_region",
    }


def test_energy_is_tokens_times_the_figure_of_the_model_and_the_factors_of_the_region(reference):
    quantity, wh, psu, pue, transmission, intensity, kwh, gco2e, region = reference.rows(
        "select quantity, wh_per_unit, psu_factor, pue, transmission_factor, carbon_intensity_gco2e_per_kwh, kwh,"
        " gco2e, region_used from marts.fct_ai_emissions where meter_name = 'gpt 4o 1120 Inp glbl Tokens'"
    )[0]
    assert region == "eastus2" and quantity == 1_250_000
    assert math.isclose(kwh, quantity * wh / 1000 * psu * pue * transmission, rel_tol=1e-12)
    assert math.isclose(gco2e, kwh * intensity, rel_tol=1e-12)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_marts(form, reference, build, data_root):
    FORMS[form](data_root)
    other = build(data_root)
    assert other.success, other.messages
    for mart in MARTS:
        expected, found = comparable(reference, mart), comparable(other, mart)
        assert len(found) == len(expected), mart
        for left, right in zip(expected, found, strict=True):
            assert all(map(same, left, right)), (mart, left, right)


def test_how_the_quantity_was_read_is_told(reference, build, data_root):
    def qualities(done):
        return dict(
            done.rows(
                "select usage_quality, count(*) from marts.fct_ai_emissions where status = 'estimated' group by 1"
            )
        )

    assert set(qualities(reference)) == {"unit_confirmed", "reported"}
    FORMS["ea_single_tokens"](data_root)
    assert set(qualities(build(data_root))) == {"unit_corrected", "reported"}


def test_charges_that_are_no_usage_are_cost_only_in_every_form(build, tmp_path):
    found = {}
    for form, write in {
        "ea": lambda root: exports.write_run(root, "cost_details", rows(exports.ea_row, LINES[:1] + OTHER_CHARGES)),
        "focus": lambda root: exports.write_run(root, "focus", rows(exports.focus_row, LINES[:1] + OTHER_CHARGES)),
    }.items():
        write(tmp_path / form)
        done = build(tmp_path / form, into=f"{form}_out")
        assert done.success, done.messages
        found[form] = done.rows(
            "select status, sum(cost_amount), sum(quantity), sum(line_count) from marts.fct_ai_emissions"
            " group by 1 order by 1"
        )
    assert found["ea"] == found["focus"]
    assert [(row[0], round(row[1], 6), row[2]) for row in found["ea"]] == [
        ("estimated", 3.125, 1_250_000.0),
        ("excluded_charge", 201.0, None),
    ]
