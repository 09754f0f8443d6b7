"""TikTok's objects as Adloom's records: the only place where TikTok's words and units are understood."""

from datetime import UTC, date, datetime
from math import isfinite
from typing import Literal

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
from adloom_tiktok_ads import wire

ID_NAMES = {Level.CAMPAIGN: "campaign_id", Level.AD_GROUP: "adgroup_id", Level.AD: "ad_id"}
METRICS = (
    "spend",
    "impressions",
    "clicks",
    "conversion",
    "complete_payment",
    "total_complete_payment_rate",
    "video_play_actions",
    "reach",
)
ATTRIBUTION = "By click date, with the attribution windows set per ad group (7 days after a click, 1 day after a view unless changed)."

_DAILY_MODES = {"BUDGET_MODE_DAY", "BUDGET_MODE_DYNAMIC_DAILY_BUDGET"}
_STATUSES = {
    "ENABLE": EntityStatus.ACTIVE,
    "DISABLE": EntityStatus.PAUSED,
    "FROZEN": EntityStatus.ENDED,
    "DELETE": EntityStatus.REMOVED,
}
_FORMATS: dict[str, Literal["image", "video", "carousel"]] = {
    "SINGLE_VIDEO": "video",
    "LIVE_CONTENT": "video",
    "SINGLE_IMAGE": "image",
    "CAROUSEL": "carousel",
    "CAROUSEL_ADS": "carousel",
    "CATALOG_CAROUSEL": "carousel",
}
_DISABLED_SENTENCES = {
    "STATUS_DISABLE": "TikTok has disabled this ad account.",
    "STATUS_CONFIRM_FAIL_END": "TikTok has refused to open this ad account.",
}


def account(advertiser: wire.Advertiser) -> Account:
    """An ad account; what is under review still reads."""
    raw = advertiser.status or ""
    problem = _DISABLED_SENTENCES.get(raw, "")
    status = AccountStatus.ACTIVE if raw == "STATUS_ENABLE" else AccountStatus.LIMITED
    return Account(
        id=str(advertiser.advertiser_id),
        name=advertiser.name or str(advertiser.advertiser_id),
        currency=advertiser.currency or "",
        timezone=_zone(advertiser),
        status=AccountStatus.DISABLED if problem else status,
        raw_status=raw,
        problem=problem,
    )


def unreachable(advertiser_id: str, problem: str) -> Account:
    """An ad account that the sign-in knows by number only."""
    return Account(
        id=advertiser_id,
        name=advertiser_id,
        currency="",
        timezone="UTC",
        status=AccountStatus.DISABLED,
        problem=problem,
    )


def campaign(row: wire.Campaign, account: Account) -> Campaign:
    """A campaign with its budget, where the campaign has it."""
    state = campaign_state(row)
    owner = BudgetOwner.AD_GROUPS if row.budget_mode == "BUDGET_MODE_INFINITE" else BudgetOwner.CAMPAIGN
    return Campaign(
        id=str(row.campaign_id),
        account_id=account.id,
        name=row.campaign_name or "",
        status=state.status,
        raw_status=state.raw_status,
        objective=row.objective_type or "",
        kind=row.campaign_type or "",
        currency=account.currency,
        daily_budget_micros=state.daily_budget_micros,
        lifetime_budget_micros=_budget(row.budget, row.budget_mode, is_daily=False),
        budget_owner=owner,
        updated_at=_instant(row.modify_time),
    )


def campaign_state(row: wire.Campaign) -> EntityState:
    """What can be written of a campaign."""
    return EntityState(
        status=_status(row.operation_status, row.secondary_status),
        raw_status=_raw_status(row.operation_status, row.secondary_status),
        daily_budget_micros=_budget(row.budget, row.budget_mode, is_daily=True),
    )


def ad_group(row: wire.AdGroup, account: Account) -> AdGroup:
    """An ad group with its own budget, if it has one."""
    return AdGroup(
        id=str(row.adgroup_id),
        account_id=account.id,
        campaign_id=_told(row.campaign_id) or "",
        name=row.adgroup_name or "",
        status=_status(row.operation_status, row.secondary_status),
        raw_status=_raw_status(row.operation_status, row.secondary_status),
        daily_budget_micros=_budget(row.budget, row.budget_mode, is_daily=True),
        lifetime_budget_micros=_budget(row.budget, row.budget_mode, is_daily=False),
        updated_at=_instant(row.modify_time),
    )


def ad(row: wire.Ad, account: Account) -> Ad:
    """An ad. TikTok keeps words and media with the ad, so the creative bears its id."""
    return Ad(
        id=str(row.ad_id),
        account_id=account.id,
        campaign_id=_told(row.campaign_id) or "",
        ad_group_id=_told(row.adgroup_id) or "",
        name=row.ad_name or "",
        status=_status(row.operation_status, row.secondary_status),
        raw_status=_raw_status(row.operation_status, row.secondary_status),
        creative_id=str(row.ad_id),
        updated_at=_instant(row.modify_time),
    )


