"""The log posterior of the mix model over 5 C + 1 numbers, for a batch at once, with its gradient.

    revenueₜ = baselineₜ + Σ_c ROI_c · spend_c · h_c,ₜ / Σₜ h_c,ₜ + errorₜ,   h_c = hill(adstock(spend_c))

z (K, 5 C + 1): per channel log ROI, log mean lag (periods), logit shape, log half level (of usual spend), log slope; last the
log of the ROIs' common scale. Why ROI space, and why a half-t prior: its density is finite at 0, so that a channel that does
nothing is covered, and the scale is learned from the channels together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ml.frames import FloatArray
from ml.mix.baseline import Baseline
from ml.mix.lift import LiftTerm
from ml.mix.media import LOG_HALF, LOG_LAG, LOG_ROI, LOG_SLOPE, LOGIT_SHAPE, PER_CHANNEL, MediaBasis

LARGEST_Z = 25.0  # a leap that went astray lands beyond; it is rejected, and its exponentials must stay finite


@dataclass(frozen=True)
class Priors:
    """Centre and standard deviation on the scale of z; `roi_degrees` of the half-t over ROI / scale.

    The slope is left free enough for power curves (a slope near 0.6 at a high half level) and for nearly straight or bent-up
    ones; narrower priors put power curves' returns 14 % too low. Half levels lie within 0.5 to 3.5 times the usual spend.
    """

    log_lag_days: tuple[float, float] = (float(np.log(2.5)), 0.8)
    logit_shape: tuple[float, float] = (-1.0, 1.5)
    log_half: tuple[float, float] = (0.3, 0.5)
    log_slope: tuple[float, float] = (0.05, 0.38)
    log_roi_scale: tuple[float, float] = (float(np.log(1.2)), 0.5)
    roi_degrees: float = 5.0


class MixPosterior:
    """The target of the optimiser and of the sampler. `temper` < 1 raises the likelihood to that power, see `fit.py`."""

    def __init__(
        self,
        basis: MediaBasis,
        baseline: Baseline,
        revenue: FloatArray,
        *,
        priors: Priors,
        lift: Sequence[LiftTerm] = (),
        temper: float = 1.0,
    ) -> None:
        """`revenue` (n,) in units of `basis.revenue_scale`."""
        self.basis, self.baseline, self.revenue = basis, baseline, revenue
        self.priors, self.lift, self.temper = priors, tuple(lift), temper
        log_lag = (priors.log_lag_days[0] - np.log(basis.cadence_days), priors.log_lag_days[1])
        self._normals = {
            LOG_LAG: log_lag,
            LOGIT_SHAPE: priors.logit_shape,
            LOG_HALF: priors.log_half,
            LOG_SLOPE: priors.log_slope,
        }
        self.dimensions = PER_CHANNEL * basis.channels + 1

    def centre(self) -> FloatArray:
        """The priors' centre, (D,), with ROI at half of its scale's."""
        z = np.zeros((self.basis.channels, PER_CHANNEL))
        z[:, LOG_ROI] = self.priors.log_roi_scale[0] - 0.8
        for index, (centre, _) in self._normals.items():
            z[:, index] = centre
        return np.append(z.ravel(), self.priors.log_roi_scale[0])

    def media(self, z: FloatArray) -> FloatArray:
        """Scaled revenue per period from all channels, (n,), at one point z (D,)."""
        total: FloatArray = self.basis.terms(z[None]).total()[0]
        return total

    def __call__(self, z: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log posterior up to a constant (K,) and its gradient (K, D)."""
        z = np.clip(z, -LARGEST_Z, LARGEST_Z)
        terms = self.basis.terms(z)
        value, by_media = self._likelihood(terms.total())
        gradient = self.basis.pull_back(terms, by_media)
        q, log_scale = self.basis.unpack(z), z[:, -1]
        value = value + self._channel_priors(q, gradient)
        by_scale = self._roi_prior(q[LOG_ROI], log_scale, value, gradient[LOG_ROI])
        flat = gradient.transpose(2, 1, 0).reshape(len(z), -1)
        return value, np.concatenate([flat, by_scale[:, None]], axis=1)

    def _likelihood(self, media: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Log likelihood (K,) with baseline and noise variance integrated out, and its gradient in media (K, n)."""
        noise, projector = self.baseline.noise, self.baseline.projector
        residual = noise.whiten(self.revenue - media)
        projected = residual @ projector
        squares = noise.floor + (residual**2).sum(1) - (projected**2).sum(1)
        power = self.temper * noise.information * (noise.informative + 2)
        left = residual - projected @ projector.T
        return -0.5 * power * np.log(squares), noise.whiten_transposed(left) * (power / squares)[:, None]

    def _channel_priors(self, q: FloatArray, gradient: FloatArray) -> FloatArray:
        """Log prior (K,) of lag, shape, half level and slope, and of lift tests; adds their slopes to `gradient`."""
        value = np.zeros(q.shape[2])
        for index, (centre, sd) in self._normals.items():
            score = (q[index] - centre) / sd
            value -= 0.5 * (score**2).sum(0)
            gradient[index] -= score / sd
        for term in self.lift:
            value += term.add_to(q, gradient)
        return value

    def _roi_prior(
        self, log_roi: FloatArray, log_scale: FloatArray, value: FloatArray, by_roi: FloatArray
    ) -> FloatArray:
        """Adds the half-t prior of ROI / scale (with the Jacobian of the logarithm) in place; returns d/d log scale (K,)."""
        degrees, (centre, sd) = self.priors.roi_degrees, self.priors.log_roi_scale
        ratio = log_roi - log_scale
        squared = np.exp(2 * ratio) / degrees
        value += (ratio - (degrees + 1) / 2 * np.log1p(squared)).sum(0)
        slope = 1 - (degrees + 1) * squared / (1 + squared)
        by_roi += slope
        score = (log_scale - centre) / sd
        value -= 0.5 * score**2
        by_scale: FloatArray = -slope.sum(0) - score / sd
        return by_scale
