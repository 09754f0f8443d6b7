"""What Shopify's replies may look like on odd days, and its call budget, which is counted in points and not in calls."""

from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest
from adloom_shopify import mapping, refusals, wire
from adloom_shopify.connector import Shopify

from adloom_sdk import Account, Reply, errors
from adloom_sdk.revenue import RevenueTally
from tests.connectors.replay import Answer, Outcome, read
from tests.connectors.shopify.test_reading import bench, revenue, told, truth

DAY = "2026-10-01"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adloom_sdk.http._pause_s", lambda _attempt: 0.0)


def money(amount: Any, currency: str | None = "USD") -> dict[str, Any]:
    return {"shopMoney": {"amount": amount, "currencyCode": currency}}


def order(number: int, total: Any, *, day: str = DAY, **fields: Any) -> dict[str, Any]:
    made = {"id": f"gid://shopify/Order/{number}", "createdAt": f"{day}T10:00:00Z", "totalPriceSet": total}
    return made | fields


def page(*orders: dict[str, Any], after: str | None = None, info: Any = ...) -> dict[str, Any]:
    told = {"hasNextPage": after is not None, "endCursor": after} if info is ... else info
    return {"data": {"orders": {"nodes": list(orders), "pageInfo": told}}}


def read_orders(*pages: dict[str, Any], since: str = DAY, until: str = DAY) -> Outcome:
    answers = [Answer(path="/graphql.json", body=one, times=1) for one in pages[:-1]]
    # The first call asks for the shop, and gets what is not one.
    shop = Answer(path="/graphql.json", body={"data": {}}, times=1)
    return read("shopify", "s", since, until, [shop, *answers, Answer(path="/graphql.json", body=pages[-1])])


def test_amounts_keep_the_currency_in_which_shopify_tells_them() -> None:
    done = read_orders(page(order(1, money("12.345", "KWD")), order(2, money(0.655, "KWD"))))
    assert [(one["currency"], one["revenue_micros"]) for one in done.rows] == [("KWD", 13_000_000)]


@pytest.mark.parametrize("is_paged", [True, False])
def test_two_currencies_are_never_added_up(is_paged: bool) -> None:
    one, other = order(1, money("1", "CAD")), order(2, money("1", "USD"))
    pages = [page(one, after="a"), page(other)] if is_paged else [page(one, other)]
    assert read_orders(*pages).error["error"] == "SchemaDrift"


def test_a_total_that_is_told_only_less_refunds_is_not_lessened_again() -> None:
    now: dict[str, Any] = {"currentTotalPriceSet": money("7"), "totalRefundedSet": money("3")}
    done = read_orders(page(order(1, None, **now), order(2, money("10"), totalRefundedSet=money("2.5"))))
    assert [one["revenue_micros"] for one in done.rows] == [14_500_000]


def test_an_order_without_any_total_is_told() -> None:
    assert read_orders(page(order(1, None))).error["error"] == "SchemaDrift"


@pytest.mark.parametrize("info", [{"hasNextPage": None, "endCursor": None}, None, {"hasNextPage": False}])
def test_nulls_where_something_was_due_do_no_harm(info: Any) -> None:
    done = read_orders(page(order(1, money("5", None), test=None, customerJourneySummary=None), info=info))
    assert [(one["revenue_micros"], one["new_customers"]) for one in done.rows] == [(5_000_000, None)]


@pytest.mark.parametrize("after", ["", "again"])
def test_a_next_page_that_is_nowhere_is_told_instead_of_read_for_ever(after: str) -> None:
    done = read_orders(page(order(1, money("5")), info={"hasNextPage": True, "endCursor": after or None}))
    assert done.error["error"] == "SchemaDrift"


def test_an_order_of_a_day_that_was_handed_over_already_is_told_instead_of_lost() -> None:
    first = page(order(1, money("1")), order(2, money("1"), day="2026-10-03"), after="a")
    done = read_orders(first, page(order(3, money("1"), day="2026-10-02")), until="2026-10-04")
    assert done.error["error"] == "SchemaDrift"


