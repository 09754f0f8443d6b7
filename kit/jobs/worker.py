"""A worker process: takes ids from the conveyor, claims, runs, and keeps the leases of what it holds alive."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import redis
from sqlalchemy.exc import SQLAlchemyError

from kit.broker import declare_runner, open_broker, open_worker
from kit.jobs import ledger
from kit.jobs.claims import SharedClaims
from kit.jobs.job import type_named
from kit.jobs.live import Announcer
from kit.jobs.resources import Resources
from kit.jobs.runner import Sessions, run_claimed
from kit.jobs.slots import announce_slots, withdraw_slots

log = logging.getLogger(__name__)

_BEAT_S = 5.0
_GRACE_MS = 30_000


@dataclass
class _Run:
    """A claim at work, and the moment (of the monotonic clock) after which its lease is no longer extended."""

    claim: ledger.Claim
    until_s: float
    is_lost: bool = False


class Worker:
    """Threads that run the jobs of some queues, and one that extends their leases."""

    def __init__(
        self, sessions: Sessions, *, resources: Resources, redis_url: str, queues: Sequence[str], threads: int
    ) -> None:
        self._sessions = sessions
        self._resources = resources
        self._queues = list(queues)
        self._threads = threads
        self._claims = SharedClaims(sessions)
        self._runs: dict[UUID, _Run] = {}
        self._guard = threading.Lock()
        self._stopping = threading.Event()
        self._ended = threading.Event()
        self._redis = redis.Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
        self._announcer = Announcer(self._redis)
        self._broker = open_broker(redis_url)
        for queue in self._queues:
            declare_runner(self._broker, queue, self._take)
        self._dramatiq = open_worker(self._broker, queues=self._queues, threads=threads)
        self._beat = threading.Thread(target=self._keep_leases, name="leases", daemon=True)

    def start(self) -> None:
        """Start taking jobs."""
        self._announce()
        self._dramatiq.start()
        self._beat.start()

    def stop(self) -> None:
        """Take no more, finish what runs (30 s at most), give back what could not be finished."""
        self._stopping.set()
        try:
            withdraw_slots(self._redis, queues=self._queues)
        except redis.RedisError as problem:
            log.warning("Redis does not hear that this worker stops: %s", type(problem).__name__)
        self._dramatiq.stop(timeout=_GRACE_MS)
        with self._guard:
            unfinished = [run.claim for run in self._runs.values()]
        try:
            self._give_back(unfinished)
        except SQLAlchemyError as problem:
            log.warning("What runs could not be given back; its lease runs out: %s", type(problem).__name__)
        self._ended.set()
        self._beat.join()
        self._broker.close()
        self._redis.close()

    @property
    def is_busy(self) -> bool:
        """Whether any job is at work here."""
        return bool(self._runs)

    def _give_back(self, unfinished: Sequence[ledger.Claim]) -> None:
        with self._sessions.control() as control:
            for claim in unfinished:
                ledger.give_back(control, claim)
            control.commit()

    def _take(self, job_id: str) -> None:
        """Run one message. Coming twice is harmless: only one claim succeeds. Going without is: the ledger sends it again."""
        try:
            claim = self._claims.claim(UUID(job_id))
        except SQLAlchemyError as problem:
            log.warning("Job %s could not be claimed and is sent again: %s", job_id, type(problem).__name__)
            return
        if claim is not None:
            self._run(claim)

    def _run(self, claim: ledger.Claim) -> None:
        run = _Run(claim, monotonic() + _time_limit_s(claim))
        with self._guard:
            self._runs[claim.id] = run
        try:
            outcome = run_claimed(
                self._sessions,
                claim,
                resources=self._resources,
                is_lost=lambda: run.is_lost,
                announce=self._announcer.announce,
            )
            log.debug("Job %s (%s): %s", outcome.name, claim.id, outcome.state)
        finally:
            with self._guard:
                # A newer claim of the same job may have come to this very process meanwhile.
                if self._runs.get(claim.id) is run:
                    del self._runs[claim.id]

    def _keep_leases(self) -> None:
        while not self._ended.wait(_BEAT_S):
            self._announce()
            with self._guard:
                runs = list(self._runs.values())
            try:
                self._extend(runs)
            except SQLAlchemyError as problem:
                log.warning("Leases could not be extended; the next beat tries again: %s", type(problem).__name__)

    def _extend(self, runs: Sequence[_Run]) -> None:
        """Extend what is in time and still ours; the others hear at their next step that they count for nothing."""
        in_time = [run for run in runs if monotonic() < run.until_s]
        held: set[UUID] = set()
        if in_time:
            with self._sessions.control() as control:
                held = ledger.extend(control, [run.claim for run in in_time])
                control.commit()
        for run in runs:
            run.is_lost = run.claim.id not in held

    def _announce(self) -> None:
        if self._stopping.is_set():
            return
        try:
            announce_slots(self._redis, queues=self._queues, threads=self._threads)
        except redis.RedisError as problem:
            log.warning("Redis cannot be reached; jobs wait until it is back: %s", type(problem).__name__)


def _time_limit_s(claim: ledger.Claim) -> float:
    kind = type_named(claim.name)
    return kind.timeout_s if kind else claim.lease_s
