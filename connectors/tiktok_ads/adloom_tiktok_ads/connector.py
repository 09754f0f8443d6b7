"""TikTok Ads: accounts, reading page by page, and one change at a time."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import msgspec

from adloom_sdk import (
    Account,
    Action,
    ActionKind,
    Batch,
    Checkpoint,
    Connector,
    Context,
    EntityRef,
    EntityState,
    Kind,
    Level,
    Manifest,
    Message,
    ReadRequest,
    Reply,
)
from adloom_sdk.errors import (
    AccountDisabled,
    BadRequest,
    NotFound,
    OutcomeUnknown,
    SchemaDrift,
    ScopeMissing,
    Transient,
)
from adloom_sdk.money import decimal_text
from adloom_sdk.records import AnyRecord
from adloom_tiktok_ads import mapping, wire
from adloom_tiktok_ads.manifest import MANIFEST
from adloom_tiktok_ads.refusals import error_of

PAGE_SIZE = 1000
_ADVERTISERS_AT_ONCE = 100
# Level: what its paths are called, the word in its statuses and its data level, and the type of a page.
_PLACES: dict[Level, tuple[str, str, Any]] = {
    Level.CAMPAIGN: ("campaign", "CAMPAIGN", wire.Listed[wire.Campaign]),
    Level.AD_GROUP: ("adgroup", "ADGROUP", wire.Listed[wire.AdGroup]),
    Level.AD: ("ad", "AD", wire.Listed[wire.Ad]),
}
_ENTITIES: dict[Kind, tuple[Level, Callable[[Any, Account], AnyRecord]]] = {
    Kind.CAMPAIGNS: (Level.CAMPAIGN, mapping.campaign),
    Kind.AD_GROUPS: (Level.AD_GROUP, mapping.ad_group),
    Kind.ADS: (Level.AD, mapping.ad),
    Kind.CREATIVES: (Level.AD, mapping.creative),
}


class TikTokAds(Connector):
    """TikTok API for Business."""

    manifest: ClassVar[Manifest] = MANIFEST

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """Errors come with HTTP 200."""
        return error_of(reply)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every ad account of the sign-in, a hundred at a time."""
        app = {"app_id": ctx.http.app.get("client_id", ""), "secret": ctx.http.app.get("client_secret", "")}
        links = ctx.http.get(
            "/open_api/{version}/oauth2/advertiser/get/", wire.Listed[wire.AdvertiserLink], params=app
        ).data.items
        ids = [str(link.advertiser_id) for link in links or ()]
        for start in range(0, len(ids), _ADVERTISERS_AT_ONCE):
            ctx.stop_if_cancelled()
            yield from _advertisers(ctx, ids[start : start + _ADVERTISERS_AT_ONCE])

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Pages of a list or of a report."""
        if request.kind is Kind.DAILY:
            yield from self._daily(ctx, request)
        elif request.kind in _ENTITIES:
            level, record_of = _ENTITIES[request.kind]
            path, word, listed = _PLACES[level]
            asked = {"filtering": _json({"secondary_status": f"{word}_STATUS_ALL"})}
            yield from _paged(ctx, request, f"{path}/get/", listed, asked, lambda row: record_of(row, request.account))
        else:
            raise BadRequest(f"TikTok Ads has no {request.kind}.")

    def _daily(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        level, (since, until) = request.level or Level.CAMPAIGN, request.days()
        path, word, _ = _PLACES[level]
        extra = () if level is Level.CAMPAIGN else ("campaign_id",)
        everything = {"field_name": f"{path}_status", "filter_type": "IN", "filter_value": '["STATUS_ALL"]'}
        asked = {
            "report_type": "BASIC",
            "data_level": f"AUCTION_{word}",
            "dimensions": _json([mapping.ID_NAMES[level], "stat_time_day"]),
            "metrics": _json([*mapping.METRICS, *extra]),
            "filtering": _json([everything]),
            "start_date": since.isoformat(),
            "end_date": until.isoformat(),
        }
        yield from _paged(
            ctx,
            request,
            "report/integrated/get/",
            wire.Listed[wire.ReportRow],
            asked,
            lambda row: mapping.daily(row, request.account, level),
        )

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """The entity as TikTok lists it now."""
        row = _row(ctx, ref)
        return mapping.campaign_state(row) if isinstance(row, wire.Campaign) else mapping.ad_state(row)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - no dry run is declared
        """Status or daily budget. A budget that is not a daily one is never touched."""
        path, _, _ = _PLACES[action.ref.level]
        body: dict[str, Any] = {"advertiser_id": action.ref.account.id}
        if action.kind is ActionKind.SET_DAILY_BUDGET:
            body |= {"campaign_id": action.ref.id, "budget": _budget(ctx, self, action)}
            return _sent(ctx, f"{path}/update/", body)
        word = "DISABLE" if action.kind is ActionKind.PAUSE else "ENABLE"
        body |= {f"{path}_ids": [action.ref.id], "operation_status": word}
        return _sent(ctx, f"{path}/status/update/", body)


def _advertisers(ctx: Context, ids: list[str]) -> Iterator[Account]:
    """What TikTok tells of ad accounts; one that it refuses spoils the call for all, so then each is asked for alone."""
    try:
        yield from _told(ctx, ids)
    except (ScopeMissing, NotFound, AccountDisabled):
        alone = [found for one in ids for found in _alone(ctx, one)] if len(ids) > 1 else []
        if all(one.problem for one in alone):
            raise
        yield from alone


def _told(ctx: Context, ids: list[str]) -> list[Account]:
    asked, into = {"advertiser_ids": _json(ids)}, wire.Listed[wire.Advertiser]
    found = ctx.http.get("/open_api/{version}/advertiser/info/", into, params=asked).data.items
    return [mapping.account(one) for one in found or ()]


def _alone(ctx: Context, one: str) -> list[Account]:
    ctx.stop_if_cancelled()
    try:
        return _told(ctx, [one])
    except (ScopeMissing, NotFound, AccountDisabled) as refusal:
        return [mapping.unreachable(one, refusal.message)]


def _paged(
    ctx: Context,
    request: ReadRequest,
    path: str,
    listed: Any,
    asked: dict[str, str],
    record_of: Callable[[Any], AnyRecord],
) -> Iterator[Message]:
    """Page after page from the checkpoint's on; a page that lies behind the last one is empty."""
    page, account_id = int((request.checkpoint or {}).get("page", 1)), request.account.id
    while True:
        ctx.stop_if_cancelled()
        params = {"advertiser_id": account_id, **asked, "page": page, "page_size": PAGE_SIZE}
        found = ctx.http.get(f"/open_api/{{version}}/{path}", listed, params=params, scope=account_id).data
        rows = found.items or ()
        if rows:
            yield Batch(tuple(record_of(row) for row in rows))
        yield Checkpoint({"page": page + 1})
        pages = mapping.whole(found.page_info.total_page) if found.page_info else None
        if len(rows) < PAGE_SIZE if pages is None else page >= pages:
            return  # without the number of pages, a page that is not full is the last
        page += 1


