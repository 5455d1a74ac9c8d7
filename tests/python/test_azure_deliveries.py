"""Which files of Azure exports are read: month-to-date runs, partitions, several forms of the same usage."""

import json
from datetime import date

import azure_exports as exports
from azure_exports import SUBSCRIPTION, Line, changed
from test_deliveries import garble

JUNE, JULY = date(2025, 6, 1), date(2025, 7, 1)
LINE = Line("gpt 4o 1120 Inp glbl Tokens", 5000.0)
OTHER = "99999999-2222-3333-4444-555555555555"
# Everything up to the check that no subscription is covered twice: all files are read, nothing is rated.
READ_ALL = ("--select", "+int_azure__usage", "--indirect-selection", "cautious")


def rows(*lines: Line, make=exports.ea_row) -> list[dict]:
    return [make(line) for line in lines]


def usage(build) -> list[tuple]:
    return build.rows(
        "select account_id, cast(usage_month as varchar), quantity from intermediate.int_azure__usage order by all"
    )


def fact(build) -> list[tuple]:
    columns = [row[0] for row in build.rows("describe marts.fct_ai_emissions") if row[0] != "emission_id"]
    return build.rows(f"select {', '.join(columns)} from marts.fct_ai_emissions order by all")


def month_to_date(root, *, manifest: bool) -> list:
    """Thirty runs of one export: each repeats the month so far; one line of the first days is gone in the last."""
    runs = []
    for day in range(1, 31):
        lines = [changed(LINE, day=date(2025, 6, past), quantity=1000.0 * past) for past in range(1, day + 1)]
        if day == 30:
            lines = [line for line in lines if line.day != date(2025, 6, 3)]
        runs.append(
            exports.write_run(
                root,
                "cost_details",
                rows(*lines),
                run=f"202506{day:02}2200/{30 - day:08x}",
                submitted=f"2025-06-{day:02}T22:00:00.0000000Z",
                count=2,
                manifest=manifest,
            )
        )
    return runs


def test_thirty_month_to_date_runs_give_the_result_of_the_last_and_the_others_are_never_opened(build, tmp_path):
    runs = month_to_date(tmp_path / "all", manifest=True)
    for files in runs[:-1]:
        garble(files)
    last = tmp_path / "last/azure/cost_details" / runs[-1][0].parent.relative_to(tmp_path / "all/azure/cost_details")
    last.mkdir(parents=True)
    for path in [*runs[-1], runs[-1][0].parent / "manifest.json"]:
        (last / path.name).write_bytes(path.read_bytes())
    every_run, last_run = build(tmp_path / "all", into="all_out"), build(tmp_path / "last", into="last_out")
    assert every_run.success, every_run.messages
    assert last_run.success, last_run.messages
    assert fact(every_run) == fact(last_run)
    tokens = every_run.value("select sum(quantity) from marts.fct_ai_emissions")
    assert tokens == sum(1000.0 * day for day in range(1, 31) if day != 3)
    decisions = every_run.rows(
        "select decision, count(*) from marts.ai_input_deliveries where file_kind = 'csv' group by 1 order by 1"
    )
    assert decisions == [("superseded", 57), ("used", 2)]


def test_without_manifests_the_time_in_the_folder_name_decides(build, data_root):
    runs = month_to_date(data_root, manifest=False)
    for files in runs[:-1]:
        garble(files)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert len(usage(done)) == 29


def test_a_run_that_was_submitted_later_wins_whatever_its_folder_is_called(build, data_root):
    new = exports.write_run(
        data_root,
        "cost_details",
        rows(changed(LINE, quantity=7000.0)),
        run="0000aaaa",
        submitted="2025-07-03T04:00:00Z",
    )
    old = exports.write_run(
        data_root, "cost_details", rows(LINE, LINE), run="ffffbbbb", submitted="2025-07-02T04:00:00Z"
    )
    garble(old)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [(SUBSCRIPTION, "2025-06-01", 7000.0)]
    assert done.value("select distinct file_path from intermediate.int_azure__export_lines") == str(new[0])


