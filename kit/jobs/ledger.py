"""The ledger's moves between states, each one statement. Whoever calls them holds a control session.

waiting → ready (its moment has come) → sent (dispatcher) → running (worker, fence + 1) → done | waiting (retry) | dead | cancelled
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

MOST_DEATHS = 3
# A message that no worker has taken after this long was lost on the way and is sent again. A lost queue is noticed sooner.
SENT_FOR_S = 120
DEFAULT_MAX_RUNNING = 2


@dataclass(frozen=True)
class Claim:
    """A job that a worker holds, until its lease ends or another claim raises the fence."""

    id: UUID
    fence: int
    name: str
    arguments: dict[str, Any]
    workspace_id: UUID | None
    schema_name: str | None
    attempts: int
    max_attempts: int
    lease_s: int
    claimed_at: datetime


_PROMOTE = text(
    """
    UPDATE control.jobs SET state = 'ready' WHERE id IN (
      SELECT id FROM control.jobs WHERE state = 'waiting' AND run_at <= now() ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED)
    """
)
# Loose index scan over the workspaces that have ready work; of each, as many as its limit leaves room for. They are dealt in
# turns, where what a workspace has in flight counts as turns taken; chance decides between equals, or low ids would always win.
# The system's own jobs take turns as one more workspace, without a limit.
_RELEASE = text(
    """
    WITH RECURSIVE waiting(workspace_id) AS (
      (SELECT workspace_id FROM control.jobs
       WHERE state = 'ready' AND queue = :queue AND workspace_id IS NOT NULL ORDER BY workspace_id LIMIT 1)
      UNION ALL
      SELECT (SELECT job.workspace_id FROM control.jobs job
              WHERE job.state = 'ready' AND job.queue = :queue AND job.workspace_id > waiting.workspace_id
              ORDER BY job.workspace_id LIMIT 1)
      FROM waiting WHERE waiting.workspace_id IS NOT NULL),
    in_flight AS (
      SELECT workspace_id, count(*) AS number FROM control.jobs
      WHERE state IN ('sent', 'running') AND queue = :queue GROUP BY workspace_id),
    dealt AS (
      SELECT job.id, coalesce(in_flight.number, 0)
                     + row_number() OVER (PARTITION BY waiting.workspace_id ORDER BY job.priority, job.id) AS turn
      FROM waiting
      LEFT JOIN in_flight ON in_flight.workspace_id = waiting.workspace_id
      LEFT JOIN control.job_limits ON job_limits.workspace_id = waiting.workspace_id
      CROSS JOIN LATERAL (
        SELECT id, priority FROM control.jobs
        WHERE state = 'ready' AND queue = :queue AND workspace_id = waiting.workspace_id
        ORDER BY priority, id
        LIMIT least(:room, greatest(0, coalesce(job_limits.max_running, :default_limit) - coalesce(in_flight.number, 0)))
      ) AS job
      WHERE waiting.workspace_id IS NOT NULL
      UNION ALL
      SELECT job.id, (SELECT coalesce(max(number), 0) FROM in_flight WHERE workspace_id IS NULL)
                     + row_number() OVER (ORDER BY job.priority, job.id)
      FROM (SELECT id, priority FROM control.jobs WHERE state = 'ready' AND queue = :queue AND workspace_id IS NULL
            ORDER BY priority, id LIMIT :room) AS job),
    locked AS (
      SELECT id FROM control.jobs
      WHERE id IN (SELECT id FROM dealt ORDER BY turn, random() LIMIT :room) AND state = 'ready' FOR UPDATE SKIP LOCKED)
    UPDATE control.jobs SET state = 'sent', lease_until = now() + make_interval(secs => :sent_for_s)
    WHERE id IN (SELECT id FROM locked) RETURNING id
    """
)
# A release that a crash of the server forgets leaves its jobs ready, and their messages find nothing to claim.
_FORGETTABLE = text("SELECT set_config('synchronous_commit', 'off', true)")
_RECALL = text("UPDATE control.jobs SET state = 'ready', lease_until = NULL WHERE state = 'sent' RETURNING id")
_CLAIM = text(
    """
    UPDATE control.jobs SET state = 'running', fence = fence + 1, lease_until = now() + make_interval(secs => lease_s),
      started_at = coalesce(started_at, now())
    WHERE id IN (SELECT id FROM control.jobs WHERE id = ANY(:ids) AND state = 'sent' ORDER BY id FOR UPDATE SKIP LOCKED)
    RETURNING id, fence, name, arguments, workspace_id,
      (SELECT schema_name FROM control.workspaces WHERE workspaces.id = jobs.workspace_id), attempts, max_attempts, lease_s, now()
    """
)
_FINISH = text(
    """
    UPDATE control.jobs SET state = 'done', result = cast(:result AS jsonb), progress = 1, lease_until = NULL,
      finished_at = now()
    WHERE id = :id AND fence = :fence AND state = 'running' AND workspace_id IS NULL RETURNING id
    """
)
_FINISH_AS_TENANT = text("SELECT control.finish_job(:id, :fence, cast(:result AS jsonb))")
_RETRY = text(
    """
    UPDATE control.jobs SET attempts = attempts + :counted, run_at = now() + make_interval(secs => :delay_s),
      state = CASE WHEN cancel_requested_at IS NULL THEN 'waiting' ELSE 'cancelled' END,
      finished_at = CASE WHEN cancel_requested_at IS NOT NULL THEN now() END,
      lease_until = NULL, problem = cast(:problem AS jsonb), message = :message
    WHERE id = :id AND fence = :fence AND state = 'running'
    """
)
_END = text(
    """
    UPDATE control.jobs SET state = :state, attempts = attempts + 1, lease_until = NULL, finished_at = now(),
      problem = cast(:problem AS jsonb), message = :message
    WHERE id = :id AND fence = :fence AND state = 'running'
    """
)
_EXTEND = text(
    """
    UPDATE control.jobs SET lease_until = now() + make_interval(secs => jobs.lease_s)
    FROM unnest(cast(:ids AS uuid[]), cast(:fences AS bigint[])) AS held(id, fence)
    WHERE jobs.id = held.id AND jobs.fence = held.fence AND jobs.state = 'running' RETURNING jobs.id
    """
)
_TELL = text(
    """
    UPDATE control.jobs SET progress = :progress, message = :message
    WHERE id = :id AND fence = :fence AND state = 'running' RETURNING cancel_requested_at IS NOT NULL
    """
)
_GIVE_BACK = text(
    "UPDATE control.jobs SET state = 'ready', lease_until = NULL WHERE id = :id AND fence = :fence AND state = 'running'"
)
# A lease that ran out while the database itself was restarting says nothing about the worker, so it counts as no death.
_SWEEP = text(
    """
    WITH lost AS (
      SELECT id, state = 'running' AND lease_until - make_interval(secs => lease_s) > pg_postmaster_start_time() AS died
      FROM control.jobs WHERE state IN ('sent', 'running') AND lease_until < now()
      ORDER BY lease_until LIMIT 500 FOR UPDATE SKIP LOCKED),
    next AS (
      SELECT jobs.id, jobs.deaths + lost.died::int AS deaths,
        CASE WHEN jobs.cancel_requested_at IS NOT NULL THEN 'cancelled'
             WHEN lost.died AND jobs.deaths + 1 >= :most_deaths THEN 'dead'
             WHEN lost.died THEN 'waiting' ELSE 'ready' END AS state
      FROM lost JOIN control.jobs ON jobs.id = lost.id)
    UPDATE control.jobs SET state = next.state, deaths = next.deaths, lease_until = NULL,
      run_at = CASE WHEN next.state = 'waiting' THEN now() + make_interval(secs => 2 * next.deaths) ELSE run_at END,
      finished_at = CASE WHEN next.state IN ('dead', 'cancelled') THEN now() END,
      problem = CASE WHEN next.state = 'dead' THEN cast(:problem AS jsonb) ELSE problem END,
      message = CASE WHEN next.state = 'dead' THEN :message ELSE message END
    FROM next WHERE jobs.id = next.id RETURNING jobs.state
    """
)
_RESTARTED_SINCE = text("SELECT pg_postmaster_start_time() > :moment")
_QUARANTINED = {
    "code": "quarantined",
    "detail": f"Its worker ended, or it took longer than it may, {MOST_DEATHS} times; it is not tried again by itself.",
    "hint": "Look at what it was given, then retry it by hand.",
}


class ClaimLost(Exception):
    """The fence has moved on: another worker holds the job, so nothing of this run may be committed."""


def release(control: Session, *, queue: str, room: int) -> list[UUID]:
    """Mark up to `room` jobs as sent, fairly between workspaces and within their limits; the caller sends them on."""
    rows = control.execute(
        _RELEASE,
        {"queue": queue, "room": room, "default_limit": DEFAULT_MAX_RUNNING, "sent_for_s": SENT_FOR_S},
    )
    return [row[0] for row in rows]


def need_not_wait_for_disk(control: Session) -> None:
    """Let this transaction, which only releases jobs, end before it is on the disk. Never for a claim: fences must not repeat."""
    control.execute(_FORGETTABLE)


def promote(control: Session) -> None:
    """Make ready what was waiting for a moment that has come."""
    control.execute(_PROMOTE)


def recall_sent(control: Session) -> int:
    """Take back everything that was sent and not claimed, because the conveyor may have lost it.

    A message that did arrive finds its job no longer sent, or sent again: either way one claim succeeds.
    """
    return len(control.execute(_RECALL).all())


def waiting_in_conveyor(control: Session, *, queue: str) -> int:
    """How many jobs were sent and not yet claimed."""
    statement = text("SELECT count(*) FROM control.jobs WHERE state = 'sent' AND queue = :queue")
    return int(control.execute(statement, {"queue": queue}).scalar_one())


def claim(control: Session, job_id: UUID) -> Claim | None:
    """Take a sent job; None where somebody else has it or it is over, as with every message that comes twice."""
    return claim_all(control, [job_id]).get(job_id)


def claim_all(control: Session, job_ids: Sequence[UUID]) -> dict[UUID, Claim]:
    """Take those of these jobs that can be had. One that somebody else is just moving cannot."""
    return {row[0]: Claim(*row) for row in control.execute(_CLAIM, {"ids": list(job_ids)})}


def finish(session: Session, held: Claim, result: dict[str, Any] | None) -> None:
    """End the job in the transaction that holds its effects. Raises (and so takes the effects back) where the claim is lost."""
    values = {"id": held.id, "fence": held.fence, "result": _json(result)}
    if held.workspace_id is not None:
        session.execute(_FINISH_AS_TENANT, values)
    elif session.execute(_FINISH, values).scalar() is None:
        raise ClaimLost


def retry_later(
    control: Session, held: Claim, *, delay_s: float, problem: dict[str, Any], is_counted: bool = True
) -> None:
    """Put the job back for another try after a while; `is_counted` unless it was none of its fault."""
    values = {
        "id": held.id,
        "fence": held.fence,
        "delay_s": delay_s,
        "counted": int(is_counted),
        "problem": _json(problem),
        "message": f"{problem['detail']} It is tried again by itself.",
    }
    control.execute(_RETRY, values)


def end(control: Session, held: Claim, *, state: str, problem: dict[str, Any]) -> None:
    """Give the job up (`dead`) or end it as asked (`cancelled`)."""
    values = {
        "id": held.id,
        "fence": held.fence,
        "state": state,
        "problem": _json(problem),
        "message": problem["detail"],
    }
    control.execute(_END, values)


def extend(control: Session, held: Sequence[Claim]) -> set[UUID]:
    """Extend the leases of these claims; returns the jobs whose claim still holds."""
    values = {"ids": [item.id for item in held], "fences": [item.fence for item in held]}
    return {row[0] for row in control.execute(_EXTEND, values)}


def tell(control: Session, held: Claim, *, progress: float, message: str) -> bool:
    """Write progress down; True where somebody asked to cancel. Raises where the claim is lost."""
    values = {"id": held.id, "fence": held.fence, "progress": progress, "message": message}
    asked_to_stop = control.execute(_TELL, values).scalar()
    if asked_to_stop is None:
        raise ClaimLost
    return bool(asked_to_stop)


def give_back(control: Session, held: Claim) -> None:
    """Return a job untouched, because its worker is about to stop."""
    control.execute(_GIVE_BACK, {"id": held.id, "fence": held.fence})


def restarted_since(control: Session, moment: datetime) -> bool:
    """Whether the database server has been started anew since then."""
    return bool(control.execute(_RESTARTED_SINCE, {"moment": moment}).scalar())


def sweep(control: Session) -> tuple[int, int]:
    """Return what vanished workers and lost messages held: (jobs to be tried again, jobs quarantined)."""
    values = {"most_deaths": MOST_DEATHS, "problem": _json(_QUARANTINED), "message": _QUARANTINED["detail"]}
    states: Sequence[str] = [row[0] for row in control.execute(_SWEEP, values)]
    return states.count("ready") + states.count("waiting"), states.count("dead")


def _json(value: dict[str, Any] | None) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
