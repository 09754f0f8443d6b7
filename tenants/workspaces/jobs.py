"""Jobs of workspaces."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("workspaces.refill_spares", queue=Queue.IO, title="Preparing workspaces")
class RefillSpares(Job, frozen=True, kw_only=True):
    """Build spare schemas until enough lie ready. Running twice builds none too many."""


@job("workspaces.send_invitation", queue=Queue.IO, title="Sending an invitation")
class SendInvitation(Job, frozen=True, kw_only=True):
    """Mail an invitation's link."""

    invitation_id: UUID


@job("workspaces.erase", queue=Queue.IO, title="Erasing a workspace")
class EraseWorkspace(Job, frozen=True, kw_only=True):
    """Drop a deleted workspace's schema, role and files. Running twice finds nothing left."""

    workspace_id: UUID
    schema_name: str


@job("workspaces.purge_invitations", queue=Queue.IO, title="Clearing old invitations away")
class PurgeInvitations(Job, frozen=True, kw_only=True):
    """Delete invitations that ended long ago."""
