"""Arms, effects and the three read-outs."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ml.errors import BadOption, BadSample, NoBaseline, TooEarly
from ml.experiments import (
    Arm,
    Belief,
    bayesian_reading,
    benjamini_hochberg,
    cuped,
    effect_of,
    fixed_reading,
    holm,
    mean,
    mean_of,
    proportion,
    quantile_of,
    ratio_of,
    sequential_reading,
    stratified,
)
from ml.experiments.arms import PrePost

CONTROL, VARIANT = proportion(10_000, 500), proportion(10_000, 580)


def test_the_fixed_test_is_welchs() -> None:
    rng = np.random.default_rng(1)
    left, right = rng.normal(10, 2, 80), rng.normal(11, 4, 50)
    reading = fixed_reading(effect_of(mean_of(left), mean_of(right), relative=False))
    known = stats.ttest_ind(right, left, equal_var=False)
    assert reading.p_value == pytest.approx(known.pvalue)
    assert (reading.low, reading.high) == pytest.approx(tuple(known.confidence_interval(0.95)))


def test_one_sided_readings_halve_the_doubt_and_leave_one_end_open() -> None:
    effect = effect_of(CONTROL, VARIANT)
    two, above, below = (fixed_reading(effect, sides=sides) for sides in ("two", "greater", "less"))
    assert above.p_value == pytest.approx(two.p_value / 2)
    assert below.p_value == pytest.approx(1 - two.p_value / 2)
    assert above.high == np.inf
    assert two.low < above.low < effect.value
    assert below.to_dict()["low"] is None


def test_intervals_that_may_be_watched_are_wider_than_those_for_one_look() -> None:
    effect = effect_of(CONTROL, VARIANT)
    fixed, watched = fixed_reading(effect), sequential_reading(effect, tuning=5000)
    assert watched.low < fixed.low < fixed.high < watched.high
    assert watched.p_value > fixed.p_value


def test_the_sequential_p_value_agrees_with_its_interval() -> None:
    effect = effect_of(CONTROL, VARIANT)
    p_value = sequential_reading(effect, tuning=20_000).p_value
    wide, narrow = (sequential_reading(effect, alpha=0.05, tuning=tuning) for tuning in (20_000, 5_000))
    assert (wide.low > 0) == (p_value < 0.05)
    assert (narrow.low > 0) == (narrow.p_value < 0.05)


def test_a_belief_pulls_the_effect_towards_it_and_none_leaves_it() -> None:
    effect = effect_of(CONTROL, VARIANT)
    flat, believed = bayesian_reading(effect), bayesian_reading(effect, belief=Belief(0.0, 0.05))
    assert flat.effect == effect.value
    assert 0 < believed.effect < effect.value
    assert believed.sd < flat.sd


@given(st.floats(-3, 3), st.floats(0.01, 3))
def test_losses_differ_by_the_effect_and_are_never_negative(value: float, sd: float) -> None:
    effect = effect_of(Arm.plain(100, 1.0, 50 * sd**2), Arm.plain(100, 1.0 + value, 50 * sd**2), relative=False)
    reading = bayesian_reading(effect)
    assert reading.loss_of_control - reading.loss_of_variant == pytest.approx(value, abs=1e-9)
    assert reading.loss_of_variant >= 0
    assert reading.loss_of_control >= 0


@given(st.floats(0.01, 1000))
def test_relative_effects_do_not_depend_on_the_currency(factor: float) -> None:
    def reading(scale: float) -> float:
        arms = (mean(500, 6100 * scale, 295_000 * scale**2), mean(510, 6500 * scale, 330_000 * scale**2))
        return sequential_reading(effect_of(*arms)).low

    assert reading(factor) == pytest.approx(reading(1.0), rel=1e-6)


@given(st.integers(20, 480), st.integers(20, 480))
def test_swapping_the_arms_flips_an_absolute_effect(left: int, right: int) -> None:
    there, back = (
        effect_of(a, b, relative=False) for a, b in _both_ways(proportion(500, left), proportion(500, right))
    )
    assert there.value == -back.value
    assert there.sd == back.sd
    assert bayesian_reading(there).chance_to_win == pytest.approx(1 - bayesian_reading(back).chance_to_win)


def test_a_value_from_before_the_test_removes_noise_and_no_effect() -> None:
    rng = np.random.default_rng(2)
    pre = rng.normal(10, 3, 4000)
    post = pre + rng.normal(0, 1, 4000) + np.repeat([0.0, 0.5], 2000)
    halves = [_sums(post[part], pre[part]) for part in (np.s_[:2000], np.s_[2000:])]
    plain = effect_of(mean_of(post[:2000]), mean_of(post[2000:]))
    adjusted = effect_of(*cuped(*halves))
    assert adjusted.sd < 0.5 * plain.sd
    assert adjusted.value * 10 == pytest.approx(0.5, abs=0.1)


def test_strata_that_differ_no_longer_add_noise() -> None:
    small, large = (proportion(1000, 50), proportion(500, 25)), (proportion(500, 250), proportion(1000, 500))
    control, variant = stratified([small, large])
    pooled = effect_of(proportion(1500, 300), proportion(1500, 525))
    assert effect_of(control, variant).value == pytest.approx(0.0)
    assert pooled.value > 0.5


def test_a_ratio_of_one_order_per_person_is_the_mean() -> None:
    values = np.random.default_rng(3).gamma(2, 30, 400)
    as_ratio, as_mean = ratio_of(values, np.ones(400)), mean_of(values)
    assert (as_ratio.mean, as_ratio.variance) == pytest.approx((as_mean.mean, as_mean.variance))


def test_the_error_of_a_median_is_that_of_order_statistics() -> None:
    rng = np.random.default_rng(4)
    medians = [np.median(rng.exponential(10, 800)) for _ in range(400)]
    arm = quantile_of(rng.exponential(10, 800), 0.5)
    assert np.sqrt(arm.mean_variance) == pytest.approx(np.std(medians), rel=0.3)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_corrected_p_values_are_ordered_as_before_and_never_smaller(p_values: list[float]) -> None:
    strict, mild = holm(p_values), benjamini_hochberg(p_values)
    assert all(a + 1e-12 >= c >= b - 1e-12 for a, b, c in zip(strict, p_values, mild, strict=True))
    order = np.argsort(p_values, kind="stable")
    assert all(np.diff(np.array(corrected)[order]).min(initial=0) >= 0 for corrected in (strict, mild))


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: proportion(10, 11), BadSample),
        (lambda: proportion(10, -1), BadSample),
        (lambda: proportion(10, float("nan")), BadSample),
        (lambda: proportion(1, 1), BadSample),
        (lambda: mean(100, 1000.0, 10.0), BadSample),
        (lambda: mean(100, float("nan"), 10.0), BadSample),
        (lambda: mean(0, 0.0, 0.0), BadSample),
        (lambda: mean_of([1.0, float("nan")]), BadSample),
        (lambda: ratio_of([1.0, 2.0], [0.0, 0.0]), BadSample),
        (lambda: ratio_of([1.0, 2.0], [1.0]), BadSample),
        (lambda: quantile_of(range(15), 0.9), BadSample),
        (lambda: stratified([]), BadSample),
        (lambda: effect_of(proportion(50, 0), proportion(50, 3)), NoBaseline),
        (lambda: effect_of(mean(50, -100.0, 900.0), mean(50, -50.0, 900.0)), NoBaseline),
        (lambda: effect_of(proportion(50, 50), proportion(50, 50)), TooEarly),
        (lambda: effect_of(proportion(50, 2), proportion(50, 0)), TooEarly),
        (lambda: fixed_reading(effect_of(CONTROL, VARIANT), alpha=0.0), BadOption),
        (lambda: sequential_reading(effect_of(CONTROL, VARIANT), tuning=0.0), BadOption),
        (lambda: Belief(0.0, 0.0), BadOption),
        (lambda: holm([0.2, 1.2]), BadOption),
    ],
)
def test_numbers_that_cannot_be_are_refused_with_a_hint(make, problem) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(problem) as refused:
        make()
    assert refused.value.detail
    assert refused.value.hint


def test_revenue_of_a_trillion_still_reads() -> None:
    arms = [mean(1000, 1e12 * factor, 2e21 * factor**2) for factor in (1.0, 1.05)]
    assert fixed_reading(effect_of(*arms)).effect == pytest.approx(0.05)


def _both_ways(left: Arm, right: Arm) -> tuple[tuple[Arm, Arm], tuple[Arm, Arm]]:
    return (left, right), (right, left)


def _sums(post: np.ndarray, pre: np.ndarray) -> PrePost:
    return PrePost(len(post), post.sum(), post @ post, pre.sum(), pre @ pre, post @ pre)
