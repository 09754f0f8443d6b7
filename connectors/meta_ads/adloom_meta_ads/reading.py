"""Entities page by page, and daily numbers: asked for at once where the window is short, else as a report that Meta prepares."""

from collections.abc import Callable, Generator, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from adloom_meta_ads import mapping, wire
from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, Progress, ReadRequest
from adloom_sdk.errors import NotFound, SchemaDrift, TooMuchData, Transient
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord

PAGE_SIZE = 500
LEAST_PAGE_SIZE = 25
INSIGHTS_PAGE_SIZE = MAX_BATCH_RECORDS
# Windows of more days are left to reports: deeper levels have many times the rows.
SYNC_DAYS = {Level.CAMPAIGN: 31, Level.AD_GROUP: 14, Level.AD: 7}
POLLS = 150
_ORDERS = 2
_GIVEN_UP = {"Job Failed", "Job Skipped"}
# Meta's code for a window that is too long, in whatever way it is asked for.
_TOO_LONG = "100/"
_UNWORDED = "HTTP "
_COMMON_STATES = ("ACTIVE", "PAUSED", "DELETED", "ARCHIVED", "IN_PROCESS", "WITH_ISSUES")
_REVIEW_STATES = ("PENDING_REVIEW", "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO", "ADSET_PAUSED")


class Listing(NamedTuple):
    """How a kind of entity is asked for. `states` must be named, or Meta hides what was deleted."""

    edge: str
    fields: str
    page: Any
    record: Callable[[Any, Account, datetime], AnyRecord]
    states: tuple[str, ...] = ()


LISTINGS: dict[Kind, Listing] = {
    Kind.CAMPAIGNS: Listing(
        "campaigns",
        "id,name,status,effective_status,objective,buying_type,daily_budget,lifetime_budget,start_time,stop_time,updated_time",
        wire.Campaigns,
        mapping.campaign,
        _COMMON_STATES,
    ),
    Kind.AD_GROUPS: Listing(
        "adsets",
        "id,campaign_id,name,status,effective_status,daily_budget,lifetime_budget,end_time,updated_time",
        wire.AdSets,
        mapping.ad_group,
        (*_COMMON_STATES, "CAMPAIGN_PAUSED"),
    ),
    Kind.ADS: Listing(
        "ads",
        "id,campaign_id,adset_id,name,status,effective_status,creative{id},updated_time",
        wire.Ads,
        mapping.ad,
        (*_COMMON_STATES, "CAMPAIGN_PAUSED", *_REVIEW_STATES),
    ),
    Kind.CREATIVES: Listing(
        "adcreatives",
        "id,name,title,body,object_type,link_url,image_url,thumbnail_url,video_id,object_story_spec,asset_feed_spec",
        wire.Creatives,
        mapping.creative,
    ),
}
_KIND_OF = {Level.CAMPAIGN: Kind.CAMPAIGNS, Level.AD_GROUP: Kind.AD_GROUPS, Level.AD: Kind.ADS}
_WORD = {Level.CAMPAIGN: "campaign", Level.AD_GROUP: "adset", Level.AD: "ad"}
_IDS = {
    Level.CAMPAIGN: "campaign_id",
    Level.AD_GROUP: "campaign_id,adset_id",
    Level.AD: "campaign_id,adset_id,ad_id",
}
_METRICS = "date_start,date_stop,spend,impressions,clicks,reach,actions,action_values"


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Campaigns, ad sets, ads or creatives; deleted ones too."""
    listing, of = LISTINGS[request.kind], request.account
    after, limit = str((request.checkpoint or {}).get("after", "")), PAGE_SIZE
    while True:
        ctx.stop_if_cancelled()
        params = {"fields": listing.fields, "limit": limit, "after": after or None, **_states(listing)}
        try:
            page = ctx.http.get(f"/{{version}}/{of.id}/{listing.edge}", listing.page, params=params, scope=of.id)
        except TooMuchData:
            if limit <= LEAST_PAGE_SIZE:
                raise
            limit //= 2
            continue
        now = ctx.clock()
        yield Batch(tuple(listing.record(one, of, now) for one in page.data))
        after = page.after
        if not after:
            return
        yield Checkpoint({"after": after})


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window of one level."""
    done = request.checkpoint or {}
    if "report" not in done and _is_short(request):
        try:
            yield from _at_once(ctx, request, str(done.get("after", "")))
        except (TooMuchData, NotFound) as error:
            if not _may_be_reported(error, request):
                raise
            yield Progress("Meta does not answer at once, so it is asked to prepare a report.")
        else:
            return
    yield from _report(ctx, request, done)


def _is_short(request: ReadRequest) -> bool:
    since, until = request.days()
    return (until - since).days < SYNC_DAYS[request.level or Level.CAMPAIGN]


def _may_be_reported(error: TooMuchData | NotFound, request: ReadRequest) -> bool:
    """Whether a report may hold what Meta does not tell at once: not where it does not know the account, nor of a window that is
    too long, which the host cuts in two.
    """
    if isinstance(error, NotFound):
        return error.code.startswith(_UNWORDED)
    since, until = request.days()
    return since == until or not error.code.startswith(_TOO_LONG)


