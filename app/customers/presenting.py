"""Customers as their pages show them: the list with its filters, and one customer with everything that is known of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from app.customers.listing import PAGE_SIZE, SORTS, Asked, Happening, Standing
from app.customers.models import Customer
from kit.format import MISSING, count, day, moment, money, percent, plural

_LABELS = {
    "order": ("Order", "good"),
    "refund": ("Refund", "bad"),
    "touch": ("Touch", "info"),
    "offer_shown": ("Offer shown", "plain"),
    "offer_taken": ("Offer taken", "good"),
    "event": ("Event", "plain"),
}
_HEADINGS = {
    "name": ("Customer", "text", ""),
    "country": ("Country", "text", ""),
    "first_order": ("First order", "text", ""),
    "last_order": ("Last order", "text", ""),
    "orders": ("Orders", "number", "Orders of all time, refunded ones included."),
    "revenue": ("Revenue", "number", "What their orders were worth, less what was refunded."),
}
_FILTERS = ("sort", "orders_from", "revenue_from", "last_order_from", "last_order_to")
_NO_ORDER = "No order so far."


@dataclass(frozen=True)
class Sort:
    """Where a heading's link leads, and how the list is sorted now."""

    href: str
    direction: str


@dataclass(frozen=True)
class Heading:
    """A column's head."""

    label: str
    kind: str
    explanation: str
    sort: Sort | None


@dataclass(frozen=True)
class Figure:
    """A number about all customers, with what it means."""

    label: str
    value: str
    note: str
    explanation: str


@dataclass(frozen=True)
class CustomerLine:
    """A customer in the list."""

    name: str
    about: str
    href: str
    country: str
    first_order: str
    last_order: str
    orders: str
    revenue: str
    missing: str


@dataclass(frozen=True)
class CustomersPage:
    """The variables of customers/list.html."""

    figures: tuple[Figure, ...]
    asked: Asked
    countries: Sequence[str]
    values: Mapping[str, str]
    headings: tuple[Heading, ...]
    lines: tuple[CustomerLine, ...]
    found: str
    page: int
    pages: int
    pages_base: str
    here: str
    upload_href: str
    export_href: str
    may_import: bool
    has_any: bool


@dataclass(frozen=True)
class TimelineLine:
    """One thing that a customer did."""

    at: str
    label: str
    tone: str
    about: str
    detail: str
    value: str
    source: str


@dataclass(frozen=True)
class CustomerPage:
    """The variables of customers/customer.html."""

    name: str
    subtitle: str
    here: str
    list_href: str
    figures: tuple[Figure, ...]
    facts: tuple[tuple[str, str], ...]
    attributes: tuple[tuple[str, str], ...]
    lines: tuple[TimelineLine, ...]
    older_href: str
    newest_href: str
    may_forget: bool
    typed: str


def customers_page(
    found: Sequence[Customer],
    *,
    total: int,
    standing: Standing,
    asked: Asked,
    page: int,
    countries: Sequence[str],
    currency: str,
    timezone: str,
    base: str,
    may_import: bool,
) -> CustomersPage:
    """Everything that the list needs."""
    here, said = f"{base}/customers", asked.parameters()
    zone = ZoneInfo(timezone)
    return CustomersPage(
        figures=_standing(standing, currency),
        asked=asked,
        countries=countries,
        values={name: said.get(name, "") for name in _FILTERS},
        headings=tuple(_heading(key, asked, here) for key in _HEADINGS),
        lines=tuple(_line(one, currency, zone, here) for one in found),
        found=plural(total, "customer"),
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        pages_base=_address(here, said) + ("&" if said else "?") + "page=",
        here=here,
        upload_href=f"{here}/uploads",
        export_href=_address(f"{here}/export.csv", said),
        may_import=may_import,
        has_any=standing.customers > 0,
    )


def customer_page(
    customer: Customer,
    happenings: Sequence[Happening],
    *,
    older: str | None,
    is_first: bool,
    currency: str,
    timezone: str,
    base: str,
    may_forget: bool,
) -> CustomerPage:
    """Everything that one customer's page needs."""
    zone, list_href = ZoneInfo(timezone), f"{base}/customers"
    here = f"{list_href}/{customer.id}"
    return CustomerPage(
        name=customer.name or customer.external_id,
        subtitle=f"Customer {customer.external_id}" if customer.name else "",
        here=here,
        list_href=list_href,
        figures=_numbers(customer, currency, zone),
        facts=(
            ("Known as", customer.external_id),
            ("E-mail", customer.email or MISSING),
            ("Country", customer.country or MISSING),
            ("First seen", _day(customer.first_seen_at, zone)),
            ("Last seen", _day(customer.last_seen_at, zone)),
        ),
        attributes=tuple((name, str(value)) for name, value in sorted(customer.attributes.items())),
        lines=tuple(_happening(one, currency, zone) for one in happenings),
        older_href=_address(here, {"cursor": older}) if older else "",
        newest_href="" if is_first else here,
        may_forget=may_forget,
        typed="forget",
    )


