"""Daily metrics as they come, and the scale on which their ordinary days differ by sums and not by factors."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from ml.errors import BadFrame
from ml.frames import FIRST_DAY, LAST_DAY, BoolArray, DayArray, FloatArray

ScaleKind: TypeAlias = Literal["log", "root", "plain", "signed"]
OTHER_SCALES: tuple[ScaleKind, ...] = ("root", "plain")
LOW_DAY, MOST_LOW_DAYS_FOR_LOG = 0.1, 0.05  # where days of a tenth are usual, roots are the evener scale
FLOOR = 0.01  # of the usual day: a day without tracking is a hundredth of it on the log scale, not minus infinity
HALF = 0.5  # an event added to sparse counts, so that a ratio of none is not zero


@dataclass(frozen=True, eq=False)
class Metric:
    """One daily metric: `values` (n,), with `below` (n,) a ratio of sums (clicks over impressions, revenue over spend).

    NaN marks a day without a value; a ratio has none where `below` is 0.
    """

    name: str
    values: ArrayLike
    below: ArrayLike | None = None


@dataclass(frozen=True)
class Scale:
    """A working scale: logarithm of values above a floor, square root, the values themselves, or asinh (negative values); `unit` is
    the usual day."""

    kind: ScaleKind
    unit: float

    def forward(self, values: FloatArray) -> FloatArray:
        if self.kind == "log":
            return np.asarray(np.log(np.maximum(values / self.unit, FLOOR)))
        if self.kind == "root":
            return np.asarray(np.sqrt(np.maximum(values / self.unit, 0.0)))
        if self.kind == "plain":
            return np.asarray(values / self.unit)
        return np.asarray(np.arcsinh(values / self.unit))

    def back(self, working: FloatArray) -> FloatArray:
        if self.kind == "log":
            return np.asarray(self.unit * np.exp(np.minimum(working, 500.0)))
        if self.kind == "root":
            return np.asarray(self.unit * np.maximum(working, 0.0) ** 2)
        if self.kind == "plain":
            return np.asarray(self.unit * np.maximum(working, 0.0))
        return np.asarray(self.unit * np.sinh(np.clip(working, -500.0, 500.0)))

    def log_slope(self, values: FloatArray) -> FloatArray:
        """log of d forward ÷ d value, up to a constant that all scales share: a density moves by it from one scale to another."""
        share = np.maximum(values / self.unit, FLOOR)
        if self.kind == "log":
            return np.asarray(-np.log(share))
        if self.kind == "root":
            return np.asarray(-0.5 * np.log(share) - np.log(2))
        if self.kind == "plain":
            return np.zeros(len(share))
        return np.asarray(-0.5 * np.log1p((values / self.unit) ** 2))

    def change(self, actual: FloatArray, expected: FloatArray) -> FloatArray:
        """Relative change from `expected` to `actual`, both on the working scale; over the usual day where that is larger."""
        before, after = self.back(expected), self.back(actual)
        return np.asarray((after - before) / self.base(before))

    def base(self, usual: FloatArray) -> FloatArray:
        """What changes of a plain value are a share of: itself, but not less than half the usual day, unless on the log scale."""
        return np.asarray(np.abs(usual) if self.kind == "log" else np.maximum(np.abs(usual), 0.5 * self.unit))


@dataclass(frozen=True, eq=False)
class Series:
    """A metric on the full grid of days: plain values, working values with gaps filled, which days have none, ratio weights."""

    name: str
    plain: FloatArray
    below: FloatArray | None
    working: FloatArray
    missing: BoolArray
    scale: Scale


def day_grid(dates: ArrayLike) -> tuple[DayArray, DayArray]:
    """The dates as days and every day from first to last. Raises `BadFrame` for missing, repeated or implausible dates."""
    try:
        on = np.asarray(dates, "datetime64[D]")
    except ValueError as error:
        raise BadFrame("A date cannot be read.", "Write dates as 2026-01-31.") from error
    if on.ndim != 1 or len(on) == 0:
        raise BadFrame("There are no days.", "Give one date per day.")
    if np.isnat(on).any() or (on < FIRST_DAY).any() or (on > LAST_DAY).any():
        raise BadFrame("A date is missing or outside 1990–2100.", "Write dates as 2026-01-31.")
    if len(np.unique(on)) < len(on):
        raise BadFrame("A day occurs twice.", "Add up the rows of a day first.")
    return on, np.arange(on.min(), on.max() + 1)


def lay_out(metric: Metric, on: DayArray, grid: DayArray) -> tuple[FloatArray, FloatArray | None]:
    """Values and denominators on the grid, NaN where there is no row. Raises `BadFrame` for lengths or values that make no sense."""
    values = _on_grid(metric.values, metric.name, on, grid)
    if metric.below is None:
        return values, None
    below = _on_grid(metric.below, metric.name, on, grid)
    if (below < 0).any():
        raise BadFrame(f"{metric.name}: what it is divided by is negative.", "Check the sign of that column.")
    return values, below


def working_series(name: str, values: FloatArray, below: FloatArray | None, unusable: BoolArray) -> Series:
    """The series of a metric on a first scale; `unusable` (n,) are left out beside the missing days."""
    plain = values if below is None else _ratio(values, below)
    missing = unusable | ~np.isfinite(plain)
    scale = _first_scale(plain[~missing])
    return Series(name, plain, below, _working(plain, missing, scale), missing, scale)


def on_scales(series: Series) -> list[Series]:
    """The series on each scale that it could have: itself, and where that is the logarithm the square root and the plain values too."""
    if series.scale.kind != "log":
        return [series]
    others = [Scale(kind, series.scale.unit) for kind in OTHER_SCALES]
    return [
        series,
        *(replace(series, working=_working(series.plain, series.missing, scale), scale=scale) for scale in others),
    ]


def _working(plain: FloatArray, missing: BoolArray, scale: Scale) -> FloatArray:
    """Working values with gaps filled between their neighbours."""
    working = np.zeros(len(plain))
    working[~missing] = scale.forward(plain[~missing])
    if not missing.all():
        day = np.arange(len(plain))
        working[missing] = np.interp(day[missing], day[~missing], working[~missing])
    return working


def check_names(metrics: Sequence[Metric]) -> None:
    """Raises `BadFrame` where a name is empty or used twice."""
    names = [metric.name for metric in metrics]
    if not names or not all(names) or len(set(names)) < len(names):
        raise BadFrame("The metrics need different names.", "Name each metric once.")


def _on_grid(values: ArrayLike, name: str, on: DayArray, grid: DayArray) -> FloatArray:
    try:
        given = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise BadFrame(
            f"{name}: a value is not a number.", "Enter numbers, or nothing for a day without one."
        ) from error
    if given.shape != on.shape:
        raise BadFrame(f"{name} has {given.size} values for {len(on)} days.", "Give one value per day.")
    if np.isinf(given).any():
        raise BadFrame(f"{name} has an infinite value.", "Check the division that it comes from.")
    laid = np.full(len(grid), np.nan)
    laid[(on - grid[0]).astype(int)] = given
    return laid


def _ratio(values: FloatArray, below: FloatArray) -> FloatArray:
    """(above + ½) ÷ (below + ½ ÷ rate): a ratio of sparse counts drawn a little to the overall rate; NaN where below is 0."""
    both = np.isfinite(values) & (below > 0)
    above_sum, below_sum = values[both].sum(), below[both].sum()
    drawn = np.full(len(values), np.nan)
    if above_sum <= 0:
        drawn[both] = values[both] / below[both]
    else:
        drawn[both] = (values[both] + HALF) / (below[both] + HALF * below_sum / above_sum)
    return drawn


def _first_scale(seen: FloatArray) -> Scale:
    if not len(seen):
        return Scale("log", 1.0)
    positive = np.abs(seen[seen != 0])
    unit = float(np.median(positive)) if len(positive) else 1.0
    if (seen < 0).any():
        return Scale("signed", unit)
    sparse = np.mean(seen < LOW_DAY * unit) > MOST_LOW_DAYS_FOR_LOG
    return Scale("root" if sparse else "log", unit)
