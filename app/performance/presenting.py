"""The overview as its page shows it: tiles, charts, table, period picker and notices, ready for the template."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import urlencode

from app.performance.catalogue import Metric
from app.performance.channel_table import DEFAULT_SORT, ChannelTable, channel_table
from app.performance.charts import course_chart, example_chart, roas_chart, share_chart, sparkline
from app.performance.service import Headline, Notice, Overview, PeriodRequest
from app.performance.windows import PRESETS, Comparison
from app.performance.wording import (
    COMPARISONS,
    Direction,
    Tone,
    change_text,
    changes_of,
    comparison_text,
    direction_of,
    headline_label,
    missing_reason,
    short_text,
    tone_of,
)
from kit.charts import BarChart, LineChart, Sparkline
from kit.format import ago, day_range


@dataclass(frozen=True)
class Change:
    """A change with its meaning; empty where there is nothing to compare with."""

    text: str
    tone: Tone
    direction: Direction
    against: str


_NO_CHANGE = Change("", "plain", "flat", "")


@dataclass(frozen=True)
class Tile:
    """A headline figure with its changes, the one that was chosen first."""

    key: str
    label: str
    value: str
    explanation: str
    missing: str
    first: Change
    second: Change
    spark: Sparkline
    source: str


@dataclass(frozen=True)
class PeriodPicker:
    """The period as `period_picker` of components/navigation.html takes it."""

    label: str
    presets: tuple[tuple[str, str, bool], ...]
    start_on: date
    end_on: date
    action: str
    keep: tuple[tuple[str, str], ...]
    earlier_href: str
    later_href: str
    comparisons: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True)
class Filter:
    """What the page is narrowed to, and the address without it."""

    label: str
    href: str


@dataclass(frozen=True)
class Exports:
    """Addresses of the period's files; empty where the caller may not export, or the plan has no PDF."""

    csv: str
    days_csv: str
    xlsx: str
    pdf: str


@dataclass(frozen=True)
class OverviewPage:
    """The variables of performance/overview.html and performance/numbers.html."""

    subtitle: str
    place: str
    has_data: bool
    is_empty: bool
    data_range: str
    notices: tuple[Notice, ...]
    upgrade_href: str
    import_href: str
    all_time_href: str
    chosen: Filter | None
    period: PeriodPicker
    tiles: tuple[Tile, ...]
    course: LineChart
    roas: BarChart | None
    shares: BarChart | None
    table: ChannelTable
    exports: Exports
    example: LineChart


@dataclass(frozen=True)
class Viewer:
    """Where the page lies and what the person who looks may do; `import_href` is empty for those who may not import."""

    base: str
    timezone: str
    may_import: bool
    may_export: bool
    has_pdf: bool


def overview_page(
    shown: Overview, *, viewer: Viewer, period: PeriodRequest, sort: str = DEFAULT_SORT, now: datetime
) -> OverviewPage:
    """Everything that the template needs, in words and addresses."""
    here = f"{viewer.base}/overview"
    narrowed = _narrowed(period)
    asked = _period_parameters(shown, period) | narrowed
    kept = {"sort": sort} if sort != DEFAULT_SORT else {}

    def channel_href(key: str) -> str:
        return _address(here, asked | kept | {"channel": key})

    source = f"{shown.source}, {ago(shown.updated_at, now)}" if shown.updated_at else ""
    links = None if shown.channel else channel_href
    return OverviewPage(
        subtitle=_subtitle(shown),
        place=f"Amounts in {shown.currency}, days in {viewer.timezone} time.",
        has_data=shown.has_data,
        is_empty=shown.is_empty,
        data_range=day_range(shown.first_day, shown.last_day) if shown.first_day and shown.last_day else "",
        notices=shown.notices,
        upgrade_href=f"{viewer.base}/billing",
        import_href=f"{viewer.base}/imports" if viewer.may_import else "",
        all_time_href=_address(here, {"period": "all_time"} | narrowed | kept),
        chosen=_chosen(shown, here, asked | kept),
        period=_picker(shown, here=here, asked=asked, kept=kept | narrowed),
        tiles=tuple(_tile(item, shown, source) for item in shown.headlines),
        course=course_chart(shown),
        roas=roas_chart(shown, links),
        shares=share_chart(shown, links),
        table=channel_table(
            shown,
            sort=sort,
            href_of=lambda key: _address(here, asked | {"sort": key}),
            channel_href=channel_href,
        ),
        exports=_exports(viewer, here, asked),
        example=example_chart(),
    )


