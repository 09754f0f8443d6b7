"""The calendar as regressors: weekday, yearly season, the business's own events, Black Friday and public holidays.

Every function takes the first day of each period (n + h periods, history first) and answers columns over all of them.
"""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache

import numpy as np

from ml.errors import BadOption
from ml.forecast.prophet_quiet import silence_prophet
from ml.frames import DayArray, Event, FloatArray

MONDAY_OFFSET = 3  # 1970-01-01, day 0 of datetime64, was a Thursday
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


def event_columns(
    dates: DayArray, cadence_days: int, events: Sequence[Event], country: str | None
) -> dict[str, FloatArray]:
    """Share of each period that an event of that kind covers, by kind: columns of (n,).

    Names that differ in a trailing number only ("promo 1", "promo 2") are one kind, so that the next one can be foreseen.
    Black Friday to Cyber Monday is added unless the events name it, and the country's public holidays where given.
    """
    own = [(np.datetime64(event.on, "D"), event_kind(event.name)) for event in events]
    named = {kind for _, kind in own}
    black_friday = [] if any("black" in kind for kind in named) else _black_fridays(dates)
    holidays = public_holidays(dates, country) if country else ()
    columns: dict[str, FloatArray] = {}
    for on, kind in [*own, *black_friday, *((np.datetime64(day.on, "D"), day.name) for day in holidays)]:
        period = int((on - dates[0]).astype(int) // cadence_days)
        if 0 <= period < len(dates):
            columns.setdefault(kind, np.zeros(len(dates)))[period] += 1 / cadence_days
    return {kind: np.minimum(column, 1.0) for kind, column in columns.items()}


def event_kind(name: str) -> str:
    """The name without case and trailing number.

    >>> event_kind("Promo_12")
    'promo'
    """
    plain = name.strip().casefold()
    return re.sub(r"[\s_#-]*\d+$", "", plain) or plain


def _black_fridays(dates: DayArray) -> list[tuple[np.datetime64, str]]:
    """The four days from the Friday after the fourth Thursday of November."""
    days = []
    for year in np.unique(dates.astype("datetime64[Y]")):
        first = np.datetime64(f"{year}-11-01")
        first_thursday = first + (3 - (int(first.astype(int)) + MONDAY_OFFSET) % 7) % 7
        days += [(first_thursday + 22 + offset, "black friday") for offset in range(4)]
    return days


def public_holidays(dates: DayArray, country: str) -> tuple[Event, ...]:
    """The public holidays of the years that `dates` touch, named "holiday: …".

    `country` is an ISO 3166 code of two letters. Raises `BadOption` for one without a list. Source: the package holidays.
    """
    years = (int(str(dates[0])[:4]), int(str(dates[-1])[:4]))
    return tuple(Event(day, f"holiday: {name}") for day, name in _holiday_table(country.upper(), *years))


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
