"""What a handler is given: a session in its workspace, a way to tell how far it is, and to hear that it should stop."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from uuid import UUID

from kit.db import ScopedSession
from kit.errors import AdloomError
from kit.jobs.resources import Resources

_TELL_EVERY_S = 0.2
_NUMBERS = re.compile(r"[\d.,]+")


class JobCancelled(Exception):
    """Somebody asked for the job to stop; its effects are taken back."""


class LeaseLost(Exception):
    """Another worker has taken the job over; whatever this one did counts for nothing."""


class Transient(AdloomError):
    """Worth another try: an outside service was busy or away. `retry_after_s` is what it asked for."""

    status = 503
    code = "transient"
    title = "Something outside did not answer"

    def __init__(self, detail: str, hint: str = "", *, retry_after_s: float | None = None) -> None:
        super().__init__(detail, hint)
        self.retry_after_s = retry_after_s


@dataclass
class JobContext:
    """One run of one job. `session` commits together with the job's end, so a handler never commits."""

    job_id: UUID
    workspace_id: UUID | None
    attempt: int
    session: ScopedSession
    resources: Resources
    tell: Callable[[float, str], bool]
    is_lost: Callable[[], bool] = lambda: False
    _told_at: float = field(default=0.0, init=False)
    _last: tuple[float, str] = field(default=(0.0, ""), init=False)

    @property
    def idempotency_key(self) -> str:
        """What a side effect carries, so that the outside world counts a second run as the first."""
        return f"job:{self.job_id}"

    def progress(self, share: float, sentence: str) -> None:
        """Show how far the job is (0 to 1) and what it is doing; also the place where it hears that it should stop.

        Call it as often as you like: a sentence in which only numbers change is written five times a second at most.
        """
        is_same_step = _NUMBERS.sub("", sentence) == _NUMBERS.sub("", self._last[1])
        if is_same_step and monotonic() - self._told_at < _TELL_EVERY_S:
            return
        self._told_at, self._last = monotonic(), (share, sentence)
        if self.is_lost():
            raise LeaseLost
        if self.tell(min(max(share, 0.0), 1.0), sentence):
            raise JobCancelled

    def check_cancelled(self) -> None:
        """Stop here if somebody asked for it."""
        self._told_at = 0.0
        self.progress(*self._last)
