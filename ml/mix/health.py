"""How far a fit can be trusted: every question answered as a green, amber or red light with one sentence.

`diagnose_fit` joins the checks that come with every fit (verdicts.py) and adds what needs the model to be fitted again: a rolling
hold-out, a placebo, and what the last four weeks changed.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.frames import FloatArray, MarketingFrame
from ml.mix.diagnose import check_data, spending
from ml.mix.fit import MixOptions, Progress, build_problem, silent
from ml.mix.intervals import middle_mean, narrowest_interval
from ml.mix.lift import Experiment
from ml.mix.media import LOG_ROI
from ml.mix.mode import Mode, Problem, find_mode
from ml.mix.preview import short_samples
from ml.mix.results import Check, Light, MixFit
from ml.mix.verdicts import holdout_check

MONTH_DAYS = 28
ORIGINS = 3
PLACEBOS = 5  # one of which may seem to work by chance
STABLE_CHANGE = 0.15
LEAST_DAYS_FOR_REFITS = 120


def diagnose_fit(
    frame: MarketingFrame,
    fit: MixFit,
    *,
    seed: int = 0,
    options: MixOptions | None = None,
    lift_tests: Sequence[Experiment] = (),
    progress: Progress | None = None,
) -> tuple[Check, ...]:
    """All checks of `fit`, which was made from `frame`: those it carries and those that need refits (quick ones, as in a
    preview; together about as long as a fit). `options` and `lift_tests` should be those of the fit. `progress` may raise
    to cancel. Raises `CannotFit` where the frame cannot be fitted."""
    options, tell = options or MixOptions(), progress or silent
    with threadpool_limits(1):
        tell(0.05, "Looking at the fit again")
        check_data(frame)
        frame = spending(frame)
        rng = np.random.default_rng(seed)
        problem = build_problem(frame, options=options, lift_tests=lift_tests)
        mode = find_mode(problem, rng=rng, starts=1)
        kept = tuple(check for check in fit.checks if check.name != "hold-out")
        tell(0.25, "Predicting past months that were hidden from it")
        holdout = holdout_check(*rolling_error(problem, mode, frame.cadence_days, rng=rng))
        tell(0.5, "Adding channels that cannot have worked")
        placebo = placebo_check(frame, options=options, lift_tests=lift_tests, rng=rng)
        tell(0.75, "Leaving out the last four weeks")
        refresh = refresh_check(frame, problem, mode, options=options, rng=rng)
    tell(1.0, "Done")
    return (*(check for check in kept if check.channel is None), holdout, placebo, refresh, *_by_channel(kept))


def rolling_error(
    problem: Problem, mode: Mode, cadence_days: int, *, rng: np.random.Generator
) -> tuple[float | None, float | None]:
    """Mean absolute percentage error of four hidden weeks, over up to three origins, and that of the obvious guess.

    From each origin on nothing is seen; the four weeks that follow are predicted from their spend. The guess is the
    average of the four weeks before, by weekday where daily. None where no period with revenue remains.
    """
    width = MONTH_DAYS // cadence_days
    most = min(ORIGINS, len(problem.revenue) // (2 * width))
    errors, guesses = [], []
    for back in range(1, most + 1):
        first = len(problem.revenue) - back * width
        blind = find_mode(problem.without_last(back * width), rng=rng, start=mode.z)
        media = blind.posterior.media(blind.z)
        predicted = media + blind.posterior.baseline.series(problem.revenue - media)
        shown = np.arange(first, first + width)
        counted = shown[problem.observed[shown] & (problem.revenue[shown] > 0.05)]
        errors += list(np.abs(predicted[counted] / problem.revenue[counted] - 1))
        guesses += list(
            np.abs(_usual(problem, first, width, cadence_days)[counted - first] / problem.revenue[counted] - 1)
        )
    return (float(np.mean(errors)), float(np.mean(guesses))) if errors else (None, None)


def placebo_check(
    frame: MarketingFrame, *, options: MixOptions, lift_tests: Sequence[Experiment], rng: np.random.Generator
) -> Check:
    """Add each time one channel whose spend is another's in shuffled weeks: the model should not credit it with anything."""
    found = 0
    for turn in range(PLACEBOS):
        source = int(np.argsort(-frame.spend.sum(0))[turn % len(frame.channels)])
        shuffled = with_placebo(frame, source, rng)
        mode = find_mode(build_problem(shuffled, options=options, lift_tests=lift_tests), rng=rng, starts=1)
        low, _ = narrowest_interval(_roi(mode, options, rng))
        found += bool(low[-1] > 0)
    light: Light = "green" if found <= 1 else "amber" if found == 2 else "red"
    sentence = {
        "green": f"Of {PLACEBOS} channels made up from shuffled spend, {PLACEBOS - found} were credited with nothing, as they should be.",
        "amber": f"{found} of {PLACEBOS} made-up channels were credited with sales. Small returns may be chance.",
        "red": f"{found} of {PLACEBOS} made-up channels were credited with sales. Do not trust small returns here.",
    }[light]
    explanation = "We add a channel whose spend is a real one's in shuffled order. It cannot have worked, so the range of its return must reach zero."
    return Check("placebo", light, sentence, explanation, figure=float(found))


