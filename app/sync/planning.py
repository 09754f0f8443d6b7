"""Which days to read, as pure functions: the last 30 days at first, then the restatement window every day and history backwards."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from adloom_sdk.days import today_in
from adloom_sdk.manifest import Capability, Manifest
from adloom_sdk.messages import Kind
from adloom_sdk.records import Level

FIRST_DAYS = 30
HISTORY_DAYS = 3 * 365
_DAYS_PER_MONTH = 30.4375
_NO_DAY = date(2000, 1, 1)
_DUE_FROM = time(4)
_DUE_WITHIN_S = 2 * 3600
_ENTITIES = (
    (Capability.CAMPAIGNS, Kind.CAMPAIGNS),
    (Capability.AD_GROUPS, Kind.AD_GROUPS),
    (Capability.ADS, Kind.ADS),
    (Capability.CREATIVES, Kind.CREATIVES),
)


@dataclass(frozen=True)
class Window:
    """Days of one kind to read, both ends included."""

    kind: Kind
    since: date
    until: date
    level: Level | None = None

    @property
    def name(self) -> str:
        """Under which its cursor is kept."""
        return f"{self.kind}.{self.level}" if self.level else str(self.kind)

    @property
    def days(self) -> int:
        """How many."""
        return (self.until - self.since).days + 1

    def halves(self) -> tuple["Window", "Window"]:
        """The newer half, then the older one."""
        middle = self.since + timedelta(days=self.days // 2)
        older = Window(self.kind, self.since, middle - timedelta(days=1), self.level)
        return Window(self.kind, middle, self.until, self.level), older

    def parts(self, max_days: int) -> Iterator["Window"]:
        """The window cut into ones of at most `max_days`, newest first."""
        for since, until in spans(self.since, self.until, max_days=max_days):
            yield Window(self.kind, since, until, self.level)


@dataclass(frozen=True)
class Covered:
    """What is stored of an account so far: from the first to the last day, and the day of the last sync."""

    first: date
    last: date


def spans(since: date, until: date, *, max_days: int) -> Iterator[tuple[date, date]]:
    """The range cut into spans of at most `max_days`, newest first."""
    end = until
    while end >= since:
        start = max(since, end - timedelta(days=max_days - 1))
        yield start, end
        end = start - timedelta(days=1)


@dataclass
class Coverage:
    """Which days of a range are read at every level: what was read last may be an older day than what is still missing."""

    since: date
    until: date
    names: frozenset[str]

    def __post_init__(self) -> None:
        self._missing = {self.until - timedelta(days=back): set(self.names) for back in range(self.days)}

    @property
    def days(self) -> int:
        """How many the range has."""
        return (self.until - self.since).days + 1

    def add(self, window: Window) -> None:
        """This window is stored."""
        for offset in range(window.days):
            self._missing.get(window.since + timedelta(days=offset), set()).discard(window.name)

    def read_from(self) -> date | None:
        """The oldest day from which on nothing is missing up to the end; None before the newest day is read."""
        frontier = None
        for day, names in self._missing.items():
            if names:
                break
            frontier = day
        return frontier


def entity_windows(manifest: Manifest) -> list[Window]:
    """The lists that the connector can read, parents before children; they have no days."""
    return [Window(kind, _NO_DAY, _NO_DAY) for capability, kind in _ENTITIES if manifest.can(capability)]


def wanted_from(manifest: Manifest, *, today: date) -> date:
    """The oldest day worth asking for."""
    return today - timedelta(days=min(HISTORY_DAYS, manifest.retention_days))


def recent_range(manifest: Manifest, covered: Covered | None, *, today: date) -> tuple[date, date]:
    """What every sync reads: at first a month, so that numbers show soon; later whatever may have changed since the last time."""
    oldest = wanted_from(manifest, today=today)
    if covered is None:
        return max(oldest, today - timedelta(days=FIRST_DAYS - 1)), today
    return max(oldest, min(covered.last, today) - timedelta(days=manifest.restatement_days)), today


def history_range(manifest: Manifest, covered: Covered, *, wanted: date, today: date) -> tuple[date, date] | None:
    """What the backfill has left to read; None where the history is whole."""
    since = max(wanted, wanted_from(manifest, today=today))
    until = covered.first - timedelta(days=1)
    return (since, until) if since <= until else None


def windows_of(manifest: Manifest, since: date, until: date) -> list[Window]:
    """The windows of a range, newest first, every level of a span before the next span."""
    found = []
    for start, end in spans(since, until, max_days=manifest.max_window_days):
        if manifest.can(Capability.DAILY):
            found += [Window(Kind.DAILY, start, end, level) for level in manifest.levels if level is not Level.AD_GROUP]
        if manifest.can(Capability.REVENUE):
            found.append(Window(Kind.REVENUE, start, end))
    return found


def finality_of(day: date, *, today: date, restatement_days: int) -> int:
    """0 while the day is not over, 1 while the platform still corrects it, 2 after that."""
    if day >= today:
        return 0
    return 2 if (today - day).days >= restatement_days else 1


def next_due_at(account_id: UUID, timezone: str, *, now: datetime) -> datetime:
    """The next daily sync: between four and six in the account's morning, spread by account, whatever the clocks do that day."""
    zone = ZoneInfo(timezone)
    offset_s = int.from_bytes(hashlib.sha256(account_id.bytes).digest()[:4]) % _DUE_WITHIN_S
    day = today_in(timezone, now)
    while True:
        local = datetime.combine(day, _DUE_FROM) + timedelta(seconds=offset_s)
        # By way of UTC, a time that the change of clocks leaves out becomes the instant that takes its place.
        due = local.replace(tzinfo=zone).astimezone(UTC)
        if due > now:
            return due
        day += timedelta(days=1)


def months(days: int) -> int:
    """Days as whole months, for a sentence."""
    return max(0, round(days / _DAYS_PER_MONTH))
