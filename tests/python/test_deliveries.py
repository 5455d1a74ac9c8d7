"""Which files are read: restated months, several forms and several exports of the same usage."""

import os
from datetime import date

import billing_exports as exports
from billing_exports import Line, changed

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
LINE = Line("USE1-NovaPro-input-tokens", 1000.0)
# Everything up to the check that no account is covered twice: all files are read, nothing is rated.
READ_ALL = ("--select", "+int_aws__covered_accounts", "--indirect-selection", "cautious")


def garble(paths) -> None:
    """Replace files by bytes nobody can read, keeping their times."""
    for path in paths:
        times = os.stat(path)
        path.write_bytes(b"\x00garbage\xff" * 40)
        os.utime(path, (times.st_atime, times.st_mtime))


def lines_read(build) -> list[tuple]:
    return build.rows("select account_id, usage_type, usage_amount from intermediate.int_aws__usage_lines order by all")


def decisions(build) -> dict[str, str]:
    return dict(build.rows("select file_path, decision from inputs.inputs__data_files"))


def test_a_restated_month_replaces_the_old_one_and_the_old_one_is_never_opened(build, data_root):
    old = exports.write_cur2(data_root, [LINE, LINE], run="2025-07-01T04:00:00.000Z-aaaa")
    new = exports.write_cur2(data_root, [changed(LINE, amount=7.0)], run="2025-07-03T04:00:00.000Z-0000")
    garble(old)
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select quantity, source_delivery from marts.fct_ai_emissions") == [
        (7000.0, "aws_cur2:cur2:2025-06:2025-07-03T04:00:00.000Z-0000")
    ]
    delivered = dict(done.rows("select file_path, decision from marts.ai_input_deliveries where file_kind = 'parquet'"))
    assert delivered == {str(path): "superseded" for path in old} | {str(path): "used" for path in new}


def test_without_a_manifest_the_newest_run_counts(build, data_root):
    old = exports.write_cur2(data_root, [LINE], run="zzzz", manifest=False)
    new = exports.write_cur2(data_root, [changed(LINE, amount=7.0)], run="aaaa", manifest=False)
    for path, seconds in [(old[0], 1_750_000_000), (new[0], 1_750_000_060)]:
        os.utime(path, (seconds, seconds))
    garble(old)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert lines_read(done) == [(LINE.account, LINE.usage_type, 7.0)]


def test_two_runs_that_nothing_orders_stop_the_build(build, data_root):
    paths = exports.write_cur2(data_root, [LINE], run="aaaa", manifest=False)
    paths += exports.write_cur2(data_root, [LINE], run="bbbb", manifest=False)
    for path in paths:
        os.utime(path, (1_750_000_000, 1_750_000_000))
    message = build(data_root, *READ_ALL).error()
    assert "two versions of one billing period" in message
    assert all(str(path) in message for path in paths)


def test_legacy_assemblies_are_told_apart_by_the_upper_manifest(build, data_root):
    old = exports.write_legacy_csv(data_root, [LINE, LINE], assembly="ffff-1")
    new = exports.write_legacy_csv(data_root, [changed(LINE, amount=7.0)], assembly="0000-2")
    garble(old)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert lines_read(done) == [(LINE.account, LINE.usage_type, 7.0)]
    assert {path for path, decision in decisions(done).items() if decision == "used"} == {str(path) for path in new}


def test_outranked_forms_of_the_same_usage_are_never_opened(build, data_root):
    used = exports.write_cur2(data_root, [LINE, changed(LINE, month=JULY, day=JULY)])
    outranked = exports.write_focus(data_root, [LINE], "1.2") + exports.write_legacy_csv(data_root, [LINE])
    garble(outranked)
    done = build(data_root)
    assert done.success, done.messages
    assert done.value("select sum(quantity) from marts.fct_ai_emissions") == 2_000_000
    assert decisions(done) == {str(path): "used" for path in used} | {str(path): "outranked" for path in outranked}
    reasons = {
        row[0]
        for row in done.rows("select decision_reason from marts.ai_input_deliveries where decision = 'outranked'")
    }
    assert reasons == {"the same billing period is there as aws_cur2, which comes first in aws_form_order"}


def test_garbage_in_the_manifest_of_an_outranked_delivery_does_not_matter(build, data_root):
    exports.write_cur2(data_root, [LINE])
    garble(exports.write_focus(data_root, [LINE], "1.2"))
    (data_root / "aws/focus/focus/metadata/BILLING_PERIOD=2025-06/focus-Manifest.json").write_bytes(b"\xff\xfe\x00")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages


def test_a_form_counts_for_the_periods_the_better_one_does_not_have(build, data_root):
    exports.write_legacy_csv(data_root, [LINE, changed(LINE, month=JULY, day=JULY, amount=5.0)])
    exports.write_cur2(data_root, [changed(LINE, month=JULY, day=JULY, amount=7.0)])
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert done.rows("select usage_month, usage_amount from intermediate.int_aws__usage_lines order by 1") == [
        (JUNE, 1000.0),
        (JULY, 7.0),
    ]


def test_the_order_of_forms_is_a_setting(build, data_root):
    exports.write_cur2(data_root, [LINE])
    exports.write_focus(data_root, [changed(LINE, amount=7.0)], "1.2")
    done = build(data_root, *READ_ALL, variables="{aws_form_order: [focus, cur2]}")
    assert done.success, done.messages
    assert lines_read(done) == [(LINE.account, LINE.usage_type, 7.0)]


