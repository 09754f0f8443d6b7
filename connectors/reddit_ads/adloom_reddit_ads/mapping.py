"""Reddit → records: the only place that knows what its words, units and gaps mean."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from adloom_reddit_ads import wire
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
    Level,
)
from adloom_sdk.days import is_zone
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.money import micros_from_minor, minor_digits

ATTRIBUTION = "purchases, 28-day click, 7-day view"
FIELDS = (
    "IMPRESSIONS",
    "CLICKS",
    "SPEND",
    "REACH",
    "VIDEO_WATCHED_3_SECONDS",
    "CONVERSION_PURCHASE_CLICKS",
    "CONVERSION_PURCHASE_VIEWS",
    "CONVERSION_PURCHASE_TOTAL_VALUE",
)
_STATUS = {
    "ACTIVE": EntityStatus.ACTIVE,
    "PAUSED": EntityStatus.PAUSED,
    "ARCHIVED": EntityStatus.REMOVED,
    "DELETED": EntityStatus.REMOVED,
}
_STOPPED = {"SUSPENDED", "BANNED"}
_LIMITED = {"PENDING_BILLING", "FAILED_BILLING", "SUSPICIOUS"}


def account(one: wire.AdAccount, business: wire.Business) -> Account:
    """An ad account; a zone that nobody knows is taken as UTC, and said to be a problem."""
    raw = one.status or ""
    problem = "Reddit has stopped this ad account." if raw in _STOPPED or one.suspension_reason else ""
    zone = one.time_zone_id or ""
    if not is_zone(zone):
        zone, problem = "UTC", problem or "Reddit tells no time zone that is known for this ad account."
    if not one.currency:
        problem = problem or "Reddit tells no currency for this ad account."
    status = AccountStatus.LIMITED if raw in _LIMITED else AccountStatus.ACTIVE
    return Account(
        id=_id(one.id),
        name=one.name or _id(one.id),
        currency=one.currency or "",
        timezone=zone,
        status=AccountStatus.DISABLED if raw in _STOPPED or one.suspension_reason else status,
        raw_status=raw,
        parent_id=_id(business.id) or None,
        problem=problem,
    )


def campaign(one: wire.Campaign, of: Account) -> Campaign:
    """A campaign; where Reddit does not spread its budget, the ad groups own theirs."""
    owns = one.is_campaign_budget_optimization is not False and one.goal_type is not None
    life_micros = _budget(one, "LIFETIME_SPEND") if owns else _whole(one.spend_cap)
    return Campaign(
        id=_known(one.id),
        account_id=of.id,
        name=one.name or "",
        status=status(one),
        raw_status=one.configured_status or "",
        objective=(one.objective or "").lower(),
        currency=of.currency,
        daily_budget_micros=_budget(one, "DAILY_SPEND") if owns else None,
        lifetime_budget_micros=life_micros,
        budget_owner=BudgetOwner.CAMPAIGN if owns else BudgetOwner.AD_GROUPS,
        starts_on=_local_day(one.start_time, of),
        ends_on=_local_day(one.end_time, of),
        updated_at=_instant(one.modified_at),
    )


def ad_group(one: wire.AdGroup, of: Account) -> AdGroup:
    """An ad group."""
    return AdGroup(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=_id(one.campaign_id),
        name=one.name or "",
        status=status(one),
        raw_status=one.configured_status or "",
        daily_budget_micros=_budget(one, "DAILY_SPEND"),
        lifetime_budget_micros=_budget(one, "LIFETIME_SPEND"),
        updated_at=_instant(one.modified_at),
    )


def ad(one: wire.Ad, of: Account) -> Ad:
    """An ad."""
    return Ad(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=_id(one.campaign_id),
        ad_group_id=_id(one.ad_group_id),
        name=one.name or "",
        status=status(one),
        raw_status=one.configured_status or "",
        creative_id=_id(one.post_id) or None,
        updated_at=_instant(one.modified_at),
    )


def creative(one: wire.Ad, of: Account) -> Creative | None:
    """The post that an ad shows, as far as the ad tells of it."""
    if not one.post_id:
        return None
    return Creative(id=_id(one.post_id), account_id=of.id, name=one.name or "", link_url=one.click_url or "")


def state(one: wire.Campaign | wire.AdGroup | wire.Ad) -> EntityState:
    """What can be written of an entity. Only a campaign that owns its budget shows one."""
    owns = isinstance(one, wire.Campaign) and one.is_campaign_budget_optimization is not False
    return EntityState(
        status=status(one),
        raw_status=one.configured_status or "",
        daily_budget_micros=_budget(one, "DAILY_SPEND") if isinstance(one, wire.Campaign) and owns else None,
        version=one.modified_at or "",
    )


def status(one: wire.Campaign | wire.AdGroup | wire.Ad) -> EntityStatus:
    """What the advertiser set; an active entity whose time is over has ended."""
    found = _STATUS.get(one.configured_status or "", EntityStatus.OTHER)
    is_over = found is EntityStatus.ACTIVE and one.effective_status == "COMPLETED"
    return EntityStatus.ENDED if is_over else found


def daily(row: wire.Row, of: Account, level: Level) -> DailyMetric:
    """One entity's day. Raises SchemaDrift where the row names no entity: left out, its spend would be lost."""
    entity = {Level.CAMPAIGN: row.campaign_id, Level.AD_GROUP: row.ad_group_id, Level.AD: row.ad_id}[level]
    if entity is None:
        raise SchemaDrift("Reddit gave a row without saying what it is about.", code=level)
    parts = [
        part
        for part in (_number(row.conversion_purchase_clicks), _number(row.conversion_purchase_views))
        if part is not None
    ]
    value = _whole(row.conversion_purchase_total_value)
    return DailyMetric(
        account_id=of.id,
        level=level,
        entity_id=_id(entity),
        campaign_id=_id(row.campaign_id),
        day=day_of(row),
        currency=of.currency,
        spend_micros=_whole(row.spend) or 0,
        impressions=_whole(row.impressions),
        clicks=_whole(row.clicks),
        conversions=round(float(sum(parts)), 6) if parts else None,
        conversion_value_micros=None if value is None else micros_from_minor(value, minor_digits(of.currency)),
        video_views=_whole(row.video_watched_3_seconds),
        reach=_whole(row.reach),
        attribution=ATTRIBUTION,
    )


def day_of(row: wire.Row) -> date:
    """The row's day in the account's zone."""
    try:
        return date.fromisoformat(row.date[:10])
    except ValueError:
        raise SchemaDrift("Reddit gave a row without a day.") from None


def _budget(one: wire.Campaign | wire.AdGroup, goal_type: str) -> int | None:
    return _whole(one.goal_value) if one.goal_type == goal_type else None


def _number(value: wire.Number) -> Decimal | None:
    """The exact number; None for a gap, however it is written."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _whole(value: wire.Number) -> int | None:
    found = _number(value)
    return None if found is None else round(found)


def _known(value: wire.Id) -> str:
    """The id of what is stored under it."""
    if value is None:
        raise SchemaDrift("Reddit sent a campaign or an ad without its id.")
    return str(value)


def _id(value: wire.Id) -> str:
    return "" if value is None else str(value)


def _instant(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found and found.tzinfo else None


def _local_day(text: str | None, of: Account) -> date | None:
    instant = _instant(text)
    return instant.astimezone(ZoneInfo(of.timezone)).date() if instant else None
