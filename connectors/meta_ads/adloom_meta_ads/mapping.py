"""Meta → records: the only place that knows what its words, units and gaps mean.

Spend is a decimal number of whole units, budgets are whole minor units of Meta's own offsets.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from adloom_meta_ads import wire
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
from adloom_sdk.errors import BadRequest, SchemaDrift
from adloom_sdk.money import micros_from_decimal, micros_from_minor, minor_from_micros

WINDOWS = ("7d_click", "1d_view")
ATTRIBUTION = "7-day click, 1-day view"
# Overlapping counts of the same purchases, the widest first: one is picked, they are never added up.
PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
VIDEO_VIEW = "video_view"
# Meta's own table: these have no minor unit, all others a hundredth, the dinars with thousandths too.
_WHOLE_CURRENCIES = {"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"}
_STATUS = {
    "ACTIVE": EntityStatus.ACTIVE,
    "PAUSED": EntityStatus.PAUSED,
    "DELETED": EntityStatus.REMOVED,
    "ARCHIVED": EntityStatus.REMOVED,
}
_ACCOUNT_STATUS = {
    1: (AccountStatus.ACTIVE, ""),
    2: (AccountStatus.DISABLED, "Meta has disabled this ad account."),
    3: (AccountStatus.LIMITED, ""),
    7: (AccountStatus.LIMITED, ""),
    8: (AccountStatus.LIMITED, ""),
    9: (AccountStatus.LIMITED, ""),
    100: (AccountStatus.LIMITED, ""),
    101: (AccountStatus.CLOSED, "This ad account was closed."),
    201: (AccountStatus.ACTIVE, ""),
    202: (AccountStatus.CLOSED, "This ad account was closed."),
}
_WRITERS = {"ADVERTISE", "MANAGE"}
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_KINDS: dict[str, Literal["image", "video"]] = {"VIDEO": "video", "SHARE": "image", "PHOTO": "image"}


def account_id(text: str) -> str:
    """An ad account's number as paths want it: people also write it without its prefix."""
    return f"act_{text}" if text.isdigit() else text


def account(one: wire.AdAccount) -> Account:
    """An ad account; without a currency or a zone its numbers cannot be read."""
    raw = "" if one.account_status is None else str(one.account_status)
    status, problem = _ACCOUNT_STATUS.get(int(raw) if raw.isdigit() else 0, (AccountStatus.LIMITED, ""))
    zone = one.timezone_name if one.timezone_name and is_zone(one.timezone_name) else ""
    if not one.currency or not zone:
        problem = problem or "Meta does not tell the currency and time zone of this ad account."
    tasks = one.user_tasks
    return Account(
        id=str(one.id),
        name=one.name or str(one.id),
        currency=one.currency or "",
        timezone=zone or "UTC",
        status=status,
        raw_status=raw,
        parent_id=text(one.business.id) or None if one.business else None,
        can_write=bool(_WRITERS.intersection(tasks)) if tasks is not None else None,
        problem=problem,
    )


def campaign(one: wire.Campaign, of: Account, now: datetime) -> Campaign:
    """A campaign; without a budget of its own its ad sets have one each."""
    daily, lifetime = budget(one.daily_budget, of), budget(one.lifetime_budget, of)
    return Campaign(
        id=str(one.id),
        account_id=of.id,
        name=one.name or "",
        status=status(one, now),
        raw_status=raw_status(one),
        objective=(one.objective or "").removeprefix("OUTCOME_").lower(),
        kind=one.buying_type or "",
        currency=of.currency,
        daily_budget_micros=daily,
        lifetime_budget_micros=lifetime,
        budget_owner=BudgetOwner.CAMPAIGN if daily or lifetime else BudgetOwner.AD_GROUPS,
        starts_on=_day(one.start_time),
        ends_on=_day(one.stop_time),
        updated_at=_instant(one.updated_time),
    )


def ad_group(one: wire.AdSet, of: Account, now: datetime) -> AdGroup:
    """An ad set."""
    return AdGroup(
        id=str(one.id),
        account_id=of.id,
        campaign_id=text(one.campaign_id),
        name=one.name or "",
        status=status(one, now),
        raw_status=raw_status(one),
        daily_budget_micros=budget(one.daily_budget, of),
        lifetime_budget_micros=budget(one.lifetime_budget, of),
        updated_at=_instant(one.updated_time),
    )


def ad(one: wire.Ad, of: Account, now: datetime) -> Ad:
    """An ad."""
    return Ad(
        id=str(one.id),
        account_id=of.id,
        campaign_id=text(one.campaign_id),
        ad_group_id=text(one.adset_id),
        name=one.name or "",
        status=status(one, now),
        raw_status=raw_status(one),
        creative_id=text(one.creative.id) or None if one.creative else None,
        updated_at=_instant(one.updated_time),
    )


def creative(one: wire.Creative, of: Account, _now: datetime) -> Creative:
    """A creative, its words taken from wherever they stand."""
    story, feed = _dict(one.object_story_spec), _dict(one.asset_feed_spec)
    link, video = _dict(story.get("link_data")), _dict(story.get("video_data"))
    action = _dict(_dict(video.get("call_to_action")).get("value"))
    is_carousel, is_video = bool(link.get("child_attachments")), bool(video or one.video_id)
    return Creative(
        id=str(one.id),
        account_id=of.id,
        kind="carousel" if is_carousel else "video" if is_video else _KINDS.get(one.object_type or "", "other"),
        name=one.name or "",
        title=_first(one.title, link.get("name"), video.get("title"), _text(feed.get("titles"))),
        body=_first(one.body, link.get("message"), video.get("message"), _text(feed.get("bodies"))),
        link_url=_first(
            one.link_url, link.get("link"), action.get("link"), _text(feed.get("link_urls"), "website_url")
        ),
        media_urls=tuple(url for url in (one.image_url, one.thumbnail_url) if url),
    )


