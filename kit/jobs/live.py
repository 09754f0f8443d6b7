"""Following one job as it goes: Redis says when to look, the ledger says what is so.

A look every two seconds stands in for a Redis that is away, so losing it costs promptness and nothing else.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis
import redis.asyncio
from anyio import to_thread

from kit.jobs.models import ACTIVE, JobRow

log = logging.getLogger(__name__)

_LOOK_EVERY_S = 2.0


@dataclass(frozen=True)
class JobEvent:
    """What a page shows of a job at one moment."""

    job_id: UUID
    state: str
    title: str
    progress: float
    message: str
    problem: dict[str, Any] | None = None
    result: dict[str, Any] | None = None

    @classmethod
    def of(cls, row: JobRow) -> "JobEvent":
        """The event that a row of the ledger amounts to."""
        return cls(row.id, row.state, row.title, row.progress, row.message, row.problem, row.result)

    @property
    def is_over(self) -> bool:
        """True where nothing more will happen by itself."""
        return self.state not in ACTIVE


class Announcer:
    """Says on Redis that a job has moved. Saying it in vain is harmless, and so is not saying it."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def announce(self, job_id: UUID) -> None:
        """Wake whoever follows this job."""
        try:
            self._client.publish(_channel(job_id), b"")
        except redis.RedisError as problem:
            log.debug("Nobody hears that job %s moved: %s", job_id, type(problem).__name__)


async def watch_job(*, redis_url: str, job_id: UUID, read: Callable[[], JobRow]) -> AsyncIterator[JobEvent]:
    """Each change of a job until it is over. `read` gets the row, in a thread; what it raises ends the watch."""
    async with _Wakeups(redis_url, job_id) as wakeups:
        shown: JobEvent | None = None
        while True:
            event = JobEvent.of(await to_thread.run_sync(read))
            if event != shown:
                shown = event
                yield event
            if event.is_over:
                return
            await wakeups.next(timeout_s=_LOOK_EVERY_S)


class _Wakeups:
    """A subscription that degrades to waiting."""

    def __init__(self, redis_url: str, job_id: UUID) -> None:
        self._client = redis.asyncio.Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
        self._messages = self._client.pubsub(ignore_subscribe_messages=True)
        self._channel = _channel(job_id)

    async def __aenter__(self) -> "_Wakeups":
        await self._subscribe()
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            await self._messages.aclose()  # type: ignore[no-untyped-call]  # the library is typed in parts
        except redis.RedisError as problem:
            log.debug("The subscription was gone already: %s", type(problem).__name__)
        await self._client.aclose()

    async def next(self, *, timeout_s: float) -> None:
        """Return at the next announcement, or after `timeout_s`."""
        if not self._messages.subscribed and not await self._subscribe():
            await asyncio.sleep(timeout_s)
            return
        loop = asyncio.get_running_loop()
        until_s = loop.time() + timeout_s
        try:
            while (left_s := until_s - loop.time()) > 0:
                # A subscription's own confirmation comes back as None before the time is up.
                if await self._messages.get_message(timeout=left_s) is not None:
                    return
        except (redis.RedisError, OSError) as problem:
            log.debug("Following by looking, for Redis is away: %s", type(problem).__name__)
            await asyncio.sleep(max(0.0, until_s - loop.time()))

    async def _subscribe(self) -> bool:
        try:
            await self._messages.subscribe(self._channel)
        except (redis.RedisError, OSError) as problem:
            log.debug("No subscription, for Redis is away: %s", type(problem).__name__)
            return False
        return True


def _channel(job_id: UUID) -> str:
    return f"adloom-job:{job_id}"
