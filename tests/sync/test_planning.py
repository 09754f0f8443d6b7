"""Which days are read when: windows, finality, and a morning hour that survives every change of clocks."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from adloom_sdk.messages import Kind
from adloom_sdk.records import Level
from app.sync.planning import (
    Coverage,
    Covered,
    Window,
    finality_of,
    history_range,
    next_due_at,
    recent_range,
    spans,
    windows_of,
)
from kit.ids import new_id
from tests.sync.made_up import MadeUp, made_up_world

TODAY = date(2026, 11, 20)
MANIFEST = MadeUp(made_up_world(), changes={"retention_days": 1095}).manifest


def test_at_first_a_month_is_read_and_the_history_is_three_years() -> None:
    since, until = recent_range(MANIFEST, None, today=TODAY)
    assert (since, until) == (TODAY - timedelta(days=29), TODAY)
    left = history_range(MANIFEST, Covered(since, until), wanted=date(2000, 1, 1), today=TODAY)
    assert left == (TODAY - timedelta(days=1095), since - timedelta(days=1))


def test_after_a_long_pause_the_days_that_were_not_final_then_are_read_again() -> None:
    covered = Covered(date(2026, 1, 1), date(2026, 8, 1))
    assert recent_range(MANIFEST, covered, today=TODAY) == (date(2026, 7, 4), TODAY)


def test_windows_come_newest_first_with_every_level_and_cover_each_day_once() -> None:
    windows = windows_of(MANIFEST, date(2026, 10, 1), TODAY)
    assert [window.until for window in windows] == sorted((window.until for window in windows), reverse=True)
    for level in (Level.CAMPAIGN, Level.AD):
        mine = [window for window in windows if window.level is level]
        assert sum(window.days for window in mine) == (TODAY - date(2026, 10, 1)).days + 1
        assert all(window.days <= MANIFEST.max_window_days for window in mine)


@pytest.mark.parametrize("days", [2, 3, 30, 31])
def test_halves_are_the_whole(days: int) -> None:
    window = Window(Kind.DAILY, TODAY - timedelta(days=days - 1), TODAY, Level.AD)
    newer, older = window.halves()
    assert (older.since, newer.until) == (window.since, window.until)
    assert older.until + timedelta(days=1) == newer.since
    assert sorted(spans(window.since, window.until, max_days=7))[0][0] == window.since


def test_the_frontier_waits_for_the_newest_day_that_is_missing() -> None:
    newer, older = Window(Kind.DAILY, TODAY - timedelta(days=20), TODAY, Level.CAMPAIGN).halves()
    coverage = Coverage(older.since, newer.until, frozenset({newer.name}))
    coverage.add(older)
    assert coverage.read_from() is None
    coverage.add(newer)
    assert coverage.read_from() == older.since


def test_a_day_is_provisional_then_settling_then_final() -> None:
    ages = {
        age: finality_of(TODAY - timedelta(days=age), today=TODAY, restatement_days=28) for age in (-1, 0, 1, 27, 28)
    }
    assert ages == {-1: 0, 0: 0, 1: 1, 27: 1, 28: 2}


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Africa/Casablanca"]
)
def test_an_account_is_due_once_a_day_between_four_and_six_in_its_morning(zone: str) -> None:
    account_id, now, days = new_id(), datetime(2026, 3, 1, tzinfo=UTC), set[date]()
    for _ in range(300):
        due = next_due_at(account_id, zone, now=now)
        local = due.astimezone(ZoneInfo(zone))
        assert timedelta(0) < due - now <= timedelta(hours=49)
        assert 4 <= local.hour <= 6, local
        assert local.date() not in days
        days.add(local.date())
        now = due
    assert (max(days) - min(days)).days == 299


def test_accounts_are_spread_over_the_two_hours() -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    dues = sorted(next_due_at(UUID(int=number), "UTC", now=now) for number in range(200))
    assert dues[-1] - dues[0] > timedelta(minutes=100)
    assert len(set(dues)) > 180
