"""Hamiltonian Monte Carlo with many short chains run as one vectorised batch, and the R-hat that judges them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from ml.frames import FloatArray

Target: TypeAlias = Callable[[FloatArray], tuple[FloatArray, FloatArray]]

TARGET_ACCEPTANCE = 0.78
SMALLEST_CURVATURE = 0.15
STUCK_AFTER = 8  # rejections in a row; at the acceptance aimed at, chance gives that once in 10⁵


@dataclass(frozen=True, eq=False)
class Samples:
    """`draws` (iterations, K, D) after warm-up, `rhat` the largest over dimensions, `acceptance` the mean."""

    draws: FloatArray
    rhat: float
    acceptance: float

    def flat(self) -> FloatArray:
        """All draws as (iterations × K, D)."""
        return self.draws.reshape(-1, self.draws.shape[-1])

    def joined(self, later: "Samples") -> "Samples":
        """These draws followed by `later` ones of the same chains."""
        draws = np.concatenate([self.draws, later.draws])
        return Samples(draws, potential_scale_reduction(draws), (self.acceptance + later.acceptance) / 2)


def laplace_factor(target: Target, mode: FloatArray, step: float = 1e-3) -> FloatArray:
    """F (D, D) with F F′ ≈ the posterior covariance at `mode` (D,): inverse Hessian by central differences of the gradient,
    evaluated as one batch; curvatures below 0.15 are raised to it, so that flat directions stay within a few units."""
    shifts = np.eye(len(mode)) * step
    gradient = target(np.vstack([mode + shifts, mode - shifts]))[1]
    hessian = (gradient[len(mode) :] - gradient[: len(mode)]) / (2 * step)
    values, vectors = np.linalg.eigh((hessian + hessian.T) / 2)
    factor: FloatArray = vectors / np.sqrt(np.clip(values, SMALLEST_CURVATURE, None))
    return factor


class HamiltonianBatch:
    """K chains of preconditioned HMC that move together.

    Each iteration draws momenta, runs 3 to 7 leapfrog steps in the whitened space of `factor`, and accepts each chain on its
    own. In warm-up the step size follows the acceptance and the metric is learned from the chains. Source: Neal (2011),
    "MCMC using Hamiltonian dynamics"; many-chain adaptation as in Hoffman, Radul and Sountsov (2021).
    """

    def __init__(
        self, target: Target, mode: FloatArray, factor: FloatArray, *, chains: int, rng: np.random.Generator
    ) -> None:
        self._target, self._factor, self._rng = target, factor, rng
        self._step = 0.35
        spread = np.clip(rng.standard_normal((chains, len(mode))), -2, 2)
        self._position = mode + spread @ factor.T
        self._value, self._gradient = target(self._position)
        self._idle = np.zeros(chains, int)

    def warm_up(self, iterations: int) -> None:
        """Adapt step size and metric, and free stuck chains; the metric is re-estimated after a third and two thirds."""
        seen: list[FloatArray] = []
        for iteration in range(iterations):
            acceptance = self._move()
            self._step *= np.exp(0.25 * (acceptance - TARGET_ACCEPTANCE))
            self._free_stuck_chains()
            seen.append(self._position.copy())
            if iteration in (iterations // 3, 2 * iterations // 3):
                self._learn_metric(np.vstack(seen[-8:]))

    @property
    def positions(self) -> FloatArray:
        """Where the chains are, (K, D)."""
        return self._position

    def retarget(self, target: Target) -> None:
        """Go on from here with another density."""
        self._target = target
        self._value, self._gradient = target(self._position)

    def sample(self, iterations: int) -> Samples:
        """`iterations` further draws of every chain, nothing adapted."""
        draws, acceptance = [], []
        for _ in range(iterations):
            acceptance.append(self._move())
            draws.append(self._position.copy())
        kept = np.array(draws)
        return Samples(kept, potential_scale_reduction(kept), float(np.mean(acceptance)))

    def _move(self) -> float:
        steps = int(self._rng.integers(3, 8))
        length = self._step * (0.8 + 0.4 * self._rng.random())
        momentum = self._rng.standard_normal(self._position.shape)
        with np.errstate(over="ignore", invalid="ignore"):  # a path that runs away ends in inf or nan and is rejected
            position, value, gradient, moved = self._leapfrog(momentum, steps, length)
            energy = value - self._value - 0.5 * (moved**2).sum(1) + 0.5 * (momentum**2).sum(1)
        probability = np.exp(np.clip(np.nan_to_num(energy, nan=-50.0), -50.0, 0.0))
        accepted = self._rng.random(len(position)) < probability
        self._position = np.where(accepted[:, None], position, self._position)
        self._gradient = np.where(accepted[:, None], gradient, self._gradient)
        self._value = np.where(accepted, value, self._value)
        self._idle = np.where(accepted, 0, self._idle + 1)
        return float(probability.mean())

    def _leapfrog(
        self, momentum: FloatArray, steps: int, length: float
    ) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        position, value, gradient = self._position, self._value, self._gradient
        momentum = momentum + 0.5 * length * (gradient @ self._factor)
        for step in range(steps):
            position = position + length * (momentum @ self._factor.T)
            value, gradient = self._target(position)
            last = step == steps - 1
            momentum = momentum + (0.5 if last else 1.0) * length * (gradient @ self._factor)
        return position, value, gradient, momentum

    def _free_stuck_chains(self) -> None:
        """A chain that began far out, where the step is too long to ever be accepted, goes on from another chain's place."""
        stuck = np.flatnonzero(self._idle >= STUCK_AFTER)
        moving = np.flatnonzero(self._idle < STUCK_AFTER)
        if not len(stuck) or not len(moving):
            return
        source = self._rng.choice(moving, len(stuck))
        for state in (self._position, self._value, self._gradient):
            state[stuck] = state[source]
        self._idle[stuck] = 0

    def _learn_metric(self, recent: FloatArray) -> None:
        """Blend the covariance across chains with the old metric, as far as there are draws enough to estimate it."""
        dimensions = recent.shape[1]
        if len(recent) <= 2 * dimensions:
            return
        covariance = 0.8 * np.cov(recent.T) + 0.2 * self._factor @ self._factor.T
        values, vectors = np.linalg.eigh(covariance)
        self._factor = vectors * np.sqrt(np.maximum(values, 1e-6))


def potential_scale_reduction(draws: FloatArray) -> float:
    """R-hat (Gelman and Rubin, 1992) of draws (iterations, K, D): the largest over the D dimensions; 1 is agreement."""
    iterations = len(draws)
    within = draws.var(0, ddof=1).mean(0)
    between = draws.mean(0).var(0, ddof=1)
    ratio = (between + within * (iterations - 1) / iterations) / np.maximum(within, 1e-300)
    return float(np.sqrt(ratio).max())