def _subtitle(shown: Overview) -> str:
    dates = day_range(shown.window.since, shown.window.until)
    name = f"{shown.window.label}: {dates}" if shown.window.preset else dates
    return f"{name}, {comparison_text(shown)}."


def _chosen(shown: Overview, here: str, parameters: Mapping[str, str]) -> Filter | None:
    if shown.channel is None:
        return None
    others = {name: value for name, value in parameters.items() if name != "channel"}
    return Filter(f"Channel: {shown.channel.name}", _address(here, others))


def _tile(item: Headline, shown: Overview, source: str) -> Tile:
    changes = [_change(item.metric, change, against) for change, against in changes_of(item, shown.comparison)]
    first, second = changes or (_NO_CHANGE, _NO_CHANGE)
    return Tile(
        key=item.metric.key,
        label=headline_label(item.metric, shown),
        value=short_text(item.metric, item.value, shown.currency),
        explanation=item.metric.explanation,
        missing=missing_reason(item.metric, shown.totals),
        first=first,
        second=second,
        spark=sparkline(shown, item.metric.key),
        source=source,
    )


def _change(metric: Metric, change: float | None, against: str) -> Change:
    return Change(
        change_text(change), tone_of(metric, change), direction_of(change), against if change is not None else ""
    )


def _picker(shown: Overview, *, here: str, asked: Mapping[str, str], kept: Mapping[str, str]) -> PeriodPicker:
    window = shown.window
    anyhow = {name: value for name, value in {**asked, **kept}.items() if name != "compare"}
    return PeriodPicker(
        label=window.label,
        presets=tuple(
            (label, _address(here, {"period": preset, **kept}), preset == window.preset)
            for preset, label in PRESETS.items()
        ),
        start_on=window.since,
        end_on=window.until,
        action=here,
        keep=tuple(kept.items()),
        earlier_href=_shifted(shown, here, kept, -window.days),
        later_href=_shifted(shown, here, kept, window.days),
        comparisons=tuple(
            (label, _address(here, {**anyhow, **_comparing(comparison)}), comparison is shown.comparison)
            for comparison, label in COMPARISONS.items()
        ),
    )


def _shifted(shown: Overview, here: str, kept: Mapping[str, str], days: int) -> str:
    """The address of the same length of time earlier or later; empty where there are no data."""
    since, until = (bound + timedelta(days=days) for bound in (shown.window.since, shown.window.until))
    if shown.visible_from is None or shown.last_day is None or until < shown.visible_from or since > shown.last_day:
        return ""
    return _address(here, _dates(since, until) | dict(kept))


def _narrowed(period: PeriodRequest) -> dict[str, str]:
    """The comparison and the channel, where they are not the usual ones."""
    return _comparing(period.comparison) | ({"channel": period.channel} if period.channel else {})


def _comparing(comparison: Comparison) -> dict[str, str]:
    return {} if comparison is Comparison.PREVIOUS else {"compare": comparison.value}


def _period_parameters(shown: Overview, period: PeriodRequest) -> dict[str, str]:
    """The period as the URL said it: a preset stays one, so that a kept link moves on with time."""
    if period.since is not None or period.until is not None:
        return _dates(shown.window.since, shown.window.until)
    return {"period": period.preset} if period.preset else {}


def _dates(since: date, until: date) -> dict[str, str]:
    return {"from": since.isoformat(), "to": until.isoformat()}


def _exports(viewer: Viewer, here: str, asked: Mapping[str, str]) -> Exports:
    if not viewer.may_export:
        return Exports("", "", "", "")
    return Exports(
        csv=_address(f"{here}/export.csv", asked),
        days_csv=_address(f"{here}/export.csv", {**asked, "table": "days"}),
        xlsx=_address(f"{here}/export.xlsx", asked),
        pdf=_address(f"{here}/export.pdf", asked) if viewer.has_pdf else "",
    )


def _address(path: str, parameters: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(parameters)}" if parameters else path
