"""From today's spend to a plan in small steps: what every channel spends in each period, never changing by more than a share."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from ml.errors import BadOption
from ml.frames import FloatArray
from ml.mix.allocate import amounts, cents
from ml.mix.knapsack import IntArray
from ml.mix.plan import BudgetPlan, RevenueEstimate, estimate, revenue_draws
from ml.mix.results import MixFit

MOST_PERIODS = 104
SMALL_CHANNEL = 0.1  # of the average channel's spend: what a channel that hardly spends counts as, so that it can begin


@dataclass(frozen=True)
class RolloutStep:
    """One period (1, 2, …): spend per day by channel, and the revenue per day that it brings in the long run."""

    period: int
    allocation: dict[str, float]
    revenue: RevenueEstimate
    arrived: bool

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


def roll_out(fit: MixFit, plan: BudgetPlan, *, step: float, most_periods: int = 26) -> tuple[RolloutStep, ...]:
    """The periods on the straight line from today's spend x₀ to the plan's x* (C,), in whole cents.

    xₜ = xₜ₋₁ + α (x* − xₜ₋₁) with the largest α ≤ 1 for which no channel changes by more than `step` (0.2 is 20 %) of
    max(xₜ₋₁, a tenth of the average channel's spend). On a straight line sums and limits that both ends keep are kept all
    the way. Ends where the plan is reached, or after `most_periods`. Raises `BadOption` for a step outside (0, 10].
    """
    if not (0 < step <= 10 and 1 <= most_periods <= MOST_PERIODS):
        raise BadOption(f"A step of {step} over {most_periods} periods is not possible.", "Enter a share such as 0.2.")
    spent = cents(fit.current_per_day())
    target = cents(np.array([line.recommended_per_day for line in plan.allocation]))
    periods: list[RolloutStep] = []
    arrived = False
    while not arrived and len(periods) < most_periods:
        spent = _next(spent, target, step)
        arrived = bool((spent == target).all())
        periods.append(_described(fit, len(periods) + 1, amounts(spent), arrived=arrived))
    return tuple(periods)


def _next(spent: IntArray, target: IntArray, step: float) -> IntArray:
    """One step in cents: moves are rounded towards none, and the side that gained by rounding gives the cents back."""
    way = target - spent
    usual = np.maximum(spent, max(SMALL_CHANNEL * float(np.maximum(spent, target).mean()), 1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = float(np.min(np.where(way == 0, 1.0, np.minimum(step * usual / np.abs(way), 1.0))))
    if share >= 1:
        return target.copy()
    moved = np.trunc(share * way).astype(np.int64)
    extra = int(moved.sum()) - int(np.trunc(share * int(way.sum())))
    for channel in np.argsort(-np.abs(moved)):
        if extra * moved[channel] > 0:
            back = int(np.sign(extra)) * min(abs(extra), abs(int(moved[channel])))
            moved[channel] -= back
            extra -= back
    return np.asarray(spent + moved, np.int64)


def _described(fit: MixFit, period: int, spend: FloatArray, *, arrived: bool) -> RolloutStep:
    allocation = {name: round(float(amount), 2) for name, amount in zip(fit.names, spend, strict=True)}
    return RolloutStep(period, allocation, estimate(revenue_draws(fit, spend)), arrived)
