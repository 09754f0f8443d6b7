"""The overview: headline metrics with their changes, their course, the channels, all from the metric catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from app.campaigns.models import MEASURES
from app.campaigns.queries import uncounted_notice
from app.performance.catalogue import HEADLINE, METRICS, Metric, relative_change
from app.performance.queries import (
    ChannelInfo,
    Extent,
    GroupedSums,
    Sums,
    channels,
    extent,
    grouped_sums,
    spend_and_revenue,
)
from app.performance.windows import (
    DEFAULT_PRESET,
    Comparison,
    Step,
    Window,
    explicit_window,
    preset_window,
    step_for,
)
from billing.plans import Entitlement, Plan, cheapest_plan_with
from kit.errors import FieldError, InvalidInput

Value = float | int | None
_NOTHING: Sums = dict.fromkeys(MEASURES)
# Where each comparison's window stands among those that are summed; 0 is the period itself.
_POSITIONS = {Comparison.PREVIOUS: 1, Comparison.LAST_YEAR: 2, Comparison.NONE: 0}


@dataclass(frozen=True)
class Headline:
    """One metric in the window, the window before, and a year ago; earlier windows are unknown unless data cover them whole."""

    metric: Metric
    value: Value
    before: Value
    year_ago: Value

    @property
    def change(self) -> float | None:
        """Against the period before, as a fraction."""
        return relative_change(self.value, self.before)

    @property
    def year_change(self) -> float | None:
        """Against the same weekdays a year ago, as a fraction."""
        return relative_change(self.value, self.year_ago)


@dataclass(frozen=True)
class ChannelRow:
    """One channel in the window; `values` by metric key, `before` the same in the window it is compared with."""

    id: UUID
    key: str
    name: str
    slot: int
    takes_spend: bool
    values: dict[str, Value]
    before: dict[str, Value]
    spend_share: float | None
    revenue_share: float | None


@dataclass(frozen=True)
class Point:
    """One step of the course: a day, a week or a month in all. `days` of it lie between the first and the last data."""

    since: date
    until: date
    days: int
    values: dict[str, Value]


@dataclass(frozen=True)
class Notice:
    """What has to be said about the numbers; `is_limit` where another plan would show more."""

    text: str
    is_limit: bool = False


@dataclass(frozen=True)
class ChosenChannel:
    """The one channel that the numbers are of."""

    id: UUID
    key: str
    name: str


@dataclass(frozen=True)
class Overview:
    """Everything that the overview shows, computed once for page, API and exports."""

    window: Window
    comparison: Comparison
    compared_with: Window | None
    channel: ChosenChannel | None
    currency: str
    headlines: tuple[Headline, ...]
    channels: tuple[ChannelRow, ...]
    totals: dict[str, Value]
    totals_before: dict[str, Value]
    step: Step
    course: tuple[Point, ...]
    course_before: tuple[Point, ...]
    first_day: date | None
    last_day: date | None
    visible_from: date | None
    updated_at: datetime | None
    source: str
    notices: tuple[Notice, ...]

    @property
    def has_data(self) -> bool:
        """True where anything was ever imported."""
        return self.last_day is not None

    @property
    def has_before(self) -> bool:
        """True where data cover the whole period before."""
        return _covers(self.first_day, self.window.before())

    @property
    def has_year_ago(self) -> bool:
        """True where data cover the same weekdays a year ago."""
        return _covers(self.first_day, self.window.year_ago())

    @property
    def has_comparison(self) -> bool:
        """True where one was asked for and data cover the whole of it."""
        return self.compared_with is not None and _covers(self.first_day, self.compared_with)

    @property
    def is_empty(self) -> bool:
        """True where nothing is known of this period."""
        return all(value is None for value in self.totals.values())


@dataclass(frozen=True)
class PeriodRequest:
    """What the URL asks for: a preset, or two dates, or nothing; what to compare with, and the one channel, by its key."""

    preset: str | None = None
    since: date | None = None
    until: date | None = None
    comparison: Comparison = Comparison.PREVIOUS
    channel: str | None = None


def overview(
    session: Session, *, period: PeriodRequest, plan: Plan, currency: str, today: date, step: Step | None = None
) -> Overview:
    """The overview of a period, clipped to the history that the plan shows; its course in `step`s, or as fine as a chart allows."""
    known = extent(session)
    window, notices = choose_window(known, period=period, plan=plan, today=today)
    if uncounted := uncounted_notice(session):
        notices.append(Notice(uncounted, is_limit=True))
    step = step or step_for(window)
    every_channel = channels(session)
    chosen = _chosen(every_channel, period.channel)
    windows = [window] if period.comparison is Comparison.NONE else [window, window.before(), window.year_ago()]
    grouped = grouped_sums(session, windows, step=step, channel_id=chosen.id if chosen else None)
    sums, compared = _comparable(grouped, windows, known), _POSITIONS[period.comparison]
    compared_with = windows[compared] if compared else None
    return Overview(
        window=window,
        comparison=period.comparison,
        compared_with=compared_with,
        channel=chosen,
        currency=currency,
        headlines=tuple(_headline(METRICS[key], sums) for key in HEADLINE),
        channels=_channel_rows(
            every_channel, sums, compared, spend_and_revenue(session, window) if chosen else _whole(sums)
        ),
        totals=_metric_values(sums.totals.get(0, _NOTHING)),
        totals_before=_metric_values(sums.totals.get(compared, _NOTHING) if compared else _NOTHING),
        step=step,
        course=_course(window, step, sums.by_step.get(0, {}), known),
        course_before=_course(compared_with, step, sums.by_step.get(compared, {}), known) if compared_with else (),
        first_day=known.first_day,
        last_day=known.last_day,
        visible_from=max(known.first_day, _earliest(plan, known, today)) if known.first_day else None,
        updated_at=known.changed_at,
        source=_source(known),
        notices=tuple(notices),
    )


def _source(known: Extent) -> str:
    """What the numbers come from, in a word or two."""
    if known.has_platforms:
        return "Files and platforms" if known.has_files else "Connected platforms"
    return "Imported files"


def _chosen(every_channel: Sequence[ChannelInfo], key: str | None) -> ChosenChannel | None:
    if key is None:
        return None
    for channel in every_channel:
        if channel.key == key:
            return ChosenChannel(channel.id, channel.key, channel.name)
    raise InvalidInput(
        f"There is no channel “{key}” in this workspace.",
        "It may have been renamed or merged. Open the overview without a channel and choose one from its table.",
        [FieldError("is unknown", "channel", value=key)],
    )


def _comparable(sums: GroupedSums, windows: Sequence[Window], known: Extent) -> GroupedSums:
    """Without the sums of earlier windows that the data cover in part only: half a month would look like growth."""
    covered = {position for position, window in enumerate(windows) if position == 0 or _covers(known.first_day, window)}
    return GroupedSums(
        {position: total for position, total in sums.totals.items() if position in covered},
        {position: channels for position, channels in sums.by_channel.items() if position in covered},
        sums.by_step,
    )


def _covers(first_day: date | None, window: Window) -> bool:
    return first_day is not None and window.since >= first_day


def choose_window(known: Extent, *, period: PeriodRequest, plan: Plan, today: date) -> tuple[Window, list[Notice]]:
    """The window that a request means, and what has to be said about it."""
    notices: list[Notice] = []
    last_day = _last_day(known, today)
    if last_day < today - timedelta(days=1):
        notices.append(Notice(f"Your data ends on {last_day:%-d %b %Y}; periods are counted up to that day."))
    window, earliest = _asked_for(period, last_day=last_day, first_day=known.first_day), _earliest(plan, known, today)
    if window.since < earliest:
        days = plan.limit(Entitlement.HISTORY_DAYS)
        better = cheapest_plan_with(Entitlement.HISTORY_DAYS, more_than=days)
        text = f"The {plan.name} plan shows the last {days} days; older days are kept and come back with {better.name}."
        notices.append(Notice(text, is_limit=True))
        window = window.clipped(earliest)
    return window, notices


def _last_day(known: Extent, today: date) -> date:
    """A period counts up to where the data end: days that are not there yet would look like a fall."""
    return known.last_day or today - timedelta(days=1)


def _earliest(plan: Plan, known: Extent, today: date) -> date:
    """The first day that the plan shows."""
    days = plan.limit(Entitlement.HISTORY_DAYS)
    return date.min if days is None else _last_day(known, today) - timedelta(days=days - 1)


def _asked_for(period: PeriodRequest, *, last_day: date, first_day: date | None) -> Window:
    """The dates where there are any (with one of them, the other is the nearest sensible one), else the preset."""
    if period.since is not None:
        return explicit_window(period.since, period.until or max(last_day, period.since))
    if period.until is not None:
        return explicit_window(period.until - timedelta(days=29), period.until)
    return preset_window(period.preset or DEFAULT_PRESET, last_day=last_day, first_day=first_day)


def _headline(metric: Metric, sums: GroupedSums) -> Headline:
    now, before, year_ago = (metric.value(sums.totals.get(position, _NOTHING)) for position in range(3))
    return Headline(metric, now, before, year_ago)


def _whole(sums: GroupedSums) -> tuple[int | None, int | None]:
    total = sums.totals.get(0, _NOTHING)
    return total["spend_micros"], total["revenue_micros"]


def _channel_rows(
    every_channel: Sequence[ChannelInfo], sums: GroupedSums, compared: int, whole: tuple[int | None, int | None]
) -> tuple[ChannelRow, ...]:
    now, before = sums.by_channel.get(0, {}), sums.by_channel.get(compared, {}) if compared else {}
    spend, revenue = whole
    rows = [
        ChannelRow(
            id=channel.id,
            key=channel.key,
            name=channel.name,
            slot=channel.slot,
            takes_spend=channel.takes_spend,
            values=_metric_values(now.get(channel.id, _NOTHING)),
            before=_metric_values(before.get(channel.id, _NOTHING)),
            spend_share=_share(now.get(channel.id, _NOTHING)["spend_micros"], spend),
            revenue_share=_share(now.get(channel.id, _NOTHING)["revenue_micros"], revenue),
        )
        for channel in every_channel
        if channel.id in now or channel.id in before
    ]
    return tuple(sorted(rows, key=lambda row: (-(row.values["spend"] or 0), row.name)))


def _metric_values(sums: Sums) -> dict[str, Value]:
    return {key: metric.value(sums) for key, metric in METRICS.items()}


def _share(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def _course(window: Window, step: Step, by_step: Mapping[date, Sums], known: Extent) -> tuple[Point, ...]:
    return tuple(_point(part, by_step.get(part.since, _NOTHING), known) for part in window.steps(step))


def _point(part: Window, sums: Sums, known: Extent) -> Point:
    first, last = max(part.since, known.first_day or part.since), min(part.until, known.last_day or part.until)
    values = {key: METRICS[key].value(sums) for key in HEADLINE}
    return Point(part.since, part.until, max((last - first).days + 1, 0), values)
