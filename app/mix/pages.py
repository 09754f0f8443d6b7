"""The three decision pages, their forms and their sliders. A plan without them sees the same page on sample data, with the price."""

from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, URLEncodedBody

from app.deps import AnyRequest
from app.mix.downloads import attribution_file, budget_file, forecast_file
from app.mix.forms import budget_request, forecast_request
from app.mix.queries import channel_slots, paid_channels, run_by_id
from app.mix.schemas import AttributionRequest, Kind, RunRequest
from app.mix.service import start_run
from app.mix.showing import Visit, attribution_page, budget_page, fit_of_plan, forecast_page
from app.mix.trying import TryReply, TryRequest, try_split
from app.performance.export import ExportFile
from billing.plans import Entitlement, Plan
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.errors import Conflict, InvalidInput
from kit.ids import parse_id
from kit.storage import Storage
from kit.web.access import access
from kit.web.pages import redirect, render
from tenants.identity.principal import Principal, WorkspaceRef
from tenants.workspaces.permissions import Permission

_ATTRIBUTION = "/w/{workspace_id:uuid}/attribution"
_FORECAST = "/w/{workspace_id:uuid}/forecast"
_BUDGET = "/w/{workspace_id:uuid}/budget"
_NOTHING_NEW = "Nothing has changed since this answer, so it is shown again."
_USUAL_DAYS, _CURRENT_DAYS = 28, 90

Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Session = NamedDependency[ScopedSession]
FormData = URLEncodedBody[dict[str, str]]


def provide_visit(
    session: Session,
    control: NamedDependency[ScopedSession],
    storage: NamedDependency[Storage],
    workspace: Here,
    plan: NamedDependency[Plan],
) -> Visit:
    """Everything that the pages answer with."""
    return Visit(session, control, storage, workspace, plan, today_in(workspace.timezone), utc_now())
