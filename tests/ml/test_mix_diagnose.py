"""Data that cannot carry an answer are refused by name, and what is doubtful is said."""

from dataclasses import replace

import numpy as np
import pytest

from ml.errors import (
    BadFrame,
    CollinearChannels,
    ConstantRevenue,
    MlError,
    NoNetRevenue,
    NoSpend,
    NoVariation,
    TooFewChannels,
    TooShort,
)
from ml.frames import MarketingFrame
from ml.mix import MixOptions, check_data, fit_mix
from ml.mix.diagnose import grade_channel, level_break
from tests.ml.businesses import calm_business


def frame_with(spend: np.ndarray, revenue: np.ndarray | None = None) -> MarketingFrame:
    frame = calm_business().frame().slice(0, len(spend))
    names = tuple(f"Channel {index + 1}" for index in range(spend.shape[1]))
    return replace(frame, channels=names, spend=spend, revenue=frame.revenue if revenue is None else revenue)


def varied(days: int = 200, channels: int = 2, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(10, 100, (days, channels))


def test_good_data_pass_without_a_word() -> None:
    assert check_data(calm_business().frame()) == ()


def test_under_60_days_are_refused_with_the_number_missing() -> None:
    with pytest.raises(TooShort) as refused:
        check_data(calm_business().frame().slice(0, 45))
    assert (refused.value.days, refused.value.needed) == (45, 60)
    assert "15 more days" in refused.value.hint


def test_one_channel_is_refused() -> None:
    with pytest.raises(TooFewChannels, match="Channel 1"):
        check_data(frame_with(varied(channels=1)))


def test_no_spend_at_all_is_refused() -> None:
    with pytest.raises(NoSpend):
        check_data(frame_with(np.zeros((200, 0))))


def test_channels_of_a_frame_without_any_spend_count_as_none() -> None:
    with pytest.raises(NoSpend):
        check_data(frame_with(np.zeros((200, 2))))


def test_a_channel_without_spend_among_others_is_left_out_and_named() -> None:
    spend = np.column_stack([varied(120), np.zeros(120)])
    fit = fit_mix(frame_with(spend), options=MixOptions(chains=8, warm_up=15, draws=20))
    assert fit.names == ("Channel 1", "Channel 2")
    assert any("Channel 3 has no spend" in note for note in fit.warnings)


def test_spend_that_never_changes_is_refused_by_name() -> None:
    with pytest.raises(NoVariation) as refused:
        check_data(frame_with(np.full((200, 2), 50.0)))
    assert refused.value.channels == ("Channel 1", "Channel 2")


def test_one_unchanging_channel_among_others_is_a_warning() -> None:
    spend = varied(channels=3)
    spend[:, 1] = 40.0
    assert any("Channel 2 never changes" in note for note in check_data(frame_with(spend)))


def test_channels_that_all_move_as_one_are_refused_by_name() -> None:
    spend = varied(channels=2)
    spend[:, 1] = 3 * spend[:, 0]
    with pytest.raises(CollinearChannels) as refused:
        check_data(frame_with(spend))
    assert refused.value.pairs == (("Channel 1", "Channel 2"),)


def test_two_of_three_that_move_as_one_are_a_warning() -> None:
    spend = varied(channels=3)
    spend[:, 2] = 2 * spend[:, 0]
    assert any("Channel 1 and Channel 3 rise and fall together" in note for note in check_data(frame_with(spend)))


def test_constant_revenue_is_refused() -> None:
    with pytest.raises(ConstantRevenue):
        check_data(frame_with(varied(), np.full(200, 70.0)))


@pytest.mark.parametrize("sign", [-1.0, 0.1])
def test_refunds_that_eat_up_the_sales_are_refused(sign: float) -> None:
    revenue = calm_business().revenue[:200].copy()
    revenue[::2] *= -1
    with pytest.raises(NoNetRevenue, match="Refunds exceed sales"):
        check_data(frame_with(varied(), sign * np.abs(revenue) if sign < 0 else revenue))


def test_a_break_in_the_level_of_revenue_is_said_and_nothing_is_reliable_across_it() -> None:
    frame = calm_business().frame()
    broken = replace(frame, revenue=np.where(np.arange(365) < 180, 1.0, 8.0) * frame.revenue)
    assert any("times its level around 2024-0" in note for note in check_data(broken))
    assert level_break(frame) is None
    assert "reliable" not in {channel.grade for channel in fit_mix(broken).channels}


def test_grades_follow_the_spread_of_the_draws() -> None:
    log_roi = np.random.default_rng(0).standard_normal(2000)
    narrow, wide, vague = (np.exp(spread * log_roi) for spread in (0.1, 0.4, 0.9))
    assert grade_channel(narrow, 0.8, 0.99, days=365)[0] == "reliable"
    assert grade_channel(wide, 0.5, 0.9, days=365)[0] == "uncertain"
    assert grade_channel(vague, 0.2, 0.4, days=365)[0] == "cannot_tell"
    assert grade_channel(narrow, 0.0, 0.99, days=365)[0] == "cannot_tell"
    assert grade_channel(narrow, 0.8, 0.99, days=90)[0] == "uncertain"
    assert grade_channel(narrow, 0.8, 0.99, days=365, settled=False)[0] == "cannot_tell"


def test_a_spend_that_must_be_a_mistake_is_refused_with_its_day() -> None:
    spend = varied()
    spend[17, 1] = 1e12
    with pytest.raises(BadFrame, match="Channel 2 on 2024-01-18"):
        check_data(frame_with(spend))


def test_short_histories_and_far_out_revenue_are_said() -> None:
    revenue = calm_business().revenue[:100].copy()
    revenue[30] = 1e9
    notes = check_data(frame_with(varied(100), revenue))
    assert any("100 days are little" in note for note in notes)
    assert any("2024-01-31 is far outside" in note for note in notes)


def test_every_refusal_says_what_to_do() -> None:
    refusals: list[MlError] = [
        TooShort(10, 60),
        TooFewChannels(["Search"]),
        NoSpend(),
        NoVariation("Search"),
        CollinearChannels([("Search", "Social")]),
        ConstantRevenue(1.0),
        NoNetRevenue(-5.0),
    ]
    assert all(refusal.detail and refusal.hint for refusal in refusals)
