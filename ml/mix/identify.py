"""Before any fit: can a channel's effect be told at all, judged by how its spend moved beside everything else?

Entry point: `identify`. It needs no answer from the mix model and takes milliseconds; `diagnose.py` grades after the fit.
"""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from ml.adstock import carry_over, lag_weights
from ml.errors import NoSpend, TooShort
from ml.frames import BoolArray, FloatArray, MarketingFrame
from ml.mix.design import FREE, baseline_design
from ml.mix.diagnose import LEAST_DAYS, usable_periods
from ml.mix.results import Grade
from ml.saturation import hill

TYPICAL_LAG_DAYS = 3.0
TYPICAL_HALF, TYPICAL_SLOPE = 1.35, 1.1  # the centre of the mix model's priors, in units of usual spend
TYPICAL_RETURN = 1.0  # what a unit of spend is taken to bring back, where revenue is money
OTHER_RETURN_SD = 1.5  # how far the other channels' returns may lie apart
GROUP_SD = 3.0  # of season, trend and event coefficients, in units of the noise
FREE_PRECISION = 1e-6
LARGEST_RHO = 0.8
LEAST_NOISE = 0.003  # of mean revenue, as in the fit
RELIABLE_ERROR = 0.3
CANNOT_TELL_ERROR = 0.7
CURVE_DOUBT = 0.4  # relative error of a return that is read from the curve alone
HARDLY_MOVES = 0.12  # coefficient of variation of carried spend
FOLLOWS = 0.35  # share of movement left under which season, trend or another channel is named as the reason
TOGETHER = 0.7
STILL = 0.01  # coefficient of variation under which spend counts as unchanging
RELIABLE_DAYS = 150
MONEY_LIKE = (0.3, 60.0)  # revenue ÷ spend outside this range: revenue is counted in other units than spend
OFF, OFF_DAYS = 0.15, 5  # a pulse ends where spend stays under 15 % of usual for five days


@dataclass(frozen=True)
class SpendGrade:
    """What can be expected of one channel before the fit.

    `own_movement` is the share of the variance of its effective spend that season, trend, events and the other channels do
    not explain; `expected_error` the relative standard error of its return if that were about 1; `pulses` how often it was
    switched off; `overlaps_with` the channel it moves with most, `overlap` their correlation beside season and trend.
    """

    channel: str
    grade: Grade
    reason: str
    would_help: str
    own_movement: float
    expected_error: float
    pulses: int
    overlaps_with: str | None
    overlap: float

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        return asdict(self)


@dataclass(frozen=True, eq=False)
class _Movement:
    """Per channel (C,): variation of effective spend, shares of it left beside the baseline and beside everything, the
    expected error; `together` (C, C) the correlations of what the baseline leaves."""

    variation: FloatArray
    beside_season: FloatArray
    beside_all: FloatArray
    error: FloatArray
    together: FloatArray


def identify(frame: MarketingFrame) -> tuple[SpendGrade, ...]:
    """A grade per channel, in the frame's order, before any fit.

    Let h_c (n,) be the channel's effective spend: carried over with a mean lag of 3 days, saturating at a typical Hill
    curve, scaled to mean 1. In the linear model revenue = Z γ + Σ_c ROI_c · s_c · h_c + noise, with Z the baseline columns
    (intercept, trend, weekday, season, events) and s_c the mean spend per period, the posterior precision of ROI_c beside
    all the rest is s_c² h_c′ M_c h_c / σ², M_c = I − W (W′W + Λ)⁻¹ W′ over W = [Z, others], Λ the priors'. The grade is by
    `expected_error` = √(e² + (0.4 q)²), e = σ √((1 + ρ) / (1 − ρ)) / (s_c √(h_c′ M_c h_c)), q the 5 % quantile of h_c: where
    spend was never near 0, what it brings in all is read from the curve, not from the data. Up to 0.3 *reliable*, from 0.7
    *cannot_tell*.
    Only σ and ρ, the size and memory of the noise, are taken from revenue (what the same columns leave of it).
    Raises `NoSpend` without channels and `TooShort` under 60 days. Source: information of a linear regression; the
    thresholds from simulated businesses, see benchmarks/ml_advice.py.
    """
    if not frame.channels or not (frame.spend.sum(0) > 0).all():
        raise NoSpend
    if frame.days < LEAST_DAYS:
        raise TooShort(frame.days, LEAST_DAYS)
    movement = _movement(frame)
    return tuple(_grade(frame, movement, index) for index in range(len(frame.channels)))


