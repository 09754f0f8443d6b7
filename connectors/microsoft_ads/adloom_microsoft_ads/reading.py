"""Reading: lists of what there is, and daily numbers from reports, each with points from which it can go on."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from adloom_microsoft_ads import mapping, reports, wire
from adloom_sdk import Account, Batch, Checkpoint, Context, EntityStatus, Kind, Level, Message, Progress, ReadRequest
from adloom_sdk.days import today_in
from adloom_sdk.errors import BadRequest, NotFound
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord, Entity

CAMPAIGN_TYPES = "Search,Shopping,DynamicSearchAds,Audience,Hotel,PerformanceMax,App"
_AD_TYPES = [
    "Text",
    "Product",
    "AppInstall",
    "ExpandedText",
    "DynamicSearch",
    "ResponsiveAd",
    "ResponsiveSearch",
    "Hotel",
]
_CAMPAIGNS = "/CampaignManagement/{version}/Campaigns/QueryByAccountId"
_AD_GROUPS = "/CampaignManagement/{version}/AdGroups/QueryByCampaignId"
_ADS = "/CampaignManagement/{version}/Ads/QueryByAdGroupId"
# Microsoft keeps numbers of 36 months; what was deleted before then is forgotten.
_MEMORY = timedelta(days=1094)
_LEVELS = {Kind.CAMPAIGNS: Level.CAMPAIGN, Kind.AD_GROUPS: Level.AD_GROUP, Kind.ADS: Level.AD}


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One report for the window. A checkpoint knows the report and how many of its rows are handed over."""
    if request.level is None:
        raise BadRequest("A daily read needs a level.", field="level")
    level, account, (since, until) = request.level, request.account, request.days()
    report_id, done = _left_off(request)
    if not report_id or not reports.is_there(ctx, account, report_id):
        report_id = reports.ordered(ctx, account, reports.Order(level=level, since=since, until=until))
        done = 0
        yield Checkpoint({"report": report_id, "rows": done})
    for step in reports.waited_for(ctx, account, report_id):
        if isinstance(step, Progress):
            yield step
            continue
        rows = islice(reports.rows(ctx, step, level), done, None)
        for batch in _batches(mapping.from_row(mapping.daily, row, level, account) for row in rows):
            yield batch
            done += len(batch.records)
            yield Checkpoint({"report": report_id, "rows": done})


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """What is listed, campaign by campaign, then what was deleted. A checkpoint names the last campaign that is complete."""
    after = str((request.checkpoint or {}).get("after", ""))
    listed = sorted(campaigns(ctx, request.account), key=lambda one: (len(str(one.id)), str(one.id)))
    if request.kind is Kind.CAMPAIGNS:
        yield from _batches(mapping.campaign(one, request.account) for one in listed)
    else:
        for campaign in listed:
            campaign_id = str(campaign.id)
            if (len(campaign_id), campaign_id) > (len(after), after):
                ctx.stop_if_cancelled()
                yield from _batches(_below(ctx, request, campaign_id))
                yield Checkpoint({"after": campaign_id})
    if request.kind in _LEVELS:
        yield from _deleted(ctx, request.account, _LEVELS[request.kind])


def campaigns(ctx: Context, account: Account) -> list[wire.Campaign]:
    """The account's campaigns of every type; Microsoft sends them all at once."""
    body = {"AccountId": account.id, "CampaignType": CAMPAIGN_TYPES}
    reply: wire.CampaignsReply = _ask(ctx, account, _CAMPAIGNS, wire.CampaignsReply, body)
    return [one for one in reply.campaigns or () if one is not None]


def _below(ctx: Context, request: ReadRequest, campaign_id: str) -> Iterator[Entity]:
    account = request.account
    for group in _ad_groups(ctx, account, campaign_id):
        if request.kind is Kind.AD_GROUPS:
            yield mapping.ad_group(group, account, campaign_id)
            continue
        for ad in _ads(ctx, account, str(group.id)):
            if request.kind is Kind.ADS:
                yield mapping.ad(ad, account, campaign_id, str(group.id))
            else:
                yield mapping.creative(ad, account)


def _ad_groups(ctx: Context, account: Account, campaign_id: str) -> list[wire.AdGroup]:
    reply: wire.AdGroupsReply = _ask(ctx, account, _AD_GROUPS, wire.AdGroupsReply, {"CampaignId": campaign_id})
    return [one for one in reply.ad_groups or () if one is not None]


def _ads(ctx: Context, account: Account, ad_group_id: str) -> list[wire.Ad]:
    body = {"AdGroupId": ad_group_id, "AdTypes": _AD_TYPES}
    reply: wire.AdsReply = _ask(ctx, account, _ADS, wire.AdsReply, body)
    return [one for one in reply.ads or () if one is not None]


def _deleted(ctx: Context, account: Account, level: Level) -> Iterator[Message]:
    """Deleted entities, which are not listed: a report over all that Microsoft remembers still has them.

    Where no report is to be had, what is listed stands alone.
    """
    today = today_in(account.timezone, ctx.clock())
    order = reports.Order(level=level, since=today - _MEMORY, until=today, is_summary=True)
    try:
        report_id = reports.ordered(ctx, account, order)
    except NotFound:
        return
    for step in reports.waited_for(ctx, account, report_id):
        if isinstance(step, Progress):
            yield step
            continue
        gone = (row for row in reports.rows(ctx, step, level) if mapping.status(row["Status"]) is EntityStatus.REMOVED)
        yield from _batches(mapping.from_row(mapping.deleted, row, level, account) for row in gone)


def _left_off(request: ReadRequest) -> tuple[str, int]:
    state: dict[str, Any] = request.checkpoint or {}
    return str(state.get("report", "")), int(state.get("rows", 0))


def _batches(records: Iterable[AnyRecord]) -> Iterator[Batch]:
    rest = iter(records)
    while batch := tuple(islice(rest, MAX_BATCH_RECORDS)):
        yield Batch(batch)


def _ask(ctx: Context, account: Account, path: str, into: Any, body: dict[str, Any]) -> Any:
    post: Callable[..., Any] = ctx.http.post
    return post(path, into, json=body, headers=reports.headers_of(account), scope=account.id)
