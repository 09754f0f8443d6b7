"""Forecast revenue: check the data, try the candidates on the past, use the better one, learn its bands, look ahead."""

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.errors import BadOption
from ml.forecast.backtest import past_errors, smearing, summarise_trials, usual_revenue
from ml.forecast.bands import LEVELS, band, learn_errors, simulate_paths, unseen_season
from ml.forecast.calendar_columns import special_days
from ml.forecast.choose import Choice, choose_model, likely_lag
from ml.forecast.history import usable_history
from ml.forecast.notes import notes_on
from ml.forecast.options import LONGEST_HORIZON_DAYS, ForecastOptions, Progress
from ml.forecast.problem import Problem, problem_of
from ml.forecast.result import AssumedSpend, CalendarDay, Forecast, History
from ml.forecast.spend import FutureSpend, future_spend
from ml.forecast.totals import horizon_totals, monthly_totals, weekly_totals
from ml.frames import FloatArray, MarketingFrame

Plan: TypeAlias = Mapping[tuple[date, str], float]


def forecast_revenue(
    frame: MarketingFrame,
    *,
    horizon_days: int = 90,
    planned: Plan | None = None,
    seed: int = 0,
    options: ForecastOptions | None = None,
    progress: Progress | None = None,
) -> Forecast:
    """Revenue of the next `horizon_days` days (1 to 365), with bands, from the history and the spend ahead.

    `planned` is spend by date and channel; where it says nothing, spend goes on as in the last 28 days. Three
    candidates, Prophet with spend regressors, a structural ridge and the mix model's baseline with its response curves,
    forecast from past origins with the spend that followed; the one with the lowest error is used and named (Prophet where it
    is ahead by 4 %). Bands are split-conformal on the errors of those past forecasts: with the
    spend that followed where a plan is given, else with spend as usual, so that they also cover a budget that changes.
    `seed` fixes the simulated paths, `progress` is told the share done and a sentence.

    Weekly frames answer in whole weeks. Uses one BLAS thread. Raises `BadOption` for a horizon outside its range or a
    plan of bad amounts, `TooShort` below 60 days (26 weeks), `BadFrame` for a spend that must be a mistake, `ConstantRevenue`
    and `CannotFit` where nothing can be learnt. Source: the method and its settings were compared on the ten series of benchmarks/ml_forecast.py.

    >>> from ml.synth import demo_shop
    >>> history = demo_shop(seed=1, end_on=date(2026, 6, 30), days=120).frame()
    >>> forecast = forecast_revenue(history, horizon_days=7, options=ForecastOptions(model="structural"))
    >>> str(forecast.dates[0]), len(forecast.mean), forecast.model
    ('2026-07-01', 7, 'Structural')
    """
    return forecast_plans(
        frame, plans=(planned,), horizon_days=horizon_days, seed=seed, options=options, progress=progress
    )[0]


