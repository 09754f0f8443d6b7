"""How to get from today's spend to a plan: what each channel spends week by week, and by when which effect should be seen."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from app.mix.presenting import LEVEL, signed_amount
from kit.format import amount, compact_amount, day, day_range, percent, plural
from ml.frames import FloatArray
from ml.mix.plan import Binding, BudgetPlan, ChannelAllocation, RevenueEstimate, estimate, revenue_draws
from ml.mix.results import MixFit
from ml.mix.rollout import RolloutStep, roll_out

STEPS = (("0.1", "10 %"), ("0.2", "20 % (advised)"), ("0.3", "30 %"), ("0.5", "50 %"))
DEFAULT_STEP = 0.2
MOST_WEEKS = 26
_LEAST_WAIT_DAYS, _MOST_WAIT_DAYS = 7, 28
_LOOKED_AT_DAYS = 14
_CHANCE = 1.645  # of 20 fortnights, one differs by more than so many standard deviations on either side
_CENT = 0.01
SHOWN_WEEKS = 4


@dataclass(frozen=True)
class RolloutWeek:
    """One week: its days, spend a day by channel, in all, and the revenue from advertising that it leads to."""

    name: str
    days: str
    cells: tuple[str, ...]
    total: str
    revenue: str
    revenue_range: str


@dataclass(frozen=True)
class CheckPoint:
    """When to look, what should be seen by then, whether that can be seen at all, and when to go back."""

    when: str
    expected: str
    seen: str
    back: str


@dataclass(frozen=True)
class Rollout:
    """A plan in steps. `channels` are those that move; `weeks` the first and the last, `between` those that are left out of them;
    `reaches`: whether the plan is reached."""

    headline: str
    step: str
    steps: tuple[tuple[str, str], ...]
    channels: tuple[str, ...]
    weeks: tuple[RolloutWeek, ...]
    checks: tuple[CheckPoint, ...]
    reaches: bool
    between: tuple[RolloutWeek, ...] = ()


def asked_step(typed: str | None) -> float:
    """The step that an address names; any other is the advised one."""
    return float(typed) if typed in dict(STEPS) else DEFAULT_STEP


def rollout_of(result: dict[str, Any], fit: MixFit, *, step: float, today: date) -> Rollout | None:
    """The plan's weeks, from next Monday on; None where the plan is not to be followed or moves nothing."""
    plan = _plan(result["plan"])
    if plan.advice != "move":
        return None
    moving = [line.channel for line in plan.allocation if abs(line.recommended_per_day - line.current_per_day) >= _CENT]
    if not moving:
        return None
    steps = roll_out(fit, plan, step=step, most_periods=MOST_WEEKS)
    begins = today + timedelta(days=7 - today.weekday())
    weeks = tuple(_week(one, begins, moving, fit.currency) for one in steps)
    cut = len(weeks) - 1 if len(weeks) > SHOWN_WEEKS + 2 else SHOWN_WEEKS
    return Rollout(
        headline=_headline(steps, begins, step),
        step=f"{step:g}",
        steps=STEPS,
        channels=tuple(moving),
        weeks=(_today(fit, moving), *weeks[:SHOWN_WEEKS], *weeks[cut:]),
        checks=tuple(_check_points(steps, begins, moving, fit)),
        reaches=steps[-1].arrived,
        between=weeks[SHOWN_WEEKS:cut],
    )


def _plan(stored: dict[str, Any]) -> BudgetPlan:
    lines = tuple(ChannelAllocation(**row) for row in stored["allocation"])
    return BudgetPlan(**(stored | {"allocation": lines, "binding": tuple(Binding(**one) for one in stored["binding"])}))


def _headline(steps: Sequence[RolloutStep], begins: date, step: float) -> str:
    size = percent(step, digits=0)
    if not steps[-1].arrived:
        return (
            f"With steps of {size} a week the plan is not reached in {plural(len(steps), 'week')}. Take larger steps."
        )
    if len(steps) == 1:
        return f"No channel moves by more than {size}, so you can change all of it on {day(begins)}."
    return f"In {plural(len(steps), 'week')} from {day(begins)} on, no channel changes by more than {size} a week."


