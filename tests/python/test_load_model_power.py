"""The loader of the per-model power dataset, on synthetic files and against a real HTTP server on the loopback."""

import csv
import math
import os
import random
import signal
import subprocess
import sys
import time
from datetime import date, timedelta

import pytest
from model_power_files import (
    ENDPOINTS,
    PAGE,
    csv_text,
    daily_csv,
    daily_name,
    daily_rows,
    energy_columns,
    running_average_csv,
    without,
    write_daily,
)
from model_power_loader import DAY, PROJECT, files, program, rows, snapshots
from model_power_server import HANGS_AFTER_SECONDS

from ai_emissions.model_power import snapshot
from ai_emissions.model_power.cli import main
from ai_emissions.model_power.convert import normalised_name, read_catalogue

pytestmark = pytest.mark.usefixtures("no_settings")


def changed(day: date, change, **options) -> list[dict]:
    """Rows of a day with ``change(row)`` applied to the first medium row."""
    made = daily_rows(day, **options)
    change(next(row for row in made if row["length"] == "Medium"))
    return made


# Reading and converting


@pytest.mark.parametrize("drift", range(6))
def test_a_figure_is_the_mean_of_the_medium_prompt_over_pue_over_a_thousand_whatever_the_header(
    load, out, tmp_path, drift
):
    path = write_daily(tmp_path, DAY, drift=drift)
    assert load("--source", path)[0] == 0
    with path.open(encoding="utf-8", newline="") as file:
        published = {(row["Model"], row["length"]): row for row in csv.DictReader(file)}
    found = rows(out)
    assert len(found) == len(published) == 3 * len(ENDPOINTS)
    for row in found:
        origin = published[row["model_name_as_published"], row["prompt_length"].title()]
        mean, pue = float(origin["Mean Combined Energy (Wh)"]), float(origin["PUE"])
        assert (row["energy_wh_mean"], row["pue_included"]) == (mean, pue)
        assert row["energy_wh_min"] == float(origin["Mean Min Energy (Wh)"])
        assert row["energy_wh_max"] == float(origin["Mean Max Energy (Wh)"])
        assert row["energy_wh_std"] == float(origin["Std Combined Energy (Wh)"])
        if row["prompt_length"] == "medium":
            assert math.isclose(row["wh_per_token"], mean / pue / 1000, rel_tol=1e-9)
        else:
            assert row["wh_per_token"] is None


def test_the_snapshot_has_the_documented_schema_and_says_where_it_comes_from(load, out, tmp_path):
    path = write_daily(tmp_path / "somebody's folder", DAY, lengths=["Medium", "Extra Long"])
    load("--source", path)
    described = rows(out, "describe snapshots")
    documented = [(name, kind) for name, kind, _ in snapshot.COLUMNS]
    assert [(column["column_name"], column["column_type"].lower()) for column in described] == documented
    [row] = [r for r in rows(out) if r["model_id"] == "claude-sonnet-4" and r["prompt_length"] == "extra_long"]
    assert (row["measured_on"], row["input_tokens"], row["output_tokens"]) == (DAY, 100000, 2000)
    assert (row["provider"], row["host"], row["author_size_class"]) == ("Anthropic", "Anthropic", "Large")
    assert row["source"] == daily_name(DAY)
    assert row["source_sha256"] == files(path.parent)[path.name]
    assert "somebody" not in str(rows(out))
    assert row["prompt_length_used"] == "medium"


def test_names_resolve_through_the_catalogue_and_unknown_ones_are_kept_and_reported(load, out, tmp_path):
    unknown = ("Unheard-of 9", "unheard-of-9", "OpenAI", "Azure", "DGX H200/H100", "Large", 1.12, 1.0)
    spelling = ("claude OPUS 4.5", "x", "Anthropic", "Anthropic", "DGX H200/H100", "Large", 1.14, 1.0)
    path = write_daily(tmp_path, DAY, endpoints=[*ENDPOINTS, unknown, spelling])
    code, text = load("--source", path)
    ids = {row["model_name_as_published"]: (row["model_id"], row["variant"]) for row in rows(out)}
    assert code == 0
    assert ids["GPT-5 (minimal)"] == ("gpt-5", "minimal")
    assert ids["claude OPUS 4.5"] == ("claude-opus-4-5", None)
    assert ids["Unheard-of 9"] == (None, None)
    assert "model_id is NULL: Unheard-of 9 (" in text


