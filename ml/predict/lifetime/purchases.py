"""The input: purchases of customers, one row per customer and day of purchase, after refunds and oddities are settled.

`purchases_from_columns` reads an import; `Purchases.until` looks at it as it stood on an earlier day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import BadFrame, BadOption
from ml.frames import FIRST_DAY, LAST_DAY, DayArray, FloatArray

LARGEST_AMOUNT = 1e12
OUTLIER_RATIO = (
    1000.0  # an order a thousand times the median is a typing error or another currency more often than a sale
)

SMALLEST_VALUE = 1e-12

IntArray: TypeAlias = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Purchases:
    """m purchases of n customers up to and including the day `as_of`, sorted by customer and day, one row per pair.

    `ids` (n,) the customers' own ids; `customer` (m,) rows of `ids`; `day` (m,) days since 1970-01-01, `as_of` likewise;
    `value` (m,) currency units ≥ 0, what was bought on that day net of that day's refunds; `refund` (n,) ≥ 0, refunds of
    other days. Later refunds lower the customer's average, they do not undo that there was a purchase.
    """

    ids: NDArray[np.str_]
    customer: IntArray
    day: IntArray
    value: FloatArray
    refund: FloatArray
    as_of: int
    warnings: tuple[str, ...] = ()

    @property
    def customers(self) -> int:
        return len(self.ids)

    @property
    def first_day(self) -> IntArray:
        """(n,) day of each customer's first purchase."""
        return self.day[self._starts()]

    @property
    def span_days(self) -> int:
        """Days from the first purchase of all to `as_of`."""
        return int(self.as_of - self.day.min()) if len(self.day) else 0

    def until(self, day: int) -> "Purchases":
        """What was known at the end of `day`: its customers only. Refunds of a customer are kept in proportion to the value."""
        kept = self.day <= day
        known, customer = np.unique(self.customer[kept], return_inverse=True)
        before = np.bincount(customer, self.value[kept], len(known))
        share = before / np.maximum(np.bincount(self.customer, self.value, self.customers)[known], SMALLEST_VALUE)
        return replace(
            self,
            ids=self.ids[known],
            customer=customer.astype(np.int64),
            day=self.day[kept],
            value=self.value[kept],
            refund=self.refund[known] * share,
            as_of=int(day),
        )

    def known_at(self, day: int) -> NDArray[np.bool_]:
        """(n,) whether a customer had bought by the end of `day`: the rows that `until` keeps."""
        return self.first_day <= day

    def _starts(self) -> IntArray:
        return np.flatnonzero(np.diff(self.customer, prepend=-1)).astype(np.int64)


class _Lines(NamedTuple):
    """Lines of an import that count: row of the customer, day and amount, (m,) each."""

    customer: IntArray
    day: IntArray
    amount: FloatArray


def purchases_from_columns(
    customer: Sequence[object] | NDArray[np.generic], on: ArrayLike, amount: ArrayLike, *, as_of: object = None
) -> Purchases:
    """Purchases from three columns of m rows: the customer's id, the day (ISO text, date or datetime64), the amount.

    Amounts are currency units; a negative one is a refund. Rows of one customer and day are one purchase with the net sum;
    a day whose refunds eat up its sales is no purchase, and what is below zero counts as a refund. An amount of zero without
    a refund (a voucher, a sample) is a purchase of no value. Rows after `as_of` (the last
    day of the data where not given) are left out, with a warning. O(m log m).

    Raises `BadFrame` for columns of different length, an unreadable or impossible day, an amount that is not a number or
    beyond 1e12, an empty id, or where no purchase is left; `BadOption` for an unreadable `as_of`. Source: the calibration
    summary of Fader & Hardie, “Implementing the BG/NBD model”, which counts days of purchase and not orders.

    >>> purchases_from_columns(["a", "a", "b"], ["2026-01-01", "2026-01-01", "2026-01-05"], [10, 5, 7]).value.tolist()
    [15.0, 7.0]
    """
    names, days, amounts = _checked_columns(customer, on, amount)
    end = int(days.max()) if as_of is None else _day_number(as_of)
    late = days > end
    ids, index = np.unique(names[~late], return_inverse=True)
    lines = _Lines(index.astype(np.int64), days[~late], amounts[~late])
    purchases = _settled(ids, lines, end)
    notes = (
        *_note(int(late.sum()), "rows are dated after the last day that counts, and are left out"),
        *_oddities(lines),
    )
    return replace(purchases, warnings=(*notes, *_outliers(purchases.value)))


