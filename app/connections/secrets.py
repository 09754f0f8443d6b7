"""A connection's credentials at rest: sealed, bound to workspace and connection, and renewed by one process at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from adloom_sdk.credentials import Token
from app.connections.models import ConnectionSecret
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
    rows = session.scalars(
        select(ConnectionSecret).where(ConnectionSecret.key_id != vault.key_id).with_for_update(skip_locked=True)
    ).all()
    lost = 0
    for row in rows:
        try:
            record = vault.rewrapped(Sealed(row.key_id, row.sealed), context=_context(session, row.connection_id))
        except DoesNotOpen:
            lost += 1
            continue
        row.key_id, row.sealed = record.key_id, record.sealed
    return Rewrapped(len(rows) - lost, lost)


def _context(session: Session, connection_id: UUID) -> str:
    return f"{session.info['identity'].tenant}/connection/{connection_id}"
