"""Small simulated businesses that several tests look at, each fitted once."""

from datetime import date
from functools import lru_cache

from ml.mix import MixFit, fit_mix
from ml.synth import ChannelTruth, Market, Promotion, Simulated, simulate

START = date(2024, 1, 1)
CALM = Market(
    baseline_per_day=2000.0,
    noise_share=0.03,
    promotions=(Promotion("Spring sale", date(2024, 4, 10), 4, 0.3), Promotion("Fair", date(2024, 9, 6), 3, 0.25)),
)
PULSED = (
    ChannelTruth("Search", 120.0, 3.0, "pulsed", mean_lag_days=1.0),
    ChannelTruth("Social", 90.0, 1.5, "pulsed", mean_lag_days=3.0),
    ChannelTruth("Video", 70.0, 0.0, "pulsed", mean_lag_days=2.0),
    ChannelTruth("Display", 25.0, 2.0, "always_on", mean_lag_days=2.0),
)


@lru_cache
def calm_business() -> Simulated:
    """One year, little noise: two channels that can be measured, one that does nothing, one that never changes."""
    return simulate(seed=5, days=365, channels=PULSED, start=START, market=CALM)


@lru_cache
def calm_fit() -> MixFit:
    return fit_mix(calm_business().frame(), seed=1)


@lru_cache
def short_business() -> Simulated:
    """Four months of two channels that can be measured."""
    return simulate(seed=8, days=120, channels=PULSED[:2], start=START, market=CALM)


@lru_cache
def steady_fit() -> MixFit:
    """Channels that have always run at one level each: nothing can be told."""
    channels = [ChannelTruth(name, 60.0, 1.5, "always_on") for name in ("Search", "Social", "Video")]
    noisy = Market(baseline_per_day=3000.0, noise_share=0.12)
    return fit_mix(simulate(seed=2, days=150, channels=channels, start=START, market=noisy).frame())
