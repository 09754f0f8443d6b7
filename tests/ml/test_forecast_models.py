"""The parts of the candidates: calendar columns, spend features, the evidence ridge and the damped trend."""

import doctest
from datetime import date
from types import ModuleType

import numpy as np
import pytest

from ml.forecast import ForecastOptions, bands, calendar_columns, forecast_revenue, run, structural
from ml.forecast.backtest import calibration_origins, origins, trial_horizon
from ml.forecast.calendar_columns import event_columns, event_kind, weekdays, yearly_waves
from ml.forecast.choose import likely_lag
from ml.forecast.mix_candidate import fit_mix_curves
from ml.forecast.problem import problem_of
from ml.forecast.spend import recent_average, spend_features
from ml.forecast.structural import damped, fit_ridge, fit_structural
from ml.frames import Event
from tests.ml.shops import shop


def days_from(first: str, count: int) -> np.ndarray:
    return np.datetime64(first) + np.arange(count)


def test_weekdays_start_on_monday_and_say_nothing_of_the_level() -> None:
    columns = weekdays(days_from("2024-01-01", 14))
    assert columns.argmax(1).tolist() == [0, 1, 2, 3, 4, 5, 6] * 2
    assert columns.sum(1) == pytest.approx(0.0)


@pytest.mark.parametrize(("history_days", "columns"), [(100, 0), (200, 4), (400, 8)])
def test_the_season_is_as_fine_as_the_history_is_long(history_days: int, columns: int) -> None:
    assert yearly_waves(days_from("2024-01-01", 10), history_days).shape == (10, columns)


@pytest.mark.parametrize(("year", "friday"), [(2023, 24), (2024, 29), (2025, 28)])
def test_black_friday_is_the_day_after_the_fourth_thursday_of_november(year: int, friday: int) -> None:
    dates = days_from(f"{year}-11-01", 40)
    column = event_columns(dates, 1, (), None)["black friday"]
    assert dates[column > 0].tolist() == [
        date(year, 11, friday) + (date(2024, 1, 2) - date(2024, 1, 1)) * k for k in range(4)
    ]


def test_events_of_one_kind_share_a_column_and_own_black_fridays_replace_ours() -> None:
    dates = days_from("2024-11-01", 60)
    events = [
        Event(date(2024, 11, 5), "Promo 1"),
        Event(date(2024, 12, 5), "promo_2"),
        Event(date(2024, 11, 29), "Black Friday"),
    ]
    columns = event_columns(dates, 1, events, None)
    assert set(columns) == {"promo", "black friday"}
    assert columns["promo"].sum() == 2
    assert columns["black friday"].sum() == 1


def test_the_last_own_black_friday_comes_again_in_later_years() -> None:
    dates = days_from("2024-11-01", 800)
    own = [Event(date(2024, 11, day), "Black Friday") for day in (28, 29, 30)]
    column = event_columns(dates, 1, own, None)["black friday"]
    again = [np.datetime64(f"2025-11-{day}") for day in (27, 28, 29)] + [
        np.datetime64(f"2026-11-{day}") for day in (26, 27, 28)
    ]
    assert dates[column > 0].tolist()[3:] == [on.item() for on in again]


def test_an_own_black_friday_that_is_only_planned_learns_from_the_years_before() -> None:
    dates = days_from("2024-11-01", 420)
    column = event_columns(dates, 1, [Event(date(2025, 11, 28), "Black Week")], None)["black week"]
    told = dates[column > 0].tolist()
    assert told == [date(2024, 11, 29), date(2024, 11, 30), date(2024, 12, 1), date(2024, 12, 2), date(2025, 11, 28)]


@pytest.mark.parametrize("name", ["Black tea week", "Summer sale"])
def test_no_other_event_is_expected_to_come_again(name: str) -> None:
    columns = event_columns(days_from("2024-03-01", 600), 1, [Event(date(2024, 5, 4), name)], None)
    assert columns[event_kind(name)].sum() == 1


