"""The parts of the posterior are right: gradients, whitening, design columns, and a sampler that finds a known answer."""

from datetime import date

import numpy as np
import pytest

from ml.frames import Event, FloatArray
from ml.mix.baseline import Baseline, Noise
from ml.mix.design import FREE, baseline_design
from ml.mix.fit import MixOptions, build_problem
from ml.mix.intervals import narrowest_interval
from ml.mix.lift import LiftTest, LiftWindow
from ml.mix.sampler import HamiltonianBatch, laplace_factor, potential_scale_reduction
from tests.ml.businesses import calm_business, short_business


def test_the_gradient_is_the_derivative_of_the_log_posterior() -> None:
    problem = build_problem(
        short_business().frame(),
        options=MixOptions(),
        lift_tests=[
            LiftTest("Search", roi=2.0, roi_sd=0.5),
            LiftTest("Social", roi=1.0, roi_sd=0.3, starts_on=date(2024, 1, 20), ends_on=date(2024, 2, 20)),
            LiftWindow("Search", date(2024, 3, 1), date(2024, 3, 20), increment=900.0, increment_sd=400.0),
        ],
    )
    generator = np.random.default_rng(0)
    weights = generator.uniform(0.7, 1.2, len(problem.revenue))
    posterior = problem.posterior(Noise(0.3, weights), np.zeros(problem.design.groups))
    z = posterior.centre() + 0.4 * generator.standard_normal((3, posterior.dimensions))
    _, gradient = posterior(z)
    step = 1e-5
    for dimension in range(posterior.dimensions):
        shift = np.eye(posterior.dimensions)[dimension] * step
        difference = (posterior(z + shift)[0] - posterior(z - shift)[0]) / (2 * step)
        assert gradient[:, dimension] == pytest.approx(difference, rel=1e-3, abs=1e-3)


def test_the_tabulated_adstock_is_the_convolution() -> None:
    from ml.adstock import carry_over, lag_weights

    run = short_business()
    basis = build_problem(run.frame(), options=MixOptions()).basis
    z = np.zeros((1, 11))
    z[0, :5] = [0.0, np.log(2.5), 0.3, np.log(1.2), 0.2]
    share = basis.terms(z).share[0, 0]
    level = run.spend[:, 0] / basis.usual_spend[0]
    carried = carry_over(level, lag_weights(2.5, 1 / (1 + np.exp(-0.3)), 84), before=float(level[:28].mean()))
    ratio = (carried + 3e-4) / 1.2
    assert share == pytest.approx(ratio ** np.exp(0.2) / (1 + ratio ** np.exp(0.2)), abs=0.005)


def test_whitening_and_its_transpose_are_adjoint() -> None:
    generator = np.random.default_rng(1)
    noise = Noise(0.4, generator.uniform(0, 1, 30))
    a, b = generator.standard_normal((2, 30))
    assert noise.whiten(a) @ b == pytest.approx(a @ noise.whiten_transposed(b))


def test_the_baseline_finds_a_trend_season_and_event_that_are_there() -> None:
    dates = np.datetime64("2024-01-01") + np.arange(400)
    sale = [Event(date(2024, 3, 1), "Sale"), Event(date(2024, 10, 1), "Sale")]
    design = baseline_design(dates, 1, events=sale)
    truth = 1 + 0.001 * np.arange(400) + 0.2 * np.sin(2 * np.pi * dates.astype(int) / 365.25)
    truth = truth + 0.5 * np.isin(dates, np.array(["2024-03-01", "2024-10-01"], "datetime64[D]"))
    baseline = Baseline.build(design, Noise.white(np.ones(400, bool)), np.full(design.groups, 3.0))
    assert baseline.series(truth) == pytest.approx(truth, abs=0.02)


def test_weekly_designs_have_no_weekdays_and_events_count_by_their_share_of_the_week() -> None:
    dates = np.datetime64("2024-01-01") + 7 * np.arange(60)
    design = baseline_design(dates, 7, events=[Event(date(2024, 2, 14), "Sale")])
    assert not any(name.startswith("weekday") for name in design.names)
    assert design.columns[6, design.names.index("any event")] == pytest.approx(1 / 7)


def test_holidays_get_columns_that_shrink() -> None:
    dates = np.datetime64("2024-01-01") + np.arange(120)
    design = baseline_design(dates, 1, holidays=[Event(date(2024, 3, 29), "Good Friday")])
    assert design.group[design.names.index("event Good Friday")] != FREE


def test_the_sampler_finds_the_spread_of_a_gaussian() -> None:
    covariance = np.array([[4.0, 1.5], [1.5, 1.0]])
    precision = np.linalg.inv(covariance)

    def target(z: FloatArray) -> tuple[FloatArray, FloatArray]:
        slope = -z @ precision
        return 0.5 * (z * slope).sum(1), slope

    factor = laplace_factor(target, np.zeros(2))
    batch = HamiltonianBatch(target, np.zeros(2), factor, chains=32, rng=np.random.default_rng(0))
    batch.warm_up(40)
    samples = batch.sample(120)
    assert np.cov(samples.flat().T) == pytest.approx(covariance, rel=0.15)
    assert samples.rhat < 1.05
    assert 0.5 < samples.acceptance <= 1


def test_a_chain_that_began_where_no_step_is_accepted_is_freed_in_warm_up() -> None:
    def target(z: FloatArray) -> tuple[FloatArray, FloatArray]:
        return -0.25 * (z**4).sum(1), -(z**3)

    batch = HamiltonianBatch(target, np.zeros(2), 20 * np.eye(2), chains=16, rng=np.random.default_rng(3))
    batch.warm_up(60)
    assert np.abs(batch.sample(60).draws).max() < 5


def test_r_hat_tells_chains_that_disagree() -> None:
    draws = np.random.default_rng(0).standard_normal((50, 4, 1))
    assert potential_scale_reduction(draws) < 1.1
    draws[:, 0] += 5
    assert potential_scale_reduction(draws) > 1.5


def test_narrowest_intervals_may_touch_zero_and_hold_their_share() -> None:
    draws = np.abs(np.random.default_rng(0).standard_normal((4000, 1)))
    low, high = narrowest_interval(draws)
    assert low[0] == 0
    assert 1.9 < high[0] < 2.3
    clear = 5 + 0.1 * np.random.default_rng(0).standard_normal((4000, 1))
    low, high = narrowest_interval(clear, 0.8)
    assert low[0] == pytest.approx(5 - 0.128, abs=0.03)
    assert high[0] == pytest.approx(5 + 0.128, abs=0.03)


def test_black_friday_has_its_own_column_where_the_data_reach_it() -> None:
    design = build_problem(calm_business().frame(), options=MixOptions()).design
    column = design.columns[:, design.names.index("event Black Friday")]
    days = calm_business().dates[column > 0]
    assert [str(days[0]), str(days[-1])] == ["2024-11-28", "2024-12-02"]
