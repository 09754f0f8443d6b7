"""Fit the mix model: check the data, find the mode, sample the posterior, hold out the end, grade and report.

Entry point: `fit_mix`. The model is in `posterior.py`, the steps are in `mode.py` and `sampler.py`, the answer in `results.py`.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.frames import Event, FloatArray, MarketingFrame
from ml.mix.design import baseline_design
from ml.mix.diagnose import check_data, spending, usable_periods
from ml.mix.lift import Experiment, lift_terms
from ml.mix.media import MediaBasis
from ml.mix.mode import Mode, Problem, find_mode, relearned
from ml.mix.posterior import MixPosterior, Priors
from ml.mix.refresh import hold_steady, warm_start
from ml.mix.results import MixFit
from ml.mix.sampler import HamiltonianBatch, Samples, laplace_factor
from ml.mix.summarise import summarise

Progress: TypeAlias = Callable[[float, str], None]

MONEY_LIKE = (0.3, 60.0)  # revenue ÷ spend outside this range: revenue is counted in other units than spend
GOOD_RHAT = 1.05
MOST_EXTENSIONS = 4


@dataclass(frozen=True)
class MixOptions:
    """How to fit. The defaults are the calibrated ones; `temper` raises the likelihood to a power, below 1 for wider ranges.

    What the plugged-in outlier weights believe too much is taken back by the noise itself (outliers.py), and what curves and
    lags may do beyond the usual is in the priors, so that no further power is needed (benchmarks/ml_mix.py).
    """

    chains: int = 24
    warm_up: int = 45
    draws: int = 60
    starts: int = 3
    temper: float = 1.0
    holdout_share: float = 0.12
    kept_draws: int = 300
    holidays: tuple[Event, ...] = ()
    priors: Priors = field(default_factory=Priors)


def fit_mix(
    frame: MarketingFrame,
    *,
    seed: int = 0,
    options: MixOptions | None = None,
    lift_tests: Sequence[Experiment] = (),
    earlier: MixFit | None = None,
    progress: Progress | None = None,
) -> MixFit:
    """Which channel brought how much, with 95 % intervals.

    `seed` fixes every random choice; `lift_tests` enter as likelihood terms; `earlier`, a fit of the same business, is
    where the search starts, and returns inside its ranges move by 15 % at most (refresh.py). `progress` is told the share
    done and a sentence. Uses one BLAS thread. Raises `CannotFit` (see `check_data`) where the data cannot carry an answer and
    `BadOption` for a lift test of an unknown channel.
    """
    options = options or MixOptions()
    tell = progress or silent
    started_s = time.thread_time()
    with threadpool_limits(1):
        tell(0.02, "Checking the data")
        warnings = check_data(frame)
        frame = spending(frame)
        rng = np.random.default_rng(seed)
        problem = build_problem(frame, options=options, lift_tests=lift_tests)
        tell(0.1, "Separating ads from trend and season")
        mode = find_mode(problem, rng=rng, starts=options.starts, also=_start(problem, frame, earlier))
        tell(0.35, "Measuring how sure the answer is")
        posterior, samples = _sample(problem, mode, options=options, rng=rng, tell=tell)
        tell(0.85, "Checking the model on data it has not seen")
        error = holdout_error(problem, mode, share=options.holdout_share, rng=rng)
        tell(0.95, "Writing down the result")
        if earlier is not None:
            samples = hold_steady(problem.basis, frame, samples, earlier, seed)
        fit = summarise(frame, posterior, samples, kept_draws=options.kept_draws, holdout_mape=error, seed=seed)
    tell(1.0, "Done")
    return replace(fit, warnings=tuple(dict.fromkeys([*warnings, *fit.warnings])), cpu_s=time.thread_time() - started_s)


def build_problem(frame: MarketingFrame, *, options: MixOptions, lift_tests: Sequence[Experiment] = ()) -> Problem:
    """The frame in the model's terms: scaled revenue, tabulated adstock, baseline columns, priors in the right unit."""
    observed = usable_periods(frame)
    scale = float(np.mean(np.abs(frame.revenue[observed])))
    basis = MediaBasis(frame.spend, frame.cadence_days, scale)
    return Problem(
        basis=basis,
        design=baseline_design(frame.dates, frame.cadence_days, events=frame.events, holidays=options.holidays),
        revenue=frame.revenue / scale,
        observed=observed,
        priors=_priors_in_unit(options.priors, float(frame.revenue[observed].sum() / frame.spend.sum())),
        lift=lift_terms(frame, basis, lift_tests),
        temper=options.temper,
    )


def holdout_error(problem: Problem, mode: Mode, *, share: float, rng: np.random.Generator) -> float | None:
    """Mean absolute percentage error on the last `share` of the periods, predicted by a mode that never saw them.

    Periods under 5 % of the average revenue are left out, as a percentage of next to nothing says nothing; None where
    no period remains.
    """
    hidden = max(round(share * len(problem.revenue)), 1)
    blind = find_mode(problem.without_last(hidden), rng=rng, start=mode.z)
    media = blind.posterior.media(blind.z)
    predicted = media + blind.posterior.baseline.series(problem.revenue - media)
    actual = problem.revenue
    counted = problem.observed & (np.arange(len(actual)) >= len(actual) - hidden) & (actual > 0.05)
    if not counted.any():
        return None
    return float(np.mean(np.abs(predicted[counted] / actual[counted] - 1)))


def _sample(
    problem: Problem, mode: Mode, *, options: MixOptions, rng: np.random.Generator, tell: Progress
) -> tuple[MixPosterior, Samples]:
    """The final posterior and its draws; where the chains do not agree yet, what they have done becomes warm-up and they go
    on. A third into the warm-up noise and scales are learned again, from where the chains are rather than from the mode."""
    factor = laplace_factor(mode.posterior, mode.z)
    batch = HamiltonianBatch(mode.posterior, mode.z, factor, chains=options.chains, rng=rng)
    batch.warm_up(options.warm_up // 3)
    posterior = relearned(problem, mode.posterior, batch.positions)
    batch.retarget(posterior)
    batch.warm_up(options.warm_up - options.warm_up // 3)
    tell(0.6, "Measuring how sure the answer is")
    samples = batch.sample(options.draws)
    for _ in range(MOST_EXTENSIONS):
        if samples.rhat <= GOOD_RHAT:
            break
        longer = batch.sample(options.draws)
        samples = samples.joined(longer) if samples.rhat < 2 * GOOD_RHAT - 1 else longer
    return posterior, samples


def _start(problem: Problem, frame: MarketingFrame, earlier: MixFit | None) -> FloatArray | None:
    return None if earlier is None else warm_start(problem.centre(), problem.basis, frame, earlier)


def _priors_in_unit(priors: Priors, blended: float) -> Priors:
    """Priors with the ROI scale's centre within 5 % to 50 % of revenue ÷ spend, and at 30 % where revenue is not money."""
    centre, sd = priors.log_roi_scale
    if MONEY_LIKE[0] <= blended <= MONEY_LIKE[1]:
        centre = float(np.clip(centre, np.log(0.05 * blended), np.log(0.5 * blended)))
        return replace(priors, log_roi_scale=(centre, sd))
    return replace(priors, log_roi_scale=(float(np.log(0.3 * abs(blended) + 1e-300)), sd))


def silent(share: float, sentence: str) -> None:
    """Nobody listens."""
