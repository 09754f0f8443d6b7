"""How far a figure could have come out otherwise: the same number of people drawn again from the same paths."""

from collections.abc import Iterator

import numpy as np

from ml.attribution.paths import TouchPaths
from ml.frames import FloatArray

CHUNK_CELLS = 4_000_000  # 32 MB of weights at a time


def resampled_counts(paths: TouchPaths, *, draws: int, seed: int) -> Iterator[FloatArray]:
    """People per path in `draws` re-drawn samples, in blocks of (n, b): N people, multinomial with count ÷ N each.

    Source: Efron & Tibshirani, An Introduction to the Bootstrap (1993), ch. 6. The same seed gives the same samples.
    """
    rng = np.random.default_rng(seed)
    block = max(1, min(draws, CHUNK_CELLS // paths.paths))
    for first in range(0, draws, block):
        columns = [_one_sample(paths, rng) for _ in range(min(block, draws - first))]
        yield np.column_stack(columns).astype(float)


def _one_sample(paths: TouchPaths, rng: np.random.Generator) -> FloatArray:
    """Drawing people one by one is ten times faster than binomials per path, where paths have few people."""
    people = paths.people
    if people == paths.paths:
        return np.bincount(rng.integers(0, people, people), minlength=people).astype(float)
    return rng.multinomial(people, paths.count / people).astype(float)


def interval(samples: FloatArray, estimate: FloatArray, *, level: float) -> tuple[FloatArray, FloatArray]:
    """The middle `level` of samples (draws, …), widened where needed to hold the estimate (…); low and high, (…).

    Quantiles at p · (draws + 1), so that one more sample falls outside with just 1 − `level`, however few there are.
    """
    if len(samples) == 0:
        return estimate.copy(), estimate.copy()
    tail = (1 - level) / 2
    low, high = np.quantile(samples, [tail, 1 - tail], axis=0, method="weibull")
    return np.minimum(low, estimate), np.maximum(high, estimate)
