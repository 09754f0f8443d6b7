"""Running one claimed job: handler, effects and end in one transaction, and the answer to everything that can go wrong."""

import logging
import random
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kit.db import ScopedSession
from kit.errors import AdloomError, TooManyRequests, Unavailable
from kit.jobs import ledger
from kit.jobs.context import JobCancelled, JobContext, LeaseLost, Transient
from kit.jobs.job import Queue, handler_of, type_named
from kit.jobs.resources import Resources

log = logging.getLogger(__name__)

_FIRST_RETRY_S = 2.0
_LONGEST_RETRY_S = 900.0
_LOST_FENCE = "AL001"
# A model computes for minutes with its transaction open, which is otherwise taken for a leak after two.
_ALLOW_THINKING = text("SELECT set_config('idle_in_transaction_session_timeout', :timeout, true)")
_SERVER_WENT_AWAY = ("08", "57P01", "57P02", "57P03")
# A newer version may have written the job while workers are being replaced.
_UNKNOWN_RETRY_S = 30.0


_CANCELLED = {"code": "cancelled", "detail": "Cancelled as asked.", "hint": ""}
_WORKSPACE_GONE = {"code": "workspace-gone", "detail": "Its workspace was deleted.", "hint": ""}


class Sessions(Protocol):
    """How a worker gets at sessions; the tenants' package provides it."""

    def control(self) -> AbstractContextManager[ScopedSession]:
        """A session on the control plane."""

    def workspace(self, workspace_id: UUID, schema_name: str) -> AbstractContextManager[ScopedSession]:
        """A session in a workspace."""


@dataclass(frozen=True)
class Outcome:
    """What became of a run, for the log."""

    name: str
    state: str


@dataclass(frozen=True)
class _Surroundings:
    """What a run needs beside its sessions and its claim."""

    resources: Resources
    is_lost: Callable[[], bool]
    announce: Callable[[UUID], None]


def run_claimed(
    sessions: Sessions,
    held: ledger.Claim,
    *,
    resources: Resources,
    is_lost: Callable[[], bool] = lambda: False,
    announce: Callable[[UUID], None] = lambda _job_id: None,
) -> Outcome:
    """Run the handler of a claimed job to its end, whatever that is. Never raises. `announce` is told of every step.

    Running a job twice is safe: effects and end are one transaction, which the fence of a newer claim refuses.
    """
    try:
        outcome = _run_and_report(sessions, held, _Surroundings(resources, is_lost, announce))
    except SQLAlchemyError as problem:
        # Neither the job nor its failure could be written down. Its lease runs out, and the sweeper returns it.
        log.warning("Job %s (%s) could not be reported: %s", held.name, held.id, type(problem).__name__)
        return Outcome(held.name, "unreported")
    announce(held.id)
    return outcome


def _run_and_report(sessions: Sessions, held: ledger.Claim, around: _Surroundings) -> Outcome:
    if held.workspace_id is not None and held.schema_name is None:
        return _end(sessions, held, "cancelled", _WORKSPACE_GONE)
    try:
        _run(sessions, held, around)
    except (LeaseLost, ledger.ClaimLost):
        return Outcome(held.name, "lost")
    except JobCancelled:
        return _end(sessions, held, "cancelled", _CANCELLED)
    except Exception as problem:
        return _failed(sessions, held, problem)
    return Outcome(held.name, "done")


def _run(sessions: Sessions, held: ledger.Claim, around: _Surroundings) -> None:
    kind, handler = type_named(held.name), handler_of(held.name)
    if kind is None or handler is None:
        raise Transient(
            f"This worker does not know the job “{held.name}”.",
            "Run workers of the same version as the web, then retry.",
            retry_after_s=_UNKNOWN_RETRY_S,
        )
    item = msgspec.convert(held.arguments, kind.struct)
    opened = (
        sessions.control()
        if held.workspace_id is None or held.schema_name is None
        else sessions.workspace(held.workspace_id, held.schema_name)
    )
    with opened as session:
        if kind.queue is Queue.MODEL:
            session.execute(_ALLOW_THINKING, {"timeout": f"{kind.timeout_s}s"})
        context = JobContext(
            job_id=held.id,
            workspace_id=held.workspace_id,
            attempt=held.attempts + 1,
            session=session,
            resources=around.resources,
            tell=_teller(sessions, held, around.announce),
            is_lost=around.is_lost,
        )
        result = handler(context, item)
        try:
            ledger.finish(session, held, result)
        except DBAPIError as problem:
            if getattr(problem.orig, "sqlstate", None) == _LOST_FENCE:
                raise LeaseLost from problem
            raise
        session.commit()