def test_names_are_normalised_here_as_the_models_do_it(project, tmp_path):
    for command, node in (("seed", "model_aliases"), ("run", "int_model_names")):
        build = project.run(command, PROJECT / "sample_data", tmp_path, "--select", node)
        assert build.success, build.messages
    looked_up = build.rows("select alias, normalised_name, model_id, variant from intermediate.int_model_names")
    catalogue = read_catalogue()
    assert len(looked_up) > 500
    assert not [row for row in looked_up if normalised_name(row[0]) != row[1]]
    assert not [row for row in looked_up if catalogue.aliases[row[1]] != row[2:]]
    assert catalogue.resolve("DeepSeek-R1 (DS)") == ("deepseek-r1", None)


def test_rows_of_one_key_are_averaged_and_every_value_is_logged(load, out, tmp_path):
    again = daily_rows(DAY, wobble=0.5, endpoints=[ENDPOINTS[-1]])
    code, text = load("--source", write_daily(tmp_path, DAY, daily_rows(DAY) + again))
    [row] = rows(out, "from snapshots where rows_collapsed > 1 and prompt_length = 'medium'")
    assert code == 0
    assert row["rows_collapsed"] == 2
    assert math.isclose(row["energy_wh_mean"], (6.0 + 9.0) / 2, rel_tol=1e-9)
    assert math.isclose(row["wh_per_token"], 7.5 / 1.27 / 1000, rel_tol=1e-9)
    assert "2 rows of DeepSeek V3 (DeepSeek) (deepseek-chat) medium averaged: 6, 9 -> 7.5 Wh" in text


def test_a_blank_energy_outside_the_medium_prompt_is_kept_as_null_and_logged(load, out, tmp_path):
    made = daily_rows(DAY)
    made[0] |= dict.fromkeys([*energy_columns(1.0), "PUE"], "")
    code, text = load("--source", write_daily(tmp_path, DAY, made))
    nulls = rows(out, "select model_name_as_published, prompt_length from snapshots where energy_wh_mean is null")
    assert code == 0
    assert nulls == [{"model_name_as_published": made[0]["Model"], "prompt_length": "short"}]
    assert f"kept as NULL: {made[0]['Model']} short" in text


def test_numbers_with_thousands_separators_and_true_minus_signs_are_read(load, out, tmp_path):
    def thousands(row):
        row |= energy_columns(1.0)
        row["Query Length"] = "1,000"

    assert load("--source", write_daily(tmp_path, DAY, changed(DAY, thousands)))[0] == 0
    code, text = load(
        "--source",
        write_daily(tmp_path, DAY, changed(DAY, lambda r: r.update({"Mean Combined Energy (Wh)": "\N{MINUS SIGN}8"}))),
    )
    assert code == 1
    assert "-8" in text


# What is refused


def with_first_medium(**columns) -> str:
    named = {name.replace("_", " "): value for name, value in columns.items()}
    return daily_csv(changed(DAY, lambda row: row.update(named)))


def with_energy(value: str) -> str:
    return daily_csv(changed(DAY, lambda row: row.update({"Mean Combined Energy (Wh)": value})))


def cut(text: str, at: float) -> str:
    return text[: int(len(text) * at)]


