"""Snapchat's objects as Adloom's records: the only place where Snapchat's words, times and units are understood."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Literal
from zoneinfo import ZoneInfo

from adloom_sdk import (
    Account,
    AccountStatus,
    Ad,
    AdGroup,
    BudgetOwner,
    Campaign,
    Creative,
    DailyMetric,
    EntityState,
    EntityStatus,
    Finality,
    Level,
)
from adloom_sdk.days import is_zone
from adloom_sdk.errors import SchemaDrift
from adloom_snapchat_ads import wire

BREAKDOWNS = {Level.CAMPAIGN: "campaign", Level.AD_GROUP: "adsquad", Level.AD: "ad"}
FIELDS = ("impressions", "swipes", "spend", "video_views", "conversion_purchases", "conversion_purchases_value")
SWIPE_DAYS, VIEW_DAYS = 28, 1
ATTRIBUTION = "Purchases up to 28 days after a swipe and 1 day after a view."

_STATUSES = {"ACTIVE": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED}
_ACCOUNT_PROBLEMS = {
    "DISABLED": (AccountStatus.DISABLED, "Snapchat has disabled this ad account."),
    "INACTIVE": (AccountStatus.DISABLED, "This Snapchat ad account is inactive."),
    "CLOSED": (AccountStatus.CLOSED, "This Snapchat ad account is closed."),
    "DELETED": (AccountStatus.CLOSED, "This Snapchat ad account is deleted."),
}
_MEDIA: dict[str, Literal["image", "video"]] = {"IMAGE": "image", "VIDEO": "video"}


def account(row: wire.AdAccount, organization_id: str) -> Account:
    """An ad account of an organization."""
    raw = (row.status or "").upper()
    otherwise = (AccountStatus.ACTIVE if raw == "ACTIVE" else AccountStatus.LIMITED, "")
    status, problem = _ACCOUNT_PROBLEMS.get(raw, otherwise)
    has_no_zone = not is_zone(row.timezone)
    if has_no_zone:
        problem = problem or "Snapchat tells no time zone of this ad account, so its days are not known."
    return Account(
        id=row.id,
        name=row.name or row.id,
        currency=row.currency or "",
        timezone=row.timezone if row.timezone and not has_no_zone else "UTC",
        status=status,
        raw_status=row.status or "",
        parent_id=row.organization_id or organization_id,
        problem=problem,
    )


def campaign(row: wire.Campaign, account: Account) -> Campaign:
    """A campaign. Without a budget of its own, its ad squads have theirs."""
    daily_micros, lifetime_micros = _whole(row.daily_budget_micro), _whole(row.lifetime_spend_cap_micro)
    has_none = daily_micros is None and lifetime_micros is None
    zone = ZoneInfo(account.timezone)
    starts_at, ends_at = _time(row.start_time), _time(row.end_time)
    return Campaign(
        id=row.id,
        account_id=account.id,
        name=row.name or "",
        status=_status(row),
        raw_status=_raw_status(row),
        objective=row.objective or "",
        kind=row.buy_model or "",
        currency=account.currency,
        daily_budget_micros=daily_micros,
        lifetime_budget_micros=lifetime_micros,
        budget_owner=BudgetOwner.AD_GROUPS if has_none else BudgetOwner.CAMPAIGN,
        starts_on=starts_at.astimezone(zone).date() if starts_at else None,
        ends_on=ends_at.astimezone(zone).date() if ends_at else None,
        updated_at=_time(row.updated_at),
    )


def ad_group(row: wire.AdSquad, account: Account) -> AdGroup:
    """An ad squad."""
    return AdGroup(
        id=row.id,
        account_id=account.id,
        campaign_id=row.campaign_id or "",
        name=row.name or "",
        status=_status(row),
        raw_status=_raw_status(row),
        daily_budget_micros=_whole(row.daily_budget_micro),
        lifetime_budget_micros=_whole(row.lifetime_budget_micro),
        updated_at=_time(row.updated_at),
    )


def ad(row: wire.Ad, account: Account, campaign_id: str) -> Ad:
    """An ad, with the campaign of its squad."""
    return Ad(
        id=row.id,
        account_id=account.id,
        campaign_id=campaign_id,
        ad_group_id=row.ad_squad_id or "",
        name=row.name or "",
        status=_status(row),
        raw_status=_raw_status(row),
        creative_id=row.creative_id,
        updated_at=_time(row.updated_at),
    )


def creative(row: wire.Creative, account: Account) -> Creative:
    """What an ad shows."""
    return Creative(
        id=row.id,
        account_id=account.id,
        kind=_MEDIA.get(row.top_snap_media_type or "", "other"),
        name=row.name or "",
        title=row.headline or "",
        body=row.brand_name or "",
        link_url=(row.web_view_properties.url if row.web_view_properties else "") or "",
    )


def state(row: wire.Campaign | wire.AdSquad | wire.Ad) -> EntityState:
    """What can be written: the status, and a daily budget where there is one."""
    budget = None if isinstance(row, wire.Ad) else _whole(row.daily_budget_micro)
    return EntityState(
        status=_status(row), raw_status=_raw_status(row), daily_budget_micros=budget, version=row.updated_at or ""
    )


def daily(
    span: wire.Span, account: Account, level: Level, *, entity_id: str, campaign_id: str, report: wire.AccountSeries
) -> DailyMetric:
    """One entity's day of the account's zone."""
    starts_at, ends_at = _instant(span.start_time), _instant(span.end_time)
    if starts_at is None or ends_at is None:
        raise SchemaDrift("Snapchat's report has a day without a time.")
    stats = span.stats or wire.Stats()
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=entity_id,
        campaign_id=campaign_id,
        day=_day_of(starts_at, account),
        currency=account.currency,
        spend_micros=_whole(stats.spend) or 0,
        impressions=_whole(stats.impressions),
        clicks=_whole(stats.swipes),
        conversions=_number(stats.conversion_purchases),
        conversion_value_micros=_whole(stats.conversion_purchases_value),
        video_views=_whole(stats.video_views),
        attribution=ATTRIBUTION,
        finality=finality(ends_at, report),
    )


def whole_days(spans: Iterable[wire.Span], account: Account) -> list[wire.Span]:
    """Hours of the same day of the account put together; days stay as they are."""
    days: dict[date, wire.Span] = {}
    for span in spans:
        starts_at = _instant(span.start_time)
        if starts_at is None:
            raise SchemaDrift("Snapchat's report has an hour without a time.")
        # An hour in UTC lies in the day that the account's zone has then; one with an offset says itself.
        local = starts_at if starts_at.utcoffset() else starts_at.astimezone(ZoneInfo(account.timezone))
        day, known = local.date(), days.get(local.date())
        stats = span.stats if known is None else _sum(known.stats, span.stats)
        days[day] = wire.Span(start_time=f"{day}T00:00:00", end_time=span.end_time, stats=stats)
    return list(days.values())


def _sum(one: wire.Stats | None, other: wire.Stats | None) -> wire.Stats:
    told = {
        name: [number for part in (one, other) if part and (number := _number(getattr(part, name))) is not None]
        for name in wire.Stats.__struct_fields__
    }
    return wire.Stats(**{name: sum(numbers) if numbers else None for name, numbers in told.items()})


def _day_of(starts_at: datetime, account: Account) -> date:
    """The day as Snapchat wrote it where it begins at midnight, else the one of the account's zone."""
    is_midnight = starts_at.time() == time.min
    return (starts_at if is_midnight else starts_at.astimezone(ZoneInfo(account.timezone))).date()


