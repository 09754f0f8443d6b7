"""Learning who takes which offer, and choosing each customer's next one: by what it gains over making none."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from app.customers.queries import offer_events
from app.customers.queries import purchases as orders_of_all
from app.offers.models import Offer
from app.offers.occasions import FEATURES, Habits, Occasion, occasions
from app.offers.queries import active_offers
from app.predictions.customer_history import KnownCustomers, day_begins, known_customers, reference
from app.predictions.customer_learning import FORMAT, SEED, Answers, Learnt
from app.predictions.customer_training import Setting, attempt
from app.predictions.errors import PredictionRefused
from app.predictions.queries import active_model
from app.predictions.registry import Candidate, Trained
from app.predictions.schemas import ModelKind
from kit.clock import utc_now
from kit.money import MICROS
from ml.predict.lifetime.document import plain_json
from ml.predict.offers import Offer as MlOffer
from ml.predict.offers import OfferAdvice, next_best_offers, offer_history

Progress = Callable[[float, str], None]
NO_OFFERS = "There is no offer to choose from. Add one on the page of offers."


def train_offers(session: Session, setting: Setting, *, progress: Progress) -> Trained:
    """Everybody's next offer. No offers, or too little that was shown, is an outcome with its reason and not a failure."""
    progress(0.05, "Reading what was shown and taken")
    offers = active_offers(session)
    if not offers:
        return Trained(None, "refused", NO_OFFERS)
    try:
        known = known_customers(session, today=setting.today, timezone=setting.timezone)
    except PredictionRefused as refusal:
        return Trained(None, "refused", str(refusal))
    now = day_begins(known.next_day, setting.timezone)
    orders = orders_of_all(session, until=now)
    seen = occasions(offer_events(session), orders, now=utc_now())
    progress(0.3, "Learning who takes which offer")
    return attempt(
        session,
        setting,
        known,
        lambda: learn_offers(known, offers, seen, Habits(orders), now=now),
        because=_changed(session, offers),
    )


def _changed(session: Session, offers: Sequence[Offer]) -> str:
    """Why the version that runs answers another question than today's, if it does."""
    running = active_model(session, kind=ModelKind.OFFERS)
    return "Your offers have changed." if running is not None and running.document["offers"] != _offers(offers) else ""


def learn_offers(
    known: KnownCustomers, offers: Sequence[Offer], seen: Sequence[Occasion], habits: Habits, *, now: datetime
) -> Learnt:
    """The choice for every customer who ever ordered. Raises MlError where too little was shown, taken or turned down."""
    history = offer_history(
        [one.offer for one in seen],
        [float(one.is_taken) for one in seen],
        np.array([habits.at(one.customer_id, one.at) for one in seen], float).reshape(-1, len(FEATURES)),
    )
    ids = [UUID(one) for one in known.purchases.ids.tolist()]
    advice = next_best_offers(
        history,
        [_as_numbers(offer) for offer in offers],
        known.purchases.ids,
        np.array([habits.at(one, now) for one in ids], float),
        seed=SEED,
    )
    new = Candidate(
        kind=ModelKind.OFFERS,
        document={"format": FORMAT, "reference": reference(known), "offers": _offers(offers)},
        features=FEATURES,
        metrics=_metrics(advice, seen),
        since=known.since,
        until=known.as_of,
    )
    return Learnt(new, _answers(advice, ids))


def _as_numbers(offer: Offer) -> MlOffer:
    usual = offer.usual_margin_micros
    return MlOffer(
        offer.name,
        offer.margin_micros / MICROS,
        offer.cost_micros / MICROS,
        None if usual is None else usual / MICROS,
    )


def _offers(offers: Sequence[Offer]) -> list[dict[str, Any]]:
    return [
        {
            "name": offer.name,
            "margin_micros": offer.margin_micros,
            "usual_margin_micros": offer.usual_margin_micros,
            "cost_micros": offer.cost_micros,
        }
        for offer in offers
    ]


def _answers(advice: OfferAdvice, ids: list[UUID]) -> Answers:
    """The gain of the chosen offer; where none is chosen, 0."""
    is_made = advice.action != "none"
    column = np.array([advice.offers.index(name) if name in advice.offers else 0 for name in advice.best.tolist()])
    rows = np.arange(len(ids))
    point, low, high = (np.where(is_made, part[rows, column], 0.0) for part in (advice.value, advice.low, advice.high))
    return Answers(
        ids=tuple(ids),
        point=point,
        low=np.minimum(low, point),
        high=np.maximum(high, point),
        choice=np.where(is_made, advice.best, ""),
        act=advice.action,
    )


def _metrics(advice: OfferAdvice, seen: Sequence[Occasion]) -> dict[str, Any]:
    tested = advice.tested
    return {
        "error": None if tested is None or not tested.brier_base else tested.brier / tested.brier_base,
        "method": advice.model,
        "occasions": len(seen),
        "customers": len(advice.ids),
        "has_control": advice.has_control,
        "tested": None if tested is None else plain_json(tested),
        "warnings": list(advice.warnings),
    }
