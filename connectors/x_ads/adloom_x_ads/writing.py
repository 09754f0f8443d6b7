"""The state of one entity, and changes to it, which X takes as parameters of the address."""

from typing import Any

from adloom_sdk import Action, ActionKind, Context, EntityRef, EntityState, Level
from adloom_sdk.errors import BadRequest
from adloom_x_ads import mapping, wire

_ENTITIES: dict[Level, tuple[str, Any]] = {
    Level.CAMPAIGN: ("campaigns", wire.One[wire.Campaign]),
    Level.AD_GROUP: ("line_items", wire.One[wire.LineItem]),
    Level.AD: ("promoted_tweets", wire.One[wire.PromotedTweet]),
}


def state(ctx: Context, ref: EntityRef) -> EntityState:
    """What X tells of the entity now."""
    params = {"with_deleted": "true"}
    return mapping.state(ctx.http.get(_path(ref), _ENTITIES[ref.level][1], params=params, scope=ref.account.id).data)


def write(ctx: Context, action: Action) -> str:
    """Send one change."""
    if action.ref.level is Level.AD:
        raise BadRequest("X cannot change a single promoted post: change its line item.", field="level")
    change: dict[str, Any]
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        change = {"daily_budget_amount_local_micro": action.daily_budget_micros}
    else:
        change = {"entity_status": "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"}
    reply = ctx.http.write("PUT", _path(action.ref), params=change, scope=action.ref.account.id)
    return reply.headers.get("x-transaction-id", "")


def _path(ref: EntityRef) -> str:
    return f"/{{version}}/accounts/{ref.account.id}/{_ENTITIES[ref.level][0]}/{ref.id}"
