"""Reading what is expected of customers: a page of them, one of them, how many should see which offer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, delete, func, or_, select
from sqlalchemy.orm import Session, aliased

from app.customers.models import Customer, CustomerEvent
from app.predictions.customer_models import CustomerPrediction
from app.predictions.customer_schemas import Act, Listing, Sort

_VALUE, _RISK, _OFFER = (aliased(CustomerPrediction, name=name) for name in ("value", "risk", "offer"))
_KINDS = ((_VALUE, "lifetime"), (_RISK, "churn"), (_OFFER, "offer"))
_LIKE = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


@dataclass(frozen=True)
class OutlookRow:
    """A customer with the newest number of each kind, in units of the workspace's currency; None where there is none."""

    customer_id: UUID
    external_id: str
    name: str
    orders: int
    last_order_at: datetime | None
    value: float | None
    value_low: float | None
    value_high: float | None
    risk: float | None
    offer: str | None
    act: str | None
    gain: float | None
    gain_low: float | None
    gain_high: float | None


def outlook(session: Session, listing: Listing, *, limit: int | None = None, offset: int = 0) -> list[OutlookRow]:
    """Customers of whom anything is expected; the most valuable, the most at risk, or those with the most to gain first."""
    statement = (
        _joined(
            select(
                Customer.id,
                Customer.external_id,
                Customer.name,
                Customer.orders,
                Customer.last_order_at,
                _VALUE.point,
                _VALUE.low,
                _VALUE.high,
                _RISK.point,
                _OFFER.choice,
                _OFFER.act,
                _OFFER.point,
                _OFFER.low,
                _OFFER.high,
            ),
            listing,
        )
        .order_by(_ORDERS[listing.sort].desc().nulls_last(), Customer.id)
        .limit(limit)
        .offset(offset)
    )
    return [OutlookRow(*row) for row in session.execute(statement)]


def outlook_count(session: Session, listing: Listing) -> int:
    """How many customers the filters leave."""
    return session.scalar(_joined(select(func.count(Customer.id)), listing)) or 0


def answer_of(session: Session, customer_id: UUID, *, kind: str) -> CustomerPrediction | None:
    """What is expected of one customer."""
    return session.get(CustomerPrediction, (customer_id, kind))


def advised(session: Session) -> dict[tuple[str, str], int]:
    """How many customers should see which offer, by (offer's name, act)."""
    rows = session.execute(
        select(CustomerPrediction.choice, CustomerPrediction.act, func.count())
        .where(CustomerPrediction.kind == "offer")
        .group_by(CustomerPrediction.choice, CustomerPrediction.act)
    )
    return {(choice, act): number for choice, act, number in rows}


def forget_offer(session: Session, name: str) -> None:
    """Nobody is advised this offer any more."""
    session.execute(
        delete(CustomerPrediction).where(CustomerPrediction.kind == "offer", CustomerPrediction.choice == name)
    )


def orders_of(session: Session, customer_id: UUID, *, before: datetime) -> list[tuple[UUID, datetime, int]]:
    """One customer's orders before an instant, net of their refunds until then."""
    events = session.execute(
        select(CustomerEvent.kind, CustomerEvent.order_ref, CustomerEvent.happened_at, CustomerEvent.value_micros)
        .where(
            CustomerEvent.customer_id == customer_id,
            CustomerEvent.kind.in_(("order", "refund")),
            CustomerEvent.happened_at < before,
        )
        .order_by(CustomerEvent.happened_at, CustomerEvent.number)
    ).all()
    back: dict[str, int] = {}
    for kind, ref, _, micros in events:
        if kind == "refund":
            back[ref] = back.get(ref, 0) + (micros or 0)
    return [
        (customer_id, when, max((micros or 0) - back.pop(ref, 0), 0))
        for kind, ref, when, micros in events
        if kind == "order"
    ]


_ORDERS = {Sort.VALUE: _VALUE.point, Sort.RISK: _RISK.point, Sort.GAIN: _OFFER.point}


def _joined(statement: Select, listing: Listing) -> Select:  # type: ignore[type-arg]  # whatever was selected
    joined = statement.select_from(Customer)
    for entity, kind in _KINDS:
        joined = joined.outerjoin(entity, (entity.customer_id == Customer.id) & (entity.kind == kind))
    return joined.where(*_wanted(listing))


def _wanted(listing: Listing) -> Sequence[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        or_(_VALUE.customer_id.is_not(None), _RISK.customer_id.is_not(None), _OFFER.customer_id.is_not(None))
    ]
    if listing.act is Act.NONE:
        wanted.append(func.coalesce(_OFFER.act, Act.NONE.value) == Act.NONE.value)
    elif listing.act is not None:
        wanted.append(_OFFER.act == listing.act.value)
    if listing.offer:
        wanted.append(_OFFER.choice == listing.offer)
    if listing.q:
        like = f"%{listing.q.translate(_LIKE)}%"
        wanted.append(or_(*(column.ilike(like) for column in (Customer.name, Customer.external_id, Customer.email))))
    return wanted
