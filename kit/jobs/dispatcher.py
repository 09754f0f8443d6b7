"""The dispatcher: one leader that releases ready jobs to the conveyor, fairly and no more than workers can soon take."""

import logging
import threading
from time import monotonic
from uuid import UUID

import psycopg
import redis
from dramatiq.errors import BrokerConnectionError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from kit.broker import open_broker, send
from kit.jobs import ledger
from kit.jobs.enqueue import CHANNEL
from kit.jobs.job import Queue
from kit.jobs.leader import leading
from kit.jobs.runner import Sessions
from kit.jobs.slots import has_forgotten, living_slots

log = logging.getLogger(__name__)

_LOCK = 7_240_116
_IDLE_POLL_S = 1.0
_BUSY_POLL_S = 0.01
_SWEEP_EVERY_S = 5.0
_SLOTS_EVERY_S = 2.0
# A conveyor this much longer than its workers' threads keeps them busy between two rounds, and priorities still count.
_AHEAD = 2


class Dispatcher:
    """Runs until told to stop; any number may be started, one leads."""

    def __init__(self, sessions: Sessions, *, engine: Engine, redis_url: str) -> None:
        self._sessions = sessions
        self._engine = engine
        self._stopping = threading.Event()
        self._broker = open_broker(redis_url)
        self._redis = redis.Redis.from_url(redis_url, socket_timeout=5, socket_connect_timeout=2)
        self._slots: dict[str, int] = {}
        self._swept_at = self._counted_at = 0.0

    def stop(self) -> None:
        """End after the round that runs."""
        self._stopping.set()

    def run(self) -> None:
        """Lead when nobody else does; what goes wrong is logged and tried again."""
        while not self._stopping.is_set():
            try:
                with leading(self._engine, lock=_LOCK, channel=CHANNEL) as connection:
                    if connection is None:
                        self._stopping.wait(_IDLE_POLL_S)
                        continue
                    self._lead(connection)
            except (SQLAlchemyError, psycopg.Error, redis.RedisError, BrokerConnectionError) as problem:
                log.warning("The dispatcher waits for what it needs: %s", type(problem).__name__)
                self._stopping.wait(_IDLE_POLL_S)
        self._broker.close()
        self._redis.close()

    def _lead(self, connection: psycopg.Connection[object]) -> None:
        log.info("This dispatcher leads.")
        # Whoever led before may have ended between its commit and its last message.
        self._recall()
        wait_s = _BUSY_POLL_S
        while not self._stopping.is_set():
            # What waits behind a workspace's limit can go as soon as a job ends, of which nobody notifies; so look soon, then
            # ever later while nothing comes of it.
            wait_s = _BUSY_POLL_S if self.round() else min(2 * wait_s, _IDLE_POLL_S)
            for _ in connection.notifies(timeout=wait_s, stop_after=1):
                wait_s = _BUSY_POLL_S

    def round(self) -> int:
        """Sweep when it is time, then release for every queue; returns how many jobs were sent."""
        if monotonic() - self._swept_at > _SWEEP_EVERY_S:
            self._sweep()
        if monotonic() - self._counted_at > _SLOTS_EVERY_S:
            if has_forgotten(self._redis):
                self._recall()
            self._slots = {queue.value: living_slots(self._redis, queue.value) for queue in Queue}
            self._counted_at = monotonic()
        return self._send(self._release())

    def _recall(self) -> None:
        with self._sessions.control() as control:
            recalled = ledger.recall_sent(control)
            control.commit()
        if recalled:
            log.warning("%d jobs are sent again, because their messages may be lost.", recalled)

    def _sweep(self) -> None:
        with self._sessions.control() as control:
            returned, quarantined = ledger.sweep(control)
            control.commit()
        self._swept_at = monotonic()
        if returned or quarantined:
            log.warning("%d jobs were returned to the ledger, %d quarantined.", returned, quarantined)

    def _release(self) -> list[tuple[str, UUID]]:
        """Mark jobs as sent, queue by queue, as many as workers have room for."""
        released: list[tuple[str, UUID]] = []
        with self._sessions.control() as control:
            ledger.need_not_wait_for_disk(control)
            ledger.promote(control)
            for queue, slots in self._slots.items():
                room = slots * _AHEAD - ledger.waiting_in_conveyor(control, queue=queue) if slots else 0
                if room > 0:
                    released += [(queue, job_id) for job_id in ledger.release(control, queue=queue, room=room)]
            control.commit()
        return released

    def _send(self, released: list[tuple[str, UUID]]) -> int:
        """Put the ids on the conveyor, after the commit: a message without a sent row would find nothing to claim.

        Ending in between is safe: what has no message is recalled by the next leader, or by the sweeper.
        """
        for queue, job_id in released:
            send(self._broker, queue=queue, job_id=str(job_id))
        return len(released)
