"""How a lifetime prediction made some time ago would have done: the error that is shown beside every score."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.stats import t as student

from ml.errors import CannotFit
from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import expected_purchases
from ml.predict.lifetime.boosting import CustomerFeatures, boosted_value, poisson_deviance
from ml.predict.lifetime.futures import value_range
from ml.predict.lifetime.purchases import Purchases, day_of
from ml.predict.lifetime.result import (
    MODEL_BOOSTING,
    MODEL_PROBABILITY,
    CandidateScore,
    CohortError,
    Holdout,
)
from ml.predict.lifetime.snapshot import Snapshot, probability_value, take_snapshot
from ml.predict.lifetime.summary import Outcome, outcome_after

FEWEST_HOLDOUT_DAYS = 14
MOST_RANGED = 20_000  # customers whose range is checked; more do not change the share
COHORTS = 4
NORMAL_90 = 1.2816
WIDEST = 3.0  # log units: a factor of 20
ORIGINS = (1.0, 1.5, 2.0)  # times the hold-out's length before the last day
LEAST_GAIN = 0.02  # boosting must beat the simpler model by more than chance would


@dataclass(frozen=True, eq=False)
class Trial:
    """The hold-out, whether boosting did better there, and log(predicted ÷ actual) of the total from up to three days."""

    holdout: Holdout
    boosting_is_better: bool
    log_errors: tuple[float, ...]

    @property
    def typical_error(self) -> float | None:
        """How far totals were off, as a share: exp(root mean square of the log errors) − 1."""
        if not self.log_errors:
            return None
        return float(np.expm1(np.sqrt(np.mean(np.square(self.log_errors)))))


def total_range(total: float, simulated: FloatArray, log_errors: tuple[float, ...]) -> tuple[float, float]:
    """The 80 % range of a total: what chance leaves open in `simulated` (S,), and how far totals were off before.

    Half its log width is √(chance² + (t · s)²): s² is the mean square of `log_errors` beyond what chance had in it, and t
    Student's of as many degrees as errors are known.
    """
    chance = 0.5 * float(np.ptp(np.quantile(np.log(np.maximum(simulated, 1e-12)), [0.1, 0.9])))
    tried = len(log_errors)
    beyond = max(float(np.mean(np.square(log_errors))) - (chance / NORMAL_90) ** 2, 0.0) if tried else 0.0
    before = float(student.ppf(0.9, tried)) * beyond**0.5 if tried else 0.0
    width = min(float(np.hypot(chance, before)), WIDEST)
    return total * float(np.exp(-width)), total * float(np.exp(width))


def try_on_the_past(
    purchases: Purchases, horizon_days: int, features: CustomerFeatures | None, *, draws: int, seed: int
) -> Trial | None:
    """Predict from an earlier day and compare: over the horizon if the history holds it twice, else over its half or less.

    Boosting learns from the window before (so that the history must hold the horizon three times). None where no earlier day
    has enough customers.
    """
    for days in _windows(purchases.span_days, horizon_days):
        try:
            snapshot = take_snapshot(purchases, day=purchases.as_of - days, seed=seed)
        except CannotFit:
            continue
        outcome = outcome_after(purchases, snapshot.purchases.as_of, days)
        plain = probability_value(snapshot, days)
        boosted = _boosted_then(purchases, snapshot, days, features, seed) if days == horizon_days else None
        holdout, better = _judged(snapshot, outcome, plain, boosted, days, draws, seed)
        return Trial(
            holdout,
            better,
            (*_log_error(holdout.predicted_value, holdout.actual_value), *_earlier(purchases, days, seed)),
        )
    return None


def _earlier(purchases: Purchases, days: int, seed: int) -> Iterator[float]:
    for origin in ORIGINS[1:]:
        try:
            snapshot = take_snapshot(purchases, day=purchases.as_of - round(origin * days), seed=seed)
        except CannotFit:
            return
        actual = outcome_after(purchases, snapshot.purchases.as_of, days).value
        yield from _log_error(float(probability_value(snapshot, days).sum()), float(actual.sum()))


def _log_error(predicted: float, actual: float) -> tuple[float, ...]:
    return (float(np.log(predicted / actual)),) if predicted > 0 and actual > 0 else ()


def _windows(span_days: int, horizon_days: int) -> Iterator[int]:
    for share in (2, 3, 4, 6):
        days = min(horizon_days, span_days // share)
        if days >= FEWEST_HOLDOUT_DAYS:
            yield days


def _boosted_then(
    purchases: Purchases, snapshot: Snapshot, days: int, features: CustomerFeatures | None, seed: int
) -> FloatArray | None:
    try:
        earlier = take_snapshot(purchases, day=snapshot.purchases.as_of - days, seed=seed)
    except CannotFit:
        return None
    return boosted_value(purchases, earlier, snapshot, days, features, seed)


def _judged(
    snapshot: Snapshot,
    outcome: Outcome,
    plain: FloatArray,
    boosted: FloatArray | None,
    days: int,
    draws: int,
    seed: int,
) -> tuple[Holdout, bool]:
    scores = [CandidateScore(MODEL_PROBABILITY, poisson_deviance(outcome.value, plain))]
    if boosted is not None:
        scores.append(CandidateScore(MODEL_BOOSTING, poisson_deviance(outcome.value, boosted)))
    better = boosted is not None and scores[-1].deviance < (1 - LEAST_GAIN) * scores[0].deviance
    used = boosted if boosted is not None and better else plain
    predicted = expected_purchases(snapshot.models.buying, snapshot.summary, days)
    coverage = _coverage(snapshot, outcome, used / np.maximum(plain, 1e-12), days, draws, seed)
    bought, value = float(outcome.purchases.sum()), float(outcome.value.sum())
    holdout = Holdout(
        days=days,
        customers=snapshot.summary.customers,
        predicted_purchases=float(predicted.sum()),
        actual_purchases=bought,
        purchases_error=float(predicted.sum()) / bought - 1 if bought else None,
        predicted_value=float(used.sum()),
        actual_value=value,
        value_error=float(used.sum()) / value - 1 if value else None,
        mean_absolute_error=float(np.abs(predicted - outcome.purchases).mean()),
        correlation=correlation_of(predicted, outcome.purchases),
        coverage80=coverage,
        cohorts=_cohorts(snapshot, used, outcome.value),
        candidates=tuple(scores),
    )
    return holdout, better


def _coverage(snapshot: Snapshot, outcome: Outcome, factor: FloatArray, days: int, draws: int, seed: int) -> float:
    """Share of customers whose value lay within their range, among up to 20,000 of them."""
    rows = np.random.default_rng(seed).permutation(snapshot.summary.customers)[:MOST_RANGED]
    summary, actual = snapshot.summary.rows(rows), outcome.value[rows]
    found = value_range(snapshot.models, summary, days, weight=factor[rows], draws=draws, seed=seed)
    inside = (actual >= found.low - 1e-9) & (actual <= found.high + 1e-9)
    return float(inside.mean())


def _cohorts(snapshot: Snapshot, predicted: FloatArray, actual: FloatArray) -> tuple[CohortError, ...]:
    first = snapshot.purchases.first_day
    edges = np.unique(np.quantile(first, np.linspace(0, 1, COHORTS + 1)).astype(np.int64))
    group = np.searchsorted(edges[1:-1], first, side="right")
    found = []
    for number in np.unique(group):
        rows = group == number
        start_on, end_on = (str(day_of(int(day))) for day in (first[rows].min(), first[rows].max()))
        found.append(
            CohortError(start_on, end_on, int(rows.sum()), float(predicted[rows].sum()), float(actual[rows].sum()))
        )
    return tuple(found)


def correlation_of(predicted: FloatArray, actual: FloatArray) -> float | None:
    """Pearson's correlation, None where one of the two never changes."""
    if np.ptp(predicted) == 0 or np.ptp(actual) == 0:
        return None
    return float(np.corrcoef(predicted, actual)[0, 1])
