"""Anomalies as their page shows them: what began on the same days is one card, told by its most important metric."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from app.performance.anomaly_charts import course_of
from app.performance.anomaly_list import WHOLE_BUSINESS, Asked, FoundPage, LastLook, State, state_of
from app.performance.anomaly_metrics import BUSINESS, CHANNEL
from app.performance.anomaly_queries import ChannelInfo
from app.performance.anomaly_wording import (
    LEVEL_SHIFT,
    SPIKE,
    cause_sentence,
    change_of,
    days_words,
    false_alarm_sentence,
    rarity_sentence,
    sentence,
    short_change,
    subject_words,
)
from app.performance.catalogue import METRICS
from app.performance.models import AnomalyReading, AnomalyRow
from app.performance.wording import tone_of
from kit.charts import LineChart
from kit.format import ago, day, day_range, percent, percent_change

PER_PAGE = 4
TOGETHER = timedelta(days=1)
_ORDER = {key: place for place, key in enumerate(dict.fromkeys((*BUSINESS, *CHANNEL)))}
_KINDS = {SPIKE: "One day", "stretch": "Several days", LEVEL_SHIFT: "It lasts"}


@dataclass(frozen=True)
class Part:
    """One cause: how far it moved, and what that did to the metric."""

    label: str
    explanation: str
    moved: str
    effect: str
    share: str
    is_clear: bool


@dataclass(frozen=True)
class Related:
    """Something else that was unusual on the same days."""

    subject: str
    change: str
    tone: str
    days: str


@dataclass(frozen=True)
class Event:
    """What began on the same days, told by its most important metric."""

    id: str
    ids: tuple[str, ...]
    title: str
    kind: str
    tone: str
    is_new: bool
    withdrawn: str
    rarity: str
    false_alarms: str
    chart: LineChart | None
    metric: str
    cause: str
    parts: tuple[Part, ...]
    related: tuple[Related, ...]
    goes_on: bool


@dataclass(frozen=True)
class NotJudged:
    """A metric about which nothing can be said."""

    subject: str
    reason: str


@dataclass(frozen=True)
class LookCard:
    """How the last look went."""

    made: str
    days: str
    judged: str
    false_alarms: str
    not_judged: tuple[NotJudged, ...]
    is_current: bool


@dataclass(frozen=True)
class Work:
    """The look that is under way."""

    percent: int
    message: str
    events_url: str
    poll_url: str


@dataclass(frozen=True)
class AnomaliesPage:
    """The variables of performance/anomalies.html."""

    here: str
    import_href: str
    upgrade_href: str
    has_data: bool
    may_mark: bool
    notice: str
    work: Work | None
    look: LookCard | None
    tabs: tuple[tuple[str, str, bool], ...]
    state: str
    metrics: tuple[tuple[str, str], ...]
    channels: tuple[tuple[str, str], ...]
    metric: str
    channel: str
    is_filtered: bool
    events: tuple[Event, ...]
    found: int
    page: int
    pages: int
    page_base: str


@dataclass(frozen=True)
class NewsLine:
    """An event in the strip of the overview."""

    text: str
    tone: str


@dataclass(frozen=True)
class News:
    """The newest events that nobody has seen, for the overview; `more` are not shown."""

    lines: tuple[NewsLine, ...]
    more: int
    href: str


@dataclass(frozen=True)
class Place:
    """Where the pages lie, who looks, and when."""

    base: str
    currency: str
    now: datetime
    may_mark: bool
    may_import: bool

    @property
    def here(self) -> str:
        """The address of the list."""
        return f"{self.base}/anomalies"


def grouped(rows: Sequence[AnomalyRow]) -> list[list[AnomalyRow]]:
    """Rows that began within a day of each other, the newest first; in each the business comes before its channels."""
    groups: list[list[AnomalyRow]] = []
    for row in sorted(rows, key=lambda one: one.starts_on, reverse=True):
        if groups and groups[-1][0].starts_on - row.starts_on <= TOGETHER:
            groups[-1].append(row)
        else:
            groups.append([row])
    return [sorted(group, key=_importance) for group in groups]


def events_of(groups: Sequence[list[AnomalyRow]], found: FoundPage, look: LastLook | None, place: Place) -> list[Event]:
    """The groups as cards."""
    return [_event(group, found, look, place) for group in groups]


def look_card(look: LastLook, found: FoundPage, now: datetime) -> LookCard:
    """How the last look went, in words."""
    days = day_range(look.judged_from, look.judged_to) if look.judged_from and look.judged_to else ""
    per_month = look.false_alarms_per_month
    return LookCard(
        made=ago(look.looked_at, now),
        days=days,
        judged=str(len(look.judged)),
        false_alarms=f"{per_month:.1f} a month at most",
        not_judged=tuple(
            NotJudged(subject_words(METRICS[one.metric], found.channel_of(one)), one.reason)
            for one in _once_per_channel(look.not_judged)
        ),
        is_current=look.is_current,
    )


def news_of(found: FoundPage, *, currency: str, href: str, limit: int) -> News | None:
    """The newest events as lines; None where there are none."""
    groups = grouped(found.rows)
    if not groups:
        return None
    lines = tuple(
        NewsLine(sentence(group[0], found.channel_of(group[0]), currency), _tone(group[0])) for group in groups[:limit]
    )
    return News(lines, max(len(groups) - limit, 0), href)


def tabs_of(asked: Asked, here: str) -> tuple[tuple[str, str, bool], ...]:
    """The states as tabs."""
    kept = {name: value for name, value in (("metric", asked.metric), ("channel", asked.channel)) if value}
    choices = (("All", None), ("Not seen yet", State.NEW), ("Withdrawn", State.WITHDRAWN))
    return tuple(
        (label, _address(here, kept | ({"state": state.value} if state else {})), asked.state is state)
        for label, state in choices
    )


def channel_options(found: FoundPage) -> tuple[tuple[str, str], ...]:
    """Channels to choose from."""
    known = tuple((channel.key, channel.name) for channel in found.channels.values())
    return (("", "Business and channels"), (WHOLE_BUSINESS, "Whole business"), *known)


def metric_options() -> tuple[tuple[str, str], ...]:
    """Metrics to choose from."""
    return (("", "All metrics"), *((key, METRICS[key].label) for key in _ORDER))


def page_base(asked: Asked, here: str) -> str:
    """The address that ends where the page's number goes."""
    pairs = (("metric", asked.metric), ("channel", asked.channel), ("state", asked.state and asked.state.value))
    return _address(here, {name: value for name, value in pairs if value} | {"page": ""})


