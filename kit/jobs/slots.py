"""How many jobs the living workers can take at once, per queue: each worker says so every few seconds.

The same look tells whether Redis still remembers anything: when its mark is gone, so are the messages.
"""

import os
import socket
from collections.abc import Sequence

import redis

_KEY = "adloom-jobs-slots"
_MARK = "adloom-jobs-mark"
_VALID_S = 20


def announce_slots(client: redis.Redis, *, queues: Sequence[str], threads: int) -> None:
    """Say that this process takes `threads` jobs of these queues, for the next seconds."""
    until_s = _now_s(client) + _VALID_S
    with client.pipeline(transaction=False) as batch:
        for queue in queues:
            batch.hset(f"{_KEY}:{queue}", _own_name(), f"{threads} {until_s}")
        batch.execute()


def withdraw_slots(client: redis.Redis, *, queues: Sequence[str]) -> None:
    """Say that this process takes no more."""
    for queue in queues:
        client.hdel(f"{_KEY}:{queue}", _own_name())


def living_slots(client: redis.Redis, queue: str) -> int:
    """How many jobs of a queue can run at once just now. Forgets processes that have not been heard of."""
    now_s, living, silent = _now_s(client), 0, []
    for name, value in client.hgetall(f"{_KEY}:{queue}").items():
        threads, until_s = (int(part) for part in value.split())
        if until_s > now_s:
            living += threads
        else:
            silent.append(name)
    if silent:
        client.hdel(f"{_KEY}:{queue}", *silent)
    return living


def has_forgotten(client: redis.Redis) -> bool:
    """True once after Redis lost its contents (a flush, or a restart without persistence), and at the very first time."""
    return bool(client.set(_MARK, "1", nx=True))


def _own_name() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def _now_s(client: redis.Redis) -> int:
    """Redis' own clock, for the machines' clocks may differ."""
    seconds, _microseconds = client.time()
    return int(seconds)
