"""The truth of revenue sources: a fake of a shop or an analytics property keeps its orders in `book`, an `OrderBook`."""

from datetime import date

from adloom_sdk.records import Account, RevenueDay
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.kit.rig import Failed, Found
from adloom_sdk.testing.orders import OrderBook, Takings

_FIELDS = ("revenue_micros", "orders", "new_customers", "returning_customers", "sessions")


def revenue_difference(bench: Bench, account: Account, found: Found, since: date, until: date, *, settled: bool) -> str:
    """The first day and field in which revenue days differ from the order book, '' where none does."""
    ledger = _ledger(bench, account, since, until, settled=settled)
    rows = [record for record in found.values() if isinstance(record, RevenueDay)]
    for field in _FIELDS:
        told = [row for row in rows if getattr(row, field) is not None]
        if rows and not told:
            continue
        sums: dict[date, float] = {}
        for row in told:
            sums[row.day] = round(sums.get(row.day, 0) + getattr(row, field), 6)
        for day in {**ledger, **sums}:
            wanted = getattr(ledger.get(day, Takings()), field)
            if sums.get(day, 0) != wanted:
                return f"{field} of {day} is {sums.get(day, 0)}, and should be {wanted}"
    return ""


def _ledger(bench: Bench, account: Account, since: date, until: date, *, settled: bool) -> dict[date, Takings]:
    book = getattr(bench.fake, "book", None)
    if not isinstance(book, OrderBook):
        raise Failed("The fake of a revenue source needs an OrderBook in its attribute `book`.")
    own = bench.fake.world.account(bench.fake.undressed(account.id))
    if own is None:
        raise Failed(f"The fake has no account {account.id}: let `undressed` turn shown ids into the world's.")
    return book.ledger(own, since, until, settled=settled)
