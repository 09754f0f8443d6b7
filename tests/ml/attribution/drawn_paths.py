"""Paths for property tests: a few channels, short paths, counts and values of any size."""

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from ml.attribution import TouchPaths, paths_from_lists

CHANNELS = ("direct", "email", "search", "social")


@st.composite
def drawn_paths(draw: st.DrawFn, channels: tuple[str, ...] = CHANNELS) -> TouchPaths:
    """Up to twelve paths, at least one of which has a touch and a sale."""
    sequences = draw(st.lists(st.lists(st.sampled_from(channels), max_size=6), max_size=11))
    converted = draw(st.lists(st.booleans(), min_size=len(sequences), max_size=len(sequences)))
    sequences.append(draw(st.lists(st.sampled_from(channels), min_size=1, max_size=4)))
    converted.append(True)
    amounts = [draw(st.floats(0, 1e6)) if sold else 0.0 for sold in converted]
    counts = [draw(st.integers(1, 50)) for _ in converted]
    days = [sorted((draw(st.floats(0, 60)) for _ in row), reverse=True) for row in sequences]
    return paths_from_lists(sequences, converted=converted, value=amounts, count=counts, days_before_end=days)


def renamed(paths: TouchPaths, order: list[int]) -> TouchPaths:
    """The same paths with the channels listed in another order."""
    place = np.argsort(order)
    return replace(paths, channels=tuple(paths.channels[index] for index in order), codes=place[paths.codes])
