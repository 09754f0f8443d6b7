"""Shopify's words to Adloom's: the only place where a field's meaning is decided."""

from collections.abc import Iterable
from datetime import UTC, date
from zoneinfo import ZoneInfo

from adloom_sdk import Account
from adloom_sdk.days import is_zone
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.revenue import RevenueTally
from adloom_shopify.wire import Journey, MoneyBag, Order, Shop

TELLS = ("orders", "new_customers", "returning_customers")
_NEVER_PAID = {"VOIDED", "EXPIRED"}
_PAID = {"PAID", "PARTIALLY_PAID", "PARTIALLY_REFUNDED", "REFUNDED"}


def account(shop: Shop) -> Account:
    """The shop as an account; Shopify's id is the number at the end of its global id."""
    is_known = is_zone(shop.iana_timezone)
    return Account(
        id=str(shop.id).rpartition("/")[2],
        name=shop.name or str(shop.id),
        currency=shop.currency_code,
        timezone=shop.iana_timezone if is_known else "UTC",
        can_write=False,
        problem="" if is_known else "Shopify tells no time zone that is known for this shop.",
    )


def count(order: Order, account: Account, tally: RevenueTally) -> date:
    """Count an order on the day of the shop's zone on which it was made, whatever became of it since; returns that day."""
    made_at = order.created_at if order.created_at.tzinfo else order.created_at.replace(tzinfo=UTC)
    day = made_at.astimezone(ZoneInfo(account.timezone)).date()
    if order.test:
        return day
    journey = order.customer_journey_summary
    position = journey.customer_order_index if journey else None
    is_counted = not _is_off(order)
    tally.add(
        day,
        source(journey),
        revenue_micros=_revenue_micros(order),
        orders=int(is_counted),
        new_customers=None if position is None else int(is_counted and position <= 1),
        returning_customers=None if position is None else int(is_counted and position > 1),
    )
    return day


def currency(orders: Iterable[Order], otherwise: str) -> str:
    """The currency in which the orders' amounts are told. Raises SchemaDrift where it is not one: they must not be added up."""
    bags = (order.total_price_set or order.current_total_price_set for order in orders)
    told = {code for bag in bags if bag and (code := _currency_code(bag.shop_money.currency_code))}
    if len(told) > 1:
        raise SchemaDrift("Shopify told this shop's orders in more than one currency.", code=", ".join(sorted(told)))
    return told.pop() if told else otherwise


def _currency_code(told: str | None) -> str:
    """An ISO code; '' for anything else that stands in its place."""
    return told if told and len(told) == 3 and told.isalpha() and told.isupper() else ""


def source(journey: Journey | None) -> str:
    """Where an order came from, "source / medium" as analytics tools write it; '' where Shopify does not know (yet)."""
    visit = journey.last_visit if journey and journey.ready is not False else None
    if visit is None:
        return ""
    utm = visit.utm_parameters
    if utm and utm.source:
        return f"{utm.source} / {utm.medium}" if utm.medium else utm.source
    name = (visit.source or "").strip()
    if not name or name == "an unknown source":
        return ""
    return f"{name.lower()} / organic" if visit.source_type == "SEO" else name


def _is_off(order: Order) -> bool:
    return order.cancelled_at is not None or order.display_financial_status in _NEVER_PAID


def _revenue_micros(order: Order) -> int:
    """Total less refunds; of an order that was called off only what was paid and kept. Raises SchemaDrift without a total."""
    if _is_off(order) and order.display_financial_status not in _PAID:
        return 0
    if order.total_price_set:
        return _micros(order.total_price_set) - _micros(order.total_refunded_set)
    if order.current_total_price_set:
        return _micros(order.current_total_price_set)
    raise SchemaDrift("Shopify told an order without its total.", code=str(order.id))


def _micros(bag: MoneyBag | None) -> int:
    return micros_from_decimal(bag.shop_money.amount) if bag else 0
