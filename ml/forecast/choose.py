"""Which candidate to use: all forecast from the same past days, the lowest error wins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ml.errors import CannotFit
from ml.forecast.backtest import (
    Fitter,
    Trial,
    calibration_origins,
    mean_absolute_share,
    origins,
    trial_horizon,
    try_from,
)
from ml.forecast.mix_candidate import fit_mix_curves
from ml.forecast.options import MIX, PROPHET, STRUCTURAL, ForecastOptions
from ml.forecast.problem import Fit, Problem, problem_of
from ml.forecast.prophet_candidate import fit_prophet
from ml.forecast.result import CandidateScore
from ml.forecast.structural import fit_structural
from ml.frames import MarketingFrame

MEAN_LAGS = (0.5, 2.0, 5.0)  # periods; a finer grid gained nothing on the series of the benchmark
CLEARLY_BEHIND = 1.1
PROPHET_LEAD = 1 / 0.96  # on simulated shops, a narrow lead of Prophet's on the past did not come true afterwards
FEWEST_DAYS_FOR_MIX = 180  # below half a year, simulated shops were foreseen worse by it than by the structural model


@dataclass(frozen=True, eq=False)
class Choice:
    """The model used, how to fit it, its forecasts from past days, those its bands are learnt from, and all scores."""

    model: str
    fitter: Fitter
    trials: tuple[Trial, ...]
    calibration: tuple[Trial, ...]
    candidates: tuple[CandidateScore, ...]


@dataclass(eq=False)
class _Contest:
    """Trials by candidate and origin, and the candidates that could not be fitted."""

    frame: MarketingFrame
    horizon: int
    mean_lag: float
    country: str | None
    tried: dict[str, dict[int, Trial]] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)

    def trials(self, model: str, starts: Sequence[int]) -> dict[int, Trial]:
        """The candidate's trials from these origins; those already made are not made again."""
        done = self.tried.get(model, {})
        return {start: done[start] if start in done else self._trial(model, start) for start in starts}

    def _trial(self, model: str, start: int) -> Trial:
        return try_from(
            self.frame, start, self.horizon, fitter=FITTERS[model], mean_lag=self.mean_lag, country=self.country
        )

    def enter(self, model: str, starts: Sequence[int]) -> None:
        """Try a candidate from every second origin, and from the others too unless it is clearly behind another."""
        try:
            self.tried[model] = self.trials(model, starts[::2])
            if self.error(model, starts[::2]) <= CLEARLY_BEHIND * self.best_error(starts[::2]):
                self.tried[model] = self.trials(model, starts)
        except CannotFit:
            self.tried.pop(model, None)
            self.failed.append(model)

    def error(self, model: str, starts: Sequence[int]) -> float:
        """Mean error of one candidate over these origins."""
        return mean_absolute_share([self.tried[model][start] for start in starts])

    def best_error(self, starts: Sequence[int]) -> float:
        """The lowest of all candidates."""
        return min(self.error(model, starts) for model in self.tried)

    def scores(self, winner: str, starts: Sequence[int]) -> tuple[CandidateScore, ...]:
        """Mean errors over all origins; of a candidate that was given up, the winner's times how far it was behind."""
        half = starts[::2]
        carried = self.error(winner, starts) / max(self.error(winner, half), 1e-12)
        scores = [
            CandidateScore(
                name, self.error(name, starts) if len(trials) == len(starts) else carried * self.error(name, half)
            )
            for name, trials in self.tried.items()
        ]
        scores += [CandidateScore(name, None) for name in self.failed if name == PROPHET]
        return tuple(sorted(scores, key=lambda score: score.model))


def choose_model(
    frame: MarketingFrame, periods: int, *, mean_lag: float, options: ForecastOptions, tell: Callable[[float], None]
) -> Choice:
    """The candidate with the lowest mean error over the origins; Prophet only where its error is lower by 4 % at least.

    All see the spend that followed, so that the choice does not depend on a plan and two plans can be compared. Prophet and
    the mix model cost ten times what the structural model does, so where one is clearly behind after every second origin
    (three of six) the rest is spared. The mix model is a candidate from 180 days on. `tell` is told the share done. Raises
    `CannotFit` where the only model allowed cannot be fitted.
    """
    horizon = trial_horizon(frame, periods)
    starts = origins(frame, horizon, options.origins)
    contest = _Contest(frame, horizon, mean_lag, options.country)
    if options.model != "auto":
        model = NAMES[options.model]
        contest.tried[model] = contest.trials(model, starts)
        return _chosen(contest, model, starts, options)
    for share, model in ((0.2, STRUCTURAL), (0.5, MIX), (0.9, PROPHET)):
        if model != MIX or frame.days >= FEWEST_DAYS_FOR_MIX:
            contest.enter(model, starts)
        tell(share)
    finished = [model for model, trials in contest.tried.items() if len(trials) == len(starts)]
    winner = min(finished, key=lambda model: contest.error(model, starts) * (PROPHET_LEAD if model == PROPHET else 1.0))
    return _chosen(contest, winner, starts, options)


def _chosen(contest: _Contest, model: str, starts: Sequence[int], options: ForecastOptions) -> Choice:
    trials = tuple(contest.tried[model][start] for start in starts)
    calibration = trials
    if model == STRUCTURAL:
        more = calibration_origins(contest.frame, contest.horizon, 2 * options.origins)
        calibration = (*trials, *contest.trials(model, [start for start in more if start not in starts]).values())
    return Choice(model, FITTERS[model], trials, calibration, contest.scores(model, starts))


def likely_lag(frame: MarketingFrame, *, country: str | None) -> float:
    """The mean lag of spend, in periods, under which the structural model finds the history most likely."""
    if not frame.channels:
        return MEAN_LAGS[0]
    nothing_ahead = np.zeros((0, len(frame.channels)))

    def evidence(mean_lag: float) -> float:
        return fit_structural(problem_of(frame, nothing_ahead, mean_lag=mean_lag, country=country))[1]

    return max(MEAN_LAGS, key=evidence)


def _structural(problem: Problem) -> Fit:
    return fit_structural(problem)[0]


FITTERS: dict[str, Fitter] = {STRUCTURAL: _structural, MIX: fit_mix_curves, PROPHET: fit_prophet}
NAMES = {"prophet": PROPHET, "structural": STRUCTURAL, "mix": MIX}
