"""LinkedIn Ads: accounts, lists page by page, reports without pages, and one change at a time."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar
from urllib.parse import quote

from msgspec.structs import replace

from adloom_linkedin_ads import mapping, wire
from adloom_linkedin_ads.manifest import MANIFEST
from adloom_linkedin_ads.refusals import error_of
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
from adloom_sdk.errors import BadRequest, TooMuchData
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.money import decimal_text, minor_digits
from adloom_sdk.records import AnyRecord

PAGE_SIZE = 500
# LinkedIn allows 20 fields; two of them say whose day a row is.
FIELDS_AT_ONCE = 18
# A report has no pages: whatever lies beyond this is silently missing.
MAX_ROWS = 15_000
# Where a day alone is full, so many campaigns are asked for at once; their names must still fit into an address.
CAMPAIGNS_AT_ONCE = 40
_HEADERS = {"LinkedIn-Version": "{version}", "X-Restli-Protocol-Version": "2.0.0"}
_EVERY_STATUS = ",".join(mapping.STATUSES)
_CAMPAIGNS = ("adCampaigns", f"q=search&search=(status:(values:List({_EVERY_STATUS})))", wire.Listed[wire.Campaign])
_CREATIVES = ("creatives", f"q=criteria&intendedStatuses=List({_EVERY_STATUS})", wire.Listed[wire.Creative])
_LISTS: dict[Kind, tuple[tuple[str, str, Any], Callable[[Any, Account], AnyRecord]]] = {
    Kind.CAMPAIGNS: (_CAMPAIGNS, mapping.campaign),
    Kind.ADS: (_CREATIVES, mapping.ad),
    Kind.CREATIVES: (_CREATIVES, mapping.creative),
}
# Two pivots at once, so that an ad's day names its campaign too.
_FINDERS = {
    Level.CAMPAIGN: "q=analytics&pivot=(value:CAMPAIGN)",
    Level.AD: "q=statistics&pivots=List(CAMPAIGN,CREATIVE)",
}


class LinkedInAds(Connector):
    """LinkedIn's versioned Marketing API."""

    manifest: ClassVar[Manifest] = MANIFEST

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """By status, code and service error code."""
        return error_of(reply)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every ad account that the member may see."""
        for page, _ in _pages(ctx, "/rest/adAccounts", "q=search", wire.Listed[wire.Account], scope="app"):
            yield from map(mapping.account, page)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Pages of a list, or a report."""
        request = replace(request, account=mapping.named(request.account))
        if request.kind is Kind.DAILY and (request.level or Level.CAMPAIGN) in _FINDERS:
            yield from _daily(ctx, request)
        elif request.kind in _LISTS:
            yield from _listed(ctx, request)
        else:
            raise BadRequest(f"LinkedIn Ads has no {request.level or request.kind}.")

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """The entity as LinkedIn has it now."""
        into: Any = wire.Campaign if ref.level is Level.CAMPAIGN else wire.Creative
        row = ctx.http.get(_address(ref), into, headers=_HEADERS, scope=ref.account.id)
        return mapping.campaign_state(row) if isinstance(row, wire.Campaign) else mapping.ad_state(row)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - no dry run is declared
        """A partial update of the one field."""
        headers = {**_HEADERS, "X-RestLi-Method": "PARTIAL_UPDATE"}
        body = {"patch": {"$set": _changed(action)}}
        reply = ctx.http.write("POST", _address(action.ref), json=body, headers=headers, scope=action.ref.account.id)
        return reply.headers.get("x-li-uuid", "")


def _pages(ctx: Context, path: str, query: str, into: Any, *, scope: str, start: str = "") -> Iterator[tuple[Any, str]]:
    """The elements of each page with the token of the next; '' after the last."""
    token = start
    while True:
        ctx.stop_if_cancelled()
        asked = f"{query}&pageSize={PAGE_SIZE}" + (f"&pageToken={quote(token, safe='')}" if token else "")
        page = ctx.http.get(path, into, raw_query=asked, headers=_HEADERS, scope=scope)
        token = (page.metadata.nextPageToken if page.metadata else None) or ""
        yield page.elements, token
        if not token:
            return


