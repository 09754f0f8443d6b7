"""Training: learn on earlier days, choose and calibrate on later ones, then learn again on all of them."""

import time
from dataclasses import dataclass

import numpy as np

from ml.errors import CannotFit, TooFewExamples
from ml.frames import FloatArray
from ml.predict.campaigns.bands import LEVELS, Bands, enough_for, learn_bands
from ml.predict.campaigns.features import FEATURES, LEAST_DAYS, USUAL, Examples, Known, examples_at, know
from ml.predict.campaigns.history import CampaignHistory, IntArray
from ml.predict.campaigns.methods import METHODS, STEP_DAYS, Learnt, Method, learn
from ml.predict.campaigns.model import (
    HORIZONS,
    MODES,
    OUTCOMES,
    Calibration,
    CampaignModel,
    Mode,
    Outcome,
    Predictor,
)
from ml.predict.campaigns.shrinkage import HALF_LIVES_DAYS, Spreads, learn_spreads
from ml.predict.drift import Reference, reference_of

MOST_DAYS = 730
KEPT_BACK = 0.35
LEAST_OUTCOME = 30.0
CLEARLY = 0.01


@dataclass(frozen=True, eq=False)
class Tried:
    """What each method said of examples kept back, and what came: the outcome itself, or for a return the outcome of what was
    really spent. Arrays (n,)."""

    day: IntArray
    actual: FloatArray
    said: dict[Method, FloatArray]


def train_campaigns(history: CampaignHistory, *, seed: int = 0, horizons: tuple[int, ...] = HORIZONS) -> CampaignModel:
    """Learn what campaigns bring over the next days from their days so far.

    Per outcome (conversions, value) and horizon: examples every seventh day of the last two years; the last 35 % of those days are
    kept back. What is learnt before them is tried on them: the method with the smallest Σ|error| is used and named, its residuals
    give the ranges, and its ranges learnt on the earlier half of those days are checked on the later half. Then it is learnt again
    on all days. Examples whose horizon reaches into the days kept back teach nothing (no look ahead).

    Scaling all money by one factor, or the order of campaigns, changes nothing but the unit of `value`.
    Raises `TooFewExamples` where no outcome can be learnt at all; `refusals` of the result says why some could not.
    (Sources: Gamma-Poisson shrinkage, Gelman et al. § 2.6; boosting, Friedman 2001; split conformal, Lei et al. 2018.)
    """
    began = time.process_time()
    spreads: dict[str, Spreads] = {}
    predictors: dict[tuple[str, int], Predictor] = {}
    refusals: dict[str, str] = {}
    seen: list[FloatArray] = []
    for outcome in OUTCOMES:
        try:
            known = known_outcome(history, outcome, _spreads(history, outcome))
            spreads[outcome] = known.spreads
            for horizon in horizons:
                try:
                    predictors[outcome, horizon] = _predictor(known, outcome, horizon, seed=seed)
                except CannotFit as refusal:
                    refusals[f"{outcome}.{horizon}"] = str(refusal)
            if outcome == "conversions":
                seen.append(reference_rows(known))
        except CannotFit as refusal:
            refusals |= {f"{outcome}.{horizon}": str(refusal) for horizon in horizons}
    if not predictors:
        raise TooFewExamples("days on which a campaign could be looked at", 0, LEAST_DAYS)
    return CampaignModel(
        trained_since=history.dates[0].item(),
        trained_until=history.dates[-1].item(),
        campaigns=len(history.keys),
        spreads=spreads,
        predictors=predictors,
        refusals=refusals,
        reference=_reference(seen, len(history.keys)),
        seed=seed,
        cpu_s=time.process_time() - began,
    )


def known_outcome(history: CampaignHistory, outcome: Outcome, spreads: Spreads) -> Known:
    """The history seen through one outcome."""
    values, tells = (
        (history.conversions, history.tells_conversions)
        if outcome == "conversions"
        else (history.value, history.tells_value)
    )
    return know(history, values, tells, spreads)


