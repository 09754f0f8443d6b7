"""What is learnt about leaving from a history: BG/NBD, trees over earlier windows, and how to blend the two."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it ships no types

from ml.errors import CannotFit
from ml.frames import FloatArray
from ml.predict.churn.blend import PER_HORIZON, Blend, Labelled, learn_blend
from ml.predict.lifetime.bgnbd import p_no_purchase
from ml.predict.lifetime.boosting import CustomerFeatures, snapshot_matrix
from ml.predict.lifetime.purchases import Purchases
from ml.predict.lifetime.snapshot import Snapshot, take_snapshot
from ml.predict.lifetime.summary import outcome_after

FEWEST_CUSTOMERS = 300
FEWEST_OF_EACH = 50
MOST_ROWS = 20_000
BETWEEN = (1.25, 1.5, 1.75)  # horizons before the end: more windows to blend on


class Window(NamedTuple):
    """Customers on a past day, and who bought nothing in the days after it: `left` (n,) 0 or 1."""

    snapshot: Snapshot
    left: FloatArray


@dataclass(frozen=True, eq=False)
class ChurnModel:
    """Answers P(no purchase in the next `days` days) for a snapshot. `trees` is None where too little was known to grow them."""

    days: int
    blend: Blend
    trees: Any  # a fitted classifier: scikit-learn ships no types
    features: CustomerFeatures | None

    @property
    def name(self) -> str:
        trees = " + gradient boosting" if self.blend.uses_trees else ""
        return f"BG/NBD{trees}"

    def probability(self, snapshot: Snapshot) -> FloatArray:
        """P(no purchase in the next `days` days), (n,)."""
        buying = p_no_purchase(snapshot.models.buying, snapshot.summary, self.days)
        if self.trees is None:
            return buying
        return self.blend.probability(buying, _tree_probability(self.trees, snapshot, self.days, self.features))


def learn_churn(purchases: Purchases, days: int, features: CustomerFeatures | None, *, seed: int) -> ChurnModel:
    """Learns from `purchases` up to their last day e: trees on windows that end by e − 2·days (or e − days), the blend on the
    windows after those, a quarter of a horizon apart, then trees once more on the latest windows. BG/NBD alone where the history is too short for that."""
    windows = {
        start: list(_window(purchases, purchases.as_of - round(start * days), days)) for start in (1.0, 2.0, 3.0)
    }
    learning, trying = (3.0, (1.0, 2.0)) if windows[3.0] else (2.0, (1.0,))
    extra = list(_window(purchases, purchases.as_of - round((learning + 0.5) * days), days))
    trees = _grow([*windows[learning], *extra], days, features, seed)
    if trees is None or not windows[1.0]:
        return ChurnModel(days, Blend(), None, features)
    if learning == 3.0:
        for start in BETWEEN:
            windows[start] = list(_window(purchases, purchases.as_of - round(start * days), days))
    blend = learn_blend(
        _labelled({start: windows[start] for start in windows if start < learning}, trees, days, features)
    )
    latest = _grow([window for start in trying for window in windows[start]], days, features, seed)
    return ChurnModel(days, blend, trees if latest is None else latest, features)


def _window(purchases: Purchases, day: int, days: int) -> Iterator[Window]:
    try:
        snapshot = take_snapshot(purchases, day=day)
    except CannotFit:
        return
    yield Window(snapshot, (outcome_after(purchases, day, days).purchases == 0).astype(float))


def _grow(windows: list[Window], days: int, features: CustomerFeatures | None, seed: int) -> Any:
    if not windows:
        return None
    left = np.concatenate([window.left for window in windows])
    if len(left) < FEWEST_CUSTOMERS or min(left.sum(), len(left) - left.sum()) < FEWEST_OF_EACH:
        return None
    matrix = np.vstack([snapshot_matrix(window.snapshot, days, features) for window in windows])
    rows = np.random.default_rng(seed).permutation(len(left))[:MOST_ROWS]
    from sklearn.ensemble import HistGradientBoostingClassifier  # 90 MB that only training needs

    trees = HistGradientBoostingClassifier(
        learning_rate=0.05,
        max_iter=80,
        max_leaf_nodes=6,
        min_samples_leaf=max(20, len(rows) // 100),
        l2_regularization=5.0,
        early_stopping=False,
        random_state=seed,
    )
    with threadpool_limits(1):
        return trees.fit(matrix[rows], left[rows])


def _labelled(windows: dict[float, list[Window]], trees: Any, days: int, features: CustomerFeatures | None) -> Labelled:
    """The windows' customers; the keys are how many horizons before the end of the history a window begins, from 1."""
    used = [(round(PER_HORIZON * (start - 1)), window) for start, found in windows.items() for window in found]
    snapshots = [window.snapshot for _, window in used]
    return Labelled(
        np.concatenate([p_no_purchase(one.models.buying, one.summary, days) for one in snapshots]),
        np.concatenate([_tree_probability(trees, one, days, features) for one in snapshots]),
        np.concatenate([window.left for _, window in used]),
        np.repeat([number for number, _ in used], [len(window.left) for _, window in used]),
    )


def _tree_probability(trees: Any, snapshot: Snapshot, days: int, features: CustomerFeatures | None) -> FloatArray:
    with threadpool_limits(1):
        return np.asarray(trees.predict_proba(snapshot_matrix(snapshot, days, features))[:, 1], float)
