"""The read-out in probabilities: how likely the variant is better, and what choosing it would cost if it is not."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ml.experiments.document import Document, plain
from ml.experiments.domain import check_alpha, check_positive
from ml.experiments.effect import Effect


@dataclass(frozen=True)
class Belief:
    """What is believed of relative effects before the test: normal around `mean` with `sd`; 0.3 says that most are within ±30 %."""

    mean: float = 0.0
    sd: float = 0.3

    def __post_init__(self) -> None:
        check_positive("The standard deviation of the belief", self.sd)


@dataclass(frozen=True)
class BayesianReading:
    """Posterior mean and interval of the effect. `chance_to_win` is P(effect > 0), `loss_of_variant` the expected loss
    E[max(−effect, 0)] of choosing the variant, `loss_of_control` that of keeping the control, E[max(effect, 0)]."""

    effect: float
    sd: float
    low: float
    high: float
    chance_to_win: float
    loss_of_variant: float
    loss_of_control: float

    def to_dict(self) -> Document:
        return plain(self)


def bayesian_reading(effect: Effect, *, belief: Belief | None = None, alpha: float = 0.05) -> BayesianReading:
    """Normal posterior of the effect at level 1 − alpha; without `belief` the prior is flat.

    Precisions add: 1/s² = 1/sd² + 1/τ², mean = s² (value/sd² + m/τ²), where the belief's (m, τ) is on the relative scale and
    is multiplied by the control's mean for absolute effects. Losses of N(μ, s²): E[max(−δ, 0)] = s φ(μ/s) − μ Φ(−μ/s).

    A rule that stops on these alone has no bound on false alarms under daily looks: see `decide.py`.
    """
    check_alpha(alpha)
    middle, sd = effect.value, effect.sd
    if belief is not None:
        scale = 1.0 if effect.relative else abs(effect.base)
        middle, sd = _updated(effect, scale * belief.mean, scale * belief.sd)
    reach = float(norm.ppf(1 - alpha / 2)) * sd
    loss = expected_loss(middle, sd)
    chance = float(norm.cdf(middle / sd))
    return BayesianReading(middle, sd, middle - reach, middle + reach, chance, loss, expected_loss(-middle, sd))


def expected_loss(middle: float, sd: float) -> float:
    """E[max(−δ, 0)] of δ ~ N(middle, sd²)."""
    score = middle / sd
    return max(float(sd * norm.pdf(score) - middle * norm.sf(score)), 0.0)


def _updated(effect: Effect, prior_mean: float, prior_sd: float) -> tuple[float, float]:
    if prior_sd == 0:
        return effect.value, effect.sd
    own, prior = effect.sd**-2, prior_sd**-2
    return (own * effect.value + prior * prior_mean) / (own + prior), float(np.sqrt(1 / (own + prior)))