def daily(one: wire.Insight, of: Account, level: Level) -> DailyMetric:
    """One entity's day. Meta leaves out lists of actions that are empty, so an absent one says none."""
    entity = {Level.CAMPAIGN: one.campaign_id, Level.AD_GROUP: one.adset_id, Level.AD: one.ad_id}[level]
    if not entity or not one.date_start:
        raise SchemaDrift("Meta's report has rows without an id or a day.")
    try:
        return DailyMetric(
            account_id=of.id,
            level=level,
            entity_id=str(entity),
            campaign_id=text(one.campaign_id),
            day=date.fromisoformat(one.date_start),
            currency=one.account_currency or of.currency,
            spend_micros=micros_from_decimal(one.spend) if one.spend is not None else 0,
            impressions=_count(one.impressions),
            clicks=_count(one.clicks),
            conversions=round(float(_picked(one.actions, PURCHASES)), 6),
            conversion_value_micros=micros_from_decimal(_picked(one.action_values, PURCHASES)),
            video_views=int(_picked(one.actions, (VIDEO_VIEW,))),
            reach=_count(one.reach),
            attribution=ATTRIBUTION,
        )
    except (ValueError, OverflowError, InvalidOperation) as error:
        raise SchemaDrift("Meta's report has words where numbers were due.", code="insights") from error


def text(value: wire.Id | None) -> str:
    """An id as text."""
    return "" if value is None else str(value)


def state(one: wire.Campaign | wire.AdSet | wire.Ad, of: Account, now: datetime) -> EntityState:
    """What can be written of an entity."""
    return EntityState(
        status=status(one, now),
        raw_status=raw_status(one),
        daily_budget_micros=None if isinstance(one, wire.Ad) else budget(one.daily_budget, of),
        version=one.updated_time or "",
    )


def status(one: wire.Campaign | wire.AdSet | wire.Ad, now: datetime) -> EntityStatus:
    """What the advertiser set, not what follows from above it; an active one whose time is over has ended."""
    found = _STATUS.get(one.status or one.effective_status or "", EntityStatus.OTHER)
    ends = None if isinstance(one, wire.Ad) else one.stop_time
    if isinstance(one, wire.AdSet):
        ends = one.end_time or ends
    ends_at = _instant(ends)
    is_over = found is EntityStatus.ACTIVE and ends_at is not None and ends_at <= now
    return EntityStatus.ENDED if is_over else found


def raw_status(one: wire.Campaign | wire.AdSet | wire.Ad) -> str:
    """Meta's word: what an entity is in effect, or the status that nobody knows."""
    is_known = (one.status or "") in _STATUS
    return (one.effective_status or one.status or "") if is_known else (one.status or one.effective_status or "")


def budget(value: wire.Number, of: Account) -> int | None:
    """Micros of a budget; Meta also writes "0" where there is none."""
    if value is None:
        return None
    try:
        return micros_from_minor(str(value), _digits(of.currency)) or None
    except ValueError as error:
        raise SchemaDrift("Meta's budget is not a number.", code="daily_budget") from error


def minor_units(micros: int, of: Account) -> int:
    """A budget as Meta takes it. Raises BadRequest where it is finer than Meta's unit."""
    try:
        return minor_from_micros(micros, _digits(of.currency))
    except ValueError as error:
        words = f"Meta takes budgets in {of.currency} in whole {'units' if _digits(of.currency) == 0 else 'hundredths'} only."
        raise BadRequest(words, field="daily_budget") from error


def _digits(currency: str) -> int:
    return 0 if currency in _WHOLE_CURRENCIES else 2


def _picked(counts: Sequence[wire.ActionCount] | None, types: Iterable[str]) -> Decimal:
    """The first of the types that is there; without a total its windows make one."""
    by_type = {one.action_type: one for one in counts or ()}
    found = next((by_type[name] for name in types if name in by_type), None)
    if found is None:
        return Decimal(0)
    told = (found.click_7d, found.view_1d) if found.value is None else (found.value,)
    total = sum((Decimal(str(one)) for one in told if one is not None), Decimal(0))
    if not total.is_finite():
        raise ValueError(f"{total} is no count")
    return total


def _count(value: wire.Number) -> int | None:
    return None if value is None else int(Decimal(str(value)))


def _instant(value: str | None) -> datetime | None:
    """ "2023-03-08T14:18:45-0800", whose offset Python 3.11 takes with a colon too."""
    if not value:
        return None
    try:
        found = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", value))
    except ValueError:
        return None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _day(value: str | None) -> date | None:
    """The day in the zone in which Meta wrote the time, which is the account's."""
    try:
        return date.fromisoformat(value[:10]) if value else None
    except ValueError:
        return None


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any, name: str = "text") -> str:
    first = value[0] if isinstance(value, list) and value else None
    return str(_dict(first).get(name) or "")


def _first(*words: Any) -> str:
    return next((word for word in words if isinstance(word, str) and word), "")
