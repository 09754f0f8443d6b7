"""Model runs: what was asked, on which data, and what came out; and lift tests, which every later fit takes into account."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class ModelRun(Keyed, TenantModel):
    """One attribution, forecast, budget, self-test or touch-path run. The result is the model's own document and is never changed afterwards."""

    __tablename__ = "model_runs"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('attribution', 'forecast', 'budget', 'campaign_budget', 'self_test', 'paths')", name="kind"
        ),
        CheckConstraint("state IN ('queued', 'running', 'done', 'refused', 'failed', 'cancelled')", name="state"),
        Index("ix_model_runs_kind_request_hash", "kind", "request_hash"),
        Index("ix_model_runs_kind_created_at", "kind", "created_at"),
    )

    kind: Mapped[str]
    created_by: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    state: Mapped[str]
    request: Mapped[dict[str, Any]] = mapped_column(JSONB)
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    data_version: Mapped[int] = mapped_column(BigInteger)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True), deferred=True)
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None]


class LiftTestRow(Keyed, TenantModel):
    """What an experiment on one channel found: revenue per unit of spend, with its standard error.

    `act` says what was done between the days: paused, lowered, raised, or a study that somebody else evaluated. Where the result
    was told in money, `revenue` is by how much revenue was higher (below 0: lower) than it would have been.
    """

    __tablename__ = "lift_tests"
    __table_args__ = (
        CheckConstraint("act IN ('paused', 'lowered', 'raised', 'study')", name="act"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        CheckConstraint("roi_sd > 0", name="roi_sd"),
    )

    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[UUID | None]
    act: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    roi: Mapped[float]
    roi_sd: Mapped[float]
    revenue: Mapped[float | None]
    revenue_sd: Mapped[float | None]
    note: Mapped[str]
