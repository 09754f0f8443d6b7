"""A refit that knows the fit before: where to start, and returns that move in steps unless the data insist.

Rivals' refreshes change every number with each month of data. Here a return that stays inside the range given before moves by
15 % at most; one that leaves that range moves all the way.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import logsumexp

from ml.frames import FloatArray, MarketingFrame
from ml.mix.intervals import middle_mean
from ml.mix.media import LOG_HALF, LOG_LAG, LOG_ROI, LOG_SLOPE, PER_CHANNEL, MediaBasis
from ml.mix.results import MixFit
from ml.mix.sampler import Samples

LARGEST_STEP = 0.15
ROUNDS = 8
MARGIN = 0.01  # of the earlier return: what rounding and resampling may add
LEAST_SHARE_LEFT = 0.05  # of the draws that must still count after re-weighting


@dataclass(frozen=True, eq=False)
class Corridor:
    """Lowest and highest ROI allowed per channel, each (C,); −∞ and ∞ where the channel is free."""

    low: FloatArray
    high: FloatArray

    def holds(self, roi: FloatArray) -> bool:
        return bool(((roi >= self.low) & (roi <= self.high)).all())


def warm_start(centre: FloatArray, basis: MediaBasis, frame: MarketingFrame, earlier: MixFit) -> FloatArray:
    """A point z (D,) at the medians of `earlier`, at `centre` (D,) for channels that it did not have."""
    z = centre.copy()
    cells = z[:-1].reshape(basis.channels, PER_CHANNEL)
    for row, name in enumerate(frame.channels):
        if name not in earlier.names:
            continue
        column = earlier.index(name)
        usual = basis.usual_spend[row] / basis.cadence_days
        cells[row, LOG_ROI] = np.log(np.median(earlier.draws.roi[:, column]))
        cells[row, LOG_LAG] = np.log(np.median(earlier.draws.mean_lag_days[:, column]) / basis.cadence_days)
        cells[row, LOG_HALF] = np.log(np.median(earlier.draws.half[:, column]) / usual)
        cells[row, LOG_SLOPE] = np.log(np.median(earlier.draws.slope[:, column]))
    return z


def corridor(frame: MarketingFrame, roi: FloatArray, earlier: MixFit) -> Corridor:
    """How far the new returns `roi` (C,) may stand from those of `earlier`."""
    low, high = np.full(len(roi), -np.inf), np.full(len(roi), np.inf)
    for row, name in enumerate(frame.channels):
        if name not in earlier.names:
            continue
        before = earlier.channel(name)
        if before.roi_low <= roi[row] <= before.roi_high:
            step = LARGEST_STEP - MARGIN
            low[row], high[row] = before.roi_mean * (1 - step), before.roi_mean * (1 + step)
    return Corridor(low, high)


def hold_steady(basis: MediaBasis, frame: MarketingFrame, samples: Samples, earlier: MixFit, seed: int) -> Samples:
    """The draws, resampled so that no ROI leaves its corridor around `earlier`; unchanged where none does.

    The weights are those nearest to equal ones (least Kullback–Leibler divergence) under which all means lie in their
    corridors: w ∝ exp(Σ λ_c ROI_c), λ from the convex dual. Source: Csiszár (1975), "I-divergence geometry". What is left
    after that (too few draws would count, or one channel's corridor moved another's mean) a factor on the channel's returns does.
    """
    flat = samples.flat()
    roi = np.exp(basis.unpack(flat)[LOG_ROI]).T
    told = middle_mean(roi)
    allowed = corridor(frame, told, earlier)
    if allowed.holds(told):
        return samples
    kept = flat[_steady_choice(roi, allowed, np.random.default_rng(seed))]
    cells = kept[:, :-1].reshape(len(kept), basis.channels, PER_CHANNEL)
    told = middle_mean(np.exp(cells[:, :, LOG_ROI]))
    allowed = corridor(frame, told, earlier)
    cells[:, :, LOG_ROI] += np.log(np.clip(told, allowed.low, allowed.high) / told)
    return Samples(kept.reshape(samples.draws.shape), samples.rhat, samples.acceptance)


def _steady_choice(roi: FloatArray, allowed: Corridor, rng: np.random.Generator) -> NDArray[np.intp]:
    """Indices of draws (S, C) whose point estimates lie in the corridors. Weights act on plain means, so the corridors of
    the means are moved, over a few rounds, until the point estimates are where they should be."""
    chosen, offset = np.arange(len(roi)), rng.random()
    ratio = roi.mean(0) / middle_mean(roi)
    low, high = allowed.low * ratio, allowed.high * ratio
    for _ in range(ROUNDS):
        weights = nearest_weights(roi, Corridor(low, high))
        places = (np.arange(len(roi)) + offset) / len(roi)
        chosen = np.minimum(np.searchsorted(np.cumsum(weights), places), len(roi) - 1)
        told = middle_mean(roi[chosen])
        if allowed.holds(told):
            break
        low *= np.maximum(allowed.low / told, 1.0)
        high *= np.minimum(allowed.high / told, 1.0)
        low = np.minimum(low, high)
    return chosen


def nearest_weights(roi: FloatArray, allowed: Corridor) -> FloatArray:
    """Weights (S,), summing to 1, of draws (S, C) under which the means lie in their corridors, as near to equal as can be.

    Tilts that would leave under 5 % of the draws are held back, and the corridor is then left by what remains.
    """
    scale = roi.std(0) + 1e-300
    bounded = np.flatnonzero(np.isfinite(allowed.low))
    over = (roi[:, bounded] - allowed.high[bounded]) / scale[bounded]
    under = (allowed.low[bounded] - roi[:, bounded]) / scale[bounded]
    excess = np.concatenate([over, under], axis=1)

    def dual(force: FloatArray) -> tuple[float, FloatArray]:
        exponent = -excess @ force
        total = logsumexp(exponent)
        return float(total), -(np.exp(exponent - total) @ excess)

    found = minimize(dual, np.zeros(excess.shape[1]), jac=True, method="L-BFGS-B", bounds=[(0, None)] * excess.shape[1])
    force = np.asarray(found.x, float)
    while True:
        exponent = -excess @ force
        weights: FloatArray = np.exp(exponent - logsumexp(exponent))
        if 1 / (weights**2).sum() >= LEAST_SHARE_LEFT * len(roi):
            break
        force = 0.8 * force
    return weights
