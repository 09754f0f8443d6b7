"""Campaigns for programs: the same services as the pages. A change of a platform's campaign answers 202 with what was asked."""

from typing import Annotated
from uuid import UUID

import msgspec
from litestar import Response, delete, get, patch, post, put
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from sqlalchemy.orm import Session

from adloom_sdk.messages import ActionKind
from app.campaigns.changes import ask_for_change, ask_for_undo, change_by_id
from app.campaigns.detail import campaign_by_id, known_changes
from app.campaigns.guardrails import Wanted, place_of
from app.campaigns.models import Channel
from app.campaigns.plans import PlanFields, change_plan, create_plan, delete_plan
from app.campaigns.platform_models import Campaign, CampaignChange
from app.connections.catalogue import manifest_of
from app.performance.asking import ASKED
from app.performance.campaigns.asking import ASKED_CAMPAIGNS, Asked
from app.performance.campaigns.comparing import compare_platforms, rank_campaigns
from app.performance.campaigns.cursors import cursor_after, offset_of
from app.performance.campaigns.insight_schemas import InsightsReply, insight_reply
from app.performance.campaigns.insights import campaign_insights
from app.performance.campaigns.one import one_campaign
from app.performance.campaigns.patching import budget_wanted, patched_fields
from app.performance.campaigns.places import platform_titles
from app.performance.campaigns.schemas import (
    CampaignDayReply,
    CampaignMetricsReply,
    CampaignPatch,
    CampaignReply,
    CampaignsReply,
    ChangeReply,
    PlanRequest,
    PlatformsReply,
    RankingReply,
    SummaryReply,
    campaign_reply,
    change_reply,
    href_of,
    known_change_reply,
    platform_reply,
    row_reply,
)
from app.performance.campaigns.service import list_campaigns
from app.performance.schemas import period_reply
from app.performance.service import PeriodRequest
from app.performance.windows import Step
from billing.plans import Entitlement, Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import Conflict
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, UserRef, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
CurrentPlan = NamedDependency[Plan]
Caller = NamedDependency[Principal]
Period = NamedDependency[PeriodRequest]
PageSize = Annotated[int, QueryParameter(ge=1, le=200)]
LIST, ONE = "/api/v1/campaigns", "/api/v1/campaigns/{campaign_id:uuid}"
_READ = access(Permission.READ_DATA)
_CHANGE = access(Permission.CHANGE_CAMPAIGNS, raises=(Conflict,))
_WRITE_BACK = access(Permission.CHANGE_CAMPAIGNS, entitlement=Entitlement.WRITE_BACK, raises=(Conflict,))


@get(LIST, dependencies=ASKED | ASKED_CAMPAIGNS, summary="Campaigns", sync_to_thread=True, **_READ)
def read_campaigns(
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    asked: Period,
    listed: NamedDependency[Asked],
    page_size: PageSize = 50,
    cursor: FromQuery[str | None] = None,
) -> CampaignsReply:
    """Campaigns of all platforms, and plans, with metrics of a period; `sort` takes a column's key, `-` before it turns it."""
    offset = offset_of(cursor)
    found = list_campaigns(
        session,
        asked=listed,
        period=asked,
        plan=plan,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
        limit=page_size,
        offset=offset,
    )
    end = offset + len(found.rows)
    return CampaignsReply(
        currency=found.currency,
        period=period_reply(found.window),
        items=[row_reply(row) for row in found.rows],
        total=found.found,
        totals=found.totals,
        next_cursor=cursor_after(end) if found.rows and end < found.found else None,
        notices=[notice.text for notice in found.notices],
    )


@post(LIST, sync_to_thread=True, status_code=201, summary="Plan a campaign", **access(Permission.CHANGE_CAMPAIGNS))
def add_campaign(
    session: Tenant, workspace: Here, plan: CurrentPlan, caller: Caller, data: JSONBody[PlanRequest]
) -> Response[CampaignReply]:
    """A campaign that lives here only, in the workspace's currency. Nothing is sent to a platform."""
    fields = PlanFields(**msgspec.structs.asdict(data))
    made = create_plan(session, fields=fields, currency=workspace.currency, plan=plan, actor=caller.signed_in())
    session.refresh(made)
    return Response(_shown(session, made), status_code=201, headers={"location": href_of(made.id)})


