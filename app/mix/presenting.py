"""Model results in a marketer's words: what the pages, the exports and the print-outs show. No number without its range."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from app.mix.charts import is_known, slot_of
from app.mix.schemas import BudgetGoal, BudgetRequest
from kit.format import (
    MISSING,
    amount,
    compact_amount,
    day,
    money_range,
    multiple,
    multiple_range,
    percent,
    range_in_words,
)
from ml.forecast import Forecast
from ml.mix.intervals import central_interval
from ml.mix.results import ChannelResult, MixFit

GRADES = {"reliable": "Reliable", "uncertain": "Uncertain", "cannot_tell": "Cannot tell"}
LEVEL = 95
FORECAST_LEVEL = 80


@dataclass(frozen=True)
class Assumption:
    """One thing that the answer rests on, in a sentence."""

    title: str
    text: str


@dataclass(frozen=True)
class ChannelLine:
    """One channel of an attribution. `roi` and `marginal` are empty where the grade says that there is none to give."""

    name: str
    slot: int
    grade: str
    grade_label: str
    reason: str
    spend: str
    claimed: str
    contribution: str
    contribution_range: str
    share: str
    roi: str
    roi_range: str
    marginal: str
    marginal_range: str
    saturation: str
    lag: str


@dataclass(frozen=True)
class AllocationLine:
    """One channel of a plan, per day."""

    name: str
    slot: int
    current: float
    recommended: float
    current_text: str
    recommended_text: str
    change_text: str
    share_text: str


def channel_lines(fit: MixFit, slots: dict[str, int], claimed: Mapping[str, float] | None = None) -> list[ChannelLine]:
    """The table of an attribution, the largest known contribution first; `claimed` is what the sources credit themselves."""
    ranked = sorted(fit.channels, key=lambda channel: (not is_known(channel), -channel.contribution))
    return [_channel_line(channel, fit.currency, slots, claimed or {}) for channel in ranked]


def _channel_line(
    channel: ChannelResult, currency: str, slots: dict[str, int], claimed: Mapping[str, float]
) -> ChannelLine:
    known, claim = is_known(channel), claimed.get(channel.channel)
    return ChannelLine(
        name=channel.channel,
        slot=slot_of(slots, channel.channel),
        grade=channel.grade,
        grade_label=GRADES[channel.grade],
        reason=channel.grade_reason,
        spend=amount(channel.spend, currency),
        claimed=MISSING if claim is None else multiple(claim / channel.spend),
        contribution=compact_amount(channel.contribution, currency) if known else "",
        contribution_range=_between(channel.contribution_low, channel.contribution_high, currency),
        share=percent(channel.share) if known else "",
        roi=multiple(channel.roi_mean) if known else "",
        roi_range=f"{multiple(channel.roi_low)} – {multiple(channel.roi_high)}",
        marginal=multiple(channel.mroi_mean) if known else "",
        marginal_range=f"{multiple(channel.mroi_low)} – {multiple(channel.mroi_high)}",
        saturation=percent(channel.saturation, digits=0) if known else "",
        lag=_lag(channel.mean_lag_days) if known else "",
    )


def _lag(days: float) -> str:
    return f"{days:.0f} days" if days >= 1.5 else "about a day"


def _between(low: float, high: float, currency: str) -> str:
    return f"{compact_amount(low, currency)} – {compact_amount(high, currency)}"


def attribution_headline(fit: MixFit) -> str:
    """The finding before the method."""
    known = [channel for channel in fit.channels if is_known(channel)]
    if not known:
        return "Your data cannot tell yet which channel brings what. The reasons stand with each channel."
    share, low, high = advertising_share(fit)
    best = max(known, key=lambda channel: channel.mroi_mean)
    part = range_in_words(share, low, high, show=lambda value: percent(value, digits=0), level=LEVEL)
    return (
        f"Advertising brought {part} of your revenue. The next {_one(fit.currency)} likely brings most in {best.channel}: "
        f"{multiple_range(best.mroi_mean, best.mroi_low, best.mroi_high, LEVEL)}."
    )


def advertising_share(fit: MixFit) -> tuple[float, float, float]:
    """What all channels together brought, as a share of revenue, with its 95 % interval; their sum is surer than its parts."""
    spend = np.array([channel.spend for channel in fit.channels])
    low, high = central_interval((fit.draws.roi * spend).sum(1))
    total = float(fit.revenue.sum())
    brought = sum(channel.contribution for channel in fit.channels)
    return brought / total, min(float(low), brought) / total, max(float(high), brought) / total


def rest_range(fit: MixFit) -> str:
    """The range of what came without the told channels: what is left of revenue where these brought more, or less."""
    told = np.array([is_known(channel) for channel in fit.channels])
    spend = np.array([channel.spend for channel in fit.channels])
    total = fit.baseline + sum(channel.contribution for channel in fit.channels)
    low, high = central_interval((fit.draws.roi[:, told] * spend[told]).sum(1))
    return _between(max(total - float(high), 0.0), total - float(low), fit.currency)


def _one(currency: str) -> str:
    return {"USD": "dollar", "EUR": "euro", "GBP": "pound"}.get(currency, currency)


def attribution_assumptions(fit: MixFit) -> list[Assumption]:
    """What an attribution rests on."""
    unit = "days" if fit.cadence_days == 1 else "weeks"
    first, last = fit.dates[0].astype(object), fit.dates[-1].astype(object)
    return [
        Assumption("Data", f"{len(fit.dates)} {unit}, {day(first)} to {day(last)}; today is left out."),
        Assumption("Lag", "An ad may work for weeks after it was seen; how long is learnt per channel."),
        Assumption("Saturation", "The more you spend, the less the next unit brings; how fast is learnt per channel."),
        Assumption("Everything else", "Trend, weekdays, seasons, Black Friday and your events are taken out first."),
        Assumption(
            "Ranges", f"With {LEVEL} % probability the true value lies within the range, if the model is right."
        ),
    ]


def forecast_headline(forecast: Forecast, days: int) -> str:
    """The finding of a forecast."""
    expected = money_range(
        forecast.total, forecast.total_low80, forecast.total_high80, forecast.currency, FORECAST_LEVEL
    )
    return f"Revenue of the next {days} days: {expected}."


def forecast_accuracy(forecast: Forecast) -> str:
    """How good forecasts of this kind have been on this data."""
    if forecast.backtest.mape is None:
        return "There is too little history to say how good forecasts of this kind have been."
    tried = len(forecast.backtest.origins)
    return (
        f"Tried {tried} times on your own past, such forecasts were off by {percent(forecast.backtest.mape, digits=0)} "
        f"{'a day' if forecast.cadence_days == 1 else 'a week'} on average."
    )


def forecast_assumptions(forecast: Forecast) -> list[Assumption]:
    """What a forecast rests on."""
    spend = "as you planned it" if forecast.assumed_spend.is_planned else "as in the last four weeks"
    total = float(forecast.assumed_spend.spend.sum())
    first, last = forecast.history.dates[0].astype(object), forecast.history.dates[-1].astype(object)
    rivals = sum(score.error is not None for score in forecast.backtest.candidates)
    chosen = (
        "which did better on your own past than the other models tried" if rivals > 1 else "the one that fits your data"
    )
    return [
        Assumption("Data", f"{day(first)} to {day(last)}; today is left out."),
        Assumption("Spend ahead", f"{amount(total, forecast.currency)} in all, {spend}."),
        Assumption("Model", f"{forecast.model}, {chosen}."),
        Assumption(
            "Range", f"With {FORECAST_LEVEL} % probability revenue lies within the band, judged by past errors."
        ),
    ]


def budget_assumptions(fit: MixFit, request: BudgetRequest) -> list[Assumption]:
    """What a plan rests on."""
    last = fit.dates[-1].astype(object)
    step = (
        f"No channel changes by more than {percent(request.max_change, digits=0)}."
        if request.max_change is not None
        else "Channels may change by any amount."
    )
    beyond = (
        "never spends more a day than it has before" if request.within_observed else "may go beyond what it ever spent"
    )
    compared = (
        "The same budget in today's proportions, the average of the last 90 days."
        if request.goal is BudgetGoal.REVENUE
        else "Today's spend, the average of the last 90 days."
    )
    return [
        Assumption(
            "Attribution", f"The mix model on data to {day(last)}: what each channel brought, and how sure that is."
        ),
        *_goal_assumption(request),
        Assumption("Step", step),
        Assumption("Range of spend", f"A channel {beyond}; outside that, the data say nothing."),
        Assumption("Compared with", compared),
        Assumption(
            "Ranges", f"With {LEVEL} % probability the true value lies within the range, if the model is right."
        ),
    ]


def _goal_assumption(request: BudgetRequest) -> list[Assumption]:
    if request.goal is BudgetGoal.PROFIT:
        return [
            Assumption("Goal", f"The most profit, where {percent(request.margin or 1.0, digits=0)} of a sale stays.")
        ]
    if request.goal is BudgetGoal.ROAS:
        return [Assumption("Goal", f"The most revenue at {multiple(request.target_roas)} per unit of spend or better.")]
    return []


def budget_headline(plan: dict[str, Any], currency: str) -> str:
    """The finding of a budget plan."""
    if plan["advice"] != "move":
        return str(plan["advice_reason"])
    gain = money_range(plan["expected_uplift_per_day"], plan["uplift_low"], plan["uplift_high"], currency, LEVEL)
    if plan.get("goal", "revenue") != "revenue":
        return (
            f"Spending {amount(plan['budget_per_day'], currency)} a day this way serves the goal best: likely {gain} of revenue a "
            f"day against today. Probability that it is better: {likelihood(plan['probability_better'])}."
        )
    return (
        f"Spending {amount(plan['budget_per_day'], currency)} a day this way likely brings {gain} more revenue a day than in "
        f"today's proportions. Probability that it is better: {likelihood(plan['probability_better'])}."
    )


def allocation_lines(plan: dict[str, Any], fit: MixFit, slots: dict[str, int]) -> list[AllocationLine]:
    """The table of a plan, the largest change first."""
    lines = [_allocation_line(row, fit, slots, total=plan["budget_per_day"]) for row in plan["allocation"]]
    return sorted(lines, key=lambda line: -abs(line.recommended - line.current))


def _allocation_line(row: dict[str, Any], fit: MixFit, slots: dict[str, int], *, total: float) -> AllocationLine:
    current, recommended = float(row["current_per_day"]), float(row["recommended_per_day"])
    return AllocationLine(
        name=row["channel"],
        slot=slot_of(slots, row["channel"]),
        current=current,
        recommended=recommended,
        current_text=amount(current, fit.currency),
        recommended_text=amount(recommended, fit.currency),
        change_text=signed_amount(recommended - current, fit.currency),
        share_text=percent(recommended / total if total else None, digits=0),
    )


def likelihood(probability: float) -> str:
    """A probability that never claims to be certain."""
    if probability > 0.99:
        return f"over {percent(0.99, digits=0)}"
    return f"under {percent(0.01, digits=0)}" if probability < 0.01 else percent(probability, digits=0)


def signed_amount(change: float, currency: str) -> str:
    """A change of money with its sign."""
    sign = "+" if change >= 0.005 else "−" if change <= -0.005 else "±"
    return f"{sign}{amount(abs(change), currency)}"
