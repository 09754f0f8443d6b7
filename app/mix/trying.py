"""The optimiser's sliders: a split that somebody tries, valued at once, with what must be said about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from app.mix.budget_charts import split_chart
from app.mix.charts import Slots, is_known
from app.mix.presenting import LEVEL, allocation_lines, likelihood, signed_amount
from app.mix.queries import PaidChannel
from app.mix.scenarios import value_allocation
from app.mix.schemas import PerDay
from kit.format import amount, compact_amount
from ml.mix.results import MixFit

_SAME = 0.01


class Wish(msgspec.Struct, frozen=True):
    """One channel's sliders: its spend a day, and the limits that the next plan has to keep."""

    value: PerDay | None = None
    low: PerDay | None = None
    high: PerDay | None = None
    is_locked: bool = False


class TryRequest(msgspec.Struct, frozen=True):
    """All sliders, by the channels' keys."""

    budget: PerDay | None = None
    channels: dict[str, Wish] = {}


class TryReply(msgspec.Struct, frozen=True):
    """What the page's script puts in place: texts by element, chart specs by figure, and sentences."""

    numbers: dict[str, str]
    charts: dict[str, Any]
    messages: list[str]


def try_split(
    wishes: TryRequest, *, fit: MixFit, plan: dict[str, Any], channels: Sequence[PaidChannel], slots: Slots
) -> TryReply:
    """What the split of the sliders would bring, beside today's and the plan's."""
    per_day = {
        channel.name: wishes.channels[channel.key].value or 0.0
        for channel in channels
        if channel.key in wishes.channels and channel.name in fit.names
    }
    currency = fit.currency
    return TryReply(
        numbers=own_numbers(fit, per_day),
        charts={"split": split_chart(allocation_lines(plan, fit, slots), currency, own=per_day).document()},
        messages=[
            *_budget_notes(wishes.budget, sum(per_day.values()), currency),
            *_channel_notes(wishes, per_day, fit, channels),
        ],
    )


def own_numbers(fit: MixFit, per_day: Mapping[str, float]) -> dict[str, str]:
    """What a split would bring, by the ids of the places where the page shows it."""
    found, currency = value_allocation(fit, per_day), fit.currency
    low, high = (signed_amount(value, currency) for value in (found.uplift_low, found.uplift_high))
    revenue = (compact_amount(value, currency) for value in (found.revenue_low, found.revenue_high))
    return {
        "own-total": amount(found.total_per_day, currency),
        "own-revenue": compact_amount(found.expected_revenue_per_day, currency),
        "own-revenue-range": f"{LEVEL} % range {' to '.join(revenue)}",
        "own-uplift": signed_amount(found.expected_uplift_per_day, currency),
        "own-uplift-range": f"{LEVEL} % range {low} to {high}",
        "own-probability": likelihood(found.probability_better),
    }


def _budget_notes(budget: float | None, total: float, currency: str) -> list[str]:
    if budget is None or abs(total - budget) < max(_SAME, 0.001 * budget):
        return []
    side = "more" if total > budget else "less"
    return [f"Your split spends {amount(abs(total - budget), currency)} a day {side} than the total budget."]


def _channel_notes(
    wishes: TryRequest, per_day: Mapping[str, float], fit: MixFit, channels: Sequence[PaidChannel]
) -> list[str]:
    notes = []
    for channel in channels:
        if channel.name not in per_day:
            continue
        wish, value, fitted = wishes.channels[channel.key], per_day[channel.name], fit.channel(channel.name)
        if wish.low is not None and value < wish.low - _SAME:
            notes.append(f"{channel.name} is below the {amount(wish.low, fit.currency)} that you ask for at least.")
        if wish.high is not None and value > wish.high + _SAME:
            notes.append(f"{channel.name} is above the {amount(wish.high, fit.currency)} that you allow at most.")
        if value > fitted.highest_per_day * 1.01 + _SAME:  # sliders have steps
            highest = amount(fitted.highest_per_day, fit.currency)
            notes.append(f"{channel.name} has never spent more than {highest} a day; beyond that this is a guess.")
        if not is_known(fitted) and abs(value - fitted.current_per_day) > max(_SAME, 0.05 * fitted.current_per_day):
            notes.append(f"What {channel.name} brings cannot be told, so moving it makes the answer less sure.")
    return notes
