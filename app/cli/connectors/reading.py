"""`adloom connector read`: one read of one account, without database or stored sign-in, for debugging."""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from datetime import date, timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec.structs import replace

from adloom_sdk.connector import Connector, Context
from adloom_sdk.credentials import StaticCredentials, Token
from adloom_sdk.days import windows
from adloom_sdk.errors import (
    AppMisconfigured,
    AppNotApproved,
    AuthExpired,
    AuthRevoked,
    Cancelled,
    ConnectorBug,
    NotFound,
    PlatformError,
    RateLimited,
    TooMuchData,
    Transient,
)
from adloom_sdk.http import Client
from adloom_sdk.messages import Batch, Kind, ReadRequest
from adloom_sdk.records import Account, AnyRecord, Level
from adloom_sdk.testing.fakes import FakePlatform
from app.cli.connectors.wishes import Wish

Item = TypeVar("Item")
_PLACEHOLDER = "sandbox"
_PATIENCE_S = 5.0
# Refusals of the account list that the read itself would meet too; after all others it may still tell more.
_FINAL = (AuthExpired, AuthRevoked, AppMisconfigured, AppNotApproved, RateLimited, Cancelled)


def read_records(
    connector_class: type[Connector], wish: Wish, *, fake_class: type[FakePlatform] | None = None
) -> Iterator[AnyRecord]:
    """The records as they come, of the platform or its fake. Raises PlatformError; the connector's own defects are ConnectorBug."""
    (connector,) = _guarded(lambda: iter([connector_class()]))
    ctx = _at_fake(connector_class, fake_class, wish) if fake_class else _context(connector, wish)
    with closing(ctx.http):
        try:
            yield from _each_once(_read(connector, ctx, wish))
        except Cancelled as stop:
            raise Transient(f"It was not finished within {wish.timeout_s:g} s.") from stop


def _read(connector: Connector, ctx: Context, wish: Wish) -> Iterator[AnyRecord]:
    """What was asked for, or everything. Of everything, a part that cannot be had does not hold the others up."""
    account = _account(connector, ctx, wish)
    refused: PlatformError | None = None
    is_any_read = False
    for kind in wish.kinds(connector.manifest):
        try:
            yield from _kind(connector, ctx, wish, account, kind)
            is_any_read = True
        except _FINAL:
            raise
        except PlatformError as error:
            refused = error
    if refused and not is_any_read:
        raise refused


def _kind(connector: Connector, ctx: Context, wish: Wish, account: Account, kind: Kind) -> Iterator[AnyRecord]:
    if kind not in {Kind.DAILY, Kind.REVENUE}:
        yield from _guarded(lambda: _records(connector, ctx, ReadRequest(kind=kind, account=account)))
        return
    for since, until in windows(wish.since, wish.until, max_days=connector.manifest.max_window_days):
        yield from _guarded(partial(_window, connector, ctx, account, kind, wish.level, since, until))


def _each_once(records: Iterable[AnyRecord]) -> Iterator[AnyRecord]:
    """Without what comes again, such as rows that a page and the next one share."""
    seen: set[tuple[object, ...]] = set()
    for record in records:
        plain = ("id", "account_id", "level", "entity_id", "day", "source")
        key = (type(record), *(getattr(record, name, None) for name in plain))
        if key not in seen:
            seen.add(key)
            yield record


def as_line(record: AnyRecord) -> str:
    """A record as a line of JSON, with the name of its type."""
    plain = {"type": type(record).__name__, **msgspec.to_builtins(record)}
    return json.dumps(plain, ensure_ascii=False)


def problem_text(error: PlatformError) -> str:
    """An error for people: its class, what happened and what to do."""
    error = _told_first(error)
    code = f" [{error.code}]" if error.code else ""
    return f"{type(error).__name__}: {error.message}{code}\n{_what_to_do(error)}"


def _told_first(error: PlatformError) -> PlatformError:
    """The platform's own words, where the token could only not be renewed."""
    told = error.__context__
    return told if not error.code and isinstance(told, type(error)) else error


def _what_to_do(error: PlatformError) -> str:
    """As the class says, but for what a host would do by itself: nobody does that here."""
    if isinstance(error, RateLimited):
        return "Wait, and run the command again."
    if isinstance(error, TooMuchData):
        return "Ask for fewer days."
    return "Look whether the address is right, and run the command again." if error.may_retry else error.what_to_do


def problem_line(error: PlatformError) -> str:
    """An error as a line of JSON: its class, who must act, what happened and what to do."""
    error = _told_first(error)
    plain: dict[str, Any] = {
        "error": type(error).__name__,
        "who": error.who.value,
        "message": error.message,
        "what_to_do": _what_to_do(error),
        "code": error.code,
    }
    if error.request_id:
        plain["request_id"] = error.request_id
    retry_at = getattr(error, "retry_at", None)
    if retry_at is not None:
        plain["retry_at"] = retry_at.isoformat()
    return json.dumps(plain, ensure_ascii=False)


