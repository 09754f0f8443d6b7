"""The connector to Microsoft Advertising."""

from collections.abc import Iterator
from typing import Any, ClassVar

from adloom_microsoft_ads import mapping, refusals, wire
from adloom_microsoft_ads.manifest import MANIFEST
from adloom_microsoft_ads.reading import CAMPAIGN_TYPES, read_daily, read_entities
from adloom_microsoft_ads.reports import headers_of
from adloom_sdk import (
    Account,
    Action,
    ActionKind,
    Connector,
    Context,
    EntityRef,
    EntityState,
    EntityStatus,
    Kind,
    Level,
    Manifest,
    Message,
    ReadRequest,
)
from adloom_sdk.errors import BadRequest, NotFound, OutcomeUnknown, SchemaDrift, Transient

_USER, _ACCOUNTS = "/CustomerManagement/{version}/User/Query", "/CustomerManagement/{version}/Accounts/Search"
_CAMPAIGNS = "/CampaignManagement/{version}/Campaigns"
_PAGE_SIZE = 100


class MicrosoftAds(Connector):
    """Campaigns and below, daily numbers, and changes to campaigns."""

    manifest: ClassVar[Manifest] = MANIFEST
    error_of = staticmethod(refusals.error_of)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every account that the signed-in user may see, page by page."""
        user: wire.UserReply = ctx.http.post(_USER, wire.UserReply, host="customers", json={"UserId": None})
        index, seen = 0, set[str]()
        while True:
            ctx.stop_if_cancelled()
            page = _accounts_page(ctx, str(user.user.id), index)
            fresh = [one for one in page if one is not None and str(one.id) not in seen]
            yield from map(mapping.account, fresh)
            seen.update(str(one.id) for one in fresh)
            if len(page) < _PAGE_SIZE or not fresh:
                return
            index += 1

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Answer one request."""
        if request.kind is Kind.REVENUE:
            raise BadRequest("Microsoft Advertising has no revenue of its own.")
        return read_daily(ctx, request) if request.kind is Kind.DAILY else read_entities(ctx, request)

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """A campaign's status and budget now."""
        _require_campaign(ref)
        body = {"AccountId": ref.account.id, "CampaignIds": [ref.id], "CampaignType": CAMPAIGN_TYPES}
        path = f"{_CAMPAIGNS}/QueryByIds"
        options: dict[str, Any] = {"headers": headers_of(ref.account), "scope": ref.account.id}
        reply: wire.CampaignsReply = ctx.http.post(path, wire.CampaignsReply, json=body, **options)
        found = next((one for one in reply.campaigns or () if one is not None), None)
        if found is None:
            raise NotFound("Microsoft does not find this campaign.", code=ref.id)
        return mapping.state(found)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - Microsoft has no dry run
        """Send one change of a campaign."""
        _require_campaign(action.ref)
        account = action.ref.account
        body = {"AccountId": account.id, "Campaigns": [{"Id": action.ref.id, **_change(action)}]}
        reply = ctx.http.write("PUT", _CAMPAIGNS, json=body, headers=headers_of(account), scope=account.id)
        request_id = reply.headers.get("trackingid", "")
        try:
            written: wire.CampaignsReply = reply.json(wire.CampaignsReply)
        except (SchemaDrift, Transient) as error:
            raise OutcomeUnknown(error.message, error.code, request_id) from error
        for refused in written.partial_errors or ():
            if refused is not None:
                raise refusals.meaning(refused, request_id)
        return request_id


def _accounts_page(ctx: Context, user_id: str, index: int) -> list[wire.Account | None]:
    body = {
        "Predicates": [{"Field": "UserId", "Operator": "Equals", "Value": user_id}],
        "PageInfo": {"Index": index, "Size": _PAGE_SIZE},
    }
    reply: wire.AccountsReply = ctx.http.post(_ACCOUNTS, wire.AccountsReply, host="customers", json=body)
    return reply.accounts or []


def _change(action: Action) -> dict[str, Any]:
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        if action.daily_budget_micros is None:
            raise BadRequest("A budget is missing.", field="DailyBudget")
        return {"DailyBudget": action.daily_budget_micros / 1_000_000, "BudgetType": "DailyBudgetStandard"}
    wanted = EntityStatus.PAUSED if action.kind is ActionKind.PAUSE else EntityStatus.ACTIVE
    return {"Status": mapping.WRITTEN[wanted]}


def _require_campaign(ref: EntityRef) -> None:
    if ref.level is not Level.CAMPAIGN:
        raise BadRequest("Only campaigns of Microsoft Advertising can be changed.", field="level")
