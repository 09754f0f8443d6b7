"""Schedules: rows with a cron expression in a time zone of their own; what is due is enqueued once, whoever looks.

A local time that does not exist (spring) runs at the first valid instant after it, one that exists twice (autumn) the first time.
What was missed while nothing ran is caught up at most once.
"""

import hashlib
import json
import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import psycopg
from cronsim import CronSim, CronSimError
from sqlalchemy import Engine, case, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from kit.clock import utc_now
from kit.errors import InvalidInput
from kit.ids import new_id
from kit.jobs.enqueue import wake_dispatcher
from kit.jobs.job import Job, encoded, type_named, type_of
from kit.jobs.leader import leading
from kit.jobs.models import Schedule
from kit.jobs.runner import Sessions

log = logging.getLogger(__name__)

_LOCK = 7_240_117
_POLL_S = 5.0
_BATCH = 200
_JITTER_S = 120


@dataclass(frozen=True)
class SystemSchedule:
    """A schedule that every installation has, declared in code."""

    name: str
    cron: str
    item: Job


def next_run(cron: str, timezone: str, *, after: datetime, jitter_of: UUID | None = None) -> datetime:
    """The first instant after `after` (aware) at which the schedule runs; `jitter_of` spreads workspaces over two minutes."""
    jitter = timedelta(seconds=_jitter_s(jitter_of))
    try:
        instants = CronSim(cron, (after - jitter).astimezone(ZoneInfo(timezone)).replace(microsecond=0))
        # Asked within the repeated hour, the first answer may be the hour's first passing, which is over.
        upcoming = next(local for local in instants if local.astimezone(UTC) + jitter > after)
    except ZoneInfoNotFoundError as problem:
        raise InvalidInput(f"“{timezone}” is no time zone.", "Write its name, such as Europe/Berlin.") from problem
    except (CronSimError, StopIteration) as problem:
        raise InvalidInput(
            f"“{cron}” is no cron expression that ever comes true: {problem}.",
            "Write five fields, such as 0 7 * * 1 for Mondays at seven.",
        ) from problem
    return upcoming.astimezone(UTC) + jitter


def _jitter_s(workspace_id: UUID | None) -> int:
    return 0 if workspace_id is None else int.from_bytes(hashlib.sha256(workspace_id.bytes).digest()[:2]) % _JITTER_S


def put_schedule(
    control: Session, *, name: str, item: Job, cron: str, timezone: str, workspace_id: UUID | None = None
) -> None:
    """Create or change a schedule by its name; a changed clock counts from now. Putting the same twice changes nothing."""
    values: dict[str, Any] = {
        "job_name": type_of(type(item)).name,
        "arguments": json.loads(encoded(item)),
        "cron": cron,
        "timezone": timezone,
    }
    first = next_run(cron, timezone, after=utc_now(), jitter_of=workspace_id)
    is_same_clock = (Schedule.cron == cron) & (Schedule.timezone == timezone)
    control.execute(
        insert(Schedule)
        .values(id=new_id(), workspace_id=workspace_id, name=name, next_run_at=first, **values)
        .on_conflict_do_update(
            index_elements=[Schedule.workspace_id, Schedule.name],
            set_=values | {"next_run_at": case((is_same_clock, Schedule.next_run_at), else_=first)},
        )
    )


def remove_schedule(control: Session, *, name: str, workspace_id: UUID | None = None) -> None:
    """Forget a schedule; one that is not there is forgotten already."""
    control.execute(
        delete(Schedule).where(Schedule.name == name, Schedule.workspace_id.is_not_distinct_from(workspace_id))
    )


def start_due(control: Session, *, now: datetime) -> int:
    """Enqueue what is due and move its clock on, in one transaction: two schedulers cannot both do it.

    Whatever was missed is made up for by one run, and none is added while the last one still waits or runs.
    """
    due = control.scalars(
        select(Schedule)
        .where(Schedule.is_enabled, Schedule.next_run_at <= now)
        .order_by(Schedule.next_run_at)
        .limit(_BATCH)
        .with_for_update(skip_locked=True)
    ).all()
    for schedule in due:
        _start(control, schedule, now=now)
    return len(due)


def _start(control: Session, schedule: Schedule, *, now: datetime) -> None:
    try:
        upcoming = next_run(schedule.cron, schedule.timezone, after=now, jitter_of=schedule.workspace_id)
    except InvalidInput as problem:
        # A zone may leave the machine's table; one such row must not stop all others.
        log.error("Schedule %s (%s) is switched off: %s", schedule.name, schedule.id, problem)  # noqa: TRY400 the sentence says it all
        schedule.is_enabled = False
        return
    _enqueue_named(control, schedule)
    schedule.last_run_at, schedule.next_run_at = now, upcoming


def _enqueue_named(control: Session, schedule: Schedule) -> None:
    kind = type_named(schedule.job_name)
    if kind is None:
        log.error("Schedule %s names the job %s, which this version does not know.", schedule.name, schedule.job_name)
        return
    control.execute(
        text(
            "INSERT INTO control.jobs (id, workspace_id, name, arguments, queue, max_attempts, lease_s, dedupe_key, title)"
            " SELECT :id, workspace_id, job_name, arguments, :queue, :max_attempts, :lease_s, :dedupe_key, :title"
            " FROM control.schedules WHERE id = :schedule_id AND (workspace_id IS NULL OR EXISTS ("
            " SELECT FROM control.workspaces WHERE workspaces.id = workspace_id AND state = 'active'))"
            " ON CONFLICT DO NOTHING"
        ),
        {
            "id": new_id(),
            "queue": kind.queue.value,
            "max_attempts": kind.max_attempts,
            "lease_s": kind.lease_s,
            "dedupe_key": f"schedule:{schedule.id}",
            "title": kind.title,
            "schedule_id": schedule.id,
        },
    )
    wake_dispatcher(control, queue=kind.queue.value)


class Scheduler:
    """Runs until told to stop; any number may be started, one leads."""

    def __init__(self, sessions: Sessions, *, engine: Engine, system: list[SystemSchedule]) -> None:
        self._sessions = sessions
        self._engine = engine
        self._system = system
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End soon."""
        self._stopping.set()

    def run(self) -> None:
        """Lead when nobody else does; what goes wrong is logged and tried again."""
        while not self._stopping.is_set():
            try:
                with leading(self._engine, lock=_LOCK) as connection:
                    if connection is not None:
                        self._lead(connection)
            except (SQLAlchemyError, psycopg.Error) as problem:
                log.warning("The scheduler waits for the database: %s", type(problem).__name__)
            self._stopping.wait(_POLL_S)

    def _lead(self, connection: psycopg.Connection[object]) -> None:
        with self._sessions.control() as control:
            for schedule in self._system:
                put_schedule(control, name=schedule.name, item=schedule.item, cron=schedule.cron, timezone="UTC")
            control.commit()
        while not self._stopping.is_set():
            connection.execute("SELECT 1")  # the lead lasts as long as this connection does
            with self._sessions.control() as control:
                started = start_due(control, now=utc_now())
                control.commit()
            if started < _BATCH:
                self._stopping.wait(_POLL_S)
