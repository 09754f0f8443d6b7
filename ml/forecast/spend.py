"""Spend as regressors, and the spend that is assumed for the days ahead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from ml.adstock import carry_over, lag_weights
from ml.errors import BadOption
from ml.forecast.calendar_columns import MONDAY_OFFSET
from ml.frames import FloatArray, MarketingFrame

RECENT_DAYS = 28
MOST_CHANNELS = 8
FAR_BEYOND = 1.5


@dataclass(frozen=True, eq=False)
class FutureSpend:
    """Spend per period and channel that the forecast assumes, (h, C); whether a plan was given; what to tell a person."""

    spend: FloatArray
    is_planned: bool
    warnings: tuple[str, ...] = ()


def recent_average(frame: MarketingFrame, periods: int) -> FloatArray:
    """Spend if all goes on as in the last 28 days: each weekday's average per channel, or the weekly average, (h, C)."""
    recent = frame.spend[-max(RECENT_DAYS // frame.cadence_days, 1) :]
    if frame.cadence_days == 7:
        return np.tile(recent.mean(0), (periods, 1))
    weekday = (frame.dates[-len(recent) :].astype(int) + MONDAY_OFFSET) % 7
    by_weekday = np.stack([recent[weekday == day].mean(0) for day in range(7)])
    ahead = (int(frame.dates[-1].astype(int)) + 1 + np.arange(periods) + MONDAY_OFFSET) % 7
    return by_weekday[ahead]


def future_spend(frame: MarketingFrame, periods: int, planned: Mapping[tuple[date, str], float] | None) -> FutureSpend:
    """The plan where it says something, the recent average elsewhere; channels are matched without regard to case.

    Entries before or after the horizon, or for a channel without spend in the history, are left out with a warning.
    Raises `BadOption` for an amount that is negative or not finite.
    """
    spend = recent_average(frame, periods)
    if not planned:
        return FutureSpend(spend, is_planned=False)
    column = {name.casefold(): index for index, name in enumerate(frame.channels)}
    first = frame.dates[-1] + frame.cadence_days
    sums: dict[tuple[int, int], float] = {}
    unknown, outside = set(), 0
    for (on, channel), amount in planned.items():
        if not (np.isfinite(amount) and amount >= 0):
            raise BadOption(f"The planned spend of {channel} on {on} is {amount}.", "Plan 0 or more.")
        period = int((np.datetime64(on, "D") - first).astype(int) // frame.cadence_days)
        index = column.get(channel.strip().casefold())
        if index is None:
            unknown.add(channel)
        elif 0 <= period < periods:
            sums[period, index] = sums.get((period, index), 0.0) + amount
        else:
            outside += 1
    for (period, index), amount in sums.items():
        spend[period, index] = amount
    return FutureSpend(spend, bool(sums), tuple(_plan_notes(frame, spend, unknown, outside)))


def _plan_notes(frame: MarketingFrame, spend: FloatArray, unknown: set[str], outside: int) -> list[str]:
    notes = []
    if unknown:
        named = ", ".join(sorted(unknown))
        notes.append(f"Planned spend in {named} is left out, because there is no past spend to learn its effect from.")
    if outside:
        notes.append(f"{outside} planned amounts lie outside the forecast's days and are left out.")
    highest = frame.spend.max(0, initial=0.0)
    beyond = [
        name for name, most, top in zip(frame.channels, spend.max(0), highest, strict=True) if most > FAR_BEYOND * top
    ]
    if beyond:
        notes.append(
            f"The plan for {', '.join(beyond)} goes far beyond what was ever spent. Its effect is a guess there."
        )
    return notes


def spend_features(frame: MarketingFrame, ahead: FloatArray, mean_lag: float) -> FloatArray:
    """Adstocked log spend, (n + h, F): Fₜ = log(1 + Aₜ ÷ m), A the geometric adstock and m the channel's mean spend.

    `ahead` (h, C) is the spend after the history; `mean_lag` ≥ 0 in periods. Dividing by the mean makes the feature the
    same in every currency. The largest `MOST_CHANNELS` channels have a column each, the others share one; columns
    without past spend are 0. The logarithm is the diminishing return of a channel, see `ml.adstock` for the lag.
    """
    spend = _grouped(np.vstack([frame.spend, ahead]), frame.periods)
    recent = max(RECENT_DAYS // frame.cadence_days, 1)
    weights = lag_weights(mean_lag, 0.0, int(8 * mean_lag) + 2)
    mean = spend[: frame.periods].mean(0)
    features = np.zeros_like(spend)
    for index in np.flatnonzero(mean > 0):
        carried = carry_over(spend[:, index], weights, before=float(spend[:recent, index].mean()))
        features[:, index] = np.log1p(carried / mean[index])
    return features


def _grouped(spend: FloatArray, periods: int) -> FloatArray:
    if spend.shape[1] <= MOST_CHANNELS:
        return spend
    order = np.argsort(-spend[:periods].sum(0), kind="stable")
    return np.column_stack([spend[:, order[: MOST_CHANNELS - 1]], spend[:, order[MOST_CHANNELS - 1 :]].sum(1)])
