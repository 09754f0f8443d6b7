"""Reading from Snapchat: lists and reports by cursor, items that failed alone, and the campaign of each squad and ad."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, ReadRequest
from adloom_sdk.days import midnight
from adloom_sdk.errors import AccountDisabled, BadRequest, NotFound, PartialFailure, SchemaDrift, ScopeMissing
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord, DailyMetric
from adloom_snapchat_ads import mapping, wire
from adloom_snapchat_ads.refusals import item_error

PAGE_SIZE = 1000
_LISTS: dict[Kind, tuple[str, Any]] = {
    Kind.CAMPAIGNS: ("campaigns", wire.CAMPAIGNS),
    Kind.AD_GROUPS: ("adsquads", wire.AD_SQUADS),
    Kind.ADS: ("ads", wire.ADS),
    Kind.CREATIVES: ("creatives", wire.CREATIVES),
}


def accounts(ctx: Context) -> Iterator[Account]:
    """The ad accounts of every organization of the sign-in; what failed is told of when all others are handed over."""
    failed: dict[str, str] = {}
    for organization in _values(ctx, "/{version}/me/organizations", wire.ORGANIZATIONS, failed):
        path = f"/{{version}}/organizations/{organization.id}/adaccounts"
        try:
            for row in _values(ctx, path, wire.AD_ACCOUNTS, failed):
                yield mapping.account(row, organization.id)
        except (ScopeMissing, NotFound, AccountDisabled) as refusal:
            failed[organization.id] = refusal.message
    if failed:
        raise PartialFailure(f"Snapchat could not tell {len(failed)} of what the sign-in reaches.", items=failed)


def entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """A list of the account, deleted entities with it. Items that failed are told of at the end, when all others are handed over."""
    if request.kind not in _LISTS:
        raise BadRequest(f"Snapchat Ads has no {request.kind}.")
    state, account = request.checkpoint or {}, request.account
    if state.get("is_done"):
        return
    record_of, failed = _record_maker(ctx, request.kind, account), dict[str, str]()
    for page, cursor in _listed_pages(ctx, request.kind, account, str(state.get("cursor", ""))):
        failed |= _failures(page)
        records = tuple(record_of(item.value) for item in page.items if item.value is not None and not item.has_failed)
        if records:
            yield Batch(records)
        yield Checkpoint({"cursor": cursor} if cursor else {"is_done": True})
    if failed:
        raise PartialFailure(f"Snapchat could not tell {len(failed)} of the {request.kind}.", items=failed)


def daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """A report of the account, broken down by entity, page by page."""
    state, account, level = request.checkpoint or {}, request.account, request.level or Level.CAMPAIGN
    if state.get("is_done"):
        return
    campaigns = _campaigns_by_entity(ctx, account, level)
    path, params = f"/{{version}}/adaccounts/{account.id}/stats", _report_params(request, level)
    for page, cursor in _pages(ctx, path, wire.REPORTS, params, account.id, str(state.get("cursor", ""))):
        records = [one for item in page.items for one in _days(page, item, account, level, campaigns)]
        for start in range(0, len(records), MAX_BATCH_RECORDS):
            yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))
        yield Checkpoint({"cursor": cursor} if cursor else {"is_done": True})


def _record_maker(ctx: Context, kind: Kind, account: Account) -> Callable[[Any], AnyRecord]:
    if kind is Kind.ADS:
        campaigns = _campaigns_by_squad(ctx, account)
        return lambda row: mapping.ad(row, account, campaigns.get(row.ad_squad_id or "", ""))
    makers: dict[Kind, Callable[[Any, Account], AnyRecord]] = {
        Kind.CAMPAIGNS: mapping.campaign,
        Kind.AD_GROUPS: mapping.ad_group,
        Kind.CREATIVES: mapping.creative,
    }
    return lambda row: makers[kind](row, account)


def _campaigns_by_squad(ctx: Context, account: Account) -> dict[str, str]:
    squads = _looked_up(ctx, Kind.AD_GROUPS, account)
    return {one.id: one.campaign_id or "" for one in squads}


def _looked_up(ctx: Context, kind: Kind, account: Account) -> Iterator[Any]:
    """A list that only says where others belong; what is not found is left out, as the read itself tells of it if it matters."""
    try:
        for page, _ in _listed_pages(ctx, kind, account, ""):
            yield from (item.value for item in page.items if item.value)
    except NotFound:
        return


def _campaigns_by_entity(ctx: Context, account: Account, level: Level) -> dict[str, str]:
    """Reports name the entity only, so squads and ads are looked up in their lists."""
    if level is Level.CAMPAIGN:
        return {}
    squads = _campaigns_by_squad(ctx, account)
    if level is Level.AD_GROUP:
        return squads
    return {one.id: squads.get(one.ad_squad_id or "", "") for one in _looked_up(ctx, Kind.ADS, account)}


def _report_params(request: ReadRequest, level: Level) -> dict[str, str]:
    """Days begin at the account's own midnight, whose offset changes with the clocks."""
    since, until = request.days()
    zone = request.account.timezone
    return {
        "breakdown": mapping.BREAKDOWNS[level],
        "granularity": "DAY",
        "fields": ",".join(mapping.FIELDS),
        "start_time": _local(since, zone),
        "end_time": _local(until + timedelta(days=1), zone),
        "swipe_up_attribution_window": f"{mapping.SWIPE_DAYS}_DAY",
        "view_attribution_window": f"{mapping.VIEW_DAYS}_DAY",
    }


