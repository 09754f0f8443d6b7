"""What a forecast promises: its days, its bands, its totals, its parts, its name, and that it can be repeated."""

import json
import logging
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from ml.errors import BadFrame
from ml.forecast import Forecast, ForecastOptions, forecast_document, forecast_plans, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.frames import Event, MarketingFrame
from tests.ml.shops import expected_revenue, forecast_of_year, sale, shop

FAST = ForecastOptions(model="structural", origins=3)


@pytest.mark.parametrize("horizon_days", [1, 7, 30, 60, 90, 365])
def test_the_forecast_has_every_day_of_the_horizon_right_after_the_history(horizon_days: int) -> None:
    frame = shop(200)
    forecast = forecast_revenue(frame, horizon_days=horizon_days, options=FAST)
    assert len(forecast.dates) == len(forecast.mean) == len(forecast.low80) == horizon_days
    assert forecast.dates[0] == frame.dates[-1] + 1
    assert (np.diff(forecast.dates) == np.timedelta64(1, "D")).all()


@pytest.mark.parametrize(
    ("model", "name"), [("prophet", "Prophet"), ("structural", "Structural"), ("mix", "Mix model")]
)
def test_every_model_finds_the_revenue_that_follows(model: ModelChoice, name: str) -> None:
    whole = shop(460, noise=0.0)
    frame = shop(400)
    plan = {(whole.dates[d].item(), "Search"): float(whole.spend[d, 0]) for d in range(400, 460)}
    options = ForecastOptions(model=model)
    forecast = forecast_revenue(frame, horizon_days=60, planned=plan, options=options)
    truth = expected_revenue(whole.dates[400:], whole.spend[400:])
    assert forecast.model == name
    assert forecast.total == pytest.approx(truth.sum(), rel=0.04)
    assert np.mean(np.abs(forecast.mean - truth) / truth) < 0.06


def test_growth_goes_on_for_a_while() -> None:
    forecast = forecast_revenue(shop(500, noise=0.02, growth=0.5), horizon_days=60, options=FAST)
    last_weeks = forecast.components.trend[472:500].mean()
    assert last_weeks < forecast.components.trend[500:].mean() < 1.3 * last_weeks


def test_the_model_with_the_lower_error_in_the_past_is_used_and_named() -> None:
    forecast = forecast_of_year()
    errors = {score.model: score.error for score in forecast.backtest.candidates if score.error is not None}
    assert set(errors) == {"Mix model", "Prophet", "Structural"}
    errors["Prophet"] /= 0.96  # a narrow lead of Prophet's does not count
    assert forecast.model == min(errors, key=lambda name: errors[name])


def test_bands_lie_in_order_around_the_mean_and_never_below_zero() -> None:
    forecast = forecast_of_year()
    rows = (0.0 * forecast.mean, forecast.low95, forecast.low80, forecast.mean, forecast.high80, forecast.high95)
    for lower, higher in pairwise(rows):
        assert (lower <= higher).all()
    assert (forecast.low95 < forecast.high95).all()


def test_the_total_is_the_sum_of_the_days_and_its_band_is_narrower_than_the_sum_of_theirs() -> None:
    forecast = forecast_of_year()
    assert forecast.total == pytest.approx(forecast.mean.sum())
    assert forecast.total_low95 < forecast.total_low80 < forecast.total < forecast.total_high80 < forecast.total_high95
    assert forecast.total_high80 - forecast.total_low80 < 0.9 * (forecast.high80 - forecast.low80).sum()


def test_weeks_and_months_add_up_to_the_total() -> None:
    forecast = forecast_of_year()
    for totals in (forecast.weekly, forecast.monthly):
        assert sum(part.total for part in totals) == pytest.approx(forecast.total)
        assert sum(part.days for part in totals) == 60
        assert all(part.low95 <= part.low80 <= part.total <= part.high80 <= part.high95 for part in totals)
    assert [part.days for part in forecast.weekly] == [7] * 8 + [4]
    assert {part.start_on.month for part in forecast.monthly} == {2, 3, 4}


def test_totals_are_told_for_every_horizon_on_the_way() -> None:
    forecast = forecast_revenue(shop(200), horizon_days=75, options=FAST)
    assert [part.days for part in forecast.horizons] == [7, 30, 60, 75]
    assert [part.total for part in forecast.horizons] == pytest.approx(
        [forecast.mean[:n].sum() for n in (7, 30, 60, 75)]
    )
    assert forecast.horizons[-1].low80 == forecast.total_low80
    week, first = forecast.weekly[0], forecast.horizons[0]
    assert (week.low80, week.high95) == (first.low80, first.high95)


