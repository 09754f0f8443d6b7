"""The overview as flat tables with units in their headings: what CSV and XLSX write. Unknown values are empty cells."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from app.performance.catalogue import HEADLINE, METRICS, Metric, Unit
from app.performance.service import Overview, Value
from app.performance.windows import Comparison
from app.performance.wording import EARLIER, unit_text
from kit.money import MICROS

Format = Literal["text", "date", "money", "count", "multiple", "share"]
Cells = Sequence[object]
_FORMATS: dict[Unit, Format] = {
    Unit.MONEY: "money",
    Unit.COUNT: "count",
    Unit.MULTIPLE: "multiple",
    Unit.SHARE: "share",
}


@dataclass(frozen=True)
class Heading:
    """A column: its name with the unit, and the format of its values. Shares are fractions of 1."""

    text: str
    format: Format


@dataclass(frozen=True)
class FlatTable:
    """Headings and rows of plain values."""

    name: str
    headings: tuple[Heading, ...]
    rows: list[Cells]


def channels_table(shown: Overview) -> FlatTable:
    """A row per channel: every metric, both shares, spend and revenue of the earlier period; and one row for all of them."""
    earlier = EARLIER.get(shown.comparison)
    rows: list[Cells] = [
        (row.name, *_values(row.values), row.spend_share, row.revenue_share, *(_earlier(row.before) if earlier else ()))
        for row in shown.channels
    ]
    if shown.channel is None:
        whole = [1.0 if shown.totals[key] else None for key in ("spend", "revenue")]
        before = _earlier(shown.totals_before) if earlier else ()
        rows.append(("All channels", *_values(shown.totals), *whole, *before))
    headings = (
        Heading("Channel", "text"),
        *(_heading(metric, shown.currency) for metric in METRICS.values()),
        Heading("Share of spend", "share"),
        Heading("Share of revenue", "share"),
        *(_heading(METRICS[key], shown.currency, earlier) for key in ("spend", "revenue") if earlier),
    )
    return FlatTable("Channels", headings, rows)


def headlines_table(shown: Overview) -> FlatTable:
    """The headline metrics, a row for each of the periods that are compared."""
    headings = (
        Heading("Period", "text"),
        Heading("From", "date"),
        Heading("To", "date"),
        *(_heading(item.metric, shown.currency) for item in shown.headlines),
    )
    periods = [("This period", shown.window, [item.value for item in shown.headlines])]
    if shown.comparison is not Comparison.NONE:
        periods += [
            ("Period before", shown.window.before(), [item.before for item in shown.headlines]),
            ("Same weekdays a year ago", shown.window.year_ago(), [item.year_ago for item in shown.headlines]),
        ]
    rows: list[Cells] = [
        (name, window.since, window.until, *map(plain_value, [item.metric for item in shown.headlines], values))
        for name, window, values in periods
    ]
    return FlatTable("Overview", headings, rows)


def days_table(shown: Overview) -> FlatTable:
    """A row per day with the headline metrics; the overview must have been asked for in days."""
    channel = (shown.channel.name,) if shown.channel else ()
    headings = (
        Heading("Day", "date"),
        *(Heading("Channel", "text") for _ in channel),
        *(_heading(METRICS[key], shown.currency) for key in HEADLINE),
    )
    rows: list[Cells] = [
        (point.since, *channel, *(plain_value(METRICS[key], point.values[key]) for key in HEADLINE))
        for point in shown.course
    ]
    return FlatTable("Days", headings, rows)


def plain_value(metric: Metric, value: Value) -> Value:
    """A value in the unit that its heading names: money in units of the currency to the cent."""
    if value is None:
        return None
    if metric.unit is Unit.MONEY:
        return round(value / MICROS, 2)
    return value if metric.unit is Unit.COUNT else round(value, 4)


def _heading(metric: Metric, currency: str, suffix: str = "") -> Heading:
    unit = "" if metric.unit in (Unit.COUNT, Unit.SHARE) else f" ({unit_text(metric, currency)})"
    return Heading(f"{metric.label}{' ' + suffix if suffix else ''}{unit}", _FORMATS[metric.unit])


def _values(values: Mapping[str, Value]) -> list[Value]:
    return [plain_value(metric, values[key]) for key, metric in METRICS.items()]


def _earlier(values: Mapping[str, Value]) -> list[Value]:
    return [plain_value(METRICS[key], values[key]) for key in ("spend", "revenue")]
