"""What this slice announces. It does not know who listens: `app/flows.py` is the table that says what happens next."""

from dataclasses import dataclass
from uuid import UUID

from kit.events import announce, listen
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


__all__ = [
    "AccountsChosen",
    "ConnectionRemoved",
    "ConnectionRemoving",
    "ConnectionResumed",
    "announce",
    "listen",
]