def _at_once(ctx: Context, request: ReadRequest, after: str) -> Iterator[Message]:
    yield from _pages(ctx, request, f"/{{version}}/{request.account.id}/insights", _question(request), {}, after)


def _report(ctx: Context, request: ReadRequest, done: dict[str, Any]) -> Iterator[Message]:
    """A report: ordered, awaited, read page by page; ordered again where Meta lost it or gave it up."""
    report, after = str(done.get("report", "")), str(done.get("after", ""))
    for _ in range(_ORDERS + bool(report)):
        if not report:
            report, after = _order(ctx, request), ""
            if not report:
                yield from _at_once(ctx, request, after)
                return
            yield Checkpoint({"report": report})
        try:
            if (yield from _await(ctx, request.account, report)):
                path, params = f"/{{version}}/{report}/insights", {"fields": _fields(request)}
                yield from _pages(ctx, request, path, params, {"report": report}, after)
                return
        except NotFound:
            yield Progress("Meta no longer has the report, so it is asked for another one.")
        report = ""
    raise TooMuchData("Meta could not prepare the report.", code="Job Failed")


def _order(ctx: Context, request: ReadRequest) -> str:
    """The number of a report; '' where no order is taken for a window that was not asked for at once yet."""
    path, of = f"/{{version}}/{request.account.id}/insights", request.account
    try:
        run: wire.ReportRun = ctx.http.post(path, wire.ReportRun, form=_question(request), scope=of.id)
    except NotFound as error:
        if _is_short(request) or not error.code.startswith(_UNWORDED):
            raise
        return ""
    if not run.report_run_id and _is_short(request):
        raise SchemaDrift("Meta gave no number for the report.", code=path)
    return str(run.report_run_id or "")


def _await(ctx: Context, of: Account, report: str) -> Generator[Message, None, bool]:
    """Look until the report is completed; False where Meta gave it up. 100 % alone does not mean that it is there."""
    for poll in range(POLLS):
        ctx.stop_if_cancelled()
        run: wire.ReportRun = ctx.http.get(f"/{{version}}/{report}", wire.ReportRun, scope=of.id)
        if run.async_status == "Job Completed":
            return True
        if run.async_status in _GIVEN_UP:
            return False
        percent = run.async_percent_completion
        done = int(percent) if isinstance(percent, int | float) else None
        told = "" if done is None else f": {done} %"
        yield Progress(f"Meta is preparing the report{told}", done=done, total=None if done is None else 100)
        ctx.http.pause(min(30.0, 1.0 * 1.5**poll))
    raise Transient("Meta did not finish the report in time.", code="Job Running")


def _pages(
    ctx: Context, request: ReadRequest, path: str, params: dict[str, str], state: dict[str, Any], after: str
) -> Iterator[Message]:
    """Every page of daily numbers, each with the place behind it. A report's pages are made smaller where Meta finds them large."""
    of, level, limit = request.account, request.level or Level.CAMPAIGN, INSIGHTS_PAGE_SIZE
    while True:
        ctx.stop_if_cancelled()
        asked = {**params, "limit": limit, "after": after or None}
        try:
            page: wire.Insights = ctx.http.get(path, wire.Insights, params=asked, scope=of.id)
        except TooMuchData:
            if not state or limit <= LEAST_PAGE_SIZE:
                raise
            limit //= 2
            continue
        yield from _batches([mapping.daily(one, of, level) for one in page.data])
        after = page.after
        if not after:
            return
        yield Checkpoint({**state, "after": after})


def _batches(records: Sequence[AnyRecord]) -> Iterator[Batch]:
    for start in range(0, len(records), MAX_BATCH_RECORDS):
        yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))


def _question(request: ReadRequest) -> dict[str, str]:
    """What is asked for; without the filter Meta leaves out the numbers of what was deleted."""
    since, until = request.days()
    level = request.level or Level.CAMPAIGN
    window = {"since": since.isoformat(), "until": until.isoformat()}
    states = LISTINGS[_KIND_OF[level]].states
    only = [{"field": f"{_WORD[level]}.effective_status", "operator": "IN", "value": states}]
    return {
        "level": _WORD[level],
        "time_increment": "1",
        "time_range": msgspec.json.encode(window).decode(),
        "fields": _fields(request),
        "action_attribution_windows": msgspec.json.encode(mapping.WINDOWS).decode(),
        "filtering": msgspec.json.encode(only).decode(),
    }


def _fields(request: ReadRequest) -> str:
    return f"{_IDS[request.level or Level.CAMPAIGN]},{_METRICS}"


def _states(listing: Listing) -> dict[str, str]:
    if not listing.states:
        return {}
    only = [{"field": "effective_status", "operator": "IN", "value": listing.states}]
    return {"filtering": msgspec.json.encode(only).decode()}