def _checked_columns(
    customer: object, on: ArrayLike, amount: ArrayLike
) -> tuple[NDArray[np.str_], IntArray, FloatArray]:
    names = np.asarray(customer).astype(str)
    days, amounts = _day_numbers(on), _numbers(amount)
    if not names.shape == days.shape == amounts.shape or names.ndim != 1:
        raise BadFrame(
            "Customers, days and amounts differ in length.", "Give one customer, day and amount per purchase."
        )
    if not len(names):
        raise BadFrame("There are no purchases.", "Import orders with a customer, a day and an amount.")
    _refuse(names == "", "the customer is empty.", "Give every purchase a customer.")
    _refuse(~np.isfinite(amounts), "the amount is not a number.", "Correct the amount, or leave the row out.")
    _refuse(
        np.abs(amounts) > LARGEST_AMOUNT,
        "the amount is beyond 1,000,000,000,000.",
        "Check the currency and the separator.",
    )
    first, last = (int(limit.astype("datetime64[D]").astype(np.int64)) for limit in (FIRST_DAY, LAST_DAY))
    _refuse((days < first) | (days > last), "the day is missing or impossible.", "Use a date such as 2026-03-31.")
    return names, days, amounts


def _day_numbers(on: ArrayLike) -> IntArray:
    try:
        return np.asarray(on, "datetime64[D]").astype(np.int64)
    except (ValueError, TypeError) as unreadable:
        raise BadFrame(f"A day cannot be read: {unreadable}.", "Use dates such as 2026-03-31.") from unreadable


def _numbers(amount: ArrayLike) -> FloatArray:
    try:
        return np.asarray(amount, float)
    except (ValueError, TypeError) as unreadable:
        raise BadFrame(
            f"An amount cannot be read: {unreadable}.", "Use numbers without a currency sign."
        ) from unreadable


def _day_number(as_of: object) -> int:
    try:
        day = int(np.datetime64(as_of, "D").astype(np.int64))  # type: ignore[call-overload]  # any form of a day is tried
    except (ValueError, TypeError) as unreadable:
        raise BadOption(f"“{as_of}” is not a day.", "Use a date such as 2026-03-31.") from unreadable
    if day == np.iinfo(np.int64).min:
        raise BadOption("The last day is missing.", "Use a date such as 2026-03-31.")
    return day


def _refuse(bad: NDArray[np.bool_], detail: str, hint: str) -> None:
    if bad.any():
        raise BadFrame(detail, hint, row=int(np.argmax(bad)) + 1)


def _settled(ids: NDArray[np.str_], lines: _Lines, end: int) -> Purchases:
    order = np.lexsort((lines.day, lines.customer))
    customer, day, amount = lines.customer[order], lines.day[order], lines.amount[order]
    fresh = np.flatnonzero((np.diff(customer, prepend=-1) != 0) | (np.diff(day, prepend=-1) != 0))
    net = np.add.reduceat(amount, fresh) if len(fresh) else amount
    customer, day = customer[fresh], day[fresh]
    refunded = np.logical_or.reduceat(amount < 0, fresh) if len(fresh) else amount < 0
    bought = (net > 0) | ((net == 0) & ~refunded)
    if not (net > 0).any():
        raise BadFrame("No purchase has an amount above zero.", "Check the sign of the amounts and the last day.")
    refund = np.bincount(customer[~bought], -net[~bought], len(ids))
    known, rows = np.unique(customer[bought], return_inverse=True)
    return Purchases(ids[known], rows.astype(np.int64), day[bought], net[bought], refund[known], end)


def _oddities(lines: _Lines) -> tuple[str, ...]:
    refunds = _note(int((lines.amount < 0).sum()), "rows are refunds, and lower what the customer spends on average")
    return refunds + _note(
        int((lines.amount == 0).sum()), "rows have an amount of zero, and count as purchases of no value"
    )


def largest_plausible(value: FloatArray) -> float:
    """A thousand times the usual purchase, currency units, of those that brought anything; infinite where none did."""
    paid = value[value > 0]
    return OUTLIER_RATIO * float(np.median(paid)) if len(paid) else np.inf


def _outliers(value: FloatArray) -> tuple[str, ...]:
    found = int((value > largest_plausible(value)).sum())
    return _note(found, "purchases exceed the usual one a thousand times, and are cut to that for the average spend")


def _note(count: int, what: str) -> tuple[str, ...]:
    return (f"{count:,} {what}.",) if count else ()


def day_of(number: int) -> DayArray:
    """The day `number` days after 1970-01-01, as a datetime64[D] scalar array."""
    return np.asarray(number).astype("datetime64[D]")
