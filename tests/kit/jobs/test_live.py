"""A page that follows a job sees each change and the end, with Redis and without it."""

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest
import redis
from sqlalchemy import text

from app.cli.processes import PlaneSessions
from kit.errors import NotFound
from kit.jobs import ledger
from kit.jobs.live import Announcer, JobEvent, watch_job
from kit.jobs.models import JobRow
from kit.jobs.queries import job_of
from kit.jobs.runner import run_claimed
from tenants.isolation.planes import Planes, Tenant
from tests.kit.jobs.conftest import NO_RESOURCES
from tests.kit.jobs.sample_jobs import RELEASE, Note, Wait

Put = Callable[..., UUID]
_NO_REDIS = "redis://127.0.0.1:1/0"


@pytest.fixture
def read(planes: Planes, tenant: Tenant) -> Callable[[UUID], JobRow]:
    """Reads a job as the page's own workspace may."""

    def read_one(job_id: UUID) -> JobRow:
        with planes.control() as control:
            return job_of(control, job_id, workspace_id=tenant.workspace_id)

    return read_one


async def _follow(
    redis_url: str, job_id: UUID, read: Callable[[UUID], JobRow], *, after_first: Callable[[], object]
) -> list[JobEvent]:
    events: list[JobEvent] = []
    work: asyncio.Future[object] | None = None
    async with asyncio.timeout(30):
        async for event in watch_job(redis_url=redis_url, job_id=job_id, read=lambda: read(job_id)):
            events.append(event)
            if work is None:
                work = asyncio.ensure_future(asyncio.to_thread(after_first))
        if work is not None:
            await work
    return events


def _run(planes: Planes, sessions: PlaneSessions, job_id: UUID, announcer: Announcer) -> None:
    RELEASE.set()
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=10)
        claim = ledger.claim(control, job_id)
    assert claim is not None
    run_claimed(sessions, claim, resources=NO_RESOURCES, announce=announcer.announce)


def test_a_watcher_sees_the_job_wait_and_end(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, tenant: Tenant, read: Callable[[UUID], JobRow]
) -> None:
    job_id = put(Note(line="x"), tenant)
    with redis.Redis.from_url(redis_url) as client:
        run = lambda: _run(planes, sessions, job_id, Announcer(client))  # noqa: E731 a name for the one act
        events = asyncio.run(_follow(redis_url, job_id, read, after_first=run))
    assert [events[0].state, events[-1].state] == ["ready", "done"]
    assert (events[-1].progress, events[-1].result, events[-1].is_over) == (1.0, {"line": "x"}, True)


def test_without_redis_a_watcher_sees_the_end_all_the_same(
    planes: Planes, sessions: PlaneSessions, put: Put, tenant: Tenant, read: Callable[[UUID], JobRow]
) -> None:
    job_id = put(Wait(), tenant)
    with redis.Redis.from_url(_NO_REDIS) as client:
        run = lambda: _run(planes, sessions, job_id, Announcer(client))  # noqa: E731 a name for the one act
        events = asyncio.run(_follow(_NO_REDIS, job_id, read, after_first=run))
    assert events[-1].state == "done"


def test_a_job_that_is_over_is_told_at_once(
    planes: Planes, redis_url: str, put: Put, tenant: Tenant, read: Callable[[UUID], JobRow]
) -> None:
    job_id = put(Note(line="x"), tenant)
    with planes.begin_control() as control:
        control.execute(text("UPDATE control.jobs SET state = 'cancelled', message = 'Cancelled.'"))
    events = asyncio.run(_follow(redis_url, job_id, read, after_first=lambda: None))
    assert [(event.state, event.message) for event in events] == [("cancelled", "Cancelled.")]


def test_somebody_elses_job_cannot_be_followed(
    redis_url: str, put: Put, other_tenant: Tenant, read: Callable[[UUID], JobRow]
) -> None:
    job_id = put(Note(line="x"), other_tenant)
    with pytest.raises(NotFound):
        asyncio.run(_follow(redis_url, job_id, read, after_first=lambda: None))


def test_steps_are_told_at_once_and_counting_is_slowed_down() -> None:
    from kit.jobs.context import JobContext

    told: list[str] = []

    def tell(_share: float, sentence: str) -> bool:
        told.append(sentence)
        return False

    context = JobContext(
        job_id=UUID(int=1),
        workspace_id=None,
        attempt=1,
        session=None,  # type: ignore[arg-type]  # progress needs no session
        resources=NO_RESOURCES,
        tell=tell,
    )
    for number in range(500):
        context.progress(number / 1000, f"Reading row {number:,}")
    context.progress(0.5, "Fitting 6 channels")
    assert told[0] == "Reading row 0"
    assert told[-1] == "Fitting 6 channels"
    assert len(told) < 20
