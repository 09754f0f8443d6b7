"""Workbooks hold what was written, and nothing that a spreadsheet would run."""

import io
from datetime import date
from decimal import Decimal

from openpyxl import load_workbook

from kit.xlsx import Column, Sheet, write_workbook

COLUMNS = [Column("Channel", width=20), Column("Spend (EUR)", "money"), Column("Day", "date")]


def test_a_sheet_reads_back_as_written() -> None:
    target = io.BytesIO()
    rows = [("TikTok Ads", Decimal("12.50"), date(2026, 3, 1)), ("TV", None, None)]
    write_workbook(target, [Sheet("By channel", COLUMNS, rows)])
    sheet = load_workbook(target)["By channel"]
    assert [cell.value for cell in sheet[1]] == ["Channel", "Spend (EUR)", "Day"]
    assert [cell.value for cell in sheet[2]][:2] == ["TikTok Ads", 12.5]
    assert sheet["C2"].value.date() == date(2026, 3, 1)
    assert sheet["B2"].number_format == "#,##0.00"
    assert sheet["B3"].value is None


def test_a_formula_stays_text() -> None:
    target = io.BytesIO()
    write_workbook(target, [Sheet("x", [Column("Name")], [('=HYPERLINK("http://evil.example")',)])])
    cell = load_workbook(target)["x"]["A2"]
    assert cell.data_type == "s"
    assert cell.value == '=HYPERLINK("http://evil.example")'


def test_a_sheets_name_is_made_to_fit() -> None:
    target = io.BytesIO()
    write_workbook(target, [Sheet("Spend: all/any channels of the last year", [Column("Name")], [])])
    assert load_workbook(target).sheetnames == ["Spend- all-any channels of the "]
