"""The file that says which rows of a file about customers were not taken and why. It repeats no cell that may be personal."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Self, TextIO

from litestar.response import Stream

from app.customers.models import CustomerUpload
from app.imports.downloads import attachment
from kit.csvio import neutral
from kit.errors import FieldError, NotFound
from kit.storage import CHUNK_BYTES, Storage


class ErrorsWriter:
    """Writes problems as they come: row, column, what is wrong."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stream: TextIO | None = None

    def __enter__(self) -> Self:
        self._stream = self._path.open("w", encoding="utf-8-sig", newline="")
        csv.writer(self._stream).writerow(["row", "column", "problem"])
        return self

    def __exit__(self, *_failure: object) -> None:
        if self._stream is not None:
            self._stream.close()

    def write(self, errors: Iterable[FieldError]) -> None:
        """Add problems."""
        if self._stream is None:
            raise ValueError("Enter the context first.")
        writer = csv.writer(self._stream)
        for one in errors:
            writer.writerow([one.row, neutral(one.field or ""), neutral(one.message)])


def errors_stream(storage: Storage, item: CustomerUpload) -> Stream:
    """The stored file of an upload; not found where every row was taken."""
    if item.errors_key is None:
        raise NotFound("Every row of this file was taken.", "There is nothing to correct.")
    stem = item.filename.rsplit(".", 1)[0]
    pieces = _pieces(storage.open(item.errors_key))
    return Stream(pieces, media_type="text/csv; charset=utf-8", headers=attachment(f"{stem}-errors.csv"))


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    with stream:
        while piece := stream.read(CHUNK_BYTES):
            yield piece
