"""One run of one account: lists first, then days, each part stored with its cursor in a transaction of its own.

The caller's session holds the account's lock for as long as the run lasts, so two runs of one account follow each other. Killed
anywhere, the next run goes on from the cursors; whatever is read twice changes nothing.
"""

import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from adloom_sdk.errors import PlatformError, RateLimited
from adloom_sdk.errors import Transient as PlatformAway
from adloom_sdk.http import Exchange
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, Watching
from app.sync.cursors import drop_cursors
from app.sync.outcomes import OVER, Counted, begin_run, end_run, note_over, skip_run
from app.sync.work import Deadline, Work, postpone, read_history, read_recent
from kit.clock import utc_now
from kit.db import begin_beside
from kit.jobs import JobCancelled, Transient

_TRY_TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended(current_schema() || '.sync.' || :what, 0))")
# The lock's transaction is idle while the platform is read, which is otherwise taken for a leak after two minutes.
_ALLOW_WAITING = text("SELECT set_config('idle_in_transaction_session_timeout', '2h', true)")
_ASK_AGAIN = timedelta(seconds=30)
_WAIT_UNTOLD = timedelta(minutes=5)


class Opener(Protocol):
    """Opens a connection's connector; the worker gives the real one, tests give one at a fake."""

    def __call__(
        self, session: Session, connection: Connection, /, *, watching: Watching
    ) -> AbstractContextManager[Opened]: ...


@dataclass(frozen=True)
class Around:
    """What a run needs beside its session: how to open connectors, whom to tell, and when it must end."""

    opener: Opener
    tell: Callable[[float, str], None] = lambda _share, _sentence: None
    check: Callable[[], None] = lambda: None
    clock: Callable[[], datetime] = utc_now
    job_id: UUID | None = None
    is_last_attempt: bool = False
    deadline: Deadline = field(default_factory=Deadline)


@dataclass(frozen=True)
class Outcome:
    """What came of a run: `done`, `failed`, `waiting` (go on at `retry_at`) or `skipped`."""

    state: str
    rows_read: int = 0
    rows_changed: int = 0
    retry_at: datetime | None = None
    has_history_left: bool = False


@dataclass
class _Calls:
    made: int = 0
    wasted: int = 0

    def count(self, exchange: Exchange) -> None:
        self.made += 1
        self.wasted += exchange.outcome != "ok"


def take_turns(session: Session, *, account_ids: Iterable[UUID]) -> None:
    """Nobody reads these accounts before this transaction is over. Raises Transient where somebody does this moment."""
    for what in (f"{account_id}.{part}" for account_id in account_ids for part in ("recent", "history")):
        if not session.execute(_TRY_TURN, {"what": what}).scalar_one():
            raise Transient("An account is still being read.", "It ends at its next step.", retry_after_s=5)


def run_account(session: Session, *, account_id: UUID, kind: str, around: Around) -> Outcome:
    """Sync one account. A platform's refusal is an outcome, kept where people look. Raises Transient where it is away.

    Recent days need not wait for the history: each has a turn of its own.
    """
    session.execute(_ALLOW_WAITING)
    what = f"{account_id}.{'history' if kind == 'backfill' else 'recent'}"
    if not session.execute(_TRY_TURN, {"what": what}).scalar_one():
        return Outcome("waiting", retry_at=around.clock() + _ASK_AGAIN)
    account = session.get(AdAccount, account_id)
    connection = session.get(Connection, account.connection_id) if account else None
    if account is None or connection is None or not account.is_selected or connection.state != "active":
        skip_run(session, job_id=around.job_id, account=account, now=around.clock())
        return Outcome("skipped")
    with begin_beside(session) as beside:
        run_id = begin_run(beside, account_id=account_id, kind=kind, job_id=around.job_id)
    return _Run(session, account, connection, kind, run_id, around).go()


@dataclass
class _Run:
    session: Session
    account: AdAccount
    connection: Connection
    kind: str
    run_id: UUID
    around: Around
    calls: _Calls = field(default_factory=_Calls)
    stop: threading.Event = field(default_factory=threading.Event)
    work: Work | None = None

    def go(self) -> Outcome:
        """Read, and answer whatever can go wrong."""
        try:
            self._read()
        except JobCancelled:
            self._end("cancelled", None)
            raise
        except PlatformError as problem:
            return self._answer(problem)
        self._end("done", None)
        return self._outcome("done")

    def _read(self) -> None:
        watching = Watching(is_cancelled=self.stop.is_set, on_exchange=self.calls.count)
        with self.around.opener(self.session, self.connection, watching=watching) as opened:
            self.work = Work(
                self.session,
                self.account,
                opened,
                today_at=self.around.clock(),
                tell=self.around.tell,
                check=self.around.check,
                stop=self.stop,
                deadline=self.around.deadline,
            )
            if self.kind == "backfill":
                read_history(self.work)
            else:
                read_recent(self.work, clock=self.around.clock)

    def _answer(self, problem: PlatformError) -> Outcome:
        if isinstance(problem, RateLimited):
            self._end("queued", problem)
            return self._outcome("waiting", retry_at=problem.retry_at or self.around.clock() + _WAIT_UNTOLD)
        if isinstance(problem, PlatformAway) and not self.around.is_last_attempt:
            self._end("queued", problem)
            raise Transient(problem.message, problem.what_to_do) from problem
        self._end("failed", problem)
        return self._outcome("failed")

    def _end(self, state: str, problem: PlatformError | None) -> None:
        if self.work:
            self.work.roll_up_rest()
        with begin_beside(self.session) as beside:
            run = end_run(beside, self.run_id, state=state, counted=self._counted(), now=self.around.clock())
            if self.work and self.work.range:
                run.since, run.until = self.work.range
            if state in OVER:
                asked = self.work.asked if self.work else ()
                drop_cursors(beside, account_id=self.account.id, windows=asked)
            if state == "failed":
                postpone(beside, account=self.account, now=self.around.clock())
            if state != "cancelled":
                note_over(beside, run, problem=problem, now=self.around.clock())

    def _counted(self) -> Counted:
        read, changed = (self.work.rows_read, self.work.rows_changed) if self.work else (0, 0)
        return Counted(read, changed, self.calls.made, self.calls.wasted)

    def _outcome(self, state: str, *, retry_at: datetime | None = None) -> Outcome:
        counted = self._counted()
        has_left = self.work is not None and self.work.has_history_left
        return Outcome(state, counted.rows_read, counted.rows_changed, retry_at, has_left)
