"""Creative fatigue: whether an ad has worn out, measured against its own first days and not against other ads.

Entry point: `creative_fatigue`. Counts of a window are taken as beta-binomial, as noisy as the ad's own days are around their
trend; nothing is said where the interval is too wide to say it.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, polygamma, psi
from scipy.stats import spearmanr

from ml.errors import BadFrame, BadOption
from ml.frames import BoolArray, FloatArray

FatigueLevel: TypeAlias = Literal["fresh", "tiring", "fatigued", "not_enough_data"]
FEWEST_CLICKS, FEWEST_CONVERSIONS = 30, 20
TIRED_RATIO, FATIGUED_RATIO = 0.9, 0.8  # of the rate of the first days
SURE = 0.9
INTERVAL = 0.9
MOST_STEPS = 50


@dataclass(frozen=True, eq=False)
class CreativeDays:
    """An ad's days since its first, (n,) each, in order: `impressions` and `clicks`, and where known `conversions`, `spend` and
    `reach` (people who saw it that day). `peer_impressions` and `peer_clicks` are all other ads of the account on those days."""

    impressions: ArrayLike
    clicks: ArrayLike
    conversions: ArrayLike | None = None
    spend: ArrayLike | None = None
    reach: ArrayLike | None = None
    peer_impressions: ArrayLike | None = None
    peer_clicks: ArrayLike | None = None


@dataclass(frozen=True)
class RateDecline:
    """A rate in the first days and lately; `ratio` lately over first with its 90 % interval, less what all other ads of the
    account did where peers are known."""

    first: float
    lately: float
    ratio: float
    low: float
    high: float
    chance_below_90: float
    chance_below_80: float


@dataclass(frozen=True)
class Driver:
    """What may wear an ad out: its daily average in the first days and lately, and its rank correlation with the click rate
    over all days (−1 to 1; strongly negative: the rate falls as it rises). None where it never changes."""

    name: Literal["frequency", "spend", "impressions"]
    first: float
    lately: float
    correlation: float | None


@dataclass(frozen=True)
class Fatigue:
    """The answer: level, one sentence why, declines of click rate and conversion rate (None where unknown), the click rate's
    relative change per week with its 90 % interval, and the drivers."""

    level: FatigueLevel
    reason: str
    ctr: RateDecline | None
    cvr: RateDecline | None
    weekly_change: float | None
    weekly_low: float | None
    weekly_high: float | None
    drivers: tuple[Driver, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form."""
        parts = {"ctr": self.ctr, "cvr": self.cvr}
        return {
            **vars(self),
            **{name: None if part is None else dict(vars(part)) for name, part in parts.items()},
            "drivers": [dict(vars(driver)) for driver in self.drivers],
        }


def creative_fatigue(days: CreativeDays, *, first_days: int = 7, recent_days: int = 7) -> Fatigue:
    """How far the ad's click rate has fallen from its first `first_days` days with impressions to its last `recent_days`.

    Rate of a window: Beta(k/φ + ½, (m − k)/φ + ½) for k clicks of m impressions, φ ≥ 1 the dispersion of daily clicks around
    their Poisson trend log E[clicks] = log impressions + a + b·age. The log of the ratio of two rates has mean
    Σ±(ψ(α) − ψ(α+β)) and variance Σ(ψ₁(α) − ψ₁(α+β)); peers' own ratio is taken off with its variance.
    Levels: fatigued where P(ratio < 0.8) ≥ 0.9, tiring where P(ratio < 0.9) ≥ 0.9, fresh where P(ratio < 0.8) ≤ 0.1, else not
    enough data, as below 30 clicks in a window. An ad that converts as many of its impressions as ever is at most tiring.

    Raises `BadFrame` for columns that make no sense, `BadOption` for windows below 3 days.
    """
    if first_days < 3 or recent_days < 3:
        raise BadOption("The first and the last days need at least 3 each.", "Use 7, so that each weekday counts once.")
    columns = _columns(days)
    served = np.flatnonzero(columns["impressions"] > 0)
    if len(served) < first_days + recent_days:
        needed = first_days + recent_days
        return _unknown(
            f"The ad ran on {len(served)} days; at least {needed} are needed to compare its first and last days."
        )
    first, lately = (
        np.isin(np.arange(len(columns["impressions"])), part) for part in (served[:first_days], served[-recent_days:])
    )
    return _judged(columns, first, lately)


