"""Claims of one process that come at the same moment share a transaction: a busy worker's threads pay for a fraction of one."""

import threading
from concurrent.futures import Future
from uuid import UUID

from kit.jobs import ledger
from kit.jobs.runner import Sessions

_Ask = tuple[UUID, "Future[ledger.Claim | None]"]


class SharedClaims:
    """Whichever thread has its turn claims for all that wait for theirs."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        self._asks: list[_Ask] = []
        self._guard = threading.Lock()
        self._turn = threading.Lock()

    def claim(self, job_id: UUID) -> ledger.Claim | None:
        """Take a sent job, or None; raises what the database raised, to everybody who asked along."""
        answer: Future[ledger.Claim | None] = Future()
        with self._guard:
            self._asks.append((job_id, answer))
        with self._turn:
            if not answer.done():
                self._answer_all()
        return answer.result()

    def _answer_all(self) -> None:
        with self._guard:
            asks, self._asks = self._asks, []
        try:
            with self._sessions.control() as control:
                claims = ledger.claim_all(control, [job_id for job_id, _ in asks])
                control.commit()
        except Exception as problem:
            for _, answer in asks:
                answer.set_exception(problem)
        else:
            for job_id, answer in asks:
                # Popped, so that of two messages for one job only the first gets it.
                answer.set_result(claims.pop(job_id, None))
