"""Reading XLSX workbooks row by row in flat memory, with a limit on everything an attacker could inflate.

The sheet is parsed as a stream (expat, no DTDs); only shared strings and date styles are kept. openpyxl's read-only mode took
2.3 times expat's CPU time for the same rows, and `plain_rows` takes half of it. Limits are checked against the archive's directory and against the bytes that come out.
"""

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import IO, BinaryIO
from xml.parsers import expat

from app.imports.content import MEBIBYTE
from app.imports.refusals import BrokenFile, FileTooLarge
from app.imports.shape import Cell
from app.imports.sheet_parser import PartParser, SheetParser, StringsParser, refuse_doctype

MAX_ENTRIES = 2_000
MAX_UNCOMPRESSED = 1024 * MEBIBYTE
MAX_RATIO = 150  # a sheet of half a million rows comes to 10–25; a bomb to 1,000
RATIO_FROM = 16 * MEBIBYTE
_BLOCK = 1 << 16
_DATE_FORMATS = {*range(14, 18), 22, *range(27, 37), *range(50, 59)}
_LITERAL = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')


@dataclass(frozen=True)
class SheetEntry:
    """A sheet's name and where the archive keeps it."""

    name: str
    path: str
    is_hidden: bool


class Workbook:
    """An open workbook. `sheets` in their order; `rows` reads one of them."""

    def __init__(self, stream: BinaryIO) -> None:
        self._archive = zipfile.ZipFile(stream)
        self._read_bytes = 0
        _check_directory(self._archive)
        self.uses_1904 = False
        self.sheets = self._read_sheets()
        self._strings: list[str] | None = None
        self._date_styles = self._read_date_styles()

    @property
    def read_bytes(self) -> int:
        """Bytes that have been unpacked so far."""
        return self._read_bytes

    def close(self) -> None:
        """Release the archive; the stream stays open."""
        self._archive.close()

    def rows(self, sheet: SheetEntry) -> Iterator[tuple[int, list[Cell]]]:
        """(row number, cells) of the rows that hold something."""
        parser = SheetParser(self._shared_strings(), self._date_styles, epoch=self._epoch)
        yield from self._parsed(sheet.path, parser)

    def size_of(self, sheet: SheetEntry) -> int:
        """Uncompressed bytes of a sheet."""
        return self._archive.getinfo(sheet.path).file_size

    @property
    def _epoch(self) -> date:
        return date(1904, 1, 1) if self.uses_1904 else date(1899, 12, 30)

    def _shared_strings(self) -> list[str]:
        if self._strings is None:
            parser = StringsParser()
            if "xl/sharedStrings.xml" in self._archive.namelist():
                for _ in self._parsed("xl/sharedStrings.xml", parser):
                    pass
            self._strings = parser.strings
        return self._strings

    def _parsed(self, path: str, parser: PartParser) -> Iterator[tuple[int, list[Cell]]]:
        try:
            with self._archive.open(path) as entry:
                while block := self._counted(entry):
                    parser.feed(block)
                    yield from parser.take()
                parser.feed(b"", is_final=True)
                yield from parser.take()
        except (zipfile.BadZipFile, expat.ExpatError, EOFError, zlib.error, NotImplementedError, RuntimeError) as error:
            raise BrokenFile(
                "The workbook is damaged.", "Open it in Excel, save it as XLSX again and upload that."
            ) from error

    def _counted(self, entry: IO[bytes]) -> bytes:
        block = entry.read(_BLOCK)
        self._read_bytes += len(block)
        if self._read_bytes > 2 * MAX_UNCOMPRESSED:
            raise _bomb("unpacks to more than it says")
        return block

    def _document(self, path: str) -> list[tuple[str, dict[str, str]]]:
        """(local name, attributes) of all elements of a small part, in order; [] where there is none."""
        if path not in self._archive.namelist():
            return []
        elements: list[tuple[str, dict[str, str]]] = []
        parser = expat.ParserCreate()
        parser.StartElementHandler = lambda name, attributes: elements.append((name.rpartition(":")[2], attributes))
        parser.StartDoctypeDeclHandler = refuse_doctype
        with self._archive.open(path) as entry:
            try:
                parser.Parse(entry.read(8 * MEBIBYTE), True)
            except expat.ExpatError as error:
                raise BrokenFile("The workbook is damaged.", "Open it in Excel and save it as XLSX again.") from error
        return elements

    def _read_sheets(self) -> tuple[SheetEntry, ...]:
        targets = {
            a.get("Id", ""): a.get("Target", "")
            for name, a in self._document("xl/_rels/workbook.xml.rels")
            if name == "Relationship"
        }
        sheets = []
        for name, attributes in self._document("xl/workbook.xml"):
            if name == "workbookPr":
                self.uses_1904 = attributes.get("date1904") in {"1", "true"}
            elif name == "sheet":
                relation = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
                path = _within_archive(targets.get(relation, ""))
                if path in self._archive.namelist() and "worksheets" in path:
                    sheets.append(
                        SheetEntry(attributes.get("name", ""), path, attributes.get("state", "visible") != "visible")
                    )
        if not sheets:
            raise BrokenFile(
                "The workbook has no sheet with rows.", "Save it as XLSX again, or export the sheet as CSV."
            )
        return tuple(sheets)

    def _read_date_styles(self) -> frozenset[int]:
        """Indexes of the cell styles that show a number as a date."""
        formats, styles, is_inside = set(_DATE_FORMATS), [], False
        for name, attributes in self._document("xl/styles.xml"):
            if name == "numFmt" and is_date_format(attributes.get("formatCode", "")):
                formats.add(int(attributes.get("numFmtId", -1)))
            elif name in {"cellXfs", "cellStyles", "cellStyleXfs", "dxfs"}:
                is_inside = name == "cellXfs"
            elif name == "xf" and is_inside:
                styles.append(int(attributes.get("numFmtId", 0)))
        return frozenset(index for index, number in enumerate(styles) if number in formats)


def is_date_format(code: str) -> bool:
    """True for `yyyy-mm-dd`, `d. mmm`; False for `#,##0.00 "days"`, `hh:mm`."""
    bare = _LITERAL.sub("", code.split(";", maxsplit=1)[0]).lower()
    return "y" in bare or "d" in bare


def _within_archive(target: str) -> str:
    return target.lstrip("/") if target.startswith("/") else "xl/" + target


def _check_directory(archive: zipfile.ZipFile) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _bomb(f"has {len(entries):,} parts")
    if sum(entry.file_size for entry in entries) > MAX_UNCOMPRESSED:
        raise _bomb(f"unpacks to more than {MAX_UNCOMPRESSED // MEBIBYTE:,} MiB")
    for entry in entries:
        if entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(1, entry.compress_size):
            raise _bomb("is packed more densely than a table can be")
        if entry.flag_bits & 1:
            raise BrokenFile("The workbook is protected with a password.", "Save a copy without a password.")


def _bomb(what: str) -> FileTooLarge:
    return FileTooLarge(f"The workbook {what}.", "Export the sheet as CSV and upload that.")
