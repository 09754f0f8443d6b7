"""Google's words to Adloom's: the only place where a column's meaning is decided."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal

from adloom_ga4 import wire
from adloom_sdk import Account, AccountStatus
from adloom_sdk.days import is_zone
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.revenue import RevenueTally

DIMENSIONS = ("date", "sessionSourceMedium")
METRICS = ("totalRevenue", "transactions", "firstTimePurchasers", "totalPurchasers", "sessions")
TELLS = ("orders", "new_customers", "returning_customers", "sessions")
_COLUMNS = {
    "orders": {"transactions"},
    "new_customers": {"firstTimePurchasers"},
    "returning_customers": {"firstTimePurchasers", "totalPurchasers"},
    "sessions": {"sessions"},
}
# What Analytics says where it does not know (yet), or has lumped together.
_UNKNOWN = {"", "(not set)", "(data not available)", "(other)", "(not set) / (not set)", "(other) / (other)"}
_UNKNOWN |= {"(data not available) / (data not available)"}


def account(one: wire.Property) -> Account:
    """A property as an account."""
    is_deleted = bool(one.delete_time)
    problem = "This property is in Google's trash." if is_deleted else ""
    if not is_zone(one.time_zone):
        problem = problem or "Google tells no time zone that is known for this property."
    elif not one.currency_code:
        problem = problem or "Google tells no currency for this property."
    return Account(
        id=one.name.rpartition("/")[2],
        name=one.display_name or one.name,
        currency=one.currency_code or "",
        timezone=one.time_zone if one.time_zone and is_zone(one.time_zone) else "UTC",
        status=AccountStatus.CLOSED if is_deleted else AccountStatus.ACTIVE,
        raw_status=one.property_type or "",
        parent_id=(one.account or one.parent or "").rpartition("/")[2] or None,
        can_write=False,
        problem=problem,
    )


def count(row: Mapping[str, str], tally: RevenueTally) -> date:
    """Count one row; returns its day. Several of Analytics' names stand for no source, and add up.

    Raises SchemaDrift where a column is missing, or is not what it was.
    """
    try:
        return _counted(row, tally)
    except (KeyError, ValueError, ArithmeticError) as error:
        raise SchemaDrift(
            "Google Analytics' report came in a form that this connector does not know.", str(error)
        ) from error


def _counted(row: Mapping[str, str], tally: RevenueTally) -> date:
    day = datetime.strptime(row["date"], "%Y%m%d").date()  # noqa: DTZ007 - a day only
    orders, sessions = _number(row.get("transactions")), _count(row.get("sessions"))
    new, everyone = _count(row.get("firstTimePurchasers")), _count(row.get("totalPurchasers"))
    tally.add(
        day,
        source(row.get("sessionSourceMedium", "")),
        revenue_micros=micros_from_decimal(row["totalRevenue"]),
        orders=None if orders is None else float(orders),
        new_customers=new,
        returning_customers=None if everyone is None or new is None else max(0, everyone - new),
        sessions=sessions,
    )
    return day


def told_by(columns: Collection[str]) -> tuple[str, ...]:
    """The figures that a report with these columns knows; what it does not know stays None, not 0."""
    return tuple(name for name in TELLS if not _COLUMNS[name] - set(columns))


def currency_code(told: str | None) -> str:
    """An ISO code; '' for anything else that stands in its place."""
    return told if told and len(told) == 3 and told.isalpha() and told.isupper() else ""


def source(told: str) -> str:
    """Where sessions came from, '' where Analytics does not tell."""
    return "" if told in _UNKNOWN else told


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def _count(text: str | None) -> int | None:
    found = _number(text)
    return None if found is None else round(found)
