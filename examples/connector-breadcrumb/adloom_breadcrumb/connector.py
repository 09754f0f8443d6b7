"""Which calls are made, and what a refusal means."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any, Generic, TypeVar

import msgspec

from adloom_breadcrumb import mapping
from adloom_breadcrumb.manifest import MANIFEST
from adloom_sdk import (
    Account,
    Action,
    ActionKind,
    Batch,
    Checkpoint,
    Connector,
    Context,
    EntityRef,
    EntityState,
    Kind,
    Message,
    ReadRequest,
    Reply,
)
from adloom_sdk import errors as is_
from adloom_sdk.money import minor_digits, minor_from_micros

Item = TypeVar("Item")
READS: dict[Kind, tuple[str, Any, Callable[[Any, ReadRequest], Any]]] = {
    Kind.CAMPAIGNS: ("campaigns", mapping.Thing, mapping.campaign),
    Kind.ADS: ("crumbs", mapping.Thing, mapping.ad),
    Kind.DAILY: ("days", mapping.Row, mapping.daily),
}
# The first digit tells what kind of refusal it is, "12" alone that a key has run out.
REFUSALS: dict[str, type[is_.PlatformError]] = {
    "12": is_.AuthExpired, "1": is_.AuthRevoked, "2": is_.ScopeMissing, "3": is_.AppNotApproved, "4": is_.AccountDisabled,
    "6": is_.NotFound, "7": is_.BadRequest, "8": is_.Transient, "9": is_.VersionSunset,
}  # fmt: skip


class Page(msgspec.Struct, Generic[Item]):
    """One page of a list."""

    items: list[Item]
    page: int = 1
    pages: int = 1


class Error(msgspec.Struct):
    """A refusal; 51 is "too many calls"."""

    code: int = 0
    text: str = ""
    wait_s: float | None = None


class Envelope(msgspec.Struct):
    """What every reply has, with HTTP 200 also where it is a refusal."""

    ok: bool = True
    error: Error | None = None


class Breadcrumb(Connector):
    """Breadcrumb's API, version 2."""

    manifest = MANIFEST

    def accounts(self, ctx: Context) -> Iterator[Account]:
        """Every advertiser that the key reaches."""
        for page in _pages(ctx, "/api/{version}/advertisers", mapping.Advertiser):
            yield from map(mapping.account, page.items)

    def read(self, ctx: Context, request: ReadRequest) -> Iterator[Message]:
        """Page by page, with a checkpoint after each."""
        name, item_type, record_of = READS[request.kind]
        path = f"/api/{{version}}/advertisers/{request.account.id}/{name}"
        params = {"from": request.since, "to": request.until, "by": request.level}
        start = (request.checkpoint or {}).get("page", 1)
        for page in _pages(ctx, path, item_type, params, start=start, scope=request.account.id):
            yield Batch(tuple(record_of(item, request) for item in page.items))
            yield Checkpoint({"page": page.page + 1})

    def state(self, ctx: Context, ref: EntityRef) -> EntityState:
        """A campaign now."""
        found = ctx.http.get(f"/api/{{version}}/campaigns/{ref.id}", Page[mapping.Thing], scope=ref.account.id)
        return mapping.state(found.items[0], ref.account)

    def write(self, ctx: Context, action: Action, *, dry_run: bool = False) -> str:  # noqa: ARG002 - not declared
        """Switch a campaign, or set its budget."""
        name, body = "switch", {"on": int(action.kind is ActionKind.ENABLE)}
        if action.kind is ActionKind.SET_DAILY_BUDGET:
            digits = minor_digits(action.ref.account.currency)
            name, body = "budget", {"minor": minor_from_micros(action.daily_budget_micros or 0, digits)}
        path = f"/api/{{version}}/campaigns/{action.ref.id}/{name}"
        return ctx.http.write("POST", path, json=body, scope=action.ref.account.id).headers.get("x-trace", "")

    @classmethod
    def error_of(cls, reply: Reply) -> Exception | None:
        """The code of the envelope; the HTTP status counts only where there is no envelope."""
        try:
            told = reply.json(Envelope)
        except is_.PlatformError:
            return reply.error_by_status()
        if told.ok or told.error is None:
            return reply.error_by_status()
        code, text = str(told.error.code), told.error.text
        if code == "51":
            at = reply.received_at + timedelta(seconds=told.error.wait_s) if told.error.wait_s else None
            return is_.RateLimited(text, code, retry_at=at)
        return (REFUSALS.get(code) or REFUSALS.get(code[0], is_.BadRequest))(text, code)


def _pages(
    ctx: Context, path: str, item_type: Any, params: Any = (), *, start: int = 1, scope: str = "app"
) -> Iterator[Page[Any]]:
    number, last = start, start
    while number <= last:
        ctx.stop_if_cancelled()
        asked = {**dict(params), "page": number}
        page: Page[Any] = ctx.http.get(path, Page[item_type], params=asked, scope=scope)
        yield page
        number, last = number + 1, page.pages
