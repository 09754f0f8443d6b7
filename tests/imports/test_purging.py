"""Uploads that were begun and never completed go after a day, from either storage; nothing that an import needs goes with them."""

import io
from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import cast
from uuid import UUID

import pytest
from pydantic import SecretStr
from sqlalchemy import select, text

from app.imports.jobs import PurgeUploads, PurgeWorkspaceUploads
from app.imports.models import Import
from app.imports.purging import UNFINISHED_FOR, purge_unfinished
from app.imports.service import cancel, complete, presign
from app.imports.tasks import purge_all, purge_one
from app.scheduler import SYSTEM_SCHEDULES
from kit.clock import utc_now
from kit.db import ScopedSession
from kit.ids import new_id
from kit.jobs import JobContext
from kit.jobs.resources import Resources
from kit.settings import Settings
from kit.storage import Storage, open_storage
from tenants.isolation.planes import Planes
from tests.imports.desk import Desk
from tests.object_store import object_server
from tests.people import Person

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


@pytest.fixture(params=["directory", "bucket"])
def desk(request: pytest.FixtureRequest, session: ScopedSession, storage: Storage, merchant: Person) -> Desk:
    """Where files are handed in, on either storage."""
    kept = storage if request.param == "directory" else request.getfixturevalue("bucket")
    kept.delete_all(str(merchant.workspace_id))  # the rows of the last test were taken back, its files were not
    return Desk(session, kept, merchant)


def begin(desk: Desk, *, arrived: bool) -> Import:
    """Leave to upload was given; the file came, or did not."""
    item, _ = presign(
        desk.session, desk.storage, workspace=desk.workspace, user=desk.user, filename="big.csv", size_bytes=100
    )
    if arrived:
        desk.storage.put(item.storage_key, io.BytesIO(CONTENT))
    return item


def purge(desk: Desk, *, after: timedelta) -> tuple[int, int]:
    return purge_unfinished(desk.session, desk.storage, workspace_id=desk.workspace.id, now=utc_now() + after)


def ids(desk: Desk) -> set[UUID]:
    return set(desk.session.scalars(select(Import.id)))


A_DAY = UNFINISHED_FOR + timedelta(minutes=1)


def test_an_upload_that_was_never_completed_goes_after_a_day_with_its_file(desk: Desk) -> None:
    empty, arrived = begin(desk, arrived=False), begin(desk, arrived=True)
    key = arrived.storage_key
    assert purge(desk, after=A_DAY) == (2, 0)
    assert not {empty.id, arrived.id} & ids(desk)
    assert not desk.storage.exists(key)


def test_within_the_day_it_can_still_be_completed(desk: Desk) -> None:
    item = begin(desk, arrived=True)
    assert purge(desk, after=timedelta(hours=23)) == (0, 0)
    completed = complete(desk.session, desk.storage, workspace=desk.workspace, import_id=item.id)
    assert completed.state == "awaiting_confirmation"


def test_a_file_that_waits_for_a_confirmation_or_for_its_turn_is_kept_however_old(desk: Desk) -> None:
    waiting, queued = desk.receive(CONTENT), desk.receive(CONTENT)
    desk.confirm(queued.id)
    assert purge(desk, after=timedelta(days=400)) == (0, 0)
    assert desk.storage.exists(waiting.storage_key)
    assert desk.run(queued.id).state == "done"


def test_the_rejected_rows_of_an_import_that_is_over_stay_to_be_downloaded(desk: Desk) -> None:
    done = desk.bring(CONTENT + b"2026-03-03,TV,many,5\n")
    assert done.rejects_key is not None
    purge(desk, after=timedelta(days=400))
    assert desk.storage.exists(done.rejects_key)
    assert desk.storage.exists(done.storage_key)


def test_an_upload_that_was_given_up_goes_and_an_import_that_can_be_started_anew_stays(
    desk: Desk, planes: Planes
) -> None:
    given_up, stopped = begin(desk, arrived=True), desk.receive(CONTENT)
    with planes.control() as control:
        for item in (given_up, stopped):
            cancel(desk.session, control, workspace=desk.workspace, import_id=item.id)
    purge(desk, after=A_DAY)
    assert ids(desk) & {given_up.id, stopped.id} == {stopped.id}
    assert desk.storage.exists(stopped.storage_key)


def test_a_file_that_a_broken_request_left_behind_goes(desk: Desk) -> None:
    nobodys, neighbours = f"{desk.workspace.id}/imports/{new_id()}", f"{new_id()}/imports/{new_id()}"
    for key in (nobodys, neighbours):
        desk.storage.put(key, io.BytesIO(CONTENT))
    assert purge(desk, after=timedelta(hours=23)) == (0, 0)
    assert purge(desk, after=A_DAY) == (0, 1)
    assert not desk.storage.exists(nobodys)
    assert desk.storage.exists(neighbours)


def test_a_second_run_finds_nothing_left(desk: Desk) -> None:
    begin(desk, arrived=True)
    purge(desk, after=A_DAY)
    assert purge(desk, after=A_DAY) == (0, 0)


def test_every_night_each_workspace_gets_a_job_of_its_own_and_none_twice(planes: Planes, merchant: Person) -> None:
    assert [schedule.item for schedule in SYSTEM_SCHEDULES].count(PurgeUploads()) == 1
    with planes.control() as control:
        for _ in range(2):
            purge_all(_context(control, workspace_id=None), PurgeUploads())
        jobs = control.execute(
            text(
                "SELECT count(*) FROM control.jobs WHERE name = 'imports.purge_workspace_uploads' AND workspace_id = :id"
            ),
            {"id": merchant.workspace_id},
        )
        assert jobs.scalar_one() == 1


def test_the_job_says_what_it_removed(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    begin(desk, arrived=True)
    later: datetime = utc_now() + A_DAY
    monkeypatch.setattr("app.imports.tasks.utc_now", lambda: later)
    context = _context(desk.session, workspace_id=desk.workspace.id, storage=desk.storage)
    assert purge_one(context, PurgeWorkspaceUploads()) == {"uploads": 1, "files": 0}


def _context(session: ScopedSession, *, workspace_id: UUID | None, storage: Storage | None = None) -> JobContext:
    resources = cast("Resources", SimpleNamespace(storage=storage))
    return JobContext(new_id(), workspace_id, 0, session, resources, tell=lambda _share, _sentence: False)
