"""All models at once: what they give out adds up, does not depend on how paths are written down, and has honest intervals."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.attribution import ALL_MODELS, PathAttribution, PathOptions, TouchPaths, attribute_paths, paths_from_lists
from ml.attribution.run import Worth
from ml.errors import BadFrame, BadOption, BadPaths, NoConversions, TooManyChannels
from tests.ml.attribution.drawn_paths import CHANNELS, drawn_paths, renamed

QUICK = PathOptions(draws=0)
WORTHS: tuple[Worth, ...] = ("conversions", "lift")


@pytest.mark.parametrize("worth", WORTHS)
@given(paths=drawn_paths(), order=st.integers(1, 3))
@settings(deadline=None)
def test_every_model_gives_out_exactly_what_was_sold(paths: TouchPaths, order: int, worth: Worth) -> None:
    found = attribute_paths(paths, options=PathOptions(draws=3, markov_order=order, shapley_worth=worth))
    assert found.models == ALL_MODELS
    for credit in found.credits:
        assert credit.conversions.sum() + found.untouched_conversions == pytest.approx(paths.conversions, rel=1e-9)
        assert credit.value.sum() + found.untouched_value == pytest.approx(paths.total_value, rel=1e-9, abs=1e-9)
        assert (credit.conversions_low <= credit.conversions).all()
        assert (credit.value <= credit.value_high).all()


@pytest.mark.parametrize("worth", WORTHS)
@given(paths=drawn_paths(), data=st.data())
@settings(deadline=None)
def test_the_order_in_which_channels_are_listed_does_not_matter(paths: TouchPaths, data: Any, worth: Worth) -> None:
    order = data.draw(st.permutations(range(len(paths.channels))))
    options = replace(QUICK, shapley_worth=worth)
    listed, other = (attribute_paths(each, options=options) for each in (paths, renamed(paths, order)))
    for credit, moved in zip(listed.credits, other.credits, strict=True):
        assert moved.conversions == pytest.approx(credit.conversions[order], abs=1e-7 * listed.conversions)
        assert moved.value == pytest.approx(credit.value[order], abs=1e-7 * max(listed.value, 1e-9))


@pytest.mark.parametrize("worth", WORTHS)
@given(paths=drawn_paths())
@settings(deadline=None)
def test_a_path_of_two_people_is_two_paths_of_one(paths: TouchPaths, worth: Worth) -> None:
    doubled = replace(paths, count=2 * paths.count)
    twice = TouchPaths(
        channels=paths.channels,
        starts=np.concatenate([paths.starts, paths.starts[1:] + len(paths.codes)]),
        codes=np.tile(paths.codes, 2),
        days_before_end=np.tile(paths.days_before_end, 2),
        converted=np.tile(paths.converted, 2),
        value=np.tile(paths.value, 2),
        count=np.tile(paths.count, 2),
    )
    options = replace(QUICK, shapley_worth=worth)
    for one, other in zip(*(attribute_paths(each, options=options).credits for each in (doubled, twice)), strict=True):
        assert other.conversions == pytest.approx(one.conversions, rel=1e-7, abs=1e-7)
        assert other.value == pytest.approx(one.value, rel=1e-7, abs=1e-6)


@given(paths=drawn_paths(), unit=st.sampled_from([1e-3, 7.0, 1e12]))
@settings(deadline=None)
def test_another_currency_scales_value_and_leaves_sales_alone(paths: TouchPaths, unit: float) -> None:
    here, there = (attribute_paths(each, options=QUICK) for each in (paths, replace(paths, value=unit * paths.value)))
    for credit, scaled in zip(here.credits, there.credits, strict=True):
        assert scaled.conversions == pytest.approx(credit.conversions)
        assert scaled.value == pytest.approx(unit * credit.value, rel=1e-6, abs=1e-9 * unit * max(here.value, 1e-9))


def many_paths(seed: int, people: int = 1500) -> TouchPaths:
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(rng.integers(1, 5, people))])
    codes = rng.choice(4, starts[-1], p=[0.1, 0.2, 0.3, 0.4])
    met = np.logical_or.reduceat(codes == CHANNELS.index("email"), starts[:-1])
    sold = rng.random(people) < 0.1 + 0.2 * met
    days = np.repeat(starts[1:], np.diff(starts)) - np.arange(starts[-1]) - 1.0
    return TouchPaths(CHANNELS, starts, codes, days, sold, np.where(sold, 40.0, 0.0), np.ones(people, int))


def test_intervals_cover_what_a_hundred_times_as_many_people_show() -> None:
    truth = attribute_paths(many_paths(0, 100_000), options=QUICK)
    runs = [attribute_paths(many_paths(seed), seed=seed, options=PathOptions(draws=100)) for seed in range(1, 41)]
    for model in ALL_MODELS:
        expected = truth.credit(model).conversions * 1500 / 100_000
        inside = [
            (run.credit(model).conversions_low <= expected) & (expected <= run.credit(model).conversions_high)
            for run in runs
        ]
        assert 0.88 <= np.mean(inside) <= 1


def test_rows_with_counts_get_the_intervals_of_the_people_behind_them() -> None:
    single = paths_from_lists([["email"]] * 300 + [["search"]] * 700, converted=[True] * 300 + [False] * 700)
    grouped = paths_from_lists([["email"], ["search"]], converted=[True, False], count=[300, 700])
    widths = []
    for paths in (single, grouped):
        last = attribute_paths(paths, options=PathOptions(draws=2000)).credit("last")
        widths.append(float((last.conversions_high - last.conversions_low)[0]))
    assert widths[0] == pytest.approx(2 * 1.96 * np.sqrt(1000 * 0.3 * 0.7), rel=0.1)
    assert widths[1] == pytest.approx(widths[0], rel=0.1)


def test_the_same_seed_gives_the_same_answer_and_it_survives_json() -> None:
    paths = many_paths(4, 200)
    one, two = (attribute_paths(paths, seed=9).to_dict() for _ in range(2))
    assert one == two
    back = PathAttribution.from_dict(json.loads(json.dumps(one)))
    assert back.to_dict() == one
    assert back.credit("markov").conversions.sum() == pytest.approx(back.conversions)
    with pytest.raises(BadFrame, match="another format"):
        PathAttribution.from_dict({**one, "format": 0})
    with pytest.raises(KeyError):
        back.credit("oracle")


def test_sales_without_a_touch_are_credited_to_no_channel() -> None:
    paths = paths_from_lists([["email"], [], []], converted=[True, True, True], value=[10, 20, 5], count=[1, 2, 1])
    found = attribute_paths(paths, options=QUICK)
    assert (found.untouched_conversions, found.untouched_value) == (3, 45)
    assert found.credit("last").value.tolist() == [10]
    assert any("no recorded touch" in note for note in found.notes)


def test_thin_data_are_answered_with_a_warning() -> None:
    found = attribute_paths(paths_from_lists([["email"]], converted=[True], value=[0]))
    assert any("Only 1 sales" in note for note in found.notes)
    assert any("who did not buy" in note for note in found.notes)
    assert any("No sale has a value" in note for note in found.notes)
    assert found.credit("shapley").value.tolist() == [0]


def test_huge_values_are_answered() -> None:
    paths = paths_from_lists([["a", "b"], ["b"]], converted=[True, False], value=[1e12, 0], count=[10**9, 10**9])
    for credit in attribute_paths(paths).credits:
        assert credit.value.sum() == pytest.approx(1e21)


def test_paths_without_any_sale_are_refused() -> None:
    with pytest.raises(NoConversions, match="2 paths"):
        attribute_paths(paths_from_lists([["email"], []], converted=[False, True]))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": [np.nan, 0]}, "Row 1: the value is missing"),
        ({"value": [-5, 0]}, "Row 1: the value is below zero"),
        ({"value": [np.inf, 0]}, "Row 1: the value is missing or infinite"),
        ({"value": [5, 5]}, "Row 2: there is a value, yet no sale"),
        ({"value": [5]}, "differ in length"),
        ({"count": [1, 0]}, "Row 2: the count is below 1"),
        ({"count": [1, 2.5]}, "not a whole number"),
        ({"count": [2**53, 2**53]}, "more people"),
        ({"days_before_end": [[1], [np.nan]]}, "Row 2: the time of a touch is missing"),
        ({"days_before_end": [[-1], [0]]}, "Row 1: a touch lies after the end"),
        ({"days_before_end": [[1]]}, "differ in length"),
    ],
)
def test_figures_that_make_no_sense_are_refused(changes: dict[str, Any], message: str) -> None:
    given_paths: dict[str, Any] = {"converted": [True, False], **changes}
    with pytest.raises(BadPaths, match=message):
        paths_from_lists([["email"], ["search"]], **given_paths)


def test_paths_that_are_put_together_wrongly_are_refused() -> None:
    good = paths_from_lists([["email", "search"]], converted=[True])
    with pytest.raises(BadPaths, match="order of time"):
        replace(good, days_before_end=np.array([0.0, 1.0]))
    with pytest.raises(BadPaths, match="not listed"):
        replace(good, codes=np.array([0, 2]))
    with pytest.raises(BadPaths, match="do not cover"):
        replace(good, starts=np.array([0, 1]))
    with pytest.raises(BadPaths, match="named twice"):
        replace(good, channels=("email", "email"))
    with pytest.raises(BadPaths, match="no paths"):
        paths_from_lists([], converted=[])
    with pytest.raises(TooManyChannels, match="63 channels"):
        paths_from_lists([[f"c{i}" for i in range(63)]], converted=[True])


@pytest.mark.parametrize(
    "changes",
    [
        {"models": ()},
        {"models": ("first", "first")},
        {"models": ("oracle",)},
        {"markov_order": 4},
        {"shapley_worth": "luck"},
        {"draws": 1},
        {"draws": -1},
        {"level": 1.0},
    ],
)
def test_options_outside_their_domain_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(BadOption):
        PathOptions(**changes)
