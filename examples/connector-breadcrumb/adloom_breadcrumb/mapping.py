"""Breadcrumb's JSON, and what becomes of it."""

from datetime import UTC, date, datetime

import msgspec

from adloom_sdk import Account, AccountStatus, Ad, Campaign, DailyMetric, EntityState, EntityStatus, Level, ReadRequest
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_minor, minor_digits

STATUS = {1: EntityStatus.ACTIVE, 2: EntityStatus.PAUSED, 3: EntityStatus.REMOVED}


class Advertiser(msgspec.Struct):
    """An account."""

    id: int
    name: str = ""
    currency: str = "USD"
    zone: str = "UTC"
    blocked: bool = False


class Thing(msgspec.Struct):
    """A campaign, or one of its ads ("crumbs")."""

    id: int
    name: str = ""
    status: int | str | None = None
    campaign: int = 0
    group: int = 0
    budget_minor: int | None = None


class Row(msgspec.Struct):
    """One day of one thing. What is not measured is "-"."""

    day: int
    id: int
    campaign: int
    spend_minor: int | str | None = None
    views: int | str | None = None
    clicks: int | str | None = None
    orders: int | str | None = None
    orders_minor: int | str | None = None


def account(one: Advertiser) -> Account:
    """An advertiser as an account."""
    status = AccountStatus.DISABLED if one.blocked else AccountStatus.ACTIVE
    problem = "Breadcrumb has blocked this advertiser." if one.blocked else ""
    return Account(
        id=str(one.id), name=one.name, currency=one.currency, timezone=one.zone, status=status, problem=problem
    )


def campaign(one: Thing, request: ReadRequest) -> Campaign:
    """A campaign."""
    return Campaign(
        id=str(one.id),
        account_id=request.account.id,
        name=one.name,
        status=_status(one),
        raw_status=str(one.status or ""),
        currency=request.account.currency,
        daily_budget_micros=_micros(one.budget_minor, request.account),
    )


def ad(one: Thing, request: ReadRequest) -> Ad:
    """A crumb as an ad; its group has no name and no status of its own."""
    return Ad(
        id=str(one.id),
        account_id=request.account.id,
        campaign_id=str(one.campaign),
        ad_group_id=str(one.group),
        name=one.name,
        status=_status(one),
        raw_status=str(one.status or ""),
    )


def daily(row: Row, request: ReadRequest) -> DailyMetric:
    """One day of a campaign or a crumb."""
    return DailyMetric(
        account_id=request.account.id,
        level=request.level or Level.CAMPAIGN,
        entity_id=str(row.id),
        campaign_id=str(row.campaign),
        day=_day(row.day),
        currency=request.account.currency,
        spend_micros=_micros(row.spend_minor, request.account) or 0,
        impressions=_count(row.views),
        clicks=_count(row.clicks),
        conversions=_count(row.orders),
        conversion_value_micros=_micros(row.orders_minor, request.account),
        attribution="7 days after a click",
    )


def state(one: Thing, of: Account) -> EntityState:
    """What can be written, as it is now."""
    return EntityState(
        status=_status(one), raw_status=str(one.status or ""), daily_budget_micros=_micros(one.budget_minor, of)
    )


def _status(one: Thing) -> EntityStatus:
    return STATUS.get(one.status, EntityStatus.OTHER) if isinstance(one.status, int) else EntityStatus.OTHER


def _count(told: int | str | None) -> int | None:
    return told if isinstance(told, int) else None


def _micros(told: int | str | None, of: Account) -> int | None:
    return micros_from_minor(told, minor_digits(of.currency)) if isinstance(told, int) else None


def _day(told: int) -> date:
    try:
        return datetime.strptime(str(told), "%Y%m%d").replace(tzinfo=UTC).date()
    except ValueError as error:
        raise SchemaDrift(f"Breadcrumb sent {told} where a day was due.") from error
