"""Google → records: the only place that knows what its words, units and gaps mean."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Literal
from zoneinfo import ZoneInfo

from adloom_google_ads import wire
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
from adloom_sdk.money import micros_from_decimal

ATTRIBUTION = "on the day of the click, in the windows of each conversion action (30 days after a click unless changed)"
# Older versions of the API wrote this for a campaign that never ends.
_NEVER = date(2037, 12, 30)
_STATUS = {"ENABLED": EntityStatus.ACTIVE, "PAUSED": EntityStatus.PAUSED, "REMOVED": EntityStatus.REMOVED}
_ACCOUNT_STATUS = {
    "ENABLED": (AccountStatus.ACTIVE, ""),
    "CANCELED": (AccountStatus.CLOSED, "This Google Ads account was cancelled."),
    "CLOSED": (AccountStatus.CLOSED, "This Google Ads account was closed."),
    "SUSPENDED": (AccountStatus.DISABLED, "Google has suspended this account."),
}
_MANAGER = "This is a manager account: connect the accounts below it."
_KINDS: dict[str, Literal["image", "video", "carousel", "text"]] = {
    "RESPONSIVE_SEARCH_AD": "text",
    "EXPANDED_TEXT_AD": "text",
    "EXPANDED_DYNAMIC_SEARCH_AD": "text",
    "TEXT_AD": "text",
    "IMAGE_AD": "image",
    "RESPONSIVE_DISPLAY_AD": "image",
    "DEMAND_GEN_MULTI_ASSET_AD": "image",
    "DEMAND_GEN_CAROUSEL_AD": "carousel",
}


def account_id(shown: str) -> str:
    """An account's number as paths want it: people write it with dashes, resources with "customers/" before it."""
    return shown.removeprefix("customers/").replace("-", "")


def account(one: wire.CustomerClient, root: str) -> Account:
    """An account; `root` is the manager through which it is reached, and which reads must name."""
    status, problem = _ACCOUNT_STATUS.get(one.status or "", (AccountStatus.LIMITED, ""))
    zone = one.time_zone if one.time_zone and is_zone(one.time_zone) else ""
    if not one.currency_code or not zone:
        problem = problem or "Google does not tell the currency and time zone of this account."
    if one.manager:
        problem = problem or _MANAGER
    own = text(one.id)
    return Account(
        id=own,
        name=one.descriptive_name or own,
        currency=one.currency_code or "",
        timezone=zone or "UTC",
        status=status,
        raw_status=one.status or "",
        parent_id=root if root != own else None,
        problem=problem,
    )


def unreachable(customer: str, problem: str) -> Account:
    """An account that the sign-in knows by number only."""
    return Account(
        id=customer, name=customer, currency="", timezone="UTC", status=AccountStatus.DISABLED, problem=problem
    )


def campaign(row: wire.Row, of: Account, now: datetime) -> Campaign:
    """A campaign with its budget. YouTube's are of kind VIDEO or DEMAND_GEN."""
    one, money = row.campaign, row.campaign_budget or wire.Budget()
    ends_at = one.end_date_time or (f"{one.end_date} 23:59:59" if one.end_date else None)
    ends_on = _day(ends_at)
    return Campaign(
        id=_known(one.id),
        account_id=of.id,
        name=one.name or "",
        status=status(one.status, ends_at, of, now),
        raw_status=one.status or "",
        kind=one.advertising_channel_type or "",
        currency=of.currency,
        daily_budget_micros=daily_budget(money),
        lifetime_budget_micros=_amount(money.total_amount_micros),
        budget_owner=BudgetOwner.SHARED if is_shared(money) else BudgetOwner.CAMPAIGN,
        starts_on=_day(one.start_date_time or one.start_date),
        ends_on=None if ends_on == _NEVER else ends_on,
    )


def ad_group(row: wire.Row, of: Account, now: datetime) -> AdGroup:
    """An ad group; it has no budget of its own."""
    one = row.ad_group
    return AdGroup(
        id=_known(one.id),
        account_id=of.id,
        campaign_id=text(row.campaign.id),
        name=one.name or "",
        status=status(one.status, None, of, now),
        raw_status=one.status or "",
    )


def ad(row: wire.Row, of: Account, now: datetime) -> Ad:
    """An ad; it is its own creative. Most have no name, so a headline stands in."""
    one = row.ad_group_ad
    own = _known(one.ad.id)
    return Ad(
        id=own,
        account_id=of.id,
        campaign_id=text(row.campaign.id),
        ad_group_id=text(row.ad_group.id),
        name=one.ad.name or _first(_words(one.ad).headlines) or own,
        status=status(one.status, None, of, now),
        raw_status=one.status or "",
        creative_id=own,
    )


