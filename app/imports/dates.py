"""Days as spreadsheets spell them: ISO, D.M.Y, D/M/Y, M/D/Y, named months in 13 languages, Excel's serial numbers.

`date_reader` reads one value, `recognise_dates` finds out which of day and month comes first.
"""

import itertools
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from app.imports.shape import Cell, DayOrder, Problem, quoted

EARLIEST = date(2000, 1, 1)
SERIAL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 30_000, 80_000  # 1982 to 2119; five digits can be no other kind of date
MONTH_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "nb", "fi", "pl", "cs")
_NUMERIC_FORM = "day and month divided by {}"
_TOTALS = {"total", "totals", "grand total", "gesamt", "gesamtsumme", "summe", "sum", "totale", "suma", "totaal"}

_TIME = r"(?:[T ,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp]\.?[Mm]\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}})\.?{_TIME}", re.ASCII)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})", re.ASCII)
_NUMERIC = re.compile(rf"(\d{{1,2}})\s?([./-])\s?(\d{{1,2}})\s?\2\s?(\d{{4}}|\d{{2}}){_TIME}", re.ASCII)
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?", re.ASCII)
_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)?"
_DAY_NAMED = re.compile(
    rf"{_WEEKDAY}(\d{{1,2}})(?:\.|st|nd|rd|th|er|º)?[\s/-]*(?:de\s+|of\s+)?([^\W\d_]{{3,12}})\.?[\s/,.-]*(?:de\s+|del\s+)?(\d{{4}}|\d{{2}}){_TIME}"
)
_NAMED_DAY = re.compile(rf"{_WEEKDAY}([^\W\d_]{{3,12}})\.?[\s/-]*(\d{{1,2}})(?:st|nd|rd|th)?[\s,/-]+(\d{{4}}){_TIME}")
_YEAR_NAMED = re.compile(r"(\d{4})[\s/-]+([^\W\d_]{3,12})\.?[\s/-]+(\d{1,2})")


@dataclass(frozen=True)
class DateFindings:
    """What the dates of a file look like. `day_order` is None where no date leaves it open; `is_certain` False asks a person."""

    forms: tuple[str, ...]
    day_order: DayOrder | None
    is_certain: bool
    evidence: tuple[str, ...]
    example: str = ""


@cache
def month_names() -> dict[str, int]:
    """Month names and their short forms in all languages; no spelling means two months."""
    from babel import Locale

    names: dict[str, int] = {"sept": 9, "mrz": 3, "maerz": 3}
    for language in MONTH_LANGUAGES:
        for context in Locale.parse(language).months.values():
            for width in ("wide", "abbreviated"):
                for number, name in context[width].items():
                    names[name.casefold().strip(".")] = number
    return names


def date_reader(day_order: DayOrder | None, *, today: date) -> Callable[[Cell], date | Problem]:
    """A function from a cell to its day, or to what is wrong with it. Days after tomorrow and before 2000 are wrong."""
    latest = today + timedelta(days=1)

    def read(cell: Cell) -> date | Problem:
        day = parse_day(cell, day_order)
        if isinstance(day, Problem):
            return day
        if day > latest:
            return Problem(
                f"{day:%-d %B %Y} lies in the future. Leave out planned days, or check the order of day and month."
            )
        if day < EARLIEST:
            return Problem(f"{day:%-d %B %Y} lies before 2000. Check the year.")
        return day

    return read


def parse_day(cell: Cell, day_order: DayOrder | None) -> date | Problem:
    """The day a cell spells; where only day and month are in doubt, `day_order` decides."""
    if not isinstance(cell, str):
        return _serial_day(cell, str(cell)) if isinstance(cell, float) else cell
    text = cell.strip().strip("'\u200e\u200f").replace("\u00a0", " ")
    if match := _YEAR_FIRST.fullmatch(text):
        return _day(match[1], match[3], match[4], text)
    if match := _NUMERIC.fullmatch(text):
        return _ordered(match, day_order, text)
    if match := _COMPACT.fullmatch(text):
        return _day(match[1], match[2], match[3], text)
    return _serial_day(float(match[1]), text) if (match := _SERIAL.fullmatch(text)) else _named_day(text)


def recognise_dates(texts: Iterable[str], *, today: date) -> DateFindings:
    """Which forms occur, and whether day or month comes first, with the evidence for it."""
    distinct = list(dict.fromkeys(text.strip() for text in texts if text.strip()))
    numeric = [match for text in distinct if (match := _NUMERIC.fullmatch(text))]
    forms = tuple(dict.fromkeys(form for text in distinct if (form := form_of(text))))
    if not numeric:
        return DateFindings(forms, None, is_certain=True, evidence=())
    day_first = [m for m in numeric if int(m[1]) > 12]
    month_first = [m for m in numeric if int(m[3]) > 12]
    if day_first or month_first:
        return _settled(forms, day_first, month_first)
    if all(m[2] == "." for m in numeric):
        note = f"Dates with full stops, such as {numeric[0].group()}, are written day first."
        named = _named_forms(forms, DayOrder.DAY_FIRST)
        return DateFindings(named, DayOrder.DAY_FIRST, True, (note,), numeric[0].group())
    return _weighed(forms, numeric, today)


