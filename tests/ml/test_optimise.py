"""The optimiser is exact, keeps every limit to the cent, names what binds, and proposes no move that the data cannot carry."""

import numpy as np
import pytest

from ml.errors import BadBudget, InfeasibleBudget
from ml.mix import MixFit, expected_revenue, frontier, optimise_budget
from ml.mix.allocate import best_allocation, nearest_allocation
from ml.mix.curves import MeanCurves
from ml.mix.results import PosteriorDraws
from tests.ml.businesses import calm_business, calm_fit, steady_fit


def today(fit: MixFit) -> float:
    return float(fit.current_per_day().sum())


def recommended(fit: MixFit, **limits: object) -> dict[str, float]:
    plan = optimise_budget(fit, budget_per_day=today(fit), **limits)  # type: ignore[arg-type]  # limits vary by test
    return {line.channel: line.recommended_per_day for line in plan.allocation}


def random_curves(generator: np.random.Generator, channels: int) -> MeanCurves:
    """One draw per channel, half of them S-shaped."""
    shape = (1, channels)
    return MeanCurves(
        PosteriorDraws(
            roi=np.ones(shape),
            top=generator.uniform(100, 1000, shape),
            half=generator.uniform(20, 300, shape),
            slope=generator.uniform(0.7, 3.0, shape),
            mean_lag_days=np.ones(shape),
        )
    )


def exhaustive(curves: MeanCurves, low: np.ndarray, high: np.ndarray, budget: float) -> float:
    """The best of a fine grid over three channels."""
    first, second = np.meshgrid(*(np.linspace(low[i], high[i], 301) for i in range(2)), indexing="ij")
    third = budget - first - second
    possible = (third >= low[2]) & (third <= high[2])
    spend = np.stack([first[possible], second[possible], third[possible]])
    return float(curves.revenue(spend).sum(0).max())


@pytest.mark.parametrize("seed", range(40))
def test_s_curves_do_not_trap_it(seed: int) -> None:
    generator = np.random.default_rng(seed)
    curves, budget = random_curves(generator, 3), round(float(generator.uniform(50, 600)), 2)
    low, high = np.floor(generator.uniform(0, 10, 3)), np.round(generator.uniform(0.5, 1, 3) * budget, 2)
    best = best_allocation(curves, low, high, budget)
    assert best.sum() == pytest.approx(budget, abs=1e-6)
    assert (best >= low - 1e-9).all()
    assert (best <= high + 1e-9).all()
    assert curves.revenue(best).sum() >= 0.999 * exhaustive(curves, low, high, budget)


def test_the_plan_moves_money_to_where_the_truth_is_better() -> None:
    plan = optimise_budget(calm_fit(), budget_per_day=today(calm_fit()), max_change=0.5)
    run = calm_business()
    split = {line.channel: line for line in plan.allocation}
    before = run.response(np.array([split[name].current_per_day for name in run.names])).sum()
    after = run.response(np.array([split[name].recommended_per_day for name in run.names])).sum()
    assert plan.advice == "move"
    assert after > before
    assert plan.uplift_low <= plan.expected_uplift_per_day <= plan.uplift_high
    assert plan.probability_better > 0.9


def test_amounts_sum_to_the_budget_to_the_cent() -> None:
    for budget in (99.99, 250.01, 333.33):
        plan = optimise_budget(calm_fit(), budget_per_day=budget)
        assert round(sum(line.recommended_per_day for line in plan.allocation), 2) == budget


def test_limits_are_kept_and_those_that_bind_are_named() -> None:
    plan = optimise_budget(
        calm_fit(), budget_per_day=300, minimum={"Video": 80}, maximum={"Search": 100.5}, within_observed=False
    )
    split = {line.channel: line.recommended_per_day for line in plan.allocation}
    assert split["Search"] <= 100.5
    assert split["Video"] >= 80
    named = {(binding.name, binding.channel) for binding in plan.binding}
    assert ("maximum", "Search") in named
    assert ("minimum", "Video") in named
    assert all(binding.channel in binding.sentence for binding in plan.binding)


def test_locked_channels_keep_their_spend() -> None:
    fit = calm_fit()
    split = recommended(fit, locked=["Social"])
    assert split["Social"] == round(fit.channel("Social").current_per_day, 2)


