"""The input of every model: a `MarketingFrame`, spend per channel and revenue of the business on a regular grid of days or weeks.

`frame_from_rows` and `frame_from_columns` build it from rows, `read_marketing_csv` from a file in the form of an import.

Row rule: the business's revenue of a day is the sum of the revenue of that day's rows, spend-free channels included.
A row's own revenue is what a platform or the last click claims; no model here takes it for what the channel caused.
"""

import csv
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ml.errors import BadFrame

FloatArray: TypeAlias = NDArray[np.float64]
BoolArray: TypeAlias = NDArray[np.bool_]
DayArray: TypeAlias = NDArray[np.datetime64]

LARGEST_GAP_SHARE = 0.4  # a Monday-to-Friday business misses 29 % of its days; above 40 % the grid is a guess
FIRST_DAY, LAST_DAY = np.datetime64("1990-01-01"), np.datetime64("2100-01-01")


@dataclass(frozen=True)
class Event:
    """A day on which something out of the ordinary happened: a promotion, a newsletter, a stock-out."""

    on: date
    name: str


class Row(NamedTuple):
    """One line of an import: what was spent in a channel on a day, and the revenue credited to that line."""

    on: date
    channel: str
    spend: float
    revenue: float | None = None


@dataclass(frozen=True, eq=False)
class MarketingFrame:
    """A business's history on a regular grid of n periods and C media channels.

    `dates` (n,) first day of each period; `cadence_days` 1 or 7; `spend` (n, C) and `revenue` (n,) in currency units per
    period; `observed` (n,) False where a period had no row at all (its spend and revenue are then 0 and say nothing).
    """

    dates: DayArray
    cadence_days: int
    channels: tuple[str, ...]
    spend: FloatArray
    revenue: FloatArray
    events: tuple[Event, ...] = ()
    currency: str = "USD"
    warnings: tuple[str, ...] = ()
    observed: BoolArray = field(default_factory=lambda: np.zeros(0, bool))

    def __post_init__(self) -> None:
        object.__setattr__(self, "dates", np.asarray(self.dates, "datetime64[D]"))
        object.__setattr__(self, "spend", np.asarray(self.spend, float))
        object.__setattr__(self, "revenue", np.asarray(self.revenue, float))
        if len(self.observed) == 0:
            object.__setattr__(self, "observed", np.ones(len(self.dates), bool))
        self._check()

    def _check(self) -> None:
        periods = len(self.dates)
        if self.cadence_days not in (1, 7):
            raise BadFrame(f"A period of {self.cadence_days} days is not supported.", "Use daily or weekly data.")
        if self.spend.shape != (periods, len(self.channels)) or self.revenue.shape != (periods,):
            raise BadFrame(
                "Dates, channels, spend and revenue differ in length.", "Give one value per period and channel."
            )
        if not (np.isfinite(self.spend).all() and np.isfinite(self.revenue).all()):
            raise BadFrame("Spend or revenue is not a number.", "Replace missing values before building the frame.")
        if (self.spend < 0).any():
            raise BadFrame("Spend is negative.", "Enter refunds of ad spend on the day they belong to.")
        if periods > 1 and (np.diff(self.dates) != np.timedelta64(self.cadence_days, "D")).any():
            raise BadFrame(
                "The dates are not evenly spaced.", "Build the frame with frame_from_rows, which fills gaps."
            )

    @property
    def periods(self) -> int:
        return len(self.dates)

    @property
    def days(self) -> int:
        """Calendar days that the frame covers."""
        return len(self.dates) * self.cadence_days

    def slice(self, start: int | None, stop: int | None = None) -> "MarketingFrame":
        """Periods `start` to `stop` as a frame of its own, with all events kept (they are dated)."""
        part = np.s_[start:stop]
        return replace(
            self,
            dates=self.dates[part],
            spend=self.spend[part],
            revenue=self.revenue[part],
            observed=self.observed[part],
        )

    def weekly(self) -> "MarketingFrame":
        """The same history in weeks of seven days that end on the last day; up to six first days fall away."""
        if self.cadence_days == 7:
            return self
        skip = self.periods % 7
        weeks = (self.periods - skip) // 7
        return replace(
            self,
            dates=self.dates[skip::7],
            cadence_days=7,
            spend=self.spend[skip:].reshape(weeks, 7, -1).sum(1),
            revenue=self.revenue[skip:].reshape(weeks, 7).sum(1),
            observed=np.any(self.observed[skip:].reshape(weeks, 7), axis=1),
        )


def frame_from_rows(
    rows: Iterable[Row], *, events: Sequence[Event] = (), currency: str = "USD", today: date | None = None
) -> MarketingFrame:
    """A frame from rows in any order; see `frame_from_columns`. `today`, where given, lets future dates be reported."""
    listed = list(rows)
    return frame_from_columns(
        dates=np.array([row.on for row in listed], "datetime64[D]"),
        channels=[row.channel for row in listed],
        spend=np.array([row.spend for row in listed], float),
        revenue=np.array([0.0 if row.revenue is None else row.revenue for row in listed], float),
        events=events,
        currency=currency,
        today=today,
    )


