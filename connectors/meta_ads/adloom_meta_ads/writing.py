"""The state of one entity, and changes to it."""

from typing import Any

from adloom_meta_ads import mapping, wire
from adloom_sdk import Action, ActionKind, Context, EntityRef, EntityState, Level
from adloom_sdk.errors import BadRequest, OutcomeUnknown

_ENTITIES: dict[Level, tuple[Any, str]] = {
    Level.CAMPAIGN: (wire.Campaign, "id,status,effective_status,daily_budget,stop_time,updated_time"),
    Level.AD_GROUP: (wire.AdSet, "id,status,effective_status,daily_budget,end_time,updated_time"),
    Level.AD: (wire.Ad, "id,status,effective_status,updated_time"),
}


def state(ctx: Context, ref: EntityRef) -> EntityState:
    """What Meta tells of the entity now."""
    kind, fields = _ENTITIES[ref.level]
    one = ctx.http.get(f"/{{version}}/{ref.id}", kind, params={"fields": fields}, scope=ref.account.id)
    return mapping.state(one, ref.account, ctx.clock())


def write(ctx: Context, action: Action) -> str:
    """Send one change."""
    ref = action.ref
    reply = ctx.http.write("POST", f"/{{version}}/{ref.id}", form=_fields(ctx, action), scope=ref.account.id)
    request_id = reply.headers.get("x-fb-trace-id", "")
    if not reply.json(wire.Written).success:
        raise OutcomeUnknown("Meta did not say that the change was made.", request_id=request_id)
    return request_id


def _fields(ctx: Context, action: Action) -> dict[str, str]:
    if action.kind is not ActionKind.SET_DAILY_BUDGET:
        return {"status": "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"}
    if action.daily_budget_micros is None:
        raise BadRequest("A daily budget must be given.", field="daily_budget")
    if state(ctx, action.ref).daily_budget_micros is None:
        words = "On Meta, only what has a daily budget already can be given another one: a campaign, or its ad sets."
        raise BadRequest(words, field="daily_budget")
    return {"daily_budget": str(mapping.minor_units(action.daily_budget_micros, action.ref.account))}
