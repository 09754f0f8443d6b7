"""The read-out that may be looked at every day: an interval that covers the truth at all times at once."""

from dataclasses import dataclass

import numpy as np

from ml.experiments.document import Document, plain
from ml.experiments.domain import check_alpha, check_positive
from ml.experiments.effect import Effect


@dataclass(frozen=True)
class SequentialReading:
    """An effect with an interval and a p-value that stay valid however often one looks."""

    effect: float
    sd: float
    low: float
    high: float
    p_value: float

    def to_dict(self) -> Document:
        return plain(self)


def sequential_reading(effect: Effect, *, alpha: float = 0.05, tuning: float = 5000.0) -> SequentialReading:
    """Asymptotic confidence sequence (Waudby-Smith et al. 2021, arXiv 2103.06476, eq. 14 and 155).

    With n units of both arms, σ² = n sd² and ρ² = (−2 log alpha + log(1 − 2 log alpha)) ÷ tuning:
    half-width = √[ 2 σ² (nρ² + 1) ÷ (nρ)² · log(√(nρ² + 1) ÷ alpha) ],
    p = min(1, √(nρ² + 1) · exp(−ρ² n (value ÷ σ)² ÷ (2 (nρ² + 1)))).
    `tuning` is the number of units at which the interval is narrowest; it is chosen before the test, at about its planned size.

    Raises `BadOption` for alpha outside (0, 0.5] or tuning ≤ 0.
    """
    check_alpha(alpha)
    check_positive("The sample size that the interval is tuned to", tuning)
    rate = mixing_rate(alpha, tuning)
    grown = effect.n * rate + 1
    reach = float(np.sqrt(effect.n * effect.sd**2 * 2 * grown / (effect.n**2 * rate) * np.log(np.sqrt(grown) / alpha)))
    log_evidence = rate * effect.n * (effect.value / effect.sd) ** 2 / (2 * grown) - 0.5 * np.log(grown)
    p_value = float(np.exp(-max(log_evidence, 0.0)))
    return SequentialReading(effect.value, effect.sd, effect.value - reach, effect.value + reach, p_value)


def mixing_rate(alpha: float, tuning: float) -> float:
    """ρ², see `sequential_reading`."""
    return float((-2 * np.log(alpha) + np.log(1 - 2 * np.log(alpha))) / tuning)


def score_needed(n: float, *, alpha: float, tuning: float) -> float:
    """The half-width of `sequential_reading` at n units in standard errors: what 1.96 is to a fixed test."""
    grown = n * mixing_rate(alpha, tuning) + 1
    return float(np.sqrt(2 * grown / (grown - 1) * np.log(np.sqrt(grown) / alpha)))