def with_placebo(frame: MarketingFrame, source: int, rng: np.random.Generator) -> MarketingFrame:
    """The frame with one more channel, last, that spends as channel `source` did, its weeks in another order."""
    block = 7 if frame.cadence_days == 1 else 1
    spend = frame.spend[:, source]
    whole = len(spend) // block * block
    weeks = rng.permutation(spend[:whole].reshape(-1, block)).ravel()
    column = np.concatenate([weeks, spend[whole:]])
    name = "Placebo"
    while name in frame.channels:
        name += " again"
    return replace(frame, channels=(*frame.channels, name), spend=np.column_stack([frame.spend, column]))


def refresh_check(
    frame: MarketingFrame, problem: Problem, mode: Mode, *, options: MixOptions, rng: np.random.Generator
) -> Check:
    """Compare the returns with those of the data without their last four weeks."""
    explanation = "We fit the model again without your last four weeks. A sound answer hardly changes, and stays within the range given before."
    width = MONTH_DAYS // frame.cadence_days
    if frame.days < LEAST_DAYS_FOR_REFITS:
        sentence = "The history is too short to leave four weeks out and see what changes."
        return Check("refresh", "amber", sentence, explanation)
    earlier = find_mode(problem.without_last(width), rng=rng, start=mode.z)
    draws = _roi(earlier, options, rng)
    low, high = narrowest_interval(draws)
    before, now = middle_mean(draws), middle_mean(_roi(mode, options, rng))
    moved = np.abs(now / before - 1)
    outside = [name for name, left in zip(frame.channels, (now < low) | (now > high), strict=True) if left]
    figure = float(moved.max())
    if outside:
        named = ", ".join(outside)
        sentence = f"The last four weeks moved {named} out of the range given before. Find out what changed."
        return Check("refresh", "red", sentence, explanation, figure=figure)
    if figure > 2 * STABLE_CHANGE:
        name = frame.channels[int(np.argmax(moved))]
        sentence = f"The last four weeks moved {name} by {figure:.0%}, within the range given before."
        return Check("refresh", "amber", sentence, explanation, figure=figure)
    sentence = "The last four weeks confirm what the weeks before had said."
    return Check("refresh", "green", sentence, explanation, figure=figure)


def _roi(mode: Mode, options: MixOptions, rng: np.random.Generator) -> FloatArray:
    samples = short_samples(mode, chains=options.chains, rng=rng)
    return np.asarray(np.exp(mode.posterior.basis.unpack(samples.flat())[LOG_ROI]).T)


def _usual(problem: Problem, first: int, width: int, cadence_days: int) -> FloatArray:
    """The average of the `width` periods before `first`, by weekday where daily, for the `width` periods from it on."""
    before = np.arange(first - width, first)
    seen = np.where(problem.observed[before], problem.revenue[before], np.nan)
    if cadence_days == 1:
        seen = seen.reshape(-1, 7)
    whole = float(np.nanmean(seen)) if np.isfinite(seen).any() else 0.0
    with np.errstate(invalid="ignore"):
        counts = np.isfinite(seen).sum(0)
    usual = np.where(counts > 0, np.nansum(seen, axis=0) / np.maximum(counts, 1), whole)
    return np.resize(usual, width)


def _by_channel(checks: Sequence[Check]) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.channel is not None)
