"""The calendar as regressors: weekday, yearly season, the business's own events, Black Friday and public holidays.

Every function takes the first day of each period (n + h periods, history first) and answers columns over all of them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from ml.errors import BadOption
from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import DayArray, Event, FloatArray

MONDAY_OFFSET = 3  # 1970-01-01, day 0 of datetime64, was a Thursday
THURSDAY = 3
NEAR_BLACK_FRIDAY = timedelta(days=10)
HOLIDAY_PREFIX = "holiday: "
FEWEST_DAYS_FOR_SEASON, FEWEST_DAYS_FOR_FULL_SEASON = 150, 330


def weekdays(dates: DayArray) -> FloatArray:
    """(n,) dates to (n, 7) indicators from Monday on, each less 1/7 so that they say nothing of the level.

    >>> weekdays(np.array(["2024-01-02"], "datetime64[D]")).argmax(1).tolist()
    [1]
    """
    weekday = (dates.astype(int) + MONDAY_OFFSET) % 7
    indicators: FloatArray = (weekday[:, None] == np.arange(7)) - 1 / 7
    return indicators


def yearly_waves(dates: DayArray, history_days: int) -> FloatArray:
    """(n, 2K) sine and cosine pairs of the year, K = 4, 2 or 0 by the length of the history.

    Half a year cannot show a season; four pairs follow a shop's year down to about six weeks.
    """
    pairs = 4 if history_days >= FEWEST_DAYS_FOR_FULL_SEASON else 2 if history_days >= FEWEST_DAYS_FOR_SEASON else 0
    day_of_year = (dates - dates.astype("datetime64[Y]")).astype(int)
    angle = 2 * np.pi * day_of_year[:, None] * np.arange(1, pairs + 1) / 365.25
    return np.hstack([np.sin(angle), np.cos(angle)])


@dataclass(frozen=True)
class SpecialDay:
    """A day out of the ordinary: its name for people, and the `kind` whose effect it shares."""

    on: np.datetime64
    name: str
    kind: str


def special_days(dates: DayArray, events: Sequence[Event], country: str | None) -> list[SpecialDay]:
    """The business's own events, Black Friday to Cyber Monday of the years in which these do not name it, and the country's public
    holidays where given, of the years that `dates` touch (the own ones of all years)."""
    told = own_events(dates, events)
    own = [SpecialDay(np.datetime64(event.on, "D"), event.name.strip(), event_kind(event.name)) for event in told]
    holidays = public_holidays(dates, country) if country else ()
    public = [
        SpecialDay(np.datetime64(day.on, "D"), day.name.removeprefix(HOLIDAY_PREFIX), day.name) for day in holidays
    ]
    return [*own, *_untold_black_fridays(dates, told), *public]


def _untold_black_fridays(dates: DayArray, told: Sequence[Event]) -> list[SpecialDay]:
    """Those of years without an own one. They share its effect, so that one that is only planned has a past to learn from."""
    named = _own_black_fridays(told)
    years = {event.on.year for event in named}
    untold = [day for day in _black_fridays(dates) if int(str(day.on)[:4]) not in years]
    return [replace(day, kind=event_kind(named[-1].name)) for day in untold] if named else untold


def _own_black_fridays(events: Sequence[Event]) -> list[Event]:
    return [
        event
        for event in events
        if "black" in event_kind(event.name) and abs(event.on - _black_friday(event.on.year)) <= NEAR_BLACK_FRIDAY
    ]


def own_events(dates: DayArray, events: Sequence[Event]) -> tuple[Event, ...]:
    """The business's own events, and its last own Black Friday again in every later year that `dates` touch, as many days from
    that year's Friday as then: who wrote down the last one seldom writes down the next.

    >>> dates = np.arange("2025-11-01", "2026-12-01", dtype="datetime64[D]")
    >>> [str(event.on) for event in own_events(dates, [Event(date(2025, 11, 27), "Black Friday")])]
    ['2025-11-27', '2026-11-26']
    """
    named = _own_black_fridays(events)
    if not named:
        return tuple(events)
    last = max(event.on for event in named).year
    repeated = [
        Event(_black_friday(year) + (event.on - _black_friday(last)), event.name)
        for year in range(last + 1, int(str(dates[-1])[:4]) + 1)
        for event in named
        if event.on.year == last
    ]
    return (*events, *repeated)


def event_columns(
    dates: DayArray, cadence_days: int, events: Sequence[Event], country: str | None
) -> dict[str, FloatArray]:
    """Share of each period that an event of that kind covers, by kind: columns of (n,). See `special_days`.

    Names that differ in a trailing number only ("promo 1", "promo 2") are one kind, so that the next one can be foreseen.
    """
    columns: dict[str, FloatArray] = {}
    for day in special_days(dates, events, country):
        period = int((day.on - dates[0]).astype(int) // cadence_days)
        if 0 <= period < len(dates):
            columns.setdefault(day.kind, np.zeros(len(dates)))[period] += 1 / cadence_days
    return {kind: np.minimum(column, 1.0) for kind, column in columns.items()}


def event_kind(name: str) -> str:
    """The name without case and trailing number.

    >>> event_kind("Promo_12")
    'promo'
    """
    plain = name.strip().casefold()
    return re.sub(r"[\s_#-]*\d+$", "", plain) or plain


def _black_fridays(dates: DayArray) -> list[SpecialDay]:
    """The four days from the Friday on, of every year touched."""
    years = range(int(str(dates[0])[:4]), int(str(dates[-1])[:4]) + 1)
    return [
        SpecialDay(np.datetime64(_black_friday(year)) + offset, "Black Friday", "black friday")
        for year in years
        for offset in range(4)
    ]


def _black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(THURSDAY - first.weekday()) % 7 + 22)


def public_holidays(dates: DayArray, country: str) -> tuple[Event, ...]:
    """The public holidays of the years that `dates` touch, named "holiday: …".

    `country` is an ISO 3166 code of two letters. Raises `BadOption` for one without a list. Source: the package holidays.
    """
    years = (int(str(dates[0])[:4]), int(str(dates[-1])[:4]))
    return tuple(Event(day, f"{HOLIDAY_PREFIX}{name}") for day, name in _holiday_table(country.upper(), *years))


@lru_cache(maxsize=16)
def _holiday_table(country: str, first_year: int, last_year: int) -> tuple[tuple[date, str], ...]:
    silence_prophet()
    from prophet.make_holidays import make_holidays_df

    try:
        table = make_holidays_df(list(range(first_year, last_year + 1)), country)
    except AttributeError as error:
        detail = f"There is no list of public holidays for the country “{country}”."
        raise BadOption(detail, "Use a two-letter code such as US or DE, or leave it out.") from error
    return tuple((day.date(), str(name)) for day, name in zip(table["ds"], table["holiday"], strict=True))
