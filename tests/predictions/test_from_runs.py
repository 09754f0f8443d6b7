"""A forecast's totals go into the ledger as the page shows them: running totals and single weeks, each with its own range."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.predictions.from_runs import FinishedRun, write_forecast
from app.predictions.models import Prediction
from app.predictions.service import track_record
from kit.db import ScopedSession
from kit.ids import new_id
from kit.money import MICROS
from ml.forecast import ForecastOptions, forecast_revenue
from tests.ml.shops import shop

QUICK = ForecastOptions(model="structural", origins=3)
FIRST = date(2024, 7, 19)  # the day after 200 days of the shop


def forecast_document_of(horizon_days: int, *, planned: float | None = None, weekly: bool = False) -> dict[str, Any]:
    frame = shop(420).weekly() if weekly else shop(200)
    plan = {(FIRST + timedelta(days=day), "Search"): planned for day in range(horizon_days)} if planned else None
    return forecast_revenue(frame, horizon_days=horizon_days, planned=plan, options=QUICK).to_dict()


def finished(today: date = FIRST, **request: Any) -> FinishedRun:
    return FinishedRun(new_id(), None, None, request, 1, "EUR", today)


def stretches(session: ScopedSession) -> list[tuple[int, int]]:
    """(days after the first one, length) of all that was written down."""
    rows = session.scalars(select(Prediction).order_by(Prediction.since, Prediction.until))
    return [((one.since - FIRST).days, (one.until - one.since).days + 1) for one in rows]


@pytest.mark.parametrize(
    ("horizon_days", "written"),
    [
        (7, [(0, 7)]),
        (30, [(0, 7), (0, 30), (7, 7), (14, 7), (21, 7)]),
        (45, [(0, 7), (0, 30), (0, 45), (7, 7), (14, 7), (21, 7)]),
        (90, [(0, 7), (0, 30), (0, 60), (0, 90), (7, 7), (14, 7), (21, 7)]),
    ],
)
def test_totals_are_written_down_as_far_as_the_forecast_goes(
    session: ScopedSession, horizon_days: int, written: list[tuple[int, int]]
) -> None:
    assert write_forecast(session, finished(), forecast_document_of(horizon_days)) == len(written)
    assert stretches(session) == written


def test_a_week_has_the_number_the_range_and_the_spend_that_the_page_shows(session: ScopedSession) -> None:
    document = forecast_document_of(30, planned=80.0)
    write_forecast(session, finished(planned_per_day={"Search": 80.0}), document)
    week = document["weekly"][1]
    since = FIRST + timedelta(days=7)
    kept = session.scalars(select(Prediction).where(Prediction.since == since)).one()
    assert [float(value) / MICROS for value in (kept.point, kept.low, kept.high)] == pytest.approx(
        [week["total"], week["low80"], week["high80"]]
    )
    spent = sum(sum(day) for day in document["assumed_spend"]["spend"][7:14])
    assert kept.assumed == {
        "is_planned": True,
        "spend_micros": pytest.approx(spent * MICROS, abs=1),
        "planned_spend_micros": pytest.approx(spent * MICROS, abs=1),
    }


def test_a_longer_stretch_has_the_range_of_its_own_total(session: ScopedSession) -> None:
    document = forecast_document_of(60)
    write_forecast(session, finished(), document)
    rows = session.scalars(select(Prediction).where(Prediction.since == FIRST).order_by(Prediction.until)).all()
    assert [[float(row.low) / MICROS, float(row.high) / MICROS] for row in rows] == [
        pytest.approx([total["low80"], total["high80"]]) for total in document["horizons"]
    ]


def test_what_was_written_down_before_is_not_written_again(session: ScopedSession) -> None:
    write_forecast(session, finished(), forecast_document_of(30))
    assert write_forecast(session, finished(), forecast_document_of(30)) == 0
    assert write_forecast(session, finished(), forecast_document_of(90)) == 2
    assert write_forecast(session, finished(planned_per_day={"Search": 80.0}), forecast_document_of(30)) == 5


def test_days_that_are_over_are_no_prediction(session: ScopedSession) -> None:
    write_forecast(session, finished(today=FIRST + timedelta(days=10)), forecast_document_of(30))
    assert stretches(session) == [(0, 30), (7, 7), (14, 7), (21, 7)]


def test_a_weekly_forecast_is_written_down_in_whole_weeks(session: ScopedSession) -> None:
    document = forecast_document_of(90, weekly=True)
    write_forecast(session, finished(today=date.fromisoformat(document["dates"][0])), document)
    lengths = [(one.until - one.since).days + 1 for one in session.scalars(select(Prediction))]
    assert sorted(lengths) == [7, 7, 7, 7, 35, 63, 91]


def test_all_of_them_wait_in_the_track_record(session: ScopedSession) -> None:
    write_forecast(session, finished(), forecast_document_of(90))
    assert track_record(session, "forecast_revenue").waiting == 7
