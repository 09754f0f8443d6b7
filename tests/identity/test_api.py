"""Accounts and tokens as a program meets them."""

from typing import Any

import httpx
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from kit.clock import utc_now
from kit.ids import new_id
from tenants.identity.links import make_link
from tenants.isolation.planes import Planes
from tests.people import PASSWORD, Person

pytestmark = pytest.mark.usefixtures("patient")


def _call(client: TestClient[Litestar], path: str, **body: Any) -> httpx.Response:
    return client.post(f"/api/v1/auth/{path}", json=body)


def _bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens['access_token']}"}


def _register(client: TestClient[Litestar], **changes: Any) -> httpx.Response:
    email = f"ada-{new_id().hex[-12:]}@example.org"
    return _call(client, "register", **({"email": email, "password": PASSWORD, "name": "Ada Lovelace"} | changes))


def test_registering_answers_with_account_workspace_and_working_tokens(client: TestClient[Litestar]) -> None:
    reply = _register(client, currency="EUR", timezone="Europe/Oslo")
    assert reply.status_code == 201
    made = reply.json()
    assert made["workspace"]["name"] == "Ada Lovelace's workspace"
    me = client.get("/api/v1/auth/me", headers=_bearer(made["tokens"])).json()
    assert me["user"]["id"] == made["user"]["id"]
    assert (me["role"], me["plan"], me["user"]["is_verified"]) == ("owner", "free", False)
    assert [place["id"] for place in me["workspaces"]] == [made["workspace"]["id"]]


def test_a_known_address_is_a_conflict(client: TestClient[Litestar], owner: Person) -> None:
    reply = _register(client, email=owner.email)
    assert reply.status_code == 409
    assert reply.json()["type"].endswith("/address-taken")


def test_a_weak_password_is_a_problem_with_its_field(client: TestClient[Litestar]) -> None:
    reply = _register(client, password="password12")
    assert reply.status_code == 422
    assert reply.json()["errors"][0]["field"] == "password"


def test_unknown_fields_are_refused(client: TestClient[Litestar]) -> None:
    assert _register(client, is_admin=True).status_code == 400


def test_signing_in_refreshing_and_signing_out(client: TestClient[Litestar], owner: Person) -> None:
    first = _call(client, "login", email=owner.email, password=PASSWORD).json()
    assert first["token_type"] == "Bearer"
    second = _call(client, "refresh", refresh_token=first["refresh_token"]).json()
    assert client.get("/api/v1/auth/me", headers=_bearer(second)).status_code == 200
    assert _call(client, "logout", refresh_token=second["refresh_token"]).status_code == 204
    assert client.get("/api/v1/auth/me", headers=_bearer(second)).status_code == 401
    assert _call(client, "refresh", refresh_token=second["refresh_token"]).status_code == 401


def test_wrong_credentials_are_unauthorised_and_then_slowed_down(client: TestClient[Litestar]) -> None:
    email = f"nobody-{new_id().hex[-12:]}@example.org"
    replies = [_call(client, "login", email=email, password="wrong") for _ in range(6)]
    assert [reply.status_code for reply in replies] == [401] * 5 + [429]
    assert int(replies[-1].headers["retry-after"]) > 0


def test_a_program_without_a_token_is_nobody(client: TestClient[Litestar]) -> None:
    assert client.get("/api/v1/auth/me").status_code == 401
    assert client.get("/api/v1/auth/me", headers={"authorization": "Bearer made.up.token"}).status_code == 401


def test_addresses_are_proven_and_passwords_set_anew_by_mailed_tokens(
    client: TestClient[Litestar], planes: Planes
) -> None:
    made = _register(client).json()
    user_id, email = made["user"]["id"], made["user"]["email"]
    with planes.begin_control() as control:
        verify = make_link(control, user_id=user_id, purpose="verify_email", now=utc_now())
        reset = make_link(control, user_id=user_id, purpose="reset_password", now=utc_now())
    assert _call(client, "verify-email", token=verify).json()["is_verified"] is True
    assert _call(client, "verify-email", token=verify).status_code == 422
    new = "nine loud kettles sing"
    assert _call(client, "password-reset/confirm", token=reset, password="password12").status_code == 422
    assert _call(client, "password-reset/confirm", token=reset, password=new).status_code == 200
    assert client.get("/api/v1/auth/me", headers=_bearer(made["tokens"])).status_code == 401
    assert _call(client, "login", email=email, password=new).status_code == 200


@pytest.mark.parametrize("known", [True, False])
def test_asking_for_a_reset_is_accepted_for_everybody(client: TestClient[Litestar], owner: Person, known: bool) -> None:
    reply = _call(client, "password-reset", email=owner.email if known else "nobody@example.org")
    assert reply.status_code == 202
    assert reply.json() == {"detail": "If there is an account with this address, a mail is on its way."}
