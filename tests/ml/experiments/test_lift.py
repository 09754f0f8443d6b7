"""Lift tests: a paused channel, and regions in which spend changed."""

import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from ml.errors import BadFrame, BadOption, ConstantRevenue, MlError, NoPause, TooFewRegions, TooShort
from ml.experiments import PauseReading, analyse_pause, analyse_regions
from ml.frames import MarketingFrame
from ml.mix import LiftTest
from tests.ml.experiments.worlds import DAYS, FIRST, PAUSED_ON, RESUMED_AFTER, paused_shop, regional_revenue, scaled


def read(frame: MarketingFrame, **options: object) -> PauseReading:
    return analyse_pause(frame, "Social", starts_on=PAUSED_ON, ends_on=RESUMED_AFTER, **options)  # type: ignore[arg-type]


def test_a_pause_shows_what_the_channel_had_brought() -> None:
    frame, lost = paused_shop()
    reading = read(frame)
    assert reading.lost_low <= lost <= reading.lost_high
    assert reading.lost_revenue == pytest.approx(lost, rel=0.25)
    assert reading.verdict == "pays_back"
    assert reading.sentence.startswith("Spending ")
    assert reading.sentence.endswith("It brings more sales than it costs.")


def test_a_channel_that_does_nothing_is_not_credited() -> None:
    reading = read(paused_shop(roi=0.0)[0])
    assert reading.roi_low < 0 < reading.roi_high
    assert reading.verdict in {"cannot_tell", "costs_more_than_it_brings"}


def test_what_a_pause_found_is_a_lift_test_of_the_mix_model() -> None:
    reading = read(paused_shop()[0])
    test = LiftTest(reading.channel, reading.roi, reading.roi_sd)
    assert test.roi + 1.96 * test.roi_sd == pytest.approx(reading.roi_high, rel=0.01)


def test_more_noise_widens_the_interval() -> None:
    calm, noisy = (read(paused_shop(noise=noise)[0]) for noise in (40.0, 200.0))
    assert noisy.roi_sd > 2 * calm.roi_sd


def test_a_pause_that_only_just_ended_can_be_read_too() -> None:
    frame, lost = paused_shop()
    reading = read(frame.slice(0, FIRST + DAYS))
    assert reading.lost_low <= lost <= reading.lost_high
    assert len(reading.dates) == DAYS


@pytest.mark.parametrize("factor", [0.01, 1e9])
def test_the_currency_changes_amounts_and_no_return(factor: float) -> None:
    frame, _ = paused_shop()
    plain, other = read(frame), read(scaled(frame, factor))
    assert other.roi == pytest.approx(plain.roi, rel=1e-4)
    assert other.lost_low == pytest.approx(plain.lost_low * factor, rel=1e-3)


def test_the_order_of_channels_does_not_matter() -> None:
    frame, _ = paused_shop()
    turned = replace(frame, channels=frame.channels[::-1], spend=frame.spend[:, ::-1])
    assert read(turned).roi == pytest.approx(read(frame).roi, rel=1e-4)


def test_a_series_that_follows_the_same_demand_narrows_the_interval() -> None:
    frame, lost = paused_shop(noise=20.0)
    wave = np.random.default_rng(9).normal(0, 300, frame.periods)
    shaken = replace(frame, revenue=frame.revenue + wave)
    alone, beside = read(shaken), read(shaken, controls=wave)
    assert beside.roi_sd < 0.5 * alone.roi_sd
    assert beside.lost_low <= lost <= beside.lost_high


def test_days_without_rows_are_left_out() -> None:
    frame, lost = paused_shop()
    observed = np.ones(frame.periods, bool)
    observed[[40, 41, 90, FIRST + 3, FIRST + 30]] = False
    reading = read(replace(frame, revenue=np.where(observed, frame.revenue, 0.0), observed=observed))
    assert reading.lost_low <= lost <= reading.lost_high
    assert len(reading.dates) == DAYS + 14 - 1


def test_spending_more_is_read_the_same_way() -> None:
    frame, _ = paused_shop(roi=0.0)
    spend, revenue = frame.spend.copy(), frame.revenue.copy()
    spend[FIRST : FIRST + DAYS, 0] = 600.0
    revenue[FIRST : FIRST + DAYS] += 3.0 * 400
    reading = read(replace(frame, spend=spend, revenue=revenue))
    assert reading.spend_change < 0
    assert reading.roi == pytest.approx(3.0, abs=1.0)
    assert "more on Social brought about" in reading.sentence


def test_a_reading_of_a_pause_survives_json() -> None:
    document = json.loads(json.dumps(read(paused_shop()[0]).to_dict()))
    assert document["starts_on"] == PAUSED_ON.isoformat()
    assert len(document["expected"]) == len(document["dates"]) == DAYS + 14


