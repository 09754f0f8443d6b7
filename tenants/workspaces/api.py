"""Workspaces, people and invitations for programs."""

from uuid import UUID

from litestar import delete, get, patch, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import Conflict, PlanDoesNotInclude
from kit.settings import Settings
from kit.web.access import access, for_signed_in
from tenants.workspaces.creation import create_workspace
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import Principal, WorkspaceRef
from tenants.workspaces.queries import invitation_by_id, members, open_invitations, workspace_by_id, workspaces_with_ids
from tenants.workspaces.schemas import (
    InvitationReply,
    MemberReply,
    NewInvitation,
    NewWorkspace,
    RoleChange,
    WorkspaceChange,
    WorkspaceReply,
    invitation_reply,
    workspace_reply,
)
from tenants.workspaces.service import SeatCheck, change_role, change_settings, delete_workspace, invite, remove_member

Control = NamedDependency[ScopedSession]
Caller = NamedDependency[Principal]
Here = NamedDependency[WorkspaceRef]
_MEMBERS = "/api/v1/workspaces/{workspace_id:uuid}/members"
_INVITATIONS = "/api/v1/workspaces/{workspace_id:uuid}/invitations"


@get("/api/v1/workspaces", sync_to_thread=True, summary="Workspaces", **for_signed_in())
def list_workspaces(control: Control, caller: Caller) -> list[WorkspaceReply]:
    """The caller's workspaces."""
    found = workspaces_with_ids(control, [id_ for id_, _ in caller.workspaces])
    return [workspace_reply(workspace) for workspace in found]


@post("/api/v1/workspaces", sync_to_thread=True, summary="Create a workspace", **for_signed_in())
def make_workspace(
    control: Control, caller: Caller, settings: NamedDependency[Settings], data: JSONBody[NewWorkspace]
) -> WorkspaceReply:
    """A new workspace in the caller's own organisation, on the Free plan."""
    made = create_workspace(
        control,
        settings=settings,
        owner_id=caller.signed_in().id,
        name=data.name,
        currency=data.currency,
        timezone=data.timezone,
    )
    return workspace_reply(made)


@get(
    "/api/v1/workspaces/{workspace_id:uuid}",
    sync_to_thread=True,
    summary="A workspace",
    **access(Permission.READ_DATA, is_api_basic=True),
)
def read_workspace(control: Control, workspace: Here) -> WorkspaceReply:
    """Name, currency and time zone."""
    return workspace_reply(workspace_by_id(control, workspace.id))


@patch(
    "/api/v1/workspaces/{workspace_id:uuid}",
    sync_to_thread=True,
    summary="Change a workspace",
    **access(Permission.MANAGE_WORKSPACE, is_api_basic=True),
)
def change_workspace(control: Control, workspace: Here, data: JSONBody[WorkspaceChange]) -> WorkspaceReply:
    """Change what is given."""
    changed = change_settings(
        control, workspace_id=workspace.id, name=data.name, currency=data.currency, timezone=data.timezone
    )
    return workspace_reply(changed)


@delete(
    "/api/v1/workspaces/{workspace_id:uuid}",
    sync_to_thread=True,
    summary="Delete a workspace",
    **access(Permission.DELETE_WORKSPACE, is_api_basic=True),
)
def erase_workspace(control: Control, workspace: Here) -> None:
    """Delete it with everything in it, for good."""
    delete_workspace(control, workspace_id=workspace.id, typed_name=workspace.name)


@get(_MEMBERS, sync_to_thread=True, summary="Members", **access(Permission.READ_DATA, is_api_basic=True))
def list_members(control: Control, workspace: Here) -> list[MemberReply]:
    """Everybody in the workspace."""
    return [
        MemberReply(row.user_id, row.name, row.email, row.role) for row in members(control, workspace_id=workspace.id)
    ]


@patch(
    _MEMBERS + "/{user_id:uuid}",
    sync_to_thread=True,
    summary="Change a role",
    **access(Permission.MANAGE_MEMBERS, is_api_basic=True, raises=(Conflict,)),
)
def change_member(control: Control, workspace: Here, user_id: FromPath[UUID], data: JSONBody[RoleChange]) -> None:
    """Give a member another role."""
    change_role(control, workspace_id=workspace.id, user_id=user_id, role=data.role, actor_role=workspace.role)


@delete(
    _MEMBERS + "/{user_id:uuid}",
    sync_to_thread=True,
    summary="Remove a member",
    **access(Permission.READ_DATA, is_api_basic=True, raises=(Conflict,)),
)
def drop_member(control: Control, caller: Caller, workspace: Here, user_id: FromPath[UUID]) -> None:
    """Take a person out of the workspace, which needs an owner or admin, or leave it oneself."""
    remove_member(
        control,
        workspace_id=workspace.id,
        user_id=user_id,
        actor_id=caller.signed_in().id,
        actor_role=workspace.role,
    )


@get(_INVITATIONS, sync_to_thread=True, summary="Invitations", **access(Permission.MANAGE_MEMBERS, is_api_basic=True))
def list_invitations(control: Control, workspace: Here) -> list[InvitationReply]:
    """Invitations that can still be accepted."""
    found = open_invitations(control, workspace_id=workspace.id, now=utc_now())
    return [invitation_reply(invitation) for invitation in found]


@post(
    _INVITATIONS,
    sync_to_thread=True,
    summary="Invite",
    **access(Permission.MANAGE_MEMBERS, is_api_basic=True, raises=(Conflict, PlanDoesNotInclude)),
)
def send_invitation(
    control: Control,
    caller: Caller,
    workspace: Here,
    data: JSONBody[NewInvitation],
    require_seat: NamedDependency[SeatCheck],
) -> InvitationReply:
    """Invite somebody by mail."""
    made = invite(
        control,
        workspace_id=workspace.id,
        email=data.email,
        role=data.role,
        actor_id=caller.signed_in().id,
        actor_role=workspace.role,
        now=utc_now(),
        require_seat=require_seat,
    )
    return invitation_reply(made)


@delete(
    _INVITATIONS + "/{invitation_id:uuid}",
    sync_to_thread=True,
    summary="Withdraw an invitation",
    **access(Permission.MANAGE_MEMBERS, is_api_basic=True),
)
def withdraw_invitation(control: Control, workspace: Here, invitation_id: FromPath[UUID]) -> None:
    """The mailed link stops working."""
    control.delete(invitation_by_id(control, workspace_id=workspace.id, invitation_id=invitation_id))


HANDLERS: list[BaseRouteHandler] = [
    list_workspaces,
    make_workspace,
    read_workspace,
    change_workspace,
    erase_workspace,
    list_members,
    change_member,
    drop_member,
    list_invitations,
    send_invitation,
    withdraw_invitation,
]
