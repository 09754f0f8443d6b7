"""Carry-over: weights that sum to one, mean lags that mean what they say, and linearity."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ml.adstock
from ml.adstock import carry_over, lag_weights
from ml.errors import BadOption

lags = st.floats(0, 15)
shapes = st.floats(0, 1)


@given(lags, shapes)
def test_weights_are_shares_of_one_effect(mean_lag: float, shape: float) -> None:
    weights = lag_weights(mean_lag, shape, 60)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)


@given(st.floats(0.05, 8), shapes)
def test_the_mean_lag_is_the_mean_lag(mean_lag: float, shape: float) -> None:
    weights = lag_weights(mean_lag, shape, 400)
    assert weights @ np.arange(400) == pytest.approx(mean_lag, rel=1e-6)


def test_no_lag_is_immediate_and_shape_one_peaks_later() -> None:
    assert lag_weights(0, 0.5, 4).tolist() == [1, 0, 0, 0]
    assert np.argmax(lag_weights(8, 0, 60)) == 0
    assert np.argmax(lag_weights(8, 1, 60)) > 1


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), lags, shapes)
def test_carry_over_is_linear_and_never_negative(spend: list[float], mean_lag: float, shape: float) -> None:
    weights = lag_weights(mean_lag, shape, 30)
    carried = carry_over(spend, weights)
    assert carried.min() >= 0
    assert carry_over(np.array(spend) * 3, weights) == pytest.approx(carried * 3)


@given(st.floats(0, 1e6), lags, shapes)
def test_constant_spend_stays_what_it_is(level: float, mean_lag: float, shape: float) -> None:
    carried = carry_over(np.full(20, level), lag_weights(mean_lag, shape, 30), before=level)
    assert carried == pytest.approx(np.full(20, level))


def test_all_spend_arrives_in_the_end() -> None:
    carried = carry_over([7.0, *[0.0] * 100], lag_weights(4, 0.4, 60))
    assert carried.sum() == pytest.approx(7)


@pytest.mark.parametrize(("mean_lag", "shape", "length"), [(-1, 0, 5), (1, 1.5, 5), (1, 0, 0), (float("nan"), 0, 5)])
def test_weights_outside_their_domain_are_refused(mean_lag: float, shape: float, length: int) -> None:
    with pytest.raises(BadOption):
        lag_weights(mean_lag, shape, length)


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(ml.adstock).failed == 0
