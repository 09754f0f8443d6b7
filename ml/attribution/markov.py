"""Markov removal effect: how many sales would be lost if a channel were not there, on a chain learnt from all paths.

Source: Anderl, Becker, von Wangenheim & Schumann, Mapping the customer journey, Int. J. of Research in Marketing 33 (2016).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import splu

from ml.attribution.paths import IntArray, TouchPaths
from ml.errors import BadOption
from ml.frames import FloatArray

LARGEST_ORDER = 3
LARGEST_DENSE = 160  # states; above it, sparse factors are cheaper than dense ones


@dataclass(frozen=True, eq=False)
class Chain:
    """The transitions of the paths. A state is the last `order` channels; state 0 is the start.

    `newest` (S,): a state's newest channel, −1 for the start. `source`, `target` (K,): the transitions that occur.
    `passed` (n, K) sparse: how often a path takes each. `ended` (n, S) sparse: 1 at the state where the path ends.
    """

    channels: int
    newest: IntArray
    source: IntArray
    target: IntArray
    passed: sp.csr_array
    ended: sp.csr_array
    converted: FloatArray
    value: FloatArray

    def removal_effects(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Share of sales, and of their value, lost without each channel: two (C, b) arrays, for people per path (n, b).

        With q the moves between states, r the chance (or value) of a sale right after a state, the expected sales per
        path are h = q₀ᵀ (I − Q)⁻¹ r; without channel c every move into a state that ends in c leads nowhere:
        effect = 1 − h₋c ÷ h. Zero where there are no sales.
        """
        moved, rewards = self._flows(counts)
        effects = np.stack([self._effects_once(moved[:, b], rewards[:, b]) for b in range(counts.shape[1])], axis=-1)
        return effects[:, 0], effects[:, 1]

    def _flows(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Chance of each transition (K, b), and of a sale and its mean value after each state (S, b, 2)."""
        moved = np.asarray(self.passed.T @ counts)
        sold = counts * self.converted[:, None]
        rewards = np.stack([np.asarray(self.ended.T @ part) for part in (sold, sold * self.value[:, None])], axis=-1)
        visits = np.asarray(self.ended.T @ counts)
        np.add.at(visits, self.source, moved)
        visits = np.where(visits > 0, visits, 1.0)
        return moved / visits[self.source], rewards / visits[:, :, None]

    def _effects_once(self, chance: FloatArray, reward: FloatArray) -> FloatArray:
        """Removal effects of one sample, (C, 2)."""
        lost = self._lost_dense if len(self.newest) <= LARGEST_DENSE else self._lost_sparse
        whole, missing = lost(chance, reward)
        return np.clip(np.divide(missing, whole, out=np.zeros_like(missing), where=whole > 0), 0.0, 1.0)

    def _lost_dense(self, chance: FloatArray, reward: FloatArray) -> tuple[FloatArray, FloatArray]:
        """One inverse N = (I − Q)⁻¹ serves all channels: what is lost is what flows through the states R of a channel,
        first hits (N₀R N_RR⁻¹) times what comes after them (h_R)."""
        states = len(self.newest)
        moves = np.zeros((states, states))
        moves[self.source, self.target] = chance
        visits = np.linalg.inv(np.eye(states) - moves)
        ahead = visits @ reward
        lost = np.zeros((self.channels, 2))
        for channel in range(self.channels):
            removed = np.flatnonzero(self.newest == channel)
            first_hits = np.linalg.solve(visits[np.ix_(removed, removed)].T, visits[0, removed])
            lost[channel] = first_hits @ ahead[removed]
        return ahead[0], lost

    def _lost_sparse(self, chance: FloatArray, reward: FloatArray) -> tuple[FloatArray, FloatArray]:
        """One sparse factorisation per channel, of the states that remain without it."""
        states = len(self.newest)
        moves = sp.csc_array((chance, (self.source, self.target)), shape=(states, states))
        whole = _expected(moves, reward)
        remaining = (np.flatnonzero(self.newest != channel) for channel in range(self.channels))
        lost = [whole - _expected(moves[kept][:, kept], reward[kept]) for kept in remaining]
        return whole, np.array(lost).reshape(self.channels, 2)


def markov_credit(paths: TouchPaths, *, order: int = 1) -> Callable[[FloatArray], tuple[FloatArray, FloatArray]]:
    """A function from people per path (n, b) to credit per channel, sales and value, two (C, b) arrays.

    Credit of c = (sales after at least one touch) · effect_c ÷ Σ effects, and for value alike with the effects on value.
    Paths without a sale count in the chain. `order` 1 to 3: how many touches back the chain remembers. Raises `BadOption`.
    """
    chain = read_chain(paths, order=order)
    touched = (paths.lengths > 0) & paths.converted
    sales, value = touched.astype(float), touched * paths.value

    def credit(counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        by_sales, by_value = chain.removal_effects(counts)
        return _shared(by_sales, sales @ counts), _shared(by_value, value @ counts)

    return credit


def read_chain(paths: TouchPaths, *, order: int = 1) -> Chain:
    """The chain of the given order (1 to 3) through all paths that have a touch. Raises `BadOption`."""
    if order not in range(1, LARGEST_ORDER + 1):
        raise BadOption(f"A chain of order {order} is not supported.", f"Choose an order of 1 to {LARGEST_ORDER}.")
    state_code = _state_codes(paths, order)
    known, state = np.unique(np.concatenate([[0], state_code]), return_inverse=True)
    state = state[1:].astype(np.int64)
    before = np.zeros(len(state), np.int64)
    before[1:] = state[:-1]
    touched = np.flatnonzero(paths.lengths > 0)
    before[paths.starts[touched]] = 0
    moves, move = np.unique(before * len(known) + state, return_inverse=True)
    last = state[paths.starts[touched + 1] - 1] if len(touched) else np.zeros(0, np.int64)
    return Chain(
        channels=len(paths.channels),
        newest=known % (len(paths.channels) + 1) - 1,
        source=moves // len(known),
        target=moves % len(known),
        passed=_counted(paths.path_of_touch, move, (paths.paths, len(moves))),
        ended=_counted(touched, last, (paths.paths, len(known))),
        converted=paths.converted.astype(float),
        value=paths.value,
    )


def _state_codes(paths: TouchPaths, order: int) -> IntArray:
    """The last `order` channels as digits of a number, the newest first; 0 stands for "before the first touch"."""
    base = len(paths.channels) + 1
    place = np.arange(len(paths.codes)) - np.repeat(paths.starts[:-1], paths.lengths)
    code = paths.codes + 1
    for back in range(1, order):
        earlier = np.zeros(len(paths.codes), np.int64)
        earlier[back:] = paths.codes[:-back] + 1
        code = code + np.where(place >= back, earlier, 0) * base**back
    return code


def _counted(row: IntArray, column: IntArray, shape: tuple[int, int]) -> sp.csr_array:
    counted = sp.coo_array((np.ones(len(row)), (row, column)), shape=shape).tocsr()
    counted.sum_duplicates()
    return counted


def _expected(moves: sp.csc_array, reward: FloatArray) -> FloatArray:
    """Expected reward from the start, (2,)."""
    system = sp.csc_array(sp.eye_array(moves.shape[0], format="csc") - moves)
    solved: FloatArray = splu(system).solve(np.ascontiguousarray(reward))[0]
    return solved


def _shared(effects: FloatArray, total: FloatArray) -> FloatArray:
    """`total` (b,) in proportion to effects (C, b); nothing where all effects are zero."""
    summed = effects.sum(0)
    shared: FloatArray = effects * np.divide(total, summed, out=np.zeros_like(summed), where=summed > 0)
    return shared
