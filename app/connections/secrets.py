"""A connection's credentials at rest: sealed, bound to workspace and connection, and renewed by one process at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from adloom_sdk.credentials import Token
from app.connections.models import Connection, ConnectionSecret, ConnectionSecretSettings, SignInAttempt
from kit.errors import NotFound
from kit.vault import DoesNotOpen, Sealed, Vault


def store_token(session: Session, vault: Vault, *, connection_id: UUID, token: Token) -> None:
    """Seal and keep a token in place of the one before."""
    sealed = vault.seal(msgspec.json.encode(token), context=_context(session, connection_id))
    values = {"connection_id": connection_id, "key_id": sealed.key_id, "sealed": sealed.sealed}
    kept = insert(ConnectionSecret).values(values)
    session.execute(
        kept.on_conflict_do_update(
            index_elements=["connection_id"],
            set_={
                "key_id": sealed.key_id,
                "sealed": sealed.sealed,
                "version": ConnectionSecret.version + 1,
                "changed_at": func.now(),
            },
        )
    )


R = TypeVar("R", ConnectionSecret, ConnectionSecretSettings)


class ConnectionSettings(dict[str, str]):
    """A connection's settings as its connector reads them, secret ones among them; shown anywhere, it tells names only."""

    def __repr__(self) -> str:
        return f"ConnectionSettings({', '.join(self)})"

    __str__ = __repr__


def store_settings(session: Session, vault: Vault, *, connection_id: UUID, values: Mapping[str, str]) -> None:
    """Seal and keep the settings that the connector calls secret, in place of those before."""
    sealed = vault.seal(msgspec.json.encode(dict(values)), context=_settings_context(session, connection_id))
    kept = {"names": sorted(values), "key_id": sealed.key_id, "sealed": sealed.sealed}
    made = insert(ConnectionSecretSettings).values(connection_id=connection_id, **kept)
    session.execute(
        made.on_conflict_do_update(index_elements=["connection_id"], set_=kept | {"changed_at": func.now()})
    )


def load_settings(session: Session, vault: Vault, *, connection: Connection) -> ConnectionSettings:
    """All settings of a connection, the sealed ones opened."""
    plain = {name: str(value) for name, value in (connection.config or {}).items()}
    row = session.get(ConnectionSecretSettings, connection.id)
    if row is None:
        return ConnectionSettings(plain)
    opened = vault.open(Sealed(row.key_id, row.sealed), context=_settings_context(session, connection.id))
    return ConnectionSettings(plain | msgspec.json.decode(opened, type=dict[str, str]))


def names_set(session: Session) -> dict[UUID, list[str]]:
    """Which secret settings are set, by connection."""
    rows = session.execute(select(ConnectionSecretSettings.connection_id, ConnectionSecretSettings.names))
    return {row[0]: row[1] for row in rows}


def forget_secrets(session: Session, *, connection_id: UUID) -> None:
    """Nothing that was kept under lock of this connection is there any more."""
    for table in (ConnectionSecret, ConnectionSecretSettings, SignInAttempt):
        session.execute(delete(table).where(table.connection_id == connection_id))


def load_token(session: Session, vault: Vault, *, connection_id: UUID, for_update: bool = False) -> Token:
    """The token as last stored. Raises NotFound where nobody has signed in."""
    asked = select(ConnectionSecret.key_id, ConnectionSecret.sealed).where(
        ConnectionSecret.connection_id == connection_id
    )
    row = session.execute(asked.with_for_update() if for_update else asked).one_or_none()
    if row is None:
        raise NotFound("Nobody has signed in for this connection yet.", "Sign in at the platform.")
    plain = vault.open(Sealed(row.key_id, row.sealed), context=_context(session, connection_id))
    return msgspec.json.decode(plain, type=Token)


def renew_token(
    session: Session, vault: Vault, *, connection_id: UUID, refused: Token, renew: Callable[[Token], Token]
) -> Token:
    """A newer token than `refused`: another process's, where it was faster, else `renew`'s. The row is locked meanwhile, because
    a refresh token that rotates may be used once only. The caller commits at once.
    """
    current = load_token(session, vault, connection_id=connection_id, for_update=True)
    if current.access_token != refused.access_token:
        return current
    fresh = renew(current)
    store_token(session, vault, connection_id=connection_id, token=fresh)
    return fresh


@dataclass(frozen=True)
class Rewrapped:
    """How many records were wrapped anew, and how many do not open any more, so that somebody must sign in again."""

    done: int
    lost: int


def rewrap(session: Session, vault: Vault) -> Rewrapped:
    """Wrap every record with the newest key. Safe to run twice and to break off. Raises UnknownKey where a key is missing."""
    outcomes = [
        _rewrap(session, vault, ConnectionSecret, _context),
        _rewrap(session, vault, ConnectionSecretSettings, _settings_context),
    ]
    return Rewrapped(sum(one.done for one in outcomes), sum(one.lost for one in outcomes))


def _rewrap(
    session: Session,
    vault: Vault,
    table: type[R],
    context_of: Callable[[Session, UUID], str],
) -> Rewrapped:
    rows = session.scalars(select(table).where(table.key_id != vault.key_id).with_for_update(skip_locked=True)).all()
    lost = 0
    for row in rows:
        try:
            record = vault.rewrapped(Sealed(row.key_id, row.sealed), context=context_of(session, row.connection_id))
        except DoesNotOpen:
            lost += 1
            continue
        row.key_id, row.sealed = record.key_id, record.sealed
    return Rewrapped(len(rows) - lost, lost)


def _context(session: Session, connection_id: UUID) -> str:
    return f"{session.info['identity'].tenant}/connection/{connection_id}"


def _settings_context(session: Session, connection_id: UUID) -> str:
    return f"{_context(session, connection_id)}/settings"
