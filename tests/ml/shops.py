"""Small shops for tests of the forecast: revenue whose level, weekdays, season and spend effects are known."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from ml.forecast import Forecast, ForecastOptions, forecast_revenue
from ml.forecast.options import ModelChoice
from ml.frames import Event, FloatArray, MarketingFrame

START = np.datetime64("2024-01-01")  # a Monday
CHANNELS = ("Search", "Social")
WEEKDAY = np.array([1.0, 0.95, 0.95, 1.0, 1.1, 1.2, 0.8])


def expected_revenue(dates: np.ndarray, spend: FloatArray, growth: float = 0.0) -> FloatArray:
    """Per day: 1,000 by weekday, growing by `growth` a year, and 120 per doubling of Search over its usual 50."""
    day = (dates - START).astype(int)
    revenue: FloatArray = 1000.0 * WEEKDAY[day % 7] * (1 + growth * day / 365) + 170.0 * np.log1p(spend[:, 0] / 50)
    return revenue


def shop(
    days: int, *, seed: int = 1, noise: float = 0.05, growth: float = 0.0, events: tuple[Event, ...] = ()
) -> MarketingFrame:
    """A shop with a channel that works, Search, and one that does not, Social; both change every two weeks."""
    rng = np.random.default_rng(seed)
    dates = START + np.arange(days)
    spend = np.repeat(rng.uniform(5, 150, (days // 14 + 1, 2)), 14, axis=0)[:days]
    revenue = expected_revenue(dates, spend, growth) * np.exp(noise * rng.standard_normal(days))
    for event in events:
        revenue[(dates >= np.datetime64(event.on)) & (dates < np.datetime64(event.on) + 3)] *= 1.4
    return MarketingFrame(
        dates=dates, cadence_days=1, channels=CHANNELS, spend=spend, revenue=revenue, events=events, currency="EUR"
    )


def sale(on: date, name: str, days: int = 3) -> tuple[Event, ...]:
    return tuple(Event(on + timedelta(days=day), name) for day in range(days))


@lru_cache
def forecast_of_year(model: ModelChoice = "auto") -> Forecast:
    """400 days of `shop` and 60 days ahead, as several tests look at it."""
    return forecast_revenue(shop(400), horizon_days=60, options=ForecastOptions(model=model))
