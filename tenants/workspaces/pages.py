"""Pages of a workspace: its settings, its people, and new ones. Accepting an invitation is identity's page."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, URLEncodedBody

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import AdloomError, Conflict, InvalidInput, NotAllowed
from kit.settings import Settings
from kit.web.access import access, for_signed_in
from kit.web.forms import Form, refused_form
from kit.web.pages import AnyRequest, redirect, render
from tenants.workspaces.creation import create_workspace
from tenants.workspaces.models import Invitation
from tenants.workspaces.permissions import Permission, Role
from tenants.workspaces.principal import Principal, WorkspaceRef
from tenants.workspaces.queries import (
    invitation_by_id,
    members,
    open_invitations,
    workspace_by_id,
)
from tenants.workspaces.regions import currencies, timezones
from tenants.workspaces.service import (
    SeatCheck,
    change_role,
    change_settings,
    delete_workspace,
    invite,
    remove_member,
    resend_invitation,
)

Control = NamedDependency[ScopedSession]
Caller = NamedDependency[Principal]
Here = NamedDependency[WorkspaceRef]
FormData = URLEncodedBody[dict[str, str]]
_SETTINGS = "/w/{workspace_id:uuid}/settings"
_TEAM = "/w/{workspace_id:uuid}/settings/team"


@dataclass(frozen=True)
class SettingsPage:
    """Name, currency, time zone, and the end of it all."""

    form: Form
    delete_form: Form
    may_change: bool
    may_delete: bool
    base: str
    currencies: tuple[tuple[str, str], ...]
    timezones: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class TeamPage:
    """People, invitations, and what each role may do."""

    people: list[Any]
    invitations: list[Invitation]
    form: Form
    may_change: bool
    roles: list[tuple[str, str]]
    short_roles: list[tuple[str, str]]
    changeable: set[str]
    own_id: UUID
    base: str


@dataclass(frozen=True)
class NewWorkspacePage:
    """A form for one more workspace."""

    form: Form
    currencies: tuple[tuple[str, str], ...]
    timezones: tuple[tuple[str, str], ...]


_ROLES = [
    ("viewer", "Viewer: sees everything, exports"),
    ("editor", "Editor: imports, maps channels, runs models"),
    ("admin", "Admin: also people, settings and billing"),
    ("owner", "Owner: also deletes the workspace"),
]


@get(_SETTINGS, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def settings_page(request: AnyRequest, control: Control, workspace: Here) -> Response[str]:
    """General settings."""
    return _settings(request, control, workspace)


@post(_SETTINGS, sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_WORKSPACE))
def save_settings(request: AnyRequest, control: Control, workspace: Here, data: FormData) -> Response[str]:
    """Save name, currency and time zone."""
    try:
        change_settings(
            control,
            workspace_id=workspace.id,
            name=data.get("name"),
            currency=data.get("currency"),
            timezone=data.get("timezone"),
        )
    except InvalidInput as refusal:
        return _settings(request, control, workspace, form=refused_form(data, refusal))
    return redirect(request, f"/w/{workspace.id}/settings", flash="Settings saved.")


@post(_SETTINGS + "/delete", sync_to_thread=True, include_in_schema=False, **access(Permission.DELETE_WORKSPACE))
def delete(request: AnyRequest, control: Control, workspace: Here, data: FormData) -> Response[str]:
    """Delete the workspace, once its name was typed."""
    try:
        delete_workspace(control, workspace_id=workspace.id, typed_name=data.get("name", ""))
    except InvalidInput as refusal:
        return _settings(request, control, workspace, delete_form=refused_form(data, refusal))
    return redirect(request, "/", flash=f"{workspace.name} is deleted.")


@get(_TEAM, sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def team_page(request: AnyRequest, control: Control, caller: Caller, workspace: Here) -> Response[str]:
    """Everybody in the workspace."""
    return _team(request, control, caller, workspace)


@post(_TEAM + "/invite", sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_MEMBERS))
def send_invitation(
    request: AnyRequest,
    control: Control,
    caller: Caller,
    workspace: Here,
    data: FormData,
    require_seat: NamedDependency[SeatCheck],
) -> Response[str]:
    """Invite somebody by mail."""
    try:
        invite(
            control,
            workspace_id=workspace.id,
            email=data.get("email", ""),
            role=data.get("role", "viewer"),
            actor_id=caller.signed_in().id,
            actor_role=workspace.role,
            now=utc_now(),
            require_seat=require_seat,
        )
    except (InvalidInput, Conflict, NotAllowed) as refusal:
        return _team(request, control, caller, workspace, form=refused_form(data, refusal))
    return _back(request, workspace, f"An invitation to {data['email']} is on its way.")


@post(_TEAM + "/{user_id:uuid}/role", sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_MEMBERS))
def save_role(
    request: AnyRequest, control: Control, workspace: Here, user_id: FromPath[UUID], data: FormData
) -> Response[str]:
    """Give a member another role."""
    try:
        change_role(
            control, workspace_id=workspace.id, user_id=user_id, role=data.get("role", ""), actor_role=workspace.role
        )
    except (Conflict, NotAllowed) as refusal:
        return _back(request, workspace, str(refusal), kind="bad")
    return _back(request, workspace, "The role is changed.")


@post(
    _TEAM + "/{user_id:uuid}/remove", sync_to_thread=True, include_in_schema=False, **access(Permission.MANAGE_MEMBERS)
)
def drop_member(
    request: AnyRequest, control: Control, caller: Caller, workspace: Here, user_id: FromPath[UUID]
) -> Response[str]:
    """Take a person out of the workspace."""
    problem = _removal_problem(control, caller, workspace, user_id)
    if problem is not None:
        return _back(request, workspace, str(problem), kind="bad")
    return _back(request, workspace, "That person is no longer in the workspace.")


@post(_TEAM + "/leave", sync_to_thread=True, include_in_schema=False, **access(Permission.READ_DATA))
def leave(request: AnyRequest, control: Control, caller: Caller, workspace: Here) -> Response[str]:
    """Leave the workspace oneself."""
    problem = _removal_problem(control, caller, workspace, caller.signed_in().id)
    if problem is not None:
        return _back(request, workspace, str(problem), kind="bad")
    return redirect(request, "/", flash=f"You have left {workspace.name}.")


@post(
    _TEAM + "/invitations/{invitation_id:uuid}/resend",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.MANAGE_MEMBERS),
)
def mail_invitation_again(
    request: AnyRequest, control: Control, workspace: Here, invitation_id: FromPath[UUID]
) -> Response[str]:
    """Mail a fresh link, good for another week."""
    invitation = invitation_by_id(control, workspace_id=workspace.id, invitation_id=invitation_id)
    resend_invitation(control, invitation, now=utc_now())
    return _back(request, workspace, f"A new invitation to {invitation.email} is on its way.")


@post(
    _TEAM + "/invitations/{invitation_id:uuid}/withdraw",
    sync_to_thread=True,
    include_in_schema=False,
    **access(Permission.MANAGE_MEMBERS),
)
def withdraw_invitation(
    request: AnyRequest, control: Control, workspace: Here, invitation_id: FromPath[UUID]
) -> Response[str]:
    """The mailed link stops working."""
    control.delete(invitation_by_id(control, workspace_id=workspace.id, invitation_id=invitation_id))
    return _back(request, workspace, "The invitation is withdrawn.")


@get("/workspaces/new", sync_to_thread=False, include_in_schema=False, **for_signed_in())
def new_workspace_form(request: AnyRequest) -> Response[str]:
    """The empty form."""
    return _new_workspace(request, Form({"currency": "USD", "timezone": "UTC"}), status=200)


@post("/workspaces/new", sync_to_thread=True, include_in_schema=False, **for_signed_in())
def make_workspace(
    request: AnyRequest, control: Control, caller: Caller, settings: NamedDependency[Settings], data: FormData
) -> Response[str]:
    """One more workspace in the caller's own organisation."""
    try:
        made = create_workspace(
            control,
            settings=settings,
            owner_id=caller.signed_in().id,
            name=data.get("name", ""),
            currency=data.get("currency", "USD"),
            timezone=data.get("timezone", "UTC"),
        )
    except InvalidInput as refusal:
        return _new_workspace(request, refused_form(data, refusal), status=refusal.status)
    return redirect(request, f"/w/{made.id}/start")


