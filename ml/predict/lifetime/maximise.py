"""Finds the mode of a smooth posterior of few parameters without ever giving up, and the curvature there.

L-BFGS and Newton from the first start; other starts where that fails; then tighter priors; at last the best point seen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.optimize import minimize

from ml.frames import FloatArray

Route = Literal["direct", "other_start", "tighter_prior", "best_seen"]
Objective = Callable[[FloatArray], tuple[float, FloatArray]]

PRIOR_SD = 4.0  # of a log parameter: a factor of 50 either way within one sd
TIGHT_SD = 1.0
FARTHEST = 14.0  # log units from the prior's centre
ENOUGH_DECREMENT = 1e-9  # of the log posterior that a further Newton step would gain
HESSIAN_STEP = 1e-4
NEWTON_STEPS = 30


@dataclass(frozen=True, eq=False)
class Mode:
    """`at` (k,) the mode, `covariance` (k, k) of the Laplace posterior around it, `route` that found it."""

    at: FloatArray
    covariance: FloatArray
    route: Route
    converged: bool


def find_mode(objective: Objective, centre: FloatArray, starts: Sequence[FloatArray]) -> Mode:
    """The minimum of −log likelihood + prior over k log parameters.

    `objective` θ (k,) → −log likelihood and its gradient (k,). The prior is normal around `centre` (k,), sd 4 on the log
    scale, and 1 in the last resort but one. Converged means: curvature positive and ½ gᵀH⁻¹g < 1e-9. Never raises.
    """
    attempts: list[tuple[Route, float, FloatArray]] = [("direct", PRIOR_SD, starts[0])]
    attempts += [("other_start", PRIOR_SD, start) for start in (*starts[1:], centre)]
    attempts += [("tighter_prior", TIGHT_SD, start) for start in (centre, *starts)]
    for route, sd, start in attempts:
        posterior = with_prior(objective, centre, sd)
        at = newton(posterior, descend(posterior, start, centre))
        hessian = curvature(posterior, at)
        if is_mode(posterior(at)[1], hessian):
            return Mode(at, np.asarray(np.linalg.inv(hessian), float), route, converged=True)
    posterior = with_prior(objective, centre, TIGHT_SD)
    best = min((start for _, _, start in attempts), key=lambda start: posterior(start)[0])
    return Mode(best, np.diag(np.full(len(best), TIGHT_SD**2)), "best_seen", converged=False)


def with_prior(objective: Objective, centre: FloatArray, sd: float) -> Objective:
    """`objective` + ½ Σ ((θ − centre) ÷ sd)²; what is not finite counts as a high wall."""

    def posterior(theta: FloatArray) -> tuple[float, FloatArray]:
        with np.errstate(all="ignore"):
            value, gradient = objective(theta)
        away = (theta - centre) / sd
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            return 1e15 + float(away @ away), away / sd
        return value + 0.5 * float(away @ away), gradient + away / sd

    return posterior


def descend(posterior: Objective, start: FloatArray, centre: FloatArray) -> FloatArray:
    """L-BFGS within ±14 log units of the centre."""
    bounds = [(middle - FARTHEST, middle + FARTHEST) for middle in centre]
    found = minimize(posterior, start, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 200})
    return np.asarray(found.x, float)


def newton(posterior: Objective, at: FloatArray) -> FloatArray:
    """Damped Newton steps until one more would gain nothing; stays where the curvature is not positive."""
    value, gradient = posterior(at)
    for _ in range(NEWTON_STEPS):
        hessian = curvature(posterior, at)
        if not _is_positive(hessian) or is_mode(gradient, hessian):
            return at
        step = np.linalg.solve(hessian, gradient)
        step *= min(1.0, 2.0 / np.abs(step).max())
        for damping in (1.0, 0.3, 0.1, 0.01):
            tried = at - damping * step
            new_value, new_gradient = posterior(tried)
            if new_value <= value:
                break
        else:
            return at
        at, value, gradient = tried, new_value, new_gradient
    return at


def curvature(posterior: Objective, at: FloatArray) -> FloatArray:
    """The Hessian (k, k) by central differences of the gradient."""
    steps = HESSIAN_STEP * np.eye(len(at))
    rows = [(posterior(at + step)[1] - posterior(at - step)[1]) / (2 * HESSIAN_STEP) for step in steps]
    hessian = np.array(rows)
    return np.asarray((hessian + hessian.T) / 2)


def is_mode(gradient: FloatArray, hessian: FloatArray) -> bool:
    """Whether the curvature is positive and a Newton step would gain less than 1e-9 log units."""
    if not (np.isfinite(gradient).all() and _is_positive(hessian)):
        return False
    return bool(0.5 * gradient @ np.linalg.solve(hessian, gradient) < ENOUGH_DECREMENT)


def _is_positive(hessian: FloatArray) -> bool:
    return bool(np.isfinite(hessian).all() and np.linalg.eigvalsh(hessian).min() > 1e-9)
