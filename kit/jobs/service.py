"""What a person may do to jobs: cancel, retry, discard. Callers hold a control session. Doing any of it twice is the same as once."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kit.clock import utc_now
from kit.errors import Conflict
from kit.jobs.enqueue import wake_dispatcher
from kit.jobs.models import ACTIVE, JobRow
from kit.jobs.queries import dead_jobs, has_active_twin, job_of

_KEPT_DAYS = 30


def cancel(control: Session, job_id: UUID, *, workspace_id: UUID) -> JobRow:
    """Stop a job: at once where it waits, at its next step where it runs."""
    row = job_of(control, job_id, workspace_id=workspace_id, for_update=True)
    if row.state in {"waiting", "ready", "sent"}:
        row.state, row.finished_at = "cancelled", utc_now()
        row.message = "Cancelled before it started."
    elif row.state == "running":
        row.cancel_requested_at = row.cancel_requested_at or utc_now()
    elif row.state != "cancelled":
        raise Conflict(
            "This job is over, so there is nothing to cancel.", "Undo what it did on the page where it was started."
        )
    return row


def retry(control: Session, job_id: UUID, *, workspace_id: UUID) -> JobRow:
    """Start a job that was given up, or cancelled, once more with fresh tries."""
    row = job_of(control, job_id, workspace_id=workspace_id, for_update=True)
    if row.state in ACTIVE:
        raise Conflict("This job is still at work.", "Wait for it, or cancel it first.")
    if row.state == "done":
        raise Conflict("This job has done its work.", "Start it anew on the page it belongs to.")
    if has_active_twin(control, row):
        raise Conflict(
            "The same work is already waiting or at work in a newer job.", "Wait for that one, or cancel it."
        )
    _start_over(row)
    control.flush()
    wake_dispatcher(control, queue=row.queue)
    return row


def retry_all_dead(control: Session, *, workspace_id: UUID) -> int:
    """Start every job that was given up once more, but those whose work a newer job has taken over; returns how many."""
    started = 0
    for row in dead_jobs(control, workspace_id=workspace_id):
        if not has_active_twin(control, row):
            _start_over(row)
            control.flush()
            wake_dispatcher(control, queue=row.queue)
            started += 1
    return started


def discard(control: Session, job_id: UUID, *, workspace_id: UUID) -> JobRow:
    """Close a job that was given up, so that it is no longer shown as waiting for somebody."""
    row = job_of(control, job_id, workspace_id=workspace_id, for_update=True)
    if row.state not in {"dead", "cancelled"}:
        raise Conflict("Only a job that was given up can be discarded.", "Cancel it first, if it is still at work.")
    row.state = "cancelled"
    return row


def _start_over(row: JobRow) -> None:
    row.state, row.attempts, row.deaths, row.run_at = "ready", 0, 0, utc_now()
    row.problem, row.cancel_requested_at, row.finished_at = None, None, None
    row.progress, row.message = 0.0, "Waiting for another try."


def purge_finished(control: Session) -> int:
    """Forget jobs that ended 30 days ago; dead ones stay until somebody has looked at them."""
    gone = control.execute(
        text(
            "DELETE FROM control.jobs WHERE state IN ('done', 'cancelled')"
            " AND finished_at < now() - make_interval(days => :kept_days) RETURNING id"
        ),
        {"kept_days": _KEPT_DAYS},
    )
    return len(gone.all())
