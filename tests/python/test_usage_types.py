"""Every known Bedrock usage type is understood as the price lists and the documentation of AWS say.

``fixtures/bedrock_usage_types.csv`` holds usage types seen in public places (the evidence column says where) and what
each of them means, read by hand: class, direction, tier, scope, region, quantity per unit and the model where the row
names one.
"""

import csv
from pathlib import Path

import billing_exports as exports
import pytest
from billing_exports import Line

FIXTURE = Path(__file__).parent / "fixtures" / "bedrock_usage_types.csv"
EXPECTED = [
    "meter_class",
    "usage_kind",
    "service_tier",
    "processing_scope",
    "region_billed",
    "quantity_unit",
    "quantity_per_unit",
    "model_id",
]


def fixture_rows() -> list[dict]:
    with FIXTURE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


# The family is written from July 2026 on; FOCUS tells neither entity nor family.
FORMS = {
    "cur2 of today": ("Amazon Bedrock", exports.write_cur2),
    "cur2 before July 2026": (None, exports.write_cur2),
    "focus": (None, lambda root, lines: exports.write_focus(root, lines, "1.2")),
}


@pytest.fixture(scope="module", params=FORMS)
def understood(request, project, tmp_path_factory):
    """What the project makes of each fixture row: one account per row ties the two together."""
    family, write = FORMS[request.param]
    folder = tmp_path_factory.mktemp("usage_types")
    lines = [
        Line(
            row["usage_type"],
            account=f"{number:012}",
            unit=row["pricing_unit"] or None,
            entity=row["billing_entity"],
            product_code=row["product_code"] or "opaque",
            product_name=row["product_name"] or "Some model on Bedrock",
            description=row["description"] or None,
            region=None,
            family=family,
        )
        for number, row in enumerate(fixture_rows())
    ]
    write(folder / "data", lines)
    build = project.run("build", folder / "data", folder / "out")
    assert build.success, build.messages
    found = build.rows(f"""
        select lines.account_id, {", ".join(f"meters.{name}" for name in EXPECTED)}
        from intermediate.int_aws__usage_lines as lines
        inner join marts.ai_usage_meters as meters on lines.meter_key = meters.meter_key
    """)
    return {int(row[0]): dict(zip(EXPECTED, row[1:], strict=True)) for row in found}


def test_every_usage_type_is_understood(understood):
    wrong = []
    for number, row in enumerate(fixture_rows()):
        expected = {name: row.get(name) or None for name in EXPECTED} | {"region_billed": row["region"] or None}
        expected["quantity_per_unit"] = float(row["quantity_per_unit"]) if row["quantity_per_unit"] else None
        found = understood[number]
        wrong += [
            (row["usage_type"], name, expected[name], found[name]) for name in EXPECTED if expected[name] != found[name]
        ]
    assert not wrong, wrong


def test_no_known_usage_type_is_unrecognised(understood):
    assert not [found for found in understood.values() if found["meter_class"] == "unknown"]
