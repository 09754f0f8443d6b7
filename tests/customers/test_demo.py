"""The demo shop's customers: the same each time, made once, rich enough for every page that learns from them."""

from datetime import UTC, date, datetime

from app.customers.listing import standing
from app.customers.queries import offer_events, purchases, touches
from app.site.demo_customers import CUSTOMERS, tell_of_customers
from tests.customers.desk import Desk

END = date(2026, 6, 20)


def test_the_demo_has_customers_of_every_kind_and_makes_them_once(desk: Desk) -> None:
    told = tell_of_customers(desk.session, workspace=desk.workspace, seed=7, end_on=END)
    assert tell_of_customers(desk.session, workspace=desk.workspace, seed=7, end_on=END) == 0
    known = standing(desk.session)
    assert known.customers == CUSTOMERS
    assert 0.3 < known.repeat_buyers / known.buyers < 0.8
    assert desk.events() == told
    assert all(moment.date() <= END for _, moment, _ in purchases(desk.session))
    channels = {
        name for _, _, name in touches(desk.session, datetime(2024, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    }
    assert len(channels) == 6
    assert len({name for _, _, _, name in offer_events(desk.session)}) == 4