def _standing(known: Standing, currency: str) -> tuple[Figure, ...]:
    again = known.repeat_buyers / known.buyers if known.buyers else None
    each = known.revenue_micros // known.buyers if known.buyers else None
    return (
        Figure(
            "Customers", count(known.customers), "all who are known", "Everybody whom a file or a program has named."
        ),
        Figure("Have bought", count(known.buyers), "at least once", "Customers with one order or more."),
        Figure("Bought again", percent(again), "of those who bought", "The share of buyers with two orders or more."),
        Figure(
            "Revenue each",
            money(each, currency),
            "of those who bought, net of refunds",
            "All orders less all refunds, divided by the customers with an order. Of all time.",
        ),
    )


def _numbers(customer: Customer, currency: str, zone: ZoneInfo) -> tuple[Figure, ...]:
    each = customer.revenue_micros // customer.orders if customer.orders else None
    return (
        Figure("Revenue", money(customer.revenue_micros, currency), "net of refunds", _HEADINGS["revenue"][2]),
        Figure("Orders", count(customer.orders), "of all time", _HEADINGS["orders"][2]),
        Figure(
            "Revenue per order", money(each, currency), "net of refunds", "Revenue divided by the number of orders."
        ),
        Figure(
            "Last order",
            _day(customer.last_order_at, zone),
            f"first on {_day(customer.first_order_at, zone)}" if customer.first_order_at else _NO_ORDER,
            "The day of the newest order, in your workspace's time zone.",
        ),
    )


def _heading(key: str, asked: Asked, here: str) -> Heading:
    label, kind, explanation = _HEADINGS[key]
    if key not in SORTS:
        return Heading(label, kind, explanation, None)
    is_current = key == asked.sort_key
    # A number or a day is first wanted from the top down, a name from A to Z; the second click turns round.
    turned = not asked.descending if is_current else key != "name"
    href = _address(here, replace(asked, sort=("-" if turned else "") + key).parameters())
    direction = ("descending" if asked.descending else "ascending") if is_current else ""
    return Heading(label, kind, explanation, Sort(href, direction))


def _line(customer: Customer, currency: str, zone: ZoneInfo, here: str) -> CustomerLine:
    about = customer.email or (customer.external_id if customer.name else "")
    return CustomerLine(
        name=customer.name or customer.external_id,
        about="" if about == (customer.name or customer.external_id) else about,
        href=f"{here}/{customer.id}",
        country=customer.country or MISSING,
        first_order=_day(customer.first_order_at, zone),
        last_order=_day(customer.last_order_at, zone),
        orders=count(customer.orders),
        revenue=money(customer.revenue_micros, currency) if customer.orders or customer.revenue_micros else MISSING,
        missing="" if customer.orders else _NO_ORDER,
    )


def _happening(one: Happening, currency: str, zone: ZoneInfo) -> TimelineLine:
    label, tone = _LABELS[one.kind]
    abouts = {
        "order": f"Order {one.order}" if one.order else "Order",
        "refund": f"Refund of order {one.order}",
        "touch": one.channel or one.name,
    }
    detail = "; ".join(f"{name}: {value}" for name, value in one.properties.items())
    value = "" if one.value_micros is None else money(one.value_micros, currency)
    return TimelineLine(
        at=_when(one.happened_at, zone),
        label=label,
        tone=tone,
        about=abouts.get(one.kind, one.name),
        detail=" · ".join(part for part in (one.campaign, detail) if part),
        value=f"−{value}" if one.kind == "refund" else value,
        source="a file" if one.source == "file" else one.source,
    )


def _when(at: datetime, zone: ZoneInfo) -> str:
    """What was told with a day alone is shown with a day alone."""
    there = at.astimezone(zone)
    return day(there.date()) if there.time() == time() else moment(at.astimezone(UTC), str(zone))


def _day(at: datetime | None, zone: ZoneInfo) -> str:
    return MISSING if at is None else day(at.astimezone(zone).date())


def _address(path: str, said: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(said)}" if said else path
