"""One campaign: its page, the forms that change it on its platform, and the forms of a plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from adloom_sdk.messages import ActionKind
from app.campaigns.budgets import new_budget_micros
from app.campaigns.channels import WHOLE_DAY
from app.campaigns.detail import campaign_by_id, known_changes
from app.campaigns.guardrails import Wanted
from app.campaigns.plans import PlanFields, change_plan, create_plan, delete_plan, require_plan
from app.campaigns.platform_models import Campaign
from app.campaigns.queries import all_channels
from app.performance.asking import ASKED
from app.performance.campaigns.change_page import history, read_seen
from app.performance.campaigns.changing import action_kind, ask, manifests_of
from app.performance.campaigns.insights import campaign_insights
from app.performance.campaigns.one import one_campaign
from app.performance.campaigns.one_page import campaign_page
from app.performance.campaigns.places import LIST, Caller, Control, CurrentPlan, Here, Tenant, viewer_of
from app.performance.service import PeriodRequest
from billing.plans import Entitlement, Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import AdloomError, FieldError, InvalidInput
from kit.format import plain_number
from kit.money import MICROS, to_micros
from kit.web.access import access
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

FormData = URLEncodedBody[dict[str, str]]
Period = NamedDependency[PeriodRequest]
ONE = LIST + "/{campaign_id:uuid}"
PLANS = LIST + "/plans"
_CHANGE = access(Permission.CHANGE_CAMPAIGNS)
_WRITE_BACK = access(Permission.CHANGE_CAMPAIGNS, entitlement=Entitlement.WRITE_BACK)
_post = partial(post, sync_to_thread=True, include_in_schema=False)


@dataclass(frozen=True)
class PlanPage:
    """The variables of campaigns/plan.html."""

    title: str
    action: str
    base: str
    currency: str
    channels: list[str]
    values: Mapping[str, str]
    form: Form


@get(ONE, dependencies=ASKED, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def show_campaign(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    asked: Period,
    campaign_id: FromPath[UUID],
) -> Response[str]:
    """One campaign over a period."""
    campaign = campaign_by_id(session, campaign_id)
    return _campaign_page(request, session, control, workspace, plan, campaign, asked)


@_post(ONE + "/change", **_WRITE_BACK)
def change_campaign(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    campaign_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Ask for a change of this campaign; what was seen comes with it."""
    campaign, user = campaign_by_id(session, campaign_id), caller.signed_in()
    try:
        with session.begin_nested():
            wanted = _wanted(campaign, data)
            ask(session, campaign, wanted, manifests_of(control), plan, user)
    except AdloomError as refusal:
        form = refused_form(data, refusal)
        return _campaign_page(
            request, session, control, workspace, plan, campaign, PeriodRequest(), form, refusal.status
        )
    here = f"/w/{workspace.id}/campaigns/{campaign_id}#history"
    return redirect(request, here, flash="The change is on its way to the platform.")


@get(PLANS + "/new", sync_to_thread=True, include_in_schema=False, **_CHANGE)
def new_plan(request: AnyRequest, session: Tenant, workspace: Here) -> Response[str]:
    """An empty plan."""
    return _plan_page(request, session, workspace, None, Form())


@_post(PLANS, **_CHANGE)
def add_plan(
    request: AnyRequest, session: Tenant, workspace: Here, plan: CurrentPlan, caller: Caller, data: FormData
) -> Response[str]:
    """Keep a new plan."""
    user = caller.signed_in()
    try:
        with session.begin_nested():
            made = create_plan(session, fields=plan_fields(data), currency=workspace.currency, plan=plan, actor=user)
    except AdloomError as refusal:
        return _plan_page(request, session, workspace, None, refused_form(data, refusal), status=refusal.status)
    return redirect(request, f"/w/{workspace.id}/campaigns/{made.id}", flash="The plan is saved.")


@get(ONE + "/edit", sync_to_thread=True, include_in_schema=False, **_CHANGE)
def edit_plan(request: AnyRequest, session: Tenant, workspace: Here, campaign_id: FromPath[UUID]) -> Response[str]:
    """A plan's form."""
    campaign = campaign_by_id(session, campaign_id)
    require_plan(campaign)
    return _plan_page(request, session, workspace, campaign, Form())


@_post(ONE + "/edit", **_CHANGE)
def save_plan(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    campaign_id: FromPath[UUID],
    data: FormData,
) -> Response[str]:
    """Keep what a plan says now."""
    campaign, user = campaign_by_id(session, campaign_id), caller.signed_in()
    try:
        with session.begin_nested():
            change_plan(session, campaign=campaign, fields=plan_fields(data), plan=plan, actor=user)
    except AdloomError as refusal:
        return _plan_page(request, session, workspace, campaign, refused_form(data, refusal), status=refusal.status)
    return redirect(request, f"/w/{workspace.id}/campaigns/{campaign_id}", flash="The plan is saved.")


