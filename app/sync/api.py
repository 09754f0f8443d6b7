"""Syncs for programs: start them, and ask how far they are."""

from uuid import UUID

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from sqlalchemy.orm import Session

from app.connections.service import account_by_id, connection_by_id
from app.operations.schemas import job_reply
from app.sync.models import SyncRun
from app.sync.page_queries import account_of_job, jobs_at_work, run_of_job, sync_job
from app.sync.queries import standings
from app.sync.schemas import SyncReply, SyncRequest, SyncRunReply, SyncsReply
from app.sync.service import sync_accounts, sync_connection
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.errors import Conflict
from kit.jobs.models import JobRow
from kit.web.access import access
from tenants.workspaces.permissions import Permission
from tenants.workspaces.principal import WorkspaceRef

Tenant = NamedDependency[ScopedSession]
Control = NamedDependency[ScopedSession]
Here = NamedDependency[WorkspaceRef]


@post(
    "/api/v1/campaigns/sync",
    sync_to_thread=True,
    status_code=202,
    summary="Sync accounts",
    **access(Permission.IMPORT_DATA, raises=(Conflict,)),
)
def start_sync(session: Tenant, control: Control, workspace: Here, data: JSONBody[SyncRequest]) -> Response[SyncsReply]:
    """Read accounts from their platforms soon, each by a job of its own. A sync that waits or runs already is not doubled."""
    jobs = _started(session, data, workspace)
    if not jobs:
        raise Conflict("No account can be read now.", "Choose accounts under Connections, and see whether they work.")
    at_work = {row.id: row for rows in jobs_at_work(control, workspace_id=workspace.id).values() for row in rows}
    replies = [
        _reply(session, control, at_work[job_id]) if job_id in at_work else _new_reply(session, job_id, account_id)
        for account_id, job_id in jobs.items()
    ]
    reply = SyncsReply(replies[0].job_id, replies)
    return Response(reply, status_code=202, headers={"location": replies[0].status_href})


@get(
    "/api/v1/campaigns/sync/{job_id:uuid}/status",
    sync_to_thread=True,
    summary="A sync's state",
    **access(Permission.READ_DATA),
)
def read_sync(session: Tenant, control: Control, workspace: Here, job_id: FromPath[UUID]) -> SyncReply:
    """How far it is, what it read and changed, and what went wrong."""
    return _reply(session, control, sync_job(control, job_id, workspace_id=workspace.id))


def _started(session: Session, data: SyncRequest, workspace: WorkspaceRef) -> dict[UUID, UUID]:
    if data.connection_id is not None and not data.account_ids:
        connection = connection_by_id(session, data.connection_id)
        return sync_connection(session, connection_id=connection.id, currency=workspace.currency)
    active = [one.account_id for one in standings(session) if one.connection_state == "active"]
    asked = {account_by_id(session, one).id for one in data.account_ids}
    chosen = [one for one in active if not asked or one in asked]
    return sync_accounts(session, account_ids=chosen, currency=workspace.currency)


def _reply(session: Session, control: Session, row: JobRow) -> SyncReply:
    shown, account_id = job_reply(row), account_of_job(row)
    run = run_of_job(session, row.id)
    return SyncReply(
        job_id=row.id,
        account_id=account_id,
        account=account_by_id(session, account_id).name,
        state=shown.state,
        progress=shown.progress,
        message=shown.message,
        status_href=_status_href(row.id),
        created_at=row.created_at,
        finished_at=row.finished_at,
        run=_run_reply(run) if run else None,
        next_job_id=_next_job(control, row, account_id),
    )


def _new_reply(session: Session, job_id: UUID, account_id: UUID) -> SyncReply:
    """A job that the ledger shows to others only when this call is over."""
    run = run_of_job(session, job_id)
    return SyncReply(
        job_id=job_id,
        account_id=account_id,
        account=account_by_id(session, account_id).name,
        state="ready",
        progress=0.0,
        message="Waiting for a free worker.",
        status_href=_status_href(job_id),
        created_at=utc_now(),
        finished_at=None,
        run=_run_reply(run) if run else None,
    )


def _status_href(job_id: UUID) -> str:
    return f"/api/v1/campaigns/sync/{job_id}/status"


def _next_job(control: Session, row: JobRow, account_id: UUID) -> UUID | None:
    if row.workspace_id is None or (row.result or {}).get("state") != "waiting":
        return None
    later = jobs_at_work(control, workspace_id=row.workspace_id).get(account_id, [])
    return next((one.id for one in later if one.name == row.name), None)


def _run_reply(run: SyncRun) -> SyncRunReply:
    return SyncRunReply(
        kind=run.kind,
        state=run.state,
        since=run.since,
        until=run.until,
        rows_read=run.rows_read,
        rows_changed=run.rows_changed,
        calls=run.calls,
        wasted_calls=run.wasted_calls,
        problem=run.problem,
        what_to_do=run.what_to_do,
    )


HANDLERS: list[BaseRouteHandler] = [start_sync, read_sync]
