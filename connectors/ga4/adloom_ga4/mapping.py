"""Google's words to Adloom's: the only place where a column's meaning is decided."""

from collections.abc import Mapping
from datetime import date, datetime

from adloom_ga4 import wire
from adloom_sdk import Account, AccountStatus
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_decimal
from adloom_sdk.revenue import RevenueTally

DIMENSIONS = ("date", "sessionSourceMedium")
METRICS = ("totalRevenue", "transactions", "firstTimePurchasers", "totalPurchasers", "sessions")
TELLS = ("orders", "new_customers", "returning_customers", "sessions")
# What Analytics says where it does not know (yet), or has lumped together.
_UNKNOWN = {"", "(not set)", "(data not available)", "(other)", "(not set) / (not set)", "(other) / (other)"}
_UNKNOWN |= {"(data not available) / (data not available)"}


def account(one: wire.Property) -> Account:
    """A property as an account."""
    is_deleted = bool(one.delete_time)
    return Account(
        id=one.name.rpartition("/")[2],
        name=one.display_name or one.name,
        currency=one.currency_code or "",
        timezone=one.time_zone or "UTC",
        status=AccountStatus.CLOSED if is_deleted else AccountStatus.ACTIVE,
        raw_status=one.property_type or "",
        parent_id=(one.account or one.parent or "").rpartition("/")[2] or None,
        can_write=False,
        problem="This property is in Google's trash." if is_deleted else "",
    )


def count(row: Mapping[str, str], tally: RevenueTally) -> date:
    """Count one row; returns its day. Several of Analytics' names stand for no source, and add up.

    Raises SchemaDrift where a column is missing, or is not what it was.
    """
    try:
        return _counted(row, tally)
    except (KeyError, ValueError) as error:
        raise SchemaDrift(f"Google Analytics' report has changed its shape: {error}") from error


def _counted(row: Mapping[str, str], tally: RevenueTally) -> date:
    day = datetime.strptime(row["date"], "%Y%m%d").date()  # noqa: DTZ007 - a day only
    new = _number(row["firstTimePurchasers"])
    tally.add(
        day,
        source(row.get("sessionSourceMedium", "")),
        revenue_micros=micros_from_decimal(row["totalRevenue"]),
        orders=_number(row["transactions"]),
        new_customers=new,
        returning_customers=max(0, _number(row["totalPurchasers"]) - new),
        sessions=_number(row["sessions"]),
    )
    return day


def source(told: str) -> str:
    """Where sessions came from, '' where Analytics does not tell."""
    return "" if told in _UNKNOWN else told


def _number(text: str) -> int:
    return int(float(text or 0))
