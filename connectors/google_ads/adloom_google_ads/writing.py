"""The state of one entity, and changes to it. A campaign's budget is a resource of its own, which other campaigns may share."""

from typing import Any

from adloom_google_ads import mapping, reading, wire
from adloom_sdk import Action, ActionKind, Context, EntityRef, EntityState, Level
from adloom_sdk.errors import BadRequest, NotFound, SharedBudget

_QUERIES = {
    Level.CAMPAIGN: (
        "SELECT campaign.id, campaign.status, campaign.end_date_time, campaign_budget.resource_name, "
        "campaign_budget.amount_micros, campaign_budget.period, campaign_budget.explicitly_shared, "
        "campaign_budget.reference_count FROM campaign WHERE campaign.id = {id}"
    ),
    Level.AD_GROUP: "SELECT ad_group.id, ad_group.status FROM ad_group WHERE ad_group.id = {id}",
    Level.AD: "SELECT ad_group_ad.ad.id, ad_group_ad.status FROM ad_group_ad WHERE ad_group_ad.ad.id = {id}",
}
_SERVICES = {Level.CAMPAIGN: "campaigns", Level.AD_GROUP: "adGroups", Level.AD: "adGroupAds"}


def state(ctx: Context, ref: EntityRef) -> EntityState:
    """What Google tells of the entity now."""
    return mapping.state(_row(ctx, ref), ref.account, ref.level, ctx.clock())


def write(ctx: Context, action: Action, *, dry_run: bool) -> str:
    """Send one change, or only let Google check it."""
    ref = action.ref
    row = _row(ctx, ref)
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        service, update = "campaignBudgets", _budget(action, row)
    else:
        word = "PAUSED" if action.kind is ActionKind.PAUSE else "ENABLED"
        service, update = (
            _SERVICES[ref.level],
            {"resourceName": mapping.entity(row, ref.level).resource_name, "status": word},
        )
    mask = next(name for name in update if name != "resourceName")
    body = {"operations": [{"update": update, "updateMask": mask}], "validateOnly": dry_run}
    path = f"/{{version}}/customers/{ref.account.id}/{service}:mutate"
    headers = reading.login_header(reading.login_of(ctx, ref.account))
    reply = ctx.http.call("POST", path, json=body, headers=headers, scope=ref.account.id, is_write=not dry_run)
    return reply.headers.get("request-id", "")


def _budget(action: Action, row: wire.Row) -> dict[str, Any]:
    money = row.campaign_budget
    if action.ref.level is not Level.CAMPAIGN:
        raise BadRequest("On Google, only a campaign has a daily budget.", field="amountMicros")
    if money is None or not money.resource_name or mapping.daily_budget(money) is None:
        raise BadRequest("This campaign has no daily budget that could be changed.", field="amountMicros")
    if mapping.is_shared(money):
        raise SharedBudget("This campaign's budget also feeds other campaigns.")
    return {"resourceName": money.resource_name, "amountMicros": str(action.daily_budget_micros)}


def _row(ctx: Context, ref: EntityRef) -> wire.Row:
    if not ref.id.isdigit():
        raise NotFound("Google Ads does not find this entity.")
    question = _QUERIES[ref.level].format(id=ref.id)
    found = next(reading.rows(ctx, ref.account.id, question, login=reading.login_of(ctx, ref.account)), None)
    if found is None:
        raise NotFound("Google Ads does not find this entity.")
    return found