def reference_rows(known: Known, *, weeks: int = 8) -> FloatArray:
    """The features of the last weeks, (n, F), as drift compares them; the horizon does not matter for those that it looks at."""
    last = known.history.days
    days = np.arange(last, max(last - weeks * STEP_DAYS, LEAST_DAYS), -STEP_DAYS)
    return examples_at(known, days, horizon_days=STEP_DAYS, relative=False).rows


def _spreads(history: CampaignHistory, outcome: Outcome) -> Spreads:
    values, tells = (
        (history.conversions, history.tells_conversions)
        if outcome == "conversions"
        else (history.value, history.tells_value)
    )
    counted = np.maximum(np.where(tells, values, 0.0), 0.0)
    if history.days < USUAL + LEAST_DAYS:
        raise TooFewExamples("days of campaigns", history.days, USUAL + LEAST_DAYS)
    if not counted.any() or not history.spend.any():
        raise TooFewExamples("outcomes that cost something", 0, 1)
    tried = {one: _error_of(history, counted, one) for one in HALF_LIVES_DAYS}
    return learn_spreads(history, counted, half_life_days=min(tried, key=lambda one: (tried[one], -one)))


def _error_of(history: CampaignHistory, outcome: FloatArray, half_life_days: float) -> float:
    """Σ|error| ÷ Σ outcome of shrunk rates with that half-life, over weeks before the days that are kept back."""
    spreads = learn_spreads(history, outcome, half_life_days=half_life_days)
    known = know(history, outcome, np.ones(len(history.keys), bool), spreads)
    border = int(history.days * (1 - KEPT_BACK))
    examples = examples_at(known, np.arange(USUAL, max(border - 14, USUAL + 1), 14), horizon_days=14)
    said, came = examples.rate * examples.spend, examples.outcome
    return float(np.nansum(np.abs(came - said)) / max(float(np.nansum(came)), 1e-12))