def creative(row: wire.Ad, account: Account) -> Creative:
    """The words and media of an ad."""
    return Creative(
        id=str(row.ad_id),
        account_id=account.id,
        kind=_FORMATS.get(row.ad_format or "", "other"),
        name=row.ad_name or "",
        title=row.display_name or "",
        body=row.ad_text or "",
        link_url=row.landing_page_url or "",
        media_urls=(row.profile_image_url,) if row.profile_image_url else (),
    )


def ad_state(row: wire.AdGroup | wire.Ad) -> EntityState:
    """What can be written of an ad group or an ad: its status."""
    return EntityState(
        status=_status(row.operation_status, row.secondary_status),
        raw_status=_raw_status(row.operation_status, row.secondary_status),
    )


def daily(row: wire.ReportRow, account: Account, level: Level) -> DailyMetric:
    """One entity's day of the ad account's zone."""
    metrics, entity_id = row.metrics or wire.Metrics(), _told(getattr(row.dimensions, ID_NAMES[level]))
    if entity_id is None:
        raise SchemaDrift(f"TikTok's report has no {ID_NAMES[level]}.")
    campaign_id = _told(row.dimensions.campaign_id) or _told(metrics.campaign_id) or ""
    return DailyMetric(
        account_id=account.id,
        level=level,
        entity_id=entity_id,
        campaign_id=entity_id if level is Level.CAMPAIGN else campaign_id,
        day=_day(row.dimensions.stat_time_day),
        currency=account.currency,
        spend_micros=_micros(metrics.spend) or 0,
        impressions=whole(metrics.impressions),
        clicks=whole(metrics.clicks),
        conversions=_conversions(metrics),
        conversion_value_micros=_micros(metrics.total_complete_payment_rate),
        video_views=whole(metrics.video_play_actions),
        reach=whole(metrics.reach),
        attribution=ATTRIBUTION,
    )


def _zone(advertiser: wire.Advertiser) -> str:
    """The zone with its changes of clocks where TikTok names it."""
    names = (advertiser.display_timezone, advertiser.timezone)
    return next((name for name in names if name and is_zone(name)), "UTC")


def _status(operation: str | None, secondary: str | None) -> EntityStatus:
    told = secondary or ""
    if told.endswith(("_STATUS_DELETE", "_STATUS_CAMPAIGN_DELETE", "_STATUS_ADGROUP_DELETE")):
        return EntityStatus.REMOVED
    if told.endswith("_DONE"):
        return EntityStatus.ENDED
    return _STATUSES.get(operation or "", EntityStatus.OTHER)


def _raw_status(operation: str | None, secondary: str | None) -> str:
    return secondary or operation or ""


def _budget(value: wire.Value, mode: str | None, *, is_daily: bool) -> int | None:
    modes = _DAILY_MODES if is_daily else {"BUDGET_MODE_TOTAL"}
    return _micros(value) if mode in modes else None


def _told(value: wire.Value) -> str | None:
    """The value as text; None where TikTok did not tell ("-", "", null, absent)."""
    text = "" if value is None else str(value).strip()
    return text if text not in {"", "-", "--"} else None


def _micros(value: wire.Value) -> int | None:
    text = _told(value)
    try:
        return None if text is None else micros_from_decimal(text)
    except ValueError as error:
        raise SchemaDrift(f"TikTok tells an amount that is no number: {text}") from error


def _number(value: wire.Value) -> float | None:
    text = _told(value)
    try:
        number = None if text is None else float(text.replace(",", ""))
    except ValueError as error:
        raise SchemaDrift(f"TikTok tells a count that is no number: {text}") from error
    if number is not None and not isfinite(number):
        raise SchemaDrift(f"TikTok tells a count that is no number: {text}")
    return None if number is None else round(number, 6)


def whole(value: wire.Value) -> int | None:
    """A count; None where TikTok did not tell it."""
    number = _number(value)
    return None if number is None else round(number)


def _conversions(metrics: wire.Metrics) -> float | None:
    """Purchases on the website where the account measures them, else what the ad group optimises for."""
    purchases = _number(metrics.complete_payment)
    return purchases if purchases is not None else _number(metrics.conversion)


def _day(value: wire.Value) -> date:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError as error:
        raise SchemaDrift(f"TikTok tells a day that is none: {value}") from error


def _instant(text: str | None) -> datetime | None:
    """Times of changes come in UTC, without an offset; Smart+ objects may have none."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
    except ValueError:
        return None
