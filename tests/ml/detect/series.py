"""Daily metrics whose ordinary days are known."""

from datetime import date, timedelta

import numpy as np

from ml.frames import FloatArray

FIRST = date(2026, 1, 5)  # a Monday
WEEK = np.array([1.0, 0.9, 0.95, 1.0, 1.1, 1.3, 1.2])


def days(count: int) -> np.ndarray:
    return np.datetime64(FIRST) + np.arange(count)


def on(index: int) -> date:
    return FIRST + timedelta(days=index)


def sales(count: int = 120, *, seed: int = 1, noise: float = 0.04) -> FloatArray:
    """About 1,000 a day by weekday, growing by a tenth, with that noise."""
    rng = np.random.default_rng(seed)
    level = 1000 * WEEK[np.arange(count) % 7] * np.linspace(1, 1.1, count)
    return np.asarray(level * np.exp(noise * rng.standard_normal(count)))