def test_another_form_of_another_billing_account_counts_too(build, data_root):
    exports.write_cur2(data_root, [LINE])
    other = changed(LINE, account="300000000001", payer="300000000000", amount=7.0)
    exports.write_focus(data_root, [other], "1.2", payer="300000000000")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert [row[2] for row in lines_read(done)] == [1000.0, 7.0]


def test_two_exports_of_one_form_for_the_same_account_and_period_stop_the_build(build, data_root):
    exports.write_cur2(data_root, [LINE], export="hourly")
    exports.write_cur2(data_root, [LINE], export="daily")
    message = build(data_root).error()
    assert "200000000001" in message and "2025-06" in message
    assert "aws_cur2:hourly:2025-06" in message and "aws_cur2:daily:2025-06" in message


def test_two_exports_of_one_form_for_different_accounts_are_both_read(build, data_root):
    exports.write_cur2(data_root, [LINE], export="north")
    exports.write_cur2(data_root, [changed(LINE, account="300000000001")], export="south")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert [row[0] for row in lines_read(done)] == ["200000000001", "300000000001"]


def test_files_moved_out_of_their_layout_are_read_too(build, data_root):
    rows = [exports.cur2_row(LINE), exports.cur2_row(changed(LINE, month=JULY, day=JULY, amount=7.0))]
    exports.write_parquet(rows, data_root / "aws/cur2/all months.parquet")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert done.rows("select usage_month, usage_amount from intermediate.int_aws__usage_lines order by 1") == [
        (JUNE, 1000.0),
        (JULY, 7.0),
    ]


def test_odd_folder_names_are_no_patterns(build, tmp_path):
    root = tmp_path / "it's [all] here"
    exports.write_cur2(root, [LINE], export="o'brien [eu]")
    done = build(root, *READ_ALL)
    assert done.success, done.messages
    assert len(lines_read(done)) == 1


def test_one_input_may_lie_elsewhere(build, tmp_path, data_root):
    exports.write_cur2(tmp_path / "elsewhere", [LINE])
    done = build(data_root, *READ_ALL, aws_cur2=str(tmp_path / "elsewhere/aws/cur2"))
    assert done.success, done.messages
    assert len(lines_read(done)) == 1


def test_files_of_tools_are_left_alone(build, data_root):
    exports.write_cur2(data_root, [LINE])
    for name in [
        "_SUCCESS",
        ".cur2.parquet.swp",
        "_temporary/part.parquet",
        "create-table.sql",
        "report/cost_and_usage_data_status/x.parquet",
    ]:
        path = data_root / "aws/cur2" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"garbage")
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert len(lines_read(done)) == 1


def test_columns_may_vary_from_month_to_month(build, data_root):
    exports.write_legacy_csv(data_root, [changed(LINE, tags={"team": "ads"})], report="one")
    exports.write_legacy_csv(
        data_root,
        [changed(LINE, month=JULY, day=JULY, tags={"Environment": "test", "app-id": "7"}, categories={"Unit": "x"})],
        report="two",
    )
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select team, tags_json from marts.fct_ai_emissions order by usage_month") == [
        ("ads", '{"team":"ads"}'),
        (None, '{"app_id":"7","environment":"test"}'),
    ]


def test_an_outranked_month_whose_better_form_holds_no_ai_usage_raises_a_warning(build, data_root):
    exports.write_focus(data_root, [LINE], "1.2")
    other = changed(LINE, product_code="AmazonEC2", product_name="Amazon EC2", usage_type="BoxUsage")
    exports.write_cur2(data_root, [other])
    done = build(data_root)
    assert done.success, done.messages
    assert done.results["assert_outranked_deliveries_may_be_left_out"] == "warn"


def test_a_manifest_that_lists_nothing_does_not_outrank_files(build, data_root):
    exports.write_focus(data_root, [LINE], "1.2")
    for path in exports.write_cur2(data_root, [LINE]):
        path.unlink()
    manifest = next(data_root.glob("aws/cur2/**/*-Manifest.json"))
    manifest.write_text('{"exportArn": "arn:aws:bcm-data-exports:us-east-1:100000000001:export/x", "parts": []}')
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert lines_read(done) == [(LINE.account, LINE.usage_type, 1000.0)]


def test_one_month_as_csv_and_as_parquet_without_a_manifest_stops_the_build(build, data_root):
    """The message names a file of each, whatever their names."""
    first, *_ = exports.write_cur2(data_root, [LINE, LINE], manifest=False)
    [text] = exports.write_cur2(data_root, [LINE], "csv", manifest=False)
    between = text.rename(first.with_name("cur2-000015.csv.gz"))
    message = build(data_root, *READ_ALL).error()
    assert f"{between} and {first}: one billing period as CSV and as Parquet" in message


def test_a_loose_copy_of_a_file_keeps_the_marts_from_being_published(build, data_root):
    for name in ("a.parquet", "a copy.parquet"):
        exports.write_parquet([exports.cur2_row(LINE)], data_root / "aws/cur2" / name)
    done = build(data_root)
    assert not done.success and not list(done.published.glob("*.parquet"))
    assert done.results["assert_no_file_is_there_twice"] == "fail"