def _local(day: date, zone: str) -> str:
    return midnight(day, zone).isoformat(timespec="milliseconds")


def _days(page: Any, item: Any, account: Account, level: Level, campaigns: dict[str, str]) -> Iterator[DailyMetric]:
    """The days of one part of a report. A part that failed would leave a hole, so it ends the read."""
    report: wire.AccountSeries | None = item.value
    if item.has_failed:
        raise item_error(item, page.request_id or "")
    if report is None or (report.breakdown_stats is None and report.timeseries is None):
        raise SchemaDrift("Snapchat's report holds no days.", code="timeseries_stat")
    try:
        parts = (report.breakdown_stats or {}).get(mapping.BREAKDOWNS[level]) or []
        series = msgspec.convert(parts, list[wire.Series])
    except msgspec.ValidationError as error:
        raise SchemaDrift("Snapchat's report came in a form that this connector does not know.", str(error)) from error
    if not report.breakdown_stats and report.timeseries:  # the report of one entity, which is not broken down
        series = [wire.Series(id=report.id or account.id, timeseries=mapping.whole_days(report.timeseries, account))]
    for one in series:
        campaign_id = one.id if level is Level.CAMPAIGN else campaigns.get(one.id, "")
        for span in one.timeseries or ():
            yield mapping.daily(span, account, level, entity_id=one.id, campaign_id=campaign_id, report=report)


def _listed_pages(ctx: Context, kind: Kind, account: Account, cursor: str) -> Iterator[tuple[Any, str]]:
    name, into = _LISTS[kind]
    params = {"limit": str(PAGE_SIZE), "read_deleted_entities": "true"}
    return _pages(ctx, f"/{{version}}/adaccounts/{account.id}/{name}", into, params, account.id, cursor)


def _pages(
    ctx: Context, path: str, into: Any, params: dict[str, str], scope: str, cursor: str
) -> Iterator[tuple[Any, str]]:
    """Each page with the query of the link to the next. The link leads to another host, which is never called."""
    while True:
        ctx.stop_if_cancelled()
        page = ctx.http.get(path, into, params=params | dict(parse_qsl(cursor)), scope=scope)
        cursor = _next_place(page.paging.next_link or "" if page.paging else "")
        yield page, cursor
        if not cursor:
            return


def _next_place(link: str) -> str:
    """What the link to the next page adds, '' where there is none. Raises SchemaDrift where a link says nothing."""
    query = urlsplit(link).query
    if link and not query:
        raise SchemaDrift("Snapchat tells of another page, but not where it begins.", code="paging.next_link")
    return query


def _values(ctx: Context, path: str, into: Any, failed: dict[str, str]) -> Iterator[Any]:
    """Every object of a list; those that failed are put into `failed`."""
    for page, _ in _pages(ctx, path, into, {"limit": str(PAGE_SIZE)}, "app", ""):
        failed |= _failures(page)
        yield from (item.value for item in page.items if item.value is not None and not item.has_failed)


def _failures(page: Any) -> dict[str, str]:
    """Snapchat's words for each item that failed, by its id where that is known."""
    return {
        item.value.id if item.value else f"{page.request_id}:{place}": item.sub_request_error_reason
        or "no reason given"
        for place, item in enumerate(page.items)
        if item.has_failed or item.value is None
    }