def frame_with(**changes: object) -> MarketingFrame:
    return replace(paused_shop()[0], **changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("frame", "options", "problem"),
    [
        (frame_with(), {"channel": "TikTok"}, BadOption),
        (frame_with(), {"channel": "Search"}, NoPause),
        (frame_with(), {"starts_on": RESUMED_AFTER, "ends_on": PAUSED_ON}, BadOption),
        (frame_with(), {"starts_on": date(2031, 1, 1), "ends_on": date(2031, 1, 9)}, BadOption),
        (frame_with(), {"starts_on": date(2024, 1, 20), "ends_on": date(2024, 2, 2)}, TooShort),
        (frame_with(), {"planned_per_day": float("nan")}, BadOption),
        (frame_with(), {"planned_per_day": -3.0}, BadOption),
        (frame_with(), {"planned_per_day": 0.0}, NoPause),
        (frame_with(), {"settle_days": -1}, BadOption),
        (frame_with(), {"level": 1.0}, BadOption),
        (frame_with(), {"controls": [1.0, 2.0]}, BadFrame),
        (frame_with(), {"controls": np.full(220, np.nan)}, BadFrame),
        (frame_with(revenue=np.zeros(220)), {}, ConstantRevenue),
        (frame_with(revenue=np.full(220, 5e12)), {}, ConstantRevenue),
        (frame_with(spend=np.zeros((220, 2))), {}, NoPause),
        (frame_with().weekly(), {}, BadFrame),
        (frame_with(observed=~np.isin(np.arange(220), np.arange(FIRST, FIRST + DAYS))), {}, NoPause),
    ],
)
def test_pauses_that_cannot_be_read_are_refused(
    frame: MarketingFrame, options: dict[str, object], problem: type[MlError]
) -> None:
    arguments = {"channel": "Social", "starts_on": PAUSED_ON, "ends_on": RESUMED_AFTER, **options}
    with pytest.raises(problem) as refused:
        analyse_pause(frame, **arguments)  # type: ignore[arg-type]
    assert refused.value.hint


def test_refunds_and_a_switch_of_currency_are_answered_with_a_wide_interval_at_worst() -> None:
    frame, _ = paused_shop()
    refunded = frame.revenue.copy()
    refunded[[20, 60, 100]] = -4000.0
    switched = np.where(np.arange(frame.periods) < 80, frame.revenue / 100, frame.revenue)
    for revenue in (refunded, switched):
        reading = read(replace(frame, revenue=revenue))
        assert np.isfinite([reading.roi_low, reading.roi_high]).all()
        assert reading.roi_low < reading.roi < reading.roi_high


def test_pause_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    readings = [(read(frame), lost) for frame, lost in (paused_shop(seed=seed, noise=150.0) for seed in range(30))]
    assert sum(reading.lost_low <= lost <= reading.lost_high for reading, lost in readings) >= 26


NAMES = [f"R{index}" for index in range(12)]


def test_regions_show_what_was_lost_and_that_it_is_no_chance() -> None:
    table, lost = regional_revenue(lost_share=0.15)
    reading = analyse_regions(table, NAMES, treated=NAMES[:2], first=66, last=79, spend_change=lost / 2)
    assert reading.lost_low <= lost <= reading.lost_high
    assert reading.p_value <= 0.05
    assert reading.roi == pytest.approx(2.0, rel=0.3)
    assert reading.verdict == "pays_back"
    assert sum(reading.weights) == pytest.approx(1)
    json.dumps(reading.to_dict())


@pytest.mark.parametrize("method", ["synthetic", "difference"])
def test_regions_without_a_change_stay_within_the_noise(method: str) -> None:
    table, _ = regional_revenue(lost_share=0.0)
    reading = analyse_regions(table, NAMES, treated=NAMES[:2], first=66, last=79, method=method)  # type: ignore[arg-type]
    assert reading.lost_low < 0 < reading.lost_high
    assert reading.roi is None
    assert "within what regions differ by anyway" in reading.sentence


def test_the_regions_order_and_currency_do_not_matter() -> None:
    table, lost = regional_revenue(lost_share=0.1)
    plain = analyse_regions(table, NAMES, treated=NAMES[:2], first=66, last=79)
    turned = analyse_regions(7 * table[:, ::-1], NAMES[::-1], treated=NAMES[:2], first=66, last=79)
    assert turned.lost_revenue == pytest.approx(7 * plain.lost_revenue, rel=1e-4)
    assert turned.p_value == plain.p_value
    assert lost > 0


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"treated": ["Atlantis"]}, BadOption),
        ({"treated": []}, BadOption),
        ({"treated": NAMES[:6]}, TooFewRegions),
        ({"first": 10}, TooShort),
        ({"last": 80}, BadOption),
        ({"spend_change": 0.0}, NoPause),
        ({"revenue": np.full((80, 12), np.nan)}, BadFrame),
        ({"revenue": np.zeros((80, 11))}, BadFrame),
        ({"revenue": np.zeros((80, 12))}, ConstantRevenue),
    ],
)
def test_region_tests_that_cannot_be_read_are_refused(options: dict[str, object], problem: type[MlError]) -> None:
    table, _ = regional_revenue(lost_share=0.1)
    arguments = {"revenue": table, "regions": NAMES, "treated": NAMES[:2], "first": 66, "last": 79, **options}
    with pytest.raises(problem) as refused:
        analyse_regions(**arguments)  # type: ignore[arg-type]
    assert refused.value.hint


def test_the_window_of_a_pause_is_what_its_dates_say() -> None:
    reading = read(paused_shop()[0])
    assert reading.dates[0].astype(object) == PAUSED_ON
    assert reading.dates[-1].astype(object) == RESUMED_AFTER + timedelta(days=14)
    assert reading.spend_change == pytest.approx(DAYS * reading.planned_per_day)