def test_an_export_that_overwrites_has_no_run_folder(build, data_root):
    exports.write_run(data_root, "cost_details", rows(LINE, LINE), run="", count=2)
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [(SUBSCRIPTION, "2025-06-01", 10000.0)]


def test_each_month_of_an_export_has_its_own_newest_run(build, data_root):
    exports.write_run(data_root, "cost_details", rows(LINE))
    july = changed(LINE, month=JULY, day=JULY, quantity=9000.0)
    garble(exports.write_run(data_root, "cost_details", rows(july), JULY, run="202507010400/1"))
    exports.write_run(
        data_root, "cost_details", rows(july), JULY, run="202507020400/2", submitted="2025-08-02T00:00:00Z"
    )
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [(SUBSCRIPTION, "2025-06-01", 5000.0), (SUBSCRIPTION, "2025-07-01", 9000.0)]


def three_forms(root, **options) -> dict[str, list]:
    return {
        "amortized": exports.write_run(
            root, "cost_details", rows(LINE), export="amortized", export_type="AmortizedCost", **options
        ),
        "actual": exports.write_run(root, "cost_details", rows(LINE), export="actual", **options),
        "focus": exports.write_run(
            root, "focus", rows(LINE, make=exports.focus_row), export="focus", export_type="FocusCost", **options
        ),
    }


def test_forms_of_the_same_scope_are_ranked_and_the_outranked_ones_never_opened(build, data_root):
    files = three_forms(data_root)
    garble(files["actual"] + files["amortized"])
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select quantity, source_delivery from marts.fct_ai_emissions") == [
        (5000.0, "azure_focus:focus:2025-06:0a1b2c3d")
    ]
    decisions = dict(
        done.rows("select file_path, decision from marts.ai_input_deliveries where file_kind <> 'manifest'")
    )
    assert decisions == {
        str(files["focus"][0]): "used",
        str(files["actual"][0]): "outranked",
        str(files["amortized"][0]): "outranked",
    }


def test_the_order_of_forms_is_a_setting(build, data_root):
    files = three_forms(data_root)
    garble(files["actual"] + files["focus"])
    done = build(data_root, *READ_ALL, variables="{azure_form_order: [amortized, focus, actual]}")
    assert done.success, done.messages
    assert done.value("select source_delivery from intermediate.int_azure__usage").startswith(
        "azure_cost_details:amortized"
    )


def test_a_billing_account_export_and_a_subscription_export_count_a_subscription_once(build, data_root):
    """Scopes differ, so only the lines tell that they overlap."""
    actual = exports.write_run(
        data_root,
        "cost_details",
        rows(LINE, changed(LINE, subscription=OTHER, quantity=9000.0)),
        export="everything",
        scope="/providers/Microsoft.Billing/billingAccounts/1",
    )
    focus = exports.write_run(
        data_root, "focus", rows(LINE, make=exports.focus_row), export="one", export_type="FocusCost"
    )
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select account_id, quantity from marts.fct_ai_emissions order by 1") == [
        (SUBSCRIPTION, 5000.0),
        (OTHER, 9000.0),
    ]
    told = {
        row[0]: row[1:]
        for row in done.rows(
            "select file_path, decision, decision_reason, rows_read from marts.ai_input_deliveries"
            " where file_kind <> 'manifest'"
        )
    }
    assert told[str(focus[0])][0] == "used"
    decision, reason, rows_read = told[str(actual[0])]
    assert decision == "used" and rows_read == 2
    assert reason.startswith("1 of 2 lines are there as azure_focus")


