"""Rules give a path's touches the shares that a person works out by hand."""

import numpy as np
import pytest
from hypothesis import given

from ml.attribution import TouchPaths, models, paths_from_lists
from ml.errors import BadOption
from tests.ml.attribution.drawn_paths import drawn_paths


def one(*touches: str, days: list[float] | None = None) -> TouchPaths:
    return paths_from_lists([touches], converted=[True], days_before_end=[days] if days else None)


def test_first_and_last_touch_get_all() -> None:
    path = one("email", "search", "direct")
    assert models.first_touch(path).tolist() == [1, 0, 0]
    assert models.last_touch(path).tolist() == [0, 0, 1]


def test_direct_gets_the_sale_only_where_there_is_nothing_else() -> None:
    assert models.last_non_direct(one("email", "search", "direct")).tolist() == [0, 1, 0]
    assert models.last_non_direct(one("Direct", "Direct")).tolist() == [0, 1]
    assert models.last_non_direct(one("email", "typed"), direct=("typed",)).tolist() == [1, 0]


def test_a_touch_one_half_life_earlier_gets_half() -> None:
    share = models.time_decay(one("email", "search", "social", days=[14, 7, 0]), half_life_days=7)
    assert share == pytest.approx([1 / 7, 2 / 7, 4 / 7])


def test_time_decay_does_not_depend_on_the_wait_before_the_sale() -> None:
    soon, late = (models.time_decay(one("email", "search", days=[9 + wait, 2 + wait])) for wait in (0, 3000))
    assert late == pytest.approx(soon)


def test_touches_decades_before_the_last_do_not_break_time_decay() -> None:
    assert models.time_decay(one("email", "search", days=[30_000, 0]), half_life_days=0.1).tolist() == [0, 1]


@pytest.mark.parametrize(
    ("touches", "shares"),
    [(1, [1]), (2, [0.5, 0.5]), (3, [0.4, 0.2, 0.4]), (4, [0.4, 0.1, 0.1, 0.4])],
)
def test_position_gives_forty_twenty_forty(touches: int, shares: list[float]) -> None:
    assert models.position_based(one(*["email"] * touches)) == pytest.approx(shares)


def test_position_shares_can_be_chosen() -> None:
    assert models.position_based(one("a", "b", "c"), first=0.6, last=0.3) == pytest.approx([0.6, 0.1, 0.3])
    assert models.position_based(one("a", "b"), first=0.6, last=0.2) == pytest.approx([0.75, 0.25])
    assert models.position_based(one("a", "b"), first=0, last=0) == pytest.approx([0.5, 0.5])
    assert models.position_based(one("a", "b", "c"), first=0, last=0) == pytest.approx([0, 1, 0])


def test_each_channel_of_a_path_counts_once() -> None:
    assert models.equal_per_channel(one("a", "b", "a")) == pytest.approx([0.25, 0.5, 0.25])


@pytest.mark.parametrize("half_life", [0, -1, float("nan"), float("inf")])
def test_a_half_life_that_makes_no_sense_is_refused(half_life: float) -> None:
    with pytest.raises(BadOption, match="half-life"):
        models.time_decay(one("a"), half_life_days=half_life)


@pytest.mark.parametrize(("first", "last"), [(-0.1, 0.4), (0.7, 0.4), (float("nan"), 0.1)])
def test_position_shares_that_make_no_sense_are_refused(first: float, last: float) -> None:
    with pytest.raises(BadOption, match="first"):
        models.position_based(one("a"), first=first, last=last)


@given(drawn_paths())
def test_the_shares_of_a_path_add_up_to_one(paths: TouchPaths) -> None:
    touched = (paths.lengths > 0).astype(float)
    rules = (
        models.first_touch,
        models.last_touch,
        models.last_non_direct,
        models.linear,
        models.time_decay,
        models.position_based,
        models.equal_per_channel,
    )
    for rule in rules:
        share = rule(paths)
        assert (share >= 0).all()
        assert np.bincount(paths.path_of_touch, share, minlength=paths.paths) == pytest.approx(touched)
