"""Churn: probabilities that match what happens, and refusals."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption, TooFewCustomers, TooFewOutcomes, TooShort
from ml.predict.churn import calibration_of, predict_churn
from ml.predict.churn.blend import Blend, Labelled, learn_blend, level_shift
from ml.predict.lifetime import BgNbd, CustomerFeatures, purchases_from_columns
from ml.predict.lifetime.simulate import simulate_cohort

SHOP = BgNbd(2.0, 20.0, 0.8, 2.5)


def test_probabilities_match_what_happened_on_a_later_window() -> None:
    cohort = simulate_cohort(SHOP, customers=5000, days=730, joining_days=700, seed=3)
    report = predict_churn(cohort.purchases, horizon_days=90)
    assert report.tested.ece <= 0.03
    assert (report.tested.auc or 0) > 0.75
    assert report.tested.brier < 0.85 * report.tested.brier_base
    assert report.grade == "reliable"
    assert ((report.p_churn >= 0) & (report.p_churn <= 1)).all()
    assert report.expected_leavers == pytest.approx(report.p_churn.sum())


def test_a_telling_feature_improves_the_ranking_and_keeps_the_calibration() -> None:
    feature = np.random.default_rng(1).normal(size=5000)
    factor = np.exp(1.2 * feature - 0.7)
    cohort = simulate_cohort(SHOP, customers=5000, days=730, joining_days=700, seed=1, rate_factor=factor)
    features = CustomerFeatures(cohort.purchases.ids, ("plan",), feature[:, None])
    plain, better = predict_churn(cohort.purchases), predict_churn(cohort.purchases, features=features)
    assert "gradient boosting" in better.model
    assert better.tested.brier < plain.tested.brier
    assert better.tested.ece <= 0.03


def test_a_short_history_falls_back_to_the_probability_model() -> None:
    cohort = simulate_cohort(BgNbd(1, 8, 0.5, 2), customers=400, days=200, joining_days=120, seed=3)
    assert predict_churn(cohort.purchases, horizon_days=60).model == "BG/NBD"


def test_too_little_is_refused_with_what_is_missing() -> None:
    short = simulate_cohort(SHOP, customers=400, days=120, joining_days=60, seed=1).purchases
    with pytest.raises(TooShort):
        predict_churn(short, horizon_days=90)
    with pytest.raises(TooFewCustomers):
        predict_churn(short.until(int(short.day.min()) + 1))
    days = np.repeat(np.datetime64("2026-01-01") + np.arange(0, 300, 5), 80)
    weekly = purchases_from_columns(np.tile(np.arange(80), 60), days, np.full(4800, 9.0))
    with pytest.raises(TooFewOutcomes, match="bought nothing"):
        predict_churn(weekly, horizon_days=60)
    with pytest.raises(BadOption):
        predict_churn(short, horizon_days=1)


def test_the_document_is_plain_json() -> None:
    cohort = simulate_cohort(SHOP, customers=500, days=400, joining_days=300, seed=3)
    document = predict_churn(cohort.purchases).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document


def test_trees_that_know_nothing_are_left_aside() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.05, 0.95, 6000)
    left = (rng.random(6000) < truth).astype(float)
    data = Labelled(truth, rng.uniform(0.05, 0.95, 6000), left, np.repeat([0, 4], 3000))
    assert not learn_blend(data).uses_trees


def test_trees_that_know_more_are_followed_and_the_level_stays() -> None:
    rng = np.random.default_rng(0)
    truth = rng.uniform(0.05, 0.95, 6000)
    left = (rng.random(6000) < truth).astype(float)
    blend = learn_blend(Labelled(np.full(6000, 0.5), truth, left, np.repeat([0, 4], 3000)))
    said = blend.probability(np.full(6000, 0.5), truth)
    assert np.corrcoef(said, truth)[0, 1] > 0.95
    assert said.mean() == pytest.approx(0.5, abs=0.02)


def test_one_window_alone_changes_nothing() -> None:
    data = Labelled(np.full(100, 0.5), np.linspace(0.1, 0.9, 100), np.repeat([0.0, 1.0], 50), np.zeros(100, np.int64))
    assert learn_blend(data).weight == Blend().weight == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=50), st.floats(0.05, 0.95))
def test_the_level_can_be_set_to_any_mean(p: list[float], wanted: float) -> None:
    logits = np.log(np.clip(p, 1e-4, 1 - 1e-4) / (1 - np.clip(p, 1e-4, 1 - 1e-4)))
    shifted = 1 / (1 + np.exp(-(logits + level_shift(np.array(p), wanted))))
    assert shifted.mean() == pytest.approx(wanted, abs=1e-6)


def test_calibration_figures_of_a_hand_made_case() -> None:
    found = calibration_of([1, 0, 1, 1], [0.95, 0.95, 0.55, 0.05])
    assert found.ece == pytest.approx(0.5 * 0.45 + 0.25 * 0.45 + 0.25 * 0.95)
    assert found.auc == pytest.approx((0.5 + 0 + 0) / 3)
    assert found.brier_base == pytest.approx(0.1875)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1, max_size=40))
def test_calibration_figures_stay_within_their_bounds(rows: list[tuple[bool, float]]) -> None:
    found = calibration_of([float(row[0]) for row in rows], [row[1] for row in rows])
    assert 0 <= found.ece <= 1
    assert found.auc is None or 0 <= found.auc <= 1
    assert sum(part.customers for part in found.bins) == len(rows)


@pytest.mark.parametrize(
    ("happened", "said"), [([], []), ([2], [0.5]), ([1], [1.5]), ([1], [float("nan")]), ([1, 0], [0.5])]
)
def test_what_cannot_be_compared_is_refused(happened: list[float], said: list[float]) -> None:
    with pytest.raises(BadFrame):
        calibration_of(happened, said)
