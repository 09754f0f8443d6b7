"""Threads that claim at the same moment share a transaction, and still only one gets a job."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from app.cli.processes import PlaneSessions
from kit.db import ScopedSession
from kit.jobs import ledger
from kit.jobs.claims import SharedClaims
from tenants.isolation.planes import Planes
from tests.kit.jobs.sample_jobs import Housekeep


class HeldUp(PlaneSessions):
    """Sessions of which the first opens only when the test says so; counts them."""

    def __init__(self, planes: Planes) -> None:
        super().__init__(planes)
        self.opened = 0
        self.may_open = threading.Event()
        self.is_broken = False

    @contextmanager
    def control(self) -> Iterator[ScopedSession]:
        self.opened += 1
        assert self.may_open.wait(20)
        if self.is_broken:
            raise OperationalError("claim", {}, Exception("the server is away"))
        with super().control() as session:
            yield session


def _claim_at_once(sessions: HeldUp, job_ids: list[UUID]) -> list[ledger.Claim | None]:
    """One thread is held up in its transaction while the others come along."""
    claims = SharedClaims(sessions)
    with ThreadPoolExecutor(len(job_ids)) as pool:
        asked = [pool.submit(claims.claim, job_id) for job_id in job_ids]
        while len(claims._asks) < len(job_ids) - 1:
            threading.Event().wait(0.001)
        sessions.may_open.set()
        return [future.result() for future in asked]


def test_eight_claims_at_once_take_two_transactions(planes: Planes, put: Callable[..., UUID]) -> None:
    job_ids = [put(Housekeep()) for _ in range(8)]
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=8)
    sessions = HeldUp(planes)
    found = _claim_at_once(sessions, job_ids)
    assert [claim.id if claim else None for claim in found] == job_ids
    assert sessions.opened == 2


def test_of_many_messages_for_one_job_in_one_transaction_one_gets_it(planes: Planes, put: Callable[..., UUID]) -> None:
    first, wanted = put(Housekeep()), put(Housekeep())
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=2)
    found = _claim_at_once(HeldUp(planes), [first, *[wanted] * 5])
    assert sorted(claim.id for claim in found if claim is not None) == sorted([first, wanted])


def test_a_database_that_is_away_is_told_to_everybody_who_asked(planes: Planes, put: Callable[..., UUID]) -> None:
    sessions = HeldUp(planes)
    sessions.is_broken = True
    with pytest.raises(OperationalError):
        _claim_at_once(sessions, [put(Housekeep()) for _ in range(4)])
