"""Currencies and time zones: what a workspace may choose, in the order in which people look for it."""

from functools import cache
from zoneinfo import available_timezones

from babel.core import get_global
from babel.numbers import get_currency_name, get_territory_currencies

from kit.errors import FieldError, InvalidInput

_AREAS = {"Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}


@cache
def currencies() -> tuple[tuple[str, str], ...]:
    """ISO 4217 codes that are money somewhere today, with their names: `("EUR", "EUR, Euro")`."""
    codes = {code for territory in get_global("territory_currencies") for code in get_territory_currencies(territory)}
    return tuple((code, f"{code}, {get_currency_name(code, locale='en_US')}") for code in sorted(codes))


@cache
def timezones() -> tuple[tuple[str, str], ...]:
    """UTC, then the IANA zones by area and city: `("America/New_York", "America/New York")`."""
    names = sorted(name for name in available_timezones() if name.split("/")[0] in _AREAS)
    return ("UTC", "UTC"), *((name, name.replace("_", " ")) for name in names)


def check_currency(currency: str) -> None:
    """Refuse what is no currency of today."""
    if currency not in {code for code, _ in currencies()}:
        message = f"“{currency[:20]}” is no currency."
        raise InvalidInput(message, "Use a three-letter code such as USD or EUR.", [FieldError(message, "currency")])


def check_timezone(timezone: str) -> None:
    """Refuse what is no time zone."""
    if timezone not in {name for name, _ in timezones()}:
        message = f"“{timezone[:40]}” is no time zone."
        raise InvalidInput(message, "Use a name such as Europe/Oslo.", [FieldError(message, "timezone")])
