"""Campaigns and what is below them as the platforms tell, their days, revenue sources' days, rates, and changes written back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Numeric,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel
from kit.ids import new_id


class Campaign(TenantModel):
    """A campaign of a connected account, or a plan that lives here only (`account_id` is empty then).

    `number` is the short key of its days; the outside knows `id`. Budgets are micros of `currency`.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        UniqueConstraint("account_id", "platform_id"),
        Index("ix_campaigns_channel_id", "channel_id"),
        CheckConstraint("status IN ('active', 'paused', 'ended', 'removed', 'planned', 'other')", name="status"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True, default=new_id)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"))
    connector_key: Mapped[str | None]
    platform_id: Mapped[str | None]
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"))
    name: Mapped[str]
    status: Mapped[str]
    raw_status: Mapped[str] = mapped_column(server_default="")
    objective: Mapped[str] = mapped_column(server_default="")
    kind: Mapped[str] = mapped_column(server_default="")
    currency: Mapped[str]
    daily_budget_micros: Mapped[int | None] = mapped_column(BigInteger)
    lifetime_budget_micros: Mapped[int | None] = mapped_column(BigInteger)
    budget_owner: Mapped[str] = mapped_column(server_default="campaign")
    starts_on: Mapped[date | None]
    ends_on: Mapped[date | None]
    platform_updated_at: Mapped[datetime | None]
    notes: Mapped[str] = mapped_column(server_default="")
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class AdGroup(TenantModel):
    """An ad group, ad set, ad squad or line item."""

    __tablename__ = "ad_groups"
    __table_args__ = (UniqueConstraint("account_id", "platform_id"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"))
    campaign_number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaigns.number", ondelete="CASCADE"), index=True
    )
    platform_id: Mapped[str]
    name: Mapped[str]
    status: Mapped[str]
    raw_status: Mapped[str] = mapped_column(server_default="")
    daily_budget_micros: Mapped[int | None] = mapped_column(BigInteger)
    lifetime_budget_micros: Mapped[int | None] = mapped_column(BigInteger)


class Ad(TenantModel):
    """An ad, with the platform's id of the creative that it shows."""

    __tablename__ = "ads"
    __table_args__ = (UniqueConstraint("account_id", "platform_id"),)

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"))
    campaign_number: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaigns.number", ondelete="CASCADE"), index=True
    )
    ad_group_number: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("ad_groups.number", ondelete="SET NULL"), index=True
    )
    platform_id: Mapped[str]
    creative_platform_id: Mapped[str | None]
    name: Mapped[str]
    status: Mapped[str]
    raw_status: Mapped[str] = mapped_column(server_default="")


class Creative(TenantModel):
    """Words and pictures; the addresses of media may run out."""

    __tablename__ = "creatives"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"), primary_key=True)
    platform_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="")
    title: Mapped[str] = mapped_column(server_default="")
    body: Mapped[str] = mapped_column(server_default="")
    link_url: Mapped[str] = mapped_column(server_default="")
    media_urls: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")


class PlatformMeasures:
    """A day as a platform tells it: money in micros of the account's currency. Finality: 0 provisional, 1 settling, 2 final."""

    spend_micros: Mapped[int] = mapped_column(BigInteger)
    impressions: Mapped[int | None] = mapped_column(BigInteger)
    clicks: Mapped[int | None] = mapped_column(BigInteger)
    conversions: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    conversion_value_micros: Mapped[int | None] = mapped_column(BigInteger)
    video_views: Mapped[int | None] = mapped_column(BigInteger)
    reach: Mapped[int | None] = mapped_column(BigInteger)
    extras: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finality: Mapped[int] = mapped_column(SmallInteger)


class CampaignDay(PlatformMeasures, TenantModel):
    """One campaign's day. Rewritten only where it changed, so few pages are touched when a month is read again."""

    __tablename__ = "campaign_days"
    __table_args__ = (Index("ix_campaign_days_day", "day"), {"postgresql_with": {"fillfactor": "85"}})

    # No foreign key: a check per row would cost a fifth of the merge. Campaigns are deleted through the service, days first.
    campaign_number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    day: Mapped[date] = mapped_column(primary_key=True)


class AdDay(PlatformMeasures, TenantModel):
    """One ad's day."""

    __tablename__ = "ad_days"
    __table_args__ = ({"postgresql_with": {"fillfactor": "85"}},)

    ad_number: Mapped[int] = mapped_column(
        BigInteger, primary_key=True, autoincrement=False
    )  # no foreign key, as above
    day: Mapped[date] = mapped_column(primary_key=True)


class RevenueDay(TenantModel):
    """A day's revenue as a shop or an analytics property counts it, by source, in micros of the account's currency."""

    __tablename__ = "revenue_days"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ad_accounts.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(primary_key=True, server_default="")
    revenue_micros: Mapped[int] = mapped_column(BigInteger)
    orders: Mapped[Decimal | None] = mapped_column(Numeric(20, 6))
    new_customers: Mapped[int | None] = mapped_column(BigInteger)
    returning_customers: Mapped[int | None] = mapped_column(BigInteger)
    sessions: Mapped[int | None] = mapped_column(BigInteger)
    finality: Mapped[int] = mapped_column(SmallInteger)


class ExchangeRate(TenantModel):
    """What one unit of `currency` was worth in the workspace's currency on a day, and who says so."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    rate: Mapped[Decimal] = mapped_column(Numeric(24, 12))
    source: Mapped[str]


class CampaignChange(Keyed, TenantModel):
    """A change asked for on a platform: what the person saw, what was written, what was read back, and how to undo it."""

    __tablename__ = "campaign_changes"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'running', 'done', 'refused', 'unknown', 'undone')", name="state"),
        Index("ix_campaign_changes_campaign_number_created_at", "campaign_number", "created_at"),
        UniqueConstraint("idempotency_key"),
    )

    campaign_number: Mapped[int] = mapped_column(BigInteger, ForeignKey("campaigns.number", ondelete="CASCADE"))
    kind: Mapped[str]
    daily_budget_micros: Mapped[int | None] = mapped_column(BigInteger)
    expected: Mapped[dict[str, Any]] = mapped_column(JSONB)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(server_default="")
    problem: Mapped[str] = mapped_column(server_default="")
    what_to_do: Mapped[str] = mapped_column(server_default="")
    request_id: Mapped[str] = mapped_column(server_default="")
    idempotency_key: Mapped[str]
    undo_of: Mapped[UUID | None]
    asked_by: Mapped[UUID | None]
    asked_by_name: Mapped[str] = mapped_column(server_default="")
    finished_at: Mapped[datetime | None]
    job_id: Mapped[UUID | None]


class SavedView(Keyed, TenantModel):
    """A list's filters, columns and order under a name; `query` is what stands in the address."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("page", "name"),)

    page: Mapped[str]
    name: Mapped[str]
    query: Mapped[str]
    created_by: Mapped[UUID]
