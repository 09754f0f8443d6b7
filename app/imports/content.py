"""What a file is by its bytes, not by its name; everything that is no table is refused before it is read.

`opened` gives a seekable binary stream of a path or of such a stream; `recognise_kind` reads a few kilobytes at most.
"""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias

from app.imports.refusals import EmptyFile, FileTooLarge, NotATable
from app.imports.shape import FileKind

Source: TypeAlias = Path | BinaryIO

MEBIBYTE = 1 << 20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_AS_CSV = "Save the table as CSV or XLSX in your spreadsheet program and upload that."
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"BM", "a picture (BMP)"),
    (b"II*\0", "a picture (TIFF)"),
    (b"MM\0*", "a picture (TIFF)"),
    (b"RIFF", "a sound, film or picture"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\x1f\x8b", "a compressed file (gzip)"),
    (b"BZh", "a compressed file (bzip2)"),
    (b"\xfd7zXZ\0", "a compressed file (xz)"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file (7z)"),
    (b"Rar!", "a compressed file (RAR)"),
    (b"\x28\xb5\x2f\xfd", "a compressed file (Zstandard)"),
    (b"PAR1", "a Parquet file"),
    (b"SQLite format 3", "an SQLite database"),
    (b"{\\rtf", "a text document (RTF)"),
)


@contextmanager
def opened(source: Source) -> Iterator[BinaryIO]:
    """The source from its beginning; a stream that was passed in stays open."""
    if isinstance(source, Path):
        with source.open("rb") as stream:
            yield stream
    else:
        source.seek(0)
        yield source


def recognise_kind(stream: BinaryIO, *, limit_bytes: int) -> tuple[FileKind, int]:
    """(kind, size in bytes); refuses what is too large, empty or no table, having read 64 KiB at most of a large file."""
    size_bytes = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    if size_bytes > limit_bytes:
        raise FileTooLarge(
            f"The file has {size_bytes / MEBIBYTE:,.0f} MiB; up to {limit_bytes / MEBIBYTE:,.0f} MiB can be imported at once.",
            "Split it, by year say, and import the parts one after the other.",
        )
    head = stream.read(65_536)
    stream.seek(0)
    if not head.strip(b" \t\r\n\xef\xbb\xbf\xff\xfe\0"):
        raise EmptyFile("There is nothing in the file.", "Check that the export finished, and upload it again.")
    if head.startswith(_OLE):
        _refuse_ole(stream)
    if head.startswith(b"PK"):
        _require_workbook(stream)
        return FileKind.XLSX, size_bytes
    _refuse_other(head)
    return FileKind.CSV, size_bytes


def _refuse_ole(stream: BinaryIO) -> None:
    """Old .xls and encrypted .xlsx are the same kind of container."""
    name, carry = "EncryptedPackage".encode("utf-16-le"), b""
    while piece := stream.read(MEBIBYTE):
        if name in carry + piece:
            raise NotATable(
                "The workbook is protected with a password.", "Save a copy without a password and upload that."
            )
        carry = piece[-len(name) :]
    raise NotATable("This is an Excel 97–2003 file (.xls).", "Open it in Excel and save it as XLSX or CSV.")


def _require_workbook(stream: BinaryIO) -> None:
    try:
        with zipfile.ZipFile(stream) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        raise NotATable("The file is a damaged archive or workbook.", "Save or download it again.") from None
    finally:
        stream.seek(0)
    if "xl/workbook.xml" in names or (
        "[Content_Types].xml" in names and any(n.startswith("xl/worksheets/") for n in names)
    ):
        return
    if "xl/workbook.bin" in names:
        raise NotATable("This is a binary Excel workbook (.xlsb).", "Open it in Excel and save it as XLSX or CSV.")
    if "content.xml" in names:
        raise NotATable("This is an OpenDocument file.", "Save it as XLSX or CSV and upload that.")
    if "Index/Document.iwa" in names:
        raise NotATable("This is a Numbers document.", "Export it as CSV or XLSX and upload that.")
    raise NotATable(
        "This is a ZIP archive or another kind of document.", "Unpack it and upload the CSV or XLSX file in it."
    )


def _refuse_other(head: bytes) -> None:
    for signature, name in _SIGNATURES:
        if head.startswith(signature) and not (
            len(signature) == 2 and head[2:64].isascii() and b"\0" not in head[:512]
        ):
            raise NotATable(f"This is {name}, not a table.", _AS_CSV)
    beginning = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:256].lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<table", b"<?xml", b"<meta")):
        raise NotATable("This is a web page or an XML file, even if its name ends otherwise.", _AS_CSV)
    if beginning.startswith((b"{", b"[{")):
        raise NotATable("This is a JSON file.", _AS_CSV)
