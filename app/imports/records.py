"""The rows below the header of any file that `sniff` has recognised, in batches and flat memory."""

from collections.abc import Iterator
from itertools import islice

from app.imports.content import Source, opened
from app.imports.delimited import record_batches
from app.imports.refusals import BrokenFile
from app.imports.shape import FileKind, FileShape, RawBatch
from app.imports.xlsx import Workbook

BATCH_ROWS = 10_000


def batches_of(source: Source, shape: FileShape, *, batch_rows: int = BATCH_ROWS) -> Iterator[RawBatch]:
    """All rows with their numbers; empty ones may be among them."""
    with opened(source) as stream:
        if shape.kind is FileKind.XLSX:
            workbook = Workbook(stream)
            try:
                yield from _sheet_batches(workbook, shape, batch_rows)
            finally:
                workbook.close()
        else:
            yield from record_batches(
                stream,
                encoding=shape.encoding,
                delimiter=shape.delimiter,
                header_row=shape.header_row,
                batch_rows=batch_rows,
            )


def _sheet_batches(workbook: Workbook, shape: FileShape, batch_rows: int) -> Iterator[RawBatch]:
    sheet = next((sheet for sheet in workbook.sheets if sheet.name == shape.sheet), None)
    if sheet is None:
        raise BrokenFile(f"The workbook has no sheet “{shape.sheet}” any more.", "Upload it again.")
    rows = ((number, cells) for number, cells in workbook.rows(sheet) if number > shape.header_row)
    while taken := list(islice(rows, batch_rows)):
        yield RawBatch([number for number, _ in taken], [cells for _, cells in taken])
