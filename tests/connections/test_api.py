"""Connections for programs: the same acts as on the pages, with problems as JSON, and nobody else's."""

from typing import Any
from uuid import uuid4

import httpx

from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.connections.desk import Desk
from tests.people import Person, join, make_person


def call(desk: Desk, method: str, path: str, *, by: Person | None = None, **more: Any) -> httpx.Response:
    headers = {"accept": "application/json", "x-workspace": str(desk.person.workspace_id)}
    return (by or desk.person).request(desk.web, method, f"/api/v1/{path}", headers=headers, **more)


def test_the_connectors_say_what_they_ask_for(desk: Desk) -> None:
    listed = {one["key"]: one for one in call(desk, "GET", "connectors").json()}
    assert listed["meta_ads"]["sign_in"] == "oauth2"
    assert "read.daily" in listed["meta_ads"]["capabilities"]
    assert [asked["name"] for asked in listed["shopify"]["config"]] == ["shop"]


def test_a_connection_is_made_authorized_checked_and_removed(desk: Desk) -> None:
    made = call(desk, "POST", "connections", json={"connector": "meta_ads", "label": "Our Meta"})
    assert made.status_code == 201
    where = made.headers["location"].removeprefix("/api/v1/")
    assert made.json()["health"]["act"] == "sign_in"
    address = call(desk, "POST", f"{where}/authorize", json={}).json()["address"]
    assert desk.come_back(desk.consent(address)).status_code == 303
    assert desk.work() == "done"
    shown = call(desk, "GET", where).json()
    assert (shown["label"], shown["state"], shown["health"]["act"]) == ("Our Meta", "active", "choose")
    assert len(shown["accounts"]) >= 5
    checked = call(desk, "POST", f"{where}/check")
    assert (checked.status_code, bool(checked.json()["job_id"])) == (202, True)
    assert desk.work() == "done"
    removing = call(desk, "DELETE", where)
    assert (removing.status_code, removing.json()["state"]) == (202, "removing")
    assert removing.json()["health"]["label"] == "Being removed"
    assert call(desk, "DELETE", where).json()["job_id"] == removing.json()["job_id"]
    for method, path in (("POST", "/check"), ("POST", "/authorize"), ("PUT", "/accounts")):
        body: dict[str, Any] = {"account_ids": []} if path == "/accounts" else {}
        assert call(desk, method, where + path, json=body).status_code == 409
    assert desk.work() == "done"
    assert call(desk, "GET", where).status_code == 404
    assert call(desk, "GET", "connections").json() == []


def test_accounts_are_listed_and_chosen_as_on_the_page(desk: Desk) -> None:
    where = f"connections/{desk.connect()}/accounts"
    listed = call(desk, "GET", where).json()
    sound = [one for one in listed if not one["problem"]]
    ill = next(one for one in listed if one["problem"])
    chosen = call(desk, "PUT", where, json={"account_ids": [sound[0]["id"], sound[1]["id"]]})
    assert chosen.status_code == 200
    assert {one["id"] for one in chosen.json() if one["is_selected"]} == {sound[0]["id"], sound[1]["id"]}
    assert [job.name for job in desk.jobs()].count("sync.account") == 2
    fewer = call(desk, "PUT", where, json={"account_ids": [sound[1]["id"]]}).json()
    assert [one["id"] for one in fewer if one["is_selected"]] == [sound[1]["id"]]
    assert [job.name for job in desk.jobs()].count("sync.account") == 2
    unknown = call(desk, "PUT", where, json={"account_ids": [str(uuid4())]})
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "account_ids")
    hindered = call(desk, "PUT", where, json={"account_ids": [ill["id"]]})
    assert hindered.status_code == 422
    assert ill["name"] in hindered.json()["errors"][0]["message"]
    assert call(desk, "GET", where).json() == fewer


def test_what_cannot_be_is_said_field_by_field(desk: Desk) -> None:
    unknown = call(desk, "POST", "connections", json={"connector": "billboards"})
    assert unknown.status_code == 404
    wrong = call(desk, "POST", "connections", json={"connector": "shopify", "config": {"shop": "https://x"}})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["field"] == "shop"


def test_a_viewer_may_look_and_nothing_else(desk: Desk, connected_settings: Settings, planes: Planes) -> None:
    viewer = make_person(connected_settings, planes, name="Vera Viewer")
    join(planes, viewer, desk.person, "viewer")
    assert call(desk, "GET", "connections", by=viewer).status_code == 200
    assert call(desk, "POST", "connections", by=viewer, json={"connector": "meta_ads"}).status_code == 403
    assert call(desk, "DELETE", f"connections/{uuid4()}", by=viewer).status_code == 403


def test_another_workspaces_connection_is_not_found(desk: Desk, connected_settings: Settings, planes: Planes) -> None:
    connection_id = desk.connect()
    stranger = make_person(connected_settings, planes, name="Sven Stranger", plan="premium")
    headers = {"accept": "application/json", "x-workspace": str(stranger.workspace_id)}
    for method, path in (("GET", ""), ("POST", "/check"), ("DELETE", "")):
        own = stranger.request(desk.web, method, f"/api/v1/connections/{connection_id}{path}", headers=headers)
        assert own.status_code == 404
    assert call(desk, "GET", f"connections/{connection_id}", by=stranger).status_code == 404
    assert stranger.request(desk.web, "GET", stranger.at(f"/connections/{connection_id}")).status_code == 404


def test_asking_for_write_permissions_needs_a_plan_with_them(
    desk: Desk, connected_settings: Settings, planes: Planes
) -> None:
    free = make_person(connected_settings, planes, name="Frida Free")
    made = free.request(desk.web, "POST", free.at("/connections/new/meta_ads"), data={})
    refused = free.request(desk.web, "GET", f"{made.headers['location']}?write=true")
    assert refused.status_code == 402
