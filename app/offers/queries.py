"""Reading offers, and how often each was shown and taken."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.customers.models import CustomerEvent
from app.offers.models import Offer
from kit.errors import NotFound


def offer_by_id(session: Session, offer_id: UUID) -> Offer:
    """An offer of the workspace."""
    found = session.get(Offer, offer_id)
    if found is None:
        raise NotFound("There is no such offer.", "Choose one from the list of offers.")
    return found


def all_offers(session: Session) -> Sequence[Offer]:
    """Those that are made by name, then those that were retired."""
    return session.scalars(select(Offer).order_by(Offer.state, func.lower(Offer.name), Offer.created_at)).all()


def active_offers(session: Session) -> Sequence[Offer]:
    """Those that are made."""
    return session.scalars(select(Offer).where(Offer.state == "active").order_by(Offer.name)).all()


def active_named(session: Session, name: str) -> Offer | None:
    """The offer that is made under this name."""
    return session.scalar(select(Offer).where(Offer.name == name, Offer.state == "active"))


def showings(session: Session) -> dict[str, tuple[int, int]]:
    """(shown, taken) by the offer's name, ever."""
    shown, taken = (func.count().filter(CustomerEvent.kind == kind) for kind in ("offer_shown", "offer_taken"))
    rows = session.execute(
        select(CustomerEvent.name, shown, taken)
        .where(CustomerEvent.kind.in_(("offer_shown", "offer_taken")))
        .group_by(CustomerEvent.name)
    )
    return {name: (number, answers) for name, number, answers in rows}
