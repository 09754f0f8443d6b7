"""Counting tries in PostgreSQL: sign-ins stay throttled when Redis is away. Keys are stored as hashes, whatever people type."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from kit.errors import TooManyRequests

_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))")
_READ = text(
    "SELECT count AS tries, window_started_at FROM control.throttles WHERE key = :key AND window_started_at > :oldest"
)
_COUNT = text(
    "INSERT INTO control.throttles AS known (key, window_started_at, count) VALUES (:key, :now, 1)"
    " ON CONFLICT (key) DO UPDATE SET"
    "  count = CASE WHEN known.window_started_at <= :oldest THEN 1 ELSE known.count + 1 END,"
    "  window_started_at = CASE WHEN known.window_started_at <= :oldest THEN :now ELSE known.window_started_at END"
)
_FORGET = text("DELETE FROM control.throttles WHERE key = :key")
_FIRST_WAIT_S, _LONGEST_WAIT_S = 5, 900


@dataclass(frozen=True)
class Limit:
    """So many tries are free in a window; each further one doubles the time that must have passed since its beginning."""

    name: str
    free_tries: int
    window: timedelta

    def key(self, *about: str) -> str:
        """What is stored for this limit and these people or places."""
        digest = hashlib.sha256("\n".join(about).lower().encode("utf-8", "replace")).hexdigest()
        return f"{self.name}:{digest[:40]}"


def wait_s(control: Session, limit: Limit, *about: str, now: datetime) -> float:
    """How long to wait before the next try; 0 where it may be made now."""
    row = control.execute(_READ, {"key": limit.key(*about), "oldest": now - limit.window}).one_or_none()
    if row is None or row.tries < limit.free_tries:
        return 0.0
    needed_s = min(float(_FIRST_WAIT_S << min(row.tries - limit.free_tries, 20)), _LONGEST_WAIT_S)
    passed_s: float = (now - row.window_started_at).total_seconds()
    return max(0.0, needed_s - passed_s)


def refuse_if_throttled(control: Session, limit: Limit, *about: str, now: datetime) -> None:
    """Refuse where the tries so far call for a wait that is not over."""
    remaining_s = wait_s(control, limit, *about, now=now)
    if remaining_s > 0:
        raise TooManyRequests(
            "There were too many tries.",
            f"Wait {_in_words(remaining_s)} and try again.",
            retry_after_s=int(remaining_s) + 1,
        )


def count_try(control: Session, limit: Limit, *about: str, now: datetime) -> None:
    """Count one try."""
    control.execute(_COUNT, {"key": limit.key(*about), "now": now, "oldest": now - limit.window})


def forget_tries(control: Session, limit: Limit, *about: str) -> None:
    """Start afresh, after a success."""
    control.execute(_FORGET, {"key": limit.key(*about)})


def one_at_a_time(control: Session, limit: Limit, *about: str) -> None:
    """Wait for others who are trying the same, until the end of the transaction: a burst cannot slip past the count."""
    control.execute(_LOCK, {"key": limit.key(*about)})


def _in_words(seconds: float) -> str:
    return f"{int(seconds) + 1} seconds" if seconds < 90 else f"{int(seconds / 60) + 1} minutes"
