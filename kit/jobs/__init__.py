"""Jobs that are neither lost nor applied twice: a ledger in PostgreSQL, a short conveyor on Redis.

`enqueue` writes a row in the caller's transaction; `dispatcher` releases rows fairly between workspaces; `worker` claims with a
fence, runs the handler, and commits its effects together with the job's end; `sweeper` returns expired leases.
Tables: control.jobs, control.job_limits, control.schedules. See docs/explanation/jobs.md.
"""

from kit.jobs.context import JobCancelled, JobContext, Transient
from kit.jobs.enqueue import enqueue
from kit.jobs.job import Job, Queue, handles, job

__all__ = ["Job", "JobCancelled", "JobContext", "Queue", "Transient", "enqueue", "handles", "job"]
