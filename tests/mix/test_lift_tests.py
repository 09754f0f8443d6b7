"""Lift tests: results in money become returns, wrong ones are refused by field, and every later fit knows them."""

from datetime import date, timedelta
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from app.campaigns.facts import data_version
from app.mix.lift_schemas import Act, LiftTestRequest
from app.mix.lift_tests import add_lift_test, evidence, lift_tests, remove_lift_test
from app.mix.queries import marketing_frame
from app.mix.running import run_model
from app.mix.schemas import AttributionRequest, Kind
from app.mix.service import fit_of, start_run
from kit.db import ScopedSession
from kit.errors import InvalidInput, NotFound
from kit.settings import Settings
from ml.mix.lift import LiftTest, LiftWindow
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import WorkspaceRef
from tests.mix.history import quiet_context, shop_rows, store, yesterday
from tests.people import Person, make_person

TODAY = yesterday() + timedelta(days=1)
STARTS, ENDS = TODAY - timedelta(days=20), TODAY - timedelta(days=7)
CHANNEL = "Email"


def known(**more: object) -> LiftTestRequest:
    told: dict[str, object] = {"channel": CHANNEL, "act": Act.STUDY, "starts_on": STARTS, "ends_on": ENDS, "roi": 2.0}
    return LiftTestRequest(**(told | more))  # type: ignore[arg-type]  # the tests vary every field


@pytest.fixture
def shop(session: ScopedSession) -> ScopedSession:
    store(session, shop_rows(days=150))
    return session


def spend_of(session: ScopedSession, since: date, until: date) -> float:
    frame = marketing_frame(session, currency="USD", today=TODAY, since=since, until=until)
    return float(frame.spend[:, frame.channels.index(CHANNEL)].sum())


def test_a_result_in_money_is_divided_by_how_far_spend_moved(shop: ScopedSession) -> None:
    usual = spend_of(shop, STARTS - timedelta(days=28), STARTS - timedelta(days=1)) / 28 * 14
    moved = abs(spend_of(shop, STARTS, ENDS) - usual)
    row = add_lift_test(shop, known(act=Act.RAISED, roi=None, revenue=900.0, low=600.0, high=1200.0), today=TODAY)
    assert row.roi == pytest.approx(900 / moved)
    assert row.roi_sd == pytest.approx(600 / moved / (2 * 1.96))


def test_without_a_range_half_of_the_result_either_way_is_assumed(shop: ScopedSession) -> None:
    add_lift_test(shop, known(), today=TODAY)
    (found,) = lift_tests(shop)
    assert (found.roi_low, found.roi_high) == pytest.approx((1.0, 3.0))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"channel": "Carrier pigeon"}, "channel"),
        ({"starts_on": ENDS, "ends_on": STARTS}, "ends_on"),
        ({"ends_on": TODAY}, "ends_on"),
        ({"starts_on": STARTS - timedelta(days=400)}, "ends_on"),
        ({"roi": None}, "result"),
        ({"revenue": 5.0}, "result"),
        ({"low": 1.0}, "low"),
        ({"low": 2.5, "high": 3.0}, "low"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(
    shop: ScopedSession, wrong: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_lift_test(shop, known(**wrong), today=TODAY)
    assert [one.field for one in refusal.value.errors] == [field]
    assert lift_tests(shop) == []


def test_money_says_nothing_where_spend_did_not_move(shop: ScopedSession) -> None:
    with pytest.raises(InvalidInput, match="hardly moved"):
        add_lift_test(shop, known(channel="Direct", roi=None, revenue=10.0), today=TODAY)


def test_a_test_makes_earlier_answers_old_and_so_does_forgetting_it(shop: ScopedSession) -> None:
    before = data_version(shop)
    row = add_lift_test(shop, known(), today=TODAY)
    assert data_version(shop) == before + 1
    remove_lift_test(shop, row.id)
    assert data_version(shop) == before + 2
    with pytest.raises(NotFound):
        remove_lift_test(shop, row.id)


def test_a_fit_follows_a_precise_test(shop: ScopedSession, workspace: WorkspaceRef) -> None:
    add_lift_test(shop, known(roi=0.5, low=0.45, high=0.55), today=TODAY)
    run = start_run(shop, kind=Kind.ATTRIBUTION, request=AttributionRequest(), workspace=workspace, actor_id=None)
    done = run_model(shop, run_id=run.id, context=quiet_context())
    assert fit_of(done).channel(CHANNEL).roi_mean == pytest.approx(0.5, abs=0.06)


def test_money_of_days_within_the_history_speaks_of_that_change_of_spend(shop: ScopedSession) -> None:
    add_lift_test(shop, known(act=Act.PAUSED, roi=None, revenue=300.0), today=TODAY)
    add_lift_test(shop, known(), today=TODAY)
    frame = marketing_frame(shop, currency="USD", today=TODAY)
    money, rate = evidence(shop, frame)
    assert isinstance(money, LiftWindow)
    assert (money.channel, money.starts_on, money.ends_on, money.increment) == (CHANNEL, STARTS, ENDS, -300.0)
    assert money.increment_sd == pytest.approx(150 / 1.96)
    assert isinstance(rate, LiftTest)
    assert (rate.roi, rate.roi_sd) == (2.0, pytest.approx(1 / 1.96))
    later = marketing_frame(shop, currency="USD", today=TODAY, since=ENDS)
    assert all(isinstance(one, LiftTest) for one in evidence(shop, later))


@pytest.fixture(scope="module")
def tester(settings: Settings, planes: Planes) -> Person:
    person = make_person(settings, planes, name="Tess Tester", plan="premium")
    with planes.tenant(person.tenant) as session:
        store(session, shop_rows(days=90))
        session.commit()
    return person


def test_programs_add_list_and_forget_tests(client: TestClient[Litestar], tester: Person) -> None:
    body = {"channel": "Email", "act": "study", "starts_on": str(STARTS), "ends_on": str(ENDS), "roi": 1.5}
    added = tester.request(client, "POST", "/api/v1/mix/lift-tests", json=body)
    assert added.status_code == 201, added.text
    listed = tester.request(client, "GET", "/api/v1/mix/lift-tests").json()["items"]
    assert [one["roi"] for one in listed] == [1.5]
    forgotten = tester.request(client, "DELETE", f"/api/v1/mix/lift-tests/{UUID(added.json()['id'])}")
    assert forgotten.status_code == 204
    assert tester.request(client, "GET", "/api/v1/mix/lift-tests").json()["items"] == []


def test_the_page_keeps_what_was_typed_when_it_complains(client: TestClient[Litestar], tester: Person) -> None:
    path = tester.at("/attribution/lift-tests")
    form = {
        "channel": "email",
        "act": "paused",
        "starts_on": str(STARTS),
        "ends_on": str(ENDS),
        "result_kind": "roi",
        "result": "about two",
    }
    refused = tester.request(client, "POST", path, data=form)
    assert refused.status_code == 422
    assert "Enter a number such as 1200 or 2.5." in refused.text
    assert 'value="about two"' in refused.text
    kept = tester.request(client, "POST", path, data=form | {"result": "2,5"})
    assert kept.status_code == 303
    shown = tester.request(client, "GET", path).text
    assert "2.50×" in shown
    assert "Paused" in shown
