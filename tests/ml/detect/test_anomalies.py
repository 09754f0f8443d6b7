"""Detection: what does not fit is found and named, what fits is left alone."""

import json
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.anomalies import Anomaly, DetectionOptions, Metric, find_anomalies
from ml.frames import FloatArray
from tests.ml.detect.series import days, on, sales


def found_in(values: FloatArray, options: DetectionOptions | None = None) -> tuple[Anomaly, ...]:
    return find_anomalies(days(len(values)), [Metric("revenue", values)], options=options).anomalies


def test_a_spike_is_found_on_its_day_with_its_size() -> None:
    values = sales()
    values[100] *= 1.5
    (anomaly,) = found_in(values)
    assert (anomaly.kind, anomaly.starts_on, anomaly.ends_on) == ("spike", on(100), on(100))
    assert anomaly.change == pytest.approx(0.5, abs=0.15)
    assert anomaly.rises
    assert not anomaly.may_go_on


def test_a_drop_of_three_days_is_one_stretch() -> None:
    values = sales()
    values[90:93] *= 0.75
    (anomaly,) = found_in(values)
    assert (anomaly.kind, anomaly.starts_on, anomaly.days) == ("stretch", on(90), 3)
    assert anomaly.change == pytest.approx(-0.25, abs=0.06)


def test_a_lasting_change_is_a_level_shift_and_not_a_row_of_bad_days() -> None:
    values = sales()
    values[80:] *= 0.6
    (anomaly,) = found_in(values)
    assert anomaly.kind == "level_shift"
    assert abs((anomaly.starts_on - on(80)).days) <= 1
    assert anomaly.change == pytest.approx(-0.4, abs=0.06)
    assert anomaly.may_go_on


def test_a_drop_that_reaches_the_last_day_may_go_on() -> None:
    values = sales()
    values[-2:] *= 0.6
    (anomaly,) = found_in(values)
    assert anomaly.kind == "stretch"
    assert anomaly.may_go_on


def test_huge_outliers_hide_neither_each_other_nor_a_modest_one() -> None:
    values = sales()
    values[[40, 60, 70]] *= [8.0, 0.05, 12.0]
    values[100] *= 1.4
    assert {anomaly.starts_on for anomaly in found_in(values)} >= {on(40), on(60), on(70), on(100)}


def test_ordinary_days_ring_no_more_often_than_was_asked_for() -> None:
    metrics = [Metric(f"metric {seed}", sales(180, seed=seed, noise=0.1)) for seed in range(40)]
    report = find_anomalies(days(180), metrics, options=DetectionOptions(alarms_per_month=0.5, least_change=0.0))
    assert len(report.anomalies) <= 1.3 * report.expected_false_alarms
    assert report.expected_false_alarms <= 0.5 * 40 * 180 / 30.44


def test_small_noise_rings_less_often_by_chance_than_was_allowed() -> None:
    """Rare days that are small beside any change worth an alarm stay quiet, and the rate that is stated says so."""
    quiet = [Metric(f"metric {seed}", sales(180, seed=seed, noise=0.04)) for seed in range(20)]
    report = find_anomalies(days(180), quiet, options=DetectionOptions(alarms_per_month=5.0, least_change=0.0))
    assert report.expected_false_alarms < 0.2 * 20 * 180 / 30.44
    assert len(report.anomalies) <= max(1.5 * report.expected_false_alarms, 2)


def test_a_drop_of_a_third_over_three_days_is_found_where_days_differ_by_an_eighth() -> None:
    values = sales(180, noise=0.12)
    values[120:123] *= 0.65
    assert any(one.starts_on <= on(122) and on(120) <= one.ends_on for one in found_in(values))


def test_more_alarms_are_allowed_for_more_are_given() -> None:
    values = sales(180, noise=0.12)
    values[[100, 130, 160]] *= [1.35, 0.7, 1.3]
    few, many = (found_in(values, DetectionOptions(alarms_per_month=rate)) for rate in (0.01, 2.0))
    assert len(few) < len(many)


def test_days_known_to_be_special_are_neither_judged_nor_learnt_from() -> None:
    values = sales()
    values[50:54] *= 2.5
    known = [on(index) for index in range(50, 54)]
    report = find_anomalies(days(120), [Metric("revenue", values)], known_days=known)
    assert report.anomalies == ()


def test_provisional_days_are_not_judged() -> None:
    values = sales()
    values[-3:] = 0.0
    report = find_anomalies(
        days(120), [Metric("revenue", values)], options=DetectionOptions(final_until=on(116), judge_last_days=7)
    )
    assert report.anomalies == ()
    assert (report.judged_from, report.judged_to) == (on(110), on(116))


def test_only_the_last_days_are_judged_where_that_is_asked_for() -> None:
    values = sales()
    values[[60, 117]] *= 1.6
    assert [one.starts_on for one in found_in(values, DetectionOptions(judge_last_days=7))] == [on(117)]


