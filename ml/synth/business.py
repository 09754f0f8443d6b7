"""What a simulated business is like: its market without ads, and per channel how it spends and what that brings."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, TypeAlias

import numpy as np

SpendStyle: TypeAlias = Literal["pulsed", "stepped", "always_on"]
Family: TypeAlias = Literal["hill", "delayed", "power"]

CHANNEL_NAMES = (
    "Google Search",
    "Facebook Ads",
    "TikTok Ads",
    "Email",
    "YouTube Ads",
    "Display",
    "Influencer",
    "LinkedIn Ads",
)


@dataclass(frozen=True)
class Promotion:
    """A sale: sales without ads are `lift` higher on its days. An unreported one is not among the events of the data."""

    name: str
    starts_on: date
    days: int
    lift: float
    reported: bool = True


@dataclass(frozen=True)
class Market:
    """Sales without ads: level per day, growth over the whole period, weekday and yearly swings, promotions, noise.

    Noise is a share of the level (`noise_share`), AR(1) with `noise_rho`, Student t with 3 degrees where `heavy_tails`.
    """

    baseline_per_day: float = 3000.0
    growth: float = 0.15
    weekday_swing: float = 0.12
    yearly_swing: float = 0.15
    peak_day_of_year: int = 345
    promotions: tuple[Promotion, ...] = ()
    noise_share: float = 0.06
    noise_rho: float = 0.2
    heavy_tails: bool = False


@dataclass(frozen=True)
class ChannelTruth:
    """How a channel spends and what it truly brings.

    `roi` revenue per unit of spend over the whole period; `half` the half level in multiples of usual spend; the lag kernel is
    the model's own (`hill`), one that peaks later (`delayed`), or with a power curve instead of a Hill curve (`power`).
    `chasing` is how far spend follows demand, `together` how far it follows the other channels; `claimed` is the share of
    its contribution that last-click reporting credits to it, `poached` the share of sales without ads that it takes credit for.
    """

    name: str
    spend_per_day: float
    roi: float
    style: SpendStyle = "stepped"
    family: Family = "hill"
    mean_lag_days: float = 3.0
    half: float = 1.4
    slope: float = 1.1
    chasing: float = 0.1
    together: float = 0.0
    starts_after_days: int = 0
    claimed: float = 0.6
    poached: float = 0.03
    cost_per_thousand: float = 9.0
    click_rate: float = 0.012


def random_business(
    rng: np.random.Generator, *, channels: int, days: int, start: date, family: Family = "hill"
) -> tuple[Market, tuple[ChannelTruth, ...]]:
    """A market and its channels, drawn as wide as small businesses differ: share of ads 12–45 %, ROI 0.4–5, one in six
    channels without any effect, half of them pulsed."""
    spend = float(np.exp(rng.uniform(np.log(150), np.log(2500))))
    shares = rng.dirichlet(np.full(channels, 4.0))
    together, chasing = float(rng.choice([0.0, 0.3, 0.6])), float(rng.choice([0.0, 0.2, 0.5]))
    truths = tuple(
        ChannelTruth(
            name=CHANNEL_NAMES[index],
            spend_per_day=spend * float(shares[index]),
            roi=0.0 if rng.random() < 1 / 6 else float(np.exp(rng.uniform(np.log(0.4), np.log(5.0)))),
            style=_random_style(rng),
            family=family,
            mean_lag_days=float(np.exp(rng.uniform(np.log(0.4), np.log(6.0)))),
            half=float(rng.uniform(0.6, 2.5)),
            slope=float(rng.uniform(0.8, 1.6)),
            chasing=chasing,
            together=together,
            claimed=float(rng.uniform(0.2, 0.9)),
            poached=float(rng.uniform(0.0, 0.08)),
        )
        for index in range(channels)
    )
    media = sum(truth.roi * truth.spend_per_day for truth in truths)
    ad_share = float(rng.uniform(0.12, 0.45))
    market = Market(
        baseline_per_day=max(media, 0.3 * spend) * (1 - ad_share) / ad_share,
        growth=float(rng.uniform(-0.15, 0.35)),
        weekday_swing=float(rng.uniform(0.03, 0.2)),
        yearly_swing=float(rng.uniform(0.02, 0.2)),
        peak_day_of_year=int(rng.integers(1, 366)),
        promotions=_random_promotions(rng, start, days),
        noise_share=float(rng.uniform(0.03, 0.12)),
        noise_rho=float(rng.uniform(0.0, 0.4)),
        heavy_tails=bool(rng.random() < 0.25),
    )
    return market, truths


def _random_style(rng: np.random.Generator) -> SpendStyle:
    """A spending style: half of all channels are pulsed, a third stepped, the rest always on."""
    styles: tuple[SpendStyle, ...] = ("pulsed", "stepped", "always_on")
    return styles[int(rng.choice(3, p=[0.5, 0.33, 0.17]))]


def _random_promotions(rng: np.random.Generator, start: date, days: int) -> tuple[Promotion, ...]:
    count = int(rng.poisson(days / 75))
    return tuple(
        Promotion(
            name=f"Promotion {index + 1}",
            starts_on=start + timedelta(days=int(rng.integers(0, days))),
            days=int(rng.integers(2, 6)),
            lift=float(rng.uniform(0.1, 0.5)),
            reported=bool(rng.random() < 0.85),
        )
        for index in range(count)
    )
