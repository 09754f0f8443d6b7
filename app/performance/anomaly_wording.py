"""Anomalies in plain words: what was unusual, by how much, how rare that is, and where it comes from."""

from datetime import date
from typing import Any

from app.performance.anomaly_queries import ChannelInfo
from app.performance.catalogue import METRICS, Metric, Unit
from app.performance.models import AnomalyRow
from app.performance.wording import full_text
from kit.format import count, day, day_range, percent

LEVEL_SHIFT, SPIKE = "level_shift", "spike"
DAYS_PER_MONTH = 365.25 / 12
_PLURAL = ("conversions", "clicks", "new_customers")
_MANY_TIMES = 2.0
_NEVER_YEARS = 20
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def subject_words(metric: Metric, channel: ChannelInfo | None) -> str:
    """What it is about (`Spend of Google Ads`)."""
    return f"{metric.label} of {channel.name}" if channel else metric.label


def sentence(row: AnomalyRow, channel: ChannelInfo | None, currency: str) -> str:
    """The anomaly in a sentence, with its numbers."""
    metric = METRICS[row.metric]
    subject = subject_words(metric, channel)
    if row.kind == LEVEL_SHIFT:
        return _lasting(row, metric, subject, currency)
    was = "were" if row.metric in _PLURAL else "was"
    if row.kind == SPIKE:
        usual = f"what is usual for a {_WEEKDAYS[row.starts_on.weekday()]}"
        when = f"on {weekday_of(row.starts_on)}"
    else:
        usual, when = "what is usual", f"on {day_range(row.starts_on, row.ends_on)}"
    return f"{subject} {when} {was} {_distance(row, usual)} ({_numbers(row, metric, currency)})."


def weekday_of(on: date) -> str:
    """A day with its weekday (`Tue 3 Mar 2026`)."""
    return f"{_WEEKDAYS[on.weekday()][:3]} {day(on)}"


def days_words(row: AnomalyRow) -> str:
    """The days alone (`Tue 3 Mar 2026`, `3–6 Mar 2026`, `since 3 Mar 2026`)."""
    if row.kind == LEVEL_SHIFT:
        return f"since {day(row.starts_on)}"
    return weekday_of(row.starts_on) if row.kind == SPIKE else day_range(row.starts_on, row.ends_on)


def value_text(metric: Metric, value: float | None, currency: str) -> str:
    """A value of a day; small counts keep a decimal, because what is to be expected is no whole number."""
    if value is not None and metric.unit is Unit.COUNT and abs(value) < 10 and value != round(value):
        return f"{value:.1f}"
    return full_text(metric, value, currency)


def change_of(row: AnomalyRow) -> float:
    """Actual over expected less 1."""
    return float(row.document["change"])


def short_change(row: AnomalyRow) -> str:
    """The change in two or three words (`41 % below usual`)."""
    return _distance(row, "usual")


def rarity_sentence(row: AnomalyRow) -> str:
    """How often chance alone brings such a thing."""
    chance = row.document["chance_per_day"] or 0.0
    if chance * 365.25 * _NEVER_YEARS < 1:
        return "Chance alone brings this less than once in twenty years."
    return f"Chance alone brings this about once in {_duration(1 / chance)}."


def false_alarm_sentence(alarms_per_month: float) -> str:
    """How often a metric rings although nothing happened, at most (`at most about one false alarm in 4 months`)."""
    if alarms_per_month >= 0.75:
        return f"at most about {count(alarms_per_month)} false {'alarm' if round(alarms_per_month) == 1 else 'alarms'} a month"
    return f"at most about one false alarm in {count(1 / alarms_per_month)} months"


def cause_sentence(causes: dict[str, Any] | None) -> str:
    """Which part moved the metric most."""
    if causes is None:
        return ""
    main = next((part for part in causes["parts"] if part["factor"] == causes["main"]), None)
    if main is None:
        return "No single part stands out of its own noise."
    factor = METRICS[main["factor"]]
    moved = f"{percent(abs(main['change']), digits=0)} {'higher' if main['change'] > 0 else 'lower'} than usual"
    share = main["share"] or 0.0
    lead = "All of it" if share >= 0.95 else "Most of it" if share > 0.5 else "The largest part of it"
    name = factor.label if factor.label.isupper() else factor.label.lower()
    return f"{lead} comes from the {name}, which was {moved}."


def _lasting(row: AnomalyRow, metric: Metric, subject: str, currency: str) -> str:
    moved = "rose" if change_of(row) > 0 else "fell"
    a_day = " a day" if metric.is_additive else ""
    before, after = (value_text(metric, value, currency) for value in (row.expected, row.actual))
    distance = _distance(row, "the one before")
    when = weekday_of(row.starts_on)
    return f"{subject} {moved} to a new level on {when}, {distance} ({after}{a_day} since; {before} before)."


def _distance(row: AnomalyRow, usual: str) -> str:
    change = change_of(row)
    if row.actual == 0:
        return f"0 instead of {usual}"
    if change >= _MANY_TIMES:
        return f"{change + 1:.1f} times {usual}"
    return f"{percent(abs(change), digits=0)} {'above' if change > 0 else 'below'} {usual}"


def _numbers(row: AnomalyRow, metric: Metric, currency: str) -> str:
    actual = value_text(metric, row.actual, currency)
    if row.kind == SPIKE and row.document["low"] is not None and row.document["high"] is not None:
        low, high = (value_text(metric, row.document[end], currency) for end in ("low", "high"))
        return f"{actual}; ordinary is {low} to {high}"
    a_day = " a day" if metric.is_additive else ""
    return f"{actual}{a_day}; about {value_text(metric, row.expected, currency)} was to be expected"


def _duration(days: float) -> str:
    if days < 60:
        return f"{days:.0f} days"
    if days < 730:
        return f"{days / DAYS_PER_MONTH:.0f} months"
    return f"{days / 365.25:.0f} years"
