"""The order book that the fakes of revenue sources tell from is the same each time, and keeps its sums."""

from datetime import UTC, date, datetime

from adloom_sdk.testing.orders import OrderBook, Takings
from adloom_sdk.testing.world import Clock, World

WINDOW = date(2026, 9, 1), date(2026, 9, 30)


def book(**options: bool) -> OrderBook:
    return OrderBook(World("shopify", clock=Clock(datetime(2026, 9, 30, 12, tzinfo=UTC), is_frozen=True)), **options)  # type: ignore[arg-type]  # flags only


def total(one: OrderBook, *, settled: bool) -> Takings:
    return sum(one.ledger(one.world.accounts[0], *WINDOW, settled=settled).values(), Takings())


def test_two_books_of_one_seed_are_equal() -> None:
    assert book().ledger(book().world.accounts[1], *WINDOW) == book().ledger(book().world.accounts[1], *WINDOW)


def test_sources_sum_to_the_ledger() -> None:
    one = book()
    by_source = one.by_source(one.world.accounts[0], *WINDOW)
    assert sum(by_source.values(), Takings()) == total(one, settled=False)
    assert len({source for _, source in by_source}) > 3


def test_refunds_take_past_days_down_until_they_are_settled() -> None:
    one = book()
    before = total(one, settled=False).revenue_micros
    one.world.clock.advance(86_400)
    whole = total(one, settled=False)
    one.world.clock.advance(60 * 86_400)
    assert total(one, settled=False) == total(one, settled=True)
    assert total(one, settled=True).revenue_micros < whole.revenue_micros
    assert before != whole.revenue_micros


def test_refunds_on_their_own_day_leave_the_day_of_the_order_alone() -> None:
    by_order, by_refund = book(), book(refunds_have_own_day=True)
    account = by_order.world.accounts[0]
    first, last = date(2026, 6, 1), date(2026, 6, 30)
    kept, moved = (one.ledger(account, first, last) for one in (by_order, by_refund))
    assert kept != moved
    assert [one.orders for one in kept.values()] == [one.orders for one in moved.values()]