REFUSED = {
    "no medium rows": (daily_csv(daily_rows(DAY, ["Long"])), "no Medium rows (only Long)"),
    "no energy column": (
        without("Mean Combined Energy (Wh)", DAY),
        "missing required columns: Mean Combined Energy (Wh)",
    ),
    "no PUE column": (without("PUE", DAY), "missing required columns: PUE"),
    "no date": (without("SnapshotDate", DAY), "no column SnapshotDate: say --measured-on"),
    "unknown length": (with_first_medium(length="Tiny"), "unknown length: row 7 (Claude 4 Sonnet): 'Tiny'"),
    "other tokens": (with_first_medium(Query_Length="900"), "Query Length unlike length"),
    "text energy": (with_energy("n/a"), "Mean Combined Energy (Wh) is no number: row 7 (Claude 4 Sonnet): 'n/a'"),
    "nan energy": (with_energy("nan"), "is no number"),
    "blank energy": (with_energy(""), "no energy in rows of prompt size medium"),
    "zero energy": (with_energy("0"), "outside 0 to 1000 Wh"),
    "negative energy": (with_energy("-1"), "outside 0 to 1000 Wh"),
    "absurd energy": (with_energy("2800000"), "outside 0 to 1000 Wh"),
    "energy outside its cases": (with_energy("99"), "mean energy outside its minimum and maximum"),
    "PUE below 1": (with_first_medium(PUE="0.9"), "PUE outside 1 to 2"),
    "PUE above 2": (with_first_medium(PUE="12"), "PUE outside 1 to 2"),
    "blank PUE": (with_first_medium(PUE=""), "PUE outside 1 to 2"),
    "no model name": (with_first_medium(Model=""), "rows without Model"),
    "several dates": (daily_csv(daily_rows(DAY) + daily_rows(DAY + timedelta(1))), "several dates in one file"),
    "another date": (daily_csv(daily_rows(DAY + timedelta(1))), "SnapshotDate is 2026-02-14, but its name says"),
    "no date in the column": (with_first_medium(SnapshotDate="soon"), "SnapshotDate is no date: 'soon'"),
    "rows of two hosts": (
        daily_csv(daily_rows(DAY) + changed(DAY, lambda row: row.update(PUE="1.5"))[len(ENDPOINTS) :]),
        "differ in pue_included",
    ),
    "HTML": (PAGE, "an HTML or XML page"),
    "empty": ("", "the file is empty"),
    "blank": ("\n\n", "the file is empty"),
    "header only": (csv_text(list(daily_rows(DAY)[0]), []), "a header without rows"),
    "not found text": ("404: Not Found", "not a file of this dataset"),
    "cut in a row": (cut(daily_csv(daily_rows(DAY)), 0.6), "the last row has"),
    "cut in quotes": (daily_csv(daily_rows(DAY)) + '"2026', "not a whole CSV file"),
    "binary": (b"PAR1\x00\xff\xfe\x00" * 100, "not a CSV file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_cannot_be_trusted_is_refused_and_the_last_good_snapshot_is_untouched(load, out, tmp_path, case):
    content, reason = REFUSED[case]
    load("--source", write_daily(tmp_path / "good", DAY - timedelta(1)))
    before = files(out)
    path = tmp_path / daily_name(DAY)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    code, text = load("--source", path)
    assert code == 1
    assert reason in text
    assert len([line for line in text.splitlines() if "refused:" in line]) == 1
    assert files(out) == before
    assert len(before) == 1


def test_every_fault_of_a_file_is_named_at_once(load, tmp_path):
    made = daily_rows(DAY, ["Short", "Long"])
    made[0]["PUE"] = "3"
    made[1]["length"] = "Tiny"
    _, text = load("--source", write_daily(tmp_path, DAY, made))
    assert all(fault in text for fault in ("PUE outside 1 to 2", "unknown length", "no Medium rows"))


def test_another_prompt_size_is_accepted_only_when_asked_for_and_labels_the_snapshot(load, out, tmp_path):
    path = write_daily(tmp_path, DAY, lengths=["Long"])
    assert load("--source", path)[0] == 1
    code, text = load("--source", path, "--prompt-length", "long")
    found = rows(out)
    assert code == 0
    assert {row["prompt_length_used"] for row in found} == {"long"}
    assert all(
        math.isclose(row["wh_per_token"], row["energy_wh_mean"] / row["pue_included"] / 1500, rel_tol=1e-9)
        for row in found
    )
    assert "NOT the default figure" in text


def test_a_running_average_is_placed_in_time_by_the_user_and_says_what_it_is(load, out, tmp_path):
    path = tmp_path / "Monthly footprint.csv"
    path.write_text(running_average_csv(energy=4.0), encoding="utf-8")
    assert load("--source", path)[0] == 1
    assert files(out) == {}
    assert load("--source", path, "--measured-on", DAY)[0] == 0
    found = rows(out)
    assert {row["prompt_length"] for row in found} == {"short", "medium", "long", "extra_long"}
    assert {row["edition"] for row in found} == {
        f"How Hungry is AI? running average of the daily files without a date, taken as of {DAY}"
    }
    [figure] = [row for row in found if row["model_id"] == "claude-sonnet-4" and row["wh_per_token"]]
    assert math.isclose(figure["wh_per_token"], 4.0 / 1.14 / 1000, rel_tol=1e-9)
    assert math.isclose(figure["energy_wh_std"], 0.8, rel_tol=1e-9)


def test_a_stated_date_cannot_overrule_the_one_in_the_file(load, tmp_path):
    code, text = load("--source", write_daily(tmp_path, DAY), "--measured-on", DAY + timedelta(1))
    assert code == 1
    assert "--measured-on says 2026-02-14" in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["--since", "2026-01-01", "--source", "x.csv"],
        ["--measured-on", "2026-01-01"],
        ["--url-template", "https://example.org/latest.csv"],
        ["--url-template", "ftp://example.org/{date}.csv"],
        ["--since", "2026-03-01", "--as-of", "2026-02-01"],
        ["--out", "ftp://bucket/x"],
        ["--prompt-length", "tiny"],
        ["--source", ""],
        ["--source", "http://[half/a.csv"],
        ["--url-template", "http://[half/{date}.csv"],
    ],
)
def test_options_that_make_no_sense_end_with_code_2(arguments):
    with pytest.raises(SystemExit) as end:
        main(arguments)
    assert end.value.code == 2


