"""Lift tests for programs."""

from uuid import UUID

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from app.mix.lift_schemas import LiftTestList, LiftTestReply, LiftTestRequest
from app.mix.lift_tests import add_lift_test, lift_tests, remove_lift_test
from billing.plans import Entitlement
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_TESTS = "/api/v1/mix/lift-tests"
Tenant = NamedDependency[ScopedSession]


@get(
    _TESTS,
    sync_to_thread=True,
    summary="Lift tests",
    **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def list_lift_tests(session: Tenant) -> LiftTestList:
    """What experiments on channels found; every later attribution takes it into account."""
    return LiftTestList(lift_tests(session))


@post(
    _TESTS,
    sync_to_thread=True,
    status_code=201,
    summary="Add a lift test",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def add_test(
    session: Tenant,
    workspace: NamedDependency[WorkspaceRef],
    caller: NamedDependency[Principal],
    data: JSONBody[LiftTestRequest],
) -> LiftTestReply:
    """Keep a result. In money it is divided by how far spend moved against the four weeks before."""
    row = add_lift_test(session, data, today=today_in(workspace.timezone), actor_id=caller.signed_in().id)
    return next(one for one in lift_tests(session) if one.id == row.id)


@delete(
    _TESTS + "/{test_id:uuid}",
    sync_to_thread=True,
    summary="Forget a lift test",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def forget_test(session: Tenant, test_id: FromPath[UUID]) -> None:
    """The next attribution no longer knows it."""
    remove_lift_test(session, test_id)


HANDLERS: list[BaseRouteHandler] = [list_lift_tests, add_test, forget_test]
