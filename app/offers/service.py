"""Adding, changing and retiring offers; each change has the choice of next offers worked out anew."""

from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.offers.errors import NameTaken
from app.offers.models import Offer
from app.offers.occasions import NO_OFFER_NAMES, acceptance
from app.offers.queries import active_named, all_offers, offer_by_id, showings
from app.offers.schemas import OfferReply, OfferRequest, State
from app.predictions.customer_queries import advised, forget_offer
from app.predictions.jobs import TrainOffers
from kit.errors import Conflict, FieldError, InvalidInput
from kit.jobs import enqueue
from tenants.workspaces.principal import WorkspaceRef


def add_offer(session: Session, asked: OfferRequest, *, workspace: WorkspaceRef) -> Offer:
    """A new offer. Raises NameTaken and InvalidInput."""
    offer = Offer(**_checked(session, asked, but=None))
    session.add(offer)
    session.flush()
    learn_anew(session, workspace=workspace)
    return offer


def change_offer(session: Session, offer_id: UUID, asked: OfferRequest, *, workspace: WorkspaceRef) -> Offer:
    """Name, margins or costs. What was shown under another name belongs to that name. Raises NotFound, Conflict, InvalidInput."""
    offer = _still_made(session, offer_id)
    if asked.name.strip() != offer.name:
        forget_offer(session, offer.name)
    for field, value in _checked(session, asked, but=offer).items():
        setattr(offer, field, value)
    session.flush()
    learn_anew(session, workspace=workspace)
    return offer


def retire_offer(session: Session, offer_id: UUID, *, workspace: WorkspaceRef) -> Offer:
    """It is advised no more; what it taught stays. Retiring it twice changes nothing."""
    offer = offer_by_id(session, offer_id)
    if offer.state == State.ACTIVE:
        offer.state = State.RETIRED.value
        forget_offer(session, offer.name)
        session.flush()
        learn_anew(session, workspace=workspace)
    return offer


def learn_anew(session: Session, *, workspace: WorkspaceRef) -> UUID:
    """Have everybody's next offer worked out; answers the job."""
    item = TrainOffers(currency=workspace.currency, timezone=workspace.timezone)
    return enqueue(session, item, dedupe_key="offers.train")


def told_offers(session: Session, *, currency: str) -> list[OfferReply]:
    """All offers with what came of them and who should see them."""
    known, advice = showings(session), advised(session)
    return [_told(offer, known, advice, currency) for offer in all_offers(session)]


def told_offer(session: Session, offer_id: UUID, *, currency: str) -> OfferReply:
    """One of them. Raises NotFound."""
    return _told(offer_by_id(session, offer_id), showings(session), advised(session), currency)


def _told(
    offer: Offer, known: dict[str, tuple[int, int]], advice: dict[tuple[str, str], int], currency: str
) -> OfferReply:
    shown, taken = known.get(offer.name, (0, 0))
    rate = acceptance(shown, taken)
    is_made = offer.state == State.ACTIVE
    return OfferReply(
        id=offer.id,
        name=offer.name,
        description=offer.description,
        margin_micros=offer.margin_micros,
        usual_margin_micros=offer.usual_margin_micros,
        cost_micros=offer.cost_micros,
        currency=currency,
        state=State(offer.state),
        shown=shown,
        taken=taken,
        acceptance=rate[0] if rate else None,
        acceptance_low=rate[1] if rate else None,
        acceptance_high=rate[2] if rate else None,
        advised=advice.get((offer.name, "offer"), 0) if is_made else 0,
        tried=advice.get((offer.name, "test"), 0) if is_made else 0,
        created_at=offer.created_at,
    )


def _still_made(session: Session, offer_id: UUID) -> Offer:
    offer = offer_by_id(session, offer_id)
    if offer.state != State.ACTIVE:
        raise Conflict("This offer is retired.", "Add it again under its name to make it once more.")
    return offer


def _checked(session: Session, asked: OfferRequest, *, but: Offer | None) -> dict[str, object]:
    """The columns of what was asked for. Raises where the name is empty or taken."""
    name = " ".join(asked.name.split())
    if not name:
        raise _bad_name("Give it the name under which it is shown.")
    if name.lower() in NO_OFFER_NAMES:
        raise _bad_name(f"“{name}” stands for customers who are shown no offer. Choose another name.")
    other = active_named(session, name)
    if other is not None and other is not but:
        raise NameTaken(name)
    return msgspec.structs.asdict(asked) | {"name": name, "description": asked.description.strip()}


def _bad_name(message: str) -> InvalidInput:
    return InvalidInput("The offer needs a name of its own.", message, [FieldError(message, "name")])
