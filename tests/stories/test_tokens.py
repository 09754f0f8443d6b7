"""Tokens of programs: each refresh token is good once, and a stolen one ends the whole family; guessing is slowed down."""

from collections.abc import Callable

import httpx
from sqlalchemy import text

from tests.installation import Installation
from tests.people import PASSWORD, Person
from tests.stories.program import Program


def _refresh(http: httpx.Client, token: str) -> httpx.Response:
    return http.post("/api/v1/auth/refresh", json={"refresh_token": token})


def _a_minute_later(installation: Installation, person: Person) -> None:
    """A lost reply may be repeated within seconds; make what was used look used before that."""
    with installation.planes.begin_control() as control:
        control.execute(
            text(
                "UPDATE control.refresh_tokens SET used_at = used_at - interval '1 minute' WHERE user_id = :id"
                " AND used_at IS NOT NULL"
            ),
            {"id": person.user_id},
        )


def test_a_refresh_token_that_comes_twice_ends_its_family(
    installation: Installation, http: httpx.Client, make: Callable[..., Person]
) -> None:
    person = make("Rob Robbed", plan="premium")
    signed_in = http.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD})
    first = signed_in.json()["refresh_token"]
    second = _refresh(http, first)
    assert second.status_code == 200
    program = Program.with_token(http, second.json()["access_token"], person.workspace_id)
    assert program.get("/auth/me")["user"]["email"] == person.email

    _a_minute_later(installation, person)
    assert _refresh(http, first).status_code == 401
    assert _refresh(http, second.json()["refresh_token"]).status_code == 401
    assert program.call("GET", "/auth/me").status_code == 401


def test_signing_out_ends_the_tokens(http: httpx.Client, make: Callable[..., Person]) -> None:
    person = make("Lea Leaver")
    pair = http.post("/api/v1/auth/login", json={"email": person.email, "password": PASSWORD}).json()
    token = {"refresh_token": pair["refresh_token"]}
    assert http.post("/api/v1/auth/logout", json=token).status_code == 204
    assert _refresh(http, pair["refresh_token"]).status_code == 401


def test_guessing_a_password_is_slowed_down_even_for_the_right_one(
    http: httpx.Client, make: Callable[..., Person]
) -> None:
    person = make("Gus Guessed")
    wrong = {"email": person.email, "password": "not the right password"}
    answers = [http.post("/api/v1/auth/login", json=wrong).status_code for _ in range(6)]
    assert answers == [401] * 5 + [429]
    right = http.post("/api/v1/auth/login", json=wrong | {"password": PASSWORD})
    assert right.status_code == 429
    assert int(right.headers["retry-after"]) > 0
