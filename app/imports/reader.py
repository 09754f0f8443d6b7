"""From a recognised file to typed rows: column by column within batches, valid rows apart from rejected ones, in flat memory.

`read_rows` is the entry. A row is rejected with every problem it has; nothing is guessed that a person has not confirmed.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import compress
from operator import itemgetter
from typing import Any

from app.imports.amounts import count_reader, money_reader
from app.imports.columns import ColumnMapping
from app.imports.content import Source
from app.imports.dates import date_reader
from app.imports.records import batches_of
from app.imports.refusals import FileTooLarge
from app.imports.seen import SeenRows
from app.imports.shape import (
    COUNT_FIELDS,
    OWN_COLUMNS,
    Cell,
    Field,
    FileShape,
    Problem,
    RawBatch,
    RevenueShape,
    as_text,
)
from app.imports.texts import text_reader
from kit.errors import FieldError

MAX_ROWS = 2_000_000
_MEMO_LIMIT = 20_000


@dataclass(frozen=True)
class Reject:
    """A row that is not taken over: its number in the file, its cells as they stand there, and all its problems."""

    row: int
    cells: tuple[str, ...]
    problems: tuple[FieldError, ...]


@dataclass(frozen=True)
class DayRevenue:
    """Revenue of a whole day, given on one row and belonging to no channel."""

    row: int
    day: date
    revenue_micros: int


@dataclass
class Batch:
    """Valid rows as columns of equal length, rejected rows, and revenue of whole days. `rows_read` counts all of them."""

    rows: list[int] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    channels: list[str] = field(default_factory=list)
    campaigns: list[str] = field(default_factory=list)
    spend_micros: list[int] = field(default_factory=list)
    revenue_micros: list[int | None] = field(default_factory=list)
    impressions: list[int | None] = field(default_factory=list)
    clicks: list[int | None] = field(default_factory=list)
    conversions: list[int | None] = field(default_factory=list)
    new_customers: list[int | None] = field(default_factory=list)
    returning_customers: list[int | None] = field(default_factory=list)
    day_revenue: list[DayRevenue] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows_read: int = 0

    def records(self) -> Iterator[tuple[Any, ...]]:  # Any: eleven columns of different types
        """(row, day, channel, campaign, spend_micros, revenue_micros, impressions, clicks, conversions, new, returning)."""
        return zip(*(getattr(self, name) for name in _COLUMNS), strict=True)


_COLUMNS = (
    "rows",
    "days",
    "channels",
    "campaigns",
    "spend_micros",
    "revenue_micros",
    *(name.value for name in COUNT_FIELDS),
)


class Memo(dict[Cell, Any]):
    """Reads each spelling once: dates, channels and many amounts repeat."""

    def __init__(self, read: Callable[[Cell], object]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: Cell) -> object:
        value = self[cell] = self._read(cell)
        return value


def read_rows(
    source: Source,
    shape: FileShape,
    mapping: ColumnMapping,
    *,
    revenue: RevenueShape = RevenueShape.ROW,
    today: date,
    max_rows: int = MAX_ROWS,
) -> "Reading":
    """The rows of a file, to be iterated once; its `notices` are complete afterwards. Refuses an incomplete mapping at once."""
    mapping.require_complete()
    return Reading(source, shape, mapping, revenue=revenue, today=today, max_rows=max_rows)


class Reading:
    """One pass over a file."""

    def __init__(
        self,
        source: Source,
        shape: FileShape,
        mapping: ColumnMapping,
        *,
        revenue: RevenueShape,
        today: date,
        max_rows: int,
    ) -> None:
        self._source, self._shape, self._mapping = source, shape, mapping
        self._revenue, self._max_rows = revenue, max_rows
        self._width = next((i for i, name in enumerate(shape.header) if name in OWN_COLUMNS), len(shape.header))
        self._memos = {name: Memo(read) for name, read in readers(shape, today=today).items()}
        self._rows_seen, self._keys_seen = SeenRows(), SeenRows()
        self._days: dict[date, tuple[int, int]] = {}
        self._rows_read = self._blank_spend = self._added = 0

    def __iter__(self) -> Iterator[Batch]:
        for raw in batches_of(self._source, self._shape):
            batch = self._read(raw)
            self._rows_read += batch.rows_read
            if self._rows_read > self._max_rows:
                raise FileTooLarge(
                    f"The file has more than {self._max_rows:,} rows.", "Split it, by year say, and import the parts."
                )
            for memo in self._memos.values():
                if len(memo) > _MEMO_LIMIT:
                    memo.clear()
            yield batch

    @property
    def notices(self) -> list[str]:
        """What a person should know about rows that were accepted."""
        said = []
        if self._blank_spend:
            said.append(f"Rows with revenue but no spend: {self._blank_spend:,}. Their spend counts as 0.")
        if self._added:
            said.append(
                f"Rows for a day, channel and campaign that the file already had: {self._added:,}. They are added together."
            )
        return said

    def _read(self, raw: RawBatch) -> Batch:
        batch = Batch()
        numbers, rows = self._tidy(raw, batch)
        columns = self._columns(rows)
        problems = _found(columns, numbers, rows, self._mapping, self._shape)
        self._check_across(columns, numbers, problems)
        self._find_repeats(columns, numbers, rows, problems)
        if self._revenue is not RevenueShape.ROW:
            self._take_day_revenue(batch, columns, numbers, problems)
        batch.rejects += [_reject(numbers[i], rows[i], found) for i, found in sorted(problems.items())]
        batch.rejects.sort(key=lambda reject: reject.row)
        self._fill(batch, columns, numbers, problems)
        batch.rows_read = len(numbers) + len(batch.rejects) - len(problems)
        return batch

    def _tidy(self, raw: RawBatch, batch: Batch) -> tuple[list[int], list[Sequence[Cell]]]:
        """Rows of the header's width, empty ones left out; rows with too many cells are rejected."""
        width, numbers, rows = self._width, list(raw.numbers), list(raw.rows)
        if any(len(row) != width or not as_text(row[0]).strip() for row in rows):
            kept_numbers: list[int] = []
            kept: list[Sequence[Cell]] = []
            for number, row in zip(numbers, rows, strict=True):
                if not any(as_text(cell).strip() for cell in row):
                    continue
                if any(cell != "" for cell in row[len(self._shape.header) :]):
                    batch.rejects.append(self._too_wide(number, row))
                    continue
                kept_numbers.append(number)
                kept.append([*row[:width], *[""] * (width - len(row))])
            return kept_numbers, kept
        return numbers, rows

    def _too_wide(self, number: int, row: Sequence[Cell]) -> Reject:
        problem = FieldError(
            f"The row has {len(row)} cells, the header {len(self._shape.header)}. "
            "Put text that holds the delimiter in quotation marks.",
            row=number,
        )
        return Reject(number, tuple(as_text(cell) for cell in row), (problem,))

    def _columns(self, rows: Sequence[Sequence[Cell]]) -> dict[Field, list[Any]]:
        columns = {
            name: list(map(self._memos[name].__getitem__, map(itemgetter(position), rows)))
            for name, position in self._mapping.positions.items()
        }
        if self._mapping.fixed_channel:
            columns[Field.CHANNEL] = [self._mapping.fixed_channel] * len(rows)
        columns.setdefault(Field.CAMPAIGN, [""] * len(rows))
        return columns

    def _check_across(
        self, columns: dict[Field, list[Any]], numbers: list[int], problems: dict[int, list[FieldError]]
    ) -> None:
        """What only several cells of a row together can tell."""
        spend, revenue, channel = columns[Field.SPEND], columns[Field.REVENUE], columns[Field.CHANNEL]
        if "" in channel:
            for i in (i for i, name in enumerate(channel) if name == "" and (spend[i] or revenue[i] is None)):
                _complain(problems, i, numbers[i], Field.CHANNEL, "The channel is missing. Name it.")
        if None in spend:
            for i in (i for i, value in enumerate(spend) if value is None):
                if revenue[i] is None:
                    text = "Neither spend nor revenue is given. Enter the spend, 0 if nothing was spent."
                    _complain(problems, i, numbers[i], Field.SPEND, text)
                elif channel[i] != "" and i not in problems:
                    self._blank_spend += 1
                spend[i] = 0

    def _find_repeats(
        self,
        columns: dict[Field, list[Any]],
        numbers: list[int],
        rows: list[Sequence[Cell]],
        problems: dict[int, list[FieldError]],
    ) -> None:
        """Rows that repeat an accepted row cell by cell are rejected; those that share only the key are counted."""
        good = [i for i in range(len(numbers)) if i not in problems]
        taken = [numbers[i] for i in good]
        first_rows = self._rows_seen.first_rows([hash(tuple(rows[i])) for i in good], taken).tolist()
        for i, first in zip(good, first_rows, strict=True):
            if first:
                text = (
                    f"The row is the same as row {first}. Remove one of them, or add a campaign that tells them apart."
                )
                _complain(problems, i, numbers[i], None, text)
        keys = zip(columns[Field.DATE], columns[Field.CHANNEL], columns[Field.CAMPAIGN], strict=True)
        hashes = [hash(key) for i, key in enumerate(keys) if i not in problems]
        left = [number for i, number in enumerate(numbers) if i not in problems]
        self._added += int((self._keys_seen.first_rows(hashes, left) > 0).sum())

    def _take_day_revenue(
        self,
        batch: Batch,
        columns: dict[Field, list[Any]],
        numbers: list[int],
        problems: dict[int, list[FieldError]],
    ) -> None:
        """Each day's revenue once, apart from the channels; a day with two different amounts is rejected where it repeats them."""
        revenue, days = columns[Field.REVENUE], columns[Field.DATE]
        for i in (i for i, value in enumerate(revenue) if value and i not in problems):
            amount, row = self._days.setdefault(days[i], (revenue[i], numbers[i]))
            if row == numbers[i] or self._revenue is RevenueShape.DAY_BLANK:
                batch.day_revenue.append(DayRevenue(numbers[i], days[i], revenue[i]))
            elif amount != revenue[i]:
                text = f"Row {row} gives another revenue for the same day. Enter the day's revenue the same on all its rows."
                _complain(problems, i, numbers[i], Field.REVENUE, text)
        columns[Field.REVENUE] = [None] * len(revenue)

    def _fill(
        self,
        batch: Batch,
        columns: dict[Field, list[Any]],
        numbers: list[int],
        problems: dict[int, list[FieldError]],
    ) -> None:
        channel, revenue = columns[Field.CHANNEL], columns[Field.REVENUE]
        for i in (i for i, name in enumerate(channel) if name == "" and i not in problems and revenue[i] is not None):
            batch.day_revenue.append(DayRevenue(numbers[i], columns[Field.DATE][i], revenue[i]))
        is_kept = [name != "" and i not in problems for i, name in enumerate(channel)]
        is_whole = all(is_kept)
        blank: list[None] = [None] * len(numbers)
        sources: dict[str, list[Any]] = {
            "rows": numbers,
            "days": columns[Field.DATE],
            "channels": channel,
            "campaigns": columns[Field.CAMPAIGN],
            "spend_micros": columns[Field.SPEND],
            "revenue_micros": revenue,
            **{name.value: columns.get(name, blank) for name in COUNT_FIELDS},
        }
        for name, values in sources.items():
            setattr(batch, name, values if is_whole else list(compress(values, is_kept)))


