"""What all candidates fit: the root of revenue on a grid of days with calendar and spend columns, and what a fit answers."""

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from ml.forecast.calendar_columns import event_columns, weekdays, yearly_waves
from ml.forecast.result import Components
from ml.forecast.spend import spend_features
from ml.frames import BoolArray, DayArray, FloatArray, MarketingFrame


@dataclass(frozen=True, eq=False)
class Problem:
    """`past` (n periods) to learn from and h to foresee, under the spend `ahead` (h, C) in currency units.

    `root` (n,) = √max(revenue, 0) ÷ `scale`; the columns cover n + h. The square root is the link: it keeps forecasts
    non-negative, takes days without sales as they are, and lies between additive and multiplicative noise (on the series
    of benchmarks/ml_forecast.py it beat both log and identity).
    """

    past: MarketingFrame
    ahead: FloatArray
    mean_lag: float
    country: str | None
    dates: DayArray
    scale: float
    root: FloatArray
    weekly: FloatArray
    yearly: FloatArray
    events: FloatArray
    spend: FloatArray

    @property
    def history(self) -> int:
        """n, the periods to learn from."""
        return self.past.periods

    @property
    def history_days(self) -> int:
        return self.past.days

    @property
    def cadence_days(self) -> int:
        return self.past.cadence_days

    @property
    def observed(self) -> BoolArray:
        return self.past.observed

    def under(self, ahead: FloatArray) -> "Problem":
        """The same past with another spend to come, (h, C)."""
        return replace(self, ahead=ahead, spend=spend_features(self.past, ahead, self.mean_lag))


class Fit(Protocol):
    """What every candidate answers about a problem: the one it was fitted to, or the same past under another spend."""

    @property
    def model(self) -> str:
        """The candidate's name."""

    def middle(self, problem: Problem) -> FloatArray:
        """The middle of the revenue's distribution per period, (n + h,), in currency units and never below 0."""

    def components(self, problem: Problem, smear: float) -> Components:
        """The parts of `smear` · middle in currency units, over history and horizon."""

    def silent_channels(self, problem: Problem) -> list[str]:
        """Channels in whose spend no effect was found."""


@dataclass(frozen=True, eq=False)
class RootFit:
    """A fit on the root scale, each part (n + h,); `spend_effect` (F,) ≥ 0 multiplies the spend features."""

    model: str
    trend: FloatArray
    weekly: FloatArray
    yearly: FloatArray
    events: FloatArray
    spend_effect: FloatArray

    def root(self, spend: FloatArray) -> FloatArray:
        """The fitted root under the spend features (n + h, F), never below 0."""
        return np.maximum(self.trend + self.weekly + self.yearly + self.events + spend @ self.spend_effect, 0.0)

    def middle(self, problem: Problem) -> FloatArray:
        """(scale · root)², see `Fit`."""
        squared: FloatArray = (problem.scale * self.root(problem.spend)) ** 2
        return squared

    def components(self, problem: Problem, smear: float) -> Components:
        """See `Fit`; the formula stands at `Components`."""
        parts = (self.weekly, self.yearly, self.events, problem.spend @ self.spend_effect)
        base, whole = np.maximum(self.trend, 0.0), self.root(problem.spend)
        added = np.sum(parts, axis=0)
        tiny = np.abs(added) < 1e-9
        per_root = np.where(tiny, 2 * base, (whole**2 - base**2) / np.where(tiny, 1.0, added))
        unit = smear * problem.scale**2
        return Components(problem.dates, unit * base**2, *(unit * part * per_root for part in parts))

    def silent_channels(self, problem: Problem) -> list[str]:
        """See `Fit`; none is named where channels share a feature."""
        channels = problem.past.channels
        if len(channels) != len(self.spend_effect):
            return []
        return [name for name, effect in zip(channels, self.spend_effect, strict=True) if effect <= 0]


def problem_of(frame: MarketingFrame, ahead: FloatArray, *, mean_lag: float, country: str | None = None) -> Problem:
    """The problem of forecasting the h periods after the frame, given their spend `ahead` (h, C)."""
    dates = frame.dates[0] + np.arange(frame.periods + len(ahead)) * frame.cadence_days
    root = np.sqrt(np.maximum(frame.revenue, 0.0))
    scale = float(root[frame.observed].mean())
    columns = event_columns(dates, frame.cadence_days, frame.events, country)
    seen = [column for column in columns.values() if column[: frame.periods].any()]
    return Problem(
        past=frame,
        ahead=ahead,
        mean_lag=mean_lag,
        country=country,
        dates=dates,
        scale=scale,
        root=root / scale,
        weekly=weekdays(dates) if frame.cadence_days == 1 else np.zeros((len(dates), 0)),
        yearly=yearly_waves(dates, frame.days),
        events=np.stack(seen, axis=1) if seen else np.zeros((len(dates), 0)),
        spend=spend_features(frame, ahead, mean_lag),
    )
