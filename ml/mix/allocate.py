"""The best split of a budget over response curves of any shape, exact to the cent: dynamic programming, coarse then fine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ml.frames import FloatArray
from ml.mix.knapsack import Cap, Group, IntArray, Pick, Steps, best_steps, nested

CENT = 0.01
GRID_STEPS = 400
FINER = 10  # each refinement's step is a tenth of the one before
REACH = 24  # steps up and down per refinement: over two of the steps before
MOST_ROUNDS = 40


class Responses(Protocol):
    """Expected revenue per day of C channels."""

    def revenue(self, spend_per_day: FloatArray) -> FloatArray:
        """(C,) or (C, m) at spend per day of the same shape."""

    def marginal(self, spend_per_day: FloatArray) -> FloatArray:
        """Its slope, (C,), at spend per day (C,)."""


@dataclass(frozen=True, eq=False)
class Range:
    """What may be spent, in integer cents per day: `low` and `high` (C,), caps on groups, and `most` in total."""

    low: IntArray
    high: IntArray
    most: int
    tree: Group
    caps: tuple[Cap, ...] = ()

    @classmethod
    def of(cls, low: FloatArray, high: FloatArray, most: float, caps: Sequence[Cap] = ()) -> "Range":
        """From currency per day; amounts are whole cents (`limits.py` rounds them inward)."""
        return cls(cents(low), cents(high), round(most / CENT), nested(len(low), caps), tuple(caps))

    def room(self, spent: IntArray, channel: int) -> int:
        """Cents by which a channel may still rise at `spent` (C,), its groups' caps considered."""
        own = int(self.high[channel] - spent[channel])
        groups = [cap.most - int(spent[list(cap.members)].sum()) for cap in self.caps if channel in cap.members]
        return max(min([own, *groups]), 0)


def cents(amounts: FloatArray) -> IntArray:
    return np.round(np.asarray(amounts, float) / CENT).astype(np.int64)


def best_allocation(
    curves: Responses, low: FloatArray, high: FloatArray, budget: float, caps: Sequence[Cap] = ()
) -> FloatArray:
    """Spend per day (C,) that maximises Σ revenue subject to low ≤ x ≤ high, the group caps and Σ x = budget, in whole cents.

    Hill curves with slope above 1 are S-shaped, so the problem has many local optima. Dynamic programming over a grid of
    (budget − Σ low) / 400 finds the right one; the same programme on ever finer grids around it, down to one cent, removes
    the grid's error. Limits are whole cents and leave room for the budget (`limits.py` checks).
    """
    allowed = Range.of(low, high, budget, caps)
    spent = _settle(allowed, _on_grid(curves, allowed, _all_of_it), _by_marginal(curves, allowed.low))
    return amounts(_refined(curves, allowed, spent, _all_of_it))


def best_for(
    curves: Responses, low: FloatArray, high: FloatArray, most: float, pick: Pick, caps: Sequence[Cap] = ()
) -> FloatArray:
    """As `best_allocation` with a free total of at most `most`: `pick` chooses it, see `goals.py`."""
    allowed = Range.of(low, high, most, caps)
    return amounts(_refined(curves, allowed, _on_grid(curves, allowed, pick), pick))


def nearest_allocation(
    wanted: FloatArray, low: FloatArray, high: FloatArray, budget: float, caps: Sequence[Cap] = ()
) -> FloatArray:
    """The split (C,) in whole cents that keeps the proportions of `wanted` as far as the limits allow.

    x = clip(λ · wanted, low, high) with one λ for all and a smaller one inside a group that reaches its cap, each found by
    bisection so that Σ x = budget; channels without wanted spend fill what is left.
    """
    weights = np.maximum(wanted, 1e-9 * max(float(wanted.max(initial=0.0)), 1.0))
    ceiling = np.full(len(weights), float(np.max(high / weights)) + 1.0)
    for cap in sorted(caps, key=lambda cap: len(cap.members)):
        inside = list(cap.members)
        factor = _factor(weights[inside], low[inside], high[inside], ceiling[inside], cap.most * CENT)
        ceiling[inside] = np.minimum(ceiling[inside], factor)
    factor = _factor(weights, low, high, ceiling, budget)
    split = np.clip(np.minimum(factor, ceiling) * weights, low, high)
    allowed = Range.of(low, high, budget, caps)
    return amounts(_settle(allowed, np.floor(split / CENT + 1e-6).astype(np.int64), np.argsort(-weights)))