def form_of(text: str) -> str:
    """The name of the form in which a date is written; '' where it is none."""
    if _YEAR_FIRST.fullmatch(text):
        return "YYYY-MM-DD"
    if match := _NUMERIC.fullmatch(text):
        return _NUMERIC_FORM.format(match[2])
    if _COMPACT.fullmatch(text):
        return "YYYYMMDD"
    if _SERIAL.fullmatch(text) and FIRST_SERIAL <= int(text[:5]) <= LAST_SERIAL:
        return "Excel serial number"
    return "" if isinstance(parse_day(text, None), Problem) else "named month"


def _settled(forms: tuple[str, ...], day_first: list[re.Match[str]], month_first: list[re.Match[str]]) -> DateFindings:
    is_day_first = len(day_first) >= len(month_first)
    shown, other = (day_first, month_first) if is_day_first else (month_first, day_first)
    first = "day" if is_day_first else "month"
    evidence = [f"{shown[0].group()} can only be read with the {first} first."]
    if other:
        evidence.append(f"{other[0].group()} can only be read the other way round: those rows will be refused.")
    order = DayOrder.DAY_FIRST if is_day_first else DayOrder.MONTH_FIRST
    return DateFindings(_named_forms(forms, order), order, not other, tuple(evidence), shown[0].group())


def _named_forms(forms: tuple[str, ...], order: DayOrder) -> tuple[str, ...]:
    """The forms once it is known what comes first: DD.MM.YYYY, MM/DD/YYYY."""
    parts = ("DD", "MM") if order is DayOrder.DAY_FIRST else ("MM", "DD")
    names = {_NUMERIC_FORM.format(mark): f"{parts[0]}{mark}{parts[1]}{mark}YYYY" for mark in "./-"}
    return tuple(names.get(form, form) for form in forms)


def _weighed(forms: tuple[str, ...], numeric: list[re.Match[str]], today: date) -> DateFindings:
    """No date settles the order: neighbouring dates mostly lie a day or a week apart, and none lies in the future."""
    scores, evidence = dict.fromkeys(DayOrder, 0), []
    for order in DayOrder:
        days = [day for m in numeric if isinstance(day := _ordered(m, order, m.group()), date)]
        steps = [abs((b - a).days) for a, b in itertools.pairwise(days)]
        close = sum(step <= 7 for step in steps)
        future = sum(day > today + timedelta(days=1) for day in days)
        scores[order] = close - 2 * future
        name = "day" if order is DayOrder.DAY_FIRST else "month"
        if steps:
            evidence.append(
                f"Read with the {name} first, {close} of {len(steps)} neighbouring dates are close together."
            )
        if future:
            evidence.append(f"Read with the {name} first, {future} dates lie in the future.")
    guess = DayOrder.MONTH_FIRST if scores[DayOrder.MONTH_FIRST] > scores[DayOrder.DAY_FIRST] else DayOrder.DAY_FIRST
    example = next((m.group() for m in numeric if int(m[1]) != int(m[3])), numeric[0].group())
    return DateFindings(forms, guess, is_certain=False, evidence=tuple(evidence), example=example)


def _ordered(match: re.Match[str], day_order: DayOrder | None, text: str) -> date | Problem:
    first, separator, second, year = match[1], match[2], match[3], match[4]
    if day_order is None:
        if separator == "." or int(first) > 12:
            return _day(year, second, first, text)
        if int(second) > 12 or first == second:
            return _day(year, first, second, text)
        return Problem(f"{quoted(text)} can be read in two ways. Write it as year-month-day.")
    if day_order is DayOrder.DAY_FIRST:
        return _day(year, second, first, text, hint=" The file is read with the day first.")
    return _day(year, first, second, text, hint=" The file is read with the month first.")


def _named_day(text: str) -> date | Problem:
    for pattern, year, month, day in ((_NAMED_DAY, 3, 1, 2), (_DAY_NAMED, 3, 2, 1), (_YEAR_NAMED, 1, 2, 3)):
        if match := pattern.fullmatch(text):
            number = month_names().get(match[month].casefold())
            return _unreadable(text) if number is None else _day(match[year], str(number), match[day], text)
    return _unreadable(text)


def _day(year: str, month: str, day: str, text: str, *, hint: str = "") -> date | Problem:
    full_year = int(year) + 2000 if len(year) == 2 else int(year)
    try:
        return date(full_year, int(month), int(day))
    except ValueError:
        return Problem(f"{quoted(text)} is not a day of the calendar.{hint} Write it as year-month-day.")


def _serial_day(serial: float, text: str) -> date | Problem:
    if not FIRST_SERIAL <= serial <= LAST_SERIAL:
        return _unreadable(text)
    return SERIAL_EPOCH + timedelta(days=int(serial))


def _unreadable(text: str) -> Problem:
    if not text.strip():
        return Problem("The date is missing. Fill it in as year-month-day, such as 2026-11-21.")
    if text.strip(" :").casefold() in _TOTALS:
        return Problem("This looks like a row of totals, which would be counted twice. Remove it.")
    return Problem(f"{quoted(text)} is not a date that can be read. Write it as year-month-day, such as 2026-11-21.")
