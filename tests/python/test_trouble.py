"""File trouble stops the build with one message that names the file and leaves the last good marts; row trouble
becomes a status."""

import gzip
import os
import random
import shutil
import subprocess
import sys
from datetime import date

import billing_exports as exports
import duckdb
import pytest
from billing_exports import Line, changed, marketplace

from ai_emissions import warehouse_setup

LINE = Line("USE1-NovaPro-input-tokens", 1000.0)
READ_ALL = ("--select", "+int_aws__covered_accounts", "--indirect-selection", "cautious")


def test_no_input_at_all_is_a_clear_error(build, data_root):
    message = build(data_root, *READ_ALL).error()
    assert "No billing export found" in message and str(data_root) in message and "AI_EMISSIONS_DATA_ROOT" in message


def test_a_gzip_file_cut_anywhere_stops_the_build(build, data_root):
    chance = random.Random(7)
    lines = [changed(LINE, amount=chance.random(), description=str(chance.random())) for _ in range(400)]
    path = exports.write_legacy_csv(data_root, lines, count=1, manifest=False)[0]
    whole = path.read_bytes()
    cuts = [0, 1, 9, 10, 20, len(whole) // 2, len(whole) - 9, len(whole) - 1] + [
        chance.randrange(len(whole)) for _ in range(12)
    ]
    with duckdb.connect() as con:
        for cut in cuts[1:]:
            path.write_bytes(whole[:cut])
            with pytest.raises(duckdb.Error, match=path.name):
                con.execute(f"select count(*) from read_csv('{path}', header = true, all_varchar = true)").fetchall()
    for cut in (0, 10, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert path.name in build(data_root, *READ_ALL).error()


@pytest.mark.parametrize("content", [b"", b"no parquet file", gzip.compress(b"a,b\n1,2\n", mtime=0)])
def test_a_parquet_file_that_is_none_stops_the_build(build, data_root, content):
    path = exports.write_cur2(data_root, [LINE], count=1)[0]
    path.write_bytes(content)
    assert path.name in build(data_root, *READ_ALL).error()


def test_a_parquet_file_that_is_no_billing_export_stops_the_build(build, data_root):
    path = data_root / "aws/cur2/cur2/data/BILLING_PERIOD=2025-06/other.parquet"
    exports.write_parquet([{"name": "x", "value": "y"}], path)
    message = build(data_root, *READ_ALL).error()
    assert str(path) in message and "no column line_item_usage_amount" in message


@pytest.mark.parametrize(
    ("write", "column"),
    [
        (
            lambda root, rows: exports.write_parquet(rows, root / "aws/cur2/BILLING_PERIOD=2025-06/a.parquet"),
            "line_item_usage_amount",
        ),
        (lambda root, rows: exports.write_csv(rows, root / "aws/cur2/BILLING_PERIOD=2025-06/a.csv.gz"), "product"),
    ],
)
def test_a_missing_required_column_stops_the_build(build, data_root, write, column):
    row = exports.cur2_row(LINE)
    del row[column]
    write(data_root, [row])
    message = build(data_root, *READ_ALL).error()
    assert f"no column {column}" in message and "BILLING_PERIOD=2025-06/a." in message


def test_a_focus_file_without_any_quantity_stops_the_build(build, data_root):
    row = exports.focus_row(LINE, "1.2")
    del row["ConsumedQuantity"], row["PricingQuantity"]
    exports.write_parquet([row], data_root / "aws/focus/BILLING_PERIOD=2025-06/a.parquet")
    assert "no column ConsumedQuantity or PricingQuantity" in build(data_root, *READ_ALL).error()


def test_a_manifest_that_names_an_absent_file_stops_the_build(build, data_root):
    present, absent = exports.write_cur2(data_root, [LINE, LINE], count=2)
    absent.unlink()
    message = build(data_root, *READ_ALL).error()
    assert absent.name in message and "cur2-Manifest.json" in message and present.name not in message


def test_a_month_without_files_though_the_manifest_lists_some_stops_the_build(build, data_root):
    exports.write_cur2(data_root, [LINE])
    files = exports.write_cur2(data_root, [changed(LINE, month=date(2025, 7, 1), day=date(2025, 7, 1))])
    shutil.rmtree(files[0].parent)
    message = build(data_root, *READ_ALL).error()
    assert "BILLING_PERIOD=2025-07" in message and files[0].name in message


def test_a_manifest_without_a_list_of_files_stops_the_build(build, data_root):
    exports.write_cur2(data_root, [LINE])
    manifest = data_root / "aws/cur2/cur2/metadata/BILLING_PERIOD=2025-06/cur2-Manifest.json"
    manifest.write_text('{"executionId": "1", "files": ["a.parquet"]}')
    message = build(data_root, *READ_ALL).error()
    assert str(manifest) in message and "Remove the manifest" in message


def test_a_manifest_that_is_no_json_stops_the_build(build, data_root):
    exports.write_cur2(data_root, [LINE])
    manifest = data_root / "aws/cur2/cur2/metadata/BILLING_PERIOD=2025-06/cur2-Manifest.json"
    manifest.write_text('{"dataFiles": [')
    assert str(manifest) in build(data_root, *READ_ALL).error()


def test_a_zip_file_stops_the_build(build, data_root):
    path = data_root / "aws/cur_legacy/report/20250601-20250701/report-1.csv.zip"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"PK")
    message = build(data_root, *READ_ALL).error()
    assert str(path) in message and "compression" in message


