"""Cohorts with known truth: customers who buy and leave as BG/NBD says, or whose habits hang on a feature it does not see."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadOption
from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import BgNbd
from ml.predict.lifetime.purchases import IntArray, Purchases

EPOCH_DAY = 20089  # 2025-01-01
MOST_PER_CUSTOMER = 400
SMALLEST_RATE = 1e-300


@dataclass(frozen=True, eq=False)
class Cohort:
    """Simulated customers: their purchases, and the truth behind them, (n,) each in the order of `purchases.ids`.

    `rate` purchases per unit of time, `leaving` the probability to leave after a purchase, `spend` the mean purchase.
    """

    purchases: Purchases
    rate: FloatArray
    leaving: FloatArray
    spend: FloatArray


def simulate_cohort(
    truth: BgNbd,
    *,
    customers: int,
    days: int,
    joining_days: int,
    seed: int,
    spend: tuple[float, float, float] = (6.0, 4.0, 15.0),
    rate_factor: FloatArray | None = None,
) -> Cohort:
    """`customers` who make their first purchase on a uniform day of the first `joining_days` and are watched for `days` days.

    λ ~ Gamma(r, α), p ~ Beta(a, b); waiting times are exponential(λ) and continue until the customer leaves, with
    probability p after each repeat purchase. `spend` (p, q, v): a purchase ~ Gamma(p, ν), ν ~ Gamma(q, v), currency units.
    `rate_factor` (n,) multiplies each λ. Raises `BadOption` where nobody can join or be watched.
    """
    if not (customers >= 1 and 1 <= joining_days <= days):
        raise BadOption("Nobody could join within these days.", "Use one customer or more and joining_days ≤ days.")
    rng = np.random.default_rng(seed)
    per_unit = np.maximum(rng.gamma(truth.r, 1 / truth.alpha, customers), SMALLEST_RATE)
    rate = per_unit / truth.unit_days * (1.0 if rate_factor is None else rate_factor)
    leaving = rng.beta(truth.a, truth.b, customers)
    mean_spend = spend[0] / rng.gamma(spend[1], 1 / spend[2], customers)
    joined = rng.integers(0, joining_days, customers)
    customer, day = _purchase_days(rng, rate, leaving, joined, days)
    value = rng.gamma(spend[0], mean_spend[customer] / spend[0]) + 0.01
    kept = np.r_[True, (np.diff(customer) != 0) | (np.diff(day) != 0)]
    width = len(str(customers))
    ids = np.char.zfill(np.arange(customers).astype(str), width)
    purchases = Purchases(
        ids, customer[kept], day[kept] + EPOCH_DAY, value[kept], np.zeros(customers), EPOCH_DAY + days
    )
    return Cohort(purchases, rate * truth.unit_days, leaving, mean_spend)


def _purchase_days(
    rng: np.random.Generator, rate: FloatArray, leaving: FloatArray, joined: NDArray[np.int64], days: int
) -> tuple[IntArray, IntArray]:
    active = np.arange(len(rate))
    at = joined + rng.random(len(rate))
    who, when = [active], [at]
    for _ in range(MOST_PER_CUSTOMER):
        at = at + rng.exponential(1.0, len(active)) / rate[active]
        bought = at < days + 1
        active, at = active[bought], at[bought]
        who.append(active)
        when.append(at)
        stays = rng.random(len(active)) >= leaving[active]
        active, at = active[stays], at[stays]
        if not len(active):
            break
    customer, day = np.concatenate(who), np.floor(np.concatenate(when)).astype(np.int64)
    order = np.lexsort((day, customer))
    return customer[order].astype(np.int64), day[order]
