"""Attribution, forecasts and budget plans for programs. Long work answers 202 with the run; ask for it again until it is done."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

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
)
from app.mix.service import reply, start_run, value_scenario
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.web.access import access
from tenants.identity.principal import Principal, WorkspaceRef
from tenants.workspaces.permissions import Permission

Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
TenantSession = NamedDependency[ScopedSession]
_HREFS = {
    Kind.ATTRIBUTION: "/api/v1/attribution/runs/",
    Kind.FORECAST: "/api/v1/forecasts/",
    Kind.BUDGET: "/api/v1/budget/plans/",
}


def _started(
    session: Session, *, kind: Kind, request: RunRequest, caller: Principal, workspace: WorkspaceRef
) -> Response[RunReply]:
    run = start_run(session, kind=kind, request=request, workspace=workspace, actor_id=caller.signed_in().id)
    body = _shown(session, run)
    return Response(body, status_code=200 if run.state == "done" else 202, headers={"location": body.href})


def _shown(session: Session, run: ModelRun) -> RunReply:
    return reply(session, run, href=_HREFS[Kind(run.kind)] + str(run.id))


@post(
    "/api/v1/attribution/runs",
    sync_to_thread=True,
    status_code=202,
    summary="Start an attribution",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def start_attribution(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[AttributionRequest]
) -> Response[RunReply]:
    """Fit the mix model. 202 with the run while it works; 200 with its result where the same question was answered before."""
    return _started(session, kind=Kind.ATTRIBUTION, request=data, caller=caller, workspace=workspace)


@get(
    "/api/v1/attribution/runs/{run_id:uuid}",
    sync_to_thread=True,
    summary="An attribution",
    **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def read_attribution(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the result once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.ATTRIBUTION))


@get(
    "/api/v1/attribution/latest",
    sync_to_thread=True,
    summary="The newest attribution",
    **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def read_latest_attribution(session: TenantSession) -> RunReply:
    """The newest finished attribution; `is_current` tells whether data have come in since."""
    run = latest_run(session, kind=Kind.ATTRIBUTION, state="done")
    if run is None:
        raise NotFound("No attribution has been finished yet.", "Start one with POST /api/v1/attribution/runs.")
    return _shown(session, run)


@post(
    "/api/v1/forecasts",
    sync_to_thread=True,
    status_code=202,
    summary="Start a forecast",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST),
)
def start_forecast(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[ForecastRequest]
) -> Response[RunReply]:
    """Forecast revenue for a horizon, with planned spend where it will differ from the last weeks'."""
    return _started(session, kind=Kind.FORECAST, request=data, caller=caller, workspace=workspace)


@get(
    "/api/v1/forecasts/{run_id:uuid}",
    sync_to_thread=True,
    summary="A forecast",
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST),
)
def read_forecast(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the result once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.FORECAST))


@post(
    "/api/v1/budget/optimize",
    sync_to_thread=True,
    status_code=202,
    summary="Optimise a budget",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.OPTIMISER),
)
def start_budget(
    session: TenantSession, caller: Caller, workspace: Here, data: JSONBody[BudgetRequest]
) -> Response[RunReply]:
    """Split a budget per day so that expected revenue is highest within the limits."""
    return _started(session, kind=Kind.BUDGET, request=data, caller=caller, workspace=workspace)


@get(
    "/api/v1/budget/plans/{run_id:uuid}",
    sync_to_thread=True,
    summary="A budget plan",
    **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER),
)
def read_budget(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and the plan once it is done."""
    return _shown(session, run_by_id(session, run_id, kind=Kind.BUDGET))


@post(
    "/api/v1/budget/scenarios",
    sync_to_thread=True,
    status_code=200,
    summary="Value an allocation",
    **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER),
)
def read_scenario(session: TenantSession, data: JSONBody[ScenarioRequest]) -> ScenarioReply:
    """What an allocation per day would bring according to one attribution, at once."""
    return value_scenario(session, request=data)


HANDLERS: list[BaseRouteHandler] = [
    start_attribution,
    read_attribution,
    read_latest_attribution,
    start_forecast,
    read_forecast,
    start_budget,
    read_budget,
    read_scenario,
]
