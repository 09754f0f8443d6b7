"""Accounts over the API: signing up and in, proving the address, new passwords, and tokens that were stolen."""

import re
from collections.abc import Callable

import httpx

from tests.installation import Installation
from tests.people import PASSWORD, Person
from tests.stories.program import Program

_TOKEN = re.compile(r"[?&]token=([\w-]+)")


def _mailed_token(installation: Installation, email: str, subject: str) -> str:
    found = _TOKEN.search(installation.letter(to=email, subject=subject)["text"])
    assert found
    return found[1]


def test_somebody_signs_up_proves_the_address_and_signs_in(installation: Installation, http: httpx.Client) -> None:
    account = {"email": "ria@shop.example", "password": PASSWORD, "name": "Ria Roe", "workspace_name": "Ria's roses"}
    made = http.post("/api/v1/auth/register", json=account)
    assert made.status_code == 201, made.text
    program = Program.with_token(http, made.json()["tokens"]["access_token"])
    me = program.get("/auth/me")
    assert (me["user"]["is_verified"], me["role"], me["plan"]) == (False, "owner", "free")
    assert me["workspace"]["name"] == "Ria's roses"

    token = _mailed_token(installation, account["email"], "Confirm your e-mail address")
    assert http.post("/api/v1/auth/verify-email", json={"token": token}).json()["is_verified"]
    assert program.get("/auth/me")["user"]["is_verified"]
    assert http.post("/api/v1/auth/verify-email", json={"token": token}).status_code in {404, 409, 422}

    again = http.post("/api/v1/auth/register", json=account)
    assert again.status_code == 409
    credentials = {"email": account["email"], "password": PASSWORD}
    assert http.post("/api/v1/auth/login", json=credentials).status_code == 200
    assert http.post("/api/v1/auth/login", json=credentials | {"password": "wrong"}).status_code == 401


def test_a_weak_password_is_refused_with_the_reason(http: httpx.Client) -> None:
    account = {"email": "weak@shop.example", "name": "Wim Weak"}
    for password in ("short", "password1234", "weak@shop.example"):
        reply = http.post("/api/v1/auth/register", json=account | {"password": password})
        assert reply.status_code == 422
        assert [error["field"] for error in reply.json()["errors"]] == ["password"]
        assert reply.json()["hint"]


def test_a_forgotten_password_is_set_anew_and_ends_every_sign_in(
    installation: Installation, http: httpx.Client, make: Callable[..., Person], program: Callable[..., Program]
) -> None:
    person = make("Fay Forgetful")
    before = http.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD}).json()
    asked = http.post("/api/v1/auth/password-reset", json={"email": person.email})
    unknown = http.post("/api/v1/auth/password-reset", json={"email": "nobody@shop.example"})
    assert (asked.status_code, asked.json()) == (unknown.status_code, unknown.json()) == (202, unknown.json())

    token = _mailed_token(installation, person.email, "Set a new password")
    change = {"token": token, "password": "four other unrelated words"}
    assert http.post("/api/v1/auth/password-reset/confirm", json=change | {"password": "short"}).status_code == 422
    assert http.post("/api/v1/auth/password-reset/confirm", json=change).status_code == 200
    assert http.post("/api/v1/auth/password-reset/confirm", json=change).status_code >= 400

    assert http.post("/api/v1/auth/refresh", json={"refresh_token": before["refresh_token"]}).status_code == 401
    assert http.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD}).status_code == 401
    new = http.post("/api/v1/auth/login", json={"email": person.email, "password": change["password"]})
    assert new.status_code == 200
    installation.letter(to=person.email, subject="Your password was changed")
