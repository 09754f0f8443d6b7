"""What the Shopify connector reads is what the shop sold, whatever happened to the orders since."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from adloom_shopify.connector import Shopify

from adloom_sdk import Checkpoint, Kind, Progress, RevenueDay
from adloom_sdk.testing.bench import Bench
from adloom_sdk.testing.orders import Takings
from adloom_sdk.testing.world import Clock, World
from sandbox.platforms.shopify import Shopify as Fake

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CURRENCIES = ("USD", "EUR", "JPY", "KWD", "KRW")
SPRING, AUTUMN = (date(2026, 3, 6), date(2026, 4, 1)), (date(2026, 10, 20), date(2026, 11, 4))


def bench(currency: str = "EUR", *, shop: str = "", now: datetime = NOW, page_size: int = 250) -> Bench:
    """A shop of this currency, and the connector at it."""
    fake = Fake(World("shopify", clock=Clock(now, is_frozen=True)), page_size=page_size)
    config = {"shop": shop or f"northwind-{currency.lower()}"}
    return Bench(Shopify, fake, config=config, base_url="http://{host}")


def revenue(at: Bench, since: date, until: date, **options: Any) -> list[RevenueDay]:
    found = at.read(Kind.REVENUE, at.account(at.config["shop"][-3:].upper()), since, until, **options)
    return [record for record in found if isinstance(record, RevenueDay)]


def told(records: list[RevenueDay]) -> dict[tuple[date, str], tuple[int, float, int, int]]:
    """The records as a host keeps them: by day and source, the last one wins, those of nothing left out."""
    kept = {(one.day, one.source): one for one in records}
    figures = {
        key: (one.revenue_micros, one.orders or 0.0, one.new_customers or 0, one.returning_customers or 0)
        for key, one in kept.items()
    }
    return {key: value for key, value in figures.items() if any(value)}


def truth(at: Bench, since: date, until: date, *, settled: bool) -> dict[tuple[date, str], tuple[int, float, int, int]]:
    fake = at.fake
    assert isinstance(fake, Fake)
    account = next(one for one in fake.world.accounts if one.name[-3:].lower() == at.config["shop"][-3:])
    book: dict[tuple[date, str], Takings] = fake.book.by_source(account, since, until, settled=settled)
    figures = {
        key: (one.revenue_micros, float(one.orders), one.new_customers, one.returning_customers)
        for key, one in book.items()
    }
    return {key: value for key, value in figures.items() if any(value)}


@pytest.mark.parametrize("currency", CURRENCIES)
@pytest.mark.parametrize("window", [SPRING, AUTUMN], ids=["spring", "autumn"])
def test_revenue_equals_the_order_book_to_the_micro_over_changes_of_clocks(
    currency: str, window: tuple[date, date]
) -> None:
    at = bench(currency, now=datetime(2026, 11, 5, 9, tzinfo=UTC))
    assert told(revenue(at, *window)) == truth(at, *window, settled=False)
    at.fake.world.clock.advance(60 * 86_400)
    assert told(revenue(at, *window)) == truth(at, *window, settled=True)


@pytest.mark.parametrize("page_size", [1, 2, 7, 100])
def test_every_page_size_gives_the_same_days(page_size: int) -> None:
    at = bench(page_size=page_size)
    window = date(2026, 11, 10), date(2026, 11, 20)
    assert told(revenue(at, *window)) == truth(at, *window, settled=False)


def test_a_refund_changes_the_day_of_its_order() -> None:
    at = bench("USD")
    before = told(revenue(at, date(2026, 11, 1), date(2026, 11, 19)))
    at.fake.world.clock.advance(20 * 86_400)
    after = told(revenue(at, date(2026, 11, 1), date(2026, 11, 19)))
    total = sum(figures[0] for figures in before.values())
    assert sum(figures[0] for figures in after.values()) < total


def test_what_moves_from_no_source_to_one_is_not_counted_twice() -> None:
    at = bench("USD")
    window = date(2026, 11, 17), date(2026, 11, 19)
    kept = revenue(at, *window)
    at.fake.world.clock.advance(5 * 86_400)
    kept += revenue(at, *window)
    assert told(kept) == truth(at, *window, settled=False)


def test_days_without_orders_are_told_as_zero() -> None:
    at = bench()
    long_ago = date(2019, 5, 1)
    records = revenue(at, long_ago, long_ago + timedelta(days=2))
    assert [(one.day.day, one.revenue_micros, one.orders) for one in records] == [(1, 0, 0.0), (2, 0, 0.0), (3, 0, 0.0)]


def test_days_to_come_are_not_told() -> None:
    at = bench()
    days = {one.day for one in revenue(at, date(2026, 11, 19), date(2026, 12, 5))}
    assert days == {date(2026, 11, 19), date(2026, 11, 20)}


def test_a_read_goes_on_from_any_checkpoint() -> None:
    at = bench(page_size=5)
    account, window = at.account("EUR"), (date(2026, 11, 1), date(2026, 11, 15))
    whole = told(revenue(at, *window))
    messages = list(at.messages(Kind.REVENUE, account, *window))
    assert sum(isinstance(one, Checkpoint) for one in messages) > 5
    for so_far, state in at.checkpoints(iter(messages)):
        rest = revenue(at, *window, checkpoint=state)
        assert told([one for one in so_far if isinstance(one, RevenueDay)] + rest) == whole


def test_without_the_permission_for_all_orders_old_days_are_left_out_not_zero() -> None:
    at = bench()
    ctx = at.ctx(at.credentials(at.token("read_orders")))
    account, window = at.account("EUR"), (date(2026, 9, 1), date(2026, 9, 30))
    messages = list(at.messages(Kind.REVENUE, account, *window, ctx=ctx))
    days = {one.day for one in revenue(at, *window, ctx=at.ctx(at.credentials(at.token("read_orders"))))}
    assert min(days) == date(2026, 9, 22)
    assert any(isinstance(one, Progress) and "read_all_orders" in one.sentence for one in messages)


def test_the_shop_is_the_one_account() -> None:
    found = bench("JPY").accounts()
    assert [(one.name, one.currency, one.timezone) for one in found] == [("Northwind JPY", "JPY", "Asia/Tokyo")]
