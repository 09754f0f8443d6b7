"""Accounts and entities, page by page with deleted ones. Numbers are in `numbers`."""

from collections.abc import Iterator, Sequence
from typing import Any

from adloom_sdk import Account, Batch, Checkpoint, Context, Creative, Kind, Level, Message, ReadRequest
from adloom_sdk.errors import AccountDisabled, NotFound, SchemaDrift, ScopeMissing
from adloom_sdk.records import AnyRecord
from adloom_x_ads import mapping, wire
from adloom_x_ads.mapping import Owner

PAGE_SIZE = 1000
POSTS_PER_CALL = 200
_NOT_SHOWN = (AccountDisabled, NotFound, ScopeMissing)
LISTS: dict[Level, tuple[str, Any]] = {
    Level.CAMPAIGN: ("campaigns", wire.Page[wire.Campaign]),
    Level.AD_GROUP: ("line_items", wire.Page[wire.LineItem]),
    Level.AD: ("promoted_tweets", wire.Page[wire.PromotedTweet]),
}
_LEVEL_OF = {
    Kind.CAMPAIGNS: Level.CAMPAIGN,
    Kind.AD_GROUPS: Level.AD_GROUP,
    Kind.ADS: Level.AD,
    Kind.CREATIVES: Level.AD,
}


def accounts(ctx: Context) -> Iterator[Account]:
    """Every ad account with its currency and what the person may do there."""
    for page, _ in pages(ctx, "/{version}/accounts", wire.Page[wire.Account]):
        for one in page:
            path = f"/{{version}}/accounts/{one.id}"
            yield mapping.account(one, _funding(ctx, path), _permissions(ctx, path))


def read_entities(ctx: Context, request: ReadRequest) -> Iterator[Message]:
    """Campaigns, line items, promoted posts, or the posts themselves."""
    of, level = request.account, _LEVEL_OF[request.kind]
    owners = _owners_of_ads(ctx, of) if request.kind is Kind.ADS else {}
    for page, cursor in entity_pages(ctx, of, level, (request.checkpoint or {}).get("cursor")):
        if request.kind is Kind.CREATIVES:
            yield Batch(_posts(ctx, of, page))
        else:
            yield Batch(tuple(_record(one, of, request.kind, owners) for one in page))
        if cursor:
            yield Checkpoint({"cursor": cursor})


def _owners_of_ads(ctx: Context, of: Account) -> dict[str, Owner]:
    """The line items with their campaign; without them, promoted posts are still worth reading."""
    try:
        return owners_of(ctx, of, Level.AD_GROUP)
    except NotFound:
        return {}


def owners_of(ctx: Context, of: Account, level: Level) -> dict[str, Owner]:
    """Every entity of a level with its campaign; promoted posts know their line item only, so those are read too."""
    groups = owners_of(ctx, of, Level.AD_GROUP) if level is Level.AD else {}
    found: dict[str, Owner] = {}
    for page, _ in entity_pages(ctx, of, level):
        for one in page:
            if level is Level.CAMPAIGN:
                found[str(one.id)] = Owner(str(one.id), mapping.currency_code(one.currency))
            elif level is Level.AD_GROUP:
                found[str(one.id)] = Owner(str(one.campaign_id), mapping.currency_code(one.currency))
            else:
                found[str(one.id)] = groups.get(str(one.line_item_id), Owner(""))
    return found


def entity_pages(
    ctx: Context, of: Account, level: Level, cursor: str | None = None
) -> Iterator[tuple[Sequence[Any], str | None]]:
    """Every page of a level's entities."""
    noun, kind = LISTS[level]
    return pages(ctx, f"/{{version}}/accounts/{of.id}/{noun}", kind, cursor=cursor, scope=of.id)


def pages(
    ctx: Context, path: str, kind: Any, *, cursor: str | None = None, scope: str = "app", job_ids: str | None = None
) -> Iterator[tuple[Sequence[Any], str | None]]:
    """Every page with the cursor of the next."""
    seen: set[str] = set()
    while True:
        ctx.stop_if_cancelled()
        own = {"with_deleted": "true"} if job_ids is None else {"job_ids": job_ids}
        params = {"count": PAGE_SIZE, "cursor": cursor, **own}
        page = ctx.http.get(path, kind, params=params, scope=scope)
        cursor = page.next_cursor or None
        yield page.items, cursor
        if cursor is None:
            return
        if cursor in seen:
            raise SchemaDrift("X names the same page twice.", code=path)
        seen.add(cursor)


def _funding(ctx: Context, path: str) -> list[wire.FundingInstrument]:
    """How an account pays; nothing where X shows no more of a closed or stopped account."""
    try:
        found = pages(ctx, f"{path}/funding_instruments", wire.Page[wire.FundingInstrument])
        return [paid for page, _ in found for paid in page]
    except _NOT_SHOWN:
        return []


def _permissions(ctx: Context, path: str) -> list[str] | None:
    """What the person may do in an account; None where X does not tell."""
    try:
        found = ctx.http.get(f"{path}/authenticated_user_access", wire.One[wire.Access])
    except _NOT_SHOWN:
        return None
    permissions: list[str] | None = found.data.permissions
    return permissions


def _posts(ctx: Context, of: Account, page: Sequence[wire.PromotedTweet]) -> tuple[Creative, ...]:
    """The posts that a page of promoted posts shows, each once."""
    ids = sorted({str(one.tweet_id) for one in page if one.tweet_id})
    words: dict[str, str] = {}
    for start in range(0, len(ids), POSTS_PER_CALL):
        ctx.stop_if_cancelled()
        asked = {"tweet_ids": ",".join(ids[start : start + POSTS_PER_CALL]), "tweet_type": "PUBLISHED"}
        params = {**asked, "timeline_type": "ALL", "count": POSTS_PER_CALL}
        path = f"/{{version}}/accounts/{of.id}/tweets"
        try:
            words |= mapping.words_of(ctx.http.get(path, wire.Page[wire.Post], params=params, scope=of.id).items)
        except (NotFound, ScopeMissing):
            continue  # X shows no words of these posts; their addresses are known all the same
    return tuple(mapping.creative(one, of, words) for one in ids)


def _record(one: Any, of: Account, kind: Kind, owners: dict[str, Owner]) -> AnyRecord:
    if kind is Kind.CAMPAIGNS:
        return mapping.campaign(one, of)
    return mapping.ad_group(one, of) if kind is Kind.AD_GROUPS else mapping.ad(one, of, owners)
