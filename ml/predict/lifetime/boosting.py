"""Gradient boosting beside BG/NBD: learns a customer's value from earlier windows, and from features that BG/NBD cannot use."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.errors import BadFrame
from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import expected_purchases, p_alive
from ml.predict.lifetime.gamma_gamma import expected_spend
from ml.predict.lifetime.purchases import Purchases
from ml.predict.lifetime.snapshot import Snapshot, probability_value
from ml.predict.lifetime.summary import outcome_after

FEWEST_CUSTOMERS = 500
FEWEST_BUYERS = 100  # in the window that is learnt from
MOST_ROWS = 15_000
LEAST_SHARE = 1e-3  # of the mean prediction: a value of zero has no logarithm


@dataclass(frozen=True, eq=False)
class CustomerFeatures:
    """What else is known of customers when they join: `values` (n, f) numbers, nan where unknown; rows as in `ids` (n,)."""

    ids: NDArray[np.str_]
    names: tuple[str, ...]
    values: FloatArray

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", np.asarray(self.ids).astype(str))
        object.__setattr__(self, "values", np.asarray(self.values, float))
        if self.values.shape != (len(self.ids), len(self.names)) or len(np.unique(self.ids)) != len(self.ids):
            raise BadFrame(
                "The features do not fit their customers and names.", "Give one row per customer, one column per name."
            )
        if np.isinf(self.values).any():
            raise BadFrame("A feature is infinite.", "Use numbers, or leave it empty.")

    def of(self, ids: NDArray[np.str_]) -> FloatArray:
        """Rows (k, f) of these customers, nan for those not listed."""
        order = np.argsort(self.ids)
        place = np.searchsorted(self.ids, ids, sorter=order).clip(0, max(len(order) - 1, 0))
        found = np.full((len(ids), len(self.names)), np.nan)
        if len(order):
            match = self.ids[order[place]] == ids
            found[match] = self.values[order[place[match]]]
        return found


def snapshot_matrix(snapshot: Snapshot, days: int, features: CustomerFeatures | None) -> FloatArray:
    """Columns (n, k) for trees: recency, frequency, age, spend, recent purchases, BG/NBD's own answers, then `features`."""
    purchases, summary, models = snapshot
    idle = summary.age - summary.recency
    columns = [
        summary.frequency,
        summary.recency,
        summary.age,
        idle,
        summary.spend,
        idle / np.maximum(summary.recency / np.maximum(summary.frequency, 1), 1 / summary.unit_days),
        *(_recent(purchases, window) for window in (max(days // 2, 1), days, 2 * days)),
        p_alive(models.buying, summary),
        expected_purchases(models.buying, summary, days),
        expected_spend(models.worth, summary.frequency + 1, summary.spend),
    ]
    own = np.stack(columns, axis=1)
    return own if features is None else np.hstack([own, features.of(purchases.ids)])


def _recent(purchases: Purchases, window: int) -> FloatArray:
    inside = purchases.day > purchases.as_of - window
    return np.bincount(purchases.customer[inside], minlength=purchases.customers).astype(float)


def boosted_value(
    whole: Purchases, learn: Snapshot, use: Snapshot, days: int, features: CustomerFeatures | None, seed: int
) -> FloatArray | None:
    """Value (n,) of the customers of `use` over the next `days` days, learnt from what those of `learn` did in theirs.

    Poisson boosting of value ÷ BG/NBD's expectation μ, weighted by μ (the same as an offset of log μ), on up to 15,000 customers:
    it learns only what the probability model gets wrong. None where fewer than 500 customers or 100 buyers could be
    learnt from. `learn` must lie `days` days or more before `use`, so that nothing of the future is seen.
    """
    target = outcome_after(whole, learn.purchases.as_of, days).value
    if len(target) < FEWEST_CUSTOMERS or (target > 0).sum() < FEWEST_BUYERS:
        return None
    rows = np.random.default_rng(seed).permutation(len(target))[:MOST_ROWS]
    from sklearn.ensemble import HistGradientBoostingRegressor  # 90 MB that only training needs

    trees = HistGradientBoostingRegressor(
        loss="poisson",
        learning_rate=0.06,
        max_iter=100,
        max_leaf_nodes=8,
        min_samples_leaf=max(20, len(rows) // 200),
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    before, now = _expected(learn, days), _expected(use, days)
    weight = before[rows] / before.mean()
    with threadpool_limits(1):
        trees.fit(snapshot_matrix(learn, days, features)[rows], target[rows] / before[rows], sample_weight=weight)
        correction: FloatArray = trees.predict(snapshot_matrix(use, days, features))
    return now * correction


def _expected(snapshot: Snapshot, days: int) -> FloatArray:
    value = probability_value(snapshot, days)
    return np.asarray(np.maximum(value, LEAST_SHARE * value.mean()))


def poisson_deviance(actual: FloatArray, predicted: FloatArray) -> float:
    """Mean Poisson deviance 2·(y·log(y/μ) − y + μ) of n values in units of the actual mean; smallest for the true expectation.

    Proper for any non-negative outcome, and less swayed by a few large customers than squares. 0 where nothing was bought.
    """
    mean = float(actual.mean())
    if mean <= 0:
        return 0.0
    y = actual / mean
    mu = np.maximum(predicted / mean, LEAST_SHARE)
    log_ratio = np.log(np.where(y > 0, y, 1.0) / mu)
    return float(np.mean(2 * (np.where(y > 0, y * log_ratio, 0.0) - y + mu)))
