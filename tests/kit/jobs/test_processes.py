"""Dispatcher and worker together, on a real conveyor: everything is done once, whatever is lost on the way."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from uuid import UUID

import pytest
import redis
from sqlalchemy import func, select, text

from app.cli.processes import PlaneSessions
from kit.jobs import ledger, service
from kit.jobs.dispatcher import Dispatcher
from kit.jobs.models import JobRow
from kit.jobs.slots import has_forgotten, living_slots
from kit.jobs.worker import Worker
from tenants.isolation.planes import Planes, Tenant
from tests.kit.jobs.conftest import NO_RESOURCES
from tests.kit.jobs.sample_jobs import RELEASE, STARTED, Housekeep, Note, Wait

Put = Callable[..., UUID]
RowOf = Callable[[UUID], JobRow]


@pytest.fixture
def dispatching(planes: Planes, sessions: PlaneSessions, redis_url: str) -> Iterator[Dispatcher]:
    """A dispatcher at work in a thread."""
    with _dispatcher(planes, sessions, redis_url) as dispatcher:
        yield dispatcher


@contextmanager
def _dispatcher(planes: Planes, sessions: PlaneSessions, redis_url: str) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(sessions, engine=planes.database.engine, redis_url=redis_url)
    thread = threading.Thread(target=dispatcher.run)
    thread.start()
    try:
        yield dispatcher
    finally:
        dispatcher.stop()
        thread.join()


@contextmanager
def _worker(sessions: PlaneSessions, redis_url: str, *, threads: int = 2) -> Iterator[Worker]:
    worker = Worker(sessions, resources=NO_RESOURCES, redis_url=redis_url, queues=["io"], threads=threads)
    worker.start()
    try:
        yield worker
    finally:
        RELEASE.set()
        worker.stop()


def _until(condition: Callable[[], bool], *, timeout_s: float = 30) -> None:
    """Look until it is so; other processes' work has no event to wait for."""
    pause, deadline_s = threading.Event(), monotonic() + timeout_s
    while not condition():
        assert monotonic() < deadline_s, "it did not come to that in time"
        pause.wait(0.02)


def _all_done(planes: Planes) -> Callable[[], bool]:
    def look() -> bool:
        with planes.control() as control:
            return (
                control.execute(select(func.count()).select_from(JobRow).where(JobRow.state != "done")).scalar_one()
                == 0
            )

    return look


def _lines(planes: Planes, tenant: Tenant) -> list[str]:
    with planes.tenant(tenant) as session:
        return sorted(row[0] for row in session.execute(text("SELECT line FROM effects")))


@pytest.fixture
def fresh(make_workspace: Callable[[], Tenant]) -> Tenant:
    """A workspace without any lines."""
    return make_workspace()


def test_every_job_is_done_exactly_once(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, fresh: Tenant, dispatching: Dispatcher
) -> None:
    expected = sorted(f"{number:02}" for number in range(40))
    for line in expected:
        put(Note(line=line), fresh)
    put(Housekeep())
    with _worker(sessions, redis_url, threads=4):
        _until(_all_done(planes))
    assert _lines(planes, fresh) == expected


def test_a_flushed_redis_loses_nothing(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, fresh: Tenant, dispatching: Dispatcher
) -> None:
    with redis.Redis.from_url(redis_url) as client, planes.begin_control() as control:
        control.execute(
            text("INSERT INTO control.job_limits (workspace_id, max_running) VALUES (:id, 50)"),
            {"id": fresh.workspace_id},
        )
        client.hset("adloom-jobs-slots:io", "a-worker-that-never-takes", f"10 {client.time()[0] + 3600}")
    expected = sorted(f"{number:02}" for number in range(12))
    for line in expected:
        put(Note(line=line), fresh)
    with planes.control() as control:
        _until(lambda: ledger.waiting_in_conveyor(control, queue="io") == 12)
    with redis.Redis.from_url(redis_url) as client:
        client.flushdb()
    with _worker(sessions, redis_url):
        _until(_all_done(planes))
    assert _lines(planes, fresh) == expected


def test_a_message_that_comes_five_times_counts_once(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, fresh: Tenant
) -> None:
    from kit.broker import open_broker, send

    job_id = put(Note(line="once"), fresh)
    with planes.begin_control() as control:
        ledger.release(control, queue="io", room=1)
    broker = open_broker(redis_url)
    for _ in range(5):
        send(broker, queue="io", job_id=str(job_id))
    with _worker(sessions, redis_url, threads=4):
        _until(lambda: broker.do_qsize("io") == 0 and _all_done(planes)())
    broker.close()
    assert _lines(planes, fresh) == ["once"]


