"""The ledger: jobs, how many of a workspace's may run at once, and schedules."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import ControlModel, Keyed

STATES = ("waiting", "ready", "sent", "running", "done", "dead", "cancelled")
ACTIVE = ("waiting", "ready", "sent", "running")


class JobRow(Keyed, ControlModel):
    """One job. `fence` grows with every claim; a result counts only with the newest fence.

    `waiting` has a moment to come (`run_at`), `ready` may go. `attempts` counts failures that were told, `deaths` claims whose
    worker vanished.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(f"state IN {STATES}", name="state"),
        Index("ix_jobs_ready", "queue", "workspace_id", "priority", "id", postgresql_where=text("state = 'ready'")),
        Index("ix_jobs_waiting", "run_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_jobs_in_flight", "state", "lease_until", postgresql_where=text("state IN ('sent', 'running')")),
        Index(
            "uq_jobs_dedupe_key",
            "workspace_id",
            "dedupe_key",
            unique=True,
            postgresql_where=text("dedupe_key IS NOT NULL AND state IN ('waiting', 'ready', 'sent', 'running')"),
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_jobs_workspace_id_created_at", "workspace_id", "created_at"),
    )

    workspace_id: Mapped[UUID | None]
    name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    queue: Mapped[str]
    priority: Mapped[int] = mapped_column(server_default="100")
    run_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    state: Mapped[str] = mapped_column(server_default="ready")
    attempts: Mapped[int] = mapped_column(server_default="0")
    max_attempts: Mapped[int]
    deaths: Mapped[int] = mapped_column(server_default="0")
    lease_s: Mapped[int]
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    dedupe_key: Mapped[str | None]
    title: Mapped[str]
    progress: Mapped[float] = mapped_column(server_default="0")
    message: Mapped[str] = mapped_column(server_default="")
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    requested_by: Mapped[str] = mapped_column(server_default="")
    cancel_requested_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]


class JobLimit(ControlModel):
    """How many of a workspace's jobs may be in flight at once."""

    __tablename__ = "job_limits"

    workspace_id: Mapped[UUID] = mapped_column(primary_key=True)
    max_running: Mapped[int]


class Schedule(Keyed, ControlModel):
    """A job that starts by the clock of a time zone. `next_run_at` is the truth; no timer lives in memory."""

    __tablename__ = "schedules"
    __table_args__ = (
        Index("uq_schedules_name", "workspace_id", "name", unique=True, postgresql_nulls_not_distinct=True),
        Index("ix_schedules_next_run_at", "next_run_at", postgresql_where=text("is_enabled")),
    )

    workspace_id: Mapped[UUID | None]
    name: Mapped[str]
    job_name: Mapped[str]
    arguments: Mapped[dict[str, Any]] = mapped_column(JSONB)
    cron: Mapped[str]
    timezone: Mapped[str]
    is_enabled: Mapped[bool] = mapped_column(server_default="true")
    next_run_at: Mapped[datetime]
    last_run_at: Mapped[datetime | None]