def test_all_problems_are_told_at_once(build, data_root):
    first, second = exports.write_cur2(data_root, [LINE, LINE], count=2)
    first.unlink()
    exports.write_parquet([{"name": "x"}], second)
    message = build(data_root, *READ_ALL).error()
    assert first.name in message and second.name in message


def test_a_build_that_stops_leaves_the_last_good_marts(build, data_root):
    path = exports.write_cur2(data_root, [LINE], count=1)[0]
    first = build(data_root, complete=True)
    assert first.success, first.messages
    published = {p.name: p.read_bytes() for p in first.published.iterdir()}
    assert "fct_ai_emissions.parquet" in published
    path.write_bytes(b"no parquet file")
    second = build(data_root, complete=True)
    assert not second.success
    assert {p.name: p.read_bytes() for p in second.published.iterdir()} == published
    assert second.value("select sum(quantity) from marts.fct_ai_emissions") == 1_000_000


def test_marts_are_not_published_when_a_test_fails(build, data_root, project):
    path = exports.write_cur2(data_root, [LINE], count=1)[0]
    assert build(data_root, complete=True).success
    exports.write_cur2(data_root, [changed(LINE, amount=5.0)], count=1)
    done = build(data_root, "--exclude", "assert_marts_add_up", complete=True)
    assert done.success and path.exists()
    with duckdb.connect() as con:
        quantity = con.execute(f"select sum(quantity) from '{done.published}/fct_ai_emissions.parquet'").fetchone()[0]
    assert quantity == 1_000_000, "a run without one of the tests must not publish"


def test_files_with_a_header_only_are_zero_rows(build, data_root):
    exports.write_cur2(data_root, [LINE])
    header = exports.csv_text([exports.legacy_row(LINE, True)]).splitlines()[0]
    path = data_root / "aws/cur_legacy/report/20250701-20250801/report-1.csv"
    path.parent.mkdir(parents=True)
    path.write_text(header + "\n")
    done = build(data_root)
    assert done.success, done.messages
    assert done.value(f"select rows_read from marts.ai_input_deliveries where file_path = '{path}'") == 0


def statuses(done) -> list[tuple]:
    return done.rows(
        "select meter_name, status, status_reason, quantity, cost_amount from marts.fct_ai_emissions order by 1, 2, 3"
    )


