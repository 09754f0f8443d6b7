"""The best split of a budget over response curves of any shape: exact dynamic programming, then a polish to the cent."""

from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, minimize

from ml.frames import FloatArray

CENT = 0.01
GRID_STEPS = 400
SMALLEST_GAIN = 1e-12


class Responses(Protocol):
    """Expected revenue per day of C channels."""

    def revenue(self, spend_per_day: FloatArray) -> FloatArray:
        """(C,) or (C, m) at spend per day of the same shape."""

    def marginal(self, spend_per_day: FloatArray) -> FloatArray:
        """Its slope, (C,), at spend per day (C,)."""


def best_allocation(curves: Responses, low: FloatArray, high: FloatArray, budget: float) -> FloatArray:
    """Spend per day (C,) that maximises Σ revenue subject to low ≤ x ≤ high and Σ x = budget, in whole cents.

    Hill curves with slope above 1 are S-shaped, so the problem has many local optima. Dynamic programming over a grid of
    (budget − Σ low) / 400 finds the right one; SLSQP from there removes the grid's error (kept only where it gains); the
    rest of a cent goes where it earns most. Limits are whole cents and leave room for the budget (`limits.py` checks).
    """
    start = _on_grid(curves, low, high, budget)
    polished = _polish(curves, start, low, high, budget)
    candidates = [_to_cents(curves, allocation, low, high, budget) for allocation in (start, polished)]
    return max(candidates, key=lambda allocation: float(curves.revenue(allocation).sum()))


def nearest_allocation(wanted: FloatArray, low: FloatArray, high: FloatArray, budget: float) -> FloatArray:
    """The split (C,) in whole cents that keeps the proportions of `wanted` as far as the limits allow.

    Finds λ with Σ clip(λ · wanted, low, high) = budget by bisection; channels without wanted spend fill what is left.
    """
    weights = np.maximum(wanted, 1e-9 * max(float(wanted.max(initial=0.0)), 1.0))
    smallest, largest = 0.0, float(np.max(high / weights)) + 1.0
    for _ in range(200):
        middle = (smallest + largest) / 2
        if np.clip(middle * weights, low, high).sum() < budget:
            smallest = middle
        else:
            largest = middle
    return _settle(np.clip(largest * weights, low, high), low, high, budget, order=np.argsort(-weights))


def _on_grid(curves: Responses, low: FloatArray, high: FloatArray, budget: float) -> FloatArray:
    """Dynamic programming: each channel takes a whole number of steps above its least; a last step may be cut short."""
    free = max(budget - float(low.sum()), 0.0)
    step = free / GRID_STEPS
    if step <= 0:
        return low.copy()
    units = np.arange(GRID_STEPS + 1)
    levels = np.minimum(low[:, None] + units * step, high[:, None])
    values = curves.revenue(levels)
    most = np.minimum(np.ceil((high - low) / step - 1e-9), GRID_STEPS).astype(int)
    best = np.full(GRID_STEPS + 1, -np.inf)
    best[0] = 0.0
    choices = []
    for channel in range(len(low)):
        best, choice = _add_channel(best, values[channel], int(most[channel]))
        choices.append(choice)
    left = int(np.max(np.flatnonzero(np.isfinite(best))))
    taken = np.zeros(len(low), int)
    for channel in reversed(range(len(low))):
        taken[channel] = choices[channel][left]
        left -= taken[channel]
    return _settle(
        levels[np.arange(len(low)), taken], low, high, budget, order=np.argsort(-curves.marginal(low + step))
    )


def _add_channel(best: FloatArray, values: FloatArray, most: int) -> tuple[FloatArray, NDArray[np.int_]]:
    """Best totals (U + 1,) once one more channel may take 0 … `most` units, and the units it takes for each total."""
    total, unit = np.arange(len(best))[:, None], np.arange(most + 1)[None]
    before = total - unit
    reached = np.where(before >= 0, best[np.maximum(before, 0)] + values[unit], -np.inf)
    choice = np.argmax(reached, axis=1)
    return reached[np.arange(len(best)), choice], choice


def _polish(curves: Responses, start: FloatArray, low: FloatArray, high: FloatArray, budget: float) -> FloatArray:
    """SLSQP from `start` in units of the budget; the start comes back where nothing is gained."""
    scale = max(abs(float(curves.revenue(start).sum())), SMALLEST_GAIN)
    floor = 1e-9 * budget  # the slope of a Hill curve has no value at exactly 0

    def loss(shares: FloatArray) -> tuple[float, FloatArray]:
        spend = shares * budget
        slopes = curves.marginal(np.maximum(spend, floor))
        return -float(curves.revenue(spend).sum()) / scale, -slopes * budget / scale

    found = minimize(
        loss,
        start / budget,
        jac=True,
        method="SLSQP",
        bounds=list(zip((low / budget).tolist(), (high / budget).tolist(), strict=True)),
        constraints=LinearConstraint(np.ones((1, len(start))), 1.0, 1.0),
        options={"maxiter": 40, "ftol": 1e-10},
    )
    shares = np.asarray(found.x, float)
    if not np.isfinite(shares).all():
        return start
    return np.clip(shares * budget, low, high)


def _to_cents(
    curves: Responses, allocation: FloatArray, low: FloatArray, high: FloatArray, budget: float
) -> FloatArray:
    marginal = curves.marginal(np.maximum(allocation, CENT))
    return _settle(allocation, low, high, budget, order=np.argsort(-marginal))


def _settle(
    allocation: FloatArray, low: FloatArray, high: FloatArray, budget: float, *, order: NDArray[np.intp]
) -> FloatArray:
    """Whole cents within the limits whose sum is the budget: what is over or missing goes to channels in `order`."""
    cents = np.clip(np.floor(allocation / CENT + 1e-6), np.round(low / CENT), np.round(high / CENT)).astype(np.int64)
    missing = round(budget / CENT) - int(cents.sum())
    adding = missing > 0
    ends = np.round((high if adding else low) / CENT).astype(np.int64)
    for channel in order if adding else order[::-1]:
        room = int(ends[channel] - cents[channel])
        moved = min(missing, room) if adding else max(missing, room)
        cents[channel] += moved
        missing -= moved
    return np.round(cents * CENT, 2)
