"""Entities page by page, and daily numbers: the analytics calls for recent days of few entities, else an asynchronous report."""

from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from adloom_pinterest_ads import mapping, wire
from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, Progress, ReadRequest
from adloom_sdk.days import today_in
from adloom_sdk.errors import NotFound, SchemaDrift, Transient
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord

PAGE_SIZE = 250
IDS_PER_CALL = 100
SYNC_DAYS_BACK = 90
SYNC_ENTITIES = 500
_POLLS = 90
_ORDERS = 3
_NOUN = {Level.CAMPAIGN: "campaigns", Level.AD_GROUP: "ad_groups", Level.AD: "ads"}
_ID_NAME = {Level.CAMPAIGN: "campaign_ids", Level.AD_GROUP: "ad_group_ids", Level.AD: "ad_ids"}
_REPORT_LEVEL = {Level.CAMPAIGN: "CAMPAIGN", Level.AD_GROUP: "AD_GROUP", Level.AD: "PIN_PROMOTION"}
_PAGES: dict[Level, Any] = {Level.CAMPAIGN: wire.Campaigns, Level.AD_GROUP: wire.AdGroups, Level.AD: wire.Ads}
_LEVEL_OF = {
    Kind.CAMPAIGNS: Level.CAMPAIGN,
    Kind.AD_GROUPS: Level.AD_GROUP,
    Kind.ADS: Level.AD,
    Kind.CREATIVES: Level.AD,
}
_GONE = {"DOES_NOT_EXIST", "EXPIRED", "FAILED", "CANCELLED"}


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Campaigns, ad groups, ads, or the pins of the ads."""
    of, level = request.account, _LEVEL_OF[request.kind]
    for page, bookmark in pages(ctx, of, level, (request.checkpoint or {}).get("bookmark")):
        yield Batch(tuple(record for one in page for record in _records(one, of, request.kind)))
        if bookmark:
            yield Checkpoint({"bookmark": bookmark})


def pages(
    ctx: Context, of: Account, level: Level, bookmark: str | None = None, *, size: int = PAGE_SIZE
) -> Iterator[tuple[Sequence[Any], str | None]]:
    """Every page of a level's entities, archived ones included, each with the bookmark of the next."""
    while True:
        ctx.stop_if_cancelled()
        params = [("entity_statuses", word) for word in mapping.STATUSES]
        params += [("page_size", str(size)), *([("bookmark", bookmark)] if bookmark else [])]
        path = f"/{{version}}/ad_accounts/{of.id}/{_NOUN[level]}"
        page = ctx.http.get(path, _PAGES[level], params=params, scope=of.id)
        yield page.items, page.bookmark
        bookmark = page.bookmark
        if not bookmark:
            return


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window of one level."""
    of, level, (since, _) = request.account, request.level or Level.CAMPAIGN, request.days()
    done = request.checkpoint or {}
    is_recent = since > today_in("UTC", ctx.clock()) - timedelta(days=SYNC_DAYS_BACK)
    token = done.get("token")
    if not token and not is_recent:
        token = _order_or_none(ctx, request, level)
        is_recent = token is None
    campaigns = None if token else _campaigns_of(ctx, of, level, SYNC_ENTITIES)
    if campaigns is None:
        yield from _report(ctx, request, level, token)
    else:
        yield from _analytics(ctx, request, level, campaigns, str(done.get("after", "")))


def _order_or_none(ctx: Context, request: ReadRequest, level: Level) -> str | None:
    """The number of a report; None where Pinterest prepares none for this account, so that only asking at once is left."""
    try:
        return _order(ctx, request, level)
    except (NotFound, SchemaDrift):
        return None


def _records(one: Any, of: Account, kind: Kind) -> Iterator[AnyRecord]:
    if kind is Kind.CAMPAIGNS:
        yield mapping.campaign(one, of)
    elif kind is Kind.AD_GROUPS:
        yield mapping.ad_group(one, of)
    elif kind is Kind.ADS:
        yield mapping.ad(one, of)
    elif pin := mapping.creative(one, of):
        yield pin


def _campaigns_of(ctx: Context, of: Account, level: Level, most: int) -> dict[str, str] | None:
    """Every entity of a level with its campaign; None where there are more than `most`. Where none are listed, one nameless
    question is left.
    """
    found: dict[str, str] = {}
    try:
        for page, _ in pages(ctx, of, level):
            for one in page:
                campaign = one.id if level is Level.CAMPAIGN else one.campaign_id
                found[str(one.id)] = str(campaign)
            if len(found) > most:
                return None
    except NotFound:
        return {"": ""}
    return found


def _analytics(
    ctx: Context, request: ReadRequest, level: Level, campaigns: dict[str, str], after: str
) -> Iterator[Message]:
    """The analytics call for a hundred entities at a time, in the order of their ids so that it can go on after one of them."""
    ids = [one for one in sorted(campaigns) if not after or one > after]
    for start in range(0, len(ids), IDS_PER_CALL):
        ctx.stop_if_cancelled()
        chunk = ids[start : start + IDS_PER_CALL]
        since, until = request.days()
        params: list[tuple[str, Any]] = [("start_date", since.isoformat()), ("end_date", until.isoformat())]
        params += [(_ID_NAME[level], one) for one in chunk if one]
        params += [("columns", ",".join(mapping.COLUMNS)), ("granularity", "DAY"), *_attribution().items()]
        path = f"/{{version}}/ad_accounts/{request.account.id}/{_NOUN[level]}/analytics"
        rows = ctx.http.get(path, list[wire.Row], params=params, scope=request.account.id)
        yield from _batches(rows, request.account, level, campaigns)
        yield Checkpoint({"after": chunk[-1]})


def _report(ctx: Context, request: ReadRequest, level: Level, token: str | None) -> Iterator[Message]:
    """An asynchronous report: ordered, awaited, fetched; ordered again where Pinterest lost it."""
    of = request.account
    for _ in range(_ORDERS):
        if not token:
            token = _order(ctx, request, level)
            yield Checkpoint({"token": token})
        url = yield from _await(ctx, of, token)
        if url:
            yield from _batches(_rows(ctx.http.download(url)), of, level, {})
            return
        token = None
    raise Transient("Pinterest could not prepare the report.", code="REPORT_FAILED")


def _order(ctx: Context, request: ReadRequest, level: Level) -> str:
    since, until = request.days()
    body = {
        "start_date": since.isoformat(),
        "end_date": until.isoformat(),
        "granularity": "DAY",
        "columns": list(mapping.COLUMNS),
        "level": _REPORT_LEVEL[level],
        "report_format": "JSON",
        **_attribution(),
    }
    path = f"/{{version}}/ad_accounts/{request.account.id}/reports"
    report: wire.Report = ctx.http.post(path, wire.Report, json=body, scope=request.account.id)
    if not report.token:
        raise SchemaDrift("Pinterest gave no token for the report.")
    return report.token


def _await(ctx: Context, of: Account, token: str) -> Generator[Message, None, str]:
    """Look until the report is there; gives its address, or nothing where Pinterest gave it up."""
    path = f"/{{version}}/ad_accounts/{of.id}/reports"
    for poll in range(_POLLS):
        ctx.stop_if_cancelled()
        report: wire.Report = ctx.http.get(path, wire.Report, params={"token": token}, scope=of.id)
        if report.url:
            return report.url
        if report.report_status in _GONE:
            return ""
        yield Progress("Pinterest is preparing the report.")
        ctx.http.pause(min(30.0, 2.0 * 1.5**poll))
    raise Transient("Pinterest did not finish the report in time.", code="REPORT_TIMEOUT")


def _rows(content: bytes) -> list[wire.Row]:
    """A report's file: an object from entity to its rows, or a list of rows."""
    try:
        found = msgspec.json.decode(content, type=dict[str, msgspec.Raw] | list[wire.Row])
        if isinstance(found, list):
            return found
        lists = [bytes(value) for value in found.values() if bytes(value).startswith(b"[")]
        return [row for one in lists for row in msgspec.json.decode(one, type=list[wire.Row])]
    except msgspec.ValidationError as error:
        raise SchemaDrift("Pinterest's report came in a form that this connector does not know.", str(error)) from error
    except msgspec.DecodeError as error:
        raise Transient("Pinterest's report was cut short.") from error


def _batches(rows: list[wire.Row], of: Account, level: Level, campaigns: dict[str, str]) -> Iterator[Batch]:
    records = [record for row in rows if (record := mapping.daily(row, of, level, campaigns))]
    for start in range(0, len(records), MAX_BATCH_RECORDS):
        yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))


def _attribution() -> dict[str, Any]:
    days = mapping.WINDOW_DAYS
    windows = {"click_window_days": days, "engagement_window_days": days, "view_window_days": days}
    return {**windows, "conversion_report_time": "TIME_OF_AD_ACTION"}
