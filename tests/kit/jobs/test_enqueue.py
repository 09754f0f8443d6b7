"""A job exists exactly if the transaction that wanted it commits, and belongs to the workspace that asked."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import psycopg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from kit.clock import utc_now
from kit.jobs import Job, Queue, enqueue, job
from kit.jobs.models import JobRow
from tenants.isolation.planes import Planes, Tenant
from tests.kit.jobs.sample_jobs import Housekeep, Note


def _count(planes: Planes) -> int:
    with planes.control() as control:
        return control.execute(select(func.count()).select_from(JobRow)).scalar_one()


def test_a_committed_job_waits_in_the_ledger_for_its_workspace(
    put: Callable[..., UUID], row_of: Callable[[UUID], JobRow], tenant: Tenant
) -> None:
    row = row_of(put(Note(line="x"), tenant, title="Writing x"))
    assert (row.state, row.workspace_id, row.name) == ("ready", tenant.workspace_id, "tests.note")
    assert (row.arguments, row.title, row.queue) == ({"line": "x"}, "Writing x", "io")


def test_a_rolled_back_transaction_leaves_no_job(planes: Planes, tenant: Tenant) -> None:
    with planes.tenant(tenant) as session:
        enqueue(session, Note(line="x"))
        session.rollback()
    assert _count(planes) == 0


def test_a_rolled_back_savepoint_takes_only_its_own_job_along(planes: Planes, tenant: Tenant) -> None:
    with planes.begin_tenant(tenant) as session:
        kept = enqueue(session, Note(line="kept"))
        with session.begin_nested() as savepoint:
            enqueue(session, Note(line="dropped"))
            savepoint.rollback()
    with planes.control() as control:
        assert control.scalars(select(JobRow.id)).all() == [kept]


def test_a_tenant_can_neither_write_nor_read_the_ledger_itself(planes: Planes, tenant: Tenant) -> None:
    for statement in ("SELECT id FROM control.jobs", "INSERT INTO control.jobs (id) VALUES (gen_random_uuid())"):
        with planes.tenant(tenant) as session, pytest.raises(DBAPIError, match="permission denied"):
            session.execute(text(statement))


def test_a_forged_tenant_setting_changes_nothing(
    planes: Planes, tenant: Tenant, other_tenant: Tenant, row_of: Callable[[UUID], JobRow]
) -> None:
    with planes.begin_tenant(tenant) as session:
        forged = {"workspace": str(other_tenant.workspace_id), "schema": other_tenant.schema_name}
        session.execute(text("SELECT set_config('app.tenant', :workspace, true)"), forged)
        session.execute(text("SELECT set_config('search_path', :schema, true)"), forged)
        job_id = enqueue(session, Note(line="x"))
    assert row_of(job_id).workspace_id == tenant.workspace_id


def test_who_is_no_tenant_cannot_use_the_tenants_door(planes: Planes) -> None:
    call = "SELECT control.enqueue_job(gen_random_uuid(), 'x', '{}', 'io', 1, NULL, 1, 30, NULL, 'x')"
    with planes.control() as session, pytest.raises(DBAPIError) as refused:
        session.execute(text(call))
    assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)


def test_a_tenant_cannot_end_another_ones_job(
    planes: Planes, put: Callable[..., UUID], tenant: Tenant, other_tenant: Tenant
) -> None:
    job_id = put(Note(line="x"), tenant)
    with planes.begin_control() as control:
        control.execute(text("UPDATE control.jobs SET state = 'running', fence = 1 WHERE id = :id"), {"id": job_id})
    with planes.tenant(other_tenant) as session, pytest.raises(DBAPIError, match="no longer claimed"):
        session.execute(text("SELECT control.finish_job(:id, 1, NULL)"), {"id": job_id})


def test_the_same_key_is_enqueued_once_while_its_job_is_active(
    put: Callable[..., UUID], tenant: Tenant, planes: Planes
) -> None:
    first = put(Note(line="a"), tenant, dedupe_key="k")
    assert put(Note(line="b"), tenant, dedupe_key="k") == first
    with planes.begin_control() as control:
        control.execute(text("UPDATE control.jobs SET state = 'done'"))
    assert put(Note(line="c"), tenant, dedupe_key="k") != first


def test_a_key_belongs_to_one_workspace(put: Callable[..., UUID], tenant: Tenant, other_tenant: Tenant) -> None:
    ids = {put(Note(line="a"), tenant, dedupe_key="k"), put(Note(line="a"), other_tenant, dedupe_key="k")}
    ids |= {put(Housekeep(), dedupe_key="k"), put(Housekeep(), dedupe_key="k")}
    assert len(ids) == 3


def test_the_control_plane_enqueues_on_behalf_of_a_workspace(
    put: Callable[..., UUID], tenant: Tenant, row_of: Callable[[UUID], JobRow]
) -> None:
    assert row_of(put(Note(line="x"), workspace_id=tenant.workspace_id)).workspace_id == tenant.workspace_id
    assert row_of(put(Housekeep())).workspace_id is None


@pytest.mark.parametrize("by_tenant", [True, False])
def test_a_job_for_later_waits_for_its_moment(
    put: Callable[..., UUID], tenant: Tenant, row_of: Callable[[UUID], JobRow], by_tenant: bool
) -> None:
    later = utc_now() + timedelta(hours=1)
    row = row_of(put(Note(line="x"), tenant if by_tenant else None, run_at=later))
    assert (row.state, row.run_at) == ("waiting", later)


def test_a_job_carries_ids_and_no_data(planes: Planes, tenant: Tenant) -> None:
    with planes.tenant(tenant) as session, pytest.raises(ValueError, match="ids, not data"):
        enqueue(session, Note(line="x" * 9000))


def test_two_jobs_cannot_share_a_name() -> None:
    with pytest.raises(ValueError, match=r"tests\.note"):

        @job("tests.note", queue=Queue.IO, title="Again")
        class Again(Job, frozen=True, kw_only=True):
            pass
