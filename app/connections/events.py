"""What this slice announces. It does not know who listens: `app/flows.py` is the table that says what happens next."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from tenants.workspaces.principal import WorkspaceRef


@dataclass(frozen=True)
class AccountsChosen:
    """These accounts are to be read from now on, and were not before."""

    account_ids: tuple[UUID, ...]
    workspace: WorkspaceRef


@dataclass(frozen=True)
class ConnectionRemoving:
    """A connection is about to go, and everything that was read of these accounts with it. Raises Transient where one of them is
    being read this moment."""

    account_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ConnectionRemoved:
    """A connection is gone with all that was read through it."""

    connection_id: UUID


@dataclass(frozen=True)
class ConnectionResumed:
    """A connection is read again: after a pause, or after a new sign-in. `account_ids` are those that are chosen."""

    account_ids: tuple[UUID, ...]
    workspace: WorkspaceRef


E = TypeVar("E", AccountsChosen, ConnectionRemoving, ConnectionRemoved, ConnectionResumed)
_listeners: dict[type, list[Callable[[Session, Any], None]]] = defaultdict(list)


def listen(kind: type[E], listener: Callable[[Session, E], None]) -> None:
    """From now on `listener` is called in the transaction in which it happens. Saying it twice changes nothing."""
    if listener not in _listeners[kind]:
        _listeners[kind].append(listener)


def announce(
    session: Session, happening: AccountsChosen | ConnectionRemoving | ConnectionRemoved | ConnectionResumed
) -> None:
    """Tell everybody who listens."""
    for listener in _listeners[type(happening)]:
        listener(session, happening)