def _event(group: list[AnomalyRow], found: FoundPage, look: LastLook | None, place: Place) -> Event:
    lead, others = group[0], group[1:]
    channel, metric = found.channel_of(lead), METRICS[lead.metric]
    reading = look.by_subject.get((lead.metric, lead.channel_id)) if look else None
    state = state_of(lead)
    return Event(
        id=str(lead.id),
        ids=tuple(str(row.id) for row in group if state_of(row) is State.NEW),
        title=sentence(lead, channel, place.currency),
        kind=_KINDS[lead.kind],
        tone=_tone(lead),
        is_new=any(state_of(row) is State.NEW for row in group),
        withdrawn=f"Withdrawn on {day(lead.withdrawn_at.date())}: the data were corrected, and these days fit again."
        if lead.withdrawn_at
        else "",
        rarity=rarity_sentence(lead),
        false_alarms=false_alarm_sentence(lead.document["alarms_per_month"]),
        chart=_chart(lead, reading, found, channel, place) if state is not State.WITHDRAWN else None,
        metric=metric.label if metric.label.isupper() else metric.label.lower(),
        cause=cause_sentence(lead.document["causes"]),
        parts=_parts(lead),
        related=tuple(_related(row, found.channel_of(row)) for row in others),
        goes_on=bool(lead.document["may_go_on"]) and lead.kind != LEVEL_SHIFT,
    )


def _chart(
    lead: AnomalyRow,
    reading: AnomalyReading | None,
    found: FoundPage,
    channel: ChannelInfo | None,
    place: Place,
) -> LineChart | None:
    if reading is None or not reading.is_judged:
        return None
    same = [row for row in found.rows if (row.metric, row.channel_id) == (lead.metric, lead.channel_id)]
    return course_of(lead, reading, same, channel, place.currency)


def _parts(row: AnomalyRow) -> tuple[Part, ...]:
    causes = row.document["causes"]
    if causes is None:
        return ()
    return tuple(
        Part(
            label=METRICS[part["factor"]].label,
            explanation=METRICS[part["factor"]].explanation,
            moved=percent_change(part["change"]),
            effect=percent_change(part["effect"]),
            share="" if part["share"] is None else percent(part["share"], digits=0),
            is_clear=part["is_clear"],
        )
        for part in causes["parts"]
    )


def _related(row: AnomalyRow, channel: ChannelInfo | None) -> Related:
    return Related(subject_words(METRICS[row.metric], channel), short_change(row), _tone(row), days_words(row))


def _importance(row: AnomalyRow) -> tuple[bool, int, float]:
    return row.channel_id is not None, _ORDER[row.metric], -abs(row.score)


def _tone(row: AnomalyRow) -> str:
    return tone_of(METRICS[row.metric], change_of(row))


def _once_per_channel(rows: Sequence[AnomalyReading]) -> list[AnomalyReading]:
    """Several metrics of a channel with one reason are told once."""
    once: dict[tuple[object, str], AnomalyReading] = {}
    for row in sorted(rows, key=lambda one: (one.channel_id is not None, _ORDER[one.metric])):
        once.setdefault((row.channel_id or row.metric, row.reason), row)
    return list(once.values())


def _address(path: str, parameters: dict[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
