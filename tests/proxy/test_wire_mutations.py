"""Answers split, cut and damaged at random, in every coding. ``make fuzz`` tries every split and a million in all."""

from wire_campaign import run_splits


def test_no_split_cut_or_damage_makes_a_count_that_the_answer_does_not_give():
    result = run_splits(10_000, number=1, is_every=False)
    assert not result.faults, "\n".join(result.faults[:5])
    assert result.splits >= 10_000 and result.cuts > 2000 and result.flips > 2000 and result.bodies > 500
