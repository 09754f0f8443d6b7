"""Group caps, goals that choose the budget, scenarios and small steps keep every limit to the cent, and name what cannot be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import BadBudget, BadOption, InfeasibleBudget
from ml.frames import FloatArray
from ml.mix import MixFit, frontier, optimise_budget
from ml.mix.allocate import CENT, best_allocation, best_for, nearest_allocation
from ml.mix.curves import MeanCurves
from ml.mix.goals import MostProfit, TargetRoas, pick_for
from ml.mix.knapsack import Cap
from ml.mix.limits import GroupCap
from ml.mix.plan import BudgetPlan
from ml.mix.results import PosteriorDraws
from ml.mix.rollout import roll_out
from ml.mix.scenarios import compare_scenarios
from tests.ml.businesses import calm_fit, steady_fit
from tests.ml.test_optimise import random_curves


def today(fit: MixFit) -> float:
    return round(float(fit.current_per_day().sum()), 2)


def split_of(plan: BudgetPlan) -> dict[str, float]:
    return {line.channel: line.recommended_per_day for line in plan.allocation}


def exhaustive(curves: MeanCurves, high: FloatArray, budget: float, caps: list[Cap], steps: int = 100) -> float:
    """The best of a grid over four channels that spends `budget` within `high` and `caps`."""
    grids = np.meshgrid(*(np.linspace(0, high[channel], steps + 1) for channel in range(3)), indexing="ij")
    last = budget - sum(grids)
    spend = np.stack([*grids, last])
    possible = (last >= -1e-9) & (last <= high[3] + 1e-9)
    for cap in caps:
        possible &= sum(spend[channel] for channel in cap.members) <= cap.most * CENT + 1e-9
    return float(curves.revenue(np.maximum(spend[:, possible], 0.0)).sum(0).max())


@pytest.mark.parametrize("seed", range(12))
def test_nested_caps_are_kept_and_the_split_is_the_best_one(seed: int) -> None:
    generator = np.random.default_rng(seed)
    curves = random_curves(generator, 4)
    budget = round(float(generator.uniform(200, 600)), 2)
    high = np.full(4, budget)
    caps = [Cap((0, 1), int(generator.uniform(0.1, 0.5) * budget * 100)), Cap((0, 1, 2), int(0.7 * budget * 100))]
    best = best_allocation(curves, np.zeros(4), high, budget, caps)
    assert round(float(best.sum()), 2) == budget
    for cap in caps:
        assert round(float(best[list(cap.members)].sum()) * 100) <= cap.most
    assert curves.revenue(best).sum() >= 0.999 * exhaustive(curves, high, budget, caps)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 7), st.floats(1.0, 50_000.0))
def test_every_limit_holds_to_the_cent_whatever_the_numbers(seed: int, channels: int, scale: float) -> None:
    generator = np.random.default_rng(seed)
    curves = random_curves(generator, channels)
    low = np.round(generator.uniform(0, 0.1, channels) * scale, 2)
    high = np.round(low + generator.uniform(0, 1, channels) * scale, 2)
    members = tuple(range(int(generator.integers(1, channels))))
    room = round(float(low.sum() + generator.uniform(0, 0.9) * (high - low).sum()), 2)
    inside = list(members)
    cap = Cap(members, round(float(low[inside].sum() + 0.7 * (high - low)[inside].sum()) * 100))
    most = round(cap.most * CENT + float(np.delete(high, inside).sum()), 2)
    budget = min(room, most)
    for split in (
        best_allocation(curves, low, high, budget, [cap]),
        nearest_allocation(generator.uniform(0, 1, channels), low, high, budget, [cap]),
    ):
        assert round(float(split.sum()) * 100) == round(budget * 100)
        assert (split >= low - 1e-9).all()
        assert (split <= high + 1e-9).all()
        assert round(float(split[inside].sum()) * 100) <= cap.most


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(4)), st.integers(0, 1000))
def test_the_order_of_channels_does_not_matter(order: list[int], seed: int) -> None:
    generator = np.random.default_rng(seed)
    curves = random_curves(generator, 4)
    moved = MeanCurves(PosteriorDraws(*(values[:, order] for values in vars(curves.draws).values())))
    high = np.full(4, 300.0)
    one, other = (best_allocation(each, np.zeros(4), high, 400.0) for each in (curves, moved))
    assert moved.revenue(other).sum() == pytest.approx(curves.revenue(one).sum(), rel=1e-6)


def test_a_group_cap_binds_and_is_named() -> None:
    fit = calm_fit()
    free = split_of(optimise_budget(fit, budget_per_day=today(fit)))
    together = GroupCap("Meta", ("Social", "Search"), round(0.8 * (free["Search"] + free["Social"]), 2))
    plan = optimise_budget(fit, budget_per_day=today(fit), group_caps=[together])
    split = split_of(plan)
    assert split["Search"] + split["Social"] <= together.maximum + 1e-9
    assert round(sum(split.values()), 2) == today(fit)
    assert ("group_cap", "Meta") in {(binding.name, binding.channel) for binding in plan.binding}


def test_todays_proportions_give_way_to_a_group_cap() -> None:
    split = nearest_allocation(np.array([60.0, 30.0, 10.0]), np.zeros(3), np.full(3, 100.0), 100.0, [Cap((0, 1), 6000)])
    assert split.tolist() == [40.0, 20.0, 40.0]


def test_caps_that_cannot_be_met_are_named() -> None:
    fit = calm_fit()
    cap = GroupCap("Meta", ("Search", "Social"), 50.0)
    with pytest.raises(InfeasibleBudget) as refused:
        optimise_budget(fit, budget_per_day=200, minimum={"Search": 60}, group_caps=[cap])
    assert any("Meta (Search, Social) may take at most 50.00" in sentence for sentence in refused.value.constraints)
    assert any("Search needs at least 60.00" in sentence for sentence in refused.value.constraints)
    with pytest.raises(InfeasibleBudget, match="Everything"):
        optimise_budget(fit, budget_per_day=200, group_caps=[GroupCap("Everything", fit.names, 150.0)])


@pytest.mark.parametrize(
    "groups",
    [
        [GroupCap("Meta", ("Radio",), 10.0)],
        [GroupCap("Meta", (), 10.0)],
        [GroupCap("Meta", ("Search",), -1.0)],
        [GroupCap("Meta", ("Search",), float("nan"))],
        [GroupCap("A", ("Search", "Social"), 9.0), GroupCap("B", ("Social", "Video"), 9.0)],
    ],
)
def test_groups_that_make_no_sense_are_refused(groups: list[GroupCap]) -> None:
    with pytest.raises(BadBudget):
        optimise_budget(calm_fit(), budget_per_day=100, group_caps=groups)


def test_profit_stops_where_the_next_unit_no_longer_pays() -> None:
    fit = calm_fit()
    plan = optimise_budget(fit, goal=MostProfit(margin=0.6))
    spend = np.array([line.recommended_per_day for line in plan.allocation])
    curves, profit = MeanCurves(fit.draws), plan.expected_profit_per_day
    assert plan.goal == "profit"
    assert profit == pytest.approx(0.6 * plan.expected_revenue_per_day - plan.budget_per_day, abs=0.01)
    for channel in range(len(spend)):
        for change in (-5.0, 5.0):
            moved = spend.copy()
            moved[channel] = np.clip(moved[channel] + change, 0, fit.channels[channel].highest_per_day)
            assert 0.6 * curves.revenue(moved).sum() - moved.sum() <= (profit or 0.0) + 1e-6


def test_a_thinner_margin_never_spends_more() -> None:
    curves = random_curves(np.random.default_rng(3), 4)
    high = np.full(4, 400.0)
    totals = [best_for(curves, np.zeros(4), high, 1600.0, pick_for(MostProfit(m))).sum() for m in (1.0, 0.6, 0.3, 0.1)]
    assert totals == sorted(totals, reverse=True)


@pytest.mark.parametrize("seed", range(8))
def test_the_target_return_is_met_and_no_more_could_be_spent(seed: int) -> None:
    curves = random_curves(np.random.default_rng(seed), 3)
    high, target = np.full(3, 500.0), 1.5
    best = best_for(curves, np.zeros(3), high, 1500.0, pick_for(TargetRoas(target)))
    assert curves.revenue(best).sum() >= target * best.sum() - 0.01
    for total in np.linspace(best.sum() * 1.02 + 1, 1499, 6) if best.sum() < 1450 else ():
        more = best_allocation(curves, np.zeros(3), high, round(float(total), 2))
        assert curves.revenue(more).sum() < target * more.sum()


def test_a_plan_for_a_target_says_how_sure_it_is_to_be_reached() -> None:
    fit = calm_fit()
    plan = optimise_budget(fit, goal=TargetRoas(1.6))
    assert plan.goal == "roas"
    assert plan.probability_on_target is not None
    assert 0 <= plan.probability_on_target <= 1
    if plan.advice == "move":
        assert plan.expected_roas >= 1.6 - 1e-3


def test_a_target_out_of_reach_is_named() -> None:
    fit = calm_fit()
    with pytest.raises(InfeasibleBudget, match=r"at least 500\.00 per unit"):
        optimise_budget(fit, goal=TargetRoas(500.0), minimum={"Video": 30})


def test_a_free_budget_stays_under_the_most_given() -> None:
    plan = optimise_budget(calm_fit(), goal=MostProfit(), budget_per_day=150)
    assert plan.budget_per_day <= 150
    with pytest.raises(BadBudget, match="Nothing bounds"):
        optimise_budget(calm_fit(), goal=MostProfit(), within_observed=False)


def test_no_budget_given_means_todays() -> None:
    assert optimise_budget(calm_fit()).budget_per_day == pytest.approx(today(calm_fit()), abs=0.03)


@pytest.mark.parametrize("value", [0.0, -1.0, float("nan")])
def test_goals_that_make_no_sense_are_refused(value: float) -> None:
    with pytest.raises(BadBudget):
        MostProfit(value)
    with pytest.raises(BadBudget):
        TargetRoas(value)


def test_no_goal_moves_money_where_nothing_can_be_told() -> None:
    fit = steady_fit()
    for goal in (MostProfit(0.5), TargetRoas(0.5)):
        plan = optimise_budget(fit, goal=goal)
        assert plan.advice == "cannot_advise"
        for line in plan.allocation:
            assert line.recommended_per_day == pytest.approx(line.current_per_day, abs=0.03)


def test_the_frontier_keeps_group_caps() -> None:
    cap = GroupCap("Meta", ("Search", "Social"), 90.0)
    for point in frontier(calm_fit(), [120.0, 160.0], group_caps=[cap]):
        assert point.allocation["Search"] + point.allocation["Social"] <= 90.0 + 1e-9


def test_scenarios_stand_side_by_side() -> None:
    fit = calm_fit()
    current = {channel.channel: channel.current_per_day for channel in fit.channels}
    found = compare_scenarios(fit, {"Today": current, "No Video": current | {"Video": 0.0}, "Nothing": {}}, margin=0.8)
    by_name = {scenario.name: scenario for scenario in found}
    assert by_name["Today"].uplift.mean == pytest.approx(0)
    assert by_name["Nothing"].roas is None
    assert by_name["Nothing"].profit_per_day == 0
    assert by_name["No Video"].probability_better > 0.9
    assert sum(scenario.probability_best for scenario in found) == pytest.approx(1)
    assert by_name["No Video"].to_dict()["revenue"]["low"] <= by_name["No Video"].revenue.mean


@pytest.mark.parametrize(
    ("scenarios", "margin"),
    [({}, 1.0), ({"A": {"Radio": 1.0}}, 1.0), ({"A": {"Search": -1.0}}, 1.0), ({"A": {"Search": 1.0}}, 0.0)],
)
def test_scenarios_that_make_no_sense_are_refused(scenarios: dict[str, dict[str, float]], margin: float) -> None:
    with pytest.raises(BadBudget):
        compare_scenarios(calm_fit(), scenarios, margin=margin)


def test_a_roll_out_arrives_in_steps_that_are_small_enough() -> None:
    fit = calm_fit()
    plan = optimise_budget(fit, budget_per_day=today(fit))
    periods = roll_out(fit, plan, step=0.15)
    assert plan.advice == "move"
    assert len(periods) > 1
    assert periods[-1].arrived
    assert periods[-1].allocation == split_of(plan)
    before = np.round(fit.current_per_day(), 2)
    for period in periods:
        spend = np.array(list(period.allocation.values()))
        usual = np.maximum(before, 0.1 * max(before.mean(), spend.mean()) + 1)
        assert (np.abs(spend - before) <= 0.15 * usual + CENT).all()
        assert float(spend.sum()) == pytest.approx(today(fit), abs=0.03)
        before = spend


def test_a_roll_out_ends_after_the_periods_asked_for() -> None:
    fit = calm_fit()
    plan = optimise_budget(fit, budget_per_day=today(fit))
    assert len(roll_out(fit, plan, step=0.01, most_periods=3)) == 3
    assert not roll_out(fit, plan, step=0.01, most_periods=3)[-1].arrived
    for step, most in ((0.0, 5), (float("nan"), 5), (0.1, 0)):
        with pytest.raises(BadOption):
            roll_out(fit, plan, step=step, most_periods=most)
