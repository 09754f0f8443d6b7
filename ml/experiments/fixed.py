"""The classical read-out at a sample size that was fixed beforehand: Welch's t test. Looking at it daily is not allowed."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.stats import t as student

from ml.experiments.document import Document, plain
from ml.experiments.domain import check_alpha
from ml.experiments.effect import Effect

Sides: TypeAlias = Literal["two", "greater", "less"]


@dataclass(frozen=True)
class FixedReading:
    """An effect with its interval at level 1 − alpha (one end infinite where one-sided) and its p-value."""

    effect: float
    sd: float
    low: float
    high: float
    p_value: float
    sides: Sides

    def to_dict(self) -> Document:
        return plain(self)


def fixed_reading(effect: Effect, *, alpha: float = 0.05, sides: Sides = "two") -> FixedReading:
    """Welch's t test of effect = 0: interval value ± t(1 − alpha/2, degrees) · sd, p = 2 P(T > |value ÷ sd|).

    `sides` "greater" asks whether the variant is above the control (interval from below only), "less" the reverse.
    Raises `BadOption` for alpha outside (0, 0.5].
    """
    check_alpha(alpha)
    score = effect.value / effect.sd
    if sides == "two":
        reach = float(student.ppf(1 - alpha / 2, effect.degrees)) * effect.sd
        low, high = effect.value - reach, effect.value + reach
        p_value = 2 * float(student.sf(abs(score), effect.degrees))
    else:
        reach = float(student.ppf(1 - alpha, effect.degrees)) * effect.sd
        low, high = (effect.value - reach, np.inf) if sides == "greater" else (-np.inf, effect.value + reach)
        p_value = float(student.sf(score if sides == "greater" else -score, effect.degrees))
    return FixedReading(effect.value, effect.sd, low, high, p_value, sides)
