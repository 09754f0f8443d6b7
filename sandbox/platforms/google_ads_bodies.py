"""Google Ads' accounts, entities and days, by the full names of their fields, made from the world. Whole numbers are text."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, Numbers, World, WorldAccount

PREFIX, BUDGET = "90000", "7"
MANAGER, MANAGER_BELOW = "8000000001", "8000000002"
_STATUS = {EntityStatus.ACTIVE: "ENABLED", EntityStatus.PAUSED: "PAUSED", EntityStatus.REMOVED: "REMOVED"}
_CHANNELS = ("SEARCH", "VIDEO", "PERFORMANCE_MAX", "SHOPPING")
_AD_TYPES = {
    "VIDEO": "VIDEO_RESPONSIVE_AD",
    "SHOPPING": "SHOPPING_PRODUCT_AD",
    "PERFORMANCE_MAX": "RESPONSIVE_DISPLAY_AD",
}


@dataclass(frozen=True)
class Book:
    """An account with its campaigns as they are during one call; they are numbered from 1 behind its digits, in this order."""

    account: WorldAccount
    campaigns: tuple[Entity, ...]

    def campaign_of(self, one: Entity) -> Entity:
        """The campaign that an entity belongs to."""
        return self.campaigns[int(str(one.campaign).removeprefix(self.account.id)) - 1]


def opened(world: World, of: WorldAccount) -> Book:
    """The account as it is now."""
    return Book(of, world.campaigns(of))


def customer(of: WorldAccount) -> str:
    """The account's number at Google."""
    return PREFIX + of.id


def directly_reached(world: World) -> list[str]:
    """The manager, and the first account, which nobody manages."""
    return [MANAGER, *(customer(one) for one in world.accounts[:1])]


def customers(world: World) -> set[str]:
    """Every account there is."""
    return {MANAGER, MANAGER_BELOW, *(customer(one) for one in world.accounts)}


def reached_through(world: World, login: str) -> set[str]:
    """What a manager reaches; an account reaches itself."""
    return customers(world) - {customer(one) for one in world.accounts[:1]} if login == MANAGER else {login}


def tree(world: World, root: str) -> list[dict[str, Any]]:
    """An account and all below it. The last two that work are below a second manager."""
    managed = {customer(one): one for one in world.accounts[1:]}
    below = set(list(managed)[2:4])
    if root not in {MANAGER, MANAGER_BELOW}:
        found = next(one for one in world.accounts if customer(one) == root)
        return [_client(root, root, 0, found)]
    if root == MANAGER_BELOW:
        return [_client(root, root, 0), *(_client(root, one, 1, managed[one]) for one in sorted(below))]
    rows = [_client(root, root, 0), _client(root, MANAGER_BELOW, 1)]
    return rows + [_client(root, own, 2 if own in below else 1, one) for own, one in managed.items()]


def entity(book: Book, one: Entity) -> dict[str, Any]:
    """Every field of an entity and of what lies above it."""
    campaign = book.campaign_of(one)
    found = _campaign(book, campaign)
    if one.level == "campaign":
        return found
    own = customer(book.account)
    group_id = one.id if one.level == "ad_group" else str(one.parent)
    found |= {
        "ad_group.resource_name": f"customers/{own}/adGroups/{group_id}",
        "ad_group.id": group_id,
        "ad_group.name": one.name if one.level == "ad_group" else one.name.partition(" of ")[2],
        "ad_group.status": _STATUS[one.status],
        "ad_group.type": "SEARCH_STANDARD",
        "ad_group.cpc_bid_micros": "1000000",
        "ad_group.cpm_bid_micros": "10000",
        "ad_group.target_cpa_micros": "0",
    }
    return found if one.level == "ad_group" else found | _ad(own, group_id, one)


