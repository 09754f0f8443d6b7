"""How far a variant is from the control, absolute or relative, with its standard error: the input of every read-out."""

from dataclasses import dataclass

import numpy as np

from ml.errors import NoBaseline, TooEarly
from ml.experiments.arms import Arm


@dataclass(frozen=True)
class Effect:
    """`value` = variant − control, or that over the control's mean where `relative`; `sd` its standard error.

    `degrees` of freedom (Welch–Satterthwaite), `n` units of both arms, `base` the control's mean.
    """

    value: float
    sd: float
    degrees: float
    n: int
    base: float
    relative: bool

    def flipped(self) -> "Effect":
        """The same effect counted the other way, for metrics where less is better."""
        return Effect(-self.value, self.sd, self.degrees, self.n, self.base, self.relative)


def effect_of(control: Arm, variant: Arm, *, relative: bool = True) -> Effect:
    """The effect of `variant` over `control` in units of the metric, or relative (0.16 is +16 %).

    Absolute: Var = v_a + v_b with v = variance ÷ n. Relative, by the delta method with R = base_b ÷ base_a:
    Var = [v_b + ((1 − R)² base_variance_a − 2 (1 − R) base_covariance_a + variance_a) ÷ n_a] ÷ base_a², which without adjustment
    is v_b ÷ m_a² + v_a m_b² ÷ m_a⁴. Degrees of freedom by Welch–Satterthwaite on v_a, v_b.

    Raises `NoBaseline` for a relative effect over a mean of 0 or below (its sign would mislead), `TooEarly` where the standard error would be 0
    (no arm varies, or the variant has no result at all).
    """
    if relative and control.base <= 0:
        raise NoBaseline
    spread = control.mean_variance + variant.mean_variance
    sd = _relative_sd(control, variant) if relative else float(np.sqrt(spread))
    if sd <= 0:
        raise TooEarly("The results do not vary yet, so nothing can be compared.")
    difference = variant.mean - control.mean
    value = difference / control.base if relative else difference
    degrees = spread**2 / (control.mean_variance**2 / (control.n - 1) + variant.mean_variance**2 / (variant.n - 1))
    return Effect(value, sd, degrees, control.n + variant.n, control.base, relative)


def _relative_sd(control: Arm, variant: Arm) -> float:
    short = 1 - variant.base / control.base
    own = short**2 * control.base_variance - 2 * short * control.base_covariance + control.variance
    return float(np.sqrt(variant.mean_variance + max(own, 0.0) / control.n) / abs(control.base))
