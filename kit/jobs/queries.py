"""Reading the ledger: one job, a page of jobs, how many are in which state. Callers hold a control session."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select, tuple_
from sqlalchemy.orm import Session

from kit.errors import NotFound
from kit.jobs.models import ACTIVE, JobRow

PAGE = 50


def job_of(control: Session, job_id: UUID, *, workspace_id: UUID, for_update: bool = False) -> JobRow:
    """A workspace's job; not found where it is somebody else's."""
    statement = select(JobRow).where(JobRow.id == job_id, JobRow.workspace_id == workspace_id)
    found = control.scalar(statement.with_for_update() if for_update else statement)
    if found is None:
        raise NotFound("There is no such job.", "Choose one from the list of jobs.")
    return found


def list_jobs(
    control: Session,
    *,
    workspace_id: UUID,
    state: str | Collection[str] | None = None,
    name: str | None = None,
    before: JobRow | datetime | None = None,
    limit: int = PAGE,
) -> Sequence[JobRow]:
    """A workspace's jobs, newest first; the next page is what comes `before` the last row of this one."""
    statement = select(JobRow).where(JobRow.workspace_id == workspace_id)
    if state is not None:
        statement = statement.where(JobRow.state.in_([state] if isinstance(state, str) else state))
    if name is not None:
        statement = statement.where(JobRow.name == name)
    if isinstance(before, JobRow):
        # Jobs that one transaction enqueued share a moment, so the id decides.
        statement = statement.where(tuple_(JobRow.created_at, JobRow.id) < tuple_(before.created_at, before.id))
    elif before is not None:
        statement = statement.where(JobRow.created_at < before)
    return control.scalars(statement.order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(limit)).all()


def count_by_state(control: Session, *, workspace_id: UUID) -> dict[str, int]:
    """How many of a workspace's jobs are in each state."""
    rows = control.execute(
        select(JobRow.state, func.count()).where(JobRow.workspace_id == workspace_id).group_by(JobRow.state)
    )
    return {row[0]: row[1] for row in rows}


def dead_jobs(control: Session, *, workspace_id: UUID) -> Sequence[JobRow]:
    """A workspace's jobs that were given up, oldest first, locked against another hand."""
    statement = select(JobRow).where(JobRow.workspace_id == workspace_id, JobRow.state == "dead")
    return control.scalars(statement.order_by(JobRow.id).with_for_update(skip_locked=True)).all()


def has_active_twin(control: Session, row: JobRow) -> bool:
    """Whether another job with the same key is waiting or at work."""
    if row.dedupe_key is None:
        return False
    twin = exists().where(
        JobRow.workspace_id.is_not_distinct_from(row.workspace_id),
        JobRow.dedupe_key == row.dedupe_key,
        JobRow.state.in_(ACTIVE),
        JobRow.id != row.id,
    )
    return bool(control.scalar(select(twin)))
