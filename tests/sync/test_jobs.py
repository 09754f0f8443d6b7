"""Syncs as workers do them: what follows what, what is due, and comparing with the platform."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from sqlalchemy import select, text

from adloom_sdk.errors import AuthRevoked, RateLimited
from adloom_sdk.messages import Kind, ReadRequest
from app.cli.processes import PlaneSessions
from app.connections.models import Connection
from app.sync import tasks
from app.sync.jobs import FetchRates, StartDueSyncs, SyncAccount
from app.sync.queries import compared, due_accounts, recent_runs, standings
from app.sync.service import compare_with_platform, start_due, sync_accounts, sync_connection
from kit.clock import utc_now
from kit.errors import Conflict, InvalidInput
from kit.jobs import enqueue, ledger
from kit.jobs.job import handler_of, type_of
from kit.jobs.models import JobRow
from kit.jobs.resources import Resources
from kit.jobs.runner import run_claimed
from kit.settings import Settings
from tests.sync.conftest import Place
from tests.sync.made_up import MadeUp, made_up_world


@dataclass
class Desk:
    """A worker for one place, whose connectors are made up."""

    place: Place
    settings: Settings
    connectors: dict[str, MadeUp] = field(default_factory=dict)

    def connect(self, connector: MadeUp) -> UUID:
        self.connectors[connector.world.platform] = connector
        # Workers go by the real time, and so must the world.
        connector.world.clock.set(utc_now())
        [account_id] = self.place.connect(connector.world, "EUR")
        return account_id

    def jobs(self) -> list[JobRow]:
        """This workspace's, oldest first."""
        with self.place.planes.control() as control:
            mine = select(JobRow).where(JobRow.workspace_id == self.place.person.workspace_id)
            return list(control.scalars(mine.order_by(JobRow.created_at, JobRow.id)))

    def work(self, *, until_idle: bool = True) -> list[tuple[str, str]]:
        """Run what waits in this workspace; returns names and outcomes."""
        done = []
        while waiting := [row for row in self.jobs() if row.state == "ready"]:
            with self.place.planes.begin_control() as control:
                control.execute(text("UPDATE control.jobs SET state = 'sent' WHERE id = :id"), {"id": waiting[0].id})
                claimed = ledger.claim(control, waiting[0].id)
            assert claimed is not None
            resources = cast("Resources", SimpleNamespace(settings=self.settings))
            done.append(
                (claimed.name, run_claimed(PlaneSessions(self.place.planes), claimed, resources=resources).state)
            )
            if not until_idle:
                break
        return done


