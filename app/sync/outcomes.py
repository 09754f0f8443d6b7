"""What became of a run, where people look for it: on the run, on the account, and on the connection where that is what stands still."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from adloom_sdk.errors import PlatformError
from app.connections.models import AdAccount, Connection
from app.connections.problems import note_problem, note_success
from app.sync.models import SyncRun

OVER = ("done", "failed", "cancelled")


@dataclass(frozen=True)
class Counted:
    """What a run has counted since it was last written down."""

    rows_read: int = 0
    rows_changed: int = 0
    calls: int = 0
    wasted_calls: int = 0


def begin_run(session: Session, *, account_id: UUID, kind: str, job_id: UUID | None) -> UUID:
    """The run of this job, made where it is new; a job that runs again goes on with its run."""
    found = None
    if job_id is not None:
        mine = select(SyncRun).where(SyncRun.account_id == account_id, SyncRun.job_id == job_id)
        found = session.scalars(mine.order_by(SyncRun.created_at.desc()).limit(1)).one_or_none()
    run = found or SyncRun(account_id=account_id, kind=kind, job_id=job_id, state="running")
    run.state, run.finished_at = "running", None
    run.problem_code = run.problem = run.what_to_do = ""
    session.add(run)
    session.flush()
    return run.id


def skip_run(session: Session, *, job_id: UUID | None, account: AdAccount | None, now: datetime) -> None:
    """The run that somebody asked for cannot begin: say why on it."""
    mine = select(SyncRun).where(SyncRun.job_id == job_id)
    run = session.scalars(mine.limit(1)).one_or_none() if job_id else None
    connection = session.get(Connection, account.connection_id) if account else None
    if run is not None:
        run.state, run.finished_at = "failed", now
        run.problem = connection.problem if connection and connection.problem else "This account is not read now."
        run.what_to_do = connection.what_to_do if connection and connection.problem else "Look at it under Connections."


def end_run(session: Session, run_id: UUID, *, state: str, counted: Counted, now: datetime) -> SyncRun:
    """Write down how it ended (or, as `queued`, that it goes on later)."""
    run = session.get_one(SyncRun, run_id)
    run.state = state
    run.rows_read = (run.rows_read or 0) + counted.rows_read
    run.rows_changed = (run.rows_changed or 0) + counted.rows_changed
    run.calls = (run.calls or 0) + counted.calls
    run.wasted_calls = (run.wasted_calls or 0) + counted.wasted_calls
    run.finished_at = now if state in OVER else None
    return run


def note_over(session: Session, run: SyncRun, *, problem: PlatformError | None, now: datetime) -> None:
    """Say how account and connection fare now; of a problem, who must act. Only what has to pause pauses."""
    account = session.get_one(AdAccount, run.account_id)
    connection = session.get_one(Connection, account.connection_id, with_for_update=True)
    if problem is None:
        note_success(connection=connection, account=account, at=now)
        return
    run.problem_code, run.problem, run.what_to_do = type(problem).__name__, problem.message, problem.what_to_do
    note_problem(problem, connection=connection, account=account)
