"""What a day of an entity looks like in Meta's insights: numbers are text, lists without anything in them are left out."""

from datetime import date
from typing import Any

from adloom_sdk.money import decimal_text
from adloom_sdk.testing.world import Entity, Numbers
from sandbox.platforms.meta_ads_bodies import Book, objective

_RATIOS = {"cpm", "cpc", "ctr"}
_PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")


def insight(
    book: Book, one: Entity, day: date, numbers: Numbers, windows: list[str], wanted: frozenset[str]
) -> dict[str, Any]:
    """One entity's day. Lists and ratios are made only where they are wanted, being the larger part of the work."""
    of = book.account
    row: dict[str, Any] = {
        "account_currency": of.currency,
        "account_id": of.id,
        "account_name": of.name,
        **_names(book, one),
        "buying_type": "AUCTION",
        "objective": objective(one.campaign),
        "optimization_goal": "OFFSITE_CONVERSIONS",
        "created_time": one.begins_on.isoformat(),
        "updated_time": one.begins_on.isoformat(),
        "date_start": day.isoformat(),
        "date_stop": day.isoformat(),
        "spend": decimal_text(numbers.spend_micros),
        "impressions": str(numbers.impressions),
        "clicks": str(numbers.clicks),
        "reach": str(numbers.reach),
        "frequency": "2",
        "inline_link_clicks": str(numbers.clicks),
        "product_id": "5983858725075630",
    }
    return row | (_ratios(numbers) if wanted & _RATIOS else {}) | _lists(one, numbers, windows, wanted)


def _names(book: Book, one: Entity) -> dict[str, str]:
    found = {"campaign_id": str(one.campaign), "campaign_name": book.campaign_of(one).name}
    if one.level == "ad_group":
        found |= {"adset_id": one.id, "adset_name": one.name}
    elif one.level == "ad":
        found |= {
            "adset_id": str(one.parent),
            "adset_name": one.name.partition(" of ")[2],
            "ad_id": one.id,
            "ad_name": one.name,
        }
    return found


def _ratios(numbers: Numbers) -> dict[str, str]:
    spend = numbers.spend_micros / 1e6
    found = {"cpm": f"{1000 * spend / numbers.impressions:.6f}"} if numbers.impressions else {}
    if numbers.clicks:
        found |= {"cpc": f"{spend / numbers.clicks:.6f}", "ctr": f"{100 * numbers.clicks / numbers.impressions:.6f}"}
    return found


def _lists(one: Entity, numbers: Numbers, windows: list[str], wanted: frozenset[str]) -> dict[str, Any]:
    """Purchases are told under one to three names at once, depending on the entity; only the widest is complete."""
    names = _PURCHASES[one.number % 3 :]
    counts = {"page_engagement": numbers.clicks, "link_click": numbers.clicks, "video_view": numbers.video_views}
    values: dict[str, int] = {}
    for place, name in enumerate(names):
        counts[name] = numbers.conversions if place == 0 else numbers.conversions * 4 // 5
        values[name] = numbers.conversion_value_micros if place == 0 else numbers.conversion_value_micros * 4 // 5
    found: dict[str, Any] = {}
    if "actions" in wanted:
        found["actions"] = [_counted(name, str(count), windows) for name, count in counts.items() if count]
    if "action_values" in wanted:
        told = {name: decimal_text(micros) for name, micros in values.items() if micros}
        found["action_values"] = [_counted(name, value, windows) for name, value in told.items()]
    if numbers.clicks and "outbound_clicks" in wanted:
        found["outbound_clicks"] = [_counted("outbound_click", str(numbers.clicks), [])]
    if numbers.clicks and "cost_per_action_type" in wanted:
        cost = f"{numbers.spend_micros / 1e6 / numbers.clicks:.6f}"
        found["cost_per_action_type"] = [_counted("link_click", cost, windows)]
    return {name: items for name, items in found.items() if items}


def _counted(name: str, value: str, windows: list[str]) -> dict[str, str]:
    """All of it is told within the first window; a view leads to nothing here."""
    counted = {"action_type": name, "value": value}
    for window in windows:
        if window.endswith("click"):
            counted[window] = value
    return counted
