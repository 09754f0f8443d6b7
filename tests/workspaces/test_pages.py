"""Settings, team and invitations as a browser meets them."""

from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from sqlalchemy import update

from kit.ids import new_id
from kit.settings import Settings
from kit.web.security import hash_token, new_token
from tenants.isolation.planes import Planes
from tenants.workspaces.models import Invitation
from tests.identity.browser import Browser
from tests.people import PASSWORD, Person, join, make_person

HTML = {"accept": "text/html"}


def _page(client: TestClient[Litestar], person: Person, path: str) -> str:
    reply = person.request(client, "GET", path, headers=HTML)
    assert reply.status_code == 200, reply.text
    return reply.text


def _invited(client: TestClient[Litestar], planes: Planes, owner: Person, email: str) -> str:
    """Invite an address on the team page; the token that its mail would carry."""
    reply = owner.request(
        client, "POST", owner.at("/settings/team/invite"), headers=HTML, data={"email": email, "role": "editor"}
    )
    assert reply.status_code == 303
    token = new_token()
    with planes.begin_control() as control:
        control.execute(update(Invitation).where(Invitation.email == email).values(token_hash=hash_token(token)))
    return token


@pytest.fixture
def browser(client: TestClient[Litestar]) -> Iterator[Browser]:
    """A browser that nobody has used before."""
    client.cookies.clear()
    yield Browser(client)
    client.cookies.clear()


def test_settings_are_saved_and_a_refusal_keeps_what_was_typed(client: TestClient[Litestar], owner: Person) -> None:
    path = owner.at("/settings")
    saved = owner.request(
        client, "POST", path, headers=HTML, data={"name": "Blue shop", "currency": "SEK", "timezone": "Europe/Oslo"}
    )
    assert saved.status_code == 303
    page = _page(client, owner, path)
    assert 'value="Blue shop"' in page
    assert '<option value="SEK" selected>' in page
    refused = owner.request(
        client, "POST", path, headers=HTML, data={"name": "", "currency": "NOK", "timezone": "Europe/Oslo"}
    )
    assert refused.status_code == 422
    assert '<option value="NOK" selected>' in refused.text


def test_a_viewer_sees_settings_and_team_without_buttons(
    client: TestClient[Litestar], settings: Settings, planes: Planes, owner: Person
) -> None:
    viewer = make_person(settings, planes, name="Vera Viewer")
    join(planes, viewer, owner, "viewer")
    general = _page(client, viewer, owner.at("/settings"))
    assert "Save settings" not in general
    assert "Delete this workspace" not in general
    team = _page(client, viewer, owner.at("/settings/team"))
    assert owner.email in team
    assert "Send invitation" not in team
    assert "Leave" in team
    left = viewer.request(client, "POST", owner.at("/settings/team/leave"), headers=HTML)
    assert left.headers["location"] == "/"
    assert viewer.request(client, "GET", owner.at("/settings"), headers=HTML).status_code == 404


def test_an_admin_cannot_pick_an_owners_role(
    client: TestClient[Litestar], settings: Settings, planes: Planes, owner: Person
) -> None:
    admin = make_person(settings, planes, name="Adam Admin")
    join(planes, admin, owner, "admin")
    team = _page(client, admin, owner.at("/settings/team"))
    assert f"/team/{owner.user_id}/role" not in team
    assert '<option value="owner"' not in team
    role = owner.request(
        client, "POST", owner.at(f"/settings/team/{admin.user_id}/role"), headers=HTML, data={"role": "editor"}
    )
    assert role.status_code == 303
    removed = owner.request(client, "POST", owner.at(f"/settings/team/{admin.user_id}/remove"), headers=HTML)
    assert removed.status_code == 303
    assert admin.email not in _page(client, owner, owner.at("/settings/team"))


def test_the_last_owner_is_told_why_leaving_does_not_work(client: TestClient[Litestar], owner: Person) -> None:
    reply = owner.request(client, "POST", owner.at("/settings/team/leave"), headers=HTML)
    assert reply.headers["location"] == owner.at("/settings/team")
    flash = reply.headers["set-cookie"].split("adloom_flash=")[1].split(";")[0]
    assert "last one" in bytes.fromhex(flash).decode()


def test_a_refused_invitation_keeps_the_address(client: TestClient[Litestar], owner: Person) -> None:
    reply = owner.request(
        client, "POST", owner.at("/settings/team/invite"), headers=HTML, data={"email": owner.email, "role": "viewer"}
    )
    assert reply.status_code == 422
    assert "is in this workspace already" in reply.text
    assert f'value="{owner.email}"' in reply.text


