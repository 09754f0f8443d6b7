"""Traffic for a test of several versions: more of it to the two that may be the best, so that the best is found sooner."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.errors import BadOption, BadSample
from ml.experiments.arms import Arm
from ml.experiments.document import Document, plain
from ml.frames import FloatArray

REACH, STEPS = 9.0, 6001


@dataclass(frozen=True)
class Split:
    """`chance_best` of every arm, and the `weights` that the next people should be split by; both add up to 1."""

    chance_best: tuple[float, ...]
    weights: tuple[float, ...]

    def to_dict(self) -> Document:
        return plain(self)


def top_two_split(arms: Sequence[Arm], *, least_share: float = 0.05, goal_is_more: bool = True) -> Split:
    """Top-two Thompson sampling (Russo 2016) in closed form: no random draws, the same answer for the same counts.

    With p_i = P(arm i has the highest mean) under independent N(mean, variance ÷ n), half of the draws go to the best and half
    to the best of a second draw that must differ: w_i = p_i ÷ 2 + Σ_{j≠i} p_j p_i ÷ (1 − p_j) ÷ 2. No arm gets less than
    `least_share`, so that none is given up for bad luck. p by quadrature over each arm's density.

    Raises `BadOption` where the floors leave nothing to split, `BadSample` for fewer than two arms or arms without any variance.
    """
    if len(arms) < 2:
        raise BadSample("There is only one version.", "A split needs at least two.")
    if not 0 <= least_share * len(arms) < 1:
        raise BadOption(f"A least share of {least_share:.0%} for {len(arms)} versions exceeds 100 %.", "Lower it.")
    best = chances_to_be_best(arms, goal_is_more=goal_is_more)
    floored = least_share + (1 - least_share * len(arms)) * _top_two(best)
    return Split(tuple(float(chance) for chance in best), tuple(float(weight) for weight in floored / floored.sum()))


def chances_to_be_best(arms: Sequence[Arm], *, goal_is_more: bool = True) -> FloatArray:
    """p_i = ∫ density_i(x) Π_{j≠i} P(arm j ≤ x) dx, (k,), by the trapezoidal rule over ± 9 standard errors.

    An arm whose units were all the same so far is given the widest arm's variance per unit: it is unknown, not certain.
    """
    sign = 1.0 if goal_is_more else -1.0
    means = sign * np.array([arm.mean for arm in arms])
    variances = np.array([arm.variance for arm in arms])
    if variances.max() <= 0:
        raise BadSample("No version has any variation yet.", "Split evenly until the first results.")
    sds = np.sqrt(np.where(variances > 0, variances, variances.max()) / np.array([arm.n for arm in arms]))
    grid = np.linspace(-REACH, REACH, STEPS)
    density = norm.pdf(grid) * (grid[1] - grid[0])
    chances = np.array([_beats_others(index, means, sds, grid, density) for index in range(len(arms))])
    normalised: FloatArray = chances / chances.sum()
    return normalised


def _beats_others(index: int, means: FloatArray, sds: FloatArray, grid: FloatArray, density: FloatArray) -> float:
    values = means[index] + sds[index] * grid
    others = [other for other in range(len(means)) if other != index]
    below = np.prod([norm.cdf((values - means[other]) / sds[other]) for other in others], axis=0)
    return float(density @ below)


def _top_two(best: FloatArray) -> FloatArray:
    inside = np.clip(best, 1e-12, 1 - 1e-12)
    second = inside / (1 - inside)
    weights: FloatArray = inside / 2 * (1 + second.sum() - second)
    return weights
