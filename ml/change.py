"""Whether a rate has changed between two windows of days, or whether its difference is within the noise of the days themselves.

Entry points: `rate_of` for one window with its interval, `rate_change` for two. A rate is a sum over a sum (ROAS, CPA) or, with
ones below, the mean of a day.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import t as student

from ml.errors import CannotCompare
from ml.frames import FloatArray

FEWEST_DAYS = 5
MOST_CARRY_OVER = 0.6  # short windows overstate how far one day resembles the next


@dataclass(frozen=True)
class Rate:
    """A rate over n days, Σabove ÷ Σbelow, with its interval; `log_sd` is the standard error of its logarithm."""

    value: float
    low: float
    high: float
    log_sd: float
    days: int


@dataclass(frozen=True)
class RateChange:
    """The later rate over the earlier one, minus 1, with its interval. Clear where the interval leaves out 0."""

    before: Rate
    now: Rate
    change: float
    low: float
    high: float

    @property
    def is_clear(self) -> bool:
        return self.low > 0 or self.high < 0


class Days(NamedTuple):
    """What is divided and what divides it, (n,) each, day by day."""

    above: ArrayLike
    below: ArrayLike


def rate_of(days: Days, *, level: float = 0.95) -> Rate:
    """The rate r = Σa ÷ Σb with its interval by the linearised ratio estimator (Cochran, Sampling Techniques, § 6.4).

    The residuals e = a − r·b give Var(log r) ≈ n/(n−1) · Σe² ÷ (Σa)² · (1+ρ)/(1−ρ), where ρ, their correlation from one day to
    the next within 0 … 0.6, widens the interval for days that resemble their neighbours. Student's t with n − 1 degrees.
    Raises `CannotCompare` for fewer than five days, or where nothing was counted.
    """
    above, below = _checked(days)
    value = float(above.sum() / below.sum())
    log_sd = _log_sd(above, below, value)
    reach = float(student.ppf(0.5 + level / 2, len(above) - 1)) * log_sd
    return Rate(value, value * float(np.exp(-reach)), value * float(np.exp(reach)), log_sd, len(above))


def rate_change(now: Days, before: Days, *, level: float = 0.95) -> RateChange:
    """How the rate of `now` differs from that of `before`, on the scale of logarithms, with the smaller window's degrees of
    freedom (n − 1), which errs on the side of calling a difference noise. Raises `CannotCompare`, see `rate_of`."""
    later, earlier = rate_of(now, level=level), rate_of(before, level=level)
    middle = float(np.log(later.value / earlier.value))
    sd = float(np.hypot(later.log_sd, earlier.log_sd))
    reach = float(student.ppf(0.5 + level / 2, min(later.days, earlier.days) - 1)) * sd
    change, low, high = (float(np.expm1(middle + shift)) for shift in (0.0, -reach, reach))
    return RateChange(earlier, later, change, low, high)


def _checked(days: Days) -> tuple[FloatArray, FloatArray]:
    above, below = np.asarray(days.above, float), np.asarray(days.below, float)
    if len(above) < FEWEST_DAYS:
        raise CannotCompare(
            f"There are {len(above)} days to compare; at least {FEWEST_DAYS} are needed.", "Choose a longer period."
        )
    if above.sum() <= 0 or below.sum() <= 0:
        raise CannotCompare("Nothing was counted in one of the two periods.", "Choose a longer period.")
    return above, below


def _log_sd(above: FloatArray, below: FloatArray, value: float) -> float:
    residuals = above - value * below
    squares, days = float((residuals**2).sum()), len(above)
    if squares == 0:
        return 0.0
    carried = float(np.clip((residuals[1:] * residuals[:-1]).sum() / squares, 0.0, MOST_CARRY_OVER))
    variance = days / (days - 1) * squares / float(above.sum()) ** 2 * (1 + carried) / (1 - carried)
    return float(np.sqrt(variance))
