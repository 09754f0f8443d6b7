"""Rolling origins: forecast from past days with what was known then, and compare with what came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ml.forecast.bands import PastErrors, learn_errors, relative_errors
from ml.forecast.problem import Fit, Problem, problem_of
from ml.forecast.result import Backtest, CandidateScore, OriginScore, PastForecast
from ml.forecast.spend import recent_average
from ml.frames import FloatArray, MarketingFrame

FEWEST_ORIGINS = 3
LEAST_HISTORY_DAYS, LEAST_TRIAL_DAYS = 30, 28
MOST_WINDOWS = 6
SMALLEST_SMEAR, LARGEST_SMEAR = 0.5, 20.0  # guards only: a fit of next to nothing has no mean to match
NEAR_ZERO = 0.05  # of the mean revenue: a percentage of less than that says nothing

Fitter = Callable[[Problem], Fit]


@dataclass(frozen=True, eq=False)
class Trial:
    """One forecast from a past day. Arrays cover its horizon; nan where a period was not observed.

    `usual` is the average revenue before the origin. `median` and `mean` are in currency per period under the spend that really followed, `median_as_usual` and
    `mean_as_usual` under the average of the weeks before, which is what a forecast without a plan assumes.
    """

    origin: int
    usual: float
    actual: FloatArray
    median: FloatArray
    mean: FloatArray
    median_as_usual: FloatArray
    mean_as_usual: FloatArray

    def absolute_share(self) -> float:
        """Σ |actual − mean| ÷ Σ actual, under the spend that really followed."""
        return float(np.nansum(np.abs(self.actual - self.mean)) / max(float(np.nansum(np.abs(self.actual))), 1e-12))

    def mape(self, *, planned: bool) -> float | None:
        """Mean of |actual − mean| ÷ actual over periods of at least 5 % of the average revenue; None where there is none."""
        mean = self.mean if planned else self.mean_as_usual
        seen = np.isfinite(self.actual)
        least = NEAR_ZERO * max(float(self.actual[seen].sum()) / max(int(seen.sum()), 1), 0.0)
        counted = self.actual > least
        if not counted.any():
            return None
        return float(np.mean(np.abs(self.actual - mean)[counted] / self.actual[counted]))

    def total_error(self, *, planned: bool) -> float | None:
        """(forecast − actual) ÷ actual of the whole horizon; None where nothing was earned."""
        seen = np.isfinite(self.actual)
        earned = float(self.actual[seen].sum())
        mean = self.mean if planned else self.mean_as_usual
        return float(mean[seen].sum()) / earned - 1 if earned > 0 else None


def trial_horizon(frame: MarketingFrame, horizon: int) -> int:
    """Periods that each trial looks ahead: the horizon, but four weeks at least and a quarter of the history at most."""
    return min(max(horizon, LEAST_TRIAL_DAYS // frame.cadence_days), frame.periods // 4)


def origins(frame: MarketingFrame, horizon: int, count: int) -> list[int]:
    """Lengths of history to forecast from, latest first and evenly spaced, for trials of `horizon` periods.

    The latest sees the end of the history; windows do not overlap where the history is long enough for that, and no origin
    has less than a third of it.
    """
    step = min(horizon, _room(frame, horizon) // (FEWEST_ORIGINS - 1))
    return _evenly(frame.periods - horizon, (FEWEST_ORIGINS - 1) * step, count)


def calibration_origins(frame: MarketingFrame, horizon: int, count: int) -> list[int]:
    """Lengths of history from which errors are learnt, latest first: over twice as many days as `origins` looks at."""
    return _evenly(frame.periods - horizon, min(MOST_WINDOWS * horizon, _room(frame, horizon)), count)


def _room(frame: MarketingFrame, horizon: int) -> int:
    """Periods between the first and the last day from which to forecast."""
    least = max(LEAST_HISTORY_DAYS // frame.cadence_days, frame.periods // 3)
    return max(frame.periods - horizon - least, 0)


def _evenly(latest: int, reach: int, count: int) -> list[int]:
    return sorted({round(origin) for origin in np.linspace(latest - reach, latest, count)}, reverse=True)


def try_from(
    frame: MarketingFrame, origin: int, horizon: int, *, fitter: Fitter, mean_lag: float, country: str | None
) -> Trial:
    """Fit to the first `origin` periods and foresee `horizon` more."""
    past = frame.slice(None, origin)
    came = slice(origin, origin + horizon)
    problem = problem_of(past, frame.spend[came], mean_lag=mean_lag, country=country)
    fitted = fitter(problem)
    smear = smearing(problem, fitted)
    as_usual = problem.under(recent_average(past, horizon))
    medians = [fitted.middle(under)[origin:] for under in (problem, as_usual)]
    return Trial(
        origin,
        usual_revenue(past),
        np.where(frame.observed[came], frame.revenue[came], np.nan),
        medians[0],
        smear * medians[0],
        medians[1],
        smear * medians[1],
    )


def usual_revenue(frame: MarketingFrame) -> float:
    """Average revenue of the periods observed, refunds counted as 0."""
    return float(np.maximum(frame.revenue[frame.observed], 0.0).mean())


def smearing(problem: Problem, fitted: Fit) -> float:
    """Mean revenue ÷ mean of the fitted middle: what turns the middle of revenue's distribution into its mean.

    Source: Duan (1983), "Smearing estimate", as one factor.
    """
    seen = problem.observed
    middle = fitted.middle(problem)[: problem.history][seen]
    ratio = np.maximum(problem.past.revenue[seen], 0.0).sum() / max(float(middle.sum()), 1e-12)
    return float(np.clip(ratio, SMALLEST_SMEAR, LARGEST_SMEAR))


def mean_absolute_share(trials: Sequence[Trial]) -> float:
    """The measure by which candidates are compared: the average of `Trial.absolute_share`."""
    return float(np.mean([trial.absolute_share() for trial in trials]))


def past_errors(trials: Sequence[Trial], *, planned: bool) -> PastErrors:
    """Relative errors ρ of each trial, under the spend that followed or under spend as usual."""
    errors = [
        relative_errors(trial.actual, trial.median if planned else trial.median_as_usual, trial.usual)
        for trial in trials
    ]
    return PastErrors.from_origins(errors, [trial.origin for trial in trials])


def summarise_trials(
    frame: MarketingFrame, trials: Sequence[Trial], candidates: tuple[CandidateScore, ...], *, planned: bool
) -> Backtest:
    """The trials' scores; the coverage is that of each trial's band learnt from the other trials."""
    scores = tuple(
        OriginScore(
            origin_on=frame.dates[trial.origin].item(),
            days=len(trial.actual) * frame.cadence_days,
            mape=trial.mape(planned=planned),
            total_error=trial.total_error(planned=planned),
        )
        for trial in trials
    )
    known = [score.mape for score in scores if score.mape is not None]
    return Backtest(
        origins=scores,
        mape=float(np.mean(known)) if known else None,
        coverage80=_coverage80(past_errors(trials, planned=planned), frame.cadence_days),
        candidates=candidates,
        latest=_latest(frame, trials[0], planned=planned),
    )


def _latest(frame: MarketingFrame, trial: Trial, *, planned: bool) -> PastForecast:
    came = slice(trial.origin, trial.origin + len(trial.actual))
    return PastForecast(frame.dates[came], trial.actual, trial.mean if planned else trial.mean_as_usual)


def _coverage80(past: PastErrors, cadence_days: int) -> float | None:
    seen = np.flatnonzero(np.isfinite(past.errors).mean(1) > 0.5)
    if len(seen) < FEWEST_ORIGINS:
        return None
    inside = []
    for index in seen.tolist():
        error = past.errors[index]
        model = learn_errors(past.without(index), cadence_days)
        reach = model.factor80 * model.deviation(len(error))
        inside.append((np.abs(error) <= reach)[np.isfinite(error)])
    return float(np.concatenate(inside).mean())
