"""The clock: the one place that reads wall time, so that tests and the sandbox can set it."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo


def utc_now() -> datetime:
    """The current instant, aware, in UTC."""
    return datetime.now(UTC)


def today_in(zone: str) -> date:
    """Today's date where the clock shows `zone`'s time."""
    return utc_now().astimezone(ZoneInfo(zone)).date()
