"""What is told of a customer, before it is stored: one thing that happened, checked by the same rules whether a file or a program says it."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from app.customers.converting import Converter
from kit.errors import FieldError

KINDS = ("order", "refund", "touch", "offer_shown", "offer_taken", "event")
WITH_VALUE = ("order", "refund")
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
MOST_MICROS = 100_000_000_000 * 1_000_000
MOST_LETTERS = 200
MOST_PROPERTIES = 30
_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s.,;<>\"]{2,}")
_COUNTRY = re.compile(r"[^\W\d_][^\d_]{1,59}")
_NEEDS_NAME = {
    "offer_shown": "the offer that was shown",
    "offer_taken": "the offer that was taken",
    "event": "what happened",
}


class Told(NamedTuple):
    """One thing that happened, ready to be stored; texts are '' where nothing was said."""

    customer: str
    kind: str
    happened_at: datetime
    value_micros: int | None
    order_ref: str
    channel: str
    campaign: str
    name: str
    properties: Mapping[str, Any]
    external_id: str
    customer_name: str
    email: str
    country: str


class Given(NamedTuple):
    """The same as somebody said it: `happened_at` is read, the rest is to be checked."""

    customer: str
    kind: str
    happened_at: datetime
    value_micros: int | None = None
    currency: str = ""
    order: str = ""
    channel: str = ""
    campaign: str = ""
    name: str = ""
    properties: Mapping[str, Any] = {}
    external_id: str = ""
    customer_name: str = ""
    email: str = ""
    country: str = ""


@dataclass(frozen=True)
class Rules:
    """What checking needs to know: the latest moment that can have happened, the zone that days are of, and the rates."""

    latest: datetime
    zone: ZoneInfo
    converter: Converter

    @classmethod
    def at(cls, now: datetime, timezone: str, converter: Converter) -> "Rules":
        """The rules of this moment; a day is left for clocks that go fast."""
        return cls(now + timedelta(days=1), ZoneInfo(timezone), converter)


def checked(given: Given, rules: Rules) -> Told | list[FieldError]:
    """What is stored, or everything that is wrong with it."""
    problems = [*_about_customer(given), *_about_time(given, rules), *_about_texts(given)]
    value, complaint = _value(given, rules)
    problems += complaint
    if problems:
        return problems
    order_ref = given.order or (given.external_id if given.kind == "order" else "")
    return Told(
        customer=given.customer,
        kind=given.kind,
        happened_at=given.happened_at,
        value_micros=value,
        order_ref=order_ref,
        channel=given.channel if given.kind == "touch" else "",
        campaign=given.campaign,
        name=given.channel if given.kind == "touch" else given.name,
        properties=given.properties,
        external_id=given.external_id or identity_of(given),
        customer_name=given.customer_name,
        email=given.email,
        country=given.country,
    )


def identity_of(given: Given) -> str:
    """The key of what was told without one: an order by its number, anything else by all that was said of it."""
    if given.kind == "order" and given.order:
        return f"order:{given.order}"
    said = (
        given.customer,
        given.kind,
        given.happened_at.astimezone(UTC).isoformat(),
        str(given.value_micros),
        given.currency,
        given.order,
        given.channel,
        given.campaign,
        given.name,
    )
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:40]


def contact_problems(*, customer: str, name: str, email: str, country: str) -> list[FieldError]:
    """What is wrong with who somebody is. Messages do not repeat what may be personal."""
    problems = []
    if not customer:
        problems.append(FieldError("The customer is missing. Say by which number or name you know them.", "customer"))
    elif len(customer) > MOST_LETTERS or not customer.isprintable():
        problems.append(FieldError(f"The customer must have 1 to {MOST_LETTERS} readable letters.", "customer"))
    if len(name) > MOST_LETTERS or not name.isprintable():
        problems.append(FieldError(f"The name must have {MOST_LETTERS} readable letters at most.", "customer_name"))
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        problems.append(FieldError("This is no e-mail address. Correct it, or leave it out.", "email"))
    if country and not _COUNTRY.fullmatch(country):
        problems.append(FieldError("This is no country. Write its code or its name, such as DE or Germany.", "country"))
    return problems


def _about_customer(given: Given) -> list[FieldError]:
    return contact_problems(customer=given.customer, name=given.customer_name, email=given.email, country=given.country)


def _about_time(given: Given, rules: Rules) -> list[FieldError]:
    if given.happened_at > rules.latest:
        return [FieldError("This moment lies in the future. Tell what has happened only.", "happened_at")]
    if given.happened_at < EARLIEST:
        return [FieldError("This moment lies before 2000. Check the year.", "happened_at")]
    return []


def _about_texts(given: Given) -> list[FieldError]:
    problems = []
    if given.kind not in KINDS:
        message = f"“{given.kind[:40]}” is no kind. Use one of: {', '.join(KINDS)}."
        problems.append(FieldError(message, "kind"))
    if given.kind == "refund" and not given.order:
        problems.append(FieldError("A refund needs the number of the order that it is about.", "order"))
    if given.kind == "touch" and not given.channel:
        problems.append(FieldError("A touch needs the channel that it came through.", "channel"))
    if given.kind in _NEEDS_NAME and not given.name:
        problems.append(FieldError(f"Name {_NEEDS_NAME[given.kind]}.", "name"))
    for key in ("order", "channel", "campaign", "name", "external_id"):
        text = getattr(given, key)
        if text and (len(text) > MOST_LETTERS or not text.isprintable()):
            problems.append(FieldError(f"This must have {MOST_LETTERS} readable letters at most.", key))
    if len(given.properties) > MOST_PROPERTIES:
        problems.append(FieldError(f"There are more than {MOST_PROPERTIES} properties.", "properties"))
    return problems


def _value(given: Given, rules: Rules) -> tuple[int | None, list[FieldError]]:
    """The value in the workspace's currency, and what is wrong with it."""
    if given.kind not in WITH_VALUE:
        if given.value_micros and given.kind in KINDS:
            return None, [FieldError("Only an order and a refund have a value.", "value")]
        return None, []
    if given.value_micros is None:
        return None, [FieldError(f"The value of the {given.kind} is missing.", "value")]
    if given.value_micros < 0:
        return None, [
            FieldError("The value is below 0. What was given back is a refund, with a value above 0.", "value")
        ]
    if given.value_micros > MOST_MICROS:
        return None, [FieldError("The value is larger than an order can be. Check the number.", "value")]
    return _converted(given.value_micros, given, rules)


def _converted(value_micros: int, given: Given, rules: Rules) -> tuple[int | None, list[FieldError]]:
    own = rules.converter.currency
    currency = (given.currency or own).upper()
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        return None, [FieldError("This is no currency. Use its code of three letters, such as EUR.", "currency")]
    on = given.happened_at.astimezone(rules.zone).date()
    value = rules.converter.converted(value_micros, currency, on)
    if value is None:
        message = f"There is no exchange rate from {currency} to {own} for {on:%-d %B %Y}. Tell the amount in {own}."
        return None, [FieldError(message, "currency")]
    return value, []