def frame_from_columns(
    *,
    dates: ArrayLike,
    channels: Sequence[str],
    spend: ArrayLike,
    revenue: ArrayLike,
    events: Sequence[Event] = (),
    currency: str = "USD",
    today: date | None = None,
    row_numbers: Sequence[int] | None = None,
    warnings: Sequence[str] = (),
) -> MarketingFrame:
    """A frame from m rows given as columns of length m, by the row rule.

    The cadence is weekly where all dates fall on one weekday and lie seven days apart, else daily. Missing periods get no
    spend and are marked as not observed; rows of one date and channel are summed; a channel without any spend counts for
    revenue only. Gaps, sums, refunds and dates after `today` are reported in `warnings`.

    Raises `BadFrame`, with the row's number where there is one: values that are not finite, negative spend, dates that
    are missing, beyond 1990–2100, or neither daily nor weekly.
    """
    on = np.asarray(dates, "datetime64[D]")
    spent, earned = np.asarray(spend, float), np.asarray(revenue, float)
    names = [str(name).strip() for name in channels]
    _check_columns(on, names, spent, earned, row_numbers)
    grid, cadence_days, notes = _grid(on)
    found = list(dict.fromkeys(names))
    position = {name: index for index, name in enumerate(found)}
    column = np.array([position[name] for name in names])
    period = (on - grid[0]).astype(int) // cadence_days
    spend_all = np.zeros((len(grid), len(found)))
    np.add.at(spend_all, (period, column), spent)
    total = np.zeros(len(grid))
    np.add.at(total, period, earned)
    media = [index for index in range(len(found)) if spend_all[:, index].sum() > 0]
    notes = [*warnings, *notes, *_row_notes(on, column, earned, today)]
    return MarketingFrame(
        dates=grid,
        cadence_days=cadence_days,
        channels=tuple(found[index] for index in media),
        spend=spend_all[:, media],
        revenue=total,
        events=tuple(sorted(events, key=lambda event: (event.on, event.name))),
        currency=currency,
        warnings=tuple(notes),
        observed=np.isin(np.arange(len(grid)), period),
    )


def _check_columns(
    on: DayArray, names: list[str], spent: FloatArray, earned: FloatArray, row_numbers: Sequence[int] | None
) -> None:
    if not len(on) == len(names) == len(spent) == len(earned):
        raise BadFrame("The columns differ in length.", "Give one date, channel, spend and revenue per row.")
    if len(on) == 0:
        raise BadFrame("There are no rows.", "Import at least one row with date, channel, spend and revenue.")
    outside = np.isnat(on) | (on < FIRST_DAY) | (on > LAST_DAY)
    checks = (
        (outside, "the date is missing or outside 1990–2100.", "Write dates as 2026-01-31."),
        (np.array([not name for name in names]), "the channel is empty.", "Name the channel of every row."),
        (~np.isfinite(spent), "the spend is not a number.", "Enter the amount, or 0 where nothing was spent."),
        (~np.isfinite(earned), "the revenue is not a number.", "Enter the amount, or leave the cell blank."),
        (spent < 0, "the spend is negative.", "Enter credits as a lower spend on the day they belong to."),
    )
    for bad, detail, hint in checks:
        if bad.any():
            first = int(np.argmax(bad))
            raise BadFrame(detail, hint, row=row_numbers[first] if row_numbers is not None else first + 1)


def _grid(on: DayArray) -> tuple[DayArray, int, list[str]]:
    """Evenly spaced dates that hold all of `on`, their spacing in days, and a note about gaps."""
    dates = np.unique(on)
    gaps = np.diff(dates).astype(int)
    weekly = len(dates) > 2 and bool((gaps % 7 == 0).all()) and float(np.median(gaps)) == 7
    cadence_days = 7 if weekly else 1
    grid = np.arange(dates[0], dates[-1] + 1, cadence_days)
    missing = len(grid) - len(dates)
    word = "weeks" if weekly else "days"
    if missing > LARGEST_GAP_SHARE * len(grid):
        raise BadFrame(
            f"Only {len(dates)} of the {len(grid)} {word} from {dates[0]} to {dates[-1]} have rows.",
            "Use one row per channel and day, or per channel and week, and check for a mistyped year.",
        )
    if not missing:
        return grid, cadence_days, []
    return (
        grid,
        cadence_days,
        [f"{missing} of {len(grid)} {word} have no rows. They count as no spend and are left out."],
    )


def _row_notes(on: DayArray, column: NDArray[np.int_], earned: FloatArray, today: date | None) -> list[str]:
    notes = []
    repeated = len(on) - len(np.unique(np.stack([on.astype(int), column]), axis=1).T)
    if repeated:
        notes.append(f"{repeated} rows repeat a date and channel. They were added up.")
    refunds = int((earned < 0).sum())
    if refunds:
        notes.append(f"{refunds} rows have negative revenue. They count as refunds.")
    if today is not None and (future := int((on > np.datetime64(today)).sum())):
        notes.append(f"{future} rows lie after {today}. Check the dates, or leave planned spend to a plan file.")
    return notes