def test_a_second_dispatcher_waits_and_takes_over(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, fresh: Tenant
) -> None:
    with _dispatcher(planes, sessions, redis_url), _worker(sessions, redis_url):
        with _dispatcher(planes, sessions, redis_url):
            put(Note(line="a"), fresh)
            _until(_all_done(planes))
        put(Note(line="b"), fresh)
        _until(_all_done(planes))
    assert _lines(planes, fresh) == ["a", "b"]


def test_a_stopping_worker_finishes_what_it_has_begun_and_takes_no_more(
    planes: Planes,
    sessions: PlaneSessions,
    redis_url: str,
    put: Put,
    row_of: RowOf,
    fresh: Tenant,
    dispatching: Dispatcher,
) -> None:
    begun = put(Wait(), fresh)
    with redis.Redis.from_url(redis_url) as client:
        with _worker(sessions, redis_url, threads=1):
            assert STARTED.wait(20)
            left = put(Note(line="later"), fresh)
        assert living_slots(client, "io") == 0
    assert row_of(begun).state == "done"
    assert row_of(left).state in {"ready", "sent"}
    assert _lines(planes, fresh) == ["waited"]


def test_a_worker_that_may_not_wait_gives_its_job_back(
    planes: Planes,
    sessions: PlaneSessions,
    redis_url: str,
    put: Put,
    row_of: RowOf,
    fresh: Tenant,
    dispatching: Dispatcher,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kit.jobs.worker._GRACE_MS", 50)
    job_id = put(Wait(), fresh)
    worker = Worker(sessions, resources=NO_RESOURCES, redis_url=redis_url, queues=["io"], threads=1)
    worker.start()
    assert STARTED.wait(20)
    worker.stop()
    row = row_of(job_id)
    assert row.state in {"ready", "sent"}  # the dispatcher may have offered it anew at once
    assert (row.attempts, row.deaths, row.fence) == (0, 0, 1)
    RELEASE.set()
    _until(lambda: not worker.is_busy)
    assert _lines(planes, fresh) == []


def test_a_running_job_is_cancelled_at_its_next_step(
    planes: Planes,
    sessions: PlaneSessions,
    redis_url: str,
    put: Put,
    row_of: RowOf,
    fresh: Tenant,
    dispatching: Dispatcher,
) -> None:
    job_id = put(Wait(), fresh)
    with _worker(sessions, redis_url):
        assert STARTED.wait(20)
        with planes.begin_control() as control:
            service.cancel(control, job_id, workspace_id=fresh.workspace_id)
        RELEASE.set()
        _until(lambda: row_of(job_id).state == "cancelled")
    assert _lines(planes, fresh) == []


def test_a_job_that_takes_longer_than_it_may_loses_its_lease(
    planes: Planes,
    sessions: PlaneSessions,
    redis_url: str,
    put: Put,
    row_of: RowOf,
    fresh: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kit.jobs.worker._BEAT_S", 0.05)
    monkeypatch.setattr("kit.jobs.worker._time_limit_s", lambda _claim: 0.1)
    with _dispatcher(planes, sessions, redis_url), _worker(sessions, redis_url):
        job_id = put(Wait(), fresh)
        assert STARTED.wait(20)
        with planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET lease_s = 1"))
        _until(lambda: row_of(job_id).deaths == 1)
    _until(lambda: row_of(job_id).state in {"waiting", "ready", "sent"})


def test_workers_start_and_stop_many_times_without_losing_anything(
    planes: Planes, sessions: PlaneSessions, redis_url: str, put: Put, fresh: Tenant, dispatching: Dispatcher
) -> None:
    expected = sorted(f"{number:03}" for number in range(100))
    for line in expected:
        put(Note(line=line), fresh)
    for threads in (1, 2, 4, 1, 3):
        with _worker(sessions, redis_url, threads=threads):
            pass
    with _worker(sessions, redis_url, threads=4):
        _until(_all_done(planes))
    assert _lines(planes, fresh) == expected


def test_slots_of_silent_workers_are_forgotten_and_an_emptied_redis_is_noticed_once(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        now_s = client.time()[0]
        client.hset("adloom-jobs-slots:io", mapping={"alive": f"8 {now_s + 60}", "silent": f"8 {now_s - 60}"})
        assert living_slots(client, "io") == 8
        assert client.hkeys("adloom-jobs-slots:io") == [b"alive"]
        assert [has_forgotten(client), has_forgotten(client)] == [True, False]
