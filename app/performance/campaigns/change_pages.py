"""Changing campaigns: the step of confirming with before → after, asking for it, what came of it, and taking it back."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, FromQuery, QueryParameter, URLEncodedBody

from adloom_sdk.messages import ActionKind
from app.campaigns.changes import ask_for_undo, change_by_id
from app.campaigns.detail import campaign_by_id, campaigns_by_id, known_changes
from app.performance.campaigns.change_page import HistoryRow, confirm_page, history, proposed
from app.performance.campaigns.changing import action_kind, ask, manifests_of, wanted_of
from app.performance.campaigns.listing_page import tab_items
from app.performance.campaigns.places import LIST, Caller, Control, CurrentPlan, Here, Tenant, upgrade_sentence
from billing.plans import Entitlement
from kit.errors import AdloomError, NotFound
from kit.format import plural
from kit.web.access import access
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission

Chosen = Annotated[list[UUID] | None, QueryParameter(name="campaign")]
MOST_AT_ONCE = 200
_SEEN, _NEW = "seen-", "new-"
_CHANGE = access(Permission.CHANGE_CAMPAIGNS, entitlement=Entitlement.WRITE_BACK)


@dataclass(frozen=True)
class ChangesPage:
    """The variables of campaigns/changes.html."""

    tab_items: tuple[tuple[str, str, bool], ...]
    history: tuple[HistoryRow, ...]
    base: str
    here: str


@get(LIST + "/change", sync_to_thread=True, include_in_schema=False, **access(Permission.CHANGE_CAMPAIGNS))
def confirm_change(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    campaign: Chosen = None,
    kind: FromQuery[str] = "",
    budget: FromQuery[str] = "",
) -> Response[str]:
    """Before → after of each chosen campaign, for somebody to look at before anything is asked for."""
    base = f"/w/{workspace.id}"
    chosen = (campaign or [])[:MOST_AT_ONCE]
    if not chosen or kind not in set(ActionKind):
        return redirect(request, f"{base}/campaigns", flash="Select campaigns first, then what to change.", kind="info")
    wanted = ActionKind(kind)
    found = campaigns_by_id(session, chosen)
    if not found:
        raise NotFound("None of these campaigns exists.", "Look at the list.")
    rows = proposed(session, found, kind=wanted, typed=budget, manifests=manifests_of(control))
    page = confirm_page(rows, kind=wanted, typed=budget, base=base, upgrade=upgrade_sentence(plan))
    return render(request, "campaigns/change.html", page)


@post(LIST + "/change", sync_to_thread=True, include_in_schema=False, **_CHANGE)
def change_campaigns(
    request: AnyRequest,
    session: Tenant,
    control: Control,
    workspace: Here,
    plan: CurrentPlan,
    caller: Caller,
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Ask for each change; a refusal of one stops none of the others."""
    kind, manifests, user = action_kind(data.get("kind", "")), manifests_of(control), caller.signed_in()
    asked, refusals = 0, []
    for field in [name for name in data if name.startswith(_SEEN)][:MOST_AT_ONCE]:
        id_ = field.removeprefix(_SEEN)
        wanted = wanted_of(kind, data[field], data.get(_NEW + id_, ""), is_confirmed=data.get("confirm") == "1")
        try:
            with session.begin_nested():
                ask(session, campaign_by_id(session, _uuid(id_)), wanted, manifests, plan, user)
            asked += 1
        except AdloomError as refusal:
            refusals.append(str(refusal))
    flash = f"{plural(asked, 'change')} on the way to the platform."
    if refusals:
        flash += f" {plural(len(refusals), 'campaign')} left as before: {refusals[0]}"
    return redirect(request, f"/w/{workspace.id}/campaigns/changes", flash=flash, kind="warn" if refusals else "good")


@get(LIST + "/changes", sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def changes_page(
    request: AnyRequest, session: Tenant, control: Control, workspace: Here, plan: CurrentPlan
) -> Response[str]:
    """The newest changes with what came of each, live while they run."""
    base = f"/w/{workspace.id}"
    may_change = workspace.allows(Permission.CHANGE_CAMPAIGNS) and plan.includes(Entitlement.WRITE_BACK)
    rows = history(known_changes(session), control=control, workspace_id=workspace.id, base=base, may_change=may_change)
    page = ChangesPage(tab_items(base, "/changes"), rows, base, f"{base}/campaigns/changes")
    return render(request, "campaigns/changes.html", page)


@post(LIST + "/changes/{change_id:uuid}/undo", sync_to_thread=True, include_in_schema=False, **_CHANGE)
def undo_change(
    request: AnyRequest, session: Tenant, workspace: Here, plan: CurrentPlan, caller: Caller, change_id: FromPath[UUID]
) -> Response[str]:
    """Ask for the change that takes this one back."""
    here, flash, kind = f"/w/{workspace.id}/campaigns/changes", "It is being taken back.", "good"
    change = change_by_id(session, change_id)
    try:
        with session.begin_nested():
            ask_for_undo(session, change=change, plan=plan, actor=caller.signed_in())
    except AdloomError as refusal:
        flash, kind = str(refusal), "bad"
    return redirect(request, here, flash=flash, kind=kind)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("This campaign does not exist.", "Look at the list.") from None


HANDLERS: list[BaseRouteHandler] = [confirm_change, change_campaigns, changes_page, undo_change]