def _movement(frame: MarketingFrame) -> _Movement:
    usable = usable_periods(frame)
    level = _effective(frame)[:, usable]
    design = baseline_design(frame.dates, frame.cadence_days, events=frame.events)
    season, season_prior = design.columns[usable], np.where(design.group == FREE, FREE_PRECISION, GROUP_SD**-2)
    sd, rho = _noise(frame.revenue[usable], season, season_prior, level)
    spend = frame.spend.mean(0) * _typical_return(frame, usable)
    channel_prior = (sd / (OTHER_RETURN_SD * spend)) ** 2
    own = np.array([left_over(season, season_prior, row) for row in level])
    information = np.array(
        [
            level[c] @ left_over(*_joined(season, season_prior, level, channel_prior, without=c), level[c])
            for c in range(len(level))
        ]
    )
    centred = np.maximum(((level - level.mean(1, keepdims=True)) ** 2).sum(1), 1e-12)
    random = sd * np.sqrt((1 + rho) / (1 - rho)) / (spend * np.sqrt(np.maximum(information, 1e-12)))
    return _Movement(
        variation=level.std(1),
        beside_season=np.minimum((level * own).sum(1) / centred, 1.0),
        beside_all=np.minimum(information / centred, 1.0),
        error=np.hypot(random, CURVE_DOUBT * np.quantile(level, 0.05, axis=1)),
        together=_correlations(own),
    )


