"""Two workspaces, an empty ledger, and a conveyor of this process's own."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
import redis
from sqlalchemy import text

from app.cli.processes import PlaneSessions
from kit.ids import new_id
from kit.jobs import Job, enqueue
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.settings import Settings
from tenants.isolation.planes import Planes, Tenant
from tenants.isolation.provision import claim_spare
from tenants.isolation.setup import owner_engine
from tests.kit.jobs import sample_jobs

NO_RESOURCES = cast("Resources", SimpleNamespace())


def _make_workspace(settings: Settings, planes: Planes, make_spare: Callable[[], str]) -> Tenant:
    make_spare()
    with planes.begin_control() as control:
        tenant = Tenant(new_id(), claim_spare(control))
        organisation = {"id": new_id(), "workspace": tenant.workspace_id, "schema": tenant.schema_name}
        control.execute(text("INSERT INTO control.organisations (id, name) VALUES (:id, 'Test')"), organisation)
        control.execute(
            text(
                "INSERT INTO control.workspaces (id, organisation_id, name, schema_name)"
                " VALUES (:workspace, :id, 'Test', :schema)"
            ),
            organisation,
        )
    with owner_engine(settings).begin() as owner:
        owner.exec_driver_sql(f'CREATE TABLE "{tenant.schema_name}".effects (job_id uuid, line text)')
    return tenant


@pytest.fixture(scope="session")
def make_workspace(settings: Settings, planes: Planes, make_any_spare: Callable[[], str]) -> Callable[[], Tenant]:
    """Makes a workspace whose schema has a table to write lines into."""
    return lambda: _make_workspace(settings, planes, make_any_spare)


@pytest.fixture(scope="session")
def make_any_spare(settings: Settings, planes: Planes) -> Callable[[], str]:
    """Builds spare schemas for the whole session."""
    from tenants.isolation.provision import build_spare

    return lambda: build_spare(owner_engine(settings), planes.roles)


@pytest.fixture(scope="session")
def tenant(make_workspace: Callable[[], Tenant]) -> Tenant:
    """A workspace."""
    return make_workspace()


@pytest.fixture(scope="session")
def other_tenant(make_workspace: Callable[[], Tenant]) -> Tenant:
    """Another workspace."""
    return make_workspace()


@pytest.fixture
def sessions(planes: Planes) -> PlaneSessions:
    """As a worker process opens them."""
    return PlaneSessions(planes)


@pytest.fixture(autouse=True)
def _empty_ledger(planes: Planes) -> None:
    with planes.begin_control() as control:
        for table in ("jobs", "job_limits", "schedules"):
            control.execute(text(f"DELETE FROM control.{table}"))
    sample_jobs.STARTED.clear()
    sample_jobs.RELEASE.clear()


@pytest.fixture
def redis_url(settings: Settings, worker_id: str) -> Iterator[str]:
    """A logical database of this test process's own, emptied before and after."""
    number = 8 + int(worker_id.removeprefix("gw") or 0) % 8 if worker_id != "master" else 7
    url = settings.redis_url.get_secret_value().rstrip("/")
    url = f"{url.rsplit('/', 1)[0] if url.count('/') > 2 else url}/{number}"
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def put(planes: Planes) -> Callable[..., UUID]:
    """Enqueues a job and commits: for a workspace, or for the system."""

    def enqueue_committed(item: Job, tenant: Tenant | None = None, **options: Any) -> UUID:
        with planes.begin_tenant(tenant) if tenant else planes.begin_control() as session:
            return enqueue(session, item, **options)

    return enqueue_committed


@pytest.fixture
def row_of(planes: Planes) -> Callable[[UUID], JobRow]:
    """Reads a job as it stands."""

    def read(job_id: UUID) -> JobRow:
        with planes.control() as control:
            return control.get_one(JobRow, job_id)

    return read


@pytest.fixture
def lines_of(planes: Planes) -> Callable[[Tenant, UUID], list[str]]:
    """Reads what one job has written."""

    def read(tenant: Tenant, job_id: UUID) -> list[str]:
        with planes.tenant(tenant) as session:
            rows = session.execute(text("SELECT line FROM effects WHERE job_id = :id"), {"id": job_id})
            return [row[0] for row in rows]

    return read
