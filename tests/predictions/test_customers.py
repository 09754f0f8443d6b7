"""What customers will bring and who stops buying: learnt, checked on the past, written down, and scored by what they did."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import delete, func, select, text

from app.cli.processes import PlaneSessions
from app.customers.models import Customer, CustomerEvent
from app.offers import tasks as offers_tasks  # noqa: F401 registers what workers do
from app.predictions import tasks  # noqa: F401 registers what workers do
from app.predictions.customer_learning import leavers_range
from app.predictions.customer_models import CustomerPrediction
from app.predictions.jobs import TrainCustomers, TrainOffers
from app.predictions.models import ModelVersion, Prediction, PredictionScore
from app.predictions.queries import active_model
from app.predictions.schemas import Kind, ModelKind
from app.predictions.scoring import score_due
from kit.db import ScopedSession
from kit.jobs import Job, enqueue, ledger
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.jobs.service import cancel
from kit.money import MICROS
from kit.settings import Settings
from ml.predict.churn import calibration_of
from ml.predict.lifetime import BgNbd
from tenants.isolation.planes import Planes
from tests.people import Person, make_person
from tests.predictions.buyers import Buyers, today


@pytest.fixture
def buyers(session: ScopedSession) -> Buyers:
    return Buyers(session)


def answers(session: ScopedSession, kind: str) -> list[CustomerPrediction]:
    return list(session.scalars(select(CustomerPrediction).where(CustomerPrediction.kind == kind)))


def said(session: ScopedSession, kind: Kind) -> Prediction:
    return session.scalars(select(Prediction).where(Prediction.kind == kind)).one()


def states(session: ScopedSession, kind: ModelKind) -> dict[int, str]:
    rows = session.execute(select(ModelVersion.version, ModelVersion.state).where(ModelVersion.kind == kind))
    return {row.version: row.state for row in rows}


def test_every_customer_gets_a_value_within_its_range_and_a_risk(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(400)
    found = buyers.train()
    assert {one.state for one in found.values()} == {"active"}
    values, risks = answers(session, "lifetime"), answers(session, "churn")
    assert len(values) == len(risks) == 400
    assert all(one.low is not None and one.high is not None and one.low <= one.point <= one.high for one in values)
    assert all(0 <= one.point <= 1 for one in risks)


def test_the_totals_are_in_the_ledger_for_the_days_after_the_last_order(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(400)
    buyers.train()
    value, lost = said(session, Kind.CUSTOMER_VALUE), said(session, Kind.CUSTOMERS_LOST)
    last = session.scalar(select(func.max(CustomerEvent.happened_at)))
    assert last is not None
    assert value.since == lost.since == last.date() + timedelta(days=1)
    assert (value.until - value.since).days == 89
    expected = sum(one.point for one in answers(session, "lifetime"))
    assert float(value.point) / MICROS == pytest.approx(expected, rel=1e-6)
    assert float(lost.point) == pytest.approx(sum(one.point for one in answers(session, "churn")), rel=1e-6)
    assert (value.unit, value.currency, lost.unit, lost.currency) == ("micros", "USD", "count", None)


def test_training_twice_on_one_day_keeps_both_versions_and_says_everything_once(
    session: ScopedSession, buyers: Buyers
) -> None:
    buyers.buy(300)
    buyers.train()
    again = buyers.train()[ModelKind.LIFETIME]
    assert (again.version, again.state, again.written) == (2, "active", 0)
    assert len(answers(session, "lifetime")) == 300
    assert states(session, ModelKind.LIFETIME) == {1: "retired", 2: "active"}
    assert session.scalar(select(func.count()).select_from(Prediction)) == 2


def test_what_they_did_is_written_beside_what_was_said(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(500, days=570, ends_days_ago=3)
    then = today() - timedelta(days=100)
    later = [row for row in session.scalars(select(CustomerEvent)) if row.happened_at.date() > then]
    kept = [(row.customer_id, row.happened_at, row.value_micros) for row in later]
    session.execute(delete(CustomerEvent).where(CustomerEvent.number.in_([row.number for row in later])))
    buyers.train(on=then + timedelta(days=1))
    value, lost = said(session, Kind.CUSTOMER_VALUE), said(session, Kind.CUSTOMERS_LOST)
    known = set(session.scalars(select(CustomerEvent.customer_id)))
    spent = 0
    silent = set(known)
    for customer, at, micros in kept:
        buyers.order(customer, at.date(), (micros or 0) / MICROS)
        if customer in known and value.since <= at.date() <= value.until:
            spent += micros or 0
            silent.discard(customer)
    assert score_due(session, today=today(), currency="USD") == 2
    came, left = (session.get_one(PredictionScore, one.id) for one in (value, lost))
    assert float(came.actual or 0) == pytest.approx(spent, abs=len(kept))
    assert left.actual == len(silent)
    assert abs(float(came.error or 0)) < 0.5 * float(value.point)


def scored(session: ScopedSession, buyers: Buyers, *, days_ahead: int) -> list[PredictionScore]:
    buyers.train()
    score_due(session, today=today() + timedelta(days=days_ahead), currency="USD")
    return list(session.scalars(select(PredictionScore)))


def test_a_prediction_waits_for_orders_and_not_for_ever(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    assert scored(session, buyers, days_ahead=100) == []
    late = scored(session, buyers, days_ahead=200)
    assert {one.reason for one in late} == {"No orders came in for the last of these days."}


def test_other_customers_than_those_spoken_of_are_no_outcome(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    buyers.train()
    value = said(session, Kind.CUSTOMER_VALUE)
    for customer in session.scalars(select(Customer.id).limit(30)).all():
        session.execute(delete(CustomerEvent).where(CustomerEvent.customer_id == customer))
    buyers.order(session.scalars(select(CustomerEvent.customer_id)).first() or value.id, value.until, 5)
    score_due(session, today=value.until + timedelta(days=3), currency="USD")
    assert "other customers" in session.get_one(PredictionScore, value.id).reason


@pytest.mark.parametrize(
    ("customers", "days", "reason"), [(0, 0, "No orders"), (20, 400, "at least 50"), (300, 40, "at least 60")]
)
def test_too_little_is_an_outcome_with_its_reason(
    session: ScopedSession, buyers: Buyers, customers: int, days: int, reason: str
) -> None:
    if customers:
        buyers.buy(customers, days=days)
    found = buyers.train()
    assert {one.state for one in found.values()} == {"refused"}
    assert all(reason in one.reason for one in found.values())
    assert active_model(session, kind=ModelKind.LIFETIME) is None
    assert session.scalar(select(func.count()).select_from(Prediction)) == 0


def test_value_may_be_told_where_leaving_cannot(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300, days=120)
    found = buyers.train()
    assert found[ModelKind.LIFETIME].state == "active"
    assert found[ModelKind.CHURN].state == "refused"
    assert "at least 150" in found[ModelKind.CHURN].reason


def test_the_registry_keeps_whether_todays_customers_are_still_those_that_were_learnt_from(
    session: ScopedSession, buyers: Buyers
) -> None:
    buyers.buy(300, seed=1)
    buyers.train()
    buyers.train()
    steady = session.scalars(select(ModelVersion).where(ModelVersion.version == 1, ModelVersion.kind == "churn")).one()
    assert steady.drift is not None
    assert steady.drift["state"] == "steady"
    buyers.buy(900, days=90, seed=2, worth=12.0, truth=BgNbd(2.0, 2.0, 0.5, 6.0))
    assert buyers.train()[ModelKind.LIFETIME].state == "active"
    moved = session.scalars(
        select(ModelVersion).where(ModelVersion.version == 2, ModelVersion.kind == "lifetime")
    ).one()
    assert moved.drift is not None
    assert (moved.drift["state"], moved.state) == ("drifted", "retired")
    assert "order_value" in moved.drift["moved"]
    assert "customers" in moved.drift["sentence"]
    assert "campaigns" not in moved.drift["sentence"]


def test_a_version_that_is_clearly_worse_waits_and_says_nothing(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    first = buyers.train()[ModelKind.LIFETIME]
    row = session.scalars(select(ModelVersion).where(ModelVersion.kind == "lifetime")).one()
    row.metrics = row.metrics | {"error": 0.01}
    session.flush()
    second = buyers.train()[ModelKind.LIFETIME]
    assert (second.state, second.written) == ("candidate", 0)
    assert f"than version {first.version}, which stays" in second.reason
    running = active_model(session, kind=ModelKind.LIFETIME)
    assert running is not None
    assert {one.model_id for one in answers(session, "lifetime")} == {running.id}


def test_another_currency_starts_anew(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    buyers.train()
    assert buyers.train(currency="EUR")[ModelKind.LIFETIME].reason == "The workspace counts in EUR now."


def test_old_orders_are_learnt_from_but_their_days_are_not_predicted_after_the_fact(
    session: ScopedSession, buyers: Buyers
) -> None:
    buyers.buy(300, ends_days_ago=60)
    assert buyers.train()[ModelKind.LIFETIME].written == 0
    assert len(answers(session, "lifetime")) == 300
    assert session.scalar(select(func.count()).select_from(Prediction)) == 0


def test_refunds_lower_what_is_expected(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    buyers.train()
    before = sum(one.point for one in answers(session, "lifetime"))
    orders = session.scalars(select(CustomerEvent).where(CustomerEvent.kind == "order")).all()
    for order in orders[::3]:
        buyers.refund(order)
    buyers.train()
    session.expire_all()
    assert sum(one.point for one in answers(session, "lifetime")) < 0.85 * before


def test_whoever_is_no_longer_known_has_no_number(session: ScopedSession, buyers: Buyers) -> None:
    buyers.buy(300)
    buyers.train()
    session.execute(delete(Customer).where(Customer.id == buyers.ids[0]))
    buyers.train()
    assert len(answers(session, "lifetime")) == 299


def test_the_number_of_leavers_has_a_range_that_knows_past_errors() -> None:
    random = np.random.default_rng(1)
    p = random.beta(2, 2, 2000)
    came = (random.random(2000) < p).astype(float)
    good: Any = calibration_of(came, p)
    off: Any = calibration_of(came, np.clip(p * 0.8, 0, 1))
    low, high = leavers_range(p, good)
    assert low < p.sum() < high
    assert high - low < 200
    wide = leavers_range(p, off)
    assert wide[1] - wide[0] > 5 * (high - low)
    assert (wide[0] >= 0, wide[1] <= 2000) == (True, True)


@pytest.fixture
def workplace(settings: Settings, planes: Planes) -> tuple[Person, Any]:
    """Somebody's workspace, and a worker for its jobs; somebody may have cancelled one (`is_stopped`)."""
    person = make_person(settings, planes, name="Willa Weekly", plan="premium")

    def work(item: Job, *, is_stopped: bool = False) -> JobRow:
        with planes.begin_tenant(person.tenant) as session:
            job_id = enqueue(session, item)
        with planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET state = 'sent' WHERE id = :id"), {"id": job_id})
            claimed = ledger.claim(control, job_id)
        assert claimed is not None
        if is_stopped:
            with planes.begin_control() as control:
                cancel(control, job_id, workspace_id=person.workspace_id)
        run_claimed(PlaneSessions(planes), claimed, resources=cast("Resources", SimpleNamespace(settings=settings)))
        with planes.control() as control:
            return control.get_one(JobRow, job_id)

    return person, work


