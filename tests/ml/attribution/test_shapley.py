"""Shapley values against the definition, orders in which channels join, and what the axioms promise."""

from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution import PathOptions, TouchPaths, attribute_paths, paths_from_lists, shapley_lift
from ml.attribution.paths import IntArray
from ml.attribution.run import Worth
from ml.attribution.shapley import shapley_exact, shapley_sampled
from ml.attribution.shapley_lift import lift_game
from ml.errors import BadOption, TooManyChannels
from ml.frames import FloatArray
from tests.ml.attribution.drawn_paths import drawn_paths

LIFT = PathOptions(models=("shapley",), shapley_worth="lift", draws=0)


def by_definition(worth: Callable[[int], float], channels: int) -> FloatArray:
    """The mean over all orders of what each channel adds."""
    added = np.zeros(channels)
    orders = list(permutations(range(channels)))
    for order in orders:
        held = 0
        for channel in order:
            added[channel] += worth(held | 1 << channel) - worth(held)
            held |= 1 << channel
    return added / len(orders)


@given(st.integers(1, 5).flatmap(lambda c: st.lists(st.floats(-1e3, 1e3), min_size=2**c, max_size=2**c)))
def test_exact_values_are_the_mean_over_all_orders(worths: list[float]) -> None:
    channels = len(worths).bit_length() - 1
    assert shapley_exact(np.array(worths)) == pytest.approx(by_definition(worths.__getitem__, channels), abs=1e-7)


def test_the_glove_game() -> None:
    worth = [0, 0, 0, 1, 0, 1, 0, 1]  # one left glove (0), two right ones (1, 2): a pair is worth 1
    assert shapley_exact(np.array(worth, float)) == pytest.approx([2 / 3, 1 / 6, 1 / 6])


def test_sampled_values_add_up_exactly_and_lie_within_their_error() -> None:
    table = np.random.default_rng(3).exponential(size=2**8).cumsum()
    sampled = shapley_sampled(table.__getitem__, 8, orders=2000, seed=1)
    assert sampled.value.sum() == pytest.approx(table[-1] - table[0])
    assert (np.abs(sampled.value - shapley_exact(table)) <= 4 * sampled.standard_error).all()
    assert (sampled.standard_error > 0).all()


def test_sampled_values_reach_sixty_channels() -> None:
    def size(sets: IntArray) -> FloatArray:
        return np.bitwise_count(sets).astype(float) ** 2

    assert shapley_sampled(size, 60, orders=400, seed=1).value == pytest.approx(np.full(60, 60.0), rel=0.2)


def test_sizes_that_cannot_be_are_refused() -> None:
    with pytest.raises(BadOption, match="one per set"):
        shapley_exact(np.zeros(3))
    with pytest.raises(TooManyChannels):
        shapley_exact(np.zeros(2**13))
    with pytest.raises(BadOption, match="orders"):
        shapley_sampled(lambda sets: sets.astype(float), 3, orders=3, seed=0)


@given(drawn_paths())
def test_credit_by_conversions_is_the_shapley_value_of_the_sales_that_need_no_other_channel(paths: TouchPaths) -> None:
    sold = paths.converted & (paths.lengths > 0)
    met = [sum(1 << int(code) for code in set(row)) for row in np.split(paths.codes, paths.starts[1:-1])]

    def sales(held: int) -> float:
        return float(sum(n for n, ok, need in zip(paths.count, sold, met, strict=True) if ok and need & ~held == 0))

    credit = attribute_paths(paths, options=PathOptions(models=("shapley",), draws=0)).credit("shapley")
    assert credit.conversions == pytest.approx(by_definition(sales, len(paths.channels)))


@given(drawn_paths())
@settings(deadline=None)
def test_credit_by_lift_is_the_shapley_value_of_the_rates(paths: TouchPaths) -> None:
    game = lift_game(paths)
    tallies = game.tallies(paths.count[:, None].astype(float))
    rates = game.rates(tallies, np.arange(2 ** len(paths.channels)))[:, 0, 0]

    def worth(held: int) -> float:
        return float(sum(n * rates[int(met) & held] for met, n in zip(game.sets, tallies[:, 0, 0], strict=True)))

    expected = by_definition(worth, len(paths.channels))
    found = attribute_paths(paths, options=LIFT).credit("shapley").conversions
    assert found == pytest.approx(expected * found.sum() / expected.sum(), abs=1e-7 * found.sum())


def shop(rates: dict[tuple[str, ...], float], people: int = 4000) -> TouchPaths:
    """Paths of people who met each set of channels and bought at its rate."""
    rows = [(met, sold, round(people * (rate if sold else 1 - rate))) for met, rate in rates.items() for sold in (1, 0)]
    kept = [row for row in rows if row[2]]
    return paths_from_lists(
        [row[0] for row in kept], converted=[bool(row[1]) for row in kept], count=[row[2] for row in kept]
    )


def test_a_channel_that_never_changes_the_rate_gets_next_to_nothing_by_lift() -> None:
    paths = shop({("search",): 0.1, ("banner",): 0.0, ("search", "banner"): 0.1, ("email",): 0.05})
    lift = attribute_paths(paths, options=LIFT)
    share = lift.credit("shapley").conversions / lift.conversions
    assert share[paths.channels.index("banner")] == pytest.approx(0, abs=0.005)
    by_conversions = attribute_paths(paths, options=replace(LIFT, shapley_worth="conversions"))
    assert by_conversions.credit("shapley").conversions[paths.channels.index("banner")] > 100


@pytest.mark.parametrize("worth", ["conversions", "lift"])
@given(paths=drawn_paths())
@settings(deadline=None)
def test_a_channel_that_no_path_meets_gets_exactly_nothing(paths: TouchPaths, worth: Worth) -> None:
    options = replace(LIFT, shapley_worth=worth)
    wider = replace(paths, channels=(*paths.channels, "tv"))
    before, after = (attribute_paths(each, options=options).credit("shapley") for each in (paths, wider))
    assert after.conversions[-1] == 0
    assert after.value[-1] == 0
    assert after.conversions[:-1] == pytest.approx(before.conversions)


def test_above_twelve_channels_lift_is_sampled_and_close_to_exact(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(2)
    sequences = [list(rng.choice([*"abcdefgh"], rng.integers(1, 6))) for _ in range(3000)]
    sold = [bool(rng.random() < 0.05 + 0.1 * ("a" in row) + 0.05 * ("b" in row)) for row in sequences]
    paths = paths_from_lists(sequences, converted=sold)
    exact = attribute_paths(paths, options=LIFT).credit("shapley")
    monkeypatch.setattr(shapley_lift, "MOST_EXACT", 4)
    sampled = attribute_paths(paths, options=LIFT).credit("shapley")
    assert exact.sampling_error is None
    assert sampled.sampling_error is not None
    assert sampled.conversions.sum() == pytest.approx(sum(sold))
    assert (np.abs(sampled.conversions - exact.conversions) <= 4 * sampled.sampling_error).all()
