"""What the API takes and gives for syncs."""

from datetime import date, datetime
from uuid import UUID

import msgspec


class SyncRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which accounts to read: these, those of a connection, or, with neither, all that are chosen."""

    account_ids: list[UUID] = []
    connection_id: UUID | None = None


class SyncRunReply(msgspec.Struct, frozen=True):
    """What a sync has read and changed so far. `wasted_calls` are those that brought a refusal or an error."""

    kind: str
    state: str
    since: date | None
    until: date | None
    rows_read: int
    rows_changed: int
    calls: int
    wasted_calls: int
    problem: str
    what_to_do: str


class SyncReply(msgspec.Struct, frozen=True):
    """One account's sync: its job, how far (0 to 1), and its run. `next_job_id` goes on with it where a platform made it wait."""

    job_id: UUID
    account_id: UUID
    account: str
    state: str
    progress: float
    message: str
    status_href: str
    created_at: datetime
    finished_at: datetime | None
    run: SyncRunReply | None
    next_job_id: UUID | None = None


class SyncsReply(msgspec.Struct, frozen=True):
    """The jobs of a wish to sync, one per account; `job_id` is the first of them."""

    job_id: UUID
    jobs: list[SyncReply]
