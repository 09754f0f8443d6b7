"""Reading: lists product by product and page by page, and daily numbers from one report per product."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from adloom_amazon_ads import mapping, reports, wire
from adloom_amazon_ads.products import PRODUCTS, Product
from adloom_sdk import Account, Batch, Checkpoint, Context, Kind, Level, Message, Progress, ReadRequest
from adloom_sdk.errors import BadRequest, NotFound
from adloom_sdk.messages import MAX_BATCH_RECORDS
from adloom_sdk.records import AnyRecord, Entity

_PAGE_SIZE = 100
_STATES = ("ENABLED", "PAUSED", "ARCHIVED")


def read_daily(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """One report per product, all ordered at once. A checkpoint knows the reports, which is next, and how many of its rows
    are handed over; what Amazon has lost since is ordered again.
    """
    if request.level is None:
        raise BadRequest("A daily read needs a level.", field="level")
    level, account = request.level, request.account
    state: dict[str, Any] = request.checkpoint or {"ids": [""] * len(PRODUCTS), "part": 0, "rows": 0}
    ids, part, done = list(state["ids"]), int(state["part"]), int(state["rows"])
    for index in range(part, len(PRODUCTS)):
        if not ids[index] or not reports.is_there(ctx, account, ids[index]):
            ids[index] = _ordered(ctx, request, index)
            done = 0 if index == part else done
    yield _at(ids, part, done)
    for index in range(part, len(PRODUCTS)):
        for step in reports.waited_for(ctx, account, ids[index]) if ids[index] else ():
            if isinstance(step, Progress):
                yield step
                continue
            rest = islice(reports.rows(ctx, step), done, None)
            for batch in _batches(mapping.daily(row, level, account, PRODUCTS[index]) for row in rest):
                done += len(batch.records)
                yield batch
                yield _at(ids, index, done)
        done = 0
        yield _at(ids, index + 1, done)


def _ordered(ctx: Context, request: ReadRequest, index: int) -> str:
    """The report of a product; none where Amazon does not offer the product in this marketplace."""
    since, until = request.days()
    try:
        return reports.ordered(ctx, request.account, PRODUCTS[index], request.level or Level.CAMPAIGN, since, until)
    except NotFound:
        if index == 0:
            raise
        return ""


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Lists, archived entities too. A checkpoint knows the product and Amazon's mark of the next page."""
    kind = Kind.ADS if request.kind is Kind.CREATIVES else request.kind
    state: dict[str, Any] = request.checkpoint or {"product": 0, "token": ""}
    token = str(state["token"])
    refused: list[NotFound] = []
    for index in range(int(state["product"]), len(PRODUCTS)):
        while True:
            ctx.stop_if_cancelled()
            asked = token
            try:
                items, token = page_of(ctx, request.account, PRODUCTS[index], kind, token)
            except NotFound as error:
                refused.append(error)
                break  # a product that is not offered in this marketplace
            yield from _batches(_entity(one, request, PRODUCTS[index]) for one in items)
            if token in {"", asked}:
                break
            yield Checkpoint({"product": index, "token": token})
        token = ""
        if len(refused) == len(PRODUCTS):
            raise refused[0]
        yield Checkpoint({"product": index + 1, "token": token})


def page_of(
    ctx: Context, account: Account, product: Product, kind: Kind, token: str, *, ids: Iterable[str] = ()
) -> tuple[list[wire.Campaign | wire.AdGroup | wire.Ad], str]:
    """One page of a list, and the mark of the next one ('' after the last). `ids` asks for these campaigns only."""
    listing, wanted = product.listings[kind], list(ids)
    options = reports.options(account, listing.media)
    if product.is_old:
        return _page_by_index(ctx, listing.path, kind, int(token or 0), wanted, options)
    body: dict[str, Any] = {"maxResults": _PAGE_SIZE, "stateFilter": {"include": list(_STATES)}}
    if token:
        body["nextToken"] = token
    if wanted:
        body["campaignIdFilter"] = {"include": wanted}
    page: wire.Page = ctx.http.post(f"{listing.path}/list", wire.Page, json=body, **options)
    return page.items(), page.next_token or ""


def _page_by_index(
    ctx: Context, path: str, kind: Kind, start: int, ids: list[str], options: dict[str, Any]
) -> tuple[list[wire.Campaign | wire.AdGroup | wire.Ad], str]:
    shapes: dict[Kind, Any] = {
        Kind.CAMPAIGNS: list[wire.Campaign],
        Kind.AD_GROUPS: list[wire.AdGroup],
        Kind.ADS: list[wire.Ad],
    }
    params = {"startIndex": start, "count": _PAGE_SIZE, "stateFilter": ",".join(_STATES).lower()}
    if ids:
        params["campaignIdFilter"] = ",".join(ids)
    items = ctx.http.get(path, shapes[kind], params=params, **options)
    return items, str(start + len(items)) if len(items) == _PAGE_SIZE else ""


def _entity(one: wire.Campaign | wire.AdGroup | wire.Ad, request: ReadRequest, product: Product) -> Entity:
    if isinstance(one, wire.Campaign):
        return mapping.campaign(one, request.account, product)
    if isinstance(one, wire.AdGroup):
        return mapping.ad_group(one, request.account)
    is_creative = request.kind is Kind.CREATIVES
    return mapping.creative(one, request.account) if is_creative else mapping.ad(one, request.account)


def _at(ids: list[str], part: int, done: int) -> Checkpoint:
    return Checkpoint({"ids": list(ids), "part": part, "rows": done})


def _batches(records: Iterable[AnyRecord]) -> Iterator[Batch]:
    rest = iter(records)
    while batch := tuple(islice(rest, MAX_BATCH_RECORDS)):
        yield Batch(batch)
