"""The bodies and columns in which Microsoft Advertising tells accounts, campaigns, ads and figures."""

from datetime import date
from typing import Any

from adloom_sdk.money import decimal_text
from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

CUSTOMER_ID = "7700001"
_ZONES = {
    "America/New_York": "EasternTimeUSCanada",
    "Europe/Berlin": "AmsterdamBerlinBernRomeStockholmVienna",
    "Asia/Tokyo": "OsakaSapporoTokyo",
    "Asia/Kuwait": "KuwaitRiyadh",
    "Asia/Seoul": "Seoul",
    "UTC": "GreenwichMeanTimeDublinEdinburghLisbonLondon",
}
_STATUSES = {EntityStatus.ACTIVE: "Active", EntityStatus.PAUSED: "Paused", EntityStatus.REMOVED: "Deleted"}
STATUS_OF = {word: status for status, word in _STATUSES.items()}
_PARTIAL_WORDS = {
    1100: ("CampaignServiceInvalidCampaignId", "The campaign ID is not valid."),
    1106: ("CampaignServiceInvalidCampaignStatus", "The campaign cannot be changed like this."),
    1165: ("CampaignServiceCannotUpdateSharedBudget", "The budget is shared."),
}


def partial_error(index: int, code: int) -> dict[str, Any]:
    name, words = _PARTIAL_WORDS[code]
    return {"Code": code, "ErrorCode": name, "Message": words, "Index": index, "Type": "BatchError"}


def account_body(one: WorldAccount) -> dict[str, Any]:
    is_disabled = one.status is AccountStatus.DISABLED
    return {
        "Id": one.id,
        "Name": one.name,
        "Number": f"F{one.id}",
        "CurrencyCode": one.currency,
        "TimeZone": _ZONES[one.timezone],
        "AccountLifeCycleStatus": "Pause" if is_disabled else "Active",
        "ParentCustomerId": CUSTOMER_ID,
    }


def zone_names(account: WorldAccount) -> set[str | None]:
    return {_ZONES[account.timezone]}


def is_listed(entity: Entity) -> bool:
    return entity.status is not EntityStatus.REMOVED


def status_word(entity: Entity) -> str:
    return _STATUSES[entity.status]


def campaign_body(one: Entity) -> dict[str, Any]:
    budget = one.daily_budget_micros or 0
    return {
        "Id": one.id,
        "Name": one.name,
        "Status": status_word(one),
        "CampaignType": "Search",
        "BudgetType": "DailyBudgetStandard",
        "DailyBudget": budget / 1_000_000,
        "BudgetId": f"8{one.id}" if one.is_budget_shared else None,
        "TimeZone": None,
    }


def ad_body(one: Entity) -> dict[str, Any]:
    return {
        "Id": one.id,
        "Type": "ResponsiveSearch",
        "Status": status_word(one),
        "Headlines": [{"Asset": {"Type": "TextAsset", "Text": one.name}, "PinnedField": None}],
        "Descriptions": [{"Asset": {"Type": "TextAsset", "Text": "Everything for your trip."}, "PinnedField": None}],
        "FinalUrls": ["https://northwind.example/"],
    }


def id_columns(entity: Entity) -> dict[str, str]:
    """The ids of an entity and of what it lies in."""
    group = {"ad_group": entity.id, "ad": str(entity.parent)}.get(entity.level, "")
    ad = entity.id if entity.level == "ad" else ""
    return {"CampaignId": str(entity.campaign), "AdGroupId": group, "AdId": ad}


def name_columns(entity: Entity) -> dict[str, str]:
    name, status = entity.name, status_word(entity)
    fields = {
        "campaign": {"CampaignName": name, "CampaignStatus": status},
        "ad_group": {"AdGroupName": name, "Status": status},
        "ad": {"AdTitle": name, "AdStatus": status},
    }
    return fields[entity.level]


def figure_columns(numbers: Numbers) -> dict[str, str]:
    """With thousands commas; without conversions, revenue is "--"."""
    whole, _, places = decimal_text(numbers.conversion_value_micros).partition(".")
    spend_whole, _, spend_places = decimal_text(numbers.spend_micros).partition(".")
    return {
        "Impressions": f"{numbers.impressions:,}",
        "Clicks": f"{numbers.clicks:,}",
        "Spend": f"{int(spend_whole):,}.{spend_places}",
        "Conversions": f"{numbers.conversions:,}",
        "Revenue": f"{int(whole):,}.{places}" if numbers.conversions else "--",
    }


def day_of(told: dict[str, int]) -> date:
    return date(int(told["Year"]), int(told["Month"]), int(told["Day"]))
