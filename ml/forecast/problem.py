"""What both candidates fit: the root of revenue on a grid of days, with calendar and spend columns beside it."""

from dataclasses import dataclass

import numpy as np

from ml.forecast.calendar_columns import event_columns, weekdays, yearly_waves
from ml.forecast.spend import spend_features
from ml.frames import BoolArray, DayArray, FloatArray, MarketingFrame


@dataclass(frozen=True, eq=False)
class Problem:
    """`history` n periods to learn from and h to foresee. `root` (n,) = √max(revenue, 0) ÷ `scale`; the columns cover n + h.

    The square root is the link: it keeps forecasts non-negative, takes days without sales as they are, and lies between
    additive and multiplicative noise (on the series of benchmarks/ml_forecast.py it beat both log and identity).
    """

    dates: DayArray
    cadence_days: int
    history: int
    scale: float
    root: FloatArray
    observed: BoolArray
    weekly: FloatArray
    yearly: FloatArray
    events: FloatArray
    spend: FloatArray

    @property
    def history_days(self) -> int:
        return self.history * self.cadence_days


@dataclass(frozen=True, eq=False)
class Fitted:
    """A candidate's fit on the root scale, each part (n + h,); `spend_effect` (F,) ≥ 0 multiplies the spend features."""

    model: str
    trend: FloatArray
    weekly: FloatArray
    yearly: FloatArray
    events: FloatArray
    spend_effect: FloatArray

    def root(self, spend: FloatArray) -> FloatArray:
        """The fitted root under the spend features (n + h, F), never below 0."""
        return np.maximum(self.trend + self.weekly + self.yearly + self.events + spend @ self.spend_effect, 0.0)


def problem_of(frame: MarketingFrame, ahead: FloatArray, *, mean_lag: float, country: str | None = None) -> Problem:
    """The problem of forecasting the h periods after the frame, given their spend `ahead` (h, C)."""
    dates = frame.dates[0] + np.arange(frame.periods + len(ahead)) * frame.cadence_days
    root = np.sqrt(np.maximum(frame.revenue, 0.0))
    scale = float(root[frame.observed].mean())
    columns = event_columns(dates, frame.cadence_days, frame.events, country)
    seen = [column for column in columns.values() if column[: frame.periods].any()]
    return Problem(
        dates=dates,
        cadence_days=frame.cadence_days,
        history=frame.periods,
        scale=scale,
        root=root / scale,
        observed=frame.observed,
        weekly=weekdays(dates) if frame.cadence_days == 1 else np.zeros((len(dates), 0)),
        yearly=yearly_waves(dates, frame.days),
        events=np.stack(seen, axis=1) if seen else np.zeros((len(dates), 0)),
        spend=spend_features(frame, ahead, mean_lag),
    )