def test_two_exports_of_one_form_for_the_same_subscription_and_month_stop_the_build(build, data_root):
    exports.write_run(data_root, "cost_details", rows(LINE), export="north")
    exports.write_run(
        data_root, "cost_details", rows(LINE), export="all", scope="/providers/Microsoft.Billing/billingAccounts/1"
    )
    message = build(data_root, *READ_ALL).error()
    assert SUBSCRIPTION in message and "2025-06" in message
    assert "azure_cost_details:north:2025-06" in message and "azure_cost_details:all:2025-06" in message


def test_two_exports_of_different_subscriptions_are_both_read(build, data_root):
    exports.write_run(data_root, "cost_details", rows(LINE), export="north")
    exports.write_run(
        data_root,
        "cost_details",
        rows(changed(LINE, subscription=OTHER)),
        export="south",
        scope=f"/subscriptions/{OTHER}",
    )
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert [row[0] for row in usage(done)] == [SUBSCRIPTION, OTHER]


def test_amortized_cost_without_a_manifest_is_told_by_its_lines_of_unused_commitment(build, data_root):
    unused = changed(LINE, meter="Provisioned Managed Global Unit", unit="1/Hour", charge_type="UnusedReservation")
    exports.write_run(data_root, "cost_details", rows(LINE), export="one", manifest=False)
    exports.write_run(data_root, "cost_details", rows(LINE, unused), export="two", manifest=False)
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select quantity, source_delivery from marts.fct_ai_emissions") == [
        (5000.0, "azure_cost_details:one:2025-06:202507010400/0a1b2c3d")
    ]
    assert done.rows(
        "select decision, count(*) from marts.ai_input_deliveries where file_kind = 'csv' group by 1 order by 1"
    ) == [("outranked", 1), ("used", 1)]


def test_files_moved_out_of_their_layout_are_read_too(build, data_root):
    july = changed(LINE, month=JULY, day=JULY, quantity=9000.0)
    exports.write_file(rows(LINE, july), data_root / "azure/cost_details/all months.csv")
    exports.write_file(
        rows(changed(LINE, subscription=OTHER), make=exports.payg_row),
        data_root / "azure/cost_details/old/usage.csv.gz",
    )
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [
        (SUBSCRIPTION, "2025-06-01", 5000.0),
        (SUBSCRIPTION, "2025-07-01", 9000.0),
        (OTHER, "2025-06-01", 5000.0),
    ]


def test_a_focus_export_among_the_cost_details_is_read_as_what_it_is(build, data_root):
    exports.write_run(
        data_root, "cost_details", rows(LINE, make=exports.focus_row), export="focus", export_type="FocusCost"
    )
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [(SUBSCRIPTION, "2025-06-01", 5000.0)]


def test_equal_lines_of_one_run_are_not_taken_for_copies(build, data_root):
    exports.write_run(data_root, "cost_details", rows(LINE, LINE, LINE), count=2)
    done = build(data_root)
    assert done.success, done.messages
    assert done.rows("select quantity, line_count from marts.fct_ai_emissions") == [(15000.0, 3)]


def test_a_manifest_of_the_first_version_has_only_blobs(build, data_root):
    files = exports.write_run(data_root, "cost_details", rows(LINE))
    manifest = files[0].parent / "manifest.json"
    content = json.loads(manifest.read_text())
    manifest.write_text(json.dumps({"blobCount": 1, "blobs": content["blobs"]}))
    done = build(data_root, *READ_ALL)
    assert done.success, done.messages
    assert usage(done) == [(SUBSCRIPTION, "2025-06-01", 5000.0)]


def test_tags_of_azure_give_team_and_tag_object(build, data_root):
    tags = {"Team": "ads", "cost-center": '47:11, "x"'}
    exports.write_run(data_root, "cost_details", rows(changed(LINE, tags=tags)))
    done = build(data_root)
    assert done.success, done.messages
    team, tags_json = done.rows("select team, tags_json from marts.fct_ai_emissions")[0]
    assert team == "ads" and json.loads(tags_json) == {"team": "ads", "cost_center": '47:11, "x"'}
