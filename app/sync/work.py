"""What a run reads and in which order: lists, then the recent days; or, for the backfill, history from new to old."""

import threading
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from time import monotonic

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from adloom_sdk.days import today_in
from adloom_sdk.messages import Kind
from adloom_sdk.records import Level
from app.campaigns.days import Changed
from app.campaigns.entities import Owner, known_numbers
from app.campaigns.facts import refresh_rollup
from app.connections.models import AdAccount, Connection
from app.connections.opening import Opened, account_of
from app.sync.channels import channel_of
from app.sync.cursors import Resume, load_cursors
from app.sync.loading import Loader, Part
from app.sync.models import SyncState
from app.sync.planning import (
    HISTORY_DAYS,
    Coverage,
    Covered,
    Window,
    entity_windows,
    history_range,
    months,
    next_due_at,
    recent_range,
    wanted_from,
    windows_of,
)
from app.sync.reading import Begin, Note, Source, Split, Waiting, Whole, read_windows
from kit.db import begin_beside
from kit.jobs import JobCancelled

_HEAR_EVERY_S = 1.0


class Deadline:
    """When to begin nothing more; a long history is read in slices, so that workers can be replaced and others get their turn."""

    def __init__(self, seconds: float | None = None) -> None:
        self._ends_at = None if seconds is None else monotonic() + seconds

    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._ends_at is not None and monotonic() >= self._ends_at


class Work:
    """One run's reading and storing. Each part is a transaction of its own beside `session`."""

    def __init__(
        self,
        session: Session,
        account: AdAccount,
        opened: Opened,
        *,
        today_at: datetime,
        tell: Callable[[float, str], None],
        check: Callable[[], None],
        stop: threading.Event,
        deadline: Deadline,
    ) -> None:
        self.session, self.account, self.opened = session, account, opened
        self.manifest = opened.connector.manifest
        self.today = today_in(account.timezone, today_at)
        self.tell, self.check, self.deadline = tell, check, deadline
        self.range: tuple[date, date] | None = None
        self.has_history_left = False
        self._heard_at = monotonic()
        self._dirty: dict[Window, Changed] = {}
        self.asked: set[tuple[str, date]] = set()
        with begin_beside(session) as beside:
            owner = Owner(account.id, account.connector_key, channel_of(beside, self.manifest), account.currency)
            numbers = known_numbers(beside, account_id=account.id)
            cursors = load_cursors(beside, account_id=account.id)
        self._loader = Loader(owner, numbers, self.today, self.manifest.restatement_days)
        self._source = Source(
            opened.connector,
            opened.ctx,
            account_of(account),
            resume_of=lambda window: cursors.pop((window.name, window.since, window.until), Resume()),
            stop=stop,
        )

    @property
    def rows_read(self) -> int:
        """So far."""
        return self._loader.rows_read

    @property
    def rows_changed(self) -> int:
        """So far."""
        return self._loader.changed.rows

    def read(
        self,
        windows: Sequence[Window],
        *,
        at_once: int,
        after: Callable[[Session, Window], None] = lambda _session, _window: None,
        sentence: Callable[[int], tuple[float, str]],
    ) -> None:
        """Read and store the windows. `after` takes part in the transaction that completes one of them, or a part of one."""
        done = 0
        self.tell(*sentence(done))
        for event in read_windows(self._source, windows, at_once=at_once, is_over=self.deadline.is_over):
            if isinstance(event, Part):
                self._store(event, after)
                done += event.is_last
                self.tell(*sentence(done))
            elif isinstance(event, Begin):
                self._begin(event)
            elif isinstance(event, Whole):
                self.asked.add((event.window.name, event.window.since))
                with begin_beside(self.session) as beside:
                    after(beside, event.window)
                done += 1
            elif isinstance(event, Note):
                self.tell(sentence(done)[0], event.sentence)
            elif isinstance(event, Split):
                self._dirty.pop(event.window, None)
            self._hear(event)

    def roll_up_rest(self) -> None:
        """What was stored of windows that did not become whole shows all the same."""
        for window, changed in self._dirty.items():
            if changed.since and changed.until and _counts(window):
                with begin_beside(self.session) as beside:
                    refresh_rollup(beside, since=changed.since, until=changed.until)
        self._dirty.clear()

    def _begin(self, event: Begin) -> None:
        window = event.window
        self.asked.add((window.name, window.since))
        is_resumed = event.resume.checkpoint is not None
        self._loader.begin(window, dict(event.resume.seen), is_resumed=is_resumed)
        # What an earlier run stored of this window may have ended before its roll-up.
        self._dirty[window] = Changed(0, window.since, window.until) if is_resumed else Changed()

    def _store(self, part: Part, after: Callable[[Session, Window], None]) -> None:
        with begin_beside(self.session) as beside:
            self._stop_where_removed(beside)
            changed = self._dirty[part.window] = self._dirty[part.window] + self._loader.load(beside, part)
            if part.is_last:
                if changed.since and changed.until and _counts(part.window):
                    refresh_rollup(beside, since=changed.since, until=changed.until)
                after(beside, part.window)
        if part.is_last:
            del self._dirty[part.window]

    def _hear(self, event: object) -> None:
        """Now and then, while nothing comes: does somebody want to stop?"""
        if isinstance(event, Waiting) and monotonic() - self._heard_at > _HEAR_EVERY_S:
            self.check()
            with begin_beside(self.session) as beside:
                self._stop_where_removed(beside)
            self._heard_at = monotonic()

    def _stop_where_removed(self, session: Session) -> None:
        """Nothing more is read through a connection that is on its way out; its removal waits for this run to end."""
        state = session.scalar(select(Connection.state).where(Connection.id == self.account.connection_id))
        if state == "removing":
            raise JobCancelled


