"""What the forecast page says beside its chart: how the last weeks were foreseen, and which days ahead are out of the ordinary."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from app.mix.forecast_charts import calendar_sentence, fan_chart
from ml.forecast import CalendarDay, Forecast


@pytest.fixture
def forecast(results: dict[str, Any]) -> Forecast:
    return Forecast.from_dict(results["forecast"]["forecast"])


def plain(text: str) -> str:
    return text.replace("\u202f", " ").replace("\u00a0", " ").replace("\u2009", " ")


def days(name: str, first: date, *, count: int, lift: float | None, apart: int = 1) -> tuple[CalendarDay, ...]:
    return tuple(CalendarDay(first + timedelta(days=apart * index), name, lift) for index in range(count))


def test_the_forecast_of_the_last_weeks_is_drawn_beside_what_came(forecast: Forecast) -> None:
    chart, latest = fan_chart(forecast), forecast.backtest.latest
    assert latest is not None
    earlier = chart.lines[2]
    assert earlier.is_comparison
    start = chart.xs.index(str(latest.dates[0]))
    assert earlier.values[start] == pytest.approx(latest.mean[0], abs=0.01)
    assert earlier.values[start - 1] is None
    assert earlier.values[chart.xs.index(str(latest.dates[-1])) + 1] is None
    assert "A forecast made on" in chart.finding
    assert f"over the {forecast.backtest.origins[0].days} days since" in chart.finding


def test_a_forecast_stored_without_its_last_try_is_drawn_without_it(forecast: Forecast) -> None:
    older = replace(forecast, backtest=replace(forecast.backtest, latest=None))
    chart = fan_chart(older)
    assert len(chart.lines) == 2
    assert "A forecast made on" not in chart.finding


def test_events_ahead_are_named_with_days_and_effect(forecast: Forecast) -> None:
    known = days("Black Friday", date(2026, 11, 27), count=4, lift=0.182)
    never = days("Relaunch", date(2026, 12, 3), count=1, lift=None)
    said = plain(calendar_sentence(replace(forecast, calendar=(*known, *never))))
    assert said == (
        "The forecast counts on: Black Friday (27–30 Nov 2026, +18.2 %). It leaves out what your history has never seen: Relaunch."
    )


def test_days_that_do_not_follow_each_other_are_counted_and_many_events_are_cut_short(forecast: Forecast) -> None:
    mailings = days("Mailing", date(2026, 11, 2), count=3, lift=0.05, apart=7)
    assert "Mailing (3 days from 2 Nov 2026, +5.0 %)" in plain(calendar_sentence(replace(forecast, calendar=mailings)))
    many = tuple(CalendarDay(date(2026, 11, 1 + index), f"Day {index}", 0.1) for index in range(9))
    assert calendar_sentence(replace(forecast, calendar=many)).endswith("and 3 more.")


def test_a_calendar_with_nothing_ahead_says_so(forecast: Forecast) -> None:
    assert calendar_sentence(replace(forecast, calendar=())) == "The forecast knows of no event or holiday ahead."
