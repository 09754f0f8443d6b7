"""Creative fatigue: against the ad's own first days, and silent where days are too few."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption
from ml.fatigue import CreativeDays, Fatigue, creative_fatigue


def days_of(
    *, end: float, shown: float = 8000, count: int = 35, seed: int = 1, cvr_end: float = 1.0
) -> dict[str, np.ndarray]:
    """An ad whose click rate of 1.5 % moves evenly to `end` times that after a first week, seen ever more often."""
    rng = np.random.default_rng(seed)
    wear = np.interp(np.arange(count), [6, count - 7], [1, end])
    impressions = rng.poisson(shown, count).astype(float)
    clicks = rng.binomial(impressions.astype(int), 0.015 * wear * np.exp(0.05 * rng.standard_normal(count)))
    conversions = rng.binomial(clicks, np.minimum(0.1 * np.interp(np.arange(count), [6, count - 7], [1, cvr_end]), 1))
    return {
        "impressions": impressions,
        "clicks": clicks.astype(float),
        "conversions": conversions.astype(float),
        "spend": impressions * 0.01,
        "reach": impressions / np.linspace(1.1, 3.0, count),
    }


def judged(**options: float) -> Fatigue:
    return creative_fatigue(CreativeDays(**days_of(**options)))  # type: ignore[arg-type]  # floats and ints


@pytest.mark.parametrize("seed", range(5))
def test_levels_follow_the_decline(seed: int) -> None:
    assert judged(end=1.0, seed=seed).level == "fresh"
    assert judged(end=0.55, seed=seed).level == "fatigued"
    assert judged(end=0.8, seed=seed, shown=40_000).level in {"tiring", "fatigued"}


def test_the_decline_comes_with_its_interval_and_trend() -> None:
    answer = judged(end=0.6)
    assert answer.ctr is not None
    assert answer.ctr.low < 0.6 < answer.ctr.high
    assert answer.weekly_change is not None
    assert answer.weekly_low is not None
    assert answer.weekly_high is not None
    assert answer.weekly_low < answer.weekly_change < answer.weekly_high < 0


def test_intervals_cover_the_truth() -> None:
    answers = [judged(end=0.7, seed=seed, shown=4000).ctr for seed in range(200)]
    assert 0.85 <= np.mean([one is not None and one.low <= 0.7 <= one.high for one in answers]) <= 0.97


def test_few_days_or_few_clicks_are_not_enough() -> None:
    few = creative_fatigue(CreativeDays(np.full(10, 1000.0), np.full(10, 20.0)))
    assert (few.level, few.ctr) == ("not_enough_data", None)
    assert "10 days" in few.reason
    thin = judged(end=0.5, shown=100)
    assert thin.level == "not_enough_data"
    assert "clicks" in thin.reason


def test_an_interval_too_wide_to_tell_is_not_enough() -> None:
    answer = judged(end=0.85, shown=700)
    assert answer.level == "not_enough_data"
    assert answer.ctr is not None


def test_an_ad_whose_viewers_buy_as_before_need_not_go() -> None:
    answer = judged(end=0.55, cvr_end=1 / 0.55, shown=40_000)
    assert answer.level == "tiring"
    assert "no need to replace" in answer.reason


def test_what_befell_all_ads_is_not_wear() -> None:
    columns = days_of(end=0.55)
    peers = days_of(end=0.55, shown=80_000, seed=9)
    answer = creative_fatigue(
        CreativeDays(**columns, peer_impressions=peers["impressions"], peer_clicks=peers["clicks"])
    )
    assert answer.level == "fresh"


def test_frequency_is_shown_as_a_driver() -> None:
    driver = next(driver for driver in judged(end=0.55).drivers if driver.name == "frequency")
    assert driver.lately > 2 * driver.first
    assert driver.correlation is not None
    assert driver.correlation < -0.5


def test_pauses_do_not_count_as_days() -> None:
    columns = days_of(end=0.55)
    paused = {name: np.insert(values, 20, np.zeros(9)) for name, values in columns.items()}
    plain, with_pause = (creative_fatigue(CreativeDays(**one)) for one in (columns, paused))
    assert plain.ctr is not None
    assert with_pause.ctr is not None
    assert with_pause.level == plain.level
    assert with_pause.ctr.ratio == pytest.approx(plain.ctr.ratio, rel=0.02)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), factor=st.sampled_from([0.01, 7.0, 1e6]))
def test_currency_of_spend_does_not_matter(seed: int, factor: float) -> None:
    columns = days_of(end=0.7, seed=seed)
    dearer = {**columns, "spend": factor * columns["spend"]}
    one, other = (creative_fatigue(CreativeDays(**given_)) for given_ in (columns, dearer))
    assert (one.level, one.ctr) == (other.level, other.ctr)


def test_all_zero_and_huge_columns_get_an_answer() -> None:
    nothing = creative_fatigue(CreativeDays(np.zeros(30), np.zeros(30)))
    assert nothing.level == "not_enough_data"
    huge = creative_fatigue(CreativeDays(np.full(30, 1e12), np.full(30, 1e10)))
    assert huge.level == "fresh"
    vanished = creative_fatigue(CreativeDays(np.full(30, 9000.0), np.r_[np.full(15, 150.0), np.zeros(15)]))
    assert vanished.level == "fatigued"
    json.dumps(vanished.to_dict())


@pytest.mark.parametrize(
    ("impressions", "clicks"),
    [
        (np.full(30, 100.0), np.full(29, 1.0)),
        (np.full(30, 100.0), np.full(30, 101.0)),
        (np.full(30, 100.0), np.full(30, -1.0)),
        (np.full(30, np.nan), np.full(30, 1.0)),
    ],
)
def test_columns_that_make_no_sense_are_refused(impressions: np.ndarray, clicks: np.ndarray) -> None:
    with pytest.raises(BadFrame):
        creative_fatigue(CreativeDays(impressions, clicks))


def test_windows_need_three_days() -> None:
    with pytest.raises(BadOption):
        creative_fatigue(CreativeDays(np.ones(30), np.ones(30)), first_days=2)
