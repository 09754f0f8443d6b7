"""What experiments found about a channel, as terms of the likelihood: a return, the return of a window, or a change of revenue.

A change over the whole market that lies inside the data is already seen by the model; enter what a comparison found that the
data do not hold: other regions, held-out customers, a platform's lift study, or a test of another year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol, TypeAlias

import numpy as np

from ml.errors import BadOption
from ml.frames import BoolArray, FloatArray, MarketingFrame
from ml.mix.media import LOG_HALF, LOG_LAG, LOG_ROI, LOG_SLOPE, LOGIT_SHAPE, PER_CHANNEL, MediaBasis

WEEKS_BEFORE_DAYS = 28


@dataclass(frozen=True)
class LiftTest:
    """What an experiment found: the channel returned `roi` per unit spent, give or take `roi_sd` (one standard error).

    With `starts_on` and `ends_on` (both included) it is the return on what was spent in that window, over all later sales;
    without them, the return over the whole history.
    """

    channel: str
    roi: float
    roi_sd: float
    starts_on: date | None = None
    ends_on: date | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.roi) and np.isfinite(self.roi_sd) and self.roi_sd > 0):
            raise BadOption(f"The lift test of {self.channel} needs a return and a standard error above 0.")
        if (self.starts_on is None) != (self.ends_on is None):
            raise BadOption(f"The lift test of {self.channel} needs both its first and its last day, or neither.")
        _check_order(self.channel, self.starts_on, self.ends_on)


@dataclass(frozen=True)
class LiftWindow:
    """What a changed spend did: from `starts_on` to `ends_on` (both included) revenue was `increment` higher (below 0: lower)
    than it would have been at `otherwise_per_day` of spend, give or take `increment_sd` (one standard error), in currency.

    A pause that cost 900 in sales is an increment of −900. Where `otherwise_per_day` is None, the channel would have
    gone on as in the four weeks before.
    """

    channel: str
    starts_on: date
    ends_on: date
    increment: float
    increment_sd: float
    otherwise_per_day: float | None = None

    def __post_init__(self) -> None:
        if not (np.isfinite(self.increment) and np.isfinite(self.increment_sd) and self.increment_sd > 0):
            raise BadOption(f"The lift test of {self.channel} needs a change of revenue and a standard error above 0.")
        if self.otherwise_per_day is not None and not (
            np.isfinite(self.otherwise_per_day) and self.otherwise_per_day >= 0
        ):
            raise BadOption(f"The lift test of {self.channel} needs a usual spend of 0 or more.")
        _check_order(self.channel, self.starts_on, self.ends_on)


Experiment: TypeAlias = LiftTest | LiftWindow


class LiftTerm(Protocol):
    """A Gaussian likelihood term on what one channel did."""

    def add_to(self, q: FloatArray, gradient: FloatArray) -> FloatArray:
        """Log likelihood (K,) at the channels' parameters q (5, C, K); adds its slope to `gradient`, shaped like q."""


@dataclass(frozen=True)
class WholePeriodTerm:
    """ROI of channel `position` ~ Normal(`roi`, `sd`²)."""

    position: int
    roi: float
    sd: float

    def add_to(self, q: FloatArray, gradient: FloatArray) -> FloatArray:
        roi = np.exp(q[LOG_ROI, self.position])
        score = (roi - self.roi) / self.sd
        gradient[LOG_ROI, self.position] -= score / self.sd * roi
        value: FloatArray = -0.5 * score**2
        return value


@dataclass(frozen=True, eq=False)
class WindowTerm:
    """Scaled revenue of the periods `counted` (n,) at the spend that was, less that at another spend ~ Normal(`change`, `sd`²).

        change = ROI · spend · (Σ_counted h(A) − Σ_counted h(A′)) / Σ h(A)

    `basis` holds the two courses of spend as two channels; the channel's own parameters apply to both.
    """

    position: int
    change: float
    sd: float
    basis: MediaBasis
    counted: BoolArray

    def add_to(self, q: FloatArray, gradient: FloatArray) -> FloatArray:
        own = q[:, self.position]
        terms = self.basis.terms(_both_courses(own))
        sums = terms.share[..., self.counted].sum(-1)
        ceiling = np.exp(own[LOG_ROI]) * self.basis.total_spend[0] / terms.share_sum[0]
        change = ceiling * (sums[0] - sums[1])
        score = (change - self.change) / self.sd
        window = self.basis.share_gradient(terms, self.counted.astype(float))
        whole = self.basis.share_gradient(terms, np.ones(len(self.counted)))[:, 0]
        slope = ceiling * (window[:, 0] - window[:, 1]) - change / terms.share_sum[0] * whole
        gradient[LOG_ROI, self.position] -= score / self.sd * change
        for row, index in enumerate((LOG_LAG, LOGIT_SHAPE, LOG_HALF, LOG_SLOPE)):
            gradient[index, self.position] -= score / self.sd * slope[row]
        value: FloatArray = -0.5 * score**2
        return value


