"""What was typed about an offer."""

from collections.abc import Mapping

from app.offers.models import Offer
from app.offers.schemas import OfferRequest
from kit.errors import FieldError, InvalidInput
from kit.format import plain_number
from kit.money import MICROS, to_micros

_LARGEST = 1e9


def offer_request(data: Mapping[str, str]) -> OfferRequest:
    """The offer of a form. Raises InvalidInput that names the field."""
    name = data.get("name", "").strip()
    if not name or len(name) > 80:
        raise _unreadable("Give it the name under which it is shown, of 80 letters at most.", "name")
    margin = _amount(data, "margin")
    if margin is None:
        raise _unreadable("Enter what a sale with the offer leaves you.", "margin")
    cost = _amount(data, "cost") or 0
    if cost < 0:
        raise _unreadable("Enter 0 or more.", "cost")
    return OfferRequest(
        name=name,
        margin_micros=margin,
        usual_margin_micros=_amount(data, "usual_margin"),
        cost_micros=cost,
        description=data.get("description", "").strip()[:500],
    )


def values_of(offer: Offer) -> dict[str, str]:
    """An offer as its form shows it."""
    return {
        "name": offer.name,
        "description": offer.description,
        "margin": plain_number(offer.margin_micros / MICROS),
        "usual_margin": "" if offer.usual_margin_micros is None else plain_number(offer.usual_margin_micros / MICROS),
        "cost": plain_number(offer.cost_micros / MICROS),
    }


def _amount(data: Mapping[str, str], field: str) -> int | None:
    typed = data.get(field, "").strip().replace("\u00a0", "").replace(" ", "")
    if not typed:
        return None
    try:
        value = float(typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed.replace(",", ""))
    except ValueError:
        raise _unreadable("Enter an amount such as 12 or 4.50.", field) from None
    if not -_LARGEST <= value <= _LARGEST:
        raise _unreadable("Enter an amount below 1,000,000,000.", field)
    return to_micros(value)


def _unreadable(message: str, field: str) -> InvalidInput:
    return InvalidInput("The offer cannot be read.", message, [FieldError(message, field)])
