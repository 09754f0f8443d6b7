"""Rows of a worksheet in the form that spreadsheet programs write, found by a pattern instead of by events of a parser.

Half a million rows have eight million elements, and a call for each is what reading an XLSX costs. A row is plain where it and its
cells carry their references, and its texts need no unescaping; whatever is not goes through expat.
"""

import re
import sys
from collections.abc import Iterator

_TEXT = r"[^<&\x00-\x1f]{0,32767}"
_CELL = (
    r'<c r="([A-Z]{1,3})[0-9]{1,8}"(?: s="([0-9]{1,9})")?(?: t="([a-zA-Z]{1,9})")?'
    rf'(?:/>|>(?:<v>({_TEXT})</v>|<is><t(?: xml:space="preserve")?>({_TEXT})</t></is>)</c>)'
)
_ROW = r'<row r="[0-9]{1,8}"(?: [a-zA-Z0-9:]{1,40}="[^"<&]{0,200}"){0,40}+'
# Possessive, so that a row that is not plain is given up at once, whatever it holds.
_PLAIN_ROWS = re.compile(rf"(?:{_ROW}(?:/>|>(?:{re.sub(r'[(](?![?])', '(?:', _CELL)})*+</row>))*+".encode())
_CELLS = re.compile(_CELL)
_OPENING = '<row r="'
# Before this version of Python a possessive repetition could match too little, or what is not there; all goes through expat then.
_IS_TRUSTED = sys.version_info >= (3, 11, 5)

PlainCell = tuple[str, str, str, str, str]


def end_of_plain_rows(block: bytes, begin: int) -> int:
    """Where the whole plain rows end that stand there one after the other; `begin` where the first row is none."""
    found = _PLAIN_ROWS.match(block, begin) if _IS_TRUSTED else None
    return found.end() if found else begin


def plain_rows(text: str) -> Iterator[tuple[int, list[PlainCell]]]:
    """(number, cells) of plain rows; a cell is (column letters, style, type, content, content of an inline text)."""
    for piece in text.split("</row>"):
        begin = piece.rfind(_OPENING)  # rows without cells have no closing tag, and stand before
        if begin >= 0:
            number = piece[begin + len(_OPENING) : piece.index('"', begin + len(_OPENING))]
            yield int(number), _CELLS.findall(piece, begin)