def _teller(sessions: Sessions, held: ledger.Claim, announce: Callable[[UUID], None]) -> Callable[[float, str], bool]:
    """Progress is written in a transaction of its own, so that it is seen while the job's own is still open."""

    def tell(progress: float, message: str) -> bool:
        with sessions.control() as control:
            asked_to_stop = ledger.tell(control, held, progress=progress, message=message)
            control.commit()
        announce(held.id)
        return asked_to_stop

    return tell


def _failed(sessions: Sessions, held: ledger.Claim, problem: Exception) -> Outcome:
    document = _document(problem)
    if _lost_connection(problem) and _is_servers_fault(sessions, held):
        log.warning("Job %s (%s) lost the database under it and is run again.", held.name, held.id)
        return _retry(sessions, held, delay_s=1.0, problem=document, is_counted=False)
    if not _is_worth_another_try(problem) or held.attempts + 1 >= held.max_attempts:
        log.error("Job %s (%s) is given up: %s", held.name, held.id, document["detail"], exc_info=problem)
        return _end(sessions, held, "dead", document)
    delay_s = _delay_s(problem, held.attempts)
    log.warning("Job %s (%s) failed and is tried again in %.0f s: %s", held.name, held.id, delay_s, document["detail"])
    return _retry(sessions, held, delay_s=delay_s, problem=document)


def _retry(
    sessions: Sessions, held: ledger.Claim, *, delay_s: float, problem: dict[str, Any], is_counted: bool = True
) -> Outcome:
    with sessions.control() as control:
        ledger.retry_later(control, held, delay_s=delay_s, problem=problem, is_counted=is_counted)
        control.commit()
    return Outcome(held.name, "retry")


def _end(sessions: Sessions, held: ledger.Claim, state: str, problem: dict[str, Any]) -> Outcome:
    with sessions.control() as control:
        ledger.end(control, held, state=state, problem=problem)
        control.commit()
    return Outcome(held.name, state)


def _is_servers_fault(sessions: Sessions, held: ledger.Claim) -> bool:
    """A restarted server is nobody's failed try; a connection that one job loses again and again is."""
    with sessions.control() as control:
        return ledger.restarted_since(control, held.claimed_at)


def _lost_connection(problem: Exception) -> bool:
    if not isinstance(problem, DBAPIError):
        return False
    code = getattr(problem.orig, "sqlstate", None)
    return problem.connection_invalidated or code is None or code.startswith(_SERVER_WENT_AWAY)


def _is_worth_another_try(problem: Exception) -> bool:
    """Errors of our own taxonomy are the same tomorrow, unless they say that something was away."""
    return not isinstance(problem, AdloomError) or isinstance(problem, Transient | Unavailable | TooManyRequests)


def _delay_s(problem: Exception, attempts: int) -> float:
    asked = getattr(problem, "retry_after_s", None)
    if asked is not None:
        return float(asked)
    doubled: float = min(_FIRST_RETRY_S * 2**attempts, _LONGEST_RETRY_S)
    return doubled * random.uniform(0.8, 1.2)  # noqa: S311 spreads retries, hides nothing


def _document(problem: Exception) -> dict[str, Any]:
    if isinstance(problem, AdloomError):
        return {"code": problem.code, "detail": problem.detail, "hint": problem.hint}
    # The class alone: messages of unexpected errors may carry data that does not belong in a page.
    return {
        "code": "unexpected",
        "detail": f"An unexpected error stopped it ({type(problem).__name__}).",
        "hint": "Retry it; if it fails again, the log of the worker has the details.",
    }
