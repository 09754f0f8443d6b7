"""Rule-based path models: the share of a sale that each touch of its path gets. Shares of a path add up to 1.

Each function takes `TouchPaths` with T touches and returns (T,) shares, for converting and other paths alike.
"""

import numpy as np

from ml.attribution.paths import IntArray, TouchPaths
from ml.errors import BadOption
from ml.frames import FloatArray


def first_touch(paths: TouchPaths) -> FloatArray:
    """1 for the oldest touch of each path, 0 for the others; (T,)."""
    share = np.zeros(len(paths.codes))
    share[paths.starts[:-1][paths.lengths > 0]] = 1.0
    return share


def last_touch(paths: TouchPaths) -> FloatArray:
    """1 for the newest touch of each path ("last click"), 0 for the others; (T,)."""
    share = np.zeros(len(paths.codes))
    share[paths.starts[1:][paths.lengths > 0] - 1] = 1.0
    return share


def last_non_direct(paths: TouchPaths, *, direct: tuple[str, ...] = ("direct",)) -> FloatArray:
    """1 for the newest touch whose channel is not in `direct`, or the newest of all where every touch is direct; (T,).

    The rule of most web analytics: typing the address is not what brought the visitor. Names compare without case.
    """
    plain = {name.lower() for name in direct}
    is_direct = np.array([name.lower() in plain for name in paths.channels], bool)
    newest = np.full(paths.paths, -1, np.int64)
    touched = np.flatnonzero(~is_direct[paths.codes])
    np.maximum.at(newest, paths.path_of_touch[touched], touched)
    newest = np.where(newest < 0, paths.starts[1:] - 1, newest)
    share = np.zeros(len(paths.codes))
    share[newest[paths.lengths > 0]] = 1.0
    return share


def linear(paths: TouchPaths) -> FloatArray:
    """1 ÷ (touches of the path) for every touch; (T,)."""
    lengths = paths.lengths
    return np.repeat(1.0 / np.maximum(lengths, 1), lengths)


def time_decay(paths: TouchPaths, *, half_life_days: float = 7.0) -> FloatArray:
    """2^(−d ÷ h) over its sum in the path, d days before the newest touch, h `half_life_days` > 0; (T,).

    Days before the sale give the same shares: what all touches of a path have in common cancels. Raises `BadOption`.
    """
    if not (np.isfinite(half_life_days) and half_life_days > 0):
        raise BadOption(f"A half-life of {half_life_days} days makes no sense.", "Choose a number of days above zero.")
    lengths = paths.lengths
    ends = paths.starts[1:][lengths > 0] - 1
    newest = np.repeat(paths.days_before_end[ends], lengths[lengths > 0])
    return _normalised(paths, np.exp2(-(paths.days_before_end - newest) / half_life_days))


def position_based(paths: TouchPaths, *, first: float = 0.4, last: float = 0.4) -> FloatArray:
    """`first` for the oldest touch, `last` for the newest, the rest in equal parts for those between; (T,).

    Two touches share as first : last (half each where both are 0), a single one gets all. Raises `BadOption` unless both
    are ≥ 0 and add up to at most 1.
    """
    if not (first >= 0 and last >= 0 and first + last <= 1 + 1e-12):
        raise BadOption(
            f"{first:g} for the first and {last:g} for the last touch make no sense.",
            "Choose two shares of at least 0 that add up to at most 1.",
        )
    lengths = paths.lengths
    share = np.repeat(max(1 - first - last, 0.0) / np.maximum(lengths - 2, 1), lengths)
    for size, shares in ((1, (1.0,)), (2, _pair(first, last))):
        for offset, part in enumerate(shares):
            share[paths.starts[:-1][lengths == size] + offset] = part
    longer = lengths > 2
    share[paths.starts[:-1][longer]] = first
    share[paths.starts[1:][longer] - 1] = last
    return _normalised(paths, share)


def equal_per_channel(paths: TouchPaths) -> FloatArray:
    """1 ÷ (different channels of the path), split over that channel's touches; (T,). See shapley.py for why this is
    exactly the Shapley value where a set of channels is worth the sales of the paths that need no other."""
    key = _channel_of_path(paths)
    _, first, inverse, times = np.unique(key, return_index=True, return_inverse=True, return_counts=True)
    different = np.bincount(paths.path_of_touch[first], minlength=paths.paths)
    share: FloatArray = 1.0 / (different[paths.path_of_touch] * times[inverse])
    return share


def _channel_of_path(paths: TouchPaths) -> IntArray:
    return paths.path_of_touch * len(paths.channels) + paths.codes


def _pair(first: float, last: float) -> tuple[float, float]:
    both = first + last
    return (first / both, last / both) if both > 0 else (0.5, 0.5)


def _normalised(paths: TouchPaths, weight: FloatArray) -> FloatArray:
    row = paths.path_of_touch
    total = np.bincount(row, weight, minlength=paths.paths)
    empty = (total <= 0)[row]  # every weight of the path is zero: no touch counts more than another
    weight = np.where(empty, 1.0, weight)
    share: FloatArray = weight / np.bincount(row, weight, minlength=paths.paths)[row]
    return share
