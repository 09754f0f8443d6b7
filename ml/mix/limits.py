"""The limits of a budget question: per channel the least and most per day, caps on groups, and the names of what set them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

from ml.errors import BadBudget, InfeasibleBudget
from ml.frames import FloatArray
from ml.mix.knapsack import Cap
from ml.mix.results import MixFit

CENT = 0.01
LARGEST_AMOUNT = 1e12


@dataclass(frozen=True)
class GroupCap:
    """The channels of `channels` together may take at most `maximum` per day, as "all of Meta"."""

    name: str
    channels: tuple[str, ...]
    maximum: float


@dataclass(frozen=True)
class Wishes:
    """What a person asked for, amounts in currency per day; see `optimise_budget`."""

    minimum: Mapping[str, float] = field(default_factory=dict)
    maximum: Mapping[str, float] = field(default_factory=dict)
    locked: Sequence[str] = ()
    max_change: float | None = None
    group_caps: Sequence[GroupCap] = ()
    within_observed: bool = True


@dataclass(frozen=True)
class Limit:
    """One end of a channel's or group's range: the amount per day, a name for programs and a sentence for people."""

    channel: str
    kind: str
    per_day: float
    sentence: str


@dataclass(frozen=True, eq=False)
class Limits:
    """`low` and `high` (C,) per day, each set by the `Limit` at the same position of `lowest` and `highest`; group caps as
    positions and cents in `caps`, as sentences in `grouped`."""

    low: FloatArray
    high: FloatArray
    lowest: tuple[Limit, ...]
    highest: tuple[Limit, ...]
    caps: tuple[Cap, ...] = ()
    grouped: tuple[Limit, ...] = ()

    def clip(self, allocation: FloatArray) -> FloatArray:
        return np.clip(allocation, self.low, self.high)

    def reachable(self) -> float:
        """The largest total per day that all limits allow."""
        best = self.high.copy()
        for cap in sorted(self.caps, key=lambda cap: len(cap.members)):
            inside = list(cap.members)
            over = float(best[inside].sum()) - cap.most * CENT
            for channel in inside:
                cut = min(max(over, 0.0), float(best[channel] - self.low[channel]))
                best[channel] -= cut
                over -= cut
        return float(best.sum())


def build_limits(fit: MixFit, *, budget_per_day: float, wishes: Wishes, must_spend_all: bool = True) -> Limits:
    """The tightest of all limits per channel, rounded inward to cents.

    Raises `BadBudget` for amounts that are negative or no numbers, unknown channels and groups that cross, and
    `InfeasibleBudget`, naming the limits in conflict, where a channel's least exceeds its most, a group's cap lies under
    what its channels need, or (`must_spend_all`) no split can reach the budget.
    """
    _check_input(fit, budget_per_day, wishes)
    lowest, highest = [], []
    for name in fit.names:
        lows, highs = _candidates(fit, name, budget_per_day, wishes)
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
        caps=tuple(_cap(fit, group) for group in wishes.group_caps),
        grouped=tuple(_group_limit(group) for group in wishes.group_caps),
    )
    _refuse_crowded_groups(limits)
    _refuse_unreachable(limits, budget_per_day, must_spend_all=must_spend_all)
    return limits


def _candidates(fit: MixFit, name: str, budget: float, wishes: Wishes) -> tuple[list[Limit], list[Limit]]:
    """All lower and all upper limits of one channel."""
    channel = fit.channel(name)
    current = round(channel.current_per_day, 2)
    if name in wishes.locked:
        held = Limit(name, "locked", current, f"{name} is locked at {current:,.2f} per day")
        return [held], [held]
    lows = [Limit(name, "zero", 0.0, f"{name} cannot go below 0")]
    highs = [Limit(name, "budget", budget, f"{name} cannot take more than the whole budget")]
    if (least := wishes.minimum.get(name)) is not None:
        lows.append(Limit(name, "minimum", _up(least), f"{name} needs at least {least:,.2f} per day"))
    if (most := wishes.maximum.get(name)) is not None:
        highs.append(Limit(name, "maximum", _down(most), f"{name} may take at most {most:,.2f} per day"))
    if (change := wishes.max_change) is not None:
        step = f"{name} may change by at most {change:.0%}"
        lows.append(Limit(name, "max_change", _up(max(current * (1 - change), 0.0)), step))
        highs.append(Limit(name, "max_change", _down(current * (1 + change)), step))
    if wishes.within_observed:
        seen = max(_down(channel.highest_per_day), current)
        highs.append(Limit(name, "observed", seen, f"{name} has never spent more than {seen:,.2f} per day"))
    return lows, highs


def _cap(fit: MixFit, group: GroupCap) -> Cap:
    members = tuple(sorted({fit.index(name) for name in group.channels}))
    return Cap(members, round(_down(group.maximum) / CENT))


def _group_limit(group: GroupCap) -> Limit:
    together = f"{group.name} ({', '.join(group.channels)})"
    return Limit(group.name, "group_cap", group.maximum, f"{together} may take at most {group.maximum:,.2f} per day")


def _check_input(fit: MixFit, budget: float, wishes: Wishes) -> None:
    grouped = [name for group in wishes.group_caps for name in group.channels]
    for name in (*wishes.minimum, *wishes.maximum, *wishes.locked, *grouped):
        if name not in fit.names:
            raise BadBudget(f"There is no channel {name} in this fit.", f"Use one of: {', '.join(fit.names)}.")
    amounts = [budget, *wishes.minimum.values(), *wishes.maximum.values(), wishes.max_change or 0.0]
    for amount in (*amounts, *(group.maximum for group in wishes.group_caps)):
        if not (np.isfinite(amount) and 0 <= amount <= LARGEST_AMOUNT):
            raise BadBudget(f"{amount} is not an amount.", f"Enter 0 or more, up to {LARGEST_AMOUNT:,.0f}.")
    if budget < CENT * len(fit.names):
        raise BadBudget(f"A budget of {budget} per day cannot be split.", "Enter the budget per day, above 0.")
    _check_groups(wishes.group_caps)


def _check_groups(groups: Sequence[GroupCap]) -> None:
    for group in groups:
        if not group.channels:
            raise BadBudget(f"The group {group.name} has no channels.", "Name the channels that share the cap.")
    for first, second in combinations(groups, 2):
        one, other = set(first.channels), set(second.channels)
        if one & other and not (one <= other or other <= one):
            raise BadBudget(
                f"The groups {first.name} and {second.name} share some channels, but not all.",
                "Let one group hold all channels of the other, or separate them.",
            )


def _refuse_crowded_groups(limits: Limits) -> None:
    for cap, limit in zip(limits.caps, limits.grouped, strict=True):
        if limits.low[list(cap.members)].sum() > cap.most * CENT + CENT / 2:
            needs = [limits.lowest[member].sentence for member in cap.members if limits.low[member] > 0]
            raise InfeasibleBudget([limit.sentence, *needs])


def _refuse_unreachable(limits: Limits, budget: float, *, must_spend_all: bool) -> None:
    named = f"the budget is {budget:,.2f} per day"
    if limits.low.sum() > budget + CENT / 2:
        binding = [limit.sentence for limit in limits.lowest if limit.per_day > 0]
        raise InfeasibleBudget([named, *binding])
    if must_spend_all and limits.reachable() < budget - CENT / 2:
        binding = [limit.sentence for limit in (*limits.grouped, *limits.highest) if limit.kind != "budget"]
        raise InfeasibleBudget([named, *binding])


def _up(amount: float) -> float:
    return float(np.ceil(amount / CENT - 1e-6) * CENT)


def _down(amount: float) -> float:
    return float(np.floor(amount / CENT + 1e-6) * CENT)
