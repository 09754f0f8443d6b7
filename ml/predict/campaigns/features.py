"""What is known of a campaign on a day, as numbers without a unit, so that neither the currency nor the size of a shop matters."""

from dataclasses import dataclass

import numpy as np

from ml.frames import FloatArray
from ml.predict.campaigns.history import CampaignHistory, IntArray
from ml.predict.campaigns.shrinkage import Rates, Spreads, shrunk_rates

FEATURES = (
    "planned_spend",
    "trend_week",
    "trend_month",
    "trend_quarter",
    "season_last_year",
    "volume",
    "own_share",
    "age",
    "active_days",
    "spend_trend",
    "platform",
    "objective",
    "size",
)
PLAN = 0
# The same for every campaign of a day.
SEASON = FEATURES.index("season_last_year")
YEAR = 364
LEAST_DAYS = 14
RECENT = 14
USUAL = 28
STEADY = 4.0
_MOST = 3.0


@dataclass(frozen=True, eq=False)
class Known:
    """A history with everything that features of one outcome are read from. Sums are cumulative, (D + 1, N)."""

    history: CampaignHistory
    outcome: FloatArray
    tells: np.ndarray
    spreads: Spreads
    rates: Rates
    spend_sums: FloatArray
    outcome_sums: FloatArray


@dataclass(frozen=True, eq=False)
class Examples:
    """n pairs of (day, campaign): `rows` (n, F) with the plan's column at 0, the shrunk `rate`, `recent` spend a day, `usual`
    outcome a day of the last 28, and what followed over the horizon: `spend` and `outcome` (NaN where it is not over)."""

    day: IntArray
    campaign: IntArray
    rows: FloatArray
    rate: FloatArray
    own_share: FloatArray
    recent: FloatArray
    usual: FloatArray
    usual_spend: FloatArray
    spend: FloatArray
    outcome: FloatArray

    def __len__(self) -> int:
        return len(self.day)

    def taken(self, chosen: np.ndarray) -> "Examples":
        """Some of them."""
        return Examples(*(getattr(self, name)[chosen] for name in self.__dataclass_fields__))


def know(history: CampaignHistory, outcome: FloatArray, tells: np.ndarray, spreads: Spreads) -> Known:
    """Everything that features of `outcome` (D, N) are read from."""
    counted = np.where(tells, outcome, 0.0)
    return Known(
        history=history,
        outcome=counted,
        tells=tells,
        spreads=spreads,
        rates=shrunk_rates(history, counted, spreads),
        spend_sums=_cumulated(history.spend),
        outcome_sums=_cumulated(counted),
    )


def examples_at(known: Known, days: IntArray, *, horizon_days: int, relative: bool = True) -> Examples:
    """Every campaign on each of these days that has run for two weeks, spent in the last two, and tells this outcome.

    A day t sees the days before t only; its horizon is the days t … t + horizon − 1. With `relative`, what is a campaign's own is
    given as the distance from that day's mean, weighted by what campaigns are expected to bring: all campaigns grow older together,
    and a line through age would otherwise point into the future.
    """
    history = known.history
    spent = window(known.spend_sums, days, RECENT)
    fit = (history.first[None, :] <= days[:, None] - LEAST_DAYS) & (spent > 0) & known.tells[None, :]
    line, campaign = np.nonzero(fit)
    table = _table(known, days, horizon_days)
    if relative:
        table = _from_mean(table, np.where(fit, spent * known.rates.rate[days], 0.0))
    is_over = (days + horizon_days <= history.days)[line]
    ahead = np.minimum(days + horizon_days, history.days)
    spend = (known.spend_sums[ahead] - known.spend_sums[days])[line, campaign]
    outcome = np.maximum((known.outcome_sums[ahead] - known.outcome_sums[days])[line, campaign], 0.0)
    at = days[line]
    return Examples(
        day=at,
        campaign=campaign,
        rows=table[line, campaign],
        rate=known.rates.rate[at, campaign],
        own_share=known.rates.own_share[at, campaign],
        recent=spent[line, campaign] / RECENT,
        usual=_usual(known, known.outcome_sums, days)[line, campaign],
        usual_spend=_usual(known, known.spend_sums, days)[line, campaign],
        spend=np.where(is_over, spend, np.nan),
        outcome=np.where(is_over, outcome, np.nan),
    )


