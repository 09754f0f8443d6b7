"""What an import is asked and answers: the choices that a person confirms, what is stored of them, and the API's reply."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from app.imports.columns import ColumnMapping
from app.imports.shape import DayOrder, Option, RevenueShape


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be read: stored with the import. Without `revenue` the importer finds its shape out itself."""

    columns: ColumnMapping = ColumnMapping()
    revenue: RevenueShape | None = None
    revenue_note: str = ""


class Choices(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person confirms. What is left out stays as it was recognised; `mapping` is field → column name."""

    mapping: dict[str, str] | None = None
    fixed_channel: str = ""
    day_order: DayOrder | None = None
    decimal: Literal[".", ","] | None = None
    currency: str | None = None
    revenue: RevenueShape | None = None


class Formats(msgspec.Struct, frozen=True, kw_only=True):
    """The answers that are remembered for files with the same columns."""

    day_order: DayOrder | None = None
    decimal: str | None = None
    revenue: RevenueShape | None = None
    fixed_channel: str = ""


class PresignRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that will be uploaded straight to the storage."""

    filename: str
    size_bytes: int


class UploadReply(msgspec.Struct, frozen=True):
    """Where and how to upload; afterwards POST to `complete_href`."""

    id: UUID
    method: str
    url: str
    fields: dict[str, str]
    max_bytes: int
    complete_href: str


class MatchReply(msgspec.Struct, frozen=True):
    """A field and the column that carries it."""

    field: str
    column: str
    confidence: float
    reason: str


class QuestionReply(msgspec.Struct, frozen=True):
    """What the file does not settle. Answer it in the confirmation under `topic`."""

    topic: str
    text: str
    options: list[Option]
    guess: str
    evidence: list[str]


class RecognisedReply(msgspec.Struct, frozen=True, kw_only=True):
    """What was recognised in the file."""

    kind: str
    encoding: str
    delimiter: str
    sheet: str
    header_row: int
    columns: list[str]
    decimal: str
    day_order: str | None
    date_forms: list[str]
    currency: str | None
    estimated_rows: int
    findings: list[str]
    revenue: str | None
    revenue_note: str
    mapping: list[MatchReply]
    missing: list[str]
    questions: list[QuestionReply]


class RowErrorReply(msgspec.Struct, frozen=True):
    """A rejected row's problem; `row` counts as a spreadsheet does, the header included."""

    row: int
    message: str
    column: str | None = None
    value: str | None = None


class ImportReply(msgspec.Struct, frozen=True, kw_only=True):
    """An import: its state, and what came out once it is done."""

    id: UUID
    filename: str
    state: str
    created_at: datetime
    finished_at: datetime | None
    job_id: UUID | None
    progress: float
    message: str
    currency: str | None
    rows_read: int
    rows_accepted: int
    rows_changed: int
    rows_rejected: int
    covers_from: date | None
    covers_to: date | None
    notices: list[str]
    errors: list[RowErrorReply]
    problem: dict[str, Any] | None
    recognised: RecognisedReply | None
    href: str
    errors_href: str | None
