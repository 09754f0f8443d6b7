"""The list of customers and one customer's course: filters, order, pages that stay right while others write."""

import base64
import binascii
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import Select, SQLColumnExpression, and_, func, or_, select, tuple_
from sqlalchemy.orm import Session

from app.campaigns.models import Channel, ChannelName
from app.customers.models import Customer, CustomerEvent
from kit.errors import FieldError, InvalidInput
from kit.money import MICROS

DEFAULT_SORT = "-last_order"
PAGE_SIZE = 50
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_SORTS: dict[str, SQLColumnExpression[Any]] = {
    "name": func.lower(func.coalesce(func.nullif(Customer.name, ""), Customer.external_id)),
    "last_order": func.coalesce(Customer.last_order_at, _NEVER),
    "first_order": func.coalesce(Customer.first_order_at, _NEVER),
    "orders": Customer.orders,
    "revenue": Customer.revenue_micros,
}
SORTS = tuple(_SORTS)


@dataclass(frozen=True)
class Asked:
    """Filters and order. Days are days of the workspace; `revenue_from` is in units of its currency."""

    q: str = ""
    country: str = ""
    orders_from: int | None = None
    revenue_from: float | None = None
    last_order_from: date | None = None
    last_order_to: date | None = None
    sort: str = DEFAULT_SORT

    @property
    def sort_key(self) -> str:
        """The column that it is sorted by."""
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        """From the top down."""
        return self.sort.startswith("-")

    def parameters(self) -> dict[str, str]:
        """As an address says it, without what is usual."""
        said = {
            "q": self.q,
            "country": self.country,
            "orders_from": _said(self.orders_from),
            "revenue_from": _said(self.revenue_from),
            "last_order_from": self.last_order_from.isoformat() if self.last_order_from else "",
            "last_order_to": self.last_order_to.isoformat() if self.last_order_to else "",
            "sort": self.sort if self.sort != DEFAULT_SORT else "",
        }
        return {name: value for name, value in said.items() if value}

    @property
    def is_filtered(self) -> bool:
        """True where somebody is left out by choice."""
        return any(name != "sort" for name in self.parameters())


@dataclass(frozen=True)
class Standing:
    """All customers in numbers."""

    customers: int
    buyers: int
    repeat_buyers: int
    revenue_micros: int


class Happening(NamedTuple):
    """One thing that a customer did, with the channel's name of today."""

    number: int
    kind: str
    happened_at: datetime
    value_micros: int | None
    order: str
    channel: str
    campaign: str
    name: str
    properties: dict[str, Any]
    source: str
    external_id: str


def customers_of(
    session: Session,
    asked: Asked,
    *,
    timezone: str,
    limit: int,
    cursor: str | None = None,
    offset: int = 0,
) -> tuple[Sequence[Customer], str | None]:
    """A page of customers, and the cursor of the next one."""
    statement = _ordered(_filtered(select(Customer), asked, timezone), asked)
    if cursor:
        statement = _after(statement, asked, cursor)
    found = session.scalars(statement.offset(offset).limit(limit + 1)).all()
    if len(found) <= limit:
        return found, None
    page = found[:limit]
    return page, _cursor(asked.sort, _sort_value(page[-1], asked), str(page[-1].id))


def count_of(session: Session, asked: Asked, *, timezone: str) -> int:
    """How many customers the filters leave."""
    statement = _filtered(select(func.count()).select_from(Customer), asked, timezone)
    return session.scalar(statement) or 0


def each_customer(session: Session, asked: Asked, *, timezone: str) -> Iterator[Customer]:
    """All that the filters leave, streamed."""
    statement = _ordered(_filtered(select(Customer), asked, timezone), asked)
    for part in session.scalars(statement.execution_options(yield_per=2_000)).partitions():
        yield from part
        session.expunge_all()


def standing(session: Session) -> Standing:
    """All customers in numbers."""
    row = session.execute(
        select(
            func.count(),
            func.count().filter(Customer.orders > 0),
            func.count().filter(Customer.orders > 1),
            func.coalesce(func.sum(Customer.revenue_micros), 0),
        )
    ).one()
    return Standing(row[0], row[1], row[2], int(row[3]))


def countries(session: Session, *, limit: int = 300) -> list[str]:
    """The countries that customers are from."""
    named = select(Customer.country).where(Customer.country != "").distinct().order_by(Customer.country).limit(limit)
    return list(session.scalars(named))


