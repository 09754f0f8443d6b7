"""The European Central Bank's reference rates: units of each currency for one euro, every working day at about 16:00 in Frankfurt."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from time import monotonic
from xml.etree import ElementTree as ET

import httpx

from kit.errors import Unavailable

SOURCE = "European Central Bank reference rate"
HOST = "https://www.ecb.europa.eu"
_QUARTER, _SINCE_1999 = "/stats/eurofxref/eurofxref-hist-90d.xml", "/stats/eurofxref/eurofxref-hist.xml"
_QUARTER_DAYS = 85
_KEPT_S = 1800
_MOST_BYTES = 30_000_000
_CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
Quotes = dict[date, dict[str, Decimal]]


def quotes_since(first: date, *, today: date, base_url: str) -> Quotes:
    """Per day: units of each currency for one euro, the euro itself included. Raises Unavailable.

    Workspaces of one process that ask within half an hour share an answer.
    """
    path = _QUARTER if (today - first).days <= _QUARTER_DAYS else _SINCE_1999
    # A few days more, for a range that begins on a holiday.
    since = first - timedelta(days=10)
    quotes = _fetched(path, base_url, int(monotonic() // _KEPT_S))
    return {day: rates for day, rates in quotes.items() if day >= since}


def into_currency(quotes: Quotes, currencies: Iterable[str], own: str) -> dict[tuple[str, date], Decimal]:
    """What a unit of each currency was worth in `own`, on the days that both were quoted."""
    wanted = list(currencies)
    return {
        (currency, day): (rates[own] / rates[currency]).quantize(Decimal("1e-12"))
        for day, rates in quotes.items()
        for currency in wanted
        if own in rates and currency in rates
    }


@lru_cache(maxsize=2)
def _fetched(path: str, base_url: str, _half_hour: int) -> Quotes:
    origin = base_url.rstrip("/").replace("{host}", HOST.removeprefix("https://")) if base_url else HOST
    try:
        with httpx.Client(timeout=30.0, follow_redirects=False, trust_env=False) as client:
            reply = client.get(origin + path)
            reply.raise_for_status()
            return parse(reply.content)
    except (httpx.HTTPError, ET.ParseError, ValueError, InvalidOperation) as problem:
        raise Unavailable(
            "The exchange rates of the European Central Bank cannot be read right now.",
            "Nothing: they are asked for again by themselves.",
        ) from problem


def parse(document: bytes) -> Quotes:
    """The rates of each day in the bank's document. Raises ValueError where it is none."""
    if len(document) > _MOST_BYTES or b"<!DOCTYPE" in document[:2000]:
        raise ValueError("This is not the bank's document")
    found: Quotes = {}
    for cube in ET.fromstring(document).iter(_CUBE):  # noqa: S314 - without a DTD there are no entities to expand
        if day := cube.get("time"):
            rates = {one.get("currency", ""): Decimal(one.get("rate", "")) for one in cube}
            found[date.fromisoformat(day)] = {
                "EUR": Decimal(1),
                **{name: rate for name, rate in rates.items() if rate > 0},
            }
    if not found:
        raise ValueError("The document has no rates")
    return found
