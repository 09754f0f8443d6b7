"""The Hill curve: bounds, monotony, its half level, and a slope that is its derivative."""

import doctest

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import ml.saturation
from ml.saturation import hill, hill_marginal

levels = st.floats(1e-3, 1e4)
halves = st.floats(1e-2, 1e3)
slopes = st.floats(0.3, 4)


@given(levels, halves, slopes)
def test_the_share_lies_between_nothing_and_everything(level: float, half: float, slope: float) -> None:
    assert 0 <= hill(level, half, slope) <= 1
    assert hill(0.0, half, slope) == 0


@given(halves, slopes)
def test_half_of_the_effect_is_reached_at_the_half_level(half: float, slope: float) -> None:
    assert hill(half, half, slope) == pytest.approx(0.5)


@given(levels, halves, slopes, st.floats(1e-3, 1e3))
def test_the_unit_of_money_does_not_matter(level: float, half: float, slope: float, rate: float) -> None:
    assert hill(level * rate, half * rate, slope) == pytest.approx(hill(level, half, slope), rel=1e-9, abs=1e-12)


@given(halves, slopes)
def test_more_spend_never_brings_less(half: float, slope: float) -> None:
    assert (np.diff(hill(np.linspace(0, 10 * half, 50), half, slope)) >= 0).all()


@given(st.floats(0.05, 20), slopes)
def test_the_marginal_is_the_derivative(ratio: float, slope: float) -> None:
    half, step = 50.0, 1e-5
    level = ratio * half
    difference = hill(level * (1 + step), half, slope) - hill(level * (1 - step), half, slope)
    assert hill_marginal(level, half, slope) == pytest.approx(difference / (2 * step * level), rel=1e-4, abs=1e-12)


def test_extreme_levels_stay_finite() -> None:
    assert hill([1e-300, 1e300], 1.0, 5.0) == pytest.approx([0.0, 1.0])


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(ml.saturation).failed == 0
