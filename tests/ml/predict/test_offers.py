"""Next best offer: most of the reachable gain, none where nothing is gained, and care with what is little known."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption, TooFewCustomers, TooFewOutcomes
from ml.frames import FloatArray
from ml.predict.offers import Offer, OfferHistory, next_best_offers, offer_history
from ml.predict.offers.acceptance import fit_rates

OFFERS = [Offer("A", 30.0, 0.5, 40.0), Offer("B", 36.0, 0.5, 40.0)]


def business(seed: int = 0, control: bool = True) -> tuple[OfferHistory, FloatArray, FloatArray]:
    """A history of 5,000, features of 800 customers and their true gains from A and B over none."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(5000, 2))
    shown = rng.integers(0 if control else 1, 3, 5000)
    lift = np.column_stack([np.zeros(5000), np.full(5000, 0.4), 0.2 + 0.8 * features[:, 1]])
    chance = 1 / (1 + np.exp(2.0 - 0.5 * features[:, :1] - lift))
    accepted = rng.random(5000) < chance[np.arange(5000), shown]
    gain = chance[:800, 1:] * [30.0, 36.0] - 0.5 - control * chance[:800, :1] * 40.0
    return offer_history(np.array(["", "A", "B"])[shown], accepted, features), features[:800], gain


def test_the_advice_reaches_most_of_the_gain() -> None:
    history, features, gain = business()
    advice = next_best_offers(history, OFFERS, np.arange(800), features)
    picked = np.array([["", "A", "B"].index(name) for name in advice.best])
    got = np.column_stack([np.zeros(800), gain])[np.arange(800), picked].sum()
    assert advice.model == "Logistic with features"
    assert got >= 0.8 * np.maximum(gain.max(1), 0).sum()
    assert (picked == 0).any()


def test_intervals_hold_about_as_often_as_they_say() -> None:
    held = []
    for seed in range(6):
        history, features, gain = business(seed)
        advice = next_best_offers(history, OFFERS, np.arange(800), features, seed=seed)
        held.append(((advice.low <= gain) & (gain <= advice.high)).mean())
    assert np.mean(held) >= 0.65


def test_nobody_gets_an_offer_that_costs_more_than_it_brings() -> None:
    history, features, _ = business()
    advice = next_best_offers(history, [Offer("A", 1.0, 5.0), Offer("B", 1.0, 5.0)], np.arange(800), features)
    assert set(advice.best) == {""}
    assert set(advice.action) == {"none"}


def test_an_offer_never_shown_is_tested_at_most_and_has_the_widest_interval() -> None:
    history, features, _ = business(control=False)
    advice = next_best_offers(history, [Offer("New", 30.0, 4.0), *OFFERS], np.arange(800), features)
    alone = next_best_offers(history, [Offer("New", 30.0, 4.0)], np.arange(800), features)
    width = advice.high - advice.low
    assert (width[:, 0] > width[:, 1]).mean() > 0.9
    assert "offer" not in advice.action[advice.best == "New"]
    assert (alone.action == "test").mean() > 0.3
    assert any("New" in warning for warning in advice.warnings)


def test_without_a_control_group_the_advice_says_so() -> None:
    history, features, _ = business(control=False)
    advice = next_best_offers(history, OFFERS, np.arange(800), features)
    assert not advice.has_control
    assert "would have bought anyway" in advice.warnings[0]


def test_shares_for_learning_add_up_and_calibration_is_shown() -> None:
    history, features, _ = business()
    advice = next_best_offers(history, OFFERS, np.arange(800), features)
    np.testing.assert_allclose(advice.p_best.sum(1), 1)
    assert advice.tested is not None
    assert advice.tested.ece < 0.05


@settings(max_examples=3, deadline=None)
@given(st.floats(0.01, 1000))
def test_another_currency_scales_values_and_changes_no_choice(factor: float) -> None:
    history, features, _ = business()
    scaled = [Offer(o.name, factor * o.margin, factor * o.cost, factor * (o.usual_margin or 0)) for o in OFFERS]
    one, other = (next_best_offers(history, offers, np.arange(50), features[:50]) for offers in (OFFERS, scaled))
    np.testing.assert_allclose(other.value, factor * one.value, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(one.best, other.best)


def test_a_rate_seldom_seen_is_drawn_to_the_others() -> None:
    index = np.repeat([0, 1, 2, 3], [1000, 1000, 1000, 5])
    accepted = np.concatenate([np.arange(1000) % 10 == 0] * 3 + [np.ones(5, bool)]).astype(float)
    rates = fit_rates(index, accepted, 5).expected()
    assert rates[0] == pytest.approx(0.1, abs=0.01)
    assert rates[3] < 0.6
    assert rates[4] == pytest.approx(0.1, abs=0.03)


def test_unknown_features_are_taken_as_the_average() -> None:
    history, _, _ = business()
    advice = next_best_offers(history, OFFERS, ["a"], np.full((1, 2), np.nan))
    assert np.isfinite(advice.value).all()


def test_too_little_is_refused_with_what_is_missing() -> None:
    with pytest.raises(TooFewCustomers, match="occasions on which an offer was shown"):
        offer_history(["A"] * 50, [1, 0] * 25)
    with pytest.raises(TooFewOutcomes, match="accepted"):
        offer_history(["A"] * 500, [0] * 500)
    with pytest.raises(TooFewOutcomes, match="turned down"):
        offer_history(["A"] * 500, [1] * 500)


def test_what_is_no_history_is_refused() -> None:
    for names, answers, features in (
        (["A"] * 200, [2] * 200, None),
        (["A"] * 200, [1] * 100, None),
        (["A"] * 200, [1, 0] * 100, np.full((200, 1), np.inf)),
        (["A"] * 200, [1, 0] * 100, np.zeros((100, 1))),
    ):
        with pytest.raises(BadFrame):
            offer_history(names, answers, features)


def test_what_is_no_offer_or_customer_is_refused() -> None:
    history, _, _ = business()
    with pytest.raises(BadOption):
        next_best_offers(history, [], ["a"], np.zeros((1, 2)))
    with pytest.raises(BadOption):
        next_best_offers(history, [OFFERS[0], OFFERS[0]], ["a"], np.zeros((1, 2)))
    for margin, cost, name in ((float("nan"), 0.0, "A"), (1e13, 0.0, "A"), (1.0, -1.0, "A"), (1.0, 0.0, "")):
        with pytest.raises(BadOption):
            Offer(name, margin, cost)
    for ids, table in (([], np.zeros((0, 2))), (["a"], np.zeros((1, 3))), (["a"], np.zeros((2, 2)))):
        with pytest.raises(BadFrame):
            next_best_offers(history, OFFERS, ids, table)


def test_the_document_is_plain_json() -> None:
    history, features, _ = business()
    document = next_best_offers(history, OFFERS, np.arange(20), features[:20]).to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