def _predictor(known: Known, outcome: Outcome, horizon: int, *, seed: int) -> Predictor:
    days = np.arange(known.history.days - horizon, USUAL, -STEP_DAYS)[: MOST_DAYS // STEP_DAYS][::-1]
    if len(days) < 2:
        raise TooFewExamples("weeks that could be looked back on", len(days), 2)
    examples = examples_at(known, days, horizon_days=horizon)
    border = days[min(int(len(days) * (1 - KEPT_BACK)), len(days) - 1)]
    dispersion = known.spreads.dispersion
    early = examples.taken((examples.day + horizon <= border) & (examples.spend > 0))
    kept = examples.taken(examples.day >= border)
    _require_enough(kept, horizon, dispersion)
    first = (
        learn(early, horizon_days=horizon, dispersion=dispersion, seed=seed)
        if len(early)
        else Learnt(horizon, dispersion, 1.0)
    )
    calibrations: dict[Mode, Calibration] = {}
    bands: dict[Mode, Bands] = {}
    for mode in MODES:
        tried = _try(first, kept, outcome, mode)
        calibrations[mode], bands[mode] = _calibrated(tried, horizon, dispersion)
    usable = examples.taken(examples.spend > 0)
    learnt = learn(usable, horizon_days=horizon, dispersion=dispersion, seed=seed)
    return Predictor(learnt, calibrations, bands)


def _require_enough(kept: Examples, horizon: int, dispersion: float) -> None:
    needed = int(np.ceil(enough_for(LEVELS[0])))
    apart = _apart(len(kept), horizon)
    if apart < needed:
        raise TooFewExamples(f"outcomes of {horizon} days to check against", int(apart), needed)
    counted = int(kept.outcome.sum() / dispersion * min(1.0, STEP_DAYS / horizon))
    if counted < LEAST_OUTCOME:
        raise TooFewExamples("conversions on the days kept back", counted, int(LEAST_OUTCOME))


def _apart(examples: int, horizon: int) -> float:
    """How many of the weekly examples do not overlap."""
    return examples * min(1.0, STEP_DAYS / horizon)


def _try(learnt: Learnt, kept: Examples, outcome: Outcome, mode: Mode) -> Tried:
    """With a plan, the spend that followed is the plan. As it was, nothing of it is known; a return is still judged on what was
    really spent, because it is a quotient."""
    if mode == "planned" or outcome == "value":
        kept = kept.taken(kept.spend > 0)
    planned = kept.spend if mode == "planned" else None
    spend = kept.spend if mode == "planned" or outcome == "value" else learnt.assumed_spend(kept)
    said = {method: learnt.expected(kept, method, spend=spend, planned=planned) for method in METHODS}
    if outcome == "value":
        said["carried"] = said["carried_rate"]
    if learnt.line is None:
        del said["adjusted"]
    if learnt.trees is None:
        del said["boosted"]
    return Tried(kept.day, kept.outcome, said)


def _calibrated(tried: Tried, horizon: int, dispersion: float) -> tuple[Calibration, Bands]:
    total = max(float(tried.actual.sum()), 1e-12)
    errors = {method: round(float(np.abs(tried.actual - said).sum()) / total, 6) for method, said in tried.said.items()}
    method = _chosen(tried, horizon)
    said = tried.said[method]
    bands = learn_bands(tried.actual, said, unit=dispersion, apart=_spread_over_days(tried, said, dispersion, horizon))
    held = _held(tried, said, horizon, dispersion)
    return Calibration(
        method,
        {str(name): error for name, error in errors.items()},
        held,
        len(tried.actual),
        _apart(len(said), horizon),
    ), bands


def _chosen(tried: Tried, horizon: int) -> Method:
    """The simplest method that no other beats by more than chance: the mean gain must exceed 1 % of the error, and its own
    standard error over the outcomes that do not overlap (the rule of one standard error, Breiman et al. 1984)."""
    apart = _apart(len(tried.actual), horizon)
    best: Method = "carried"
    for method in METHODS[1:]:
        if method in tried.said:
            before, after = (np.abs(tried.actual - tried.said[one]) for one in (best, method))
            gain = before - after
            if gain.mean() > max(CLEARLY * before.mean(), float(gain.std()) / np.sqrt(apart)):
                best = method
    return best


def _held(tried: Tried, said: FloatArray, horizon: int, dispersion: float) -> float | None:
    """The share of the later days' outcomes within the 80 % range that the earlier days' residuals give."""
    middle = np.median(tried.day)
    is_early, is_late = tried.day + horizon <= middle, tried.day >= middle
    if _apart(int(is_early.sum()), horizon) < enough_for(LEVELS[0]) or not is_late.any():
        return None
    early = Tried(tried.day[is_early], tried.actual[is_early], {})
    apart = _spread_over_days(early, said[is_early], dispersion, horizon)
    bands = learn_bands(early.actual, said[is_early], unit=dispersion, apart=apart)
    around = bands.around(said[is_late], 0)
    if around is None:
        return None
    low, high = around
    return round(float(np.mean((low <= tried.actual[is_late]) & (tried.actual[is_late] <= high))), 4)


def _spread_over_days(tried: Tried, said: FloatArray, dispersion: float, horizon: int) -> float:
    """How many independent outcomes the examples are worth: those that do not overlap ÷ (1 + (k − 1)ρ), with k campaigns a day and
    ρ the share of the residuals' variance that all campaigns of a day have in common (design effect, Kish 1965)."""
    apart = _apart(len(said), horizon)
    residuals = np.sqrt(tried.actual / dispersion + 3 / 8) - np.sqrt(said / dispersion + 3 / 8)
    _, date = np.unique(tried.day, return_inverse=True)
    each = np.bincount(date)
    if len(each) < 2 or each.max() < 2:
        return apart
    k, means = float(each.mean()), np.bincount(date, residuals) / each
    within = float((residuals - means[date]).var())
    between = max(float(means.var()) - within / k, 0.0)
    shared = between / max(between + within, 1e-12)
    return max(apart / (1 + (k - 1) * shared), enough_for(LEVELS[0]))


def _reference(seen: list[FloatArray], subjects: int) -> Reference:
    rows = np.concatenate(seen) if seen else np.zeros((0, len(FEATURES)))
    return reference_of(FEATURES, rows, subjects=subjects)