def readers(shape: FileShape, *, today: date) -> dict[Field, Callable[[Cell], object]]:
    """How the cells of each field are read in this file."""
    return {
        Field.DATE: date_reader(shape.day_order, today=today),
        Field.CHANNEL: text_reader("channel"),
        Field.CAMPAIGN: text_reader("campaign"),
        Field.SPEND: money_reader(shape.decimal, currency=shape.currency),
        Field.REVENUE: money_reader(shape.decimal, currency=shape.currency, may_be_negative=True),
        **{name: count_reader(shape.decimal) for name in COUNT_FIELDS},
    }


def _found(
    columns: dict[Field, list[Any]],
    numbers: list[int],
    rows: list[Sequence[Cell]],
    mapping: ColumnMapping,
    shape: FileShape,
) -> dict[int, list[FieldError]]:
    """Index of a row → what is wrong with its cells."""
    problems: dict[int, list[FieldError]] = {}
    for name, position in mapping.positions.items():
        for i, value in enumerate(columns[name]):
            if value.__class__ is Problem:
                error = FieldError(value.message, shape.header[position], numbers[i], as_text(rows[i][position])[:200])
                problems.setdefault(i, []).append(error)
    return problems


def _complain(problems: dict[int, list[FieldError]], index: int, number: int, name: Field | None, message: str) -> None:
    problems.setdefault(index, []).append(FieldError(message, name.value if name else None, number))


def _reject(number: int, row: Sequence[Cell], problems: list[FieldError]) -> Reject:
    return Reject(number, tuple(as_text(cell) for cell in row), tuple(problems))
