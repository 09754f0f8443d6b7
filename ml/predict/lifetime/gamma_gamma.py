"""Gamma-Gamma: what a customer's purchases are worth on average, drawn towards what all customers spend.

Fader & Hardie 2013, “The Gamma-Gamma model of monetary value”; Fader, Hardie & Lee 2005, “RFM and CLV”, JMR 42.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, psi
from scipy.stats import spearmanr

from ml.errors import BadFrame
from ml.frames import FloatArray
from ml.predict.lifetime.maximise import Route, find_mode

NO_COVARIANCE = np.zeros((3, 3))
UNLIKELY = 0.01


@dataclass(frozen=True, eq=False)
class GammaGamma:
    """A purchase ~ Gamma(p, ν), ν ~ Gamma(q, v); `v` in currency units. q > 1, so that the average exists.

    `covariance` (3, 3) of (log p, log(q − 1), log v) from the Laplace posterior.
    """

    p: float
    q: float
    v: float
    covariance: FloatArray = field(default_factory=lambda: NO_COVARIANCE)
    route: Route = "direct"
    converged: bool = True

    def draw(self, rng: np.random.Generator) -> "GammaGamma":
        """Parameters drawn from the Laplace posterior."""
        logs = np.log([self.p, self.q - 1.0, self.v])
        p, above, v = np.exp(rng.multivariate_normal(logs, self.covariance))
        return GammaGamma(float(p), float(1 + above), float(v))


def fit_gamma_gamma(purchases: ArrayLike, spend: ArrayLike) -> GammaGamma:
    """The posterior mode for n customers with `purchases` (n,) ≥ 1 purchases of `spend` (n,) > 0 on average.

    ln L = lnΓ(px+q) − lnΓ(px) − lnΓ(q) + q ln v + (px−1) ln m + px ln x − (px+q) ln(xm+v), spend scaled to a mean of 1,
    normal priors of sd 4 around p = 4, q = 4, v = 1. Raises `BadFrame` for no customer or values outside the domain.
    """
    x, m = np.asarray(purchases, float), np.asarray(spend, float)
    if x.shape != m.shape or not len(x) or not (np.isfinite(x) & np.isfinite(m) & (x >= 1) & (m > 0)).all():
        raise BadFrame("Purchases and spend must be positive and of one length.", "Leave out customers without spend.")
    scale = float(m.mean())
    m = m / scale

    def objective(theta: FloatArray) -> tuple[float, FloatArray]:
        p, above, v = np.exp(theta)
        return _likelihood(x, m, p, 1.0 + above, v, np.array([p, above, v]))

    centre = np.log([4.0, 3.0, 1.0])
    mode = find_mode(objective, centre, [centre, np.log([1.0, 1.0, 1.0]), np.log([50.0, 5.0, 0.1])])
    p, above, v = np.exp(mode.at)
    return GammaGamma(float(p), float(1 + above), float(v * scale), mode.covariance, mode.route, mode.converged)


def _likelihood(
    x: FloatArray, m: FloatArray, p: float, q: float, v: float, chain: FloatArray
) -> tuple[float, FloatArray]:
    px, whole = p * x, np.log(x * m + v)
    value = gammaln(px + q) - gammaln(px) - gammaln(q) + q * np.log(v) + (px - 1) * np.log(m) + px * np.log(x)
    value = value - (px + q) * whole
    joint = psi(px + q)
    slopes = (
        x * (joint - psi(px) + np.log(m) + np.log(x) - whole),
        joint - psi(q) + np.log(v) - whole,
        q / v - (px + q) / (x * m + v),
    )
    return -float(value.sum()), -np.array([float(slope.sum()) for slope in slopes]) * chain


def expected_spend(model: GammaGamma, purchases: ArrayLike, spend: ArrayLike) -> FloatArray:
    """E[a purchase | x purchases of m on average], (n,) currency units: p(v + xm) ÷ (px + q − 1); 0 purchases allowed."""
    x, m = np.asarray(purchases, float), np.asarray(spend, float)
    return np.asarray(model.p * (model.v + x * m) / (model.p * x + model.q - 1.0))


def spend_dependence(frequency: ArrayLike, spend: ArrayLike) -> float:
    """Spearman's correlation of frequency and spend among the given customers; 0 where it is within chance (p ≥ 0.01).

    Gamma-Gamma takes them as independent; above 0.2 in size, heavy buyers' value is off.
    """
    x, m = np.asarray(frequency, float), np.asarray(spend, float)
    if len(x) < 10 or np.ptp(x) == 0 or np.ptp(m) == 0:
        return 0.0
    result = spearmanr(x, m)
    return float(result.statistic) if result.pvalue < UNLIKELY else 0.0
