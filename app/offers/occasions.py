"""Occasions on which an offer was shown, and whether it was taken: what the choice of the next offer is learnt from."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log1p, nan, sqrt
from uuid import UUID

ANSWERED_WITHIN = timedelta(days=14)
NO_OFFER = ""
# Under these names it is told that somebody was shown no offer on purpose.
NO_OFFER_NAMES = frozenset({"", "none", "no offer"})
NORMAL_90 = 1.2816
FEATURES = ("log_orders", "log_days_since_last_order", "log_order_value")
Told = tuple[UUID, datetime, str, str]
Order = tuple[UUID, datetime, int]


@dataclass(frozen=True)
class Occasion:
    """A customer saw an offer, or none on purpose (`NO_OFFER`), and took it or not within two weeks."""

    customer_id: UUID
    at: datetime
    offer: str
    is_taken: bool


def occasions(told: Sequence[Told], orders: Sequence[Order], *, now: datetime) -> list[Occasion]:
    """In the order of time. Showings younger than two weeks do not count yet, whether they were taken or not.

    Who was shown no offer (“none”) counts as having taken it where an order followed within two weeks: they bought anyway.
    """
    bought: dict[UUID, list[datetime]] = {}
    for customer, at, _ in orders:
        bought.setdefault(customer, []).append(at)
    open_: dict[tuple[UUID, str], list[int]] = {}
    shown: list[tuple[UUID, datetime, str]] = []
    taken: set[int] = set()
    for customer, at, kind, named in told:
        name = NO_OFFER if named.strip().lower() in NO_OFFER_NAMES else named
        if kind == "offer_shown":
            open_.setdefault((customer, name), []).append(len(shown))
            shown.append((customer, at, name))
            continue
        waiting = open_.get((customer, name), [])
        if waiting and at - shown[waiting[-1]][1] <= ANSWERED_WITHIN:
            taken.add(waiting.pop())
    found = [
        Occasion(
            customer, at, name, _bought_after(bought.get(customer, []), at) if name == NO_OFFER else number in taken
        )
        for number, (customer, at, name) in enumerate(shown)
        if now - at >= ANSWERED_WITHIN
    ]
    return sorted(found, key=lambda one: (one.at, one.customer_id))


def _bought_after(orders: list[datetime], at: datetime) -> bool:
    place = bisect_left(orders, at)
    return place < len(orders) and orders[place] - at <= ANSWERED_WITHIN


class Habits:
    """What was known of a customer's orders at a moment, as numbers to learn from."""

    def __init__(self, orders: Sequence[Order]) -> None:
        """`orders` by customer and time."""
        self._of: dict[UUID, tuple[list[datetime], list[int]]] = {}
        for customer, at, micros in orders:
            days, sums = self._of.setdefault(customer, ([], [0]))
            days.append(at)
            sums.append(sums[-1] + micros)

    def at(self, customer: UUID, moment: datetime) -> tuple[float, float, float]:
        """Orders so far, days since the last one, and value of an order in units, as logarithms; unknown before the first one."""
        days, sums = self._of.get(customer, ([], [0]))
        orders = bisect_left(days, moment)
        if not orders:
            return (0.0, nan, nan)
        idle_days = (moment - days[orders - 1]).total_seconds() / 86_400
        return (log1p(orders), log1p(max(idle_days, 0.0)), log1p(sums[orders] / orders / 1e6))


def acceptance(shown: int, taken: int) -> tuple[float, float, float] | None:
    """Taken ÷ shown with its 80 % Wilson range, which holds at 0 and for few showings too; None before anybody saw the offer.

    Source: Wilson 1927, JASA 22: (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) ÷ (1 + z²/n).
    """
    if not shown:
        return None
    rate, spread = min(taken / shown, 1.0), NORMAL_90**2 / shown
    middle, half = rate + spread / 2, NORMAL_90 * sqrt(rate * (1 - rate) / shown + spread / (4 * shown))
    low, high = (middle - half) / (1 + spread), (middle + half) / (1 + spread)
    return rate, max(min(low, rate), 0.0), min(max(high, rate), 1.0)
