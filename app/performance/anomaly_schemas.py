"""How anomalies are told to programs. Money is in micros of `currency`; changes and shares are fractions; unknown is null."""

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.performance.anomaly_list import FoundPage, LastLook, state_of
from app.performance.anomaly_wording import sentence
from app.performance.catalogue import METRICS
from app.performance.models import AnomalyReading, AnomalyRow


class CausePartReply(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a change: how far the factor itself moved, what that did to the metric, and its share of the whole.

    Parts that pull in different directions have shares above 1 and below 0. `is_clear`: larger than the factor's own noise.
    """

    factor: str
    label: str
    change: float
    effect: float
    share: float | None
    is_clear: bool


class CausesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A change split into its factors; `main` is null where none is clear of its own noise."""

    change: float
    main: str | None
    parts: list[CausePartReply]


class AnomalyReply(msgspec.Struct, frozen=True, kw_only=True):
    """Days of a metric that do not fit its other days. `channel` null is the whole business.

    `actual` and `expected` are means of a day; an ordinary day of these lies between `low` and `high`. `chance_per_day` is how likely
    an ordinary metric shows such a thing on a given day, `false_alarms_per_month` how often this metric rings by chance.
    """

    id: UUID
    metric: str
    label: str
    unit: str
    channel: str | None
    channel_name: str | None
    kind: str
    starts_on: date
    ends_on: date
    days: int
    actual: float
    expected: float
    low: float | None
    high: float | None
    change: float
    score: float
    chance_per_day: float
    false_alarms_per_month: float
    may_go_on: bool
    causes: CausesReply | None
    sentence: str
    state: str
    found_at: datetime
    seen_at: datetime | None
    withdrawn_at: datetime | None


class NotJudgedReply(msgspec.Struct, frozen=True, kw_only=True):
    """A metric about which nothing can be said, and why."""

    metric: str
    channel: str | None
    reason: str


class LookReply(msgspec.Struct, frozen=True, kw_only=True):
    """The newest look. `expected_false_alarms` is what chance alone brings in all metrics over the judged days."""

    looked_at: datetime
    judged_from: date | None
    judged_to: date | None
    metrics_judged: int
    false_alarms_per_month: float
    expected_false_alarms: float
    is_current: bool
    not_judged: list[NotJudgedReply]


class AnomaliesReply(msgspec.Struct, frozen=True, kw_only=True):
    """A page of anomalies, the newest days first; `look` is null before the first one."""

    currency: str
    items: list[AnomalyReply]
    total: int
    next_cursor: str | None
    look: LookReply | None
    notices: list[str]


def anomaly_reply(row: AnomalyRow, page: FoundPage, currency: str) -> AnomalyReply:
    """One row as programs see it."""
    metric, channel, document = METRICS[row.metric], page.channel_of(row), row.document
    return AnomalyReply(
        id=row.id,
        metric=row.metric,
        label=metric.label,
        unit=metric.unit,
        channel=channel.key if channel else None,
        channel_name=channel.name if channel else None,
        kind=row.kind,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        days=(row.ends_on - row.starts_on).days + 1,
        actual=row.actual,
        expected=row.expected,
        low=document["low"],
        high=document["high"],
        change=document["change"],
        score=row.score,
        chance_per_day=document["chance_per_day"],
        false_alarms_per_month=document["alarms_per_month"],
        may_go_on=document["may_go_on"],
        causes=_causes(row),
        sentence=sentence(row, channel, currency),
        state=state_of(row),
        found_at=row.found_at,
        seen_at=row.seen_at,
        withdrawn_at=row.withdrawn_at,
    )


def look_reply(look: LastLook, page: FoundPage) -> LookReply:
    """The newest look as programs see it."""
    return LookReply(
        looked_at=look.looked_at,
        judged_from=look.judged_from,
        judged_to=look.judged_to,
        metrics_judged=len(look.judged),
        false_alarms_per_month=round(look.false_alarms_per_month, 2),
        expected_false_alarms=round(look.expected_false_alarms, 2),
        is_current=look.is_current,
        not_judged=[_not_judged(one, page) for one in look.not_judged],
    )


def _not_judged(reading: AnomalyReading, page: FoundPage) -> NotJudgedReply:
    channel = page.channel_of(reading)
    return NotJudgedReply(metric=reading.metric, channel=channel.key if channel else None, reason=reading.reason)


def _causes(row: AnomalyRow) -> CausesReply | None:
    causes = row.document["causes"]
    if causes is None:
        return None
    parts = [CausePartReply(label=METRICS[part["factor"]].label, **part) for part in causes["parts"]]
    return CausesReply(change=causes["change"], main=causes["main"], parts=parts)