def test_row_trouble_becomes_a_status_and_costs_stay(build, data_root):
    lines = [
        changed(LINE, usage_type="USE1-NovaPro-input-tokens"),
        changed(LINE, usage_type="USE1-NovaLite-input-tokens", amount="a lot"),
        changed(LINE, usage_type="USE1-NovaMicro-input-tokens", amount="NaN"),
        changed(LINE, usage_type="USE1-NovaPremier-input-tokens", amount=None),
        changed(LINE, usage_type="USE1-Qwen3-32B-input-tokens", day="10.06.2025"),
        changed(LINE, usage_type="USE1-gpt-oss-20b-input-tokens", account=None),
        changed(LINE, usage_type="USE1-Zephyr9-input-tokens"),
        changed(LINE, usage_type="USE1-gpt-oss-120b-input-tokens", unit="furlongs"),
        changed(LINE, usage_type="USE1-Claude3Haiku-input-tokens", region="mars-north-1"),
        changed(LINE, usage_type="USE1-Mistral7B-input-tokens", cost="free"),
    ]
    exports.write_cur2(data_root, lines, "csv")
    done = build(data_root)
    assert done.success, done.messages
    found = {row[0]: row[1:] for row in statuses(done)}
    invalid = ("invalid_row", "usage amount is not a number", None, 1.5)
    assert found == {
        "USE1-NovaPro-input-tokens": ("estimated", None, 1_000_000, 1.5),
        "USE1-NovaLite-input-tokens": invalid,
        "USE1-NovaMicro-input-tokens": invalid,
        "USE1-NovaPremier-input-tokens": ("invalid_row", "no usage amount", None, 1.5),
        "USE1-Qwen3-32B-input-tokens": ("invalid_row", "usage date cannot be read", None, 1.5),
        "USE1-gpt-oss-20b-input-tokens": ("invalid_row", "no account", None, 1.5),
        "USE1-Zephyr9-input-tokens": ("unmapped_model", "model name not in the catalogue", 1_000_000, 1.5),
        "USE1-gpt-oss-120b-input-tokens": (
            "unknown_unit",
            "unit not known for this kind of usage: furlongs",
            1000,
            1.5,
        ),
        "USE1-Claude3Haiku-input-tokens": ("unmapped_region", "region not in the list: mars-north-1", 1_000_000, 1.5),
        "USE1-Mistral7B-input-tokens": ("estimated", "the cost of the line cannot be read", 1_000_000, None),
    }


def test_only_usage_lines_count_and_other_currencies_are_never_mixed(build, data_root):
    lines = [
        LINE,
        changed(LINE, cost=10.0, currency="EUR"),
        changed(LINE, line_type="DiscountedUsage", amount=3.0),
        changed(LINE, line_type="SavingsPlanCoveredUsage", amount=4.0),
        changed(LINE, line_type="SavingsPlanNegation", amount=-4.0, cost=-1.5),
        changed(LINE, line_type="Credit", cost=-5.0),
        changed(LINE, line_type="SomethingNew", cost=2.0),
        changed(LINE, split_parent="arn:aws:ecs:parent", amount=99.0),
    ]
    exports.write_cur2(data_root, lines)
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows(
        "select status, cost_currency, sum(tokens), sum(cost_amount) from marts.ai_usage_coverage"
        " group by all order by all"
    ) == [
        ("estimated", "EUR", 1_000_000, 10.0),
        ("estimated", "USD", 1_007_000, 4.5),
        ("excluded_charge", "USD", None, -4.5),
    ]
    reasons = {
        row[0]
        for row in done.rows(
            "select distinct status_reason from marts.fct_ai_emissions where status = 'excluded_charge'"
        )
    }
    assert "line type not known: SomethingNew; cost only" in reasons


