"""A small cache in the process's memory, for values that belong to one version of some data.

The version is part of the key, so nothing is ever invalidated: a new version asks under a new key, and old ones fall out.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class VersionedCache(Generic[Value]):
    """Keeps the last `size` values; safe between threads. Two threads may compute the same value at once, which is harmless."""

    def __init__(self, *, size: int) -> None:
        self._size = size
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._guard = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under `key`, made where there is none."""
        with self._guard:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._guard:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value
