"""The mix model recovers what is known to be true, says how sure it is, and does not depend on what should not matter."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from ml.errors import BadFrame, BadOption
from ml.frames import MarketingFrame
from ml.mix import LiftTest, MixFit, MixOptions, fit_mix
from ml.synth import random_business, simulate
from tests.ml.businesses import calm_business, calm_fit, short_business

QUICK = MixOptions(chains=16, warm_up=30, draws=30)


def permuted(frame: MarketingFrame, order: list[int]) -> MarketingFrame:
    return replace(frame, channels=tuple(frame.channels[i] for i in order), spend=frame.spend[:, order])


def test_channels_that_were_paused_are_measured_within_15_percent() -> None:
    fit = calm_fit()
    for name, truth in (("Search", 3.0), ("Social", 1.5)):
        channel = fit.channel(name)
        assert channel.roi_mean == pytest.approx(truth, rel=0.15)
        assert channel.roi_low < channel.roi_mean < channel.roi_high
        assert channel.grade == "reliable"


def test_a_channel_that_does_nothing_has_zero_in_its_interval() -> None:
    assert calm_fit().channel("Video").roi_low == 0


def test_a_channel_that_never_changes_gets_no_verdict() -> None:
    assert calm_fit().channel("Display").grade == "cannot_tell"


def test_intervals_cover_the_truth_over_many_businesses() -> None:
    covered = []
    for seed in range(10):
        generator = np.random.default_rng(seed)
        market, channels = random_business(generator, channels=2 + seed % 5, days=180, start=date(2024, 1, 1))
        run = simulate(seed=seed, days=180, channels=channels, start=date(2024, 1, 1), market=market)
        fit = fit_mix(run.frame(), seed=seed, options=QUICK)
        covered += [c.roi_low <= truth <= c.roi_high for c, truth in zip(fit.channels, run.roi, strict=True)]
    assert np.mean(covered) >= 0.88


def test_the_marginal_return_is_recovered() -> None:
    truth = dict(zip(calm_business().names, calm_business().mroi, strict=True))
    for name in ("Search", "Social"):
        channel = calm_fit().channel(name)
        assert channel.mroi_low <= truth[name] <= channel.mroi_high
        assert channel.mroi_mean <= channel.roi_mean * 1.1


def test_the_parts_add_up_to_the_fitted_series() -> None:
    fit = calm_fit()
    assert fit.contribution_series.sum(1) + fit.baseline_series == pytest.approx(fit.fitted)
    for index, channel in enumerate(fit.channels):
        assert fit.contribution_series[:, index].sum() == pytest.approx(channel.contribution, rel=1e-6)
        assert channel.contribution == pytest.approx(channel.roi_mean * channel.spend)
    assert fit.baseline == pytest.approx(fit.baseline_series.sum())
    assert fit.fitted.sum() == pytest.approx(calm_business().revenue.sum(), rel=0.02)


def test_the_band_holds_most_days_and_the_held_out_weeks_are_predicted() -> None:
    fit = calm_fit()
    inside = (fit.revenue >= fit.fitted_low) & (fit.revenue <= fit.fitted_high)
    assert inside.mean() >= 0.9
    assert fit.fit.r2 > 0.8
    assert fit.fit.holdout_mape is not None
    assert fit.fit.holdout_mape < 0.1
    assert fit.fit.rhat < 1.1


def test_curves_start_at_nothing_and_rise_to_one_and_a_half_times_the_highest_day() -> None:
    for channel in calm_fit().channels:
        curve = channel.curve
        assert len(curve.spend_per_day) == 41
        assert curve.revenue_per_day[0] == 0
        assert curve.spend_per_day[-1] == pytest.approx(1.5 * channel.highest_per_day)
        assert (np.diff(curve.revenue_per_day) >= 0).all()
        assert (curve.low <= curve.revenue_per_day).all()
        assert (curve.revenue_per_day <= curve.high).all()


def test_the_same_seed_gives_the_same_answer() -> None:
    frame = short_business().frame()
    first, second = (fit_mix(frame, seed=3, options=QUICK) for _ in range(2))
    assert replace(first, cpu_s=0.0).to_dict() == replace(second, cpu_s=0.0).to_dict()


def test_another_currency_changes_the_amounts_and_no_return() -> None:
    frame = short_business().frame()
    dear = replace(frame, spend=frame.spend * 1024, revenue=frame.revenue * 1024, currency="JPY")
    cheap_fit, dear_fit = fit_mix(frame, options=QUICK), fit_mix(dear, options=QUICK)
    for cheap, other in zip(cheap_fit.channels, dear_fit.channels, strict=True):
        assert other.roi_mean == pytest.approx(cheap.roi_mean, rel=1e-6)
        assert other.contribution == pytest.approx(1024 * cheap.contribution, rel=1e-6)
        assert other.grade == cheap.grade


def test_the_order_of_channels_does_not_matter() -> None:
    frame = calm_business().frame()
    other = fit_mix(permuted(frame, [2, 0, 3, 1]), seed=1)
    for channel in calm_fit().channels:
        twin = other.channel(channel.channel)
        width = channel.roi_high - channel.roi_low
        assert abs(twin.roi_mean - channel.roi_mean) < 0.15 * width
        assert twin.grade == channel.grade


def test_weekly_totals_of_the_same_business_give_the_same_picture() -> None:
    fit = fit_mix(calm_business().frame().weekly(), options=QUICK)
    search = fit.channel("Search")
    assert fit.cadence_days == 7
    assert search.roi_low <= 3.0 <= search.roi_high
    assert search.current_per_day == pytest.approx(calm_fit().channel("Search").current_per_day, rel=0.1)


def test_missing_days_are_left_out_not_taken_for_days_without_sales() -> None:
    frame = calm_business().frame()
    gaps = np.zeros(frame.periods, bool)
    gaps[100:110] = True
    spend, revenue = frame.spend.copy(), frame.revenue.copy()
    spend[gaps], revenue[gaps] = 0, 0
    fit = fit_mix(replace(frame, spend=spend, revenue=revenue, observed=~gaps), options=QUICK)
    assert fit.channel("Search").roi_mean == pytest.approx(calm_fit().channel("Search").roi_mean, rel=0.05)


def test_a_mistyped_revenue_is_left_out_and_named() -> None:
    frame = calm_business().frame()
    revenue = frame.revenue.copy()
    revenue[50] = 1e12
    fit = fit_mix(replace(frame, revenue=revenue), options=QUICK)
    assert any("2024-02-20" in note for note in fit.warnings)
    assert fit.channel("Search").roi_mean == pytest.approx(3.0, rel=0.2)


def test_a_lift_test_brings_its_channel_to_what_was_measured() -> None:
    frame = calm_business().frame()
    before = calm_fit().channel("Display")
    after = fit_mix(frame, seed=1, lift_tests=[LiftTest("Display", roi=2.0, roi_sd=0.2)]).channel("Display")
    assert after.roi_mean == pytest.approx(2.0, rel=0.1)
    assert after.roi_high - after.roi_low < 0.5 * (before.roi_high - before.roi_low)


def test_a_lift_test_of_an_unknown_channel_is_refused() -> None:
    with pytest.raises(BadOption, match="Radio"):
        fit_mix(short_business().frame(), lift_tests=[LiftTest("Radio", 1.0, 0.1)])
    with pytest.raises(BadOption, match="standard error"):
        LiftTest("Search", 1.0, 0.0)


def test_progress_is_told_from_start_to_end() -> None:
    told: list[tuple[float, str]] = []
    fit_mix(short_business().frame(), options=QUICK, progress=lambda share, sentence: told.append((share, sentence)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(sentence for _, sentence in told)


def test_a_fit_survives_being_stored_as_json() -> None:
    stored = json.dumps(calm_fit().to_dict())
    again = MixFit.from_dict(json.loads(stored))
    assert json.dumps(again.to_dict()) == stored
    assert len(stored) < 1_000_000
    assert again.draws.response(again.current_per_day()) == pytest.approx(
        calm_fit().draws.response(calm_fit().current_per_day()), rel=1e-4
    )


def test_a_stored_fit_of_another_format_is_refused() -> None:
    with pytest.raises(BadFrame, match="older format"):
        MixFit.from_dict({**calm_fit().to_dict(), "format": 0})
