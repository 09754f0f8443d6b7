"""The API of campaigns: pages of the list by cursor, plans, metrics, changes asked and refused, platforms and ranking."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import text

from app.connections.catalogue import publish
from app.plugins import load_plugins
from kit.clock import today_in
from kit.ids import new_id
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.campaigns.advertiser import MICROS, Advertiser
from tests.people import Person, join, make_person

Client = TestClient[Litestar]


@pytest.fixture(scope="module", autouse=True)
def _connectors(planes: Planes) -> Iterator[None]:
    """The installed connectors, as a worker writes them down."""
    with planes.begin_control() as control:
        publish(control, load_plugins())
    yield
    with planes.begin_control() as control:
        control.execute(text("DELETE FROM control.connectors"))


@pytest.fixture
def program(settings: Settings, planes: Planes) -> Person:
    """Three campaigns of Meta and one of TikTok in euros."""
    person = make_person(settings, planes, name="Pia Program", plan="premium")
    with planes.begin_tenant(person.tenant) as session:
        at = Advertiser(session, today_in("UTC"))
        at.rate("USD", "1")
        at.rate("EUR", "2")
        account = at.account("Main")
        for number in (1, 2, 3):
            at.days(at.campaign(f"Meta {number}", account=account), spend=10 * number, value=30)
        tiktok = at.account("Berlin", connector="tiktok_ads", currency="EUR")
        channel = at.channel("tiktok_ads", "TikTok Ads")
        at.days(at.campaign("TikTok 1", account=tiktok, channel=channel), spend=5, value=50)
        at.rolled_up()
    return person


def call(
    client: Client, person: Person, method: str, path: str, at: Person | None = None, **more: Any
) -> httpx.Response:
    headers = {"x-workspace": str((at or person).workspace_id)}
    return person.request(client, method, "/api/v1" + path, headers=headers, **more)


def id_of(client: Client, person: Person, name: str) -> str:
    return str(call(client, person, "GET", f"/campaigns?q={name}").json()["items"][0]["id"])


def test_the_list_comes_in_pages_that_neither_skip_nor_repeat(client: Client, program: Person) -> None:
    names, cursor = [], ""
    for _ in range(10):
        page = call(client, program, "GET", f"/campaigns?sort=name&page_size=3{cursor}").json()
        names += [item["name"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert names == ["Meta 1", "Meta 2", "Meta 3", "TikTok 1"]
    assert page["total"] == 4
    assert page["totals"]["spend"] == (600 + 100) * MICROS
    assert call(client, program, "GET", "/campaigns?cursor=nonsense").status_code == 422


def test_the_list_the_summary_and_the_platforms_say_the_same(client: Client, program: Person) -> None:
    total = call(client, program, "GET", "/campaigns").json()["totals"]
    summary = call(client, program, "GET", "/campaigns/performance/summary").json()
    platforms = call(client, program, "GET", "/analytics/platforms").json()
    assert summary["metrics"] == total == platforms["totals"]
    assert [(row["platform"], row["campaigns"]) for row in platforms["platforms"]] == [
        ("meta_ads", 3),
        ("tiktok_ads", 1),
    ]
    assert platforms["platforms"][1]["metrics"]["spend"] == 100 * MICROS
    assert sum(row["spend_share"] for row in platforms["platforms"]) == pytest.approx(1)


def test_the_overview_says_the_same_as_the_campaigns(client: Client, program: Person) -> None:
    overview = call(client, program, "GET", "/analytics/dashboard").json()
    total = call(client, program, "GET", "/campaigns").json()["totals"]
    assert {item["key"]: item["value"] for item in overview["metrics"]}["spend"] == total["spend"]


def test_best_and_worst_follow_what_is_good(client: Client, program: Person) -> None:
    by_roas = call(client, program, "GET", "/analytics/campaigns?metric=roas").json()
    by_cpa = call(client, program, "GET", "/analytics/campaigns?metric=cpa&min_spend=60").json()
    assert [row["name"] for row in by_roas["best"]] == ["TikTok 1", "Meta 1", "Meta 2", "Meta 3"]
    assert by_roas["worst"] == []
    assert [row["name"] for row in by_cpa["best"]] == ["Meta 1", "Meta 2", "Meta 3"]
    assert call(client, program, "GET", "/analytics/campaigns?metric=magic").status_code == 422


def test_a_campaigns_metrics_come_by_day_in_its_currency(client: Client, program: Person) -> None:
    path = f"/campaigns/{id_of(client, program, 'TikTok')}/metrics?period=last_7_days"
    shown = call(client, program, "GET", path).json()
    assert (shown["currency"], len(shown["days"])) == ("EUR", 7)
    assert shown["metrics"]["spend"] == 35 * MICROS == sum(day["metrics"]["spend"] for day in shown["days"])


def test_what_is_worth_knowing_of_a_campaign_names_figures_period_and_source(client: Client, program: Person) -> None:
    campaign_id = id_of(client, program, "TikTok")
    found = call(client, program, "GET", f"/campaigns/{campaign_id}/insights?period=last_7_days").json()
    assert (found["currency"], found["period"]["days"]) == ("EUR", 7)
    pace = next(item for item in found["items"] if item["kind"] == "pacing")
    assert pace["figures"][0] == {"name": "spend_a_day", "value": 5 * MICROS, "unit": "money"}
    assert (pace["tone"], pace["certainty"], pace["period"]["days"]) == ("warn", "fact", 7)
    assert pace["source"].startswith("Campaign days of TikTok")
    assert call(client, program, "GET", f"/campaigns/{new_id()}/insights").status_code == 404


def test_a_plan_is_made_read_changed_and_deleted(client: Client, program: Person) -> None:
    body = {"name": "Summer", "channel": "TikTok Ads", "daily_budget_micros": 20 * MICROS}
    made = call(client, program, "POST", "/campaigns", json=body)
    assert made.status_code == 201
    path = made.headers["location"].removeprefix("/api/v1")
    assert made.json()["channel"] == "tiktok_ads"
    patched = call(client, program, "PATCH", path, json={"notes": "Ask Tom", "daily_budget_micros": None})
    assert (patched.status_code, patched.json()["notes"], patched.json()["daily_budget_micros"]) == (
        200,
        "Ask Tom",
        None,
    )
    replaced = call(client, program, "PUT", path, json=body | {"name": "Late summer"}).json()
    assert (replaced["name"], replaced["notes"], replaced["status"]) == ("Late summer", "", "planned")
    assert call(client, program, "DELETE", path).status_code == 204
    assert call(client, program, "GET", path).status_code == 404


def test_a_platforms_campaign_is_paused_by_a_change_that_is_asked_for(client: Client, program: Person) -> None:
    path = f"/campaigns/{id_of(client, program, 'Meta 1')}"
    paused = call(client, program, "POST", path + "/pause")
    assert (paused.status_code, paused.json()["state"], paused.json()["kind"]) == (202, "asked", "pause")
    budget = call(client, program, "PATCH", path, json={"daily_budget_micros": 60 * MICROS})
    assert budget.status_code == 202
    assert budget.json()["daily_budget_micros"] == 50 * MICROS
    assert budget.json()["change"]["daily_budget_micros"] == 60 * MICROS
    assert len(call(client, program, "GET", path + "/changes").json()) == 2
    undo = call(client, program, "POST", f"/campaigns/changes/{paused.json()['id']}/undo")
    assert undo.status_code == 409


def test_what_does_not_fit_is_refused_with_what_to_do(client: Client, program: Person) -> None:
    path = f"/campaigns/{id_of(client, program, 'Meta 1')}"
    stale = {"daily_budget_micros": 60 * MICROS, "expected_daily_budget_micros": 1}
    assert call(client, program, "PATCH", path, json=stale).status_code == 409
    large = call(client, program, "PATCH", path, json={"daily_budget_micros": 500 * MICROS})
    assert (large.status_code, large.json()["errors"][0]["field"]) == (422, "confirm")
    confirmed = {"daily_budget_micros": 500 * MICROS, "confirm": True}
    assert call(client, program, "PATCH", path, json=confirmed).status_code == 202
    assert call(client, program, "PATCH", path, json={"name": "Mine"}).status_code == 422
    assert call(client, program, "DELETE", path).status_code == 409
    assert call(client, program, "GET", f"/campaigns/{new_id()}").status_code == 404


def test_a_viewer_reads_and_changes_nothing(
    client: Client, program: Person, settings: Settings, planes: Planes
) -> None:
    viewer = make_person(settings, planes, name="Vito Viewer")
    join(planes, viewer, program, "viewer")
    path = f"/campaigns/{id_of(client, program, 'Meta 1')}"
    assert call(client, viewer, "GET", path, at=program).status_code == 200
    assert call(client, viewer, "POST", path + "/pause", at=program).status_code == 403
    assert (
        call(client, viewer, "POST", "/campaigns", at=program, json={"name": "A", "channel": "TV"}).status_code == 403
    )
