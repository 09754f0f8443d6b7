"""Imports as the worker runs them: real jobs, files in a bucket, outages, cancelling, and a worker that dies half way."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from app.cli.processes import PlaneSessions
from app.imports import running, staging, tasks
from app.imports.models import Import
from app.imports.queries import import_by_id
from app.imports.replies import standing_of
from app.imports.service import cancel, complete, confirm, presign, receive, reopen
from kit.errors import TooLarge
from kit.jobs import ledger
from kit.jobs.job import handler_of
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.settings import Settings
from kit.storage import S3Storage, Storage, open_storage
from tenants.isolation.planes import Planes
from tenants.workspaces.principal import UserRef, WorkspaceRef
from tests.imports.desk import Desk
from tests.object_store import object_server
from tests.people import Person, make_person

CONTENT = b"date,channel,spend,revenue\n2026-03-01,FB Ads,10.5,40\n2026-03-02,Google Ads,20,80\n"


@pytest.fixture(scope="module")
def bucket() -> Iterator[Storage]:
    """A bucket on a server that speaks S3."""
    with object_server("files") as url:
        settings = Settings(
            s3_bucket="files",
            s3_endpoint_url=url,
            s3_access_key_id="test",
            s3_secret_access_key=SecretStr("test"),
            _env_file=None,
        )
        yield open_storage(settings)


@dataclass(frozen=True)
class Place:
    """A workspace, its storage, and a worker for it."""

    planes: Planes
    person: Person
    storage: Storage

    @property
    def workspace(self) -> WorkspaceRef:
        return Desk(cast("Any", None), self.storage, self.person).workspace

    @property
    def user(self) -> UserRef:
        return Desk(cast("Any", None), self.storage, self.person).user

    def received(self, content: bytes = CONTENT) -> UUID:
        """A confirmed import, committed."""
        with self.planes.begin_tenant(self.person.tenant) as session:
            item = receive(
                session,
                self.storage,
                workspace=self.workspace,
                user=self.user,
                filename="x.csv",
                stream=io.BytesIO(content),
            )
            confirm(session, workspace=self.workspace, user=self.user, import_id=item.id)
            return item.id

    def read(self, import_id: UUID) -> Import:
        with self.planes.tenant(self.person.tenant) as session:
            return import_by_id(session, import_id)

    def job(self, import_id: UUID) -> JobRow:
        with self.planes.control() as control:
            return control.get_one(JobRow, self.read(import_id).job_id)

    def claim(self, import_id: UUID) -> ledger.Claim | None:
        job_id = self.read(import_id).job_id
        assert job_id is not None
        with self.planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET run_at = now() WHERE state = 'waiting'"))
            ledger.promote(control)
            ledger.release(control, queue="io", room=1000)
            return ledger.claim(control, job_id)

    def work(self, import_id: UUID, *, storage: Storage | None = None) -> str:
        """One run of the import's job by a worker."""
        claimed = self.claim(import_id)
        assert claimed is not None
        resources = cast("Resources", SimpleNamespace(storage=storage or self.storage))
        return run_claimed(PlaneSessions(self.planes), claimed, resources=resources).state

    def facts(self) -> int:
        with self.planes.tenant(self.person.tenant) as session:
            return int(session.execute(text("SELECT count(*) FROM daily_facts")).scalar_one())


@pytest.fixture
def place(settings: Settings, planes: Planes, bucket: Storage) -> Place:
    assert handler_of("imports.run") is tasks.run
    return Place(planes, make_person(settings, planes, name="Wanda Worker", plan="premium"), bucket)


def test_a_file_in_a_bucket_is_imported_by_a_job(place: Place) -> None:
    import_id = place.received()
    assert place.work(import_id) == "done"
    done = place.read(import_id)
    assert (done.state, done.rows_changed, place.facts()) == ("done", 2, 2)
    assert place.job(import_id).result == {"import_id": str(import_id), "state": "done"}


def test_a_form_of_the_bucket_takes_the_file_and_the_import_goes_on(place: Place) -> None:
    with place.planes.begin_tenant(place.person.tenant) as session:
        item, ticket = presign(
            session, place.storage, workspace=place.workspace, user=place.user, filename="big.csv", size_bytes=100
        )
    posted = httpx.post(ticket.url, data=dict(ticket.fields), files={"file": CONTENT})
    assert posted.status_code == 204
    with place.planes.begin_tenant(place.person.tenant) as session:
        complete(session, place.storage, workspace=place.workspace, import_id=item.id)
        confirm(session, workspace=place.workspace, user=place.user, import_id=item.id)
    assert place.work(item.id) == "done"
    assert place.facts() == 2


