"""How far a read has come, kept in the transaction that stores what it brought: a kill costs what came since."""

import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.sync.models import SyncCursor
from kit.clock import utc_now

# Platforms forget their page marks sooner or later; a read that has lain this long starts anew.
_USABLE_FOR = timedelta(hours=6)


@dataclass(frozen=True)
class Resume:
    """Where to go on: the connector's own checkpoint, and which days came before it."""

    checkpoint: dict[str, Any] | None = None
    seen: dict[int, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether nothing is left to read: a run that was killed has stored all of this window."""
        return self.checkpoint == _WHOLE


_WHOLE = {"is_whole": True}
Place = tuple[str, date, date]


def load_cursors(session: Session, *, account_id: UUID) -> dict[Place, Resume]:
    """Where reads of this account were left off, by name and window."""
    rows = session.execute(
        select(SyncCursor.kind, SyncCursor.since, SyncCursor.until, SyncCursor.checkpoint, SyncCursor.seen).where(
            SyncCursor.account_id == account_id, SyncCursor.changed_at > utc_now() - _USABLE_FOR
        )
    )
    return {(kind, since, until): Resume(checkpoint, _unpacked(seen)) for kind, since, until, checkpoint, seen in rows}


def save_cursor(
    session: Session,
    *,
    account_id: UUID,
    name: str,
    since: date,
    until: date,
    checkpoint: dict[str, Any],
    seen: dict[int, int],
) -> None:
    """Keep the place; the caller commits it with the rows."""
    values = {"until": until, "checkpoint": checkpoint, "seen": _packed(seen), "changed_at": func.now()}
    kept = insert(SyncCursor).values(account_id=account_id, kind=name, since=since, **values)
    session.execute(kept.on_conflict_do_update(index_elements=["account_id", "kind", "since"], set_=values))


def mark_whole(session: Session, *, account_id: UUID, name: str, since: date, until: date) -> None:
    """The window is stored; should this run be killed, the next one need not read it again."""
    save_cursor(session, account_id=account_id, name=name, since=since, until=until, checkpoint=_WHOLE, seen={})


def drop_cursors(session: Session, *, account_id: UUID, windows: Iterable[tuple[str, date]]) -> None:
    """The run is over, one way or the other: the next one reads everything that it is for. What lies too long goes as well."""
    is_mine = tuple_(SyncCursor.kind, SyncCursor.since).in_(list(windows))
    is_old = SyncCursor.changed_at < utc_now() - _USABLE_FOR
    session.execute(delete(SyncCursor).where(SyncCursor.account_id == account_id, or_(is_mine, is_old)))


def _packed(seen: dict[int, int]) -> bytes:
    return zlib.compress(" ".join([f"{number}:{bits:x}" for number, bits in seen.items()]).encode(), 1)


def _unpacked(packed: bytes | None) -> dict[int, int]:
    pairs = zlib.decompress(packed).decode().split() if packed else []
    return {int(number): int(bits, 16) for number, bits in (pair.split(":") for pair in pairs)}
