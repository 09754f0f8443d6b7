"""The page of channels: what each name in your files means, to be changed for past and future at once."""

from dataclasses import dataclass

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import URLEncodedBody

from app.campaigns.channels import WHOLE_DAY
from app.campaigns.queries import KnownName, all_channels, known_names
from app.campaigns.service import change_meanings
from billing.plans import Entitlement, Plan
from kit.db import ScopedSession
from kit.errors import AdloomError
from kit.format import plural
from kit.web.access import access
from kit.web.forms import Form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]
CurrentPlan = NamedDependency[Plan]
_CHANNELS = "/w/{workspace_id:uuid}/channels"
_NAME, _CHANNEL = "name-", "channel-"


@dataclass(frozen=True)
class NameRow:
    """A name and the channel typed or chosen for it. `number` ties the two fields of a row."""

    number: int
    known: KnownName
    channel: str


@dataclass(frozen=True)
class ChannelsPage:
    """The table of names."""

    names: list[NameRow]
    channels: list[str]
    whole_day_rows: int
    may_change: bool
    base: str
    imports_href: str
    room: str
    form: Form


@get(_CHANNELS, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def channels_page(request: AnyRequest, session: Tenant, workspace: Here, plan: CurrentPlan) -> Response[str]:
    """What each name means."""
    return _page(request, session, workspace, plan, Form())


@post(_CHANNELS, sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_CHANNELS))
def change_channels(
    request: AnyRequest,
    session: Tenant,
    workspace: Here,
    plan: CurrentPlan,
    caller: NamedDependency[Principal],
    data: URLEncodedBody[dict[str, str]],
) -> Response[str]:
    """Apply what was changed, backwards too."""
    changes = {
        name: data[_CHANNEL + field.removeprefix(_NAME)]
        for field, name in data.items()
        if field.startswith(_NAME) and _CHANNEL + field.removeprefix(_NAME) in data
    }
    try:
        with session.begin_nested():
            moved = change_meanings(session, changes=changes, plan=plan, user=caller.signed_in())
    except AdloomError as refusal:
        form = Form(data, title=refusal.detail, problems=[("", refusal.hint)])
        return _page(request, session, workspace, plan, form, status=refusal.status)
    flash = f"Saved. {plural(moved, 'stored row')} moved." if moved else "Saved. No stored row had to move."
    return redirect(request, f"/w/{workspace.id}/channels", flash=flash)


def _page(
    request: AnyRequest, session: ScopedSession, workspace: WorkspaceRef, plan: Plan, form: Form, *, status: int = 200
) -> Response[str]:
    known = known_names(session)
    channels = [channel.name for channel in all_channels(session) if channel.key != WHOLE_DAY]
    listed = [row for row in known if row.source_name != WHOLE_DAY]
    limit = plan.limit(Entitlement.CHANNELS)
    page = ChannelsPage(
        names=[
            NameRow(number, row, form.value(f"{_CHANNEL}{number}", row.channel_name))
            for number, row in enumerate(listed, start=1)
        ],
        channels=channels,
        whole_day_rows=sum(row.rows for row in known if row.source_name == WHOLE_DAY),
        may_change=workspace.allows(Permission.MANAGE_CHANNELS),
        base=f"/w/{workspace.id}/channels",
        imports_href=f"/w/{workspace.id}/imports",
        room=f"{plan.name} plan: {len(channels)} of {limit} channels." if limit is not None else "",
        form=form,
    )
    return render(request, "campaigns/channels.html", page, status=status)


HANDLERS: list[BaseRouteHandler] = [channels_page, change_channels]
