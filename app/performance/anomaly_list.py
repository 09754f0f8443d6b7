"""What was found, filtered and in the limits of the plan; how the last look went; and marking as seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.performance.anomaly_metrics import BUSINESS, CHANNEL, JUDGED_DAYS
from app.performance.anomaly_queries import (
    ChannelInfo,
    anomaly_by_id,
    every_channel,
    listed_anomalies,
    readings,
)
from app.performance.anomaly_wording import DAYS_PER_MONTH
from app.performance.models import AnomalyReading, AnomalyRow
from app.performance.queries import last_day
from billing.plans import Entitlement, Plan, cheapest_plan_with
from kit.clock import utc_now
from kit.errors import FieldError, InvalidInput

WHOLE_BUSINESS = "whole_business"
KNOWN_METRICS = tuple(dict.fromkeys((*BUSINESS, *CHANNEL)))


class State(StrEnum):
    """What has become of an anomaly."""

    NEW = "new"
    SEEN = "seen"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Asked:
    """What a list is narrowed to; days that overlap `since` to `until`. Without a state, all that is not withdrawn."""

    metric: str | None = None
    channel: str | None = None
    since: date | None = None
    until: date | None = None
    state: State | None = None


@dataclass(frozen=True)
class FoundPage:
    """A part of the list, newest days first; `notice` where the plan hides older ones."""

    rows: Sequence[AnomalyRow]
    total: int
    channels: dict[UUID, ChannelInfo]
    notice: str = ""

    def channel_of(self, row: AnomalyRow | AnomalyReading) -> ChannelInfo | None:
        """The channel that a row is about; None for the whole business."""
        return self.channels.get(row.channel_id) if row.channel_id else None


@dataclass(frozen=True)
class LastLook:
    """When every metric was last judged, over which days, how often that rings by chance, and what could not be judged."""

    looked_at: datetime
    judged_from: date | None
    judged_to: date | None
    judged: tuple[AnomalyReading, ...]
    not_judged: tuple[AnomalyReading, ...]
    is_current: bool
    by_subject: dict[tuple[str, UUID | None], AnomalyReading] = field(repr=False, default_factory=dict)

    @property
    def false_alarms_per_month(self) -> float:
        """How many alarms an ordinary month brings although nothing happened, over all metrics."""
        return sum(one.alarms_per_month for one in self.judged)

    @property
    def expected_false_alarms(self) -> float:
        """The same over the judged days."""
        return self.false_alarms_per_month * JUDGED_DAYS / DAYS_PER_MONTH


def list_anomalies(session: Session, *, asked: Asked, plan: Plan, limit: int, offset: int = 0) -> FoundPage:
    """A page of what was found. Raises InvalidInput for a metric or a channel that is not known, or days that end before they start."""
    channels = every_channel(session)
    earliest = _earliest(session, plan)
    conditions = _conditions(asked, channels)
    notice = ""
    if earliest is not None:
        _, hidden = listed_anomalies(session, conditions=[*conditions, AnomalyRow.ends_on < earliest], limit=0)
        notice = _history_notice(plan) if hidden else ""
        conditions.append(AnomalyRow.ends_on >= earliest)
    rows, total = listed_anomalies(session, conditions=conditions, limit=limit, offset=offset)
    return FoundPage(rows, total, {channel.id: channel for channel in channels}, notice)


def last_look(session: Session) -> LastLook | None:
    """How the newest look went; None before the first one."""
    rows = readings(session)
    if not rows:
        return None
    judged = tuple(row for row in rows if row.is_judged)
    return LastLook(
        looked_at=rows[0].looked_at,
        judged_from=min((row.since for row in judged if row.since), default=None),
        judged_to=max((row.until for row in judged if row.until), default=None),
        judged=judged,
        not_judged=tuple(row for row in rows if not row.is_judged),
        is_current=rows[0].data_version == data_version(session),
        by_subject={(row.metric, row.channel_id): row for row in rows},
    )


def mark_seen(session: Session, anomaly_id: UUID, *, user_id: UUID) -> AnomalyRow:
    """Somebody has seen it; who did first stays. Raises NotFound."""
    row = anomaly_by_id(session, anomaly_id)
    if row.seen_at is None:
        row.seen_at, row.seen_by = utc_now(), user_id
        session.flush()
    return row


def state_of(row: AnomalyRow) -> State:
    """What has become of it."""
    if row.withdrawn_at is not None:
        return State.WITHDRAWN
    return State.NEW if row.seen_at is None else State.SEEN


def _history_notice(plan: Plan) -> str:
    days = plan.limit(Entitlement.HISTORY_DAYS)
    better = cheapest_plan_with(Entitlement.HISTORY_DAYS, more_than=days)
    return f"The {plan.name} plan shows the last {days} days; older ones are kept and come back with {better.name}."


def _earliest(session: Session, plan: Plan) -> date | None:
    days, last = plan.limit(Entitlement.HISTORY_DAYS), last_day(session)
    return None if days is None or last is None else last - timedelta(days=days - 1)


def _conditions(asked: Asked, channels: Sequence[ChannelInfo]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [_with_state(asked.state)]
    if asked.metric is not None:
        if asked.metric not in KNOWN_METRICS:
            raise _unknown("metric", asked.metric, KNOWN_METRICS)
        conditions.append(AnomalyRow.metric == asked.metric)
    if asked.channel == WHOLE_BUSINESS:
        conditions.append(AnomalyRow.channel_id.is_(None))
    elif asked.channel is not None:
        conditions.append(AnomalyRow.channel_id == _channel_id(asked.channel, channels))
    if asked.since is not None and asked.until is not None and asked.since > asked.until:
        raise InvalidInput(
            f"The days end ({asked.until}) before they start ({asked.since}).",
            "Swap the two dates.",
            [FieldError("is before the start", "until")],
        )
    if asked.since is not None:
        conditions.append(AnomalyRow.ends_on >= asked.since)
    if asked.until is not None:
        conditions.append(AnomalyRow.starts_on <= asked.until)
    return conditions


def _with_state(state: State | None) -> ColumnElement[bool]:
    if state is State.WITHDRAWN:
        return AnomalyRow.withdrawn_at.is_not(None)
    if state is None:
        return AnomalyRow.withdrawn_at.is_(None)
    is_seen = AnomalyRow.seen_at.is_(None) if state is State.NEW else AnomalyRow.seen_at.is_not(None)
    return AnomalyRow.withdrawn_at.is_(None) & is_seen


def _channel_id(key: str, channels: Sequence[ChannelInfo]) -> UUID:
    found = next((channel.id for channel in channels if channel.key == key), None)
    if found is None:
        raise _unknown("channel", key, [*(channel.key for channel in channels), WHOLE_BUSINESS])
    return found


def _unknown(kind: str, name: str, known: Sequence[str]) -> InvalidInput:
    return InvalidInput(
        f"There is no {kind} “{name}” here.",
        f"Use one of: {', '.join(known)}.",
        [FieldError("is unknown", kind, value=name)],
    )