def test_orders_around_the_window_are_not_counted_in_it() -> None:
    orders = [order(number, money("1"), day=day) for number, day in enumerate(("2026-09-30", DAY, "2026-10-02"))]
    assert [(one["day"], one["revenue_micros"]) for one in read_orders(page(*orders)).rows] == [(DAY, 1_000_000)]


def test_a_time_without_zone_is_taken_as_utc_and_an_unknown_zone_is_a_problem() -> None:
    account = Account(id="1", name="N", currency="USD", timezone="America/New_York")
    one = msgspec.convert({"id": 1, "createdAt": "2026-10-02T03:00:00", "totalPriceSet": money("1")}, wire.Order)
    assert mapping.count(one, account, RevenueTally(account, tells=())) == date(2026, 10, 1)
    shop = wire.Shop(id="gid://shopify/Shop/7", currency_code="USD", iana_timezone="Mars/Base")
    assert (mapping.account(shop).timezone, bool(mapping.account(shop).problem)) == ("UTC", True)


@pytest.mark.parametrize(
    ("served", "is_retired"), [("2099-01", True), ("2024-10", False), ("2026-07", False), ("", False)]
)
def test_only_an_answer_of_a_later_version_says_that_ours_is_retired(served: str, is_retired: bool) -> None:
    path, headers = "/admin/api/2026-07/graphql.json", {"x-shopify-api-version": served} if served else {}
    reply = Reply(method="POST", path=path, status=200, headers=headers, content=b'{"data": {}}', received_at=NOW)
    assert isinstance(refusals.error_of(reply), errors.VersionSunset) is is_retired


def test_a_bucket_of_points_is_never_overdrawn_by_one_that_reads_alone() -> None:
    at = bench("USD")
    at.fake.counts_points = True  # type: ignore[attr-defined]  # only Shopify's fake has points
    window = date(2026, 9, 25), date(2026, 11, 19)
    began = at.fake.world.clock.now()
    account = at.account("USD")
    at.fake.journal.clear()
    assert told(revenue(at, *window)) == truth(at, *window, settled=False)
    assert account.currency == "USD"
    assert (at.fake.world.clock.now() - began).total_seconds() > 5
    assert not any(error.outcome == "RateLimited" for error in at.exchanges)


def test_a_bucket_that_others_have_emptied_is_waited_for_as_long_as_its_points_take() -> None:
    at = bench("USD")
    at.fake.counts_points = True  # type: ignore[attr-defined]  # only Shopify's fake has points
    shop = at.account("USD")
    began = at.fake.world.clock.now()
    at.fake._points[shop.id] = (10.0, began)  # type: ignore[attr-defined]  # somebody else's questions
    window = date(2026, 11, 18), date(2026, 11, 19)
    assert told(revenue(at, *window)) == truth(at, *window, settled=False)
    waited_s = (at.fake.world.clock.now() - began).total_seconds()
    assert 8 <= waited_s < 20
    assert sum(one.outcome == "RateLimited" for one in at.exchanges) <= 2


@pytest.mark.parametrize(
    ("cost", "seconds"),
    [
        ({"requestedQueryCost": 800, "throttleStatus": {"currentlyAvailable": 300, "restoreRate": 50.0}}, 10),
        ({"requestedQueryCost": 10, "throttleStatus": {"currentlyAvailable": 300, "restoreRate": 50.0}}, 1),
        ({"requestedQueryCost": 10, "throttleStatus": {"currentlyAvailable": 0, "restoreRate": 0}}, 1),
        ({"requestedQueryCost": 10, "actualQueryCost": None, "throttleStatus": None}, 1),
        (None, 1),
    ],
)
def test_a_throttled_question_waits_until_it_can_be_paid_for(cost: Any, seconds: int) -> None:
    body = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}], "extensions": {"cost": cost}}
    content = msgspec.json.encode(body)
    reply = Reply(method="POST", path="/x", status=200, headers={}, content=content, received_at=NOW)
    error = Shopify.error_of(reply)
    assert isinstance(error, errors.RateLimited)
    assert error.retry_at is not None
    assert (error.retry_at - NOW).total_seconds() == seconds
