"""What Meta's accounts, entities and creatives look like as JSON, made from the world."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from adloom_sdk.days import midnight
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, World, WorldAccount, zone

LEAST_BUDGET = 100
GONE = {"DELETED", "ARCHIVED"}
STATES = {
    *("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES", "CAMPAIGN_PAUSED", "ADSET_PAUSED"),
    *("PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO"),
}
_STATUS = {EntityStatus.ACTIVE: "ACTIVE", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "ARCHIVED"}
_WHOLE_CURRENCIES = {"CLP", "COP", "CRC", "HUF", "ISK", "IDR", "JPY", "KRW", "PYG", "TWD", "VND"}
_OBJECTIVES = ("OUTCOME_SALES", "OUTCOME_LEADS", "OUTCOME_TRAFFIC", "OUTCOME_AWARENESS")


@dataclass(frozen=True)
class Book:
    """An account with its campaigns as they are during one call; they are numbered from 1 behind its digits, in this order."""

    account: WorldAccount
    campaigns: tuple[Entity, ...]
    ad_groups: int

    def campaign_of(self, one: Entity) -> Entity:
        """The campaign that an entity belongs to."""
        return self.campaigns[int(str(one.campaign).removeprefix(self.account.id)) - 1]


def opened(world: World, of: WorldAccount) -> Book:
    """The account as it is now."""
    return Book(of, world.campaigns(of), world.shape.ad_groups)


def unit_micros(currency: str) -> int:
    """What one of Meta's minor units is worth: a whole unit in some currencies, a hundredth in all others."""
    return 1_000_000 if currency in _WHOLE_CURRENCIES else 10_000


