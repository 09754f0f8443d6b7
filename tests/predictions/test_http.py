"""The track record, the parts of other pages and the calls over HTTP; and what finished runs leave in the ledger."""

from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.flows import connect_flows
from app.mix.models import ModelRun
from app.mix.running import run_model
from app.mix.schemas import ForecastRequest, Kind, RunRequest
from app.mix.service import start_run
from app.predictions.from_runs import FinishedRun, write_plan
from app.predictions.models import Prediction
from app.predictions.scoring import score_due
from app.predictions.service import record
from kit.db import ScopedSession
from kit.ids import new_id
from kit.money import MICROS
from kit.settings import Settings
from ml.forecast import ForecastOptions, forecast_document, forecast_revenue
from ml.frames import MarketingFrame
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import quiet_context, shop_rows, store
from tests.people import Person, join, make_person
from tests.predictions.seller import Seller, days, said, today


@pytest.fixture(scope="module")
def advertiser(settings: Settings, planes: Planes) -> Person:
    """Somebody on Premium whose campaigns have been learnt from, with two forecasts of which one is scored."""
    person = make_person(settings, planes, name="Tilda Track", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        seller = Seller(session)
        seller.run_campaigns(10, days=150)
        seller.train()
        past = record(session, said("past"))
        record(session, said("ahead", since=today(), until=today()))
        seller.takes(dict.fromkeys(days(past.since, today()), 140))
        score_due(session, today=today(), currency="USD")
    return person


@pytest.fixture
def campaign_id(planes: Planes, advertiser: Person) -> Any:
    with planes.tenant(advertiser.tenant) as session:
        return session.scalars(select(Prediction.subject_id).where(Prediction.subject == "Campaign 1")).first()


def shown(client: TestClient[Litestar], person: Person, path: str) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == 200, reply.text[:600]
    return reply.text.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_track_record_shows_every_kind_beside_what_happened(
    client: TestClient[Litestar], advertiser: Person
) -> None:
    page = shown(client, advertiser, "/predictions")
    for words in (
        "Revenue forecasts",
        "Conversions of campaigns",
        "$980",
        "Within the range",
        "Waits",
        "80 % promised",
    ):
        assert words in page
    assert "What is learnt from your campaigns" in page
    assert "Learn from campaigns now" in page


def test_an_empty_workspace_is_told_how_a_record_begins(client: TestClient[Litestar], stranger: Person) -> None:
    assert "Nothing has been predicted yet" in shown(client, stranger, "/predictions")


def test_a_free_plan_sees_the_offer_everywhere(client: TestClient[Litestar], owner: Person) -> None:
    assert "$79 a month" in shown(client, owner, "/predictions")
    reply = owner.request(client, "POST", owner.at("/predictions/train"), data={"sent": "1"})
    assert reply.status_code == 402


def test_a_viewer_looks_and_starts_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, advertiser: Person
) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, advertiser, "viewer")
    page = viewer.request(client, "GET", advertiser.at("/predictions")).text
    assert "Learn from campaigns now" not in page
    assert viewer.request(client, "POST", advertiser.at("/predictions/train"), data={"sent": "1"}).status_code == 403


def test_learning_can_be_asked_for(client: TestClient[Litestar], advertiser: Person) -> None:
    reply = advertiser.request(client, "POST", advertiser.at("/predictions/train"), data={"sent": "1"})
    assert reply.status_code == 303
    assert reply.headers["location"] == advertiser.at("/predictions")


def test_a_line_of_the_record_is_a_part_for_other_pages(client: TestClient[Litestar], advertiser: Person) -> None:
    line = shown(client, advertiser, "/predictions/record/forecast_revenue")
    assert "<html" not in line
    assert "Too few to tell" in line
    assert 'href="' + advertiser.at("/predictions#forecast-revenue") in line
    missing = advertiser.request(client, "GET", advertiser.at("/predictions/record/weather"))
    assert missing.status_code == 404


def test_a_campaigns_next_days_are_a_part_of_its_page(
    client: TestClient[Litestar], advertiser: Person, campaign_id: Any
) -> None:
    part = shown(client, advertiser, f"/predictions/campaigns/{campaign_id}")
    assert "<html" not in part
    for words in ("The next 30 days", "Conversions", "ROAS", "80 % range", "as it did", "Track record", "off by"):
        assert words in part


