"""What cannot be forecast is refused with a reason, and what looks odd is answered without a crash."""

from dataclasses import replace

import numpy as np
import pytest

from ml.errors import BadFrame, BadOption, CannotFit, ConstantRevenue, TooShort
from ml.forecast import ForecastOptions, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.forecast.prophet_candidate import ProphetFailed
from tests.ml.shops import shop

FAST = ForecastOptions(model="structural", origins=3)


def test_fifty_nine_days_are_too_short_and_sixty_are_enough() -> None:
    with pytest.raises(TooShort, match="59 days") as refusal:
        forecast_revenue(shop(59), horizon_days=7)
    assert (refusal.value.days, refusal.value.needed) == (59, 60)
    assert len(forecast_revenue(shop(60), horizon_days=7, options=FAST).mean) == 7


def test_twenty_five_weeks_are_too_short_and_twenty_six_are_enough() -> None:
    with pytest.raises(TooShort):
        forecast_revenue(shop(175).weekly(), horizon_days=28)
    assert len(forecast_revenue(shop(182).weekly(), horizon_days=28, options=FAST).mean) == 4


def test_days_before_the_first_sale_do_not_count() -> None:
    frame = shop(200)
    opened = replace(frame, revenue=np.where(np.arange(200) < 120, 0.0, frame.revenue))
    forecast = forecast_revenue(opened, horizon_days=7, options=FAST)
    assert len(forecast.history.dates) == 80
    assert any("no revenue and is left out" in warning for warning in forecast.warnings)
    with pytest.raises(TooShort):
        forecast_revenue(replace(frame, revenue=np.where(np.arange(200) < 150, 0.0, frame.revenue)))


def test_constant_revenue_is_refused() -> None:
    frame = shop(100)
    with pytest.raises(ConstantRevenue, match=r"5\.00"):
        forecast_revenue(replace(frame, revenue=np.full(100, 5.0)))


def test_revenue_that_is_never_above_zero_is_refused() -> None:
    frame = shop(100)
    with pytest.raises(CannotFit, match="never above zero"):
        forecast_revenue(replace(frame, revenue=-frame.revenue))


def test_hardly_any_sales_are_refused() -> None:
    frame = shop(100)
    with pytest.raises(CannotFit, match="Only 10 days have revenue"):
        forecast_revenue(replace(frame, revenue=np.where(np.arange(100) % 10 == 0, 80.0, 0.0)))


@pytest.mark.parametrize("horizon_days", [0, -5, 366])
def test_a_horizon_outside_a_year_is_refused(horizon_days: int) -> None:
    with pytest.raises(BadOption, match="Choose 1 to 365 days"):
        forecast_revenue(shop(100), horizon_days=horizon_days)


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(BadOption, match="ZQ"):
        forecast_revenue(shop(100), horizon_days=7, options=ForecastOptions(model="structural", country="ZQ"))


def test_options_outside_their_range_are_refused() -> None:
    with pytest.raises(BadOption, match="too few"):
        ForecastOptions(origins=1)
    with pytest.raises(BadOption, match="no model"):
        ForecastOptions(model="oracle")  # type: ignore[arg-type]  # what an outside caller may send


@pytest.mark.parametrize("unit", [1e12, 1e-9])
def test_huge_and_tiny_amounts_are_answered(unit: float) -> None:
    frame = shop(100)
    forecast = forecast_revenue(replace(frame, revenue=unit * frame.revenue), horizon_days=14, options=FAST)
    assert forecast.mean.mean() == pytest.approx(unit * 1200, rel=0.3)


def test_refunds_are_answered_with_a_warning() -> None:
    frame = shop(150)
    refunded = np.where(np.arange(150) % 40 == 7, -300.0, frame.revenue)
    forecast = forecast_revenue(replace(frame, revenue=refunded), horizon_days=14, options=FAST)
    assert (forecast.low95 >= 0).all()
    assert any("negative revenue" in warning for warning in forecast.warnings)


@pytest.mark.parametrize("mistake", [1e12, -1e9])
@pytest.mark.parametrize("day", [3, 100, 199])
def test_an_amount_that_must_be_a_mistake_is_left_out_and_named(mistake: float, day: int) -> None:
    frame = shop(200)
    wrong = replace(frame, revenue=np.where(np.arange(200) == day, mistake, frame.revenue))
    forecast = forecast_revenue(wrong, horizon_days=14, options=FAST)
    plain = forecast_revenue(frame, horizon_days=14, options=FAST)
    assert forecast.mean.mean() == pytest.approx(plain.mean.mean(), rel=0.05)
    assert any(str(frame.dates[day]) in warning and "far outside" in warning for warning in forecast.warnings)
    assert np.isnan(forecast.history.actual[day])


def test_a_very_good_day_is_no_mistake() -> None:
    frame = shop(200)
    sale = replace(frame, revenue=np.where(np.arange(200) == 100, 12 * frame.revenue, frame.revenue))
    assert not any("far outside" in text for text in forecast_revenue(sale, horizon_days=14, options=FAST).warnings)


def test_a_spend_that_must_be_a_mistake_is_refused() -> None:
    frame = shop(200)
    spend = frame.spend.copy()
    spend[100, 0] = 1e12
    with pytest.raises(BadFrame, match="Search on 2024-04-10"):
        forecast_revenue(replace(frame, spend=spend), horizon_days=14, options=FAST)


def test_a_refund_lowers_no_other_day() -> None:
    frame = shop(200)
    refunded = replace(frame, revenue=np.where(np.arange(200) == 150, -15_000.0, frame.revenue))
    plain, with_refund = (forecast_revenue(part, horizon_days=14, options=FAST) for part in (frame, refunded))
    assert with_refund.mean.mean() == pytest.approx(plain.mean.mean(), rel=0.05)


@pytest.mark.parametrize("model", ["auto", "structural"])
def test_spend_of_zero_everywhere_is_answered_without_effects(model: ModelChoice) -> None:
    frame = shop(120)
    options = ForecastOptions(model=model, origins=3)
    forecast = forecast_revenue(replace(frame, spend=0 * frame.spend), horizon_days=14, options=options)
    assert (forecast.components.spend == 0).all()
    assert any("No effect on revenue was found" in warning for warning in forecast.warnings)


def test_the_mix_model_alone_is_refused_without_spend() -> None:
    frame = shop(120)
    with pytest.raises(CannotFit, match="needs a channel with spend"):
        forecast_revenue(
            replace(frame, spend=0 * frame.spend), horizon_days=14, options=ForecastOptions(model="mix", origins=3)
        )


def test_an_end_without_rows_is_answered() -> None:
    frame = shop(200)
    forecast = forecast_revenue(replace(frame, observed=np.arange(200) < 150), horizon_days=14, options=FAST)
    assert forecast.mean.mean() == pytest.approx(1200, rel=0.2)


def test_where_prophet_gives_up_the_structural_model_steps_in(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(*_: object, **__: object) -> None:
        raise RuntimeError("Error during optimization")

    import prophet

    monkeypatch.setattr(prophet.Prophet, "fit", give_up)
    forecast = forecast_revenue(shop(100), horizon_days=7, options=ForecastOptions(origins=3))
    assert forecast.model in {"Structural", "Mix model"}
    assert any("Prophet could not be fitted" in warning for warning in forecast.warnings)
    with pytest.raises(ProphetFailed):
        forecast_revenue(shop(100), horizon_days=7, options=ForecastOptions(model="prophet", origins=3))
