"""A lift test on the whole market: a channel was paused (or cut, or raised) for some days. What did that do to revenue?

`analyse_pause` foresees the revenue of the window as if the spend had gone on, from the days around it, and reads the
difference with the shape that the effect of ads has over time.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm
from scipy.stats import t as student

from ml.adstock import lag_weights
from ml.errors import BadOption
from ml.experiments.counterfactual import Prediction, Structure, predict
from ml.experiments.document import Document, plain
from ml.experiments.domain import check_share
from ml.experiments.pause_days import PauseDays, days_around
from ml.experiments.pause_wording import Verdict, pause_sentence, verdict_of
from ml.experiments.placebo import placebo_scores
from ml.frames import DayArray, FloatArray, MarketingFrame

MEAN_LAGS_DAYS = (0.5, 1.0, 2.0, 3.5, 6.0, 9.0)
SHAPES = (0.0, 0.7)
LAG_CENTRE, LAG_SPREAD = float(np.log(2.5)), 0.9
KERNEL_DAYS = 120
PRIOR_WINDOWS = 8.0  # how many placebo windows the model's own standard error is worth


@dataclass(frozen=True, eq=False)
class PauseReading:
    """What a change of spend did. Amounts in currency; intervals at the level asked for (95 % unless told).

    `spend_change` is planned minus actual spend (above 0 for a pause or a cut), `lost_revenue` what that spend would have brought,
    later sales included, `roi` = lost revenue ÷ spend change. `lost_sd` and `roi_sd` are half the widths of the 95 % intervals ÷ 1.96,
    for use as the standard errors of a normal likelihood (a lift test of the mix model). `placebo_ratio` is how much larger
    errors were than the model foresaw in `placebos` windows in which nothing happened. Series per day of the window, from the
    first day of the pause to the end of settling: `dates`, `actual`, `expected` revenue with its band, (h,) each.
    """

    channel: str
    starts_on: date
    ends_on: date
    planned_per_day: float
    spend_change: float
    lost_revenue: float
    lost_sd: float
    lost_low: float
    lost_high: float
    roi: float
    roi_sd: float
    roi_low: float
    roi_high: float
    degrees: float
    placebos: int
    placebo_ratio: float
    verdict: Verdict
    sentence: str
    dates: DayArray
    actual: FloatArray
    expected: FloatArray
    expected_low: FloatArray
    expected_high: FloatArray

    def to_dict(self) -> Document:
        return plain(self)


@dataclass(frozen=True, eq=False)
class Loss:
    """Total effect per unit of mean revenue with its model standard error, and the weights (w,) of the window's days in it."""

    total: float
    sd: float
    weights: FloatArray


def analyse_pause(
    frame: MarketingFrame,
    channel: str,
    *,
    starts_on: date,
    ends_on: date,
    settle_days: int = 14,
    planned_per_day: float | None = None,
    controls: ArrayLike | None = None,
    level: float = 0.95,
) -> PauseReading:
    """Incremental revenue and ROI of `channel` from a pause (or cut, or raise) from `starts_on` to `ends_on`, both included.

    1. Expected revenue e (h,) with covariance Σ from up to 400 days before and 120 after the window (`counterfactual.py`); the
       window ends `settle_days` after the pause. `planned_per_day` is what would have been spent (default: the mean of the 14
       days before). `controls` (n,) or (n, k) are series that the pause cannot have moved, such as another market's revenue.
    2. Lost revenue L from d = e − actual = L g + error, where g is the change of spend carried over by a lag kernel:
       L = g′Σ⁻¹d ÷ g′Σ⁻¹g, averaged over twelve kernels by posterior weight (mean lag log-normal around 2.5 days).
    3. Standard error: the model's times √[(8 + m r²) ÷ (8 + m)], where r² is the mean squared standardised error of the same
       contrast in windows without a pause and m how many of them fit side by side; Student's t with 8 + m degrees of freedom.

    Raises `BadFrame` for weekly data or controls that do not fit, `BadOption` for a channel, window or level that cannot be,
    `TooShort` for less than 56 days before, `NoPause` where spend changed by less than a quarter, `ConstantRevenue`.
    Sources: Brodersen et al. (2015) for the counterfactual, Bertrand, Duflo & Mullainathan (2004) for placebo windows.
    """
    check_share("The level", level)
    if settle_days < 0:
        raise BadOption(f"The days to settle are {settle_days}.", "Choose 0 or more, usually 14.")
    around = days_around(frame, channel, starts_on, ends_on, settle_days, planned_per_day, controls)
    outside = around.days.keep(~around.inside)
    fitted = Structure(outside)
    theta = fitted.learn()
    prediction = predict(Structure(around.days).covariance(theta), around.days.revenue, around.inside)
    loss = lost(prediction, around)
    scores = placebo_scores(fitted.covariance(theta), outside, loss.weights, ahead=around.ahead)
    return _reading(frame, channel, (starts_on, ends_on), around, prediction, loss, scores, level)