def _effective(frame: MarketingFrame) -> FloatArray:
    """Effective spend h (C, n) of every channel, mean 1: carried over and saturating as is typical."""
    weights = lag_weights(TYPICAL_LAG_DAYS / frame.cadence_days, 0.0, max(42 // frame.cadence_days, 6))
    rows = []
    for spend in frame.spend.T:
        usual = float(spend[spend > 0].mean())
        carried = carry_over(spend, weights, before=float(spend[: max(28 // frame.cadence_days, 4)].mean()))
        share = hill(carried / usual, TYPICAL_HALF, TYPICAL_SLOPE)
        rows.append(share / share.mean())
    return np.array(rows)


def _typical_return(frame: MarketingFrame, usable: BoolArray) -> float:
    """What a unit of spend may bring back: 1 where revenue is money, a third of the blended return where it is not."""
    blended = abs(float(frame.revenue[usable].sum())) / float(frame.spend.sum())
    return TYPICAL_RETURN if MONEY_LIKE[0] <= blended <= MONEY_LIKE[1] else max(0.3 * blended, 1e-300)


def _noise(revenue: FloatArray, season: FloatArray, prior: FloatArray, level: FloatArray) -> tuple[float, float]:
    """Robust standard deviation and lag-one correlation of what season, trend, events and all channels leave of revenue."""
    columns = np.column_stack([season, level.T])
    left = left_over(columns, np.concatenate([prior, np.full(len(level), FREE_PRECISION)]), revenue)
    freedom = np.sqrt(len(revenue) / max(len(revenue) - columns.shape[1], 0.25 * len(revenue)))
    sd = 1.4826 * float(np.median(np.abs(left - np.median(left)))) * freedom
    rho = float(left[1:] @ left[:-1]) / max(float(left @ left), 1e-300) + 3 / len(left)
    return max(sd, LEAST_NOISE * float(np.mean(np.abs(revenue))), 1e-300), float(np.clip(rho, 0.0, LARGEST_RHO))


def _joined(
    season: FloatArray, season_prior: FloatArray, level: FloatArray, channel_prior: FloatArray, *, without: int
) -> tuple[FloatArray, FloatArray]:
    """Columns and prior precisions of the baseline and of all channels but one."""
    others = np.arange(len(level)) != without
    return np.column_stack([season, level[others].T]), np.concatenate([season_prior, channel_prior[others]])


def left_over(columns: FloatArray, precision: FloatArray, values: FloatArray) -> FloatArray:
    """M v with M = I − W (W′W + Λ)⁻¹ W′ for W `columns` (n, k), Λ = diag(`precision`) and v `values` (n,)."""
    factor = cho_factor(columns.T @ columns + np.diag(precision))
    left: FloatArray = values - columns @ cho_solve(factor, columns.T @ values)
    return left


def _correlations(own: FloatArray) -> FloatArray:
    """Correlations (C, C) of rows, 0 on the diagonal and where a row never changes."""
    sd = own.std(1)
    safe = np.where(sd > STILL * np.maximum(np.abs(own).max(1), 1e-12), sd, np.inf)
    together: FloatArray = ((own - own.mean(1, keepdims=True)) @ (own - own.mean(1, keepdims=True)).T) / own.shape[1]
    together /= safe[:, None] * safe
    np.fill_diagonal(together, 0.0)
    return together


def _grade(frame: MarketingFrame, movement: _Movement, index: int) -> SpendGrade:
    name, error = frame.channels[index], float(movement.error[index])
    nearest = int(np.argmax(np.abs(movement.together[index])))
    overlap = float(movement.together[index, nearest])
    other = frame.channels[nearest] if abs(overlap) >= TOGETHER else None
    grade: Grade = "uncertain"
    if error <= RELIABLE_ERROR and frame.days >= RELIABLE_DAYS:
        grade = "reliable"
    elif error >= CANNOT_TELL_ERROR or movement.variation[index] < STILL:
        grade = "cannot_tell"
    reason, would_help = _why(movement, index, grade, other)
    return SpendGrade(
        channel=name,
        grade=grade,
        reason=reason,
        would_help=would_help.format(name=name),
        own_movement=float(movement.beside_all[index]),
        expected_error=error,
        pulses=_pulses(frame.spend[:, index], frame.cadence_days),
        overlaps_with=other,
        overlap=overlap,
    )


def _why(movement: _Movement, index: int, grade: Grade, other: str | None) -> tuple[str, str]:
    """The reason for a grade and what would help, as sentences; `{name}` stands for the channel."""
    if grade == "reliable":
        return "Its spend moves enough, on its own, to measure what it brings.", ""
    if movement.variation[index] < HARDLY_MOVES:
        return "Its spend hardly ever changes.", "Pause {name} for two weeks, or halve it for three."
    if other is not None and movement.beside_all[index] < FOLLOWS:
        return (
            f"Its spend rises and falls together with {other}.",
            f"Change {{name}} for two weeks while {other} stays as it is.",
        )
    if movement.beside_season[index] < FOLLOWS:
        return (
            "Its spend follows the season, the trend or your events.",
            "Pause or double {name} for two weeks in an ordinary month.",
        )
    if grade == "uncertain":
        return "Its spend moves on its own, but not often or far.", "Another pause of {name} would make it firmer."
    return (
        "Its spend is small beside the ups and downs of revenue.",
        "Double {name} for three weeks, or collect more months of data.",
    )


def _pulses(spend: FloatArray, cadence_days: int) -> int:
    """How often spend fell under 15 % of its usual level for at least five days (one week) after it had run."""
    on = spend > OFF * float(spend[spend > 0].mean())
    least = max(round(OFF_DAYS / cadence_days), 1)
    pulses, off, ran = 0, 0, False
    for running in on:
        off = 0 if running else off + 1
        ran = ran or bool(running)
        if ran and off == least:
            pulses += 1
    return pulses
