"""The file of rejected rows: the original columns, the row's number and its problems; corrected, it can be uploaded again.

It keeps the delimiter and the number format of the original; the reader ignores the two added columns.
"""

import csv
from collections.abc import Iterable
from typing import TextIO

from app.imports.reader import Reject
from app.imports.shape import OWN_COLUMNS, REJECT_PROBLEM, REJECT_ROW, FileShape
from kit.csvio import neutral
from kit.errors import FieldError


class RejectsWriter:
    """Writes rejects as they come to a text stream (opened with newline='' and encoding='utf-8-sig')."""

    def __init__(self, stream: TextIO, shape: FileShape) -> None:
        self._header = [name for name in shape.header if name not in OWN_COLUMNS]
        self._writer = csv.writer(stream, delimiter=shape.delimiter or ",", lineterminator="\r\n")
        self._writer.writerow([neutral(name) for name in (*self._header, REJECT_ROW, REJECT_PROBLEM)])
        self.rows_written = 0

    def write(self, rejects: Iterable[Reject]) -> None:
        """Add rejected rows. Cells beyond the header are joined to the last one, so that nothing is lost."""
        width = len(self._header)
        for reject in rejects:
            cells = list(reject.cells[:width]) + [""] * (width - len(reject.cells))
            if extra := [cell for cell in reject.cells[width:] if cell]:
                cells[-1] = (self._writer.dialect.delimiter).join([cells[-1], *extra])
            problems = " ".join(_sentence(problem) for problem in reject.problems)
            self._writer.writerow([*(neutral(cell) for cell in cells), reject.row, neutral(problems)])
            self.rows_written += 1


def _sentence(problem: FieldError) -> str:
    return f"{problem.field}: {problem.message}" if problem.field else problem.message
