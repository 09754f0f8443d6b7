"""What predictions and paths learn from: customers' orders, refunds, touches and offers as plain columns, never as objects.

Money is micros of the workspace's currency. `since` is included, `until` is not. Lists for pages are in `listing`.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, bindparam, func, select, text
from sqlalchemy.orm import Session

from app.campaigns.models import Channel, ChannelName
from app.customers.models import Customer, CustomerEvent
from kit.errors import NotFound

# A refund names its order. Where a customer has two orders of one number, it is taken from the first of them.
_PURCHASES = text(
    """
    SELECT bought.customer_id, bought.happened_at, greatest(bought.value_micros - coalesce(refunded, 0), 0)::bigint
    FROM (
      SELECT customer_id, order_ref, happened_at, value_micros, number,
             row_number() OVER (PARTITION BY customer_id, order_ref ORDER BY happened_at, number) AS place
      FROM customer_events WHERE kind = 'order' AND happened_at < coalesce(:until, 'infinity')) AS bought
    LEFT JOIN (
      SELECT customer_id, order_ref, sum(value_micros) AS refunded FROM customer_events
      WHERE kind = 'refund' AND happened_at < coalesce(:until, 'infinity') GROUP BY customer_id, order_ref) AS returned
      ON returned.customer_id = bought.customer_id AND returned.order_ref = bought.order_ref AND bought.place = 1
    ORDER BY bought.customer_id, bought.happened_at, bought.number
    """
).bindparams(bindparam("until", type_=DateTime(timezone=True)))


def purchases(session: Session, until: datetime | None = None) -> list[tuple[UUID, datetime, int]]:
    """(customer, when, value net of refunds) of each order before `until`, by customer and time.

    Refunds from `until` on are not known yet and change nothing. An order that was refunded in full is worth 0 and stays.
    """
    return [tuple(row) for row in session.execute(_PURCHASES, {"until": until})]


def touches(session: Session, since: datetime, until: datetime) -> list[tuple[UUID, datetime, str]]:
    """(customer, when, channel's name) of each touch, by customer and time; the channel is the one that its spelling means today."""
    rows = session.execute(
        select(CustomerEvent.customer_id, CustomerEvent.happened_at, Channel.name)
        .outerjoin(ChannelName, ChannelName.source_name == CustomerEvent.name)
        .join(Channel, Channel.id == func.coalesce(ChannelName.channel_id, CustomerEvent.channel_id))
        .where(CustomerEvent.kind == "touch", CustomerEvent.happened_at >= since, CustomerEvent.happened_at < until)
        .order_by(CustomerEvent.customer_id, CustomerEvent.happened_at, CustomerEvent.number)
    )
    return [(customer, when, channel) for customer, when, channel in rows]


def orders(session: Session, since: datetime, until: datetime) -> list[tuple[UUID, datetime, int, str]]:
    """(customer, when, value before refunds, order's number) of each order, by customer and time."""
    rows = session.execute(
        select(
            CustomerEvent.customer_id, CustomerEvent.happened_at, CustomerEvent.value_micros, CustomerEvent.order_ref
        )
        .where(CustomerEvent.kind == "order", CustomerEvent.happened_at >= since, CustomerEvent.happened_at < until)
        .order_by(CustomerEvent.customer_id, CustomerEvent.happened_at, CustomerEvent.number)
    )
    return [(customer, when, value or 0, ref) for customer, when, value, ref in rows]


def refunds(session: Session, since: datetime, until: datetime) -> list[tuple[str, int]]:
    """(order's number, value above 0) of each refund that happened then."""
    rows = session.execute(
        select(CustomerEvent.order_ref, CustomerEvent.value_micros)
        .where(CustomerEvent.kind == "refund", CustomerEvent.happened_at >= since, CustomerEvent.happened_at < until)
        .order_by(CustomerEvent.happened_at, CustomerEvent.number)
    )
    return [(ref, value or 0) for ref, value in rows]


def offer_events(session: Session) -> list[tuple[UUID, datetime, str, str]]:
    """(customer, when, `offer_shown` or `offer_taken`, offer's name), by customer and time."""
    rows = session.execute(
        select(CustomerEvent.customer_id, CustomerEvent.happened_at, CustomerEvent.kind, CustomerEvent.name)
        .where(CustomerEvent.kind.in_(("offer_shown", "offer_taken")))
        .order_by(CustomerEvent.customer_id, CustomerEvent.happened_at, CustomerEvent.number)
    )
    return [(customer, when, kind, offer) for customer, when, kind, offer in rows]


def customer_count(session: Session) -> int:
    """How many customers are known."""
    return session.scalar(select(func.count()).select_from(Customer)) or 0


def customer_by_id(session: Session, customer_id: UUID) -> Customer:
    """A customer of the workspace."""
    found = session.get(Customer, customer_id)
    if found is None:
        raise NotFound("There is no such customer.", "Choose one from the list of customers.")
    return found


def customer_named(session: Session, external_id: str) -> Customer | None:
    """The customer whom the business knows under this number or name."""
    return session.scalar(select(Customer).where(Customer.external_id == external_id))
