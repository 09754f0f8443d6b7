"""What programs tell: each row by itself, once, converted, and counted in the same transaction."""

from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from app.campaigns.channels import map_name
from app.campaigns.rates import keep_own_currency, put_rates
from app.customers.listing import timeline
from app.customers.queries import purchases, touches
from app.customers.service import forget_customer
from app.imports.customer_schemas import OneEvent
from app.imports.customer_telling import tell_of
from kit.db import ScopedSession
from kit.errors import InvalidInput, TooLarge
from tenants.isolation.planes import Planes
from tests.customers.desk import Desk, order
from tests.people import Person

BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)


def test_a_batch_told_twice_is_stored_once(desk: Desk) -> None:
    batch = [
        order("A", "2026-03-01", 10, "1"),
        {"customer": "A", "kind": "touch", "happened_at": "2026-02-27", "channel": "tv"},
    ]
    first, second = desk.tell(*batch), desk.tell(*batch)
    assert (first.new, first.customers_new, second.new, second.changed, second.unchanged) == (2, 1, 0, 0, 2)
    assert desk.customer("A").orders == 1


def test_two_sources_may_use_the_same_ids(desk: Desk) -> None:
    event = order("A", "2026-03-01", 10, external_id="1")
    desk.tell(event, source="shop")
    desk.tell(event, source="till")
    assert desk.customer("A").orders == 2


def test_each_row_of_a_batch_stands_for_itself(desk: Desk) -> None:
    reply = desk.tell(
        order("A", "2026-03-01", 10, "1"),
        order("", "2026-03-01", 10, "2"),
        order("A", "soon", 10, "3"),
        order("A", "2026-03-01", -10, "4"),
        order("A", "2026-03-01", 10, "1", external_id="x"),
        order("A", "2026-03-02", 10, "5", external_id="x"),
    )
    assert (reply.new, reply.rejected) == (2, 4)
    assert [(error.row, error.field) for error in reply.errors] == [
        (2, "customer"),
        (3, "happened_at"),
        (4, "value_micros"),
        (6, "external_id"),
    ]


