"""The analytics API's shapes. Money is in micros of `currency`; shares and changes are fractions; unknown is null."""

from datetime import date, datetime
from typing import Annotated, Any

import msgspec

from app.performance.service import ChannelRow, Headline, Overview, Value
from app.performance.windows import Comparison, Window


class Period(msgspec.Struct, frozen=True):
    """Whole days, both ends included."""

    since: date
    until: date
    days: int


class MetricReply(msgspec.Struct, frozen=True):
    """A headline metric with what it is compared with."""

    key: str
    label: str
    unit: str
    good: str
    explanation: str
    value: Value
    previous: Value
    change: float | None
    year_ago: Value
    year_change: float | None


class ChannelReply(msgspec.Struct, frozen=True):
    """A channel in the period; `metrics` and, of `compared_with`, `previous` by metric key; shares are of all channels."""

    key: str
    name: str
    metrics: dict[str, Value]
    previous: dict[str, Value]
    spend_share: float | None
    revenue_share: float | None


class DayReply(msgspec.Struct, frozen=True):
    """A day in all."""

    day: date
    metrics: dict[str, Value]


class DashboardReply(msgspec.Struct, frozen=True):
    """What the overview page shows, of all channels or of `channel`; nothing is compared where `compared_with` is null."""

    currency: str
    timezone: str
    period: Period
    comparison: Comparison
    compared_with: Period | None
    channel: str | None
    metrics: list[MetricReply]
    channels: list[ChannelReply]
    days: list[DayReply]
    first_day: date | None
    last_day: date | None
    updated_at: datetime | None
    notices: list[str]


class QueryRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Metrics × dimensions × filters × window. `period` is a preset; `since` and `until` override it."""

    metrics: Annotated[list[str], msgspec.Meta(min_length=1, max_length=15)]
    dimensions: Annotated[list[str], msgspec.Meta(max_length=3)] = []
    filters: dict[str, Any] | None = None
    period: str | None = None
    since: date | None = None
    until: date | None = None
    order_by: str | None = None
    descending: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=50_000)] = 1000


class QueryReply(msgspec.Struct, frozen=True):
    """Rows with one key per dimension and metric; `units` says how to read each metric."""

    currency: str
    period: Period
    units: dict[str, str]
    rows: list[dict[str, Any]]
    notices: list[str]


def period_reply(window: Window) -> Period:
    """A window as the API shows it."""
    return Period(window.since, window.until, window.days)


def dashboard_reply(overview: Overview, *, timezone: str) -> DashboardReply:
    """The overview as the API shows it."""
    return DashboardReply(
        currency=overview.currency,
        timezone=timezone,
        period=period_reply(overview.window),
        comparison=overview.comparison,
        compared_with=period_reply(overview.compared_with) if overview.compared_with else None,
        channel=overview.channel.key if overview.channel else None,
        metrics=[_metric(headline) for headline in overview.headlines],
        channels=[_channel(row) for row in overview.channels],
        days=[DayReply(point.since, point.values) for point in overview.course],
        first_day=overview.first_day,
        last_day=overview.last_day,
        updated_at=overview.updated_at,
        notices=[notice.text for notice in overview.notices],
    )


def _metric(headline: Headline) -> MetricReply:
    metric = headline.metric
    return MetricReply(
        key=metric.key,
        label=metric.label,
        unit=metric.unit,
        good=metric.good,
        explanation=metric.explanation,
        value=headline.value,
        previous=headline.before,
        change=headline.change,
        year_ago=headline.year_ago,
        year_change=headline.year_change,
    )


def _channel(row: ChannelRow) -> ChannelReply:
    return ChannelReply(row.key, row.name, row.values, row.before, row.spend_share, row.revenue_share)
