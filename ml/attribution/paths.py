"""Touch paths as compact arrays: who met which channels in which order, and whether a sale came of it.

`TouchPaths` is the input of every path model. `paths_from_lists` builds it from plain lists, journeys.py from raw touches.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadPaths, TooManyChannels
from ml.frames import BoolArray, FloatArray

IntArray: TypeAlias = NDArray[np.int64]
Item = TypeVar("Item")

MOST_CHANNELS = 62  # a set of channels is kept as the bits of one 64-bit integer
MOST_PEOPLE = 2**53  # above it, floats no longer count by ones


@dataclass(frozen=True, eq=False)
class TouchPaths:
    """n paths with T touches over C channels, T touches stored one path after the other, oldest first.

    `starts` (n + 1,): path i has the touches starts[i] to starts[i + 1] (none: a sale without a recorded touch).
    `codes` (T,): positions in `channels`. `days_before_end` (T,): days from the touch to the sale, or to the last touch
    where there was none; ≥ 0, never rising within a path. `converted` (n,). `value` (n,): currency units of one such
    sale, ≥ 0, zero where not converted. `count` (n,): people with this very path, ≥ 1.
    Raises `BadPaths` (naming the path, from 1) and `TooManyChannels`.
    """

    channels: tuple[str, ...]
    starts: IntArray
    codes: IntArray
    days_before_end: FloatArray
    converted: BoolArray
    value: FloatArray
    count: IntArray
    currency: str = "USD"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("starts", "codes", "count"):
            object.__setattr__(self, name, _whole(getattr(self, name), name))
        for name in ("days_before_end", "value"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))
        object.__setattr__(self, "converted", np.asarray(self.converted, bool))
        _check_shape(self)
        _check_touches(self)
        _check_sales(self)

    @property
    def paths(self) -> int:
        """Number of rows, n."""
        return len(self.converted)

    @property
    def lengths(self) -> IntArray:
        """Touches per path, (n,)."""
        return np.diff(self.starts)

    @property
    def path_of_touch(self) -> IntArray:
        """The path that each touch belongs to, (T,)."""
        return np.repeat(np.arange(self.paths), self.lengths)

    @property
    def people(self) -> int:
        """Paths with their counts, N."""
        return int(self.count.sum())

    @property
    def conversions(self) -> float:
        """Sales of all paths, those without a touch included."""
        return float(self.count[self.converted].sum())

    @property
    def total_value(self) -> float:
        """Currency units of all sales, those without a touch included."""
        return float((self.count * self.value).sum())


def paths_from_lists(
    sequences: Sequence[Sequence[str]],
    *,
    converted: Sequence[bool],
    value: Sequence[float] | None = None,
    count: Sequence[int] | None = None,
    days_before_end: Sequence[Sequence[float]] | None = None,
    currency: str = "USD",
) -> TouchPaths:
    """Paths from lists of channel names, oldest touch first; channels come out in alphabetical order.

    `value` defaults to 1 currency unit per sale, `count` to 1, `days_before_end` to one day between touches and 0 for the
    last. Raises `BadPaths` where lists differ in length or a figure makes no sense, `TooManyChannels` above 62 channels.

    >>> paths_from_lists([["search", "email"]], converted=[True]).channels
    ('email', 'search')
    """
    channels = tuple(sorted({name for sequence in sequences for name in sequence}))
    position = {name: index for index, name in enumerate(channels)}
    lengths = [len(sequence) for sequence in sequences]
    days = days_before_end if days_before_end is not None else [range(n - 1, -1, -1) for n in lengths]
    if [len(row) for row in days] != lengths:
        raise BadPaths("Touches and their times differ in length.", "Give one time per touch.")
    sold = np.asarray(converted, bool)
    return TouchPaths(
        channels=channels,
        starts=np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)]).astype(np.int64),
        codes=np.array([position[name] for name in _chained(sequences)], np.int64),
        days_before_end=np.array(list(_chained(days)), float),
        converted=sold,
        value=sold.astype(float) if value is None else np.asarray(value, float),
        count=np.ones(len(sold), np.int64) if count is None else np.asarray(count),
        currency=currency,
    )


def _chained(rows: Iterable[Iterable[Item]]) -> Iterable[Item]:
    return (item for row in rows for item in row)


def _whole(values: object, name: str) -> IntArray:
    given = np.asarray(values)
    if given.size == 0:
        return given.astype(np.int64)
    if given.dtype.kind in "iu":
        return given.astype(np.int64)
    if given.dtype.kind != "f" or not np.isfinite(given).all() or (given != np.round(given)).any():
        raise BadPaths(f"`{name}` holds something that is not a whole number.", "Give whole numbers.")
    return given.astype(np.int64)


def _check_shape(paths: TouchPaths) -> None:
    rows, touches = len(paths.converted), len(paths.codes)
    if rows == 0:
        raise BadPaths("There are no paths.", "Import touches and sales, then run this again.")
    if len(set(paths.channels)) != len(paths.channels):
        raise BadPaths("A channel is named twice.", "Give every channel a name of its own.")
    if len(paths.channels) > MOST_CHANNELS:
        raise TooManyChannels(len(paths.channels), MOST_CHANNELS)
    if paths.value.shape != (rows,) or paths.count.shape != (rows,) or paths.starts.shape != (rows + 1,):
        raise BadPaths("Paths, values and counts differ in length.", "Give one value and one count per path.")
    if paths.days_before_end.shape != (touches,) or paths.codes.shape != (touches,):
        raise BadPaths("Touches and their times differ in length.", "Give one time per touch.")
    if paths.starts[0] != 0 or paths.starts[-1] != touches or (paths.lengths < 0).any():
        raise BadPaths("The paths do not cover the touches.", "`starts` must rise from 0 to the number of touches.")


def _check_touches(paths: TouchPaths) -> None:
    row = paths.path_of_touch
    _refuse(
        row, (paths.codes < 0) | (paths.codes >= len(paths.channels)), "a touch names a channel that is not listed."
    )
    days = paths.days_before_end
    _refuse(row, ~np.isfinite(days), "the time of a touch is missing.")
    _refuse(row, days < 0, "a touch lies after the end of its path.")
    rises = np.concatenate([[False], (np.diff(days) > 0) & (np.diff(row) == 0)]) if len(days) else np.zeros(0, bool)
    _refuse(row, rises, "touches are not in the order of time.")


def _check_sales(paths: TouchPaths) -> None:
    row = np.arange(paths.paths)
    _refuse(row, ~np.isfinite(paths.value), "the value is missing or infinite.")
    _refuse(row, paths.value < 0, "the value is below zero. Take refunds off the sale that they belong to.")
    _refuse(row, ~paths.converted & (paths.value != 0), "there is a value, yet no sale.")
    _refuse(row, paths.count < 1, "the count is below 1.")
    if float(paths.count.astype(float).sum()) > MOST_PEOPLE:
        raise BadPaths("The counts add up to more people than can be counted.", "Check the count column.")


def _refuse(row: IntArray, wrong: BoolArray, sentence: str) -> None:
    if wrong.any():
        raise BadPaths(sentence, "Correct this path or leave it out.", row=int(row[int(np.argmax(wrong))]) + 1)
