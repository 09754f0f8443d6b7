"""Files that are no table, too large, damaged or hostile are refused at once, with what it was and what to do."""

import io
import zipfile
from pathlib import Path

import pytest

from app.imports.content import MEBIBYTE
from app.imports.reader import read_rows
from app.imports.refusals import BrokenFile, EmptyFile, FileTooLarge, HeaderMissing, NotATable
from app.imports.sniff import sniff
from kit.errors import AdloomError
from tests.imports.files import TODAY, archive, reading, recognised, rows_file, sheet_parts, text_file, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SHEET = b'<worksheet><sheetData><row r="1">%s</row></sheetData></worksheet>'


def refusal(content: bytes, kind: type[AdloomError]) -> str:
    with pytest.raises(kind) as raised:
        sniff(io.BytesIO(content), "file.csv", today=TODAY)
    assert raised.value.hint
    return str(raised.value)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.7 ...", "PDF"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG"),
        (b"GIF89a" + bytes(50), "GIF"),
        (b"\x7fELF" + bytes(50), "program"),
        (b"MZ\x90\0" + bytes(50), "program"),
        (b"\x1f\x8b\x08" + bytes(50), "gzip"),
        (b"PAR1" + bytes(50), "Parquet"),
        (b"SQLite format 3\0" + bytes(50), "SQLite"),
        (OLE + bytes(600), "Excel 97–2003"),
        (OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "password"),
        (b"<!DOCTYPE html><table>", "web page"),
        (b'<?xml version="1.0"?><Workbook>', "web page or an XML"),
        (b'{"date": 1}', "JSON"),
        (b"date,channel\n\0\1\2\3", "binary"),
        (b"PK\x03\x04" + bytes(50), "damaged"),
        (archive({"a.csv": b"date,channel\n"}).getvalue(), "ZIP archive"),
        (archive({"content.xml": b"<x/>"}).getvalue(), "OpenDocument"),
        (archive({"xl/workbook.bin": b""}).getvalue(), "xlsb"),
        (archive({"word/document.xml": b"<x/>"}).getvalue(), "another kind of document"),
    ],
)
def test_what_is_no_table_is_refused_by_its_bytes(content: bytes, what: str) -> None:
    assert what in refusal(content, NotATable)


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xff\xfe", b"date,channel,spend,revenue\n"])
def test_an_empty_file_is_refused(content: bytes) -> None:
    refusal(content, EmptyFile)


@pytest.mark.parametrize("content", [b"2026-01-05,TV,1,2\n2026-01-06,TV,1,2\n", b"hello\nworld\n", b"one;1\ntwo;2\n"])
def test_a_file_without_a_header_is_refused(content: bytes) -> None:
    refusal(content, HeaderMissing)


def test_a_file_of_three_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("wb") as stream:
        stream.write(b"date,channel,spend,revenue\n")
        stream.truncate(3 * 1024 * MEBIBYTE)
    with pytest.raises(FileTooLarge, match="3,072 MiB"):
        sniff(path, "large.csv", today=TODAY)


class CountingStream(io.BytesIO):
    """Knows how much was read from it."""

    taken = 0

    def read(self, size: int | None = -1) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


def test_a_large_file_is_recognised_from_a_few_hundred_kilobytes() -> None:
    file = CountingStream(rows_file(*("2026-01-05,TV,1.50,2" for _ in range(200_000))).getvalue())
    sniff(file, "file.csv", today=TODAY)
    assert file.taken < MEBIBYTE


def test_a_line_without_an_end_is_refused() -> None:
    assert "Line 2" in refusal(b"date,channel,spend,revenue\n" + b"x" * 3_000_000, BrokenFile)


def test_a_line_without_an_end_far_down_is_refused() -> None:
    file = rows_file(*("2026-01-05,TV,1.50,2" for _ in range(30_000)), "x" * 3_000_000)
    with pytest.raises(BrokenFile, match="a million characters"):
        list(reading(file))


def test_a_quotation_mark_that_is_never_closed_is_refused() -> None:
    rows = "2026-01-05,TV,1,2\n" * 20_000
    assert "never closed" in refusal(f'date,channel,spend,revenue\n2026-01-05,"TV,1,2\n{rows}'.encode(), BrokenFile)


def test_an_archive_that_unpacks_to_a_thousand_times_its_size_is_refused() -> None:
    parts = sheet_parts(SHEET % (b'<c r="A1"><v>1</v></c>') + b" " * 40 * MEBIBYTE)
    assert "densely" in refusal(archive(parts).getvalue(), FileTooLarge)


def test_an_archive_of_many_parts_is_refused() -> None:
    parts = sheet_parts(SHEET % b"") | {f"xl/media/{number}": b"" for number in range(2_100)}
    assert "parts" in refusal(archive(parts).getvalue(), FileTooLarge)


def test_an_archive_that_lies_about_its_size_is_damaged() -> None:
    content = bytearray(archive(sheet_parts(SHEET % b'<c r="A1"><v>1</v></c>' + b" " * 5000)).getvalue())
    directory = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    refusal(bytes(content), BrokenFile)


def test_a_cell_of_many_megabytes_is_refused() -> None:
    cell = b'<c r="A1" t="inlineStr"><is><t>' + bytes(range(65, 91)) * 300_000 + b"</t></is></c>"
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in sheet_parts(SHEET % cell).items():
            packed.writestr(name, content)
    assert "longer" in refusal(target.getvalue(), BrokenFile)


def test_an_attribute_of_many_megabytes_is_refused() -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        for name, content in sheet_parts(SHEET % (b'<c r="' + b"A" * 9_000_000 + b'"><v>1</v></c>')).items():
            packed.writestr(name, content)
    refusal(target.getvalue(), BrokenFile)


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"])
def test_entities_are_never_expanded(part: str) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    assert "document type" in refusal(archive(sheet_parts(SHEET % b"") | {part: bomb}).getvalue(), BrokenFile)


def test_columns_without_end_are_refused() -> None:
    refusal(archive(sheet_parts(SHEET % b'<c r="ZZZ1"><v>1</v></c>')).getvalue(), FileTooLarge)


def test_a_cut_workbook_is_refused() -> None:
    content = workbook([["date", "channel", "spend", "revenue"], ["2026-01-05", "TV", 1, 2]]).getvalue()
    refusal(content[: len(content) // 2], NotATable)


def test_rows_beyond_the_limit_are_refused_while_reading() -> None:
    file = rows_file(*(f"2026-01-05,TV {number},1,2" for number in range(50)))
    shape, mapping = recognised(file)
    with pytest.raises(FileTooLarge, match="more than 40 rows"):
        list(read_rows(file, shape, mapping, today=TODAY, max_rows=40))


def test_ordinary_words_that_begin_like_a_program_are_text() -> None:
    assert recognised(text_file("BM,date,channel,spend,revenue\nx,2026-01-05,TV,1,2\n"))[0].header[0] == "BM"