class _Client(Client):
    """Away from the real platform, reports are fetched from there too, whatever host their address names."""

    def download(self, url: str) -> bytes:
        base = self._base_url
        if not base or "{host}" in base or url.startswith(base):
            return super().download(url)
        parts = urlsplit(url)
        return super().download(base + parts.path + (f"?{parts.query}" if parts.query else ""))


def _context(connector: Connector, wish: Wish) -> Context:
    """The client that a host would give; away from the real platform, placeholders fill what was not said."""
    manifest = connector.manifest
    stand_in = _PLACEHOLDER if wish.base_url else ""
    app = {one.name: stand_in for one in manifest.app_settings} | wish.app
    config = {one.name: stand_in for one in manifest.config if one.is_required} | wish.config
    token = Token(access_token=wish.token or stand_in, secret=stand_in)
    deadline = monotonic() + wish.timeout_s

    def is_late() -> bool:
        return monotonic() > deadline

    client = _Client(
        manifest,
        StaticCredentials(token, app=app),
        base_url=wish.base_url,
        version=wish.version,
        config=config,
        error_of=connector.error_of,
        throttle_of=connector.throttle_of,
        patience_s=_PATIENCE_S,
        is_cancelled=is_late,
    )
    return Context(http=client, config=config, is_cancelled=is_late)


def _at_fake(connector_class: type[Connector], fake_class: type[FakePlatform], wish: Wish) -> Context:
    """The client of a host whose platform is the fake, signed in, in process, and always at the same instant."""
    from adloom_sdk.testing.bench import Bench
    from adloom_sdk.testing.kit.rig import NOW
    from adloom_sdk.testing.world import Clock, World

    fake = fake_class(World(fake_class.key, clock=Clock(NOW, is_frozen=True)))
    account = fake.world.account(fake.undressed(wish.account_id)) or fake.world.accounts[0]
    config = fake.config_for(account) | wish.config
    return Bench(connector_class, fake, config=config, base_url="http://{host}").ctx()


def _account(connector: Connector, ctx: Context, wish: Wish) -> Account:
    """The account as the platform tells it, or where it cannot be listed, one made of the options."""
    listed, is_whole = _listed(connector, ctx)
    found = next((one for one in listed if one.id == wish.account_id), None)
    found = found or next((one for one in listed if _digits(one.id) == _digits(wish.account_id)), None)
    if found:
        return replace(found, currency=found.currency or wish.currency, timezone=found.timezone or wish.timezone)
    if is_whole and not wish.base_url:
        reached = ", ".join(one.id for one in listed) or "none"
        raise NotFound(f"The sign-in does not reach the account {wish.account_id}; it reaches {reached}.")
    # A sign-in with one account alone (a shop, whose id people do not know) leaves no doubt of which one is meant.
    only = listed[0] if is_whole and len(listed) == 1 else None
    currency, timezone = (only.currency, only.timezone) if only else ("", "")
    return Account(
        id=wish.account_id,
        name=wish.account_id,
        currency=currency or wish.currency,
        timezone=timezone or wish.timezone,
    )


def _listed(connector: Connector, ctx: Context) -> tuple[list[Account], bool]:
    """The accounts that the platform tells, and whether that is all of them."""
    listed: list[Account] = []
    try:
        listed.extend(_guarded(lambda: connector.accounts(ctx)))
    except _FINAL:
        raise
    except PlatformError:
        return listed, False
    return listed, True


def _digits(shown_id: str) -> str:
    return re.sub(r"\D", "", shown_id) or shown_id


def _window(
    connector: Connector, ctx: Context, account: Account, kind: Kind, level: Level, since: date, until: date
) -> Iterator[AnyRecord]:
    """One window, in halves where the platform finds it too large."""
    level_asked = level if kind is Kind.DAILY else None
    request = ReadRequest(kind=kind, account=account, since=since, until=until, level=level_asked)
    records: list[AnyRecord] = []
    try:
        records.extend(_records(connector, ctx, request))  # what came before an error is kept
    except TooMuchData:
        if since == until:
            raise
        middle = since + timedelta(days=(until - since).days // 2)
        yield from _window(connector, ctx, account, kind, level, since, middle)
        yield from _window(connector, ctx, account, kind, level, middle + timedelta(days=1), until)
    except PlatformError:
        yield from records
        raise
    else:
        yield from records


def _records(connector: Connector, ctx: Context, request: ReadRequest) -> Iterator[AnyRecord]:
    """What is read; a page that comes again at once is the last, or a platform that stands still would be read forever."""
    before: tuple[AnyRecord, ...] = ()
    for message in connector.read(ctx, request):
        if isinstance(message, Batch):
            if message.records and message.records == before and request.kind is not Kind.CREATIVES:
                return
            yield from message.records
            before = message.records


def _guarded(act: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """What the connector gives; its own defects by name."""
    try:
        yield from act()
    except PlatformError:
        raise
    except Exception as error:
        raise ConnectorBug(f"The connector failed with {type(error).__name__}: {error}") from error
