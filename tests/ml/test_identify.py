"""Before any fit: channels that moved on their own can be measured, others cannot, and each is told why and what would help."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.errors import NoSpend, TooShort
from ml.frames import MarketingFrame
from ml.mix.identify import SpendGrade, identify
from ml.synth import ChannelTruth, Market, simulate
from tests.ml.businesses import calm_business

START = date(2024, 1, 1)


def graded(frame: MarketingFrame) -> dict[str, SpendGrade]:
    return {grade.channel: grade for grade in identify(frame)}


def with_spend(frame: MarketingFrame, channel: str, spend: np.ndarray) -> MarketingFrame:
    spends = frame.spend.copy()
    spends[:, frame.channels.index(channel)] = spend
    return replace(frame, spend=spends)


def test_pulsed_channels_can_be_measured_and_a_steady_one_cannot() -> None:
    grades = graded(calm_business().frame())
    assert grades["Search"].grade == "reliable"
    assert grades["Search"].pulses >= 5
    assert grades["Search"].would_help == ""
    assert grades["Display"].grade == "cannot_tell"
    assert grades["Display"].pulses == 0
    assert "hardly ever changes" in grades["Display"].reason
    assert "Pause Display" in grades["Display"].would_help


def test_two_channels_that_move_together_are_named() -> None:
    frame = calm_business().frame()
    twin = 0.5 * frame.spend[:, 0] * (1 + 0.02 * np.sin(np.arange(frame.periods)))
    grades = graded(with_spend(frame, "Social", twin))
    for name, other in (("Search", "Social"), ("Social", "Search")):
        assert grades[name].grade == "cannot_tell"
        assert grades[name].overlaps_with == other
        assert other in grades[name].reason
        assert grades[name].overlap > 0.95


def test_spend_that_follows_the_season_cannot_be_told_from_it() -> None:
    frame = calm_business().frame()
    wave = 100 + 80 * np.cos(2 * np.pi * np.arange(frame.periods) / 365.25)
    grade = graded(with_spend(frame, "Social", wave))["Social"]
    assert grade.grade != "reliable"
    assert grade.own_movement < 0.3
    assert "season" in grade.reason


def test_a_pause_helps_as_it_is_said_to() -> None:
    frame = calm_business().frame()
    paused = frame.spend[:, frame.channels.index("Display")].copy()
    paused[100:121] = 0
    before, after = graded(frame)["Display"], graded(with_spend(frame, "Display", paused))["Display"]
    assert after.expected_error < 0.2 * before.expected_error
    assert after.pulses == 1


def test_more_noise_and_less_history_lower_what_can_be_expected() -> None:
    run = calm_business()
    quiet = graded(run.frame())["Search"].expected_error
    short = graded(run.frame().slice(0, 120))["Search"].expected_error
    noise = np.random.default_rng(1).normal(0, 600, len(run.revenue))
    loud = graded(replace(run.frame(), revenue=run.revenue + noise))["Search"].expected_error
    assert quiet < short
    assert quiet < loud


@settings(max_examples=15, deadline=None)
@given(st.floats(1e-3, 1e6), st.permutations(range(4)))
def test_neither_the_currency_nor_the_order_of_channels_matters(unit: float, order: list[int]) -> None:
    frame = calm_business().frame()
    moved = replace(
        frame,
        spend=frame.spend[:, order] * unit,
        revenue=frame.revenue * unit,
        channels=tuple(frame.channels[index] for index in order),
    )
    plain, other = graded(frame), graded(moved)
    for name in frame.channels:
        assert other[name].grade == plain[name].grade
        assert other[name].expected_error == pytest.approx(plain[name].expected_error, rel=1e-4)
        assert other[name].own_movement == pytest.approx(plain[name].own_movement, rel=1e-4)


def test_weeks_are_graded_as_days_are() -> None:
    run = simulate(
        seed=4,
        days=728,
        start=START,
        market=Market(noise_share=0.04),
        channels=[
            ChannelTruth("Search", 150.0, 2.0, "pulsed"),
            ChannelTruth("Display", 40.0, 2.0, "always_on"),
        ],
    )
    grades = graded(run.frame().weekly())
    assert grades["Search"].grade in ("reliable", "uncertain")
    assert grades["Display"].grade == "cannot_tell"


def test_odd_data_are_graded_and_never_crash() -> None:
    frame = calm_business().frame()
    n = frame.periods
    gap = np.ones(n, bool)
    gap[50:60] = False
    odd = [
        replace(frame, revenue=np.zeros(n)),
        replace(frame, revenue=np.full(n, 5.0)),
        replace(frame, revenue=np.where(np.arange(n) == 40, 1e12, frame.revenue)),
        replace(frame, revenue=-frame.revenue),
        replace(frame, observed=gap),
        with_spend(frame, "Social", np.full(n, 10.0)),
        with_spend(frame, "Social", np.where(np.arange(n) == 7, 1e12, 0.0)),
        replace(frame, spend=frame.spend[:, :1], channels=("Search",)),
        replace(frame, spend=frame.spend * 1e12, revenue=frame.revenue * 1e12),
    ]
    for strange in odd:
        for grade in identify(strange):
            assert np.isfinite([grade.own_movement, grade.expected_error, grade.overlap]).all()
            assert grade.reason
            assert grade.to_dict()["channel"] == grade.channel
    assert graded(odd[5])["Social"].grade == "cannot_tell"


def test_what_cannot_be_graded_is_refused() -> None:
    frame = calm_business().frame()
    with pytest.raises(TooShort):
        identify(frame.slice(0, 30))
    with pytest.raises(NoSpend):
        identify(replace(frame, spend=np.zeros((frame.periods, 0)), channels=()))
    with pytest.raises(NoSpend):
        identify(with_spend(frame, "Social", np.zeros(frame.periods)))
