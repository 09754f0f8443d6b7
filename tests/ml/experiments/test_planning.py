"""Size and duration of tests, the chance that a running one decides, and the split of traffic."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import BadOption, BadSample
from ml.experiments import (
    Arm,
    chance_to_finish,
    detectable_lift,
    effect_of,
    fixed_reading,
    plan_test,
    power_of,
    proportion,
    top_two_split,
    units_needed,
)

PAST = proportion(50_000, 2500)


def test_the_power_promised_is_the_power_had() -> None:
    units = units_needed(PAST, lift=0.1)
    rng = np.random.default_rng(1)
    found = [
        fixed_reading(effect_of(proportion(units, left), proportion(units, right))).p_value < 0.05
        for left, right in zip(rng.binomial(units, 0.05, 2000), rng.binomial(units, 0.055, 2000), strict=True)
    ]
    assert np.mean(found) == pytest.approx(0.8, abs=0.04)


@given(st.floats(0.02, 0.6), st.sampled_from(["fixed", "sequential"]))
def test_size_and_smallest_change_are_each_others_inverse(lift: float, method: str) -> None:
    units = units_needed(PAST, lift=lift, method=method)  # type: ignore[arg-type]
    assert detectable_lift(PAST, units_per_arm=units, method=method) == pytest.approx(lift, rel=0.01)  # type: ignore[arg-type]


def test_watching_and_more_versions_cost_people() -> None:
    assert units_needed(PAST, lift=0.1) < units_needed(PAST, lift=0.1, method="sequential")
    assert units_needed(PAST, lift=0.1) < units_needed(PAST, lift=0.1, arms=4)
    assert power_of(PAST, lift=0.1, units_per_arm=1000) < power_of(PAST, lift=0.2, units_per_arm=1000)


def test_a_plan_lasts_whole_weeks_and_says_so() -> None:
    plan = plan_test(PAST, lift=0.1, units_per_day=4000)
    assert plan.days is not None
    assert plan.days % 7 == 0
    assert plan.units_per_arm * 2 <= plan.days * 4000
    assert plan.power >= 0.8
    assert (
        plan.sentence
        == f"To find a change of 10.0%, each version needs {plan.units_per_arm:,} people, about {plan.days // 7} weeks."
    )


def test_a_running_test_is_likelier_to_decide_the_clearer_it_looks_and_the_longer_it_runs() -> None:
    flat, promising = (effect_of(PAST, proportion(50_000, successes)) for successes in (2510, 2650))
    assert chance_to_finish(promising, units_at_end=200_000) > chance_to_finish(flat, units_at_end=200_000)
    assert chance_to_finish(promising, units_at_end=400_000) > chance_to_finish(promising, units_at_end=120_000)


def test_traffic_goes_to_the_two_that_may_be_best_and_some_to_all() -> None:
    split = top_two_split([proportion(1000, count) for count in (50, 80, 78, 40)], least_share=0.05)
    assert sum(split.weights) == pytest.approx(1)
    assert min(split.weights) >= 0.05 - 1e-12
    assert sum(split.weights[1:3]) > 0.85
    assert np.argmax(split.chance_best) == 1


def test_of_two_versions_each_gets_half() -> None:
    split = top_two_split([proportion(1000, 50), proportion(1000, 90)], least_share=0.0)
    assert split.weights == pytest.approx((0.5, 0.5))


@given(st.permutations(range(4)))
def test_the_split_follows_the_versions_whatever_their_order(order: list[int]) -> None:
    arms = [proportion(500, count) for count in (20, 25, 30, 36)]
    plain, moved = top_two_split(arms), top_two_split([arms[index] for index in order])
    assert moved.weights == pytest.approx([plain.weights[index] for index in order])


def test_chances_to_be_best_agree_with_draws() -> None:
    arms = [Arm.plain(100, 1.0, 9.0), Arm.plain(400, 1.2, 4.0), Arm.plain(50, 0.9, 1.0)]
    rng = np.random.default_rng(2)
    draws = np.column_stack([rng.normal(arm.mean, np.sqrt(arm.mean_variance), 100_000) for arm in arms])
    known = np.bincount(draws.argmax(1), minlength=3) / 100_000
    assert top_two_split(arms).chance_best == pytest.approx(known, abs=0.01)
    lowest = np.bincount(draws.argmin(1), minlength=3) / 100_000
    assert top_two_split(arms, goal_is_more=False).chance_best == pytest.approx(lowest, abs=0.01)


def test_plans_that_cannot_be_are_refused() -> None:
    attempts = (
        lambda: units_needed(PAST, lift=0.0),
        lambda: units_needed(PAST, lift=-1.5),
        lambda: units_needed(PAST, lift=1e-9),
        lambda: units_needed(proportion(100, 0), lift=0.1),
        lambda: units_needed(PAST, lift=0.1, power=1.0),
        lambda: units_needed(PAST, lift=0.1, arms=1),
        lambda: detectable_lift(proportion(1000, 1), units_per_arm=2, alpha=0.001),
        lambda: plan_test(PAST, lift=0.1, units_per_day=0),
        lambda: chance_to_finish(effect_of(PAST, PAST), units_at_end=10),
        lambda: top_two_split([PAST, PAST], least_share=0.6),
    )
    for attempt in attempts:
        with pytest.raises(BadOption):
            attempt()
    for arms in ([PAST], [proportion(10, 0), proportion(10, 0)]):
        with pytest.raises(BadSample):
            top_two_split(arms)
