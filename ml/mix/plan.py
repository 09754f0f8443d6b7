"""What a budget question is answered with: a `BudgetPlan`, what it is expected to bring, how sure that is, and what limits it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from ml.frames import FloatArray
from ml.mix.goals import Goal, MostProfit, MostRevenue, TargetRoas
from ml.mix.intervals import central_interval
from ml.mix.limits import CENT, Limit, Limits
from ml.mix.results import MixFit

Advice: TypeAlias = Literal["move", "hold", "cannot_advise"]
GoalName: TypeAlias = Literal["revenue", "profit", "roas"]

LIKELY_BETTER = 0.75
VERY_LIKELY_BETTER = 0.9  # asked for where much of the money moved lies in channels that cannot be told
WORTH_MOVING = 0.005  # of the revenue that ads bring today
TELLABLE_SHARE = 0.4  # of the money moved that must lie in channels whose effect can be told
MOSTLY_TELLABLE = 0.6


@dataclass(frozen=True)
class ChannelAllocation:
    """One channel's line of a plan, in currency per day."""

    channel: str
    current_per_day: float
    recommended_per_day: float


@dataclass(frozen=True)
class Binding:
    """A limit that the plan runs into: its kind, its channel (or group) and a sentence."""

    name: str
    channel: str
    sentence: str


