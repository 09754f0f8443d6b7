"""Looking for days that do not fit, and keeping what was found: a look replaces all readings and changes only what changed.

What an earlier look found and this one does not, on days that both judged, is withdrawn: data were corrected.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.performance.anomaly_causes import causes_of
from app.performance.anomaly_metrics import (
    BASES,
    BUSINESS_HISTORY_DAYS,
    JUDGED_DAYS,
    LATE_DAYS,
    Facts,
    Subject,
    as_metric,
    end_of,
    in_catalogue_units,
    subjects,
)
from app.performance.anomaly_queries import (
    all_anomalies,
    daily_sums,
    days_with_events,
    every_channel,
    newest_reading,
    sources,
    unsettled,
)
from app.performance.models import AnomalyReading, AnomalyRow
from kit.clock import utc_now
from ml.anomalies import Anomaly, AnomalyReport, DetectionOptions, find_anomalies
from ml.anomalies.result import plain
from ml.errors import MlError

# How often a month an ordinary metric of the business rings by chance, and all metrics of channels together: one to two in all,
# because people who are called for nothing more often than that stop coming.
BUSINESS_ALARMS, CHANNEL_ALARMS_IN_ALL = 0.15, 0.6
LEAST_ALARMS = 0.02
# What is found but changed less than this against the days before is no news.
LEAST_CHANGE = 0.15
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Look:
    """What came of a look; `is_new` False where nothing had changed since the last one."""

    is_new: bool
    judged: int = 0
    found: int = 0
    withdrawn: int = 0


@dataclass(frozen=True, eq=False)
class Judged:
    """One metric of one subject after a look: its reading and what was found, or why it was not judged."""

    subject: Subject
    metric: str
    alarms_per_month: float
    report: AnomalyReport | None = None
    reason: str = ""

    @property
    def channel_id(self) -> UUID | None:
        return self.subject.channel.id if self.subject.channel else None

    @property
    def anomalies(self) -> list[Anomaly]:
        """What was found and is worth telling; of several that begin on one day the rarest."""
        found = [one for one in self.report.anomalies if one.metric == self.metric] if self.report else []
        telling = [one for one in found if abs(one.change) >= LEAST_CHANGE and one.rises == (one.score > 0)]
        by_start: dict[date, Anomaly] = {}
        for one in sorted(telling, key=lambda one: one.p_value):
            by_start.setdefault(one.starts_on, one)
        return [by_start[start] for start in sorted(by_start)]


def look_for_anomalies(session: Session, *, today: date, progress: Progress) -> Look:
    """Judge the last 90 whole days of every metric. Data that were looked at today already are not looked at again."""
    version, last = data_version(session), newest_reading(session)
    if last is not None and (last.data_version, last.looked_on) == (version, today):
        return Look(is_new=False)
    progress(0.05, "Reading your days")
    judged = _judge(_facts(session, today=today), days_with_events(session), progress)
    progress(0.95, "Keeping what was found")
    now = utc_now()
    found, withdrawn = _keep_anomalies(session, judged, version=version, now=now, today=today)
    _keep_readings(session, judged, version=version, now=now, today=today)
    return Look(True, sum(one.report is not None for one in judged), found, withdrawn)


def _facts(session: Session, *, today: date) -> Facts:
    yesterday = today - timedelta(days=1)
    ends = sources(session, before=today)
    until = min(ends.end() or yesterday, yesterday)
    since = until - timedelta(days=BUSINESS_HISTORY_DAYS - 1)
    newest = max([until, *(end for end, _ in ends.accounts)])
    return Facts(
        channels=every_channel(session),
        by_channel=daily_sums(session, since=since, until=newest, bases=BASES),
        sources=ends,
        unsettled=unsettled(session, since=today - timedelta(days=LATE_DAYS)),
        today=today,
    )


def _judge(facts: Facts, known_days: Iterable[date], progress: Progress) -> list[Judged]:
    found = subjects(facts)
    in_channels = sum(len(one.metrics) for one in found if one.channel and not one.refusal)
    channel_alarms = min(BUSINESS_ALARMS, max(LEAST_ALARMS, CHANNEL_ALARMS_IN_ALL / max(in_channels, 1)))
    known, judged = list(known_days), []
    for number, subject in enumerate(found):
        name = subject.channel.name if subject.channel else "the whole business"
        progress(0.1 + 0.85 * number / len(found), f"Looking at {name}")
        alarms = channel_alarms if subject.channel else BUSINESS_ALARMS
        judged += _judge_subject(facts, subject, known, alarms)
    return judged


def _judge_subject(facts: Facts, subject: Subject, known: list[date], alarms: float) -> list[Judged]:
    if subject.refusal:
        return [Judged(subject, metric, alarms, reason=subject.refusal) for metric in subject.metrics]
    by_end: dict[date, list[str]] = defaultdict(list)
    for metric in subject.metrics:
        if (end := end_of(facts, subject, metric)) is not None:
            by_end[end].append(metric)
    return [one for end, metrics in by_end.items() for one in _judge_metrics(subject, metrics, end, known, alarms)]


def _judge_metrics(
    subject: Subject, metrics: Sequence[str], end: date, known: list[date], alarms: float
) -> list[Judged]:
    """All at once; where one of them makes no sense, each alone, so that it does not take the others along."""
    try:
        report = find_anomalies(
            np.array(subject.days, "datetime64[D]"),
            [as_metric(subject, metric) for metric in metrics],
            known_days=known,
            options=DetectionOptions(alarms_per_month=alarms, judge_last_days=JUDGED_DAYS, final_until=end),
        )
    except MlError as refusal:
        if len(metrics) == 1:
            return [Judged(subject, metrics[0], alarms, reason=str(refusal))]
        return [one for metric in metrics for one in _judge_metrics(subject, [metric], end, known, alarms)]
    return [_judged(subject, metric, alarms, report) for metric in metrics]


def _judged(subject: Subject, metric: str, alarms: float, report: AnomalyReport) -> Judged:
    reading = report.reading(metric)
    if not reading.judged:
        return Judged(subject, metric, alarms, reason=reading.reason)
    return Judged(subject, metric, alarms, report)


def _keep_anomalies(
    session: Session, judged: Sequence[Judged], *, version: int, now: datetime, today: date
) -> tuple[int, int]:
    """Rows for what was found, and the withdrawal of what was not found again. Answers how many of each are new."""
    known: dict[tuple[str, UUID | None], list[AnomalyRow]] = defaultdict(list)
    for earlier in all_anomalies(session):
        known[earlier.metric, earlier.channel_id].append(earlier)
    new = withdrawn = 0
    for one in judged:
        rows = known.pop((one.metric, one.channel_id), [])
        pairs = _paired(one.anomalies, rows)
        for anomaly, row in pairs:
            new += row is None or row.withdrawn_at is not None
            _write(session, row, one, anomaly, version=version, now=now)
        kept = {row.id for _, row in pairs if row is not None}
        withdrawn += _withdraw([row for row in rows if row.id not in kept], _window(one, today), now)
    for rows in known.values():
        withdrawn += _withdraw(rows, (today - timedelta(days=JUDGED_DAYS), today), now)
    session.flush()
    return new, withdrawn


def _window(one: Judged, today: date) -> tuple[date, date]:
    if one.report is None:
        return today - timedelta(days=JUDGED_DAYS), today
    return one.report.judged_from, one.report.judged_to


def _withdraw(rows: Sequence[AnomalyRow], window: tuple[date, date], now: datetime) -> int:
    """Days that this look did not judge keep what an earlier one said of them."""
    gone = [row for row in rows if row.withdrawn_at is None and window[0] <= row.starts_on <= window[1]]
    for row in gone:
        row.withdrawn_at = now
    return len(gone)


def _paired(anomalies: Sequence[Anomaly], rows: Sequence[AnomalyRow]) -> list[tuple[Anomaly, AnomalyRow | None]]:
    """Each anomaly with the row that speaks of it: the same first day, else days that overlap in the same direction."""
    by_start = {row.starts_on: row for row in rows}
    taken = {by_start[one.starts_on].id for one in anomalies if one.starts_on in by_start}
    pairs: list[tuple[Anomaly, AnomalyRow | None]] = []
    for anomaly in anomalies:
        row: AnomalyRow | None = by_start.get(anomaly.starts_on) or next(
            (one for one in rows if one.id not in taken and one.withdrawn_at is None and _is_same(anomaly, one)), None
        )
        if row is not None:
            taken.add(row.id)
        pairs.append((anomaly, row))
    return pairs


def _is_same(anomaly: Anomaly, row: AnomalyRow) -> bool:
    overlaps = anomaly.starts_on <= row.ends_on and row.starts_on <= anomaly.ends_on
    return overlaps and anomaly.rises == (row.actual > row.expected)


def _write(
    session: Session, row: AnomalyRow | None, one: Judged, anomaly: Anomaly, *, version: int, now: datetime
) -> None:
    values: dict[str, Any] = {
        "kind": anomaly.kind,
        "starts_on": anomaly.starts_on,
        "ends_on": anomaly.ends_on,
        "actual": in_catalogue_units(one.metric, anomaly.actual),
        "expected": in_catalogue_units(one.metric, anomaly.expected),
        "score": anomaly.score,
        "document": _document(one, anomaly),
        "data_version": version,
        "withdrawn_at": None,
    }
    if row is None:
        session.add(AnomalyRow(metric=one.metric, channel_id=one.channel_id, found_at=now, **values))
        return
    if row.withdrawn_at is not None or row.kind != anomaly.kind:
        # It is news again: somebody who saw a day has not seen that it lasts.
        row.seen_at, row.seen_by, row.found_at = None, None, now
    for name, value in values.items():
        setattr(row, name, value)


def _document(one: Judged, anomaly: Anomaly) -> dict[str, Any]:
    low, high = _range(one, anomaly)
    causes = causes_of(
        one.metric, one.subject.days, one.subject.columns, starts_on=anomaly.starts_on, ends_on=anomaly.ends_on
    )
    numbers = {
        "change": anomaly.change,
        "low": low,
        "high": high,
        "chance_per_day": anomaly.p_value,
        "commonness": anomaly.commonness,
        "false_share": anomaly.q_value,
        "alarms_per_month": one.alarms_per_month,
    }
    return {name: plain(value) for name, value in numbers.items()} | {
        "may_go_on": anomaly.may_go_on,
        "causes": causes,
    }


def _range(one: Judged, anomaly: Anomaly) -> tuple[float | None, float | None]:
    """Between what an ordinary one of these days lies, on average over them; after a lasting change, at the level before it."""
    if one.report is None:
        return None, None
    reading = one.report.reading(one.metric)
    days = one.report.dates
    inside = (days >= np.datetime64(anomaly.starts_on)) & (days <= np.datetime64(anomaly.ends_on))
    low, high, middle = (float(np.nanmean(values[inside])) for values in (reading.low, reading.high, reading.expected))
    before = anomaly.expected / middle if anomaly.kind == "level_shift" and middle > 0 else 1.0
    return (
        in_catalogue_units(one.metric, low * before),
        in_catalogue_units(one.metric, high * before),
    )


def _keep_readings(session: Session, judged: Sequence[Judged], *, version: int, now: datetime, today: date) -> None:
    session.execute(delete(AnomalyReading))
    for one in judged:
        report = one.report
        session.add(
            AnomalyReading(
                metric=one.metric,
                channel_id=one.channel_id,
                is_judged=report is not None,
                reason=one.reason,
                since=report.judged_from if report else None,
                until=report.judged_to if report else None,
                alarms_per_month=one.alarms_per_month,
                document=_reading(one),
                data_version=version,
                looked_on=today,
                looked_at=now,
            )
        )
    session.flush()


def _reading(one: Judged) -> dict[str, Any]:
    if one.report is None:
        return {}
    report, reading = one.report, one.report.reading(one.metric)
    shown = (report.dates >= np.datetime64(report.judged_from)) & (report.dates <= np.datetime64(report.judged_to))
    series = {
        name: plain(np.array([in_catalogue_units(one.metric, float(value)) for value in getattr(reading, name)[shown]]))
        for name in ("actual", "expected", "low", "high")
    }
    return series | {
        "noise": plain(reading.noise),
        "smallest_spike": plain(reading.smallest_spike),
        "smallest_stretch": plain(reading.smallest_stretch),
    }
