"""The words of an import: what a file looks like (`FileShape`), the fields its columns can mean, and what is asked before reading.

A `FileShape` can be stored as JSON (`msgspec.to_builtins`) and restored (`msgspec.convert`).
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeAlias

import msgspec

# What a cell holds: text, or from a workbook also a number or a day.
Cell: TypeAlias = str | float | date


class FileKind(StrEnum):
    """The container."""

    CSV = "csv"
    XLSX = "xlsx"


class Field(StrEnum):
    """What a column can mean."""

    DATE = "date"
    CHANNEL = "channel"
    SPEND = "spend"
    REVENUE = "revenue"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    CONVERSIONS = "conversions"
    NEW_CUSTOMERS = "new_customers"
    RETURNING_CUSTOMERS = "returning_customers"
    CAMPAIGN = "campaign"


# The two columns that a rejects file adds; a re-upload ignores them.
REJECT_ROW, REJECT_PROBLEM = "adloom_row", "adloom_problem"
OWN_COLUMNS = (REJECT_ROW, REJECT_PROBLEM)

REQUIRED = (Field.DATE, Field.CHANNEL, Field.SPEND, Field.REVENUE)
MONEY_FIELDS = (Field.SPEND, Field.REVENUE)
COUNT_FIELDS = (
    Field.IMPRESSIONS,
    Field.CLICKS,
    Field.CONVERSIONS,
    Field.NEW_CUSTOMERS,
    Field.RETURNING_CUSTOMERS,
)


class DayOrder(StrEnum):
    """How dates such as 03/04/2024 are read."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"


class RevenueShape(StrEnum):
    """What a revenue cell stands for."""

    ROW = "row"
    DAY_BLANK = "day_blank"
    DAY_REPEATED = "day_repeated"


class Topic(StrEnum):
    """What a question is about; the name of the `FileShape` field that the answer sets."""

    DAY_ORDER = "day_order"
    DECIMAL = "decimal"
    CURRENCY = "currency"


class Option(msgspec.Struct, frozen=True):
    """One answer to a question."""

    value: str
    label: str


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """Something the file does not settle: the likely answer is preselected, the evidence shown, a person confirms."""

    topic: Topic
    text: str
    options: tuple[Option, ...]
    guess: str
    evidence: tuple[str, ...] = ()


class FileShape(msgspec.Struct, frozen=True, kw_only=True):
    """What was recognised in a file: enough to show it, to ask about it and to read it."""

    kind: FileKind
    filename: str
    size_bytes: int
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    header_row: int = 1
    header: tuple[str, ...] = ()
    sample: tuple[tuple[str, ...], ...] = ()
    estimated_rows: int = 0
    is_row_count_exact: bool = False
    decimal: str = "."
    thousands: str = ""
    day_order: DayOrder | None = None
    date_forms: tuple[str, ...] = ()
    currency: str | None = None
    possible_currencies: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()

    def confirmed(
        self, *, day_order: DayOrder | None = None, decimal: str | None = None, currency: str | None = None
    ) -> "FileShape":
        """The shape as a person confirmed it: answers set, questions closed."""
        return msgspec.structs.replace(
            self,
            day_order=day_order or self.day_order,
            decimal=decimal or self.decimal,
            currency=currency or self.currency,
            questions=(),
        )

    @property
    def header_hash(self) -> bytes:
        """Tells files with the same columns, by which a confirmed mapping is remembered; corrected rejects count as the same."""
        names = "\x1f".join(name.strip().casefold() for name in self.header if name not in OWN_COLUMNS)
        return hashlib.sha256(names.encode()).digest()


@dataclass(frozen=True)
class Problem:
    """Why a cell cannot be read, and what to do: takes the value's place in a column."""

    message: str


@dataclass(frozen=True)
class RawBatch:
    """Some rows as they stand in the file, with their row numbers (as a spreadsheet counts, the header included)."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[Cell]]


def as_text(cell: Cell) -> str:
    """A cell as a person sees it."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, date):
        return cell.isoformat()
    return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)


def quoted(text: str) -> str:
    """A value within a sentence, cut where it is long."""
    return f"“{text if len(text) <= 40 else text[:39] + '…'}”"


def filled(texts: Iterable[str]) -> list[str]:
    """The texts that hold something."""
    return [stripped for text in texts if (stripped := text.strip())]
