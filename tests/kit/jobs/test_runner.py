"""What becomes of a run: its effects count exactly if the job ends with it, and failures are answered by kind."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import text

from app.cli.processes import PlaneSessions
from kit.clock import utc_now
from kit.jobs import ledger
from kit.jobs.models import JobRow
from kit.jobs.runner import run_claimed
from tenants.isolation.planes import Planes, Tenant
from tests.kit.jobs.conftest import NO_RESOURCES
from tests.kit.jobs.sample_jobs import RELEASE, Fail, Housekeep, Note, Unhandled, Wait

Put = Callable[..., UUID]
RowOf = Callable[[UUID], JobRow]
LinesOf = Callable[[Tenant, UUID], list[str]]


@pytest.fixture
def run(planes: Planes, sessions: PlaneSessions) -> Callable[[UUID], str]:
    """Releases, claims and runs one job; answers what became of the run."""

    def once(job_id: UUID) -> str:
        with planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET run_at = now() WHERE state = 'waiting'"))
            ledger.promote(control)
            ledger.release(control, queue="io", room=10)
            claim = ledger.claim(control, job_id)
        assert claim is not None
        return run_claimed(sessions, claim, resources=NO_RESOURCES).state

    return once


def test_effects_and_end_are_one(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Note(line="x"), tenant)
    assert run(job_id) == "done"
    row = row_of(job_id)
    assert (row.state, row.progress, row.result) == ("done", 1.0, {"line": "x"})
    assert lines_of(tenant, job_id) == ["x"]


def test_a_run_whose_claim_was_taken_over_leaves_nothing_behind(
    planes: Planes, sessions: PlaneSessions, put: Put, row_of: RowOf, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Note(line="x"), tenant)
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=10)
        claim = ledger.claim(control, job_id)
        assert claim is not None
        control.execute(text("UPDATE control.jobs SET fence = fence + 1"))
    assert run_claimed(sessions, claim, resources=NO_RESOURCES).state == "lost"
    assert (row_of(job_id).state, lines_of(tenant, job_id)) == ("running", [])


def test_a_systems_job_runs_as_the_control_plane(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, planes: Planes
) -> None:
    job_id = put(Housekeep())
    assert run(job_id) == "done"
    assert row_of(job_id).result == {"role": planes.roles.control}


def test_a_refusal_ends_the_job_at_once_and_says_why(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Fail(how="refused"), tenant)
    assert run(job_id) == "dead"
    row = row_of(job_id)
    assert row.problem == {"code": "invalid-input", "detail": "Row 7 has no date.", "hint": "Fill it in."}
    assert (row.attempts, lines_of(tenant, job_id)) == (1, [])


def test_a_busy_outside_is_asked_again_when_it_said_so(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, tenant: Tenant
) -> None:
    job_id = put(Fail(how="busy"), tenant)
    before = utc_now()
    assert run(job_id) == "retry"
    row = row_of(job_id)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.run_at >= before + timedelta(seconds=119)


def test_an_unexpected_error_is_tried_again_ever_later_and_then_given_up(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Fail(how="defect"), tenant)
    delays = []
    for _ in range(2):
        assert run(job_id) == "retry"
        delays.append(row_of(job_id).run_at - utc_now())
    assert delays[0] < delays[1]
    assert run(job_id) == "dead"
    row = row_of(job_id)
    assert row.attempts == 3
    assert row.problem is not None
    assert "ZeroDivisionError" in row.problem["detail"]
    assert "secret" not in str(row.problem)
    assert lines_of(tenant, job_id) == []


def test_a_job_of_a_newer_version_waits_for_a_worker_that_knows_it(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, tenant: Tenant
) -> None:
    job_id = put(Unhandled(of=tenant.workspace_id), tenant)
    assert run(job_id) == "retry"
    assert row_of(job_id).state == "waiting"


def test_a_deleted_workspaces_job_is_not_run_as_anybody_else(
    run: Callable[[UUID], str], put: Put, row_of: RowOf, planes: Planes, make_workspace: Callable[[], Tenant]
) -> None:
    gone = make_workspace()
    job_id = put(Note(line="x"), gone)
    with planes.begin_control() as control:
        control.execute(text("DELETE FROM control.workspaces WHERE id = :id"), {"id": gone.workspace_id})
    assert run(job_id) == "cancelled"
    assert row_of(job_id).message == "Its workspace was deleted."


def test_a_cancelled_run_takes_its_effects_back(
    planes: Planes, sessions: PlaneSessions, put: Put, row_of: RowOf, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Wait(), tenant)
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=10)
        claim = ledger.claim(control, job_id)
        control.execute(text("UPDATE control.jobs SET cancel_requested_at = now()"))
    assert claim is not None
    RELEASE.set()
    assert run_claimed(sessions, claim, resources=NO_RESOURCES).state == "cancelled"
    row = row_of(job_id)
    assert (row.state, row.message, lines_of(tenant, job_id)) == ("cancelled", "Cancelled as asked.", [])


def test_a_lost_lease_is_heard_at_the_next_step(
    planes: Planes, sessions: PlaneSessions, put: Put, lines_of: LinesOf, tenant: Tenant
) -> None:
    job_id = put(Wait(), tenant)
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=10)
        claim = ledger.claim(control, job_id)
    assert claim is not None
    outcome = run_claimed(sessions, claim, resources=NO_RESOURCES, is_lost=lambda: True)
    assert (outcome.state, lines_of(tenant, job_id)) == ("lost", [])


@pytest.mark.parametrize(("was_restarted", "attempts"), [(False, 1), (True, 0)])
def test_a_lost_connection_is_a_failed_try_unless_the_server_was_restarted(
    run: Callable[[UUID], str],
    put: Put,
    row_of: RowOf,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
    was_restarted: bool,
    attempts: int,
) -> None:
    monkeypatch.setattr(ledger, "restarted_since", lambda *_: was_restarted)
    job_id = put(Fail(how="disconnected"), tenant)
    assert run(job_id) == "retry"
    assert row_of(job_id).attempts == attempts
