"""The error model behind the bands: it holds what it says, and totals follow from how errors hang together."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import CannotFit
from ml.forecast import ForecastOptions, forecast_revenue
from ml.forecast.bands import ErrorModel, PastErrors, band, learn_errors, relative_errors, simulate_paths, unseen_season
from ml.frames import FloatArray
from tests.ml.shops import shop


def past(
    rng: np.random.Generator, *, noise: float, level: float, trials: int = 30, periods: int = 84
) -> list[FloatArray]:
    return list(noise * rng.standard_normal((trials, periods)) + level * rng.standard_normal((trials, 1)))


def learnt(errors: list[FloatArray]) -> ErrorModel:
    return learn_errors(PastErrors.equal(errors), cadence_days=1)


def test_bands_hold_the_share_of_new_errors_that_they_promise() -> None:
    rng = np.random.default_rng(0)
    model = learnt(past(rng, noise=0.1, level=0.05))
    new = np.abs(np.stack(past(rng, noise=0.1, level=0.05, trials=400)))
    assert np.mean(new <= model.factor80 * model.deviation(84)) == pytest.approx(0.8, abs=0.05)
    assert np.mean(new <= model.factor95 * model.deviation(84)) == pytest.approx(0.95, abs=0.03)


def test_noise_and_level_are_told_apart() -> None:
    rng = np.random.default_rng(1)
    model = learnt(past(rng, noise=0.1, level=0.05, trials=200))
    assert np.std(model.noise) == pytest.approx(0.1, rel=0.05)
    assert np.sqrt(model.level + 42 * model.drift) == pytest.approx(0.05, rel=0.3)


def test_errors_that_grow_with_the_horizon_widen_the_band() -> None:
    rng = np.random.default_rng(2)
    walks = list(np.cumsum(0.02 * rng.standard_normal((60, 84)), axis=1))
    deviation = learnt(walks).deviation(84)
    assert deviation[-1] > 2 * deviation[0]


def test_beyond_what_was_tried_the_level_goes_further_astray() -> None:
    model = ErrorModel(np.array([0.1, -0.1]), 0.01, 0.0, tried=30, factor80=1.28, factor95=1.96)
    deviation = model.deviation(90)
    assert deviation[29] == pytest.approx(deviation[0])
    assert deviation[89] > 1.4 * deviation[0]


@pytest.mark.parametrize(("noise", "level", "narrower"), [(0.1, 0.0, True), (0.001, 0.1, False)])
def test_totals_shrink_with_the_days_only_where_days_err_on_their_own(
    noise: float, level: float, narrower: bool
) -> None:
    rng = np.random.default_rng(3)
    model = learnt(past(rng, noise=noise, level=level))
    flat = np.full(84, 100.0)
    paths = simulate_paths(model, flat, flat, 100.0, paths=2000, cadence_days=1, rng=rng)
    low, high = np.quantile(paths.sum(1), [0.1, 0.9])
    days = np.subtract(*band(model, flat, 100.0, 0.8)[::-1]).sum()
    share = (high - low) / days
    assert share < 0.4 if narrower else share == pytest.approx(1.0, abs=0.15)


@pytest.mark.parametrize("days", [7, 14, 28])
def test_totals_of_days_that_err_on_their_own_stray_as_much_as_chance_says(days: int) -> None:
    rng = np.random.default_rng(7)
    model = learnt(past(rng, noise=0.1, level=0.0, trials=60))
    flat = np.full(84, 100.0)
    paths = simulate_paths(model, flat, flat, 100.0, paths=4000, cadence_days=1, rng=rng)
    expected = 2 * 0.1 * 100.0 * np.sqrt(days)  # a relative error on the root scale counts twice
    assert np.std(paths[:, :days].sum(1)) == pytest.approx(expected, rel=0.12)


def test_paths_average_the_mean_and_hold_the_daily_band() -> None:
    rng = np.random.default_rng(4)
    model = learnt(past(rng, noise=0.2, level=0.05))
    median, mean = np.linspace(50, 150, 84), 1.05 * np.linspace(50, 150, 84)
    paths = simulate_paths(model, median, mean, 100.0, paths=3000, cadence_days=1, rng=rng)
    low, high = band(model, median, 100.0, 0.8)
    assert paths.mean(0) == pytest.approx(mean)
    assert np.mean((paths >= low) & (paths <= high)) == pytest.approx(0.8, abs=0.03)


def test_forecasts_from_little_history_hardly_count() -> None:
    rng = np.random.default_rng(5)
    young, grown = past(rng, noise=0.5, level=0.0, trials=6), past(rng, noise=0.1, level=0.0, trials=6)
    model = learn_errors(PastErrors.from_origins([*young, *grown], [100] * 6 + [200] * 6), cadence_days=1)
    assert np.std(model.noise) == pytest.approx(0.1, rel=0.1)
    assert model.factor80 * model.deviation(84)[0] == pytest.approx(0.128, rel=0.15)


def test_few_windows_widen_totals_and_the_outer_band_but_not_the_inner_one() -> None:
    rng = np.random.default_rng(6)
    errors = np.stack(past(rng, noise=0.1, level=0.05, trials=24))
    few, many = (learn_errors(PastErrors(errors, np.ones(24), windows), 1) for windows in (3.0, 1000.0))
    assert few.level == pytest.approx(many.level * (1 + 1.5 / 3), rel=0.01)
    assert few.factor80 * few.deviation(84) == pytest.approx(many.factor80 * many.deviation(84), rel=0.06)
    assert few.factor95 / few.factor80 > many.factor95 / many.factor80


def test_a_history_below_a_year_strays_further_and_ever_further_for_the_season_it_never_saw() -> None:
    young, grown = (unseen_season(days, 90, 1) for days in (200, 365))
    assert (np.diff(young) > 0).all()
    assert (grown == 0).all()
    assert (np.diff(unseen_season(300, 90, 1)) >= 0).all()
    assert unseen_season(200, 12, 7)[-1] == pytest.approx(unseen_season(200, 84, 1)[-1])


def test_an_unseen_season_widens_bands_and_totals() -> None:
    plain = ErrorModel(np.array([0.1, -0.1]), 0.001, 0.0, tried=90, factor80=1.28, factor95=1.96)
    young = replace(plain, unseen=unseen_season(200, 90, 1))
    flat = np.full(90, 100.0)
    for share in (0.8, 0.95):
        assert np.subtract(*band(young, flat, 100.0, share))[-1] < np.subtract(*band(plain, flat, 100.0, share))[-1] < 0
    totals = [
        simulate_paths(model, flat, flat, 100.0, paths=2000, cadence_days=1, rng=np.random.default_rng(8)).sum(1)
        for model in (plain, young)
    ]
    assert np.std(totals[1]) > 1.1 * np.std(totals[0])


def test_nothing_observed_to_check_on_is_refused() -> None:
    with pytest.raises(CannotFit, match="Too few"):
        learnt([np.full(28, np.nan)] * 3)


@given(st.lists(st.floats(0, 1e6), min_size=14, max_size=14), st.floats(0, 5), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_bands_are_ordered_and_never_negative(actual: list[float], spread: float, periods: int) -> None:
    errors = relative_errors(np.array(actual), np.full(14, 1000.0), 1000.0)
    model = learnt([errors, spread * errors, -errors])
    median = np.linspace(0, 2000, periods)
    low, high = band(model, median, 1000.0, 0.8)
    assert (low >= 0).all()
    assert (low <= median + 1e-6).all()
    assert (median <= high + 1e-6).all()


def test_eighty_percent_bands_hold_about_eighty_percent_of_what_followed() -> None:
    held80, held95 = [], []
    for seed in range(12):
        whole = shop(280, seed=seed, noise=0.12)
        ahead = {(whole.dates[d].item(), "Search"): float(whole.spend[d, 0]) for d in range(220, 280)}
        options = ForecastOptions(model="structural", origins=4)
        forecast = forecast_revenue(whole.slice(None, 220), horizon_days=60, planned=ahead, options=options)
        actual = whole.revenue[220:]
        held80.append(np.mean((forecast.low80 <= actual) & (actual <= forecast.high80)))
        held95.append(np.mean((forecast.low95 <= actual) & (actual <= forecast.high95)))
    assert 0.7 <= np.mean(held80) <= 0.9
    assert 0.88 <= np.mean(held95) <= 0.99