@get(
    LIST + "/performance/summary",
    dependencies=ASKED | ASKED_CAMPAIGNS,
    summary="Campaigns in all",
    sync_to_thread=True,
    **_READ,
)
def read_summary(
    session: Tenant, workspace: Here, plan: CurrentPlan, asked: Period, listed: NamedDependency[Asked]
) -> SummaryReply:
    """Metrics over all campaigns that the filters leave, in the workspace's currency."""
    today = today_in(workspace.timezone)
    found = list_campaigns(
        session, asked=listed, period=asked, plan=plan, currency=workspace.currency, today=today, limit=1, offset=0
    )
    return SummaryReply(
        currency=found.currency,
        period=period_reply(found.window),
        campaigns=found.found,
        metrics=found.totals,
        notices=[notice.text for notice in found.notices],
    )


@get(ONE, summary="A campaign", sync_to_thread=True, **_READ)
def read_campaign(session: Tenant, campaign_id: FromPath[UUID]) -> CampaignReply:
    """What is known of a campaign or a plan."""
    return _shown(session, campaign_by_id(session, campaign_id))


@put(ONE, sync_to_thread=True, summary="Replace a plan", **_CHANGE)
def replace_campaign(
    session: Tenant, plan: CurrentPlan, caller: Caller, campaign_id: FromPath[UUID], data: JSONBody[PlanRequest]
) -> CampaignReply:
    """The plan says this from now on. A platform's campaign cannot be replaced."""
    campaign = campaign_by_id(session, campaign_id)
    fields = PlanFields(**msgspec.structs.asdict(data))
    change_plan(session, campaign=campaign, fields=fields, plan=plan, actor=caller.signed_in())
    return _shown(session, campaign)


@patch(ONE, sync_to_thread=True, summary="Change a campaign", **_CHANGE)
def change_campaign_fields(
    session: Tenant,
    control: Control,
    plan: CurrentPlan,
    caller: Caller,
    campaign_id: FromPath[UUID],
    data: JSONBody[CampaignPatch],
) -> Response[CampaignReply]:
    """Change some of a plan; or ask the platform for another daily budget, which answers 202 with `change`."""
    campaign, user = campaign_by_id(session, campaign_id), caller.signed_in()
    if campaign.account_id is None:
        change_plan(session, campaign=campaign, fields=patched_fields(session, campaign, data), plan=plan, actor=user)
        return Response(_shown(session, campaign), status_code=200)
    change = _asked(session, control, campaign, budget_wanted(campaign, data), plan, user)
    return Response(_shown(session, campaign, change), status_code=202)


@delete(ONE, sync_to_thread=True, status_code=204, summary="Delete a plan", **_CHANGE)
def delete_campaign(session: Tenant, caller: Caller, campaign_id: FromPath[UUID]) -> None:
    """Forget a plan. A platform's campaign is not deleted: what it did stays in the numbers."""
    delete_plan(session, campaign=campaign_by_id(session, campaign_id), actor=caller.signed_in())


@get(ONE + "/metrics", dependencies=ASKED, summary="A campaign's metrics", sync_to_thread=True, **_READ)
def read_campaign_metrics(
    session: Tenant, workspace: Here, plan: CurrentPlan, asked: Period, campaign_id: FromPath[UUID]
) -> CampaignMetricsReply:
    """Metrics over a period, over the period before, and by day, in the campaign's currency."""
    campaign = campaign_by_id(session, campaign_id)
    today = today_in(workspace.timezone)
    shown = one_campaign(session, campaign, period=asked, plan=plan, today=today, step=Step.DAY)
    return CampaignMetricsReply(
        currency=campaign.currency,
        period=period_reply(shown.window),
        metrics=shown.totals,
        previous=shown.before,
        days=[CampaignDayReply(point.since, point.values) for point in shown.course],
        notices=[notice.text for notice in shown.notices],
    )


@get(ONE + "/insights", dependencies=ASKED, summary="What is worth knowing", sync_to_thread=True, **_READ)
def read_campaign_insights(
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    asked: Period,
    campaign_id: FromPath[UUID],
) -> InsightsReply:
    """What stored days tell of one campaign, what asks for something first; no model is asked, so it is the same every time."""
    campaign = campaign_by_id(session, campaign_id)
    found = campaign_insights(
        session,
        campaign,
        period=asked,
        plan=plan,
        today=today_in(workspace.timezone),
        titles=platform_titles(control),
        base=f"/w/{workspace.id}",
    )
    return InsightsReply(
        currency=campaign.currency,
        period=period_reply(found.window),
        items=[insight_reply(one) for one in found.items],
        notices=[notice.text for notice in found.notices],
    )


@get(ONE + "/changes", summary="A campaign's changes", sync_to_thread=True, **_READ)
def read_campaign_changes(session: Tenant, campaign_id: FromPath[UUID]) -> list[ChangeReply]:
    """The newest changes asked of the campaign's platform, with before and after."""
    return [
        known_change_reply(known) for known in known_changes(session, campaign=campaign_by_id(session, campaign_id))
    ]


