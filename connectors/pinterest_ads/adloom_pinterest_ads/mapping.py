"""Pinterest → records: the only place that knows what its words, units and gaps mean."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Literal

from adloom_pinterest_ads import wire
from adloom_sdk import (
    Account,
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
from adloom_sdk.money import micros_from_decimal

WINDOW_DAYS = 30
ATTRIBUTION = f"{WINDOW_DAYS}-day click, {WINDOW_DAYS}-day engagement, {WINDOW_DAYS}-day view, on the day of the ad"
STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DRAFT", "DELETED_DRAFT")
COLUMNS = (
    "CAMPAIGN_ID",
    "AD_GROUP_ID",
    "AD_ID",
    "SPEND_IN_MICRO_DOLLAR",
    "PAID_IMPRESSION",
    "CLICKTHROUGH_1",
    "TOTAL_CHECKOUT",
    "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR",
    "VIDEO_MRC_VIEWS_1",
    "TOTAL_IMPRESSION_USER",
)
_STATUS = {
    "ACTIVE": EntityStatus.ACTIVE,
    "PAUSED": EntityStatus.PAUSED,
    "ARCHIVED": EntityStatus.REMOVED,
    "DELETED_DRAFT": EntityStatus.REMOVED,
    "DRAFT": EntityStatus.PAUSED,
}
_UNKNOWN_CURRENCY = "UNK"
_WRITERS = {"OWNER", "ADMIN", "CAMPAIGN_MANAGER"}
_KINDS: dict[str, Literal["image", "video", "carousel", "text", "other"]] = {
    "REGULAR": "image",
    "SHOPPING": "image",
    "VIDEO": "video",
    "MAX_VIDEO": "video",
    "CINEMATIC": "video",
    "CAROUSEL": "carousel",
    "COLLECTION": "carousel",
    "SHOP_THE_PIN": "carousel",
}


def account(one: wire.AdAccount, problem: str = "") -> Account:
    """An ad account; without a zone told, Pinterest's days are UTC."""
    granted = one.permissions
    currency = "" if one.currency in {None, _UNKNOWN_CURRENCY} else str(one.currency)
    if not currency:
        problem = problem or "Pinterest does not tell the currency of this ad account."
    return Account(
        id=_id(one.id),
        name=one.name or _id(one.id),
        currency=currency,
        timezone=one.time_zone if one.time_zone and is_zone(one.time_zone) else "UTC",
        can_write=bool(_WRITERS.intersection(granted)) if granted is not None else None,
        problem=problem,
    )


def campaign(one: wire.Campaign, of: Account) -> Campaign:
    """A campaign; without budget optimisation its ad groups own the budgets."""
    daily_micros, lifetime_micros = _count(one.daily_spend_cap), _count(one.lifetime_spend_cap)
    owns = one.is_campaign_budget_optimization is not False or bool(daily_micros or lifetime_micros)
    return Campaign(
        id=_known(one.id),
        account_id=of.id,
        name=one.name or "",
        status=status(one),
        raw_status=_word(one.status),
        objective=_word(one.objective_type).lower(),
        currency=of.currency,
        daily_budget_micros=daily_micros,
        lifetime_budget_micros=lifetime_micros,
        budget_owner=BudgetOwner.CAMPAIGN if owns else BudgetOwner.AD_GROUPS,
        starts_on=_day(one.start_time),
        ends_on=_day(one.end_time),
        updated_at=_instant(one.updated_time),
    )


def ad_group(one: wire.AdGroup, of: Account) -> AdGroup:
    """An ad group."""
    kind, micros = _word(one.budget_type), _count(one.budget_in_micro_currency)
    return AdGroup(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=_id(one.campaign_id),
        name=one.name or "",
        status=status(one),
        raw_status=_word(one.status),
        daily_budget_micros=micros if kind == "DAILY" else None,
        lifetime_budget_micros=micros if kind == "LIFETIME" else None,
        updated_at=_instant(one.updated_time),
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
        raw_status=_word(one.status),
        creative_id=_id(one.pin_id) or None,
        updated_at=_instant(one.updated_time),
    )


