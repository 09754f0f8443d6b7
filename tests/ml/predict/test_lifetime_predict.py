"""The lifetime report: ranges that hold, errors on the past that are shown, refusals, and a better method that is named."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption, TooFewCustomers, TooShort
from ml.predict.lifetime import BgNbd, CustomerFeatures, Purchases, predict_lifetime, purchases_from_columns
from ml.predict.lifetime.holdout import total_range
from ml.predict.lifetime.result import MODEL_BOOSTING
from ml.predict.lifetime.simulate import simulate_cohort

SHOP = BgNbd(0.5, 6.0, 0.8, 2.5)


def shop(customers: int = 1500, days: int = 540, seed: int = 1) -> Purchases:
    return simulate_cohort(SHOP, customers=customers, days=days, joining_days=days - 40, seed=seed).purchases


def test_every_report_shows_how_it_did_on_the_past() -> None:
    report = predict_lifetime(shop(), horizon_days=180)
    assert report.holdout is not None
    assert report.holdout.days == 180
    assert abs(report.holdout.purchases_error or 1) < 0.2
    assert 0.75 <= report.holdout.coverage80 <= 0.95
    assert sum(cohort.customers for cohort in report.holdout.cohorts) == report.holdout.customers
    assert report.grade in ("reliable", "uncertain")
    assert "on your own past" in report.grade_reason


def test_the_future_lies_within_the_ranges_as_often_as_they_say() -> None:
    held, inside = [], []
    for seed in range(8):
        whole = shop(customers=800, seed=seed)
        day = whole.as_of - 120
        report = predict_lifetime(whole.until(day), horizon_days=120, discount_per_year=0)
        later = whole.day > day
        actual = np.bincount(whole.customer[later], whole.value[later], whole.customers)[whole.known_at(day)]
        held.append(report.total_low80 <= actual.sum() <= report.total_high80)
        inside.append(((report.low <= actual) & (actual <= report.high)).mean())
    assert np.mean(held) >= 0.7
    assert 0.77 <= np.mean(inside) <= 0.9


def test_value_is_the_sum_of_its_customers_and_lies_in_its_range() -> None:
    report = predict_lifetime(shop(), horizon_days=365)
    assert report.total == pytest.approx(report.value.sum())
    assert report.total_low80 <= report.total <= report.total_high80
    assert ((report.low <= report.value) & (report.value <= report.high)).all()


def test_discount_and_margin_lower_the_value() -> None:
    purchases = shop(customers=400)
    plain, margin, discount = (
        predict_lifetime(purchases, horizon_days=365, **options)  # type: ignore[arg-type]  # a table of options
        for options in (
            {"discount_per_year": 0.0},
            {"discount_per_year": 0.0, "margin_share": 0.4},
            {"discount_per_year": 0.5},
        )
    )
    np.testing.assert_allclose(margin.value, 0.4 * plain.value)
    assert (discount.value < plain.value).all()


@settings(max_examples=3, deadline=None)
@given(st.floats(0.01, 1000))
def test_another_currency_scales_every_value(factor: float) -> None:
    purchases = shop(customers=300)
    days = purchases.day.astype("datetime64[D]")
    ids = purchases.ids[purchases.customer]
    one, other = (
        predict_lifetime(purchases_from_columns(ids, days, scale * purchases.value), horizon_days=90)
        for scale in (1.0, factor)
    )
    np.testing.assert_allclose(other.value, factor * one.value, rtol=1e-3)
    np.testing.assert_allclose(other.p_alive, one.p_alive)


def test_the_same_seed_gives_the_same_report() -> None:
    one, other = (predict_lifetime(shop(customers=300), seed=4) for _ in range(2))
    np.testing.assert_array_equal(one.high, other.high)


def test_a_telling_feature_makes_boosting_win_and_be_named() -> None:
    feature = np.random.default_rng(2).normal(size=4000)
    factor = np.exp(1.3 * feature - 0.8)
    cohort = simulate_cohort(
        BgNbd(3, 30, 0.8, 2.5), customers=4000, days=540, joining_days=500, seed=2, rate_factor=factor
    )
    features = CustomerFeatures(cohort.purchases.ids, ("first order's channel",), feature[:, None])
    report = predict_lifetime(cohort.purchases, horizon_days=120, features=features)
    assert report.model == MODEL_BOOSTING
    assert report.holdout is not None
    assert report.holdout.candidates[1].deviance < report.holdout.candidates[0].deviance


def test_heavy_buyers_who_spend_more_are_warned_about() -> None:
    purchases = shop()
    count = np.bincount(purchases.customer)[purchases.customer]
    days = purchases.day.astype("datetime64[D]")
    dearer = purchases_from_columns(purchases.ids[purchases.customer], days, purchases.value * count**1.5)
    assert any("spend more per purchase" in warning for warning in predict_lifetime(dearer, horizon_days=90).warnings)


def test_too_little_history_is_refused_with_what_is_missing() -> None:
    with pytest.raises(TooFewCustomers, match="There are 30 customers; at least 50"):
        predict_lifetime(shop(customers=30))
    with pytest.raises(TooShort):
        predict_lifetime(shop(days=50))
    once = purchases_from_columns(np.arange(200), np.datetime64("2026-01-01") + np.arange(200), np.full(200, 9.0))
    with pytest.raises(TooFewCustomers, match="0 customers who came back"):
        predict_lifetime(once)


@pytest.mark.parametrize(
    "options",
    [
        {"horizon_days": 0},
        {"horizon_days": 5000},
        {"discount_per_year": -0.1},
        {"margin_share": 0},
        {"margin_share": 2},
    ],
)
def test_options_outside_their_range_are_refused(options: dict[str, float]) -> None:
    with pytest.raises(BadOption):
        predict_lifetime(shop(customers=100), **options)  # type: ignore[arg-type]  # that is the point


def test_features_that_do_not_fit_are_refused() -> None:
    for ids, values in ((np.array(["a", "a"]), np.zeros((2, 1))), (np.array(["a"]), np.zeros((2, 1)))):
        with pytest.raises(BadFrame):
            CustomerFeatures(ids, ("one",), values)
    with pytest.raises(BadFrame):
        CustomerFeatures(np.array(["a"]), ("one",), np.array([[np.inf]]))


def test_a_total_that_was_off_before_has_a_wider_range() -> None:
    simulated = np.exp(np.random.default_rng(0).normal(0, 0.05, 200))
    low, high = total_range(100, simulated, ())
    wide_low, wide_high = total_range(100, simulated, (0.3, -0.2))
    assert wide_low < low < 100 < high < wide_high


def test_the_document_is_plain_json() -> None:
    document = predict_lifetime(shop(customers=200), horizon_days=90).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert len(document["value"]) == len(document["ids"])
