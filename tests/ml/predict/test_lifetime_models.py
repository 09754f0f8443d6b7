"""BG/NBD and Gamma-Gamma: published formulas, invariances, recovery of known truth, and no cohort without an answer."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from ml.errors import BadFrame, BadOption
from ml.frames import FloatArray
from ml.predict.lifetime import (
    BgNbd,
    GammaGamma,
    RfmSummary,
    expected_purchases,
    expected_spend,
    fit_bgnbd,
    fit_gamma_gamma,
    p_alive,
    p_no_purchase,
    rfm_from_columns,
    summarise_customers,
)
from ml.predict.lifetime.bgnbd import _Likelihood
from ml.predict.lifetime.maximise import find_mode
from ml.predict.lifetime.simulate import simulate_cohort

CDNOW = BgNbd(0.2426, 4.4135, 0.7929, 2.4258)
PARAMETERS = st.floats(0.05, 20)


def published_expectation(model: BgNbd, x: float, t_x: float, T: float, t: float) -> float:
    """Fader, Hardie & Lee 2005, eq. 10, as printed."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    series = hyp2f1(r + x, b + x, a + b + x - 1, t / (alpha + T + t))
    top = (a + b + x - 1) / (a - 1) * (1 - ((alpha + T) / (alpha + T + t)) ** (r + x) * series)
    return float(top / (1 + (x > 0) * a / (b + x - 1) * ((alpha + T) / (alpha + t_x)) ** (r + x)))


@pytest.mark.parametrize(
    ("x", "t_x", "T", "t"), [(2, 30.43, 38.86, 39), (0, 0, 38.86, 39), (26, 38, 38.86, 52), (1, 2, 90, 4)]
)
def test_expectations_equal_the_published_formula(x: float, t_x: float, T: float, t: float) -> None:
    found = expected_purchases(CDNOW, rfm_from_columns([x], [t_x], [T]), t * 7)
    assert found[0] == pytest.approx(published_expectation(CDNOW, x, t_x, T, t), rel=1e-8)


def test_expectations_have_no_hole_where_the_published_formula_divides_by_zero() -> None:
    summary = rfm_from_columns([3], [10], [20])
    at, beside = (expected_purchases(BgNbd(0.5, 5, a, 2), summary, 90)[0] for a in (1.0, 1.0001))
    assert at == pytest.approx(beside, rel=1e-3)


def test_heavy_customers_and_extreme_parameters_stay_finite_and_sensible() -> None:
    summary = rfm_from_columns([5000, 0, 1], [100, 0, 1e-3], [100, 1e4, 1e4])
    for a, b in ((1e-6, 1.0), (1e4, 1e6), (1e6, 1e-3), (50.0, 0.01)):
        found = expected_purchases(BgNbd(0.5, 5, a, b), summary, 3650, discount_per_year=0.1)
        assert (np.isfinite(found) & (found >= 0)).all()
        assert found[0] <= 5000.5 / 105 * 3650 / 7 * 1.001


def test_the_gradient_is_that_of_the_likelihood() -> None:
    cohort = simulate_cohort(CDNOW, customers=200, days=300, joining_days=100, seed=1)
    likelihood = _Likelihood(summarise_customers(cohort.purchases), 20.0)
    theta = np.log([0.4, 0.3, 0.9, 2.0])
    steps = 1e-6 * np.eye(4)
    numeric = [(likelihood(theta + step)[0] - likelihood(theta - step)[0]) / 2e-6 for step in steps]
    np.testing.assert_allclose(likelihood(theta)[1], numeric, rtol=1e-4, atol=1e-3)


@given(r=PARAMETERS, alpha=PARAMETERS, a=PARAMETERS, b=PARAMETERS, x=st.integers(1, 60), idle=st.floats(0, 50))
def test_who_was_silent_longer_is_less_likely_a_customer(
    r: float, alpha: float, a: float, b: float, x: int, idle: float
) -> None:
    model = BgNbd(r, alpha, a, b)
    summary = rfm_from_columns([x, x], [10, 10], [10 + idle, 11 + idle])
    alive, quiet = p_alive(model, summary), p_no_purchase(model, summary, 30)
    assert 0 <= alive[1] <= alive[0] <= 1
    assert (quiet >= 0).all()
    assert quiet[1] >= quiet[0] - 1e-12


@given(days=st.floats(0, 2000), more=st.floats(0, 1000), x=st.integers(0, 30))
def test_a_longer_horizon_brings_no_less_and_a_discount_no_more(days: float, more: float, x: int) -> None:
    summary = rfm_from_columns([x], [20.0 if x else 0.0], [25])
    short, long = (expected_purchases(CDNOW, summary, horizon)[0] for horizon in (days, days + more))
    discounted = expected_purchases(CDNOW, summary, days, discount_per_year=0.2)[0]
    assert discounted <= short + 1e-12
    assert short <= long + 1e-9
    assert short >= 1 - p_no_purchase(CDNOW, summary, days)[0] - 1e-9