def metrics(one: Entity, day: date, numbers: Numbers) -> dict[str, Any]:
    """One entity's day. What is zero is left out for every other entity, as either may happen."""
    views = numbers.video_views if _channel(one.campaign) == "VIDEO" else 0
    told: dict[str, Any] = {
        "metrics.cost_micros": str(numbers.spend_micros),
        "metrics.impressions": str(numbers.impressions),
        "metrics.clicks": str(numbers.clicks),
        "metrics.conversions": float(numbers.conversions),
        "metrics.conversions_value": numbers.conversion_value_micros / 1_000_000,
        "metrics.video_trueview_views": str(views),
    }
    if one.number % 2:
        told = {name: value for name, value in told.items() if value not in {"0", 0.0}}
    return {"segments.date": day.isoformat(), **told}


def _client(root: str, own: str, level: int, of: WorldAccount | None = None) -> dict[str, Any]:
    is_open = of is None or of.status is not AccountStatus.DISABLED
    return {
        "customer_client.resource_name": f"customers/{root}/customerClients/{own}",
        "customer_client.client_customer": f"customers/{own}",
        "customer_client.id": own,
        "customer_client.descriptive_name": of.name if of else f"Northwind manager {own[-1]}",
        "customer_client.level": str(level),
        "customer_client.manager": of is None,
        "customer_client.currency_code": of.currency if of else "USD",
        "customer_client.time_zone": of.timezone if of else "America/New_York",
        "customer_client.status": "ENABLED" if is_open else "CANCELED",
    }


def _campaign(book: Book, one: Entity) -> dict[str, Any]:
    own = customer(book.account)
    budget = f"customers/{own}/campaignBudgets/{BUDGET}{one.id}"
    return {
        "campaign.resource_name": f"customers/{own}/campaigns/{one.id}",
        "campaign.id": one.id,
        "campaign.name": one.name,
        "campaign.status": _STATUS[one.status],
        "campaign.advertising_channel_type": _channel(one.number),
        "campaign.start_date_time": f"{one.begins_on} 00:00:00",
        "campaign.end_date_time": f"{one.ends_on or date(2037, 12, 30)} 23:59:59",
        "campaign.campaign_budget": budget,
        "campaign.contains_eu_political_advertising": "DOES_NOT_CONTAIN_EU_POLITICAL_ADVERTISING",
        "campaign_budget.resource_name": budget,
        "campaign_budget.id": f"{BUDGET}{one.id}",
        "campaign_budget.name": f"Budget of {one.name}",
        "campaign_budget.status": "ENABLED",
        "campaign_budget.period": "DAILY",
        "campaign_budget.amount_micros": str(one.daily_budget_micros),
        "campaign_budget.explicitly_shared": one.is_budget_shared,
        "campaign_budget.reference_count": "2" if one.is_budget_shared else "1",
    }


def _ad(own: str, group_id: str, one: Entity) -> dict[str, Any]:
    kind = _AD_TYPES.get(_channel(one.campaign), "RESPONSIVE_SEARCH_AD")
    found: dict[str, Any] = {
        "ad_group_ad.resource_name": f"customers/{own}/adGroupAds/{group_id}~{one.id}",
        "ad_group_ad.status": _STATUS[one.status],
        "ad_group_ad.ad.resource_name": f"customers/{own}/ads/{one.id}",
        "ad_group_ad.ad.id": one.id,
        "ad_group_ad.ad.type": kind,
        "ad_group_ad.ad.final_urls": [f"https://northwind.example/{one.number % 7}"],
    }
    if kind.startswith("RESPONSIVE"):
        words = f"ad_group_ad.ad.{kind.lower()}"
        found[f"{words}.headlines"] = [{"text": f"Title of {one.name}", "pinnedField": "HEADLINE_1"}]
        found[f"{words}.descriptions"] = [{"text": f"Text of {one.name}"}]
    else:
        found["ad_group_ad.ad.name"] = one.name
    return found


def _channel(campaign: int) -> str:
    """Campaigns end in 1, 2, 3 …; every fourth is YouTube's."""
    return _CHANNELS[(campaign - 1) % len(_CHANNELS)]
