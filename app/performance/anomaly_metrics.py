"""Which metrics are judged, up to which day, and their daily values as detection takes them: money in units, unknown days empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import numpy as np

from app.campaigns.facts import WHOLE_DAY_KEY
from app.performance.anomaly_queries import ChannelInfo, Sources, Sums, Unsettled
from app.performance.catalogue import METRICS, Unit
from kit.format import percent
from kit.money import MICROS
from ml.anomalies import Metric
from ml.frames import FloatArray

BUSINESS = ("revenue", "spend", "conversions", "roas", "cpa", "new_customers")
CHANNEL = ("spend", "revenue", "clicks", "conversions")
BASES = ("spend_micros", "revenue_micros", "impressions", "clicks", "conversions", "new_customers")
JUDGED_DAYS = 90
BUSINESS_HISTORY_DAYS, CHANNEL_HISTORY_DAYS = 800, 400
# Most conversions that a platform tells late come within a week of the click; before that a day looks lower than it is.
LATE_DAYS = 7
# A channel that is paused so often is steered by hand: its next pause is no news.
MOST_PAUSED = 0.15
MOST_CHANNELS = 12
WEEKLY_GAP_DAYS = 4
Columns = dict[str, FloatArray]


@dataclass(frozen=True, eq=False)
class Subject:
    """What is judged together: the business or a channel, with the daily bases (n,) of its days."""

    channel: ChannelInfo | None
    days: tuple[date, ...]
    columns: Columns
    metrics: tuple[str, ...]
    refusal: str = ""


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything that was read for a look."""

    channels: Sequence[ChannelInfo]
    by_channel: Mapping[UUID, Mapping[date, Sums]]
    sources: Sources
    unsettled: Unsettled
    today: date

    @property
    def told_days(self) -> list[date]:
        """Days of which anything is known, in order."""
        return sorted({day for days in self.by_channel.values() for day in days})


def subjects(facts: Facts) -> list[Subject]:
    """The business and its largest channels of the last 90 days."""
    told = facts.told_days
    end = facts.sources.end()
    if not told or end is None:
        return []
    business = _business(facts, told)
    if _is_weekly(told):
        reason = "Your rows stand for weeks. A day out of the ordinary shows in daily rows only."
        return [Subject(None, business.days, business.columns, business.metrics, reason)]
    return [business, *(_channel(facts, channel, told) for channel in _largest(facts, end))]


def end_of(facts: Facts, subject: Subject, metric: str) -> date | None:
    """The last day on which a metric is complete enough to be judged. What platforms still tell late waits for a week."""
    channel = subject.channel
    end = facts.sources.end(channel.id if channel else None)
    if end is None or not _comes_late(facts, subject, metric):
        return end
    return min(end, facts.today - timedelta(days=LATE_DAYS + 1))


def as_metric(subject: Subject, key: str) -> Metric:
    """A metric of the catalogue as detection takes it."""
    metric = METRICS[key]
    below = None if metric.per is None else subject.columns[metric.per]
    return Metric(key, subject.columns[metric.base], below)


def in_catalogue_units(key: str, value: float) -> float:
    """A value as the catalogue counts it: money in micros."""
    return value * MICROS if METRICS[key].unit is Unit.MONEY else value


def _business(facts: Facts, told: list[date]) -> Subject:
    days = told[-BUSINESS_HISTORY_DAYS:]
    rows = [[channel_days.get(day) for channel_days in facts.by_channel.values()] for day in days]
    columns = {
        base: _column(base, [_added(base, [sums for sums in row if sums is not None]) for row in rows])
        for base in BASES
    }
    metrics = tuple(key for key in BUSINESS if _is_told(key, columns))
    return Subject(None, tuple(days), columns, metrics)


def _added(base: str, rows: Sequence[Sums]) -> int | None:
    known = [value for sums in rows if (value := sums[base]) is not None]
    return sum(known) if known else None


def _channel(facts: Facts, channel: ChannelInfo, told: list[date]) -> Subject:
    """A day on which others told something and this channel nothing is a day of 0, for a silence is what has to be found."""
    own = facts.by_channel[channel.id]
    days = [day for day in told if day >= min(own)][-CHANNEL_HISTORY_DAYS:]
    columns = {}
    for base in BASES:
        silent = 0 if any(sums[base] is not None for sums in own.values()) else None
        columns[base] = _column(base, [own[day][base] if day in own else silent for day in days])
    wanted = [key for key in CHANNEL if channel.takes_spend or key != "spend"]
    metrics = tuple(key for key in wanted if _is_told(key, columns))
    return Subject(channel, tuple(days), columns, metrics, _why_paused(channel, columns["spend_micros"]))


def _why_paused(channel: ChannelInfo, spend: FloatArray) -> str:
    if not channel.takes_spend or not np.nansum(spend):
        return ""
    since_first = spend[int(np.flatnonzero(np.nan_to_num(spend))[0]) :]
    paused = float(np.mean(since_first == 0))
    if paused <= MOST_PAUSED:
        return ""
    return f"It is switched on and off: {percent(paused, digits=0)} of its days are without spend, so the next pause is no surprise."


def _column(base: str, values: Sequence[int | None]) -> FloatArray:
    unit = MICROS if base.endswith("_micros") else 1
    return np.array([np.nan if value is None else value / unit for value in values])


def _is_told(key: str, columns: Columns) -> bool:
    return all(bool(np.nansum(np.abs(columns[base]))) for base in METRICS[key].bases)


def _largest(facts: Facts, end: date) -> list[ChannelInfo]:
    since = end - timedelta(days=JUDGED_DAYS)
    sizes = {
        channel.id: sum(
            (sums["spend_micros"] or 0) + (sums["revenue_micros"] or 0)
            for day, sums in facts.by_channel.get(channel.id, {}).items()
            if day > since
        )
        for channel in facts.channels
        if channel.key != WHOLE_DAY_KEY
    }
    alive = [channel for channel in facts.channels if sizes.get(channel.id, 0) > 0]
    return sorted(alive, key=lambda channel: -sizes[channel.id])[:MOST_CHANNELS]


def _is_weekly(told: list[date]) -> bool:
    gaps = [(later - earlier).days for earlier, later in pairwise(told)]
    return bool(gaps) and float(np.median(gaps)) >= WEEKLY_GAP_DAYS


def _comes_late(facts: Facts, subject: Subject, key: str) -> bool:
    """True for what rests on conversions that platforms still correct."""
    channel = subject.channel
    is_corrected = bool(facts.unsettled.since) if channel is None else channel.id in facts.unsettled.since
    bases = set(METRICS[key].bases)
    rests_on_conversions = "conversions" in bases
    rests_on_claims = "revenue_micros" in bases and not facts.unsettled.shop_tells_revenue
    return is_corrected and (rests_on_conversions or rests_on_claims)
