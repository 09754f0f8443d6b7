"""The state of one entity, and changes to it. Pinterest takes lists and tells for each item what was wrong with it."""

from typing import Any

from adloom_pinterest_ads import mapping, refusals, wire
from adloom_sdk import Account, Action, ActionKind, Context, EntityRef, EntityState, Level, Reply
from adloom_sdk.errors import BadRequest

_ENTITIES: dict[Level, tuple[str, Any]] = {
    Level.CAMPAIGN: ("campaigns", wire.Campaign),
    Level.AD_GROUP: ("ad_groups", wire.AdGroup),
    Level.AD: ("ads", wire.Ad),
}


def state(ctx: Context, ref: EntityRef) -> EntityState:
    """What Pinterest tells of the entity now."""
    noun, kind = _ENTITIES[ref.level]
    return mapping.state(ctx.http.get(f"{_path(ref.account, noun)}/{ref.id}", kind, scope=ref.account.id))


def write(ctx: Context, action: Action) -> str:
    """Send one change; raises what Pinterest says of the item."""
    ref, (noun, _) = action.ref, _ENTITIES[action.ref.level]
    item: dict[str, Any] = {"id": ref.id, "ad_account_id": ref.account.id}
    if action.kind is not ActionKind.SET_DAILY_BUDGET:
        item["status"] = "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"
    elif ref.level is Level.CAMPAIGN:
        item["daily_spend_cap"] = action.daily_budget_micros
    else:
        raise BadRequest("On Pinterest, only a campaign's daily budget can be set.", field="daily_budget_micros")
    reply = ctx.http.write("PATCH", _path(ref.account, noun), json=[item], scope=ref.account.id)
    _raise_item(reply)
    return reply.headers.get("x-pinterest-rid", "")


def _raise_item(reply: Reply) -> None:
    """HTTP 200 says only that the list was read."""
    for item in reply.json(wire.Written).items:
        problems = item.exceptions if isinstance(item.exceptions, list) else [item.exceptions]
        for problem in problems:
            if problem and (problem.code or problem.message):
                raise refusals.meaning(problem, reply)


def _path(of: Account, noun: str) -> str:
    return f"/{{version}}/ad_accounts/{of.id}/{noun}"
