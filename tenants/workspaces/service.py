"""What owners and admins do: settings, people, invitations, deletion. Roles guard the routes; here stand the rules beyond them."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete
from sqlalchemy.orm import Session

from kit.errors import Conflict, FieldError, InvalidInput, NotAllowed
from kit.jobs import enqueue
from kit.web.security import hash_token, new_token
from tenants.workspaces.creation import clean_name
from tenants.workspaces.jobs import EraseWorkspace, SendInvitation
from tenants.workspaces.models import Invitation, Membership, Workspace
from tenants.workspaces.permissions import Permission, Role, may
from tenants.workspaces.queries import (
    invitation_by_token,
    is_member_address,
    lock_members,
    membership,
    owner_count,
    pending_invitation,
    taken_seats,
    workspace_by_id,
)
from tenants.workspaces.regions import check_currency, check_timezone

SeatCheck = Callable[[int], None]
INVITATION_VALID = timedelta(days=7)


def change_settings(
    control: Session,
    *,
    workspace_id: UUID,
    name: str | None = None,
    currency: str | None = None,
    timezone: str | None = None,
) -> Workspace:
    """Change what is given. A new currency relabels amounts, it does not convert them: the page says so."""
    workspace = workspace_by_id(control, workspace_id)
    if currency is not None:
        check_currency(currency)
    if timezone is not None:
        check_timezone(timezone)
    workspace.name = clean_name(name) if name is not None else workspace.name
    workspace.currency = currency or workspace.currency
    workspace.timezone = timezone or workspace.timezone
    control.flush()
    return workspace


def change_role(control: Session, *, workspace_id: UUID, user_id: UUID, role: str, actor_role: str) -> Membership:
    """Give a member another role; only owners make and unmake owners, and one owner always remains."""
    wanted = _role(role)
    lock_members(control, workspace_id)
    found = membership(control, workspace_id=workspace_id, user_id=user_id)
    if Role.OWNER in {wanted, Role(found.role)} and actor_role != Role.OWNER:
        raise NotAllowed("Only an owner can make or unmake owners.", "Ask an owner of this workspace.")
    if found.role == Role.OWNER and wanted != Role.OWNER:
        _keep_an_owner(control, workspace_id)
    found.role = wanted.value
    control.flush()
    return found


def remove_member(control: Session, *, workspace_id: UUID, user_id: UUID, actor_id: UUID, actor_role: str) -> None:
    """Take a person out, or leave; the last owner stays. Invitations that the person sent end with it."""
    if user_id != actor_id and not may(actor_role, Permission.MANAGE_MEMBERS):
        raise NotAllowed("Only an owner or admin can remove people.", "You can leave the workspace yourself.")
    lock_members(control, workspace_id)
    found = membership(control, workspace_id=workspace_id, user_id=user_id)
    if found.role == Role.OWNER:
        if actor_role != Role.OWNER:
            raise NotAllowed("Only an owner can remove an owner.", "Ask an owner of this workspace.")
        _keep_an_owner(control, workspace_id)
    control.delete(found)
    control.execute(
        delete(Invitation).where(
            Invitation.workspace_id == workspace_id,
            Invitation.invited_by == user_id,
            Invitation.accepted_at.is_(None),
        )
    )
    control.flush()


def _any_number(_taken: int) -> None:
    """No plan, no limit: what services and tests use that are not about plans."""


def invite(
    control: Session,
    *,
    workspace_id: UUID,
    email: str,
    role: str,
    actor_id: UUID,
    actor_role: str,
    now: datetime,
    require_seat: SeatCheck = _any_number,
) -> Invitation:
    """Offer somebody a role; the mail follows the commit. Inviting an address again renews its invitation.

    `require_seat` is told how many seats are taken or offered and refuses where the plan has no more.
    """
    wanted, address = _role(role), _address(email)
    if wanted == Role.OWNER and actor_role != Role.OWNER:
        raise NotAllowed("Only an owner can invite an owner.", "Choose another role.")
    lock_members(control, workspace_id)
    if is_member_address(control, workspace_id=workspace_id, email=address):
        message = f"{address} is in this workspace already."
        raise Conflict(message, "Change the role in the list of people.", [FieldError(message, "email")])
    invitation = pending_invitation(control, workspace_id=workspace_id, email=address)
    if invitation is None:
        require_seat(taken_seats(control, workspace_id=workspace_id, now=now))
        invitation = Invitation(workspace_id=workspace_id, email=address)
    if invitation.role == Role.OWNER and actor_role != Role.OWNER:
        raise NotAllowed("Only an owner can change an invitation to become owner.", "Ask an owner of this workspace.")
    invitation.role, invitation.invited_by = wanted.value, actor_id
    control.add(invitation)
    return _offer(control, invitation, now=now)


def resend_invitation(control: Session, invitation: Invitation, *, now: datetime) -> Invitation:
    """Mail a fresh link for another week; the old one stops working."""
    if invitation.accepted_at is not None:
        raise Conflict("This invitation was accepted.", "Reload the list of people.")
    return _offer(control, invitation, now=now)


def accept_invitation(control: Session, *, token: str, user_id: UUID, user_email: str, now: datetime) -> Workspace:
    """Join. The invitation is for the address it was sent to; being a member already changes nothing."""
    invitation = invitation_by_token(control, token=token, now=now)
    workspace = workspace_by_id(control, invitation.workspace_id)
    if invitation.email.lower() != user_email.lower():
        raise NotAllowed(
            f"This invitation is for {invitation.email}, and you are signed in as {user_email}.",
            "Sign in with the invited address, or ask for an invitation to yours.",
        )
    if control.get(Membership, (invitation.workspace_id, user_id)) is None:
        control.add(Membership(workspace_id=invitation.workspace_id, user_id=user_id, role=invitation.role))
    invitation.accepted_at = now
    control.flush()
    return workspace


def delete_workspace(control: Session, *, workspace_id: UUID, typed_name: str) -> None:
    """Delete a workspace and everything in it. It disappears at once; a job erases the data."""
    workspace = workspace_by_id(control, workspace_id)
    if " ".join(typed_name.split()) != workspace.name:
        message = "The name that you typed is not the workspace's."
        raise InvalidInput(message, f"Type “{workspace.name}” to delete it for good.", [FieldError(message, "name")])
    workspace.state = "deleted"
    enqueue(control, EraseWorkspace(workspace_id=workspace.id, schema_name=workspace.schema_name))


def _offer(control: Session, invitation: Invitation, *, now: datetime) -> Invitation:
    # Until the mail is written nobody knows a token; the task makes the one that counts.
    invitation.token_hash = hash_token(new_token())
    invitation.expires_at = now + INVITATION_VALID
    control.flush()
    enqueue(control, SendInvitation(invitation_id=invitation.id), dedupe_key=f"invitation:{invitation.id}")
    return invitation


def _role(role: str) -> Role:
    try:
        return Role(role)
    except ValueError:
        message = f"There is no role “{role[:20]}”."
        raise InvalidInput(message, f"Choose one of: {', '.join(Role)}.", [FieldError(message, "role")]) from None


def _address(email: str) -> str:
    try:
        return validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as problem:
        message = "That is no e-mail address."
        raise InvalidInput(message, f"{problem}", [FieldError(message, "email")]) from problem


def _keep_an_owner(control: Session, workspace_id: UUID) -> None:
    if owner_count(control, workspace_id=workspace_id) <= 1:
        raise Conflict("A workspace needs an owner, and this is the last one.", "Make somebody else an owner first.")
