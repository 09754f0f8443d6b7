"""Subscriptions and usage counters."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import ControlModel


class Subscription(ControlModel):
    """A workspace's plan; without a row it is on the default plan."""

    __tablename__ = "subscriptions"
    __table_args__ = (
        CheckConstraint("status IN ('trialing', 'active', 'past_due', 'unpaid', 'cancelled')", name="status"),
    )

    workspace_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    plan_code: Mapped[str]
    status: Mapped[str] = mapped_column(server_default="active")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class UsageCounter(ControlModel):
    """What a workspace has used of a monthly entitlement."""

    __tablename__ = "usage_counters"

    workspace_id: Mapped[UUID] = mapped_column(
        ForeignKey("control.workspaces.id", ondelete="CASCADE"), primary_key=True
    )
    metric: Mapped[str] = mapped_column(primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    used: Mapped[int] = mapped_column(BigInteger)
