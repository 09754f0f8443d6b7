"""Periods that stand out are trusted less, and the ranges know what such distrust leaves to learn from."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.frames import FloatArray
from ml.mix.outliers import DEGREES, student_weights


def normal(seed: int, periods: int = 400) -> FloatArray:
    return np.random.default_rng(seed).standard_normal(periods)


def test_normal_errors_keep_their_weights_and_count_in_full() -> None:
    found = student_weights(normal(1, 2000))
    assert found.weights.min() > 0.75
    assert found.information > 0.9


def test_a_few_wild_periods_are_hardly_listened_to() -> None:
    errors = normal(2)
    errors[[10, 200, 300]] += 12
    found = student_weights(errors)
    assert found.degrees < 10
    assert found.weights[[10, 200, 300]].max() < 0.4
    assert found.information < 0.9


def test_information_brings_the_spread_that_is_believed_to_the_spread_that_is() -> None:
    generator = np.random.default_rng(3)
    believed, centres = [], []
    for _ in range(200):
        values = generator.standard_t(3, 300)
        centre = float(np.median(values))
        for _ in range(4):  # as in a fit, weights and estimate settle together
            found = student_weights(values - centre)
            squared = found.weights**2
            centre = float((squared * values).sum() / squared.sum())
        centres.append(centre)
        believed.append(float((squared * (values - centre) ** 2).mean() / squared.sum() / found.information))
    assert np.sqrt(np.mean(believed)) == pytest.approx(np.std(centres), rel=0.15)


@given(st.integers(0, 10_000), st.floats(1e-6, 1e9))
def test_the_unit_of_the_errors_does_not_matter(seed: int, factor: float) -> None:
    errors = np.random.default_rng(seed).standard_t(4, 120)
    plain, scaled = student_weights(errors), student_weights(errors * factor)
    assert plain.degrees == scaled.degrees
    assert scaled.weights == pytest.approx(plain.weights, rel=1e-6)
    assert scaled.information == pytest.approx(plain.information, rel=1e-6)


@given(st.integers(0, 10_000), st.sampled_from([2, 30, 300]))
def test_weights_have_mean_square_one_whatever_the_errors(seed: int, periods: int) -> None:
    found = student_weights(np.random.default_rng(seed).standard_t(2, periods))
    assert np.mean(found.weights**2) == pytest.approx(1)
    assert found.degrees in DEGREES
    assert 0 < found.information <= 1


@pytest.mark.parametrize("errors", [np.zeros(5), np.array([])])
def test_no_errors_at_all_are_equal_weights(errors: FloatArray) -> None:
    found = student_weights(errors)
    assert found.weights.tolist() == [1.0] * len(errors)
    assert found.information == 1