def _row(ctx: Context, ref: EntityRef) -> Any:
    path, word, listed = _PLACES[ref.level]
    filtering = {f"{path}_ids": [ref.id], "secondary_status": f"{word}_STATUS_ALL"}
    params = {"advertiser_id": ref.account.id, "filtering": _json(filtering)}
    found = ctx.http.get(f"/open_api/{{version}}/{path}/get/", listed, params=params, scope=ref.account.id)
    if not found.data.items:
        raise NotFound("TikTok does not find this any more.")
    return found.data.items[0]


def _budget(ctx: Context, connector: TikTokAds, action: Action) -> int | float:
    """The new budget in the account's currency; a number is what TikTok wants."""
    if action.ref.level is not Level.CAMPAIGN or action.daily_budget_micros is None:
        raise BadRequest("On TikTok only a campaign's daily budget can be set.", field="budget")
    if connector.state(ctx, action.ref).daily_budget_micros is None:
        raise BadRequest("This campaign has no daily budget at TikTok that could be changed.", field="budget")
    text = decimal_text(action.daily_budget_micros)
    return int(text.partition(".")[0]) if text.endswith(".00") else float(text)


def _sent(ctx: Context, path: str, body: dict[str, Any]) -> str:
    """The request id of a change. Only the body tells that it was carried out."""
    reply = ctx.http.write("POST", f"/open_api/{{version}}/{path}", json=body, scope=str(body["advertiser_id"]))
    try:
        told = reply.json(wire.Envelope)
    except (SchemaDrift, Transient) as error:
        raise OutcomeUnknown("TikTok's answer to the change cannot be read.", code=error.code) from error
    return str(told.request_id or "")


def _json(value: object) -> str:
    """A parameter that TikTok wants as JSON text."""
    return msgspec.json.encode(value).decode()