def _back(request: AnyRequest, workspace: WorkspaceRef, message: str, *, kind: str = "good") -> Response[str]:
    return redirect(request, f"/w/{workspace.id}/settings/team", flash=message, kind=kind)


def _new_workspace(request: AnyRequest, form: Form, *, status: int) -> Response[str]:
    return render(request, "workspaces/new.html", NewWorkspacePage(form, currencies(), timezones()), status=status)


def _removal_problem(
    control: ScopedSession, caller: Principal, workspace: WorkspaceRef, user_id: UUID
) -> AdloomError | None:
    """What speaks against taking a person out; the page shows it, so that it is a value here."""
    try:
        remove_member(
            control,
            workspace_id=workspace.id,
            user_id=user_id,
            actor_id=caller.signed_in().id,
            actor_role=workspace.role,
        )
    except (Conflict, NotAllowed) as refusal:
        return refusal
    return None


def _settings(
    request: AnyRequest,
    control: ScopedSession,
    workspace: WorkspaceRef,
    *,
    form: Form | None = None,
    delete_form: Form | None = None,
) -> Response[str]:
    stored = workspace_by_id(control, workspace.id)
    page = SettingsPage(
        form=form or Form({"name": stored.name, "currency": stored.currency, "timezone": stored.timezone}),
        delete_form=delete_form or Form(),
        may_change=workspace.allows(Permission.MANAGE_WORKSPACE),
        may_delete=workspace.allows(Permission.DELETE_WORKSPACE),
        base=f"/w/{workspace.id}/settings",
        currencies=currencies(),
        timezones=timezones(),
    )
    return render(request, "workspaces/settings.html", page, status=422 if form or delete_form else 200)


def _team(
    request: AnyRequest, control: ScopedSession, caller: Principal, workspace: WorkspaceRef, *, form: Form | None = None
) -> Response[str]:
    roles = _ROLES if workspace.role == Role.OWNER else _ROLES[:-1]
    page = TeamPage(
        people=list(members(control, workspace_id=workspace.id)),
        invitations=list(open_invitations(control, workspace_id=workspace.id, now=utc_now())),
        form=form or Form({"role": "viewer"}),
        may_change=workspace.allows(Permission.MANAGE_MEMBERS),
        roles=roles,
        short_roles=[(role, role.capitalize()) for role, _ in roles],
        changeable={role for role, _ in roles},
        own_id=caller.signed_in().id,
        base=f"/w/{workspace.id}/settings/team",
    )
    return render(request, "workspaces/team.html", page, status=422 if form else 200)


HANDLERS: list[BaseRouteHandler] = [
    settings_page,
    save_settings,
    delete,
    team_page,
    send_invitation,
    save_role,
    drop_member,
    leave,
    mail_invitation_again,
    withdraw_invitation,
    new_workspace_form,
    make_workspace,
]
