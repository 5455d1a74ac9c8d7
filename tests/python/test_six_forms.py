"""The same logical months in all six forms of AWS billing exports give equal marts."""

import math
from datetime import date

import billing_exports as exports
import pytest
from billing_exports import Line, marketplace

EXEMPT = {"emission_id", "source_delivery", "usage_quality"}
TEAM = {"team": "search", "CostCenter": "4711"}

LINES = [
    marketplace(
        "EUC1-MP:EUC1_InputTokenCount-Units",
        "Claude Sonnet 4",
        9.0,
        region="eu-central-1",
        tags=TEAM,
        resource="arn:aws:bedrock:eu-central-1:200000000001:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0",
        description="AWS Marketplace software usage|eu-central-1|Million Input Tokens",
    ),
    marketplace(
        "EUC1-MP:EUC1_OutputTokenCount-Units",
        "Claude Sonnet 4",
        6.0,
        region="eu-central-1",
        tags=TEAM,
        resource="arn:aws:bedrock:eu-central-1:200000000001:inference-profile/eu.anthropic.claude-sonnet-4-20250514-v1:0",
        description="AWS Marketplace software usage|eu-central-1|Million Response Tokens",
    ),
    marketplace(
        "USE1-MP:USE1_CacheReadInputTokenCount_Global-Units",
        "Claude Haiku 4.5",
        2.5,
        region=None,
        account="200000000002",
    ),
    Line("USE1-NovaPro-input-tokens", 1250.0, day=date(2025, 6, 1), tags={"team": "ads"}),
    Line("USE1-NovaPro-input-tokens", 750.0, day=date(2025, 6, 1), tags={"team": "ads"}),
    Line("USE1-NovaPro-input-tokens", -50.0, day=date(2025, 6, 30), cost=-0.1, tags={"team": "ads"}),
    Line("EU-Nova2.0Lite-input-tokens-cross-region-global", 900.0, region="eu-west-1"),
    Line("USE1-xai.grok-4.3-mantle-input-tokens-standard", 0.5, unit="1M tokens"),
    Line("USE1-NovaCanvas-T2I-1024-Premium", 12.0, unit="image"),
    Line("USE1-NovaReel-T2V-Medfps-HDRes", 30.0, unit="video"),
    Line("USE1-TitanEmbeddingV2-Text-input-tokens", 77.0),
    Line("USE1-Guardrail-ContentPolicyUnitsConsumed", 100.0, unit="TextUnit"),
    Line("USE1-Zephyr9-input-tokens", 5.0),
    Line("USE1-NovaPro-output-tokens", 5.0, unit="1B tokens"),
    Line("XEZ9-NovaPro-output-tokens", 5.0, region=None),
    Line("USE1-NovaPro-input-tokens", 10.0, cost=-3.0, line_type="Credit"),
    Line(None, 1.0, unit=None, cost=19.0, line_type="Tax", region=None),
    Line(
        "EUC1-BoxUsage:m7g.large",
        24.0,
        product_code="AmazonEC2",
        product_name="Amazon Elastic Compute Cloud",
        unit="Hrs",
    ),
    Line(
        "USW2-gpt-oss-120b-output-tokens-flex",
        40.0,
        month=date(2025, 7, 1),
        day=date(2025, 7, 4),
        region="us-west-2",
        currency="EUR",
    ),
]

FORMS = {
    "cur2_parquet": lambda root: exports.write_cur2(root, LINES, "parquet"),
    "cur2_csv": lambda root: exports.write_cur2(root, LINES, "csv"),
    "legacy_csv": lambda root: exports.write_legacy_csv(root, LINES),
    "legacy_parquet": lambda root: exports.write_legacy_parquet(root, LINES),
    "focus_1_0_csv": lambda root: exports.write_focus(root, LINES, "1.0", "csv"),
    "focus_1_2_parquet": lambda root: exports.write_focus(root, LINES, "1.2", "parquet"),
}
MARTS = [
    "fct_ai_emissions",
    "ai_emissions_by_model_region_month",
    "ai_emissions_by_account_month",
    "ai_usage_coverage",
    "ai_usage_unmapped",
]


def comparable(build, mart: str) -> list[tuple]:
    """The rows of a mart in a fixed order, without the columns that name the form of export."""
    columns = [row[0] for row in build.rows(f"describe marts.{mart}") if row[0] not in EXEMPT]
    keys = ", ".join(c for c in columns)
    return build.rows(f"select {keys} from marts.{mart} order by all")


def same(left, right) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-12)
    return left == right


@pytest.fixture(scope="module")
def reference(project, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    FORMS["cur2_parquet"](folder / "data")
    build = project.run("build", folder / "data", folder / "out")
    assert build.success, build.messages
    return build


def test_the_reference_holds_the_worked_example(reference):
    kwh, gco2e = reference.rows(
        "select sum(kwh), sum(gco2e) from marts.fct_ai_emissions where model_id = 'claude-sonnet-4'"
    )[0]
    assert math.isclose(kwh, 55.72476, rel_tol=1e-9)
    assert math.isclose(gco2e, 18500.62032, rel_tol=1e-9)


def test_the_reference_ends_in_every_kind_of_status(reference):
    statuses = {row[0] for row in reference.rows("select distinct status from marts.fct_ai_emissions")}
    assert statuses == {
        "estimated",
        "out_of_scope_modality",
        "not_model_usage",
        "unmapped_model",
        "unknown_unit",
        "unmapped_region",
        "excluded_charge",
    }


@pytest.mark.parametrize("form", [form for form in FORMS if form != "cur2_parquet"])
def test_every_form_gives_the_same_marts(form, reference, build, data_root):
    FORMS[form](data_root)
    other = build(data_root)
    assert other.success, other.messages
    for mart in MARTS:
        expected, found = comparable(reference, mart), comparable(other, mart)
        assert len(found) == len(expected), mart
        for left, right in zip(expected, found, strict=True):
            assert all(map(same, left, right)), (mart, left, right)