def test_an_open_invitation_is_sent_again_and_withdrawn(
    client: TestClient[Litestar], planes: Planes, owner: Person, browser: Browser
) -> None:
    email = f"later-{new_id().hex[-8:]}@example.org"
    token = _invited(client, planes, owner, email)
    team = _page(client, owner, owner.at("/settings/team"))
    invitation = team.split("/invitations/")[1].split("/")[0]
    for act in ("resend", "withdraw"):
        path = owner.at(f"/settings/team/invitations/{invitation}/{act}")
        assert owner.request(client, "POST", path, headers=HTML).status_code == 303
    assert email not in _page(client, owner, owner.at("/settings/team"))
    assert browser.open(f"/invitations/{token}").status_code == 404


def test_somebody_new_joins_by_the_link_with_name_and_password(
    client: TestClient[Litestar], planes: Planes, owner: Person, browser: Browser
) -> None:
    email = f"nora-{new_id().hex[-8:]}@example.org"
    link = f"/invitations/{_invited(client, planes, owner, email)}"
    client.cookies.clear()
    assert "You are invited as editor" in browser.open(link).text
    weak = browser.send(link, f"{link}/sign-up", name="Nora", password="password12")
    assert weak.status_code == 422
    assert 'value="Nora"' in weak.text
    joined = browser.send(link, f"{link}/sign-up", name="Nora", password=PASSWORD)
    assert joined.headers["location"] == owner.at("/overview")
    assert email in browser.open(owner.at("/settings/team")).text


def test_somebody_with_an_account_signs_in_and_joins(
    client: TestClient[Litestar], settings: Settings, planes: Planes, owner: Person, browser: Browser
) -> None:
    ben = make_person(settings, planes, name="Ben Buyer")
    token = _invited(client, planes, owner, ben.email)
    client.cookies.clear()
    assert f"/sign-in?next=/invitations/{token}" in browser.open(f"/invitations/{token}").text
    assert "Join" in _page(client, ben, f"/invitations/{token}")
    joined = ben.request(client, "POST", f"/invitations/{token}", headers=HTML)
    assert joined.headers["location"] == owner.at("/overview")


def test_the_wrong_person_is_told_so(
    client: TestClient[Litestar], planes: Planes, owner: Person, stranger: Person
) -> None:
    token = _invited(client, planes, owner, f"someone-{new_id().hex[-8:]}@example.org")
    assert f"You are signed in as {stranger.email}" in _page(client, stranger, f"/invitations/{token}")
    assert stranger.request(client, "POST", f"/invitations/{token}", headers=HTML).status_code == 403


def test_a_further_workspace_is_made_and_deleted_by_typing_its_name(
    client: TestClient[Litestar], stranger: Person
) -> None:
    assert "Create workspace" in _page(client, stranger, "/workspaces/new")
    form = {"name": "Client One", "currency": "EUR", "timezone": "Asia/Tokyo"}
    refused = stranger.request(client, "POST", "/workspaces/new", headers=HTML, data=form | {"name": " "})
    assert refused.status_code == 422
    made = stranger.request(client, "POST", "/workspaces/new", headers=HTML, data=form)
    home = made.headers["location"].removesuffix("/start")
    typo = stranger.request(client, "POST", f"{home}/settings/delete", headers=HTML, data={"name": "Client"})
    assert typo.status_code == 422
    assert "not the workspace" in typo.text
    gone = stranger.request(client, "POST", f"{home}/settings/delete", headers=HTML, data={"name": "Client One"})
    assert gone.headers["location"] == "/"
    assert stranger.request(client, "GET", f"{home}/settings", headers=HTML).status_code == 404


def test_the_free_plan_has_two_seats_and_says_what_a_third_would_cost(
    client: TestClient[Litestar], settings: Settings, planes: Planes
) -> None:
    small = make_person(settings, planes, name="Finn Free")
    _invited(client, planes, small, f"second-{new_id().hex[-8:]}@example.org")
    refused = small.request(
        client,
        "POST",
        small.at("/settings/team/invite"),
        headers=HTML,
        data={"email": f"third-{new_id().hex[-8:]}@example.org", "role": "editor"},
    )
    assert refused.status_code == 402
    assert "2 people in a workspace" in refused.text
    assert "$79 a month" in refused.text
