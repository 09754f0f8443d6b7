"""Stored results → what the pages show: words from `presenting`, pictures from the chart modules."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import numpy as np

from app.mix.budget_charts import frontier_chart, split_chart
from app.mix.charts import (
    Slots,
    course_chart,
    is_known,
    marginal_chart,
    response_charts,
    rest_of,
    roi_chart,
    waterfall_chart,
)
from app.mix.contexts import AttributionView, CheckLine, ForecastView, NextTest, PlanView, Quality, Untold, WeekLine
from app.mix.forecast_charts import course_chart as components_chart
from app.mix.forecast_charts import fan_chart, parts_chart
from app.mix.presenting import (
    FORECAST_LEVEL,
    LEVEL,
    allocation_lines,
    attribution_assumptions,
    attribution_headline,
    budget_assumptions,
    budget_headline,
    channel_lines,
    forecast_accuracy,
    forecast_assumptions,
    forecast_headline,
    likelihood,
    rest_range,
    signed_amount,
)
from app.mix.schemas import BudgetRequest
from kit.format import MISSING, amount, compact_amount, day, day_range, multiple, percent, percent_change
from ml.forecast import Forecast
from ml.mix.results import ChannelResult, Check, MixFit

ADVICE_LABELS = {"move": "Move", "hold": "Hold", "cannot_advise": "Cannot advise"}
GOOD_RHAT = 1.05
_LIGHTS = {"green": ("good", "Good"), "amber": ("warn", "Mind this"), "red": ("bad", "Poor")}


def attribution_view(
    fit: MixFit, *, slots: Slots, claimed: Mapping[str, float] | None = None, with_curves: bool = True
) -> AttributionView:
    """An attribution to look at; `claimed` is the revenue that the sources credit to each channel."""
    total, rest = float(fit.revenue.sum()), rest_of(fit)
    return AttributionView(
        headline=attribution_headline(fit),
        quality=attribution_quality(fit),
        assumptions=tuple(attribution_assumptions(fit)),
        warnings=fit.warnings,
        lines=tuple(channel_lines(fit, slots, claimed)),
        totals=_attribution_totals(fit),
        has_claims=bool(claimed),
        rest=compact_amount(rest, fit.currency),
        rest_range=rest_range(fit),
        rest_share=percent(rest / total if total else None, digits=0),
        untold=untold_channels(fit),
        roi=roi_chart(fit, slots),
        marginal=marginal_chart(fit, slots),
        waterfall=waterfall_chart(fit, slots),
        course=course_chart(fit, slots),
        responses=tuple(response_charts(fit, slots)) if with_curves else (),
        checks=tuple(_check_line(number, check) for number, check in enumerate(fit.checks)),
    )


def _check_line(number: int, check: Check) -> CheckLine:
    tone, label = _LIGHTS[check.light]
    return CheckLine(
        f"check-{number}", tone, label, check.sentence, check.explanation, is_of_channel=check.channel is not None
    )


_TOLD_AS = {"pause": "paused", "halve": "lowered", "double": "raised"}


def next_test_view(stored: dict[str, Any] | None, *, base: str, keys: Mapping[str, str]) -> NextTest | None:
    """The proposed test as its run stored it; `keys` are the channels' keys by name, for the form that takes its result."""
    if not stored:
        return None
    best = stored["best"]
    others = tuple(plan["sentence"] for plan in stored["by_channel"] if plan != best)
    if best is None:
        return NextTest("", stored["reason"], others, "")
    asked = urlencode({"channel": keys.get(best["channel"], ""), "act": _TOLD_AS[best["action"]]})
    return NextTest(best["sentence"], stored["reason"], others, f"{base}/lift-tests?{asked}")


def _attribution_totals(fit: MixFit) -> tuple[str, ...]:
    return (
        amount(sum(channel.spend for channel in fit.channels), fit.currency),
        amount(float(fit.revenue.sum()), fit.currency),
    )


