"""What detection hands out: anomalies with their size and rarity, and per metric what an ordinary day looks like."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, TypeAlias

import numpy as np

from ml.frames import DayArray, FloatArray

AnomalyKind: TypeAlias = Literal["spike", "stretch", "level_shift"]
SIGNIFICANT_DIGITS = 6


@dataclass(frozen=True)
class Anomaly:
    """Days of a metric that do not fit the others.

    A `spike` lasts one day, a `stretch` two or more, a `level_shift` goes on. `change` is actual over expected less 1, on the
    mean per day. `score` is the distance in robust standard deviations, `p_value` the chance that an ordinary metric
    shows such a thing on a given day, `commonness` the share of its own ordinary days or stretches that lie as far
    off (conformal p-value), `q_value` the share of false ones among all alarms that are as rare as this (Benjamini
    and Hochberg). `may_go_on` says that it reaches the last day judged, so that a spike may yet become a shift.
    """

    metric: str
    kind: AnomalyKind
    starts_on: date
    ends_on: date
    actual: float
    expected: float
    change: float
    score: float
    p_value: float
    commonness: float
    q_value: float
    may_go_on: bool

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    @property
    def rises(self) -> bool:
        return self.change > 0


@dataclass(frozen=True, eq=False)
class MetricReading:
    """What an ordinary day of a metric looks like, (n,) per day of the report, or why it was not judged.

    A day outside [`low`, `high`] is an alarm by itself, to a close approximation. `noise` is the usual relative distance of a day from what was
    expected; `smallest_spike` and `smallest_stretch` (three days) are the rises that would be found four times in five.
    """

    metric: str
    judged: bool
    reason: str
    actual: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray
    noise: float | None
    smallest_spike: float | None
    smallest_stretch: float | None


@dataclass(frozen=True, eq=False)
class AnomalyReport:
    """All anomalies of the days judged, by day and rarity. `alarms_per_month` is the most that was asked for per metric,
    `expected_false_alarms` what chance alone would bring in these metrics and days: less where small noise, or the evidence that is
    asked for beside rarity, rings less often."""

    dates: DayArray
    judged_from: date
    judged_to: date
    alarms_per_month: float
    expected_false_alarms: float
    anomalies: tuple[Anomaly, ...]
    readings: tuple[MetricReading, ...]

    def reading(self, metric: str) -> MetricReading:
        """The reading of one metric by its name; raises `KeyError`."""
        for reading in self.readings:
            if reading.metric == metric:
                return reading
        raise KeyError(metric)

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form: dates as text, days without a value as null, six significant digits."""
        document: dict[str, Any] = plain(self)
        return document


def plain(value: Any) -> Any:  # any field of a result, as JSON
    """A result, or a part of it, as JSON knows it."""
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if isinstance(value, float):
        return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if np.isfinite(value) else None
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    return value
