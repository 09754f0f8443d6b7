"""Text files with one record per line: recognising the delimiter, and reading records in flat memory.

Whatever the file holds, no more than a line of 1 MiB or a cell of 128 KiB is ever kept.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import BinaryIO, TextIO

from app.imports.columns import known_fields
from app.imports.content import MEBIBYTE
from app.imports.refusals import BrokenFile, HeaderMissing
from app.imports.shape import RawBatch

DELIMITERS = (",", ";", "\t", "|")
LINE_LIMIT = MEBIBYTE
HEAD_BYTES = 256 * 1024
PIECE_BYTES, PIECES = 16 * 1024, 15
_BLOCK = 1 << 17
_UNREADABLE = -1


def read_probe(stream: BinaryIO, size_bytes: int) -> tuple[bytes, list[bytes]]:
    """The beginning of the file and pieces from evenly spaced places of the rest, at offsets divisible by four."""
    head = stream.read(HEAD_BYTES)
    rest = size_bytes - len(head)
    step = max(PIECE_BYTES, rest // PIECES) // 4 * 4
    pieces = []
    for offset in range(HEAD_BYTES, size_bytes, step):
        stream.seek(offset)
        pieces.append(stream.read(PIECE_BYTES))
    return head, pieces


def lines_of(text: TextIO) -> Iterator[str]:
    """Lines with their ends; refuses one that is longer than any table's."""
    rest, line = "", 1
    while block := text.read(_BLOCK):
        lines = (rest + block).split("\n")
        rest = lines.pop()
        if len(rest) > LINE_LIMIT:
            raise BrokenFile(
                f"Line {line + len(lines)} is longer than a million characters.",
                "The file is no table, or its line ends are missing. Export it again.",
            )
        for complete in lines:
            yield complete + "\n"
        line += len(lines)
    if rest:
        yield rest


def record_batches(
    stream: BinaryIO, *, encoding: str, delimiter: str, header_row: int, batch_rows: int
) -> Iterator[RawBatch]:
    """All records below the header. Bytes that fit no letter become U+FFFD, which the reader of names refuses."""
    text = io.TextIOWrapper(stream, encoding=encoding, errors="replace", newline=None)
    try:
        reader = csv.reader(lines_of(text), delimiter=delimiter)
        number = header_row + 1
        _take(reader, header_row, number)
        while rows := _take(reader, batch_rows, number):
            yield RawBatch(range(number, number + len(rows)), list(rows))
            number += len(rows)
    finally:
        text.detach()


def records_of(text: str, delimiter: str, limit: int) -> list[list[str]]:
    """The first records of a text that is at hand."""
    return list(_take(csv.reader(lines_of(io.StringIO(text, newline=None)), delimiter=delimiter), limit, 1))


def recognise_delimiter(text: str) -> str:
    """The delimiter with which the first lines show the most known names and the most even table."""
    first_line = text.lstrip("\ufeff").split("\n", 1)[0].strip().strip('"')
    if first_line.lower().startswith("sep=") and len(first_line) == 5:
        return first_line[4]
    scores = {delimiter: _score(text, delimiter) for delimiter in DELIMITERS}
    best = max(DELIMITERS, key=lambda delimiter: scores[delimiter])
    if scores[best][2] < 2:
        if any(width == _UNREADABLE for _, _, width in scores.values()):
            records_of(text, min(DELIMITERS, key=lambda delimiter: scores[delimiter][2]), 60)
        raise HeaderMissing(
            "The file has one column only.",
            "Separate columns by comma, semicolon, tab or |, one row per day and channel. The template shows how.",
        )
    return best


def _score(text: str, delimiter: str) -> tuple[int, float, int]:
    try:
        records = [record for record in records_of(text, delimiter, 60) if any(record)]
    except BrokenFile:
        return 0, 0.0, _UNREADABLE
    widths = Counter(len(record) for record in records if len(record) > 1)
    if not widths:
        return 0, 0.0, 1
    width, times = max(widths.items(), key=lambda item: (item[1], item[0]))
    return max(known_fields(record) for record in records[:30]), times / len(records), width


def _take(reader: Iterator[list[str]], limit: int, number: int) -> Sequence[list[str]]:
    try:
        return list(islice(reader, limit))
    except csv.Error as error:
        if "field larger" in str(error):
            raise BrokenFile(
                f"Below row {number}, a cell is longer than 131,072 characters.",
                "Probably a quotation mark is opened and never closed. Correct it and upload the file again.",
            ) from error
        raise BrokenFile(
            f"Below row {number}, the file cannot be read ({error}).", "Export it again as CSV."
        ) from error
