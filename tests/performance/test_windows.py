"""Periods as people mean them."""

from datetime import date, datetime, timedelta, timezone

import pytest

from app.performance.queries import Extent
from app.performance.service import PeriodRequest, choose_window
from app.performance.windows import PRESETS, Window, explicit_window, preset_window
from billing.plans import FREE, PREMIUM
from kit.errors import InvalidInput

LAST = date(2026, 11, 20)
TODAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, tzinfo=timezone(timedelta(0)))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_ends_on_the_last_day_or_before(preset: str) -> None:
    window = preset_window(preset, last_day=LAST, first_day=date(2024, 1, 1))
    assert window.since <= window.until <= LAST
    assert window.label == PRESETS[preset]


def test_rolling_presets_have_as_many_days_as_they_say() -> None:
    assert preset_window("last_30_days", last_day=LAST).days == 30
    assert preset_window("last_12_months", last_day=LAST).days == 365


def test_last_month_is_the_whole_calendar_month_before() -> None:
    assert preset_window("last_month", last_day=date(2026, 3, 31)) == Window(
        date(2026, 2, 1), date(2026, 2, 28), "last_month"
    )


def test_the_window_before_touches_and_has_the_same_length() -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 20))
    assert window.before().until == date(2026, 10, 31)
    assert window.before().days == window.days


def test_a_year_ago_falls_on_the_same_weekdays() -> None:
    window = Window(date(2026, 11, 1), date(2026, 11, 20))
    assert window.year_ago().since.weekday() == window.since.weekday()


@pytest.mark.parametrize(
    ("since", "until"), [(date(2026, 2, 1), date(2026, 1, 1)), (date(2000, 1, 1), date(2026, 1, 1))]
)
def test_impossible_periods_are_refused_with_what_to_do(since: date, until: date) -> None:
    with pytest.raises(InvalidInput) as refusal:
        explicit_window(since, until)
    assert refusal.value.hint


def test_an_unknown_preset_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="last_30_days"):
        preset_window("yesterday", last_day=LAST)


def test_periods_of_fresh_data_end_yesterday() -> None:
    window, notices = choose_window(
        Extent(date(2025, 1, 1), LAST, 1, NOW), period=PeriodRequest(), plan=PREMIUM, today=TODAY
    )
    assert window.until == LAST
    assert notices == []


def test_periods_of_old_data_end_with_the_data_and_say_so() -> None:
    extent = Extent(date(2024, 1, 1), date(2024, 12, 31), 1, NOW)
    window, notices = choose_window(extent, period=PeriodRequest(), plan=PREMIUM, today=TODAY)
    assert window.until == date(2024, 12, 31)
    assert "31 Dec 2024" in notices[0].text


def test_the_free_plan_sees_ninety_days_and_is_told_that_the_rest_is_kept() -> None:
    extent = Extent(date(2024, 1, 1), LAST, 1, NOW)
    window, notices = choose_window(extent, period=PeriodRequest("all_time"), plan=FREE, today=TODAY)
    assert window.days == 90
    assert "kept" in notices[0].text
    whole, _ = choose_window(extent, period=PeriodRequest("all_time"), plan=PREMIUM, today=TODAY)
    assert whole.since == date(2024, 1, 1)
