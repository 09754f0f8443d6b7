"""A later fit starts from the one before and moves in steps, unless the data insist."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from ml.mix import MixFit, MixOptions, fit_mix
from ml.mix.refresh import Corridor, nearest_weights
from tests.ml.businesses import calm_business

QUICK = MixOptions(chains=16, warm_up=30, draws=40)


@lru_cache
def month_before() -> MixFit:
    return fit_mix(calm_business().frame().slice(0, 337), seed=1, options=QUICK)


def test_four_more_weeks_move_no_return_by_more_than_15_percent_within_its_old_range() -> None:
    now = fit_mix(calm_business().frame(), seed=2, options=QUICK, earlier=month_before())
    for channel in now.channels:
        before = month_before().channel(channel.channel)
        assert abs(channel.roi_mean / before.roi_mean - 1) <= 0.15 or not (
            before.roi_low <= channel.roi_mean <= before.roi_high
        )
        assert channel.roi_low <= channel.roi_mean <= channel.roi_high


def test_returns_that_no_draw_comes_near_keep_to_the_step_all_the_same() -> None:
    before = month_before()
    told = tuple(replace(c, roi_mean=0.4 * c.roi_mean, roi_low=0.0, roi_high=9 * c.roi_high) for c in before.channels)
    now = fit_mix(calm_business().frame(), seed=2, options=QUICK, earlier=replace(before, channels=told))
    for channel, old in zip(now.channels, told, strict=True):
        assert abs(channel.roi_mean / old.roi_mean - 1) <= 0.15
        assert channel.roi_low <= channel.roi_mean <= channel.roi_high


def test_channels_that_are_new_or_gone_do_not_disturb() -> None:
    frame = calm_business().frame()
    fewer = month_before()
    renamed = (*frame.channels[:2], "Radio", "Print")
    other = fit_mix(type(frame)(frame.dates, 1, renamed, frame.spend, frame.revenue), options=QUICK, earlier=fewer)
    assert other.names == renamed


def test_the_nearest_weights_bring_the_means_into_their_corridors() -> None:
    draws = np.exp(0.5 * np.random.default_rng(0).standard_normal((2000, 3)))
    means = draws.mean(0)
    allowed = Corridor(np.array([means[0] * 1.1, -np.inf, -np.inf]), np.array([np.inf, np.inf, means[2] * 0.9]))
    allowed = Corridor(
        np.where(np.isfinite(allowed.low), allowed.low, [0.0, -np.inf, 0.0]),
        np.where(np.isfinite(allowed.high), allowed.high, [9.0, np.inf, 9.0]),
    )
    weights = nearest_weights(draws, allowed)
    found = weights @ draws
    assert weights.sum() == pytest.approx(1)
    assert found[0] == pytest.approx(means[0] * 1.1, rel=1e-3)
    assert found[2] == pytest.approx(means[2] * 0.9, rel=1e-3)
    assert found[1] == pytest.approx(means[1], rel=0.05)


def test_weights_never_rest_on_a_few_draws() -> None:
    draws = np.exp(0.1 * np.random.default_rng(0).standard_normal((1000, 1)))
    weights = nearest_weights(draws, Corridor(np.array([5.0]), np.array([6.0])))
    assert 1 / (weights**2).sum() >= 0.05 * 1000
