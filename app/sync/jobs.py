"""Jobs of this slice. They carry the workspace's currency, which a tenant's schema does not know."""

from datetime import date
from typing import Literal
from uuid import UUID

from kit.jobs import Job, Queue, job

ATTEMPTS = 6


@job(
    "sync.account",
    queue=Queue.IO,
    title="Bringing in an account's numbers",
    max_attempts=ATTEMPTS,
    timeout_s=7200,
)
class SyncAccount(Job, frozen=True, kw_only=True):
    """Read an account's lists and recent days. Running twice changes nothing more."""

    account_id: UUID
    currency: str
    kind: Literal["manual", "scheduled", "first"] = "manual"


@job(
    "sync.backfill",
    queue=Queue.IO,
    title="Bringing in an account's history",
    max_attempts=ATTEMPTS,
    timeout_s=7200,
)
class BackfillAccount(Job, frozen=True, kw_only=True):
    """Read a slice of an account's history, and ask for the next. Running twice reads on from where the first run came."""

    account_id: UUID
    currency: str


@job("sync.reconcile", queue=Queue.IO, title="Comparing with the platform", max_attempts=4, timeout_s=3600)
class ReconcileAccount(Job, frozen=True, kw_only=True):
    """Ask the platform for its totals of some days and keep them beside ours. Running twice tells the newest comparison."""

    account_id: UUID
    since: date
    until: date


@job("sync.due", queue=Queue.IO, title="Starting the syncs that are due")
class StartDueSyncs(Job, frozen=True, kw_only=True):
    """Have each workspace look which of its accounts are due. Running twice enqueues nothing that still waits."""


@job("sync.workspace_due", queue=Queue.IO, title="Starting the syncs that are due")
class StartWorkspaceSyncs(Job, frozen=True, kw_only=True):
    """Enqueue the accounts of one workspace that are due. Running twice enqueues nothing that still waits."""

    currency: str


@job("sync.all_rates", queue=Queue.IO, title="Fetching exchange rates")
class FetchAllRates(Job, frozen=True, kw_only=True):
    """Have each workspace fetch the rates that it needs. Running twice enqueues nothing that still waits."""


@job("sync.rates", queue=Queue.IO, title="Fetching exchange rates", max_attempts=8)
class FetchRates(Job, frozen=True, kw_only=True):
    """Fetch the rates that this workspace's accounts need. Running twice changes nothing more."""

    currency: str