def lift_terms(frame: MarketingFrame, basis: MediaBasis, experiments: Sequence[Experiment]) -> tuple[LiftTerm, ...]:
    """The experiments in the model's units. Raises `BadOption` for an unknown channel or a window outside the data."""
    return tuple(_term(frame, basis, experiment) for experiment in experiments)


def _term(frame: MarketingFrame, basis: MediaBasis, experiment: Experiment) -> LiftTerm:
    if experiment.channel not in frame.channels:
        raise BadOption(f"The lift test names {experiment.channel}, which has no spend.", "Use a channel of this data.")
    position = frame.channels.index(experiment.channel)
    if isinstance(experiment, LiftWindow):
        return _change_of_window(frame, basis, position, experiment)
    if experiment.starts_on is None or experiment.ends_on is None:
        return WholePeriodTerm(position, experiment.roi, experiment.roi_sd)
    return _return_of_window(frame, basis, position, experiment)


def _return_of_window(frame: MarketingFrame, basis: MediaBasis, position: int, test: LiftTest) -> WindowTerm:
    """The window's spend against none, counted to the end of the data, since ads work on after they ran."""
    window = _window(frame, test.channel, test.starts_on, test.ends_on)
    spent = float(frame.spend[window, position].sum())
    if spent <= 0:
        raise BadOption(
            f"{test.channel} spent nothing from {test.starts_on} to {test.ends_on}, so there is no return on it.",
            "Enter a pause as the change of revenue that it brought.",
        )
    otherwise = np.where(window, 0.0, frame.spend[:, position])
    after = np.arange(frame.periods) >= int(np.argmax(window))
    unit = spent / basis.revenue_scale
    return _window_term(frame, basis, position, otherwise, after, change=test.roi * unit, sd=test.roi_sd * unit)


def _change_of_window(frame: MarketingFrame, basis: MediaBasis, position: int, test: LiftWindow) -> WindowTerm:
    window = _window(frame, test.channel, test.starts_on, test.ends_on)
    per_day = test.otherwise_per_day
    usual = _usual_before(frame, position, window) if per_day is None else per_day * frame.cadence_days
    otherwise = np.where(window, usual, frame.spend[:, position])
    if np.allclose(otherwise, frame.spend[:, position]):
        raise BadOption(
            f"The spend of {test.channel} was as usual from {test.starts_on} to {test.ends_on}.",
            "Check the dates, or enter what would have been spent per day.",
        )
    unit = basis.revenue_scale
    return _window_term(
        frame, basis, position, otherwise, window, change=test.increment / unit, sd=test.increment_sd / unit
    )


def _window_term(
    frame: MarketingFrame,
    basis: MediaBasis,
    position: int,
    otherwise: FloatArray,
    counted: BoolArray,
    *,
    change: float,
    sd: float,
) -> WindowTerm:
    courses = np.column_stack([frame.spend[:, position], otherwise])
    usual = np.full(2, basis.usual_spend[position])
    first_weeks = np.full(2, basis.first_weeks[position])
    both = MediaBasis(courses, frame.cadence_days, basis.revenue_scale, usual_spend=usual, first_weeks=first_weeks)
    return WindowTerm(position, change, sd, both, counted)


def _both_courses(own: FloatArray) -> FloatArray:
    """z (K, 11) that gives both courses of spend one channel's parameters (5, K)."""
    twice = np.tile(own.T, (1, 2))
    return np.concatenate([twice, np.zeros((len(twice), 1))], axis=1).reshape(-1, 2 * PER_CHANNEL + 1)


def _window(frame: MarketingFrame, channel: str, starts_on: date | None, ends_on: date | None) -> BoolArray:
    """Periods (n,) that begin in the window; at least one, or `BadOption`."""
    first, last = np.datetime64(starts_on, "D"), np.datetime64(ends_on, "D")
    spare = np.timedelta64(frame.cadence_days - 1, "D")
    inside: BoolArray = (frame.dates + spare // 2 >= first) & (frame.dates + spare // 2 <= last)
    if not inside.any() or first < frame.dates[0] - spare or last > frame.dates[-1] + 2 * spare:
        raise BadOption(
            f"The lift test of {channel} from {starts_on} to {ends_on} lies outside the data, "
            f"which go from {frame.dates[0]} to {frame.dates[-1] + spare}.",
            "Enter its return without dates, or import the days of the test.",
        )
    return inside


def _usual_before(frame: MarketingFrame, position: int, window: BoolArray) -> float:
    """Spend per period in the four weeks before the window, or all other periods' average where it opens the data."""
    first = int(np.argmax(window))
    before = frame.spend[max(first - WEEKS_BEFORE_DAYS // frame.cadence_days, 0) : first, position]
    return float(before.mean()) if len(before) else float(frame.spend[~window, position].mean())


def _check_order(channel: str, starts_on: date | None, ends_on: date | None) -> None:
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise BadOption(f"The lift test of {channel} ends before it starts.", "Swap the two dates.")
