"""What a worker does for syncs. It runs plugin code, which the web process never does."""

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from adloom_sdk.errors import PlatformError, RateLimited
from app.campaigns.rates import keep_own_currency
from app.connections.limiting import shared_limiter
from app.connections.models import Connection
from app.connections.opening import Opened, Watching, open_connector
from app.sync.exchange import keep_rates, lacks_rates
from app.sync.jobs import (
    ATTEMPTS,
    BackfillAccount,
    FetchAllRates,
    FetchRates,
    ReconcileAccount,
    StartDueSyncs,
    StartWorkspaceSyncs,
    SyncAccount,
)
from app.sync.reconciling import reconcile
from app.sync.running import Around, Opener, Outcome, run_account
from app.sync.service import fetch_rates, go_on_later, read_history, start_due
from app.sync.work import Deadline
from kit.clock import utc_now
from kit.db import begin_beside
from kit.jobs import JobContext, Transient, enqueue, handles
from tenants.workspaces.models import Workspace

_HISTORY_SLICE_S = 600.0


@handles(SyncAccount)
def sync_account(context: JobContext, job: SyncAccount) -> dict[str, str | int]:
    """Safe to run twice: rows are keyed by what the platform calls them, and equal values change nothing."""
    with begin_beside(context.session) as beside:
        keep_own_currency(beside, job.currency)
    outcome = run_account(context.session, account_id=job.account_id, kind=job.kind, around=_around(context))
    _follow_up(context, job, outcome)
    if outcome.has_history_left:
        read_history(context.session, account_id=job.account_id, currency=job.currency, after=context.job_id)
    return _result(outcome)


@handles(BackfillAccount)
def backfill(context: JobContext, job: BackfillAccount) -> dict[str, str | int]:
    """Safe to run twice: it goes on below the oldest day that is stored."""
    around = _around(context, deadline=Deadline(_HISTORY_SLICE_S))
    outcome = run_account(context.session, account_id=job.account_id, kind="backfill", around=around)
    _follow_up(context, job, outcome)
    if outcome.state == "done" and outcome.has_history_left:
        read_history(context.session, account_id=job.account_id, currency=job.currency, after=context.job_id)
    return _result(outcome)


@handles(ReconcileAccount)
def compare(context: JobContext, job: ReconcileAccount) -> dict[str, str | int]:
    """Safe to run twice: a day's comparison replaces the one before."""
    try:
        found = reconcile(
            context.session,
            account_id=job.account_id,
            since=job.since,
            until=job.until,
            opener=_opener(context),
            tell=context.progress,
        )
    except RateLimited as problem:
        wait_s = (problem.retry_at - utc_now()).total_seconds() if problem.retry_at else None
        raise Transient(problem.message, problem.what_to_do, retry_after_s=wait_s) from problem
    except PlatformError as problem:
        if problem.may_retry:
            raise Transient(problem.message, problem.what_to_do) from problem
        return {"state": "failed", "problem": problem.message, "what_to_do": problem.what_to_do}
    return {"state": "done", "days": found.days, "differing": found.differing}


@handles(StartDueSyncs)
def start_all_due(context: JobContext, _job: StartDueSyncs) -> dict[str, int]:
    """Safe to run twice: a workspace whose job still waits gets no second one."""
    return {"workspaces": _in_every_workspace(context, StartWorkspaceSyncs, "sync.due")}


@handles(StartWorkspaceSyncs)
def start_workspace(context: JobContext, job: StartWorkspaceSyncs) -> dict[str, int]:
    """Safe to run twice: an account whose sync still waits or runs gets no second one."""
    return {"accounts": start_due(context.session, currency=job.currency, now=utc_now())}


@handles(FetchAllRates)
def fetch_all_rates(context: JobContext, _job: FetchAllRates) -> dict[str, int]:
    """Safe to run twice: a workspace whose job still waits gets no second one."""
    return {"workspaces": _in_every_workspace(context, FetchRates, "sync.rates")}


@handles(FetchRates)
def fetch(context: JobContext, job: FetchRates) -> dict[str, int]:
    """Safe to run twice: a day's rate is stored once, and equal ones change nothing."""
    base_url = context.resources.settings.connectors_base_url
    changed = keep_rates(context.session, currency=job.currency, today=utc_now().date(), base_url=base_url)
    return {"rates": changed.rows}


def _around(context: JobContext, *, deadline: Deadline | None = None) -> Around:
    return Around(
        opener=_opener(context),
        tell=context.progress,
        check=context.check_cancelled,
        job_id=context.job_id,
        is_last_attempt=context.attempt >= ATTEMPTS,
        deadline=deadline or Deadline(),
    )


def _opener(context: JobContext) -> Opener:
    """Connectors whose calls share the platform's budget with every other worker and workspace."""
    settings = context.resources.settings
    limiter = shared_limiter(settings, context.workspace_id)

    def opened(session: Session, connection: Connection, *, watching: Watching) -> AbstractContextManager[Opened]:
        return open_connector(session, connection, settings=settings, watching=replace(watching, limiter=limiter))

    return opened


def _follow_up(context: JobContext, job: SyncAccount | BackfillAccount, outcome: Outcome) -> None:
    if outcome.retry_at is not None:
        # A moment later than told, so that a clock that is a little off costs no call.
        at = outcome.retry_at + timedelta(seconds=1)
        go_on_later(context.session, job=job, run_job_id=context.job_id, at=at)
    if outcome.rows_changed and lacks_rates(context.session):
        fetch_rates(context.session, currency=job.currency)


def _result(outcome: Outcome) -> dict[str, str | int]:
    return {"state": outcome.state, "rows_read": outcome.rows_read, "rows_changed": outcome.rows_changed}


def _in_every_workspace(
    context: JobContext, kind: type[StartWorkspaceSyncs] | type[FetchRates], dedupe_key: str
) -> int:
    active = context.session.execute(select(Workspace.id, Workspace.currency).where(Workspace.state == "active")).all()
    for workspace_id, currency in active:
        enqueue(context.session, kind(currency=currency), workspace_id=workspace_id, dedupe_key=dedupe_key)
    return len(active)
