"""The connector to Shopify: one shop, read order by order and handed over day by day."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, ClassVar

from msgspec.structs import replace

from adloom_sdk import Account, Batch, Checkpoint, Connector, Context, Kind, Manifest, Message, Progress, ReadRequest
from adloom_sdk.days import each_day, midnight, today_in
from adloom_sdk.errors import BadRequest, NotFound, SchemaDrift
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.revenue import RevenueTally
from adloom_shopify import refusals, wire
from adloom_shopify.manifest import DAYS_WITHOUT_ALL_ORDERS, MANIFEST
from adloom_shopify.mapping import TELLS, account, count, currency

_PATH = "/admin/api/{version}/graphql.json"
# 100 orders cost about 800 points; Shopify refuses questions above 1,000.
_PAGE_SIZE = 100


class Shopify(Connector):
    """Revenue per day of a shop's zone."""

    manifest: ClassVar[Manifest] = MANIFEST
    error_of = staticmethod(refusals.error_of)
    throttle_of = staticmethod(refusals.throttle_of)

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """The one shop that the sign-in is for."""
        yield account(_ask(ctx, wire.SHOP, wire.ShopReply).data.shop)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Revenue days, oldest first; a checkpoint after each page stands at the day that is not whole yet."""
        if request.kind is not Kind.REVENUE:
            raise BadRequest(f"Shopify has no {request.kind}.")
        since, until = request.days()
        if request.checkpoint:
            since = date.fromisoformat(request.checkpoint["next_day"])
        visible_since = _visible_since(ctx, request.account, since)
        if visible_since > since:
            yield Progress(f"Shopify shows orders since {visible_since} only: “read_all_orders” is not granted.")
        until = min(until, today_in(request.account.timezone, ctx.clock()))
        yield from _read_days(ctx, request.account, visible_since, until)


def _read_days(ctx: Context, account: Account, since: date, until: date) -> Iterator[Message]:
    tally, next_day, told_in = RevenueTally(account, tells=TELLS), since, ""
    for page in _pages(ctx, account, since, until):
        days = [count(order, account, tally) for order in page.all()]
        if any(since <= day < next_day for day in days):
            raise SchemaDrift("Shopify sent an order of a day that was complete.", code=min(days).isoformat())
        told_in = _one_currency(page, told_in)
        last = max(days, default=next_day)
        day = until + timedelta(days=1) if page.next_cursor is None else max(next_day, last)
        yield from _batches(tally, next_day, day, told_in)
        next_day = day
        yield Checkpoint({"next_day": next_day.isoformat()})


def _one_currency(page: wire.Orders, before: str) -> str:
    """The currency of the orders so far, '' before the first. Raises SchemaDrift where it changes between pages."""
    found = currency(page.all(), otherwise=before)
    if before and found != before:
        raise SchemaDrift("Shopify told this shop's orders in more than one currency.", code=f"{before}, {found}")
    return found


def _batches(tally: RevenueTally, since: date, before: date, told_in: str) -> Iterator[Batch]:
    """The days that are complete, in the currency that Shopify told their amounts in."""
    records = tally.take(each_day(since, before - timedelta(days=1)))
    if told_in:
        records = [replace(record, currency=told_in) for record in records]
    for start in range(0, len(records), MAX_BATCH_RECORDS):
        yield Batch(tuple(records[start : start + MAX_BATCH_RECORDS]))


def _pages(ctx: Context, account: Account, since: date, until: date) -> Iterator[wire.Orders]:
    """The orders made on these days of the shop's zone, in the order of their making."""
    if since > until:
        return
    begins, ends = midnight(since, account.timezone), midnight(until + timedelta(days=1), account.timezone)
    query = f"created_at:>='{begins.isoformat()}' AND created_at:<'{ends.isoformat()}'"
    after: str | None = None
    while True:
        ctx.stop_if_cancelled()
        variables = {"first": _PAGE_SIZE, "after": after, "query": query}
        page: wire.Orders = _ask(ctx, wire.ORDERS, wire.OrdersReply, variables, scope=account.id).data.orders
        if page.next_cursor in {"", after} and page.next_cursor is not None:
            raise SchemaDrift("Shopify does not say where the next page begins.", code="endCursor")
        yield page
        after = page.next_cursor
        if after is None:
            return


def _visible_since(ctx: Context, account: Account, since: date) -> date:
    """The first day that Shopify shows whole: older ones would come back empty, which is not the same as zero."""
    limit = today_in(account.timezone, ctx.clock()) - timedelta(days=DAYS_WITHOUT_ALL_ORDERS - 1)
    if since >= limit:
        return since
    try:
        granted = _ask(ctx, wire.SCOPES, wire.ScopesReply, scope=account.id).data.current_app_installation.access_scopes
    except (NotFound, SchemaDrift):
        return since  # where the grants cannot be had, what Shopify shows is read
    return since if any(scope.handle == "read_all_orders" for scope in granted) else limit


def _ask(ctx: Context, query: str, into: Any, variables: dict[str, Any] | None = None, *, scope: str = "app") -> Any:
    return ctx.http.post(_PATH, into, json={"query": query, "variables": variables or {}}, scope=scope)
