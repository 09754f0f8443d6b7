"""Files as people send them, made on the spot, and short ways to read them."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date

import xlsxwriter

from app.imports.columns import ColumnMapping, suggest_mapping
from app.imports.reader import Batch, Reading, read_rows
from app.imports.shape import FileShape, RevenueShape
from app.imports.sniff import sniff

TODAY = date(2026, 11, 21)
HEADER = "date,channel,spend,revenue\n"


def text_file(text: str, encoding: str = "utf-8") -> io.BytesIO:
    """A text file in an encoding."""
    return io.BytesIO(text.encode(encoding))


def rows_file(*rows: str, header: str = HEADER) -> io.BytesIO:
    """A CSV of a header and rows."""
    return text_file(header + "".join(row + "\n" for row in rows))


def workbook(rows: Iterable[Sequence[object]], *, sheet: str = "Data", before: Sequence[str] = ()) -> io.BytesIO:
    """An XLSX as a spreadsheet program writes it; days get a date format."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        for name in before:
            book.add_worksheet(name).write_string(0, 0, "Read me")
        page = book.add_worksheet(sheet)
        as_day = book.add_format({"num_format": "dd/mm/yyyy"})
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, date):
                    page.write_datetime(number, column, value, as_day)
                elif value is not None:
                    page.write(number, column, value)
    target.seek(0)
    return target


def archive(parts: dict[str, bytes]) -> io.BytesIO:
    """A ZIP of named parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    target.seek(0)
    return target


def sheet_parts(sheet_xml: bytes) -> dict[str, bytes]:
    """The least parts of a workbook around one sheet's XML."""
    return {
        "[Content_Types].xml": b"<Types/>",
        "xl/workbook.xml": b'<workbook xmlns:r="r"><sheets><sheet name="Data" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet_xml,
    }


def recognised(file: io.BytesIO, name: str = "file.csv") -> tuple[FileShape, ColumnMapping]:
    """Shape and suggested mapping."""
    shape = sniff(file, name, today=TODAY)
    return shape, suggest_mapping(shape.header, shape.sample)


def reading(file: io.BytesIO, *, revenue: RevenueShape = RevenueShape.ROW) -> Reading:
    """The file's rows with everything as recognised."""
    shape, mapping = recognised(file)
    return read_rows(file, shape, mapping, revenue=revenue, today=TODAY)


def read_all(file: io.BytesIO, *, revenue: RevenueShape = RevenueShape.ROW) -> Batch:
    """All rows of a small file."""
    batches = list(reading(file, revenue=revenue))
    assert len(batches) == 1
    return batches[0]
