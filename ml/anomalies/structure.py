"""What an ordinary day looks like: covariance models of level, weekday, year and noise, and their precision matrices.

On its working scale a series is y ~ N(0, s²·K) with K = q·random walk + AR(1) noise + X·D·Xᵀ, X holding constant, trend, weekday,
yearly waves and drivers. With P = K⁻¹ every question about a set of days is linear in P·y (scan.py). `choose_models` picks
the level's speed q and the noise's memory φ per series.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from ml.frames import DayArray, FloatArray

MONDAY_OFFSET = 3  # 1970-01-01, day 0 of datetime64, was a Thursday
LEVEL_SPEEDS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3)  # variance of the level's daily step, in variances of noise
NOISE_MEMORIES = (0.0, 0.25, 0.5)
COMMON_SD, DRIVER_SD = 30.0, 5.0  # prior standard deviations of effects, in those of noise
FEWEST_DAYS_FOR_YEAR = 400  # the same weeks must have been seen twice, or level and year are one
CHOICE_DAYS = 180  # speed and memory are settled on the latest half year
TRUNCATED_AT, TRUNCATED_MOMENT = 2.5, 0.9547  # E[min(z², 2.5²)] of a standard normal z


@dataclass(frozen=True)
class Model:
    """One member of the family: level speed q and noise memory φ."""

    speed: float
    memory: float


MODELS = tuple(Model(speed, memory) for memory in NOISE_MEMORIES for speed in LEVEL_SPEEDS)


def effects(dates: DayArray, drivers: FloatArray | None = None) -> FloatArray:
    """Columns X·D^½ (n, p) of effects that are shared by all days, each scaled by its prior standard deviation.

    Constant, trend and seven weekdays; three pairs of yearly waves from 400 days on; drivers (n, k) standardised.
    """
    n = len(dates)
    trend = np.linspace(-1, 1, n) if n > 1 else np.zeros(n)
    weekday = ((dates.astype(int) + MONDAY_OFFSET) % 7)[:, None] == np.arange(7)
    columns = [COMMON_SD * np.column_stack([np.ones(n), trend, weekday])]
    if n >= FEWEST_DAYS_FOR_YEAR:
        angle = 2 * np.pi * dates.astype(int)[:, None] * np.arange(1, 4) / 365.25
        columns.append(DRIVER_SD * np.hstack([np.sin(angle), np.cos(angle)]))
    if drivers is not None:
        columns.append(DRIVER_SD * _standardised(drivers))
    return np.hstack(columns)


def precision(model: Model, shared: FloatArray, noise: FloatArray | None = None) -> FloatArray:
    """P = K⁻¹ (n, n) for effects `shared` (n, p); `noise` (n,) are relative noise variances of the days, 1 where None."""
    n = len(shared)
    covariance = _residual_covariance(model, n)
    if noise is not None:
        root = np.sqrt(noise)
        covariance = covariance + _noise_covariance(model.memory, n) * (np.outer(root, root) - 1)
    return np.asarray(np.linalg.inv(covariance + shared @ shared.T))


def without_days(inverse: FloatArray, days: NDArray[np.int_]) -> FloatArray:
    """P for the other days alone, with zeros in the rows and columns of `days`: P − P·B (P_BB)⁻¹ B·P."""
    if not len(days):
        return inverse
    rows = inverse[days]
    left = inverse - rows.T @ np.linalg.solve(rows[:, days], rows)
    left[days] = 0.0
    left[:, days] = 0.0
    return left


def without_shape(inverse: FloatArray, shape: FloatArray) -> FloatArray:
    """P once an effect of unknown size along `shape` (n,) is allowed for: P − P·h·hᵀ·P ÷ hᵀ·P·h."""
    along = inverse @ shape
    return np.asarray(inverse - np.outer(along, along) / (shape @ along))


def choose_models(series: FloatArray, shared: FloatArray) -> tuple[list[Model], FloatArray]:
    """The model of each column of `series` (n, M) and its score (M,): the smallest robust score of leave-one-out prediction,
    log s − ½·mean log P_tt, s the scale of z_t = (P·y)_t ÷ √P_tt cut at 2.5 of its own medians.
    """
    latest = np.s_[-CHOICE_DAYS:]
    inverses = [precision(model, shared[latest]) for model in MODELS]
    scores = np.array([prediction_score(inverse, series[latest]) for inverse in inverses])
    return [MODELS[best] for best in scores.argmin(0)], scores.min(0)


def robust_scale(z: FloatArray) -> FloatArray:
    """Standard deviation of z (n,) or (n, M) along the first axis, from values cut at 2.5 times the median deviation."""
    middle = np.maximum(np.median(np.abs(z), axis=0) / 0.6745, 1e-12)
    for _ in range(2):
        cut = np.minimum((z / middle) ** 2, TRUNCATED_AT**2).mean(0)
        middle = np.maximum(middle * np.sqrt(cut / TRUNCATED_MOMENT), 1e-12)
    return np.asarray(middle)


def prediction_score(inverse: FloatArray, series: FloatArray) -> FloatArray:
    """Robust leave-one-out score of P (n, n) for each column of `series` (n, M); smaller is better."""
    diagonal = np.diag(inverse)
    z = (inverse @ series) / np.sqrt(diagonal)[:, None]
    return np.asarray(np.log(robust_scale(z)) - 0.5 * np.log(diagonal).mean())


@lru_cache(maxsize=64)
def _residual_covariance(model: Model, n: int) -> FloatArray:
    day = np.arange(n, dtype=float)
    origin = np.abs(day - n // 2)
    walk = 0.5 * (origin[:, None] + origin[None] - np.abs(day[:, None] - day[None]))
    return np.asarray(model.speed * walk + _noise_covariance(model.memory, n))


def _noise_covariance(memory: float, n: int) -> FloatArray:
    lag = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
    return np.asarray(float(memory) ** lag)


def _standardised(drivers: FloatArray) -> FloatArray:
    spread = drivers.std(0)
    moving = drivers[:, spread > 1e-12 * np.maximum(np.abs(drivers).max(0, initial=0.0), 1e-300)]
    return np.asarray((moving - moving.mean(0)) / moving.std(0))