def test_lines_are_found_by_any_of_their_marks(build, data_root):
    arn = "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-5-sonnet-20240620-v1:0"
    lines = [
        marketplace("USE1-MP:USE1_InputTokenCount-Units", "Claude 3.5 Sonnet", 1.0),
        changed(LINE, product_code="AmazonBedrockService"),
        changed(LINE, product_code="opaque1", product_name="", entity="AWS Marketplace", resource=arn, unit="Units"),
        changed(LINE, product_code="opaque2", product_name="", operation="InvokeModelInference"),
        changed(LINE, product_code="opaque3", product_name="", family="Amazon Bedrock"),
        marketplace("USE1-MP:USE1_SoftwareUsage-Units", "Other", 1.0, product_name="A database"),
        changed(
            LINE, product_code="AmazonEC2", product_name="Amazon Elastic Compute Cloud", usage_type="USE1-BoxUsage"
        ),
    ]
    exports.write_cur2(data_root, lines)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    codes = [row[0] for row in done.rows("select product_code from intermediate.int_aws__usage_lines order by 1")]
    assert codes == ["AmazonBedrockService", "opaque1", "opaque2", "opaque3", "opaqueclaude35sonnet"]


def test_without_assumed_sizes_models_nobody_sized_are_shown_and_not_estimated(build, data_root):
    exports.write_cur2(data_root, [LINE, changed(LINE, usage_type="USE1-Mistral7B-input-tokens")])
    done = build(data_root, variables="{use_assumed_sizes: false}")
    assert done.success, done.messages
    assert [row[:2] for row in statuses(done)] == [
        ("USE1-Mistral7B-input-tokens", "estimated"),
        ("USE1-NovaPro-input-tokens", "unsized_model"),
    ]
    assert done.value("select count(*) from marts.ai_usage_unmapped where unresolved_text = 'nova-pro'") == 1


def test_a_misspelt_setting_is_refused(build, data_root):
    exports.write_cur2(data_root, [LINE])
    done = build(data_root, *READ_ALL, variables="{location_policy: scope-aware}")
    assert not done.success
    assert "location_policy is scope-aware" in " ".join(done.messages)


def test_a_map_column_written_as_text_stops_the_build(build, data_root):
    row = exports.cur2_row(LINE) | {"product": '{"product_name": "Amazon Bedrock"}'}
    path = data_root / "aws/cur2/BILLING_PERIOD=2025-06/copied.parquet"
    exports.write_parquet([row], path, {**exports.TYPES, "product": "varchar"})
    message = build(data_root, *READ_ALL).error()
    assert str(path) in message and "column product is not a map" in message


def test_a_focus_quantity_goes_with_its_own_unit(build, data_root):
    """Consumed single tokens and priced thousands are one amount; a unit given once serves both."""
    row = exports.focus_row(Line("USE1-NovaPro-input-tokens", 1000.0), "1.2")
    cases = [
        {"ConsumedQuantity": 1e6, "ConsumedUnit": "Tokens", "PricingQuantity": 1000.0, "PricingUnit": "1K tokens"},
        {"ConsumedQuantity": 1e6, "ConsumedUnit": "Tokens", "PricingQuantity": None, "PricingUnit": "1K tokens"},
        {"ConsumedQuantity": 1000.0, "ConsumedUnit": None, "PricingQuantity": None, "PricingUnit": "1K tokens"},
        {"ConsumedQuantity": 1000.0, "ConsumedUnit": "1K tokens", "PricingQuantity": 1000.0, "PricingUnit": None},
        {"ConsumedQuantity": 1000.0, "ConsumedUnit": "1K tokens", "PricingQuantity": 1000.0, "PricingUnit": "Units"},
        {"ConsumedQuantity": None, "ConsumedUnit": None, "PricingQuantity": 1000.0, "PricingUnit": "1K tokens"},
    ]
    rows = [row | case | {"SubAccountId": f"{number:012}"} for number, case in enumerate(cases)]
    exports.write_data_export(data_root, "aws/focus", rows, date(2025, 6, 1), "parquet", export="focus")
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select account_id, quantity from marts.fct_ai_emissions order by 1") == [
        (f"{number:012}", 1e6) for number in range(len(cases))
    ]


