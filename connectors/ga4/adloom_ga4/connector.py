"""The connector to Google Analytics 4: properties, and their revenue page by page and day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from adloom_ga4 import refusals, wire
from adloom_ga4.manifest import MANIFEST
from adloom_ga4.mapping import DIMENSIONS, METRICS, TELLS, account, count
from adloom_sdk import Account, Batch, Checkpoint, Connector, Context, Kind, Manifest, Message, ReadRequest
from adloom_sdk.days import each_day, today_in
from adloom_sdk.errors import BadRequest, SchemaDrift
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
        for summary in _listed(ctx, "accountSummaries", wire.Summaries, "account_summaries"):
            params = {"filter": f"parent:{summary.account}", "showDeleted": "true"}
            yield from map(account, _listed(ctx, "properties", wire.Properties, "properties", params))

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Revenue days, oldest first; a checkpoint after each page stands at the day that is not whole yet."""
        if request.kind is not Kind.REVENUE:
            raise BadRequest(f"Google Analytics has no {request.kind}.")
        since, until = request.days()
        if request.checkpoint:
            since = date.fromisoformat(request.checkpoint["next_day"])
        yield from _read_days(ctx, request.account, since, min(until, today_in(request.account.timezone, ctx.clock())))


def _read_days(ctx: Context, account: Account, since: date, until: date) -> Iterator[Message]:
    tally, next_day = RevenueTally(account, tells=TELLS), since
    for report, is_last in _pages(ctx, account, since, until):
        _require_currency(report, account)
        day = next_day
        for row in report.rows:
            day = count(report.named(row), tally)
        if is_last:
            day = until + timedelta(days=1)
        records = tally.take(each_day(next_day, day - timedelta(days=1)))
        for start in range(0, len(records), MAX_BATCH_RECORDS):
            yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))
        next_day = day
        yield Checkpoint({"next_day": next_day.isoformat()})


def _require_currency(report: wire.Report, account: Account) -> None:
    """Amounts in another currency than the property's must never be taken for its own."""
    told = report.metadata.currency_code if report.metadata else None
    if told and told != account.currency:
        raise SchemaDrift("This property's currency has changed since it was connected.", code=told)


def _pages(ctx: Context, account: Account, since: date, until: date) -> Iterator[tuple[wire.Report, bool]]:
    """The rows of the window by day, each page with whether it is the last. An empty report has no count of rows."""
    offset = 0
    while since <= until:
        ctx.stop_if_cancelled()
        report = _report(ctx, account, since, until, offset)
        offset += len(report.rows)
        is_last = not report.rows or offset >= report.row_count
        yield report, is_last
        if is_last:
            return


def _report(ctx: Context, account: Account, since: date, until: date, offset: int) -> wire.Report:
    body = {
        "dateRanges": [{"startDate": since.isoformat(), "endDate": until.isoformat()}],
        "dimensions": [{"name": name} for name in DIMENSIONS],
        "metrics": [{"name": name} for name in METRICS],
        "orderBys": [{"dimension": {"dimensionName": name}} for name in DIMENSIONS],
        "limit": str(_ROWS),
        "offset": str(offset),
        "returnPropertyQuota": True,
    }
    path = f"/{{version}}/properties/{account.id}:runReport"
    report: wire.Report = ctx.http.post(path, wire.Report, json=body, scope=account.id)
    return report


def _listed(ctx: Context, path: str, into: Any, name: str, params: dict[str, str] | None = None) -> Iterator[Any]:
    """Every item of a list of the Admin API, page by page."""
    token: str | None = None
    while True:
        ctx.stop_if_cancelled()
        asked = {**(params or {}), "pageSize": str(_PAGE_SIZE), **({"pageToken": token} if token else {})}
        page = ctx.http.get(f"/{{version}}/{path}", into, params=asked, host="admin")
        yield from getattr(page, name)
        token = page.next_page_token
        if not token:
            return
