"""Small worlds for tests of experiments: shoppers of two versions, and a business whose channel was paused."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np

from ml.adstock import carry_over, lag_weights
from ml.frames import MarketingFrame

START = date(2024, 1, 1)
FIRST, DAYS = 150, 14
PAUSED_ON, RESUMED_AFTER = START + timedelta(days=FIRST), START + timedelta(days=FIRST + DAYS - 1)


def paused_shop(
    *, roi: float = 3.0, noise: float = 60.0, days: int = 220, seed: int = 3
) -> tuple[MarketingFrame, float]:
    """A shop of 2,000 a day that pauses Social (about 200 a day, return `roi`, mean lag 2 days) for two weeks, and what that
    truly cost. Search goes on as it was."""
    rng = np.random.default_rng(seed)
    planned = 200 * np.exp(rng.normal(0, 0.15, days))
    planned[FIRST : FIRST + DAYS] = planned[FIRST - 14 : FIRST].mean()
    actual = planned.copy()
    actual[FIRST : FIRST + DAYS] = 0.0
    search = 150 * np.exp(rng.normal(0, 0.2, days))
    kernel = lag_weights(2.0, 0.0, 40)
    week = 150 * np.array([-0.6, -0.8, -0.5, -0.1, 0.5, 1.0, 0.5])[np.arange(days) % 7]
    before = 2000 + 1.5 * np.arange(days) + week + 2 * search + rng.normal(0, noise, days)
    lost = roi * (carry_over(planned, kernel, before=200.0) - carry_over(actual, kernel, before=200.0)).sum()
    frame = MarketingFrame(
        dates=np.datetime64(START) + np.arange(days),
        cadence_days=1,
        channels=("Social", "Search"),
        spend=np.column_stack([actual, search]),
        revenue=before + roi * carry_over(actual, kernel, before=200.0),
    )
    return frame, float(lost)


def scaled(frame: MarketingFrame, factor: float) -> MarketingFrame:
    """The same business in another currency."""
    return replace(frame, spend=frame.spend * factor, revenue=frame.revenue * factor)


def regional_revenue(
    *, lost_share: float, regions: int = 12, periods: int = 80, seed: int = 5
) -> tuple[np.ndarray, float]:
    """(n, G) revenue that follows shared demand; the first two regions lose a share of it in the last 14 periods."""
    rng = np.random.default_rng(seed)
    demand = 1 + rng.normal(0, 0.03, periods).cumsum()
    table = rng.lognormal(7, 0.5, regions) * (demand[:, None] + rng.normal(0, 0.04, (periods, regions)))
    lost = lost_share * table[-14:, :2].sum()
    table[-14:, :2] *= 1 - lost_share
    return table, float(lost)
