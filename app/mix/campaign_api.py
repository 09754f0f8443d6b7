"""A better daily budget for one campaign, for programs: a run like every other, with the preview of a change where one is proposed."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, QueryParameter
from sqlalchemy.orm import Session

from app.campaigns.detail import campaign_by_id
from app.campaigns.platform_models import Campaign
from app.connections.catalogue import catalogue
from app.mix.campaign_budget import DEFAULT_MAX_CHANGE, preview_of, request_for
from app.mix.models import ModelRun
from app.mix.queries import run_by_id
from app.mix.schemas import CampaignBudgetReply, Kind
from app.mix.service import reply, start_run
from billing.plans import Entitlement
from kit.db import ScopedSession
from kit.errors import NotFound
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Here = NamedDependency[WorkspaceRef]
Caller = NamedDependency[Principal]
Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
MaxChange = Annotated[float, QueryParameter(ge=0.01, le=1.0)]
_OPTIMIZE = "/api/v1/campaigns/{campaign_id:uuid}/optimize"


@post(
    _OPTIMIZE,
    sync_to_thread=True,
    status_code=202,
    summary="Look for a better daily budget",
    **access(Permission.RUN_MODELS, entitlement=Entitlement.OPTIMISER),
)
def optimize_campaign(
    session: Tenant,
    control: Control,
    caller: Caller,
    workspace: Here,
    campaign_id: FromPath[UUID],
    max_change: MaxChange = DEFAULT_MAX_CHANGE,
) -> Response[CampaignBudgetReply]:
    """Work out a daily budget from the campaign's own response, at most `max_change` away from today's. Nothing is applied: the
    finished run holds the preview of the change. 202 while it works; 200 where the same question was answered before."""
    campaign = campaign_by_id(session, campaign_id)
    run = start_run(
        session,
        kind=Kind.CAMPAIGN_BUDGET,
        request=request_for(session, campaign, max_change=max_change),
        workspace=workspace,
        actor_id=caller.signed_in().id,
    )
    body = _shown(session, control, campaign, run, workspace)
    return Response(body, status_code=200 if run.state == "done" else 202, headers={"location": body.href})


@get(
    _OPTIMIZE + "/{run_id:uuid}",
    sync_to_thread=True,
    summary="A better daily budget",
    **access(Permission.READ_DATA, entitlement=Entitlement.OPTIMISER),
)
def read_optimized_campaign(
    session: Tenant, control: Control, workspace: Here, campaign_id: FromPath[UUID], run_id: FromPath[UUID]
) -> CampaignBudgetReply:
    """State, and once it is done the verdict, what it rests on, and the preview of the change where one is proposed."""
    run = run_by_id(session, run_id, kind=Kind.CAMPAIGN_BUDGET)
    if run.request["campaign_id"] != str(campaign_id):
        raise NotFound("There is no such run.", "Start a new one.")
    return _shown(session, control, campaign_by_id(session, campaign_id), run, workspace)


def _shown(
    session: Session, control: Session, campaign: Campaign, run: ModelRun, workspace: WorkspaceRef
) -> CampaignBudgetReply:
    base = reply(session, run, href=f"/api/v1/campaigns/{campaign.id}/optimize/{run.id}")
    working = {one.manifest.key: one.manifest for one in catalogue(control) if one.manifest and one.state == "working"}
    manifest = working.get(campaign.connector_key or "")
    preview = None
    if base.result is not None:
        preview = preview_of(session, campaign, base.result, manifest=manifest, base=f"/w/{workspace.id}")
    return CampaignBudgetReply(**msgspec.structs.asdict(base), preview=preview)


HANDLERS: list[BaseRouteHandler] = [optimize_campaign, read_optimized_campaign]
