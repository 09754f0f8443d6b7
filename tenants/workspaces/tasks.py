"""Spare schemas, invitations, and erasing what was deleted."""

from datetime import timedelta

from sqlalchemy import delete, update

from kit.clock import utc_now
from kit.db import begin_beside
from kit.jobs import JobContext, handles
from kit.jobs.models import JobLimit, JobRow, Schedule
from kit.notify import render_mail
from kit.web.security import hash_token, new_token
from tenants.isolation.provision import drop_schema
from tenants.isolation.setup import owner_engine, refill
from tenants.workspaces.jobs import EraseWorkspace, PurgeInvitations, RefillSpares, SendInvitation
from tenants.workspaces.models import Invitation, Schema, Workspace
from tenants.workspaces.queries import person_name
from tenants.workspaces.service import INVITATION_VALID

_KEPT_AFTER_END = timedelta(days=30)


@handles(RefillSpares)
def refill_spares(context: JobContext, _job: RefillSpares) -> dict[str, int]:
    """Safe to run twice: it counts what lies ready first."""
    return {"built": refill(context.resources.settings)}


@handles(SendInvitation)
def send_invitation(context: JobContext, job: SendInvitation) -> None:
    """Safe to run twice: the newest link is the one that works."""
    invitation = context.session.get(Invitation, job.invitation_id)
    if invitation is None or invitation.accepted_at is not None:
        return
    workspace = context.session.get(Workspace, invitation.workspace_id)
    if workspace is None or workspace.state != "active":
        return
    token = _kept_token(context, invitation)
    mail = render_mail(
        context.resources.templates,
        "email/invitation",
        {
            "inviter_name": person_name(context.session, invitation.invited_by) or "A colleague",
            "workspace_name": workspace.name,
            "role": invitation.role,
            "link": f"{context.resources.settings.base_url}/invitations/{token}",
            "valid_days": INVITATION_VALID.days,
        },
        to=invitation.email,
        subject=f"Join {workspace.name} on Adloom",
    )
    context.resources.mailer.send(mail, idempotency_key=context.idempotency_key)


def _kept_token(context: JobContext, invitation: Invitation) -> str:
    """A new token, kept before the mail leaves: whoever opens the link at once must find an invitation that it opens."""
    token = new_token()
    with begin_beside(context.session) as beside:
        beside.execute(update(Invitation).where(Invitation.id == invitation.id).values(token_hash=hash_token(token)))
    return token


@handles(EraseWorkspace)
def erase_workspace(context: JobContext, job: EraseWorkspace) -> None:
    """Safe to run twice: each step first looks whether there is anything left."""
    workspace = context.session.get(Workspace, job.workspace_id)
    if workspace is None or workspace.state != "deleted":
        return
    context.resources.storage.delete_all(str(workspace.id))
    if context.session.get(Schema, job.schema_name) is not None:
        drop_schema(owner_engine(context.resources.settings), job.schema_name)
    for model in (JobRow, JobLimit, Schedule):
        context.session.execute(delete(model).where(model.workspace_id == workspace.id))
    context.session.delete(workspace)


@handles(PurgeInvitations)
def purge_invitations(context: JobContext, _job: PurgeInvitations) -> None:
    """Safe to run twice: what is gone is gone."""
    context.session.execute(delete(Invitation).where(Invitation.expires_at < utc_now() - _KEPT_AFTER_END))
