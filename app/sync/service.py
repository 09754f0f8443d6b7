"""Asking for syncs and comparisons; the work itself is done by jobs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.connections.models import AdAccount, Connection
from app.connections.service import account_by_id
from app.sync.jobs import BackfillAccount, FetchRates, ReconcileAccount, SyncAccount
from app.sync.models import SyncRun
from app.sync.queries import due_accounts, selected_of, unfinished_runs
from kit.errors import Conflict, InvalidInput
from kit.jobs import enqueue

MAX_COMPARED_DAYS = 92
# Somebody who waits goes before the clock, and both before years of history.
_PRIORITY = {"first": 50, "manual": 60, "scheduled": 120}
_HISTORY_PRIORITY = 200
_LONGEST_RUN = timedelta(days=1)
Kind = Literal["manual", "scheduled", "first"]


def sync_accounts(
    session: Session, *, account_ids: Sequence[UUID], currency: str, kind: Kind = "manual"
) -> dict[UUID, UUID]:
    """Have these accounts synced soon (those that are selected); returns each one's job. One that waits already is not doubled."""
    return {
        account_id: _enqueue_sync(session, account_id, currency, kind)
        for account_id in selected_of(session, account_ids=account_ids)
    }


def sync_connection(session: Session, *, connection_id: UUID, currency: str, kind: Kind = "manual") -> dict[UUID, UUID]:
    """The same for every selected account of a connection. Raises Conflict where it cannot be read now."""
    connection = session.get(Connection, connection_id)
    if connection is None or connection.state != "active":
        raise Conflict(
            connection.problem if connection and connection.problem else "This connection cannot be read now.",
            connection.what_to_do if connection and connection.what_to_do else "Look at it under Connections.",
        )
    accounts = session.scalars(select(AdAccount.id).where(AdAccount.connection_id == connection_id)).all()
    return sync_accounts(session, account_ids=accounts, currency=currency, kind=kind)


def start_due(session: Session, *, currency: str, now: datetime) -> int:
    """Enqueue every account whose time has come, and close the books on runs that nobody works at any more."""
    for run in unfinished_runs(session, before=now - _LONGEST_RUN):
        run.state, run.finished_at = "failed", now
        run.problem = run.problem or "It was given up."
        run.what_to_do = run.what_to_do or "Nothing: the next sync reads what is missing."
    due = due_accounts(session, now=now)
    for account_id in due:
        _enqueue_sync(session, account_id, currency, "scheduled")
    return len(due)


def go_on_later(session: Session, *, job: SyncAccount | BackfillAccount, run_job_id: UUID, at: datetime) -> UUID:
    """Ask for the same again at a later time, and let the run wait for that."""
    name = "history" if isinstance(job, BackfillAccount) else "later"
    job_id = enqueue(session, job, dedupe_key=f"sync.{name}:{job.account_id}:{at:%Y%m%d%H%M}", run_at=at)
    run = session.scalars(select(SyncRun).where(SyncRun.job_id == run_job_id)).one_or_none()
    if run is not None:
        run.job_id = job_id
    return job_id


def read_history(session: Session, *, account_id: UUID, currency: str, after: UUID) -> UUID:
    """Have the history read on. `after` is the job that asks, so that a slice can ask for the next one."""
    job = BackfillAccount(account_id=account_id, currency=currency)
    return enqueue(session, job, dedupe_key=f"sync.history:{account_id}:{after}", priority=_HISTORY_PRIORITY)


def fetch_rates(session: Session, *, currency: str) -> UUID:
    """Have the exchange rates fetched that the stored days need."""
    return enqueue(session, FetchRates(currency=currency), dedupe_key="sync.rates")


def compare_with_platform(session: Session, *, account_id: UUID, since: date, until: date) -> UUID:
    """Have the platform asked for its totals of these days again; returns the job. Raises NotFound, InvalidInput."""
    account = account_by_id(session, account_id)
    if since > until or (until - since).days >= MAX_COMPARED_DAYS:
        raise InvalidInput(
            "These days cannot be compared at once.",
            f"Choose {MAX_COMPARED_DAYS} days or fewer, the first before the last.",
        )
    job = ReconcileAccount(account_id=account.id, since=since, until=until)
    return enqueue(
        session, job, dedupe_key=f"sync.reconcile:{account_id}", title=f"Comparing {account.name} with the platform"
    )


def _enqueue_sync(session: Session, account_id: UUID, currency: str, kind: Kind) -> UUID:
    name = session.scalar(select(AdAccount.name).where(AdAccount.id == account_id))
    job_id = enqueue(
        session,
        SyncAccount(account_id=account_id, currency=currency, kind=kind),
        dedupe_key=f"sync.account:{account_id}",
        priority=_PRIORITY[kind],
        title=f"Syncing {name}",
    )
    if session.scalar(select(SyncRun.id).where(SyncRun.job_id == job_id)) is None:
        session.add(SyncRun(account_id=account_id, kind=kind, state="queued", job_id=job_id))
        session.flush()
    return job_id
