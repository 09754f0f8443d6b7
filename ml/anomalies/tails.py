"""How rare a deviation is: tail probabilities of Student t, averaged over the scales and degrees of freedom that the ordinary days
of a series allow. The extreme days themselves are left out of the fit, so that anomalies cannot widen their own yardstick.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import gammaln, stdtr

from ml.frames import FloatArray

DEGREES = np.array([3.0, 4.0, 6.0, 10.0, 20.0, 200.0])
DEGREES_PRIOR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 10.0])
SCALES = np.geomspace(0.5, 1.6, 30)  # in robust standard deviations
EDGES = np.arange(0.0, 3.26, 0.25)  # what lies beyond 3.25 robust standard deviations says nothing about the scale
HEIGHTS = np.concatenate([np.arange(0.0, 6.0, 0.1), np.geomspace(6.0, 400.0, 60)])


@dataclass(frozen=True, eq=False)
class Tail:
    """Log probabilities that a mean over L days deviates by more than HEIGHTS, log densities there, (len(HEIGHTS),) per L, and their
    `unit`."""

    unit: float
    log_chance: dict[int, FloatArray]
    log_density: dict[int, FloatArray]

    def log_chance_beyond(self, deviation: FloatArray, days: int) -> FloatArray:
        """log P(|deviation| is exceeded on an ordinary day), for a deviation in the units of the fit."""
        return np.asarray(np.interp(np.abs(deviation) / self.unit, HEIGHTS, self.log_chance[days]))

    def log_density_at(self, deviation: FloatArray, days: int) -> FloatArray:
        """log density of a deviation on an ordinary day, up to a constant."""
        return np.asarray(np.interp(np.abs(deviation) / self.unit, HEIGHTS, self.log_density[days]))

    def height(self, log_chance: float, days: int) -> float:
        """The deviation that ordinary days exceed with that log probability; the inverse of `log_chance_beyond`."""
        return self.unit * float(np.interp(-log_chance, -self.log_chance[days], HEIGHTS))


def fit_tail(z: FloatArray, unit: float, lengths: tuple[int, ...]) -> Tail:
    """The tail of deviations z (n,) with robust standard deviation `unit`.

    Posterior over a grid of (ν, s), likelihood of |z| ÷ unit in bins below 3.25 given that it lies there; flat prior on log s.
    A mean over L days is taken as t with L·ν degrees of freedom and the variance of single days.
    """
    counts = np.histogram(np.abs(z) / unit, bins=EDGES)[0]
    log_weight = _log_bins() @ counts + np.repeat(np.log(DEGREES_PRIOR), len(SCALES))
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    curves = np.log(np.maximum(_curves(lengths) @ weight, 1e-300)).reshape(2, len(lengths), len(HEIGHTS))
    chances, densities = (dict(zip(lengths, rows, strict=True)) for rows in curves)
    return Tail(unit, chances, densities)


@lru_cache(maxsize=1)
def _grid() -> tuple[FloatArray, FloatArray]:
    degrees, scales = np.meshgrid(DEGREES, SCALES, indexing="ij")
    return degrees.ravel(), scales.ravel()


@lru_cache(maxsize=1)
def _log_bins() -> FloatArray:
    """Log probability of each bin given that it is one of them, (grid, bins)."""
    degrees, scales = _grid()
    below = stdtr(degrees[:, None], EDGES / scales[:, None])
    bins = np.diff(below, axis=1)
    return np.asarray(np.log(bins / bins.sum(1, keepdims=True)))


@lru_cache(maxsize=4)
def _curves(lengths: tuple[int, ...]) -> FloatArray:
    """Chances, then densities, of all lengths below each other, (2 · lengths · heights, grid)."""
    return np.vstack([of_days(days) for of_days in (_chances, _densities) for days in lengths])


def _chances(days: int) -> FloatArray:
    """P(|mean of `days` days| > height) by height and grid point, (heights, grid)."""
    together, spread = _of_means(days)
    return np.asarray(2 * stdtr(together, -HEIGHTS[:, None] / spread))


def _densities(days: int) -> FloatArray:
    """Density of a mean of `days` days by height and grid point, (heights, grid)."""
    together, spread = _of_means(days)
    constant = gammaln((together + 1) / 2) - gammaln(together / 2) - 0.5 * np.log(together * np.pi)
    shape = -(together + 1) / 2 * np.log1p((HEIGHTS[:, None] / spread) ** 2 / together)
    return np.asarray(np.exp(constant + shape) / spread)


def _of_means(days: int) -> tuple[FloatArray, FloatArray]:
    """Degrees of freedom and scale of a mean of `days` days, (grid,) each."""
    degrees, scales = _grid()
    together = degrees * days
    return together, scales * np.sqrt(degrees / (degrees - 2) * (together - 2) / together)