@_post(ONE + "/delete", **_CHANGE)
def remove_plan(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, campaign_id: FromPath[UUID]
) -> Response[str]:
    """Forget a plan."""
    delete_plan(session, campaign=campaign_by_id(session, campaign_id), actor=caller.signed_in())
    return redirect(request, f"/w/{workspace.id}/campaigns", flash="The plan is deleted.")


def plan_fields(data: Mapping[str, str]) -> PlanFields:
    """What a plan's form says."""
    return PlanFields(
        name=data.get("name", ""),
        channel=data.get("channel", ""),
        daily_budget_micros=_micros(data, "daily_budget"),
        lifetime_budget_micros=_micros(data, "lifetime_budget"),
        starts_on=_day(data, "starts_on"),
        ends_on=_day(data, "ends_on"),
        objective=data.get("objective", ""),
        notes=data.get("notes", ""),
    )


def _wanted(campaign: Campaign, data: Mapping[str, str]) -> Wanted:
    kind = action_kind(data.get("kind", ""))
    status, seen = read_seen(data.get("seen", ""))
    new = None
    if kind is ActionKind.SET_DAILY_BUDGET:
        new = new_budget_micros(data.get("budget", ""), old_micros=seen or 0, currency=campaign.currency)
    return Wanted(kind, status, seen, new, is_confirmed=data.get("confirm") == "1", reason=data.get("reason", "")[:200])


def _campaign_page(
    request: AnyRequest,
    session: ScopedSession,
    control: ScopedSession,
    workspace: WorkspaceRef,
    plan: Plan,
    campaign: Campaign,
    period: PeriodRequest,
    form: Form | None = None,
    status: int = 200,
) -> Response[str]:
    viewer = viewer_of(control, workspace, plan)
    rows = history(
        known_changes(session, campaign=campaign),
        control=control,
        workspace_id=workspace.id,
        base=viewer.base,
        may_change=viewer.may_change and not viewer.upgrade,
    )
    today = today_in(workspace.timezone)
    shown = one_campaign(session, campaign, period=period, plan=plan, today=today)
    told = campaign_insights(
        session, campaign, period=period, plan=plan, today=today, titles=dict(viewer.titles), base=viewer.base
    )
    page = campaign_page(shown, viewer=viewer, history=rows, insights=told.items, form=form or Form())
    return render(request, "campaigns/campaign.html", page, status=status)


def _plan_page(
    request: AnyRequest,
    session: ScopedSession,
    workspace: WorkspaceRef,
    campaign: Campaign | None,
    form: Form,
    *,
    status: int = 200,
) -> Response[str]:
    base = f"/w/{workspace.id}"
    here = f"{base}/campaigns/{campaign.id}" if campaign else ""
    channels = [channel for channel in all_channels(session) if channel.key != WHOLE_DAY]
    page = PlanPage(
        title=f"Plan: {campaign.name}" if campaign else "Plan a campaign",
        action=f"{here}/edit" if campaign else f"{base}/campaigns/plans",
        base=base,
        currency=campaign.currency if campaign else workspace.currency,
        channels=[channel.name for channel in channels],
        values=form.values or _plan_values(campaign, {channel.id: channel.name for channel in channels}),
        form=form,
    )
    return render(request, "campaigns/plan.html", page, status=status)


def _plan_values(campaign: Campaign | None, channels: Mapping[UUID, str]) -> dict[str, str]:
    if campaign is None:
        return {}
    amounts = {"daily_budget": campaign.daily_budget_micros, "lifetime_budget": campaign.lifetime_budget_micros}
    days = {"starts_on": campaign.starts_on, "ends_on": campaign.ends_on}
    return {
        "name": campaign.name,
        "channel": channels.get(campaign.channel_id, ""),
        "objective": campaign.objective,
        "notes": campaign.notes,
        **{name: plain_number(micros / MICROS) for name, micros in amounts.items() if micros is not None},
        **{name: day.isoformat() for name, day in days.items() if day is not None},
    }


def _micros(data: Mapping[str, str], field: str) -> int | None:
    typed = data.get(field, "").strip().replace(",", ".")
    if not typed:
        return None
    try:
        return to_micros(Decimal(typed))
    except (InvalidOperation, ValueError, OverflowError):
        message = "Enter an amount such as 250."
        raise InvalidInput("The budget cannot be read.", message, [FieldError(message, field)]) from None


def _day(data: Mapping[str, str], field: str) -> date | None:
    typed = data.get(field, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        message = "Enter a day such as 2026-11-21."
        raise InvalidInput("The day cannot be read.", message, [FieldError(message, field)]) from None


HANDLERS: list[BaseRouteHandler] = [
    show_campaign,
    change_campaign,
    new_plan,
    add_plan,
    edit_plan,
    save_plan,
    remove_plan,
]
