"""Meta's way of handing out lists: the fields that were asked for, a page at a time, with cursors."""

import base64
from typing import Any
from urllib.parse import urlencode

from adloom_sdk.testing.fakes import Request
from sandbox.platforms.meta_ads_wording import Refused, error

_MAX_LIMIT = 5000
KNOWN_FIELDS = frozenset(
    [
        "id",
        "account_id",
        "name",
        "currency",
        "timezone_name",
        "timezone_id",
        "timezone_offset_hours_utc",
        "account_status",
        "business",
        "user_tasks",
        "age",
        "amount_spent",
        "balance",
        "disable_reason",
        "is_prepay_account",
        "min_daily_budget",
        "created_time",
        "updated_time",
        "status",
        "effective_status",
        "configured_status",
        "objective",
        "buying_type",
        "daily_budget",
        "lifetime_budget",
        "budget_remaining",
        "budget_rebalance_flag",
        "spend_cap",
        "smart_promotion_type",
        "special_ad_category",
        "start_time",
        "stop_time",
        "end_time",
        "campaign_id",
        "adset_id",
        "ad_id",
        "creative",
        "bid_type",
        "bid_strategy",
        "promoted_object",
        "targeting",
        "source_ad_id",
        "conversion_specs",
        "title",
        "body",
        "object_type",
        "link_url",
        "image_url",
        "thumbnail_url",
        "video_id",
        "object_story_spec",
        "asset_feed_spec",
        "actor_id",
        "call_to_action_type",
        "effective_object_story_id",
        "image_hash",
        "account_currency",
        "account_name",
        "adset_name",
        "campaign_name",
        "ad_name",
        "optimization_goal",
        "date_start",
        "date_stop",
        "spend",
        "impressions",
        "clicks",
        "reach",
        "frequency",
        "actions",
        "action_values",
        "cost_per_action_type",
        "cpc",
        "cpm",
        "ctr",
        "inline_link_clicks",
        "outbound_clicks",
        "product_id",
    ]
)


def fields_of(request: Request) -> list[str]:
    """The names asked for; "creative{id}" asks for a part of one."""
    asked = request.params.get("fields", "id")
    return [name.partition("{")[0] for name in asked.split(",") if name]


def projected(body: dict[str, Any], names: list[str], kind: str) -> dict[str, Any]:
    """Only what was asked for, the id always; what has no value is left out."""
    unknown = [name for name in names if name not in KNOWN_FIELDS]
    if unknown:
        raise Refused(error(f"(#100) Tried accessing nonexisting field ({unknown[0]}) on node type ({kind})", 100))
    always = ("date_start", "date_stop") if kind == "insights" else ("id",)
    return {name: body[name] for name in dict.fromkeys((*always, *names)) if name in body}


def start_of(request: Request) -> int:
    """Where the page begins."""
    after = request.params.get("after", "")
    position = _position(after) if after else 0
    if position is None:
        raise Refused(error("(#100) Invalid cursors values", 100))
    return position


def limit_of(request: Request, most: int) -> int:
    """How many items the page may have."""
    asked = request.params.get("limit", "25")
    if not asked.isdigit() or not 1 <= int(asked) <= _MAX_LIMIT:
        raise Refused(error("(#100) Param limit must be between 1 and 5000", 100))
    return min(int(asked), most)


def page(
    request: Request, origin: str, token: str, rows: list[dict[str, Any]], start: int, end: int | None
) -> dict[str, Any]:
    """A page; `end` is where the next one begins. A cursor is there on the last page too: only `next` tells that there is
    more, with the token in it."""
    if not rows and end is None:
        return {"data": []}
    after = _cursor(end if end is not None else start + len(rows))
    paging: dict[str, Any] = {"cursors": {"before": _cursor(start), "after": after}}
    if end is not None:
        query = urlencode({**request.params, "access_token": token, "after": after})
        paging["next"] = f"{origin}{request.path}?{query}"
    return {"data": rows, "paging": paging}


def _cursor(position: int) -> str:
    """A place in a list."""
    return base64.urlsafe_b64encode(f"p{position}".encode()).decode()


def _position(text: str) -> int | None:
    """The place that a cursor stands for."""
    try:
        return int(base64.urlsafe_b64decode(text).decode().removeprefix("p"))
    except ValueError:
        return None
