"""How the overview's values read: by unit, in full or short, changes with their meaning, and why a value is missing."""

from collections.abc import Mapping
from typing import Literal

from app.performance.catalogue import METRICS, Good, Metric, Unit
from app.performance.service import Headline, Overview, Value
from app.performance.windows import Comparison
from kit.format import compact_count, compact_money, count, day, money, multiple, percent, percent_change

Tone = Literal["good", "bad", "plain"]
Direction = Literal["up", "down", "flat"]
COMPARISONS = {
    Comparison.PREVIOUS: "Period before",
    Comparison.LAST_YEAR: "Same period last year",
    Comparison.NONE: "Nothing",
}
# What a change is against, as a column says it, and how a chart or a file names the earlier period.
AGAINST = {Comparison.PREVIOUS: "vs before", Comparison.LAST_YEAR: "vs last year"}
EARLIER = {Comparison.PREVIOUS: "before", Comparison.LAST_YEAR: "last year"}
_ADDITIVE_BY_BASE = {metric.base: metric for metric in METRICS.values() if metric.is_additive}


def full_text(metric: Metric, value: Value, currency: str) -> str:
    """For tables: `$23,908`, `8,942`, `3.21×`, `4.0 %`."""
    if metric.unit is Unit.MONEY:
        return money(None if value is None else round(value), currency)
    if metric.unit is Unit.COUNT:
        return count(value)
    return multiple(value) if metric.unit is Unit.MULTIPLE else percent(value)


def short_text(metric: Metric, value: Value, currency: str) -> str:
    """For tiles: `$431.2K`, `1.24M`; unit costs keep their cents."""
    if metric.unit is Unit.MONEY and metric.is_additive:
        return compact_money(None if value is None else round(value), currency)
    return compact_count(value) if metric.unit is Unit.COUNT else full_text(metric, value, currency)


def headline_label(metric: Metric, shown: Overview) -> str:
    """A metric's name over what is shown: the ROAS of all channels is a blended one."""
    return "Blended ROAS" if metric.key == "roas" and shown.channel is None else metric.label


def unit_text(metric: Metric, currency: str) -> str:
    """The unit as a heading names it."""
    return {Unit.MONEY: currency, Unit.COUNT: "count", Unit.MULTIPLE: "×", Unit.SHARE: "%"}[metric.unit]


def change_text(change: float | None) -> str:
    """A change, signed; nothing where there is none to show."""
    return "" if change is None else percent_change(change)


def direction_of(change: float | None) -> Direction:
    """Where it went; a change that shows as 0.0 % went nowhere."""
    if change is None or abs(change) < 0.0005:
        return "flat"
    return "up" if change > 0 else "down"


def tone_of(metric: Metric, change: float | None) -> Tone:
    """Whether a change is good news: falling CAC is, rising spend is neither."""
    direction = direction_of(change)
    if direction == "flat" or metric.good is Good.NEITHER:
        return "plain"
    return "good" if direction == metric.good.value else "bad"


def changes_of(item: Headline, comparison: Comparison) -> list[tuple[float | None, str]]:
    """A headline's changes, each with what it is against; the chosen one first, and none where nothing was chosen."""
    changes = [
        (item.change, AGAINST[Comparison.PREVIOUS]),
        (item.year_change, AGAINST[Comparison.LAST_YEAR]),
    ]
    if comparison is Comparison.NONE:
        return []
    return changes if comparison is Comparison.PREVIOUS else changes[::-1]


def comparison_text(shown: Overview) -> str:
    """What the numbers are compared with, as the end of a sentence."""
    if shown.comparison is Comparison.NONE:
        return "compared with nothing"
    days = "day" if shown.window.days == 1 else f"{count(shown.window.days)} days"
    known = {
        Comparison.PREVIOUS: f"the {days} before" if shown.has_before else "",
        Comparison.LAST_YEAR: "the same weekdays last year" if shown.has_year_ago else "",
    }
    # The chosen one is said first.
    against = [text for _, text in sorted(known.items(), key=lambda item: item[0] is not shown.comparison) if text]
    if against:
        return "compared with " + " and with ".join(against)
    if shown.first_day is None:
        return "without any data yet"
    return f"with nothing to compare it with: data starts on {day(shown.first_day)}"


def missing_reason(metric: Metric, values: Mapping[str, Value]) -> str:
    """Why a metric is unknown, from the other metrics of the same rows; nothing where it is known."""
    if values[metric.key] is not None:
        return ""
    if values["spend"] is None:
        return "No data in this period"
    above, below = _ADDITIVE_BY_BASE[metric.base], _ADDITIVE_BY_BASE.get(metric.per or "")
    for part in (above, below):
        if part is not None and values[part.key] is None:
            return f"No {_noun(part)} in your data for this period"
    return (
        f"There were no {_noun(below)} to divide by"
        if below is not None and below.key != "spend"
        else "Nothing was spent"
    )


def _noun(metric: Metric) -> str:
    return metric.label.lower()
