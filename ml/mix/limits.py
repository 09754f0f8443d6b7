"""The limits of a budget question: per channel the least and most per day, and the names of what set them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ml.errors import BadBudget, InfeasibleBudget
from ml.frames import FloatArray
from ml.mix.results import MixFit

CENT = 0.01


@dataclass(frozen=True)
class Limit:
    """One end of a channel's range: the amount per day, a name for programs and a sentence for people."""

    channel: str
    kind: str
    per_day: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Limits:
    """`low` and `high` (C,) per day, each set by the `Limit` at the same position of `lowest` and `highest`."""

    low: FloatArray
    high: FloatArray
    lowest: tuple[Limit, ...]
    highest: tuple[Limit, ...]

    def clip(self, allocation: FloatArray) -> FloatArray:
        return np.clip(allocation, self.low, self.high)


def build_limits(
    fit: MixFit,
    *,
    budget_per_day: float,
    minimum: Mapping[str, float],
    maximum: Mapping[str, float],
    locked: Sequence[str],
    max_change: float | None,
    within_observed: bool,
) -> Limits:
    """The tightest of all limits per channel, rounded inward to cents.

    Raises `BadBudget` for amounts that are negative or no numbers and for unknown channels, and `InfeasibleBudget`, naming
    the limits in conflict, where a channel's least exceeds its most or no split can reach the budget.
    """
    _check_input(fit, budget_per_day, minimum, maximum, locked, max_change)
    lowest, highest = [], []
    for name in fit.names:
        lows, highs = _candidates(fit, name, budget_per_day, minimum, maximum, locked, max_change, within_observed)
        least, most = max(lows, key=lambda limit: limit.per_day), min(highs, key=lambda limit: limit.per_day)
        if least.per_day > most.per_day + 1e-9:
            raise InfeasibleBudget([least.sentence, most.sentence])
        lowest.append(least)
        highest.append(most)
    limits = Limits(
        low=np.array([limit.per_day for limit in lowest]),
        high=np.array([max(low.per_day, high.per_day) for low, high in zip(lowest, highest, strict=True)]),
        lowest=tuple(lowest),
        highest=tuple(highest),
    )
    _refuse_unreachable(limits, budget_per_day)
    return limits


def _candidates(
    fit: MixFit,
    name: str,
    budget: float,
    minimum: Mapping[str, float],
    maximum: Mapping[str, float],
    locked: Sequence[str],
    max_change: float | None,
    within_observed: bool,
) -> tuple[list[Limit], list[Limit]]:
    """All lower and all upper limits of one channel."""
    channel = fit.channel(name)
    current = round(channel.current_per_day, 2)
    if name in locked:
        held = Limit(name, "locked", current, f"{name} is locked at {current:,.2f} per day")
        return [held], [held]
    lows = [Limit(name, "zero", 0.0, f"{name} cannot go below 0")]
    highs = [Limit(name, "budget", budget, f"{name} cannot take more than the whole budget")]
    if name in minimum:
        lows.append(Limit(name, "minimum", _up(minimum[name]), f"{name} needs at least {minimum[name]:,.2f} per day"))
    if name in maximum:
        highs.append(
            Limit(name, "maximum", _down(maximum[name]), f"{name} may take at most {maximum[name]:,.2f} per day")
        )
    if max_change is not None:
        step = f"{name} may change by at most {max_change:.0%}"
        lows.append(Limit(name, "max_change", _up(current * (1 - max_change)), step))
        highs.append(Limit(name, "max_change", _down(current * (1 + max_change)), step))
    if within_observed:
        most = max(_down(channel.highest_per_day), current)
        highs.append(Limit(name, "observed", most, f"{name} has never spent more than {most:,.2f} per day"))
    return lows, highs


def _check_input(
    fit: MixFit,
    budget: float,
    minimum: Mapping[str, float],
    maximum: Mapping[str, float],
    locked: Sequence[str],
    max_change: float | None,
) -> None:
    for name in (*minimum, *maximum, *locked):
        if name not in fit.names:
            raise BadBudget(f"There is no channel {name} in this fit.", f"Use one of: {', '.join(fit.names)}.")
    for amount in (budget, *minimum.values(), *maximum.values(), max_change or 0.0):
        if not (np.isfinite(amount) and amount >= 0):
            raise BadBudget(f"{amount} is not an amount.", "Enter 0 or more.")
    if budget < CENT * len(fit.names):
        raise BadBudget(f"A budget of {budget} per day cannot be split.", "Enter the budget per day, above 0.")


def _refuse_unreachable(limits: Limits, budget: float) -> None:
    if limits.low.sum() > budget + CENT / 2:
        binding = [limit.sentence for limit in limits.lowest if limit.per_day > 0]
        raise InfeasibleBudget([f"the budget is {budget:,.2f} per day", *binding])
    if limits.high.sum() < budget - CENT / 2:
        raise InfeasibleBudget([f"the budget is {budget:,.2f} per day", *(limit.sentence for limit in limits.highest)])


def _up(amount: float) -> float:
    return float(np.ceil(amount / CENT - 1e-6) * CENT)


def _down(amount: float) -> float:
    return float(np.floor(amount / CENT + 1e-6) * CENT)
