"""The overview's charts, from the same numbers as its tiles and table: the course, ROAS by channel, shares of money, sparklines.

Values are in units of the currency. A point of a week or a month stands at the mean of a day, so that a short first month
does not look like a fall and every chart has the same scale whatever its step.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from app.performance.catalogue import METRICS, Unit
from app.performance.service import ChannelRow, Overview, Point, Value
from app.performance.windows import Step
from app.performance.wording import EARLIER
from kit.charts import BarChart, BarSeries, Format, Line, LineChart, Reference, Sparkline
from kit.format import compact_amount, multiple, percent
from kit.money import MICROS

ChannelHref = Callable[[str], str]
_SERIES = 6
_REVENUE_SLOT, _SPEND_SLOT = 1, 2
_STEP_NOTES = {Step.DAY: "Daily", Step.WEEK: "Mean of a day, by week", Step.MONTH: "Mean of a day, by month"}


def chart_slot(slot: int) -> int:
    """The palette's slot of a channel, the same on every page; the seventh and later share slot 0 (“Other”)."""
    return slot + 1 if slot < _SERIES else 0


@dataclass(frozen=True)
class _Bar:
    """A channel in a chart, or all those without a colour of their own."""

    name: str
    key: str
    slot: int
    roas: float | None
    spend_share: float | None
    revenue_share: float | None


def _bars(shown: Overview) -> list[_Bar]:
    """Channels in the order of their spend; where several have no colour of their own, they are one bar at the end.

    Revenue that belongs to no channel stays apart: it is nobody's return.
    """
    others = [row for row in shown.channels if chart_slot(row.slot) == 0 and row.takes_spend]
    merged = others if len(others) > 1 else []
    bars = [
        _Bar(
            row.name,
            row.key,
            chart_slot(row.slot),
            row.values["roas"],
            row.spend_share if row.takes_spend else None,
            row.revenue_share,
        )
        for row in shown.channels
        if row not in merged
    ]
    return [*bars, _other(merged, shown)] if merged else bars


def _other(rows: Sequence[ChannelRow], shown: Overview) -> _Bar:
    """Shares of all of them; their ROAS only of those whose revenue is known."""
    spend_share, revenue_share = (
        _share(_sum(row.values[key] for row in rows), shown.totals[key]) for key in ("spend", "revenue")
    )
    returning = [row.values for row in rows if row.values["roas"] is not None]
    sums = {f"{key}_micros": _sum(values[key] for values in returning) for key in ("spend", "revenue")}
    return _Bar(f"Other ({len(rows)})", "", 0, METRICS["roas"].value(sums), spend_share, revenue_share)


def _sum(values: Iterable[Value]) -> Value:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def _share(part: Value, whole: Value) -> float | None:
    return part / whole if part is not None and whole else None


def course_chart(shown: Overview) -> LineChart:
    """Revenue and spend over the period, each with its dashed line of the period it is compared with."""
    earlier = EARLIER.get(shown.comparison, "")
    lines = [
        _line("Revenue", _REVENUE_SLOT, "revenue", shown.course),
        _line("Spend", _SPEND_SLOT, "spend", shown.course),
        *(
            Line(
                name=f"{line.name}, {earlier}",
                values=_fitted(line.values, len(shown.course)),
                slot=line.slot,
                is_comparison=True,
            )
            for line in (
                _line("Revenue", _REVENUE_SLOT, "revenue", shown.course_before),
                _line("Spend", _SPEND_SLOT, "spend", shown.course_before),
            )
            if any(value is not None for value in line.values)
        ),
    ]
    return LineChart(
        title="Revenue and spend",
        note=f"{_STEP_NOTES[shown.step]}, {shown.currency}",
        finding=_course_finding(shown),
        xs=[point.since.isoformat() for point in shown.course],
        lines=lines,
        format=Format("money", shown.currency),
        height=280,
    )


