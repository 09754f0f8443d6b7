"""Scales: nice ticks, values → fractions of the plot, labels of values and of the time axis."""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Literal

import msgspec
from babel.dates import format_date

from kit.format import DEFAULT_LOCALE, MISSING, amount, compact_amount, compact_count, count, multiple, percent

_CHARACTER_PX = 6.9  # mean width of 12 px Inter at weight 500


class Format(msgspec.Struct, frozen=True):
    """How the values of an axis are to be read."""

    unit: Literal["money", "count", "multiple", "share"] = "count"
    currency: str = ""

    def full(self, value: float | None) -> str:
        """For tables and tooltips."""
        if value is None:
            return MISSING
        if self.unit == "money":
            return amount(value, self.currency)
        if self.unit == "share":
            return percent(value)
        return multiple(value) if self.unit == "multiple" else count(value)

    def short(self, value: float) -> str:
        """For the axis."""
        if self.unit == "money":
            return _whole(compact_amount(value, self.currency, full_below=1_000))
        if self.unit == "share":
            return percent(value, digits=0)
        return compact_count(value, full_below=1_000) if self.unit == "count" else f"{value:.4g}×".replace("-", "−")


class Scale(msgspec.Struct, frozen=True):
    """A linear axis from the first tick to the last."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Where `value` lies, as a fraction of the axis; values outside stay at its end."""
        return min(1.0, max(0.0, (value - self.low) / (self.high - self.low)))


def scale_for(
    values: Iterable[float | None], *, from_zero: bool = True, headroom: float = 0.0, ticks: int = 5
) -> Scale:
    """A scale with at most `ticks` + 1 nice ticks that holds all values; bars and money start at 0."""
    known = [value for value in values if value is not None and math.isfinite(value)]
    low, high = min(known, default=0.0), max(known, default=1.0)
    low, high = (min(low, 0.0), max(high, 0.0)) if from_zero else (low, high)
    high += (high - low) * headroom
    low -= (high - low) * headroom if low < 0 else 0
    if high == low:
        low, high = (0.0, 1.0) if high == 0 else (min(0.0, low), max(0.0, high))
    step = _nice_step((high - low) / ticks)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    marks = tuple(round(number * step, 10) for number in range(first, last + 1))
    return Scale(marks[0], marks[-1], marks)


def _nice_step(rough: float) -> float:
    """The next 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * (1 - 1e-9))


def _whole(text: str) -> str:
    """An axis says $50, not $50.00."""
    return text.removesuffix(".00")


def axis_labels(xs: Sequence[str], *, is_dates: bool, at_most: int = 8) -> list[tuple[int, str]]:
    """Which positions of a category or date axis get a label, and its text: months on long axes, days on short ones."""
    if not xs:
        return []
    if not is_dates:
        stride = -(-len(xs) // max(at_most, 1))
        return [(index, xs[index]) for index in range(0, len(xs), stride)]
    days = [date.fromisoformat(x) for x in xs]
    is_long = (days[-1] - days[0]).days > 120
    starts = (
        [i for i, day in enumerate(days) if i == 0 or day.month != days[i - 1].month] if is_long else range(len(days))
    )
    if is_long and len(starts) > 1 and days[0].day > 10:
        starts = list(starts)[1:]
    stride = -(-len(starts) // at_most)
    return [(index, _date_label(days[index], is_long)) for index in list(starts)[::stride]]


def _date_label(day: date, is_long: bool) -> str:
    return format_date(day, "MMM ’yy" if is_long else "d MMM", locale=DEFAULT_LOCALE)


def gutter_for(labels: Iterable[str]) -> int:
    """Pixels that the widest label needs, in the steps that the style sheet has (16 to 144)."""
    widest = max((len(label) for label in labels), default=0) * _CHARACTER_PX + 10
    return int(min(144, max(16, 16 * math.ceil(widest / 16))))


def fitted(label: str, gutter_px: int) -> str:
    """The label, shortened to its gutter."""
    room = int((gutter_px - 8) / _CHARACTER_PX)
    return label if len(label) <= room else label[: room - 1].rstrip() + "…"