def read_recent(work: Work, *, clock: Callable[[], datetime]) -> None:
    """Lists and the days that may have changed since the last sync; at first the newest month."""
    title, manifest = work.manifest.title, work.manifest
    with begin_beside(work.session) as beside:
        covered = covered_of(beside, work.account)
    since, until = work.range = recent_range(manifest, covered, today=work.today)
    lists, windows = entity_windows(manifest), windows_of(manifest, since, until)
    steps = len(lists) + len(windows)
    work.read(lists, at_once=1, sentence=lambda done: (done / steps, f"{title}: reading campaigns and ads"))
    coverage = Coverage(since, until, frozenset(window.name for window in windows))

    def after(session: Session, window: Window) -> None:
        coverage.add(window)
        if coverage.read_from() == since:
            _keep_recent(session, work, covered, since, now=clock())

    if not windows:
        with begin_beside(work.session) as beside:
            _keep_recent(beside, work, covered, since, now=clock())
    work.read(
        windows,
        at_once=manifest.rate.concurrency,
        after=after,
        sentence=lambda done: (
            (len(lists) + min(done, len(windows))) / max(1, steps),
            f"{title}: reading {since:%-d %B} to {until:%-d %B %Y}, {work.rows_read:,} rows so far",
        ),
    )
    with begin_beside(work.session) as beside:
        work.has_history_left = _history_left(beside, work) is not None
    work.tell(1.0, f"{title}: up to date")


def read_history(work: Work) -> None:
    """The days before those that are stored, newest first, until the time is up."""
    with begin_beside(work.session) as beside:
        left = _history_left(beside, work)
        state = beside.get(SyncState, work.account.id)
    if left is None or state is None:
        return
    since, until = left
    coverage = Coverage(since, until, frozenset(window.name for window in windows_of(work.manifest, since, until)))
    total = months((work.today - since).days)

    def after(session: Session, window: Window) -> None:
        coverage.add(window)
        if frontier := coverage.read_from():
            session.get_one(SyncState, work.account.id).covered_from = frontier
            work.range = frontier, until

    def sentence(_done: int) -> tuple[float, str]:
        reached = coverage.read_from()
        read = months((work.today - (reached or until)).days)
        return read / max(1, total), f"{work.manifest.title}: {read} of {total} months"

    windows = windows_of(work.manifest, since, until)
    work.read(windows, at_once=work.manifest.rate.concurrency, after=after, sentence=sentence)
    work.has_history_left = bool(windows) and coverage.read_from() != since
    if not work.has_history_left:
        work.tell(1.0, f"{work.manifest.title}: the history is complete")


def covered_of(session: Session, account: AdAccount) -> Covered | None:
    """What is stored of the account; None before the first sync is whole."""
    state = session.get(SyncState, account.id)
    if state is None or state.covered_from is None or state.covered_to is None:
        return None
    return Covered(state.covered_from, state.covered_to)


def postpone(session: Session, *, account: AdAccount, now: datetime) -> None:
    """The next try by itself is tomorrow's; until then somebody may have acted."""
    oldest = today_in(account.timezone, now) - timedelta(days=HISTORY_DAYS)
    state = session.get(SyncState, account.id) or SyncState(account_id=account.id, wanted_from=oldest)
    state.due_at = next_due_at(account.id, account.timezone, now=now)
    session.add(state)


def _keep_recent(session: Session, work: Work, covered: Covered | None, since: date, *, now: datetime) -> None:
    state = session.get(SyncState, work.account.id)
    if state is None:
        state = SyncState(account_id=work.account.id, covered_from=since)
        session.add(state)
    else:
        # The backfill may have come further meanwhile.
        state.covered_from = func.least(SyncState.covered_from, since)
    if covered is None:
        state.wanted_from = wanted_from(work.manifest, today=work.today)
    state.covered_to = work.today
    state.entities_at = state.synced_at = now
    state.due_at = next_due_at(work.account.id, work.account.timezone, now=now)


def _history_left(session: Session, work: Work) -> tuple[date, date] | None:
    covered, state = covered_of(session, work.account), session.get(SyncState, work.account.id)
    if covered is None or state is None:
        return None
    return history_range(work.manifest, covered, wanted=state.wanted_from, today=work.today)


def _counts(window: Window) -> bool:
    """Whether the roll-up is made of these days."""
    return window.kind is Kind.REVENUE or window.level is Level.CAMPAIGN