def _listed(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    (name, query, into), record_of = _LISTS[request.kind]
    state, account = request.checkpoint or {}, request.account
    if state.get("is_done"):
        return
    path, start = f"/rest/adAccounts/{account.id}/{name}", str(state.get("page_token", ""))
    for page, token in _pages(ctx, path, query, into, scope=account.id, start=start):
        if page:
            yield Batch(tuple(record_of(row, account) for row in page))
        yield Checkpoint({"page_token": token} if token else {"is_done": True})


def _daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window at once: there is nothing in between to go on from."""
    if (request.checkpoint or {}).get("is_done"):
        return
    level = request.level or Level.CAMPAIGN
    names = mapping.METRICS
    chunks = [names[start : start + FIELDS_AT_ONCE] for start in range(0, len(names), FIELDS_AT_ONCE)]
    rows = mapping.joined(_reported(ctx, request, level, chunk) for chunk in chunks)
    records = [mapping.daily(row, request.account, level) for row in rows]
    for start in range(0, len(records), MAX_BATCH_RECORDS):
        yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))
    yield Checkpoint({"is_done": True})


def _reported(ctx: Context, request: ReadRequest, level: Level, names: tuple[str, ...]) -> list[wire.ReportRow]:
    """The rows of a window. One that is too large is for the host to cut; where it is a day already, it is cut by campaign."""
    since, until = request.days()
    account = _facet("accounts", "sponsoredAccount", [request.account.id])
    try:
        return _report(ctx, request, level, names, account)
    except TooMuchData:
        if since < until:
            raise
    path, query, into = f"/rest/adAccounts/{request.account.id}/{_CAMPAIGNS[0]}", _CAMPAIGNS[1], _CAMPAIGNS[2]
    pages = _pages(ctx, path, query, into, scope=request.account.id)
    ids = [str(row.id) for page, _ in pages for row in page]
    parts = [ids[start : start + CAMPAIGNS_AT_ONCE] for start in range(0, len(ids), CAMPAIGNS_AT_ONCE)]
    facets = (_facet("campaigns", "sponsoredCampaign", part) for part in parts)
    return [row for facet in facets for row in _report(ctx, request, level, names, facet)]


def _facet(name: str, kind: str, ids: list[str]) -> str:
    """Whose numbers are asked for."""
    return f"{name}=List({','.join(quote(f'urn:li:{kind}:{one}', safe='') for one in ids)})"


def _report(
    ctx: Context, request: ReadRequest, level: Level, names: tuple[str, ...], facet: str
) -> list[wire.ReportRow]:
    """One report. Its query goes as it stands: LinkedIn does not understand encoded brackets."""
    ctx.stop_if_cancelled()
    since, until = request.days()
    days = ",".join(
        f"{name}:(year:{day.year},month:{day.month},day:{day.day})" for name, day in (("start", since), ("end", until))
    )
    fields = ",".join(mapping.FIELD_NAMES[name] for name in ("date_range", "pivot_values", *names))
    query = f"{_FINDERS[level]}&timeGranularity=(value:DAILY)&dateRange=({days})&{facet}&fields={fields}"
    into = wire.Listed[wire.ReportRow]
    found: list[wire.ReportRow] = ctx.http.get(
        "/rest/adAnalytics", into, raw_query=query, headers=_HEADERS, scope=request.account.id
    ).elements
    if len(found) >= MAX_ROWS:
        raise TooMuchData("LinkedIn's report is full, so rows may be missing.")
    return found


def _address(ref: EntityRef) -> str:
    if ref.level is Level.CAMPAIGN:
        return f"/rest/adAccounts/{ref.account.id}/adCampaigns/{ref.id}"
    return f"/rest/adAccounts/{ref.account.id}/creatives/{quote(f'urn:li:sponsoredCreative:{ref.id}', safe='')}"


def _changed(action: Action) -> dict[str, object]:
    if action.kind is ActionKind.SET_DAILY_BUDGET:
        if action.ref.level is not Level.CAMPAIGN or action.daily_budget_micros is None:
            raise BadRequest("On LinkedIn only a campaign's daily budget can be set.", field="dailyBudget")
        currency = action.ref.account.currency
        amount = decimal_text(action.daily_budget_micros)
        amount = amount.removesuffix(".00") if minor_digits(currency) == 0 else amount
        return {"dailyBudget": {"amount": amount, "currencyCode": currency}}
    name = "status" if action.ref.level is Level.CAMPAIGN else "intendedStatus"
    return {name: "PAUSED" if action.kind is ActionKind.PAUSE else "ACTIVE"}