def test_an_event_counts_for_its_share_of_a_week() -> None:
    weeks = np.datetime64("2024-01-01") + 7 * np.arange(4)
    columns = event_columns(weeks, 7, [Event(date(2024, 1, 9), "Fair"), Event(date(2024, 1, 10), "Fair")], None)
    assert columns["fair"] == pytest.approx([0, 2 / 7, 0, 0])


def test_a_kind_is_a_name_without_case_and_number() -> None:
    assert [event_kind(name) for name in ("Promo 12", "PROMO", " promo_3", "2024")] == [
        "promo",
        "promo",
        "promo",
        "2024",
    ]


def test_public_holidays_of_a_country_are_learnt() -> None:
    columns = event_columns(days_from("2024-12-01", 40), 1, (), "de")
    christmas = [name for name in columns if "Christmas Day" in name]
    assert christmas
    frame = shop(420)
    revenue = np.where(frame.dates == np.datetime64("2024-12-25"), 100.0, frame.revenue)
    lowered = type(frame)(frame.dates, 1, frame.channels, frame.spend, revenue)
    options = ForecastOptions(model="structural", origins=3, country="DE")
    forecast = forecast_revenue(lowered, horizon_days=14, options=options)
    day = int(np.flatnonzero(forecast.history.dates == np.datetime64("2024-12-25"))[0])
    assert forecast.components.events[day] < 0


def test_spend_features_do_not_depend_on_the_currency_and_rise_with_spend() -> None:
    frame = shop(100)
    ahead = recent_average(frame, 14)
    plain = spend_features(frame, ahead, 2.0)
    in_cents = type(frame)(frame.dates, 1, frame.channels, 100 * frame.spend, frame.revenue)
    assert spend_features(in_cents, 100 * ahead, 2.0) == pytest.approx(plain)
    assert (spend_features(frame, 2 * ahead, 2.0)[100:] > plain[100:]).all()
    assert spend_features(frame, 2 * ahead, 2.0)[:100] == pytest.approx(plain[:100])


def test_damped_steps_add_up_to_their_limit() -> None:
    assert damped([0, 1, 2], 0.8) == pytest.approx([0.0, 0.8, 1.44])
    assert float(damped(1000, 0.8)) == pytest.approx(4.0)


def test_the_ridge_finds_what_matters_and_shrinks_what_does_not() -> None:
    rng = np.random.default_rng(0)
    n = 400
    strong, idle = rng.standard_normal((n, 3)), rng.standard_normal((n, 20))
    design = np.hstack([np.ones((n, 1)), strong, idle])
    target = 2 + strong @ [1.0, -0.5, 0.8] + 0.3 * rng.standard_normal(n)
    groups = np.repeat([0, 3, 5], [1, 3, 20])
    ridge = fit_ridge(design, target, np.ones(n), groups, {})
    least_squares = np.linalg.lstsq(design, target, rcond=None)[0]
    assert ridge.coefficients[:4] == pytest.approx([2, 1.0, -0.5, 0.8], abs=0.06)
    assert np.abs(ridge.coefficients[4:]).sum() < 0.5 * np.abs(least_squares[4:]).sum()


def test_the_evidence_prefers_the_design_that_made_the_data() -> None:
    rng = np.random.default_rng(1)
    cause, other = rng.standard_normal((2, 300))
    target = cause + 0.5 * rng.standard_normal(300)
    groups = np.array([0, 6])
    right, wrong = (
        fit_ridge(np.column_stack([np.ones(300), column]), target, np.ones(300), groups, {}).log_evidence
        for column in (cause, other)
    )
    assert right > wrong + 50


def test_the_structural_model_recovers_weekdays_and_the_effect_of_spend() -> None:
    frame = shop(400, noise=0.02)
    problem = problem_of(frame, recent_average(frame, 30), mean_lag=likely_lag(frame, country=None))
    fitted, _ = fit_structural(problem)
    assert fitted.spend_effect[0] > 0.02
    assert fitted.spend_effect[1] < 0.3 * fitted.spend_effect[0]
    saturday, sunday = fitted.weekly[5], fitted.weekly[6]
    assert (saturday - sunday) == pytest.approx((np.sqrt(1.2) - np.sqrt(0.8)) * np.sqrt(1000) / problem.scale, rel=0.2)