# History


def test_the_same_content_again_is_a_no_op_even_where_the_last_digit_moves(load, out, tmp_path):
    load("--source", write_daily(tmp_path, DAY))
    before = files(out)
    moved = daily_rows(DAY)
    for row in moved:
        name = "Mean Combined Energy (Wh)"
        row[name] = repr(math.nextafter(float(row[name]), math.inf))
    for path in (write_daily(tmp_path, DAY), write_daily(tmp_path / "moved", DAY, moved, drift=2)):
        code, text = load("--source", path)
        assert code == 0
        assert "nothing to do" in text
        assert files(out) == before


def test_the_same_file_gives_the_same_bytes_anywhere(load, out, tmp_path):
    path = write_daily(tmp_path, DAY)
    load("--source", path)
    assert main(["--source", str(path), "--out", str(tmp_path / "elsewhere")]) == 0
    assert files(out) == files(tmp_path / "elsewhere")


def test_other_content_for_a_loaded_day_needs_revision_and_never_replaces(load, out, tmp_path):
    load("--source", write_daily(tmp_path, DAY))
    first = files(out)
    restated = write_daily(tmp_path, DAY, wobble=0.01)
    code, text = load("--source", restated)
    assert code == 1
    assert "--revision" in text
    assert files(out) == first

    assert load("--source", restated, "--revision")[0] == 0
    second = files(out)
    assert second.keys() - first.keys() == {"model_power_2026-02-13.r2.parquet"}
    assert first.items() <= second.items()
    assert {row["revision"] for row in rows(out)} == {1, 2}
    assert "nothing to do" in load("--source", restated)[1]
    assert files(out) == second


def test_values_unchanged_since_an_earlier_snapshot_are_reported_as_stale_and_dated(load, out, tmp_path):
    for offset, wobble in enumerate([0.2, 0, 0, 0]):
        write_daily(tmp_path, DAY + timedelta(offset), wobble=wobble)
    write_daily(tmp_path, DAY + timedelta(4), changed(DAY + timedelta(4), lambda row: row.update(energy_columns(2.9))))
    code, text = load("--source", tmp_path, as_of=DAY + timedelta(30))
    assert code == 0
    assert "stale: 5 of 6 medium values unchanged (5 since 2026-02-14)" in text
    since = rows(
        out,
        "select distinct measured_on, values_unchanged_since from snapshots where model_id = 'gpt-4.1-mini' order by 1",
    )
    assert [row["values_unchanged_since"] for row in since] == [None, None, *[DAY + timedelta(1)] * 3]
    changed_row = rows(out, "from snapshots where measured_on = '2026-02-17' and model_id = 'claude-sonnet-4'")
    assert {row["prompt_length"]: row["values_unchanged_since"] for row in changed_row} == {
        "short": DAY + timedelta(1),
        "medium": None,
        "long": DAY + timedelta(1),
    }
    assert "OLD FIGURES: the figures are dated 2026-02-17, 26 days before 2026-03-15; 5 of 6 repeat values of" in text