def test_spend_that_was_cut_explains_the_drop_that_follows() -> None:
    rng = np.random.default_rng(3)
    spend = np.repeat(rng.choice([50.0, 200.0], 18), 7)[:120]
    values = sales() * (spend / 100) ** 0.3
    metric = [Metric("revenue", values)]
    unexplained = find_anomalies(days(120), metric)
    explained = find_anomalies(days(120), metric, drivers=np.log(spend)[:, None])
    assert explained.anomalies == ()
    assert explained.readings[0].noise is not None
    assert unexplained.readings[0].noise is not None
    assert explained.readings[0].noise < unexplained.readings[0].noise


@pytest.mark.parametrize(("day", "rings"), [(95, True), (96, False)])  # a Friday of 400 clicks, a Saturday of 15
def test_a_ratio_is_judged_by_how_much_lies_below_it(day: int, rings: bool) -> None:
    usual = np.where(np.arange(120) % 7 < 5, 400.0, 15.0)
    noise = np.clip(np.random.default_rng(5).standard_normal(120), -2, 2)
    clicks = usual + np.sqrt(usual) * noise
    clicks[day] = usual[day] * 0.6
    report = find_anomalies(days(120), [Metric("CTR", clicks, 100 * usual)])
    assert [one.starts_on for one in report.anomalies] == ([on(day)] if rings else [])


def test_false_discoveries_over_many_metrics_are_held_to_the_share() -> None:
    metrics = [Metric(f"metric {seed}", sales(120, seed=seed, noise=0.08)) for seed in range(30)]
    broken = sales(120, seed=99)
    broken[100] *= 0.3
    options = DetectionOptions(alarms_per_month=1.0, least_change=0.0, false_discovery_share=0.1)
    report = find_anomalies(days(120), [*metrics, Metric("broken", broken)], options=options)
    assert ("broken", on(100)) in {(one.metric, one.starts_on) for one in report.anomalies}
    assert sum(one.metric != "broken" for one in report.anomalies) <= 2
    assert all(one.q_value <= 0.1 for one in report.anomalies)


def test_a_reading_says_what_would_have_been_found() -> None:
    calm, wild = (find_anomalies(days(120), [Metric("m", sales(noise=noise))]).readings[0] for noise in (0.03, 0.15))
    assert calm.smallest_spike is not None
    assert wild.smallest_spike is not None
    assert 0.1 < calm.smallest_spike < 0.3 < wild.smallest_spike
    assert calm.smallest_stretch is not None
    assert calm.smallest_stretch <= calm.smallest_spike
    inside = (calm.actual >= calm.low) & (calm.actual <= calm.high)
    assert inside.mean() > 0.97


@pytest.mark.parametrize("noise", [0.02, 0.1, 0.3])
def test_what_was_expected_is_in_the_unit_of_the_metric(noise: float) -> None:
    for seed in range(4):
        additive = 1000 * (1 + noise * np.random.default_rng(seed).standard_normal(120))
        reading = find_anomalies(days(120), [Metric("m", additive)]).readings[0]
        assert np.median(reading.actual / reading.expected) == pytest.approx(1.0, abs=0.02 + 0.3 * noise)
        assert reading.noise == pytest.approx(0.6745 * noise, rel=0.35)


def test_a_report_is_plain_json() -> None:
    values = sales()
    values[100] *= 2
    values[10] = np.nan
    document = json.loads(json.dumps(find_anomalies(days(120), [Metric("m", values)]).to_dict()))
    assert document["anomalies"][0]["starts_on"] == on(100).isoformat()
    assert document["readings"][0]["actual"][10] is None


@settings(max_examples=15, deadline=None)
@given(factor=st.sampled_from([1e-6, 0.01, 3.7, 1e6]), seed=st.integers(0, 50))
def test_currency_does_not_matter(factor: float, seed: int) -> None:
    values = sales(seed=seed)
    values[100] *= 1.6
    one, other = found_in(values), found_in(factor * values)
    assert [(a.kind, a.starts_on) for a in one] == [(a.kind, a.starts_on) for a in other]
    assert [a.change for a in one] == pytest.approx([a.change for a in other], rel=1e-6)


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 50), weeks=st.integers(-30, 30))
def test_order_of_rows_and_start_by_whole_weeks_do_not_matter(seed: int, weeks: int) -> None:
    values = sales(seed=seed)
    values[70:73] *= 0.7
    order = np.random.default_rng(seed).permutation(120)
    shuffled = find_anomalies(days(120)[order] + 7 * weeks, [Metric("revenue", values[order])]).anomalies
    plain = found_in(values)
    assert [one.starts_on - timedelta(weeks=weeks) for one in shuffled] == [one.starts_on for one in plain]


def test_other_metrics_do_not_change_what_is_found_in_one() -> None:
    values = sales()
    values[100] *= 1.5
    crowd = [Metric("revenue", values), *(Metric(f"m{seed}", sales(seed=seed)) for seed in range(5))]
    together = find_anomalies(days(120), crowd).anomalies
    assert [one.starts_on for one in together if one.metric == "revenue"] == [on(100)]
