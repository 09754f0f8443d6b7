"""What the customers who were known on a day really did after it, to score what was said of them all."""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from app.customers.queries import purchases
from app.predictions.customer_history import day_begins


@dataclass(frozen=True)
class CustomersSince:
    """Of the `known` customers who had ordered before `since`: what they spent until the window's end, and how many did nothing.

    `last_day` is the newest day with an order of anybody, up to the end of the window; None without orders.
    """

    known: int
    value_micros: int
    silent: int
    last_day: date | None


def customers_since(session: Session, *, since: date, until: date, timezone: str) -> CustomersSince:
    """Look at the orders of both days and of those between, on the workspace's clock, less what was refunded until then."""
    begin, zone = day_begins(since, timezone), ZoneInfo(timezone)
    rows = purchases(session, until=day_begins(until + timedelta(days=1), timezone))
    known: set[UUID] = {customer for customer, when, _ in rows if when < begin}
    spent: dict[UUID, int] = {}
    for customer, when, micros in rows:
        if when >= begin and customer in known:
            spent[customer] = spent.get(customer, 0) + micros
    last = max((when for _, when, _ in rows), default=None)
    return CustomersSince(
        known=len(known),
        value_micros=sum(spent.values()),
        silent=len(known) - len(spent),
        last_day=None if last is None else last.astimezone(zone).date(),
    )
