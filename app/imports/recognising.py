"""What a new file is: its shape, the meaning of its columns and of its revenue, with what the workspace confirmed before."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy.orm import Session

from app.imports.columns import ColumnMapping, suggest_mapping
from app.imports.content import Source
from app.imports.queries import remembered_mapping
from app.imports.revenue import recognise_revenue
from app.imports.schemas import Formats, Setup
from app.imports.shape import FileShape, RevenueShape, Topic
from app.imports.sniff import sniff

REVENUE_ROWS = 50_000
FEW_DAYS = 5
CERTAIN = 0.9


@dataclass(frozen=True)
class Recognised:
    """A file's shape and how it is probably to be read."""

    shape: FileShape
    setup: Setup


def recognise(
    session: Session,
    source: Source,
    filename: str,
    *,
    today: date,
    sheet: str | None = None,
    encoding: str | None = None,
) -> Recognised:
    """Look at a file; refuses what cannot be a table. Files with known columns are read as they were confirmed before."""
    shape = sniff(source, filename, today=today, sheet=sheet, encoding=encoding)
    known = remembered_mapping(session, shape.header_hash)
    columns: Mapping[str, str] = known.mapping if known else {}
    formats = msgspec.convert(known.formats, Formats) if known else Formats()
    if known:
        shape = sniff(source, filename, today=today, sheet=sheet, encoding=encoding, remembered=columns)
        shape = _answered(shape, formats)
    mapping = suggest_mapping(shape.header, shape.sample, columns)
    if mapping.missing and formats.fixed_channel:
        mapping = msgspec.structs.replace(mapping, fixed_channel=formats.fixed_channel)
    return Recognised(shape, with_revenue(source, shape, mapping, today=today, remembered=formats.revenue))


def with_revenue(
    source: Source, shape: FileShape, mapping: ColumnMapping, *, today: date, remembered: RevenueShape | None = None
) -> Setup:
    """The setup with what its revenue stands for; a few corrected rows cannot tell, so what was confirmed before counts."""
    if mapping.missing:
        return Setup(columns=mapping)
    found = recognise_revenue(source, shape, mapping, today=today, max_rows=REVENUE_ROWS)
    if remembered is not None and found.shape is not remembered and found.days_compared < FEW_DAYS:
        return Setup(
            columns=mapping, revenue=remembered, revenue_note="Revenue is read as in earlier files with these columns."
        )
    return Setup(columns=mapping, revenue=found.shape, revenue_note=found.sentence)


def is_certain(recognised: Recognised) -> bool:
    """True where nothing needs a person's look: every column known by name, no question open."""
    columns = recognised.setup.columns
    return (
        not recognised.shape.questions
        and not columns.missing
        and all(match.confidence >= CERTAIN for match in columns.matches)
    )


def _answered(shape: FileShape, formats: Formats) -> FileShape:
    """Questions that were answered for an earlier file with these columns are not asked again."""
    answers = {Topic.DAY_ORDER: formats.day_order, Topic.DECIMAL: formats.decimal}
    open_topics = {question.topic for question in shape.questions}
    return msgspec.structs.replace(
        shape,
        day_order=formats.day_order if Topic.DAY_ORDER in open_topics and formats.day_order else shape.day_order,
        decimal=formats.decimal if Topic.DECIMAL in open_topics and formats.decimal else shape.decimal,
        questions=tuple(question for question in shape.questions if not answers.get(question.topic)),
    )
