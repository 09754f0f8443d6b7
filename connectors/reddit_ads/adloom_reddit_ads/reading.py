"""Entities and reports page by page. A next page's address is complete: its query is sent as it stands, never with more."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from adloom_reddit_ads import mapping, wire
from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, ReadRequest
from adloom_sdk.days import midnight
from adloom_sdk.errors import SchemaDrift
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord

PAGE_SIZE = 100
REPORT_PAGE_SIZE = 1000
_LISTS: dict[Kind, tuple[str, Any]] = {
    Kind.CAMPAIGNS: ("campaigns", wire.Campaigns),
    Kind.AD_GROUPS: ("ad_groups", wire.AdGroups),
    Kind.ADS: ("ads", wire.Ads),
    Kind.CREATIVES: ("ads", wire.Ads),
}
_BREAKDOWNS = {
    Level.CAMPAIGN: ["CAMPAIGN_ID", "DATE"],
    Level.AD_GROUP: ["AD_GROUP_ID", "CAMPAIGN_ID", "DATE"],
    Level.AD: ["AD_ID", "CAMPAIGN_ID", "DATE"],
}


def accounts(ctx: Context) -> Iterator[Account]:
    """Every ad account of every business, each once."""
    seen: set[str] = set()
    for businesses, _ in pages(ctx, "/api/{version}/me/businesses", wire.Businesses):
        for business in businesses.data or ():
            path = f"/api/{{version}}/businesses/{business.id}/ad_accounts"
            for page, _ in pages(ctx, path, wire.AdAccounts):
                for one in page.data or ():
                    if str(one.id) not in seen:
                        seen.add(str(one.id))
                        yield mapping.account(one, business)


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Campaigns, ad groups, ads, or the posts of the ads."""
    of, (noun, kind) = request.account, _LISTS[request.kind]
    path, query = f"/api/{{version}}/ad_accounts/{of.id}/{noun}", (request.checkpoint or {}).get("query", "")
    for page, following in pages(ctx, path, kind, query=query, scope=of.id):
        yield Batch(tuple(record for one in page.data or () if (record := _record(one, of, request.kind))))
        if following:
            yield Checkpoint({"query": following})


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window of one level. Rows of the days around it, which Reddit adds by its inclusive end, are dropped."""
    of, level, (since, until) = request.account, request.level or Level.CAMPAIGN, request.days()
    path, query = f"/api/{{version}}/ad_accounts/{of.id}/reports", (request.checkpoint or {}).get("query", "")
    order = {"data": _order(of, level, since, until)}
    size = REPORT_PAGE_SIZE
    for page, following in pages(ctx, path, wire.Report, query=query, scope=of.id, order=order, size=size):
        told = page.data.metrics or () if page.data else ()
        records = [mapping.daily(row, of, level) for row in told if since <= mapping.day_of(row) <= until]
        for start in range(0, len(records), MAX_BATCH_RECORDS):
            yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))
        if following:
            yield Checkpoint({"query": following})


def pages(
    ctx: Context,
    path: str,
    kind: Any,
    *,
    query: str = "",
    scope: str = "app",
    order: dict[str, Any] | None = None,
    size: int = PAGE_SIZE,
) -> Iterator[tuple[Any, str]]:
    """Every page with the query of the next one; `order` is the body where pages come by POST."""
    query = query or f"page.size={size}"
    seen: set[str] = set()
    while query:
        ctx.stop_if_cancelled()
        if query in seen:
            raise SchemaDrift("Reddit names the same page twice.", code=path)
        seen.add(query)
        if order is None:
            page = ctx.http.get(path, kind, raw_query=query, scope=scope)
        else:
            page = ctx.http.post(path, kind, raw_query=query, scope=scope, json=order)
        query = urlsplit(page.pagination.next_url or "").query if page.pagination else ""
        yield page, query


def _order(of: Account, level: Level, since: date, until: date) -> dict[str, Any]:
    """The report's order: whole hours around the account's midnights, as Reddit takes no others."""
    starts_at, ends_at = midnight(since, of.timezone), midnight(until + timedelta(days=1), of.timezone)
    return {
        "starts_at": _hour(starts_at),
        "ends_at": _hour(ends_at + timedelta(minutes=59)),
        "breakdowns": _BREAKDOWNS[level],
        "fields": list(mapping.FIELDS),
        "time_zone_id": of.timezone,
    }


def _hour(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:00:00Z")


def _record(one: Any, of: Account, kind: Kind) -> AnyRecord | None:
    if kind is Kind.CAMPAIGNS:
        return mapping.campaign(one, of)
    if kind is Kind.AD_GROUPS:
        return mapping.ad_group(one, of)
    return mapping.ad(one, of) if kind is Kind.ADS else mapping.creative(one, of)
