"""Models of campaigns: trained on what is stored, replaced only by one that is no worse, watched, and asked for a campaign's days."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import delete, func, select, text, update

from app.campaigns.platform_models import CampaignDay
from app.cli.processes import PlaneSessions
from app.predictions import tasks  # noqa: F401 registers what workers do
from app.predictions.asking import Asked, predict
from app.predictions.campaign_queries import campaigns_history
from app.predictions.errors import PredictionRefused
from app.predictions.jobs import PlanPredictions, ScorePredictions, TrainCampaigns
from app.predictions.models import ModelVersion, Prediction
from app.predictions.queries import active_model
from app.predictions.schemas import Kind, ModelKind, PredictRequest
from app.predictions.training import _decide, _error_ratio
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.jobs import enqueue, ledger
from kit.jobs.models import Schedule
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.settings import Settings
from ml.predict.drift import DriftReport
from tenants.isolation.planes import Planes
from tests.campaigns.advertiser import MICROS, Advertiser
from tests.people import Person, make_person
from tests.predictions.seller import Seller, today

ASKED = Asked("USD", today(), None)


@pytest.fixture
def trained(seller: Seller) -> Seller:
    seller.run_campaigns(10, days=200)
    seller.train()
    return seller


def versions(session: ScopedSession) -> list[tuple[int, str]]:
    rows = session.execute(select(ModelVersion.version, ModelVersion.state).order_by(ModelVersion.version))
    return [(row[0], row[1]) for row in rows]


def test_too_little_data_is_an_outcome_with_a_reason(session: ScopedSession, seller: Seller) -> None:
    nothing = seller.train()
    assert (nothing.state, nothing.version) == ("refused", None)
    assert "Connect an account" in nothing.reason
    seller.run_campaigns(2, days=30)
    young = seller.train()
    assert young.state == "refused"
    assert "needed" in young.reason
    assert versions(session) == []


def test_the_first_training_runs_and_writes_every_campaigns_next_days_down(
    session: ScopedSession, seller: Seller
) -> None:
    seller.run_campaigns(10, days=200)
    first = seller.train()
    assert (first.version, first.state) == (1, "active")
    counted = session.execute(
        select(Prediction.kind, func.count()).group_by(Prediction.kind).order_by(Prediction.kind)
    ).all()
    assert [tuple(row) for row in counted] == [("campaign_conversions", 20), ("campaign_roas", 20)]
    one = session.scalars(select(Prediction).where(Prediction.kind == "campaign_conversions")).first()
    assert one is not None
    assert one.since == today()
    assert one.low <= one.point <= one.high
    assert one.model_version == "1"


def test_training_twice_on_a_day_predicts_its_days_once(session: ScopedSession, trained: Seller) -> None:
    again = trained.train()
    assert (again.version, again.written) == (2, 0)
    assert versions(session) == [(1, "retired"), (2, "active")]


def test_a_registered_model_says_what_it_learnt_from_and_how_it_did(session: ScopedSession, trained: Seller) -> None:
    row = active_model(session, kind=ModelKind.CAMPAIGNS)
    assert row is not None
    assert (row.trained_until - row.trained_since).days == 199
    assert "season_last_year" in row.features
    metrics = row.metrics["conversions.7.as_it_was"]
    assert metrics["errors"][metrics["method"]] <= metrics["errors"]["carried"]
    assert 0.5 < metrics["held80"] <= 1
    assert msgspec.json.decode(msgspec.json.encode(row.document)) == row.document


def test_a_clearly_worse_version_waits(session: ScopedSession, trained: Seller) -> None:
    running = active_model(session, kind=ModelKind.CAMPAIGNS)
    assert running is not None
    better = {
        name: one | {"errors": {method: error / 2 for method, error in one["errors"].items()}}
        for name, one in running.metrics.items()
    }
    session.execute(update(ModelVersion).values(metrics=better))
    session.expire_all()
    second = trained.train()
    assert second.state == "candidate"
    assert "further off than version 1" in second.reason
    assert versions(session) == [(1, "active"), (2, "candidate")]


def test_a_drifted_model_is_replaced_even_by_a_worse_one(session: ScopedSession, trained: Seller) -> None:
    running = active_model(session, kind=ModelKind.CAMPAIGNS)
    assert running is not None
    worse = ModelVersion(
        **{name: getattr(running, name) for name in ("kind", "document", "features", "currency")},
        version=2,
        state="candidate",
        metrics={
            name: one | {"errors": {method: error * 3 for method, error in one["errors"].items()}}
            for name, one in running.metrics.items()
        },
        trained_since=running.trained_since,
        trained_until=running.trained_until,
        data_version=1,
    )
    session.add(worse)
    session.flush()
    assert (_error_ratio(worse.metrics, running.metrics) or 0) == pytest.approx(3)
    drift = DriftReport("drifted", {}, ("size",), None, 0, 0.8, "Today's campaigns differ.")
    _decide(session, worse, running, drift, today=today(), currency="USD")
    assert versions(session) == [(1, "retired"), (2, "active")]


def test_the_running_model_is_watched_at_each_training(session: ScopedSession, trained: Seller) -> None:
    trained.train()
    first = session.scalars(select(ModelVersion).where(ModelVersion.version == 1)).one()
    assert first.drift is not None
    assert first.drift["state"] in {"steady", "cannot_tell"}
    assert first.drift_checked_at is not None


def ask(session: ScopedSession, seller: Seller, kind: Kind = Kind.CAMPAIGN_CONVERSIONS, **more: Any) -> Any:
    request = PredictRequest(campaign_id=seller.campaigns[0].id, **more)
    return predict(session, kind=kind, request=request, asked=ASKED)


def test_an_answer_is_the_number_that_was_written_down(session: ScopedSession, trained: Seller) -> None:
    found = ask(session, trained)
    stored = session.get_one(Prediction, found.prediction_id)
    assert found.value == float(stored.point)
    assert found.low <= found.value <= found.high
    assert (found.until - found.since).days == 29
    assert not found.is_planned
    assert "as it did" in found.sentence
    assert found.model.version == 1
    assert found.track_record.verdict == "too_few"


def test_twice_the_budget_brings_more_and_is_kept_apart(session: ScopedSession, trained: Seller) -> None:
    as_it_was = ask(session, trained)
    per_day = as_it_was.spend_micros // 30
    doubled = ask(session, trained, planned_daily_spend_micros=2 * per_day)
    assert doubled.is_planned
    assert doubled.prediction_id != as_it_was.prediction_id
    assert doubled.spend_micros == pytest.approx(2 * as_it_was.spend_micros, rel=1e-3)
    assert 1.2 < doubled.value / as_it_was.value < 2.5
    assert ask(session, trained, planned_daily_spend_micros=2 * per_day).prediction_id == doubled.prediction_id


def test_roas_is_value_over_spend(session: ScopedSession, trained: Seller) -> None:
    roas, conversions = ask(session, trained, Kind.CAMPAIGN_ROAS), ask(session, trained)
    assert roas.unit == "ratio"
    assert roas.value == pytest.approx(conversions.value * 40 / (conversions.spend_micros / MICROS), rel=0.25)


def test_a_plan_far_beyond_what_was_ever_spent_is_warned_of(session: ScopedSession, trained: Seller) -> None:
    assert ask(session, trained, planned_daily_spend_micros=5000 * MICROS).warnings


def test_refusals_say_what_is_missing(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(10, days=200)
    with pytest.raises(PredictionRefused, match="Nothing has been learnt"):
        ask(session, seller)
    with pytest.raises(NotFound):
        predict(
            session,
            kind=Kind.CAMPAIGN_ROAS,
            request=PredictRequest(campaign_id=uuid4()),
            asked=ASKED,
        )
    seller.train()
    young = Advertiser(session, last_day=today() - timedelta(days=1))
    account = young.account("Third", connector="tiktok_ads")
    campaign = young.campaign("New", account=account)
    young.days(campaign, 5)
    seller.campaigns[0] = campaign
    with pytest.raises(PredictionRefused, match="run for 5 days"):
        ask(session, seller)


def test_a_campaign_that_stands_still_is_refused(session: ScopedSession, trained: Seller) -> None:
    recent = CampaignDay.day >= today() - timedelta(days=20)
    session.execute(
        update(CampaignDay)
        .where(CampaignDay.campaign_number == trained.campaigns[0].number, recent)
        .values(spend_micros=0)
    )
    with pytest.raises(PredictionRefused, match="spent nothing"):
        ask(session, trained)


def test_money_of_another_currency_is_converted_and_told_in_its_own(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(10, days=200, currency="EUR")
    with pytest.raises(PredictionRefused, match="exchange rate"):
        campaigns_history(session, currency="USD", today=today())
    Advertiser(session, last_day=today()).rate("EUR", "2")
    history = campaigns_history(session, currency="USD", today=today()).history
    spent = session.scalar(select(func.sum(CampaignDay.spend_micros)))
    assert history.spend.sum() == pytest.approx(2 * float(spent or 0) / MICROS)
    seller.train()
    found = ask(session, seller, planned_daily_spend_micros=50 * MICROS)
    assert (found.currency, found.spend_micros) == ("EUR", 1500 * MICROS)


def test_an_account_that_fell_silent_is_left_out(session: ScopedSession, trained: Seller) -> None:
    account = trained.campaigns[0].account_id
    silent = [one for one in trained.campaigns if one.account_id == account]
    session.execute(
        delete(CampaignDay).where(
            CampaignDay.campaign_number.in_([one.number for one in silent]),
            CampaignDay.day >= today() - timedelta(days=10),
        )
    )
    known = campaigns_history(session, currency="USD", today=today())
    assert set(known.names) == {str(one.id) for one in trained.campaigns if one.account_id != account}


@pytest.fixture
def worker(settings: Settings, planes: Planes) -> Iterator[Any]:
    """Runs a job of somebody's workspace as a worker does; the person's rows stay theirs alone."""
    person = make_person(settings, planes, name="Wanda Weekly", plan="premium")

    def work(job_id: Any) -> Any:
        with planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET state = 'sent' WHERE id = :id"), {"id": job_id})
            claimed = ledger.claim(control, job_id)
        assert claimed is not None
        resources = cast("Resources", SimpleNamespace(settings=settings))
        return run_claimed(PlaneSessions(planes), claimed, resources=resources)

    yield person, work
    with planes.begin_control() as control:
        control.execute(text("DELETE FROM control.schedules WHERE workspace_id = :id"), {"id": person.workspace_id})


def test_the_weekly_and_the_daily_job_do_their_work(planes: Planes, worker: tuple[Person, Any]) -> None:
    person, work = worker
    with planes.begin_tenant(person.tenant) as session:
        Seller(session).run_campaigns(10, days=120)
        train = enqueue(session, TrainCampaigns(currency="USD", timezone="UTC"))
        score = enqueue(session, ScorePredictions(currency="USD", timezone="UTC"))
    assert work(train).state == "done"
    assert work(score).state == "done"
    with planes.tenant(person.tenant) as session:
        assert versions(session) == [(1, "active")]
        job_ids = session.scalars(select(Prediction.job_id).distinct()).all()
    assert list(job_ids) == [train]


def test_every_workspace_gets_schedules_on_its_own_clock(planes: Planes, worker: tuple[Person, Any]) -> None:
    person, work = worker
    with planes.begin_control() as control:
        control.execute(
            text("UPDATE control.workspaces SET timezone = 'Asia/Tokyo' WHERE id = :id"), {"id": person.workspace_id}
        )
        first = enqueue(control, PlanPredictions())
    assert work(first).state == "done"
    with planes.begin_control() as control:
        second = enqueue(control, PlanPredictions())
    assert work(second).state == "done"
    with planes.control() as control:
        rows = control.scalars(
            select(Schedule).where(Schedule.workspace_id == person.workspace_id).order_by(Schedule.name)
        ).all()
    assert [(row.name, row.cron, row.timezone) for row in rows] == [
        ("score-predictions", "0 7 * * *", "Asia/Tokyo"),
        ("train-campaigns", "30 7 * * 1", "Asia/Tokyo"),
        ("train-customers", "40 7 * * 1", "Asia/Tokyo"),
        ("train-offers", "50 7 * * 1", "Asia/Tokyo"),
    ]
    assert rows[0].next_run_at.hour == 22


def test_decimals_of_conversions_survive_the_way_into_the_model(session: ScopedSession, seller: Seller) -> None:
    seller.run_campaigns(3, days=60)
    session.execute(update(CampaignDay).values(conversions=Decimal("0.25")))
    history = campaigns_history(session, currency="USD", today=today()).history
    assert history.conversions.max() == pytest.approx(0.25)
