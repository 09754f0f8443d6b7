"""Which rows came before, in 16 bytes a row: sorted runs of 64-bit hashes that are merged as they grow.

Two different rows among a million share a hash with a probability of 3e-8.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class SeenRows:
    """Remembers the hash and the row number of every row."""

    def __init__(self) -> None:
        self._runs: list[tuple[Integers, Integers]] = []

    def first_rows(self, hashes: Sequence[int], rows: Sequence[int]) -> Integers:
        """For each row the number of the first row with the same hash, 0 where it is the first; all are remembered."""
        keys, numbers = np.asarray(hashes, dtype=np.int64), np.asarray(rows, dtype=np.int64)
        order = np.argsort(keys, kind="stable")
        sorted_keys, sorted_rows = keys[order], numbers[order]
        is_new = np.ones(len(keys), dtype=bool)
        is_new[1:] = sorted_keys[1:] != sorted_keys[:-1]
        leader = np.maximum.accumulate(np.where(is_new, np.arange(len(keys)), 0))
        first = np.where(is_new, 0, sorted_rows[leader])
        for run_keys, run_rows in self._runs:
            place = np.minimum(np.searchsorted(run_keys, sorted_keys), len(run_keys) - 1)
            first = np.where(run_keys[place] == sorted_keys, run_rows[place], first)
            is_new &= run_keys[place] != sorted_keys
        self._remember(sorted_keys[is_new], sorted_rows[is_new])
        found = np.zeros(len(keys), dtype=np.int64)
        found[order] = first
        return found

    def _remember(self, keys: Integers, rows: Integers) -> None:
        while self._runs and len(self._runs[-1][0]) <= 2 * len(keys):
            other_keys, other_rows = self._runs.pop()
            keys, rows = np.concatenate((other_keys, keys)), np.concatenate((other_rows, rows))
            order = np.argsort(keys, kind="stable")
            keys, rows = keys[order], rows[order]
        if len(keys):
            self._runs.append((keys, rows))
