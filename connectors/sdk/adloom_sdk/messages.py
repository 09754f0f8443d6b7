"""What host and connector say to each other: what to read, what was read, what to change, what came of it."""

from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from adloom_sdk.records import Account, AnyRecord, EntityStatus, Level

MAX_BATCH_RECORDS = 1000
MAX_CHECKPOINT_BYTES = 4096


class Kind(StrEnum):
    """What a read is about."""

    CAMPAIGNS = "campaigns"
    AD_GROUPS = "ad_groups"
    ADS = "ads"
    CREATIVES = "creatives"
    DAILY = "daily"
    REVENUE = "revenue"


class ReadRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One window of one account. The host owns look-back, splitting and parallel windows; a connector answers what is asked.

    `since` and `until` are days of the account's zone, both inclusive, and set for DAILY and REVENUE. `level` is set for DAILY.
    `checkpoint` is the state of the last checkpoint that the host has made durable, None at the start.
    """

    kind: Kind
    account: Account
    since: date | None = None
    until: date | None = None
    level: Level | None = None
    checkpoint: dict[str, Any] | None = None

    def days(self) -> tuple[date, date]:
        """The window of a DAILY or REVENUE read."""
        if self.since is None or self.until is None:
            raise ValueError(f"A read of {self.kind} needs a window of days")
        return self.since, self.until


class Batch(msgspec.Struct, frozen=True):
    """At most 1,000 records, in any order. The same record may come twice: the last one wins."""

    records: tuple[AnyRecord, ...]


class Checkpoint(msgspec.Struct, frozen=True):
    """Everything handed over before this is complete up to `state` (at most 4 KB of JSON), from which a read can go on."""

    state: dict[str, Any]


class Progress(msgspec.Struct, frozen=True):
    """How far a long read is, in a sentence for a person ("Meta is preparing the report: 40 %")."""

    sentence: str
    done: int | None = None
    total: int | None = None


Message = Batch | Checkpoint | Progress


class EntityRef(msgspec.Struct, frozen=True, kw_only=True):
    """An entity of a platform."""

    account: Account
    level: Level
    id: str


class EntityState(msgspec.Struct, frozen=True, kw_only=True):
    """What can be written, as the platform tells it now. `version` is its concurrency mark where there is one."""

    status: EntityStatus
    raw_status: str = ""
    daily_budget_micros: int | None = None
    is_budget_shared: bool = False
    version: str = ""


class ActionKind(StrEnum):
    """What may be changed on a platform. Archiving and deleting are never offered: they cannot be undone."""

    PAUSE = "pause"
    ENABLE = "enable"
    SET_DAILY_BUDGET = "set_daily_budget"


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One change. `expected` is what the person saw: where the platform tells otherwise, nothing is written."""

    kind: ActionKind
    ref: EntityRef
    daily_budget_micros: int | None = None
    expected: EntityState | None = None
    idempotency_key: str = ""


class ActionResult(msgspec.Struct, frozen=True, kw_only=True):
    """The state before and after as read back; `was_needed` is False where the platform was in that state already."""

    before: EntityState
    after: EntityState
    was_needed: bool = True
    was_dry_run: bool = False
    request_id: str = ""


class CheckResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a connection check found: who is signed in, and what is granted."""

    signed_in_as: str = ""
    scopes: tuple[str, ...] = ()
    can_write: bool | None = None
