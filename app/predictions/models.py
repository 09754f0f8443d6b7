"""What was said before it happened, what came of it, and the models that said it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Numeric, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel

_NUMBER = Numeric(30, 6)


class Prediction(Keyed, TenantModel):
    """One number said before the days that it is about were known. It is never changed afterwards.

    Point and range are in `unit`: micros of `currency`, a count, or a quotient. `assumed` holds what the number rests on, such as a
    planned spend; `key` makes writing it down twice one row.
    """

    __tablename__ = "predictions"
    __table_args__ = (
        CheckConstraint("low <= point AND point <= high", name="range"),
        CheckConstraint("level > 0 AND level < 1", name="level"),
        CheckConstraint("since <= until", name="days"),
        CheckConstraint("unit IN ('micros', 'count', 'ratio')", name="unit"),
        CheckConstraint("(unit = 'micros') = (currency IS NOT NULL)", name="currency"),
        UniqueConstraint("key"),
        Index("ix_predictions_kind_until", "kind", "until"),
        Index("ix_predictions_subject_id_kind_made_at", "subject_id", "kind", "made_at"),
    )

    kind: Mapped[str]
    subject_id: Mapped[UUID | None]
    subject: Mapped[str]
    made_at: Mapped[datetime]
    since: Mapped[date]
    until: Mapped[date]
    point: Mapped[Decimal] = mapped_column(_NUMBER)
    low: Mapped[Decimal] = mapped_column(_NUMBER)
    high: Mapped[Decimal] = mapped_column(_NUMBER)
    level: Mapped[Decimal] = mapped_column(Numeric(4, 3))
    unit: Mapped[str]
    currency: Mapped[str | None]
    assumed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    model: Mapped[str]
    model_version: Mapped[str]
    data_version: Mapped[int] = mapped_column(BigInteger)
    run_id: Mapped[UUID | None]
    job_id: Mapped[UUID | None]
    made_by: Mapped[UUID | None]
    key: Mapped[str]


class PredictionScore(TenantModel):
    """What came of a prediction, or (`reason`) why nothing can be said about it. `error` is actual − point, in the same unit."""

    __tablename__ = "prediction_scores"
    __table_args__ = (
        CheckConstraint("(actual IS NULL) = (reason <> '')", name="reason"),
        CheckConstraint("(actual IS NULL) = (inside IS NULL) AND (actual IS NULL) = (error IS NULL)", name="actual"),
    )

    prediction_id: Mapped[UUID] = mapped_column(ForeignKey("predictions.id", ondelete="CASCADE"), primary_key=True)
    actual: Mapped[Decimal | None] = mapped_column(_NUMBER)
    error: Mapped[Decimal | None] = mapped_column(_NUMBER)
    inside: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(server_default="", default="")
    scored_at: Mapped[datetime]


class ModelVersion(Keyed, TenantModel):
    """A trained model in the registry. One of each kind is active; a candidate waits until it has shown that it is no worse.

    `document` is the model itself as plain JSON, never code; `drift` is the newest comparison of today's data with those it learnt from.
    """

    __tablename__ = "models"
    __table_args__ = (
        CheckConstraint("state IN ('candidate', 'active', 'retired')", name="state"),
        UniqueConstraint("kind", "version"),
        Index("uq_models_active", "kind", unique=True, postgresql_where=text("state = 'active'")),
    )

    kind: Mapped[str]
    version: Mapped[int]
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="", default="")
    document: Mapped[dict[str, Any]] = mapped_column(JSONB, deferred=True)
    features: Mapped[list[str]] = mapped_column(JSONB)
    metrics: Mapped[dict[str, Any]] = mapped_column(JSONB)
    trained_since: Mapped[date]
    trained_until: Mapped[date]
    data_version: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    drift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    drift_checked_at: Mapped[datetime | None]
    activated_at: Mapped[datetime | None]
    retired_at: Mapped[datetime | None]
    job_id: Mapped[UUID | None]
