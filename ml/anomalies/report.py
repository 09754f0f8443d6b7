"""Turns scans into a report: plain units, merged neighbours, false discovery shares, what would have been seen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from ml.anomalies.evidence import Limits, limits
from ml.anomalies.fitting import Fitted, undisturbed, without_shifts
from ml.anomalies.options import TESTS_PER_DAY, DetectionOptions
from ml.anomalies.result import Anomaly, AnomalyReport, MetricReading
from ml.anomalies.scan import Found
from ml.anomalies.series import Series
from ml.frames import BoolArray, DayArray, FloatArray

POWER_QUANTILE = 0.84  # a standard normal lies below it four times in five
MEDIAN_DEVIATION = 0.6745  # of a standard normal


@dataclass(frozen=True, eq=False)
class Window:
    """The days of a run, (n,): which are explained by something known, which are final; judged are days `first` to `last`."""

    dates: DayArray
    known: BoolArray
    final: BoolArray
    first: int
    last: int

    @property
    def days_judged(self) -> int:
        return int((~self.known & self.final)[self.first : self.last + 1].sum())

    def day(self, index: int) -> date:
        return self.dates[index].astype(object)  # type: ignore[no-any-return]  # datetime64[D] becomes a date


@dataclass(frozen=True)
class Piece:
    """A found shape as days `start` to `stop` (exclusive)."""

    start: int
    stop: int
    found: Found


def report_of(
    window: Window,
    series: Sequence[Series],
    fits: Sequence[Fitted],
    reasons: Mapping[str, str],
    options: DetectionOptions,
) -> AnomalyReport:
    by_name = {fit.series.name: (fit, _usual_of(fit, options)) for fit in fits}
    anomalies = [anomaly for fit in fits for anomaly in _anomalies(fit, window)]
    ranked = _with_q_values(anomalies, tests=max(len(fits) * window.days_judged, 1))
    if options.false_discovery_share is not None:
        ranked = [anomaly for anomaly in ranked if anomaly.q_value <= options.false_discovery_share]
    return AnomalyReport(
        dates=window.dates,
        judged_from=window.day(window.first),
        judged_to=window.day(window.last),
        alarms_per_month=options.alarms_per_month,
        expected_false_alarms=sum(_rings_by_chance(*one) for one in by_name.values()) * window.days_judged,
        anomalies=tuple(sorted(ranked, key=lambda one: (one.starts_on, one.p_value, one.metric))),
        readings=tuple(
            _reading(*by_name[one.name], options) if one.name in by_name else _unread(one, reasons[one.name])
            for one in series
        ),
    )


def _anomalies(fit: Fitted, window: Window) -> list[Anomaly]:
    """What was found on judged days. Neighbours in one direction are one stretch."""
    n = len(window.dates)
    pieces = sorted(
        (Piece(found.start, found.start + found.days if found.days else n, found) for found in fit.scan.found),
        key=lambda piece: piece.start,
    )
    expected = undisturbed(fit)
    merged: list[Piece] = []
    for piece in pieces:
        if merged and _continues(merged[-1], piece):
            rarer = min(merged[-1].found, piece.found, key=lambda found: found.log_chance)
            merged[-1] = Piece(merged[-1].start, piece.stop, rarer)
        else:
            merged.append(piece)
    return [_anomaly(fit, piece, expected, window) for piece in merged if _is_judged(piece, window)]


def _continues(before: Piece, after: Piece) -> bool:
    same = (before.found.effect > 0) == (after.found.effect > 0)
    return same and before.found.days is not None and after.found.days is not None and before.stop == after.start


def _is_judged(piece: Piece, window: Window) -> bool:
    if piece.found.days is None:
        return window.first <= piece.start <= window.last
    return piece.stop > window.first and piece.start <= window.last


def _anomaly(fit: Fitted, piece: Piece, expected: FloatArray, window: Window) -> Anomaly:
    lasting = piece.found.days is None
    stop = min(piece.stop, window.last + 1)
    days = np.arange(piece.start, stop)
    days = days[~fit.series.missing[days]]
    shifts = fit.series.working - without_shifts(fit)
    before = shifts[max(piece.start - 1, 0)] if lasting else shifts[days]
    actual, usual = fit.series.plain[days], fit.series.scale.back(expected[days] + before)
    weight = np.ones(len(days)) if fit.series.below is None else fit.series.below[days]
    found_mean, usual_mean = (float(np.average(values, weights=weight)) for values in (actual, usual))
    return Anomaly(
        metric=fit.series.name,
        kind="level_shift" if lasting else "spike" if len(days) == 1 else "stretch",
        starts_on=window.day(piece.start),
        ends_on=window.day(stop - 1),
        actual=found_mean,
        expected=usual_mean,
        change=(found_mean - usual_mean) / max(abs(usual_mean), 1e-3 * fit.series.scale.unit),
        score=piece.found.deviation,
        p_value=min(1.0, TESTS_PER_DAY * float(np.exp(piece.found.log_chance))),
        commonness=piece.found.commonness,
        q_value=1.0,
        may_go_on=lasting or stop > window.last,
    )


def _with_q_values(anomalies: list[Anomaly], *, tests: int) -> list[Anomaly]:
    """Benjamini and Hochberg (1995): q of the k-th rarest of `tests` is the least p_j·tests ÷ j over j ≥ k."""
    ranked = sorted(anomalies, key=lambda anomaly: anomaly.p_value)
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        least = min(least, ranked[rank - 1].p_value * tests / rank)
        ranked[rank - 1] = replace(ranked[rank - 1], q_value=least)
    return ranked


def _unread(series: Series, reason: str) -> MetricReading:
    none = np.full(len(series.plain), np.nan)
    return MetricReading(series.name, False, reason, series.plain, none, none, none, None, None, None)


@dataclass(frozen=True, eq=False)
class Usual:
    """What each day (n,) was to be on the working scale, its standard errors (n,) and those of the median day and stretch of three, in
    units of the noise, and what a day and a stretch must reach to ring."""

    expected: FloatArray
    spread: FloatArray
    day_spread: float
    stretch_spread: float
    day: Limits
    stretch: Limits


def _usual_of(fit: Fitted, options: DetectionOptions) -> Usual:
    expected, spread = _expected(fit), _spread(fit)
    middle = float(np.median(expected))
    day_spread, stretch_spread = float(np.median(spread[~fit.scan.unused])), _stretch_spread(fit)

    def limits_of(days: int, by: float) -> Limits:
        scale, tail = fit.series.scale, fit.scan.tail
        return limits(middle, by, scale=scale, tail=tail, days=days, options=options)

    return Usual(expected, spread, day_spread, stretch_spread, limits_of(1, day_spread), limits_of(3, stretch_spread))


def _reading(fit: Fitted, usual: Usual, options: DetectionOptions) -> MetricReading:
    series, unit = fit.series, fit.scan.tail.unit
    expected, spread, middle = usual.expected, usual.spread, float(np.median(usual.expected))
    power = POWER_QUANTILE * unit
    spike = _rise(series, middle, (usual.day.rise + power) * usual.day_spread)
    stretch = _rise(series, middle, (usual.stretch.rise + power) * usual.stretch_spread)
    return MetricReading(
        metric=series.name,
        judged=True,
        reason="",
        actual=series.plain,
        expected=series.scale.back(expected),
        low=series.scale.back(expected - usual.day.fall * spread),
        high=series.scale.back(expected + usual.day.rise * spread),
        noise=_rise(series, middle, MEDIAN_DEVIATION * unit * usual.day_spread),
        smallest_spike=max(spike, options.least_change),
        smallest_stretch=max(stretch, options.least_change),
    )


def _rings_by_chance(fit: Fitted, usual: Usual) -> float:
    """How often an ordinary day rings: tests per day times the chance to reach the limits, the mean of single days and stretches."""
    tail = fit.scan.tail
    chances = [
        tail.log_chance_beyond(np.array(to_reach), days) for to_reach, days in ((usual.day, 1), (usual.stretch, 3))
    ]
    return TESTS_PER_DAY * float(np.exp(chances).mean())


def _spread(fit: Fitted) -> FloatArray:
    """Standard error (n,) of a day's prediction from all others, in units of the noise; the usual one where a day is out of use."""
    diagonal, unused = np.diag(fit.scan.inverse), fit.scan.unused
    filled = np.where(unused, np.median(diagonal[~unused]), diagonal)
    return np.asarray(1 / np.sqrt(np.maximum(filled, 1e-12)))


def _expected(fit: Fitted) -> FloatArray:
    """What each day (n,) was to be from all others, on the working scale, shifts included."""
    left, unused = fit.scan.inverse, fit.scan.unused
    y = fit.series.working
    kept = ~unused
    expected = undisturbed(fit) + (y - without_shifts(fit))
    expected[kept] = y[kept] - (left @ y)[kept] / np.diag(left)[kept]
    return expected


def _stretch_spread(fit: Fitted) -> float:
    """The usual standard error of the mean of three days, in units of the noise."""
    inverse, n = fit.inverse, len(fit.inverse)
    start = np.arange(n - 2)
    sums = sum(inverse[start + i, start + j] for i in range(3) for j in range(3))
    return float(1 / np.sqrt(np.maximum(np.median(np.asarray(sums)), 1e-12)))


def _rise(series: Series, usual: float, by: float) -> float:
    """Relative rise of a usual day by `by` on the working scale."""
    return float(series.scale.change(np.array(usual + by), np.array(usual)))