def test_the_calls_answer_with_range_calibration_and_record(
    client: TestClient[Litestar], advertiser: Person, campaign_id: Any
) -> None:
    for outcome in ("conversions", "roas"):
        body = {"campaign_id": str(campaign_id), "horizon_days": 7}
        reply = ask(client, advertiser, outcome, body)
        assert reply.status_code == 200, reply.text
        found = reply.json()
        assert found["low"] <= found["value"] <= found["high"]
        assert found["model"]["error"] <= found["model"]["baseline_error"]
        assert found["track_record"]["verdict"] == "too_few"
    kinds = advertiser.request(client, "GET", "/api/v1/recommendations/track-record").json()
    assert [one["kind"] for one in kinds] == ["forecast_revenue", "campaign_conversions", "campaign_roas"]


@pytest.mark.parametrize(
    "body",
    [
        {"campaign_id": "no id"},
        {"campaign_id": str(new_id()), "horizon_days": 12},
        {"campaign_id": str(new_id()), "planned_daily_spend_micros": -5},
        {"campaign_id": str(new_id()), "colour": "red"},
    ],
)
def test_input_that_makes_no_sense_is_refused(
    client: TestClient[Litestar], advertiser: Person, body: dict[str, Any]
) -> None:
    assert ask(client, advertiser, "conversions", body).status_code in {400, 422}


def test_a_campaign_of_nobody_is_not_found_and_too_little_data_is_a_refusal(
    client: TestClient[Litestar], advertiser: Person, stranger: Person, campaign_id: Any
) -> None:
    assert ask(client, advertiser, "roas", {"campaign_id": str(new_id())}).status_code == 404
    assert ask(client, stranger, "roas", {"campaign_id": str(campaign_id)}).status_code == 404


def ask(client: TestClient[Litestar], person: Person, outcome: str, body: dict[str, Any]) -> Any:
    return person.request(client, "POST", f"/api/v1/recommendations/predict/{outcome}", json=body)


def finished(session: ScopedSession, workspace: WorkspaceRef, kind: Kind, request: RunRequest) -> ModelRun:
    run = start_run(session, kind=kind, request=request, workspace=workspace, actor_id=None, again=True)
    return run_model(session, run_id=run.id, context=quiet_context())


def test_a_finished_forecast_is_in_the_ledger_once_for_the_same_days_and_data(
    session: ScopedSession, workspace: WorkspaceRef, monkeypatch: pytest.MonkeyPatch
) -> None:
    connect_flows()
    store(session, shop_rows(days=150))
    monkeypatch.setattr("app.mix.running.forecast_result", quick_forecast)
    first = finished(session, workspace, Kind.FORECAST, ForecastRequest(horizon_days=30))
    known = session.scalars(select(Prediction).order_by(Prediction.until)).all()
    assert {7, 30} <= {(one.until - one.since).days + 1 for one in known}
    assert {one.run_id for one in known} == {first.id}
    whole = known[-1]
    assert first.result is not None
    assert float(whole.point) / MICROS == pytest.approx(first.result["forecast"]["total"], rel=1e-6)
    assert whole.assumed is not None
    assert not whole.assumed["is_planned"]
    finished(session, workspace, Kind.FORECAST, ForecastRequest(horizon_days=30))
    assert len(session.scalars(select(Prediction)).all()) == len(known)


def quick_forecast(frame: MarketingFrame, request: ForecastRequest, _progress: Any, **_more: Any) -> dict[str, Any]:
    forecast = forecast_revenue(
        frame, horizon_days=request.horizon_days, seed=1, options=ForecastOptions(model="structural", origins=3)
    )
    return {"forecast": forecast.to_dict(), "document": forecast_document(forecast)}


def test_a_plan_is_written_down_only_where_it_proposes_a_move(session: ScopedSession) -> None:
    plan = {
        "advice": "move",
        "expected_uplift_per_day": 12.5,
        "uplift_low": -3.0,
        "uplift_high": 30.0,
        "allocation": [{"channel": "Email", "current_per_day": 10.0, "recommended_per_day": 15.0}],
    }
    run = FinishedRun(new_id(), None, None, {"name": "Autumn"}, 1, "USD", today())
    assert write_plan(session, run, plan | {"advice": "hold"}) == 0
    assert write_plan(session, run, plan) == 1
    assert write_plan(session, run, plan) == 0
    kept = session.scalars(select(Prediction)).one()
    assert (float(kept.point), kept.subject, float(kept.level)) == (350 * MICROS, "Autumn", 0.95)