def finality(ends_at: datetime, report: wire.AccountSeries) -> Finality | None:
    """How much the day that ends then may still change. Conversions may come until the window after a swipe is over."""
    finalized_at = _instant(report.finalized_data_end_time)
    processed_at = _instant(report.conversion_data_processed_end_time)
    if finalized_at is None:
        return None
    if ends_at > finalized_at:
        return Finality.PROVISIONAL
    if processed_at is None or processed_at < ends_at + timedelta(days=SWIPE_DAYS):
        return Finality.SETTLING
    return Finality.FINAL


def _status(row: wire.Campaign | wire.AdSquad | wire.Ad) -> EntityStatus:
    return EntityStatus.REMOVED if row.deleted else _STATUSES.get(row.status or "", EntityStatus.OTHER)


def _raw_status(row: wire.Campaign | wire.AdSquad | wire.Ad) -> str:
    return "DELETED" if row.deleted else row.status or ""


def _whole(value: wire.Value) -> int | None:
    """Snapchat's money is in micros already, and its counts are whole."""
    if isinstance(value, int):
        return value
    number = _number(value)
    return None if number is None else round(number)


def _number(value: wire.Value) -> float | None:
    try:
        number = None if value is None else float(value)
    except ValueError as error:
        raise SchemaDrift(f"Snapchat tells a number that is none: {value}") from error
    if number is not None and not isfinite(number):
        raise SchemaDrift(f"Snapchat tells a number that is none: {value}")
    return None if number is None else round(number, 6)


def _instant(text: str | None) -> datetime | None:
    """An instant as Snapchat writes it ("2024-01-15T00:00:00.000-0800", "…Z"); None where there is none."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise SchemaDrift(f"Snapchat tells a time that is none: {text}") from error
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _time(text: str | None) -> datetime | None:
    """An instant on which no number hangs: one that cannot be understood is left out."""
    try:
        return _instant(text)
    except SchemaDrift:
        return None
