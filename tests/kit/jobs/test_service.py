"""What a person may do to their workspace's jobs, and to nobody else's."""

from collections.abc import Callable
from uuid import UUID

import pytest
from sqlalchemy import text

from kit.db import ScopedSession
from kit.errors import Conflict, NotFound
from kit.jobs import service
from kit.jobs.models import STATES, JobRow
from kit.jobs.queries import count_by_state, job_of, list_jobs
from tenants.isolation.planes import Tenant
from tests.kit.jobs.sample_jobs import Note

Put = Callable[..., UUID]


def _set(control: ScopedSession, job_id: UUID, state: str) -> None:
    control.execute(text("UPDATE control.jobs SET state = :state WHERE id = :id"), {"state": state, "id": job_id})


@pytest.mark.parametrize("act", [job_of, service.cancel, service.retry, service.discard])
def test_somebody_elses_job_is_not_found(
    control: ScopedSession, put: Put, tenant: Tenant, other_tenant: Tenant, act: Callable[..., JobRow]
) -> None:
    job_id = put(Note(line="x"), tenant)
    with pytest.raises(NotFound):
        act(control, job_id, workspace_id=other_tenant.workspace_id)


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("waiting", "cancelled"),
        ("ready", "cancelled"),
        ("sent", "cancelled"),
        ("running", "running"),
        ("cancelled", "cancelled"),
    ],
)
def test_cancelling_ends_what_waits_and_asks_what_runs(
    control: ScopedSession, put: Put, tenant: Tenant, state: str, after: str
) -> None:
    job_id = put(Note(line="x"), tenant)
    _set(control, job_id, state)
    for _ in range(2):
        row = service.cancel(control, job_id, workspace_id=tenant.workspace_id)
        control.flush()
        assert row.state == after
    assert (row.cancel_requested_at is not None) == (state == "running")


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        (service.cancel, {"waiting", "ready", "sent", "running", "cancelled"}),
        (service.retry, {"dead", "cancelled"}),
        (service.discard, {"dead", "cancelled"}),
    ],
)
def test_each_act_is_possible_in_its_states_and_explained_in_others(
    control: ScopedSession, put: Put, tenant: Tenant, act: Callable[..., JobRow], allowed: set[str]
) -> None:
    for state in set(STATES) - allowed:
        job_id = put(Note(line="x"), tenant)
        _set(control, job_id, state)
        with pytest.raises(Conflict) as refused:
            act(control, job_id, workspace_id=tenant.workspace_id)
        assert refused.value.hint
    for state in allowed:
        job_id = put(Note(line="x"), tenant)
        _set(control, job_id, state)
        act(control, job_id, workspace_id=tenant.workspace_id)


def test_a_retried_job_starts_over(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    job_id = put(Note(line="x"), tenant)
    control.execute(
        text("UPDATE control.jobs SET state = 'dead', attempts = 3, deaths = 3, problem = '{}', progress = 0.7")
    )
    row = service.retry(control, job_id, workspace_id=tenant.workspace_id)
    assert (row.state, row.attempts, row.deaths, row.problem, row.progress) == ("ready", 0, 0, None, 0.0)


def test_a_job_whose_work_a_newer_one_does_is_not_retried(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    old = put(Note(line="x"), tenant, dedupe_key="k")
    _set(control, old, "dead")
    control.commit()
    put(Note(line="x"), tenant, dedupe_key="k")
    with pytest.raises(Conflict, match="newer job"):
        service.retry(control, old, workspace_id=tenant.workspace_id)
    assert service.retry_all_dead(control, workspace_id=tenant.workspace_id) == 0


def test_all_dead_jobs_are_retried_but_nobody_elses(
    control: ScopedSession, put: Put, tenant: Tenant, other_tenant: Tenant
) -> None:
    for owner in (tenant, tenant, other_tenant):
        _set(control, put(Note(line="x"), owner), "dead")
    assert service.retry_all_dead(control, workspace_id=tenant.workspace_id) == 2
    assert count_by_state(control, workspace_id=tenant.workspace_id) == {"ready": 2}
    assert count_by_state(control, workspace_id=other_tenant.workspace_id) == {"dead": 1}


def test_jobs_are_listed_newest_first_page_by_page(
    control: ScopedSession, put: Put, tenant: Tenant, other_tenant: Tenant
) -> None:
    ids = [put(Note(line=str(number)), tenant) for number in range(5)]
    put(Note(line="x"), other_tenant)
    first = list_jobs(control, workspace_id=tenant.workspace_id, limit=3)
    second = list_jobs(control, workspace_id=tenant.workspace_id, limit=3, before=first[-1])
    assert [row.id for row in (*first, *second)] == ids[::-1]
    assert list_jobs(control, workspace_id=tenant.workspace_id, state="dead") == []
    assert len(list_jobs(control, workspace_id=tenant.workspace_id, name="tests.note")) == 5


def test_only_old_and_settled_jobs_are_forgotten(control: ScopedSession, put: Put, tenant: Tenant) -> None:
    for state in ("done", "dead", "running"):
        _set(control, put(Note(line="x"), tenant), state)
    recent = put(Note(line="x"), tenant)
    control.execute(
        text("UPDATE control.jobs SET finished_at = now() - interval '31 days' WHERE id <> :id"), {"id": recent}
    )
    _set(control, recent, "done")
    assert service.purge_finished(control) == 1
    assert count_by_state(control, workspace_id=tenant.workspace_id) == {"dead": 1, "running": 1, "done": 1}
