"""What a campaign will bring: better than carrying the past forward, in ranges that hold, told only where the data allow it."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption, CampaignUnknown, NothingLearnt, TooFewExamples, TooShort
from ml.predict.campaigns import (
    CampaignHistory,
    CampaignModel,
    CampaignPrediction,
    campaign_history,
    predict_campaign,
    predict_campaigns,
    train_campaigns,
)
from ml.predict.campaigns.bands import learn_bands
from ml.predict.campaigns.shrinkage import learn_dispersion, learn_spreads, shrunk_rates
from tests.ml.predict.advertisers import START, advertiser, advertiser_rows


@pytest.fixture(scope="module")
def history() -> CampaignHistory:
    return advertiser(2, campaigns=60, days=360)


@pytest.fixture(scope="module")
def model(history: CampaignHistory) -> CampaignModel:
    return train_campaigns(history.until(300))


def points(found: list[CampaignPrediction]) -> dict[str, float]:
    return {one.key: one.conversions.point for one in found if one.conversions is not None}


def came(history: CampaignHistory, key: str, since: int, days: int) -> float:
    return float(history.conversions[since : since + days, history.index(key)].sum())


def test_unseen_weeks_are_told_better_than_by_carrying_the_past_forward(
    history: CampaignHistory, model: CampaignModel
) -> None:
    spend = {key: history.spend[300:330, history.index(key)].sum() for key in history.keys}
    past = history.until(300)
    planned = {key: float(value) for key, value in spend.items() if value > 0}
    found = predict_campaigns(model, past, horizon_days=30, planned_spend=planned)
    actual = np.array([came(history, one.key, 300, 30) for one in found if one.is_planned])
    said = np.array([one.conversions.point for one in found if one.is_planned and one.conversions])
    carried = np.array(
        [past.conversions[272:300, past.index(one.key)].sum() / 28 * 30 for one in found if one.is_planned]
    )
    assert np.abs(said - actual).sum() < 0.85 * np.abs(carried - actual).sum()


def test_ranges_hold_about_as_often_as_promised_on_unseen_days() -> None:
    held, held_of_wide = [], []
    for seed in range(6):
        whole = advertiser(seed, campaigns=40, days=340)
        past = whole.until(300)
        for one in predict_campaigns(train_campaigns(past), past, horizon_days=7):
            assert one.conversions is not None
            actual = came(whole, one.key, 300, 7)
            held.append(one.conversions.low80 <= actual <= one.conversions.high80)
            held_of_wide.append((one.conversions.low95 or 0) <= actual <= (one.conversions.high95 or np.inf))
    assert 0.72 < np.mean(held) < 0.9
    assert np.mean(held_of_wide) > 0.88


def test_the_calibration_names_the_method_and_its_baseline(model: CampaignModel) -> None:
    for predictor in model.predictors.values():
        for mode, found in predictor.calibrations.items():
            assert found.error <= found.baseline_error
            assert found.error == found.errors[found.method]
            assert found.held80 is None or 0.6 < found.held80 < 0.95, mode


def test_the_simplest_method_wins_where_nothing_else_is_better() -> None:
    days, keys = 200, 12
    spend = np.tile(np.linspace(50, 60, keys), (days, 1))
    conversions = np.tile(np.linspace(3, 9, keys).round(), (days, 1))
    steady = campaign_history(
        campaigns=np.tile([f"c{n:02}" for n in range(keys)], days).tolist(),
        dates=START + np.repeat(np.arange(days), keys),
        spend=spend.ravel(),
        conversions=conversions.ravel(),
        value=np.full(days * keys, np.nan),
    )
    found = train_campaigns(steady)
    assert {one.method for one in found.predictors["conversions", 7].calibrations.values()} == {"carried"}
    assert not any(outcome == "value" for outcome, _ in found.predictors)
    assert "needed" in found.refusals["value.7"]


def test_more_planned_spend_brings_more(history: CampaignHistory, model: CampaignModel) -> None:
    past = history.until(300)
    key = max(points(predict_campaigns(model, past, horizon_days=30)).items(), key=lambda one: one[1])[0]
    as_it_was = predict_campaign(model, past, key, horizon_days=30)
    doubled = predict_campaign(model, past, key, horizon_days=30, planned_spend=2 * as_it_was.spend)
    assert as_it_was.conversions is not None
    assert doubled.conversions is not None
    assert doubled.is_planned
    assert 1.2 < doubled.conversions.point / as_it_was.conversions.point < 2.3


def test_a_stored_model_says_the_same(history: CampaignHistory, model: CampaignModel) -> None:
    document = json.dumps(model.to_dict())
    again = CampaignModel.from_dict(json.loads(document))
    past = history.until(300)
    for horizon in (7, 30):
        first, second = (points(predict_campaigns(one, past, horizon_days=horizon)) for one in (model, again))
        assert first == pytest.approx(second, rel=1e-5)
    assert again.metrics() == model.metrics()


def _without_trees(document: dict[str, Any]) -> None:
    document["predictors"][0]["learnt"]["line"] = [1.0]


def _pointing_outside(document: dict[str, Any]) -> None:
    for one in document["predictors"]:
        if one["learnt"]["trees"] is not None:
            one["learnt"]["trees"]["left"][0] = 10**9


@pytest.mark.parametrize(
    "damage",
    [
        lambda document: document.update(format=99),
        lambda document: document.update(features=["size"]),
        lambda document: document.pop("spreads"),
        lambda document: document.update(predictors=[{}]),
        lambda document: document["predictors"][0]["calibrations"]["planned"].update(method="magic"),
        _without_trees,
        _pointing_outside,
    ],
)
def test_a_damaged_document_is_refused_and_never_run(model: CampaignModel, damage: Any) -> None:
    document = json.loads(json.dumps(model.to_dict()))
    damage(document)
    with pytest.raises(BadFrame, match="stored"):
        CampaignModel.from_dict(document)


@settings(max_examples=8)
@given(scale=st.floats(1e-3, 1e6))
def test_another_currency_changes_no_count_and_no_roas(scale: float) -> None:
    plain, scaled = (advertiser(4, campaigns=15, days=160, scale=one) for one in (1.0, scale))
    ours, theirs = (predict_campaigns(train_campaigns(one), one, horizon_days=7) for one in (plain, scaled))
    assert points(ours) == pytest.approx(points(theirs), rel=1e-3)
    for mine, other in zip(ours, theirs, strict=True):
        assert mine.roas is not None
        assert other.roas is not None
        assert mine.roas.point == pytest.approx(other.roas.point, rel=1e-3)
        assert other.spend == pytest.approx(mine.spend * scale, rel=1e-6)


@settings(max_examples=5)
@given(seed=st.integers(0, 2**16))
def test_the_order_of_rows_and_names_of_campaigns_change_nothing(seed: int) -> None:
    rows = advertiser_rows(5, campaigns=12, days=150)
    order = np.random.default_rng(seed).permutation(len(rows["spend"]))
    shuffled: dict[str, Any] = {name: np.asarray(rows[name])[order] for name in rows if name != "labels"}
    mixed = campaign_history(**shuffled, labels=rows["labels"])
    plain = campaign_history(**rows)
    assert points(predict_campaigns(train_campaigns(mixed), mixed, horizon_days=7)) == pytest.approx(
        points(predict_campaigns(train_campaigns(plain), plain, horizon_days=7))
    )


def test_a_young_campaign_leans_on_its_peers_and_an_old_one_on_itself(history: CampaignHistory) -> None:
    spreads = learn_spreads(history, history.conversions, half_life_days=28)
    rates = shrunk_rates(history, history.conversions, spreads)
    running = np.flatnonzero(history.spend[-1] > 0)
    richest = running[np.argmax(rates.volume[-1, running])]
    first_day = int(history.first[richest])
    assert rates.own_share[-1, richest] > 0.8
    assert rates.own_share[first_day, richest] == 0
    assert rates.rate[first_day, richest] == pytest.approx(rates.by_level[2][first_day, richest])


def test_dispersion_is_found_again() -> None:
    random = np.random.default_rng(1)
    spend = np.full((400, 30), 100.0)
    poisson = random.poisson(20, spend.shape).astype(float)
    wild = random.poisson(20 * random.gamma(5, 1 / 5, spend.shape)).astype(float)
    assert learn_dispersion(spend, poisson) == pytest.approx(1, rel=0.15)
    assert learn_dispersion(spend, wild) == pytest.approx(5, rel=0.2)
    assert learn_dispersion(spend, 7 * poisson) == pytest.approx(7, rel=0.15)


@settings(max_examples=30)
@given(seed=st.integers(0, 2**16), scatter=st.floats(0.001, 0.5))
def test_a_range_always_holds_its_number(seed: int, scatter: float) -> None:
    random = np.random.default_rng(seed)
    said = np.exp(random.normal(2, 2, 400))
    actual = random.poisson(said * random.gamma(1 / scatter, scatter, 400)).astype(float)
    bands = learn_bands(actual, said, unit=1.0, apart=200)
    around = bands.around(said, 0)
    assert around is not None
    low, high = around
    assert (low <= said).all()
    assert (said <= high).all()
    assert (low >= 0).all()
    assert 0.75 < np.mean((low <= actual) & (actual <= high)) < 0.95


def test_where_too_few_outcomes_stand_apart_there_is_no_far_range() -> None:
    said = np.full(40, 10.0)
    bands = learn_bands(said + np.linspace(-3, 3, 40), said, unit=1.0, apart=20)
    assert bands.around(said, 0) is not None
    assert bands.around(said, 1) is None


# ── Bad input ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def columns(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "campaigns": ["a", "a", "b"],
        "dates": START + np.array([0, 1, 1]),
        "spend": np.array([1.0, 2.0, 3.0]),
        "conversions": np.array([0.0, 1.0, 2.0]),
        "value": np.array([0.0, 5.0, -3.0]),
    }
    return plain | changes


@pytest.mark.parametrize(
    ("changes", "row"),
    [
        ({"spend": np.array([1.0, np.nan, 3.0])}, 2),
        ({"spend": np.array([1.0, 2.0, -3.0])}, 3),
        ({"conversions": np.array([0.0, -1.0, 2.0])}, 2),
        ({"value": np.array([np.inf, 5.0, 1.0])}, 1),
        ({"dates": START + np.array([0, 0, 1])}, 2),
        ({"dates": np.array(["2025-01-01", "NaT", "2025-01-02"], "datetime64[D]")}, 2),
        ({"until": START}, 2),
        ({"dates": np.array(["2005-01-01", "2025-01-01", "2025-01-02"], "datetime64[D]")}, None),
        ({"spend": np.array([1.0])}, None),
    ],
)
def test_rows_that_cannot_be_are_refused_with_their_number(changes: dict[str, Any], row: int | None) -> None:
    with pytest.raises(BadFrame) as refusal:
        campaign_history(**columns(**changes))
    assert refusal.value.row == row


def test_gaps_are_days_without_delivery_and_what_is_not_told_is_known_as_such() -> None:
    rows = columns(
        dates=START + np.array([0, 5, 3]), conversions=np.array([1.0, np.nan, np.nan]), value=np.full(3, np.nan)
    )
    found = campaign_history(**rows)
    assert found.spend[:, 0].tolist() == [1, 0, 0, 0, 0, 2]
    assert found.tells_conversions.tolist() == [True, False]
    assert not found.tells_value.any()
    assert found.first.tolist() == [0, 3]


def test_nothing_at_all_is_too_short() -> None:
    empty: dict[str, Any] = {name: [] for name in columns()}
    with pytest.raises(TooShort):
        campaign_history(**empty)


@pytest.mark.parametrize(
    "changes",
    [{"days": 20}, {"days": 60, "campaigns": 1}, {"campaigns": 3, "days": 45}],
)
def test_too_little_is_refused_with_how_much_more_is_needed(changes: dict[str, int]) -> None:
    with pytest.raises(TooFewExamples):
        train_campaigns(advertiser(3, **changes))


def test_campaigns_without_spend_or_without_any_outcome_teach_nothing(history: CampaignHistory) -> None:
    nothing = np.zeros_like(history.spend)
    for silent in (replace(history, spend=nothing), replace(history, conversions=nothing, value=nothing)):
        with pytest.raises(TooFewExamples):
            train_campaigns(silent)


def test_amounts_of_a_trillion_and_constant_days_are_numbers_like_others() -> None:
    rows = advertiser_rows(6, campaigns=10, days=150, scale=1e12)
    huge = campaign_history(**rows)
    for one in predict_campaigns(train_campaigns(huge), huge, horizon_days=7):
        assert one.conversions is not None
        assert np.isfinite([one.conversions.point, one.conversions.low80, one.conversions.high80, one.spend]).all()


def test_refunds_beyond_sales_are_no_negative_return() -> None:
    rows = advertiser_rows(7, campaigns=10, days=150)
    rows["value"] = rows["value"] - 40.0
    refunds = campaign_history(**rows)
    for one in predict_campaigns(train_campaigns(refunds), refunds, horizon_days=7):
        assert one.roas is None or 0 <= one.roas.low80 <= one.roas.point <= one.roas.high80


def test_questions_that_cannot_be_answered_are_refused(history: CampaignHistory, model: CampaignModel) -> None:
    past = history.until(300)
    key = next(iter(points(predict_campaigns(model, past, horizon_days=7))))
    with pytest.raises(CampaignUnknown, match="Nothing is known"):
        predict_campaign(model, past, "nobody", horizon_days=7)
    with pytest.raises(NothingLearnt):
        predict_campaign(model, past, key, horizon_days=14)
    for plan in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(BadOption):
            predict_campaign(model, past, key, horizon_days=7, planned_spend=plan)
    paused = replace(past, spend=np.where(np.arange(300)[:, None] > 270, 0.0, past.spend))
    with pytest.raises(CampaignUnknown, match="spent nothing"):
        predict_campaign(model, paused, key, horizon_days=7)
    young = replace(past, first=np.where(np.array(past.keys) == key, 295, past.first))
    with pytest.raises(CampaignUnknown, match="run for 5 days"):
        predict_campaign(model, young, key, horizon_days=7)
