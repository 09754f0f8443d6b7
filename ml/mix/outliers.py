"""How far single periods are trusted: Student-t weights whose tails the residuals choose, and what such weights leave to learn from.

Plain least squares on weighted data believes itself too much: weights that shrink large errors also shrink the noise that is
measured. How much too much is known (the sandwich variance), and `information` takes it back.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

from ml.frames import FloatArray

DEGREES: tuple[float, ...] = (3.0, 4.0, 6.0, 10.0, 20.0, np.inf)  # tails tried, from heavy to none
ROUNDS = 15
LEAST_INFORMATION = 0.4


@dataclass(frozen=True, eq=False)
class Outliers:
    """`weights` (n,) square roots of the inverse noise variances, of mean square 1; `degrees` of the Student t that fits best
    (∞ is the normal distribution); `information` in (0, 1], see `student_weights`."""

    weights: FloatArray
    degrees: float
    information: float


def student_weights(errors: FloatArray) -> Outliers:
    """The Student t distribution among six tails that makes `errors` (n,) most likely, as weights for least squares.

    Per tail ν the scale s by EM: wₜ² = (ν + 1) / (ν + eₜ²/s²), s² = mean(w² e²). Least squares with these weights thinks its
    variance to be mean(w² e²) / mean(w²); that of the M-estimator is mean(ψ²) / mean(ψ′)², ψ = w² e. `information`
    is the ratio of the two, the share of the periods' number that the likelihood may count: 1 for normal errors, about
    0.75 for ν = 6. Source: Lange, Little and Taylor (1989), "Robust statistical modeling using the t distribution"; Huber (1981).
    """
    if not len(errors) or float(np.abs(errors).max()) <= 0:
        return Outliers(np.ones(len(errors)), np.inf, 1.0)
    scales = {degrees: _scale(errors, degrees) for degrees in DEGREES}
    best = max(DEGREES, key=lambda degrees: _log_likelihood(errors, degrees, scales[degrees]))
    if np.isinf(best):
        return Outliers(np.ones(len(errors)), best, 1.0)
    ratio = (errors / scales[best]) ** 2
    squared = (best + 1) / (best + ratio)
    believed = np.mean(squared * ratio) / np.mean(squared)
    bend = float(np.mean((best + 1) * (best - ratio) / (best + ratio) ** 2))
    true = np.mean(squared**2 * ratio) / max(bend, 1e-3) ** 2
    information = float(np.clip(believed / true, LEAST_INFORMATION, 1.0))
    return Outliers(np.sqrt(squared / squared.mean()), best, information)


def _scale(errors: FloatArray, degrees: float) -> float:
    squares = errors**2
    variance = float(squares.mean())
    if np.isinf(degrees):
        return float(np.sqrt(variance))
    for _ in range(ROUNDS):
        variance = float(np.mean((degrees + 1) / (degrees + squares / variance) * squares))
    return float(np.sqrt(variance))


def _log_likelihood(errors: FloatArray, degrees: float, scale: float) -> float:
    squared = (errors / scale) ** 2
    if np.isinf(degrees):
        return float(-0.5 * squared.sum() - len(errors) * (np.log(scale) + 0.5 * np.log(2 * np.pi)))
    peak = gammaln((degrees + 1) / 2) - gammaln(degrees / 2) - 0.5 * np.log(degrees * np.pi) - np.log(scale)
    return float(len(errors) * peak - 0.5 * (degrees + 1) * np.log1p(squared / degrees).sum())
