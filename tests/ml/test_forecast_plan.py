"""The planned-spend scenario: what a plan changes, what it cannot, and what is assumed without one."""

from datetime import date

import numpy as np
import pytest

from ml.errors import BadOption
from ml.forecast import Forecast, ForecastOptions, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.frames import MarketingFrame
from tests.ml.shops import CHANNELS, sale, shop

FAST = ForecastOptions(model="structural", origins=3)
Plan = dict[tuple[date, str], float]


def plan_of(frame: MarketingFrame, factor: float, channel: str = "Search", days: int = 30) -> Plan:
    """`factor` times the channel's last 28 days' average, every day."""
    usual = float(frame.spend[-28:, CHANNELS.index(channel)].mean())
    return {((frame.dates[-1] + 1 + day).item(), channel): factor * usual for day in range(days)}


def outlook(planned: Plan | None, model: ModelChoice = "structural", frame: MarketingFrame | None = None) -> Forecast:
    options = ForecastOptions(model=model, origins=3)
    return forecast_revenue(frame or shop(300), horizon_days=30, planned=planned, options=options)


@pytest.mark.parametrize("model", ["prophet", "structural"])
def test_more_spend_in_a_channel_that_works_brings_more_and_none_brings_less(model: str) -> None:
    frame = shop(300)
    choice: ModelChoice = "prophet" if model == "prophet" else "structural"
    none, usual, double = (outlook(plan_of(frame, factor), choice, frame).total for factor in (0.0, 1.0, 2.0))
    assert none < usual < double


def test_the_effect_of_a_plan_is_near_the_truth() -> None:
    frame = shop(400, noise=0.03)
    usual = float(frame.spend[-28:, 0].mean())
    change = outlook(plan_of(frame, 2.0), frame=frame).total - outlook(plan_of(frame, 1.0), frame=frame).total
    truth = 30 * 170.0 * (np.log1p(2 * usual / 50) - np.log1p(usual / 50))
    assert change == pytest.approx(truth, rel=0.5)


def test_spend_that_goes_with_less_revenue_is_never_taken_to_harm() -> None:
    frame = shop(300)
    harmful = MarketingFrame(frame.dates, 1, CHANNELS, frame.spend, 3000 - frame.revenue - 2 * frame.spend[:, 1])
    for model in ("prophet", "structural"):
        choice: ModelChoice = "prophet" if model == "prophet" else "structural"
        forecast = outlook(None, choice, harmful)
        assert (forecast.components.spend >= 0).all()
    assert outlook(plan_of(harmful, 3.0, "Social"), frame=harmful).total >= outlook(None, frame=harmful).total - 1e-6
    assert any("No effect on revenue was found" in warning for warning in forecast.warnings)


def test_a_plan_does_not_change_the_model() -> None:
    frame = shop(150)
    options = ForecastOptions(origins=3)
    without = forecast_revenue(frame, horizon_days=30, options=options)
    doubled = forecast_revenue(frame, horizon_days=30, planned=plan_of(frame, 2.0), options=options)
    assert without.backtest.candidates == doubled.backtest.candidates
    assert without.model == doubled.model


def test_without_a_plan_each_weekday_of_the_last_four_weeks_is_repeated() -> None:
    frame = shop(200)
    forecast = outlook(None, frame=frame)
    assumed = forecast.assumed_spend
    assert not assumed.is_planned
    assert assumed.channels == CHANNELS
    for day in range(7):
        same_weekday = frame.spend[200 + day - 28 : 200 + day : 7]
        assert assumed.spend[day] == pytest.approx(same_weekday.mean(0))
    assert assumed.spend[7:14] == pytest.approx(assumed.spend[:7])


def test_a_plan_holds_where_it_speaks_and_the_average_elsewhere() -> None:
    frame = shop(200)
    first = (frame.dates[-1] + 1).item()
    assumed = outlook({(first, " search "): 77.0}, frame=frame).assumed_spend
    usual = outlook(None, frame=frame).assumed_spend.spend
    assert assumed.is_planned
    assert assumed.spend[0, 0] == 77.0
    assert assumed.spend[1:] == pytest.approx(usual[1:])
    assert assumed.spend[0, 1] == pytest.approx(usual[0, 1])


def test_a_weekly_plan_is_added_up_from_its_days() -> None:
    frame = shop(280).weekly()
    first = frame.dates[-1] + 7
    plan = {((first + day).item(), "Search"): 10.0 for day in range(7)}
    forecast = forecast_revenue(frame, horizon_days=28, planned=plan, options=FAST)
    assert forecast.assumed_spend.spend[0, 0] == pytest.approx(70.0)
    assert forecast.assumed_spend.spend[1, 0] == pytest.approx(frame.spend[-4:, 0].mean())


def test_what_a_plan_cannot_say_is_told() -> None:
    frame = shop(200)
    after, before = (frame.dates[-1] + 500).item(), frame.dates[0].item()
    forecast = outlook({(after, "Search"): 5.0, (before, "Search"): 5.0, (after, "Radio"): 5.0}, frame=frame)
    text = " ".join(forecast.warnings)
    assert "Radio" in text
    assert "2 planned amounts lie outside" in text
    assert not forecast.assumed_spend.is_planned


def test_a_plan_far_beyond_the_past_is_warned_of() -> None:
    frame = shop(200)
    forecast = outlook(plan_of(frame, 50.0), frame=frame)
    assert any("far beyond" in warning and "Search" in warning for warning in forecast.warnings)


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf")])
def test_a_bad_amount_in_a_plan_is_refused(amount: float) -> None:
    frame = shop(200)
    with pytest.raises(BadOption, match="Search"):
        outlook({((frame.dates[-1] + 1).item(), "Search"): amount}, frame=frame)


def test_a_coming_sale_that_has_been_seen_before_lifts_its_days() -> None:
    past = (*sale(date(2024, 3, 1), "Sale 1"), *sale(date(2024, 5, 10), "Sale 2"), *sale(date(2024, 8, 2), "Sale 3"))
    coming = sale(date(2024, 11, 4), "Sale 4")
    frame = shop(300, events=(*past, *coming))
    with_sale = outlook(None, frame=frame)
    days = [int(np.flatnonzero(with_sale.dates == np.datetime64(event.on))[0]) for event in coming]
    lift = with_sale.components.events[300:]
    assert (lift[days] > 100).all()
    assert np.delete(lift, days) == pytest.approx(0.0, abs=1e-6)


def test_a_coming_event_that_was_never_seen_is_told() -> None:
    frame = shop(300, events=sale(date(2024, 11, 4), "Relaunch", days=1))
    forecast = outlook(None, frame=frame)
    assert any("Relaunch" in warning for warning in forecast.warnings)


def test_many_channels_are_told_apart_as_far_as_that_goes() -> None:
    frame = shop(200)
    rng = np.random.default_rng(0)
    names = (*CHANNELS, *(f"Small {number}" for number in range(9)))
    small = rng.uniform(0, 1, (200, 9))
    many = MarketingFrame(frame.dates, 1, names, np.hstack([frame.spend, small]), frame.revenue)
    forecast = outlook(None, frame=many)
    assert forecast.assumed_spend.spend.shape == (30, 11)
    assert any("largest channels" in warning for warning in forecast.warnings)
