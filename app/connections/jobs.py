"""Jobs of this slice."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("connections.finish_sign_in", queue=Queue.IO, title="Finishing the sign-in", max_attempts=3)
class FinishSignIn(Job, frozen=True, kw_only=True):
    """Redeem the returned code and list the accounts. Running twice finds the code used, and lists the accounts again."""

    connection_id: UUID
    state_hash: str


@job("connections.check", queue=Queue.IO, title="Checking a connection", max_attempts=3)
class CheckConnection(Job, frozen=True, kw_only=True):
    """See whether the sign-in still works, and list the accounts. Running twice tells the same."""

    connection_id: UUID


@job("connections.remove", queue=Queue.IO, title="Removing a connection", max_attempts=60, timeout_s=3600)
class RemoveConnection(Job, frozen=True, kw_only=True):
    """Remove what was read through a connection from every figure, and the connection itself. Running twice finds nothing left."""

    connection_id: UUID


@job("connections.purge_attempts", queue=Queue.IO, title="Forgetting unfinished sign-ins")
class PurgeAttempts(Job, frozen=True, kw_only=True):
    """Have each workspace's unfinished sign-ins forgotten. Running twice enqueues nothing that still waits."""


@job("connections.purge_workspace_attempts", queue=Queue.IO, title="Forgetting unfinished sign-ins")
class PurgeWorkspaceAttempts(Job, frozen=True, kw_only=True):
    """Forget one workspace's sign-ins that nobody came back from. Running twice finds nothing left."""
