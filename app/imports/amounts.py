"""Money and counts as spreadsheets spell them, to integer micros and whole numbers without rounding on the way.

`money_reader` and `count_reader` read one cell; `recognise_numbers` finds the decimal mark, the grouping and the currency.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from app.imports.currencies import codes_of, split_currency
from app.imports.shape import Cell, Problem, as_text, quoted
from kit.money import to_micros

MAX_AMOUNT = 100_000_000_000
MAX_COUNT = 1_000_000_000_000
SPACES = dict.fromkeys(map(ord, "\u00a0\u2007\u2009\u202f\u2002\u2003"), " ")
SIGNS = SPACES | {ord("\u2212"): "-", ord("\uff0d"): "-", ord("\u2019"): "'"}
BLANKS = {"", "-", "--", "–", "—", "n/a", "na", "n.a.", "k.a.", "null", "none", "nil", "nan", "(not set)", "#n/a", "."}
_GROUPED = {
    ".": re.compile(r"(?:\d+|\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+)?(?:\.\d*)?", re.ASCII),
    ",": re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+)?(?:,\d*)?", re.ASCII),
}
_SCIENTIFIC = re.compile(r"\d+(?:[.,]\d+)?[eE][+-]?\d{1,2}", re.ASCII)
_SHORTENED = re.compile(r"[\d.,\s]+(?:k|m|mio|mn|tsd|bn)\.?", re.IGNORECASE | re.ASCII)
_NUMBER_LIKE = re.compile(r"\(?[+-]?\s?(?=[\d.,]*\d)[\d., ']+\)?-?", re.ASCII)


@dataclass(frozen=True)
class NumberFindings:
    """How numbers are written; `is_certain` False where 1.234 could be one thousand or one and a bit."""

    decimal: str
    thousands: str
    is_certain: bool
    evidence: tuple[str, ...]
    example: str = ""


def money_reader(
    decimal: str, *, currency: str | None = None, may_be_negative: bool = False
) -> Callable[[Cell], int | Problem | None]:
    """A function from a cell to micros, None where it is blank, or what is wrong with it."""

    def read(cell: Cell) -> int | Problem | None:
        if isinstance(cell, str):
            whole, mark, fraction = cell.partition(decimal)
            if len(whole) < 12 and len(fraction) < 7 and whole.isdecimal() and (not mark or fraction.isdecimal()):
                return int(whole + fraction.ljust(6, "0"))
        amount = read_number(cell, decimal, currency=currency)
        if not isinstance(amount, Decimal):
            return amount
        if amount < 0 and not may_be_negative:
            return Problem(f"{quoted(as_text(cell))} is negative. Spend cannot be; enter refunds as negative revenue.")
        if abs(amount) >= MAX_AMOUNT:
            return Problem(f"{quoted(as_text(cell))} is larger than a day's amount can be. Check the number.")
        return to_micros(amount)

    return read


def count_reader(decimal: str) -> Callable[[Cell], int | Problem | None]:
    """A function from a cell to a whole number from 0 on, None where it is blank, or what is wrong with it."""

    def read(cell: Cell) -> int | Problem | None:
        if isinstance(cell, str) and cell.isdecimal() and len(cell) < 12:
            return int(cell)
        number = read_number(cell, decimal, currency=None)
        if not isinstance(number, Decimal):
            return number
        if number < 0:
            return Problem(f"{quoted(as_text(cell))} is negative. A count starts at 0.")
        if number != number.to_integral_value():
            return Problem(f"{quoted(as_text(cell))} is not a whole number. Round it.")
        if number >= MAX_COUNT:
            return Problem(f"{quoted(as_text(cell))} is larger than a day's count can be. Check the number.")
        return int(number)

    return read


def read_number(cell: Cell, decimal: str, *, currency: str | None) -> Decimal | Problem | None:
    """The exact number of a cell; signs, parentheses, groups of thousands and a currency beside it are understood."""
    if isinstance(cell, float):
        return Decimal(repr(cell))
    text = as_text(cell).translate(SIGNS).strip().lstrip("'").strip()
    if text.casefold() in BLANKS:
        return None
    if refused := _refused(text):
        return refused
    is_negative, rest = _split_sign(text)
    found, rest = split_currency(rest)
    if found and currency and currency not in codes_of(found):
        return Problem(f"{quoted(text)} is in another currency than the file ({currency}). Convert it first.")
    is_negative_inside, rest = _split_sign(rest)
    number = _plain(rest, decimal)
    if number is None:
        return _not_a_number(text, decimal)
    return -number if is_negative != is_negative_inside else number


def is_number_like(text: str) -> bool:
    """True where a text could be a number, in whatever convention."""
    stripped = split_currency(text.translate(SIGNS).strip())[1]
    return bool(_NUMBER_LIKE.fullmatch(stripped))


def recognise_numbers(texts: Iterable[str], *, leans_to_comma: bool = False) -> NumberFindings:
    """The decimal mark that the numbers show; `leans_to_comma` breaks a tie (semicolons between columns, dates with dots)."""
    marks: dict[str, Counter[str]] = {"decimal": Counter(), "thousands": Counter()}
    examples: dict[str, str] = {}
    open_example, plain_separator = "", ""
    for text in texts:
        number = split_currency(text.translate(SIGNS).strip())[1].strip("()+- ")
        if not _NUMBER_LIKE.fullmatch(number):
            continue
        found, grouping = _marks(number)
        marks["decimal"].update(found)
        marks["thousands"].update(grouping)
        for mark in found:
            examples.setdefault(mark, text)
        if not found and not grouping and (separator := re.search(r"[.,]", number)):
            open_example, plain_separator = open_example or text, plain_separator or separator[0]
    return _decided(marks["decimal"], marks["thousands"], examples, open_example, plain_separator, leans_to_comma)


def _decided(
    decimals: Counter[str],
    groups: Counter[str],
    examples: dict[str, str],
    open_example: str,
    separator: str,
    leans_to_comma: bool,
) -> NumberFindings:
    thousands = groups.most_common(1)[0][0] if groups else ""
    if decimals:
        decimal = decimals.most_common(1)[0][0]
        name = "point" if decimal == "." else "comma"
        evidence = [f"{examples[decimal]} shows a decimal {name}."]
        other = "," if decimal == "." else "."
        if other in decimals:
            evidence.append(f"{examples[other]} is written otherwise: such rows will be refused.")
        return NumberFindings(decimal, thousands, other not in decimals, tuple(evidence), examples[decimal])
    if separator:
        grouped = separator == "," or leans_to_comma
        decimal = {",": ".", ".": ","}[separator] if grouped else separator
        note = f"{open_example} could be a thousand and more, or a number with three decimals."
        return NumberFindings(decimal, separator if grouped else "", False, (note,), open_example)
    if thousands in {".", ","}:
        return NumberFindings("," if thousands == "." else ".", thousands, True, ())
    return NumberFindings("," if leans_to_comma else ".", thousands, True, ())


def _marks(number: str) -> tuple[set[str], set[str]]:
    """(marks that must be decimal, marks that must group thousands) as one number shows them."""
    points, commas = number.count("."), number.count(",")
    groups = {mark for mark in (" ", "'") if mark in number}
    if points and commas:
        last, other = (".", ",") if number.rfind(".") > number.rfind(",") else (",", ".")
        return ({last}, groups | {other}) if number.count(last) == 1 else (set(), groups)
    mark = "." if points else ","
    count = points + commas
    if count > 1:
        return set(), groups | {mark}
    if count == 1:
        whole, _, fraction = number.partition(mark)
        if len(fraction) != 3 or not whole or len(whole) > 3 or whole.startswith("0") or groups:
            return {mark}, groups
    return set(), groups


def _refused(text: str) -> Problem | None:
    if text[0] == "#":
        return Problem(f"{text} is an error of the spreadsheet. Correct the formula and export again.")
    if text[0] in "=@":
        return Problem(f"{quoted(text)} is a formula. Export the file with values instead.")
    if text.endswith("%"):
        return Problem(f"{quoted(text)} is a percentage, where an amount belongs. Check the columns.")
    if _SHORTENED.fullmatch(text):
        return Problem(f"{quoted(text)} is shortened. Write the number in full.")
    return None


def _split_sign(text: str) -> tuple[bool, str]:
    if text.startswith("(") and text.endswith(")"):
        return True, text[1:-1].strip()
    if text.endswith("-"):
        return True, text[:-1].strip()
    return text.startswith("-"), text[1:].strip() if text[:1] in {"-", "+"} else text


def _plain(text: str, decimal: str) -> Decimal | None:
    if _SCIENTIFIC.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if not any(letter.isdigit() for letter in text) or not _GROUPED[decimal].fullmatch(text):
        return None
    whole, _, fraction = text.partition(decimal)
    for mark in ",. '":
        whole = whole.replace(mark, "")
    return Decimal(f"{whole or 0}.{fraction or 0}")


def _not_a_number(text: str, decimal: str) -> Problem:
    if _NUMBER_LIKE.fullmatch(text):
        name, other = ("point", "comma") if decimal == "." else ("comma", "point")
        return Problem(
            f"{quoted(text)} does not fit the file's numbers, which have a decimal {name}. "
            f"Write it with a decimal {name}, or choose the decimal {other} for the whole file."
        )
    return Problem(f"{quoted(text)} is not a number. Write digits only, or leave the cell empty.")
