"""BG/NBD's probability, corrected by boosted trees where earlier windows show that this helps."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

from ml.frames import FloatArray
from ml.predict.churn.calibration import log_loss

PRIOR_SD = np.array([0.5, 0.05])  # of the weight of the trees, and of the slope beside 1
LEVEL_SD = 0.5  # logits by which a window as a whole differs from what the model says
LEAST_GAIN = 0.001  # of the log loss: less is chance
LEVEL_SHRINK = 4.0  # levels move by twice as much from window to window (0.2 logits) as they stay off for good
PER_HORIZON = 4  # windows are this part of a horizon apart, so that as many steps away nothing is shared
CLOSEST = 1e-4


@dataclass(frozen=True, eq=False)
class Labelled:
    """Customers at calibration days: `buying` and `trees` (n,) the two probabilities to leave, `left` (n,) 0 or 1, and
    `window` (n,) how many quarters of a horizon that day lies before the latest one, from 0."""

    buying: FloatArray
    trees: FloatArray
    left: FloatArray
    window: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Blend:
    """p = expit((1 + slope)·l + weight·(t − l)) with l, t the logits of BG/NBD and trees; then the level.

    Trees say who leaves sooner than whom, not how many leave: all customers' logits are shifted so that the mean is BG/NBD's,
    whose level follows the age of the customers, once its logits are raised by `level`.
    """

    weight: float = 0.0
    slope: float = 0.0
    level: float = 0.0

    @property
    def uses_trees(self) -> bool:
        return self.weight != 0.0

    def probability(self, buying: FloatArray, trees: FloatArray) -> FloatArray:
        """The blended probability (n,) of all customers of one day."""
        if not self.uses_trees:
            return buying
        low = _logit(buying)
        wanted = float(expit(low + self.level).mean())
        ranked = np.asarray(expit((1 + self.slope) * low + self.weight * (_logit(trees) - low)))
        return np.asarray(expit(_logit(ranked) + level_shift(ranked, wanted)))


def level_shift(p: FloatArray, wanted: float) -> float:
    """What must be added to the logits of `p` (n,) so that their probabilities have the mean `wanted`; within ±10."""
    logits = _logit(p)
    return float(brentq(lambda shift: float(expit(logits + shift).mean()) - wanted, -20.0, 20.0))


def learn_blend(data: Labelled) -> Blend:
    """The blend for the next window, learnt from past ones; plain BG/NBD where nothing gains 0.1 % of the log loss.

    The gain must show on the latest window (number 0) for a blend learnt from those that share no day with it; then all windows
    count, those that overlap too. Plain BG/NBD where there are no two apart: what trees learn from a single season may be that
    season's. Five windows a quarter of a horizon apart and a slope held close to 1 calibrate better, on simulated shops and on
    real ones, than two windows, a free slope or isotonic steps. Source: stacking (Wolpert 1992); logistic calibration (Platt 1999).
    """
    latest, apart = data.window == 0, data.window >= PER_HORIZON
    if not latest.any() or not apart.any():
        return Blend()
    tried = _fit(data, apart)
    plain, blended = (
        log_loss(data.left[latest], blend.probability(data.buying[latest], data.trees[latest]))
        for blend in (Blend(), tried)
    )
    return _fit(data, np.ones(len(latest), bool)) if blended <= (1 - LEAST_GAIN) * plain else Blend()


def _fit(data: Labelled, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Blend:
    """Ridge logistic regression with a free level per window. The level carried on is the mean of how far BG/NBD's was off in
    each window, shrunk by k/(k+4) with k the number of horizons that they span: one season says little of the next."""
    numbers = np.unique(data.window[rows])
    low, left = _logit(data.buying[rows]), data.left[rows]
    member = data.window[rows][:, None] == numbers
    design = np.column_stack([_logit(data.trees[rows]) - low, low, member])
    precision = 1 / np.concatenate([PRIOR_SD, np.full(len(numbers), LEVEL_SD)]) ** 2

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        eta = low + design @ theta
        value = float(np.sum(np.logaddexp(0, eta) - left * eta) + 0.5 * precision @ theta**2)
        return value, design.T @ (expit(eta) - left) + precision * theta

    theta = minimize(loss, np.zeros(len(precision)), jac=True, method="L-BFGS-B").x
    levels = [level_shift(data.buying[rows][own], float(left[own].mean())) for own in member.T]
    horizons = 1 + float(numbers[-1] - numbers[0]) / PER_HORIZON
    return Blend(float(theta[0]), float(theta[1]), float(np.mean(levels)) * horizons / (horizons + LEVEL_SHRINK))


def _logit(p: FloatArray) -> FloatArray:
    return np.asarray(logit(np.clip(p, CLOSEST, 1 - CLOSEST)))
