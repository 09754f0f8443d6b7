"""How an ad's effect is spread over later periods: lag weights of a two-stage geometric cascade, and carry-over by convolution."""

import numpy as np
from numpy.typing import ArrayLike

from ml.errors import BadOption
from ml.frames import FloatArray


def lag_weights(mean_lag: float, shape: float, length: int) -> FloatArray:
    """Shares of an ad's effect that fall 0, 1, … `length` − 1 periods after it.

    Formula: w = g(m₁) ∗ g(m₂), with g(m)ₗ ∝ (m / (1 + m))ˡ geometric of mean m, m₁ = m (1 − a/2), m₂ = m a/2; then cut
    at `length` and scaled to sum 1. Shape a = 0 is the usual geometric adstock, a = 1 the symmetric cascade that peaks
    later. The mean lag is m periods as long as `length` is several times m.

    `mean_lag` m ≥ 0 in periods; `shape` a in [0, 1]; returns (length,). Raises `BadOption` outside these domains.
    Source: cascade of exponential stages (Erlang lag) as the discrete form of the delayed adstock of Jin et al. (2017),
    "Bayesian methods for media mix modeling with carryover and shape effects"; two numbers, and smooth in both.

    >>> lag_weights(1.0, 0.0, 3).round(3).tolist()
    [0.571, 0.286, 0.143]
    """
    if not (mean_lag >= 0 and 0 <= shape <= 1 and length >= 1):
        raise BadOption(
            f"Lag weights need a mean lag ≥ 0, a shape between 0 and 1 and a length ≥ 1, not {mean_lag}, {shape}, {length}."
        )
    first, second = _geometric(mean_lag * (1 - shape / 2), length), _geometric(mean_lag * shape / 2, length)
    weights = np.asarray(np.convolve(first, second)[:length], float)
    return np.asarray(weights / weights.sum(), float)


def carry_over(spend: ArrayLike, weights: ArrayLike, *, before: float = 0.0) -> FloatArray:
    """Adstocked spend: Aₜ = Σₗ wₗ xₜ₋ₗ, where the periods before the first were all `before`.

    `spend` x (n,) in any unit per period, `weights` w (L,); returns (n,) in the unit of `spend`. With weights that sum
    to 1 constant spend stays what it is, so that Aₜ reads as an effective spend per period.

    >>> carry_over([4.0, 0.0, 0.0], [0.5, 0.5]).tolist()
    [2.0, 2.0, 0.0]
    """
    x, w = np.asarray(spend, float), np.asarray(weights, float)
    padded = np.concatenate([np.full(len(w) - 1, before, float), x])
    return np.asarray(np.convolve(padded, w, mode="valid"), float)


def _geometric(mean: float, length: int) -> FloatArray:
    return np.asarray((mean / (1 + mean)) ** np.arange(length), float)
