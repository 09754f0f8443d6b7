"""What a unit of spend brings, per campaign and day: own recent days, drawn towards peers as far as the own days are few."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import lfilter

from ml.frames import FloatArray
from ml.predict.campaigns.history import CampaignHistory, IntArray

HALF_LIVES_DAYS = (7.0, 14.0, 28.0, 56.0)
USUAL_HALF_LIFE_DAYS = 28.0
# Σw² ÷ Σw of weights 1, d, d² … is 1/(1 + d), about a half: what is left of the variance of a sum when it is weighted so.
KEPT_VARIANCE = 0.5
LEAST_SPREAD, MOST_SPREAD = 0.05, 1.5
WEEK = 7
LEVELS = ("platform", "channel", "objective", "campaign")


@dataclass(frozen=True)
class Spreads:
    """What shrinkage needs to know. `dispersion` φ: the outcome's variance is φ times its mean, in the outcome's own unit.
    `spread` per level: the standard deviation of true rates around their parent's, as a share of it. `half_life_days`: how fast
    days lose their weight."""

    dispersion: float
    spread: tuple[float, ...]
    half_life_days: float = USUAL_HALF_LIFE_DAYS

    def pull(self, level: int) -> float:
        """How many units of outcome the parent's rate is worth: φ · kept variance ÷ spread²."""
        return self.dispersion * KEPT_VARIANCE / self.spread[level] ** 2


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates per unit of spend as known before each day, (D + 1, N): row t uses the days before t alone.

    `by_level` holds the group's rate at each level above the campaign, `whole` (D + 1,) that of everything; `own_share` is the
    weight of the campaign's own days, `volume` their weighted outcome.
    """

    rate: FloatArray
    by_level: tuple[FloatArray, ...]
    whole: FloatArray
    own_share: FloatArray
    volume: FloatArray


def groups_of(history: CampaignHistory) -> tuple[IntArray, ...]:
    """The number of each campaign's group (N,) at the levels platform, platform × channel, platform × channel × objective."""
    paths = [(one.platform, one.channel, one.objective) for one in history.labels]
    return tuple(_numbered([path[:depth] for path in paths]) for depth in (1, 2, 3))


def _numbered(names: list[tuple[str, ...]]) -> IntArray:
    known = {name: number for number, name in enumerate(dict.fromkeys(names))}
    return np.array([known[name] for name in names], np.int64)


def weighted_sums(values: FloatArray, half_life_days: float) -> FloatArray:
    """Σ over earlier days of value · 2^(−age ÷ half-life), (D + 1, N), for values (D, N)."""
    kept = 0.5 ** (1 / half_life_days)
    sums = np.zeros((len(values) + 1, values.shape[1]))
    sums[1:] = lfilter([1.0], [1.0, -kept], values, axis=0)
    return sums


def shrunk_rates(history: CampaignHistory, outcome: FloatArray, spreads: Spreads) -> Rates:
    """Posterior mean rate per campaign and day under nested Gamma priors: (Y + k) ÷ (S + k ÷ parent's rate).

    Y and S are weighted sums of `outcome` (D, N) and spend over the campaign's (the group's) earlier days, and
    k = `Spreads.pull`. Where nothing was ever spent the rate is the parent's; before any outcome at all it is 0.
    (Source: the Gamma-Poisson model, Gelman et al., Bayesian Data Analysis § 2.6, applied level by level.)
    """
    y, s = (weighted_sums(values, spreads.half_life_days) for values in (outcome, history.spend))
    whole = _quotient(y.sum(1), s.sum(1))
    parent = np.broadcast_to(whole[:, None], y.shape)
    by_level = []
    for level, group in enumerate(groups_of(history)):
        member = np.eye(group.max() + 1)[group]
        parent_of_group = (parent @ member) / member.sum(0)
        rate = _drawn(y @ member, s @ member, parent_of_group, spreads.pull(level))
        parent = rate[:, group]
        by_level.append(parent)
    pull = spreads.pull(len(by_level))
    expected = s * parent
    return Rates(
        rate=_drawn(y, s, parent, pull),
        by_level=tuple(by_level),
        whole=whole,
        own_share=expected / (expected + pull),
        volume=np.maximum(y, 0.0),
    )