def test_marketplace_units_described_in_thousands_are_thousands(build, data_root):
    texts = {
        "AWS Marketplace software usage|us-east-1|1K Output Tokens": 1e3,
        "AWS Marketplace software usage|us-east-1|1000 Output Tokens": 1e3,
        "Output tokens, 1,000 tokens": 1e3,
        "AWS Marketplace software usage|us-east-1|Million Output Tokens": 1e6,
        "AWS Marketplace software usage|us-east-1|1,000,000 output tokens": 1e6,
        "AWS Marketplace software usage|us-east-1|Claude 3.1000 tokens": 1e6,
    }
    lines = [
        marketplace("USE1-MP:USE1_OutputTokenCount-Units", "Claude Opus 4", 1.0, description=text, account=f"{n:012}")
        for n, text in enumerate(texts)
    ]
    exports.write_cur2(data_root, lines)
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select quantity from marts.fct_ai_emissions order by account_id") == [
        (q,) for q in texts.values()
    ]
    assert done.results["assert_unit_prices_are_plausible"] == "warn"


def test_bedrock_editions_are_found_without_the_marks_of_the_marketplace(build, data_root):
    """By the product name where entity or service code say otherwise, by a known product code without any name."""
    edition = "Claude Sonnet 4.5 (Amazon Bedrock Edition)"
    code = "4a524th30q694o538qndh9ucht"
    line = Line("USE1_InputTokenCount-Units", 2.0, unit="Units", product_code=code, product_name=edition)
    lines = [
        line,
        changed(line, product_name="", entity="AWS Marketplace", account="200000000002"),
        changed(line, product_name="Another product", account="200000000003"),
    ]
    exports.write_cur2(data_root, lines)
    focus = exports.focus_row(changed(line, account="200000000004", payer="900000000001"), "1.2")
    month = date(2025, 6, 1)
    exports.write_data_export(data_root, "aws/focus", [focus], month, "parquet", export="focus", payer="900000000001")
    done = build(data_root)
    assert done.success, done.messages
    found = done.rows("select account_id, model_id, quantity from marts.fct_ai_emissions order by 1")
    assert found == [
        ("200000000001", "claude-sonnet-4-5", 2e6),
        ("200000000002", "claude-3-5-sonnet", 2e6),
        ("200000000003", "claude-3-5-sonnet", 2e6),
        ("200000000004", "claude-sonnet-4-5", 2e6),
    ]


def test_a_warehouse_with_seeds_of_an_earlier_version_takes_the_new_ones(build, data_root):
    select = ("--select", "sources")
    assert build(data_root, *select, command="seed").success
    with duckdb.connect(str(data_root.parent / "out/ai_emissions.duckdb")) as con:
        con.execute("alter table seeds.sources drop column note")
    done = build(data_root, *select, command="seed")
    assert done.success, done.messages
    assert done.value("select count(note) from seeds.sources") > 0


def test_a_warehouse_that_is_none_or_cannot_be_written_stops_the_build(build, data_root, tmp_path, monkeypatch):
    exports.write_cur2(data_root, [LINE])
    warehouse = tmp_path / "out" / "ai_emissions.duckdb"
    warehouse.parent.mkdir()
    for content in (b"no", b"no database", b"no database " * 2000):
        warehouse.write_bytes(content)
        message = str(build(data_root, *READ_ALL).messages)
        assert f'"{warehouse}" exists, but it is not a valid DuckDB database file' in message
        assert warehouse.read_bytes() == content
    warehouse.unlink()
    assert build(data_root, *READ_ALL).success
    # Root may write anywhere, so the question is answered for it.
    monkeypatch.setattr(warehouse_setup.os, "access", lambda path, mode: path != warehouse)
    message = str(build(data_root, *READ_ALL).messages)
    assert f"{warehouse}: the warehouse or its folder cannot be written" in message
    assert "AI_EMISSIONS_WAREHOUSE" in message


