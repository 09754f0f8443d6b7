"""Which bytes spell which letters: UTF-8, UTF-16, Windows-1252, Latin-1, and text that was decoded wrongly once before."""

import codecs
import re
from collections.abc import Iterable, Sequence

from app.imports.refusals import NotATable

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_NOT_IN_CP1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_MOJIBAKE = re.compile(
    "[\u00c2\u00c3][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|\u00e2[\u20ac\u201a\u201e]"
)


def recognise_encoding(head: bytes, others: Sequence[bytes] = ()) -> str:
    """The encoding of a text file from its beginning and some later pieces (which may start amid a letter)."""
    if head.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)) and head[:4].count(0) >= 2:
        raise NotATable("The file is in UTF-32, which hardly any program writes.", "Save it as CSV in UTF-8.")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    if wide := _utf16_without_mark(head):
        return wide
    if b"\0" in head:
        raise NotATable(
            "The file holds binary data, not text.", "Save the table as CSV or XLSX in your spreadsheet program."
        )
    if all(_is_utf8(piece) for piece in (head, *others)):
        return "utf-8"
    return "latin-1" if any(_NOT_IN_CP1252.search(piece) for piece in (head, *others)) else "cp1252"


def encoding_name(encoding: str) -> str:
    """An encoding as people know it."""
    names = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "cp1252": "Windows-1252", "latin-1": "Latin-1"}
    return names.get(encoding, encoding.upper())


def without_mojibake(text: str) -> str:
    """`KÃ¶ln` as Köln; text that is in order stays as it is."""
    if not _MOJIBAKE.search(text):
        return text
    for encoding in ("cp1252", "latin-1"):
        try:
            return text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
    return text


def mojibake_note(texts: Iterable[str]) -> str:
    """A sentence about text that was saved in a wrong encoding before it came here; '' where there is none."""
    for text in texts:
        repaired = without_mojibake(text)
        if repaired != text:
            return f"Some letters were damaged before the upload: “{text}” is probably “{repaired}”. Export the file again as UTF-8."
    return ""


def _utf16_without_mark(head: bytes) -> str:
    """Latin text in UTF-16 has a zero in every other byte."""
    sample = head[:4096]
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = max(1, len(sample) // 2)
    if odd > 0.6 * half and even < 0.1 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.6 * half and odd < 0.1 * half else ""


def _is_utf8(piece: bytes) -> bool:
    start = next((i for i, byte in enumerate(piece[:4]) if byte & 0xC0 != 0x80), 0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        decoder.decode(piece[start:], final=False)
    except UnicodeDecodeError:
        return False
    return True
