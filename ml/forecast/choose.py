"""Which candidate to use: both forecast from the same past days, the lower error wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.backtest import Fit, Trial, mean_absolute_share, origins, trial_horizon, try_from
from ml.forecast.options import PROPHET, STRUCTURAL, ForecastOptions
from ml.forecast.problem import Fitted, Problem, problem_of
from ml.forecast.prophet_candidate import ProphetFailed, fit_prophet
from ml.forecast.result import CandidateScore
from ml.forecast.structural import fit_structural
from ml.frames import MarketingFrame

MEAN_LAGS = (0.5, 2.0, 5.0)  # periods; a finer grid gained nothing on the series of the benchmark
CLEARLY_BEHIND = 1.1


@dataclass(frozen=True, eq=False)
class Choice:
    """The model used, how to fit it, its forecasts from past days, and how every candidate did."""

    model: str
    fit: Fit
    trials: tuple[Trial, ...]
    candidates: tuple[CandidateScore, ...]


def choose_model(
    frame: MarketingFrame, periods: int, *, mean_lag: float, options: ForecastOptions, tell: Callable[[float], None]
) -> Choice:
    """The candidate with the lowest mean error over the origins; Prophet, the default, where they are equal.

    Both see the spend that followed, so that the choice does not depend on a plan and two plans can be compared. Prophet
    costs ten times as much, so where it is clearly behind after every second origin (three of six) the rest is spared.
    `tell` is told the share done. Raises `ProphetFailed` where Prophet alone is allowed and cannot be fitted.
    """
    horizon = trial_horizon(frame, periods)
    starts = origins(frame, horizon, options.origins)

    def trials(fit: Fit, from_starts: Sequence[int]) -> dict[int, Trial]:
        return {
            start: try_from(frame, start, horizon, fit=fit, mean_lag=mean_lag, country=options.country)
            for start in from_starts
        }

    if options.model == "prophet":
        return _chosen(PROPHET, {PROPHET: trials(fit_prophet, starts)})
    tried = {STRUCTURAL: trials(_structural, starts)}
    tell(0.2)
    if options.model == "structural":
        return _chosen(STRUCTURAL, tried)
    try:
        tried[PROPHET] = trials(fit_prophet, starts[::2])
        tell(0.6)
        errors = _errors(tried)
        if errors[PROPHET] <= CLEARLY_BEHIND * errors[STRUCTURAL]:
            tried[PROPHET] |= trials(fit_prophet, starts[1::2])
            errors = _errors(tried)
    except ProphetFailed:
        return _chosen(STRUCTURAL, {STRUCTURAL: tried[STRUCTURAL]}, failed=(PROPHET,))
    return _chosen(PROPHET if errors[PROPHET] <= errors[STRUCTURAL] else STRUCTURAL, tried)


def _errors(tried: dict[str, dict[int, Trial]]) -> dict[str, float]:
    """Each candidate's mean error over the origins that all were tried from."""
    common = set.intersection(*(set(trials) for trials in tried.values()))
    return {name: mean_absolute_share([trials[start] for start in common]) for name, trials in tried.items()}


def _chosen(model: str, tried: dict[str, dict[int, Trial]], *, failed: tuple[str, ...] = ()) -> Choice:
    scores = [CandidateScore(name, error) for name, error in _errors(tried).items()]
    scores += [CandidateScore(name, None) for name in failed]
    fit = fit_prophet if model == PROPHET else _structural
    return Choice(model, fit, tuple(tried[model].values()), tuple(sorted(scores, key=lambda score: score.model)))


def likely_lag(frame: MarketingFrame, *, country: str | None) -> float:
    """The mean lag of spend, in periods, under which the structural model finds the history most likely."""
    if not frame.channels:
        return MEAN_LAGS[0]
    nothing_ahead = np.zeros((0, len(frame.channels)))

    def evidence(mean_lag: float) -> float:
        return fit_structural(problem_of(frame, nothing_ahead, mean_lag=mean_lag, country=country))[1]

    return max(MEAN_LAGS, key=evidence)


def _structural(problem: Problem) -> Fitted:
    return fit_structural(problem)[0]
