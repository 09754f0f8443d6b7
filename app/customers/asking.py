"""What an address asks of the list of customers. The same for page, file and API."""

from datetime import date

from litestar.di import Provide
from litestar.params import FromQuery

from app.customers.listing import DEFAULT_SORT, SORTS, Asked
from kit.errors import FieldError, InvalidInput

_LETTERS = 200
_MOST = 1e12


def asked_customers(
    q: FromQuery[str] = "",
    country: FromQuery[str] = "",
    orders_from: FromQuery[str] = "",
    revenue_from: FromQuery[str] = "",
    last_order_from: FromQuery[str] = "",
    last_order_to: FromQuery[str] = "",
    sort: FromQuery[str] = DEFAULT_SORT,
) -> Asked:
    """Empty means all, as forms send what was left empty."""
    if "\0" in q + country:
        raise _wrong("q", "", "The search holds a letter that cannot be read.", "Search for letters and digits.")
    if sort.removeprefix("-") not in SORTS:
        raise _wrong("sort", sort, "The list cannot be sorted by that.", f"Use one of: {', '.join(SORTS)}.")
    orders = _number("orders_from", orders_from)
    return Asked(
        q=q.strip()[:_LETTERS],
        country=country.strip()[:_LETTERS],
        orders_from=None if orders is None else int(orders),
        revenue_from=_number("revenue_from", revenue_from),
        last_order_from=_day("last_order_from", last_order_from),
        last_order_to=_day("last_order_to", last_order_to),
        sort=sort,
    )


ASKED_CUSTOMERS = {"asked": Provide(asked_customers, sync_to_thread=False)}


def _number(field: str, text: str) -> float | None:
    try:
        value = float(text) if text.strip() else None
    except ValueError:
        value = -1.0
    if value is not None and not 0 <= value < _MOST:
        raise _wrong(field, text, "This is no number from 0 on.", "Enter digits only, such as 250.")
    return value


def _day(field: str, text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if text.strip() else None
    except ValueError:
        day = date.min
    if day is not None and not 2000 <= day.year < 2200:
        raise _wrong(field, text, "This is no day.", "Write it as year-month-day, such as 2026-11-21.")
    return day


def _wrong(field: str, value: str, detail: str, hint: str) -> InvalidInput:
    return InvalidInput(detail, hint, [FieldError(detail, field, value=value[:_LETTERS])])
