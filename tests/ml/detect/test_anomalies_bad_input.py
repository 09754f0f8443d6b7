"""Input that makes no sense gets a typed error or a graded answer, never a crash or a silent number."""

import numpy as np
import pytest

from ml.anomalies import DetectionOptions, Metric, find_anomalies
from ml.errors import BadFrame, BadOption
from tests.ml.detect.series import days, on, sales

CALM = DetectionOptions(alarms_per_month=0.03)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.zeros(60), "It was 0 on every day."),
        (np.full(60, np.nan), "No day has a value."),
        (np.where(np.arange(60) < 20, 5.0, np.nan), "20 days have a value; at least 28 are needed."),
        (
            np.where(np.arange(60) % 3 == 0, 5.0, 0.0),
            "It was 0 on 67% of the days. Judge it by week, or together with others.",
        ),
    ],
)
def test_a_metric_that_cannot_be_judged_says_why(values: np.ndarray, reason: str) -> None:
    report = find_anomalies(days(60), [Metric("m", values)])
    assert (report.readings[0].judged, report.readings[0].reason) == (False, reason)
    assert report.anomalies == ()
    assert report.expected_false_alarms == 0


@pytest.mark.parametrize("factor", [1e12, 1e-9])
def test_huge_and_tiny_values_are_judged_like_others(factor: float) -> None:
    values = factor * sales()
    values[100] *= 2
    assert [one.starts_on for one in find_anomalies(days(120), [Metric("m", values)]).anomalies] == [on(100)]


def test_one_absurd_value_is_an_anomaly_and_spoils_nothing() -> None:
    values = sales()
    values[50] = 1e12
    values[100] *= 1.6
    found = {one.starts_on for one in find_anomalies(days(120), [Metric("m", values)]).anomalies}
    assert {on(50), on(100)} <= found


def test_a_constant_metric_rings_only_where_it_moves() -> None:
    values = np.full(90, 250.0)
    assert find_anomalies(days(90), [Metric("m", values)]).anomalies == ()
    values[80] = 400.0
    assert [one.starts_on for one in find_anomalies(days(90), [Metric("m", values)]).anomalies] == [on(80)]


def test_negative_days_and_zero_days_have_a_scale_of_their_own() -> None:
    refunds = sales() - 900
    refunds[100] = -3000
    assert on(100) in {one.starts_on for one in find_anomalies(days(120), [Metric("m", refunds)]).anomalies}
    sparse = np.random.default_rng(2).poisson(4, 120).astype(float)
    sparse[100] = 25
    assert on(100) in {one.starts_on for one in find_anomalies(days(120), [Metric("m", sparse)]).anomalies}


def test_a_day_without_tracking_is_found() -> None:
    values = sales()
    values[100] = 0.0
    (anomaly,) = find_anomalies(days(120), [Metric("m", values)]).anomalies
    assert anomaly.change == pytest.approx(-1.0)


def test_gaps_are_days_without_a_value() -> None:
    values = sales()
    values[100] *= 1.6
    kept = np.delete(np.arange(120), [30, 31, 64])
    report = find_anomalies(days(120)[kept], [Metric("m", values[kept])], options=CALM)
    assert len(report.dates) == 120
    assert [one.starts_on for one in report.anomalies] == [on(100)]


def test_a_ratio_of_nothing_is_missing() -> None:
    spend = np.where(np.arange(120) % 10 == 0, 0.0, 100.0)
    report = find_anomalies(days(120), [Metric("ROAS", np.where(spend > 0, sales(), 0.0), spend)], options=CALM)
    assert report.anomalies == ()
    assert np.isnan(report.readings[0].actual).sum() == 12


@pytest.mark.parametrize(
    ("dates", "values"),
    [
        (np.repeat(days(30), 2), sales(60)),
        ([], []),
        (["2026-01-01", "soon"], [1.0, 2.0]),
        ([np.datetime64("NaT")] * 2, [1.0, 2.0]),
        (days(40), sales(39)),
        (days(40), [np.inf, *sales(39)]),
        (days(40), ["a"] * 40),
    ],
)
def test_dates_and_values_that_make_no_sense_are_refused(dates: object, values: object) -> None:
    with pytest.raises(BadFrame):
        find_anomalies(dates, [Metric("m", values)])  # type: ignore[arg-type]  # that is the point


def test_names_denominators_drivers_and_future_are_checked() -> None:
    values = sales(40)
    with pytest.raises(BadFrame, match="different names"):
        find_anomalies(days(40), [Metric("m", values), Metric("m", values)])
    with pytest.raises(BadFrame, match="negative"):
        find_anomalies(days(40), [Metric("m", values, -values)])
    with pytest.raises(BadFrame, match="drivers"):
        find_anomalies(days(40), [Metric("m", values)], drivers=np.full((40, 1), np.nan))
    with pytest.raises(BadFrame, match="future"):
        find_anomalies(days(40), [Metric("m", values)], options=DetectionOptions(final_until=on(-1)))


@pytest.mark.parametrize(
    "options",
    [
        {"alarms_per_month": 0.0},
        {"alarms_per_month": float("nan")},
        {"least_change": -0.1},
        {"judge_last_days": 0},
        {"false_discovery_share": 1.0},
    ],
)
def test_options_outside_their_domain_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadOption):
        DetectionOptions(**options)  # type: ignore[arg-type]  # a table of wrong values
