"""What a measurement would do to an interval, foreseen by re-weighting posterior draws: no new fit, no new sampling."""

import numpy as np
from scipy.special import ndtri

from ml.frames import FloatArray
from ml.mix.intervals import NEGLIGIBLE

RESULTS, TURN = 21, 13  # simulated results per test: Fibonacci numbers, so that truths and noise pair up evenly
TAILS = np.array([0.0, 0.01, 0.02, 0.025, 0.03, 0.04, 0.05])  # lower tails tried for the narrowest 95 % interval
SHARE = 0.95


def expected_interval(
    value: FloatArray, change: FloatArray, error: FloatArray, *, temper: float = 0.9
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Ends of the 95 % interval of a quantity that are to be expected after a test, and the share of its width that goes.

    `value` (S,) the quantity's draws (≥ 0), `change` (A, W, S) what each test would measure under each draw, `error` (A, W)
    its standard error; returns low, high, shrink, each (A, W). A result y is the change of one draw plus noise; draws get the
    weight exp(−`temper` (y − d)²/2 error²), the power being what outlier weights leave of the data on average (outliers.py).
    Ends are averages over 21 results: draws spread evenly over `value`, paired with noise at evenly spread quantiles by a
    Fibonacci lattice, so that nothing is random and tests differ by what they are only. Source: Kish (1965); Niederreiter
    (1992) for the lattice.
    """
    order = np.argsort(value)
    ordered, seen = value[order], change[..., order]
    true = np.linspace(0, len(ordered) - 1, RESULTS + 2)[1:-1].round().astype(int)
    noise = ndtri((TURN * np.arange(RESULTS) % RESULTS + 0.5) / RESULTS)
    results = seen[..., true] + error[..., None] * noise
    score = (results[..., None] - seen[..., None, :]) * (np.sqrt(temper / 2) / error)[..., None, None]
    weights = np.exp(-np.minimum(score**2, 300.0))
    low, high = _narrowest(ordered, np.cumsum(weights, axis=-1))
    before_low, before_high = _narrowest(ordered, np.arange(1.0, len(ordered) + 1))
    width = np.maximum(high - low, 0.0).mean(-1)
    shrink = np.clip(1 - width / max(float(before_high - before_low), 1e-300), 0.0, 1.0)
    typical_low = np.where((low == 0).mean(-1) > 0.5, 0.0, low.mean(-1))  # most results do not rule out nothing
    return typical_low, high.mean(-1), shrink


def _narrowest(ordered: FloatArray, cumulative: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Narrowest interval (on the square-root scale, as `narrowest_interval`) under cumulated weights (…, S): low, high (…)."""
    share = cumulative / cumulative[..., -1:]
    wanted = np.append(np.concatenate([TAILS, TAILS + SHARE]), 0.5)
    at = np.stack([(share < level).sum(-1) for level in wanted], axis=-1)
    ends = ordered[np.minimum(at, len(ordered) - 1)]
    low, high = ends[..., : len(TAILS)], ends[..., len(TAILS) : -1]
    place = np.argmin(np.sqrt(high) - np.sqrt(low), axis=-1)[..., None]
    lowest = np.take_along_axis(low, place, axis=-1)[..., 0]
    return np.where(lowest < NEGLIGIBLE * ends[..., -1], 0.0, lowest), np.take_along_axis(high, place, -1)[..., 0]
