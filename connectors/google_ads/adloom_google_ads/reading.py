"""Queries: Google answers each with a stream of parts. Long windows are asked for in pieces that fit the account's size."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from adloom_google_ads import mapping, refusals, wire
from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, Progress, ReadRequest
from adloom_sdk.errors import Transient
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord

FIRST_DAYS = 2
MOST_ROWS = 20_000
MOST_GROWTH = 10
_CUT = {"RemoteProtocolError", "ReadError", "ReadTimeout"}
_CAMPAIGN_FIELDS = (
    "campaign.id, campaign.name, campaign.status, campaign.advertising_channel_type, campaign.start_date_time, "
    "campaign.end_date_time, campaign_budget.amount_micros, campaign_budget.total_amount_micros, campaign_budget.period, "
    "campaign_budget.explicitly_shared, campaign_budget.reference_count"
)
_AD_FIELDS = "campaign.id, ad_group.id, ad_group_ad.ad.id, ad_group_ad.ad.name, ad_group_ad.ad.type"
_WORDS = (
    "ad_group_ad.ad.responsive_search_ad.headlines, ad_group_ad.ad.responsive_search_ad.descriptions, "
    "ad_group_ad.ad.responsive_display_ad.headlines, ad_group_ad.ad.responsive_display_ad.descriptions"
)
_METRICS = (
    "metrics.cost_micros, metrics.impressions, metrics.clicks, metrics.conversions, metrics.conversions_value, "
    "metrics.video_trueview_views"
)


class Listing(NamedTuple):
    """How a kind of entity is asked for; removed ones come by themselves."""

    source: str
    fields: str
    record: Callable[[wire.Row, Account, datetime], AnyRecord]


LISTINGS: dict[Kind, Listing] = {
    Kind.CAMPAIGNS: Listing("campaign", _CAMPAIGN_FIELDS, mapping.campaign),
    Kind.AD_GROUPS: Listing("ad_group", "campaign.id, ad_group.id, ad_group.name, ad_group.status", mapping.ad_group),
    Kind.ADS: Listing("ad_group_ad", f"{_AD_FIELDS}, ad_group_ad.status, {_WORDS}", mapping.ad),
    Kind.CREATIVES: Listing(
        "ad_group_ad",
        f"{_AD_FIELDS}, ad_group_ad.ad.final_urls, ad_group_ad.ad.image_ad.image_url, {_WORDS}",
        mapping.creative,
    ),
}
_SOURCES = {
    Level.CAMPAIGN: ("campaign.id", "campaign"),
    Level.AD_GROUP: ("campaign.id, ad_group.id", "ad_group"),
    Level.AD: ("campaign.id, ad_group.id, ad_group_ad.ad.id", "ad_group_ad"),
}


def query(fields: str, source: str, where: str = "") -> str:
    """A question in Google's query language; nothing that a person entered goes into it."""
    return " ".join(("SELECT", fields, "FROM", source, *(("WHERE", where) if where else ())))


def rows(ctx: Context, customer: str, question: str, *, login: str = "") -> Iterator[wire.Row]:
    """Every row of a query's answer, part after part. Raises what a part says that went wrong."""
    path = f"/{{version}}/customers/{customer}/googleAds:searchStream"
    chunks: Sequence[wire.Chunk] = ctx.http.post(
        path, list[wire.Chunk], json={"query": question}, headers=login_header(login), scope=customer
    )
    for chunk in chunks:
        if chunk.error is not None:
            raise refusals.meaning(chunk.error, ctx.clock())
        yield from chunk.results or ()


def login_header(manager: str) -> dict[str, str]:
    """The manager through which an account is reached, without the dashes that people write."""
    digits = "".join(filter(str.isdigit, manager))
    return {"login-customer-id": digits} if digits else {}


def login_of(ctx: Context, of: Account) -> str:
    """The manager that was entered, or the one that the account was found under."""
    return ctx.config.get("login_customer_id") or of.parent_id or ""


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Campaigns, ad groups, ads or creatives; removed ones too."""
    of, (source, fields, record) = request.account, LISTINGS[request.kind]
    ctx.stop_if_cancelled()
    now = ctx.clock()
    found = rows(ctx, of.id, query(fields, source), login=login_of(ctx, of))
    yield from _batches(ctx, (record(row, of, now) for row in found))


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One window of one level, in pieces: two days first, then as many as give a piece of fitting size."""
    since, until = request.days()
    done = (request.checkpoint or {}).get("done_on")
    start, days = (date.fromisoformat(done) + timedelta(days=1) if done else since), FIRST_DAYS
    while start <= until:
        ctx.stop_if_cancelled()
        end = min(start + timedelta(days=days - 1), until)
        try:
            records = _day_records(ctx, request, start, end)
        except Transient as error:
            if not _is_cut(error) or start == end:
                raise
            days = max(1, ((end - start).days + 1) // 2)
            yield Progress("Google's answer was cut, so it is asked for in smaller pieces.")
            continue
        yield from _batches(ctx, records)
        if end < until:
            yield Checkpoint({"done_on": end.isoformat()})
        days = _fitting_days(len(records), (end - start).days + 1)
        start = end + timedelta(days=1)


def _day_records(ctx: Context, request: ReadRequest, start: date, end: date) -> list[AnyRecord]:
    of, level = request.account, request.level or Level.CAMPAIGN
    ids, source = _SOURCES[level]
    question = query(f"{ids}, segments.date, {_METRICS}", source, f"segments.date BETWEEN '{start}' AND '{end}'")
    found = rows(ctx, of.id, question, login=login_of(ctx, of))
    return [mapping.daily(row, of, level) for row in found]


def _fitting_days(rows_told: int, days: int) -> int:
    """How many days to ask for next, from what the last piece held; never very many more than before."""
    return max(1, min(MOST_ROWS * days // max(1, rows_told), days * MOST_GROWTH))


def _is_cut(error: Transient) -> bool:
    """Whether the connection broke in the middle of an answer, or its body ended early."""
    return error.code in _CUT or error.code.endswith(":searchStream")


def _batches(ctx: Context, records: Iterator[AnyRecord] | Sequence[AnyRecord]) -> Iterator[Batch]:
    part: list[AnyRecord] = []
    for record in records:
        part.append(record)
        if len(part) == MAX_BATCH_RECORDS:
            ctx.stop_if_cancelled()
            yield Batch(tuple(part))
            part = []
    if part:
        yield Batch(tuple(part))