def account(one: WorldAccount, now: datetime, *, can_write: bool) -> dict[str, Any]:
    """An ad account."""
    offset = now.astimezone(zone(one)).utcoffset() or timedelta()
    return {
        "id": f"act_{one.id}",
        "account_id": one.id,
        "name": one.name,
        "currency": one.currency,
        "timezone_name": one.timezone,
        "timezone_id": 1,
        "timezone_offset_hours_utc": int(offset.total_seconds() // 3600),
        "account_status": 2 if one.status is AccountStatus.DISABLED else 1,
        "business": {"id": "1506473679510495", "name": "Northwind"},
        "user_tasks": ["DRAFT", "ANALYZE", *(["ADVERTISE"] if can_write else [])],
        "age": 1402.6937847222,
        "amount_spent": "39125",
        "balance": "0",
        "disable_reason": 1 if one.status is AccountStatus.DISABLED else 0,
        "is_prepay_account": False,
        "min_daily_budget": LEAST_BUDGET,
        "created_time": "2020-04-13T18:04:59-0700",
    }


def entity(book: Book, one: Entity) -> dict[str, Any]:
    """A campaign, ad set or ad, with every field that it has."""
    of = book.account
    body = {
        "id": one.id,
        "account_id": of.id,
        "name": one.name,
        "status": _STATUS[one.status],
        "effective_status": effective_status(book, one),
        "created_time": _instant(of, one.begins_on),
        "updated_time": _instant(of, one.begins_on),
    }
    if one.level == "campaign":
        return body | _campaign(of, one)
    return body | (_ad_set(book, one) if one.level == "ad_group" else _ad(one))


def effective_status(book: Book, one: Entity) -> str:
    """What an entity is under what lies above it."""
    above = None if one.level == "campaign" else book.campaign_of(one)
    if above and one.status is EntityStatus.ACTIVE and above.status is EntityStatus.PAUSED:
        return "CAMPAIGN_PAUSED"
    return _STATUS[one.status]


def creative(of: WorldAccount, ad: Entity) -> dict[str, Any]:
    """The creative of an ad: a picture, a video or a carousel, its words in three different places."""
    link = {"link": f"https://northwind.example/{ad.number % 7}", "image_hash": "970937d2f16de20c0a99e598aa876ac0"}
    title, text = f"Title of {ad.name}", f"Text of {ad.name}"
    body: dict[str, Any] = {
        "id": creative_id(ad),
        "account_id": of.id,
        "actor_id": "112704783733939",
        "name": f"Creative of {ad.name}",
        "status": "ACTIVE",
        "call_to_action_type": "SHOP_NOW",
        "effective_object_story_id": f"112704783733939_{ad.id}",
        "thumbnail_url": f"https://scontent.example/{ad.id}.jpg",
    }
    if ad.number % 3 == 0:
        return body | {
            "object_type": "VIDEO",
            "video_id": f"8{ad.id}",
            "object_story_spec": {"page_id": "112704783733939", "video_data": {"title": title, "message": text}},
        }
    if ad.number % 3 == 1:
        cards = [{"link": link["link"], "name": f"Card {index}"} for index in (1, 2)]
        story = {**link, "name": title, "message": text, "child_attachments": cards}
        return body | {"object_type": "SHARE", "object_story_spec": {"page_id": "112704783733939", "link_data": story}}
    action = {"call_to_action": {"type": "SHOP_NOW"}}
    return body | {
        "object_type": "SHARE",
        "title": title,
        "body": text,
        "image_hash": link["image_hash"],
        "object_story_spec": {"page_id": "112704783733939", "link_data": {**link, **action}},
        "asset_feed_spec": {
            "bodies": [{"text": text}],
            "titles": [{"text": title}],
            "optimization_type": "DEGREES_OF_FREEDOM",
        },
    }


def creative_id(ad: Entity) -> str:
    """The id of an ad's creative."""
    return f"9{ad.id}"


def _campaign(of: WorldAccount, one: Entity) -> dict[str, Any]:
    stops_on = one.ends_on or (date(2037, 12, 30) if one.number % 3 == 0 else None)
    ends = {"stop_time": _instant(of, stops_on)} if stops_on else {}
    return ends | _budget(of, None if one.is_budget_shared else one.daily_budget_micros) | {
        "configured_status": _STATUS[one.status],
        "objective": objective(one.number),
        "buying_type": "AUCTION",
        "budget_rebalance_flag": False,
        "budget_remaining": "0",
        "smart_promotion_type": "GUIDED_CREATION",
        "special_ad_category": "NONE",
        "spend_cap": "10000",
        "start_time": _instant(of, one.begins_on),
    }  # fmt: skip


def _ad_set(book: Book, one: Entity) -> dict[str, Any]:
    campaign, of = book.campaign_of(one), book.account
    micros = one.daily_budget_micros
    if campaign.is_budget_shared and micros is None and campaign.daily_budget_micros is not None:
        micros = campaign.daily_budget_micros // max(1, book.ad_groups)
    return _budget(of, micros if campaign.is_budget_shared else None) | {
        "campaign_id": str(one.campaign),
        "promoted_object": {"pixel_id": "917042523049733", "custom_event_type": "PURCHASE"},
        "budget_remaining": "0",
        "lifetime_budget": "0",
        "start_time": _instant(of, one.begins_on),
        "bid_strategy": "LOWEST_COST_WITHOUT_CAP",
        "targeting": {
            "age_max": 60,
            "age_min": 18,
            "geo_locations": {"countries": ["US"], "location_types": ["home", "recent"]},
            "publisher_platforms": ["facebook", "instagram", "audience_network", "messenger"],
        },
    }


def _ad(one: Entity) -> dict[str, Any]:
    return {
        "campaign_id": str(one.campaign),
        "adset_id": str(one.parent),
        "creative": {"id": creative_id(one)},
        "bid_type": "ABSOLUTE_OCPM",
        "source_ad_id": "0",
        "conversion_specs": [{"action.type": ["offsite_conversion"], "conversion_id": ["6015304265216283"]}],
    }


def _budget(of: WorldAccount, micros: int | None) -> dict[str, Any]:
    return {} if micros is None else {"daily_budget": str(max(1, micros // unit_micros(of.currency)))}


def objective(campaign: int) -> str:
    """What a campaign is for."""
    return _OBJECTIVES[campaign % len(_OBJECTIVES)]


def _instant(of: WorldAccount, day: date) -> str:
    """ "2023-03-08T00:00:00-0800", without a colon in the offset."""
    return midnight(day, of.timezone).strftime("%Y-%m-%dT%H:%M:%S%z")
