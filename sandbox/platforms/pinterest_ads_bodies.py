"""Pinterest's JSON as the fake sends it: entities, rows of numbers, refusals."""

from typing import Any

from adloom_sdk.testing.fakes import Why
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

TRACKING = {
    "impression": ["URL1"],
    "click": ["URL1"],
    "engagement": ["URL1"],
    "buyable_button": ["URL1"],
    "audience_verification": ["URL1"],
}


def shown_account(one: WorldAccount) -> dict[str, Any]:
    """An ad account."""
    return {
        "id": one.id,
        "name": one.name,
        "country": "US",
        "currency": one.currency,
        "owner": {"id": "383791336903426391", "username": "northwind"},
        "permissions": ["OWNER"],
        "created_time": 1_451_431_341,
        "updated_time": 1_451_431_341,
    }


def campaign_fields(one: Entity) -> dict[str, Any]:
    """What a campaign has beyond what all entities have."""
    return {
        "daily_spend_cap": None if one.is_budget_shared else one.daily_budget_micros,
        "lifetime_spend_cap": None,
        "is_campaign_budget_optimization": not one.is_budget_shared,
        "is_flexible_daily_budgets": False,
        "is_automated_campaign": False,
        "is_performance_plus": False,
        "objective_type": "WEB_CONVERSION",
        "order_line_id": None,
        "start_time": 1_580_865_126,
        "end_time": None,
        "type": "campaign",
    }


def ad_fields(one: Entity) -> dict[str, Any]:
    """What an ad has beyond what all entities have."""
    return {
        "ad_group_id": str(one.parent),
        "campaign_id": str(one.campaign),
        "pin_id": f"3942{one.id}",
        "creative_type": "REGULAR",
        "destination_url": "https://northwind.example/",
        "is_pin_deleted": False,
        "review_status": "APPROVED",
        "rejected_reasons": [],
        "type": "pinpromotion",
    }


def values(entity: Entity, numbers: Numbers, columns: list[str]) -> dict[str, Any]:
    """The columns asked for; what is nothing has no key."""
    ids = {"CAMPAIGN_ID": str(entity.campaign)}
    if entity.level != "campaign":
        ids["AD_GROUP_ID"] = entity.id if entity.level == "ad_group" else str(entity.parent)
    if entity.level == "ad":
        ids["AD_ID"] = entity.id
    known = ids | {
        "SPEND_IN_DOLLAR": numbers.spend_micros / 1e6,
        "SPEND_IN_MICRO_DOLLAR": numbers.spend_micros,
        "PAID_IMPRESSION": numbers.impressions,
        "CLICKTHROUGH_1": numbers.clicks,
        "TOTAL_CLICKTHROUGH": numbers.clicks,
        "TOTAL_CHECKOUT": numbers.conversions,
        "TOTAL_CHECKOUT_VALUE_IN_MICRO_DOLLAR": numbers.conversion_value_micros,
        "VIDEO_MRC_VIEWS_1": numbers.video_views,
        "TOTAL_IMPRESSION_USER": numbers.reach,
    }
    return {name: known[name] for name in columns if known.get(name)}


def written_item(data: dict[str, Any], code: int = 0, message: str = "") -> dict[str, Any]:
    """One item of the reply to a write."""
    return {"data": data, "exceptions": [{"code": code, "message": message}] if code else []}


REFUSALS: dict[Why, tuple[int, int, str]] = {
    "no_token": (401, 2, "Authentication failed."),
    "expired": (401, 2, "Authentication failed. The token has expired."),
    "revoked": (401, 2, "Authentication failed. The token was revoked."),
    "scope": (403, 3, "Authorization failed. Missing: ['ads:read', 'ads:write']"),
    "app_not_approved": (
        403,
        3,
        "Your application consumer type is not supported, please contact support to get access.",
    ),
    "account_disabled": (403, 29, "The ad account is disabled."),
    "throttled": (429, 8, "You have exceeded your rate limit. Try again later."),
    "not_found": (404, 4, "The entity was not found."),
    "bad_request": (400, 1, "Invalid request."),
    "server_error": (500, 0, "Internal server error."),
    "sunset": (410, 12, "This version of the API is no longer supported."),
}
