"""The ledger's own housekeeping."""

from kit.jobs.context import JobContext
from kit.jobs.job import Job, Queue, handles, job
from kit.jobs.service import purge_finished


@job("jobs.purge_finished", queue=Queue.IO, title="Clearing old jobs away")
class PurgeFinishedJobs(Job, frozen=True, kw_only=True):
    """Forget jobs that ended long ago. Running twice deletes nothing more."""


@handles(PurgeFinishedJobs)
def purge(context: JobContext, _job: PurgeFinishedJobs) -> dict[str, int]:
    """Delete them. Safe to run twice: what is gone is gone."""
    return {"purged": purge_finished(context.session)}
