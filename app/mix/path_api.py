"""Attribution from touch paths for programs. Long work answers 202 with the run; ask for it again until it is done."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from app.mix.queries import run_by_id
from app.mix.schemas import Kind, PathsRequest, RunReply
from app.mix.service import reply, start_run
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_PATHS = "/api/v1/attribution/paths"
TenantSession = NamedDependency[ScopedSession]


@post(
    _PATHS,
    sync_to_thread=True,
    status_code=202,
    summary="Start an attribution from touch paths",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION),
)
def start_paths(
    session: TenantSession,
    caller: NamedDependency[Principal],
    workspace: NamedDependency[WorkspaceRef],
    data: JSONBody[PathsRequest],
) -> Response[RunReply]:
    """Credit sales to the touches before them by every path model, and set that beside the sources' claims and the newest mix model.
    202 with the run while it works; 200 with its result where the same question was answered before."""
    actor = caller.signed_in().id
    run = start_run(session, kind=Kind.PATHS, request=data, workspace=workspace, actor_id=actor)
    body = reply(session, run, href=f"{_PATHS}/{run.id}")
    return Response(body, status_code=200 if run.state == "done" else 202, headers={"location": body.href})


@get(
    _PATHS + "/{run_id:uuid}",
    sync_to_thread=True,
    summary="An attribution from touch paths",
    **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def read_paths(session: TenantSession, run_id: FromPath[UUID]) -> RunReply:
    """State, and once it is done `result.document`: the table per channel, its flags, and each model's credit with 95 % intervals."""
    return reply(session, run_by_id(session, run_id, kind=Kind.PATHS), href=f"{_PATHS}/{run_id}")


HANDLERS: list[BaseRouteHandler] = [start_paths, read_paths]
