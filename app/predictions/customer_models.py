"""What is expected of each customer, as the running model of a kind said last."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import TenantModel


class CustomerPrediction(TenantModel):
    """One customer's newest number of a kind: future value in currency units, the probability to buy no more, or the next offer.

    `point` lies in [`low`, `high`] where a range is known. For offers `choice` is the offer's name (empty: none) and `act` what to
    do about it; `point` is then the expected gain.
    """

    __tablename__ = "customer_predictions"
    __table_args__ = (
        CheckConstraint("kind IN ('lifetime', 'churn', 'offer')", name="kind"),
        Index("ix_customer_predictions_kind_point", "kind", "point"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    horizon_days: Mapped[int]
    point: Mapped[float]
    low: Mapped[float | None]
    high: Mapped[float | None]
    choice: Mapped[str] = mapped_column(server_default="", default="")
    act: Mapped[str] = mapped_column(server_default="", default="")
    model_id: Mapped[UUID] = mapped_column(ForeignKey("models.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
