"""The connector to Google Analytics 4: properties, and their revenue page by page and day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from adloom_ga4 import refusals, wire
from adloom_ga4.manifest import MANIFEST
from adloom_ga4.mapping import DIMENSIONS, METRICS, account, count, currency_code, told_by
from adloom_sdk import Account, Batch, Checkpoint, Connector, Context, Kind, Manifest, Message, ReadRequest
from adloom_sdk.days import each_day, today_in
from adloom_sdk.errors import BadRequest, NotFound, SchemaDrift
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.revenue import RevenueTally

_ROWS = 10_000
_PAGE_SIZE = 200


class GoogleAnalytics(Connector):
    """Revenue per day of a property's zone."""

    manifest: ClassVar[Manifest] = MANIFEST
    error_of = staticmethod(refusals.error_of)
    throttle_of = staticmethod(refusals.throttle_of)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """The properties of every account that the sign-in reaches; those in the trash with their problem."""
        for name in _account_names(ctx):
            params = {"filter": f"parent:{name}", "showDeleted": "true"}
            yield from map(account, _listed(ctx, "properties", wire.Properties, "properties", params))

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Revenue days, oldest first; a checkpoint after each page stands at the day that is not whole yet."""
        if request.kind is not Kind.REVENUE:
            raise BadRequest(f"Google Analytics has no {request.kind}.")
        since, until = request.days()
        if request.checkpoint:
            since = date.fromisoformat(request.checkpoint["next_day"])
        yield from _read_days(ctx, request.account, since, min(until, today_in(request.account.timezone, ctx.clock())))


def _account_names(ctx: Context) -> list[str]:
    """The accounts that the sign-in reaches; where Google gives no summaries, from the plain list."""
    try:
        return [one.account for one in _listed(ctx, "accountSummaries", wire.Summaries, "account_summaries")]
    except NotFound:
        return [one.name for one in _listed(ctx, "accounts", wire.Accounts, "accounts")]


def _read_days(ctx: Context, account: Account, since: date, until: date) -> Iterator[Message]:
    tally, next_day = None, since
    for report, is_last in _pages(ctx, account, since, until):
        tally = tally or RevenueTally(_as_told(account, report), tells=told_by(report.columns()))
        day = next_day
        for row in report.rows or ():
            day = count(report.named(row), tally)
        if is_last:
            day = until + timedelta(days=1)
        records = tally.take(each_day(next_day, day - timedelta(days=1)))
        for start in range(0, len(records), MAX_BATCH_RECORDS):
            yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))
        next_day = day
        yield Checkpoint({"next_day": next_day.isoformat()})


def _as_told(account: Account, report: wire.Report) -> Account:
    """The property with the currency in which Google counted: amounts of another one must never be taken for its own."""
    told = currency_code(report.metadata.currency_code) if report.metadata else ""
    return replace(account, currency=told) if told else account


def _pages(ctx: Context, account: Account, since: date, until: date) -> Iterator[tuple[wire.Report, bool]]:
    """The rows of the window by day, each page with whether it is the last. An empty report has no count of rows."""
    offset, before = 0, None
    while since <= until:
        ctx.stop_if_cancelled()
        report = _report(ctx, account, since, until, offset)
        if report.rows and report.rows == before:
            raise SchemaDrift("Google Analytics sent the same page twice.", code=str(offset))
        before = report.rows
        offset += len(report.rows or ())
        in_all = report.rows_in_all()
        is_last = not report.rows or (len(report.rows) < _ROWS if in_all is None else offset >= in_all)
        yield report, is_last
        if is_last:
            return


def _report(ctx: Context, account: Account, since: date, until: date, offset: int) -> wire.Report:
    body = {
        "dateRanges": [{"startDate": since.isoformat(), "endDate": until.isoformat()}],
        "dimensions": [{"name": name} for name in DIMENSIONS],
        "metrics": [{"name": name} for name in METRICS],
        "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
        **({"currencyCode": account.currency} if account.currency else {}),
        "limit": str(_ROWS),
        "offset": str(offset),
        "returnPropertyQuota": True,
    }
    path = f"/{{version}}/properties/{account.id.rpartition('/')[2]}:runReport"
    report: wire.Report = ctx.http.post(path, wire.Report, json=body, scope=account.id)
    return report


def _listed(ctx: Context, path: str, into: Any, name: str, params: dict[str, str] | None = None) -> Iterator[Any]:
    """Every item of a list of the Admin API, page by page."""
    token: str | None = None
    while True:
        ctx.stop_if_cancelled()
        asked = {**(params or {}), "pageSize": str(_PAGE_SIZE), **({"pageToken": token} if token else {})}
        page = ctx.http.get(f"/{{version}}/{path}", into, params=asked, host="admin")
        yield from getattr(page, name) or ()
        token = page.next_page_token
        if not token:
            return
