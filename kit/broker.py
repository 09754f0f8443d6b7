"""The conveyor: Dramatiq on Redis, tuned so that a worker's death is noticed in seconds, and without any memory of its own.

Retries, time limits and dead letters are the ledger's business, so none of Dramatiq's middleware for them is loaded.
"""

from collections.abc import Callable, Sequence

import dramatiq
import redis
from dramatiq.brokers.redis import RedisBroker

NAMESPACE = "adloom-jobs"
ACTOR = "run_job"
_HEARTBEAT_TIMEOUT_MS = 15_000
# Out of a million commands: with the default of a thousand, an idle consumer noticed a dead worker after minutes.
_MAINTENANCE_CHANCE = 100_000


def open_broker(url: str) -> RedisBroker:
    """A broker on this Redis; nothing is connected before the first use."""
    broker: RedisBroker = RedisBroker(  # type: ignore[no-untyped-call]  # the library is typed in parts
        client=redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=2),
        namespace=NAMESPACE,
        middleware=[],
        heartbeat_timeout=_HEARTBEAT_TIMEOUT_MS,
        maintenance_chance=_MAINTENANCE_CHANCE,
    )
    return broker


def send(broker: RedisBroker, *, queue: str, job_id: str) -> None:
    """Put one job's id on a queue."""
    broker.enqueue(
        dramatiq.Message(queue_name=queue, actor_name=_actor_name(queue), args=(job_id,), kwargs={}, options={})
    )


def declare_runner(broker: RedisBroker, queue: str, run: Callable[[str], None]) -> None:
    """Make `run` what happens to every message of a queue."""
    dramatiq.actor(broker=broker, queue_name=queue, actor_name=_actor_name(queue))(run)


def open_worker(broker: RedisBroker, *, queues: Sequence[str], threads: int) -> dramatiq.Worker:
    """Threads of this process that take from these queues, once they are started."""
    worker = dramatiq.Worker(broker, queues=set(queues), worker_threads=threads, worker_timeout=100)
    # A single thread computes for long: what it fetched ahead would wait while another process idles.
    worker.queue_prefetch = 1 if threads == 1 else 2 * threads
    return worker


def _actor_name(queue: str) -> str:
    return f"{ACTOR}.{queue}"
