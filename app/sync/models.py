"""What was synced when, how far a read has come, and how our totals compare with the platform's."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, Numeric, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.campaigns.platform_models import PlatformMeasures
from kit.db import Keyed, TenantModel


class SyncRun(Keyed, TenantModel):
    """One sync of one account: what it was for, what it read, what it changed, how many calls that took."""

    __tablename__ = "sync_runs"
    __table_args__ = (
        CheckConstraint("kind IN ('manual', 'scheduled', 'backfill', 'first')", name="kind"),
        CheckConstraint("state IN ('queued', 'running', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_sync_runs_account_id_created_at", "account_id", "created_at"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"))
    kind: Mapped[str]
    state: Mapped[str]
    since: Mapped[date | None]
    until: Mapped[date | None]
    rows_read: Mapped[int] = mapped_column(BigInteger, server_default="0")
    rows_changed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    calls: Mapped[int] = mapped_column(server_default="0")
    wasted_calls: Mapped[int] = mapped_column(server_default="0")
    problem_code: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")
    what_to_do: Mapped[str] = mapped_column(server_default="")
    finished_at: Mapped[datetime | None]
    job_id: Mapped[UUID | None]


class SyncCursor(TenantModel):
    """A read that is under way: its window and the checkpoint that is durable, gone when the window is whole.

    `seen` are the days that it brought so far, so that after a kill what the platform no longer tells can still be recognised.
    """

    __tablename__ = "sync_cursors"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[date] = mapped_column(primary_key=True)
    until: Mapped[date]
    checkpoint: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    seen: Mapped[bytes | None] = mapped_column(LargeBinary)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class SyncState(TenantModel):
    """How far an account's history is: days from `covered_from` to `covered_to` are stored; the backfill goes down to `wanted_from`."""

    __tablename__ = "sync_states"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"), primary_key=True)
    wanted_from: Mapped[date]
    covered_from: Mapped[date | None]
    covered_to: Mapped[date | None]
    entities_at: Mapped[datetime | None]
    synced_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]


class SyncStagedDay(PlatformMeasures, TenantModel):
    """Days of a window before they are merged; unlogged, for they can always be read again."""

    __tablename__ = "sync_staging"
    __table_args__ = ({"prefixes": ["UNLOGGED"]},)

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    entity: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)


class Reconciliation(TenantModel):
    """One account's day: what is stored here, and what the platform said when it was asked again."""

    __tablename__ = "reconciliations"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    our_spend_micros: Mapped[int] = mapped_column(BigInteger)
    their_spend_micros: Mapped[int] = mapped_column(BigInteger)
    our_clicks: Mapped[int] = mapped_column(BigInteger)
    their_clicks: Mapped[int] = mapped_column(BigInteger)
    our_conversions: Mapped[Decimal] = mapped_column(Numeric(20, 6))
    their_conversions: Mapped[Decimal] = mapped_column(Numeric(20, 6))
    checked_at: Mapped[datetime] = mapped_column(server_default=func.now())
