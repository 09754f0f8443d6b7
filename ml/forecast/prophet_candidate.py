"""The Prophet candidate: Prophet 1.5 on the root scale with events and adstocked log spend as regressors.

Prophet is imported on first use only (80 MB), keeps quiet, leaves no files, and its own bands are not used.
"""

import tempfile
from typing import Any

import numpy as np

from ml.errors import CannotFit
from ml.forecast.options import PROPHET
from ml.forecast.problem import Problem, RootFit
from ml.forecast.prophet_quiet import silence_prophet
from ml.forecast.structural import damped, fit_structural
from ml.frames import BoolArray, FloatArray

DAYS_FOR_SEASON = 730  # Prophet's own rule: below two years its trend and its yearly season cannot be told apart
LONGEST_FIT_S = 60.0
DAMPING = 0.98  # per day


class ProphetFailed(CannotFit):
    """Prophet's optimiser gave up on this series."""

    def __init__(self) -> None:
        super().__init__("Prophet could not be fitted to this history.", "Use the structural model for it.")


def fit_prophet(problem: Problem) -> RootFit:
    """Prophet's maximum a posteriori fit: piecewise linear trend, weekday and yearly season, events, spend effects ≥ 0.

    Prophet knows no signs, so it is only given the spend columns in which the structural fit, which costs a tenth, finds an
    effect; those whose coefficient still turns out negative are taken out and Prophet is fitted again, until none is. It
    draws nothing at random here, so the fit depends on the data alone.
    Raises `ProphetFailed`. Source: Taylor and Letham (2018), "Forecasting at scale".
    """
    used = fit_structural(problem)[0].spend_effect > 0
    while True:
        fitted = _fit_once(problem, used)
        negative = fitted.spend_effect < 0
        if not negative.any():
            return fitted
        used = used & ~negative


def _fit_once(problem: Problem, used: BoolArray) -> RootFit:
    silence_prophet()
    import pandas as pd
    from prophet import Prophet
    from prophet.utilities import regressor_coefficients

    table = pd.DataFrame({"ds": pd.DatetimeIndex(problem.dates.astype("datetime64[s]"))})
    changepoints = min(25, int(problem.observed.sum()) // 8)
    model = Prophet(
        uncertainty_samples=0,
        daily_seasonality=False,
        weekly_seasonality=problem.cadence_days == 1,
        yearly_seasonality=problem.history_days >= DAYS_FOR_SEASON,
        n_changepoints=changepoints,
    )
    for index in range(problem.events.shape[1]):
        table[f"event{index}"] = problem.events[:, index]
        model.add_regressor(f"event{index}", standardize=False)
    for index in np.flatnonzero(used).tolist():
        table[f"spend{index}"] = problem.spend[:, index]
        model.add_regressor(f"spend{index}")
    past = table.iloc[: problem.history].assign(y=np.where(problem.observed, problem.root, np.nan))
    _optimise(model, past)
    parts = model.predict(table)
    effect = np.zeros(len(used))
    if used.any():
        slopes = regressor_coefficients(model).set_index("regressor")["coef"]
        effect[used] = [slopes[f"spend{index}"] for index in np.flatnonzero(used)]
    return RootFit(PROPHET, *_parts(problem, parts, effect), spend_effect=effect)


def _optimise(model: Any, past: Any) -> None:  # Any: Prophet and pandas frames carry no types that would say more
    with tempfile.TemporaryDirectory(prefix="forecast-") as directory:
        try:
            model.fit(past, output_dir=directory, timeout=LONGEST_FIT_S)
        except (RuntimeError, TimeoutError) as error:
            raise ProphetFailed from error


def _parts(problem: Problem, parts: Any, effect: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Trend, weekly, yearly and events; the trend takes the constant that Prophet's centred spend columns leave over."""
    nothing = np.zeros(len(problem.dates))
    weekly = parts["weekly"].to_numpy(float) if "weekly" in parts else nothing
    yearly = parts["yearly"].to_numpy(float) if "yearly" in parts else nothing
    names = [f"event{index}" for index in range(problem.events.shape[1])]
    events = parts[names].to_numpy(float).sum(1) if names else nothing
    trend = parts["yhat"].to_numpy(float) - weekly - yearly - events - problem.spend @ effect
    return _damped(trend, problem), weekly, yearly, events


def _damped(trend: FloatArray, problem: Problem) -> FloatArray:
    """Prophet carries its last slope on for ever. On simulated shops that strayed far from what came, and further than the
    tries on the past had shown; so after the history each day's step is DAMPING times the last."""
    n, step_days = problem.history, problem.cadence_days
    ahead_days = step_days * (np.arange(len(trend) - n) + 1.0)
    per_day = (trend[n - 1] - trend[n - 2]) / step_days
    return np.concatenate([trend[:n], trend[n - 1] + per_day * damped(ahead_days, DAMPING)])
