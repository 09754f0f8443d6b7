"""Schedules run by their own clock, through both changes of summer time, once each, and catch up once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select, text

from kit.db import ScopedSession
from kit.errors import InvalidInput
from kit.ids import new_id
from kit.jobs.models import JobRow, Schedule
from kit.jobs.schedules import next_run, put_schedule, remove_schedule, start_due
from tenants.isolation.planes import Planes, Tenant
from tests.kit.jobs.sample_jobs import Housekeep, Note

BERLIN = "Europe/Berlin"
_MONDAY = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def _runs(cron: str, timezone: str, after: datetime, number: int) -> list[datetime]:
    runs = []
    for _ in range(number):
        after = next_run(cron, timezone, after=after)
        runs.append(after)
    return runs


def test_a_time_that_spring_leaves_out_runs_at_the_first_valid_instant() -> None:
    assert _runs("30 2 * * *", BERLIN, _utc(2026, 3, 28, 12), 2) == [_utc(2026, 3, 29, 1), _utc(2026, 3, 30, 0, 30)]


def test_a_time_that_autumn_repeats_runs_the_first_time_only() -> None:
    assert _runs("30 2 * * *", BERLIN, _utc(2026, 10, 24, 12), 2) == [
        _utc(2026, 10, 25, 0, 30),
        _utc(2026, 10, 26, 1, 30),
    ]


def test_a_run_in_the_middle_of_the_repeated_hour_is_not_followed_by_a_second_one() -> None:
    assert next_run("30 2 * * *", BERLIN, after=_utc(2026, 10, 25, 0, 30)) == _utc(2026, 10, 26, 1, 30)
    assert next_run("30 2 * * *", BERLIN, after=_utc(2026, 10, 25, 1, 15)) == _utc(2026, 10, 26, 1, 30)


@pytest.mark.parametrize("change_on", [_utc(2026, 3, 28, 23), _utc(2026, 10, 24, 22)])
def test_every_half_hour_stays_every_half_hour_across_both_changes(change_on: datetime) -> None:
    runs = _runs("*/30 * * * *", BERLIN, change_on, 10)
    assert {later - earlier for earlier, later in pairwise(runs)} == {timedelta(minutes=30)}


@pytest.mark.parametrize(
    ("timezone", "after", "expected"),
    [
        ("America/New_York", _utc(2026, 3, 7, 18), _utc(2026, 3, 8, 7)),  # 02:30 EST does not exist: 03:00 EDT
        ("Australia/Lord_Howe", _utc(2026, 10, 3, 12), _utc(2026, 10, 3, 15, 30)),  # half an hour is left out
        ("Pacific/Apia", _utc(2026, 1, 1), _utc(2026, 1, 1, 13, 30)),
        ("UTC", _utc(2026, 2, 28, 3), _utc(2026, 3, 1, 2, 30)),
    ],
)
def test_half_past_two_around_the_world(timezone: str, after: datetime, expected: datetime) -> None:
    assert next_run("30 2 * * *", timezone, after=after) == expected


def test_workspaces_are_spread_over_two_minutes_and_stay_regular() -> None:
    starts = {next_run("0 0 * * *", "UTC", after=_MONDAY, jitter_of=new_id()) for _ in range(40)}
    assert len(starts) > 10
    assert max(starts) - min(starts) < timedelta(minutes=2)
    someone, at, runs = new_id(), _MONDAY, []
    for _ in range(5):
        at = next_run("* * * * *", "UTC", after=at, jitter_of=someone)
        runs.append(at)
    assert {later - earlier for earlier, later in pairwise(runs)} == {timedelta(minutes=1)}


@pytest.mark.parametrize(
    ("cron", "timezone"),
    [("61 * * * *", "UTC"), ("nonsense", "UTC"), ("0 0 31 2 *", "UTC"), ("0 0 * * *", "Mars/Olympus")],
)
def test_a_clock_that_cannot_be_read_is_refused_with_a_hint(cron: str, timezone: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        next_run(cron, timezone, after=_MONDAY)
    assert refused.value.hint


def _due(control: ScopedSession, now: datetime) -> Schedule:
    control.execute(text("UPDATE control.schedules SET next_run_at = :now"), {"now": now})
    control.expire_all()
    return control.scalars(select(Schedule)).one()


def test_what_was_missed_for_days_runs_once(control: ScopedSession, tenant: Tenant) -> None:
    put_schedule(
        control,
        name="nightly",
        item=Note(line="x"),
        cron="0 7 * * *",
        timezone=BERLIN,
        workspace_id=tenant.workspace_id,
    )
    schedule = _due(control, _MONDAY - timedelta(days=9))
    assert start_due(control, now=_MONDAY) == 1
    assert start_due(control, now=_MONDAY) == 0
    job = control.scalars(select(JobRow)).one()
    assert (job.workspace_id, job.name, job.arguments) == (tenant.workspace_id, "tests.note", {"line": "x"})
    assert schedule.last_run_at == _MONDAY
    assert _MONDAY < schedule.next_run_at < _MONDAY + timedelta(days=1)


def test_a_run_that_still_goes_on_is_not_joined_by_another(control: ScopedSession) -> None:
    put_schedule(control, name="often", item=Housekeep(), cron="* * * * *", timezone="UTC")
    for minute in range(3):
        _due(control, _MONDAY)
        start_due(control, now=_MONDAY + timedelta(minutes=minute))
    assert len(control.scalars(select(JobRow)).all()) == 1


def test_two_schedulers_start_it_once(control: ScopedSession, planes: Planes) -> None:
    put_schedule(control, name="often", item=Housekeep(), cron="* * * * *", timezone="UTC")
    _due(control, _MONDAY)
    control.commit()
    assert start_due(control, now=_MONDAY) == 1
    with planes.control() as second:
        assert start_due(second, now=_MONDAY) == 0


def test_a_changed_clock_counts_from_now_and_the_same_clock_changes_nothing(control: ScopedSession) -> None:
    put_schedule(control, name="s", item=Housekeep(), cron="0 7 * * *", timezone="UTC")
    schedule = _due(control, _MONDAY)
    put_schedule(control, name="s", item=Housekeep(), cron="0 7 * * *", timezone="UTC")
    control.refresh(schedule)
    assert schedule.next_run_at == _MONDAY
    put_schedule(control, name="s", item=Housekeep(), cron="0 8 * * *", timezone="UTC")
    control.refresh(schedule)
    assert schedule.next_run_at > _MONDAY


def test_a_removed_schedule_and_a_deleted_workspaces_schedule_start_nothing(control: ScopedSession) -> None:
    put_schedule(control, name="s", item=Housekeep(), cron="0 7 * * *", timezone="UTC")
    remove_schedule(control, name="s")
    put_schedule(control, name="s", item=Note(line="x"), cron="0 7 * * *", timezone="UTC", workspace_id=new_id())
    _due(control, _MONDAY)
    assert start_due(control, now=_MONDAY) == 1
    assert control.scalars(select(JobRow)).all() == []


def test_one_unreadable_row_stops_no_other(control: ScopedSession) -> None:
    for name in ("broken", "sound"):
        put_schedule(control, name=name, item=Housekeep(), cron="0 7 * * *", timezone="UTC")
    control.execute(text("UPDATE control.schedules SET timezone = 'Gone/Away' WHERE name = 'broken'"))
    control.execute(text("UPDATE control.schedules SET next_run_at = :now"), {"now": _MONDAY})
    control.expire_all()
    assert start_due(control, now=_MONDAY) == 2
    enabled = {row.name: row.is_enabled for row in control.scalars(select(Schedule))}
    assert enabled == {"broken": False, "sound": True}
    assert len(control.scalars(select(JobRow)).all()) == 1