def lost(prediction: Prediction, around: PauseDays) -> Loss:
    """Step 2 of `analyse_pause`, per unit of mean revenue."""
    shapes, log_prior = effect_shapes(around.change)
    shapes = shapes[:, around.position]
    missing = prediction.mean - around.days.revenue[around.inside]
    contrasts = np.linalg.solve(prediction.covariance, shapes.T).T
    information = np.einsum("kh,kh->k", contrasts, shapes)
    totals = contrasts @ missing / information
    log_weight = log_prior + 0.5 * totals**2 * information - 0.5 * np.log(information)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    middle = float(weight @ totals)
    variance = float(weight @ (1 / information + (totals - middle) ** 2))
    return Loss(middle, float(np.sqrt(variance)), (weight / information) @ contrasts)


def effect_shapes(change: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Share of the total effect that falls on each day of the window, (12, h), per kernel, and the kernels' log prior.

    `change` (h,) is the change of spend per day. What falls after the window is why rows add up to less than 1.
    """
    kernels = [(lag, shape) for lag in MEAN_LAGS_DAYS for shape in SHAPES]
    rows = [np.convolve(change, lag_weights(*kernel, KERNEL_DAYS))[: len(change)] / change.sum() for kernel in kernels]
    log_prior = np.array([-0.5 * ((np.log(lag) - LAG_CENTRE) / LAG_SPREAD) ** 2 for lag, _ in kernels])
    return np.array(rows), log_prior


def _reading(
    frame: MarketingFrame,
    channel: str,
    window: tuple[date, date],
    around: PauseDays,
    prediction: Prediction,
    loss: Loss,
    scores: FloatArray,
    level: float,
) -> PauseReading:
    side_by_side = (len(scores) + 1) / 2 if len(scores) else 0.0
    squares = float((scores**2).mean()) if len(scores) else 1.0
    degrees = PRIOR_WINDOWS + side_by_side
    factor = float(np.sqrt((PRIOR_WINDOWS + side_by_side * squares) / degrees))
    total, sd = loss.total * around.scale, loss.sd * factor * around.scale
    reach = float(student.ppf(0.5 + level / 2, degrees)) * sd
    normal_sd = float(student.ppf(0.975, degrees) / norm.ppf(0.975)) * sd
    spent = float(around.change.sum())
    roi_low, roi_high = sorted([(total - reach) / spent, (total + reach) / spent])
    verdict = verdict_of(roi_low, roi_high)
    band = float(norm.ppf(0.5 + level / 2)) * factor * np.sqrt(np.diag(prediction.covariance))
    rows = around.first + around.position
    return PauseReading(
        channel=channel,
        starts_on=window[0],
        ends_on=window[1],
        planned_per_day=around.planned_per_day,
        spend_change=spent,
        lost_revenue=total,
        lost_sd=normal_sd,
        lost_low=total - reach,
        lost_high=total + reach,
        roi=total / spent,
        roi_sd=normal_sd / abs(spent),
        roi_low=roi_low,
        roi_high=roi_high,
        degrees=degrees,
        placebos=len(scores),
        placebo_ratio=float(np.sqrt(squares)),
        verdict=verdict,
        sentence=pause_sentence(channel, spent, total, (roi_low, roi_high), verdict, frame.currency),
        dates=frame.dates[rows],
        actual=frame.revenue[rows],
        expected=prediction.mean * around.scale,
        expected_low=(prediction.mean - band) * around.scale,
        expected_high=(prediction.mean + band) * around.scale,
    )