def learn_spreads(history: CampaignHistory, outcome: FloatArray, *, half_life_days: float) -> Spreads:
    """φ from neighbouring weeks of the same campaign, and the spread of rates at each level by moments (DerSimonian and Laird 1986).

    At a level with groups g of expected outcome m and actual outcome Y: spread² = (Σ(Y − m)²/m − φ'(G − 1)) ÷ (Σm − Σm²/Σm),
    averaged over the last, the middle and the first quarter's end of the history, and kept within 5 % and 150 %.
    """
    dispersion = learn_dispersion(history.spend, outcome)
    y, s = (weighted_sums(values, half_life_days) for values in (outcome, history.spend))
    rows = sorted({len(y) - 1, len(y) // 2, len(y) // 4})
    levels = (*groups_of(history), np.arange(len(history.keys)))
    found: list[float] = []
    parent = np.broadcast_to(_quotient(y.sum(1), s.sum(1))[:, None], y.shape)
    for group in levels:
        member = np.eye(group.max() + 1)[group]
        parent_of_group = (parent @ member) / member.sum(0)
        actual, expected = y @ member, (s @ member) * parent_of_group
        per_row = [_spread(actual[row], expected[row], dispersion * KEPT_VARIANCE) for row in rows]
        found.append(float(np.clip(np.sqrt(np.mean(per_row)), LEAST_SPREAD, MOST_SPREAD)))
        parent = _drawn(actual, s @ member, parent_of_group, dispersion * KEPT_VARIANCE / found[-1] ** 2)[:, group]
    return Spreads(dispersion, tuple(found), half_life_days)


def learn_dispersion(spend: FloatArray, outcome: FloatArray) -> float:
    """φ with Var(y) = φ · E(y), from pairs of neighbouring weeks: of their sum y, a share p = s₁ ÷ (s₁ + s₂) is expected in the
    first, and (y₁ − p·y)² ÷ (y·p·(1 − p)) is φ on average. The highest 2 % of pairs are left out; without a pair it is the mean y."""
    weeks = len(spend) // WEEK
    shape = (weeks, WEEK, spend.shape[1])
    s, y = (array[len(array) - weeks * WEEK :].reshape(shape).sum(1) for array in (spend, outcome))
    s, y = (array[: weeks // 2 * 2].reshape(weeks // 2, 2, -1) for array in (s, y))
    total, money = y.sum(1), s.sum(1)
    p = _quotient(s[:, 0], money)
    usable = (total > 0) & (p > 0.2) & (p < 0.8)
    if not usable.any():
        return max(float(outcome[outcome > 0].mean()), 1e-12) if (outcome > 0).any() else 1.0
    ratios = (y[:, 0] - p * total)[usable] ** 2 / (total * p * (1 - p))[usable]
    kept = np.sort(ratios)[: max(1, int(0.98 * len(ratios)))]
    return max(float(kept.mean()), 1e-12)


def _spread(actual: FloatArray, expected: FloatArray, dispersion: float) -> float:
    known = expected > 0
    m = expected[known]
    if known.sum() < 2:
        return 0.25
    q = float((((actual[known] - m) ** 2) / m).sum())
    room = float(m.sum() - (m**2).sum() / m.sum())
    return max(q - dispersion * (len(m) - 1), 0.0) / room if room > 0 else 0.25


def _drawn(y: FloatArray, s: FloatArray, parent: FloatArray, pull: float) -> FloatArray:
    return np.maximum(np.where(parent > 0, (y + pull) / (s + pull / np.where(parent > 0, parent, 1.0)), 0.0), 0.0)


def _quotient(above: FloatArray, below: FloatArray) -> Any:  # NumPy's where
    return np.where(below > 0, above / np.where(below > 0, below, 1.0), 0.0)