def test_a_batch_of_which_nothing_is_right_is_refused_with_every_row(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        desk.tell(order("A", "2999-01-01", 1), {"customer": "A", "kind": "offer_taken", "happened_at": "2026-01-01"})
    assert [(error.row, error.field) for error in refused.value.errors] == [(1, "happened_at"), (2, "name")]


@pytest.mark.parametrize(("events", "error"), [(0, InvalidInput), (1001, TooLarge)])
def test_a_batch_has_a_size(desk: Desk, events: int, error: type[Exception]) -> None:
    with pytest.raises(error):
        desk.tell(*[order("A", "2026-03-01", 1)] * events)


def test_another_currency_is_converted_at_the_rate_of_the_day_or_refused(desk: Desk) -> None:
    keep_own_currency(desk.session, "USD")
    rates = {("EUR", date(2026, 3, 2)): Decimal("1.10"), ("EUR", date(2026, 3, 6)): Decimal("1.20")}
    put_rates(desk.session, rates, source="test")
    desk.tell(order("A", "2026-03-04", 100, "1", currency="EUR"), order("A", "2026-03-06", 100, "2", currency="eur"))
    assert desk.customer("A").revenue_micros == 230_000_000
    with pytest.raises(InvalidInput) as refused:
        desk.tell(order("A", "2026-03-01", 100, "3", currency="EUR"))
    assert "no exchange rate from EUR to USD for 1 March 2026" in refused.value.errors[0].message


def test_rates_into_another_currency_convert_nothing(desk: Desk) -> None:
    keep_own_currency(desk.session, "GBP")
    put_rates(desk.session, {("EUR", date(2026, 3, 2)): Decimal("0.9")}, source="test")
    with pytest.raises(InvalidInput):
        desk.tell(order("A", "2026-03-04", 100, "1", currency="EUR"))


def test_a_touch_follows_what_its_spelling_means_today(desk: Desk) -> None:
    desk.tell({"customer": "A", "kind": "touch", "happened_at": "2026-03-01", "channel": "fb"})
    assert [row[2] for row in touches(desk.session, BEGIN, END)] == ["Facebook Ads"]
    map_name(desk.session, source_name="fb", channel_key="paid_social", channel_name="Paid Social", plan=desk.plan)
    assert [row[2] for row in touches(desk.session, BEGIN, END)] == ["Paid Social"]
    lines, _ = timeline(desk.session, desk.customer("A").id, limit=10)
    assert [line.channel for line in lines] == ["Paid Social"]


def test_one_event_of_a_known_customer_is_taken_or_refused(desk: Desk) -> None:
    desk.tell(order("A", "2026-03-01", 10, "1"))
    customer = desk.customer("A")
    event = OneEvent(kind="event", happened_at="2026-03-02T08:00:00Z", name="Rang up", properties={"minutes": 3})
    tell_this = partial(tell_of, desk.session, customer, source="phone", workspace=desk.workspace, plan=desk.plan)
    assert tell_this(event).new == 1
    assert tell_this(event).unchanged == 1
    with pytest.raises(InvalidInput, match="kind"):
        tell_this(OneEvent(kind="bill", happened_at="2026-03-02"))


def test_what_is_left_out_about_a_person_is_not_forgotten(desk: Desk) -> None:
    desk.tell(order("A", "2026-03-01", 10, "1", customer_name="Ann", email="ann@example.org"))
    desk.tell(order("A", "2026-03-02", 10, "2", country="DE"))
    known = desk.customer("A")
    assert (known.name, known.email, known.country) == ("Ann", "ann@example.org", "DE")


def test_forgetting_a_customer_leaves_nothing_but_the_act(desk: Desk) -> None:
    desk.tell(order("A", "2026-03-01", 10, "1", customer_name="Ann Other", email="ann@example.org"))
    customer_id = desk.customer("A").id
    forget_customer(desk.session, customer_id=customer_id, actor=desk.user)
    desk.session.flush()
    assert desk.events() == 0
    action, subject, details = desk.session.execute(
        text("SELECT action, subject, details FROM audit_log ORDER BY created_at DESC, id DESC LIMIT 1")
    ).one()
    assert (action, subject, details) == ("customer.deleted", str(customer_id), {"events": 1})


Told = list[tuple[int, int, int]]


@settings(max_examples=20)
@given(
    told=st.lists(st.tuples(st.integers(0, 3), st.integers(1, 12), st.integers(0, 500)), min_size=1, max_size=25),
    cut=st.integers(0, 25),
)
def test_running_numbers_are_what_the_events_say_however_they_come(
    planes: Planes, merchant: Person, told: Told, cut: int
) -> None:
    with planes.tenant(merchant.tenant) as session:
        desk = Desk(session, None, merchant)  # type: ignore[arg-type]  # no file is stored here
        events = [_event(*one) for one in told]
        for part in (events[:cut], events[cut:], events):
            by_id = {event["external_id"]: event for event in part}
            if by_id:
                desk.tell(*by_id.values())
        _compare(session)


def _event(customer: int, number: int, value: int) -> dict[str, Any]:
    """Every fourth number is a refund of the order before it."""
    said = order(f"C{customer}", f"2026-03-{number:02}", value, str(number), external_id=str(number))
    return said | ({"kind": "refund", "order": str(number - 1)} if number % 4 == 0 else {})


def _compare(session: ScopedSession) -> None:
    bought = purchases(session)
    for customer_id, orders, first, last in session.execute(
        text("SELECT id, orders, first_order_at, last_order_at FROM customers")
    ):
        own = [when for who, when, _ in bought if who == customer_id]
        assert (orders, first, last) == (len(own), min(own, default=None), max(own, default=None))
    rows = session.execute(
        text(
            "SELECT customer_id, sum(CASE kind WHEN 'order' THEN value_micros ELSE -value_micros END)::bigint "
            "FROM customer_events GROUP BY customer_id"
        )
    )
    ledger = {customer_id: revenue for customer_id, revenue in rows}  # noqa: C416 rows are no pairs to dict()
    for customer_id, revenue in session.execute(text("SELECT id, revenue_micros FROM customers")):
        assert revenue == ledger.get(customer_id, 0)
