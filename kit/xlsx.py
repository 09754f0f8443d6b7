"""Writing XLSX workbooks row by row in constant memory. Text is written as text: nothing becomes a formula or a link."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, Literal

Format = Literal["text", "date", "money", "count", "multiple", "share"]
_PATTERNS: dict[Format, str] = {
    "date": "yyyy-mm-dd",
    "money": "#,##0.00",
    "count": "#,##0",
    "multiple": '0.00"×"',
    "share": "0.0%",
    "text": "@",
}
MAX_ROWS = 1_048_575


@dataclass(frozen=True)
class Column:
    """A column's heading, how its values are shown, and its width in characters."""

    heading: str
    format: Format = "text"
    width: int = 14


@dataclass(frozen=True)
class Sheet:
    """One sheet: rows are taken as they come and may be any number up to the format's limit."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[object]]


def write_workbook(target: str | IO[bytes], sheets: Iterable[Sheet]) -> None:
    """Write the sheets to a path or a binary stream; the first row is the heading and stays in sight."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(target, options) as workbook:
        heading = workbook.add_format({"bold": True, "bottom": 1})
        formats = {name: workbook.add_format({"num_format": pattern}) for name, pattern in _PATTERNS.items()}
        for sheet in sheets:
            page = workbook.add_worksheet(_sheet_name(sheet.name))
            page.freeze_panes(1, 0)
            for number, column in enumerate(sheet.columns):
                page.set_column(number, number, column.width)
                page.write_string(0, number, column.heading, heading)
            used = [formats[column.format] for column in sheet.columns]
            for row_number, row in enumerate(sheet.rows, start=1):
                for number, value in enumerate(row):
                    _write(page, row_number, number, value, used[number])


def _write(page: Any, row: int, column: int, value: object, shown: Any) -> None:  # Any: xlsxwriter is untyped
    if value is None or value == "":
        return
    if isinstance(value, date):
        page.write_datetime(row, column, value, shown)
    elif isinstance(value, (str, bool)):
        page.write_string(row, column, str(value), shown)
    else:
        page.write_number(row, column, value, shown)


def _sheet_name(name: str) -> str:
    """Within what Excel allows: 31 characters, none of []:*?/\\."""
    return "".join("-" if letter in "[]:*?/\\" else letter for letter in name)[:31].strip("'") or "Sheet"