def test_no_channel_changes_by_more_than_the_step_allowed() -> None:
    fit = calm_fit()
    split = recommended(fit, max_change=0.2)
    for channel in fit.channels:
        assert abs(split[channel.channel] / channel.current_per_day - 1) <= 0.2 + 1e-3


def test_nothing_goes_beyond_what_was_ever_spent_unless_asked() -> None:
    fit = calm_fit()
    most = sum(channel.highest_per_day for channel in fit.channels)
    plan = optimise_budget(fit, budget_per_day=0.95 * most)
    for line in plan.allocation:
        assert line.recommended_per_day <= fit.channel(line.channel).highest_per_day + 0.01
    with pytest.raises(InfeasibleBudget, match="never spent more"):
        optimise_budget(fit, budget_per_day=2 * most)
    assert optimise_budget(fit, budget_per_day=2 * most, within_observed=False).budget_per_day == round(2 * most, 2)


def test_limits_that_contradict_each_other_are_named() -> None:
    with pytest.raises(InfeasibleBudget) as refused:
        optimise_budget(calm_fit(), budget_per_day=100, minimum={"Search": 80, "Social": 40})
    assert len(refused.value.constraints) == 3
    assert any("Search needs at least 80.00" in sentence for sentence in refused.value.constraints)
    with pytest.raises(InfeasibleBudget, match=r"at most 10\.00"):
        optimise_budget(calm_fit(), budget_per_day=100, minimum={"Search": 80}, maximum={"Search": 10})


@pytest.mark.parametrize(
    "limits",
    [
        {"budget_per_day": float("nan")},
        {"budget_per_day": -5.0},
        {"budget_per_day": 0.0},
        {"budget_per_day": 100.0, "minimum": {"Radio": 5.0}},
        {"budget_per_day": 100.0, "maximum": {"Search": -1.0}},
        {"budget_per_day": 100.0, "locked": ["Radio"]},
    ],
)
def test_budgets_that_make_no_sense_are_refused(limits: dict[str, object]) -> None:
    with pytest.raises(BadBudget):
        optimise_budget(calm_fit(), **limits)  # type: ignore[arg-type]  # the wrong values are the point


def test_no_move_is_proposed_where_nothing_can_be_told() -> None:
    fit = steady_fit()
    plan = optimise_budget(fit, budget_per_day=today(fit))
    assert plan.advice == "cannot_advise"
    assert plan.advice_reason
    for line in plan.allocation:
        assert line.recommended_per_day == pytest.approx(line.current_per_day, abs=0.03)
    assert plan.expected_uplift_per_day == pytest.approx(0, abs=0.1)


def test_a_step_too_small_to_matter_is_answered_with_hold() -> None:
    plan = optimise_budget(calm_fit(), budget_per_day=today(calm_fit()), max_change=0.001)
    assert plan.advice in ("hold", "cannot_advise")


def test_a_different_budget_without_advice_keeps_todays_proportions() -> None:
    fit = steady_fit()
    plan = optimise_budget(fit, budget_per_day=0.5 * today(fit))
    for line in plan.allocation:
        assert line.recommended_per_day == pytest.approx(0.5 * line.current_per_day, abs=0.03)


def test_proportions_give_way_to_limits() -> None:
    split = nearest_allocation(np.array([10.0, 30.0]), np.array([8.0, 0.0]), np.array([100.0, 9.0]), 20.0)
    assert split.tolist() == [11.0, 9.0]


def test_sliders_get_revenue_with_its_interval() -> None:
    fit = calm_fit()
    nothing, some, more = (expected_revenue(fit, {"Search": amount}) for amount in (0.0, 50.0, 100.0))
    assert nothing.mean == 0
    assert some.low < some.mean < some.high
    assert more.mean > some.mean
    with pytest.raises(BadBudget, match="Radio"):
        expected_revenue(fit, {"Radio": 1.0})


def test_the_frontier_rises_ever_more_slowly_and_leaves_out_what_cannot_be() -> None:
    fit = calm_fit()
    budgets = [0.25 * today(fit), 0.5 * today(fit), 0.75 * today(fit), today(fit), 1e9]
    points = frontier(fit, budgets)
    revenue = np.array([point.revenue.mean for point in points])
    assert len(points) == 4
    assert (np.diff(revenue) > 0).all()
    assert sum(points[0].allocation.values()) == pytest.approx(points[0].budget_per_day)
