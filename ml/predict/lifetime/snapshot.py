"""Customers as they stood on a day, with the probability models fitted to what was known then."""

from typing import NamedTuple

import numpy as np

from ml.errors import TooFewCustomers, TooShort
from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import expected_purchases, fit_bgnbd
from ml.predict.lifetime.futures import Spending
from ml.predict.lifetime.gamma_gamma import GammaGamma, expected_spend, fit_gamma_gamma
from ml.predict.lifetime.purchases import Purchases
from ml.predict.lifetime.summary import RfmSummary, summarise_customers

FEWEST_CUSTOMERS = 50
FEWEST_REPEATERS = 20
FEWEST_DAYS = 60
MOST_FOR_SPEND = 15_000  # three parameters are known to a hundredth from so many


class Snapshot(NamedTuple):
    """Customers as they stood on a day, and what the probability models make of them."""

    purchases: Purchases
    summary: RfmSummary
    models: Spending


def take_snapshot(purchases: Purchases, *, day: int | None = None, seed: int = 0) -> Snapshot:
    """What was known at the end of `day` (the last day where not given), with BG/NBD and Gamma-Gamma fitted to it.

    Raises `TooShort` below 60 days, `TooFewCustomers` below 50 customers or 20 who came back: habits cannot be told then.
    """
    known = purchases if day is None else purchases.until(day)
    check_enough(known)
    summary = summarise_customers(known)
    return Snapshot(known, summary, Spending(fit_bgnbd(summary), _fit_worth(summary, seed)))


def check_enough(purchases: Purchases) -> None:
    """Raises `TooShort` or `TooFewCustomers` where the history cannot carry a prediction."""
    if purchases.customers < FEWEST_CUSTOMERS:
        raise TooFewCustomers(purchases.customers, FEWEST_CUSTOMERS)
    if purchases.span_days < FEWEST_DAYS:
        raise TooShort(purchases.span_days, FEWEST_DAYS)
    count = np.bincount(purchases.customer, minlength=purchases.customers)
    if (count > 1).sum() < FEWEST_REPEATERS:
        raise TooFewCustomers(int((count > 1).sum()), FEWEST_REPEATERS, "customers who came back")


def _fit_worth(summary: RfmSummary, seed: int) -> GammaGamma:
    rows = np.flatnonzero(summary.spend > 0)
    if len(rows) > MOST_FOR_SPEND:
        rows = np.random.default_rng(seed).choice(rows, MOST_FOR_SPEND, replace=False)
    return fit_gamma_gamma(summary.frequency[rows] + 1, summary.spend[rows])


def probability_value(snapshot: Snapshot, days: int) -> FloatArray:
    """Undiscounted value (n,) in currency units over the next `days` days: expected purchases × expected spend."""
    buying, worth = snapshot.models
    order_value = expected_spend(worth, snapshot.summary.frequency + 1, snapshot.summary.spend)
    return expected_purchases(buying, snapshot.summary, days) * order_value