def _factor(weights: FloatArray, low: FloatArray, high: FloatArray, ceiling: FloatArray, total: float) -> float:
    """The largest λ ≤ max ceiling with Σ clip(min(λ, ceiling) · weights, low, high) ≤ total."""
    smallest, largest = 0.0, float(ceiling.max())
    if np.clip(ceiling * weights, low, high).sum() <= total:
        return largest
    for _ in range(100):
        middle = (smallest + largest) / 2
        if np.clip(np.minimum(middle, ceiling) * weights, low, high).sum() <= total:
            smallest = middle
        else:
            largest = middle
    return smallest


def _all_of_it(values: FloatArray, totals: IntArray) -> int:  # noqa: ARG001 - the shape of every pick
    """The largest total that can be reached."""
    return int(np.flatnonzero(np.isfinite(values))[-1])


def _on_grid(curves: Responses, allowed: Range, pick: Pick) -> IntArray:
    """The best split (C,) in cents where every channel takes a whole number of steps above its least."""
    free = min(allowed.most, int(allowed.high.sum())) - int(allowed.low.sum())
    if free <= 0:
        return allowed.low.copy()
    step = -(-free // GRID_STEPS)
    units = np.arange(min(GRID_STEPS, free // step) + 1, dtype=np.int64)
    taken = _best(curves, allowed, allowed.low, step, units, pick)
    return allowed.low + step * taken


def _refined(curves: Responses, allowed: Range, spent: IntArray, pick: Pick) -> IntArray:
    """`spent` (C,) improved on grids of a tenth of the step each, until the step is one cent and nothing moves."""
    free = min(allowed.most, int(allowed.high.sum())) - int(allowed.low.sum())
    step = -(-max(free, 1) // GRID_STEPS)
    units = np.arange(2 * REACH + 1, dtype=np.int64)
    for _ in range(MOST_ROUNDS):
        step = max(step // FINER, 1)
        moved = step * (_best(curves, allowed, spent - REACH * step, step, units, pick) - REACH)
        spent = spent + moved
        if step == 1 and np.abs(moved).max(initial=0) < REACH:
            break
    return spent


def _best(curves: Responses, allowed: Range, base: IntArray, step: int, units: IntArray, pick: Pick) -> IntArray:
    """Steps (C,) above `base` of the best split whose channels take one of `units` steps each."""
    levels = base[:, None] + step * units
    inside = (levels >= allowed.low[:, None]) & (levels <= allowed.high[:, None])
    held = np.clip(levels, allowed.low[:, None], allowed.high[:, None])
    values = np.where(inside, curves.revenue(held * CENT), -np.inf)
    return best_steps(allowed.tree, Steps(base, step, values), pick, most=allowed.most)


def _by_marginal(curves: Responses, spent: IntArray) -> NDArray[np.intp]:
    return np.argsort(-curves.marginal(np.maximum(spent * CENT, CENT)))


def _settle(allowed: Range, spent: IntArray, order: NDArray[np.intp]) -> IntArray:
    """Whole cents within the limits whose sum is `allowed.most`: what is missing goes to channels in `order`."""
    settled = np.clip(spent, allowed.low, allowed.high)
    missing = allowed.most - int(settled.sum())
    for channel in order:
        added = min(missing, allowed.room(settled, int(channel)))
        settled[channel] += added
        missing -= added
    return settled


def amounts(spent: IntArray) -> FloatArray:
    return np.round(spent * CENT, 2)
