"""Exact dynamic programming over a tree of capped groups: the best whole number of steps for every channel.

Groups of channels may be nested or separate. Each node of the tree keeps its best value for every total, so that a cap
is a cut of that table and the root answers for every budget at once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ml.frames import FloatArray

IntArray: TypeAlias = NDArray[np.int64]
Pick: TypeAlias = Callable[[FloatArray, IntArray], int]


@dataclass(frozen=True)
class Cap:
    """At most `most` (integer cents per day) for the sum of the channels at the positions `members`."""

    members: tuple[int, ...]
    most: int


@dataclass(frozen=True)
class Group:
    """A node: channels of its own, groups inside it, and the cap on the sum of all of them (None at the root)."""

    channels: tuple[int, ...]
    groups: tuple["Group", ...] = ()
    most: int | None = None

    @property
    def members(self) -> tuple[int, ...]:
        return self.channels + tuple(channel for group in self.groups for channel in group.members)


@dataclass(frozen=True, eq=False)
class Steps:
    """Channel c at its u-th step spends base[c] + u · `size` cents and is worth values[c, u]; −inf where it may not be."""

    base: IntArray
    size: int
    values: FloatArray


@dataclass(eq=False)
class _Table:
    """Best values (T,) of a node for each total of steps, and per part the steps it takes then."""

    values: FloatArray
    parts: list[tuple["int | _Table", IntArray]] = field(default_factory=list)

    def add(self, part: "int | _Table", values: FloatArray, longest: int) -> None:
        self.values, taken = _max_plus(self.values, values, longest)
        self.parts.append((part, taken))

    def read(self, total: int, into: IntArray) -> None:
        """Write the steps behind `total` into `into` (C,)."""
        for part, taken in reversed(self.parts):
            steps = int(taken[total])
            total -= steps
            if isinstance(part, _Table):
                part.read(steps, into)
            else:
                into[part] = steps


def nested(count: int, caps: Sequence[Cap]) -> Group:
    """The tree of `caps` over `count` channels. Caps are nested or disjoint (`limits.py` refuses others)."""
    ordered = sorted(caps, key=lambda cap: len(set(cap.members)))
    roots: list[Group] = []
    for cap in ordered:
        inside = [group for group in roots if set(group.members) <= set(cap.members)]
        own = set(cap.members) - {channel for group in inside for channel in group.members}
        roots = [group for group in roots if group not in inside]
        roots.append(Group(tuple(sorted(own)), tuple(inside), cap.most))
    grouped = {channel for group in roots for channel in group.members}
    return Group(tuple(channel for channel in range(count) if channel not in grouped), tuple(roots))


def best_steps(tree: Group, steps: Steps, pick: Pick, *, most: int) -> IntArray:
    """Steps (C,) per channel of the total that `pick` chooses.

    `pick` gets the best value (T,) for each total of steps and those totals in cents, at most `most`, and returns one
    position. Exact for the grid: time O(channels · T · steps), by max-plus convolution up the tree.
    """
    table = _solve(tree, steps, most)
    totals = int(steps.base.sum()) + steps.size * np.arange(len(table.values), dtype=np.int64)
    taken = np.zeros(len(steps.base), np.int64)
    table.read(pick(table.values, totals), taken)
    return taken


def _solve(group: Group, steps: Steps, most: int) -> _Table:
    """The table of a node: its groups and channels joined one after the other, cut at its cap and at `most` cents."""
    members = list(group.members)
    limit = most if group.most is None else min(most, group.most)
    longest = max((limit - int(steps.base[members].sum())) // steps.size, 0)
    table = _Table(np.zeros(1))
    for inner in group.groups:
        part = _solve(inner, steps, most)
        table.add(part, part.values, longest)
    for channel in group.channels:
        table.add(channel, steps.values[channel], longest)
    return table


def _max_plus(first: FloatArray, second: FloatArray, longest: int) -> tuple[FloatArray, IntArray]:
    """out[t] = max over u of first[t − u] + second[u] for t = 0 … `longest` at most, and the u that reaches it."""
    length = min(len(first) + len(second) - 1, longest + 1)
    width = min(len(second), length)
    padded = np.full(width - 1 + length, -np.inf)
    padded[width - 1 : width - 1 + min(len(first), length)] = first[:length]
    sums = np.lib.stride_tricks.sliding_window_view(padded, width) + second[:width][::-1]
    place = np.argmax(sums, axis=1)
    return sums[np.arange(length), place], (width - 1 - place).astype(np.int64)
