"""Numbers, money, shares, dates and ranges as people read them; `FILTERS` are the ones that templates use.

A missing value is `–`, never 0. Money comes in integer micros (`money`) or in currency units (`amount`).
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
    format_decimal,
    get_currency_precision,
)

from kit.money import MICROS

MISSING = "–"
DEFAULT_LOCALE = "en_US"
_WHOLE_FROM = 100
_THIN = "\u00a0"


def money(micros: int | None, currency: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Money in full, for tables: no cents from 100 on, two decimals below (`$23,908`, `$16.46`)."""
    return amount(None if micros is None else micros / MICROS, currency, locale=locale)


def amount(value: float | None, currency: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Money in currency units, in full."""
    if value is None:
        return MISSING
    digits = 0 if round(abs(value), 2) >= _WHOLE_FROM or value == 0 else get_currency_precision(currency)
    pattern = (
        Locale.parse(locale).currency_formats["standard"].pattern.replace(".00", "." + "0" * digits if digits else "")
    )
    return _minus(format_currency(value, currency, format=pattern, locale=locale, currency_digits=False))


def compact_money(micros: int | None, currency: str, *, locale: str = DEFAULT_LOCALE) -> str:
    """Money for a tile: three or four figures (`$431.2K`, `€1.38M`)."""
    return compact_amount(None if micros is None else micros / MICROS, currency, locale=locale)


def compact_amount(
    value: float | None, currency: str, *, full_below: int = 10_000, locale: str = DEFAULT_LOCALE
) -> str:
    """Money in currency units, for a tile; axes and ranges shorten from 1,000 on."""
    if value is None or abs(value) < full_below:
        return amount(value, currency, locale=locale)
    rounded, digits = _four_figures(value)
    text = format_compact_currency(rounded, currency, locale=locale, fraction_digits=digits)
    return (
        _minus(_without_idle_zeros(text, locale))
        if _is_shortened(text, currency)
        else amount(value, currency, locale=locale)
    )


def count(value: float | None, *, locale: str = DEFAULT_LOCALE) -> str:
    """A whole number in full (`8,942`)."""
    return MISSING if value is None else _minus(format_decimal(round(value), locale=locale))


def compact_count(value: float | None, *, full_below: int = 10_000, locale: str = DEFAULT_LOCALE) -> str:
    """A number for a tile: in full below 10,000, else three or four figures (`1.24M`)."""
    if value is None or abs(value) < full_below:
        return count(value, locale=locale)
    rounded, digits = _four_figures(value)
    text = format_compact_decimal(rounded, locale=locale, fraction_digits=digits)
    return _minus(_without_idle_zeros(text, locale)) if _is_shortened(text) else count(value, locale=locale)


def multiple(value: float | None, *, locale: str = DEFAULT_LOCALE) -> str:
    """A quotient such as ROAS (`3.21×`)."""
    return MISSING if value is None else _fixed(value, 2, locale) + "×"


def percent(share: float | None, *, digits: int = 1, locale: str = DEFAULT_LOCALE) -> str:
    """A share of 1 in per cent (`4.0 %`)."""
    return MISSING if share is None else f"{_fixed(share * 100, digits, locale)}{_THIN}%"


def percent_change(change: float | None, *, locale: str = DEFAULT_LOCALE) -> str:
    """A relative change, signed (`+6.1 %`); from 1,000 % on as a multiple (`×12`), which reads better."""
    if change is None:
        return MISSING
    if change >= 10:
        return "×" + count(change + 1, locale=locale)
    return f"{_sign(change * 100, 1)}{_fixed(abs(change) * 100, 1, locale)}{_THIN}%"


def points_change(change: float | None, *, locale: str = DEFAULT_LOCALE) -> str:
    """The change of a share, in percentage points (`+1.2 pt`)."""
    if change is None:
        return MISSING
    return f"{_sign(change * 100, 1)}{_fixed(abs(change) * 100, 1, locale)}{_THIN}pt"


def day(value: date | None, *, locale: str = DEFAULT_LOCALE) -> str:
    """A day (`21 Nov 2026`)."""
    return MISSING if value is None else format_date(value, "d MMM y", locale=locale)


def day_range(start_on: date, end_on: date, *, locale: str = DEFAULT_LOCALE) -> str:
    """Days from … to, without repeating what they share (`1–21 Nov 2026`)."""
    if start_on == end_on:
        return day(start_on, locale=locale)
    if (start_on.year, start_on.month) == (end_on.year, end_on.month):
        return f"{start_on.day}–{day(end_on, locale=locale)}"
    if start_on.year == end_on.year:
        return f"{format_date(start_on, 'd MMM', locale=locale)} – {day(end_on, locale=locale)}"
    return f"{day(start_on, locale=locale)} – {day(end_on, locale=locale)}"


def moment(value: datetime | None, zone: str = "UTC", *, locale: str = DEFAULT_LOCALE) -> str:
    """An instant on the clock of `zone`, which is named (`21 Nov 2026, 14:05 CET`)."""
    if value is None:
        return MISSING
    there = value.astimezone(ZoneInfo(zone))
    return f"{format_datetime(there, 'd MMM y, HH:mm', locale=locale)} {there.tzname()}"


def ago(value: datetime | None, now: datetime | None = None, *, locale: str = DEFAULT_LOCALE) -> str:
    """How long ago (`12 minutes ago`); the date where that is more than 30 days."""
    if value is None:
        return "never"
    seconds = int(((now or datetime.now(UTC)) - value).total_seconds())
    if seconds < 60:
        return "just now"
    for unit, length_s, limit_s in (("minute", 60, 3_600), ("hour", 3_600, 86_400), ("day", 86_400, 30 * 86_400)):
        if seconds < limit_s:
            number = seconds // length_s
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return f"on {day(value.date(), locale=locale)}"


def range_in_words(
    middle: float | None, low: float, high: float, *, show: Callable[[float], str], level: int = 90
) -> str:
    """An estimate as a sentence's part (`about $9.1K (90 % range $5.2K to $12.8K)`); no middle where it cannot be told."""
    within = f"{level}{_THIN}% range {show(low)} to {show(high)}"
    return (
        f"between {show(low)} and {show(high)} ({level}{_THIN}% range)"
        if middle is None
        else f"about {show(middle)} ({within})"
    )


def money_range(middle: float | None, low: float, high: float, currency: str, level: int = 90) -> str:
    """`range_in_words` for money in currency units."""
    return range_in_words(
        middle, low, high, show=lambda value: compact_amount(value, currency, full_below=1_000), level=level
    )


def multiple_range(middle: float | None, low: float, high: float, level: int = 90) -> str:
    """`range_in_words` for a quotient."""
    return range_in_words(middle, low, high, show=multiple, level=level)


def plural(number: int, one: str, many: str = "") -> str:
    """A number with its noun (`1 row`, `12 rows`)."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def plain_number(value: float) -> str:
    """A number for a form's field: a point, no grouping, at most two decimals (`320`, `0.5`)."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def file_size(size_bytes: int) -> str:
    """A size of a file (`4.2 MB`)."""
    value = float(size_bytes)
    for unit in ("bytes", "KB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def _minus(text: str) -> str:
    """With the typographic minus, which is as wide as a digit."""
    return text.replace("-", "−")


def _four_figures(value: float) -> tuple[float, int]:
    """The value to four figures, and the decimals that its compact form needs: 1.38M, 43.1K, 431.2K."""
    rounded = float(f"{value:.4g}")
    scaled = abs(rounded)
    while scaled >= 1000:
        scaled /= 1000
    return rounded, 2 if scaled < 10 else 1


def _is_shortened(text: str, currency: str = "") -> bool:
    """False where the locale has no short form for this size (German has none for thousands)."""
    return any(letter.isalpha() for letter in text.replace(currency, "") if letter not in "€£¥")


def _without_idle_zeros(text: str, locale: str) -> str:
    """`$20.0K` says no more than `$20K`."""
    point = "," if format_decimal(0.5, locale=locale).startswith("0,") else "."
    whole, mark, rest = text.partition(point)
    digits = "".join(letter for letter in rest if letter.isdigit())
    return whole + rest[len(digits) :] if mark and not digits.strip("0") else text


def _fixed(value: float, digits: int, locale: str) -> str:
    pattern = "#,##0." + "0" * digits if digits else "#,##0"
    return _minus(format_decimal(value, format=pattern, locale=locale))


def _sign(value: float, digits: int) -> str:
    rounded = round(value, digits)
    return "+" if rounded > 0 else "−" if rounded < 0 else "±"


FILTERS: dict[str, Callable[..., Any]] = {
    "money": money,
    "amount": amount,
    "compact_money": compact_money,
    "compact_amount": compact_amount,
    "count_text": count,
    "compact_count": compact_count,
    "multiple": multiple,
    "percent": percent,
    "percent_change": percent_change,
    "points_change": points_change,
    "day": day,
    "moment": moment,
    "ago": ago,
    "plural": plural,
    "plain_number": plain_number,
    "file_size": file_size,
}
