"""Customers and what they did: orders, refunds, touches with a channel, offers that they saw, and whatever else was told."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kit.db import Keyed, TenantModel


class Customer(Keyed, TenantModel):
    """A person or a firm that buys, by the number or name under which the business knows them (`external_id`).

    First and last order are kept beside the events so that a list of many customers needs no walk over their days.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("external_id"),
        Index("ix_customers_last_order_at", "last_order_at"),
    )

    external_id: Mapped[str]
    name: Mapped[str] = mapped_column(server_default="", default="")
    email: Mapped[str] = mapped_column(server_default="", default="")
    country: Mapped[str] = mapped_column(server_default="", default="")
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}", default=dict)
    first_seen_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    first_order_at: Mapped[datetime | None]
    last_order_at: Mapped[datetime | None]
    orders: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)
    revenue_micros: Mapped[int] = mapped_column(BigInteger, server_default="0", default=0)


class CustomerEvent(TenantModel):
    """One thing that a customer did. Money is micros of the workspace's currency; a refund's value is above 0.

    `order_ref` names the order that an order or a refund is about. `name` is the offer shown or taken, the name of an event of one's
    own, or a touch's channel as it was spelt, from which today's channel follows (`channel_id` is the one it meant when it was told).
    (source, external_id) makes telling twice one row.
    """

    __tablename__ = "customer_events"
    __table_args__ = (
        CheckConstraint("kind IN ('order', 'refund', 'touch', 'offer_shown', 'offer_taken', 'event')", name="kind"),
        CheckConstraint("(kind IN ('order', 'refund')) = (value_micros IS NOT NULL)", name="value"),
        CheckConstraint("value_micros >= 0", name="value_sign"),
        UniqueConstraint("source", "external_id"),
        Index("ix_customer_events_customer_id_happened_at", "customer_id", "happened_at"),
        Index("ix_customer_events_kind_happened_at", "kind", "happened_at"),
    )

    number: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    kind: Mapped[str]
    happened_at: Mapped[datetime]
    value_micros: Mapped[int | None] = mapped_column(BigInteger)
    order_ref: Mapped[str] = mapped_column(server_default="", default="")
    channel_id: Mapped[UUID | None] = mapped_column(ForeignKey("channels.id", ondelete="SET NULL"), index=True)
    campaign: Mapped[str] = mapped_column(server_default="", default="")
    name: Mapped[str] = mapped_column(server_default="", default="")
    properties: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default=text("'{}'"), default=dict)
    source: Mapped[str]
    external_id: Mapped[str]


class CustomerUpload(Keyed, TenantModel):
    """A file about customers on its way in. Neither the file nor its cells are kept once it is over, only what became of its rows."""

    __tablename__ = "customer_uploads"
    __table_args__ = (
        CheckConstraint("state IN ('awaiting_confirmation', 'queued', 'done', 'failed', 'cancelled')", name="state"),
        Index("ix_customer_uploads_created_at", "created_at"),
    )

    created_by: Mapped[UUID]
    filename: Mapped[str]
    storage_key: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str]
    job_id: Mapped[UUID | None]
    shape: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    columns: Mapped[dict[str, str]] = mapped_column(JSONB)
    rows_read: Mapped[int] = mapped_column(server_default="0", default=0)
    rows_accepted: Mapped[int] = mapped_column(server_default="0", default=0)
    rows_changed: Mapped[int] = mapped_column(server_default="0", default=0)
    rows_rejected: Mapped[int] = mapped_column(server_default="0", default=0)
    customers_new: Mapped[int] = mapped_column(server_default="0", default=0)
    errors_key: Mapped[str | None]
    first_errors: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]", default=list)
    notices: Mapped[list[str]] = mapped_column(JSONB, server_default="[]", default=list)
    covers_from: Mapped[date | None]
    covers_to: Mapped[date | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    finished_at: Mapped[datetime | None]
