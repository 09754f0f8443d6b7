"""What a file looks like, from a few hundred kilobytes of it: kind, encoding, columns, number and date conventions, size.

`sniff` is the entry. What the file does not settle becomes a question with a guess and the evidence.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import BinaryIO

import msgspec

from app.imports.amounts import is_number_like, recognise_numbers
from app.imports.columns import ColumnMapping, known_fields, match_columns
from app.imports.content import MEBIBYTE, Source, opened, recognise_kind
from app.imports.currencies import codes_of, recognise_currency
from app.imports.dates import DateFindings, form_of, recognise_dates
from app.imports.delimited import HEAD_BYTES, read_probe, recognise_delimiter, records_of
from app.imports.encodings import encoding_name, mojibake_note, recognise_encoding
from app.imports.questions import (
    currency_findings,
    currency_question,
    date_findings,
    day_order_question,
    decimal_question,
    number_findings,
)
from app.imports.refusals import BrokenFile, EmptyFile, HeaderMissing
from app.imports.shape import COUNT_FIELDS, MONEY_FIELDS, Cell, Field, FileKind, FileShape, as_text, filled
from app.imports.xlsx import SheetEntry, Workbook

LIMIT_BYTES = 256 * MEBIBYTE
HEADER_WITHIN = 30
SAMPLE_ROWS = 20
SHEET_ROWS = 5_000
MAX_SHEETS = 20


@dataclass(frozen=True)
class Table:
    """Records of a file, the first ones and some from everywhere: what all further recognition looks at."""

    header_row: int
    header: tuple[str, ...]
    records: list[Sequence[Cell]]


def sniff(
    source: Source,
    filename: str,
    *,
    today: date,
    limit_bytes: int = LIMIT_BYTES,
    encoding: str | None = None,
    sheet: str | None = None,
    remembered: Mapping[str, str] | None = None,
) -> FileShape:
    """Recognise a file, or refuse it with a reason. `encoding` and `sheet` overrule; `remembered` is a mapping by column name."""
    with opened(source) as stream:
        kind, size_bytes = recognise_kind(stream, limit_bytes=limit_bytes)
        shape = FileShape(kind=kind, filename=filename, size_bytes=size_bytes)
        if kind is FileKind.XLSX:
            return _sniff_workbook(stream, shape, sheet=sheet, today=today, remembered=remembered)
        return _sniff_text(stream, shape, encoding=encoding, today=today, remembered=remembered)


def _sniff_text(
    stream: BinaryIO,
    shape: FileShape,
    *,
    encoding: str | None,
    today: date,
    remembered: Mapping[str, str] | None,
) -> FileShape:
    head, pieces = read_probe(stream, shape.size_bytes)
    encoding = encoding or recognise_encoding(head, pieces)
    text = head.decode(encoding, errors="replace").removeprefix("\ufeff")
    is_whole = shape.size_bytes <= HEAD_BYTES
    if not is_whole:
        text = _whole_lines(text)
    delimiter = recognise_delimiter(text)
    table = _table([(i, record) for i, record in enumerate(records_of(text, delimiter, 1_000_000), start=1)])
    rows = len(table.records)
    if not is_whole:
        rows = round(rows * shape.size_bytes / len(text.encode(encoding, errors="replace")))
        table.records.extend(_elsewhere(pieces, head, encoding, delimiter, width=len(table.header)))
    names = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "vertical bars"}
    note = f"Text in {encoding_name(encoding)}, columns divided by {names.get(delimiter, delimiter)}."
    return _described(
        _with(shape, encoding=encoding, delimiter=delimiter, estimated_rows=rows, is_row_count_exact=is_whole),
        table,
        notes=[note],
        leans_to_comma=delimiter == ";",
        today=today,
        remembered=remembered,
    )


def _whole_lines(text: str) -> str:
    """Without the last line, which the probe has cut; refuses a line that fills half of the probe."""
    whole, end, rest = (text if "\n" in text else text.replace("\r", "\n")).rpartition("\n")
    if len(rest) > len(text) // 2:
        raise BrokenFile(
            f"Line {whole.count(end) + 2 if end else 1} is longer than a hundred thousand characters.",
            "The file is no table, or its line ends are missing. Export it again.",
        )
    return whole + end


def _sniff_workbook(
    stream: BinaryIO, shape: FileShape, *, sheet: str | None, today: date, remembered: Mapping[str, str] | None
) -> FileShape:
    workbook = Workbook(stream)
    try:
        entry = _choose_sheet(workbook, sheet)
        before = workbook.read_bytes
        rows = list(islice(workbook.rows(entry), SHEET_ROWS))
        share_read = (workbook.read_bytes - before) / max(1, workbook.size_of(entry))
        sheets = tuple(each.name for each in workbook.sheets if not each.is_hidden)
    finally:
        workbook.close()
    table = _table(rows)
    is_whole = len(rows) < SHEET_ROWS
    estimate = len(table.records) if is_whole else round(len(table.records) / max(share_read, 1e-6))
    note = f"Excel workbook, sheet “{entry.name}”."
    if len(sheets) > 1:
        note += f" {len(sheets) - 1} more sheets are left aside."
    return _described(
        _with(shape, sheet=entry.name, sheets=sheets, estimated_rows=estimate, is_row_count_exact=is_whole),
        table,
        notes=[note],
        leans_to_comma=False,
        today=today,
        remembered=remembered,
    )


def _choose_sheet(workbook: Workbook, wanted: str | None) -> SheetEntry:
    """The wanted sheet, else the visible one whose header names most fields."""
    if wanted is not None:
        for entry in workbook.sheets:
            if entry.name == wanted:
                return entry
        raise HeaderMissing(f"The workbook has no sheet “{wanted}”.", "Choose one of its sheets.")
    visible = [entry for entry in workbook.sheets if not entry.is_hidden] or list(workbook.sheets)

    def fields(entry: SheetEntry) -> int:
        rows = islice(workbook.rows(entry), HEADER_WITHIN)
        return max((known_fields([as_text(cell) for cell in cells]) for _, cells in rows), default=-1)

    return max(visible[:MAX_SHEETS], key=fields) if len(visible) > 1 else visible[0]


def _table(rows: Sequence[tuple[int, Sequence[Cell]]]) -> Table:
    """The header and what stands below it; refuses a file without the one or the other."""
    candidates = [(place, [as_text(cell) for cell in cells]) for place, (_, cells) in enumerate(rows[:HEADER_WITHIN])]
    names = [(known_fields(cells), -place) for place, cells in candidates if _could_be_header(cells)]
    if not names:
        raise HeaderMissing(
            "No row names the columns.",
            "Put a header above the data: date, channel, spend, revenue. The template shows how.",
        )
    place = -max(names)[1]
    records = [cells for _, cells in rows[place + 1 :] if any(as_text(cell).strip() for cell in cells)]
    if not records:
        raise EmptyFile(
            "There is a header but no row below it.", "Check that the export has data, and upload it again."
        )
    header = [name.strip() for name in candidates[place][1]]
    while header and not header[-1]:
        header.pop()
    return Table(rows[place][0], tuple(header), records)


def _could_be_header(cells: Sequence[str]) -> bool:
    names = filled(cells)
    return len(names) >= 2 and not any(is_number_like(name) or form_of(name) for name in names)


def _elsewhere(
    pieces: Iterable[bytes], head: bytes, encoding: str, delimiter: str, *, width: int
) -> list[Sequence[Cell]]:
    """Whole records out of pieces of the file; the first and the last line of a piece may be cut."""
    codec = encoding
    if encoding == "utf-16":
        codec = "utf-16-le" if head.startswith(b"\xff\xfe") else "utf-16-be"
    records: list[Sequence[Cell]] = []
    for piece in pieces:
        lines = piece.decode(codec, errors="replace").splitlines()[1:-1]
        records += [record for line in lines for record in records_of(line, delimiter, 1) if len(record) == width]
    return records


def _described(
    shape: FileShape,
    table: Table,
    *,
    notes: list[str],
    leans_to_comma: bool,
    today: date,
    remembered: Mapping[str, str] | None,
) -> FileShape:
    """The shape with everything that the cells tell."""
    sample = tuple(tuple(as_text(cell) for cell in record) for record in table.records[:SAMPLE_ROWS])
    mapping = match_columns(table.header, sample, remembered)
    dates = recognise_dates(_dates(table, mapping), today=today)
    numbers = recognise_numbers(
        _texts(table, mapping, (*MONEY_FIELDS, *COUNT_FIELDS)), leans_to_comma=leans_to_comma or _dotted(dates)
    )
    currencies = recognise_currency(_money_headers(table, mapping), _texts(table, mapping, MONEY_FIELDS))
    possible = codes_of(currencies[0]) if len(currencies) == 1 else tuple(codes_of(sign)[0] for sign in currencies)
    if table.header_row > 1:
        notes.append(f"The columns are named in row {table.header_row}; the rows above it are skipped.")
    mojibake = mojibake_note([*table.header, *(cell for row in sample for cell in row)])
    questions = (day_order_question(dates), decimal_question(numbers), currency_question(currencies))
    return _with(
        shape,
        header_row=table.header_row,
        header=table.header,
        sample=sample,
        decimal=numbers.decimal,
        thousands=numbers.thousands,
        day_order=dates.day_order,
        date_forms=dates.forms or (("spreadsheet date",) if _has_typed_dates(table, mapping) else ()),
        currency=possible[0] if len(possible) == 1 else None,
        possible_currencies=possible,
        findings=(
            *notes,
            *date_findings(dates),
            *number_findings(numbers),
            *currency_findings(possible, currencies),
            *([mojibake] if mojibake else []),
        ),
        questions=tuple(question for question in questions if question is not None),
    )


def _with(shape: FileShape, **changes: object) -> FileShape:
    return msgspec.structs.replace(shape, **changes)


def _dates(table: Table, mapping: ColumnMapping) -> list[str]:
    """The date column's texts; without one, of the columns that hold dates."""
    if Field.DATE in mapping.positions:
        return _texts(table, mapping, (Field.DATE,))
    return [cell for record in table.records for cell in record if isinstance(cell, str) and form_of(cell)]


def _texts(table: Table, mapping: ColumnMapping, fields: Iterable[Field]) -> list[str]:
    """The cells of some fields as far as they are text: a workbook's own numbers and days need no recognition."""
    positions = [mapping.positions[name] for name in fields if name in mapping.positions]
    return [
        cell
        for record in table.records
        for position in positions
        if position < len(record) and isinstance(cell := record[position], str) and cell
    ]


def _money_headers(table: Table, mapping: ColumnMapping) -> list[str]:
    return [table.header[mapping.positions[name]] for name in MONEY_FIELDS if name in mapping.positions]


def _has_typed_dates(table: Table, mapping: ColumnMapping) -> bool:
    position = mapping.positions.get(Field.DATE)
    return position is not None and any(
        position < len(record) and isinstance(record[position], date) for record in table.records
    )


def _dotted(dates: DateFindings) -> bool:
    return any("." in form for form in dates.forms)