def test_a_jump_beyond_a_factor_of_two_and_names_that_left_are_reported(load, tmp_path):
    load("--source", write_daily(tmp_path, DAY))
    made = [row for row in daily_rows(DAY + timedelta(7)) if row["Model"] != "Llama 3.1 8B"]
    next(row for row in made if row["length"] == "Medium").update(energy_columns(2.8 * 2.1))
    code, text = load("--source", write_daily(tmp_path, DAY + timedelta(7), made))
    assert code == 0
    assert "jump: Claude 4 Sonnet medium 2.8 Wh (2026-02-13) -> 5.88 Wh, x 2.10" in text
    assert text.count("jump:") == 1
    assert "left since 2026-02-13, last figure stays in force: Llama 3.1 8B" in text


def test_a_dry_run_prints_the_difference_model_by_model_and_writes_nothing(load, out, tmp_path):
    load("--source", write_daily(tmp_path, DAY))
    before = files(out)
    made = [row for row in daily_rows(DAY + timedelta(7), wobble=0.25) if row["Model"] != "Llama 3.1 8B"]
    path = write_daily(tmp_path, DAY + timedelta(7), made)
    code, text = load("--source", path, "--dry-run")
    lines = {line.split("  ")[2]: line.split() for line in text.splitlines() if line.startswith("    ")}
    assert code == 0
    assert lines["Claude 4 Sonnet"][-4:] == ["0.00245614", "2026-02-13", "0.00307018", "1.250"]
    assert lines["Llama 3.1 8B"][-2:] == ["keeps", "it"]
    assert files(out) == before


def test_a_dry_run_makes_no_folder(load, out, tmp_path):
    assert load("--source", write_daily(tmp_path, DAY), "--dry-run")[0] == 0
    assert not out.exists()


def test_in_a_folder_the_good_files_load_in_order_of_date_and_the_refused_are_listed(load, out, tmp_path):
    folder = tmp_path / "daily"
    for offset in (9, 2, 0):
        write_daily(folder, DAY + timedelta(offset), drift=offset, wobble=offset / 10)
    write_daily(folder, DAY + timedelta(4), lengths=["Long"])
    (folder / daily_name(DAY + timedelta(5))).write_text(PAGE)
    (folder / "Monthly.csv").write_text(running_average_csv())
    (folder / "README.md").write_text("not data")
    code, text = load("--source", folder)
    written = [line.split()[1].split("_")[-1] for line in text.splitlines() if "written to" in line]
    assert code == 1
    assert written == [f"{DAY + timedelta(offset)}.csv:" for offset in (0, 2, 9)]
    assert [str(row["measured_on"]) for row in rows(out, "select distinct measured_on from snapshots order by 1")] == [
        "2026-02-13",
        "2026-02-15",
        "2026-02-22",
    ]
    listed = text[text.index("3 files refused") :]
    assert "no Medium rows" in listed and "2026-02-17.csv" in listed
    assert "an HTML or XML page" in listed and "2026-02-18.csv" in listed
    assert "no column SnapshotDate" in listed and "Monthly.csv" in listed
    assert "README" not in listed


def test_an_older_day_loaded_later_changes_no_newer_snapshot(load, out, tmp_path):
    load("--source", write_daily(tmp_path, DAY))
    before = files(out)
    assert load("--source", write_daily(tmp_path, DAY - timedelta(30)))[0] == 0
    assert before.items() <= files(out).items()
    assert len(files(out)) == 2


