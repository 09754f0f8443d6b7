"""Simulated futures of customers: how far their value may lie from its expectation, for each and for all together."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from ml.errors import BadOption
from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import BgNbd, p_alive
from ml.predict.lifetime.gamma_gamma import GammaGamma
from ml.predict.lifetime.summary import RfmSummary

CHUNK = 50_000
SMALLEST_LEAVING = 1e-9
LOW, HIGH = 0.1, 0.9


class Spending(NamedTuple):
    """A pair of models: how often customers buy, and what a purchase is worth."""

    buying: BgNbd
    worth: GammaGamma


@dataclass(frozen=True, eq=False)
class ValueRange:
    """80 % ranges of value in currency units: `low`, `high` (n,) per customer, `totals` (S,) of all customers per draw."""

    low: FloatArray
    high: FloatArray
    totals: FloatArray


def value_range(
    models: Spending, summary: RfmSummary, days: float, *, weight: FloatArray, draws: int, seed: int
) -> ValueRange:
    """What n customers may spend in the next `days` days: the 10 % and 90 % quantiles of S = `draws` simulated futures, or
    0 and the 80 % quantile where nothing is likely enough.

    Each draw takes parameters from the Laplace posteriors, then per customer: alive ~ Bernoulli(P(alive)),
    N = min(NB(r+x, A/(A+t)), Geometric(p)) with A = α+T and p ~ Beta(a, b+x), and the sum of N purchases ~ Gamma(pN, ν) with
    ν ~ Gamma(q + p(x+1), v + (x+1)·m), times `weight` (n,) of a unit spent (margin and discount). Not the range of an
    expectation: it is where a customer's own value is to be found in 8 of 10 cases. Raises `BadOption` below 40 draws.
    """
    if draws < 40:
        raise BadOption(f"{draws} draws are too few for a range.", "Use 40 or more.")
    rng = np.random.default_rng(seed)
    taken = [Spending(models.buying.draw(rng), models.worth.draw(rng)) for _ in range(draws)]
    low, high, totals = np.zeros(summary.customers), np.zeros(summary.customers), np.zeros(draws)
    for start in range(0, summary.customers, CHUNK):
        rows = np.arange(start, min(start + CHUNK, summary.customers))
        values = _futures(taken, summary.rows(rows), days, weight[rows], rng)
        totals += values.sum(0)
        low[rows], high[rows] = _quantiles(values)
    return ValueRange(low, high, totals)


def _futures(
    taken: list[Spending], summary: RfmSummary, days: float, weight: FloatArray, rng: np.random.Generator
) -> FloatArray:
    values = np.zeros((summary.customers, len(taken)))
    for column, models in enumerate(taken):
        who, count = _counts(models.buying, summary, days, rng)
        values[who, column] = weight[who] * _sums(models.worth, summary, who, count, rng)
    return values


def _counts(
    model: BgNbd, summary: RfmSummary, days: float, rng: np.random.Generator
) -> tuple[np.ndarray[tuple[int], np.dtype[np.int64]], FloatArray]:
    """Rows that buy again, and how often."""
    alive = np.flatnonzero(rng.random(summary.customers) < p_alive(model, summary))
    shape = model.r + summary.frequency[alive]
    means = rng.standard_gamma(shape) / (model.alpha + summary.age[alive]) * (days / model.unit_days)
    bought = rng.poisson(np.minimum(means, 1e9))
    again = bought > 0
    who, bought = alive[again], bought[again]
    leaving = np.maximum(rng.beta(model.a, model.b + summary.frequency[who]), SMALLEST_LEAVING)
    return who, np.minimum(bought, rng.geometric(leaving)).astype(float)


def _sums(
    model: GammaGamma,
    summary: RfmSummary,
    who: np.ndarray[tuple[int], np.dtype[np.int64]],
    count: FloatArray,
    rng: np.random.Generator,
) -> FloatArray:
    x = summary.frequency[who] + 1.0
    nu = rng.standard_gamma(model.q + model.p * x) / (model.v + x * summary.spend[who])
    return np.asarray(rng.standard_gamma(model.p * count) / nu)


def _quantiles(values: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The 10 % and 90 % order statistics of each row, or 0 and the 80 % one where the lower is 0; reorders `values`."""
    last = values.shape[1] - 1
    lower, one_sided, upper = (round(level * last) for level in (LOW, HIGH - LOW, HIGH))
    values.partition([lower, one_sided, upper], axis=1)
    low = values[:, lower].copy()
    return low, np.where(low > 0, values[:, upper], values[:, one_sided])