def page_of(client: TestClient[Litestar], person: Person) -> str:
    return person.request(client, "GET", person.at("/predictions/customers")).text


def test_the_job_tells_why_nothing_was_learnt_and_then_what_was(
    client: TestClient[Litestar], planes: Planes, workplace: tuple[Person, Any]
) -> None:
    person, work = workplace
    train, choose = TrainCustomers(currency="USD", timezone="UTC"), TrainOffers(currency="USD", timezone="UTC")
    with planes.begin_tenant(person.tenant) as session:
        session.add(Customer(external_id="alone"))
    assert work(train).result["lifetime"]["state"] == "refused"
    assert "No orders of customers are known yet." in page_of(client, person)
    with planes.begin_tenant(person.tenant) as session:
        Buyers(session).buy(300, days=120)
    done = work(train)
    assert (done.state, done.progress) == ("done", 1)
    assert done.result is not None
    assert (done.result["lifetime"]["state"], done.result["churn"]["state"]) == ("active", "refused")
    page = page_of(client, person)
    assert "Your 300 customers will bring" in page
    assert "at least 150 are needed" in page
    assert "no offer to choose from" in work(choose).result["reason"]
    assert "There is no offer to choose from" in page_of(client, person)


def test_a_cancelled_training_keeps_nothing(planes: Planes, workplace: tuple[Person, Any]) -> None:
    person, work = workplace
    with planes.begin_tenant(person.tenant) as session:
        Buyers(session).buy(200)
    assert work(TrainCustomers(currency="USD", timezone="UTC"), is_stopped=True).state == "cancelled"
    with planes.tenant(person.tenant) as session:
        assert session.scalars(select(ModelVersion)).all() == []
        assert answers(session, "lifetime") == []
