"""Days of a metric that did not fit the others, as they were found, and what an ordinary day of each metric looks like."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class AnomalyRow(Keyed, TenantModel):
    """An anomaly of one metric of the whole business, or of one channel. Numbers are those of the metric catalogue, per day.

    `document` is what detection said in full, with its causes where they could be told. A later run that finds the same
    metric, channel and first day changes the row; one that no longer finds it sets `withdrawn_at`, and says so.
    """

    __tablename__ = "anomalies"
    __table_args__ = (
        CheckConstraint("kind IN ('spike', 'stretch', 'level_shift')", name="kind"),
        CheckConstraint("starts_on <= ends_on", name="days"),
        UniqueConstraint("metric", "channel_id", "starts_on", postgresql_nulls_not_distinct=True),
        Index("ix_anomalies_ends_on", "ends_on"),
    )

    metric: Mapped[str]
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    actual: Mapped[float]
    expected: Mapped[float]
    score: Mapped[float]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    data_version: Mapped[int] = mapped_column(BigInteger)
    found_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    seen_by: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]


class AnomalyReading(Keyed, TenantModel):
    """The newest look at one metric, of the whole business or of one channel: what its ordinary days are, or why nobody can say.

    `document` has the days from `since` to `until`: what came, what was to be expected, and between what an ordinary day lies, in
    units of the metric catalogue. Each look replaces all rows.
    """

    __tablename__ = "anomaly_readings"
    __table_args__ = (UniqueConstraint("metric", "channel_id", postgresql_nulls_not_distinct=True),)

    metric: Mapped[str]
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), index=True)
    is_judged: Mapped[bool]
    reason: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    alarms_per_month: Mapped[float]
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)
    data_version: Mapped[int] = mapped_column(BigInteger)
    looked_on: Mapped[date]
    looked_at: Mapped[datetime]