def creative(one: wire.Ad, of: Account) -> Creative | None:
    """The pin that an ad shows, as far as the ad tells of it."""
    if not one.pin_id:
        return None
    kind = _KINDS.get(_word(one.creative_type), "other")
    return Creative(
        id=_id(one.pin_id), account_id=of.id, kind=kind, name=one.name or "", link_url=one.destination_url or ""
    )


def state(one: wire.Campaign | wire.AdGroup | wire.Ad) -> EntityState:
    """What can be written of an entity."""
    budget = _count(one.daily_spend_cap) if isinstance(one, wire.Campaign) else None
    return EntityState(
        status=status(one),
        raw_status=_word(one.status),
        daily_budget_micros=budget,
        version=str(one.updated_time or ""),
    )


def status(one: wire.Campaign | wire.AdGroup | wire.Ad) -> EntityStatus:
    """What the advertiser set; an active entity whose time is over has ended."""
    found = _STATUS.get(_word(one.status), EntityStatus.OTHER)
    is_over = found is EntityStatus.ACTIVE and _word(one.summary_status) == "COMPLETED"
    return EntityStatus.ENDED if is_over else found


def daily(row: wire.Row, of: Account, level: Level, campaigns: Mapping[str, str]) -> DailyMetric | None:
    """One entity's day; `campaigns` maps entities to their campaign where the row does not tell it. None for days without anything."""
    entity = entity_id(row, level)
    spend, value = _spend(row), _count(row.total_checkout_value_in_micro_dollar)
    conversions = _number(row.total_checkout)
    impressions = _first(row.paid_impression, row.impression_1)
    clicks = _first(row.clickthrough_1, row.total_clickthrough)
    told = (spend, value, impressions, clicks, conversions)
    if all(one is None for one in told):
        return None
    if not entity:
        raise SchemaDrift("Pinterest gave a row without saying what it is about.", code=level)
    return DailyMetric(
        account_id=of.id,
        level=level,
        entity_id=entity,
        campaign_id=_id(row.campaign_id) or campaigns.get(entity, ""),
        day=_day_of(row.date),
        currency=of.currency,
        spend_micros=spend or 0,
        impressions=impressions,
        clicks=clicks,
        conversions=None if conversions is None else round(float(conversions), 6),
        conversion_value_micros=value,
        video_views=_count(row.video_mrc_views_1),
        reach=_count(row.total_impression_user),
        attribution=ATTRIBUTION,
    )


def entity_id(row: wire.Row, level: Level) -> str:
    """The id of the row's entity at a level."""
    if level is Level.CAMPAIGN:
        return _id(row.campaign_id)
    return _id(row.ad_group_id) if level is Level.AD_GROUP else _id(row.ad_id or row.pin_promotion_id)


def _day_of(text: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise SchemaDrift("Pinterest gave a row without a day.") from None


def _spend(row: wire.Row) -> int | None:
    if (micros := _count(row.spend_in_micro_dollar)) is not None:
        return micros
    whole = _number(row.spend_in_dollar)
    return None if whole is None else micros_from_decimal(whole)


def _count(value: wire.Number) -> int | None:
    """Counts and micros are whole; reports may write them as text or with an idle decimal point."""
    found = _number(value)
    return None if found is None else round(found)


def _first(*values: wire.Number) -> int | None:
    """The first of several columns that tells something."""
    return next((count for value in values if (count := _count(value)) is not None), None)


def _number(value: wire.Number) -> Decimal | None:
    """The exact number; None for a gap, however it is written."""
    try:
        found = Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _word(value: wire.Word) -> str:
    return value if isinstance(value, str) else ""


def _known(value: wire.Id) -> str:
    """The id of what is stored under it."""
    if value is None:
        raise SchemaDrift("Pinterest sent a campaign or an ad without its id.")
    return str(value)


def _id(value: wire.Id) -> str:
    return "" if value is None else str(value)


def _instant(told: wire.Number) -> datetime | None:
    """An instant; None where what was told is none, as no number hangs on it."""
    seconds = _count(told)
    try:
        return datetime.fromtimestamp(seconds, UTC) if seconds else None
    except (ValueError, OverflowError, OSError):
        return None


def _day(told: wire.Number) -> date | None:
    instant = _instant(told)
    return instant.date() if instant else None
