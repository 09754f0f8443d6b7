"""Model runs: what was asked, on which data, and what came out."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class ModelRun(Keyed, TenantModel):
    """One attribution, forecast or budget run. The result is the model's own document and is never changed afterwards."""

    __tablename__ = "model_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('attribution', 'forecast', 'budget', 'campaign_budget')", name="kind"),
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