@post(ONE + "/start", sync_to_thread=True, status_code=202, summary="Start a campaign", **_WRITE_BACK)
def start_campaign(
    session: Tenant, control: Control, plan: CurrentPlan, caller: Caller, campaign_id: FromPath[UUID]
) -> ChangeReply:
    """Ask the platform to let the campaign run."""
    return _switched(session, control, plan, caller, campaign_id, ActionKind.ENABLE)


@post(ONE + "/pause", sync_to_thread=True, status_code=202, summary="Pause a campaign", **_WRITE_BACK)
def pause_campaign(
    session: Tenant, control: Control, plan: CurrentPlan, caller: Caller, campaign_id: FromPath[UUID]
) -> ChangeReply:
    """Ask the platform to pause the campaign."""
    return _switched(session, control, plan, caller, campaign_id, ActionKind.PAUSE)


@post(
    LIST + "/changes/{change_id:uuid}/undo",
    sync_to_thread=True,
    status_code=202,
    summary="Take a change back",
    **_WRITE_BACK,
)
def undo_campaign_change(session: Tenant, plan: CurrentPlan, caller: Caller, change_id: FromPath[UUID]) -> ChangeReply:
    """Ask for the change that restores what was before; refused by the worker where somebody has changed it since."""
    undo = ask_for_undo(session, change=change_by_id(session, change_id), plan=plan, actor=caller.signed_in())
    return _change(session, undo)


@get(
    "/api/v1/analytics/campaigns", dependencies=ASKED, summary="Best and worst campaigns", sync_to_thread=True, **_READ
)
def rank(
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    asked: Period,
    metric: FromQuery[str] = "roas",
    min_spend: FromQuery[float] = 0.0,
) -> RankingReply:
    """The ten best and the ten worst by a metric, of those that spent at least `min_spend` units of their currency."""
    today, currency = today_in(workspace.timezone), workspace.currency
    shown = rank_campaigns(
        session, metric=metric, min_spend=min_spend, period=asked, plan=plan, currency=currency, today=today
    )
    return RankingReply(
        period=period_reply(shown.window),
        metric=metric,
        best=[row_reply(row) for row in shown.best],
        worst=[row_reply(row) for row in shown.worst],
        notices=[notice.text for notice in shown.notices],
    )


@get("/api/v1/analytics/platforms", dependencies=ASKED, summary="Platforms", sync_to_thread=True, **_READ)
def read_platforms(session: Tenant, workspace: Here, plan: CurrentPlan, asked: Period) -> PlatformsReply:
    """Platforms beside each other, in the workspace's currency."""
    today = today_in(workspace.timezone)
    shown = compare_platforms(session, period=asked, plan=plan, currency=workspace.currency, today=today)
    return PlatformsReply(
        currency=shown.currency,
        period=period_reply(shown.window),
        platforms=[platform_reply(row) for row in shown.rows],
        totals=shown.totals,
        notices=[notice.text for notice in shown.notices],
    )


def _shown(session: Session, campaign: Campaign, change: CampaignChange | None = None) -> CampaignReply:
    channel = session.get_one(Channel, campaign.channel_id).key
    return campaign_reply(campaign, channel=channel, change=_change(session, change) if change else None)


def _change(session: Session, change: CampaignChange) -> ChangeReply:
    session.flush()
    session.refresh(change)
    return change_reply(change, session.get_one(Campaign, change.campaign_number))


def _asked(
    session: Session, control: Session, campaign: Campaign, wanted: Wanted, plan: Plan, user: UserRef
) -> CampaignChange:
    place_of(session, campaign)
    manifest = manifest_of(control, campaign.connector_key or "")
    return ask_for_change(session, campaign=campaign, wanted=wanted, manifest=manifest, plan=plan, actor=user)


def _switched(
    session: Session, control: Session, plan: Plan, caller: Principal, campaign_id: UUID, kind: ActionKind
) -> ChangeReply:
    campaign = campaign_by_id(session, campaign_id)
    wanted = Wanted(kind, campaign.status, campaign.daily_budget_micros)
    return _change(session, _asked(session, control, campaign, wanted, plan, caller.signed_in()))


HANDLERS: list[BaseRouteHandler] = [
    read_campaigns,
    add_campaign,
    read_summary,
    read_campaign,
    replace_campaign,
    change_campaign_fields,
    delete_campaign,
    read_campaign_metrics,
    read_campaign_insights,
    read_campaign_changes,
    start_campaign,
    pause_campaign,
    undo_campaign_change,
    rank,
    read_platforms,
]
