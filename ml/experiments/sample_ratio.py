"""Whether people were split as planned. If not, the test is broken and nothing else that it says counts."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln
from scipy.stats import chi2

from ml.errors import BadOption, BadSample
from ml.experiments.document import Document, plain
from ml.frames import FloatArray

BROKEN_BELOW = 0.01
PRIOR_UNITS = (
    100.0  # the mixture is about as wide as splits seen after a hundred units: it finds gross faults within days
)


@dataclass(frozen=True)
class SampleRatio:
    """`p_value` of one look (χ²), `sequential_p` valid at daily looks; broken where the latter is below 1 %."""

    p_value: float
    sequential_p: float
    expected: tuple[float, ...]
    broken: bool

    def to_dict(self) -> Document:
        return plain(self)


def check_sample_ratio(units: Sequence[int], weights: Sequence[float]) -> SampleRatio:
    """Compare `units` per arm with planned `weights` (any positive scale).

    One look: χ² = Σ (n_i − N w_i)² ÷ (N w_i) with k − 1 degrees. Daily looks: the Bayes factor of a Dirichlet(100 w) mixture
    over splits against the planned one, p = min(1, 1 ÷ factor), a supermartingale under the plan (Lindon & Malek 2022).
    Raises `BadOption` for weights that are no split, `BadSample` for negative or no units.
    """
    counts, shares = _checked(units, weights)
    expected = counts.sum() * shares
    statistic = float(((counts - expected) ** 2 / expected).sum())
    sequential = float(np.exp(-max(_log_factor(counts, shares), 0.0)))
    return SampleRatio(
        p_value=float(chi2.sf(statistic, len(counts) - 1)),
        sequential_p=sequential,
        expected=tuple(float(value) for value in expected),
        broken=sequential < BROKEN_BELOW,
    )


def _log_factor(counts: FloatArray, shares: FloatArray) -> float:
    prior = PRIOR_UNITS * shares
    mixture = gammaln(prior.sum()) - gammaln(prior.sum() + counts.sum())
    mixture += (gammaln(prior + counts) - gammaln(prior)).sum()
    return float(mixture - counts @ np.log(shares))


def _checked(units: Sequence[int], weights: Sequence[float]) -> tuple[FloatArray, FloatArray]:
    counts, parts = np.asarray(units, float), np.asarray(weights, float)
    if len(counts) != len(parts) or len(counts) < 2 or not (np.isfinite(parts) & (parts > 0)).all():
        raise BadOption("The planned split does not fit the arms.", "Give one share above 0 per arm.")
    if not (np.isfinite(counts) & (counts >= 0)).all() or counts.sum() == 0:
        raise BadSample("The numbers of units are no counts, or all 0.", "Count the people of every arm.")
    return counts, parts / parts.sum()
