"""The overview's charts: stable colours, honest steps, no revenue for channels that have none, and words for who cannot see."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from app.performance.charts import chart_slot, course_chart, roas_chart, share_chart, sparkline
from app.performance.service import Overview, PeriodRequest, overview
from app.performance.windows import Step, Window, step_for
from billing.plans import PREMIUM
from kit.db import ScopedSession
from tests.performance.shop import LAST_DAY, TODAY, Fact, store


def shown(session: ScopedSession, preset: str = "last_7_days", step: Step | None = None) -> Overview:
    return overview(session, period=PeriodRequest(preset), plan=PREMIUM, currency="EUR", today=TODAY, step=step)


def test_a_channel_keeps_its_colour_and_the_seventh_has_none() -> None:
    assert [chart_slot(slot) for slot in range(8)] == [1, 2, 3, 4, 5, 6, 0, 0]


def test_channels_without_a_colour_are_one_bar_named_other(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, f"Channel {n}", spend=100, revenue=100 + n) for n in range(9)])
    chart = roas_chart(shown(session))
    assert chart is not None
    assert len(chart.labels) == 7
    other = chart.labels.index("Other (3)")
    assert chart.slots[other] == 0
    assert chart.series[0].values[other] == pytest.approx((106 + 107 + 108) / 300)


def test_shares_are_of_all_channels_and_add_up(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, f"Channel {n}", spend=n + 1, revenue=10) for n in range(9)])
    chart = share_chart(shown(session))
    assert chart is not None
    for series in chart.series:
        assert sum(value or 0 for value in series.values) == pytest.approx(1)


def test_revenue_that_belongs_to_no_channel_is_nobodys_return(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, "Radio", spend=50, revenue=None), Fact(LAST_DAY, "Print", spend=50, revenue=None)])
    found = shown(session)
    shares = share_chart(found)
    assert roas_chart(found) is None
    assert shares is not None
    assert [series.name for series in shares.series] == ["Share of spend"]


def test_a_short_first_step_does_not_look_like_a_fall(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY - timedelta(days=n), "Radio", spend=70, revenue=140) for n in range(400)])
    chart = course_chart(shown(session, "all_time", step=Step.MONTH))
    assert {value for line in chart.lines for value in line.values} == {70, 140}
    assert "by month" in chart.note


def test_the_period_before_is_a_dashed_line_of_the_same_length(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY - timedelta(days=n), "Radio", spend=n, revenue=n) for n in range(20)])
    chart = course_chart(shown(session))
    assert [(line.name, line.is_comparison, len(line.values)) for line in chart.lines] == [
        ("Revenue", False, 7),
        ("Spend", False, 7),
        ("Revenue, before", True, 7),
        ("Spend, before", True, 7),
    ]
    assert chart.lines[2].values == [13, 12, 11, 10, 9, 8, 7]


def test_gaps_stay_gaps(session: ScopedSession) -> None:
    store(session, [Fact(LAST_DAY, "Radio", spend=10), Fact(LAST_DAY - timedelta(days=2), "Radio", spend=10)])
    found = shown(session)
    assert sparkline(found, "spend").values == [None, None, None, None, 10, None, 10]
    assert course_chart(found).finding.endswith("revenue is not known.")


@pytest.mark.parametrize("days", [1, 120, 121, 840, 841, 3660])
def test_no_chart_has_more_than_a_hundred_and_twenty_points(days: int) -> None:
    window = Window(LAST_DAY - timedelta(days=days - 1), LAST_DAY)
    assert len(window.steps(step_for(window))) <= 122


@pytest.mark.parametrize("step", Step)
def test_steps_cover_their_window_without_gap_or_overlap(step: Step) -> None:
    steps = Window(date(2025, 12, 17), date(2026, 3, 2)).steps(step)
    assert (steps[0].since, steps[-1].until) == (date(2025, 12, 17), date(2026, 3, 2))
    assert all(later.since - earlier.until == timedelta(days=1) for earlier, later in pairwise(steps))
