"""Where the budget should go: the best split under limits, what it is expected to bring, how sure that is, and whether to move.

Entry points: `optimise_budget`, `expected_revenue` (for sliders) and `frontier` (for the curve of revenue over budget);
beside it `compare_scenarios` (scenarios.py) and `roll_out` (rollout.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.errors import BadBudget, InfeasibleBudget
from ml.frames import FloatArray
from ml.mix.allocate import best_allocation, best_for, nearest_allocation
from ml.mix.curves import MeanCurves
from ml.mix.goals import Goal, MostProfit, MostRevenue, TargetRoas, pick_for
from ml.mix.limits import CENT, GroupCap, Limits, Wishes, build_limits
from ml.mix.plan import (
    Advice,
    Binding,
    BudgetPlan,
    ChannelAllocation,
    RevenueEstimate,
    advise,
    estimate,
    revenue_draws,
    write_plan,
)
from ml.mix.results import MixFit

__all__ = [
    "Advice",
    "Binding",
    "BudgetPlan",
    "ChannelAllocation",
    "FrontierPoint",
    "RevenueEstimate",
    "expected_revenue",
    "frontier",
    "optimise_budget",
]


@dataclass(frozen=True)
class FrontierPoint:
    """The best that one budget can do."""

    budget_per_day: float
    revenue: RevenueEstimate
    allocation: dict[str, float]


def optimise_budget(
    fit: MixFit,
    *,
    budget_per_day: float | None = None,
    goal: Goal | None = None,
    minimum: Mapping[str, float] | None = None,
    maximum: Mapping[str, float] | None = None,
    locked: Sequence[str] = (),
    max_change: float | None = None,
    group_caps: Sequence[GroupCap] = (),
    within_observed: bool = True,
    seed: int = 0,  # noqa: ARG001 - nothing is random today; a risk-aware method would be
) -> BudgetPlan:
    """The split that serves the goal best in expectation within the limits.

    Maximises Σ E[revenue_c(x_c)] over spend per day x (C,) with Σ x = `budget_per_day` (today's where None). With the goal
    `MostProfit` or `TargetRoas` (goals.py) the total is chosen too, `budget_per_day` being the most it may be (what the
    limits allow where None). `minimum` and `maximum` in currency per channel and day; `locked` channels keep today's spend;
    `max_change` 0.3 allows 30 % up or down; `group_caps` bound sums of channels; `within_observed` never goes beyond a
    channel's highest day. Amounts are whole cents and sum to the budget.
    Where the evidence is thin the plan keeps today's proportions: `hold` where a move is unlikely to be better or hardly
    better, `cannot_advise` where most of the money moved would go by channels whose effect cannot be told.
    Raises `BadBudget` and `InfeasibleBudget`, see `limits.py`. Source: exact dynamic programming, see `allocate.py`.
    """
    goal = goal or MostRevenue()
    wishes = Wishes(minimum or {}, maximum or {}, locked, max_change, group_caps, within_observed)
    if isinstance(goal, MostRevenue):
        return _split_of(fit, budget_per_day, goal, wishes)
    return _budget_for(fit, budget_per_day, goal, wishes)


def expected_revenue(fit: MixFit, allocation: Mapping[str, float]) -> RevenueEstimate:
    """What `allocation` (per day; channels left out spend nothing) brings through ads. Raises `BadBudget`."""
    return estimate(revenue_draws(fit, spend_of(fit, allocation)))


def spend_of(fit: MixFit, allocation: Mapping[str, float]) -> FloatArray:
    """`allocation` as spend per day (C,) in the fit's order. Raises `BadBudget` for unknown channels and bad amounts."""
    spend = np.zeros(len(fit.names))
    for name, amount in allocation.items():
        if name not in fit.names:
            raise BadBudget(f"There is no channel {name} in this fit.", f"Use one of: {', '.join(fit.names)}.")
        if not (np.isfinite(amount) and amount >= 0):
            raise BadBudget(f"{amount} is not an amount for {name}.", "Enter 0 or more.")
        spend[fit.index(name)] = amount
    return spend


def frontier(
    fit: MixFit,
    budgets: Sequence[float],
    *,
    minimum: Mapping[str, float] | None = None,
    maximum: Mapping[str, float] | None = None,
    locked: Sequence[str] = (),
    group_caps: Sequence[GroupCap] = (),
    within_observed: bool = True,
) -> tuple[FrontierPoint, ...]:
    """The best expected revenue for each budget per day; budgets that the limits cannot reach are left out."""
    wishes = Wishes(minimum or {}, maximum or {}, locked, None, group_caps, within_observed)
    points = []
    for budget in budgets:
        try:
            limits = build_limits(fit, budget_per_day=round(budget, 2), wishes=wishes)
        except InfeasibleBudget:
            continue
        best = best_allocation(MeanCurves(fit.draws), limits.low, limits.high, round(budget, 2), limits.caps)
        points.append(
            FrontierPoint(
                budget_per_day=round(budget, 2),
                revenue=estimate(revenue_draws(fit, best)),
                allocation=dict(zip(fit.names, best.tolist(), strict=True)),
            )
        )
    return tuple(points)


def _split_of(fit: MixFit, budget_per_day: float | None, goal: MostRevenue, wishes: Wishes) -> BudgetPlan:
    """The plan for a given budget."""
    budget = round(float(fit.current_per_day().sum()) if budget_per_day is None else budget_per_day, 2)
    limits = build_limits(fit, budget_per_day=budget, wishes=wishes)
    today = _todays_split(fit, budget)
    best = best_allocation(MeanCurves(fit.draws), limits.low, limits.high, budget, limits.caps)
    unmoved = nearest_allocation(today, limits.low, limits.high, budget, limits.caps)
    advice, reason = advise(fit, best, unmoved, goal)
    chosen = best if advice == "move" else unmoved
    return write_plan(fit, chosen, today, limits, advice=advice, reason=reason, goal=goal)


def _budget_for(fit: MixFit, most_per_day: float | None, goal: MostProfit | TargetRoas, wishes: Wishes) -> BudgetPlan:
    """The plan of a goal that chooses the budget."""
    most = round(_most_possible(fit, wishes) if most_per_day is None else most_per_day, 2)
    limits = build_limits(fit, budget_per_day=most, wishes=wishes, must_spend_all=False)
    best = best_for(MeanCurves(fit.draws), limits.low, limits.high, most, pick_for(goal), limits.caps)
    if isinstance(goal, TargetRoas):
        _refuse_missed_target(fit, best, goal, limits)
    current = fit.current_per_day()
    total = round(float(np.clip(current.sum(), limits.low.sum(), min(limits.reachable(), most))), 2)
    unmoved = nearest_allocation(current, limits.low, limits.high, total, limits.caps)
    advice, reason = advise(fit, best, unmoved, goal)
    chosen = best if advice == "move" else unmoved
    return write_plan(fit, chosen, current, limits, advice=advice, reason=reason, goal=goal)


def _most_possible(fit: MixFit, wishes: Wishes) -> float:
    """The largest total that per-channel limits leave; raises `BadBudget` where nothing bounds it."""
    if wishes.within_observed:
        return sum(max(channel.highest_per_day, channel.current_per_day) for channel in fit.channels)
    if wishes.max_change is not None:
        return float(fit.current_per_day().sum() * (1 + wishes.max_change))
    raise BadBudget("Nothing bounds the budget.", "Enter the most that you would spend per day.")


def _refuse_missed_target(fit: MixFit, best: FloatArray, goal: TargetRoas, limits: Limits) -> None:
    """Raise `InfeasibleBudget` where no spend reaches the target, or none but nothing at all."""
    spend, revenue = float(best.sum()), float(revenue_draws(fit, best).mean())
    if spend > CENT * len(best) and revenue >= (goal.roas - 1e-6) * spend - CENT:
        return
    needs = [limit.sentence for limit in limits.lowest if limit.per_day > 0]
    raise InfeasibleBudget([f"ads return at least {goal.roas:,.2f} per unit spent", *needs])


def _todays_split(fit: MixFit, budget: float) -> FloatArray:
    """The budget in today's proportions (C,), or in equal parts where nothing is spent today."""
    current = fit.current_per_day()
    if current.sum() <= 0:
        return np.full(len(current), budget / len(current))
    split: FloatArray = current * budget / current.sum()
    return split