@dataclass(frozen=True)
class BudgetPlan:
    """A split of the budget and what to expect of it.

    Revenue is what ads bring per day; `uplift` compares with the same budget in today's proportions, or, where the goal
    chooses the budget, with today's spend; 95 % intervals. `probability_better` is the posterior probability that the plan
    serves its goal better than that. `expected_roas` is revenue per unit spent; profit, where a margin was given, is
    margin · revenue − spend; `probability_on_target`, where a return was asked for, that it is reached.
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
    goal: GoalName = "revenue"
    expected_roas: float = 0.0
    expected_profit_per_day: float | None = None
    profit_uplift_per_day: float | None = None
    probability_on_target: float | None = None

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


@dataclass(frozen=True)
class RevenueEstimate:
    """Revenue per day that an allocation brings through ads, with a 95 % interval."""

    mean: float
    low: float
    high: float


def revenue_draws(fit: MixFit, spend_per_day: FloatArray) -> FloatArray:
    """Revenue per day from ads, one value per posterior draw (S,), at spend per day (C,)."""
    total: FloatArray = fit.draws.response(spend_per_day).sum(1)
    return total


def estimate(draws: FloatArray) -> RevenueEstimate:
    """Mean and central 95 % interval of draws (S,)."""
    low, high = central_interval(draws)
    return RevenueEstimate(float(draws.mean()), float(low), float(high))


def advise(fit: MixFit, best: FloatArray, unmoved: FloatArray, goal: Goal) -> tuple[Advice, str]:
    """Whether `best` (C,) is worth leaving `unmoved` for, today's proportions as far as the limits allow them.

    Where under 60 % of the money moved lies in channels that can be told, the move rests on what is usual elsewhere, and must
    be better with 90 % rather than 75 %: none of 67 such simulated moves lost money, of 72 asked for 75 % only one did.
    """
    moved = np.abs(best - unmoved)
    tellable = np.array([channel.grade != "cannot_tell" for channel in fit.channels])
    share = float(moved[tellable].sum() / max(moved.sum(), CENT))
    if tellable.sum() == 0 or (moved.sum() > CENT and share < TELLABLE_SHARE):
        return "cannot_advise", "The data cannot tell which channels work well enough to move money between them."
    gains = _gains(fit, best, unmoved, goal)
    probability, gain = float((gains > 0).mean()), float(gains.mean())
    if moved.sum() <= CENT or gain < WORTH_MOVING * _worth(fit, unmoved, goal):
        return "hold", "Today's split is about as good as the best one found."
    if probability < (LIKELY_BETTER if share >= MOSTLY_TELLABLE else VERY_LIKELY_BETTER):
        return (
            "hold",
            f"The best split found is better with a probability of {probability:.0%}, too little to move money for.",
        )
    return "move", f"The new split is better with a probability of {probability:.0%}."


def write_plan(
    fit: MixFit,
    chosen: FloatArray,
    compared: FloatArray,
    limits: Limits,
    *,
    advice: Advice,
    reason: str,
    goal: Goal,
) -> BudgetPlan:
    """The plan that spends `chosen` (C,) per day, its uplift against spending `compared` (C,)."""
    current = fit.current_per_day()
    after, before = revenue_draws(fit, chosen), revenue_draws(fit, compared)
    revenue, uplift = estimate(after), estimate(after - before)
    return BudgetPlan(
        budget_per_day=round(float(chosen.sum()), 2),
        allocation=tuple(
            ChannelAllocation(name, round(float(now), 2), round(float(then), 2))
            for name, now, then in zip(fit.names, current, chosen, strict=True)
        ),
        current_revenue_per_day=float(revenue_draws(fit, current).mean()),
        expected_revenue_per_day=revenue.mean,
        revenue_low=revenue.low,
        revenue_high=revenue.high,
        expected_uplift_per_day=uplift.mean,
        uplift_low=uplift.low,
        uplift_high=uplift.high,
        probability_better=float((_gains(fit, chosen, compared, goal) > 0).mean()),
        advice=advice,
        advice_reason=reason,
        binding=_binding(chosen, limits),
        expected_roas=revenue.mean / max(float(chosen.sum()), CENT),
        **_of_goal(fit, chosen, compared, goal),
    )


def _of_goal(fit: MixFit, chosen: FloatArray, compared: FloatArray, goal: Goal) -> dict[str, Any]:  # fields of a plan
    """The fields that only one goal fills."""
    revenue, spend = revenue_draws(fit, chosen), float(chosen.sum())
    if isinstance(goal, MostProfit):
        profit = goal.margin * float(revenue.mean()) - spend
        uplift = float(_gains(fit, chosen, compared, goal).mean())
        return {"goal": "profit", "expected_profit_per_day": profit, "profit_uplift_per_day": uplift}
    if isinstance(goal, TargetRoas):
        return {"goal": "roas", "probability_on_target": float((revenue >= goal.roas * spend - CENT).mean())}
    return {"goal": "revenue"}


def _gains(fit: MixFit, chosen: FloatArray, compared: FloatArray, goal: Goal) -> FloatArray:
    """By how much `chosen` serves the goal better than `compared`, per draw (S,), in currency per day.

    For a target return: more revenue where `compared` reaches the target, else a better revenue / target − spend.
    """
    after, before = revenue_draws(fit, chosen), revenue_draws(fit, compared)
    more_spend = float(chosen.sum() - compared.sum())
    if isinstance(goal, MostRevenue):
        return after - before
    if isinstance(goal, MostProfit):
        return goal.margin * (after - before) - more_spend
    if float(before.mean()) >= goal.roas * float(compared.sum()):
        return after - before
    return (after - before) / goal.roas - more_spend


def _worth(fit: MixFit, unmoved: FloatArray, goal: Goal) -> float:
    """What ads bring today in the unit of the gains, as the measure of what is worth a move."""
    revenue = float(revenue_draws(fit, unmoved).mean())
    return goal.margin * revenue if isinstance(goal, MostProfit) else revenue


def _binding(chosen: FloatArray, limits: Limits) -> tuple[Binding, ...]:
    """Limits that the plan touches, but for "not below 0" and "not above the budget"."""
    touched: list[Limit] = []
    for index, amount in enumerate(chosen):
        least, most = limits.lowest[index], limits.highest[index]
        if most.kind != "budget" and amount >= most.per_day - CENT / 2:
            touched.append(most)
        elif least.kind != "zero" and amount <= least.per_day + CENT / 2:
            touched.append(least)
    for cap, limit in zip(limits.caps, limits.grouped, strict=True):
        if chosen[list(cap.members)].sum() >= cap.most * CENT - CENT / 2:
            touched.append(limit)
    return tuple(Binding(limit.kind, limit.channel, limit.sentence) for limit in touched)
