"""The baseline and the noise, integrated out: given media, revenue is a Gaussian linear model whose coefficients and variance
need no sampling. Scales of column groups are learned by empirical Bayes, autocorrelation and outlier weights from residuals.
"""

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize

from ml.frames import BoolArray, FloatArray
from ml.mix.design import FREE, Design
from ml.mix.outliers import student_weights

FREE_PRECISION = 1e-6
SMALLEST_NOISE_SD = (
    0.003  # in units of mean revenue: no shop is steadier, and data without noise would stall the sampler
)
LOG_SCALE_SD = 3.0
SCALE_LIMITS = (-5.0, 6.0)  # of the logarithm
LARGEST_RHO = 0.8


@dataclass(frozen=True, eq=False)
class Noise:
    """AR(1) errors with outlier weights. `weights` (n,) are inverse noise scales, 0 where a period says nothing; the
    likelihood counts a period as `information` periods (outliers.py)."""

    rho: float
    weights: FloatArray
    information: float = 1.0

    @classmethod
    def white(cls, observed: BoolArray) -> "Noise":
        return cls(rho=0.0, weights=observed.astype(float))

    @property
    def informative(self) -> int:
        return int((self.weights > 0).sum())

    @property
    def floor(self) -> float:
        """The least sum of squares that residuals are taken to have."""
        return self.informative * SMALLEST_NOISE_SD**2

    def whiten(self, values: FloatArray) -> FloatArray:
        """Map (…, n) errors to independent ones of equal variance."""
        out = values.copy()
        out[..., 1:] -= self.rho * values[..., :-1]
        out[..., 0] *= np.sqrt(1 - self.rho**2)
        out *= self.weights
        return out

    def whiten_transposed(self, values: FloatArray) -> FloatArray:
        """The transpose of `whiten`, which gradients pass through."""
        weighted = values * self.weights
        out = weighted.copy()
        out[..., 0] *= np.sqrt(1 - self.rho**2)
        out[..., :-1] -= self.rho * weighted[..., 1:]
        return out


@dataclass(frozen=True, eq=False)
class Baseline:
    """Design, noise and group scales, with the factorised normal equations.

    `log_scales` (G,) of the groups' coefficients in units of the noise; `factor` (k, k) lower Cholesky factor of the
    posterior precision; `projector` (n, k) such that r′r − |projector′ r|² is the residual sum of squares of whitened r
    after the baseline is integrated out.
    """

    design: Design
    noise: Noise
    log_scales: FloatArray
    factor: FloatArray
    projector: FloatArray

    @classmethod
    def build(cls, design: Design, noise: Noise, log_scales: FloatArray) -> "Baseline":
        whitened = noise.whiten(design.columns.T).T
        factor = _factor(whitened.T @ whitened, _precision(design, log_scales))
        projector = np.ascontiguousarray(solve_triangular(factor, whitened.T, lower=True).T)
        return cls(design, noise, log_scales, factor, projector)

    def coefficients(self, residual: FloatArray) -> FloatArray:
        """Posterior mean of the coefficients, (…, k), given revenue minus media, (…, n)."""
        scores = self.noise.whiten(residual) @ self.noise.whiten(self.design.columns.T).T
        solved: FloatArray = cho_solve((self.factor, True), scores.T).T
        return solved

    def series(self, residual: FloatArray) -> FloatArray:
        """Posterior mean of the baseline per period, (…, n)."""
        values: FloatArray = self.coefficients(residual) @ self.design.columns.T
        return values

    def variance(self) -> FloatArray:
        """Variance of the baseline per period, (n,), in units of the noise variance."""
        spread = solve_triangular(self.factor, self.design.columns.T, lower=True)
        variance: FloatArray = np.einsum("kn,kn->n", spread, spread)
        return variance

    def noise_sd(self, residual: FloatArray) -> FloatArray:
        """Marginal standard deviation of one period's noise, (…), given revenue minus media, (…, n)."""
        whitened = self.noise.whiten(residual)
        squares = (whitened**2).sum(-1) - ((whitened @ self.projector) ** 2).sum(-1) + self.noise.floor
        sd: FloatArray = np.sqrt(squares / self.noise.informative / (1 - self.noise.rho**2))
        return sd


def learn_scales(design: Design, noise: Noise, residual: FloatArray, start: FloatArray) -> FloatArray:
    """Group scales that maximise the marginal likelihood of `residual` (n,), with a log-normal(0, 3²) prior (type-II ML)."""
    if design.groups == 0:
        return start
    whitened, target = noise.whiten(design.columns.T).T, noise.whiten(residual)
    grouped = design.group != FREE
    gram, scores, squares = whitened.T @ whitened, whitened.T @ target, float(target @ target)

    def loss(log_scales: FloatArray) -> tuple[float, FloatArray]:
        precision = _precision(design, log_scales)
        factor = _factor(gram, precision)
        inverse = solve_triangular(factor, np.eye(len(factor)), lower=True)
        explained = inverse @ scores
        left = noise.floor + max(squares - float(explained @ explained), 0.0)
        power = noise.informative + 2
        evidence = 0.5 * np.log(precision).sum() - np.log(np.diag(factor)).sum() - 0.5 * power * np.log(left)
        by_column = precision * ((inverse**2).sum(0) + power / left * (inverse.T @ explained) ** 2) - 1
        slope = np.bincount(design.group[grouped], by_column[grouped], minlength=design.groups)
        loss = -evidence + 0.5 * ((log_scales / LOG_SCALE_SD) ** 2).sum()
        return float(loss), log_scales / LOG_SCALE_SD**2 - slope

    limits = [SCALE_LIMITS] * design.groups
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=limits, options={"maxiter": 15})
    return np.asarray(found.x)


def learn_noise(design: Design, observed: BoolArray, log_scales: FloatArray, residual: FloatArray) -> Noise:
    """Autocorrelation and outlier weights from the residuals (n,) of a fit.

    ρ is the lag-one autocorrelation with a small-sample correction, within [0, 0.8]; the weights are those of the Student t
    that fits best, see `student_weights`.
    """
    plain = Baseline.build(design, Noise.white(observed), log_scales)
    errors = (residual - plain.series(residual)) * observed
    pairs = observed[1:] & observed[:-1]
    together = float(errors[1:][pairs] @ errors[:-1][pairs]) / max(float(errors @ errors), 1e-12)
    rho = float(np.clip(together + 3.0 / len(residual), 0.0, LARGEST_RHO))
    usable = observed.copy()
    usable[1:] &= observed[:-1] | (rho == 0)
    whitened = Noise(rho, usable.astype(float)).whiten(errors)
    found = student_weights(whitened[usable])
    weights = np.zeros(len(residual))
    weights[usable] = found.weights
    return Noise(rho, weights, found.information)


def _precision(design: Design, log_scales: FloatArray) -> FloatArray:
    """Prior precision (k,) of the coefficients in units of the inverse noise variance."""
    inside = np.clip(np.nan_to_num(log_scales), *SCALE_LIMITS)
    if not len(inside):
        return np.full(len(design.group), FREE_PRECISION)
    return np.where(design.group == FREE, FREE_PRECISION, np.exp(-2 * inside)[np.maximum(design.group, 0)])


def _factor(gram: FloatArray, precision: FloatArray) -> FloatArray:
    matrix = gram + np.diag(precision)
    matrix[np.diag_indices_from(matrix)] *= 1 + 1e-9
    return np.asarray(np.linalg.cholesky(matrix), float)
