"""People of a workspace: who may do what, how they come in and go, and that strangers see nothing at all."""

import re
from collections.abc import Callable
from html import unescape

import httpx
import pytest
from sqlalchemy import text

from tests.installation import Installation
from tests.people import Person, join
from tests.stories.program import Program, eventually

Make = Callable[..., Person]
Give = Callable[..., Program]
_INVITATION = re.compile(r"/invitations/([\w-]+)")


@pytest.fixture(scope="module")
def boss(make: Make) -> Person:
    """Owner of the workspace of these stories."""
    return make("Bea Boss", plan="premium")


def _opened(http: httpx.Client, letter: str) -> str:
    """The invitation's page; the mail can be faster than the commit of the job that sends it."""
    found = _INVITATION.search(letter)
    assert found, letter
    page = f"/invitations/{found[1]}"
    eventually(lambda: http.get(page).status_code == 200, "the invitation opens")
    return page


@pytest.mark.parametrize(
    ("role", "may_read", "may_import", "may_invite", "may_delete"),
    [
        ("owner", True, True, True, True),
        ("admin", True, True, True, False),
        ("editor", True, True, False, False),
        ("viewer", True, False, False, False),
    ],
)
def test_a_role_may_do_what_it_says_and_no_more(
    installation: Installation,
    make: Make,
    program: Give,
    role: str,
    may_read: bool,
    may_import: bool,
    may_invite: bool,
    may_delete: bool,
) -> None:
    owner = make("Oda Owner", plan="premium")
    person = owner
    if role != "owner":
        person = make(f"{role.title()} Person")
        join(installation.planes, person, owner, role)
    caller = program(person, at=owner)
    here = f"/workspaces/{owner.workspace_id}"
    file = {"file": ("days.csv", b"date,channel,spend,revenue\n2026-10-01,Email,1,2\n", "text/csv")}
    guest = {"email": f"guest-of-{role}@shop.example", "role": "viewer"}
    allowed = {
        "read": caller.call("GET", "/analytics/dashboard"),
        "import": caller.call("POST", "/imports", files=file),
        "invite": caller.call("POST", f"{here}/invitations", json=guest),
        "delete": caller.call("DELETE", here),
    }
    expected = {"read": may_read, "import": may_import, "invite": may_invite, "delete": may_delete}
    assert {name: reply.status_code for name, reply in allowed.items() if reply.status_code >= 400} == {
        name: 403 for name, may in expected.items() if not may
    }


def test_somebody_is_invited_by_mail_joins_and_leaves(
    installation: Installation, http: httpx.Client, make: Make, program: Give, boss: Person
) -> None:
    guest, here = make("Gil Guest"), f"/workspaces/{boss.workspace_id}"
    owner = program(boss)
    owner.post(f"{here}/invitations", {"email": guest.email, "role": "editor"})
    page = _opened(http, installation.letter(to=guest.email, subject="Join ")["text"])
    assert f"{boss.name}'s shop" in unescape(http.get(page, headers={"accept": "text/html"}).text)

    assert program(guest, at=boss).call("GET", here).status_code == 404
    assert guest.request(http, "POST", page).status_code == 303
    assert program(guest, at=boss).get("/auth/me")["role"] == "editor"
    assert guest.request(http, "POST", page).status_code == 404

    owner.call("DELETE", f"{here}/members/{guest.user_id}")
    assert program(guest, at=boss).call("GET", here).status_code == 404


def test_an_invitation_is_for_the_address_that_it_was_sent_to(
    installation: Installation, http: httpx.Client, make: Make, program: Give, boss: Person
) -> None:
    thief = make("Tom Thief")
    program(boss).post(f"/workspaces/{boss.workspace_id}/invitations", {"email": "right@shop.example"})
    refused = thief.request(
        http, "POST", _opened(http, installation.letter(to="right@shop.example", subject="Join ")["text"])
    )
    assert refused.status_code == 403
    assert program(thief, at=boss).call("GET", f"/workspaces/{boss.workspace_id}").status_code == 404


def test_the_last_owner_cannot_leave_or_be_demoted(program: Give, boss: Person) -> None:
    owner, member = program(boss), f"/workspaces/{boss.workspace_id}/members/{boss.user_id}"
    assert owner.call("PATCH", member, json={"role": "viewer"}).status_code == 409
    assert owner.call("DELETE", member).status_code == 409


def test_a_stranger_sees_nothing_of_a_workspace_and_its_token_reaches_no_other(
    make: Make, program: Give, boss: Person
) -> None:
    stranger = make("Sue Stranger", plan="premium")
    intruder = program(stranger, at=boss)
    for path in ("/analytics/dashboard", "/imports", "/jobs", f"/workspaces/{boss.workspace_id}", "/billing/usage"):
        reply = intruder.call("GET", path)
        assert reply.status_code == 404, path
        assert boss.name not in reply.text
    assert [item["id"] for item in program(stranger).get("/workspaces")] == [str(stranger.workspace_id)]


def test_a_deleted_workspace_disappears_at_once_and_is_erased(
    installation: Installation, make: Make, program: Give
) -> None:
    person = make("Del Deleter", plan="premium")
    caller = program(person)
    assert caller.call("DELETE", f"/workspaces/{person.workspace_id}").status_code == 204
    assert caller.call("GET", f"/workspaces/{person.workspace_id}").status_code == 404
    schema_is_there = text("SELECT count(*) FROM control.schemas WHERE schema_name = :name")

    def is_erased() -> bool:
        with installation.planes.control() as control:
            return not control.execute(schema_is_there, {"name": person.tenant.schema_name}).scalar_one()

    eventually(is_erased, "the schema is dropped")
