"""Storing what is told of customers: set-wise, each thing once, and the running numbers of whoever it is about in the same transaction.

Safe to run twice: (source, external_id) is the key of what happened, and equal values change nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.customers.telling import Told
from kit.ids import new_id

# One after the other in a workspace: numbers that are counted from events must see all of them.
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtext(current_schema() || '.customers'))")
_KEEP_CUSTOMERS = text(
    """
    INSERT INTO customers AS known (id, external_id, name, email, country, attributes)
    SELECT id, customer, name, email, country, attributes
    FROM json_to_recordset(cast(:rows AS json))
      AS given(id uuid, customer text, name text, email text, country text, attributes jsonb)
    ORDER BY customer
    ON CONFLICT (external_id) DO UPDATE SET
      name = coalesce(nullif(excluded.name, ''), known.name), email = coalesce(nullif(excluded.email, ''), known.email),
      country = coalesce(nullif(excluded.country, ''), known.country), attributes = known.attributes || excluded.attributes
      WHERE (coalesce(nullif(excluded.name, ''), known.name), coalesce(nullif(excluded.email, ''), known.email),
             coalesce(nullif(excluded.country, ''), known.country), known.attributes || excluded.attributes)
            IS DISTINCT FROM (known.name, known.email, known.country, known.attributes)
    RETURNING xmax = 0
    """
)
# Whoever an event was told of before, where it is now told of somebody else.
_MOVED = text(
    """
    SELECT DISTINCT events.customer_id
    FROM json_to_recordset(cast(:rows AS json)) AS given(external_id text, customer text)
    JOIN customer_events AS events ON events.source = :source AND events.external_id = given.external_id
    JOIN customers ON customers.id = events.customer_id AND customers.external_id <> given.customer
    """
)
_KEEP_EVENTS = text(
    """
    INSERT INTO customer_events AS known (customer_id, kind, happened_at, value_micros, order_ref, channel_id, campaign, name,
                                          properties, source, external_id)
    SELECT customers.id, given.kind, given.happened_at, given.value_micros, given.order_ref, channel_names.channel_id,
           given.campaign, given.name, given.properties, :source, given.external_id
    FROM json_to_recordset(cast(:rows AS json))
      AS given(customer text, kind text, happened_at timestamptz, value_micros bigint, order_ref text, channel text,
               campaign text, name text, properties jsonb, external_id text)
    JOIN customers ON customers.external_id = given.customer
    LEFT JOIN channel_names ON channel_names.source_name = given.channel AND given.channel <> ''
    ON CONFLICT (source, external_id) DO UPDATE SET
      customer_id = excluded.customer_id, kind = excluded.kind, happened_at = excluded.happened_at,
      value_micros = excluded.value_micros, order_ref = excluded.order_ref, channel_id = excluded.channel_id,
      campaign = excluded.campaign, name = excluded.name, properties = excluded.properties
      WHERE (excluded.customer_id, excluded.kind, excluded.happened_at, excluded.value_micros, excluded.order_ref,
             excluded.campaign, excluded.name, excluded.properties)
            IS DISTINCT FROM (known.customer_id, known.kind, known.happened_at, known.value_micros, known.order_ref,
                              known.campaign, known.name, known.properties)
    RETURNING customer_id, xmax = 0
    """
)
_COUNT_ANEW = text(
    """
    UPDATE customers SET orders = counted.orders, revenue_micros = counted.revenue_micros,
      first_order_at = counted.first_order_at, last_order_at = counted.last_order_at,
      first_seen_at = counted.first_seen_at, last_seen_at = counted.last_seen_at
    FROM (
      SELECT given.id, count(*) FILTER (WHERE kind = 'order') AS orders,
        coalesce(sum(value_micros) FILTER (WHERE kind = 'order'), 0)
          - coalesce(sum(value_micros) FILTER (WHERE kind = 'refund'), 0) AS revenue_micros,
        min(happened_at) FILTER (WHERE kind = 'order') AS first_order_at,
        max(happened_at) FILTER (WHERE kind = 'order') AS last_order_at,
        min(happened_at) AS first_seen_at, max(happened_at) AS last_seen_at
      FROM unnest(cast(:ids AS uuid[])) AS given(id) LEFT JOIN customer_events ON customer_events.customer_id = given.id
      GROUP BY given.id) AS counted
    WHERE customers.id = counted.id
    """
)


@dataclass(frozen=True)
class Taken:
    """How many customers were met for the first time, and how many things are new or told otherwise than before."""

    customers_new: int = 0
    customers_changed: int = 0
    events_new: int = 0
    events_changed: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.customers_new + other.customers_new,
            self.customers_changed + other.customers_changed,
            self.events_new + other.events_new,
            self.events_changed + other.events_changed,
        )


@dataclass(frozen=True)
class Contact:
    """Who a customer is; '' and {} where nothing was said, which leaves what is known."""

    customer: str
    name: str = ""
    email: str = ""
    country: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


def take_turns(session: Session) -> None:
    """Wait for whoever writes about customers of this workspace right now; theirs is the turn until the transaction ends."""
    session.execute(_TAKE_TURNS)


def keep_customers(session: Session, contacts: Sequence[Contact]) -> Taken:
    """Make customers known; what is newly said of a known one counts, what is left out stays. No customer may occur twice."""
    given = [
        {
            "id": new_id(),
            "customer": one.customer,
            "name": one.name,
            "email": one.email,
            "country": one.country,
            "attributes": dict(one.attributes),
        }
        for one in contacts
    ]
    rows = session.execute(_KEEP_CUSTOMERS, {"rows": _json(given)}).all()
    new = sum(1 for row in rows if row[0])
    return Taken(customers_new=new, customers_changed=len(rows) - new)


def take_events(session: Session, told: Sequence[Told], *, source: str) -> Taken:
    """Store what happened, whom it happened to, and what follows for their numbers. Channels' names must be known before, and no
    `external_id` may occur twice."""
    take_turns(session)
    people = keep_customers(session, _contacts(told))
    given = {"rows": _json([one._asdict() for one in told]), "source": source}
    moved = session.scalars(_MOVED, given).all()
    rows = session.execute(_KEEP_EVENTS, given).all()
    count_anew(session, {row[0] for row in rows}.union(moved))
    new = sum(1 for row in rows if row[1])
    return people + Taken(events_new=new, events_changed=len(rows) - new)


def count_anew(session: Session, customer_ids: set[UUID]) -> None:
    """Make the running numbers of some customers what their events say."""
    if customer_ids:
        session.execute(_COUNT_ANEW, {"ids": list(customer_ids)})


def _contacts(told: Sequence[Told]) -> list[Contact]:
    """Each customer once, with the last that was said of each part."""
    said: dict[str, list[str]] = {}
    for one in told:
        known = said.get(one.customer)
        if known is None:
            said[one.customer] = [one.customer_name, one.email, one.country]
        elif one.customer_name or one.email or one.country:
            parts = (one.customer_name, one.email, one.country)
            said[one.customer] = [new or old for new, old in zip(parts, known, strict=True)]
    return [Contact(customer, name, email, country) for customer, (name, email, country) in said.items()]


def _json(rows: object) -> str:
    return msgspec.json.encode(rows).decode()
