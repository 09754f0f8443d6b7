"""Shapley values: a channel's credit is what it adds on average over all orders in which channels could have joined.

`shapley_exact` and `shapley_sampled` answer for any worth of a set of channels. Two worths are offered for paths:
*conversions* (rules in models.py: `equal_per_channel`) and *lift* (shapley_lift.py).

Why the first needs no sums over sets: with v(S) = Σ sales of the paths whose channels all lie in S, v is a sum over paths
of a game in which the sale needs all channels of its path and no other; the Shapley value of such a game is an equal part
for each of them, and Shapley values add up. Source: Zhao, Mahboobi & Bagheri, Shapley value methods for attribution
modeling in online advertising (2018).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ml.attribution.paths import IntArray
from ml.errors import BadOption, TooManyChannels
from ml.frames import FloatArray

MOST_EXACT = 12


class Sampled(NamedTuple):
    """Shapley values (C,) from sampled orders, and their standard errors (C,) in the same unit."""

    value: FloatArray
    standard_error: FloatArray


def shapley_exact(worth: FloatArray) -> FloatArray:
    """φ_c = Σ_{S ∌ c} |S|! (C − |S| − 1)! ÷ C! · (v(S ∪ c) − v(S)), for worth (2^C,) or (2^C, b); (C,) or (C, b).

    Set S has the index Σ_{c ∈ S} 2^c, its worth is in any unit and worth[0] that of the empty set. Σ φ = v(all) − v(∅).
    Via Harsanyi dividends m (v(S) = Σ_{T ⊆ S} m(T)): φ_c = Σ_{T ∋ c} m(T) ÷ |T|, C · 2^C steps. Raises `BadOption` for
    other lengths, `TooManyChannels` above 12. Sources: Shapley 1953, A value for n-person games; Harsanyi 1963.

    >>> shapley_exact(np.array([0.0, 1.0, 2.0, 5.0])).tolist()
    [2.0, 3.0]
    """
    given = np.asarray(worth, float)
    channels = max(len(given), 1).bit_length() - 1
    if len(given) != 2**channels:
        raise BadOption(f"{len(given)} worths are not one per set of channels.", "Give 2^C worths for C channels.")
    if channels > MOST_EXACT:
        raise TooManyChannels(channels, MOST_EXACT)
    return per_member(dividends(given, channels), channels)


def shapley_sampled(worth: Callable[[IntArray], FloatArray], channels: int, *, orders: int, seed: int) -> Sampled:
    """The mean of what each channel adds when channels join in random order, over `orders` (even) orders.

    `worth` takes sets as bit sums (k,) and returns their worths (k,). Every order is used forwards and backwards
    (antithetic pairs); the error is that of the mean over pairs. Σ φ = v(all) − v(∅) exactly. At most 62 channels.
    Source: Castro, Gómez & Tejada 2009; Mitchell et al. 2022, Sampling permutations for Shapley value estimation.
    """
    pairs = random_orders(channels, orders=orders, seed=seed)
    sets = np.cumsum(np.int64(1) << pairs, axis=2)
    worths = worth(np.concatenate([np.zeros((*sets.shape[:2], 1), np.int64), sets], axis=2).ravel())
    added = np.empty(pairs.shape)
    np.put_along_axis(added, pairs, np.diff(worths.reshape(*sets.shape[:2], channels + 1), axis=2), axis=2)
    return mean_over_pairs(added.mean(1))


def random_orders(channels: int, *, orders: int, seed: int) -> IntArray:
    """Pairs of an order and its reverse, (orders ÷ 2, 2, C). Raises `BadOption`, `TooManyChannels`."""
    if orders < 4 or orders % 2:
        raise BadOption(f"{orders} orders cannot be paired.", "Choose an even number of at least 4.")
    if channels > 62:
        raise TooManyChannels(channels, 62)
    rng = np.random.default_rng(seed)
    forwards = rng.permuted(np.tile(np.arange(channels), (orders // 2, 1)), axis=1)
    return np.stack([forwards, forwards[:, ::-1]], axis=1)


def mean_over_pairs(added: FloatArray) -> Sampled:
    """Mean and standard error over independent rows (pairs, C)."""
    return Sampled(added.mean(0), added.std(0, ddof=1) / np.sqrt(len(added)))


def dividends(worth: FloatArray, channels: int) -> FloatArray:
    """m with v(S) = Σ_{T ⊆ S} m(T), for v (2^C, …): in- and exclusion, one channel at a time."""
    folded = worth.reshape(*(2,) * channels, *worth.shape[1:]).copy()
    for axis in range(channels):
        without, with_channel = _halves(axis)
        folded[with_channel] -= folded[without]
    return folded.reshape(worth.shape)


def summed_over_supersets(amount: FloatArray, channels: int) -> FloatArray:
    """Σ_{E ⊇ T} amount(E) for every T, for amounts (2^C, …)."""
    folded = amount.reshape(*(2,) * channels, *amount.shape[1:]).copy()
    for axis in range(channels):
        without, with_channel = _halves(axis)
        folded[without] += folded[with_channel]
    return folded.reshape(amount.shape)


def per_member(dividend: FloatArray, channels: int) -> FloatArray:
    """Every set's dividend in equal parts to its members: (2^C, …) to (C, …)."""
    sets = np.arange(2**channels)
    member = (sets[:, None] >> np.arange(channels)) & 1
    share = member / np.maximum(member.sum(1, keepdims=True), 1)
    return np.tensordot(share.T, dividend, axes=1)


def _halves(axis: int) -> tuple[tuple[slice | int, ...], tuple[slice | int, ...]]:
    """The halves of all sets without and with a channel; which bit an axis stands for makes no difference to a sum."""
    ahead = (slice(None),) * axis
    return (*ahead, 0), (*ahead, 1)
