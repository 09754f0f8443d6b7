"""Offers in a marketer's words."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from app.offers.schemas import OfferReply, State
from app.predictions.customer_presenting import Work
from app.predictions.models import ModelVersion
from app.predictions.presenting import Offer as PlanOffer
from kit.format import MISSING, ago, count, money, percent, plural
from kit.web.forms import Form


@dataclass(frozen=True)
class OfferLine:
    """An offer in the list. `advice` is who should see it, `advice_href` the list of them."""

    id: str
    name: str
    description: str
    href: str
    is_made: bool
    margin: str
    cost: str
    shown: str
    taken: str
    acceptance: str
    acceptance_range: str
    advice: str
    advice_href: str


@dataclass(frozen=True)
class Learning:
    """What is known of who takes what: a sentence, how well it was tested, and what to keep in mind."""

    sentence: str
    tested: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class OffersPage:
    """The variables of offers/offers.html."""

    base: str
    here: str
    plan_offer: PlanOffer | None
    may_change: bool
    currency: str
    offers: tuple[OfferLine, ...]
    retired: tuple[OfferLine, ...]
    learning: Learning | None
    refusal: str
    work: Work | None
    form: Form


@dataclass(frozen=True)
class OfferPage:
    """The variables of offers/offer.html: one offer and the form to change it."""

    base: str
    here: str
    currency: str
    may_change: bool
    offer: OfferLine
    form: Form


def offer_line(offer: OfferReply, *, base: str, is_learnt: bool) -> OfferLine:
    """One offer; who should see it is not known before anything was learnt."""
    known = offer.acceptance is not None
    return OfferLine(
        id=str(offer.id),
        name=offer.name,
        description=offer.description,
        href=f"{base}/offers/{offer.id}",
        is_made=offer.state is State.ACTIVE,
        margin=money(offer.margin_micros, offer.currency),
        cost=money(offer.cost_micros, offer.currency) if offer.cost_micros else MISSING,
        shown=count(offer.shown),
        taken=count(offer.taken),
        acceptance=percent(offer.acceptance) if known else MISSING,
        acceptance_range=f"{percent(offer.acceptance_low)} to {percent(offer.acceptance_high)}" if known else "",
        advice=_advice(offer, is_learnt=is_learnt),
        advice_href=f"{base}/predictions/customers?{urlencode({'offer': offer.name, 'sort': 'gain'})}#customers"
        if offer.advised + offer.tried
        else "",
    )


def learning(row: ModelVersion, *, now: datetime) -> Learning:
    """The version that chooses next offers."""
    metrics = row.metrics
    tested = metrics["tested"]
    sentence = (
        f"Learnt {ago(row.created_at, now)} from {plural(metrics['occasions'], 'time', 'times')} that an offer was shown or held back, for "
        f"{plural(metrics['customers'], 'customer')}."
    )
    words = "Too little was shown of late to test it."
    if tested is not None:
        words = (
            f"Tested on the last fifth of them, which it had not seen: said and real shares of takers differ by {percent(tested['ece'])} on "
            "average."
        )
    return Learning(sentence, words, tuple(metrics["warnings"]))


def _advice(offer: OfferReply, *, is_learnt: bool) -> str:
    """Who should see it."""
    parts = []
    if offer.advised:
        parts.append(f"make it to {plural(offer.advised, 'customer')}")
    if offer.tried:
        parts.append(f"try it on one in five of {count(offer.tried)}")
    if not parts:
        if offer.state is State.RETIRED:
            return MISSING
        return "Nobody for now" if is_learnt else "Not known yet"
    words = " and ".join(parts)
    return words[0].upper() + words[1:]
