"""The bodies in which Amazon Ads tells profiles, campaigns, ads and figures, and what its reports are called."""

from collections.abc import Mapping
from typing import Any

from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

STATES = {EntityStatus.ACTIVE: "ENABLED", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "ARCHIVED"}
STATUS_OF = {word: status for status, word in STATES.items()}
COUNTRIES = {"USD": "US", "EUR": "DE", "JPY": "JP", "KWD": "KW", "KRW": "KR"}
REGIONS = {"USD": "", "EUR": "-eu", "KWD": "-eu", "JPY": "-fe", "KRW": "-fe"}
MEDIA = {
    "/sp/campaigns": "application/vnd.spCampaign.v3+json",
    "/sp/adGroups": "application/vnd.spAdGroup.v3+json",
    "/sp/productAds": "application/vnd.spProductAd.v3+json",
    "/sb/v4/campaigns": "application/vnd.sbcampaignresource.v4+json",
    "/sb/v4/adGroups": "application/vnd.sbadgroupresource.v4+json",
    "/sb/v4/ads": "application/vnd.sbadresource.v4+json",
}
# Product, report type and grouping to the world's level.
REPORTS: Mapping[tuple[str, str, tuple[str, ...]], str] = {
    ("SPONSORED_PRODUCTS", "spCampaigns", ("campaign",)): "campaign",
    ("SPONSORED_PRODUCTS", "spCampaigns", ("campaign", "adGroup")): "ad_group",
    ("SPONSORED_PRODUCTS", "spAdvertisedProduct", ("advertiser",)): "ad",
    ("SPONSORED_BRANDS", "sbCampaigns", ("campaign",)): "campaign",
    ("SPONSORED_BRANDS", "sbAdGroup", ("adGroup",)): "ad_group",
    ("SPONSORED_BRANDS", "sbAds", ("ads",)): "ad",
    ("SPONSORED_DISPLAY", "sdCampaigns", ("campaign",)): "campaign",
    ("SPONSORED_DISPLAY", "sdAdGroup", ("adGroup",)): "ad_group",
    ("SPONSORED_DISPLAY", "sdAdvertisedProduct", ("advertiser",)): "ad",
}
_KEYS = {"SPONSORED_PRODUCTS": "sp", "SPONSORED_BRANDS": "sb", "SPONSORED_DISPLAY": "sd"}


def product_of(entity: Entity) -> str:
    """Which product a campaign belongs to: the third of six is of Brands, the fourth of Display, the others of Products."""
    return {3: "sb", 4: "sd"}.get((entity.campaign % 1_000_000 - 1) % 6 + 1, "sp")


def product_key(ad_product: str) -> str:
    """The short name in paths."""
    return _KEYS.get(ad_product, "")


def profile_body(account: WorldAccount) -> dict[str, Any]:
    """A profile; the world's closed account is an agency's."""
    is_agency = account.status is AccountStatus.DISABLED
    info = {
        "marketplaceStringId": "ATVPDKIKX0DER",
        "id": f"ENTITY{account.number}",
        "type": "agency" if is_agency else "seller",
        "name": account.name,
        "validPaymentMethod": not is_agency,
    }
    return {
        "profileId": account.number,
        "countryCode": COUNTRIES[account.currency],
        "currencyCode": account.currency,
        "dailyBudget": 999_999_999.0,
        "timezone": account.timezone,
        "accountInfo": info,
    }


def entity_body(entity: Entity) -> dict[str, Any]:
    """An entity as its product's list shows it."""
    product = product_of(entity)
    bodies = {"campaign": _campaign, "ad_group": _ad_group, "ad": _ad}
    body = bodies[entity.level](entity, product)
    if product != "sd":
        return body
    old = {name: int(value) if name.endswith("Id") else value for name, value in body.items()}
    return old | {"state": body["state"].lower()}


def figures(numbers: Numbers, key: str) -> dict[str, Any]:
    """A row's figures; Products name the window in which purchases count."""
    window = "7d" if key == "sp" else ""
    return {
        "impressions": numbers.impressions,
        "clicks": numbers.clicks,
        "cost": numbers.spend_micros / 1_000_000,
        f"purchases{window}": numbers.conversions,
        f"sales{window}": numbers.conversion_value_micros / 1_000_000,
    }


def ids(entity: Entity) -> dict[str, int]:
    """Ids are numbers in reports."""
    group = entity.number if entity.level == "ad_group" else entity.parent
    return {"campaignId": entity.campaign, "adGroupId": group, "adId": entity.number}


def _campaign(entity: Entity, product: str) -> dict[str, Any]:
    amount = (entity.daily_budget_micros or 0) / 1_000_000
    day = entity.begins_on.isoformat()
    body: dict[str, Any] = {"campaignId": entity.id, "name": entity.name, "state": STATES[entity.status]}
    if product == "sp":
        bidding = {"strategy": "LEGACY_FOR_SALES", "placementBidding": []}
        budget = {"budget": amount, "budgetType": "DAILY"}
        return body | {"targetingType": "MANUAL", "budget": budget, "startDate": day, "dynamicBidding": bidding}
    if product == "sb":
        return body | {"budget": amount, "budgetType": "DAILY", "startDate": day, "goal": "PAGE_VISIT"}
    return body | {"budget": amount, "budgetType": "daily", "startDate": day.replace("-", ""), "tactic": "T00020"}


def _ad_group(entity: Entity, _product: str) -> dict[str, Any]:
    return {
        "adGroupId": entity.id,
        "campaignId": str(entity.campaign),
        "name": entity.name,
        "state": STATES[entity.status],
        "defaultBid": 0.75,
    }


def _ad(entity: Entity, product: str) -> dict[str, Any]:
    body = {
        "adId": entity.id,
        "campaignId": str(entity.campaign),
        "adGroupId": str(entity.parent),
        "state": STATES[entity.status],
    }
    return body | (
        {"name": entity.name} if product == "sb" else {"asin": f"B{entity.number % 10**9:09d}", "sku": entity.name}
    )