def test_an_upload_to_the_bucket_that_is_too_large_is_removed(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    with place.planes.begin_tenant(place.person.tenant) as session:
        item, _ = presign(
            session, place.storage, workspace=place.workspace, user=place.user, filename="big.csv", size_bytes=100
        )
    place.storage.put(item.storage_key, io.BytesIO(CONTENT))
    monkeypatch.setattr("app.imports.service.LIMIT_BYTES", 20)
    with place.planes.tenant(place.person.tenant) as session, pytest.raises(TooLarge):
        complete(session, place.storage, workspace=place.workspace, import_id=item.id)
    assert not place.storage.exists(item.storage_key)


def test_rejected_rows_lie_in_the_bucket(place: Place) -> None:
    import_id = place.received(CONTENT + b"2026-03-03,TV,many,5\n")
    place.work(import_id)
    key = place.read(import_id).rejects_key
    assert key is not None
    with place.storage.open(key) as stream:
        assert b"many" in stream.read()


def test_a_storage_that_is_away_is_tried_again_and_nothing_is_lost(place: Place) -> None:
    import_id = place.received()
    away = S3Storage(
        Settings(
            s3_bucket="files",
            s3_endpoint_url="http://127.0.0.1:9",
            s3_access_key_id="test",
            s3_secret_access_key=SecretStr("test"),
            _env_file=None,
        )
    )
    assert place.work(import_id, storage=away) == "retry"
    assert (place.read(import_id).state, place.facts()) == ("queued", 0)
    assert place.work(import_id) == "done"
    assert place.facts() == 2


def test_a_worker_that_dies_before_the_end_leaves_nothing_behind_and_the_next_one_does_it(place: Place) -> None:
    import_id = place.received()
    claimed = place.claim(import_id)
    assert claimed is not None
    with place.planes.begin_control() as control:
        control.execute(
            text("UPDATE control.jobs SET fence = fence + 1, state = 'ready' WHERE id = :id"), {"id": claimed.id}
        )
    resources = cast("Resources", SimpleNamespace(storage=place.storage))
    assert run_claimed(PlaneSessions(place.planes), claimed, resources=resources).state == "lost"
    assert (place.read(import_id).state, place.facts()) == ("queued", 0)
    assert place.work(import_id) == "done"
    assert place.facts() == 2


def test_cancelling_before_the_start_keeps_the_job_from_running(place: Place) -> None:
    import_id = place.received()
    with place.planes.begin_tenant(place.person.tenant) as session, place.planes.begin_control() as control:
        cancel(session, control, workspace=place.workspace, import_id=import_id)
    assert place.claim(import_id) is None
    assert place.job(import_id).state == "cancelled"
    assert place.facts() == 0


@pytest.fixture
def while_reading(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Does something while a run reads its file."""

    def arrange(act: Callable[[], None]) -> None:
        def stage(*arguments: Any, **options: Any) -> int:
            act()
            return staging.stage(*arguments, **options)

        monkeypatch.setattr(running, "stage", stage)

    return arrange


def test_cancelling_during_the_run_takes_everything_back(
    place: Place, while_reading: Callable[[Callable[[], None]], None]
) -> None:
    import_id = place.received()

    def cancel_now() -> None:
        with place.planes.begin_tenant(place.person.tenant) as session, place.planes.begin_control() as control:
            cancel(session, control, workspace=place.workspace, import_id=import_id)

    while_reading(cancel_now)
    assert place.work(import_id) == "cancelled"
    assert (place.read(import_id).state, place.facts()) == ("cancelled", 0)


def test_a_job_that_was_given_up_shows_as_failed_and_can_be_started_anew(
    place: Place, while_reading: Callable[[Callable[[], None]], None]
) -> None:
    import_id = place.received()

    def break_down() -> None:
        raise RuntimeError("a defect")

    while_reading(break_down)
    assert [place.work(import_id) for _ in range(3)] == ["retry", "retry", "dead"]
    with place.planes.begin_tenant(place.person.tenant) as session, place.planes.begin_control() as control:
        standing = standing_of(control, import_by_id(session, import_id), workspace_id=place.workspace.id)
        assert standing.state == "failed"
        assert standing.problem is not None
        assert reopen(session, control, workspace=place.workspace, import_id=import_id).state == "awaiting_confirmation"


def test_progress_of_the_job_is_what_the_import_shows(
    place: Place, while_reading: Callable[[Callable[[], None]], None]
) -> None:
    import_id = place.received()
    seen: list[str] = []

    def look() -> None:
        with place.planes.tenant(place.person.tenant) as session, place.planes.control() as control:
            item = import_by_id(session, import_id)
            seen.append(standing_of(control, item, workspace_id=place.workspace.id).state)

    while_reading(look)
    place.work(import_id)
    assert seen == ["running"]
