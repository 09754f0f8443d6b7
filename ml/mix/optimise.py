"""Where the budget should go: the best split under limits, what it is expected to bring, how sure that is, and whether to move.

Entry points: `optimise_budget`, `expected_revenue` (for sliders) and `frontier` (for the curve of revenue over budget).
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ml.errors import BadBudget, InfeasibleBudget
from ml.frames import FloatArray
from ml.mix.allocate import best_allocation, nearest_allocation
from ml.mix.curves import MeanCurves
from ml.mix.intervals import central_interval
from ml.mix.limits import CENT, Limit, Limits, build_limits
from ml.mix.results import MixFit

Advice: TypeAlias = Literal["move", "hold", "cannot_advise"]

LIKELY_BETTER = 0.75
WORTH_MOVING = 0.005  # of the revenue that ads bring today
TELLABLE_SHARE = 0.4  # of the money moved that must lie in channels whose effect can be told


@dataclass(frozen=True)
class ChannelAllocation:
    """One channel's line of a plan, in currency per day."""

    channel: str
    current_per_day: float
    recommended_per_day: float


@dataclass(frozen=True)
class Binding:
    """A limit that the plan runs into: its kind, its channel and a sentence."""

    name: str
    channel: str
    sentence: str


@dataclass(frozen=True)
class BudgetPlan:
    """A split of the budget and what to expect of it.

    Revenue is what ads bring per day; `uplift` compares with the same budget in today's proportions, 95 % intervals;
    `probability_better` is the posterior probability that the uplift is above 0.
    """

    budget_per_day: float
    allocation: tuple[ChannelAllocation, ...]
    current_revenue_per_day: float
    expected_revenue_per_day: float
    revenue_low: float
    revenue_high: float
    expected_uplift_per_day: float
    uplift_low: float
    uplift_high: float
    probability_better: float
    advice: Advice
    advice_reason: str
    binding: tuple[Binding, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


@dataclass(frozen=True)
class RevenueEstimate:
    """Revenue per day that an allocation brings through ads, with a 95 % interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class FrontierPoint:
    """The best that one budget can do."""

    budget_per_day: float
    revenue: RevenueEstimate
    allocation: dict[str, float]


def optimise_budget(
    fit: MixFit,
    *,
    budget_per_day: float,
    minimum: Mapping[str, float] | None = None,
    maximum: Mapping[str, float] | None = None,
    locked: Sequence[str] = (),
    max_change: float | None = None,
    within_observed: bool = True,
    seed: int = 0,  # noqa: ARG001 - nothing is random today; a risk-aware method would be
) -> BudgetPlan:
    """The split of `budget_per_day` that brings the highest expected revenue within the limits.

    `minimum` and `maximum` per channel and day; `locked` channels keep today's spend; `max_change` 0.3 allows 30 % up or
    down; `within_observed` never goes beyond a channel's highest day. Amounts are whole cents and sum to the budget.
    Where the evidence is thin the plan keeps today's proportions: `hold` where a move is unlikely to be better or hardly
    better, `cannot_advise` where most of the money moved would go by channels whose effect cannot be told.
    Raises `BadBudget` and `InfeasibleBudget`, see `limits.py`.
    """
    budget = round(budget_per_day, 2)
    limits = build_limits(
        fit,
        budget_per_day=budget,
        minimum=minimum or {},
        maximum=maximum or {},
        locked=locked,
        max_change=max_change,
        within_observed=within_observed,
    )
    today = _todays_split(fit, budget)
    best = best_allocation(MeanCurves(fit.draws), limits.low, limits.high, budget)
    unmoved = nearest_allocation(today, limits.low, limits.high, budget)
    advice, reason = _advise(fit, best, unmoved)
    chosen = best if advice == "move" else unmoved
    return _plan(fit, chosen, today, limits, advice=advice, reason=reason)


def expected_revenue(fit: MixFit, allocation: Mapping[str, float]) -> RevenueEstimate:
    """What `allocation` (per day; channels left out spend nothing) brings through ads. Raises `BadBudget`."""
    spend = np.zeros(len(fit.names))
    for name, amount in allocation.items():
        if name not in fit.names:
            raise BadBudget(f"There is no channel {name} in this fit.", f"Use one of: {', '.join(fit.names)}.")
        if not (np.isfinite(amount) and amount >= 0):
            raise BadBudget(f"{amount} is not an amount for {name}.", "Enter 0 or more.")
        spend[fit.index(name)] = amount
    return _estimate(_revenue_draws(fit, spend))


def frontier(fit: MixFit, budgets: Sequence[float], *, within_observed: bool = True) -> tuple[FrontierPoint, ...]:
    """The best expected revenue for each budget per day; budgets that the limits cannot reach are left out."""
    points = []
    for budget in budgets:
        try:
            limits = build_limits(
                fit,
                budget_per_day=round(budget, 2),
                minimum={},
                maximum={},
                locked=(),
                max_change=None,
                within_observed=within_observed,
            )
        except InfeasibleBudget:
            continue
        best = best_allocation(MeanCurves(fit.draws), limits.low, limits.high, round(budget, 2))
        points.append(
            FrontierPoint(
                budget_per_day=round(budget, 2),
                revenue=_estimate(_revenue_draws(fit, best)),
                allocation=dict(zip(fit.names, best.tolist(), strict=True)),
            )
        )
    return tuple(points)


def _todays_split(fit: MixFit, budget: float) -> FloatArray:
    """The budget in today's proportions (C,), or in equal parts where nothing is spent today."""
    current = fit.current_per_day()
    if current.sum() <= 0:
        return np.full(len(current), budget / len(current))
    split: FloatArray = current * budget / current.sum()
    return split


def _advise(fit: MixFit, best: FloatArray, unmoved: FloatArray) -> tuple[Advice, str]:
    """Whether `best` is worth leaving `unmoved` for, today's proportions as far as the limits allow them."""
    moved = np.abs(best - unmoved)
    tellable = np.array([channel.grade != "cannot_tell" for channel in fit.channels])
    if tellable.sum() == 0 or (moved.sum() > CENT and moved[tellable].sum() < TELLABLE_SHARE * moved.sum()):
        return "cannot_advise", "The data cannot tell which channels work well enough to move money between them."
    before = _revenue_draws(fit, unmoved)
    uplift = _revenue_draws(fit, best) - before
    probability, gain = float((uplift > 0).mean()), float(uplift.mean())
    if gain < WORTH_MOVING * float(before.mean()):
        return "hold", "Today's split is about as good as the best one found."
    if probability < LIKELY_BETTER:
        return "hold", f"The best split found is better with a probability of only {probability:.0%}."
    return "move", f"The new split is better with a probability of {probability:.0%}."


def _plan(
    fit: MixFit, chosen: FloatArray, today: FloatArray, limits: Limits, *, advice: Advice, reason: str
) -> BudgetPlan:
    current = fit.current_per_day()
    after, before = _revenue_draws(fit, chosen), _revenue_draws(fit, today)
    revenue, uplift = _estimate(after), _estimate(after - before)
    return BudgetPlan(
        budget_per_day=round(float(chosen.sum()), 2),
        allocation=tuple(
            ChannelAllocation(name, round(float(now), 2), round(float(then), 2))
            for name, now, then in zip(fit.names, current, chosen, strict=True)
        ),
        current_revenue_per_day=float(_revenue_draws(fit, current).mean()),
        expected_revenue_per_day=revenue.mean,
        revenue_low=revenue.low,
        revenue_high=revenue.high,
        expected_uplift_per_day=uplift.mean,
        uplift_low=uplift.low,
        uplift_high=uplift.high,
        probability_better=float((after > before).mean()),
        advice=advice,
        advice_reason=reason,
        binding=_binding(chosen, limits),
    )


def _binding(chosen: FloatArray, limits: Limits) -> tuple[Binding, ...]:
    """Limits that the plan touches, but for "not below 0" and "not above the budget"."""
    touched: list[Limit] = []
    for index, amount in enumerate(chosen):
        least, most = limits.lowest[index], limits.highest[index]
        if most.kind != "budget" and amount >= most.per_day - CENT / 2:
            touched.append(most)
        elif least.kind != "zero" and amount <= least.per_day + CENT / 2:
            touched.append(least)
    return tuple(Binding(limit.kind, limit.channel, limit.sentence) for limit in touched)


def _revenue_draws(fit: MixFit, spend_per_day: FloatArray) -> FloatArray:
    total: FloatArray = fit.draws.response(spend_per_day).sum(1)
    return total


def _estimate(draws: FloatArray) -> RevenueEstimate:
    low, high = central_interval(draws)
    return RevenueEstimate(float(draws.mean()), float(low), float(high))