@pytest.fixture
def desk(place: Place, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(place, settings)

    def opened(session: Any, connection: Connection, *, settings: Settings, watching: Any) -> Any:
        return made.connectors[connection.connector_key].opener(session, connection, watching=watching)

    monkeypatch.setattr(tasks, "open_connector", opened)
    yield made
    with place.planes.begin_control() as control:
        control.execute(text("DELETE FROM control.jobs WHERE workspace_id = :id"), {"id": place.person.workspace_id})


def _ask(desk: Desk, account_id: UUID) -> UUID:
    with desk.place.session() as session:
        return sync_accounts(session, account_ids=[account_id], currency="EUR", kind="first")[account_id]


def test_a_first_sync_is_followed_by_its_history_and_a_visible_run_each(desk: Desk) -> None:
    account_id = desk.connect(MadeUp(made_up_world()))
    _ask(desk, account_id)
    with desk.place.session() as session:
        assert [run.state for run in recent_runs(session)] == ["queued"]
    assert desk.work() == [("sync.account", "done"), ("sync.backfill", "done")]
    with desk.place.session() as session:
        runs = recent_runs(session, account_id=account_id)
        [standing] = standings(session)
    assert [(run.kind, run.state, run.rows_read > 0, run.calls > 0) for run in runs] == [
        ("backfill", "done", True, True),
        ("first", "done", True, True),
    ]
    assert (standing.history, standing.problem) == ("", "")
    assert standing.due_at is not None
    assert standing.due_at > utc_now()
    assert {row.name: row.message for row in desk.jobs()} == {
        "sync.account": "Made-up Ads: up to date",
        "sync.backfill": "Made-up Ads: the history is complete",
    }


def test_asking_twice_is_one_job_and_one_run(desk: Desk) -> None:
    account_id = desk.connect(MadeUp(made_up_world()))
    assert _ask(desk, account_id) == _ask(desk, account_id)
    with desk.place.session() as session:
        assert len(recent_runs(session)) == 1


def test_days_in_a_currency_without_rates_have_them_fetched(desk: Desk) -> None:
    connector = MadeUp(made_up_world())
    desk.connect(connector)
    [dollars] = desk.place.connect(connector.world, "USD")
    _ask(desk, dollars)
    desk.work(until_idle=False)
    assert {row.name for row in desk.jobs() if row.state == "ready"} == {"sync.backfill", "sync.rates"}


def test_a_platform_that_asks_to_wait_gets_a_later_job_for_the_same_run(desk: Desk) -> None:
    later = utc_now() + timedelta(hours=2)

    def wait(request: ReadRequest, _page: int) -> None:
        if request.kind is Kind.DAILY:
            raise RateLimited("Too many calls.", "17", retry_at=later)

    connector = MadeUp(made_up_world(), trouble=wait)
    account_id = desk.connect(connector)
    _ask(desk, account_id)
    assert desk.work() == [("sync.account", "done")]
    [waiting] = [row for row in desk.jobs() if row.state == "waiting"]
    assert waiting.run_at == later + timedelta(seconds=1)
    with desk.place.session() as session:
        [run] = recent_runs(session)
    assert (run.state, run.job_id, run.problem) == ("queued", waiting.id, "Too many calls.")


def test_what_is_due_is_enqueued_once_and_a_connection_that_stands_still_is_not(desk: Desk) -> None:
    good, bad = desk.connect(MadeUp(made_up_world())), desk.connect(MadeUp(made_up_world(key="other")))

    def revoked(_request: ReadRequest, _page: int) -> None:
        raise AuthRevoked("Access was withdrawn.")

    desk.connectors["other"].trouble = revoked
    with desk.place.session() as session:
        assert set(due_accounts(session, now=utc_now())) == {good, bad}
        assert start_due(session, currency="EUR", now=utc_now()) == 2
        assert start_due(session, currency="EUR", now=utc_now()) == 2
    assert sorted(desk.work()) == [("sync.account", "done")] * 2 + [("sync.backfill", "done")]
    with desk.place.session() as session:
        assert list(due_accounts(session, now=utc_now())) == []
        assert list(due_accounts(session, now=utc_now() + timedelta(days=2))) == [good]
        connection = session.scalars(select(Connection).where(Connection.connector_key == "other")).one()
        with pytest.raises(Conflict, match="Access was withdrawn"):
            sync_connection(session, connection_id=connection.id, currency="EUR")


def test_a_sync_that_cannot_begin_says_why_on_its_run(desk: Desk) -> None:
    account_id = desk.connect(MadeUp(made_up_world()))
    _ask(desk, account_id)
    desk.place.rows(
        "UPDATE connections SET state = 'needs_sign_in', problem = 'Access was withdrawn.', what_to_do = 'Sign in.' RETURNING 1"
    )
    assert desk.work() == [("sync.account", "done")]
    with desk.place.session() as session:
        [run] = recent_runs(session)
    assert (run.state, run.problem, run.what_to_do) == ("failed", "Access was withdrawn.", "Sign in.")


def test_a_run_that_nobody_works_at_any_more_is_closed(desk: Desk) -> None:
    account_id = desk.connect(MadeUp(made_up_world()))
    _ask(desk, account_id)
    with desk.place.session() as session:
        start_due(session, currency="EUR", now=utc_now() + timedelta(days=2))
        [run] = recent_runs(session)
        assert (run.state, run.problem) == ("failed", "It was given up.")


def test_every_workspace_is_asked_for_what_is_due_with_its_own_currency(desk: Desk) -> None:
    with desk.place.planes.begin_control() as control:
        job_id = enqueue(control, StartDueSyncs())
        control.execute(text("UPDATE control.jobs SET state = 'sent' WHERE id = :id"), {"id": job_id})
        claimed = ledger.claim(control, job_id)
    assert claimed is not None
    resources = cast("Resources", SimpleNamespace(settings=desk.settings))
    assert run_claimed(PlaneSessions(desk.place.planes), claimed, resources=resources).state == "done"
    [job] = [row for row in desk.jobs() if row.name == "sync.workspace_due"]
    assert job.arguments == {"currency": "USD"}
    for kind in (SyncAccount, FetchRates):
        assert handler_of(type_of(kind).name) is not None


def test_our_totals_are_compared_with_the_platform_s_per_day(desk: Desk) -> None:
    connector = MadeUp(made_up_world())
    account_id = desk.connect(connector)
    _ask(desk, account_id)
    desk.work()
    until = connector.world.clock.now().date() - timedelta(days=1)
    since = until - timedelta(days=39)

    def compare() -> tuple[Any, list[bool]]:
        with desk.place.session() as session:
            job_id = compare_with_platform(session, account_id=account_id, since=since, until=until)
        desk.work()
        with desk.place.session() as session:
            kept = compared(session, account_id=account_id, since=since, until=until)
        return next(row.result for row in desk.jobs() if row.id == job_id), [day.is_equal for day in kept]

    assert compare() == ({"state": "done", "days": 40, "differing": 0}, [True] * 40)
    desk.place.rows("UPDATE campaign_days SET spend_micros = spend_micros + 1 WHERE day = :day RETURNING 1", day=until)
    assert compare() == ({"state": "done", "days": 40, "differing": 1}, [False] + [True] * 39)
    assert desk.place.rows("SELECT count(*) FROM sync_cursors") == [(0,)]


def test_a_comparison_has_a_first_day_before_its_last_and_a_length(desk: Desk) -> None:
    account_id = desk.connect(MadeUp(made_up_world()))
    today = date(2026, 11, 20)
    for since in (today + timedelta(days=1), today - timedelta(days=100)):
        with desk.place.session() as session, pytest.raises(InvalidInput):
            compare_with_platform(session, account_id=account_id, since=since, until=today)


def test_a_comparison_that_the_platform_refuses_says_why(desk: Desk) -> None:
    def revoked(_request: ReadRequest, _page: int) -> None:
        raise AuthRevoked("Access was withdrawn.")

    connector = MadeUp(made_up_world(), trouble=revoked)
    account_id = desk.connect(connector)
    today = connector.world.clock.now().date()
    with desk.place.session() as session:
        compare_with_platform(session, account_id=account_id, since=today, until=today)
    assert desk.work() == [("sync.reconcile", "done")]
    assert desk.jobs()[0].result == {
        "state": "failed",
        "problem": "Access was withdrawn.",
        "what_to_do": AuthRevoked.what_to_do,
    }
    assert desk.place.rows("SELECT state FROM connections") == [("needs_sign_in",)]
