"""Gradient-boosted trees as plain arrays: fitted by scikit-learn, stored as numbers, evaluated by NumPy. Never pickled."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:  # it takes a second and 90 MB to load, and whoever only evaluates trees does without
    from sklearn.ensemble import HistGradientBoostingRegressor

from ml.errors import BadFrame
from ml.frames import FloatArray

ROUNDS = 40
RATE = 0.06
LEAVES = 6
BINS = 64
DEEPEST = 64
SIGNIFICANT_DIGITS = 7


@dataclass(frozen=True, eq=False)
class Trees:
    """A sum of T trees over F features, with `start` (T,) the index of each root in the node arrays (M,).

    A leaf has `left` = −1; else a row goes to `left` where its feature ≤ `threshold` (or is NaN and `missing_left`), to `right`
    otherwise. `depth` is the length of the longest path.
    """

    features: int
    baseline: float
    start: np.ndarray[Any, np.dtype[np.int64]]
    feature: np.ndarray[Any, np.dtype[np.int64]]
    threshold: FloatArray
    left: np.ndarray[Any, np.dtype[np.int64]]
    right: np.ndarray[Any, np.dtype[np.int64]]
    missing_left: np.ndarray[Any, np.dtype[np.bool_]]
    value: FloatArray
    depth: int

    def score(self, rows: FloatArray) -> FloatArray:
        """baseline + Σ leaf values, (n,), for rows (n, F)."""
        n, trees = len(rows), len(self.start)
        at = np.broadcast_to(self.start, (n, trees)).copy()
        line = np.arange(n)[:, None]
        for _ in range(self.depth):
            is_leaf = self.left[at] < 0
            seen = rows[line, self.feature[at]]
            goes_left = np.where(np.isnan(seen), self.missing_left[at], seen <= self.threshold[at])
            at = np.where(is_leaf, at, np.where(goes_left, self.left[at], self.right[at]))
        total: FloatArray = self.baseline + self.value[at].sum(1)
        return total

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """Lists of numbers, seven significant digits."""
        return {
            "features": self.features,
            "baseline": self.baseline,
            "depth": self.depth,
            "start": self.start.tolist(),
            "feature": self.feature.tolist(),
            "threshold": [float(f"{one:.{SIGNIFICANT_DIGITS}g}") for one in self.threshold],
            "left": self.left.tolist(),
            "right": self.right.tolist(),
            "missing_left": self.missing_left.astype(int).tolist(),
            "value": [float(f"{one:.{SIGNIFICANT_DIGITS}g}") for one in self.value],
        }

    @classmethod
    def from_dict(cls, stored: dict[str, Any]) -> "Trees":  # a JSON document
        """The trees that `to_dict` wrote. Raises `BadFrame` where an index points outside, so that no document can do harm."""
        trees = cls(
            features=int(stored["features"]),
            baseline=float(stored["baseline"]),
            start=np.asarray(stored["start"], np.int64),
            feature=np.asarray(stored["feature"], np.int64),
            threshold=np.asarray(stored["threshold"], float),
            left=np.asarray(stored["left"], np.int64),
            right=np.asarray(stored["right"], np.int64),
            missing_left=np.asarray(stored["missing_left"], bool),
            value=np.asarray(stored["value"], float),
            depth=int(stored["depth"]),
        )
        trees._check()
        return trees

    def _check(self) -> None:
        size = len(self.feature)
        arrays = (self.threshold, self.left, self.right, self.missing_left, self.value)
        is_sound = (
            size > 0
            and all(len(one) == size for one in arrays)
            and all(one.min() >= -1 and one.max() < size for one in (self.left, self.right))
            and 0 <= self.feature.min() <= self.feature.max() < self.features
            and (len(self.start) == 0 or 0 <= self.start.min() <= self.start.max() < size)
            and 0 <= self.depth <= DEEPEST
            and bool(np.isfinite(self.value).all())
        )
        if not is_sound:
            raise BadFrame("This stored model is damaged.", "Train it again.")


def fit_trees(rows: FloatArray, ratio: FloatArray, weight: FloatArray, *, seed: int) -> Trees:
    """Boosted trees f with ratio ≈ exp f(row), by Poisson deviance weighted by `weight`.

    Args: rows (n, F), NaN allowed; `ratio` (n,) ≥ 0 with a positive sum, outcome ÷ expectation; `weight` (n,) > 0.
    With y = ratio · μ and weight = μ this is Poisson regression with the offset log μ (Friedman 2001; Ke et al. 2017 for the bins).
    """
    from sklearn.ensemble import HistGradientBoostingRegressor

    booster = HistGradientBoostingRegressor(
        loss="poisson",
        max_iter=ROUNDS,
        learning_rate=RATE,
        max_leaf_nodes=LEAVES,
        min_samples_leaf=max(20, len(rows) // 40),
        l2_regularization=1.0,
        max_bins=BINS,
        early_stopping=False,
        random_state=seed,
    )
    edges = [_edges(column) for column in rows.T]
    booster.fit(_binned(rows, edges), ratio, sample_weight=weight)
    return _as_arrays(booster, edges)


def _edges(column: FloatArray) -> FloatArray:
    """Where a feature is cut into parts of equal size, (at most 63,). The booster's own cuts heed the weights and take ten times
    the time of everything else."""
    known = column[~np.isnan(column)]
    return np.unique(np.quantile(known, np.arange(1, BINS) / BINS)) if len(known) else np.zeros(0)


def _binned(rows: FloatArray, edges: list[FloatArray]) -> FloatArray:
    """The number of each value's part; missing stays missing, unless the whole feature is: as a constant no tree uses it."""
    parts = [np.searchsorted(one, column).astype(float) for one, column in zip(edges, rows.T, strict=True)]
    is_missing = np.isnan(rows) & ~np.isnan(rows).all(0)
    return np.where(is_missing, np.nan, np.column_stack(parts))


def _as_arrays(booster: "HistGradientBoostingRegressor", edges: list[FloatArray]) -> Trees:
    """The fitted nodes, with thresholds in the features' own units: part ≤ k + ½ means value ≤ edge k. scikit-learn has no public
    way to read its nodes; a test compares every prediction with its own."""
    grown = [stage[0].nodes for stage in booster._predictors]
    start = np.cumsum([0, *(len(nodes) for nodes in grown)])[:-1]
    nodes = np.concatenate(grown)
    offset = np.repeat(start, [len(one) for one in grown])
    is_leaf = nodes["is_leaf"].astype(bool)
    feature = np.where(is_leaf, 0, nodes["feature_idx"]).astype(np.int64)
    threshold = np.zeros(len(nodes))
    for node in np.flatnonzero(~is_leaf):
        part = nodes["num_threshold"][node]
        # Infinity parts what is known from what is missing; JSON has no infinity, so the largest number stands for it.
        threshold[node] = edges[feature[node]][int(part)] if np.isfinite(part) else np.finfo(float).max
    return Trees(
        features=len(edges),
        baseline=float(np.ravel(booster._baseline_prediction)[0]),
        start=start.astype(np.int64),
        feature=feature,
        threshold=threshold,
        left=np.where(is_leaf, -1, nodes["left"].astype(np.int64) + offset),
        right=np.where(is_leaf, -1, nodes["right"].astype(np.int64) + offset),
        missing_left=nodes["missing_go_to_left"].astype(bool),
        value=np.where(is_leaf, nodes["value"], 0.0),
        depth=int(nodes["depth"].max()),
    )
