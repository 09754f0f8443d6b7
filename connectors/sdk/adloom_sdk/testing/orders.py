"""What the made-up advertiser sold: orders with their refunds, customers and where they came from. A function of world and day.

A day changes after it is over: refunds come up to `REFUND_DAYS` later and count on the day of the order (as shops have it), or
on their own day (as analytics tools have it); where an order came from is known after `SOURCE_KNOWN_AFTER` only. `settled=True` tells what a day will be in the end.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from adloom_sdk.days import each_day, midnight
from adloom_sdk.money import minor_digits
from adloom_sdk.records import AccountStatus
from adloom_sdk.testing.world import World, WorldAccount

REFUND_DAYS = 45
SOURCE_KNOWN_AFTER = timedelta(hours=30)
SOURCES = (
    ("google / cpc", 0.28),
    ("facebook / paid_social", 0.22),
    ("google / organic", 0.18),
    ("newsletter / email", 0.12),
    ("", 0.20),
)
_PRICE_LEVELS = {"JPY": 150.0, "KRW": 1300.0, "KWD": 0.3}
_EDGES = (timedelta(seconds=1), timedelta(seconds=-1))


@dataclass(frozen=True)
class Refund:
    """Money given back, at an instant that may be weeks after the order."""

    at: datetime
    micros: int


@dataclass(frozen=True)
class Order:
    """One order. `position` is its place among the customer's orders, 1 for a new customer, None for a guest nobody knows.

    A cancelled order was never paid: from `cancelled_at` on it counts nothing. A test order never does.
    """

    number: int
    at: datetime
    source: str
    total_micros: int
    position: int | None
    refunds: tuple[Refund, ...] = ()
    cancelled_at: datetime | None = None
    is_test: bool = False

    def refunded_micros(self, now: datetime | None) -> int:
        """What was given back by `now` (None: in the end)."""
        return sum(refund.micros for refund in self.refunds if now is None or refund.at <= now)

    def is_cancelled(self, now: datetime | None) -> bool:
        """Whether it was called off by `now` (None: in the end)."""
        return self.cancelled_at is not None and (now is None or self.cancelled_at <= now)

    def known_source(self, now: datetime | None) -> str:
        """Where it came from, as far as that is known by `now`."""
        return self.source if now is None or now >= self.at + SOURCE_KNOWN_AFTER else ""

    def changed_at(self, now: datetime) -> datetime:
        """When it last changed."""
        instants = [
            self.at,
            *(refund.at for refund in self.refunds),
            *([self.cancelled_at] if self.cancelled_at else []),
        ]
        return max(one for one in instants if one <= now)


@dataclass(frozen=True)
class Takings:
    """What a day brought."""

    revenue_micros: int = 0
    orders: int = 0
    new_customers: int = 0
    returning_customers: int = 0
    sessions: int = 0

    def __add__(self, other: "Takings") -> "Takings":
        return Takings(
            self.revenue_micros + other.revenue_micros,
            self.orders + other.orders,
            self.new_customers + other.new_customers,
            self.returning_customers + other.returning_customers,
            self.sessions + other.sessions,
        )


class OrderBook:
    """Every order of the world's accounts, each account being a shop (or the property that watches it)."""

    def __init__(self, world: World, *, refunds_have_own_day: bool = False) -> None:
        self.world, self.refunds_have_own_day = world, refunds_have_own_day
        self.orders_per_day = world.shape.orders_per_day
        self._began_on = world.began_on
        self._made = lru_cache(maxsize=8192)(self._make_day)

    def orders(self, account: WorldAccount, since: date, until: date, *, settled: bool = False) -> Iterator[Order]:
        """The orders of these days as they came in, test and cancelled ones too; those of the future only when settled."""
        now = self.world.now()
        for day in each_day(since, until):
            for order in self._made(account, day):
                if settled or order.at <= now:
                    yield order

    def by_source(
        self, account: WorldAccount, since: date, until: date, *, settled: bool = False
    ) -> dict[tuple[date, str], Takings]:
        """The truth per day and source, as it is told now or in the end; '' is not known."""
        now = None if settled else self.world.now()
        found: dict[tuple[date, str], Takings] = {}
        for day in each_day(since, until):
            for source, takings in self._visits(account, day, now):
                found[day, source] = found.get((day, source), Takings()) + takings
            for order in self.orders(account, day, day, settled=settled):
                if not order.is_test and not order.is_cancelled(now):
                    key = (day, order.known_source(now))
                    found[key] = found.get(key, Takings()) + self._takings(order, now)
            for source, refunded in self._refunds(account, day, now):
                found[day, source] = found.get((day, source), Takings()) + refunded
        return found

    def ledger(self, account: WorldAccount, since: date, until: date, *, settled: bool = True) -> dict[date, Takings]:
        """The truth per day."""
        found: dict[date, Takings] = {}
        for (day, _), takings in self.by_source(account, since, until, settled=settled).items():
            found[day] = found.get(day, Takings()) + takings
        return found

    def _visits(self, account: WorldAccount, day: date, now: datetime | None) -> Iterator[tuple[str, Takings]]:
        """Sessions per source; before the sources are known, all of them are of none."""
        if account.status is AccountStatus.DISABLED or day < self._began_on:
            return
        begins = midnight(day, account.timezone)
        dice = self._dice(account, day, "visits")
        for source, share in SOURCES:
            sessions = round(self.orders_per_day * 40 * share * (0.8 + 0.4 * dice.random()))
            if now is not None and begins > now:
                continue
            is_known = now is None or now >= begins + timedelta(days=1) + SOURCE_KNOWN_AFTER
            yield (source if is_known else ""), Takings(sessions=sessions)

    def _takings(self, order: Order, now: datetime | None) -> Takings:
        refunded = 0 if self.refunds_have_own_day else order.refunded_micros(now)
        return Takings(
            revenue_micros=order.total_micros - refunded,
            orders=1,
            new_customers=int(order.position == 1),
            returning_customers=int(order.position is not None and order.position > 1),
        )

    def _refunds(self, account: WorldAccount, day: date, now: datetime | None) -> Iterator[tuple[str, Takings]]:
        """What was given back on this day, under the source of the order."""
        if not self.refunds_have_own_day:
            return
        begins, ends = midnight(day, account.timezone), midnight(day + timedelta(days=1), account.timezone)
        for ordered_on in each_day(day - timedelta(days=REFUND_DAYS + 1), day):
            for order in self._made(account, ordered_on):
                for refund in () if order.is_test else order.refunds:
                    if begins <= refund.at < ends and (now is None or refund.at <= now):
                        yield order.known_source(now), Takings(revenue_micros=-refund.micros)

    def _make_day(self, account: WorldAccount, day: date) -> tuple[Order, ...]:
        if account.status is AccountStatus.DISABLED or day < self._began_on:
            return ()
        dice = self._dice(account, day, "orders")
        begins, ends = midnight(day, account.timezone), midnight(day + timedelta(days=1), account.timezone)
        count = round(self.orders_per_day * (0.6 + 0.8 * dice.random()))
        instants = [begins + (ends - begins) * dice.random() for _ in range(max(0, count - len(_EDGES)))]
        # The first and the last second of the day, where a wrong zone or a wrong change of clocks shows at once.
        instants += [begins + _EDGES[0], ends + _EDGES[1]]
        whole = [instant.replace(microsecond=0) for instant in sorted(instants)]
        return tuple(self._order(account, day, index, at, dice) for index, at in enumerate(whole))

    def _order(self, account: WorldAccount, day: date, index: int, at: datetime, dice: random.Random) -> Order:
        unit = 10 ** (6 - minor_digits(account.currency))
        level = _PRICE_LEVELS.get(account.currency, 1.0)
        typical = self.world.shape.order_value * level
        total = round((0.3 + 1.4 * dice.random()) * typical * 1e6 / unit) * unit
        source = dice.choices([name for name, _ in SOURCES], [share for _, share in SOURCES])[0]
        position = dice.choice((1, 1, 1, 2, 3, 5, None))
        fate = dice.random()
        later = at + timedelta(seconds=int(dice.random() * REFUND_DAYS * 86_400))
        refunds: tuple[Refund, ...] = ()
        if fate < 0.06:
            refunds = (Refund(later, total),)
        elif fate < 0.12:
            refunds = (Refund(later, total // unit // 3 * unit), Refund(later + timedelta(hours=5), unit))
        return Order(
            number=int(f"{account.number}{day.toordinal():07d}{index:03d}"),
            at=at,
            source=source,
            total_micros=total,
            position=position,
            refunds=refunds,
            cancelled_at=at + timedelta(hours=3) if 0.12 <= fate < 0.15 else None,
            is_test=0.15 <= fate < 0.18,
        )

    def _dice(self, account: WorldAccount, day: date, what: str) -> random.Random:
        return random.Random(f"{self.world.platform}:{self.world.seed}:{account.number}:{day}:{what}")  # noqa: S311 - the same every time
