"""Shapley credit by lift: what a channel adds to the rate of sales of the people who met it, not merely that it was there.

Every person with the set of channels E is worth the rate p(E); had only the channels of S existed, p(E ∩ S). So
v(S) = Σ_E n(E) · p(E ∩ S), p(∅) = 0. Source of the idea: Dalessandro, Perlich, Stitelman & Provost, Causally motivated
attribution for online advertising (2012). Credit may be negative: people who met the channel as well bought less often.

Rates of rare sets are noise, so each is drawn towards what its channels would do if they did not interact, as much as
`PRIOR_PEOPLE` people would: p̂(T) = (y(T) + k·π(T)) ÷ (n(T) + k), π(T) = 1 − Π_{c ∈ T} (1 − q_c), q by EM ("noisy or").
Up to 12 channels exact, above that over sampled orders.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from ml.attribution.paths import IntArray, TouchPaths
from ml.attribution.shapley import (
    MOST_EXACT,
    dividends,
    mean_over_pairs,
    per_member,
    summed_over_supersets,
)
from ml.frames import FloatArray

PRIOR_PEOPLE = 50.0
EM_STEPS = 40
FEWEST_PAIRS, MOST_PAIRS = 8, 32  # of an order and its reverse, for each set of channels
ORDERED_SETS = 200_000  # with many sets, few orders each are enough: their errors average out


class Steps(NamedTuple):
    """Channel by channel additions to a set: row of the set added up to, positions of both sets, channel, weight, pair."""

    row: IntArray
    before: IntArray
    after: IntArray
    channel: IntArray
    weight: FloatArray
    pair: IntArray


@dataclass(frozen=True, eq=False)
class LiftGame:
    """The observed sets E of channels, (K,) as bit sums, and who met them: `met` (K, n) sparse, 1 where path i met E."""

    channels: int
    sets: IntArray
    met: sp.csr_array
    converted: FloatArray
    value: FloatArray
    seed: int

    def credit(self, counts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Sales and value per channel, two (C, b) arrays, for people per path (n, b); scaled to the totals."""
        tallies = self.tallies(counts)
        if self.channels <= MOST_EXACT:
            parts = self._exact(tallies)
        else:
            steps, needed = self._merged_steps
            parts = self._summed(steps, tallies[..., 0], self.rates(tallies, needed))
        return _scaled(parts[..., 0], tallies[..., 1].sum(0)), _scaled(parts[..., 1], tallies[..., 2].sum(0))

    def sampling_error(self, counts: FloatArray) -> FloatArray | None:
        """Standard error (C,) of the sales per channel that comes from sampling orders; None where all sets were summed."""
        if self.channels <= MOST_EXACT:
            return None
        steps, needed = self._steps
        tallies = self.tallies(counts[:, None])
        gain = self._gains(steps, tallies[:, 0, 0], self.rates(tallies, needed)[:, 0, 0])
        cell = steps.pair * self.channels + steps.channel
        by_pair = np.bincount(cell, gain, minlength=self._pairs * self.channels).astype(float)
        added = by_pair.reshape(-1, self.channels) * self._pairs
        total = added.mean(0).sum()
        scale = tallies[:, 0, 1].sum() / total if total > 0 else 0.0
        return mean_over_pairs(added).standard_error * scale

    def tallies(self, counts: FloatArray) -> FloatArray:
        """People, sales and value per observed set, (K, b, 3)."""
        sold = counts * self.converted[:, None]
        return np.stack([np.asarray(self.met @ part) for part in (counts, sold, sold * self.value[:, None])], axis=-1)

    def _exact(self, tallies: FloatArray) -> FloatArray:
        """Σ_{T ∋ c} m(T) ÷ |T| · n(sets that hold T), m the dividends of the rates; (C, b, 2)."""
        everything = np.arange(2**self.channels)
        people = np.zeros((len(everything), tallies.shape[1]))
        people[self.sets] = tallies[..., 0]
        reach = summed_over_supersets(people, self.channels)
        worth = dividends(self.rates(tallies, everything), self.channels) * reach[..., None]
        return per_member(worth, self.channels)

    def rates(self, tallies: FloatArray, sets: IntArray) -> FloatArray:
        """Sales and value per person of each asked set, (m, b, 2), drawn towards independent channels."""
        chance = self._independent(tallies)
        prior = 1 - np.exp(_member(sets, self.channels) @ np.log1p(-np.minimum(chance, 1 - 1e-9)))
        sold, value = tallies[..., 1].sum(0), tallies[..., 2].sum(0)
        mean_value = np.divide(value, sold, out=np.zeros_like(value), where=sold > 0)
        place = np.minimum(np.searchsorted(self.sets, sets), len(self.sets) - 1)
        seen = tallies[place] * (self.sets[place] == sets)[:, None, None]
        drawn = seen[..., 1:] + PRIOR_PEOPLE * np.stack([prior, prior * mean_value], axis=-1)
        rates: FloatArray = drawn / (seen[..., :1] + PRIOR_PEOPLE)
        rates[sets == 0] = 0.0
        return rates

    def _independent(self, tallies: FloatArray) -> FloatArray:
        """Chance q_c of a sale by each channel alone, (C, b): EM of p(T) = 1 − Π (1 − q_c). Source: Pearl 1988, § 4.3."""
        member = _member(self.sets, self.channels)
        people, sold = tallies[..., 0], tallies[..., 1]
        met = member.T @ people
        chance = np.broadcast_to(sold.sum(0) / np.maximum(people.sum(0), 1), met.shape).copy()
        for _ in range(EM_STEPS):
            together = 1 - np.exp(member @ np.log1p(-np.minimum(chance, 1 - 1e-9)))
            caused = chance * (member.T @ np.divide(sold, together, out=np.zeros_like(sold), where=together > 0))
            chance = np.divide(caused, met, out=np.zeros_like(met), where=met > 0)
        return chance

    @property
    def _pairs(self) -> int:
        return min(max(ORDERED_SETS // len(self.sets), FEWEST_PAIRS), MOST_PAIRS)

    @cached_property
    def _steps(self) -> tuple[Steps, IntArray]:
        """Every addition that sampled orders make to the observed sets, and the sets that they pass through.

        Each set has orders of its own, each used forwards and backwards, so that errors average out over sets.
        """
        rng, found = np.random.default_rng(self.seed), []
        for pair in range(self._pairs):
            order = rng.permuted(np.tile(np.arange(self.channels), (len(self.sets), 1)), axis=1)
            found += [_joined(self.sets, order, pair), _joined(self.sets, order[:, ::-1], pair)]
        row, before, after, channel, pair_of = (np.concatenate(column) for column in zip(*found, strict=True))
        needed = np.unique(np.concatenate([before, after]))
        places = np.searchsorted(needed, before), np.searchsorted(needed, after)
        return Steps(row, *places, channel, np.full(len(row), 0.5 / self._pairs), pair_of), needed

    @cached_property
    def _merged_steps(self) -> tuple[Steps, IntArray]:
        """Equal additions to equal sets as one, with their weights added up."""
        steps, needed = self._steps
        key = (steps.row * len(needed) + steps.before) * self.channels + steps.channel
        _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
        weight = np.bincount(inverse, steps.weight).astype(float)
        row, before, after, channel = (column[first] for column in steps[:4])
        return Steps(row, before, after, channel, weight, steps.pair[first]), needed

    def _gains(self, steps: Steps, people: FloatArray, rate: FloatArray) -> FloatArray:
        gained: FloatArray = steps.weight * people[steps.row] * (rate[steps.after] - rate[steps.before])
        return gained

    def _summed(self, steps: Steps, people: FloatArray, rates: FloatArray) -> FloatArray:
        """What each channel adds, (C, b, 2), for people (K, b) and rates (m, b, 2)."""
        parts = np.empty((self.channels, people.shape[1], 2))
        for b, kind in np.ndindex(people.shape[1], 2):
            gains = self._gains(steps, people[:, b], rates[:, b, kind])
            parts[:, b, kind] = np.bincount(steps.channel, gains, minlength=self.channels)
        return parts


def lift_game(paths: TouchPaths, *, seed: int = 0) -> LiftGame:
    """The game of the paths that have a touch; `seed` chooses the orders above 12 channels."""
    touched = np.flatnonzero(paths.lengths > 0)
    of_path = np.bitwise_or.reduceat(np.int64(1) << paths.codes, paths.starts[touched])
    sets, place = np.unique(of_path, return_inverse=True)
    met = sp.csr_array((np.ones(len(touched)), (place, touched)), shape=(len(sets), paths.paths))
    return LiftGame(len(paths.channels), sets, met, paths.converted.astype(float), paths.value, seed)


def _member(sets: IntArray, channels: int) -> FloatArray:
    """1 where set k holds channel c, (K, C)."""
    return ((sets[:, None] >> np.arange(channels)) & 1).astype(float)


def _joined(sets: IntArray, order: IntArray, pair: int) -> tuple[IntArray, IntArray, IntArray, IntArray, IntArray]:
    """Row, set before, set after, channel and pair of each addition, where channels join set k in order[k]; order (K, C)."""
    held = (sets[:, None] >> order) & 1
    after = np.cumsum(held << order, axis=1)
    row, step = np.nonzero(held)
    reached, channel = after[row, step], order[row, step]
    return row, reached ^ (np.int64(1) << channel), reached, channel, np.full(len(row), pair)


def _scaled(parts: FloatArray, total: FloatArray) -> FloatArray:
    """Parts (C, b) times one factor, so that they add up to `total` (b,)."""
    summed = parts.sum(0)
    scaled: FloatArray = parts * np.divide(total, summed, out=np.zeros_like(summed), where=summed > 0)
    return scaled
