"""Never faster than the platform allows: a token bucket, a number of calls at once, and the times that replies tell to wait until."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from adloom_sdk.errors import RateLimited
from adloom_sdk.manifest import RatePolicy


@dataclass(frozen=True)
class Throttle:
    """What a reply's headers say: do not call before `until`, or: `used` (0 to 1) of the budget is spent."""

    until: datetime | None = None
    used: float | None = None


class Limiter(Protocol):
    """Lets calls through. A host may give one that several processes share."""

    def slot(self, scope: str) -> AbstractContextManager[None]:
        """Wait for a free place in `scope` (an account's id, or "app"), and give it back at the end.

        Raises RateLimited where the wait would be longer than the host is ready to hold a worker for.
        """
        ...

    def hold(self, scope: str, until: datetime) -> None:
        """Let nothing through in `scope` before `until`."""
        ...


class _Scope:
    def __init__(self, policy: RatePolicy, now: datetime) -> None:
        self.tokens = float(policy.burst)
        self.filled_at = now
        self.running = 0
        self.held_until: datetime | None = None


class LocalLimiter:
    """A limiter within one process; safe between threads."""

    def __init__(
        self,
        policy: RatePolicy,
        *,
        clock: Callable[[], datetime],
        sleep: Callable[[float], None],
        patience_s: float = 60.0,
    ) -> None:
        self._policy, self._clock, self._sleep, self._patience_s = policy, clock, sleep, patience_s
        self._scopes: dict[str, _Scope] = {}
        self._guard = threading.Lock()

    @contextmanager
    def slot(self, scope: str) -> Iterator[None]:
        """Wait for a place, at most `patience_s`."""
        key = scope if self._policy.share == "account" else "app"
        waited_s = 0.0
        while (wait_s := self._try(key)) > 0:
            if waited_s + wait_s > self._patience_s:
                retry_at = self._clock() + timedelta(seconds=wait_s)
                raise RateLimited("The platform's call budget is used up for now.", retry_at=retry_at)
            self._sleep(wait_s)
            waited_s += wait_s
        try:
            yield
        finally:
            with self._guard:
                self._scopes[key].running -= 1

    def hold(self, scope: str, until: datetime) -> None:
        """Close a scope until then."""
        key = scope if self._policy.share == "account" else "app"
        with self._guard:
            place = self._place(key)
            place.held_until = max(until, place.held_until or until)

    def _try(self, key: str) -> float:
        """Take a place, or say in how many seconds it is worth asking again."""
        with self._guard:
            place, now = self._place(key), self._clock()
            if place.held_until and place.held_until > now:
                return (place.held_until - now).total_seconds()
            if place.running >= self._policy.concurrency:
                return 0.01
            filled = (now - place.filled_at).total_seconds() * self._policy.per_second
            place.tokens, place.filled_at = min(float(self._policy.burst), place.tokens + filled), now
            if place.tokens < 1:
                # Never less than a clock can tell apart, or a rounded wait would leave a rest of a place for ever.
                return max(0.001, (1 - place.tokens) / self._policy.per_second)
            place.tokens -= 1
            place.running += 1
            return 0.0

    def _place(self, key: str) -> _Scope:
        return self._scopes.setdefault(key, _Scope(self._policy, self._clock()))
