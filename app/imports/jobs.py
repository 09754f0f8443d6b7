"""Jobs of this slice."""

from uuid import UUID

from kit.jobs import Job, Queue, job


@job("imports.run", queue=Queue.IO, title="Importing a file", max_attempts=3, lease_s=120)
class RunImport(Job, frozen=True, kw_only=True):
    """Bring one confirmed file into the facts. Running twice merges equal values, which changes nothing."""

    import_id: UUID
    currency: str
    timezone: str
    plan_code: str


@job("imports.purge_uploads", queue=Queue.IO, title="Clearing unfinished uploads away")
class PurgeUploads(Job, frozen=True, kw_only=True):
    """Have each workspace's unfinished uploads removed. Running twice enqueues nothing that still waits."""


@job("imports.purge_workspace_uploads", queue=Queue.IO, title="Clearing unfinished uploads away")
class PurgeWorkspaceUploads(Job, frozen=True, kw_only=True):
    """Remove one workspace's uploads that were never completed. Running twice finds nothing left."""
