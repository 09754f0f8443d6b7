"""Putting a job into the ledger, in the transaction that wants it: it exists exactly if that transaction commits."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from kit.ids import new_id
from kit.jobs.job import Job, encoded, type_of

CHANNEL = "adloom_jobs"
_BY_TENANT = text(
    "SELECT control.enqueue_job(:id, :name, cast(:arguments AS jsonb), :queue, :priority, :run_at, :max_attempts, :lease_s,"
    " :dedupe_key, :title)"
)
_BY_CONTROL = text(
    "INSERT INTO control.jobs (id, workspace_id, name, arguments, queue, priority, run_at, state, max_attempts, lease_s,"
    " dedupe_key, title, requested_by) VALUES (:id, :workspace_id, :name, cast(:arguments AS jsonb), :queue, :priority,"
    " coalesce(cast(:run_at AS timestamptz), now()), CASE WHEN cast(:run_at AS timestamptz) > now() THEN 'waiting'"
    " ELSE 'ready' END, :max_attempts, :lease_s, :dedupe_key, :title, coalesce(current_setting('app.user', true), ''))"
    " ON CONFLICT (workspace_id, dedupe_key) WHERE dedupe_key IS NOT NULL"
    " AND state IN ('waiting', 'ready', 'sent', 'running') DO NOTHING RETURNING id"
)
_EXISTING = text(
    "SELECT id FROM control.jobs WHERE workspace_id IS NOT DISTINCT FROM :workspace_id AND dedupe_key = :dedupe_key"
    " AND state IN ('waiting', 'ready', 'sent', 'running')"
)


def enqueue(
    session: Session,
    item: Job,
    *,
    workspace_id: UUID | None = None,
    dedupe_key: str | None = None,
    run_at: datetime | None = None,
    priority: int = 100,
    title: str | None = None,
) -> UUID:
    """Write `item` down and return its id; with a `dedupe_key`, the id of the active job that already has it.

    In a tenant session the workspace is the session's own, taken by the database from its role. In a control session it is
    `workspace_id`, or none for the system's own jobs. Smaller `priority` goes first.
    """
    kind = type_of(type(item))
    values = {
        "id": new_id(),
        "name": kind.name,
        "arguments": encoded(item),
        "queue": kind.queue.value,
        "priority": priority,
        "run_at": run_at,
        "max_attempts": kind.max_attempts,
        "lease_s": kind.lease_s,
        "dedupe_key": dedupe_key,
        "title": title or kind.title,
    }
    if session.info["identity"].tenant:
        return _uuid(session.execute(_BY_TENANT, values).scalar_one())
    return _enqueue_as_control(session, values | {"workspace_id": workspace_id})


def wake_dispatcher(control: Session, *, queue: str) -> None:
    """Tell the dispatcher, when this transaction commits, that there is something to do."""
    control.execute(text("SELECT pg_notify(:channel, :queue)"), {"channel": CHANNEL, "queue": queue})


def _enqueue_as_control(session: Session, values: dict[str, object]) -> UUID:
    # The job that holds the key may end between the two statements; then the key is free again.
    while True:
        written = session.execute(_BY_CONTROL, values).scalar()
        if written is not None:
            wake_dispatcher(session, queue=str(values["queue"]))
            return _uuid(written)
        found = session.execute(_EXISTING, values).scalar()
        if found is not None:
            return _uuid(found)


def _uuid(value: object) -> UUID:
    return value if isinstance(value, UUID) else UUID(str(value))