def forecast_plans(
    frame: MarketingFrame,
    *,
    plans: Sequence[Plan | None],
    horizon_days: int = 90,
    seed: int = 0,
    options: ForecastOptions | None = None,
    progress: Progress | None = None,
) -> tuple[Forecast, ...]:
    """`forecast_revenue` of several plans at little more than the price of one: the models are tried once, since no plan has a
    say in the choice. Same errors; `cpu_s` of each is that of all."""
    options = options or ForecastOptions()
    tell = progress or _silent
    started_s = _cpu_s()
    if not 1 <= horizon_days <= LONGEST_HORIZON_DAYS:
        raise BadOption(
            f"A forecast of {horizon_days} days is not possible.", f"Choose 1 to {LONGEST_HORIZON_DAYS} days."
        )
    frame = usable_history(frame)
    with threadpool_limits(1):
        tell(0.05, "Reading the calendar and the spend ahead")
        periods = -(-horizon_days // frame.cadence_days)
        outlooks = [future_spend(frame, periods, planned) for planned in plans]
        mean_lag = likely_lag(frame, country=options.country)
        tell(0.1, "Trying the models on your own past")
        choice = choose_model(
            frame,
            periods,
            mean_lag=mean_lag,
            options=options,
            tell=lambda share: tell(0.1 + 0.7 * share, "Trying the models on your own past"),
        )
        tell(0.8, f"Looking ahead with {choice.model}")
        forecasts = [_look_ahead(frame, ahead, mean_lag, choice, options, seed) for ahead in outlooks]
    tell(1.0, "Done")
    return tuple(replace(forecast, cpu_s=_cpu_s() - started_s) for forecast in forecasts)


def _look_ahead(
    frame: MarketingFrame, ahead: FutureSpend, mean_lag: float, choice: Choice, options: ForecastOptions, seed: int
) -> Forecast:
    problem = problem_of(frame, ahead.spend, mean_lag=mean_lag, country=options.country)
    fitted = choice.fitter(problem)
    smear = smearing(problem, fitted)
    middle = fitted.middle(problem)
    median, n = middle[frame.periods :], frame.periods
    usual = usual_revenue(frame)
    mean, dates = smear * median, problem.dates[n:]
    errors = past_errors(choice.calibration, planned=ahead.is_planned)
    model = replace(
        learn_errors(errors, frame.cadence_days), unseen=unseen_season(frame.days, len(mean), frame.cadence_days)
    )
    paths = simulate_paths(
        model,
        median,
        mean,
        usual,
        paths=options.paths,
        cadence_days=frame.cadence_days,
        rng=np.random.default_rng(seed),
    )
    low80, high80 = band(model, median, usual, LEVELS[0])
    low95, high95 = band(model, median, usual, LEVELS[1])
    components = fitted.components(problem, smear)
    horizons = horizon_totals(dates, frame.cadence_days, mean, paths)
    total = horizons[-1]
    return Forecast(
        model=choice.model,
        currency=frame.currency,
        cadence_days=frame.cadence_days,
        dates=dates,
        mean=mean,
        low80=np.minimum(low80, mean),
        high80=np.maximum(high80, mean),
        low95=np.minimum(low95, mean),
        high95=np.maximum(high95, mean),
        total=total.total,
        total_low80=total.low80,
        total_high80=total.high80,
        total_low95=total.low95,
        total_high95=total.high95,
        weekly=weekly_totals(dates, frame.cadence_days, mean, paths),
        monthly=monthly_totals(dates, frame.cadence_days, mean, paths),
        components=components,
        history=History(problem.dates[:n], np.where(frame.observed, frame.revenue, np.nan), smear * middle[:n]),
        backtest=summarise_trials(frame, choice.trials, choice.candidates, planned=ahead.is_planned),
        assumed_spend=AssumedSpend(frame.channels, ahead.spend, ahead.is_planned),
        warnings=notes_on(frame, problem, fitted, ahead, choice.candidates, tried=model.tried),
        seed=seed,
        cpu_s=0.0,
        horizons=horizons,
        calendar=_calendar_ahead(problem, components.events[n:], mean),
    )


def _calendar_ahead(problem: Problem, added: FloatArray, mean: FloatArray) -> tuple[CalendarDay, ...]:
    """The special days of the horizon, with what all events of a period add, `added` (h,), beside `mean` (h,)."""
    n, step = problem.history, problem.cadence_days
    days = special_days(problem.dates, problem.past.events, problem.country)
    seen = {day.kind for day in days if problem.dates[0] <= day.on < problem.dates[n]}
    found = []
    for day in sorted(days, key=lambda one: (one.on, one.name)):
        period = int((day.on - problem.dates[n]).astype(int) // step)
        if 0 <= period < len(mean):
            rest = float(mean[period] - added[period])
            lift = float(added[period]) / rest if day.kind in seen and rest > 0 else None
            found.append(CalendarDay(date.fromisoformat(str(day.on)), day.name, lift))
    return tuple(found)


def _cpu_s() -> float:
    """Processor seconds of this thread and of finished children: Prophet's optimiser is a process of its own."""
    finished = os.times()
    return time.thread_time() + finished.children_user + finished.children_system


def _silent(share: float, sentence: str) -> None:
    """Progress that nobody follows."""