def attribution_quality(fit: MixFit) -> tuple[Quality, ...]:
    """How far to trust a fit, in four numbers that explain themselves."""
    told, settled = sum(is_known(channel) for channel in fit.channels), fit.fit.rhat <= GOOD_RHAT
    return (
        Quality(
            "told",
            "Channels told apart",
            "A channel can be told apart where its spend moved on its own, often and far enough. For the others only a range is shown.",
            f"{told} of {len(fit.channels)}",
            "The others show a range only" if told < len(fit.channels) else "Every channel has an estimate",
        ),
        Quality(
            "r2",
            "Ups and downs explained",
            "R²: how much of the day-to-day movement of revenue the model accounts for. High is good, but proves nothing alone.",
            percent(max(fit.fit.r2, 0.0), digits=0),
            _judged(fit.fit.r2, ((0.8, "Good"), (0.5, "Fair")), "Weak: read the ranges, not the points"),
        ),
        Quality(
            "holdout",
            "Off on unseen weeks",
            "Hold-out error: the model was fitted without the last weeks, then asked for them. This is how far it was off on average.",
            percent(fit.fit.holdout_mape, digits=0),
            _holdout_note(fit.fit.holdout_mape),
        ),
        Quality(
            "rhat",
            "Calculation",
            "Several independent calculations must agree before their answer counts (R-hat close to 1).",
            "Settled" if settled else "Not settled",
            f"R-hat {fit.fit.rhat:.3f}",
        ),
    )


def _judged(value: float, bars: tuple[tuple[float, str], ...], otherwise: str) -> str:
    return next((words for least, words in bars if value >= least), otherwise)


def _holdout_note(error: float | None) -> str:
    if error is None:
        return "Too little revenue in the last weeks to check"
    return _judged(-error, ((-0.15, "Good"), (-0.3, "Fair")), "Weak: the future may differ from the past")


def untold_channels(fit: MixFit) -> tuple[Untold, ...]:
    """Channels without a point estimate, with what would help."""
    return tuple(
        Untold(
            name=channel.channel,
            reason=channel.grade_reason,
            open_range=f"{multiple(channel.roi_low)} to {multiple(channel.roi_high)}",
            would_help=_would_help(channel),
        )
        for channel in fit.channels
        if not is_known(channel)
    )


def _would_help(channel: ChannelResult) -> str:
    if channel.roi_high <= 1:
        return "Even its best case costs more than it brings. Pause it for two weeks and run this again to be sure."
    return (
        "Change its spend on its own: pause it, or raise it by half, for two weeks while the others stay as they are. "
        "Then run this again."
    )


def forecast_view(forecast: Forecast) -> ForecastView:
    """A forecast to look at."""
    days = len(forecast.mean) * forecast.cadence_days
    return ForecastView(
        headline=forecast_headline(forecast, days),
        accuracy=forecast_accuracy(forecast),
        total=compact_amount(forecast.total, forecast.currency),
        total_range=(
            f"{FORECAST_LEVEL} % range {compact_amount(forecast.total_low80, forecast.currency)} to "
            f"{compact_amount(forecast.total_high80, forecast.currency)}"
        ),
        compared=_compared_with_before(forecast),
        quality=forecast_quality(forecast),
        assumptions=tuple(forecast_assumptions(forecast)),
        warnings=forecast.warnings,
        fan=fan_chart(forecast),
        parts=parts_chart(forecast),
        course=components_chart(forecast),
        weeks=tuple(_week_lines(forecast)),
        tries=tuple(_tries(forecast)),
    )


def _compared_with_before(forecast: Forecast) -> str:
    """The total against as many periods before, where all of them are known."""
    before = forecast.history.actual[-len(forecast.mean) :]
    if len(before) < len(forecast.mean) or np.isnan(before).any() or before.sum() <= 0:
        return ""
    change = forecast.total / float(before.sum()) - 1
    days = len(before) * forecast.cadence_days
    return f"{percent_change(change)} against the {days} days before ({compact_amount(float(before.sum()), forecast.currency)})"


