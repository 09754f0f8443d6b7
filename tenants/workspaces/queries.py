"""Reading workspaces, members and invitations."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, column, func, select, table
from sqlalchemy.orm import Session

from kit.errors import NotFound
from kit.web.security import hash_token
from tenants.workspaces.models import Invitation, Membership, OrganisationMember, Workspace

# People belong to identity, which lies above; their name and address are all that is read of them here.
_people = table("users", column("id", Uuid()), column("name"), column("email"), schema="control")


def workspace_by_id(control: Session, workspace_id: UUID) -> Workspace:
    """An active workspace."""
    found = control.get(Workspace, workspace_id)
    if found is None or found.state != "active":
        raise NotFound("There is no such workspace.", "Choose one of your workspaces.")
    return found


def workspaces_with_ids(control: Session, ids: Sequence[UUID]) -> Sequence[Workspace]:
    """These workspaces, the oldest first."""
    return control.scalars(select(Workspace).where(Workspace.id.in_(ids)).order_by(Workspace.created_at)).all()


def members(control: Session, *, workspace_id: UUID) -> Sequence[Any]:
    """Everybody in a workspace: (user_id, name, email, role, created_at)."""
    return control.execute(
        select(_people.c.id.label("user_id"), _people.c.name, _people.c.email, Membership.role, Membership.created_at)
        .join(Membership, Membership.user_id == _people.c.id)
        .where(Membership.workspace_id == workspace_id)
        .order_by(Membership.created_at, _people.c.name)
    ).all()


def is_member_address(control: Session, *, workspace_id: UUID, email: str) -> bool:
    """True where somebody with this address is in the workspace."""
    found = control.scalar(
        select(_people.c.id)
        .join(Membership, Membership.user_id == _people.c.id)
        .where(Membership.workspace_id == workspace_id, func.lower(_people.c.email) == email.lower())
    )
    return found is not None


def person_name(control: Session, user_id: UUID | None) -> str | None:
    """What somebody is called."""
    name: str | None = control.scalar(select(_people.c.name).where(_people.c.id == user_id))
    return name


def membership(control: Session, *, workspace_id: UUID, user_id: UUID) -> Membership:
    """One person's membership."""
    found = control.get(Membership, (workspace_id, user_id), populate_existing=True)
    if found is None:
        raise NotFound("That person is not in this workspace.", "Reload the list of people.")
    return found


def lock_members(control: Session, workspace_id: UUID) -> None:
    """Let changes of one workspace's members happen one after the other, so that the last two owners cannot both go."""
    control.execute(select(Workspace.id).where(Workspace.id == workspace_id).with_for_update())


def owner_count(control: Session, *, workspace_id: UUID) -> int:
    """How many owners a workspace has."""
    statement = select(func.count()).where(Membership.workspace_id == workspace_id, Membership.role == "owner")
    return control.scalar(statement) or 0


def open_invitations(control: Session, *, workspace_id: UUID, now: datetime) -> Sequence[Invitation]:
    """Invitations that can still be accepted, the newest first."""
    return control.scalars(
        select(Invitation)
        .where(Invitation.workspace_id == workspace_id, Invitation.accepted_at.is_(None), Invitation.expires_at > now)
        .order_by(Invitation.created_at.desc())
    ).all()


def pending_invitation(control: Session, *, workspace_id: UUID, email: str) -> Invitation | None:
    """The invitation that an address has already, accepted ones aside."""
    return control.scalar(
        select(Invitation)
        .where(
            Invitation.workspace_id == workspace_id,
            func.lower(Invitation.email) == email.lower(),
            Invitation.accepted_at.is_(None),
        )
        .limit(1)
    )


def invitation_by_id(control: Session, *, workspace_id: UUID, invitation_id: UUID) -> Invitation:
    """One of a workspace's invitations."""
    found = control.get(Invitation, invitation_id)
    if found is None or found.workspace_id != workspace_id:
        raise NotFound("There is no such invitation.", "Reload the list of people.")
    return found


def invitation_by_token(control: Session, *, token: str, now: datetime) -> Invitation:
    """The invitation behind a mailed link, if it can still be accepted."""
    found = control.scalar(select(Invitation).where(Invitation.token_hash == hash_token(token)).with_for_update())
    if found is None or found.accepted_at is not None or found.expires_at <= now:
        raise NotFound("This invitation was used, withdrawn, or is too old.", "Ask whoever invited you for a new one.")
    return found


def owned_organisation(control: Session, *, user_id: UUID) -> UUID | None:
    """The organisation in which a person may make workspaces, or None for somebody who was only ever invited."""
    return control.scalar(
        select(OrganisationMember.organisation_id)
        .where(OrganisationMember.user_id == user_id, OrganisationMember.role == "owner")
        .order_by(OrganisationMember.organisation_id)
        .limit(1)
    )


def taken_seats(control: Session, *, workspace_id: UUID, now: datetime) -> int:
    """People in the workspace, and those who are invited and may still come."""
    inside = control.scalar(select(func.count()).where(Membership.workspace_id == workspace_id)) or 0
    return inside + len(open_invitations(control, workspace_id=workspace_id, now=now))
