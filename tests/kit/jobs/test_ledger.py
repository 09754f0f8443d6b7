"""The moves of a job between its states: fair release, claims with a fence, leases, quarantine."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from kit.clock import utc_now
from kit.db import ScopedSession
from kit.ids import new_id
from kit.jobs import ledger
from kit.jobs.models import JobRow
from tenants.isolation.planes import Tenant
from tests.kit.jobs.sample_jobs import Housekeep, Note

Put = Callable[..., UUID]
RowOf = Callable[[UUID], JobRow]


def _release(control: ScopedSession, room: int) -> list[UUID]:
    return ledger.release(control, queue="io", room=room)


def _claimed(control: ScopedSession, job_id: UUID) -> ledger.Claim:
    _release(control, 1000)
    claim = ledger.claim(control, job_id)
    assert claim is not None
    return claim


def _let_lease_run_out(control: ScopedSession) -> None:
    """As if the worker had fallen silent long ago, but after the database was started."""
    control.execute(
        text("UPDATE control.jobs SET lease_s = 0, lease_until = now() - interval '1 ms' WHERE lease_until IS NOT NULL")
    )


def _bulk(control: ScopedSession, workspace_id: UUID | None, number: int) -> None:
    control.execute(
        text(
            "INSERT INTO control.jobs (id, workspace_id, name, arguments, queue, max_attempts, lease_s, title)"
            " SELECT gen_random_uuid(), :workspace_id, 'tests.note', '{\"line\": \"x\"}', 'io', 3, 30, 'x'"
            " FROM generate_series(1, :number)"
        ),
        {"workspace_id": workspace_id, "number": number},
    )


def _workspaces_of(control: ScopedSession, ids: list[UUID]) -> Counter[UUID | None]:
    rows = control.execute(text("SELECT workspace_id FROM control.jobs WHERE id = ANY(:ids)"), {"ids": ids})
    return Counter(row[0] for row in rows)


def _allow(control: ScopedSession, workspace_id: UUID, running: int) -> None:
    control.execute(
        text("INSERT INTO control.job_limits (workspace_id, max_running) VALUES (:id, :running)"),
        {"id": workspace_id, "running": running},
    )


def test_a_hundred_queued_jobs_of_one_do_not_delay_another(control: ScopedSession) -> None:
    crowd, single = new_id(), new_id()
    _bulk(control, crowd, 100)
    _bulk(control, single, 1)
    _allow(control, crowd, 50)
    assert _workspaces_of(control, _release(control, 4)) == {crowd: 3, single: 1}


def test_what_is_in_flight_counts_as_turns_taken(control: ScopedSession) -> None:
    crowd, late = new_id(), new_id()
    _bulk(control, crowd, 100)
    _allow(control, crowd, 50)
    _allow(control, late, 50)
    _release(control, 4)
    _bulk(control, late, 100)
    assert _workspaces_of(control, _release(control, 4)) == {late: 4}


def test_no_workspace_has_more_in_flight_than_its_limit(control: ScopedSession) -> None:
    limited, unknown = new_id(), new_id()
    _bulk(control, limited, 10)
    _bulk(control, unknown, 10)
    _allow(control, limited, 3)
    released = _workspaces_of(control, _release(control, 100))
    assert released == {limited: 3, unknown: ledger.DEFAULT_MAX_RUNNING}
    assert _release(control, 100) == []


def test_equal_turns_are_decided_by_chance_and_not_by_the_smaller_id(control: ScopedSession) -> None:
    workspaces = [new_id() for _ in range(12)]
    for workspace_id in workspaces:
        _bulk(control, workspace_id, 40)
    winners: set[UUID | None] = set()
    for _ in range(25):
        winners |= set(_workspaces_of(control, _release(control, 4)))
        control.execute(text("UPDATE control.jobs SET state = 'done' WHERE state = 'sent'"))
    assert winners == set(workspaces)


def test_the_systems_own_jobs_take_turns_too(control: ScopedSession) -> None:
    workspace_id = new_id()
    _bulk(control, None, 100)
    _bulk(control, workspace_id, 2)
    assert _workspaces_of(control, _release(control, 4)) == {None: 2, workspace_id: 2}
    assert len(_release(control, 1000)) == 98


def test_smaller_priority_goes_first_within_a_workspace(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    put(Note(line="later"), tenant)
    urgent = put(Note(line="now"), tenant, priority=10)
    assert _release(control, 1) == [urgent]


def test_a_job_for_later_is_released_when_its_moment_has_come(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    job_id = put(Note(line="x"), tenant, run_at=utc_now() + timedelta(hours=1))
    ledger.promote(control)
    assert _release(control, 10) == []
    control.execute(text("UPDATE control.jobs SET run_at = now()"))
    ledger.promote(control)
    assert _release(control, 10) == [job_id]


def test_only_one_of_two_messages_gets_the_job(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    claim = _claimed(control, put(Note(line="x"), tenant))
    assert (claim.fence, claim.schema_name) == (1, tenant.schema_name)
    assert ledger.claim(control, claim.id) is None


def test_a_message_for_a_job_that_was_not_sent_finds_nothing(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    assert ledger.claim(control, put(Note(line="x"), tenant)) is None
    assert ledger.claim(control, new_id()) is None


def test_a_lost_claim_can_neither_finish_nor_extend_nor_tell(control: ScopedSession, put: Put) -> None:
    old = _claimed(control, put(Housekeep()))
    _let_lease_run_out(control)
    ledger.sweep(control)
    control.execute(text("UPDATE control.jobs SET run_at = now()"))
    ledger.promote(control)
    new = _claimed(control, old.id)
    assert new.fence == old.fence + 1
    assert ledger.extend(control, [old, new]) == {new.id}
    with pytest.raises(ledger.ClaimLost):
        ledger.tell(control, old, progress=1, message="done")
    with pytest.raises(ledger.ClaimLost):
        ledger.finish(control, old, None)
    ledger.retry_later(control, old, delay_s=1, problem={"detail": "x"})
    ledger.end(control, old, state="dead", problem={"detail": "x"})
    ledger.finish(control, new, {"by": "new"})
    control.expire_all()
    assert control.get_one(JobRow, old.id).result == {"by": "new"}


def test_an_extended_lease_is_not_swept(control: ScopedSession, put: Put) -> None:
    claim = _claimed(control, put(Housekeep()))
    control.execute(text("UPDATE control.jobs SET lease_until = now() - interval '1 s'"))
    ledger.extend(control, [claim])
    assert ledger.sweep(control) == (0, 0)


def test_a_job_that_ends_its_worker_three_times_is_quarantined_with_a_reason(control: ScopedSession, put: Put) -> None:
    job_id = put(Housekeep())
    for death in (1, 2, 3):
        _claimed(control, job_id)
        _let_lease_run_out(control)
        assert ledger.sweep(control) == ((1, 0) if death < 3 else (0, 1))
        control.execute(text("UPDATE control.jobs SET run_at = now()"))
        ledger.promote(control)
    row = control.get_one(JobRow, job_id)
    assert (row.state, row.deaths, row.attempts) == ("dead", 3, 0)
    assert row.problem is not None
    assert row.problem["code"] == "quarantined"


def test_a_lease_that_ran_out_while_the_database_restarted_is_no_death(control: ScopedSession, put: Put) -> None:
    job_id = put(Housekeep())
    _claimed(control, job_id)
    control.execute(
        text("UPDATE control.jobs SET lease_until = pg_postmaster_start_time() + interval '10 s', lease_s = 30")
    )
    control.execute(text("UPDATE control.jobs SET lease_until = least(lease_until, now() - interval '1 ms')"))
    assert ledger.sweep(control) == (1, 0)
    row = control.get_one(JobRow, job_id)
    assert (row.state, row.deaths) == ("ready", 0)


def test_a_message_that_nobody_took_is_sent_again(control: ScopedSession, put: Put) -> None:
    job_id = put(Housekeep())
    _release(control, 1)
    _let_lease_run_out(control)
    assert ledger.sweep(control) == (1, 0)
    assert _release(control, 1) == [job_id]
    assert ledger.recall_sent(control) == 1
    assert control.get_one(JobRow, job_id).state == "ready"


def test_a_cancelled_job_whose_worker_vanished_does_not_start_again(control: ScopedSession, put: Put) -> None:
    claim = _claimed(control, put(Housekeep()))
    control.execute(text("UPDATE control.jobs SET cancel_requested_at = now()"))
    assert ledger.tell(control, claim, progress=0.5, message="half") is True
    _let_lease_run_out(control)
    ledger.sweep(control)
    assert control.get_one(JobRow, claim.id).state == "cancelled"


def test_a_job_that_is_given_back_is_as_if_never_taken(control: ScopedSession, put: Put) -> None:
    claim = _claimed(control, put(Housekeep()))
    ledger.give_back(control, claim)
    row = control.get_one(JobRow, claim.id)
    assert (row.state, row.attempts, row.deaths) == ("ready", 0, 0)
