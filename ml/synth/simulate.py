"""Run a business: spend, sales without ads, what each channel truly adds, and revenue with noise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from ml.adstock import carry_over, lag_weights
from ml.errors import BadOption
from ml.frames import DayArray, Event, FloatArray, MarketingFrame
from ml.saturation import hill
from ml.synth.business import ChannelTruth, Family, Market

KERNEL_DAYS = 84
POWER = 0.55
KERNEL_SHAPE: dict[Family, float] = {"hill": 0.0, "delayed": 1.0, "power": 0.5}


@dataclass(frozen=True, eq=False)
class Simulated:
    """A run, per day: `spend` and `contribution` (n, C), `baseline` and `revenue` (n,), all in currency units.

    `roi` and `mroi` (C,) are true over the whole run; `top` (C,) scales the true response curves.
    """

    dates: DayArray
    market: Market
    channels: tuple[ChannelTruth, ...]
    spend: FloatArray
    contribution: FloatArray
    baseline: FloatArray
    revenue: FloatArray
    roi: FloatArray
    mroi: FloatArray
    top: FloatArray
    usual_spend: FloatArray

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(channel.name for channel in self.channels)

    @property
    def events(self) -> tuple[Event, ...]:
        """One event per day of every reported promotion."""
        return tuple(
            Event(promotion.starts_on + timedelta(days=day), promotion.name)
            for promotion in self.market.promotions
            if promotion.reported
            for day in range(promotion.days)
        )

    def frame(self) -> MarketingFrame:
        """What an analyst would see of this business."""
        seen = self.spend.sum(0) > 0
        return MarketingFrame(
            dates=self.dates,
            cadence_days=1,
            channels=tuple(name for name, kept in zip(self.names, seen, strict=True) if kept),
            spend=self.spend[:, seen],
            revenue=self.revenue,
            events=self.events,
        )

    def response(self, spend_per_day: FloatArray) -> FloatArray:
        """True revenue per day, (C,) or (C, m), that constant spend per day of the same shape brings in the long run."""
        level = np.asarray(spend_per_day, float)
        extra = (np.s_[:],) + (None,) * (level.ndim - 1)
        levels = level / self.usual_spend[extra]
        curves = np.array([_curve(channel, row) for channel, row in zip(self.channels, levels, strict=True)])
        scaled: FloatArray = self.top[extra] * curves
        return scaled


def simulate(*, seed: int, days: int, channels: Sequence[ChannelTruth], start: date, market: Market) -> Simulated:
    """`days` days of the business from `start`, the same for the same `seed`.

    Revenue = baseline · (1 + promotion lift) + Σ contribution + noise, never below 0. The contribution of a channel is its
    curve of adstocked spend, scaled so that its sum is ROI · spend. Spend had run before the first day as it does after.
    """
    if days < 14 or not channels:
        raise BadOption("A simulation needs at least 14 days and one channel.")
    rng = np.random.default_rng(seed)
    dates = np.datetime64(start) + np.arange(days)
    baseline = _baseline(market, dates)
    shared = _shared_wave(rng, days)
    spend = np.column_stack([_spend(channel, rng, baseline, shared) for channel in channels])
    usual = np.array([column[column > 0].mean() if column.any() else 1.0 for column in spend.T])
    effects = [
        _effect(channel, column / level) for channel, column, level in zip(channels, spend.T, usual, strict=True)
    ]
    top = np.array([_top(*pair) for pair in zip(channels, spend.T, effects, strict=True)])
    contribution = np.column_stack(effects) * top
    noise = _noise(market, rng, days) * float((baseline + contribution.sum(1)).mean())
    return Simulated(
        dates=dates,
        market=market,
        channels=tuple(channels),
        spend=spend,
        contribution=contribution,
        baseline=baseline,
        revenue=np.round(np.maximum(baseline + contribution.sum(1) + noise, 0.0), 2),
        roi=np.array([channel.roi for channel in channels]),
        mroi=_marginal(channels, spend, usual, top),
        top=top,
        usual_spend=usual,
    )


def _baseline(market: Market, dates: DayArray) -> FloatArray:
    days = np.arange(len(dates))
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(int)
    weekday = (dates.astype(int) + 3) % 7
    growth = 1 + market.growth * days / len(dates)
    year = 1 + market.yearly_swing * np.cos(2 * np.pi * (day_of_year - market.peak_day_of_year) / 365.25)
    week = 1 + market.weekday_swing * np.array([-0.6, -0.8, -0.5, -0.1, 0.5, 1.0, 0.5])[weekday]
    promoted = np.ones(len(dates))
    for promotion in market.promotions:
        since = (dates - np.datetime64(promotion.starts_on)).astype(int)
        promoted[(since >= 0) & (since < promotion.days)] += promotion.lift
    level: FloatArray = market.baseline_per_day * growth * year * week * promoted
    return level


def _shared_wave(rng: np.random.Generator, days: int) -> FloatArray:
    """A slow wave of mean about 1 that channels which move together follow."""
    steps = np.repeat(rng.standard_normal(days // 7 + 1), 7)[:days]
    wave: FloatArray = np.exp(0.5 * np.convolve(steps, np.full(3, 1 / 3), mode="same"))
    return wave


def _spend(channel: ChannelTruth, rng: np.random.Generator, baseline: FloatArray, shared: FloatArray) -> FloatArray:
    days = len(baseline)
    pattern = {"pulsed": _pulses, "stepped": _steps, "always_on": _steady}[channel.style](rng, days)
    demand = (baseline / baseline.mean()) ** channel.chasing
    pattern = pattern * demand * shared**channel.together
    pattern[: channel.starts_after_days] = 0.0
    spend: FloatArray = np.round(pattern * channel.spend_per_day / pattern.mean(), 2)
    return spend


def _pulses(rng: np.random.Generator, days: int) -> FloatArray:
    """On for two to five weeks at a level of its own, then off for one to four."""
    level = np.zeros(days)
    day = int(rng.integers(0, 15))
    while day < days:
        on = int(rng.integers(14, 36))
        level[day : day + on] = rng.uniform(0.6, 1.5)
        day += on + int(rng.integers(7, 29))
    return np.maximum(level, 0.0 if level.any() else 1.0) * _jitter(rng, days, 0.15)


def _steps(rng: np.random.Generator, days: int) -> FloatArray:
    """A monthly budget that changes by about a quarter, never off."""
    changes = np.cumsum(rng.normal(0, 0.22, days // 30 + 1))
    budget: FloatArray = np.exp(np.repeat(changes, 30)[:days])
    return budget * _jitter(rng, days, 0.2)


def _steady(rng: np.random.Generator, days: int) -> FloatArray:
    return _jitter(rng, days, 0.06)


def _jitter(rng: np.random.Generator, days: int, spread: float) -> FloatArray:
    jitter: FloatArray = np.exp(rng.normal(0, spread, days))
    return jitter


def _effect(channel: ChannelTruth, level: FloatArray) -> FloatArray:
    """The curve of adstocked spend, (n,), before scaling."""
    weights = lag_weights(channel.mean_lag_days, KERNEL_SHAPE[channel.family], KERNEL_DAYS)
    before = 0.0 if channel.starts_after_days else float(level[:28].mean())
    return _curve(channel, np.maximum(carry_over(level, weights, before=before), 0.0))


def _curve(channel: ChannelTruth, level: FloatArray) -> FloatArray:
    if channel.family == "power":
        power: FloatArray = level**POWER
        return power
    return hill(level, channel.half, channel.slope)


def _top(channel: ChannelTruth, spend: FloatArray, effect: FloatArray) -> float:
    return channel.roi * float(spend.sum()) / max(float(effect.sum()), 1e-12)


def _marginal(
    channels: Sequence[ChannelTruth], spend: FloatArray, usual: FloatArray, top: FloatArray, step: float = 1e-3
) -> FloatArray:
    """Extra revenue per extra unit of spend, (C,), when a channel's whole spend is scaled a little."""
    results = []
    for index, channel in enumerate(channels):
        level = spend[:, index] / usual[index]
        gain = _effect(channel, level * (1 + step)).sum() - _effect(channel, level * (1 - step)).sum()
        results.append(top[index] * gain / (2 * step * spend[:, index].sum()))
    return np.array(results)


def _noise(market: Market, rng: np.random.Generator, days: int) -> FloatArray:
    """AR(1) noise in units of the average revenue."""
    raw = rng.standard_t(3, days) / np.sqrt(3) if market.heavy_tails else rng.standard_normal(days)
    noise = np.zeros(days)
    before = 0.0
    for day, shock in enumerate(raw):
        before = market.noise_rho * before + np.sqrt(1 - market.noise_rho**2) * shock
        noise[day] = before
    scaled: FloatArray = market.noise_share * noise
    return scaled
