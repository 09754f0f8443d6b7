"""Customers and what they did as programs see them. Money is micros of the workspace's currency."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.customers.listing import Happening
from app.customers.models import Customer

HREF = "/api/v1/customers/"


class CustomerReply(msgspec.Struct, frozen=True, kw_only=True):
    """A customer. `customer` is the number or name under which the business knows them; revenue is net of refunds."""

    id: UUID
    customer: str
    name: str
    email: str
    country: str
    attributes: dict[str, Any]
    first_seen_at: datetime | None
    last_seen_at: datetime | None
    first_order_at: datetime | None
    last_order_at: datetime | None
    orders: int
    revenue_micros: int
    currency: str
    href: str


class CustomersReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers. Ask for the next one with `next_cursor`, the same filters and the same order."""

    items: list[CustomerReply]
    total: int
    next_cursor: str | None


class HappeningReply(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a customer did. `value_micros` of a refund is above 0."""

    kind: str
    happened_at: datetime
    value_micros: int | None
    currency: str
    order: str
    channel: str
    campaign: str
    name: str
    properties: dict[str, Any]
    source: str
    external_id: str


class TimelineReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer did, the newest first."""

    items: list[HappeningReply]
    next_cursor: str | None


def customer_reply(customer: Customer, *, currency: str) -> CustomerReply:
    """The whole customer."""
    return CustomerReply(
        id=customer.id,
        customer=customer.external_id,
        name=customer.name,
        email=customer.email,
        country=customer.country,
        attributes=customer.attributes,
        first_seen_at=customer.first_seen_at,
        last_seen_at=customer.last_seen_at,
        first_order_at=customer.first_order_at,
        last_order_at=customer.last_order_at,
        orders=customer.orders,
        revenue_micros=customer.revenue_micros,
        currency=currency,
        href=f"{HREF}{customer.id}",
    )


def happening_reply(one: Happening, *, currency: str) -> HappeningReply:
    """One line of the timeline."""
    return HappeningReply(
        kind=one.kind,
        happened_at=one.happened_at,
        value_micros=one.value_micros,
        currency=currency,
        order=one.order,
        channel=one.channel,
        campaign=one.campaign,
        name="" if one.kind == "touch" else one.name,
        properties=one.properties,
        source=one.source,
        external_id=one.external_id,
    )
