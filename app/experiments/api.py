"""The calculators for programs."""

from litestar import post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from app.experiments.regions import read_regions
from app.experiments.schemas import (
    PauseReply,
    PauseRequest,
    PlanReply,
    PlanRequest,
    ReadReply,
    ReadRequest,
    RegionsReply,
    RegionsRequest,
    TrafficReply,
    TrafficRequest,
)
from app.experiments.service import plan_versions, read_pause, read_versions, split_traffic
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


@post(
    "/api/v1/experiments/split",
    sync_to_thread=True,
    status_code=200,
    summary="Split the next people of a test",
    **access(Permission.READ_DATA),
)
def split_a_test(data: JSONBody[TrafficRequest]) -> TrafficReply:
    """By which shares the next people should be split, so that the best version is found sooner (top-two Thompson sampling). Nothing is
    kept."""
    return split_traffic(data)


@post(
    "/api/v1/experiments/regions",
    sync_to_thread=True,
    status_code=200,
    summary="Read a lift test by region",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def read_a_test_by_region(workspace: NamedDependency[WorkspaceRef], data: JSONBody[RegionsRequest]) -> RegionsReply:
    """What a change of spend in some regions did, beside those in which nothing changed (synthetic control with placebo regions). 422
    with the reason where the regions cannot tell. Nothing is kept."""
    return read_regions(data, currency=workspace.currency)


HANDLERS: list[BaseRouteHandler] = [read_a_test, plan_a_test, read_a_pause, split_a_test, read_a_test_by_region]
