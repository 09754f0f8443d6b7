"""X's JSON as the fake sends it: entities, columns of numbers, refusals."""

from collections.abc import Sequence
from typing import Any

from adloom_sdk.records import AccountStatus, EntityStatus
from adloom_sdk.testing.fakes import Why
from adloom_sdk.testing.world import Entity, Numbers, WorldAccount

POST_BASE = 10**18
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NULL_ENGAGEMENT = (
    "tweets_send",
    "qualified_impressions",
    "follows",
    "app_clicks",
    "retweets",
    "card_engagements",
    "poll_card_vote",
    "replies",
    "url_clicks",
    "carousel_swipes",
)


def shown_account(one: WorldAccount) -> dict[str, Any]:
    """An ad account."""
    return {
        "name": one.name,
        "timezone": one.timezone,
        "timezone_switch_at": "2014-11-17T08:00:00Z",
        "id": base36(one.number),
        "created_at": "2023-03-04T10:50:42Z",
        "updated_at": "2023-04-11T05:20:08Z",
        "approval_status": "REJECTED" if one.status is AccountStatus.DISABLED else "ACCEPTED",
        "deleted": False,
    }


def shown_funding(account: WorldAccount, currency: str, *, is_old: bool) -> dict[str, Any]:
    """How an account pays."""
    return {
        "start_time": "2023-03-04T10:50:42Z",
        "description": "Northwind card",
        "credit_limit_local_micro": None,
        "end_time": "2024-02-28T08:15:40Z" if is_old else None,
        "cancelled": is_old,
        "id": base36(account.number * 10 + is_old),
        "paused": False,
        "account_id": base36(account.number),
        "reasons_not_able_to_fund": ["EXPIRED"] if is_old else [],
        "currency": currency,
        "funded_amount_local_micro": None,
        "created_at": "2023-03-04T10:50:42Z",
        "type": "CREDIT_CARD",
        "able_to_fund": not is_old,
        "updated_at": "2023-03-04T10:50:42Z",
        "credit_remaining_local_micro": None,
        "deleted": False,
    }


def shown_post(post_id: str, ad: Entity) -> dict[str, Any]:
    """A post with its words; `id` is a number beyond what a float holds."""
    words = f"{ad.name}: see what is new at Northwind"
    return {"id": int(post_id), "id_str": post_id, "tweet_id": post_id, "tweet_type": "PUBLISHED", "full_text": words}


def campaign_fields(account: WorldAccount, one: Entity) -> dict[str, Any]:
    """What a campaign has beyond what all entities have."""
    owns = not one.is_budget_shared
    return {
        "name": one.name,
        "start_time": "2024-01-05T10:00:00Z",
        "end_time": None,
        "servable": one.status is EntityStatus.ACTIVE,
        "reasons_not_servable": [] if one.status is EntityStatus.ACTIVE else ["PAUSED_BY_ADVERTISER"],
        "daily_budget_amount_local_micro": one.daily_budget_micros if owns else None,
        "total_budget_amount_local_micro": None,
        "budget_optimization": "CAMPAIGN" if owns else "LINE_ITEM",
        "funding_instrument_id": base36(account.number * 10),
        "standard_delivery": True,
        "currency": account.currency,
    }


def placed(numbers: Numbers, placement: str) -> Numbers | None:
    """A placement's part of a day: a quarter outside X, nothing in two of the four."""
    if placement in {"SPOTLIGHT", "TREND"}:
        return None
    names = ("spend_micros", "impressions", "clicks", "conversions", "conversion_value_micros", "video_views")
    outside = {name: getattr(numbers, name) // 4 for name in names}
    if placement == "PUBLISHER_NETWORK":
        return Numbers(**outside)
    return Numbers(**{name: getattr(numbers, name) - part for name, part in outside.items()})


def columns(series: Sequence[Numbers | None], groups: Sequence[str]) -> dict[str, Any]:
    """The columns of the groups asked for; null where the placement had nothing on all days."""
    days = [one or Numbers() for one in series]
    is_null = all(one.is_nothing for one in days)

    def column(name: str) -> list[int] | None:
        return None if is_null else [getattr(one, name) for one in days]

    found: dict[str, Any] = {}
    if "ENGAGEMENT" in groups:
        likes = None if is_null else [one.clicks // 3 for one in days]
        found |= dict.fromkeys(_NULL_ENGAGEMENT) | {"impressions": column("impressions"), "clicks": column("clicks")}
        found |= {"engagements": column("clicks"), "likes": likes}
    if "BILLING" in groups:
        found |= {"billed_engagements": column("clicks"), "billed_charge_local_micro": column("spend_micros")}
    if "VIDEO" in groups:
        found["video_total_views"] = column("video_views")
    if "WEB_CONVERSION" in groups:
        value, count = column("conversion_value_micros"), column("conversions")
        purchases = {
            "metric": count,
            "order_quantity": count,
            "sale_amount": value,
            "post_view": None,
            "assisted": None,
        }
        found["conversion_purchases"] = purchases
    return found


def base36(number: int) -> str:
    """An id as X shows it."""
    shown = ""
    while number:
        number, digit = divmod(number, 36)
        shown = _DIGITS[digit] + shown
    return shown or "0"


REFUSALS: dict[Why, tuple[int, str | int, str]] = {
    "no_token": (401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated"),
    "expired": (401, "UNAUTHORIZED_ACCESS", "This request is not properly authenticated"),
    "revoked": (401, 89, "Invalid or expired token."),
    "scope": (403, "FORBIDDEN", "You do not have permission to make changes to this account"),
    "app_not_approved": (
        403,
        "UNAUTHORIZED_CLIENT_APPLICATION",
        "The client application making this request does not have access to the Ads API",
    ),
    "account_disabled": (403, "ACCOUNT_SUSPENDED", "This account is suspended"),
    "throttled": (429, "TOO_MANY_REQUESTS", "Too many requests"),
    "not_found": (404, "NOT_FOUND", "The resource was not found"),
    "bad_request": (400, "INVALID_PARAMETER", "Invalid parameter"),
    "server_error": (500, "INTERNAL_ERROR", "An internal error occurred"),
    "sunset": (410, "UNSUPPORTED_VERSION", "This version of the API is no longer supported"),
}
