"""How rare a deviation is: tail probabilities of Student t, averaged over the scales and degrees of freedom that the ordinary days
of a series allow. The extreme days themselves are left out of the fit, so that anomalies cannot widen their own yardstick.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import stdtr

from ml.frames import FloatArray

DEGREES = np.array([3.0, 4.0, 6.0, 10.0, 20.0, 200.0])
DEGREES_PRIOR = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 10.0])
SCALES = np.geomspace(0.5, 1.6, 30)  # in robust standard deviations
EDGES = np.arange(0.0, 3.26, 0.25)  # what lies beyond 3.25 robust standard deviations says nothing about the scale
HEIGHTS = np.concatenate([np.arange(0.0, 6.0, 0.1), np.geomspace(6.0, 400.0, 60)])


@dataclass(frozen=True, eq=False)
class Tail:
    """Log probabilities that a mean over L days deviates by more than HEIGHTS, (len(HEIGHTS),) per L, and their `unit`."""

    unit: float
    log_chance: dict[int, FloatArray]

    def log_chance_beyond(self, deviation: FloatArray, days: int) -> FloatArray:
        """log P(|deviation| is exceeded on an ordinary day), for a deviation in the units of the fit."""
        return np.asarray(np.interp(np.abs(deviation) / self.unit, HEIGHTS, self.log_chance[days]))

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
    return Tail(unit, {days: np.log(np.maximum(_chances(days) @ weight, 1e-300)) for days in lengths})


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


@lru_cache(maxsize=16)
def _chances(days: int) -> FloatArray:
    """P(|mean of `days` days| > height) by height and grid point, (heights, grid)."""
    degrees, scales = _grid()
    together = degrees * days
    spread = scales * np.sqrt(degrees / (degrees - 2) * (together - 2) / together)
    return np.asarray(2 * stdtr(together, -HEIGHTS[:, None] / spread))
