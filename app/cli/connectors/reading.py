"""`adloom connector read`: one read of one account, without database or stored sign-in, for debugging."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar

import msgspec

from adloom_sdk.connector import Connector, Context
from adloom_sdk.credentials import StaticCredentials, Token
from adloom_sdk.days import windows
from adloom_sdk.errors import (
    BadRequest,
    Cancelled,
    ConnectorBug,
    NotFound,
    PlatformError,
    SchemaDrift,
    TooMuchData,
    Transient,
    VersionSunset,
)
from adloom_sdk.http import Client
from adloom_sdk.manifest import Capability, Manifest
from adloom_sdk.messages import Batch, Kind, ReadRequest
from adloom_sdk.records import Account, AnyRecord, Level

Item = TypeVar("Item")
_PLACEHOLDER = "sandbox"
_PATIENCE_S = 5.0
# Refusals of the account list after which the read itself may still tell more.
_LIST_UNKNOWN = (BadRequest, NotFound, SchemaDrift, Transient, VersionSunset, ConnectorBug)


@dataclass(frozen=True)
class Wish:
    """What to read. Without `kind`, the connector's daily numbers."""

    account_id: str
    since: date
    until: date
    kind: Kind | None = None
    level: Level = Level.CAMPAIGN
    base_url: str = ""
    token: str = ""
    version: str = ""
    currency: str = "USD"
    timezone: str = "UTC"
    timeout_s: float = 300.0
    config: dict[str, str] = field(default_factory=dict)
    app: dict[str, str] = field(default_factory=dict)


def read_records(connector_class: type[Connector], wish: Wish) -> Iterator[AnyRecord]:
    """The records as they come. Raises PlatformError; what the connector itself does wrong becomes ConnectorBug."""
    connector = connector_class()
    ctx = _context(connector, wish)
    with closing(ctx.http):
        try:
            yield from _read(connector, ctx, wish)
        except Cancelled as stop:
            raise Transient(f"It was not finished within {wish.timeout_s:g} s.") from stop


def _read(connector: Connector, ctx: Context, wish: Wish) -> Iterator[AnyRecord]:
    account = _account(connector, ctx, wish)
    kind = wish.kind or _first_kind(connector.manifest)
    if kind not in {Kind.DAILY, Kind.REVENUE}:
        yield from _guarded(lambda: _records(connector, ctx, ReadRequest(kind=kind, account=account)))
        return
    for since, until in windows(wish.since, wish.until, max_days=connector.manifest.max_window_days):
        yield from _guarded(partial(_window, connector, ctx, account, kind, wish.level, since, until))


def as_line(record: AnyRecord) -> str:
    """A record as a line of JSON, with the name of its type."""
    plain = {"type": type(record).__name__, **msgspec.to_builtins(record)}
    return json.dumps(plain, ensure_ascii=False)


def problem_line(error: PlatformError) -> str:
    """An error as a line of JSON: its class, who must act, what happened and what to do."""
    told = error.__context__
    if not error.code and isinstance(told, type(error)):
        error = told  # the platform's own words, where the token could only not be renewed
    plain: dict[str, Any] = {
        "error": type(error).__name__,
        "who": error.who.value,
        "message": error.message,
        "what_to_do": error.what_to_do,
        "code": error.code,
    }
    if error.request_id:
        plain["request_id"] = error.request_id
    retry_at = getattr(error, "retry_at", None)
    if retry_at is not None:
        plain["retry_at"] = retry_at.isoformat()
    return json.dumps(plain, ensure_ascii=False)


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

    client = Client(
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


def _account(connector: Connector, ctx: Context, wish: Wish) -> Account:
    """The account as the platform tells it, or where it cannot be listed, one made of the options."""
    made = Account(id=wish.account_id, name=wish.account_id, currency=wish.currency, timezone=wish.timezone)
    try:
        listed = list(_guarded(lambda: connector.accounts(ctx)))
    except _LIST_UNKNOWN:
        return made
    found = next((one for one in listed if one.id == wish.account_id), None)
    found = found or next((one for one in listed if _digits(one.id) == _digits(wish.account_id)), None)
    if found or wish.base_url:
        return found or made
    reached = ", ".join(one.id for one in listed) or "none"
    raise NotFound(f"The sign-in does not reach the account {wish.account_id}; it reaches {reached}.")


def _digits(shown_id: str) -> str:
    return re.sub(r"\D", "", shown_id) or shown_id


def _first_kind(manifest: Manifest) -> Kind:
    return Kind.DAILY if manifest.can(Capability.DAILY) else Kind.REVENUE


def _window(
    connector: Connector, ctx: Context, account: Account, kind: Kind, level: Level, since: date, until: date
) -> Iterator[AnyRecord]:
    """One window, in halves where the platform finds it too large."""
    level_asked = level if kind is Kind.DAILY else None
    request = ReadRequest(kind=kind, account=account, since=since, until=until, level=level_asked)
    try:
        yield from list(_records(connector, ctx, request))
    except TooMuchData:
        if since == until:
            raise
        middle = since + timedelta(days=(until - since).days // 2)
        yield from _window(connector, ctx, account, kind, level, since, middle)
        yield from _window(connector, ctx, account, kind, level, middle + timedelta(days=1), until)


def _records(connector: Connector, ctx: Context, request: ReadRequest) -> Iterator[AnyRecord]:
    for message in connector.read(ctx, request):
        if isinstance(message, Batch):
            yield from message.records


def _guarded(act: Callable[[], Iterator[Item]]) -> Iterator[Item]:
    """What the connector gives; its own defects by name."""
    try:
        yield from act()
    except PlatformError:
        raise
    except Exception as error:
        raise ConnectorBug(f"The connector failed with {type(error).__name__}: {error}") from error
