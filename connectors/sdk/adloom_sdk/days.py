"""Days of an account's zone: midnights with their offset, and windows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def is_zone(name: str | None) -> bool:
    """Whether this is a zone of the time zone database; platforms at times tell others."""
    try:
        return bool(name) and ZoneInfo(name or "UTC") is not None
    except (KeyError, ValueError, OSError):
        return False


def midnight(day: date, timezone: str) -> datetime:
    """The first instant of `day` in the zone, with its offset; correct over changes of daylight-saving time."""
    zone = ZoneInfo(timezone)
    # A zone may skip midnight itself; the round trip through UTC gives the first instant that exists.
    return datetime.combine(day, time(), zone).astimezone(UTC).astimezone(zone)


def today_in(timezone: str, now: datetime) -> date:
    """The day of `now` in the zone."""
    return now.astimezone(ZoneInfo(timezone)).date()


def each_day(since: date, until: date) -> Iterator[date]:
    """Every day from `since` to `until`, both included."""
    for offset in range((until - since).days + 1):
        yield since + timedelta(days=offset)


def windows(since: date, until: date, *, max_days: int) -> Iterator[tuple[date, date]]:
    """The range cut into windows of at most `max_days`, both ends included."""
    start = since
    while start <= until:
        end = min(start + timedelta(days=max_days - 1), until)
        yield start, end
        start = end + timedelta(days=1)
