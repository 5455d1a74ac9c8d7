"""Every known Foundry meter is understood as its name says.

``fixtures/foundry_meters.csv`` holds meters seen in public places (price lists, bills, public code; the evidence column
says which) and what each of them means by its name: class, direction, tier, scope, model and version, unit and block,
and the status that keeps it from energy. The readings were made from the names, apart from the project's own grammar.
"""

import csv
from pathlib import Path

import azure_exports as exports
import pytest
from azure_exports import Line

FIXTURE = Path(__file__).parent / "fixtures" / "foundry_meters.csv"
EXPECTED = [
    "meter_class",
    "usage_kind",
    "service_tier",
    "processing_scope",
    "model_id",
    "model_variant",
    "quantity_unit",
    "quantity_per_unit",
    "meter_status",
]


def fixture_rows() -> list[dict]:
    with FIXTURE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def line(row: dict, number: int) -> Line:
    """A line of the meter; its subscription is the number of the row, which ties the two together."""
    marketplace = row["meter_category"] == "SaaS"
    return Line(
        row["meter_name"],
        quantity=7000.0 * exports.BLOCKS.get(row["unit_of_measure"], 1),
        unit=row["unit_of_measure"] or None,
        subcategory=row["meter_subcategory"] or None,
        category=row["meter_category"] or None,
        subscription=f"{number:08}",
        publisher_type="Marketplace" if marketplace else "Azure",
        service="Microsoft.SaaS/resources" if marketplace else "Microsoft.CognitiveServices",
    )


def understand(project, folder: Path, rows: list[dict]) -> dict[int, dict]:
    exports.write_run(folder / "data", "cost_details", rows)
    build = project.run("build", folder / "data", folder / "out")
    assert build.success, build.messages
    found = build.rows(f"""
        select lines.account_id, {", ".join(f"meters.{name}" for name in EXPECTED)}
        from intermediate.int_azure__usage_lines as lines
        inner join marts.ai_usage_meters as meters on lines.meter_key = meters.meter_key
    """)
    return {int(row[0]): dict(zip(EXPECTED, row[1:], strict=True)) for row in found}


@pytest.fixture(scope="module")
def understood(project, tmp_path_factory):
    """What the project makes of each row of the fixture."""
    rows = [exports.ea_row(line(row, number)) for number, row in enumerate(fixture_rows())]
    return understand(project, tmp_path_factory.mktemp("meters"), rows)


def test_every_meter_is_understood(understood):
    wrong = []
    for number, row in enumerate(fixture_rows()):
        expected = {name: row[name] or None for name in EXPECTED}
        expected["quantity_per_unit"] = float(row["quantity_per_unit"]) if row["quantity_per_unit"] else None
        if row["meter_status"]:
            # A model that is not estimated may or may not have a name in the catalogue.
            expected["model_id"] = expected["model_variant"] = None
            understood[number]["model_id"] = understood[number]["model_variant"] = None
        wrong += [
            (row["meter_subcategory"], row["meter_name"], name, expected[name], understood[number][name])
            for name in EXPECTED
            if expected[name] != understood[number][name]
        ]
    assert not wrong, wrong


def test_renamed_categories_and_subcategories_change_nothing(project, understood, tmp_path):
    """Microsoft has renamed both; the names of the meters stay."""
    renamed = {
        "Azure Deepseek Models": "Deepseek model family",
        "Azure Grok Models": "Grok model family",
        "Azure Llama Models": "Llama models",
        "Azure Mistral Models": "Mistral Models",
        "Azure Phi Models": "Phi",
        "Azure BFL Flux Models": "BFL Flux Models",
        "Azure OpenAI Media": "Azure OpenAI Image Video",
        "Azure OpenAI Reasoning": "Azure OpenAI",
    }
    rows = [
        exports.ea_row(
            line(
                row
                | {
                    "meter_category": row["meter_category"].replace("Foundry Models", "Cognitive Services"),
                    "meter_subcategory": renamed.get(row["meter_subcategory"], row["meter_subcategory"]),
                },
                number,
            )
        )
        for number, row in enumerate(fixture_rows())
    ]
    again = understand(project, tmp_path, rows)
    for found in again.values():
        if found["meter_status"]:
            found["model_id"] = found["model_variant"] = None
    for found in understood.values():
        if found["meter_status"]:
            found["model_id"] = found["model_variant"] = None
    assert again == understood
