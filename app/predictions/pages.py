"""The track record, and the parts that other pages fetch: a line below a prediction, a campaign's next days."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency, Provide
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath

from app.predictions.jobs import TrainCampaigns
from app.predictions.schemas import Kind
from app.predictions.showing import Visit, campaign_part, record_of_kind, track_record_page
from billing.plans import Entitlement, Plan
from kit.clock import today_in, utc_now
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.jobs import enqueue
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
_PAGE = "/w/{workspace_id:uuid}/predictions"


def provide_visit(session: Tenant, workspace: Here, plan: NamedDependency[Plan]) -> Visit:
    """Everything that the pages answer with."""
    return Visit(session, workspace, plan, today_in(workspace.timezone), utc_now())


Visitor = NamedDependency[Visit]
_SHOWS: dict[str, Any] = {
    "sync_to_thread": True,
    "include_in_schema": False,
    "dependencies": {"visit": Provide(provide_visit, sync_to_thread=False)},
    **access(Permission.READ_DATA, entitlement=Entitlement.FORECAST, shows_sample=True),
}


@get(_PAGE, **_SHOWS)
def show_track_record(request: AnyRequest, visit: Visitor) -> Response[str]:
    """How every kind of prediction has fared, and the last ones beside what happened."""
    return render(request, "predictions/list.html", track_record_page(visit))


@get(_PAGE + "/record/{kind:str}", **_SHOWS)
def show_record_line(request: AnyRequest, visit: Visitor, kind: FromPath[str]) -> Response[str]:
    """One kind's record in a line, as part of another page."""
    if kind not in set(Kind):
        raise NotFound("There is no such kind of prediction.", f"Choose one of: {', '.join(Kind)}.")
    return render(request, "predictions/record_line.html", record_of_kind(visit, Kind(kind)), block="line")


@get(_PAGE + "/campaigns/{campaign_id:uuid}", **_SHOWS)
def show_campaign_part(request: AnyRequest, visit: Visitor, campaign_id: FromPath[UUID]) -> Response[str]:
    """A campaign's next days, as part of its page."""
    return render(request, "predictions/campaign_part.html", campaign_part(visit, campaign_id), block="part")


@post(
    _PAGE + "/train",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.RUN_MODELS, entitlement=Entitlement.FORECAST),
)
def train_now(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """Have the campaigns learnt from now rather than on Monday."""
    job = TrainCampaigns(currency=workspace.currency, timezone=workspace.timezone)
    enqueue(session, job, dedupe_key="predictions.train_campaigns")
    here = f"/w/{workspace.id}/predictions"
    return redirect(
        request, here, flash="Your campaigns are being learnt from. It takes about a minute; look again then."
    )


HANDLERS: list[BaseRouteHandler] = [show_track_record, show_record_line, show_campaign_part, train_now]
