"""Every refusal of the API has the same form, says what happened and what to do, and never shows our insides."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.installation import Installation
from tests.people import PASSWORD, Person, join
from tests.stories.program import Program

_PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))
_NOBODY = "019aa000-0000-7000-8000-000000000000"
_KNOWN = {"type", "title", "status", "detail", "hint", "errors", "entitlement", "limit", "used"}

Send = Callable[[Program, Program], httpx.Response]
REFUSALS: dict[str, tuple[int, Send]] = {
    "a broken body": (400, lambda caller, _: caller.call("POST", "/analytics/query", content=b"{")),
    "a missing field": (400, lambda caller, _: caller.call("POST", "/analytics/query", json={})),
    "an unknown field": (
        400,
        lambda caller, _: caller.call("POST", "/analytics/query", json={"metrics": ["spend"], "sql": "DROP"}),
    ),
    "an unknown metric": (
        422,
        lambda caller, _: caller.call("POST", "/analytics/query", json={"metrics": ["vibes"]}),
    ),
    "an unknown period": (422, lambda caller, _: caller.call("GET", "/analytics/dashboard", params={"period": "ever"})),
    "dates the wrong way round": (
        422,
        lambda caller, _: caller.call("GET", "/analytics/dashboard", params={"from": "2026-05-02", "to": "2026-05-01"}),
    ),
    "an impossible date": (400, lambda caller, _: caller.call("GET", "/analytics/dashboard", params={"from": "soon"})),
    "no token": (401, lambda caller, _: caller.http.get("/api/v1/analytics/dashboard")),
    "a forged token": (
        401,
        lambda caller, _: caller.http.get("/api/v1/auth/me", headers={"authorization": "Bearer e30.e30.x"}),
    ),
    "a role that may not": (403, lambda _, viewer: viewer.call("POST", "/forecasts", json={})),
    "an unknown run": (404, lambda caller, _: caller.call("GET", f"/forecasts/{_NOBODY}")),
    "an unknown address": (404, lambda caller, _: caller.call("GET", "/nothing/here")),
    "a wrong method": (405, lambda caller, _: caller.call("DELETE", "/analytics/dashboard")),
    "a taken address": (
        409,
        lambda caller, _: caller.http.post(
            "/api/v1/auth/register",
            json={"email": caller.get("/auth/me")["user"]["email"], "password": PASSWORD, "name": "Again"},
        ),
    ),
    "a file that is too large": (
        413,
        lambda caller, _: caller.call("POST", "/imports/presign", json={"filename": "x.csv", "size_bytes": 3 << 30}),
    ),
    "a picture as a table": (
        415,
        lambda caller, _: caller.call("POST", "/imports", files={"file": ("x.csv", _PNG, "text/csv")}),
    ),
}


@pytest.fixture(scope="module")
def caller(make: Callable[..., Person]) -> Person:
    """Somebody on the Premium plan."""
    return make("Paul Problem", plan="premium")


@pytest.fixture(scope="module")
def viewer(installation: Installation, make: Callable[..., Person], caller: Person) -> Person:
    """Somebody who may only look at that workspace."""
    person = make("Vera Viewer")
    join(installation.planes, person, caller, "viewer")
    return person


@pytest.mark.parametrize("situation", REFUSALS)
def test_a_refusal_says_what_happened_and_what_to_do(
    program: Callable[..., Program], caller: Person, viewer: Person, situation: str
) -> None:
    status, send = REFUSALS[situation]
    reply = send(program(caller), program(viewer, at=caller))
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = reply.json()
    assert problem["status"] == status
    assert problem["type"].startswith("https://")
    assert all(problem[part].strip() for part in ("title", "detail", "hint")), problem
    assert set(problem) <= _KNOWN
    assert "Traceback" not in reply.text


def test_a_page_answers_a_person_with_a_page(http: httpx.Client, caller: Person) -> None:
    reply = caller.request(
        http, "GET", "/w/019aa000-0000-7000-8000-000000000000/overview", headers={"accept": "text/html"}
    )
    assert reply.status_code == 404
    assert reply.headers["content-type"].startswith("text/html")
    assert "<h1" in reply.text


def test_a_form_of_another_site_is_refused(http: httpx.Client, caller: Person) -> None:
    for headers in ({"x-csrf-token": "made-up"}, {"sec-fetch-site": "cross-site"}):
        reply = caller.request(http, "POST", "/account/name", headers=headers, data={"name": "Mallory"})
        assert reply.status_code == 403
