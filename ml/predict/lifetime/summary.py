"""Recency, frequency, age and spend of every customer on a given day, and what they bought after it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import BadFrame, BadOption
from ml.frames import FloatArray
from ml.predict.lifetime.purchases import Purchases, largest_plausible

DAYS_PER_WEEK = 7.0


@dataclass(frozen=True, eq=False)
class RfmSummary:
    """n customers on one day; times in units of `unit_days` days.

    `frequency` x (n,) days of purchase after the first; `recency` t_x (n,) from the first to the last purchase; `age` T (n,)
    from the first purchase to that day; `spend` (n,) average of a purchase, refunds taken off, ≥ 0 in currency units.
    """

    frequency: FloatArray
    recency: FloatArray
    age: FloatArray
    spend: FloatArray
    unit_days: float = DAYS_PER_WEEK

    @property
    def customers(self) -> int:
        return len(self.frequency)

    @property
    def repeaters(self) -> int:
        return int((self.frequency > 0).sum())

    def rows(self, kept: NDArray[np.bool_] | NDArray[np.int64]) -> "RfmSummary":
        """The customers of a mask or an index."""
        return RfmSummary(self.frequency[kept], self.recency[kept], self.age[kept], self.spend[kept], self.unit_days)


def rfm_from_columns(
    frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, spend: ArrayLike | None = None, *, unit_days: float = 7.0
) -> RfmSummary:
    """A summary that was made elsewhere; arrays (n,) as in `RfmSummary`, spend 0 where not given.

    Raises `BadFrame` for unequal lengths, values that are negative or no numbers, a frequency that is not whole, a recency
    beyond the age, or a recency without a repeat purchase (or the other way round); `BadOption` for a unit of no length.
    """
    x, t_x, T = (np.asarray(column, float) for column in (frequency, recency, age))
    value = np.zeros_like(x) if spend is None else np.asarray(spend, float)
    if not (np.isfinite(unit_days) and unit_days > 0):
        raise BadOption(f"A unit of {unit_days} days is not possible.", "Use 7 for weeks or 1 for days.")
    if not x.shape == t_x.shape == T.shape == value.shape or x.ndim != 1 or not len(x):
        raise BadFrame("The columns differ in length or are empty.", "Give one value per customer.")
    stacked = np.stack([x, t_x, T, value])
    bad = ~np.isfinite(stacked).all(0) | (stacked < 0).any(0) | (x != np.floor(x)) | (t_x > T) | ((x > 0) != (t_x > 0))
    if bad.any():
        raise BadFrame(
            "the customer's figures contradict each other.", "Recency is at most the age.", row=int(np.argmax(bad)) + 1
        )
    return RfmSummary(x, t_x, T, value, float(unit_days))


def summarise_customers(purchases: Purchases, *, unit_days: float = 7.0) -> RfmSummary:
    """The customers of `purchases` on its day `as_of`, (n,) arrays in the order of `purchases.ids`. O(m).

    x = days of purchase − 1, t_x = (last − first) ÷ unit, T = (as_of − first) ÷ unit, spend = max(Σvalue − refunds, 0) ÷ (x + 1).
    Source: Fader, Hardie & Lee 2005, “Counting your customers the easy way”, § 4.
    """
    n = purchases.customers
    count = np.bincount(purchases.customer, minlength=n)
    last = purchases.day[np.cumsum(count) - 1]
    first = purchases.first_day
    value = np.minimum(purchases.value, largest_plausible(purchases.value))
    spent = np.maximum(np.bincount(purchases.customer, value, n) - purchases.refund, 0.0)
    return RfmSummary(
        frequency=(count - 1).astype(float),
        recency=(last - first) / unit_days,
        age=(purchases.as_of - first) / unit_days,
        spend=spent / count,
        unit_days=unit_days,
    )


@dataclass(frozen=True, eq=False)
class Outcome:
    """What n customers did within a window of days: `purchases` (n,) days of purchase and `value` (n,) in currency units."""

    purchases: FloatArray
    value: FloatArray


def outcome_after(purchases: Purchases, day: int, days: int) -> Outcome:
    """What the customers known on `day` bought in the `days` days after it, in the order of `purchases.until(day).ids`."""
    inside = (purchases.day > day) & (purchases.day <= day + days)
    known = purchases.known_at(day)
    count = np.bincount(purchases.customer[inside], minlength=purchases.customers)
    value = np.bincount(purchases.customer[inside], purchases.value[inside], purchases.customers)
    return Outcome(np.asarray(count[known], float), np.asarray(value[known], float))