def _judged(columns: dict[str, FloatArray], first: BoolArray, lately: BoolArray) -> Fatigue:
    impressions, clicks = columns["impressions"], columns["clicks"]
    drivers = _drivers(columns, first, lately)
    if clicks[first].sum() < FEWEST_CLICKS:
        reason = f"The first days brought {clicks[first].sum():.0f} clicks; at least {FEWEST_CLICKS} are needed to compare with."
        return _unknown(reason, drivers)
    slope, slope_error, dispersion = _trend(clicks, impressions)
    ctr = _decline(clicks, impressions, first, lately, dispersion, _peers(columns))
    cvr, per_view = _conversion_declines(columns, first, lately)
    level, reason = _level(ctr, per_view)
    half = float(ndtri(0.5 + INTERVAL / 2)) * slope_error
    weekly, low, high = (_per_week(value) for value in (slope, slope - half, slope + half))
    return Fatigue(level, reason, ctr, cvr, weekly, low, high, drivers)


def _per_week(slope: float) -> float:
    """Relative change in seven days of a log slope per day."""
    return float(np.expm1(np.clip(7 * slope, -50, 50)))


def _level(ctr: RateDecline, per_view: RateDecline | None) -> tuple[FatigueLevel, str]:
    fallen = f"The click rate is {_percent(ctr.ratio)} of its first days ({_percent(ctr.low)}–{_percent(ctr.high)})"
    holds = per_view is not None and per_view.chance_below_90 < 0.5
    if ctr.chance_below_80 >= SURE and holds:
        return "tiring", f"{fallen}, yet as many of its viewers buy as before. There is no need to replace it."
    if ctr.chance_below_80 >= SURE:
        return "fatigued", f"{fallen}. It has worn out."
    if ctr.chance_below_90 >= SURE:
        return "tiring", f"{fallen}. Prepare a successor."
    if ctr.chance_below_80 <= 1 - SURE:
        return "fresh", f"{fallen}. It holds up."
    return "not_enough_data", f"{fallen}. That is too wide to tell wear from chance; let it run for more days."


def _percent(ratio: float) -> str:
    return f"{ratio:.0%}"


def _unknown(reason: str, drivers: tuple[Driver, ...] = ()) -> Fatigue:
    return Fatigue("not_enough_data", reason, None, None, None, None, None, drivers)


def _decline(
    events: FloatArray,
    chances: FloatArray,
    first: BoolArray,
    lately: BoolArray,
    dispersion: float,
    peers: tuple[FloatArray, FloatArray] | None = None,
) -> RateDecline:
    before, after = (_log_rate(events[part].sum(), chances[part].sum(), dispersion) for part in (first, lately))
    mean, variance = after[0] - before[0], after[1] + before[1]
    if peers is not None and min(peers[0][first].sum(), peers[0][lately].sum()) >= FEWEST_CLICKS:
        spread = _trend(*peers)[2]
        was, now = (_log_rate(peers[0][part].sum(), peers[1][part].sum(), spread) for part in (first, lately))
        mean, variance = mean - (now[0] - was[0]), variance + now[1] + was[1]
    error = float(np.sqrt(variance))
    half = float(ndtri(0.5 + INTERVAL / 2)) * error
    return RateDecline(
        first=float(events[first].sum() / chances[first].sum()),
        lately=float(events[lately].sum() / chances[lately].sum()),
        ratio=float(np.exp(mean)),
        low=float(np.exp(mean - half)),
        high=float(np.exp(mean + half)),
        chance_below_90=float(ndtr((np.log(TIRED_RATIO) - mean) / error)),
        chance_below_80=float(ndtr((np.log(FATIGUED_RATIO) - mean) / error)),
    )


