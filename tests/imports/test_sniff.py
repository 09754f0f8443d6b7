"""What a file looks like is recognised from its bytes and said in words; what it leaves open becomes a question."""

import codecs
from datetime import date, timedelta

import msgspec
import pytest

from app.imports.shape import DayOrder, FileKind, FileShape, Topic
from app.imports.sniff import sniff
from tests.imports.files import TODAY, recognised, rows_file, text_file, workbook

GERMAN = "Datum;Kanal;Kosten (€);Umsatz\n01.02.2026;Köln TV;1.234,50;2.000,00\n02.02.2026;Straße;12,5;0\n"


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("cp1252", "cp1252"),
    ],
)
def test_the_encoding_is_recognised(encoding: str, expected: str) -> None:
    shape, mapping = recognised(text_file(GERMAN, encoding))
    assert shape.encoding == expected
    assert shape.header[0] == "Datum"
    assert shape.sample[0][1] == "Köln TV"
    assert mapping.missing == ()


def test_bytes_that_windows_does_not_know_are_latin_1() -> None:
    text = GERMAN.replace("Köln TV", "K\x81ln").replace("€", "EUR")
    assert recognised(text_file(text, "latin-1"))[0].encoding == "latin-1"


def test_a_byte_order_mark_in_the_other_order_is_understood() -> None:
    file = text_file("")
    file.write(codecs.BOM_UTF16_BE + GERMAN.encode("utf-16-be"))
    assert recognised(file)[0].sample[1][1] == "Straße"


def test_german_conventions_are_recognised_and_said() -> None:
    shape, _ = recognised(text_file(GERMAN, "cp1252"))
    assert (shape.delimiter, shape.decimal, shape.thousands) == (";", ",", ".")
    assert (shape.day_order, shape.date_forms, shape.currency) == (DayOrder.DAY_FIRST, ("DD.MM.YYYY",), "EUR")
    assert shape.questions == ()
    said = " ".join(shape.findings)
    for fact in ("Windows-1252", "semicolons", "DD.MM.YYYY", "decimal comma", "EUR"):
        assert fact in said


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_recognised_even_where_commas_are_decimal(delimiter: str) -> None:
    cell = '"1,5"' if delimiter == "," else "1,5"
    text = f"date,channel,spend,revenue\n2026-01-05,TV,{cell},{cell}\n".replace(",", delimiter)
    shape, mapping = recognised(text_file(text.replace(f"1{delimiter}5", "1,5")))
    assert shape.delimiter == delimiter
    assert mapping.missing == ()


def test_excels_own_hint_of_the_delimiter_is_followed() -> None:
    shape, _ = recognised(text_file("sep=;\ndate;channel;spend;revenue\n2026-01-05;TV;1;2\n"))
    assert (shape.delimiter, shape.header_row, shape.estimated_rows) == (";", 2, 1)


def test_rows_above_the_header_are_skipped_and_said() -> None:
    shape, _ = recognised(
        text_file('Campaign report\n"1 Jan 2026 - 31 Jan 2026"\nDay,Source,Cost,Sales\n2026-01-05,fb,1,2\n')
    )
    assert shape.header_row == 3
    assert any("row 3" in finding for finding in shape.findings)


def test_an_open_day_order_is_a_question_with_both_readings() -> None:
    shape, _ = recognised(rows_file("03/04/2026,TV,1,2", "04/04/2026,TV,1,2"))
    question = shape.questions[0]
    assert (question.topic, question.guess) == (Topic.DAY_ORDER, "day_first")
    assert [option.label for option in question.options] == ["Day first: 3 April 2026", "Month first: 4 March 2026"]
    assert shape.confirmed(day_order=DayOrder.MONTH_FIRST).day_order is DayOrder.MONTH_FIRST
    assert shape.confirmed().questions == ()


def test_evidence_far_down_a_large_file_settles_the_day_order() -> None:
    days = [date(2026, 1, 1) + timedelta(days=number // 2_500) for number in range(40_000)]
    file = rows_file(*(f"{day:%d/%m/%Y},Channel {i % 97},{i % 89}.50,{i}" for i, day in enumerate(days)))
    shape, _ = recognised(file)
    assert shape.day_order is DayOrder.DAY_FIRST
    assert shape.questions == ()
    assert not shape.is_row_count_exact
    assert abs(shape.estimated_rows - 40_000) < 2_000


def test_an_open_decimal_mark_is_a_question_with_both_readings() -> None:
    shape, _ = recognised(rows_file("2026-01-05,TV,1.234,2.500"))
    question = shape.questions[0]
    assert question.topic is Topic.DECIMAL
    assert [option.label for option in question.options] == ["Decimal point: 1.234", "Decimal comma: 1,234"]


def test_two_currencies_are_a_question() -> None:
    shape, _ = recognised(rows_file("2026-01-05,TV,€1.50,£2.50"))
    assert shape.questions[0].topic is Topic.CURRENCY
    assert shape.possible_currencies == ("EUR", "GBP")
    assert shape.currency is None


def test_a_dollar_sign_may_mean_several_currencies() -> None:
    shape, _ = recognised(rows_file("2026-01-05,TV,$1.50,$2.50"))
    assert shape.currency is None
    assert {"USD", "CAD", "AUD"} <= set(shape.possible_currencies)


def test_text_damaged_before_the_upload_is_pointed_out() -> None:
    shape, _ = recognised(rows_file("2026-01-05,KÃ¶ln,1,2"))
    assert any("“Köln”" in finding for finding in shape.findings)


def test_a_workbook_is_recognised_and_its_best_sheet_chosen() -> None:
    rows: list[list[object]] = [["Datum", "Kanal", "Kosten", "Umsatz"], [date(2026, 2, 3), "TV", 12.5, 40]]
    shape, mapping = recognised(workbook(rows, sheet="Zahlen", before=["Notizen"]), "file.xlsx")
    assert (shape.kind, shape.sheet, shape.sheets) == (FileKind.XLSX, "Zahlen", ("Notizen", "Zahlen"))
    assert shape.sample == (("2026-02-03", "TV", "12.5", "40"),)
    assert (shape.estimated_rows, shape.is_row_count_exact, mapping.missing) == (1, True, ())
    assert shape.date_forms == ("spreadsheet date",)


def test_the_name_of_a_file_does_not_matter() -> None:
    assert recognised(text_file(GERMAN), "picture.png")[0].kind is FileKind.CSV


def test_a_shape_can_be_stored_and_restored() -> None:
    shape, _ = recognised(text_file(GERMAN))
    assert msgspec.convert(msgspec.to_builtins(shape), FileShape) == shape


def test_files_with_the_same_columns_share_a_hash() -> None:
    first, second = (sniff(rows_file(row), "a.csv", today=TODAY) for row in ("2026-01-05,TV,1,2", "2026-01-06,TV,3,4"))
    other = sniff(text_file("date,channel,cost,revenue\n2026-01-05,TV,1,2\n"), "a.csv", today=TODAY)
    assert first.header_hash == second.header_hash
    assert first.header_hash != other.header_hash
