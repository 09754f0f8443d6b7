"""Attribution, forecasts and budget plans for programs. Long work answers 202 with the run; ask for it again until it is done."""

from collections.abc import Callable
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler, HTTPRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.types import AnyCallable
from sqlalchemy.orm import Session

from app.mix.countries import require_country
from app.mix.models import ModelRun
from app.mix.queries import latest_run, run_by_id
from app.mix.schemas import (
    AttributionRequest,
    BudgetRequest,
    ForecastRequest,
    Kind,
    RunReply,
    RunRequest,
    ScenarioReply,
    ScenarioRequest,
    SelfTestRequest,
)
from app.mix.service import reply, start_run, value_scenario
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.errors import Conflict, NotFound
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
TenantSession = NamedDependency[ScopedSession]
_HREFS = {
    Kind.ATTRIBUTION: "/api/v1/attribution/runs/",
    Kind.FORECAST: "/api/v1/forecasts/",
    Kind.BUDGET: "/api/v1/budget/plans/",
    Kind.SELF_TEST: "/api/v1/mix/self-tests/",
}
_SOLD_AS = {
    Kind.ATTRIBUTION: Entitlement.ATTRIBUTION,
    Kind.FORECAST: Entitlement.FORECAST,
    Kind.BUDGET: Entitlement.OPTIMISER,
    Kind.SELF_TEST: Entitlement.ATTRIBUTION,
}


def _starts(kind: Kind, path: str, summary: str) -> Callable[[AnyCallable], HTTPRouteHandler]:
    may_start = access(Permission.RUN_MODELS, entitlement=_SOLD_AS[kind])
    return post(path, sync_to_thread=True, status_code=202, summary=summary, **may_start)


def _reads(kind: Kind, path: str, summary: str) -> Callable[[AnyCallable], HTTPRouteHandler]:
    return get(path, sync_to_thread=True, summary=summary, **access(Permission.READ_DATA, entitlement=_SOLD_AS[kind]))


def _started(
    session: Session, kind: Kind, *, request: RunRequest, caller: Principal, workspace: WorkspaceRef
) -> Response[RunReply]:
    run = start_run(session, kind=kind, request=request, workspace=workspace, actor_id=caller.signed_in().id)
    body = _shown(session, run)
    return Response(body, status_code=200 if run.state == "done" else 202, headers={"location": body.href})


def _shown(session: Session, run: ModelRun) -> RunReply:
    return reply(session, run, href=_HREFS[Kind(run.kind)] + str(run.id))


@_starts(Kind.ATTRIBUTION, "/api/v1/attribution/runs", "Start an attribution")
def start_attribution(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[AttributionRequest]
) -> Response[RunReply]:
    """Fit the mix model. 202 with the run while it works; 200 with its result where the same question was answered before."""
    return _started(session, Kind.ATTRIBUTION, request=data, caller=caller, workspace=workspace)


@_reads(Kind.ATTRIBUTION, "/api/v1/attribution/runs/{run_id:uuid}", "An attribution")
def read_attribution(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the result once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.ATTRIBUTION))


@_reads(Kind.ATTRIBUTION, "/api/v1/attribution/latest", "The newest attribution")
def read_latest_attribution(session: TenantSession) -> RunReply:
    """The newest finished attribution; `is_current` tells whether data have come in since."""
    run = latest_run(session, kind=Kind.ATTRIBUTION, state="done")
    if run is None:
        raise NotFound("No attribution has been finished yet.", "Start one with POST /api/v1/attribution/runs.")
    return _shown(session, run)


@_starts(Kind.SELF_TEST, "/api/v1/mix/self-tests", "Start a self-test")
def start_self_test(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[SelfTestRequest]
) -> Response[RunReply]:
    """Make businesses with this spend and known truth, fit each again, and compare: how good is this on data like yours?"""
    return _started(session, Kind.SELF_TEST, request=data, caller=caller, workspace=workspace)


@_reads(Kind.SELF_TEST, "/api/v1/mix/self-tests/{run_id:uuid}", "A self-test")
def read_self_test(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and once it is done how often the ranges held the truth and how far the numbers were off."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.SELF_TEST))


@_starts(Kind.FORECAST, "/api/v1/forecasts", "Start a forecast")
def start_forecast(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[ForecastRequest]
) -> Response[RunReply]:
    """Forecast revenue for a horizon, with planned spend where it will differ from the last weeks'."""
    require_country(data.country)
    return _started(session, Kind.FORECAST, request=data, caller=caller, workspace=workspace)


@_reads(Kind.FORECAST, "/api/v1/forecasts/{run_id:uuid}", "A forecast")
def read_forecast(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the result once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.FORECAST))


@_starts(Kind.BUDGET, "/api/v1/budget/optimize", "Optimise a budget")
def start_budget(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[BudgetRequest]
) -> Response[RunReply]:
    """Split a budget per day so that expected revenue is highest within the limits."""
    return _started(session, Kind.BUDGET, request=data, caller=caller, workspace=workspace)


@_reads(Kind.BUDGET, "/api/v1/budget/plans/{run_id:uuid}", "A budget plan")
def read_budget(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the plan once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.BUDGET))


@post(
    "/api/v1/budget/scenarios",
    sync_to_thread=True,
    status_code=200,
    summary="Value an allocation",
    **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER, raises=(Conflict,)),
)
def read_scenario(session: TenantSession, data: JSONBody[ScenarioRequest]) -> ScenarioReply:
    """What an allocation per day would bring according to one attribution, at once."""
    return value_scenario(session, request=data)


HANDLERS: list[BaseRouteHandler] = [
    start_attribution,
    read_attribution,
    read_latest_attribution,
    start_self_test,
    read_self_test,
    start_forecast,
    read_forecast,
    start_budget,
    read_budget,
    read_scenario,
]
