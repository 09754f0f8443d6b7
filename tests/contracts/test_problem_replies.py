"""The API's description tells every refusal that a call may answer with, all in the one form that they really have."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.testing import TestClient

from app.openapi import openapi_schema
from app.routes import ROUTES
from kit.web.access import Access, declared_access
from tests.people import Person

_PROBLEM_JSON = "application/problem+json"
_SHARED = {"$ref": "#/components/schemas/Problem"}
_TYPES = {"string": str, "integer": int, "null": type(None)}


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The description as callers read it."""
    return openapi_schema()


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What is said of each call of the API, by its operation id."""
    return {
        operation["operationId"]: operation
        for path, item in document["paths"].items()
        for operation in item.values()
        if path.startswith("/api/v1/")
    }


@pytest.fixture(scope="module")
def declarations(operations: dict[str, dict[str, Any]]) -> dict[str, Access]:
    """Who may use each call, by its operation id."""
    found = {
        handler.fn.__name__: declared_access(handler)
        for handler in ROUTES
        if isinstance(handler, HTTPRouteHandler)
        and handler.include_in_schema is not False
        and any(path.startswith("/api/v1/") for path in handler.paths)
    }
    assert set(found) == set(operations)
    return {name: declared for name, declared in found.items() if declared is not None}


def test_every_refusal_has_the_shared_form(operations: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations.items():
        for status, reply in operation["responses"].items():
            if int(status) >= 400:
                assert reply["content"] == {_PROBLEM_JSON: {"schema": _SHARED}}, f"{name} {status}"
                assert reply["description"], f"{name} {status}"


def test_only_public_calls_work_signed_out(
    operations: dict[str, dict[str, Any]], declarations: dict[str, Access]
) -> None:
    for name, declared in declarations.items():
        if declared.audience != "everyone":
            assert "401" in operations[name]["responses"], name
        if declared.audience == "member":
            assert "404" in operations[name]["responses"], f"{name} hides other people's workspaces"
    public = {name for name, operation in operations.items() if "401" not in operation["responses"]}
    assert public == {"register_account", "logout", "ask_reset", "confirm_reset", "verify", "plans"}


def test_a_plan_can_only_refuse_what_plans_sell(
    operations: dict[str, dict[str, Any]], declarations: dict[str, Access]
) -> None:
    takes_a_seat = {"send_invitation"}
    for name, declared in declarations.items():
        is_sold = declared.entitlement is not None or not declared.is_api_basic or name in takes_a_seat
        assert ("402" in operations[name]["responses"]) == is_sold, name


def test_input_can_be_refused_and_only_input(operations: dict[str, dict[str, Any]]) -> None:
    for name, operation in operations.items():
        in_query = any(parameter["in"] == "query" for parameter in operation.get("parameters", []))
        takes_input = in_query or "requestBody" in operation
        assert ("422" in operation["responses"]) == takes_input, name
        assert ("400" in operation["responses"]) == takes_input, name


def test_what_everybody_in_a_workspace_may_read_needs_no_better_role(operations: dict[str, dict[str, Any]]) -> None:
    assert "403" not in operations["dashboard"]["responses"]
    assert all("403" in operations[name]["responses"] for name in ("list_invitations", "change_member", "start_import"))


def test_files_can_be_too_large_or_no_table(operations: dict[str, dict[str, Any]]) -> None:
    for name in ("start_import", "complete_upload"):
        assert {"413", "415"} <= set(operations[name]["responses"])


def test_real_refusals_are_as_described(
    document: dict[str, Any],
    operations: dict[str, dict[str, Any]],
    client: TestClient[Litestar],
    owner: Person,
    premium_owner: Person,
) -> None:
    schemas = document["components"]["schemas"]
    seen = set()
    for name, reply in _refusals(client, owner, premium_owner):
        assert str(reply.status_code) in operations[name]["responses"], f"{name} {reply.text}"
        assert reply.headers["content-type"] == _PROBLEM_JSON
        assert list(_mismatches(reply.json(), _SHARED, schemas)) == [], reply.text
        seen.add(reply.status_code)
    assert seen == {400, 401, 402, 404, 409, 422, 429}


def _refusals(client: httpx.Client, free: Person, premium: Person) -> Iterator[tuple[str, httpx.Response]]:
    """A refusal of each kind, with the operation that gave it."""
    yield "dashboard", client.get("/api/v1/analytics/dashboard")
    yield "start_forecast", free.request(client, "POST", "/api/v1/forecasts", json={})
    yield "read_forecast", premium.request(client, "GET", f"/api/v1/forecasts/{uuid4()}")
    yield "query", premium.request(client, "POST", "/api/v1/analytics/query", json={})
    yield "query", premium.request(client, "POST", "/api/v1/analytics/query", json={"metrics": ["vibes"]})
    yield "dashboard", premium.request(client, "GET", "/api/v1/analytics/dashboard", params={"period": "ever"})
    alone = f"/api/v1/workspaces/{free.workspace_id}/members/{free.user_id}"
    yield "drop_member", free.request(client, "DELETE", alone)
    seats = f"/api/v1/workspaces/{free.workspace_id}/invitations"
    yield "send_invitation", free.request(client, "POST", seats, json={"email": "not an address", "role": "viewer"})
    wrong = {"email": f"{uuid4().hex}@example.org", "password": "not the right one"}
    for _ in range(6):
        reply = client.post("/api/v1/auth/login", json=wrong)
        yield "login", reply
    assert reply.status_code == 429


def _mismatches(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> Iterator[str]:
    """Where a value is not what a schema says, for as much of JSON Schema as the shared form uses."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if "oneOf" in schema:
        tried = [list(_mismatches(value, choice, schemas)) for choice in schema["oneOf"]]
        if all(tried):
            yield f"{value!r} is none of {schema['oneOf']}"
    elif schema["type"] == "array":
        for item in value:
            yield from _mismatches(item, schema["items"], schemas)
    elif schema["type"] == "object":
        yield from (f"{name} is missing" for name in schema["required"] if name not in value)
        yield from (f"{name} is not described" for name in value if name not in schema["properties"])
        for name in set(value) & set(schema["properties"]):
            yield from _mismatches(value[name], schema["properties"][name], schemas)
    elif not isinstance(value, _TYPES[schema["type"]]):
        yield f"{value!r} is no {schema['type']}"
