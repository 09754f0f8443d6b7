"""Workspaces, people and invitations as a program or a signed-in script meets them."""

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from kit.ids import new_id
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.people import Person, join, make_person


@pytest.fixture(scope="module")
def viewer(settings: Settings, planes: Planes, owner: Person) -> Person:
    """A member of the owner's workspace who only looks."""
    person = make_person(settings, planes, name="Vera Viewer")
    join(planes, person, owner, "viewer")
    return person


def _of(person: Person, path: str = "") -> str:
    return f"/api/v1/workspaces/{person.workspace_id}{path}"


def test_a_workspace_is_read_and_changed(client: TestClient[Litestar], owner: Person) -> None:
    changed = owner.request(client, "PATCH", _of(owner), json={"name": "New name", "currency": "NOK"})
    assert (changed.status_code, changed.json()["name"], changed.json()["currency"]) == (200, "New name", "NOK")
    assert owner.request(client, "GET", _of(owner)).json() == changed.json()
    refused = owner.request(client, "PATCH", _of(owner), json={"currency": "EURO"})
    assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "currency")


def test_a_further_workspace_is_made_listed_and_deleted(client: TestClient[Litestar], stranger: Person) -> None:
    made = stranger.request(client, "POST", "/api/v1/workspaces", json={"name": "Second", "timezone": "Asia/Tokyo"})
    assert made.status_code == 201
    path = f"/api/v1/workspaces/{made.json()['id']}"
    listed = stranger.request(client, "GET", "/api/v1/workspaces").json()
    assert {made.json()["id"], str(stranger.workspace_id)} == {item["id"] for item in listed}
    assert stranger.request(client, "DELETE", path).status_code == 204
    assert stranger.request(client, "GET", path).status_code == 404


def test_people_are_listed_changed_and_removed(
    client: TestClient[Litestar], settings: Settings, planes: Planes, owner: Person
) -> None:
    helper = make_person(settings, planes, name="Hans Helper")
    join(planes, helper, owner, "editor")
    path = _of(owner, f"/members/{helper.user_id}")
    assert owner.request(client, "PATCH", path, json={"role": "admin"}).status_code == 200
    listed = owner.request(client, "GET", _of(owner, "/members")).json()
    assert {"admin", "owner"} <= {item["role"] for item in listed}
    assert owner.request(client, "DELETE", path).status_code == 204
    assert owner.request(client, "DELETE", path).status_code == 404


def test_a_viewer_reads_but_changes_nobody(client: TestClient[Litestar], owner: Person, viewer: Person) -> None:
    assert viewer.request(client, "GET", _of(owner, "/members")).status_code == 200
    for method, path, body in [
        ("PATCH", "", {"name": "Mine now"}),
        ("DELETE", "", None),
        ("PATCH", f"/members/{owner.user_id}", {"role": "viewer"}),
        ("DELETE", f"/members/{owner.user_id}", None),
        ("GET", "/invitations", None),
        ("POST", "/invitations", {"email": "x@example.org"}),
    ]:
        assert viewer.request(client, method, _of(owner, path), json=body).status_code == 403, (method, path)


def test_a_viewer_may_leave(client: TestClient[Litestar], settings: Settings, planes: Planes, owner: Person) -> None:
    guest = make_person(settings, planes, name="Gina Guest")
    join(planes, guest, owner, "viewer")
    path = _of(owner, f"/members/{guest.user_id}")
    assert guest.request(client, "DELETE", path).status_code == 204
    assert guest.request(client, "GET", _of(owner)).status_code == 404


def test_the_last_owner_stays(client: TestClient[Litestar], owner: Person) -> None:
    reply = owner.request(client, "DELETE", _of(owner, f"/members/{owner.user_id}"))
    assert (reply.status_code, reply.json()["title"]) == (409, "That does not fit what is stored")


def test_invitations_are_made_listed_and_withdrawn(client: TestClient[Litestar], owner: Person) -> None:
    email = f"invited-{new_id().hex[-8:]}@example.org"
    made = owner.request(client, "POST", _of(owner, "/invitations"), json={"email": email, "role": "editor"})
    assert (made.status_code, made.json()["role"]) == (201, "editor")
    again = owner.request(client, "POST", _of(owner, "/invitations"), json={"email": email})
    assert again.json()["id"] == made.json()["id"]
    listed = owner.request(client, "GET", _of(owner, "/invitations")).json()
    assert [item["role"] for item in listed if item["email"] == email] == ["viewer"]
    path = _of(owner, f"/invitations/{made.json()['id']}")
    assert owner.request(client, "DELETE", path).status_code == 204
    assert owner.request(client, "DELETE", path).status_code == 404


def test_a_stranger_finds_nothing(client: TestClient[Litestar], owner: Person, premium_owner: Person) -> None:
    for path in ("", "/members", "/invitations"):
        assert premium_owner.request(client, "GET", _of(owner, path)).status_code == 404
