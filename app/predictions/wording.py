"""Predictions in plain words. No number without its range, no record without saying how thin it is."""

from datetime import date
from decimal import Decimal

from app.predictions.models import Prediction
from app.predictions.schemas import Kind, TrackRecord
from kit.format import amount, count, day_range, money, money_range, multiple, percent, plural
from kit.money import MICROS

NAMES = {
    Kind.FORECAST_REVENUE: "Revenue forecasts",
    Kind.BUDGET_MOVE: "Budget plans",
    Kind.CAMPAIGN_CONVERSIONS: "Conversions of campaigns",
    Kind.CAMPAIGN_ROAS: "ROAS of campaigns",
    Kind.CUSTOMER_VALUE: "What known customers bring",
    Kind.CUSTOMERS_LOST: "Customers who stop buying",
}
METHOD_WORDS = {
    "carried": "Last 28 days carried forward",
    "carried_rate": "Last 28 days' return",
    "shrunk": "Own and similar campaigns' return",
    "adjusted": "Own and similar campaigns' return, with trend and season",
    "boosted": "Learnt from own and similar campaigns",
}
_VERDICTS = {
    "as_promised": "That is what was promised.",
    "too_narrow": "The ranges are too narrow: expect more surprises than they say.",
    "too_wide": "The ranges are wider than they need to be.",
    "unclear": "That is not what was promised, yet so little may still be chance.",
    "too_few": "",
}


def value_in_words(value: Decimal | float, unit: str, currency: str | None) -> str:
    """A prediction or an outcome with its unit."""
    number = float(value)
    if unit == "micros":
        return amount(number / MICROS, currency or "USD")
    return multiple(number) if unit == "ratio" else (count(number) if number >= 10 else f"{number:.1f}")


def range_of(prediction: Prediction) -> str:
    """A prediction's range (`12 to 31`)."""
    unit, currency = prediction.unit, prediction.currency
    return f"{value_in_words(prediction.low, unit, currency)} to {value_in_words(prediction.high, unit, currency)}"


def campaign_sentence(prediction: Prediction, currency: str) -> str:
    """What a campaign is expected to bring, with range, days and the spend that it rests on."""
    assumed = prediction.assumed or {}
    number = value_in_words(prediction.point, prediction.unit, None)
    what = f"{number} conversions" if prediction.unit == "count" else f"a ROAS of {number}"
    spend = money(assumed["spend_micros"], currency)
    rests_on = (
        f"if {spend} is spent as planned"
        if assumed["is_planned"]
        else f"if it goes on as it did, at about {spend} in all"
    )
    return (
        f"About {what} from {day_range(prediction.since, prediction.until)} ({percent(float(prediction.level), digits=0)} range"
        f" {range_of(prediction)}), {rests_on}."
    )


def value_sentence(
    value: tuple[float, float, float], *, customers: int, since: date, until: date, grade: str, currency: str
) -> str:
    """What one customer, or all, are expected to bring (point, low, high in currency units); no point where it cannot be told."""
    point, low, high = value
    who = "This customer" if customers == 1 else f"Your {count(customers)} known customers"
    verb = "is" if customers == 1 else "are"
    middle = None if grade == "cannot_tell" else point
    return f"{who} {verb} expected to bring {money_range(middle, low, high, currency, level=80)} from {day_range(since, until)}."


def days_of(since: date, until: date) -> int:
    """How many days, both ends included."""
    return (until - since).days + 1


def record_sentence(found: TrackRecord) -> str:
    """The record in one or two sentences."""
    if found.share_inside is None:
        return _too_few(found)
    held = f"{found.inside} of {plural(found.scored, 'outcome')} ({percent(found.share_inside, digits=0)})"
    promised = percent(found.level, digits=0)
    sentence = f"{held} lay within the range, where {promised} was promised. {_VERDICTS[found.verdict]}"
    if found.median_error is not None:
        sentence += f" Half of them were within {percent(found.median_error, digits=0)} of the prediction."
    if found.periods < 3:
        sentence += (
            f" All of that is from {plural(found.periods, 'stretch', 'stretches')} of days, so take it with care."
        )
    return sentence


def _too_few(found: TrackRecord) -> str:
    if not found.scored and not found.waiting:
        return "Nothing has been predicted yet."
    waits = (
        f"{plural(found.waiting, 'prediction')} still {'waits' if found.waiting == 1 else 'wait'} for its days to pass"
    )
    if not found.scored:
        return f"Too few to tell: {waits.replace('its', 'their') if found.waiting != 1 else waits}."
    return f"Too few to tell: {found.inside} of {plural(found.scored, 'outcome')} within the range so far; from {found.enough} on there is a verdict."
