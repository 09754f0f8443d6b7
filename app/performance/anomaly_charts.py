"""A metric's last 90 days with the band of its ordinary days, and the days that do not fit."""

from collections.abc import Sequence
from datetime import date, timedelta

from app.performance.anomaly_queries import ChannelInfo
from app.performance.anomaly_wording import LEVEL_SHIFT, sentence, subject_words
from app.performance.catalogue import METRICS, Unit
from app.performance.models import AnomalyReading, AnomalyRow
from kit.charts import Format, Line, LineChart, Mark
from kit.format import day
from kit.money import MICROS

BAND = "Ordinary days"
_OWN_SLOT, _UNUSUAL_SLOT = 1, 2


def course_of(
    row: AnomalyRow, reading: AnomalyReading, unusual: Sequence[AnomalyRow], channel: ChannelInfo | None, currency: str
) -> LineChart | None:
    """The course of the metric that `row` is about, with all `unusual` days; None where those days are no longer judged."""
    if reading.since is None or reading.until is None or row.ends_on < reading.since:
        return None
    days = [reading.since + timedelta(days=n) for n in range((reading.until - reading.since).days + 1)]
    document = reading.document
    if len(document["actual"]) != len(days):
        return None
    units = {name: _in_units(row.metric, document[name]) for name in ("actual", "expected", "low", "high")}
    metric = METRICS[row.metric]
    return LineChart(
        title=subject_words(metric, channel),
        note=_note(row, currency),
        finding=sentence(row, channel, currency),
        xs=[one.isoformat() for one in days],
        lines=[
            Line(
                name="To be expected",
                values=units["expected"],
                slot=0,
                low=units["low"],
                high=units["high"],
                band=BAND,
                is_comparison=True,
            ),
            Line(name=metric.label, values=units["actual"], slot=_OWN_SLOT),
            *_unusual_line(units["actual"], days, unusual),
        ],
        format=_format(row.metric, currency),
        marks=[Mark(max((row.starts_on - reading.since).days, 0), day(row.starts_on))],
        height=200,
    )


def _unusual_line(values: list[float | None], days: Sequence[date], rows: Sequence[AnomalyRow]) -> list[Line]:
    only = _only(values, days, rows)
    return [Line(name="Unusual", values=only, slot=_UNUSUAL_SLOT)] if any(value is not None for value in only) else []


def _in_units(key: str, values: Sequence[float | None]) -> list[float | None]:
    if METRICS[key].unit is not Unit.MONEY:
        return list(values)
    return [None if value is None else round(value / MICROS, 2) for value in values]


def _only(values: list[float | None], days: Sequence[date], rows: Sequence[AnomalyRow]) -> list[float | None]:
    """The values of unusual days alone. A change that lasts has a beginning and no days of its own: it is marked."""
    apart = [row for row in rows if row.kind != LEVEL_SHIFT]
    return [
        value if any(row.starts_on <= on <= row.ends_on for row in apart) else None
        for on, value in zip(days, values, strict=True)
    ]


def _note(row: AnomalyRow, currency: str) -> str:
    unit = f"Daily, {currency}" if METRICS[row.metric].unit is Unit.MONEY else "Daily"
    return f"{unit}; a day outside the band is unusual by itself, several days can be unusual within it"


def _format(key: str, currency: str) -> Format:
    unit = METRICS[key].unit
    return Format("money", currency) if unit is Unit.MONEY else Format("multiple" if unit is Unit.MULTIPLE else "count")
