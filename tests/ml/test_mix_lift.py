"""Experiments enter the model as returns, returns of a window, or changes of revenue, and nonsense is refused."""

from datetime import date, timedelta

import numpy as np
import pytest

from ml.errors import BadOption
from ml.frames import MarketingFrame
from ml.mix import LiftTest, LiftWindow, MixOptions, fit_mix
from ml.mix.lift import Experiment
from ml.synth import Simulated, simulate
from tests.ml.businesses import CALM, PULSED, START, calm_business, calm_fit

QUICK = MixOptions(chains=16, warm_up=30, draws=40)
FIRST, LAST = date(2024, 6, 3), date(2024, 6, 23)


def fitted_display(experiment: Experiment) -> tuple[float, float]:
    channel = fit_mix(calm_business().frame(), seed=1, options=QUICK, lift_tests=[experiment]).channel("Display")
    return channel.roi_mean, channel.roi_high - channel.roi_low


def true_loss_of_a_pause(channel: str) -> float:
    """What pausing the channel in the window truly does to the window's revenue: the same business, told to pause."""
    run = calm_business()
    index = run.names.index(channel)
    days = window_of(run)
    return -float(run.contribution[days, index].sum())


def window_of(run: Simulated) -> np.ndarray:
    dates = run.dates.astype(object)
    return np.array([FIRST <= on <= LAST for on in dates])


def test_the_return_of_a_window_narrows_a_channel_that_never_changes() -> None:
    before = calm_fit().channel("Display")
    mean, width = fitted_display(LiftTest("Display", roi=2.0, roi_sd=0.2, starts_on=FIRST, ends_on=LAST))
    assert mean == pytest.approx(2.0, rel=0.15)
    assert width < 0.6 * (before.roi_high - before.roi_low)


def test_a_change_of_revenue_against_another_spend_narrows_it_too() -> None:
    before = calm_fit().channel("Display")
    spent = 25.0 * 21
    window = LiftWindow("Display", FIRST, LAST, increment=2.0 * spent, increment_sd=0.2 * spent, otherwise_per_day=0.0)
    mean, width = fitted_display(window)
    assert mean == pytest.approx(2.0, rel=0.3)
    assert width < 0.7 * (before.roi_high - before.roi_low)


def test_a_pause_is_a_loss_against_the_spend_of_the_weeks_before() -> None:
    paused = paused_display()
    before = paused.spend[(paused.dates >= np.datetime64("2024-05-06")) & (paused.dates < np.datetime64("2024-06-03"))]
    lost = -1.8 * float(before[:, 3].mean()) * 21
    fit = fit_mix(paused, seed=1, options=QUICK, lift_tests=[LiftWindow("Display", FIRST, LAST, lost, 0.1 * abs(lost))])
    assert fit.channel("Display").roi_low > 0
    assert fit.channel("Display").roi_mean == pytest.approx(2.0, rel=0.3)


def paused_display() -> MarketingFrame:
    frame = simulate(seed=5, days=365, channels=PULSED, start=START, market=CALM).frame()
    spend = frame.spend.copy()
    spend[window_of(calm_business()), 3] = 0.0
    revenue = frame.revenue - calm_business().contribution[:, 3] * window_of(calm_business())
    return MarketingFrame(frame.dates, 1, frame.channels, spend, revenue, frame.events)


@pytest.mark.parametrize(
    ("make", "complaint"),
    [
        (lambda: LiftTest("Search", float("nan"), 0.1), "standard error above 0"),
        (lambda: LiftTest("Search", 1.0, float("inf")), "standard error above 0"),
        (lambda: LiftTest("Search", 1.0, 0.1, starts_on=FIRST), "both its first and its last day"),
        (lambda: LiftTest("Search", 1.0, 0.1, starts_on=LAST, ends_on=FIRST), "ends before it starts"),
        (lambda: LiftWindow("Search", LAST, FIRST, 1.0, 1.0), "ends before it starts"),
        (lambda: LiftWindow("Search", FIRST, LAST, 1.0, 0.0), "standard error above 0"),
        (lambda: LiftWindow("Search", FIRST, LAST, 1.0, 1.0, otherwise_per_day=-3.0), "usual spend of 0 or more"),
    ],
)
def test_a_test_that_makes_no_sense_is_refused(make: object, complaint: str) -> None:
    assert callable(make)
    with pytest.raises(BadOption, match=complaint):
        make()


@pytest.mark.parametrize(
    ("experiment", "complaint"),
    [
        (LiftTest("Radio", 1.0, 0.1), "Radio, which has no spend"),
        (LiftTest("Display", 1.0, 0.1, date(2031, 1, 1), date(2031, 1, 9)), "outside the data"),
        (LiftWindow("Display", date(2019, 1, 1), date(2019, 1, 9), 1.0, 1.0), "outside the data"),
        (LiftWindow("Display", FIRST, LAST, 1.0, 1.0, otherwise_per_day=None), None),
    ],
)
def test_a_test_must_fit_the_data(experiment: Experiment, complaint: str | None) -> None:
    frame = calm_business().frame()
    if complaint is None:
        assert fit_mix(frame, options=QUICK, lift_tests=[experiment]).channels
        return
    with pytest.raises(BadOption, match=complaint):
        fit_mix(frame, options=QUICK, lift_tests=[experiment])


def test_there_is_no_return_on_a_window_without_spend() -> None:
    with pytest.raises(BadOption, match="spent nothing"):
        fit_mix(paused_display(), options=QUICK, lift_tests=[LiftTest("Display", 1.0, 0.1, FIRST, LAST)])


def test_a_change_against_the_spend_that_was_is_refused() -> None:
    frame = calm_business().frame()
    spend = frame.spend.copy()
    spend[:, 3] = 25.0
    steady = MarketingFrame(frame.dates, 1, frame.channels, spend, frame.revenue)
    with pytest.raises(BadOption, match="was as usual"):
        fit_mix(steady, options=QUICK, lift_tests=[LiftWindow("Display", FIRST, LAST, 1.0, 1.0)])


def test_windows_work_on_weeks_too() -> None:
    weekly = calm_business().frame().weekly()
    spent = float(weekly.spend[:, 3].mean()) / 7 * (LAST - FIRST + timedelta(days=1)).days
    window = LiftWindow("Display", FIRST, LAST, increment=2.0 * spent, increment_sd=0.2 * spent, otherwise_per_day=0.0)
    channel = fit_mix(weekly, options=QUICK, lift_tests=[window]).channel("Display")
    assert channel.roi_low > 0
