"""What was counted in one arm of a test, reduced to the few numbers that every read-out needs: an `Arm`.

From sums: `proportion`, `mean`, `ratio`. From one value per unit: `mean_of`, `ratio_of`, `quantile_of`. With less noise:
`cuped` (a value from before the test), `stratified` (groups of units that are known to differ).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from ml.errors import BadSample
from ml.frames import FloatArray

LARGEST = 1e15  # squares of larger sums no longer fit a double with the digits that a variance needs


@dataclass(frozen=True)
class Arm:
    """`n` units whose metric is `mean`; `variance` is that of one unit, so that Var(mean) = variance ÷ n.

    Where the mean was adjusted (CUPED), `base` is the plain mean, which relative effects are relative to, with its variance
    and its covariance with the adjusted value; elsewhere these are the mean's own.
    """

    n: int
    mean: float
    variance: float
    base: float
    base_variance: float
    base_covariance: float

    @classmethod
    def plain(cls, n: int, mean: float, variance: float) -> "Arm":
        """An arm without adjustment. Raises `BadSample` for fewer than two units or numbers that cannot be."""
        if n < 2:
            raise BadSample(f"An arm holds {n} units; at least 2 are needed.", "Wait until more people were seen.")
        if not (np.isfinite(mean) and np.isfinite(variance)) or abs(mean) > LARGEST:
            raise BadSample("A sum is not a usable number.", "Check the sums and sums of squares of this arm.")
        if variance < -1e-9 * max(mean * mean, 1e-12):
            raise BadSample("The sum of squares is too small for its sum.", "Check that both come from the same units.")
        spread = max(variance, 0.0)
        return cls(int(n), float(mean), spread, float(mean), spread, spread)

    @property
    def mean_variance(self) -> float:
        """Variance of the mean."""
        return self.variance / self.n


class PrePost(NamedTuple):
    """Sums over the n units of one arm: the metric during the test (`post`), the covariate from before it (`pre`)."""

    n: int
    post: float
    post_squares: float
    pre: float
    pre_squares: float
    products: float


class RatioSums(NamedTuple):
    """Sums over the n randomised units of one arm: numerator, denominator, their squares and products."""

    n: int
    above: float
    above_squares: float
    below: float
    below_squares: float
    products: float


def proportion(n: int, successes: float) -> Arm:
    """A share p = successes ÷ n with variance p (1 − p) per unit.

    >>> proportion(10_000, 500).mean
    0.05

    Raises `BadSample` unless 0 ≤ successes ≤ n.
    """
    if not 0 <= successes <= n:
        raise BadSample(
            f"There are {successes:g} conversions among {n} units.", "Count every unit once, whatever it bought."
        )
    share = successes / max(n, 1)
    return Arm.plain(n, share, share * (1 - share))


def mean(n: int, total: float, squares: float) -> Arm:
    """A mean per unit from the sum and the sum of squares; the variance is the unbiased (Σx² − (Σx)²/n) ÷ (n − 1)."""
    _check_count(n)
    return Arm.plain(n, total / n, _covariance(squares, total, total, n))


def ratio(sums: RatioSums) -> Arm:
    """A ratio of two means, r = Σabove ÷ Σbelow, such as revenue per order where people were randomised.

    Delta method: Var = (s²ₐ − 2 r sₐᵦ + r² s²ᵦ) ÷ mean(below)² per unit (Deng et al. 2018, § 3). Units may be clusters: then the
    sums are of one cluster each. Raises `BadSample` where the denominator adds up to 0 or less.
    """
    _check_count(sums.n)
    if not sums.below > 0:
        raise BadSample("The denominator of the ratio adds up to nothing.", "Wait until there are orders or clicks.")
    value, below = sums.above / sums.below, sums.below / sums.n
    above_variance = _covariance(sums.above_squares, sums.above, sums.above, sums.n)
    below_variance = _covariance(sums.below_squares, sums.below, sums.below, sums.n)
    together = _covariance(sums.products, sums.above, sums.below, sums.n)
    return Arm.plain(sums.n, value, (above_variance - 2 * value * together + value**2 * below_variance) / below**2)


def mean_of(values: ArrayLike) -> Arm:
    """`mean` from one value per unit, (n,)."""
    numbers = _values(values)
    return Arm.plain(len(numbers), float(numbers.mean()), float(numbers.var(ddof=1)))


def ratio_of(above: ArrayLike, below: ArrayLike) -> Arm:
    """`ratio` from numerator and denominator per unit, (n,) each."""
    top, bottom = _values(above), _values(below)
    if len(top) != len(bottom):
        raise BadSample("Numerator and denominator differ in length.", "Give both for every unit.")
    squares = (float(top @ top), float(bottom @ bottom), float(top @ bottom))
    return ratio(RatioSums(len(top), float(top.sum()), squares[0], float(bottom.sum()), squares[1], squares[2]))


def quantile_of(values: ArrayLike, share: float) -> Arm:
    """The quantile of one value per unit, (n,), at `share` within (0, 1), with a standard error from order statistics:
    the distance of the values at ranks n·share ± z √(n·share·(1 − share)), z = 1.96, over 2 z (Woodruff 1952).

    Raises `BadSample` where fewer than ten units lie on either side of the quantile: its error could not be told.
    """
    numbers = np.sort(_values(values))
    n, z = len(numbers), float(norm.ppf(0.975))
    if not 0 < share < 1 or n * min(share, 1 - share) < 10:
        raise BadSample(
            f"{n} units are too few for the {share:.0%} quantile.", "Wait for more, or take one nearer to the median."
        )
    reach = z * np.sqrt(n * share * (1 - share))
    low, high = (int(np.clip(round(n * share + sign * reach), 0, n - 1)) for sign in (-1, 1))
    error = float(numbers[high] - numbers[low]) / (2 * z)
    return Arm.plain(n, float(np.quantile(numbers, share)), n * error**2)


def cuped(control: PrePost, variant: PrePost) -> tuple[Arm, Arm]:
    """Both arms with the part of the noise removed that a value from before the test explains (Deng et al. 2013).

    Adjusted mean = mean(post) − θ mean(pre), θ = Cov(post, pre) ÷ Var(pre) over both arms; variance per unit =
    s²(post) − 2 θ s(post, pre) + θ² s²(pre). Where the covariate never varies, θ is 0 and nothing changes.
    """
    n = control.n + variant.n
    _check_count(n)
    pre, post = control.pre + variant.pre, control.post + variant.post
    spread = _covariance(control.pre_squares + variant.pre_squares, pre, pre, n)
    together = _covariance(control.products + variant.products, post, pre, n)
    theta = together / spread if spread > 0 else 0.0
    return _adjusted(control, theta), _adjusted(variant, theta)


def _adjusted(sums: PrePost, theta: float) -> Arm:
    plain = mean(sums.n, sums.post, sums.post_squares)
    pre_variance = _covariance(sums.pre_squares, sums.pre, sums.pre, sums.n)
    together = _covariance(sums.products, sums.post, sums.pre, sums.n)
    variance = plain.variance - 2 * theta * together + theta**2 * pre_variance
    checked = Arm.plain(sums.n, plain.mean - theta * sums.pre / sums.n, variance)
    return Arm(
        n=checked.n,
        mean=checked.mean,
        variance=checked.variance,
        base=plain.mean,
        base_variance=plain.variance,
        base_covariance=plain.variance - theta * together,
    )


def stratified(strata: Sequence[tuple[Arm, Arm]]) -> tuple[Arm, Arm]:
    """Both arms weighted to one mix of strata (pairs of control and variant), w = the stratum's share of all units.

    Mean = Σ w mean, Var(mean) = Σ w² variance ÷ n (post-stratification; Miratrix, Sekhon, Yu 2013). Removes the noise of strata
    that happen to be split unevenly.
    """
    if not strata:
        raise BadSample("There are no strata.", "Give one pair of arms per stratum.")
    sizes = np.array([control.n + variant.n for control, variant in strata], float)
    weights = sizes / sizes.sum()
    return _weighted([pair[0] for pair in strata], weights), _weighted([pair[1] for pair in strata], weights)


def _weighted(arms: Sequence[Arm], weights: FloatArray) -> Arm:
    n = sum(arm.n for arm in arms)
    square = weights**2 * n / np.array([arm.n for arm in arms])
    column = {name: np.array([getattr(arm, name) for arm in arms]) for name in Arm.__dataclass_fields__}
    return Arm(
        n=n,
        mean=float(weights @ column["mean"]),
        variance=float(square @ column["variance"]),
        base=float(weights @ column["base"]),
        base_variance=float(square @ column["base_variance"]),
        base_covariance=float(square @ column["base_covariance"]),
    )


def _covariance(products: float, left: float, right: float, n: int) -> float:
    return (products - left * right / n) / (n - 1)


def _check_count(n: int) -> None:
    if n < 2:
        raise BadSample(f"An arm holds {n} units; at least 2 are needed.", "Wait until more people were seen.")


def _values(values: ArrayLike) -> FloatArray:
    numbers = np.asarray(values, float).ravel()
    _check_count(len(numbers))
    if not np.isfinite(numbers).all():
        raise BadSample("A value is not a number.", "Give 0 for units that bought nothing, and leave out unknown ones.")
    return numbers