def _log_rate(events: float, chances: float, dispersion: float) -> tuple[float, float]:
    """Mean and variance of the log of a rate with posterior Beta(k/φ + ½, (m − k)/φ + ½)."""
    a, b = events / dispersion + 0.5, max(chances - events, 0.0) / dispersion + 0.5
    return float(psi(a) - psi(a + b)), float(polygamma(1, a) - polygamma(1, a + b))


def _conversion_declines(
    columns: dict[str, FloatArray], first: BoolArray, lately: BoolArray
) -> tuple[RateDecline | None, RateDecline | None]:
    """Conversions per click and per impression; None where there are too few."""
    if "conversions" not in columns:
        return None, None
    conversions = columns["conversions"]
    if conversions[first].sum() < FEWEST_CONVERSIONS or columns["clicks"][lately].sum() < FEWEST_CLICKS:
        return None, None
    per_click, per_view = (
        _decline(conversions, columns[name], first, lately, _trend(conversions, columns[name])[2])
        for name in ("clicks", "impressions")
    )
    return per_click, per_view


def _trend(events: FloatArray, chances: FloatArray) -> tuple[float, float, float]:
    """Slope per day of the log rate, its standard error, and the dispersion φ ≥ 1: quasi-Poisson regression by reweighting."""
    used = chances > 0
    age, k, m = np.flatnonzero(used).astype(float), events[used], chances[used]
    design = np.column_stack([np.ones(len(age)), age - age.mean()])
    effect = np.array([np.log((k.sum() + 0.5) / m.sum()), 0.0])
    for _ in range(MOST_STEPS):
        expected = m * np.exp(np.clip(design @ effect, -50, 50))
        information = design.T @ (design * expected[:, None]) + 1e-9 * np.eye(2)
        step = np.linalg.solve(information, design.T @ (k - expected))
        effect = effect + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-9:
            break
    expected = m * np.exp(np.clip(design @ effect, -50, 50))
    pearson = float(((k - expected) ** 2 / np.maximum(expected, 1e-9)).sum())
    dispersion = max(1.0, pearson / max(len(k) - 2, 1))
    return float(effect[1]), float(np.sqrt(dispersion * np.linalg.inv(information)[1, 1])), dispersion


def _drivers(columns: dict[str, FloatArray], first: BoolArray, lately: BoolArray) -> tuple[Driver, ...]:
    shown = columns["impressions"]
    series: list[tuple[Literal["frequency", "spend", "impressions"], FloatArray]] = [("impressions", shown)]
    if "spend" in columns:
        series.insert(0, ("spend", columns["spend"]))
    if "reach" in columns and (columns["reach"][shown > 0] > 0).all():
        series.insert(0, ("frequency", shown / np.maximum(columns["reach"], 1e-9)))
    rate = columns["clicks"][shown > 0] / shown[shown > 0]
    return tuple(
        Driver(name, float(values[first].mean()), float(values[lately].mean()), _correlation(values[shown > 0], rate))
        for name, values in series
    )


def _correlation(driver: FloatArray, rate: FloatArray) -> float | None:
    if np.ptp(driver) == 0 or np.ptp(rate) == 0:
        return None
    return float(spearmanr(driver, rate).statistic)


def _peers(columns: dict[str, FloatArray]) -> tuple[FloatArray, FloatArray] | None:
    if "peer_clicks" not in columns or "peer_impressions" not in columns:
        return None
    return columns["peer_clicks"], columns["peer_impressions"]


def _columns(days: CreativeDays) -> dict[str, FloatArray]:
    """All columns that are given, checked."""
    given = {name: np.asarray(values, float) for name, values in vars(days).items() if values is not None}
    length = given["impressions"].shape
    for name, values in given.items():
        if values.ndim != 1 or values.shape != length:
            raise BadFrame(f"The column {name} has another length than the impressions.", "Give one value per day.")
        if not np.isfinite(values).all() or (values < 0).any():
            raise BadFrame(f"The column {name} has a value that is negative or not a number.", "Enter 0 for none.")
    for above, below in (("clicks", "impressions"), ("peer_clicks", "peer_impressions")):
        if above in given and below in given and (given[above] > given[below]).any():
            raise BadFrame(
                "There are more clicks than impressions on some day.", "Check that the columns are not swapped."
            )
    return given
