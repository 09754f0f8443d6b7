"""The calendar of events over HTTP: added, merged, changed and deleted by those who may, refused by field, seen by nobody else."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import select

from app.audit.models import AuditEntry
from app.campaigns import event_calendar
from app.campaigns.facts import data_version
from kit.clock import today_in
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person

API = "/api/v1/calendar/events"
Call = Callable[..., httpx.Response]


@pytest.fixture
def merchant(settings: Settings, planes: Planes) -> Person:
    return make_person(settings, planes, name="Mary Merchant")


@pytest.fixture
def call(client: TestClient[Litestar], merchant: Person) -> Call:
    return lambda method, path=API, **more: merchant.request(client, method, path, **more)


def told(name: str = "Summer sale", first: str = "2026-07-01", last: str | None = None) -> dict[str, Any]:
    return {"name": name, "starts_on": first} | ({"ends_on": last} if last else {})


def listed(call: Call) -> list[tuple[str, str, str]]:
    return [(one["name"], one["starts_on"], one["ends_on"]) for one in call("GET").json()["items"]]


def version(planes: Planes, person: Person) -> int:
    with planes.tenant(person.tenant) as session:
        return data_version(session)


def test_an_event_lasts_a_day_or_from_its_first_to_its_last(call: Call) -> None:
    assert call("POST", json=told("Newsletter", "2026-06-01")).status_code == 201
    added = call("POST", json=told(last="2026-07-03"))
    assert added.status_code == 201, added.text
    assert (added.json()["days"], added.json()["is_ahead"], added.json()["days_known"]) == (3, False, 0)
    assert listed(call) == [("Summer sale", "2026-07-01", "2026-07-03"), ("Newsletter", "2026-06-01", "2026-06-01")]


def test_days_that_touch_an_event_of_the_same_name_make_it_longer(call: Call) -> None:
    call("POST", json=told(last="2026-07-03"))
    call("POST", json=told("  summer   SALE ", "2026-07-03", "2026-07-05"))
    call("POST", json=told(first="2026-06-30"))
    call("POST", json=told(first="2027-07-01"))
    assert listed(call) == [("Summer sale", "2027-07-01", "2027-07-01"), ("Summer sale", "2026-06-30", "2026-07-05")]


def test_models_are_told_of_each_change_and_of_nothing_else(call: Call, planes: Planes, merchant: Person) -> None:
    before = version(planes, merchant)
    event_id = call("POST", json=told()).json()["id"]
    assert version(planes, merchant) == before + 1
    call("POST", json=told())
    call("PUT", f"{API}/{event_id}", json=told())
    assert version(planes, merchant) == before + 1
    event_id = call("PUT", f"{API}/{event_id}", json=told("Stock-out", last="2026-07-02")).json()["id"]
    assert version(planes, merchant) == before + 2
    assert listed(call) == [("Stock-out", "2026-07-01", "2026-07-02")]
    assert call("DELETE", f"{API}/{event_id}").status_code == 204
    assert version(planes, merchant) == before + 3
    assert listed(call) == []
    with planes.tenant(merchant.tenant) as session:
        acts = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert [act for act in acts if act.startswith("event.")] == ["event.added", "event.changed", "event.removed"]


def test_a_change_may_correct_the_spelling_and_overlap_itself(call: Call) -> None:
    event_id = call("POST", json=told("summer sale", last="2026-07-03")).json()["id"]
    changed = call("PUT", f"{API}/{event_id}", json=told("Summer sale", "2026-07-02", "2026-07-06"))
    assert changed.status_code == 200
    assert listed(call) == [("Summer sale", "2026-07-02", "2026-07-06")]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (told(name="   "), "name"),
        (told(name="a\x00b"), "name"),
        (told(first="1989-12-31"), "starts_on"),
        (told(first="2100-01-01"), "starts_on"),
        (told(last="2100-01-01"), "ends_on"),
        (told(last="2026-06-30"), "ends_on"),
        (told(last="2027-07-02"), "ends_on"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_its_field(call: Call, wrong: dict[str, Any], field: str) -> None:
    refused = call("POST", json=wrong)
    assert refused.status_code == 422
    assert field in [one["field"] for one in refused.json()["errors"]]
    assert refused.json()["hint"]
    assert listed(call) == []


@pytest.mark.parametrize(
    "malformed", [{"name": "x"}, told(first="soon"), told(name="x" * 81), told() | {"day": 1}, [1], "x"]
)
def test_what_has_another_form_is_refused(call: Call, malformed: object) -> None:
    assert call("POST", json=malformed).status_code == 400


def test_a_year_fits_and_a_full_calendar_says_so(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    assert call("POST", json=told(last="2027-07-01")).json()["days"] == event_calendar.LONGEST_DAYS
    monkeypatch.setattr(event_calendar, "MOST_NAMES", 1)
    refused = call("POST", json=told("Another"))
    assert refused.status_code == 422
    assert "same name" in refused.json()["hint"]
    monkeypatch.setattr(event_calendar, "MOST_DAYS", 366)
    assert call("POST", json=told(first="2029-01-01")).status_code == 422


def test_nobody_sees_or_touches_the_events_of_another_workspace(
    client: TestClient[Litestar], call: Call, stranger: Person, merchant: Person
) -> None:
    event_id = call("POST", json=told()).json()["id"]
    assert stranger.request(client, "GET", API).json()["items"] == []
    assert stranger.request(client, "DELETE", f"{API}/{event_id}").status_code == 404
    assert stranger.request(client, "PUT", f"{API}/{event_id}", json=told("Mine")).status_code == 404
    assert stranger.request(client, "GET", merchant.at("/events")).status_code == 404
    assert call("DELETE", f"{API}/{uuid4()}").status_code == 404
    assert len(listed(call)) == 1


def test_a_viewer_looks_and_changes_nothing(
    client: TestClient[Litestar], settings: Settings, planes: Planes, call: Call, merchant: Person
) -> None:
    event_id = call("POST", json=told()).json()["id"]
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, merchant, "viewer")
    shown = viewer.request(client, "GET", merchant.at("/events"))
    assert "Summer sale" in shown.text
    assert "/delete" not in shown.text
    assert 'id="field-name"' not in shown.text
    for path in ("/events", f"/events/{event_id}", f"/events/{event_id}/delete"):
        assert viewer.request(client, "POST", merchant.at(path), data=told()).status_code == 403


def test_the_page_adds_changes_and_deletes(call: Call, merchant: Person) -> None:
    page = merchant.at("/events")
    ahead = today_in("UTC") + timedelta(days=20)
    assert "No past events yet" in call("GET", page).text
    kept = call("POST", page, data={"name": "Relaunch", "starts_on": str(ahead), "ends_on": ""})
    assert kept.status_code == 303
    assert call("POST", page, data={"name": "Stock-out", "starts_on": "2026-03-01"}).status_code == 303
    shown = call("GET", page).text
    assert (
        shown.index('id="ahead"')
        < shown.index("Relaunch</th>")
        < shown.index('id="past"')
        < shown.index("Stock-out</th>")
    )
    assert "Not seen yet" in shown
    change = re.search(r'href="([^"#]+\?change=([^"#]+))#tell" aria-label="Change Stock-out', shown)
    assert change
    assert 'value="2026-03-01"' in call("GET", change[1]).text
    changed = call("POST", f"{page}/{change[2]}", data={"name": "Stock-out", "starts_on": "2026-03-02", "ends_on": ""})
    assert changed.status_code == 303
    assert listed(call)[1] == ("Stock-out", "2026-03-02", "2026-03-02")
    event_id = call("GET").json()["items"][1]["id"]
    assert call("POST", f"{page}/{event_id}/delete").status_code == 303
    assert "Stock-out</th>" not in call("GET", page).text


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"name": "Sale", "starts_on": "first of May"}, "Enter a day such as 2026-11-21."),
        ({"name": "Sale", "starts_on": ""}, "Enter the first day."),
        ({"name": "", "starts_on": "2026-05-01"}, "Give it a name of 1 to 80 letters"),
        ({"name": "Sale", "starts_on": "2026-05-02", "ends_on": "2026-05-01"}, "It ends before it starts."),
    ],
)
def test_the_page_keeps_what_was_typed_when_it_complains(
    call: Call, merchant: Person, typed: dict[str, str], words: str
) -> None:
    refused = call("POST", merchant.at("/events"), data=typed)
    assert refused.status_code == 422
    assert words in refused.text
    assert f'value="{typed["name"]}"' in refused.text


def test_an_event_across_today_is_still_ahead(call: Call) -> None:
    today: date = today_in("UTC")
    call("POST", json=told("Sale", str(today - timedelta(days=2)), str(today)))
    assert call("GET").json()["items"][0]["is_ahead"]
