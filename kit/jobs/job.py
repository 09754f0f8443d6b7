"""What a job is: a small typed struct of ids, registered under a name, with a handler that a task module registers."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

MAX_PAYLOAD_BYTES = 8192


class Queue(StrEnum):
    """Which workers take it: `io` waits for others, `model` computes."""

    IO = "io"
    MODEL = "model"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """The base of every job. Fields are ids and small values, never data."""


@dataclass(frozen=True)
class JobType:
    """How a kind of job is run."""

    name: str
    struct: type[Job]
    queue: Queue
    title: str
    max_attempts: int
    lease_s: int
    timeout_s: int


JobClass = TypeVar("JobClass", bound=type[Job])
Handler = Callable[[Any, Any], dict[str, Any] | None]
_BY_NAME: dict[str, JobType] = {}
_BY_STRUCT: dict[type[Job], JobType] = {}
_HANDLERS: dict[str, Handler] = {}


def job(
    name: str, *, queue: Queue, title: str, max_attempts: int = 5, lease_s: int = 30, timeout_s: int = 900
) -> Callable[[JobClass], JobClass]:
    """Register a job struct under its name in the ledger.

    A worker that vanishes is noticed after `lease_s`; a run that lasts longer than `timeout_s` loses its lease.
    """

    def register(struct: JobClass) -> JobClass:
        if name in _BY_NAME:
            raise ValueError(f"Two jobs are called {name}.")
        job_type = JobType(name, struct, queue, title, max_attempts, lease_s, timeout_s)
        _BY_NAME[name] = _BY_STRUCT[struct] = job_type
        return struct

    return register


def handles(struct: type[Job]) -> Callable[[Handler], Handler]:
    """Register the handler of a job."""

    def register(handler: Handler) -> Handler:
        _HANDLERS[type_of(struct).name] = handler
        return handler

    return register


def type_of(struct: type[Job]) -> JobType:
    """The registration of a struct."""
    return _BY_STRUCT[struct]


def type_named(name: str) -> JobType | None:
    """The registration under a name, or None where this version does not know it."""
    return _BY_NAME.get(name)


def handler_of(name: str) -> Handler | None:
    """The handler of a job, or None where no task module registered one."""
    return _HANDLERS.get(name)


def all_types() -> list[JobType]:
    """Every registered kind, by name."""
    return [_BY_NAME[name] for name in sorted(_BY_NAME)]


def encoded(item: Job) -> str:
    """The job's fields as JSON."""
    payload = msgspec.json.encode(item)
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{type(item).__name__} has {len(payload)} bytes; a job carries ids, not data.")
    return payload.decode()
