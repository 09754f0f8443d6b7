"""Unusual days over HTTP: the API, the page, the strip on the overview, and who may do what."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.performance.jobs import FIND_KEY, FindAnomalies, PlanAnomalies
from app.performance.tasks import find, plan
from app.worker import open_resources
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.ids import new_id
from kit.jobs import JobContext
from kit.jobs.models import JobRow, Schedule
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person
from tests.performance.anomaly_shop import SteadyShop, days_ago, scaled

Client = TestClient[Litestar]
API = "/api/v1/analytics/anomalies"
BAD_DAY = 10


def make_seller(settings: Settings, planes: Planes, *, plan: str = "premium", look: bool = True) -> Person:
    """Somebody whose conversions halved ten days ago."""
    person = make_person(settings, planes, name="Sam Seller", plan=plan)
    with planes.begin_tenant(person.tenant) as session:
        shop = SteadyShop(session)
        shop.stored(scaled([days_ago(BAD_DAY)], conversions=0.5, revenue=0.5))
        if look:
            shop.look()
    return person


@pytest.fixture(scope="module")
def seller(settings: Settings, planes: Planes) -> Person:
    return make_seller(settings, planes)


def ask(client: Client, person: Person, query: str = "") -> httpx.Response:
    return person.request(client, "GET", API + query)


def items(client: Client, person: Person, query: str = "") -> list[dict[str, Any]]:
    reply = ask(client, person, query)
    assert reply.status_code == 200, reply.text
    found: list[dict[str, Any]] = reply.json()["items"]
    return found


def shown(client: Client, person: Person, path: str) -> str:
    reply = person.request(client, "GET", person.at(path), headers={"accept": "text/html"})
    assert reply.status_code == 200, reply.text[:600]
    return reply.text.replace("\u00a0", " ")


def test_an_anomaly_is_told_with_range_rarity_false_alarms_and_causes(client: Client, seller: Person) -> None:
    reply = ask(client, seller, "?metric=revenue&channel=whole_business").json()
    drop = reply["items"][0]
    assert (drop["starts_on"], drop["days"], drop["state"]) == (days_ago(BAD_DAY).isoformat(), 1, "new")
    assert drop["actual"] < drop["low"] < drop["expected"] < drop["high"]
    assert 0 < drop["chance_per_day"] < 0.01
    assert drop["false_alarms_per_month"] == pytest.approx(0.15)
    assert drop["causes"]["main"] == "conversion_rate"
    assert sum(part["share"] for part in drop["causes"]["parts"]) == pytest.approx(1, abs=0.01)
    assert "below what is usual" in drop["sentence"]
    look = reply["look"]
    assert look["is_current"]
    assert look["judged_to"] == days_ago(1).isoformat()
    assert look["expected_false_alarms"] == pytest.approx(look["false_alarms_per_month"] * 2.96, rel=0.02)


def test_the_list_is_filtered(client: Client, seller: Person) -> None:
    everything = items(client, seller)
    assert {one["channel"] for one in everything} >= {None, "google_ads", "facebook_ads"}
    assert {one["channel"] for one in items(client, seller, "?channel=google_ads")} == {"google_ads"}
    assert {one["metric"] for one in items(client, seller, "?metric=conversions")} == {"conversions"}
    day = days_ago(BAD_DAY).isoformat()
    on_the_day = items(client, seller, f"?since={day}&until={day}")
    assert on_the_day
    assert all(one["starts_on"] <= day <= one["ends_on"] for one in on_the_day)
    assert items(client, seller, "?state=withdrawn") == []


def test_pages_of_the_list_never_repeat_and_end(client: Client, seller: Person) -> None:
    seen, cursor = [], ""
    while True:
        reply = ask(client, seller, f"?page_size=2&cursor={cursor}").json()
        seen += [one["id"] for one in reply["items"]]
        cursor = reply["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == reply["total"]
    starts = [date.fromisoformat(one["starts_on"]) for one in items(client, seller)]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?metric=weather", 422),
        ("?channel=carrier_pigeon", 422),
        ("?since=2026-02-01&until=2026-01-01", 422),
        ("?since=soon", 400),
        ("?state=odd", 400),
        ("?page_size=0", 400),
        ("?page_size=1000", 400),
        ("?cursor=nonsense", 422),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_in_words(
    client: Client, seller: Person, query: str, status: int
) -> None:
    reply = ask(client, seller, query)
    assert reply.status_code == status
    assert reply.json()["detail"]


def test_seen_is_kept_and_says_it_once(client: Client, settings: Settings, planes: Planes) -> None:
    seller = make_seller(settings, planes)
    first = items(client, seller)[0]["id"]
    seen = seller.request(client, "POST", f"{API}/{first}/seen")
    assert (seen.status_code, seen.json()["state"]) == (200, "seen")
    again = seller.request(client, "POST", f"{API}/{first}/seen")
    assert again.json()["seen_at"] == seen.json()["seen_at"]
    assert first not in {one["id"] for one in items(client, seller, "?state=new")}
    assert seller.request(client, "POST", f"{API}/{uuid4()}/seen").status_code == 404


def test_nobody_else_sees_or_marks_them(client: Client, seller: Person, stranger: Person) -> None:
    first = items(client, seller)[0]["id"]
    assert items(client, stranger) == []
    assert stranger.request(client, "POST", f"{API}/{first}/seen").status_code == 404
    other = stranger.request(client, "GET", API, headers={"x-workspace": str(seller.workspace_id)})
    assert other.status_code == 404
    for method, path in (("GET", "/anomalies"), ("POST", "/anomalies/look"), ("POST", "/anomalies/seen")):
        assert stranger.request(client, method, seller.at(path)).status_code == 404


def test_a_viewer_looks_and_marks_nothing(client: Client, settings: Settings, planes: Planes, seller: Person) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, seller, "viewer")
    page = viewer.request(client, "GET", seller.at("/anomalies"))
    assert page.status_code == 200
    assert "Mark as seen" not in page.text
    assert viewer.request(client, "POST", seller.at("/anomalies/seen"), data={"ids": ""}).status_code == 403
    assert viewer.request(client, "POST", seller.at("/anomalies/look"), data={"sent": "1"}).status_code == 403


def test_the_page_tells_event_cause_and_false_alarms(client: Client, seller: Person) -> None:
    page = shown(client, seller, "/anomalies")
    for words in (
        "% below what is usual for a",
        "Where it comes from.",
        "the conversion rate, which was",
        "more metrics unusual from the same days on",
        "False alarms to expect",
        "Conversions of Google Ads",
        "Chance alone brings this",
    ):
        assert words in page
    assert "Nothing fits this filter" in shown(client, seller, "/anomalies?metric=new_customers")
    assert "Nothing was withdrawn" in shown(client, seller, "/anomalies?state=withdrawn")
    assert "Unusual days" in shown(client, seller, "/anomalies?page=99")


def test_the_overview_names_what_nobody_has_seen_until_somebody_has(
    client: Client, settings: Settings, planes: Planes
) -> None:
    seller = make_seller(settings, planes)
    assert 'id="news"' in shown(client, seller, "/overview")
    ids = " ".join(one["id"] for one in items(client, seller))
    marked = seller.request(client, "POST", seller.at("/anomalies/seen"), data={"ids": ids})
    assert marked.status_code == 303
    assert 'id="news"' not in shown(client, seller, "/overview")
    assert "You have seen everything" in shown(client, seller, "/anomalies?state=new")


def test_ids_that_are_none_are_refused(client: Client, seller: Person) -> None:
    assert seller.request(client, "POST", seller.at("/anomalies/seen"), data={"ids": "1 2"}).status_code == 422


def test_an_empty_workspace_is_shown_the_way_to_data(client: Client, owner: Person) -> None:
    page = shown(client, owner, "/anomalies")
    assert "No data yet" in page
    assert f'href="{owner.at("/imports")}"' in page


def test_every_plan_has_the_page_and_the_plan_decides_how_far_back(
    client: Client, settings: Settings, planes: Planes
) -> None:
    free = make_seller(settings, planes, plan="free")
    assert "below what is usual" in shown(client, free, "/anomalies")
    assert ask(client, free).json()["notices"] == []
    with planes.begin_tenant(free.tenant) as session:
        known = SteadyShop(session).found("revenue")[-1]
        known.starts_on = known.ends_on = days_ago(120)
    assert "revenue" not in {one["metric"] for one in items(client, free, "?channel=whole_business")}
    assert "come back with Premium" in ask(client, free).json()["notices"][0]
    assert "come back with Premium" in shown(client, free, "/anomalies")


def test_the_job_looks_and_the_page_follows_it(client: Client, settings: Settings, planes: Planes) -> None:
    seller = make_seller(settings, planes, look=False)
    assert "Nobody has looked yet" in shown(client, seller, "/anomalies")
    assert seller.request(client, "POST", seller.at("/anomalies/look"), data={"sent": "1"}).status_code == 303
    assert "data-job-progress" in shown(client, seller, "/anomalies")
    with planes.begin_tenant(seller.tenant) as session:
        done = find(_context(settings, session), FindAnomalies(timezone="UTC"))
    assert done
    assert done["looked"]
    assert items(client, seller)


def test_the_page_says_when_newer_data_wait_for_their_look(client: Client, settings: Settings, planes: Planes) -> None:
    seller = make_seller(settings, planes)
    with planes.begin_tenant(seller.tenant) as session:
        SteadyShop(session).stored()
    assert "New data came in since the last look" in shown(client, seller, "/anomalies")
    assert not ask(client, seller).json()["look"]["is_current"]


def _context(settings: Settings, session: ScopedSession) -> JobContext:
    return JobContext(new_id(), None, 1, session, open_resources(settings), lambda _share, _sentence: False)


def test_each_workspace_has_its_daily_look_and_another_one_after_data_came_in(
    settings: Settings, control: ScopedSession, seller: Person
) -> None:
    plan(_context(settings, control), PlanAnomalies())
    schedule = select(Schedule).filter_by(workspace_id=seller.workspace_id, name="find-anomalies")
    assert control.scalars(schedule).one().job_name == FIND_KEY
    assert _looks(control, seller.workspace_id) == []
    control.add(
        JobRow(
            workspace_id=seller.workspace_id,
            name="imports.run",
            arguments={},
            queue="io",
            state="done",
            max_attempts=1,
            lease_s=30,
            title="Importing a file",
            finished_at=utc_now(),
        )
    )
    control.flush()
    for _ in range(2):
        plan(_context(settings, control), PlanAnomalies())
    assert len(_looks(control, seller.workspace_id)) == 1


def _looks(control: ScopedSession, workspace_id: UUID) -> list[JobRow]:
    return list(control.scalars(select(JobRow).where(JobRow.workspace_id == workspace_id, JobRow.name == FIND_KEY)))
