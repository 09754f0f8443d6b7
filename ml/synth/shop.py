"""The demo's world: two years of a small outdoor shop on six channels, with seasons, sales and campaigns that come and go."""

from datetime import date, timedelta

import numpy as np

from ml.synth.business import ChannelTruth, Market, Promotion
from ml.synth.simulate import Simulated, simulate

CHANNELS = (
    ChannelTruth(
        "Google Search", 145.0, 2.9, "pulsed", mean_lag_days=1.2, half=1.8, slope=1.0, chasing=0.3,
        claimed=0.9, poached=0.05, cost_per_thousand=38.0, click_rate=0.045,
    ),
    ChannelTruth(
        "Facebook Ads", 120.0, 1.7, "pulsed", mean_lag_days=3.0, half=1.3, slope=1.2, chasing=0.1,
        claimed=0.6, poached=0.03, cost_per_thousand=9.5, click_rate=0.011,
    ),
    ChannelTruth(
        "Instagram Ads", 85.0, 2.1, "pulsed", mean_lag_days=3.5, half=1.5, slope=1.2, chasing=0.1,
        claimed=0.45, poached=0.02, cost_per_thousand=8.2, click_rate=0.008,
    ),
    ChannelTruth(
        "TikTok Ads", 60.0, 0.7, "pulsed", mean_lag_days=2.0, half=0.9, slope=1.4, starts_after_days=190,
        claimed=0.35, poached=0.01, cost_per_thousand=5.5, click_rate=0.009,
    ),
    ChannelTruth(
        "Email", 30.0, 5.4, "pulsed", mean_lag_days=1.0, half=1.6, slope=1.0, chasing=0.1,
        claimed=0.8, poached=0.04, cost_per_thousand=4.0, click_rate=0.028,
    ),
    ChannelTruth(
        "Pinterest Ads", 18.0, 1.3, "always_on", mean_lag_days=5.0, half=1.4, slope=1.1, chasing=0.2,
        claimed=0.5, poached=0.01, cost_per_thousand=6.0, click_rate=0.006,
    ),
)  # fmt: skip

SALES = (
    ("Spring sale", 4, 10, 4, 0.32),
    ("Hiking week", 6, 20, 5, 0.24),
    ("End of summer sale", 8, 28, 4, 0.35),
    ("Black Friday", 11, 26, 5, 0.75),
    ("Christmas shipping deadline", 12, 14, 5, 0.40),
)


def demo_shop(seed: int, end_on: date, days: int = 730) -> Simulated:
    """The shop's last `days` days up to and with `end_on`; about 1.3 million in revenue a year, 450 a day spent on ads.

    Google Search, Facebook and Instagram run in campaigns with pauses, so that their effect can be measured; Pinterest
    has always run at one level, so that it cannot; TikTok started later and hardly pays.
    """
    start = end_on - timedelta(days=days - 1)
    market = Market(
        baseline_per_day=2300.0,
        growth=0.22,
        weekday_swing=0.11,
        yearly_swing=0.17,
        peak_day_of_year=160,
        promotions=_sales(start, end_on),
        noise_share=0.055,
        noise_rho=0.2,
    )
    channels = [channel for channel in CHANNELS if channel.starts_after_days < days - 14]
    return simulate(seed=seed, days=days, channels=channels, start=start, market=market)


def _sales(start: date, end_on: date) -> tuple[Promotion, ...]:
    """Each year's sales, a few days off from one year to the next as in life, within the period."""
    sales = []
    for year in range(start.year, end_on.year + 1):
        rng = np.random.default_rng(year)
        for name, month, day, length, lift in SALES:
            starts_on = date(year, month, day) + timedelta(days=int(rng.integers(-2, 3)))
            if start <= starts_on and starts_on + timedelta(days=length - 1) <= end_on:
                sales.append(Promotion(name, starts_on, length, lift * float(rng.uniform(0.9, 1.1))))
    return tuple(sales)
