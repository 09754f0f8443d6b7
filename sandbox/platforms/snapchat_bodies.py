"""Bodies of Snapchat's objects and reports, with ids that look like Snapchat's and can be read back."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from adloom_sdk.days import each_day, midnight, today_in
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, Numbers, World, WorldAccount, zone

ORGANIZATION_ID = "7f064d90-52a1-42db-b25b-7539e663e926"
_DATA_SETTLE_DAYS = 1
FIELDS: dict[str, Callable[[Numbers], int]] = {
    "impressions": lambda one: one.impressions,
    "swipes": lambda one: one.clicks,
    "spend": lambda one: one.spend_micros,
    "video_views": lambda one: one.video_views,
    "android_installs": lambda _one: 0,
    "ios_installs": lambda _one: 0,
    "total_installs": lambda _one: 0,
    "conversion_purchases": lambda one: one.conversions,
    "conversion_purchases_value": lambda one: one.conversion_value_micros,
}


def shown_id(digits: str | int) -> str:
    """Digits dressed as a UUID."""
    padded = str(digits).zfill(32)
    return "-".join((padded[:8], padded[8:12], padded[12:16], padded[16:20], padded[20:]))


def world_id(shown: str) -> str:
    """The digits of a dressed id."""
    return shown.replace("-", "").lstrip("0")


def organization_body() -> dict[str, Any]:
    """The advertiser's organization."""
    return {
        "id": ORGANIZATION_ID,
        "updated_at": "2024-06-16T00:18:03.222Z",
        "created_at": "2020-12-15T11:13:03.910Z",
        "name": "Northwind",
        "country": "US",
        "type": "ENTERPRISE",
        "state": "ACTIVE",
        "is_agency": False,
        "roles": ["admin", "member"],
    }


def account_body(account: WorldAccount) -> dict[str, Any]:
    """An ad account."""
    return {
        "id": shown_id(account.id),
        "updated_at": "2024-06-15T23:54:26.935Z",
        "created_at": "2021-07-20T20:31:40.955Z",
        "name": account.name,
        "type": "PARTNER",
        "status": "DISABLED" if account.status is AccountStatus.DISABLED else "ACTIVE",
        "organization_id": ORGANIZATION_ID,
        "currency": account.currency,
        "timezone": account.timezone,
        "billing_type": "REVOLVING",
    }


def entity_body(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    """A campaign, squad or ad; a deleted one says so beside its last status."""
    budget = {"daily_budget_micro": entity.daily_budget_micros} if entity.daily_budget_micros else {}
    deleted = {"deleted": True} if entity.status is EntityStatus.REMOVED else {}
    shapes = {"campaign": _campaign, "ad_group": _ad_squad, "ad": _ad}
    return {
        "id": shown_id(entity.id),
        "updated_at": _utc(midnight(entity.begins_on + timedelta(days=1), "UTC")),
        "created_at": _utc(midnight(entity.begins_on, "UTC")),
        "name": entity.name,
        "status": "ACTIVE" if entity.status is EntityStatus.ACTIVE else "PAUSED",
        **shapes[entity.level](entity, account),
        **budget,
        **deleted,
    }


def creative_body(ad: Entity) -> dict[str, Any]:
    """What an ad shows."""
    return {
        "id": shown_id(f"{ad.id}7"),
        "updated_at": _utc(midnight(ad.begins_on, "UTC")),
        "created_at": _utc(midnight(ad.begins_on, "UTC")),
        "name": f"Creative of {ad.name}",
        "type": "WEB_VIEW",
        "headline": ad.name,
        "brand_name": "Northwind",
        "call_to_action": "SHOP_NOW",
        "top_snap_media_id": shown_id(f"{ad.id}8"),
        "top_snap_media_type": "VIDEO",
        "web_view_properties": {"url": "https://northwind.example/"},
    }


def report_body(
    world: World,
    account: WorldAccount,
    breakdown: str,
    entities: list[Entity],
    window: tuple[date, date],
    names: list[str],
) -> dict[str, Any]:
    """A report of an account with the days of some of its entities, and until when the numbers are final."""
    now, (since, until) = world.clock.now(), window
    final_day = today_in(account.timezone, now) - timedelta(days=_DATA_SETTLE_DAYS)
    bounds = {"start_time": _local(since, account), "end_time": _local(until + timedelta(days=1), account)}
    kind = {"campaign": "CAMPAIGN", "adsquad": "AD_SQUAD", "ad": "AD"}[breakdown]
    series = [
        {
            "id": shown_id(one.id),
            "type": kind,
            "granularity": "DAY",
            **bounds,
            "timeseries": [_day(world, account, one, day, names) for day in each_day(since, until)],
        }
        for one in entities
    ]
    return {
        "id": shown_id(account.id),
        "type": "AD_ACCOUNT",
        "granularity": "DAY",
        **bounds,
        "swipe_up_attribution_window": "28_DAY",
        "view_attribution_window": "1_DAY",
        "finalized_data_end_time": _local(final_day, account),
        "conversion_data_processed_end_time": _stamp(now.astimezone(zone(account)).replace(minute=0, second=0)),
        "breakdown_stats": {breakdown: series},
    }


def _day(world: World, account: WorldAccount, entity: Entity, day: date, names: list[str]) -> dict[str, Any]:
    numbers = world.numbers(account, entity, day)
    return {
        "start_time": _local(day, account),
        "end_time": _local(day + timedelta(days=1), account),
        "stats": {name: FIELDS[name](numbers) for name in names},
    }


def _campaign(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    ends = {"end_time": _utc(midnight(entity.ends_on, account.timezone))} if entity.ends_on else {}
    return ends | {
        "ad_account_id": shown_id(account.id),
        "objective": "WEB_CONVERSION",
        "buy_model": "AUCTION",
        "start_time": _utc(midnight(entity.begins_on, account.timezone)),
    }


def _ad_squad(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    return {
        "campaign_id": shown_id(entity.campaign),
        "type": "SNAP_ADS",
        "targeting": {},
        "targeting_reach_status": "VALID",
        "placement": "SNAP_ADS",
        "billing_event": "IMPRESSION",
        "auto_bid": True,
        "bid_strategy": "AUTO_BID",
        "start_time": _utc(midnight(entity.begins_on, account.timezone)),
        "optimization_goal": "PIXEL_PURCHASE",
    }


def _ad(entity: Entity, account: WorldAccount) -> dict[str, Any]:  # noqa: ARG001 - all three shapes are called alike
    return {
        "ad_squad_id": shown_id(entity.parent),
        "creative_id": shown_id(f"{entity.id}7"),
        "type": "REMOTE_WEBPAGE",
        "review_status": "APPROVED",
    }


def _local(day: date, account: WorldAccount) -> str:
    return _stamp(midnight(day, account.timezone))


def _stamp(instant: datetime) -> str:
    """Such as "2024-01-15T00:00:00.000-0800", as Snapchat writes local times."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000%z")


def _utc(instant: datetime) -> str:
    """Such as "2024-01-15T08:00:00.000Z", as Snapchat writes everything else."""
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
