"""Windows in which nothing happened: how wrong the model's expectation was there, in its own standard errors."""

import numpy as np

from ml.experiments.counterfactual import Days
from ml.frames import FloatArray

FEWEST_DAYS_BEFORE = 56


def placebo_scores(covariance: FloatArray, days: Days, weights: FloatArray, *, ahead: bool) -> FloatArray:
    """Standardised errors weights′error of windows as long as `weights` (h,), at steps of half a window, (m,).

    `covariance` (n, n) of the days. Each window B is left out: error = Q_BB⁻¹ (Q y)_B with covariance Q_BB⁻¹, Q = K⁻¹. Where `ahead`,
    it is foreseen from the days before it alone: with K = L L′ and e = L⁻¹ y, error = L_BB e_B, covariance L_BB L_BB′.
    Windows with missing days are left out.
    """
    size, length = len(days.day), len(weights)
    lower = np.linalg.cholesky(covariance + 1e-9 * np.eye(size))
    whitener = np.linalg.inv(lower)
    innovations = whitener @ days.revenue
    precision, pulled = whitener.T @ whitener, whitener.T @ innovations
    scores = []
    first = max(2 * length, FEWEST_DAYS_BEFORE) if ahead else 0
    for start in range(first, size - length + 1, max(length // 2, 1)):
        part = np.s_[start : start + length]
        if days.day[part][-1] - days.day[part][0] != length - 1:
            continue
        if ahead:
            spread = lower[part, part].T @ weights
            scores.append(float(spread @ innovations[part]) / float(np.sqrt(spread @ spread)))
        else:
            solved = np.linalg.solve(precision[part, part], weights)
            scores.append(float(solved @ pulled[part]) / float(np.sqrt(solved @ weights)))
    return np.array(scores)
