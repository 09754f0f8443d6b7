"""A job as pages and the API show it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from kit.jobs.models import JobRow

WAITING = ("waiting", "ready", "sent")
STATE_LABELS = {
    "waiting": ("Scheduled", "plain"),
    "ready": ("Waiting", "plain"),
    "sent": ("Waiting", "plain"),
    "running": ("Running", "info"),
    "done": ("Done", "good"),
    "dead": ("Given up", "bad"),
    "cancelled": ("Cancelled", "plain"),
}
OVER = {"done", "dead", "cancelled"}
_WAITING = {
    "waiting": "Starts when it is time.",
    "ready": "Waiting for a free worker.",
    "sent": "Waiting for a free worker.",
}


class JobReply(msgspec.Struct, frozen=True):
    """A job: what it is, how far, and what came out or went wrong. `progress` is 0 to 1."""

    id: UUID
    name: str
    title: str
    state: str
    label: str
    tone: str
    is_over: bool
    progress: float
    message: str
    attempts: int
    created_at: datetime
    finished_at: datetime | None
    result: dict[str, Any] | None
    problem: dict[str, Any] | None


def job_reply(row: JobRow) -> JobReply:
    """A ledger row as people see it."""
    label, tone = STATE_LABELS[row.state]
    waiting = _WAITING.get(row.state, "")
    return JobReply(
        id=row.id,
        name=row.name,
        title=row.title,
        state=row.state,
        label=label,
        tone=tone,
        is_over=row.state in OVER,
        progress=row.progress,
        message="Done." if row.state == "done" else row.message or waiting,
        attempts=row.attempts,
        created_at=row.created_at,
        finished_at=row.finished_at,
        result=row.result,
        problem=row.problem,
    )
