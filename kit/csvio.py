"""Writing CSV that is safe to open in a spreadsheet: text that a spreadsheet would run as a formula gets a leading apostrophe.

`neutral` and `original` undo each other; numbers stay untouched, so that sums still work.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from typing import TextIO, TypeAlias

Value: TypeAlias = object

_DANGEROUS = re.compile(r"'*[=+\-@\t\r＝＋－＠]")
_NUMBER = re.compile(r"[+-]?\s?(?=[.,]?\d)[\d.,  '’]*\d(?:[eE][+-]?\d+)?\s?%?", re.ASCII)


def neutral(text: str) -> str:
    """The text in a form that no spreadsheet takes for a formula; plain numbers such as -12.50 are left alone."""
    if not _DANGEROUS.match(text) or _NUMBER.fullmatch(text):
        return text
    return "'" + text


def original(text: str) -> str:
    """What `neutral` was given."""
    return text[1:] if text.startswith("'") and _DANGEROUS.match(text, 1) else text


def write_csv(
    stream: TextIO,
    header: Sequence[str],
    rows: Iterable[Sequence[Value]],
    *,
    delimiter: str = ",",
    newline: str = "\r\n",
) -> int:
    """Header and rows; text is neutralised, other values are written as they are and None as nothing. Returns the rows."""
    writer = csv.writer(stream, delimiter=delimiter, lineterminator=newline)
    writer.writerow([neutral(name) for name in header])
    written = 0
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        written += 1
    return written


def _cell(value: Value) -> Value:
    return neutral(value) if isinstance(value, str) else value
