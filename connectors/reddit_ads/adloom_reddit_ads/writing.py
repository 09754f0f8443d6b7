"""The state of one entity, and changes to it."""

from typing import Any

from adloom_reddit_ads import mapping, wire
from adloom_sdk import Action, ActionKind, Context, EntityRef, EntityState, Level
from adloom_sdk.errors import BadRequest

_ENTITIES: dict[Level, tuple[str, Any]] = {
    Level.CAMPAIGN: ("campaigns", wire.OneCampaign),
    Level.AD_GROUP: ("ad_groups", wire.OneAdGroup),
    Level.AD: ("ads", wire.OneAd),
}


def state(ctx: Context, ref: EntityRef) -> EntityState:
    """What Reddit tells of the entity now."""
    found = ctx.http.get(_path(ref), _ENTITIES[ref.level][1], scope=ref.account.id)
    return mapping.state(found.data)


def write(ctx: Context, action: Action) -> str:
    """Send one change. A budget goes with its kind, so that a budget for life is never taken for one per day."""
    change: dict[str, Any]
    if action.kind is not ActionKind.SET_DAILY_BUDGET:
        change = {"configured_status": "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"}
    elif action.ref.level is Level.CAMPAIGN:
        change = {"goal_type": "DAILY_SPEND", "goal_value": action.daily_budget_micros}
    else:
        raise BadRequest("On Reddit, only a campaign's daily budget can be set.", field="daily_budget_micros")
    reply = ctx.http.write("PATCH", _path(action.ref), json={"data": change}, scope=action.ref.account.id)
    return reply.headers.get("x-request-id", "")


def _path(ref: EntityRef) -> str:
    return f"/api/{{version}}/{_ENTITIES[ref.level][0]}/{ref.id}"
