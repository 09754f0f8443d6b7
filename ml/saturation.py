"""How more spend earns less and less: the Hill curve, its slope, and how near its ceiling a channel runs."""

import numpy as np
from numpy.typing import ArrayLike

from ml.frames import FloatArray


def hill(level: ArrayLike, half_level: ArrayLike, slope: ArrayLike) -> FloatArray:
    """Share of the full effect at a spend level: h = xˢ / (xˢ + kˢ).

    `level` x ≥ 0 and `half_level` k > 0 in the same unit (k is where half of the full effect is reached), `slope` s > 0
    (s ≤ 1 concave, s > 1 S-shaped); shapes broadcast. Returns values in [0, 1), with h(0) = 0.
    Source: Hill (1910); in media mix models Jin et al. (2017).

    >>> hill([0.0, 2.0, 6.0], 2.0, 1.0).round(6).tolist()
    [0.0, 0.5, 0.75]
    """
    with np.errstate(divide="ignore"):
        exponent = np.asarray(slope, float) * (np.log(np.asarray(level, float)) - np.log(np.asarray(half_level, float)))
    share: FloatArray = 1.0 / (1.0 + np.exp(-np.clip(exponent, -700.0, 700.0)))
    return np.where(np.isneginf(exponent), 0.0, share)


def hill_marginal(level: ArrayLike, half_level: ArrayLike, slope: ArrayLike) -> FloatArray:
    """Change of `hill` per unit of level: dh/dx = s h (1 − h) / x, for x > 0; shapes and units as there.

    >>> hill_marginal(2.0, 2.0, 1.0).item()
    0.125
    """
    share = hill(level, half_level, slope)
    marginal: FloatArray = np.asarray(slope, float) * share * (1 - share) / np.asarray(level, float)
    return marginal
