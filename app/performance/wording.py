"""How the overview's values read: by unit, in full or short, changes with their meaning, and why a value is missing."""

from collections.abc import Mapping
from typing import Literal

from app.performance.catalogue import METRICS, Good, Metric, Unit
from app.performance.service import Overview, Value
from kit.format import compact_count, compact_money, count, day, money, multiple, percent, percent_change

Tone = Literal["good", "bad", "plain"]
Direction = Literal["up", "down", "flat"]
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


def headline_label(metric: Metric) -> str:
    """A metric's name over all channels."""
    return "Blended ROAS" if metric.key == "roas" else metric.label


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


def comparison_text(shown: Overview) -> str:
    """What the numbers are compared with, as the end of a sentence."""
    days = "day" if shown.window.days == 1 else f"{count(shown.window.days)} days"
    against = [f"the {days} before"] if shown.has_before else []
    against += ["the same weekdays last year"] if shown.has_year_ago else []
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
