"""Every route says who may use it, and a workspace is invisible to everybody who is no member of it."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.routes import HTTPRoute
from litestar.testing import TestClient
from litestar.utils.sync import AsyncCallable

from app.routes import ROUTES
from billing.plans import Entitlement
from kit.web.access import declared_access
from tenants.workspaces.permissions import ROLE_PERMISSIONS, Permission
from tests.people import Person

_PATH_PARAMETER = re.compile(r"\{(\w+):(\w+)\}")
_SOMEBODY_ELSES = "019aa000-0000-7000-8000-000000000000"


def _workspace_routes(app: Litestar) -> Iterator[tuple[str, str]]:
    """Every method and path template that is about a workspace."""
    for route in app.routes:
        if isinstance(route, HTTPRoute) and "{workspace_id:uuid}" in route.path:
            for method in sorted(route.methods - {"OPTIONS", "HEAD"}):
                yield method, route.path


@pytest.mark.parametrize(
    "handler", ROUTES, ids=lambda handler: "-".join(sorted(handler.http_methods)) + "".join(sorted(handler.paths))
)
def test_every_route_declares_who_may_use_it(handler: object) -> None:
    declared = declared_access(handler)  # type: ignore[arg-type]  # the table holds handlers only
    assert declared is not None
    if declared.audience == "member":
        assert declared.permission in set(Permission)
    if declared.entitlement is not None:
        assert declared.entitlement in set(Entitlement)


def test_every_role_may_read_and_only_owners_may_delete() -> None:
    assert all(Permission.READ_DATA in permissions for permissions in ROLE_PERMISSIONS.values())
    assert [role for role, permissions in ROLE_PERMISSIONS.items() if Permission.DELETE_WORKSPACE in permissions] == [
        "owner"
    ]


def test_a_strangers_workspace_is_not_found_on_any_route(
    client: TestClient[Litestar], owner: Person, stranger: Person
) -> None:
    tried = 0
    for method, path in _workspace_routes(client.app):
        address = _PATH_PARAMETER.sub(
            lambda found: str(owner.workspace_id) if found[1] == "workspace_id" else _SOMEBODY_ELSES, path
        )
        reply = stranger.request(client, method, address)
        assert reply.status_code == 404, f"{method} {path} answered {reply.status_code}"
        tried += 1
    assert tried >= 20


def test_every_member_route_sends_a_visitor_away(client: TestClient[Litestar], owner: Person) -> None:
    for method, path in _workspace_routes(client.app):
        address = _PATH_PARAMETER.sub(
            lambda found: str(owner.workspace_id) if found[1] == "workspace_id" else _SOMEBODY_ELSES, path
        )
        reply = client.request(method, address, follow_redirects=False, headers={"accept": "application/json"})
        assert reply.status_code in {401, 403}, f"{method} {path} answered {reply.status_code}"


def test_every_handler_is_wrapped_for_its_thread_once(app: Litestar) -> None:
    for route in app.routes:
        for handler in route.route_handlers if isinstance(route, HTTPRoute) else ():
            wrapped = handler.fn
            assert not (isinstance(wrapped, AsyncCallable) and isinstance(wrapped.func, AsyncCallable)), route.path
