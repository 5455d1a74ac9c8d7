"""Loaded snapshots of the power dataset serve the usage from their own day on, and change nothing before it."""

from datetime import date

import billing_exports as exports
import duckdb
import model_power_files as files
import pytest
from billing_exports import Line

DAYS = [date(2025, 3, 1), date(2026, 1, 10), date(2026, 2, 13), date(2026, 2, 20), date(2026, 3, 1), date(2027, 6, 1)]
MODELS = {
    "USE1-Claude4Sonnet-input-tokens": "claude-sonnet-4",
    "USE1-Llama3-1-8B-input-tokens": "llama-3.1-8b-instruct",
}
WH = {"claude-sonnet-4": 2.8 / 1.14 / 1000, "llama-3.1-8b-instruct": 0.2 / 1.14 / 1000}


@pytest.fixture
def usage(data_root):
    lines = [Line(usage_type, 1000.0, day=day, month=day.replace(day=1)) for usage_type in MODELS for day in DAYS]
    exports.write_cur2(data_root, lines)
    return data_root


def snapshot(load, tmp_path, day: date, wobble: float = 0.0) -> None:
    source = files.write_daily(tmp_path / "published", day, files.daily_rows(day, wobble=wobble))
    code, printed = load("--source", source, as_of=day)
    assert code == 0, printed


def figures(done) -> dict[tuple, tuple]:
    return {
        row[:2]: row[2:]
        for row in done.rows(
            "select model_id, usage_date, wh_per_unit, power_measured_on, power_is_backcast, power_confidence"
            " from marts.fct_ai_emissions where status = 'estimated'"
        )
    }


def test_each_day_takes_the_figure_in_force_and_a_newer_snapshot_changes_no_older_day(
    build, usage, load, out, tmp_path
):
    without = figures(build(usage, into="without"))
    snapshot(load, tmp_path, date(2026, 2, 13))
    one = figures(build(usage, into="one", model_power=str(out)))
    snapshot(load, tmp_path, date(2026, 2, 20), wobble=0.5)
    done = build(usage, into="two", model_power=str(out))
    two = figures(done)
    for model in WH:
        for day in DAYS:
            if day < date(2026, 2, 13):
                assert without[model, day] == one[model, day] == two[model, day]
            elif day < date(2026, 2, 20):
                assert one[model, day] == two[model, day]
                assert one[model, day][0] == pytest.approx(WH[model], rel=1e-9)
                assert one[model, day][1:] == (date(2026, 2, 13), False, "high")
            else:
                assert two[model, day][0] == pytest.approx(WH[model] * 1.5, rel=1e-9)
                assert two[model, day][1] == date(2026, 2, 20)
    listed = done.rows(
        f"select decision, rows_read from marts.ai_input_deliveries where starts_with(file_path, '{out}/model')"
    )
    assert listed == [("used", 18), ("used", 18)]
    used = done.rows("""
        select fact.power_figure_id from marts.fct_ai_emissions as fact
        left join marts.emission_factors as factors on fact.power_figure_id = factors.factor_id
        where fact.status = 'estimated' and (factors.figure is null or abs(factors.figure - fact.wh_per_unit) > 1e-12)
    """)
    assert used == []


def test_days_before_the_first_figure_of_a_model_say_that_they_are_back_cast(build, usage, load, out, tmp_path):
    day = date(2025, 3, 20)
    snapshot(load, tmp_path, day)
    found = figures(build(usage, model_power=str(out)))
    # The document's own figure of Claude Sonnet 4 is older; Llama is first measured by the snapshot.
    assert found["claude-sonnet-4", DAYS[0]][1:3] == (date(2025, 2, 1), False)
    assert found["llama-3.1-8b-instruct", DAYS[0]][1:3] == (day, True)


def test_old_and_jumping_figures_are_of_low_confidence(build, usage, load, out, tmp_path):
    snapshot(load, tmp_path, date(2026, 2, 13))
    found = figures(build(usage, into="one", model_power=str(out)))
    confidence = {day: found["llama-3.1-8b-instruct", day][3] for day in DAYS}
    assert confidence[date(2026, 3, 1)] == "high"
    assert confidence[date(2027, 6, 1)] == "low"
    snapshot(load, tmp_path, date(2026, 2, 20), wobble=1.5)
    found = figures(build(usage, into="two", model_power=str(out)))
    assert found["llama-3.1-8b-instruct", date(2026, 3, 1)][3] == "low"


def test_a_trailing_median_takes_single_days_off(build, usage, load, out, tmp_path):
    for day, wobble in [(date(2026, 2, 6), 0.0), (date(2026, 2, 13), 0.9), (date(2026, 2, 20), 0.0)]:
        snapshot(load, tmp_path, day, wobble)
    found = figures(build(usage, model_power=str(out), variables="{power_smoothing_days: 28}"))
    assert found["llama-3.1-8b-instruct", date(2026, 3, 1)][0] == pytest.approx(WH["llama-3.1-8b-instruct"], rel=1e-9)


def test_a_snapshot_with_the_columns_of_the_contract_alone_serves(build, usage, tmp_path):
    """Another loader may write these files; what it leaves out is unknown."""
    folder = tmp_path / "own"
    folder.mkdir()
    with duckdb.connect() as con:
        con.execute(f"""
            copy (
                select date '2026-02-13' as measured_on, 'Claude 4 Sonnet' as model_name_as_published,
                    'claude-sonnet-4' as model_id, 'Anthropic' as provider, 'Anthropic' as host,
                    'Large' as author_size_class, 'medium' as prompt_length, 1000 as input_tokens,
                    1000 as output_tokens, 5.7 as energy_wh_mean, 0.57 as energy_wh_std, 1.14 as pue_included,
                    0.005 as wh_per_token, 'a test' as source
            ) to '{folder}/anything.parquet' (format parquet)
        """)
    found = figures(build(usage, model_power=str(folder)))
    assert found["claude-sonnet-4", date(2026, 3, 1)][0] == 0.005


def test_a_snapshot_that_is_none_stops_the_build(build, usage, tmp_path):
    folder = tmp_path / "own"
    exports.write_parquet([{"name": "x"}], folder / "model_power_2026-02-13.parquet")
    message = build(usage, model_power=str(folder)).error()
    assert "model_power_2026-02-13.parquet" in message and "no column measured_on" in message
