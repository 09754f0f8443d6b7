"""How large a test must be, what it can find, how long it takes, and while it runs: what the chance is that it still decides."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy.optimize import brentq
from scipy.stats import norm

from ml.errors import BadOption
from ml.experiments.arms import Arm
from ml.experiments.document import Document, plain
from ml.experiments.domain import check_alpha, check_positive, check_share
from ml.experiments.effect import Effect
from ml.experiments.sequential import score_needed

Method: TypeAlias = Literal["fixed", "sequential"]
MOST_UNITS = 1e12
LARGEST_LIFT = 100.0


@dataclass(frozen=True)
class Plan:
    """A test of `units` per arm over `days`, which finds a relative `lift` with chance `power`."""

    lift: float
    units_per_arm: int
    days: int | None
    power: float
    method: Method
    sentence: str

    def to_dict(self) -> Document:
        return plain(self)


def power_of(
    control: Arm, *, lift: float, units_per_arm: float, alpha: float = 0.05, method: Method = "fixed", arms: int = 2
) -> float:
    """The chance that a two-sided test of n units per arm calls a true relative `lift` real.

    sd² = (1 + (1 + lift)²) · variance ÷ (n mean²) (delta method), power = Φ(lift/sd − c) + Φ(−lift/sd − c), where c is the
    normal quantile at 1 − alpha/2 (fixed) or the half-width of the sequential interval tuned to 2 n (sequential: the chance by
    the last day, an early stop can only add to it). `arms` > 2 divides alpha among the variants.
    """
    _check(control, lift, alpha, arms)
    check_positive("The number of units", units_per_arm)
    score = abs(lift) / _relative_sd(control, lift, units_per_arm)
    needed = _critical(units_per_arm, alpha / (arms - 1), method)
    return float(norm.cdf(score - needed) + norm.cdf(-score - needed))


def units_needed(
    control: Arm,
    *,
    lift: float,
    power: float = 0.8,
    alpha: float = 0.05,
    method: Method = "fixed",
    arms: int = 2,
) -> int:
    """The smallest n per arm at which `power_of` reaches `power`. Raises `BadOption` where 10¹² do not suffice."""
    check_share("The power", power)

    def missing(log_units: float) -> float:
        units = math.exp(log_units)
        return power_of(control, lift=lift, units_per_arm=units, alpha=alpha, method=method, arms=arms) - power

    if missing(math.log(MOST_UNITS)) < 0:
        raise BadOption(f"A change of {lift:.2%} is too small to be found.", "Look for a larger change.")
    if missing(math.log(2)) >= 0:
        return 2
    return math.ceil(math.exp(float(brentq(missing, math.log(2), math.log(MOST_UNITS), xtol=1e-10))))


def detectable_lift(
    control: Arm,
    *,
    units_per_arm: float,
    power: float = 0.8,
    alpha: float = 0.05,
    method: Method = "fixed",
    arms: int = 2,
) -> float:
    """The smallest relative rise that n units per arm find with chance `power`. Raises `BadOption` beyond 10,000 %."""
    check_share("The power", power)

    def missing(lift: float) -> float:
        return power_of(control, lift=lift, units_per_arm=units_per_arm, alpha=alpha, method=method, arms=arms) - power

    if missing(LARGEST_LIFT) < 0:
        raise BadOption("So few people cannot show any change.", "Run the test for longer.")
    return float(brentq(missing, 1e-9, LARGEST_LIFT, xtol=1e-9))


def plan_test(
    control: Arm,
    *,
    lift: float,
    units_per_day: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    method: Method = "sequential",
    arms: int = 2,
) -> Plan:
    """Size and duration of a test that finds `lift`; `units_per_day` are those of all arms together.

    Durations are rounded up to whole weeks, so that every weekday counts alike.
    """
    units = units_needed(control, lift=lift, power=power, alpha=alpha, method=method, arms=arms)
    days = None
    if units_per_day is not None:
        check_positive("The number of units per day", units_per_day)
        days = 7 * math.ceil(units * arms / units_per_day / 7)
    reached = power_of(control, lift=lift, units_per_arm=units, alpha=alpha, method=method, arms=arms)
    time = "" if days is None else f", about {days // 7} week{'s' if days > 7 else ''}"
    sentence = f"To find a change of {abs(lift):.1%}, each version needs {units:,} people{time}."
    return Plan(lift, units, days, reached, method, sentence)


def chance_to_finish(
    effect: Effect, *, units_at_end: float, alpha: float = 0.05, method: Method = "sequential", prior_sd: float = 0.3
) -> float:
    """While a test runs: the chance that at `units_at_end` (all arms) its interval excludes 0, given what was seen.

    The effect δ is believed N(m, s²) (normal prior 0 ± `prior_sd`, relative); with w = n ÷ N the final estimate is
    N(w value + (1 − w) m, (1 − w)² s² + w (1 − w) sd²), and its standard error sd √w (Spiegelhalter et al. 1986).
    """
    check_alpha(alpha)
    if not units_at_end > effect.n:
        raise BadOption("The end of the test lies behind it.", "Choose more units than were seen already.")
    share = effect.n / units_at_end
    prior = (prior_sd * (1.0 if effect.relative else abs(effect.base))) ** -2
    own = effect.sd**-2
    middle, variance = own * effect.value / (own + prior), 1 / (own + prior)
    expected = share * effect.value + (1 - share) * middle
    spread = math.sqrt((1 - share) ** 2 * variance + share * (1 - share) * effect.sd**2)
    reach = _critical(units_at_end / 2, alpha, method) * effect.sd * math.sqrt(share)
    return float(norm.cdf((expected - reach) / spread) + norm.cdf((-expected - reach) / spread))


def _relative_sd(control: Arm, lift: float, units: float) -> float:
    return math.sqrt((1 + (1 + lift) ** 2) * control.variance / units) / abs(control.base)


def _critical(units_per_arm: float, alpha: float, method: Method) -> float:
    if method == "fixed":
        return float(norm.ppf(1 - alpha / 2))
    return score_needed(2 * units_per_arm, alpha=alpha, tuning=2 * units_per_arm)


def _check(control: Arm, lift: float, alpha: float, arms: int) -> None:
    check_alpha(alpha)
    if not (np.isfinite(lift) and lift > -1 and lift != 0):
        raise BadOption(f"A change of {lift:.0%} cannot be looked for.", "Choose one above −100 % that is not 0.")
    if control.base == 0 or control.variance <= 0:
        raise BadOption("The control's past results are all 0, or all the same.", "Use the results of a usual month.")
    if arms < 2:
        raise BadOption(f"A test of {arms} versions compares nothing.", "Use at least two versions.")
