"""Valid rows come out typed and exact, bad ones apart with their number and what to do; memory stays flat."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.imports.reader import Batch, DayRevenue
from app.imports.refusals import ColumnsMissing
from app.imports.shape import RevenueShape
from app.imports.texts import NAMES_OF_SUMS
from tests.imports.files import TODAY, archive, read_all, reading, rows_file, sheet_parts, text_file, workbook

FULL = "date,channel,campaign,spend,revenue,impressions,clicks,conversions,new_customers,returning_customers\n"
NAMES = st.text(st.characters(categories=["L", "N"], include_characters=" ,;\"'&()"), min_size=1, max_size=30).filter(
    lambda text: text == " ".join(text.split()) and text[0].isalpha() and text.casefold() not in NAMES_OF_SUMS
)


def only_problem(batch: Batch) -> tuple[int, str]:
    assert len(batch.rejects) == 1
    assert len(batch.rejects[0].problems) == 1
    return batch.rejects[0].row, batch.rejects[0].problems[0].message


def test_a_row_becomes_typed_columns_in_the_order_of_staging() -> None:
    batch = read_all(rows_file("2026-01-05,FB  Ads ,Summer,12.50,40,5300,190,9,6,3", header=FULL))
    assert list(batch.records()) == [
        (2, date(2026, 1, 5), "FB Ads", "Summer", 12_500_000, 40_000_000, 5300, 190, 9, 6, 3)
    ]
    assert (batch.rows_read, batch.rejects) == (1, [])


def test_what_is_not_given_is_unknown_and_not_zero() -> None:
    batch = read_all(rows_file("2026-01-05,TV,,12.50,,,,,,", header=FULL))
    assert list(batch.records()) == [(2, date(2026, 1, 5), "TV", "", 12_500_000, *[None] * 6)]


@settings(max_examples=50)
@given(
    st.lists(
        st.tuples(st.dates(date(2000, 1, 1), TODAY), NAMES, st.integers(0, 10**12), st.integers(-(10**12), 10**12)),
        min_size=1,
        max_size=30,
        unique=True,
    )
)
def test_a_file_and_a_workbook_give_the_same_rows(rows: list[tuple[date, str, int, int]]) -> None:
    quote = '"'
    as_text = rows_file(
        *(
            f'{day},"{name.replace(quote, quote * 2)}",{spend / 100:.2f},{revenue / 100:.2f}'
            for day, name, spend, revenue in rows
        )
    )
    as_workbook = workbook(
        [["date", "channel", "spend", "revenue"], *([d, n, s / 100, r / 100] for d, n, s, r in rows)]
    )
    first, second = list(read_all(as_text).records()), list(read_all(as_workbook).records())
    assert first == second
    assert [(row[1], row[4], row[5]) for row in first] == [(d, s * 10_000, r * 10_000) for d, _, s, r in rows]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-02-30,TV,1,2", "not a day"),
        (",TV,1,2", "date is missing"),
        ("Total,TV,1,2", "totals"),
        ("2026-01-05,All channels,1,2", "sum over channels"),
        ("2026-01-05,,1,2", "channel is missing"),
        ("2026-01-05,TV,-1,2", "negative"),
        ("2026-01-05,TV,,", "Neither spend nor revenue"),
        ("2026-01-05,TV,1e12,2", "larger"),
        ("2026-01-05,TV,1,12%", "percentage"),
        ("2026-01-05,TV,1,2,3", "5 cells"),
        ("2026-01-05,T\ufffdV,1,2", "unreadable"),
        (f"2026-01-05,{'x' * 201},1,2", "Shorten"),
        ("2027-01-05,TV,1,2", "future"),
    ],
)
def test_a_bad_row_is_rejected_with_its_number_and_the_others_are_taken(row: str, reason: str) -> None:
    batch = read_all(rows_file("2026-01-04,TV,1,2", row, "2026-01-06,TV,1,2"))
    number, message = only_problem(batch)
    assert number == 3
    assert reason in message
    assert batch.rows == [2, 4]
    assert batch.rows_read == 3


@pytest.mark.parametrize(
    "cell",
    [
        '=HYPERLINK("http://x")',
        "=1+1",
        "@SUM(A1)",
        "+SUM(A1:A9)",
        "-A1",
        "+cmd|' /C calc'!A0",
        "@cmd|x",
        "\t=1+1",
        "'=1+1",
    ],
)
@pytest.mark.parametrize("column", ["channel", "campaign"])
def test_a_name_that_a_spreadsheet_would_run_is_rejected(cell: str, column: str) -> None:
    cells = {"channel": "TV", "campaign": "", column: cell.replace('"', '""')}
    _, message = only_problem(
        read_all(rows_file(f'2026-01-05,"{cells["channel"]}","{cells["campaign"]}",1,2,,,,,', header=FULL))
    )
    assert "formula" in message


@pytest.mark.parametrize("name", ["-50% sale", "+Plus brand", "@brand handle", "1 = 1", "'-50% sale"])
def test_a_name_that_only_looks_odd_is_taken(name: str) -> None:
    assert read_all(rows_file(f"2026-01-05,TV,{name},1,2,,,,,", header=FULL)).campaigns == [name.lstrip("'")]


def test_all_problems_of_a_row_are_told_at_once() -> None:
    reject = read_all(rows_file("2026-01-04,TV,1,2", "soon,TV,-1,x")).rejects[0]
    assert [problem.field for problem in reject.problems] == ["date", "spend", "revenue"]
    assert [problem.value for problem in reject.problems] == ["soon", "-1", "x"]


def test_a_refund_is_negative_revenue() -> None:
    assert read_all(rows_file("2026-01-05,TV,0,-12.50")).revenue_micros == [-12_500_000]


def test_a_row_that_repeats_another_is_rejected_and_names_it() -> None:
    file = rows_file("2026-01-05,TV,1,2", "2026-01-06,TV,1,2", "2026-01-05,TV,1,2")
    number, message = only_problem(read_all(file))
    assert number == 4
    assert "same as row 2" in message


def test_rows_that_share_day_channel_and_campaign_are_kept_and_said() -> None:
    rows = reading(rows_file("2026-01-05,TV,1,2", "2026-01-05,TV,3,4"))
    (batch,) = rows
    assert batch.spend_micros == [1_000_000, 3_000_000]
    assert rows.notices == [
        "Rows for a day, channel and campaign that the file already had: 1. They are added together."
    ]


def test_revenue_without_spend_counts_as_free_and_is_said() -> None:
    rows = reading(rows_file("2026-01-05,Direct,,40"))
    (batch,) = rows
    assert batch.spend_micros == [0]
    assert "Their spend counts as 0" in rows.notices[0]


def test_revenue_without_a_channel_is_the_days() -> None:
    batch = read_all(rows_file("2026-01-05,TV,1,", "2026-01-05,,,40"))
    assert batch.rows == [2]
    assert batch.day_revenue == [DayRevenue(3, date(2026, 1, 5), 40_000_000)]


def test_row_numbers_are_those_of_the_spreadsheet_with_blank_rows_and_breaks_in_cells() -> None:
    text = 'date,channel,spend,revenue\n2026-01-04,"T\nV",1,2\n\n , ,,\n2026-01-05,TV,x,2\n'
    batch = read_all(text_file(text))
    assert batch.channels == ["T V"]
    assert only_problem(batch)[0] == 5
    assert batch.rows_read == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_understood(end: str) -> None:
    assert read_all(text_file(f"date,channel,spend,revenue{end}2026-01-05,TV,1,2{end}2026-01-06,TV,1,2")).rows == [2, 3]


def test_a_repeated_day_revenue_is_taken_once_and_a_contradiction_rejected() -> None:
    file = rows_file("2026-01-05,TV,1,40", "2026-01-05,Radio,1,40", "2026-01-06,TV,1,50", "2026-01-06,Radio,1,51")
    batch = read_all(file, revenue=RevenueShape.DAY_REPEATED)
    assert [(item.row, item.revenue_micros) for item in batch.day_revenue] == [(2, 40_000_000), (4, 50_000_000)]
    assert batch.revenue_micros == [None] * 3
    assert "Row 4 gives another revenue" in only_problem(batch)[1]


def test_day_revenue_on_one_row_belongs_to_no_channel() -> None:
    batch = read_all(rows_file("2026-01-05,TV,1,40", "2026-01-05,Radio,1,"), revenue=RevenueShape.DAY_BLANK)
    assert [item.revenue_micros for item in batch.day_revenue] == [40_000_000]
    assert (batch.channels, batch.revenue_micros) == (["TV", "Radio"], [None, None])


def test_repeats_are_found_across_batches() -> None:
    rows = [f"2026-01-05,TV {number},1,2" for number in range(25_000)]
    batches = list(reading(rows_file(*rows, rows[0], rows[15_000])))
    rejects = [(reject.row, reject.problems[0].message) for batch in batches for reject in batch.rejects]
    assert [row for row, _ in rejects] == [25_002, 25_003]
    assert "same as row 2." in rejects[0][1]
    assert "same as row 15002." in rejects[1][1]


def test_an_incomplete_mapping_is_refused_before_reading() -> None:
    with pytest.raises(ColumnsMissing, match="revenue"):
        reading(text_file("date,channel,spend\n2026-01-05,TV,1\n"))


def test_a_workbooks_kinds_of_cells_are_understood() -> None:
    cells = (
        b'<row r="1"><c t="inlineStr"><is><t>date</t></is></c><c t="str"><v>channel</v></c>'
        b'<c t="inlineStr"><is><r><t>spe</t></r><r><t>nd</t></r></is></c><c t="str"><v>revenue</v></c></row>'
        b'<row r="7"><c r="A7" t="d"><v>2026-01-05T00:00:00</v></c><c r="B7" t="str"><f>A1</f><v>TV</v></c>'
        b'<c r="D7"><v>4E1</v></c><c r="C7"><v>12.5</v></c></row>'
        b'<row r="8"><c r="A8"><v>46027</v></c><c r="B8" t="e"><v>#N/A</v></c><c r="C8"><f>1+1</f></c><c r="D8"><v>2</v></c></row>'
    )
    parts = sheet_parts(b"<worksheet><sheetData>" + cells + b"</sheetData></worksheet>")
    batch = read_all(archive(parts))
    assert next(batch.records())[:6] == (7, date(2026, 1, 5), "TV", "", 12_500_000, 40_000_000)
    assert [problem.field for problem in batch.rejects[0].problems] == ["channel", "spend"]


def test_a_workbook_with_prefixed_elements_is_understood() -> None:
    names = b"".join(b'<x:c t="str"><x:v>%s</x:v></x:c>' % name for name in (b"date", b"channel", b"spend", b"revenue"))
    cells = b'<x:c t="str"><x:v>2026-01-05</x:v></x:c><x:c t="str"><x:v>TV</x:v></x:c><x:c><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c>'
    xml = b'<x:worksheet xmlns:x="x"><x:sheetData><x:row>%s</x:row><x:row>%s</x:row></x:sheetData></x:worksheet>' % (
        names,
        cells,
    )
    assert read_all(archive(sheet_parts(xml))).rows == [2]
