"""Channels, the names that sources use for them, daily facts and their roll-up."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, UniqueConstraint, func, true
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class Channel(Keyed, TenantModel):
    """Where money is spent or revenue comes from, under its one standard name. `slot` is its colour on every page.

    What a sync brings of a channel beyond the plan's limit is kept, and is not counted in any figure (`is_counted`) until there is room.
    """

    __tablename__ = "channels"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    slot: Mapped[int] = mapped_column(SmallInteger)
    takes_spend: Mapped[bool] = mapped_column(server_default=true())
    is_counted: Mapped[bool] = mapped_column(server_default=true(), default=True)


class ChannelName(TenantModel):
    """How one source spells a channel; custom rows are the workspace's own decision and win."""

    __tablename__ = "channel_names"

    source_name: Mapped[str] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"), index=True)
    is_custom: Mapped[bool] = mapped_column(server_default="false")


class Measures:
    """The additive bases of every metric: money in micros of the workspace's currency, counts as they came; None is unknown."""

    spend_micros: Mapped[int] = mapped_column(BigInteger)
    revenue_micros: Mapped[int | None] = mapped_column(BigInteger)
    impressions: Mapped[int | None] = mapped_column(BigInteger)
    clicks: Mapped[int | None] = mapped_column(BigInteger)
    conversions: Mapped[int | None] = mapped_column(BigInteger)
    new_customers: Mapped[int | None] = mapped_column(BigInteger)
    returning_customers: Mapped[int | None] = mapped_column(BigInteger)


MEASURES = (
    "spend_micros",
    "revenue_micros",
    "impressions",
    "clicks",
    "conversions",
    "new_customers",
    "returning_customers",
)


class DailyFact(Measures, TenantModel):
    """One day of one campaign as a source gave it. `campaign` is '' where the source does not tell campaigns apart."""

    __tablename__ = "daily_facts"
    __table_args__ = (Index("ix_daily_facts_channel_id_day", "channel_id", "day"),)

    day: Mapped[date] = mapped_column(primary_key=True)
    source_name: Mapped[str] = mapped_column(primary_key=True)
    campaign: Mapped[str] = mapped_column(primary_key=True, server_default="")
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"))
    import_id: Mapped[UUID]


class ChannelDay(Measures, TenantModel):
    """Roll-up of the facts to one row per channel and day: what dashboards and models read."""

    __tablename__ = "channel_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    channel_id: Mapped[UUID] = mapped_column(ForeignKey("channels.id"), primary_key=True)


class Event(Keyed, TenantModel):
    """Something the merchant did on a day, a promotion say, that explains revenue beside the advertising."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("day", "name"),)

    day: Mapped[date]
    name: Mapped[str]


class DataVersion(TenantModel):
    """Counts the changes of a body of data, so that caches and model runs know when they are stale."""

    __tablename__ = "data_versions"

    name: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())
