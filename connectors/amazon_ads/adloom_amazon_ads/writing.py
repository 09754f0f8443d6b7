"""Changes to campaigns: which product a campaign belongs to, what is sent, and what came of each item."""

from typing import Any

from adloom_amazon_ads import mapping, wire
from adloom_amazon_ads.products import PRODUCTS, SPONSORED_PRODUCTS, Product
from adloom_amazon_ads.reading import page_of
from adloom_amazon_ads.reports import options
from adloom_sdk import Action, ActionKind, Context, EntityRef, EntityStatus, Kind, Level, Reply
from adloom_sdk.errors import BadRequest, NotFound, OutcomeUnknown, SchemaDrift, Transient


def found(ctx: Context, ref: EntityRef) -> tuple[Product, wire.Campaign]:
    """The campaign, looked for in one product after the other: its id does not tell."""
    if ref.level is not Level.CAMPAIGN:
        raise BadRequest("Only campaigns of Amazon Ads can be changed.", field="level")
    for product in PRODUCTS:
        items, _ = page_of(ctx, ref.account, product, Kind.CAMPAIGNS, "", ids=[ref.id])
        for one in items:
            if isinstance(one, wire.Campaign) and str(one.campaign_id) == ref.id:
                return product, one
    raise NotFound("Amazon does not find this campaign.", code=ref.id)


def send(ctx: Context, action: Action) -> str:
    """Send one change; returns Amazon's request id. Raises BadRequest where the item failed inside a multi-status reply."""
    product = _product_of(ctx, action)
    listing = product.listings[Kind.CAMPAIGNS]
    item = {"campaignId": int(action.ref.id) if product.is_old else action.ref.id, **_change(action, product)}
    body: Any = [item] if product.is_old else {"campaigns": [item]}
    reply = ctx.http.write("PUT", listing.path, json=body, **options(action.ref.account, listing.media))
    request_id = reply.headers.get("x-amz-request-id", "")
    try:
        failures = _old_failures(reply) if product.is_old else reply.json(wire.Written).campaigns.error
    except (SchemaDrift, Transient) as error:
        raise OutcomeUnknown(error.message, error.code, request_id) from error
    if failures:
        raise BadRequest("Amazon refuses the change.", _code(failures[0]), request_id)
    return request_id


def _product_of(ctx: Context, action: Action) -> Product:
    """The campaign's product: as its state told, or looked up once more."""
    told = action.expected.version if action.expected else ""
    known = next((one for one in PRODUCTS if one.key == told), None)
    return known or found(ctx, action.ref)[0]


def _change(action: Action, product: Product) -> dict[str, Any]:
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        if action.daily_budget_micros is None:
            raise BadRequest("A budget is missing.", field="budget")
        amount = action.daily_budget_micros / 1_000_000
        return {"budget": {"budget": amount, "budgetType": "DAILY"} if product is SPONSORED_PRODUCTS else amount}
    wanted = EntityStatus.PAUSED if action.kind is ActionKind.PAUSE else EntityStatus.ACTIVE
    word = mapping.WRITTEN[wanted]
    return {"state": word.lower() if product.is_old else word}


def _old_failures(reply: Reply) -> list[wire.Failure]:
    items: list[wire.Failure] = reply.json(list[wire.Failure])
    return [one for one in items if one.code != "SUCCESS"]


def _code(failure: wire.Failure) -> str:
    """The first error's type, which stands at different depths."""
    first = failure.errors[0] if failure.errors else {}
    kind = first.get("errorType") if isinstance(first, dict) else ""
    return str(kind or failure.code or "error")
