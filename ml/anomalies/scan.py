"""Finds what does not fit: every stretch of 1, 2, 3 or 5 days and every lasting shift of the level is tried on every day.

For a shape h (ones on the days in question) generalised least squares gives the effect δ = hᵀPy ÷ hᵀPh with standard error
s ÷ √(hᵀPh): the intervention analysis of Box and Tiao (1975), scanned over all days as in Chen and Liu (1993) and de Jong
and Penzer (1998). The largest rare shape is taken out, the rest looked at again: an outlier cannot hide another.
"""

from dataclasses import dataclass

import numpy as np

from ml.anomalies.evidence import LEAST_EVIDENCE, log_evidence
from ml.anomalies.series import Series
from ml.anomalies.structure import robust_scale, without_days, without_shape
from ml.anomalies.tails import Tail, fit_tail
from ml.frames import BoolArray, FloatArray

LENGTHS = (1, 2, 3, 5)
SHIFT = len(LENGTHS)  # row of the shift in a `Field`
TAIL_DAYS = (*LENGTHS, 7)  # a shift speaks for at least a week, whose mean is near to normal
FEWEST_SHIFT_DAYS = 7  # fewer days after it are a stretch, before it a late start
SMALLEST_SCALE = 0.002  # a series that never moves still is rounded
TINY = 1e-9


@dataclass(frozen=True)
class Found:
    """One shape that was taken out: row of the field, first day, effect on the working scale, deviation, log probability."""

    row: int
    start: int
    effect: float
    deviation: float
    log_chance: float
    commonness: float  # conformal p-value among the other windows of the same shape

    @property
    def days(self) -> int | None:
        """Length in days; None where it lasts."""
        return LENGTHS[self.row] if self.row < SHIFT else None


@dataclass(frozen=True, eq=False)
class Field:
    """Deviation and effect of each shape (rows) at each first day (n,), 0 where it cannot be placed."""

    deviation: FloatArray
    effect: FloatArray


@dataclass(frozen=True, eq=False)
class Scan:
    """What was taken out of a series y (n,), the precision that is left, the days out of use, the tail of the rest."""

    found: tuple[Found, ...]
    inverse: FloatArray
    unused: BoolArray
    tail: Tail


def field(inverse: FloatArray, y: FloatArray, unused: BoolArray) -> Field:
    """All shapes on all days. Sums over blocks of P come from its two-way cumulative sums: O(n²) for everything."""
    n = len(y)
    sums = np.zeros((n + 1, n + 1))
    inverse.cumsum(0).cumsum(1, out=sums[1:, 1:])
    score = np.concatenate([[0.0], (inverse @ y).cumsum()])
    corner = np.diagonal(sums)
    deviation, effect = np.zeros((SHIFT + 1, n)), np.zeros((SHIFT + 1, n))
    for row, days in enumerate(LENGTHS):
        last = n - days + 1
        information = corner[days:] - 2 * np.diagonal(sums, days) + corner[:-days]
        usable = ~(unused[:last] | unused[days - 1 :])
        deviation[row, :last], effect[row, :last] = _test(score[days:] - score[:-days], information, usable)
    information = sums[n, n] - 2 * sums[:-1, n] + corner[:-1]
    day = np.arange(n)
    usable = ~unused & (day >= FEWEST_SHIFT_DAYS) & (day <= n - FEWEST_SHIFT_DAYS)
    deviation[SHIFT], effect[SHIFT] = _test(score[n] - score[:-1], information, usable)
    return Field(deviation, effect)


def scan(inverse: FloatArray, series: Series, *, log_chance: float, least_change: float) -> Scan:
    """Take out the largest shape that is rarer than `log_chance` until none is, at most one in ten days; shapes whose change is below
    `least_change` are passed over."""
    y, unused = series.working, series.missing.copy()
    left = without_days(inverse, np.flatnonzero(unused))
    found: list[Found] = []
    while True:
        z = (left @ y)[~unused] / np.sqrt(np.maximum(np.diag(left)[~unused], TINY))
        tail = fit_tail(z, max(float(robust_scale(z)), SMALLEST_SCALE), TAIL_DAYS)
        shapes = field(left, y, unused)
        usual = _mean(series, shapes) - shapes.effect
        worth = np.abs(series.scale.change(usual + shapes.effect, usual)) >= least_change
        best = _largest(series, shapes, usual, worth, tail, log_chance)
        if best is None or len(found) > len(y) // 10:
            return Scan(tuple(found), left, unused, tail)
        found.append(best)
        left = _taken_out(left, best, unused)


def _mean(series: Series, shapes: Field) -> FloatArray:
    """Mean over each shape's days on the working scale, (shapes, n)."""
    n = len(series.working)
    sums = np.concatenate([[0.0], series.working.cumsum()])
    mean = np.zeros_like(shapes.effect)
    for row, days in enumerate(LENGTHS):
        mean[row, : n - days + 1] = (sums[days:] - sums[:-days]) / days
    mean[SHIFT] = (sums[n] - sums[:-1]) / np.arange(n, 0, -1)
    return mean


def _largest(
    series: Series, shapes: Field, usual: FloatArray, worth: BoolArray, tail: Tail, log_chance: float
) -> Found | None:
    """The shape of the largest deviation among those that are rare enough and speak for a change. Rarity itself would prefer
    long shapes, whose tails are lighter, to the single day that bends them."""
    chances = np.array(
        [tail.log_chance_beyond(row, days) for row, days in zip(shapes.deviation, TAIL_DAYS, strict=True)]
    )
    able = worth & (chances <= log_chance)
    for shape in np.flatnonzero(able.any(1)).tolist():
        able[shape, able[shape]] = _speaks(series, shapes, usual, tail, shape, able[shape])
    height = np.where(able, np.abs(shapes.deviation), 0.0)
    row, start = (int(index) for index in np.unravel_index(height.argmax(), height.shape))
    if not height[row, start]:
        return None
    deviation = float(shapes.deviation[row, start])
    others = np.abs(shapes.deviation[row][shapes.deviation[row] != 0])
    return Found(
        row=row,
        start=start,
        effect=float(shapes.effect[row, start]),
        deviation=deviation / tail.unit,
        log_chance=float(chances[row, start]),
        commonness=float((others >= abs(deviation)).sum() + 1) / (len(others) + 1),
    )


def _speaks(series: Series, shapes: Field, usual: FloatArray, tail: Tail, row: int, at: BoolArray) -> BoolArray:
    """Whether the shapes of a row that start `at` those days speak for a change."""
    z, effect = shapes.deviation[row, at], shapes.effect[row, at]
    evidence = log_evidence(z, usual[row, at], effect / z, scale=series.scale, tail=tail, days=TAIL_DAYS[row])
    return np.asarray(evidence >= LEAST_EVIDENCE)


def _taken_out(inverse: FloatArray, found: Found, unused: BoolArray) -> FloatArray:
    """P without what was found; marks the days of a stretch as unused."""
    if found.days is None:
        shape = (np.arange(len(unused)) >= found.start) & ~unused
        return without_shape(inverse, shape.astype(float))
    days = np.arange(found.start, found.start + found.days)
    days = days[~unused[days]]
    unused[days] = True
    return without_days(inverse, days)


def _test(sums: FloatArray, information: FloatArray, usable: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Deviation and effect where they are defined, else 0."""
    safe = np.maximum(information, TINY)
    usable = usable & (information > TINY)
    return np.where(usable, sums / np.sqrt(safe), 0.0), np.where(usable, sums / safe, 0.0)
