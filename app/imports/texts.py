"""Channel and campaign names out of cells; what a spreadsheet would run as a formula is refused."""

import re
from collections.abc import Callable

from app.imports.shape import Cell, Problem, as_text, quoted
from kit.csvio import original

MAX_LENGTH = 200
_FORMULA = re.compile(
    r"=|[+\-@]\s*[A-Za-z_.]+\d*\s*[(!|]|[+\-@][^ ]*[|!]|[+@]?\s*(?:cmd|DDE)\b|[+\-]\s*\$?[A-Z]{1,3}\$?\d+\b",
    re.IGNORECASE,
)
_ERRORS = {"#N/A", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NULL!", "#NUM!"}
NAMES_OF_SUMS = {
    "total",
    "totals",
    "grand total",
    "all",
    "all channels",
    "gesamt",
    "gesamtsumme",
    "summe",
    "insgesamt",
    "totale",
}


def text_reader(label: str) -> Callable[[Cell], str | Problem]:
    """A function from a cell to a tidy name ('' where it is blank), or to what is wrong with it."""

    def read(cell: Cell) -> str | Problem:
        text = " ".join(original(as_text(cell)).split())
        if _FORMULA.match(text) or as_text(cell)[:1] in {"\t", "\r"}:
            return Problem(f"{quoted(text)} is a formula, which is not taken over. Write the {label} as plain text.")
        if text in _ERRORS:
            return Problem(f"{text} is an error of the spreadsheet. Correct the formula and export again.")
        if "\ufffd" in text or not text.isprintable():
            return Problem(f"The {label} {quoted(text)} holds unreadable letters. Export the file again as UTF-8.")
        if len(text) > MAX_LENGTH:
            return Problem(f"The {label} is longer than {MAX_LENGTH} letters. Shorten it.")
        if label == "channel" and text.casefold() in NAMES_OF_SUMS:
            return Problem(
                f"{quoted(text)} looks like a sum over channels, which would be counted twice. Remove the row."
            )
        return text

    return read
