"""The baseline's explanatory columns: what would sell without ads, as trend, weekday, season, events and holidays."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from ml.frames import DayArray, Event, FloatArray

FREE = -1  # the group of columns that are hardly shrunk
TREND_KNOT_DAYS = 28
YEAR_DAYS = 365.25


@dataclass(frozen=True, eq=False)
class Design:
    """`columns` (n, k), the first the intercept; `group` (k,) ≥ 0 where columns share a learned scale, `FREE` elsewhere."""

    columns: FloatArray
    group: NDArray[np.int_]
    names: tuple[str, ...]

    @property
    def groups(self) -> int:
        return int(self.group.max()) + 1


def baseline_design(
    dates: DayArray, cadence_days: int, *, events: Sequence[Event] = (), holidays: Sequence[Event] = ()
) -> Design:
    """Columns for n periods that begin on `dates`.

    Intercept and line (free), hinge trend with a knot every 28 days (42 where weekly), weekday indicators where daily,
    sine and cosine pairs of the year (4, or 2 under 330 days), one column for all reported events (free) plus one per
    kind of event that happens with its own deviation, Black Friday week, and one per holiday name. Columns of one kind
    share a scale that the fit learns, so that what the data do not ask for shrinks away.
    """
    blocks = [
        _line(len(dates)),
        _hinges(len(dates), cadence_days),
        _weekdays(dates) if cadence_days == 1 else {},
        _seasons(dates, cadence_days),
        _shared_event(dates, cadence_days, events),
        _dated(dates, cadence_days, events) if len({event.name for event in events}) > 1 else {},
        _dated(dates, cadence_days, [*holidays, *_black_fridays(dates)]),
    ]
    columns, group, names, next_group = [], [], [], 0
    free_blocks = (0, 4)
    for position, block in enumerate(blocks):
        kept = {name: column for name, column in block.items() if np.abs(column).sum() > 0}
        columns += list(kept.values())
        names += list(kept)
        group += [FREE if position in free_blocks else next_group] * len(kept)
        next_group += bool(kept) and position not in free_blocks
    return Design(columns=np.column_stack(columns), group=np.array(group), names=tuple(names))


def _line(periods: int) -> dict[str, FloatArray]:
    t = np.arange(periods)
    return {"intercept": np.ones(periods), "line": (t - periods / 2) / periods}


def _hinges(periods: int, cadence_days: int) -> dict[str, FloatArray]:
    step = TREND_KNOT_DAYS if cadence_days == 1 else 6
    t = np.arange(periods)
    return {f"trend {knot}": np.maximum(t - knot, 0) / periods * 3 for knot in range(step, periods - step // 2, step)}


def _weekdays(dates: DayArray) -> dict[str, FloatArray]:
    weekday = (dates.astype(int) + 3) % 7  # 1970-01-01 was a Thursday, Monday is 0
    return {f"weekday {day}": (weekday == day) - 1 / 7 for day in range(7)}


def _seasons(dates: DayArray, cadence_days: int) -> dict[str, FloatArray]:
    angle = 2 * np.pi * dates.astype(int) / YEAR_DAYS
    pairs = 4 if len(dates) * cadence_days >= 330 else 2
    waves = {}
    for pair in range(1, pairs + 1):
        waves[f"year sine {pair}"] = np.sin(pair * angle) / pair
        waves[f"year cosine {pair}"] = np.cos(pair * angle) / pair
    return waves


def _shared_event(dates: DayArray, cadence_days: int, events: Sequence[Event]) -> dict[str, FloatArray]:
    shared = sum(_dated(dates, cadence_days, events).values(), start=np.zeros(len(dates)))
    return {"any event": np.minimum(shared, 1.0)}


def _dated(dates: DayArray, cadence_days: int, events: Sequence[Event]) -> dict[str, FloatArray]:
    """One column per event name: the share of the period's days that carry it."""
    columns: dict[str, FloatArray] = {}
    for event in events:
        period = (np.datetime64(event.on) - dates[0]).astype(int) // cadence_days
        column = columns.setdefault(f"event {event.name}", np.zeros(len(dates)))
        if 0 <= period < len(dates):
            column[period] += 1 / cadence_days
    return columns


def _black_fridays(dates: DayArray) -> list[Event]:
    """The five days from Thanksgiving (fourth Thursday of November) to Cyber Monday of every year touched."""
    first, last = int(str(dates[0])[:4]), int(str(dates[-1])[:4])
    found = []
    for year in range(first, last + 1):
        november = date(year, 11, 1)
        thanksgiving = november + timedelta(days=(3 - november.weekday()) % 7 + 21)
        found += [Event(thanksgiving + timedelta(days=day), "Black Friday") for day in range(5)]
    return found