def test_what_a_build_left_that_was_killed_while_it_made_the_warehouse_is_no_hindrance(build, data_root, tmp_path):
    exports.write_cur2(data_root, [LINE])
    warehouse = tmp_path / "out" / "ai_emissions.duckdb"
    warehouse.parent.mkdir()
    with duckdb.connect(str(tmp_path / "whole.duckdb")) as con:
        con.execute("create table t as from range(9)")
    whole = (tmp_path / "whole.duckdb").read_bytes()
    for size in (0, 4096, 8192):
        warehouse.write_bytes(whole[:size])
        done = build(data_root, command="seed")
        assert done.success, done.messages


def test_a_warehouse_that_another_process_has_open_stops_the_build_and_names_the_process(build, data_root, tmp_path):
    exports.write_cur2(data_root, [LINE])
    assert build(data_root, *READ_ALL).success
    warehouse = tmp_path / "out" / "ai_emissions.duckdb"
    holder = "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(warehouse)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        message = str(build(data_root, *READ_ALL).messages)
        process.stdin.close()
    assert str(warehouse) in message and "Conflicting lock" in message and str(process.pid) in message
    assert build(data_root, *READ_ALL).success


def test_a_file_whose_clock_went_back_is_read_again(build, data_root):
    """Another time is another file, also an earlier one, and one of a day that is yet to come."""
    [path] = exports.write_cur2(data_root, [LINE], count=1)
    assert build(data_root, *READ_ALL).success
    for seconds, amount in [(315_532_800, 2000.0), (4_102_444_800, 3000.0)]:
        exports.write_cur2(data_root, [changed(LINE, amount=amount)], count=1)
        os.utime(path, (seconds, seconds))
        done = build(data_root, *READ_ALL)
        assert done.success, done.messages
        assert done.value("select sum(usage_amount) from intermediate.int_aws__usage_lines") == amount


def test_lines_that_begin_with_a_hash_are_no_comments(build, data_root):
    """Left to guess, DuckDB took the two lines for comments and left them out without a word."""
    texts = [("#", "a,b"), ("", "c"), ("#", "d")]
    lines = [changed(LINE, description=text, resource=resource) for text, resource in texts]
    rows = [{"lineItem/LineItemDescription": None} | exports.legacy_row(line, True) for line in lines]
    exports.write_csv(rows, data_root / "aws/cur_legacy/report/20250601-20250701/report-1.csv")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert done.value("select sum(line_count) from intermediate.int_aws__usage_lines") == 3


def test_tags_without_a_value_are_none_however_that_is_written(build, data_root):
    values = ["", "NULL", "null", "ads"]
    lines = [changed(LINE, tags={"team": value}, account=f"{number:012}") for number, value in enumerate(values)]
    exports.write_legacy_csv(data_root, lines)
    done = build(data_root)
    assert done.success, done.messages
    found = done.rows("select team, tags_json from marts.fct_ai_emissions order by account_id")
    assert found == [(None, None)] * 3 + [("ads", '{"team":"ads"}')]


def test_a_hundred_compressed_files_take_little_memory(build, data_root):
    for number in range(100):
        line = changed(LINE, account=f"{number:012}", payer=f"9{number:011}")
        exports.write_legacy_csv(data_root, [line], report=f"report{number}", count=1, manifest=False)
    done = build(data_root, *READ_ALL, memory_limit="700MB")
    assert done.success, done.messages
    assert done.value("select sum(line_count) from intermediate.int_aws__usage_lines") == 100


def test_texts_that_hold_the_signs_of_a_key_are_told_apart(build, data_root):
    """Two meters under one key would double each other's lines."""
    texts = [None, "~", "^", "^t", "a|b", "a^pb", "a"]
    exports.write_cur2(data_root, [changed(LINE, description=text) for text in texts])
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select sum(line_count), sum(quantity) from marts.fct_ai_emissions") == [(7, 7_000_000)]
