"""The Markov chain against a hand-computed example, and against walking it step by step without a channel."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution import TouchPaths, markov, paths_from_lists
from ml.attribution.markov import markov_credit, read_chain
from ml.errors import BadOption
from ml.frames import FloatArray
from tests.ml.attribution.drawn_paths import CHANNELS, drawn_paths

START, SALE = ("start",), ("sale",)


def people(paths: TouchPaths) -> FloatArray:
    return paths.count[:, None].astype(float)


def removal_by_hand(paths: TouchPaths, order: int, *, by_value: bool) -> list[float]:
    """Move probability mass along the chain, written as dictionaries, until hardly any is left, without each channel."""
    flow: dict[tuple[str, ...], dict[tuple[str, ...], float]] = defaultdict(lambda: defaultdict(float))
    worth: dict[tuple[str, ...], float] = defaultdict(float)
    for i in range(paths.paths):
        names = [paths.channels[code] for code in paths.codes[paths.starts[i] : paths.starts[i + 1]]]
        if not names:
            continue
        states = [START, *(tuple(names[max(0, t + 1 - order) : t + 1]) for t in range(len(names)))]
        for before, after in zip(states, [*states[1:], SALE], strict=True):
            flow[before][after if after != SALE or paths.converted[i] else ("lost",)] += float(paths.count[i])
        worth[states[-1]] += float(paths.count[i] * (paths.value[i] if by_value else paths.converted[i]))

    def expected(removed: str | None) -> float:
        mass: dict[tuple[str, ...], float] = {START: 1.0}
        earned = 0.0
        while sum(mass.values()) > 1e-10:
            following: dict[tuple[str, ...], float] = defaultdict(float)
            for state, share in mass.items():
                total = sum(flow[state].values())
                earned += share * worth[state] / total
                for after, amount in flow[state].items():
                    if after in flow and after[-1] != removed:
                        following[after] += share * amount / total
            mass = following
        return earned

    whole = expected(None)
    return [1 - expected(name) / whole if whole > 0 else 0.0 for name in paths.channels]


def test_the_well_known_example_of_three_paths() -> None:
    paths = paths_from_lists([["c1", "c2", "c3"], ["c1"], ["c2", "c3"]], converted=[True, False, False])
    effects, _ = read_chain(paths).removal_effects(people(paths))
    assert effects[:, 0] == pytest.approx([0.5, 1, 1])
    sales, _ = markov_credit(paths)(people(paths))
    assert sales[:, 0] == pytest.approx([0.2, 0.4, 0.4])


def test_a_longer_memory_tells_paths_apart_that_a_short_one_mixes() -> None:
    paths = paths_from_lists(
        [["a", "b"], ["c", "b"], ["c", "b", "d"]], converted=[True, False, True], count=[10, 10, 5]
    )
    short, long = (markov_credit(paths, order=order)(people(paths))[0][:, 0] for order in (1, 2))
    assert short == pytest.approx(15 * np.array([0.4, 1, 0.6, 1 / 3]) / (2.0 + 1 / 3))
    assert long == pytest.approx(15 * np.array([2 / 3, 1, 1 / 3, 1 / 3]) / (7 / 3))


@pytest.mark.parametrize("order", [1, 2, 3])
@given(paths=drawn_paths())
@settings(max_examples=12, deadline=None)
def test_removal_effects_equal_a_walk_along_the_chain(paths: TouchPaths, order: int) -> None:
    by_sales, by_value = read_chain(paths, order=order).removal_effects(people(paths))
    assert by_sales[:, 0] == pytest.approx(removal_by_hand(paths, order, by_value=False), abs=1e-6)
    if paths.total_value > 1e-3:
        assert by_value[:, 0] == pytest.approx(removal_by_hand(paths, order, by_value=True), abs=1e-6)


@given(paths=drawn_paths(), order=st.integers(1, 3))
@settings(deadline=None)
def test_sparse_and_dense_solutions_agree(paths: TouchPaths, order: int) -> None:
    chain, limit = read_chain(paths, order=order), markov.LARGEST_DENSE
    dense = chain.removal_effects(people(paths))
    try:
        markov.LARGEST_DENSE = 0
        sparse = chain.removal_effects(people(paths))
    finally:
        markov.LARGEST_DENSE = limit
    np.testing.assert_allclose(sparse, dense, atol=1e-9)


def test_a_channel_that_no_path_meets_has_no_effect() -> None:
    paths = paths_from_lists([["email"], ["search"]], converted=[True, False])
    unmet = TouchPaths(("email", "search", "tv"), paths.starts, paths.codes, paths.days_before_end, *sales_of(paths))
    effects, _ = read_chain(unmet).removal_effects(people(unmet))
    assert effects[:, 0].tolist() == [1, 0, 0]


def sales_of(paths: TouchPaths) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return paths.converted, paths.value, paths.count


def test_staying_in_a_channel_changes_nothing_at_order_one() -> None:
    once = paths_from_lists([["email", "search"], ["email"]], converted=[True, False])
    often = paths_from_lists([["email", "email", "search", "search"], ["email"] * 3], converted=[True, False])
    effects = [read_chain(paths).removal_effects(people(paths))[0][:, 0] for paths in (once, often)]
    assert effects[0] == pytest.approx([1, 1])
    assert effects[1] == pytest.approx(effects[0])


@pytest.mark.parametrize("order", [0, 4, -1])
def test_an_order_outside_one_to_three_is_refused(order: int) -> None:
    with pytest.raises(BadOption, match="order"):
        read_chain(paths_from_lists([CHANNELS], converted=[True]), order=order)