def roas_chart(shown: Overview, channel_href: ChannelHref | None = None) -> BarChart | None:
    """ROAS of each channel that took money and whose revenue is known; None where there is none."""
    bars = sorted((bar for bar in _bars(shown) if bar.roas is not None), key=lambda bar: -(bar.roas or 0))
    if not bars:
        return None
    best, worst = bars[0], bars[-1]
    finding = f"{best.name} brings back most, {multiple(best.roas)} what it costs"
    finding += f"; {worst.name} least, {multiple(worst.roas)}." if len(bars) > 1 else "."
    return BarChart(
        title="ROAS by channel",
        note="As your sources count revenue",
        finding=finding,
        labels=[bar.name for bar in bars],
        series=[BarSeries(name="ROAS", values=[bar.roas for bar in bars])],
        format=Format("multiple"),
        slots=[bar.slot for bar in bars],
        links=_links(bars, channel_href),
        reference=Reference(1.0, "1×"),
    )


def share_chart(shown: Overview, channel_href: ChannelHref | None = None) -> BarChart | None:
    """Each channel's share of spend beside its share of revenue; None without spend. Revenue only where channels have any."""
    bars = [bar for bar in _bars(shown) if bar.spend_share is not None or bar.revenue_share is not None]
    if not bars:
        return None
    series = [BarSeries(name="Share of spend", values=[bar.spend_share for bar in bars], slot=_SPEND_SLOT)]
    if any(bar.revenue_share is not None for bar in bars):
        shares = [bar.revenue_share for bar in bars]
        series.append(BarSeries(name="Share of revenue", values=shares, slot=_REVENUE_SLOT))
    return BarChart(
        title="Share by channel",
        note="Of all spend and of all revenue",
        finding=_share_finding(bars),
        labels=[bar.name for bar in bars],
        series=series,
        format=Format("share"),
        links=_links(bars, channel_href),
    )


def _links(bars: Sequence[_Bar], channel_href: ChannelHref | None) -> list[str]:
    """Where a click on each bar leads: to its channel alone; bars of several channels lead nowhere."""
    return [channel_href(bar.key) if bar.key else "" for bar in bars] if channel_href else []


def sparkline(shown: Overview, key: str) -> Sparkline:
    """A metric's course in a tile."""
    return Sparkline(values=[_per_day(point, key) for point in shown.course])


def example_chart() -> LineChart:
    """A made-up shop's month, drawn faintly behind the words of an empty page."""
    revenue = [900 + 14 * day + 210 * math.sin(day * math.tau / 7) for day in range(30)]
    spend = [300 + 3 * day + 40 * math.sin(day * math.tau / 7 + 1) for day in range(30)]
    return LineChart(
        finding="An example.",
        xs=[(date(2026, 1, 1) + timedelta(days=day)).isoformat() for day in range(30)],
        lines=[Line(name="Revenue", values=list(revenue)), Line(name="Spend", values=list(spend), slot=_SPEND_SLOT)],
        height=200,
    )


def _line(name: str, slot: int, key: str, course: Sequence[Point]) -> Line:
    return Line(name=name, values=[_per_day(point, key) for point in course], slot=slot)


def _per_day(point: Point, key: str) -> float | None:
    """The metric of a point: money in units, sums as the mean of a day, quotients as they are."""
    metric, value = METRICS[key], point.values[key]
    if value is None:
        return None
    units = value / MICROS if metric.unit is Unit.MONEY else float(value)
    if metric.is_additive:
        return round(units / point.days, 2) if point.days else None
    return round(units, 4)


def _fitted(values: list[float | None], length: int) -> list[float | None]:
    """The period before as long as the period: calendar months may differ by one."""
    return (values + [None] * length)[:length]


def _course_finding(shown: Overview) -> str:
    revenue, spend = _daily_mean(shown, "revenue"), _daily_mean(shown, "spend")
    if spend is None:
        return "Nothing is known of this period."
    if revenue is None:
        return f"Spend was {compact_amount(spend, shown.currency)} a day; revenue is not known."
    return f"Revenue was {compact_amount(revenue, shown.currency)} a day, spend {compact_amount(spend, shown.currency)} a day."


def _daily_mean(shown: Overview, key: str) -> float | None:
    days = sum(point.days for point in shown.course)
    total: Value = shown.totals[key]
    return total / MICROS / days if total is not None and days else None


def _share_finding(bars: Sequence[_Bar]) -> str:
    most = max(bars, key=lambda bar: bar.spend_share or 0)
    finding = f"{most.name} takes {percent(most.spend_share)} of spend"
    return finding + (
        f" and brings {percent(most.revenue_share)} of revenue." if most.revenue_share is not None else "."
    )
