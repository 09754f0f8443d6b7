"""The days around a pause as the counterfactual's input: which days, with which columns, and with the spend as planned."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.adstock import carry_over, lag_weights
from ml.errors import BadFrame, BadOption, ConstantRevenue, NoPause, TooShort
from ml.experiments.counterfactual import Days
from ml.forecast.calendar_columns import event_columns, weekdays
from ml.frames import BoolArray, FloatArray, MarketingFrame

FEWEST_DAYS_BEFORE = 56
MOST_DAYS_BEFORE, MOST_DAYS_AFTER = 400, 120
USUAL_DAYS = 14
LEAST_CHANGE = 0.25
LAGS_DAYS = (1.5, 6.0)
KERNEL_DAYS = 60


@dataclass(frozen=True, eq=False)
class PauseDays:
    """`days` around the pause, of which `inside` (n,) lie in the window; `change` (h,) is planned minus actual spend on the
    window's days, `position` (w,) those of them that have a row, `scale` the mean revenue outside, `ahead` whether (nearly) no
    day follows the window."""

    days: Days
    inside: BoolArray
    change: FloatArray
    position: NDArray[np.intp]
    first: int
    scale: float
    ahead: bool
    planned_per_day: float


def days_around(
    frame: MarketingFrame,
    channel: str,
    starts_on: date,
    ends_on: date,
    settle_days: int,
    planned_per_day: float | None,
    controls: ArrayLike | None,
) -> PauseDays:
    """The days of `analyse_pause`; see there for the arguments and what is raised."""
    first, paused = _window(frame, channel, starts_on, ends_on)
    length = min(paused + settle_days, frame.periods - first)
    index = frame.channels.index(channel)
    planned = _planned(frame, index, first, planned_per_day)
    change = np.zeros(length)
    change[:paused] = planned - frame.spend[first : first + paused, index]
    _check_change(channel, change, planned * paused)
    window = np.zeros(frame.periods, bool)
    window[first : first + length] = True
    near = frame.observed.copy()
    near[: max(first - MOST_DAYS_BEFORE, 0)] = near[first + length + MOST_DAYS_AFTER :] = False
    scale = _scale(frame.revenue[near & ~window])
    blocks = [*_calendar(frame, first, near), _media(frame, index, window, change), *_controls(frame, controls)]
    days = Days(np.arange(frame.periods, dtype=float), tuple(blocks), frame.revenue / scale).keep(near)
    position = np.flatnonzero(near[first : first + length])
    if 2 * (position < paused).sum() < paused:
        raise NoPause("Most days of the pause have no data.", "Import the revenue of these days.")
    after = int(near[first + length :].sum())
    return PauseDays(days, window[near], change, position, first, scale, after < 7, planned)


def _window(frame: MarketingFrame, channel: str, starts_on: date, ends_on: date) -> tuple[int, int]:
    """The first day's index and the number of days paused."""
    if frame.cadence_days != 1:
        raise BadFrame("A pause can be read from daily data only.", "Import revenue and spend per day.")
    if channel not in frame.channels:
        raise BadOption(f"There is no channel “{channel}” with spend.", f"Choose one of: {', '.join(frame.channels)}.")
    first = int((np.datetime64(starts_on) - frame.dates[0]).astype(int))
    paused = int((np.datetime64(ends_on) - np.datetime64(starts_on)).astype(int)) + 1
    if paused < 1:
        raise BadOption("The pause ends before it starts.", "Swap the two dates.")
    if first < 0 or first + paused > frame.periods:
        raise BadOption("The pause lies outside the days that were imported.", "Import the days of the pause first.")
    before = int(frame.observed[:first].sum())
    if before < FEWEST_DAYS_BEFORE:
        raise TooShort(before, FEWEST_DAYS_BEFORE)
    return first, paused


def _planned(frame: MarketingFrame, index: int, first: int, planned_per_day: float | None) -> float:
    if planned_per_day is None:
        return float(frame.spend[first - USUAL_DAYS : first, index].mean())
    if not (np.isfinite(planned_per_day) and planned_per_day >= 0):
        raise BadOption(f"The planned spend per day is {planned_per_day}.", "Enter 0 or more.")
    return float(planned_per_day)


def _check_change(channel: str, change: FloatArray, planned: float) -> None:
    if abs(change.sum()) <= LEAST_CHANGE * planned:
        raise NoPause(
            f"{channel} spent nearly as usual on these days, so there is nothing to compare.",
            "Check the days of the pause, and enter what would have been spent.",
        )


def _scale(revenue: FloatArray) -> float:
    if np.ptp(revenue) <= 1e-9 * np.abs(revenue).max():
        raise ConstantRevenue(float(revenue[0]))
    return float(np.abs(revenue).mean())


def _calendar(frame: MarketingFrame, history: int, near: BoolArray) -> list[FloatArray]:
    """Weekdays, the year in waves (one pair, two from 150 days, four from 330), and events together and by kind."""
    angle = 2 * np.pi * frame.dates.astype(int) / 365.25
    pairs = 4 if history > 330 else 2 if history > 150 else 1
    waves = [wave(pair * angle) / pair for pair in range(1, pairs + 1) for wave in (np.sin, np.cos)]
    kinds = [column for column in event_columns(frame.dates, 1, frame.events, None).values() if column[near].any()]
    events = [np.column_stack([np.minimum(np.sum(kinds, axis=0), 1.0), *kinds])] if kinds else []
    return [weekdays(frame.dates), np.column_stack(waves), *events]


def _media(frame: MarketingFrame, index: int, window: BoolArray, change: FloatArray) -> FloatArray:
    """Log of carried-over spend, (n, 2 C), the paused channel's in the window as planned."""
    columns = []
    for channel, spend in enumerate(frame.spend.T):
        usual = float(spend[spend > 0].mean()) if (spend > 0).any() else 1.0
        for lag in LAGS_DAYS:
            column = _carried(spend, usual, lag)
            if channel == index:
                planned = spend.copy()
                planned[window] += change
                column = np.where(window, _carried(planned, usual, lag), column)
            columns.append(column)
    return np.column_stack(columns)


def _carried(spend: FloatArray, usual: float, lag: float) -> FloatArray:
    level = carry_over(spend / usual, lag_weights(lag, 0.0, KERNEL_DAYS), before=float(spend[:28].mean() / usual))
    carried: FloatArray = np.log1p(np.maximum(level, 0.0))
    return carried


def _controls(frame: MarketingFrame, controls: ArrayLike | None) -> list[FloatArray]:
    """Controls (n, k), standardised."""
    if controls is None:
        return []
    series = np.asarray(controls, float)
    series = series[:, None] if series.ndim == 1 else series
    if series.ndim != 2 or len(series) != frame.periods or not np.isfinite(series).all():
        raise BadFrame("The controls do not fit the days.", "Give one number per day and control series.")
    spread = series.std(0)
    return [(series - series.mean(0)) / np.where(spread > 0, spread, 1.0)]
