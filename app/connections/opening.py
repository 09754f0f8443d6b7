"""Opening a connector for work: its class from the plugins, a client that is signed in, limited and bound to this connection.

For workers and the command line only: it runs plugin code.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from adloom_sdk import oauth2
from adloom_sdk.connector import Connector, Context
from adloom_sdk.credentials import Credentials, RenewingCredentials, Token
from adloom_sdk.http import Client, Exchange
from adloom_sdk.limiter import Limiter
from adloom_sdk.manifest import Manifest, OAuth2
from adloom_sdk.records import Account, AccountStatus
from app.connections.limiting import PATIENCE_S, shared_limiter
from app.connections.models import AdAccount, Connection
from app.connections.secrets import load_settings, load_token, renew_token
from app.plugins import load_plugins
from kit.clock import utc_now
from kit.db import begin_beside
from kit.errors import InvalidInput
from kit.settings import Settings
from kit.vault import Vault, open_vault


@dataclass(frozen=True)
class Opened:
    """A connector ready to be asked."""

    connector: Connector
    ctx: Context


@dataclass(frozen=True)
class Watching:
    """What the host wants to know while a connector works, and how it says stop. Without a `limiter` it is the one of all workers."""

    is_cancelled: Callable[[], bool] = lambda: False
    on_exchange: Callable[[Exchange], None] = lambda _exchange: None
    limiter: Callable[[Manifest], Limiter | None] | None = None
    patience_s: float = PATIENCE_S


@contextmanager
def open_connector(
    session: Session, connection: Connection, *, settings: Settings, watching: Watching | None = None
) -> Iterator[Opened]:
    """The connection's connector. Its calls are signed with the stored token, which is renewed and kept where it has run out."""
    watching = watching or Watching()
    found = load_plugins().named(connection.connector_key)
    make_limiter = watching.limiter or shared_limiter(
        settings, session.info["identity"].tenant, patience_s=watching.patience_s
    )
    app = app_settings(settings, connection.connector_key)
    config = settings_of(session, connection, settings=settings)
    credentials = _credentials(session, connection, found, app, settings)
    client = make_client(
        found,
        credentials,
        settings=settings,
        config=config,
        limiter=make_limiter(found.manifest),
        is_cancelled=watching.is_cancelled,
        on_exchange=watching.on_exchange,
        patience_s=watching.patience_s,
    )
    try:
        yield Opened(found(), Context(http=client, config=config, is_cancelled=watching.is_cancelled))
    finally:
        client.close()


def make_client(
    found: type[Connector],
    credentials: Credentials | None,
    *,
    settings: Settings,
    config: dict[str, Any] | None = None,
    **options: Any,
) -> Client:
    """A client for one connector on this installation: the platform itself, or what stands in for it."""
    return Client(
        found.manifest,
        credentials,
        base_url=settings.connectors_base_url,
        config={name: str(value) for name, value in (config or {}).items()},
        version=str((config or {}).get("api_version", "")),
        error_of=found.error_of,
        throttle_of=found.throttle_of,
        **options,
    )


def app_settings(settings: Settings, connector_key: str) -> dict[str, str]:
    """The operator's app at the platform; empty where none is entered."""
    return _apps(settings.connector_apps.get_secret_value()).get(connector_key, {})


def settings_of(session: Session, connection: Connection, *, settings: Settings) -> dict[str, str]:
    """The connection's settings with the secret ones, opened in a transaction of their own."""
    with begin_beside(session) as beside:
        return load_settings(beside, open_vault(settings), connection=connection)


def account_of(row: AdAccount) -> Account:
    """An account as connectors know it."""
    return Account(
        id=row.platform_id,
        name=row.name,
        currency=row.currency,
        timezone=row.timezone,
        status=AccountStatus(row.status),
        parent_id=row.parent_platform_id,
        can_write=row.may_write,
    )


def _credentials(
    session: Session, connection: Connection, found: type[Connector], app: dict[str, str], settings: Settings
) -> Credentials:
    vault: Vault = open_vault(settings)

    def load() -> Token:
        with begin_beside(session) as beside:
            return load_token(beside, vault, connection_id=connection.id)

    def ask(token: Token) -> Token:
        config = settings_of(session, connection, settings=settings)
        client = make_client(found, None, settings=settings, config=config)
        try:
            return oauth2.renew(client, app=app, token=token)
        finally:
            client.close()

    def renew(refused: Token) -> Token:
        with begin_beside(session) as beside:
            return renew_token(beside, vault, connection_id=connection.id, refused=refused, renew=ask)

    if not isinstance(found.manifest.auth, OAuth2):
        return RenewingCredentials(load=load, renew_token=lambda token: token, clock=utc_now, app=app)
    return RenewingCredentials(load=load, renew_token=renew, clock=utc_now, app=app)


@lru_cache(maxsize=4)
def _apps(listed: str) -> dict[str, dict[str, str]]:
    try:
        apps = json.loads(listed) if listed else {}
        return {key: {name: str(value) for name, value in app.items()} for key, app in apps.items()}
    except (ValueError, AttributeError):
        raise InvalidInput(
            "CONNECTOR_APPS cannot be read.",
            'Write it as JSON: {"meta_ads": {"client_id": "…", "client_secret": "…"}}.',
        ) from None
