"""What revenue a set of regions would have had, from regions in which nothing changed, and how wrong that is elsewhere."""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import Literal, TypeAlias

import numpy as np
from scipy.optimize import nnls

from ml.frames import FloatArray

Method: TypeAlias = Literal["synthetic", "difference"]
MOST_PLACEBOS = 200
WEIGHT_OF_SUM = 100.0  # how firmly the weights are held to add up to 1
WEIGHT_OF_EVENNESS = 0.3  # keeps weights from following the noise of single regions


@dataclass(frozen=True, eq=False)
class Comparison:
    """`expected` (n,) revenue of the target, its `difference` (actual − expected) over the window, the standard error of that
    as the periods before suggest, the relative `fit_error` per period, and the controls' `weights` (J,)."""

    expected: FloatArray
    difference: float
    error: float
    fit_error: float
    weights: FloatArray

    @property
    def score(self) -> float:
        return self.difference / self.error


def compare(target: FloatArray, controls: FloatArray, first: int, last: int, method: Method) -> Comparison:
    """`target` (n,) against `controls` (n, J), window in rows `first` … `last`.

    Every series is divided by its mean before `first`. expected = mean + Σ w_j (control_j − its mean): `synthetic` finds w ≥ 0,
    Σ w = 1 that follow the target best before, with a ridge towards even weights (Abadie et al. 2010, demeaned as in Ferman &
    Pinto 2021); `difference` takes w = 1/J (difference in differences). The error of a sum over h periods is √h times the
    residuals' standard deviation before, times √((1 + ρ) ÷ (1 − ρ)) for their lag-one autocorrelation ρ within 0 … 0.8,
    times √(1 + h ÷ first) for the mean.
    """
    scale = float(target[:first].mean())
    aim, pool = target / scale, controls / controls[:first].mean(0)
    weights = _weights(aim[:first], pool[:first], method)
    expected = 1 + (pool - 1) @ weights
    residual = aim - expected
    before, length = residual[:first], last - first + 1
    squares = float(before @ before)
    rho = float(np.clip(before[1:] @ before[:-1] / max(squares, 1e-300), 0.0, 0.8))
    spread = max(float(np.sqrt(squares / (first - 1))), 1e-9)
    error = spread * float(np.sqrt(length * (1 + length / first) * (1 + rho) / (1 - rho)))
    difference = float(residual[first : last + 1].sum())
    return Comparison(expected * scale, difference * scale, error * scale, spread, weights)


def placebo_scores(controls: FloatArray, size: int, first: int, last: int, method: Method) -> FloatArray:
    """Scores of sets of `size` control regions against the other controls, (m,): of all sets where there are at most 200, else of
    200 drawn ones."""
    regions = controls.shape[1]
    if comb(regions, size) <= MOST_PLACEBOS:
        sets = [np.array(members) for members in combinations(range(regions), size)]
    else:
        draws = np.random.default_rng(0)  # the same sets for the same question
        sets = [draws.choice(regions, size, replace=False) for _ in range(MOST_PLACEBOS)]
    scores = []
    for members in sets:
        inside = np.isin(np.arange(regions), members)
        scores.append(compare(controls[:, inside].sum(1), controls[:, ~inside], first, last, method).score)
    return np.array(scores)


def _weights(aim: FloatArray, pool: FloatArray, method: Method) -> FloatArray:
    regions = pool.shape[1]
    if method == "difference":
        return np.full(regions, 1 / regions)
    centred = pool - pool.mean(0)
    scale = float(np.sqrt((centred**2).mean() * len(pool))) or 1.0
    ridge = WEIGHT_OF_EVENNESS * scale * np.eye(regions)
    design = np.vstack([centred, ridge, np.full((1, regions), WEIGHT_OF_SUM * scale)])
    wanted = np.concatenate(
        [aim - aim.mean(), np.full(regions, WEIGHT_OF_EVENNESS * scale / regions), [WEIGHT_OF_SUM * scale]]
    )
    found = np.asarray(nnls(design, wanted)[0], float)
    return np.asarray(found / found.sum(), float)
