"""BG/NBD's probability, corrected by boosted trees where earlier windows show that this helps, and by isotonic steps likewise."""

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit
from sklearn.isotonic import IsotonicRegression

from ml.frames import FloatArray
from ml.predict.churn.calibration import log_loss

PRIOR_SD = np.array([0.5, 0.5])  # of the weight of the trees, and of the slope beside 1
LEVEL_SD = 0.5  # logits by which a window as a whole differs from what the model says
LEAST_GAIN = 0.005  # of the log loss: less is chance
LEVEL_SHRINK = 4.0  # levels move by twice as much from window to window (0.2 logits) as they stay off for good
STEP_PRIOR = 20.0  # customers
CLOSEST = 1e-4


@dataclass(frozen=True, eq=False)
class Labelled:
    """Customers at calibration days: `buying` and `trees` (n,) the two probabilities to leave, `left` (n,) 0 or 1, and
    `window` (n,) the number of the day, from 0."""

    buying: FloatArray
    trees: FloatArray
    left: FloatArray
    window: np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Blend:
    """p = expit((1 + slope)·l + weight·(t − l)) with l, t the logits of BG/NBD and trees; isotonic steps; then the level.

    Trees and steps say who leaves sooner than whom, not how many leave: all customers' logits are shifted so that the mean is
    BG/NBD's, whose level follows the age of the customers, once its logits are raised by `level`.
    """

    weight: float = 0.0
    slope: float = 0.0
    level: float = 0.0
    steps_at: FloatArray = field(default_factory=lambda: np.zeros(0))
    steps_to: FloatArray = field(default_factory=lambda: np.zeros(0))

    @property
    def uses_trees(self) -> bool:
        return self.weight != 0.0

    @property
    def uses_steps(self) -> bool:
        return len(self.steps_at) > 0

    def ranked(self, buying: FloatArray, trees: FloatArray) -> FloatArray:
        """The blend (n,) before its level is set."""
        low = _logit(buying)
        raw = np.asarray(expit((1 + self.slope) * low + self.weight * (_logit(trees) - low)))
        return np.interp(raw, self.steps_at, self.steps_to) if self.uses_steps else raw

    def probability(self, buying: FloatArray, trees: FloatArray) -> FloatArray:
        """The blended probability (n,) of all customers of one day."""
        if not self.uses_trees:
            return buying
        wanted = float(expit(_logit(buying) + self.level).mean())
        ranked = self.ranked(buying, trees)
        return np.asarray(expit(_logit(ranked) + level_shift(ranked, wanted)))


def level_shift(p: FloatArray, wanted: float) -> float:
    """What must be added to the logits of `p` (n,) so that their probabilities have the mean `wanted`; within ±10."""
    logits = _logit(p)
    return float(brentq(lambda shift: float(expit(logits + shift).mean()) - wanted, -20.0, 20.0))


def learn_blend(data: Labelled) -> Blend:
    """The blend for the next window, learnt from past ones; plain BG/NBD where nothing gains 0.5 % of the log loss.

    The gain must show on the latest window (number 0) for a blend learnt from the earlier ones; isotonic steps are added where
    they gain as much again there. Then all windows count. Plain BG/NBD where there is one window only: what trees or steps learn
    from a single season may be that season's. Source: stacking (Wolpert 1992); isotonic calibration (Zadrozny & Elkan 2002).
    """
    latest = data.window == 0
    if latest.all() or not latest.any():
        return Blend()
    tried = _fit(data, ~latest)
    stepped = _with_steps(tried, data, ~latest)
    plain, blended, isotonic = (
        log_loss(data.left[latest], blend.probability(data.buying[latest], data.trees[latest]))
        for blend in (Blend(), tried, stepped)
    )
    if min(blended, isotonic) > (1 - LEAST_GAIN) * plain:
        return Blend()
    everyone = np.ones(len(latest), bool)
    blend = _fit(data, everyone)
    return _with_steps(blend, data, everyone) if isotonic <= (1 - LEAST_GAIN) * blended else blend


def _fit(data: Labelled, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Blend:
    """Ridge logistic regression with a free level per window. The level carried on is the mean of how far BG/NBD's was off in
    each of k windows, shrunk by k/(k+4): one season says little of the next."""
    numbers = np.unique(data.window[rows])
    low, left, windows = _logit(data.buying[rows]), data.left[rows], len(numbers)
    member = data.window[rows][:, None] == numbers
    design = np.column_stack([_logit(data.trees[rows]) - low, low, member])
    precision = 1 / np.concatenate([PRIOR_SD, np.full(windows, LEVEL_SD)]) ** 2

    def loss(theta: FloatArray) -> tuple[float, FloatArray]:
        eta = low + design @ theta
        value = float(np.sum(np.logaddexp(0, eta) - left * eta) + 0.5 * precision @ theta**2)
        return value, design.T @ (expit(eta) - left) + precision * theta

    theta = minimize(loss, np.zeros(len(precision)), jac=True, method="L-BFGS-B").x
    levels = [level_shift(data.buying[rows][own], float(left[own].mean())) for own in member.T]
    return Blend(float(theta[0]), float(theta[1]), float(np.mean(levels)) * windows / (windows + LEVEL_SHRINK))


def _with_steps(blend: Blend, data: Labelled, rows: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Blend:
    """Isotonic steps on top; each step's share is drawn towards what was said by as much as 20 customers weigh."""
    said, left = blend.ranked(data.buying[rows], data.trees[rows]), data.left[rows]
    regression = IsotonicRegression(out_of_bounds="clip", y_min=CLOSEST, y_max=1 - CLOSEST).fit(said, left)
    stepped = np.asarray(regression.predict(said), float)
    levels, block = np.unique(stepped, return_inverse=True)
    count, usual = np.bincount(block), np.bincount(block, said)
    share = (levels * count + STEP_PRIOR * usual / count) / (count + STEP_PRIOR)
    return Blend(blend.weight, blend.slope, blend.level, usual / count, np.maximum.accumulate(share))


def _logit(p: FloatArray) -> FloatArray:
    return np.asarray(logit(np.clip(p, CLOSEST, 1 - CLOSEST)))
