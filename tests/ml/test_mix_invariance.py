"""What must not matter does not: the unit of money, a channel that does nothing, a channel split in two, the unit of draws."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import MlError
from ml.frames import MarketingFrame
from ml.mix import LiftWindow, MixOptions, fit_mix, preview_mix
from ml.mix.intervals import middle_mean, narrowest_interval
from tests.ml.businesses import calm_business, calm_fit, short_business

QUICK = MixOptions(chains=16, warm_up=30, draws=40)


@given(st.integers(0, 10_000), st.floats(1e-6, 1e9))
def test_points_and_ranges_scale_with_the_draws(seed: int, factor: float) -> None:
    draws = np.exp(np.random.default_rng(seed).standard_normal((200, 2)))
    assert middle_mean(draws * factor) == pytest.approx(middle_mean(draws) * factor, rel=1e-9)
    for scaled, plain in zip(narrowest_interval(draws * factor), narrowest_interval(draws), strict=True):
        assert scaled == pytest.approx(plain * factor, rel=1e-9)


@given(st.integers(0, 10_000))
def test_the_point_lies_between_the_quartiles_whatever_the_order(seed: int) -> None:
    generator = np.random.default_rng(seed)
    draws = np.exp(2 * generator.standard_normal((400, 1)))
    low, high = np.quantile(draws, [0.25, 0.75])
    assert low <= middle_mean(draws)[0] <= high
    assert middle_mean(generator.permutation(draws)) == pytest.approx(middle_mean(draws))


def test_a_channel_that_does_nothing_changes_no_other() -> None:
    frame = calm_business().frame()
    idle = np.random.default_rng(0).uniform(5, 40, frame.periods)
    more = replace(frame, channels=(*frame.channels, "Radio"), spend=np.column_stack([frame.spend, idle]))
    fit = fit_mix(more, seed=1, options=QUICK)
    assert fit.channel("Radio").roi_low == 0
    for name in ("Search", "Social"):
        before = calm_fit().channel(name)
        assert abs(fit.channel(name).roi_mean - before.roi_mean) < 0.3 * (before.roi_high - before.roi_low)


def test_a_channel_split_in_two_brings_as_much_as_before() -> None:
    frame = calm_business().frame()
    search = frame.spend[:, 0]
    share = np.random.default_rng(1).uniform(0.3, 0.7, frame.periods)
    spend = np.column_stack([search * share, search * (1 - share), frame.spend[:, 1:]])
    fit = fit_mix(replace(frame, channels=("Brand", "Generic", *frame.channels[1:]), spend=spend), options=QUICK)
    together = fit.channel("Brand").contribution + fit.channel("Generic").contribution
    assert together == pytest.approx(calm_fit().channel("Search").contribution, rel=0.15)


def test_money_in_another_unit_changes_the_amounts_of_a_preview_only() -> None:
    frame = short_business().frame()
    window = LiftWindow("Search", date(2024, 2, 5), date(2024, 2, 25), 900.0, 300.0)
    dear = replace(window, increment=900.0 * 1024, increment_sd=300.0 * 1024)
    cheap = preview_mix(frame, lift_tests=[window])
    other = preview_mix(replace(frame, spend=frame.spend * 1024, revenue=frame.revenue * 1024), lift_tests=[dear])
    for channel, twin in zip(cheap.channels, other.channels, strict=True):
        assert twin.roi_mean == pytest.approx(channel.roi_mean, rel=1e-4)
        assert twin.contribution == pytest.approx(1024 * channel.contribution, rel=1e-4)


def spoiled(kind: str) -> MarketingFrame:
    frame = calm_business().frame()
    spend, revenue = frame.spend.copy(), frame.revenue.copy()
    if kind == "no spend":
        spend[:] = 0.0
    elif kind == "one channel":
        return replace(frame, channels=frame.channels[:1], spend=spend[:, :1])
    elif kind == "20 days":
        return frame.slice(0, 20)
    elif kind == "constant revenue":
        revenue[:] = 100.0
    elif kind == "absurd spend":
        spend[40, 1] = 1e12
    elif kind == "negative spend":
        spend[40, 1] = -5.0
    elif kind == "not a number":
        revenue[40] = np.nan
    return replace(frame, spend=spend, revenue=revenue)


@pytest.mark.parametrize(
    "kind",
    ["no spend", "one channel", "20 days", "constant revenue", "absurd spend", "negative spend", "not a number"],
)
def test_a_preview_of_bad_data_is_a_refusal_that_a_person_can_read(kind: str) -> None:
    with pytest.raises(MlError) as refused:
        preview_mix(spoiled(kind))
    assert refused.value.detail


@pytest.mark.parametrize("value", [1e12, -4000.0, 0.0])
def test_a_preview_of_doubtful_revenue_is_graded_and_finite(value: float) -> None:
    frame = calm_business().frame()
    revenue = frame.revenue.copy()
    revenue[60:63] = value
    preview = preview_mix(replace(frame, revenue=revenue))
    assert np.isfinite([channel.roi_mean for channel in preview.channels]).all()