def read_marketing_csv(path: Path | str, events_path: Path | str | None = None) -> MarketingFrame:
    """The frame of a CSV file with the columns date, channel, spend, revenue (any case and order, others ignored).

    Blank spend or revenue counts as 0. Where each date's rows all carry one and the same revenue, it is the day's total,
    repeated, and is counted once, with a warning. A `currency` column, where there is one, names the currency.
    Raises `BadFrame` with the line's number in the file.
    """
    lines = list(_lines(path, ("date", "channel", "spend", "revenue")))
    numbers = [number for number, _ in lines]
    dates = [_date(cells["date"], number) for number, cells in lines]
    revenue = np.array([_amount(cells["revenue"], number, "revenue") for number, cells in lines])
    notes: list[str] = []
    if _is_repeated(dates, revenue):
        revenue = _counted_once(dates, revenue)
        notes = ["Every row of a date has the same revenue. It was taken for the day's total and counted once."]
    return frame_from_columns(
        dates=np.array(dates, "datetime64[D]"),
        channels=[cells["channel"] for _, cells in lines],
        spend=[_amount(cells["spend"], number, "spend") for number, cells in lines],
        revenue=revenue,
        events=read_events_csv(events_path) if events_path is not None else (),
        currency=_one_currency(lines),
        row_numbers=numbers,
        warnings=notes,
    )


def read_events_csv(path: Path | str) -> tuple[Event, ...]:
    """The events of a CSV file with the columns date, event."""
    return tuple(
        Event(on=_date(cells["date"], number), name=cells["event"]) for number, cells in _lines(path, ("date", "event"))
    )


def read_plan_csv(path: Path | str) -> dict[tuple[date, str], float]:
    """Planned spend by date and channel, from a CSV file with the columns date, channel, spend; repeats are added up."""
    plan: dict[tuple[date, str], float] = {}
    for number, cells in _lines(path, ("date", "channel", "spend")):
        spend = _amount(cells["spend"], number, "spend")
        if not math.isfinite(spend) or spend < 0:
            raise BadFrame("the planned spend is negative or not a number.", "Enter 0 or more.", row=number)
        key = (_date(cells["date"], number), cells["channel"])
        plan[key] = plan.get(key, 0.0) + spend
    return plan


def _lines(path: Path | str, required: tuple[str, ...]) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Line number in the file and cells by lower-case column name, empty lines left out."""
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFrame(f"{Path(path).name} is not UTF-8 text.", "Save it as CSV in UTF-8.") from error
    reader = csv.reader(text.splitlines())
    header = [cell.strip().lower() for cell in next(reader, [])]
    absent = [name for name in required if name not in header]
    if absent:
        named = ", ".join(absent)
        raise BadFrame(f"{Path(path).name} lacks the column {named}.", f"The first line needs: {', '.join(required)}.")
    for cells in reader:
        if any(cell.strip() for cell in cells):
            padded = [*cells, *[""] * (len(header) - len(cells))]
            yield reader.line_num, {name: cell.strip() for name, cell in zip(header, padded, strict=False)}


def _date(text: str, row: int) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise BadFrame(f"“{text}” is not a date.", "Write dates as 2026-01-31.", row=row) from error


def _amount(text: str, row: int, column: str) -> float:
    if not text:
        return 0.0
    try:
        return float(text)
    except ValueError as error:
        hint = "Write amounts as 1234.56, without currency sign or thousands separator."
        raise BadFrame(f"the {column} “{text}” is not a number.", hint, row=row) from error


def _one_currency(lines: list[tuple[int, Mapping[str, str]]]) -> str:
    first = ""
    for number, cells in lines:
        currency = cells.get("currency", "").upper()
        if first and currency and currency != first:
            hint = "Convert all amounts to one currency first."
            raise BadFrame(f"the currency changes from {first} to {currency}.", hint, row=number)
        first = first or currency
    return first or "USD"


def _is_repeated(dates: list[date], revenue: FloatArray) -> bool:
    """Whether each date with several rows repeats one positive revenue on all of them."""
    by_date: dict[date, list[float]] = {}
    for on, value in zip(dates, revenue, strict=True):
        by_date.setdefault(on, []).append(float(value))
    several = [values for values in by_date.values() if len(values) > 1]
    earning = [values for values in several if max(values) > 0]
    return len(earning) >= 7 and all(min(values) == max(values) for values in several)


def _counted_once(dates: list[date], revenue: FloatArray) -> FloatArray:
    first = np.zeros(len(dates), bool)
    first[np.unique(np.array(dates, "datetime64[D]"), return_index=True)[1]] = True
    return np.where(first, revenue, 0.0)