def forecast_quality(forecast: Forecast) -> tuple[Quality, ...]:
    """How good such forecasts have been."""
    tried, unit = len(forecast.backtest.origins), "a day" if forecast.cadence_days == 1 else "a week"
    totals = [abs(one.total_error) for one in forecast.backtest.origins if one.total_error is not None]
    return (
        Quality(
            "mape",
            f"Off {unit}, on average",
            "The model forecast from several days of your own past, without seeing what came after. This is its mean error.",
            percent(forecast.backtest.mape, digits=0),
            f"Tried {tried} times on your own past" if tried else "Too little history to try",
        ),
        Quality(
            "total-error",
            "Off in total, on average",
            "The same for the sum of all days ahead: errors of single days partly cancel out.",
            percent(sum(totals) / len(totals) if totals else None, digits=0),
            "What matters for a budget",
        ),
        Quality(
            "coverage",
            "Days within the band",
            f"The {FORECAST_LEVEL} % band should hold about {FORECAST_LEVEL} of 100 days. Measured on the tries, each with a band learnt from the others.",
            percent(forecast.backtest.coverage80, digits=0),
            f"{FORECAST_LEVEL} % is right",
        ),
    )


def _week_lines(forecast: Forecast) -> list[WeekLine]:
    lines = []
    for number, week in enumerate(forecast.weekly, start=1):
        until = week.start_on + timedelta(days=week.days - 1)
        lines.append(
            WeekLine(
                name=f"Week {number}",
                days=day_range(week.start_on, until),
                expected=amount(week.total, forecast.currency),
                low=amount(week.low80, forecast.currency),
                high=amount(week.high80, forecast.currency),
            )
        )
    return lines


def _tries(forecast: Forecast) -> list[tuple[str, str, str, str]]:
    """Each try on the past: from when, how far, error a day, error in total."""
    return [
        (
            day(one.origin_on),
            f"{one.days} days",
            percent(one.mape, digits=0),
            MISSING if one.total_error is None else percent_change(one.total_error),
        )
        for one in forecast.backtest.origins
    ]


def _beyond_rounding(change: float, total: float) -> float:
    """Channels are rounded to cents, so that today's total, split anew, can miss itself by a few."""
    return change if abs(change) > 0.0005 * total else 0.0


def plan_view(
    result: dict[str, Any], fit: MixFit, request: BudgetRequest, *, slots: Slots, with_own: bool = False
) -> PlanView:
    """A plan to look at; `with_own` draws the split of the sliders too, which starts as the plan's."""
    plan, currency = result["plan"], fit.currency
    lines = allocation_lines(plan, fit, slots)
    current = sum(line.current for line in lines)
    return PlanView(
        name=request.name,
        headline=budget_headline(plan, currency),
        advice=plan["advice"],
        advice_label=ADVICE_LABELS[plan["advice"]],
        reason=plan["advice_reason"],
        uplift=signed_amount(plan["expected_uplift_per_day"], currency),
        uplift_range=(
            f"{LEVEL} % range {signed_amount(plan['uplift_low'], currency)} to {signed_amount(plan['uplift_high'], currency)}"
        ),
        revenue=compact_amount(plan["expected_revenue_per_day"], currency),
        revenue_range=(
            f"{LEVEL} % range {compact_amount(plan['revenue_low'], currency)} to "
            f"{compact_amount(plan['revenue_high'], currency)}"
        ),
        probability=likelihood(plan["probability_better"]),
        assumptions=tuple(budget_assumptions(fit, request)),
        untold=untold_channels(fit),
        lines=tuple(lines),
        totals=(
            amount(current, currency),
            amount(plan["budget_per_day"], currency),
            signed_amount(_beyond_rounding(plan["budget_per_day"] - current, current), currency),
            percent(1.0, digits=0),
        ),
        binding=tuple(f"{limit['sentence']}." for limit in plan["binding"]),
        split=split_chart(lines, currency, own={line.name: line.recommended for line in lines} if with_own else None),
        frontier=frontier_chart(result, currency),
    )