def creative(row: wire.Row, of: Account, _now: datetime) -> Creative:
    """What an ad says and shows, as far as the ad itself tells it; pictures and videos of assets are not read."""
    one = row.ad_group_ad.ad
    words, kind = _words(one), one.type or ""
    return Creative(
        id=_known(one.id),
        account_id=of.id,
        kind="video" if "VIDEO" in kind else _KINDS.get(kind, "other"),
        name=one.name or "",
        title=_first(words.headlines),
        body=_first(words.descriptions),
        link_url=next(iter(one.final_urls or ()), ""),
        media_urls=(one.image_ad.image_url,) if one.image_ad and one.image_ad.image_url else (),
    )


def daily(row: wire.Row, of: Account, level: Level) -> DailyMetric:
    """One entity's day. Conversions may be fractions; metrics that are absent were asked for, so they are zero."""
    told = row.metrics or wire.Metrics()
    own = {Level.CAMPAIGN: row.campaign.id, Level.AD_GROUP: row.ad_group.id, Level.AD: row.ad_group_ad.ad.id}[level]
    try:
        return DailyMetric(
            account_id=of.id,
            level=level,
            entity_id=_known(own),
            campaign_id=text(row.campaign.id),
            day=date.fromisoformat(row.segments.date or ""),
            currency=of.currency,
            spend_micros=_count(told.cost_micros),
            impressions=_count(told.impressions),
            clicks=_count(told.clicks),
            conversions=_fraction(told.conversions),
            conversion_value_micros=micros_from_decimal(told.conversions_value or 0),
            video_views=_count(told.video_views if told.video_trueview_views is None else told.video_trueview_views),
            attribution=ATTRIBUTION,
        )
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise SchemaDrift("Google's report has words where numbers were due.", code="metrics") from error


def state(row: wire.Row, of: Account, level: Level, now: datetime) -> EntityState:
    """What can be written of an entity."""
    money = row.campaign_budget or wire.Budget()
    raw = entity(row, level).status
    return EntityState(
        status=status(raw, row.campaign.end_date_time if level is Level.CAMPAIGN else None, of, now),
        raw_status=raw or "",
        daily_budget_micros=daily_budget(money) if level is Level.CAMPAIGN else None,
        is_budget_shared=level is Level.CAMPAIGN and is_shared(money),
    )


def entity(row: wire.Row, level: Level) -> wire.Campaign | wire.AdGroup | wire.AdGroupAd:
    """The part of a row that a level is about."""
    if level is Level.CAMPAIGN:
        return row.campaign
    return row.ad_group if level is Level.AD_GROUP else row.ad_group_ad


def status(raw: str | None, ends: str | None, of: Account, now: datetime) -> EntityStatus:
    """What the advertiser set; an enabled campaign whose time is over has ended. Times are the account's."""
    found = _STATUS.get(raw or "", EntityStatus.OTHER)
    if found is not EntityStatus.ACTIVE or not ends:
        return found
    try:
        ends_at = datetime.fromisoformat(ends).replace(tzinfo=ZoneInfo(of.timezone))
    except ValueError:
        return found
    return EntityStatus.ENDED if ends_at < now else found


def daily_budget(money: wire.Budget) -> int | None:
    """Micros a day; None for a budget of a whole period."""
    return None if money.period == "CUSTOM_PERIOD" else _amount(money.amount_micros)


def is_shared(money: wire.Budget) -> bool:
    """Whether other campaigns use it, or may: a budget made for sharing counts also while only one uses it."""
    return money.explicitly_shared is True or (_amount(money.reference_count) or 0) > 1


def text(value: wire.Number) -> str:
    """An id as text."""
    return "" if value is None else str(value)


def _known(value: wire.Number) -> str:
    if value is None:
        raise SchemaDrift("Google's reply has rows without an id.")
    return str(value)


def _amount(value: wire.Number) -> int | None:
    try:
        return int(value) if value is not None else None
    except ValueError as error:
        raise SchemaDrift("Google's reply has words where an amount was due.") from error


def _count(value: wire.Number) -> int:
    return 0 if value is None else int(Decimal(str(value)))


def _fraction(value: wire.Number) -> float:
    found = float(value or 0)
    if not isfinite(found):
        raise ValueError(f"{value} is no count")
    return round(found, 6)


def _day(value: str | None) -> date | None:
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None


def _words(one: wire.Ad) -> wire.Words:
    return one.responsive_search_ad or one.responsive_display_ad or wire.Words()


def _first(texts: Iterable[wire.Text] | None) -> str:
    return next((one.text for one in texts or () if one.text), "")
