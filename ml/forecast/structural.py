"""The structural candidate: damped trend + weekday + yearly season + events + spend, a ridge whose scales the data set."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.forecast.options import STRUCTURAL
from ml.forecast.problem import Problem, RootFit
from ml.frames import BoolArray, FloatArray

KNOT_DAYS = 28
LAST_KNOT_DAYS = 56  # a bend in the last weeks would be carried on by the little data behind it
LOCAL_DAMPING, LONG_DAMPING = 0.8, 0.99  # per day, of the last slope and of the last year's drift
DRIFT_SHARE = 0.5
ONE_CYCLE_SEASON = 0.025  # deviation of a wave, as a share of the level, until the year has come round twice
ROBUST_AT = 2.5
MOSTLY_EARNING = 0.7  # below this share of periods with revenue, sales are no outliers
ROUNDS, EVIDENCE_STEPS = 3, 30
CONSTANT, SLOPE, BENDS, WEEKLY, YEARLY, EVENTS, SPEND = range(7)


@dataclass(frozen=True, eq=False)
class RidgeFit:
    """Coefficients (k,), and the log evidence that compares designs on one target."""

    coefficients: FloatArray
    log_evidence: float


def fit_structural(problem: Problem) -> tuple[RootFit, float]:
    """Fit by weighted ridge; returns the fit and its log evidence, by which lags may be compared.

    root(y)ₜ = trendₜ + weekdayₜ + Σₖ wave + Σₑ event + Σ_c β_c log(1 + Aₜ ÷ m) + noise, with β_c ≥ 0. The trend bends every
    four weeks; after the history its last slope is damped by 0.8 a day, and half of the last year's drift goes on, damped
    by 0.99. Every group of coefficients has its own prior variance, set by the evidence (see `fit_ridge`). Outliers lose
    weight as in Huber's estimator (beyond 2.5 robust standard deviations), unless many periods have no sale. Spend columns
    whose coefficient turns out negative are taken out and the rest is fitted again.
    """
    n, spread = problem.history, float(problem.root[problem.observed].std())
    trend_columns = _trend_columns(problem)
    blocks = [trend_columns, problem.weekly, problem.yearly, problem.events, problem.spend]
    groups = _groups(trend_columns.shape[1], *(block.shape[1] for block in blocks[1:]))
    design = np.hstack(blocks)
    kept = design[:n].any(0)
    floors = {YEARLY: (spread / ONE_CYCLE_SEASON) ** 2} if problem.history_days < 730 else {}
    while True:
        ridge = _fit_robust(design[:n, kept], problem.root / spread, problem.observed, groups[kept], floors)
        coefficients = np.zeros(design.shape[1])
        coefficients[kept] = ridge.coefficients * spread
        negative = (groups == SPEND) & (coefficients < 0)
        if not negative.any():
            break
        kept = kept & ~negative
    parts = {group: design[:, groups == group] @ coefficients[groups == group] for group in range(WEEKLY, SPEND)}
    trend = trend_columns @ coefficients[: trend_columns.shape[1]]
    trend[n:] += _drift(trend[:n], problem)
    fitted = RootFit(
        STRUCTURAL, trend, parts[WEEKLY], parts[YEARLY], parts[EVENTS], spend_effect=coefficients[groups == SPEND]
    )
    return fitted, ridge.log_evidence


def _trend_columns(problem: Problem) -> FloatArray:
    """Constant, slope and a hinge every four weeks; time runs ever slower after the history, which damps the slope."""
    day = np.arange(len(problem.dates), dtype=float) * problem.cadence_days
    end = day[problem.history - 1]
    time = np.minimum(day, end) + damped(np.maximum(day - end, 0.0), LOCAL_DAMPING)
    knots = np.arange(end - LAST_KNOT_DAYS, KNOT_DAYS / 2, -KNOT_DAYS)
    hinges = 3 * np.maximum(time[:, None] - knots, 0.0) / 365
    return np.column_stack([np.ones_like(time), (time - end) / 365, hinges])


def damped(days: ArrayLike, factor: float) -> FloatArray:
    """How far a trend goes in so many days when each day's step is `factor` times the last: Σ factorⁱ, i = 1 … days.

    >>> damped([0, 1, 2], 0.5).round(6).tolist()
    [0.0, 0.5, 0.75]
    """
    gone: FloatArray = 1 - np.exp(math.log(factor) * np.asarray(days, float))
    reach: FloatArray = gone * (factor / (1 - factor))
    return reach


def _drift(trend: FloatArray, problem: Problem) -> FloatArray:
    periods = min(problem.history - 1, 365 // problem.cadence_days)
    per_day = (trend[-1] - trend[-1 - periods]) / (periods * problem.cadence_days)
    ahead = (np.arange(len(problem.dates) - problem.history) + 1.0) * problem.cadence_days
    drift: FloatArray = DRIFT_SHARE * per_day * damped(ahead, LONG_DAMPING)
    return drift


def _groups(trend: int, weekly: int, yearly: int, events: int, spend: int) -> NDArray[np.int_]:
    sizes = (1, 1, trend - 2, weekly, yearly, events, spend)
    return np.repeat(np.arange(len(sizes)), sizes)


def _fit_robust(
    design: FloatArray, target: FloatArray, seen: BoolArray, groups: NDArray[np.int_], floors: dict[int, float]
) -> RidgeFit:
    weights = seen.astype(float)
    rounds = ROUNDS if np.mean(target[seen] > 0) > MOSTLY_EARNING else 1
    for round_number in range(rounds):
        ridge = fit_ridge(design, target, weights, groups, floors)
        if round_number < rounds - 1:
            error = np.abs(target - design @ ridge.coefficients)
            spread = 1.4826 * float(np.median(error[seen])) + 1e-9
            weights = seen * np.minimum(1.0, ROBUST_AT * spread / np.maximum(error, 1e-12))
    return ridge


def fit_ridge(
    design: FloatArray,
    target: FloatArray,
    weights: FloatArray,
    groups: NDArray[np.int_],
    floors: dict[int, float],
) -> RidgeFit:
    """Ridge with a prior precision α_g per group of columns and a noise precision β, both set by maximising the evidence.

    `design` X (n, k), `target` z (n,), `weights` (n,) in [0, 1], `groups` (k,) with group 0 left free, `floors` the least
    precision by group. The fixed point is MacKay's: γ_g = Σ (1 − α_g C_jj), α_g = γ_g ÷ Σ w_j², β = (Σ weights − Σ γ) ÷ RSS,
    with C = (β X'X + diag α)⁻¹. Source: MacKay (1992), "Bayesian interpolation"; Bishop (2006), § 3.5.

    >>> day = np.arange(50.0)
    >>> design = np.column_stack([np.ones(50), day / 50])
    >>> ridge = fit_ridge(design, 3 + day / 25 + np.sin(day) / 9, np.ones(50), np.array([0, 1]), {})
    >>> ridge.coefficients.round(1).tolist()
    [3.0, 2.0]
    """
    root_weight = np.sqrt(weights)
    weighted, answer = design * root_weight[:, None], target * root_weight
    gram, moment, square = weighted.T @ weighted, weighted.T @ answer, float(answer @ answer)
    least = np.array([floors.get(group, 1e-3) for group in range(SPEND + 1)])
    members = np.eye(SPEND + 1)[groups]  # (k, groups)
    alpha = np.where(np.arange(SPEND + 1) == CONSTANT, 1e-8, np.maximum(least, 1.0))
    noise = 2.0 / max(float(np.var(target)), 1e-12)
    for _ in range(EVIDENCE_STEPS):
        precision = noise * gram + np.diag(alpha[groups])
        covariance = np.linalg.inv(precision)
        coefficients = noise * covariance @ moment
        certain = 1 - alpha[groups] * np.diag(covariance)
        squares = (members.T @ coefficients**2) + 2e-6
        update = np.clip((members.T @ certain + 0.02) / squares, least, 1e9)
        alpha = np.where(np.arange(SPEND + 1) == CONSTANT, alpha, update)
        rss = max(square - float((2 * moment - gram @ coefficients) @ coefficients), 1e-12 * max(square, 1e-12))
        noise = max(weights.sum() - certain.sum(), 5.0) / rss
    _, log_determinant = np.linalg.slogdet(precision)
    evidence = 0.5 * (
        np.log(alpha[groups]).sum()
        + weights.sum() * np.log(noise)
        - log_determinant
        - noise * rss
        - (alpha[groups] * coefficients**2).sum()
    )
    return RidgeFit(coefficients, float(evidence))
