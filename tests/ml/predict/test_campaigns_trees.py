"""Boosted trees as arrays say what the booster that grew them says, missing values included."""

from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingRegressor

from ml.predict.campaigns.trees import Trees, fit_trees


def grown(monkeypatch: pytest.MonkeyPatch, rows: Any, ratio: Any) -> tuple[Trees, HistGradientBoostingRegressor, Any]:
    """The arrays, the booster, and the rows as the booster saw them."""
    seen: dict[str, Any] = {}

    class Watched(HistGradientBoostingRegressor):  # type: ignore[misc]  # scikit-learn has no types
        def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Any:
            seen.update(booster=self, rows=X)
            return super().fit(X, y, sample_weight=sample_weight)

    monkeypatch.setattr("sklearn.ensemble.HistGradientBoostingRegressor", Watched)
    found = fit_trees(rows, ratio, np.ones(len(ratio)), seed=0)
    return found, seen["booster"], seen["rows"]


def test_the_arrays_say_what_the_booster_says(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(3)
    rows = random.normal(size=(2000, 5))
    rows[random.random(rows.shape) < 0.1] = np.nan
    rows[:, 4] = np.nan
    ratio = np.exp(0.5 * np.nan_to_num(rows[:, 0]) + np.where(np.isnan(rows[:, 1]), 0.4, 0.0)) * random.gamma(
        4, 1 / 4, 2000
    )
    found, booster, binned = grown(monkeypatch, rows, ratio)
    assert np.exp(found.score(rows)) == pytest.approx(booster.predict(binned), rel=1e-9)
    again = Trees.from_dict(found.to_dict())
    assert again.score(rows) == pytest.approx(found.score(rows), abs=1e-4)


def test_a_single_leaf_is_a_tree_too(monkeypatch: pytest.MonkeyPatch) -> None:
    found, booster, binned = grown(monkeypatch, np.zeros((50, 2)), np.ones(50))
    assert np.exp(found.score(np.ones((3, 2)))) == pytest.approx(booster.predict(binned[:3]))
