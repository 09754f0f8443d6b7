"""The page that sets claims, last click, path models and the mix model side by side, its form and its files."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, URLEncodedBody

from app.deps import AnyRequest
from app.mix.path_export import paths_file
from app.mix.path_showing import paths_page, paths_request
from app.mix.path_words import DEFAULT_MODEL
from app.mix.schemas import Kind
from app.mix.service import start_run
from app.mix.showing import Visit, provide_visit
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.web.access import access
from kit.web.forms import refused_form
from kit.web.pages import redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

_PATHS = "/w/{workspace_id:uuid}/attribution/paths"
_PAGE: dict[str, Any] = {
    "sync_to_thread": True,
    "include_in_schema": False,
    "dependencies": {"visit": Provide(provide_visit, sync_to_thread=False)},
}
_NOTHING_NEW = "Nothing has changed since this answer, so it is shown again."
Visitor = NamedDependency[Visit]


@get(_PATHS, **_PAGE, **access(Permission.READ_DATA, entitlement=Entitlement.ATTRIBUTION, shows_sample=True))
def show_paths(
    request: AnyRequest, visit: Visitor, run: FromQuery[UUID | None] = None, model: FromQuery[str] = DEFAULT_MODEL
) -> Response[str]:
    """The newest run, or the one named in the address; `model` chooses the path model beside last click."""
    if not visit.includes(Kind.PATHS):
        # The page before it tells what this is and what it costs.
        return redirect(request, visit.base(Kind.ATTRIBUTION))
    return render(request, "mix/paths.html", paths_page(visit, run, model=model))


@post(_PATHS, **_PAGE, **access(Permission.RUN_MODELS, entitlement=Entitlement.ATTRIBUTION))
def start_paths(
    request: AnyRequest, visit: Visitor, caller: NamedDependency[Principal], data: URLEncodedBody[dict[str, str]]
) -> Response[str]:
    """Follow the paths with the choices of the form, or show the answer that today's data already have."""
    try:
        asked = paths_request(data)
    except InvalidInput as refusal:
        page = paths_page(visit, None, model=DEFAULT_MODEL, problems=refused_form(data, refusal))
        return render(request, "mix/paths.html", replace(page, shown=None), status=422)
    run = start_run(
        visit.session,
        kind=Kind.PATHS,
        request=asked,
        workspace=visit.workspace,
        actor_id=caller.signed_in().id,
    )
    flash = _NOTHING_NEW if run.state == "done" else ""
    return redirect(request, f"{visit.base(Kind.PATHS)}?run={run.id}", flash=flash, kind="info")


@get(
    _PATHS + "/{run_id:uuid}/{file:str}",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.EXPORT_DATA, entitlement=Entitlement.ATTRIBUTION),
)
def export_paths(
    session: NamedDependency[ScopedSession],
    workspace: NamedDependency[WorkspaceRef],
    run_id: FromPath[UUID],
    file: FromPath[str],
) -> Response[bytes]:
    """A run as CSV, XLSX or JSON."""
    made = paths_file(session, run_id, workspace=workspace.name, file=file)
    headers = {"content-disposition": f'attachment; filename="{made.name}"', "cache-control": "no-store"}
    return Response(made.content, media_type=made.media_type, headers=headers)


HANDLERS: list[BaseRouteHandler] = [show_paths, start_paths, export_paths]
