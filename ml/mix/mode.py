"""The most probable parameters of the mix model, found together with the noise and the baseline's scales."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import minimize

from ml.frames import BoolArray, FloatArray
from ml.mix.baseline import Baseline, Noise, learn_noise, learn_scales
from ml.mix.design import Design
from ml.mix.lift import LiftTerm
from ml.mix.media import MediaBasis
from ml.mix.posterior import MixPosterior, Priors

ROUNDS = 3
START_SPREAD = 0.6
ITERATIONS, LAST_ITERATIONS = 50, 120


@dataclass(frozen=True, eq=False)
class Problem:
    """All that stays fixed while the mode is sought. `revenue` (n,) is scaled; `observed` (n,) says which periods count."""

    basis: MediaBasis
    design: Design
    revenue: FloatArray
    observed: BoolArray
    priors: Priors
    lift: Sequence[LiftTerm] = ()
    temper: float = 1.0

    def without_last(self, periods: int) -> "Problem":
        """The same problem with the last `periods` hidden from the likelihood."""
        observed = self.observed.copy()
        observed[len(observed) - periods :] = False
        return replace(self, observed=observed)

    def centre(self) -> FloatArray:
        """The priors' centre, (D,)."""
        return self.posterior(Noise.white(self.observed), np.zeros(self.design.groups)).centre()

    def posterior(self, noise: Noise, log_scales: FloatArray) -> MixPosterior:
        baseline = Baseline.build(self.design, noise, log_scales)
        return MixPosterior(self.basis, baseline, self.revenue, priors=self.priors, lift=self.lift, temper=self.temper)


@dataclass(frozen=True, eq=False)
class Mode:
    """The point z (D,) of highest density of `posterior`, whose noise and scales were learned on the way."""

    posterior: MixPosterior
    z: FloatArray


def find_mode(
    problem: Problem,
    *,
    rng: np.random.Generator,
    starts: int = 3,
    start: FloatArray | None = None,
    also: FloatArray | None = None,
) -> Mode:
    """Alternate L-BFGS over z with empirical Bayes over noise and scales; the first round tries several starts.

    `start` (D,), where given, replaces the multi-start: a warm start from a fit of nearly the same data. `also` (D,) is one
    more place to start from.
    """
    noise = Noise.white(problem.observed)
    log_scales = np.zeros(problem.design.groups)
    posterior = problem.posterior(noise, log_scales)
    z = posterior.centre() if start is None else start
    log_scales = learn_scales(problem.design, noise, problem.revenue - posterior.media(z), log_scales)
    for round_index in range(ROUNDS):
        posterior = problem.posterior(noise, log_scales)
        candidates = [z]
        if round_index == 0 and start is None:
            candidates += [z + START_SPREAD * rng.standard_normal(len(z)) for _ in range(starts - 1)]
            candidates += [] if also is None else [also]
        iterations = LAST_ITERATIONS if round_index == ROUNDS - 1 else ITERATIONS
        z = _climb(posterior, candidates, iterations)
        if round_index < ROUNDS - 1:
            residual = problem.revenue - posterior.media(z)
            noise = learn_noise(problem.design, problem.observed, log_scales, residual)
            log_scales = learn_scales(problem.design, noise, residual, log_scales)
    return Mode(posterior, z)


def relearned(problem: Problem, posterior: MixPosterior, draws: FloatArray) -> MixPosterior:
    """The posterior with noise and scales learned from what is left beside the average media over `draws` (K, D).

    The mode lies where the log returns are most likely, below their average; what a fit at the mode leaves is not quite
    what the model as a whole leaves.
    """
    media = posterior.basis.terms(draws).total().mean(0)
    residual = problem.revenue - media
    scales = posterior.baseline.log_scales
    noise = learn_noise(problem.design, problem.observed, scales, residual)
    return problem.posterior(noise, learn_scales(problem.design, noise, residual, scales))


def _climb(posterior: MixPosterior, candidates: list[FloatArray], iterations: int) -> FloatArray:
    """The best of the local maxima reached from `candidates`."""

    def loss(z: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = posterior(z[None])
        return -float(value[0]), -gradient[0]

    found = [minimize(loss, z, jac=True, method="L-BFGS-B", options={"maxiter": iterations}) for z in candidates]
    return np.asarray(min(found, key=lambda result: float(result.fun)).x)
