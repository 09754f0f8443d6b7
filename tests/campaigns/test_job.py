"""A change as a worker carries it out: from the ledger of jobs to the platform and back into the workspace."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, cast

import pytest
from sqlalchemy import text

from adloom_sdk.messages import ActionKind
from adloom_sdk.testing.faults import Fault
from app.campaigns import tasks
from app.campaigns.detail import known_changes
from app.campaigns.jobs import MAX_ATTEMPTS
from app.cli.processes import PlaneSessions
from app.connections.opening import Opened
from kit.jobs import ledger
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.settings import Settings
from tenants.isolation.planes import Planes
from tests.campaigns.advertiser import Advertiser
from tests.campaigns.platform import Platform
from tests.people import Person, make_person


@pytest.fixture
def person(settings: Settings, planes: Planes) -> Person:
    return make_person(settings, planes, name="Wim Worker", plan="premium")


@pytest.fixture
def asked(planes: Planes, person: Person, monkeypatch: pytest.MonkeyPatch) -> Platform:
    """A pause that was asked for, committed; workers reach the fake."""
    with planes.begin_tenant(person.tenant) as session:
        platform = Platform.of(Advertiser(session))
        platform.ask(platform.stored(), ActionKind.PAUSE)

    @contextmanager
    def opened(*_things: object, **_options: object) -> Iterator[Opened]:
        yield platform.opened

    monkeypatch.setattr(tasks, "open_connector", opened)
    return platform


@pytest.fixture
def work(planes: Planes, person: Person, settings: Settings) -> Callable[[], str]:
    """One run of the job by a worker; answers what became of the run."""

    def run() -> str:
        with planes.tenant(person.tenant) as session:
            job_id = known_changes(session)[0].change.job_id
        assert job_id is not None
        with planes.begin_control() as control:
            control.execute(text("UPDATE control.jobs SET run_at = now() WHERE state = 'waiting'"))
            ledger.promote(control)
            ledger.release(control, queue="io", room=1000)
            claimed = ledger.claim(control, job_id)
        assert claimed is not None
        resources = cast("Resources", SimpleNamespace(settings=settings))
        return run_claimed(PlaneSessions(planes), claimed, resources=resources).state

    return run


def stored(planes: Planes, person: Person) -> tuple[Any, ...]:
    """The change's state, the campaign's, and how many entries the audit log has."""
    with planes.tenant(person.tenant) as session:
        known = known_changes(session)[0]
        entries = session.execute(text("SELECT count(*) FROM audit_log WHERE action LIKE 'campaign.%'")).scalar()
        return known.change.state, known.campaign.status, entries


def test_a_worker_pauses_the_campaign_and_writes_it_down(
    asked: Platform, work: Callable[[], str], planes: Planes, person: Person
) -> None:
    assert work() == "done"
    assert stored(planes, person) == ("done", "paused", 1)


def test_a_platform_that_is_away_is_tried_again_by_the_ledger(
    asked: Platform, work: Callable[[], str], planes: Planes, person: Person
) -> None:
    asked.bench.fake.faults.add(Fault(kind="server_error"))
    assert work() == "retry"
    assert stored(planes, person) == ("asked", "active", 0)
    asked.bench.fake.faults.clear()
    assert work() == "done"
    assert stored(planes, person)[0] == "done"


def test_a_platform_that_stays_away_leaves_an_outcome_that_says_so(
    asked: Platform, work: Callable[[], str], planes: Planes, person: Person
) -> None:
    asked.bench.fake.faults.add(Fault(kind="server_error"))
    assert [work() for _ in range(MAX_ATTEMPTS)] == ["retry"] * (MAX_ATTEMPTS - 1) + ["done"]
    assert stored(planes, person) == ("unknown", "active", 1)
