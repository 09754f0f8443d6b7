"""Rejected rows can be downloaded, corrected and uploaded again; the template can be imported as it is."""

import io

from app.imports.rejects import RejectsWriter
from app.imports.template import template_csv
from tests.imports.files import TODAY, read_all, recognised, rows_file, text_file


def rejects_of(file: io.BytesIO) -> str:
    shape, _ = recognised(file)
    target = io.StringIO(newline="")
    RejectsWriter(target, shape).write(read_all(file).rejects)
    return target.getvalue()


def test_rejects_keep_the_columns_and_say_row_and_problem() -> None:
    text = rejects_of(rows_file("2026-01-04,TV,1,2", "soon,TV,-1,2"))
    header, row = text.splitlines()
    assert header == "date,channel,spend,revenue,adloom_row,adloom_problem"
    assert row.startswith("soon,TV,-1,2,3,")
    assert "spend: “-1” is negative" in row


def test_corrected_rejects_are_read_like_the_original() -> None:
    german = text_file("Datum;Kanal;Kosten;Umsatz\n01.02.2026;TV;1.234,50;2,5\n32.02.2026;TV;12,5;3,5\n")
    corrected = rejects_of(german).replace("32.02.2026", "02.02.2026")
    batch = read_all(text_file(corrected, "utf-8-sig"))
    assert batch.rejects == []
    assert (batch.spend_micros, batch.revenue_micros) == ([12_500_000], [3_500_000])


def test_rejects_that_were_not_corrected_are_rejected_again_and_grow_no_columns() -> None:
    once = rejects_of(rows_file("2026-01-04,=HYPERLINK(1),1,2"))
    assert "'=HYPERLINK(1)" in once
    twice = rejects_of(text_file(once))
    assert twice.splitlines()[0] == once.splitlines()[0]
    assert "'=HYPERLINK(1)" in twice


def test_cells_beyond_the_header_are_not_lost() -> None:
    assert "1;2;3" in rejects_of(text_file("date;channel;spend;revenue\n2026-01-04;TV;1;1\n2026-01-04;TV;0;1;2;3\n"))


def test_the_template_is_a_file_that_can_be_imported() -> None:
    file = io.BytesIO(template_csv(today=TODAY))
    shape, mapping = recognised(file)
    assert (mapping.missing, shape.questions) == ((), ())
    assert all(match.confidence == 1.0 for match in mapping.matches)
    batch = read_all(file)
    assert (len(batch.rows), batch.rejects) == (6, [])