def _today(fit: MixFit, moving: Sequence[str]) -> RolloutWeek:
    now = estimate(revenue_draws(fit, fit.current_per_day()))
    spend = dict(zip(fit.names, fit.current_per_day().tolist(), strict=True))
    return _line("Today", "Average of the last 90 days", spend, now, moving, fit.currency)


def _week(one: RolloutStep, begins: date, moving: Sequence[str], currency: str) -> RolloutWeek:
    first = begins + timedelta(days=7 * (one.period - 1))
    days = f"from {day(first)} on" if one.arrived else day_range(first, first + timedelta(days=6))
    return _line(f"Week {one.period}", days, one.allocation, one.revenue, moving, currency)


def _line(
    name: str, days: str, spend: dict[str, float], revenue: RevenueEstimate, moving: Sequence[str], currency: str
) -> RolloutWeek:
    return RolloutWeek(
        name=name,
        days=days,
        cells=tuple(amount(spend[channel], currency) for channel in moving),
        total=amount(sum(spend.values()), currency),
        revenue=compact_amount(revenue.mean, currency),
        revenue_range=f"{compact_amount(revenue.low, currency)} to {compact_amount(revenue.high, currency)}",
    )


def _check_points(steps: Sequence[RolloutStep], begins: date, moving: Sequence[str], fit: MixFit) -> list[CheckPoint]:
    """Half-way, where there are three weeks or more, and at the end."""
    looked_at = [steps[-1]] if len(steps) < 3 else [steps[(len(steps) - 1) // 2], steps[-1]]
    wait_days = _wait_days(fit, moving)
    noise = fortnight_noise(fit)
    return [_check_point(one, begins, wait_days, noise, fit) for one in looked_at]


def _wait_days(fit: MixFit, moving: Sequence[str]) -> int:
    """Twice the longest mean lag of the channels that move: by then most of what a change does is there."""
    lag = max(fit.channel(channel).mean_lag_days for channel in moving)
    return min(max(math.ceil(2 * lag), _LEAST_WAIT_DAYS), _MOST_WAIT_DAYS)


def fortnight_noise(fit: MixFit) -> float:
    """By how much revenue a day, averaged over two weeks, strays from what the attribution explains: one standard deviation."""
    periods = max(round(_LOOKED_AT_DAYS / fit.cadence_days), 1)
    rest: FloatArray = (fit.revenue - fit.fitted) / fit.cadence_days
    blocks = rest[len(rest) % periods :].reshape(-1, periods).mean(1)
    return float(np.std(blocks))


def _check_point(one: RolloutStep, begins: date, wait_days: int, noise: float, fit: MixFit) -> CheckPoint:
    spend = np.array([one.allocation[name] for name in fit.names])
    gain = estimate(revenue_draws(fit, spend) - revenue_draws(fit, fit.current_per_day()))
    by = begins + timedelta(days=7 * one.period + wait_days)
    shown = [signed_amount(value, fit.currency) for value in (gain.mean, gain.low, gain.high)]
    usual = compact_amount(_CHANCE * noise, fit.currency)
    is_seen = abs(gain.mean) >= _CHANCE * noise
    return CheckPoint(
        when=f"{day(by)}: week {one.period} and {plural(wait_days, 'day')} for late effects",
        expected=f"About {shown[0]} a day of revenue from advertising ({LEVEL} % range {shown[1]} to {shown[2]}).",
        seen=(
            f"Your revenue, averaged over two weeks, moves by ±{usual} a day anyway; this is more, so you can see it there."
            if is_seen
            else f"Your revenue, averaged over two weeks, moves by ±{usual} a day anyway, so it cannot show this. Work the attribution "
            "out anew by then, and look at what these channels bring."
        ),
        back=f"If revenue stays more than {usual} a day below your forecast for two weeks, go back to the week before.",
    )