def test_the_days_ahead_out_of_the_ordinary_are_told_with_what_they_add() -> None:
    past, coming, never = (date(2024, 6, 3), date(2024, 8, 12)), date(2024, 11, 4), date(2024, 11, 12)
    events = (*(day for on in past for day in sale(on, "Sale")), *sale(coming, "Sale"), Event(never, "Relaunch"))
    forecast = forecast_revenue(shop(300, events=events[:6]).slice(None), horizon_days=40, options=FAST)
    assert [one.name for one in forecast.calendar] == ["Black Friday"] * 4
    frame = replace(shop(300, events=events[:6]), events=events)
    calendar = forecast_revenue(frame, horizon_days=30, options=FAST).calendar
    assert [one.on for one in calendar if one.name == "Sale"] == [coming, date(2024, 11, 5), date(2024, 11, 6)]
    assert all((one.lift or 0) > 0.3 for one in calendar if one.name == "Sale")
    assert [one.lift for one in calendar if one.name == "Relaunch"] == [None]


@pytest.mark.parametrize("model", get_args(ModelChoice))
def test_the_components_add_up_to_the_fitted_and_the_forecast_revenue(model: ModelChoice) -> None:
    forecast = forecast_of_year(model)
    parts = forecast.components
    added = parts.trend + parts.weekly + parts.yearly + parts.events + parts.spend
    assert added == pytest.approx(np.concatenate([forecast.history.fitted, forecast.mean]), rel=1e-6)
    assert (parts.spend >= 0).all()
    assert parts.weekly[5] > parts.weekly[6]  # Saturdays sell more than Sundays


def test_the_error_of_the_past_is_told() -> None:
    backtest = forecast_of_year().backtest
    assert len(backtest.origins) == 6
    assert backtest.mape == pytest.approx(np.mean([score.mape for score in backtest.origins if score.mape is not None]))
    assert 0.02 < (backtest.mape or 0) < 0.3
    assert 0.6 <= (backtest.coverage80 or 0) <= 0.95


def test_the_last_weeks_stand_beside_what_was_forecast_before_them() -> None:
    forecast = forecast_of_year()
    latest = forecast.backtest.latest
    assert latest is not None
    assert latest.dates[-1] == forecast.history.dates[-1]
    assert latest.actual == pytest.approx(forecast.history.actual[-len(latest.actual) :])
    assert np.mean(np.abs(latest.actual - latest.mean) / latest.actual) == pytest.approx(
        forecast.backtest.origins[0].mape or 0
    )


def test_the_same_seed_gives_the_same_answer_and_another_one_moves_only_the_paths() -> None:
    frame = shop(120)
    first, again = (forecast_revenue(frame, horizon_days=30, options=FAST, seed=3) for _ in range(2))
    other = forecast_revenue(frame, horizon_days=30, options=FAST, seed=4)
    assert replace(first, cpu_s=0).to_dict() == replace(again, cpu_s=0).to_dict()
    assert other.mean == pytest.approx(first.mean)
    assert other.low80 == pytest.approx(first.low80)
    assert other.total_low80 != first.total_low80


def test_another_currency_unit_changes_nothing_else() -> None:
    frame = shop(150)
    cents = replace(frame, spend=100 * frame.spend, revenue=100 * frame.revenue)
    plain, scaled = (forecast_revenue(part, horizon_days=30, options=FAST) for part in (frame, cents))
    assert scaled.mean == pytest.approx(100 * plain.mean, rel=1e-6)
    assert scaled.total_high80 == pytest.approx(100 * plain.total_high80, rel=1e-6)


def test_the_order_of_channels_does_not_matter() -> None:
    frame = shop(150)
    swapped = replace(frame, channels=frame.channels[::-1], spend=frame.spend[:, ::-1])
    plain, other = (forecast_revenue(part, horizon_days=30, options=FAST) for part in (frame, swapped))
    assert other.mean == pytest.approx(plain.mean, rel=1e-6)


def test_a_weekly_history_is_answered_in_weeks() -> None:
    frame = shop(420).weekly()
    forecast = forecast_revenue(frame, horizon_days=90, options=FAST)
    assert len(forecast.mean) == 13
    assert (np.diff(forecast.dates) == np.timedelta64(7, "D")).all()
    assert forecast.mean.mean() == pytest.approx(frame.revenue[-26:].mean(), rel=0.15)
    assert [part.days for part in forecast.weekly] == [7] * 13


def test_days_without_rows_are_left_out_rather_than_taken_for_zero() -> None:
    frame = shop(200)
    open_days = (np.arange(200) % 7) < 5
    shut = replace(
        frame,
        observed=open_days,
        revenue=np.where(open_days, frame.revenue, 0.0),
        spend=np.where(open_days[:, None], frame.spend, 0.0),
    )
    forecast = forecast_revenue(shut, horizon_days=28, options=FAST)
    assert forecast.mean.min() > 700
    assert np.isnan(forecast.history.actual[~open_days]).all()


def test_rare_sales_are_foreseen_on_average() -> None:
    rng = np.random.default_rng(5)
    frame = no_channels(np.where(rng.random(300) < 0.15, 500.0, 0.0))
    forecast = forecast_revenue(frame, horizon_days=60, options=FAST)
    assert forecast.total == pytest.approx(0.15 * 500 * 60, rel=0.3)
    assert (forecast.low80 >= 0).all()


