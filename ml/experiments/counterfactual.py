"""What revenue would have been in a window: a Gaussian structural model of the days around it, fitted without the window.

    revenue = intercept + line + weekday + year + events + spend + controls + level + noise

The level is a random walk, the noise AR(1); columns have normal coefficients whose scales, like those of level and noise, are
learned by marginal likelihood. Everything is one n × n covariance, so that windows can be left out without fitting again (placebo.py).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

from ml.frames import FloatArray

LINE_SD, INTERCEPT_SD = 0.5, 10.0  # in units of mean revenue
LARGEST_RHO = 0.9
GROUP_CENTRE, GROUP_SPREAD = (
    -2.5,
    1.0,
)  # log sd of a column's coefficient: about 8 % of mean revenue, a third to triple that
LEVEL_CENTRE, LEVEL_SPREAD = -5.0, 1.0  # log sd of the level's step per day
NOISE_CENTRE, NOISE_SPREAD = -2.5, 1.5
RHO_CENTRE, RHO_SPREAD = -1.0, 1.0  # logit of ρ ÷ 0.9


@dataclass(frozen=True, eq=False)
class Days:
    """n days in order: `day` (n,) their numbers, `columns` by group, each (n, k), and `revenue` (n,) over its mean."""

    day: FloatArray
    columns: tuple[FloatArray, ...]
    revenue: FloatArray

    def keep(self, rows: NDArray[np.bool_]) -> "Days":
        """The days where `rows` (n,) is true."""
        return Days(self.day[rows], tuple(block[rows] for block in self.columns), self.revenue[rows])


@dataclass(frozen=True, eq=False)
class Prediction:
    """Mean (h,) and covariance (h, h) of revenue in a window given the other days, noise included."""

    mean: FloatArray
    covariance: FloatArray


class Structure:
    """The covariance of all days as a function of θ (G + 3,): log scales of the column groups, of the level's step and of the
    noise, and the logit of ρ ÷ 0.9."""

    def __init__(self, days: Days) -> None:
        self.days = days
        self._line = np.column_stack(
            [np.full(len(days.day), INTERCEPT_SD), LINE_SD * (days.day - days.day.mean()) / 365.0]
        )
        since = days.day - days.day.min() + 1.0
        self._walk = np.minimum(since[:, None], since[None, :])
        self._distance = np.abs(days.day[:, None] - days.day[None, :])
        self._centre = np.array([*[GROUP_CENTRE] * len(days.columns), LEVEL_CENTRE, NOISE_CENTRE, RHO_CENTRE])
        self._spread = np.array([*[GROUP_SPREAD] * len(days.columns), LEVEL_SPREAD, NOISE_SPREAD, RHO_SPREAD])

    def covariance(self, theta: FloatArray) -> FloatArray:
        """K (n, n) = Σ s² X X′ + level² min(t, t′) + noise² ρ^|t − t′|."""
        total = self._line @ self._line.T + np.exp(2 * theta[-3]) * self._walk + self._noise(theta)
        for log_scale, block in zip(theta, self.days.columns, strict=False):
            total += np.exp(2 * log_scale) * (block @ block.T)
        return np.asarray(total, float)

    def learn(self) -> FloatArray:
        """θ that maximises the posterior: the marginal likelihood of the revenue times weak normal priors on θ."""
        found = minimize(self._loss, self._centre, jac=True, method="L-BFGS-B", options={"maxiter": 40})
        return np.asarray(found.x, float)

    def _noise(self, theta: FloatArray) -> FloatArray:
        rho = LARGEST_RHO / (1 + np.exp(-theta[-1]))
        return np.asarray(np.exp(2 * theta[-2]) * rho**self._distance, float)

    def _loss(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """−log posterior of θ and its gradient, ½ tr[(K⁻¹ − αα′) ∂K] with α = K⁻¹ y."""
        bounded = np.clip(theta, -12.0, 6.0)
        factor = cho_factor(self.covariance(bounded) + 1e-9 * np.eye(len(self.days.day)), lower=True)
        inverse = cho_solve(factor, np.eye(len(self.days.day)))
        alpha = inverse @ self.days.revenue
        slack = inverse - np.outer(alpha, alpha)
        loss = 0.5 * float(self.days.revenue @ alpha) + float(np.log(np.diag(factor[0])).sum())
        pull = (bounded - self._centre) / self._spread
        return loss + 0.5 * float(pull @ pull), self._gradient(bounded, slack) + pull / self._spread

    def _gradient(self, theta: FloatArray, slack: FloatArray) -> FloatArray:
        noise = self._noise(theta)
        share = 1 / (1 + np.exp(theta[-1]))  # ∂ log ρ ÷ ∂ θ
        groups = [
            np.exp(2 * scale) * float((block * (slack @ block)).sum())
            for scale, block in zip(theta, self.days.columns, strict=False)
        ]
        level = np.exp(2 * theta[-3]) * float((slack * self._walk).sum())
        swing = 0.5 * share * float((slack * noise * self._distance).sum())
        return np.array([*groups, level, float((slack * noise).sum()), swing])


def predict(covariance: FloatArray, revenue: FloatArray, window: NDArray[np.bool_]) -> Prediction:
    """Revenue in `window` (n,) given the other days: K_wo K_oo⁻¹ y_o and K_ww − K_wo K_oo⁻¹ K_ow."""
    others = ~window
    across = covariance[np.ix_(others, window)]
    factor = cho_factor(covariance[np.ix_(others, others)] + 1e-9 * np.eye(int(others.sum())), lower=True)
    solved = cho_solve(factor, across)
    return Prediction(solved.T @ revenue[others], covariance[np.ix_(window, window)] - across.T @ solved)
