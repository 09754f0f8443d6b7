"""Bodies of LinkedIn's objects and report rows, with the dust that LinkedIn leaves in amounts."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from adloom_sdk.days import midnight
from adloom_sdk.money import MICROS
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

WORDS = {EntityStatus.ACTIVE: "ACTIVE", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "REMOVED"}
FIELDS: dict[str, Callable[[Numbers], object]] = {
    "impressions": lambda one: one.impressions,
    "clicks": lambda one: one.clicks,
    "externalWebsiteConversions": lambda one: one.conversions,
    "externalWebsitePostClickConversions": lambda one: one.conversions - one.conversions // 5,
    "externalWebsitePostViewConversions": lambda one: one.conversions // 5,
    "conversionValueInLocalCurrency": lambda one: _dusty(one.conversion_value_micros, one.clicks),
    "costInLocalCurrency": lambda one: _dusty(one.spend_micros, one.clicks),
    "costInUsd": lambda one: _dusty(one.spend_micros, 1),
    "videoViews": lambda one: one.video_views,
    "approximateMemberReach": lambda one: one.reach,
    "landingPageClicks": lambda one: one.clicks,
    "oneClickLeads": lambda _one: 0,
    "totalEngagements": lambda one: one.clicks + one.video_views // 10,
}


def report_row(
    entity: Entity, day: date, numbers: Numbers, pivots: list[str], names: list[str], currency: str
) -> dict[str, Any]:
    urns = {
        "CAMPAIGN": f"urn:li:sponsoredCampaign:{entity.campaign}",
        "CREATIVE": f"urn:li:sponsoredCreative:{entity.id}",
    }
    told = {"month": day.month, "day": day.day, "year": day.year}
    fixed = {"dateRange": {"start": told, "end": told}, "pivotValues": [urns[pivot] for pivot in pivots]}
    told_names = [name for name in names if name != "costInUsd" or currency == "USD"]
    return {name: fixed.get(name) or FIELDS[name](numbers) for name in told_names}


def _dusty(micros: int, salt: int) -> str:
    """An amount as LinkedIn sends it: text, at times with what a binary fraction leaves ("99.99999999999996", "-2E-18")."""
    if micros == 0:
        return "-2E-18" if salt % 2 else "0"
    plain = f"{micros // MICROS}.{micros % MICROS:06d}"
    if salt % 3 == 0:
        less = micros - 1
        return f"{less // MICROS}.{less % MICROS:06d}99999996"
    return f"{plain}00000004" if salt % 3 == 1 else plain.rstrip("0").rstrip(".")


def account_body(account: WorldAccount) -> dict[str, Any]:
    is_disabled = account.status is AccountStatus.DISABLED
    return {
        "id": account.number,
        "name": account.name,
        "status": "ACTIVE",
        "type": "BUSINESS",
        "currency": account.currency,
        "reference": "urn:li:organization:64265083",
        "servingStatuses": ["RESTRICTED_HOLD"] if is_disabled else ["RUNNABLE"],
        "test": False,
        "version": {"versionTag": "6"},
        "changeAuditStamps": {"created": {"time": 1_623_665_362_000}, "lastModified": {"time": 1_630_107_622_000}},
    }


def campaign_body(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    """A campaign that shares a budget has none of its own: its group has it."""
    account_id, currency, micros = account.id, account.currency, entity.daily_budget_micros or 0
    budget = {} if entity.is_budget_shared else {"dailyBudget": {"amount": _amount(micros), "currencyCode": currency}}
    return budget | {
        "id": entity.number,
        "account": f"urn:li:sponsoredAccount:{account_id}",
        "campaignGroup": f"urn:li:sponsoredCampaignGroup:{account_id}1",
        "name": entity.name,
        "type": "SPONSORED_UPDATES",
        "status": WORDS[entity.status],
        "objectiveType": "WEBSITE_CONVERSION",
        "costType": "CPM",
        "unitCost": {"amount": "15", "currencyCode": currency},
        "locale": {"country": "US", "language": "en"},
        "runSchedule": {"start": _milliseconds(entity.begins_on)}
        | ({"end": _milliseconds(entity.ends_on)} if entity.ends_on else {}),
        "changeAuditStamps": {
            "created": {"time": _milliseconds(entity.begins_on)},
            "lastModified": {"time": _milliseconds(entity.begins_on + timedelta(days=1))},
        },
        "version": {"versionTag": "1"},
    }


def creative_body(entity: Entity, account: WorldAccount) -> dict[str, Any]:
    return {
        "id": f"urn:li:sponsoredCreative:{entity.id}",
        "account": f"urn:li:sponsoredAccount:{account.id}",
        "campaign": f"urn:li:sponsoredCampaign:{entity.campaign}",
        "name": entity.name,
        "intendedStatus": WORDS[entity.status],
        "isServing": entity.status is EntityStatus.ACTIVE,
        "content": {
            "textAd": {
                "headline": entity.name,
                "description": "Seen by professionals.",
                "landingPage": "https://northwind.example/",
            }
        },
        "createdAt": _milliseconds(entity.begins_on),
        "lastModifiedAt": _milliseconds(entity.begins_on + timedelta(days=1)),
    }


def _amount(micros: int) -> str:
    return f"{micros // MICROS}.{micros % MICROS:06d}".rstrip("0").rstrip(".")


def _milliseconds(day: date) -> int:
    return int(midnight(day, "UTC").timestamp() * 1000)
