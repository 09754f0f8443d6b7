"""Drift is seen where the world moved, and not where only chance did."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption
from ml.predict.campaigns import model_drift, train_campaigns
from ml.predict.drift import Reference, check_drift, judge_coverage, reference_of, stability_index
from tests.ml.predict.advertisers import advertiser

NAMES = ("age", "size")


def reference(subjects: int = 200) -> Reference:
    return reference_of(NAMES, np.random.default_rng(1).normal(size=(2000, 2)), subjects=subjects)


def test_the_same_population_has_an_index_near_zero_and_a_moved_one_a_large_one() -> None:
    feature = reference().features["age"]
    random = np.random.default_rng(2)
    assert stability_index(feature, random.normal(size=5000)) < 0.02
    assert 0.2 < stability_index(feature, random.normal(0.5, 1, 5000)) < 0.3
    assert stability_index(feature, random.normal(2, 1, 5000)) > 1


@given(st.floats(-5, 5), st.floats(0.1, 10))
def test_the_unit_of_a_feature_does_not_matter(shift: float, scale: float) -> None:
    random = np.random.default_rng(3)
    then, now = random.normal(size=(500, 1)), random.normal(0.3, 1, 500)
    plain = reference_of(("x",), then, subjects=50).features["x"]
    moved = reference_of(("x",), then * scale + shift, subjects=50).features["x"]
    assert stability_index(moved, now * scale + shift) == pytest.approx(stability_index(plain, now), abs=1e-2)


def test_missing_values_are_a_part_of_their_own() -> None:
    values = np.array([1.0, 2.0, 3.0, np.nan] * 50)
    feature = reference_of(("x",), values[:, None], subjects=50).features["x"]
    assert stability_index(feature, values) == pytest.approx(0)
    assert stability_index(feature, np.full(200, np.nan)) > 1
    nothing = reference_of(("x",), np.full((30, 1), np.nan), subjects=50).features["x"]
    assert stability_index(nothing, np.full(10, np.nan)) == pytest.approx(0)


def test_chance_alone_is_no_drift_even_with_few_subjects() -> None:
    alarms = 0
    for seed in range(200):
        rows = np.random.default_rng(seed + 10).normal(size=(25, 2))
        alarms += check_drift(reference(), NAMES, rows, subjects=25).state == "drifted"
    assert alarms <= 10


def test_what_moved_is_named() -> None:
    rows = np.random.default_rng(4).normal(size=(400, 2)) + np.array([0.0, 1.5])
    found = check_drift(reference(), NAMES, rows, subjects=200)
    assert (found.state, found.moved) == ("drifted", ("size",))
    assert "size" in found.sentence
    assert found.to_dict()["index"]["size"] > 0.25


def test_ranges_that_no_longer_hold_are_drift_whatever_the_features_say() -> None:
    rows = np.random.default_rng(5).normal(size=(400, 2))
    broken = check_drift(reference(), NAMES, rows, subjects=200, inside=np.arange(100) < 50, apart=100)
    held = check_drift(reference(), NAMES, rows, subjects=200, inside=np.arange(100) < 78, apart=100)
    assert (broken.state, held.state) == ("drifted", "steady")
    assert "50%" in broken.sentence


def test_with_few_subjects_and_no_outcome_nothing_can_be_told() -> None:
    found = check_drift(reference(), NAMES, np.zeros((5, 2)), subjects=5)
    assert (found.state, found.index, found.held) == ("cannot_tell", {}, None)


@pytest.mark.parametrize(
    ("share", "apart", "verdict"),
    [(0.8, 20, "as_promised"), (0.3, 20, "too_narrow"), (1.0, 40, "too_wide"), (0.5, 2, "as_promised")],
)
def test_coverage_is_judged_with_its_number_of_outcomes(share: float, apart: int, verdict: str) -> None:
    assert judge_coverage(share, apart, promised=0.8) == verdict


@pytest.mark.parametrize(("share", "apart", "promised"), [(1.2, 10, 0.8), (0.5, 0, 0.8), (0.5, 10, 1.0)])
def test_shares_that_are_none_are_refused(share: float, apart: int, promised: float) -> None:
    with pytest.raises(BadOption):
        judge_coverage(share, apart, promised=promised)


def test_other_features_cannot_be_compared() -> None:
    with pytest.raises(BadFrame):
        check_drift(reference(), ("age",), np.zeros((5, 1)), subjects=30)
    with pytest.raises(BadOption):
        reference_of(NAMES, np.zeros((5, 3)), subjects=30)


def test_a_model_of_campaigns_notices_that_returns_have_collapsed() -> None:
    history = advertiser(8, campaigns=60, days=330)
    model = train_campaigns(history.until(290))
    same = model_drift(model, history)
    after = np.arange(330)[:, None] >= 290
    collapsed = replace(history, conversions=np.where(after, np.floor(history.conversions * 0.3), history.conversions))
    assert same.state != "drifted"
    assert same.outcomes > 100
    assert model_drift(model, collapsed).state == "drifted"
