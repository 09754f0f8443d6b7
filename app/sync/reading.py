"""Reading windows beside each other: a few threads ask the platform, one caller stores what they bring, in parts of 20,000 records.

A queue that holds few parts keeps memory flat: who reads faster than is stored waits.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from queue import Empty, Full, Queue
from time import monotonic
from typing import Any

from adloom_sdk.connector import Connector, Context
from adloom_sdk.errors import Cancelled, ConnectorBug, Pauses, PlatformError, RateLimited, TooMuchData, Transient
from adloom_sdk.messages import Batch, Checkpoint, Kind, ReadRequest
from adloom_sdk.records import Account, AnyRecord
from app.sync.cursors import Resume
from app.sync.loading import Part
from app.sync.planning import Window

PART_RECORDS = 20_000
PART_S = 2.0
MAX_READERS = 6
_QUEUED_PARTS = 3
_LOOK_EVERY_S = 0.05
_ENTITY_KINDS = {Kind.CAMPAIGNS, Kind.AD_GROUPS, Kind.ADS, Kind.CREATIVES}


@dataclass(frozen=True)
class Begin:
    """A window is begun anew, or gone on with."""

    window: Window
    resume: Resume


@dataclass(frozen=True)
class Split:
    """The platform refuses so much at once: nothing of this window comes any more, its halves come instead."""

    window: Window


@dataclass(frozen=True)
class Note:
    """A sentence of the connector's own on how far it is."""

    sentence: str


@dataclass(frozen=True)
class Whole:
    """An earlier run, which was killed, has stored all of this window."""

    window: Window


@dataclass(frozen=True)
class Waiting:
    """Nothing came for a while: time to hear whether somebody wants to stop."""


Event = Begin | Part | Split | Whole | Note | Waiting


@dataclass
class Source:
    """An opened connector and the account that is read. `max_days` shrinks when the platform asks for less at once."""

    connector: Connector
    ctx: Context
    account: Account
    resume_of: Callable[[Window], Resume] = lambda _window: Resume()
    stop: threading.Event = field(default_factory=threading.Event)
    max_days: int = 10_000


def read_windows(
    source: Source, windows: Iterable[Window], *, at_once: int, is_over: Callable[[], bool] = lambda: False
) -> Iterator[Event]:
    """What happens while the windows are read, `at_once` beside each other. Raises the first error, after the others have ended.

    No window is begun once `is_over` says so.
    """
    crew = _Crew(source, deque(windows), Queue(_QUEUED_PARTS), is_over)
    count = min(at_once, MAX_READERS, len(crew.waiting))
    readers = [threading.Thread(target=crew.work, daemon=True) for _ in range(count)]
    for reader in readers:
        reader.start()
    try:
        yield from _handed_over(crew, readers)
    except BaseException:
        source.stop.set()
        raise
    finally:
        for _ in _handed_over(crew, readers):
            pass
    if crew.problem:
        raise crew.problem


def _handed_over(crew: "_Crew", readers: list[threading.Thread]) -> Iterator[Event]:
    """Everything until the readers have ended."""
    while True:
        are_alive = any(reader.is_alive() for reader in readers)
        try:
            yield crew.queue.get(timeout=_LOOK_EVERY_S) if are_alive else crew.queue.get_nowait()
        except Empty:
            if not are_alive:
                return
            yield Waiting()


@dataclass
class _Crew:
    """What the reading threads share."""

    source: Source
    waiting: deque[Window]
    queue: Queue[Event]
    is_over: Callable[[], bool]
    problem: BaseException | None = None
    guard: threading.Lock = field(default_factory=threading.Lock)

    def work(self) -> None:
        """Read one window after the other until none is left, or somebody failed."""
        try:
            while not self.source.stop.is_set() and not self.is_over() and (window := self._next()):
                for event in read_window(self.source, window):
                    self._hand_over(event)
        except _Stopped:
            return
        except BaseException as problem:
            with self.guard:
                # The others end with Cancelled because of this one; only the first says what is wrong.
                self.problem = self.problem or problem
            self.source.stop.set()

    def _next(self) -> Window | None:
        try:
            return self.waiting.popleft()
        except IndexError:
            return None

    def _hand_over(self, event: Event) -> None:
        """Wait for room. When all have to stop, what was read is still taken, so that the next run need not read it again."""
        while isinstance(event, Part) or not self.source.stop.is_set():
            try:
                self.queue.put(event, timeout=_LOOK_EVERY_S)
            except Full:
                continue
            return
        raise _Stopped


class _Stopped(Exception):
    """Another reader failed, or the caller went away."""


def read_window(source: Source, window: Window) -> Iterator[Event]:
    """One window from where it was left off, in halves where it is too much."""
    if window.days > source.max_days:
        yield Split(window)
        for part in window.parts(source.max_days):
            yield from read_window(source, part)
        return
    try:
        yield from _from_its_place(source, window)
    except TooMuchData:
        if window.days == 1 or window.kind in _ENTITY_KINDS:
            raise
        source.max_days = min(source.max_days, (window.days + 1) // 2)
        yield Split(window)
        for half in window.halves():
            yield from read_window(source, half)


def _from_its_place(source: Source, window: Window) -> Iterator[Event]:
    resume = source.resume_of(window)
    if resume.is_whole:
        yield Whole(window)
        return
    yield Begin(window, resume)
    try:
        yield from _parts(source, window, resume.checkpoint)
    except PlatformError as refusal:
        # A platform that no longer knows the place where the read was left off gets a fresh question, once.
        is_about_the_place = (
            refusal.pauses is Pauses.NOTHING and not refusal.may_retry and not isinstance(refusal, Cancelled)
        )
        if resume.checkpoint is None or not is_about_the_place:
            raise
        yield Begin(window, Resume())
        yield from _parts(source, window, None)


def _parts(source: Source, window: Window, checkpoint: dict[str, Any] | None) -> Iterator[Event]:
    records: list[AnyRecord] = []
    newest = kept = checkpoint
    began = monotonic()
    has_days = window.kind not in _ENTITY_KINDS
    request = ReadRequest(
        kind=window.kind,
        account=source.account,
        since=window.since if has_days else None,
        until=window.until if has_days else None,
        level=window.level,
        checkpoint=checkpoint,
    )
    try:
        for message in _named_as_defects(source, request):
            if isinstance(message, Batch):
                records += message.records
            elif isinstance(message, Checkpoint):
                newest = message.state
            else:
                yield Note(message.sentence)
            if len(records) >= PART_RECORDS or (records and monotonic() - began > PART_S):
                yield Part(window, records, newest)
                records, kept, began = [], newest, monotonic()
    except (RateLimited, Transient, Cancelled):
        if newest != kept:
            yield Part(window, records, newest)
        raise
    yield Part(window, records, newest, is_last=True)


def _named_as_defects(source: Source, request: ReadRequest) -> Iterator[Any]:
    """The connector's messages; what it raises that is no platform's error is a defect of its own."""
    try:
        yield from source.connector.read(source.ctx, request)
    except (PlatformError, GeneratorExit):
        raise
    except Exception as defect:
        title = source.connector.manifest.title
        raise ConnectorBug(
            f"The connector for {title} failed on something it did not expect.", type(defect).__name__
        ) from defect