def test_three_hundred_daily_files_load_in_one_call_and_show_progress(load, out, tmp_path):
    folder = tmp_path / "daily"
    for number in range(300):
        write_daily(folder, DAY + timedelta(number), drift=number % 12, wobble=number / 1000)
    code, text = load("--source", folder)
    assert code == 0
    assert all(f"[{number}/300] " in text for number in range(1, 301))
    assert rows(out, "select count(distinct measured_on) as days, count(*) as n from snapshots") == [
        {"days": 300, "n": 300 * 3 * len(ENDPOINTS)}
    ]


def test_a_file_that_is_no_snapshot_stops_the_loader_with_its_place(load, out, tmp_path):
    out.mkdir()
    (out / "model_power_2026-01-01.parquet").write_bytes(b"PAR1 cut off")
    code, text = load("--source", write_daily(tmp_path, DAY))
    assert code == 1
    assert "model_power_2026-01-01.parquet" in text
    assert len(files(out)) == 1


# Killed at any point


def test_killed_at_any_point_it_leaves_whole_snapshots_and_the_next_run_completes_them(load, out, tmp_path):
    folder = tmp_path / "daily"
    for number in range(40):
        write_daily(folder, DAY + timedelta(number), wobble=number / 100)
    expected_in = tmp_path / "never_killed"
    assert main(["--source", str(folder), "--out", str(expected_in)]) == 0
    expected = files(expected_in)
    chance = random.Random(3)
    killed = 0
    for round_number in range(8):
        process = program("--source", folder, "--out", out)
        # The kill falls after a random line of progress, so that it hits the middle of the work on any machine.
        for _ in range(chance.randint(1, 12) if round_number else 1):
            process.stdout.readline()
        time.sleep(chance.random() / 100)
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=HANGS_AFTER_SECONDS)
        killed += process.returncode == -signal.SIGKILL
        assert snapshots(out).items() <= expected.items()
    assert killed
    assert load("--source", folder)[0] == 0
    assert files(out) == expected


def test_what_a_killed_run_left_half_written_is_removed_but_not_what_a_living_one_writes(load, out, tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    out.mkdir()
    left = out / f".model_power_2026-02-13.parquet.{ended.pid}.part"
    alive = out / f".model_power_2026-02-13.parquet.{os.getppid()}.part"
    left.write_bytes(b"half")
    alive.write_bytes(b"half")
    assert load("--source", write_daily(tmp_path, DAY))[0] == 0
    assert set(files(out)) == {alive.name, "model_power_2026-02-13.parquet"}


def test_two_runs_at_once_never_replace_each_others_snapshot(out, tmp_path):
    main(["--source", str(write_daily(tmp_path, DAY)), "--out", str(out)])
    before = files(out)
    with snapshot.connect(str(out)) as con:
        existing = list(snapshot.read_snapshots(con, str(out))[DAY].rows.values())
        other = [row._replace(energy_wh_mean=1.0) for row in existing]
        with pytest.raises(snapshot.SnapshotError, match="another run has just written it"):
            snapshot.write_snapshot(con, str(out), other)
    assert files(out) == before


# Where it writes


def test_it_writes_where_the_builds_look(tmp_path, monkeypatch, capsys):
    path = write_daily(tmp_path, DAY)
    monkeypatch.setenv("AI_EMISSIONS_DATA_ROOT", str(tmp_path / "root"))
    assert main(["--source", str(path)]) == 0
    assert len(snapshots(tmp_path / "root" / "model_power")) == 1
    monkeypatch.setenv("AI_EMISSIONS_MODEL_POWER", str(tmp_path / "own"))
    assert main(["--source", str(path)]) == 0
    assert len(snapshots(tmp_path / "own")) == 1
    monkeypatch.delenv("AI_EMISSIONS_DATA_ROOT")
    monkeypatch.delenv("AI_EMISSIONS_MODEL_POWER")
    monkeypatch.chdir(tmp_path)
    capsys.readouterr()
    assert main(["--source", str(path)]) == 0
    assert "that is the sample data" in capsys.readouterr().out
    assert len(snapshots(tmp_path / "sample_data" / "model_power")) == 1


def test_the_program_explains_itself():
    process = program("--help")
    text, _ = process.communicate(timeout=HANGS_AFTER_SECONDS)
    assert process.returncode == 0
    assert all(option in text for option in ("--source", "--out", "--as-of", "--since", "--dry-run", "{date}"))
