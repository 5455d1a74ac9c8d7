"""Billing months made at random, in all forms of both clouds: nothing is lost, form and order do not matter, a later
delivery replaces the whole month. ``make fuzz`` does the same with thousands."""

from billing_campaign import run_batch


def test_months_made_at_random_lose_nothing_whatever_their_form(project, tmp_path):
    result = run_batch(project, tmp_path, months=30, number=1)
    assert not result.faults, "\n".join(result.faults[:5])
    assert result.deliveries >= 60 and result.restated >= 10 and result.lines > 300
    assert (
        len(result.forms) >= 8 and {"estimated", "invalid_row", "unmapped_region", "excluded_charge"} <= result.statuses
    )
