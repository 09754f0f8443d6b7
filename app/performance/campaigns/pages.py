"""The list of campaigns, its files and its saved views."""

from functools import partial
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from app.campaigns.saved_views import ViewEditor, delete_view, rename_view, save_view, saved_views
from app.performance.asking import ASKED
from app.performance.campaigns.asking import ASKED_CAMPAIGNS, MOST_ROWS, Asked
from app.performance.campaigns.export import csv_file, xlsx_file
from app.performance.campaigns.listing_page import Known, campaigns_page
from app.performance.campaigns.places import (
    LIST,
    Caller,
    Control,
    CurrentPlan,
    Here,
    Tenant,
    download,
    platform_titles,
    viewer_of,
)
from app.performance.campaigns.queries import known_accounts, known_channels
from app.performance.campaigns.service import CampaignList, list_campaigns
from app.performance.service import PeriodRequest
from billing.plans import Plan
from kit.clock import today_in
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Period = NamedDependency[PeriodRequest]
Listed = NamedDependency[Asked]
# What a saved view may hold: the list's filters, order and columns, and the period.
KEPT = ("q", "status", "platform", "channel", "account", "min_spend", "max_spend", "sort", "columns")
KEPT_WITH_PERIOD = (*KEPT, "period", "from", "to")
_get = partial(get, dependencies=ASKED | ASKED_CAMPAIGNS, sync_to_thread=True, include_in_schema=False)


@_get(LIST, **access(Permission.READ_DATA))
def campaigns_list(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    asked: Period,
    listed: Listed,
) -> Response[str]:
    """Campaigns of all platforms, and plans."""
    return _page(request, session, control, workspace, plan, caller, asked, listed)


@_get(LIST + "/export.csv", **access(Permission.EXPORT_DATA))
def campaigns_csv(
    session: Tenant, control: Control, workspace: Here, plan: CurrentPlan, asked: Period, listed: Listed
) -> Response[bytes]:
    """Everything that the filters leave, as CSV."""
    return download(csv_file(_all(session, workspace, plan, asked, listed), platform_titles(control)))


@_get(LIST + "/export.xlsx", **access(Permission.EXPORT_DATA))
def campaigns_xlsx(
    session: Tenant, control: Control, workspace: Here, plan: CurrentPlan, asked: Period, listed: Listed
) -> Response[bytes]:
    """Everything that the filters leave, as a workbook."""
    found = _all(session, workspace, plan, asked, listed)
    return download(xlsx_file(found, platform_titles(control), workspace=workspace.name))


@post(LIST + "/views", sync_to_thread=True, include_in_schema=False, **access(Permission.CHANGE_CAMPAIGNS))
def keep_view(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Save what the address says under a name."""
    try:
        name, query = save_view(
            session,
            name=data.get("name", ""),
            query=data.get("query", ""),
            allowed=KEPT_WITH_PERIOD,
            editor=_editor(workspace, caller),
        )
    except InvalidInput as refusal:
        refused = (data.get("name", ""), refusal.hint)
        return _page(request, session, control, workspace, plan, caller, PeriodRequest(), Asked(), refused=refused)
    return redirect(request, f"/w/{workspace.id}/campaigns?{query}", flash=f"The view “{name}” is saved.")


@post(
    LIST + "/views/{view_id:uuid}/delete",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.CHANGE_CAMPAIGNS),
)
def drop_view(
    request: AnyRequest, session: Tenant, workspace: Here, caller: Caller, view_id: FromPath[UUID]
) -> Response[str]:
    """Forget a saved view: who made it, or an owner or admin."""
    delete_view(session, view_id=view_id, editor=_editor(workspace, caller))
    return redirect(request, f"/w/{workspace.id}/campaigns", flash="The view is deleted. Campaigns stay as they are.")


@post(
    LIST + "/views/{view_id:uuid}/rename",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.CHANGE_CAMPAIGNS),
)
def change_view_name(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    caller: Caller,
    view_id: FromPath[UUID],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Another name for a saved view: who made it, or an owner or admin."""
    here, editor = f"/w/{workspace.id}/campaigns", _editor(workspace, caller)
    try:
        name = rename_view(session, view_id=view_id, name=data.get("name", ""), editor=editor)
    except InvalidInput as refusal:
        return redirect(request, here, flash=f"{refusal.detail} {refusal.hint}", kind="bad")
    return redirect(request, here, flash=f"The view is called “{name}” now.")


def _editor(workspace: WorkspaceRef, caller: Principal) -> ViewEditor:
    return ViewEditor(caller.signed_in().id, may_manage=workspace.allows(Permission.MANAGE_WORKSPACE))


def _all(
    session: ScopedSession, workspace: WorkspaceRef, plan: Plan, period: PeriodRequest, asked: Asked
) -> CampaignList:
    return list_campaigns(
        session,
        asked=asked,
        period=period,
        plan=plan,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
        limit=MOST_ROWS,
        offset=0,
    )


def _page(
    request: AnyRequest,
    session: ScopedSession,
    control: ScopedSession,
    workspace: WorkspaceRef,
    plan: Plan,
    caller: Principal,
    period: PeriodRequest,
    asked: Asked,
    *,
    refused: tuple[str, str] = ("", ""),
) -> Response[str]:
    listed = list_campaigns(
        session,
        asked=asked,
        period=period,
        plan=plan,
        currency=workspace.currency,
        today=today_in(workspace.timezone),
    )
    page = campaigns_page(
        listed,
        asked=asked,
        period=period,
        viewer=viewer_of(control, workspace, plan),
        known=Known(known_accounts(session), known_channels(session), saved_views(session), _editor(workspace, caller)),
        refused=refused,
    )
    return render(request, "campaigns/list.html", page, status=422 if refused[1] else 200)


HANDLERS: list[BaseRouteHandler] = [
    campaigns_list,
    campaigns_csv,
    campaigns_xlsx,
    keep_view,
    drop_view,
    change_view_name,
]
