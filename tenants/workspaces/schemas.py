"""What the workspaces API takes and answers."""

from datetime import datetime
from uuid import UUID

import msgspec

from tenants.workspaces.models import Invitation, Workspace


class WorkspaceReply(msgspec.Struct, frozen=True):
    """A workspace."""

    id: UUID
    name: str
    currency: str
    timezone: str
    created_at: datetime


class NewWorkspace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A workspace to be made in the caller's organisation."""

    name: str
    currency: str = "USD"
    timezone: str = "UTC"


class WorkspaceChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be changed; what is left out stays."""

    name: str | None = None
    currency: str | None = None
    timezone: str | None = None


class MemberReply(msgspec.Struct, frozen=True):
    """A person in a workspace."""

    user_id: UUID
    name: str
    email: str
    role: str


class RoleChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member's new role."""

    role: str


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whom to invite, and as what."""

    email: str
    role: str = "viewer"


class InvitationReply(msgspec.Struct, frozen=True):
    """An invitation."""

    id: UUID
    email: str
    role: str
    expires_at: datetime


def workspace_reply(workspace: Workspace) -> WorkspaceReply:
    """A workspace as the API shows it."""
    return WorkspaceReply(workspace.id, workspace.name, workspace.currency, workspace.timezone, workspace.created_at)


def invitation_reply(invitation: Invitation) -> InvitationReply:
    """An invitation as the API shows it; never its token."""
    return InvitationReply(invitation.id, invitation.email, invitation.role, invitation.expires_at)
