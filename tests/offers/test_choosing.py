"""The next offer: learnt from what was shown and taken, worth more than none, and none where too little is known."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from app.offers.models import Offer
from app.offers.occasions import Habits, acceptance, occasions
from app.predictions.customer_models import CustomerPrediction
from app.predictions.models import ModelVersion
from app.predictions.queries import active_model
from app.predictions.schemas import ModelKind
from kit.db import ScopedSession
from tests.predictions.buyers import Buyers

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ANNA, BERT = UUID(int=1), UUID(int=2)
MICROS = 1_000_000


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def seen(*told: tuple[UUID, float, str, str], orders: Any = ()) -> list[tuple[UUID, str, bool]]:
    """(who, what, taken) of events told as (who, days ago, kind, offer)."""
    events = [(who, days_ago(days), f"offer_{kind}", name) for who, days, kind, name in told]
    bought = [(who, days_ago(days), MICROS) for who, days in orders]
    return [(one.customer_id, one.offer, one.is_taken) for one in occasions(events, bought, now=NOW)]


def test_an_offer_counts_as_taken_within_two_weeks_of_its_last_showing() -> None:
    assert seen((ANNA, 40, "shown", "gift"), (ANNA, 38, "taken", "gift")) == [(ANNA, "gift", True)]
    assert seen((ANNA, 60, "shown", "gift"), (ANNA, 38, "taken", "gift")) == [(ANNA, "gift", False)]
    twice = seen((ANNA, 45, "shown", "gift"), (ANNA, 40, "shown", "gift"), (ANNA, 38, "taken", "gift"))
    assert twice == [(ANNA, "gift", False), (ANNA, "gift", True)]


def test_somebody_elses_or_another_offer_is_no_answer() -> None:
    assert seen((ANNA, 40, "shown", "gift"), (ANNA, 38, "taken", "ride"), (BERT, 38, "taken", "gift")) == [
        (ANNA, "gift", False)
    ]


def test_young_showings_do_not_count_yet_even_if_they_were_taken() -> None:
    assert seen((ANNA, 5, "shown", "gift"), (ANNA, 4, "taken", "gift")) == []


def test_who_saw_none_on_purpose_took_it_if_they_bought_anyway() -> None:
    told = ((ANNA, 40, "shown", "none"), (BERT, 40, "shown", "No offer"))
    assert seen(*told, orders=[(ANNA, 35), (BERT, 20)]) == [(ANNA, "", True), (BERT, "", False)]


def test_habits_are_those_of_the_moment() -> None:
    habits = Habits([(ANNA, days_ago(30), 10 * MICROS), (ANNA, days_ago(10), 30 * MICROS)])
    one, two = habits.at(ANNA, days_ago(20)), habits.at(ANNA, NOW)
    assert one == pytest.approx((0.693, 2.398, 2.398), abs=1e-3)
    assert two == pytest.approx((1.099, 2.398, 3.045), abs=1e-3)
    nobody = habits.at(BERT, NOW)
    assert nobody[0] == 0
    assert nobody[1] != nobody[1]


def test_the_range_of_acceptance_holds_with_few_showings_too() -> None:
    assert acceptance(0, 0) is None
    rate, low, high = acceptance(4, 0) or (1, 1, 1)
    assert (rate, low) == (0, 0)
    assert 0.2 < high < 0.4
    rate, low, high = acceptance(1000, 200) or (0, 0, 0)
    assert low == pytest.approx(0.184, abs=2e-3)
    assert high == pytest.approx(0.217, abs=2e-3)
    assert (acceptance(3, 9) or (0,))[0] == 1


def offer(session: ScopedSession, name: str, margin: float, **more: Any) -> Offer:
    made = Offer(name=name, margin_micros=round(margin * MICROS), **more)
    session.add(made)
    session.flush()
    return made


def choices(session: ScopedSession) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for one in session.scalars(select(CustomerPrediction).where(CustomerPrediction.kind == "offer")):
        found[one.choice, one.act] = found.get((one.choice, one.act), 0) + 1
    return found


def test_the_offer_that_gains_most_is_chosen_and_a_costly_one_is_not(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    offer(session, "Good", 10)
    offer(session, "Dear", 10, cost_micros=5 * MICROS)
    buyers.show("Good", times=400, rate=0.3, seed=1)
    buyers.show("Dear", times=400, rate=0.3, seed=2)
    found = buyers.choose()
    assert found.state == "active"
    assert choices(session) == {("Good", "offer"): 300}
    lines = session.scalars(select(CustomerPrediction).where(CustomerPrediction.kind == "offer")).all()
    assert all((one.low or 0) <= one.point <= (one.high or 0) for one in lines)
    assert 2 < sum(one.point for one in lines) / 300 < 4


def test_where_everybody_buys_anyway_none_is_the_best_offer(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(120)
    offer(session, "Discount", 5, usual_margin_micros=10 * MICROS)
    buyers.show("Discount", times=300, rate=0.3, seed=1)
    buyers.show("none", times=300, rate=0.0, seed=2)
    for one in range(120):
        for days in range(20, 200, 12):
            buyers.order(buyers.ids[one], (datetime.now(UTC) - timedelta(days=days)).date(), 20)
    assert buyers.choose().state == "active"
    assert set(choices(session)) == {("", "none")}


def test_too_little_that_was_shown_is_an_outcome_with_its_reason(session: ScopedSession, buyers: Buyers) -> None:
    assert "no offer to choose from" in buyers.choose().reason
    offer(session, "Gift", 10)
    assert "No orders" in buyers.choose().reason
    buyers.buy(100)
    assert "at least 100" in buyers.choose().reason
    buyers.show("Gift", times=200, rate=0.0)
    assert "accepted" in buyers.choose().reason
    assert choices(session) == {}
    assert active_model(session, kind=ModelKind.OFFERS) is None


def test_new_offers_replace_a_version_that_does_not_know_them(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(200)
    first = offer(session, "Gift", 10)
    buyers.show("Gift", times=300, rate=0.3)
    buyers.choose()
    first.state = "retired"
    offer(session, "Ride", 10)
    session.flush()
    assert buyers.choose().reason == "Your offers have changed."
    assert {name for name, _ in choices(session)} <= {"Ride", ""}
    states = session.scalars(select(ModelVersion.state).where(ModelVersion.kind == "offers")).all()
    assert sorted(states) == ["active", "retired"]
