"""Pages of syncs: every account with its state and its runs, and our totals beside the platform's."""

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, QueryParameter, URLEncodedBody

from app.connections.service import account_by_id
from app.imports.downloads import csv_response
from app.sync.asking import cancel_account, chosen_days
from app.sync.comparing_page import query_of
from app.sync.differences import comparison_csv
from app.sync.page_queries import days_beside_theirs, rates_of_days
from app.sync.queries import standings
from app.sync.service import compare_with_platform, sync_accounts
from app.sync.views import comparison_view, sync_view
from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.format import plural
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
FormData = URLEncodedBody[dict[str, str]]
From = Annotated[date | None, QueryParameter(name="from")]
To = Annotated[date | None, QueryParameter(name="to")]
_SYNC = "/w/{workspace_id:uuid}/sync"
_COMPARE = _SYNC + "/reconciliation"
_READ = access(Permission.READ_DATA)
_ACT = access(Permission.IMPORT_DATA)


@get(_SYNC, sync_to_thread=True, include_in_schema=False, **_READ)
def sync_page(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, account: FromQuery[UUID | None] = None
) -> Response[str]:
    """Every account, how it fares, and the runs so far; or those of one account."""
    page = sync_view(session, control, workspace=workspace, account_id=account)
    return render(request, "sync/list.html", page)


@post(_SYNC, sync_to_thread=True, include_in_schema=False, **_ACT)
def sync_now(request: AnyRequest, session: Tenant, workspace: Here, data: FormData) -> Response[str]:
    """Read one account, or all of them, soon."""
    back = _back(workspace, data)
    readable = [one.account_id for one in standings(session) if one.connection_state == "active"]
    if one := data.get("account"):
        readable = [account_by_id(session, _id(one)).id]
    started = sync_accounts(session, account_ids=readable, currency=workspace.currency)
    if not started:
        return redirect(request, back, flash="No account can be read now.", kind="warn")
    return redirect(request, back, flash=f"{plural(len(started), 'account')} will be read now.")


@post(_SYNC + "/cancel", sync_to_thread=True, include_in_schema=False, **_ACT)
def cancel_now(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, data: FormData
) -> Response[str]:
    """Stop reading an account; what was read stays."""
    account = account_by_id(session, _id(data.get("account", "")))
    stopped = cancel_account(session, control, workspace_id=workspace.id, account_id=account.id)
    if not stopped:
        return redirect(request, _back(workspace, data), flash="Nothing was under way.", kind="warn")
    flash = f"{account.name} stops at its next step. What was read stays, and the next sync goes on from there."
    return redirect(request, _back(workspace, data), flash=flash)


@get(_COMPARE, sync_to_thread=True, include_in_schema=False, **_READ)
def comparison(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    account: FromQuery[UUID | None] = None,
    since: From = None,
    until: To = None,
) -> Response[str]:
    """Our totals beside the platform's, per day."""
    page = comparison_view(session, control, workspace=workspace, account_id=account, since=since, until=until)
    if page is None:
        return render(request, "sync/nothing_to_compare.html", {"base": f"/w/{workspace.id}"})
    return render(request, "sync/reconciliation.html", page)


@post(_COMPARE, sync_to_thread=True, include_in_schema=False, **_ACT)
def check_now(request: AnyRequest, session: Tenant, workspace: Here, data: FormData) -> Response[str]:
    """Have the platform asked again."""
    chosen = chosen_days(
        session,
        account_id=_id(data.get("account", "")),
        since=_day(data.get("from", "")),
        until=_day(data.get("to", "")),
    )
    compare_with_platform(session, account_id=chosen.account.id, since=chosen.since, until=chosen.until)
    return redirect(request, f"/w/{workspace.id}/sync/reconciliation?{query_of(chosen)}")


@get(_COMPARE + "/export.csv", sync_to_thread=True, include_in_schema=False, **access(Permission.EXPORT_DATA))
def comparison_file(
    session: Tenant, workspace: Here, account: FromQuery[UUID], since: From = None, until: To = None
) -> Response[bytes]:
    """The same as CSV."""
    chosen = chosen_days(session, account_id=account, since=since, until=until)
    one = chosen.account
    days = days_beside_theirs(session, account_id=one.id, since=chosen.since, until=chosen.until)
    rates = rates_of_days(session, currency=one.currency, since=chosen.since, until=chosen.until)
    content = comparison_csv(days, rates, account=one.name, currency=one.currency, into=workspace.currency)
    return csv_response(content, f"Reconciliation {one.name} {chosen.since} to {chosen.until}.csv")


def _back(workspace: WorkspaceRef, data: dict[str, str]) -> str:
    shown = data.get("shown", "")
    return f"/w/{workspace.id}/sync" + (f"?account={_id(shown)}" if shown else "")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidInput("This is no account.", "Choose one from the list.") from None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise InvalidInput("This is no day.", "Write days as 2026-11-21.") from None


HANDLERS: list[BaseRouteHandler] = [sync_page, sync_now, cancel_now, comparison, check_now, comparison_file]