def test_a_shop_that_stopped_selling_is_pointed_out_and_its_band_stays_open() -> None:
    frame = no_channels(np.where(np.arange(200) < 150, shop(200).revenue, 0.0))
    forecast = forecast_revenue(frame, horizon_days=30)
    assert any("no revenue" in warning for warning in forecast.warnings)
    assert forecast.total_high80 > forecast.total_low80


def no_channels(revenue: np.ndarray) -> MarketingFrame:
    dates = np.datetime64("2024-01-01") + np.arange(len(revenue))
    return MarketingFrame(dates, 1, (), np.zeros((len(revenue), 0)), revenue)


def test_without_any_spend_there_is_a_forecast_and_a_warning() -> None:
    forecast = forecast_revenue(no_channels(shop(120).revenue), horizon_days=30, options=FAST)
    assert (forecast.components.spend == 0).all()
    assert any("No channel has spend" in warning for warning in forecast.warnings)


def test_several_plans_at_once_are_answered_as_each_would_be_alone() -> None:
    frame = shop(150)
    plan = {(date(2024, 6, 5), "Search"): 400.0}
    together = forecast_plans(frame, plans=(plan, None), horizon_days=14, options=FAST)
    alone = [forecast_revenue(frame, planned=one, horizon_days=14, options=FAST) for one in (plan, None)]
    for one, other in zip(together, alone, strict=True):
        assert replace(one, cpu_s=0).to_dict() == replace(other, cpu_s=0).to_dict()
    assert together[0].total > together[1].total


def test_progress_is_told_up_to_the_end() -> None:
    told: list[tuple[float, str]] = []
    forecast_revenue(shop(100), horizon_days=7, options=FAST, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert all(text for _, text in told)


def test_a_stored_forecast_comes_back_as_it_was() -> None:
    stored = json.loads(json.dumps(forecast_of_year().to_dict(), allow_nan=False))
    assert Forecast.from_dict(stored).to_dict() == stored
    older = {**stored, "backtest": {name: part for name, part in stored["backtest"].items() if name != "latest"}}
    older = {name: part for name, part in older.items() if name not in ("horizons", "calendar")}
    assert Forecast.from_dict(older).backtest.latest is None
    assert not Forecast.from_dict(older).horizons
    assert not Forecast.from_dict(older).calendar
    with pytest.raises(BadFrame, match="another format"):
        Forecast.from_dict({**stored, "format": 0})


def test_gaps_in_the_history_survive_storing() -> None:
    frame = shop(100)
    observed = np.arange(100) != 50
    forecast = forecast_revenue(replace(frame, observed=observed), horizon_days=7, options=FAST)
    back = Forecast.from_dict(json.loads(json.dumps(forecast.to_dict(), allow_nan=False)))
    assert np.isnan(back.history.actual[50])
    assert np.isfinite(back.history.actual[observed]).all()


def test_the_document_holds_what_the_command_promises() -> None:
    forecast = forecast_of_year()
    document = json.loads(json.dumps(forecast_document(forecast), allow_nan=False))
    assert {"model", "daily", "total", "total_low80", "total_high80", "backtest_mape"} <= set(document)
    assert set(document["daily"][0]) == {"date", "mean", "low80", "high80", "low95", "high95"}
    assert len(document["daily"]) == 60
    assert document["daily"][0]["date"] == "2025-02-04"
    assert document["total"] == pytest.approx(sum(day["mean"] for day in document["daily"]), abs=1)


def test_prophet_keeps_quiet_and_leaves_no_files(
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    import cmdstanpy

    with caplog.at_level(logging.DEBUG):
        forecast_revenue(shop(120), horizon_days=30, options=ForecastOptions(model="prophet", origins=3))
    printed = capfd.readouterr()
    assert printed.out == printed.err == ""
    assert not [record for record in caplog.records if record.name.startswith(("prophet", "cmdstanpy"))]
    assert list(Path(cmdstanpy._TMPDIR).iterdir()) == []


def test_threads_of_a_worker_get_the_same_answers() -> None:
    frames = [shop(100, seed=seed) for seed in (1, 2)] * 2
    options = ForecastOptions(origins=3)
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda frame: forecast_revenue(frame, horizon_days=14, options=options).mean, frames))
    alone = [forecast_revenue(frame, horizon_days=14, options=options).mean for frame in frames[:2]]
    for index, mean in enumerate(together):
        assert mean == pytest.approx(alone[index % 2])


def test_prophet_and_pandas_are_not_loaded_until_they_are_used() -> None:
    code = "import sys, ml.forecast; print(sorted({'prophet', 'pandas', 'cmdstanpy', 'holidays'} & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_below_half_a_year_the_mix_model_is_no_candidate() -> None:
    forecast = forecast_revenue(shop(170), horizon_days=14, options=ForecastOptions(origins=3))
    assert {score.model for score in forecast.backtest.candidates} == {"Prophet", "Structural"}