def timeline(
    session: Session, customer_id: UUID, *, limit: int, cursor: str | None = None
) -> tuple[list[Happening], str | None]:
    """What a customer did, the newest first, and the cursor of what was before."""
    statement = (
        select(
            CustomerEvent.number,
            CustomerEvent.kind,
            CustomerEvent.happened_at,
            CustomerEvent.value_micros,
            CustomerEvent.order_ref,
            func.coalesce(Channel.name, ""),
            CustomerEvent.campaign,
            CustomerEvent.name,
            CustomerEvent.properties,
            CustomerEvent.source,
            CustomerEvent.external_id,
        )
        .outerjoin(ChannelName, and_(CustomerEvent.kind == "touch", ChannelName.source_name == CustomerEvent.name))
        .outerjoin(Channel, Channel.id == func.coalesce(ChannelName.channel_id, CustomerEvent.channel_id))
        .where(CustomerEvent.customer_id == customer_id)
        .order_by(CustomerEvent.happened_at.desc(), CustomerEvent.number.desc())
        .limit(limit + 1)
    )
    if cursor:
        at, number = _read_cursor(cursor, "timeline", (datetime, int))
        statement = statement.where(tuple_(CustomerEvent.happened_at, CustomerEvent.number) < tuple_(at, number))
    found = [Happening(*row) for row in session.execute(statement)]
    if len(found) <= limit:
        return found, None
    last = found[limit - 1]
    return found[:limit], _cursor("timeline", last.happened_at, last.number)


def _filtered(statement: Select[Any], asked: Asked, timezone: str) -> Select[Any]:
    if asked.q:
        like = f"%{asked.q.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        named = (Customer.name, Customer.external_id, Customer.email)
        statement = statement.where(or_(*(column.ilike(like, escape="!") for column in named)))
    if asked.country:
        statement = statement.where(Customer.country == asked.country)
    if asked.orders_from is not None:
        statement = statement.where(Customer.orders >= asked.orders_from)
    if asked.revenue_from is not None:
        statement = statement.where(Customer.revenue_micros >= round(asked.revenue_from * MICROS))
    zone = ZoneInfo(timezone)
    if asked.last_order_from is not None:
        statement = statement.where(Customer.last_order_at >= _midnight(asked.last_order_from, zone))
    if asked.last_order_to is not None:
        statement = statement.where(Customer.last_order_at < _midnight(asked.last_order_to + timedelta(days=1), zone))
    return statement


def _ordered(statement: Select[Any], asked: Asked) -> Select[Any]:
    expression = _SORTS[asked.sort_key]
    if asked.descending:
        return statement.order_by(expression.desc(), Customer.id.desc())
    return statement.order_by(expression.asc(), Customer.id.asc())


def _after(statement: Select[Any], asked: Asked, cursor: str) -> Select[Any]:
    kinds = {"name": str, "last_order": datetime, "first_order": datetime}
    value, customer_id = _read_cursor(cursor, asked.sort, (kinds.get(asked.sort_key, int), UUID))
    place, here = tuple_(_SORTS[asked.sort_key], Customer.id), tuple_(value, customer_id)
    return statement.where(place < here if asked.descending else place > here)


def _sort_value(customer: Customer, asked: Asked) -> Any:  # Any: what the column holds
    values = {
        "name": (customer.name or customer.external_id).lower(),
        "last_order": customer.last_order_at or _NEVER,
        "first_order": customer.first_order_at or _NEVER,
        "orders": customer.orders,
        "revenue": customer.revenue_micros,
    }
    return values[asked.sort_key]


def _cursor(*parts: object) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(parts)).decode().rstrip("=")


def _read_cursor(cursor: str, about: str, kinds: tuple[Any, Any]) -> tuple[Any, Any]:  # Any: types of the two parts
    """The two parts of one of our cursors. Raises InvalidInput for any other text, and for the cursor of another order."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        said, *parts = msgspec.json.decode(text, type=list[Any])
        first, second = (msgspec.convert(part, kind) for part, kind in zip(parts, kinds, strict=True))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        said, first, second = "", None, None
    if said != about:
        raise InvalidInput(
            "This cursor is none of ours.",
            "Take `next_cursor` from the page before with the same `sort`, or leave it out.",
            [FieldError("is unknown", "cursor", value=cursor[:200])],
        )
    return first, second


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _said(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