def with_plan(examples: Examples, spend: FloatArray, *, horizon_days: int) -> FloatArray:
    """The rows (n, F) with what is planned: log of planned over recent spend a day, kept within ± 3."""
    rows = examples.rows.copy()
    per_day = np.maximum(spend, 1e-300) / horizon_days
    rows[:, PLAN] = np.clip(np.log(per_day / examples.recent), -_MOST, _MOST)
    return rows


def window(sums: FloatArray, days: IntArray, length: int) -> FloatArray:
    """Sums over the `length` days before each of `days`, (O, N)."""
    found: FloatArray = sums[days] - sums[np.maximum(days - length, 0)]
    return found


def _usual(known: Known, sums: FloatArray, days: IntArray) -> FloatArray:
    """A day's average over the last 28, or over the campaign's life where that is shorter."""
    life = np.clip(days[:, None] - known.history.first[None, :], 1, USUAL)
    usual: FloatArray = np.maximum(window(sums, days, USUAL), 0.0) / life
    return usual


def _table(known: Known, days: IntArray, horizon_days: int) -> FloatArray:
    rates, spend = known.rates, known.spend_sums
    rate, shape = rates.rate[days], (len(days), len(known.history.keys))
    last = window(spend, days, RECENT)
    peers = last.sum(1, keepdims=True) / np.maximum((last > 0).sum(1, keepdims=True), 1)
    age = np.maximum(days[:, None] - known.history.first[None, :], 0)
    columns = {
        "planned_spend": np.zeros(shape),
        "trend_week": _trend(known, days, 7, rate),
        "trend_month": _trend(known, days, 28, rate),
        "trend_quarter": _trend(known, days, 84, rate),
        "season_last_year": _spread_out(_surprise(known, days - YEAR, horizon_days), shape),
        "volume": np.log1p(rates.volume[days] / known.spreads.dispersion),
        "own_share": rates.own_share[days],
        "age": np.log1p(age),
        "active_days": _active(known.history.spend, days) / USUAL,
        "spend_trend": _log_ratio(window(spend, days, 7) / 7, window(spend, days, USUAL) / USUAL),
        "platform": _log_ratio(rates.by_level[0][days], np.broadcast_to(rates.whole[days][:, None], shape)),
        "objective": _log_ratio(rates.by_level[2][days], rates.by_level[0][days]),
        "size": _log_ratio(last, np.broadcast_to(peers, shape)),
    }
    return np.stack([columns[name] for name in FEATURES], axis=2)


def _from_mean(table: FloatArray, weight: FloatArray) -> FloatArray:
    """A table (O, N, F) with each day's weighted mean taken from every feature but the plan and the season."""
    total = np.maximum(weight.sum(1), 1e-300)
    mean = np.einsum("on,onf->of", weight, np.nan_to_num(table)) / total[:, None]
    mean[:, [PLAN, SEASON]] = 0.0
    centred: FloatArray = table - mean[:, None, :]
    return centred


def _trend(known: Known, days: IntArray, length: int, rate: FloatArray) -> FloatArray:
    """log of the last days' rate over the shrunk one, steadied by the weight of four outcomes."""
    weight = STEADY * known.spreads.dispersion
    y = np.maximum(window(known.outcome_sums, days, length), 0.0)
    expected = window(known.spend_sums, days, length) * rate
    return np.log((y + weight) / (expected + weight))


def _surprise(known: Known, days: IntArray, length: int) -> FloatArray:
    """log of what all campaigns brought over what their rates on that day promised for the spend that followed, (O,); NaN before."""
    is_known = days >= USUAL
    start = np.where(is_known, days, 0)
    end = np.minimum(start + length, known.history.days)
    weight = STEADY * known.spreads.dispersion
    actual = np.maximum((known.outcome_sums[end] - known.outcome_sums[start]).sum(1), 0.0)
    expected = ((known.spend_sums[end] - known.spend_sums[start]) * known.rates.rate[start]).sum(1)
    return np.where(is_known, np.log((actual + weight) / (expected + weight)), np.nan)


def _active(spend: FloatArray, days: IntArray) -> FloatArray:
    return window(_cumulated((spend > 0).astype(float)), days, USUAL)


def _spread_out(values: FloatArray, shape: tuple[int, int]) -> FloatArray:
    return np.broadcast_to(values[:, None], shape)


def _log_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(above / below)
    return np.clip(np.where(np.isfinite(ratio), ratio, 0.0), -_MOST, _MOST)


def _cumulated(values: FloatArray) -> FloatArray:
    return np.vstack([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0)])
