"""The overview's numbers on a real database: they add up, they compare like with like, and what is unknown stays unknown."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from app.performance.service import Overview, PeriodRequest, overview
from app.performance.windows import Step
from billing.plans import FREE, PREMIUM, Plan
from kit.db import ScopedSession
from tests.performance.shop import LAST_DAY, MICROS, TODAY, Fact, store

Shop = Callable[..., list[Fact]]


def shown(
    session: ScopedSession, preset: str = "last_30_days", *, plan: Plan = PREMIUM, step: Step | None = None
) -> Overview:
    return overview(session, period=PeriodRequest(preset), plan=plan, currency="EUR", today=TODAY, step=step)


def spend_between(facts: list[Fact], since: date, until: date) -> int:
    return sum(fact.spend for fact in facts if since <= fact.day <= until) * MICROS


def headline(found: Overview, key: str) -> tuple[float | int | None, float | int | None, float | int | None]:
    item = next(item for item in found.headlines if item.metric.key == key)
    return item.value, item.before, item.year_ago


@pytest.mark.parametrize("preset", ["last_7_days", "last_90_days", "last_12_months", "all_time"])
def test_headlines_channels_and_course_all_add_up_to_the_facts(session: ScopedSession, shop: Shop, preset: str) -> None:
    facts = shop()
    found = shown(session, preset)
    expected = spend_between(facts, found.window.since, found.window.until)
    assert headline(found, "spend")[0] == expected
    assert sum(row.values["spend"] or 0 for row in found.channels) == expected
    assert sum(point.values["spend"] or 0 for point in found.course) == expected
    assert sum(row.spend_share or 0 for row in found.channels) == pytest.approx(1)
    assert sum(point.days for point in found.course) == found.window.days


def test_comparisons_are_the_period_before_and_the_same_weekdays_a_year_ago(session: ScopedSession, shop: Shop) -> None:
    facts = shop()
    value, before, year_ago = headline(shown(session), "spend")
    since = LAST_DAY - timedelta(days=29)
    assert value == spend_between(facts, since, LAST_DAY)
    assert before == spend_between(facts, since - timedelta(days=30), since - timedelta(days=1))
    assert year_ago == spend_between(facts, since - timedelta(days=364), LAST_DAY - timedelta(days=364))


def test_without_a_year_of_data_there_is_no_change_against_last_year(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY - timedelta(days=n), "Google Ads", spend=10, revenue=20) for n in range(90)])
    found = shown(session)
    assert found.headlines[0].change == pytest.approx(0)
    assert found.headlines[0].year_change is None


def test_a_period_before_that_data_cover_in_part_only_is_nothing_to_compare_with(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY - timedelta(days=n), "Google Ads", spend=10, revenue=20) for n in range(45)])
    found = shown(session)
    assert headline(found, "spend") == (300 * MICROS, None, None)
    assert found.headlines[0].change is None
    assert found.channels[0].before["spend"] is None
    assert sum(point.values["spend"] or 0 for point in found.course_before) == 150 * MICROS


@pytest.mark.parametrize(("preset", "step"), [("last_90_days", Step.DAY), ("last_12_months", Step.WEEK)])
def test_long_periods_are_charted_in_longer_steps(session: ScopedSession, shop: Shop, preset: str, step: Step) -> None:
    shop()
    found = shown(session, preset)
    assert found.step is step
    assert len(found.course) <= 120
    assert found.course[0].since == found.window.since
    assert found.course[-1].until == found.window.until


def test_months_follow_the_calendar_and_lose_no_day(session: ScopedSession, shop: Shop) -> None:
    facts = shop()
    found = shown(session, "all_time", step=Step.MONTH)
    assert all(point.since.day == 1 for point in found.course[1:])
    assert sum(point.values["spend"] or 0 for point in found.course) == sum(fact.spend for fact in facts) * MICROS


def test_unknown_is_not_zero(session: ScopedSession) -> None:
    store(
        session,
        [
            Fact(LAST_DAY, "Google Ads", spend=100, revenue=0, conversions=0),
            Fact(LAST_DAY, "Podcast", spend=50, revenue=None, conversions=None),
        ],
    )
    rows = {row.key: row.values for row in shown(session).channels}
    assert rows["google_ads"]["revenue"] == 0
    assert rows["google_ads"]["roas"] == 0
    assert rows["google_ads"]["cpa"] is None
    assert rows["podcast"]["revenue"] is None
    assert rows["podcast"]["roas"] is None
    assert rows["podcast"]["impressions"] is None


def test_days_without_facts_are_unknown_too(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY - timedelta(days=n), "Google Ads", spend=10) for n in (0, 2)])
    values = [point.values["spend"] for point in shown(session, "last_7_days").course]
    assert values == [None, None, None, None, 10 * MICROS, None, 10 * MICROS]


def test_a_workspace_without_data_answers_and_says_so(session: ScopedSession) -> None:
    found = shown(session)
    assert not found.has_data
    assert found.is_empty
    assert found.channels == ()
    assert found.totals["spend"] is None


def test_the_free_plan_sees_no_older_day_however_the_period_is_asked_for(session: ScopedSession, shop: Shop) -> None:
    shop()
    earliest = LAST_DAY - timedelta(days=89)
    for period in (PeriodRequest("all_time"), PeriodRequest(since=date(2025, 1, 1), until=date(2026, 10, 1))):
        found = overview(session, period=period, plan=FREE, currency="EUR", today=TODAY)
        assert found.window.since == earliest
        assert [notice.is_limit for notice in found.notices] == [True]


def test_one_date_alone_is_enough(session: ScopedSession, shop: Shop) -> None:
    shop()
    since = overview(session, period=PeriodRequest(since=date(2026, 11, 1)), plan=PREMIUM, currency="EUR", today=TODAY)
    until = overview(session, period=PeriodRequest(until=date(2026, 11, 1)), plan=PREMIUM, currency="EUR", today=TODAY)
    assert (since.window.until, since.window.days) == (LAST_DAY, 20)
    assert (until.window.until, until.window.days) == (date(2026, 11, 1), 30)


def test_the_version_stamp_moves_with_the_data(session: ScopedSession) -> None:
    assert shown(session).updated_at is None
    store(session, [Fact(LAST_DAY, "Google Ads", spend=10)])
    assert shown(session).updated_at is not None