def test_the_mix_model_answers_for_another_spend_than_it_was_fitted_under() -> None:
    frame = shop(300, noise=0.02)
    usual = recent_average(frame, 30)
    problem = problem_of(frame, usual, mean_lag=2.0)
    fit = fit_mix_curves(problem)
    middle = fit.middle(problem)
    none, double = (fit.middle(problem.under(factor * usual)) for factor in (0.0, 2.0))
    assert middle[:300] == pytest.approx(none[:300], rel=1e-3)  # lag tables are compressed over the whole series
    assert (none[310:] < middle[310:]).all()
    assert (middle[310:] < double[310:]).all()
    assert np.mean(np.abs(middle[:300] / frame.revenue - 1)) < 0.06
    assert fit_mix_curves(problem.under(2 * usual)).middle(problem) == pytest.approx(middle, rel=1e-6)


def test_a_channel_that_never_spent_leaves_the_mix_candidate_as_it_is() -> None:
    frame = shop(200)
    with_idle = type(frame)(
        frame.dates, 1, (*frame.channels, "Idle"), np.hstack([frame.spend, np.zeros((200, 1))]), frame.revenue
    )
    plain, other = (
        fit_mix_curves(problem := problem_of(part, recent_average(part, 30), mean_lag=2.0)).middle(problem)
        for part in (frame, with_idle)
    )
    assert other == pytest.approx(plain, rel=1e-6)


def test_public_holidays_move_the_mix_candidate_too() -> None:
    frame = shop(420)
    shut = type(frame)(
        frame.dates,
        1,
        frame.channels,
        frame.spend,
        np.where(frame.dates == np.datetime64("2024-12-25"), 100.0, frame.revenue),
    )
    problem = problem_of(shut, recent_average(shut, 14), mean_lag=2.0, country="DE")
    events = fit_mix_curves(problem).components(problem, 1.0).events
    assert events[int(np.flatnonzero(problem.dates == np.datetime64("2024-12-25"))[0])] < 0


def test_one_wild_day_hardly_moves_the_fit() -> None:
    frame = shop(200)
    wild = type(frame)(
        frame.dates, 1, frame.channels, frame.spend, np.where(np.arange(200) == 190, 30_000, frame.revenue)
    )
    options = ForecastOptions(model="structural", origins=3)
    plain, moved = (
        forecast_revenue(part, horizon_days=30, options=options).components.trend[-1] for part in (frame, wild)
    )
    assert moved == pytest.approx(plain, rel=0.15)


@pytest.mark.parametrize(("days", "horizon"), [(60, 7), (60, 90), (200, 30), (730, 90)])
def test_origins_leave_room_on_both_sides(days: int, horizon: int) -> None:
    frame = shop(days)
    ahead = trial_horizon(frame, horizon)
    found = origins(frame, ahead, 6)
    assert found[0] == days - ahead
    assert len(found) == 6
    assert min(found) >= days // 3
    assert found == sorted(found, reverse=True)


@pytest.mark.parametrize(("days", "horizon"), [(60, 7), (200, 30), (730, 90)])
def test_errors_are_learnt_from_more_days_than_the_choice_is_made_on(days: int, horizon: int) -> None:
    frame = shop(days)
    ahead = trial_horizon(frame, horizon)
    chosen_on, learnt_on = origins(frame, ahead, 6), calibration_origins(frame, ahead, 12)
    assert learnt_on[0] == chosen_on[0]
    assert days // 3 <= min(learnt_on) <= min(chosen_on)
    assert len(learnt_on) > len(chosen_on)


@pytest.mark.parametrize("module", [bands, calendar_columns, run, structural])
def test_the_examples_in_the_documentation_run(module: ModuleType) -> None:
    outcome = doctest.testmod(module)
    assert outcome.attempted > 0
    assert outcome.failed == 0
