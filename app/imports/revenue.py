"""Finds out whether revenue is given per row, or once per day: on one row of each date, or repeated on all of them.

Counting a repeated day's revenue once per channel would multiply it; this is seen before anything is stored.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from operator import itemgetter
from typing import Any

from app.imports.columns import ColumnMapping
from app.imports.content import Source
from app.imports.reader import Memo, readers
from app.imports.records import batches_of
from app.imports.shape import Cell, Field, FileShape, Problem, RevenueShape

COMPARED_ROWS = 100_000
LEAST_SHARE = 0.95
LEAST_COINCIDENCES = 2


@dataclass(frozen=True)
class RevenueFinding:
    """What revenue cells stand for, in a sentence for the person who confirms it, with the days it rests on."""

    shape: RevenueShape
    sentence: str
    days_compared: int = 0


@dataclass(slots=True)
class _Day:
    """What one date's rows show of revenue."""

    rows: int = 0
    filled: int = 0
    first: int = 0
    is_same: bool = True
    carrier: str = ""
    carrier_spends: bool = False


def recognise_revenue(
    source: Source, shape: FileShape, mapping: ColumnMapping, *, today: date, max_rows: int = COMPARED_ROWS
) -> RevenueFinding:
    """One pass over dates and revenue (of the first `max_rows` rows), with memory for the days only."""
    mapping.require_complete()
    days: dict[date, _Day] = {}
    for day, channel, spend, revenue in islice(_cells(source, shape, mapping, today), max_rows):
        seen = days.get(day)
        if seen is None:
            seen = days[day] = _Day()
        seen.rows += 1
        if revenue is None:
            continue
        seen.filled += 1
        if seen.filled == 1:
            seen.first, seen.carrier, seen.carrier_spends = revenue, channel, bool(spend)
        elif revenue != seen.first:
            seen.is_same = False
    return _judged(days.values())


def _judged(days: Iterable[_Day]) -> RevenueFinding:
    several = [day for day in days if day.rows > 1 and day.filled]
    repeated = [day for day in several if day.filled == day.rows and day.is_same and day.first]
    once = [day for day in several if day.filled == 1]
    if _prevails(repeated, several) and _varies(repeated):
        return RevenueFinding(
            RevenueShape.DAY_REPEATED,
            f"On {len(repeated):,} of {len(several):,} days every row shows the same revenue. "
            "It is taken as the day's total and counted once a day.",
            len(several),
        )
    if _prevails(once, several) and not _is_a_channel_of_its_own(once):
        return RevenueFinding(
            RevenueShape.DAY_BLANK,
            f"On {len(once):,} of {len(several):,} days only one row shows revenue and the others are blank. "
            "It is taken as the day's total, not as that channel's.",
            len(several),
        )
    return RevenueFinding(RevenueShape.ROW, "Each row shows its own revenue; rows are added up.", len(several))


def _prevails(days: list[_Day], several: list[_Day]) -> bool:
    coincidences = sum(day.rows - 1 for day in days)
    return bool(days) and len(days) >= LEAST_SHARE * len(several) and coincidences >= LEAST_COINCIDENCES


def _varies(days: list[_Day]) -> bool:
    """The same amount on all days is a flat figure, which says nothing of days."""
    return len(days) == 1 or len({day.first for day in days}) > 1


def _is_a_channel_of_its_own(days: list[_Day]) -> bool:
    """True for Direct, say: always the same row, named, without spend."""
    return (
        len({day.carrier for day in days}) == 1
        and bool(days[0].carrier)
        and not any(day.carrier_spends for day in days)
    )


def _cells(
    source: Source, shape: FileShape, mapping: ColumnMapping, today: date
) -> Iterator[tuple[date, str, int | None, int | None]]:
    """(day, channel, spend, revenue) of the rows where all can be read."""
    read = readers(shape, today=today)
    wanted = (Field.DATE, Field.CHANNEL, Field.SPEND, Field.REVENUE)
    memos = {name: Memo(read[name]) for name in wanted}
    least = max(mapping.positions[name] for name in wanted if name in mapping.positions)
    for batch in batches_of(source, shape):
        rows = [row if len(row) > least else [*row, *[""] * (least + 1 - len(row))] for row in batch.rows]
        columns: list[Iterable[Any]] = []
        for name in wanted:
            if name in mapping.positions:
                cells: Iterable[Cell] = map(itemgetter(mapping.positions[name]), rows)
                columns.append(map(memos[name].__getitem__, cells))
            else:
                columns.append([mapping.fixed_channel] * len(rows))
        for values in zip(*columns, strict=True):
            if not any(value.__class__ is Problem for value in values):
                yield values
        for memo in memos.values():
            if len(memo) > 20_000:
                memo.clear()