def test_expectation_agrees_with_simulated_futures() -> None:
    truth = BgNbd(0.8, 60, 0.8, 2.5)
    whole = simulate_cohort(truth, customers=20_000, days=400, joining_days=30, seed=3).purchases
    then = whole.until(whole.as_of - 200)
    expected = expected_purchases(truth, summarise_customers(then), 200).sum()
    assert expected == pytest.approx(len(whole.day) - len(then.day), rel=0.03)


def test_known_truth_is_recovered() -> None:
    truth = BgNbd(0.5, 6, 0.8, 2.5)
    cohort = simulate_cohort(truth, customers=20_000, days=730, joining_days=365, seed=5)
    summary = summarise_customers(cohort.purchases)
    model, worth = fit_bgnbd(summary), fit_gamma_gamma(summary.frequency + 1, summary.spend)
    off = (model.log_parameters - truth.log_parameters) / np.sqrt(np.diag(model.covariance))
    assert np.abs(off).max() < 4.5
    assert (worth.p, worth.q, worth.v) == pytest.approx((6, 4, 15), rel=0.1)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 10_000), st.integers(1, 200), st.floats(-2, 2), st.floats(-2, 2), st.floats(-3, 3), st.floats(-3, 3)
)
def test_every_cohort_gets_a_converged_fit(seed: int, n: int, r: float, alpha: float, a: float, b: float) -> None:
    truth = BgNbd(*np.exp([r, alpha + 2, a, b]))
    summary = summarise_customers(simulate_cohort(truth, customers=n, days=200, joining_days=150, seed=seed).purchases)
    model = fit_bgnbd(summary)
    assert model.converged
    assert np.isfinite(expected_purchases(model, summary, 365)).all()


def test_cohorts_at_the_edge_get_a_converged_fit() -> None:
    nobody_returned = rfm_from_columns(np.zeros(50), np.zeros(50), np.full(50, 20.0))
    all_alike = rfm_from_columns(np.full(50, 10), np.full(50, 19.0), np.full(50, 20.0))
    just_joined = rfm_from_columns([0], [0], [0])
    extreme = rfm_from_columns([100_000, 0], [1e-6, 0], [1e6, 1e6])
    assert all(fit_bgnbd(summary).converged for summary in (nobody_returned, all_alike, just_joined, extreme))


def test_an_objective_without_a_mode_still_gets_an_answer() -> None:
    def broken(theta: FloatArray) -> tuple[float, FloatArray]:
        return float("nan"), np.full_like(theta, np.nan)

    mode = find_mode(broken, np.zeros(2), [np.zeros(2)])
    assert np.isfinite(mode.at).all()


@settings(max_examples=10, deadline=None)
@given(st.floats(1e-3, 1e6))
def test_another_currency_changes_the_spend_scale_only(factor: float) -> None:
    rng = np.random.default_rng(1)
    x, m = rng.integers(1, 6, 300).astype(float), rng.gamma(3, 10, 300)
    one, other = fit_gamma_gamma(x, m), fit_gamma_gamma(x, factor * m)
    assert (other.p, other.q, other.v) == pytest.approx((one.p, one.q, factor * one.v), rel=1e-4)


def test_another_unit_of_time_changes_alpha_only() -> None:
    purchases = simulate_cohort(CDNOW, customers=500, days=300, joining_days=100, seed=1).purchases
    weeks, days = (fit_bgnbd(summarise_customers(purchases, unit_days=unit)) for unit in (7.0, 1.0))
    assert (days.r, days.alpha, days.a, days.b) == pytest.approx((weeks.r, 7 * weeks.alpha, weeks.a, weeks.b), rel=1e-3)


def test_spend_of_someone_rarely_seen_is_drawn_to_the_average() -> None:
    model = GammaGamma(6, 4, 15)
    once, often = expected_spend(model, [1, 30], [100, 100])
    assert 30 < once < often < 100
    assert expected_spend(model, [0], [0])[0] == pytest.approx(6 * 15 / 3)


@pytest.mark.parametrize(("x", "m"), [([], []), ([0], [10]), ([1], [0]), ([1], [float("nan")]), ([1, 2], [3])])
def test_spend_outside_the_domain_is_refused(x: list[float], m: list[float]) -> None:
    with pytest.raises(BadFrame):
        fit_gamma_gamma(x, m)


def test_an_impossible_horizon_or_discount_is_refused() -> None:
    summary: RfmSummary = rfm_from_columns([0], [0], [1])
    for days, discount in ((-1.0, 0.0), (float("nan"), 0.0), (10.0, -1.0)):
        with pytest.raises(BadOption):
            expected_purchases(CDNOW, summary, days, discount_per_year=discount)
