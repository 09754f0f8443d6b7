"""The three calculators for programs."""

from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from app.experiments.schemas import PauseReply, PauseRequest, PlanReply, PlanRequest, ReadReply, ReadRequest
from app.experiments.service import plan_versions, read_pause, read_versions
from billing.plans import Entitlement
from kit.clock import today_in
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef


@post(
    "/api/v1/experiments/read",
    sync_to_thread=True,
    status_code=200,
    summary="Read a test",
    **access(Permission.READ_DATA),
)
def read_a_test(data: JSONBody[ReadRequest]) -> ReadReply:
    """Decision and figures of a test of up to four variants against a control. It may be asked every day: the ranges hold at all looks
    together. Nothing is kept."""
    return read_versions(data)


@post(
    "/api/v1/experiments/plan",
    sync_to_thread=True,
    status_code=200,
    summary="Plan a test",
    **access(Permission.READ_DATA),
)
def plan_a_test(data: JSONBody[PlanRequest]) -> PlanReply:
    """How many people a test needs in each version to find a change, and how many weeks that takes. Nothing is kept."""
    return plan_versions(data)


@post(
    "/api/v1/experiments/pause",
    sync_to_thread=True,
    status_code=200,
    summary="Read a pause",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def read_a_pause(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    data: JSONBody[PauseRequest],
) -> PauseReply:
    """What pausing, cutting or raising a channel did to revenue, from the days around it. 422 with the reason where the history cannot
    tell. Nothing is kept."""
    return read_pause(session, data, currency=workspace.currency, today=today_in(workspace.timezone))


HANDLERS: list[BaseRouteHandler] = [read_a_test, plan_a_test, read_a_pause]
