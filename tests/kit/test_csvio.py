"""What we write into CSV never runs in a spreadsheet, loses nothing, and leaves numbers alone."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.csvio import neutral, original, write_csv


@pytest.mark.parametrize(
    "text", ["=1+1", "+SUM(A1)", "-A1", "@cmd", "\t=1", "\r=1", "-1+cmd|' /C calc'!A0", "+1 (555) 1", "＝1+1"]
)
def test_text_that_would_run_gets_an_apostrophe(text: str) -> None:
    assert neutral(text) == "'" + text


@pytest.mark.parametrize("text", ["-12.50", "+3", "-1,234.50", "-12 %", "1=1", "Köln", "", "a@b.example", "-1.2E+05"])
def test_numbers_and_harmless_text_stay_untouched(text: str) -> None:
    assert neutral(text) == text


@given(st.text())
def test_neutral_text_can_be_turned_back(text: str) -> None:
    assert original(neutral(text)) == text


@given(st.text(st.sampled_from("'=+-@\t\r1a.")))
def test_neutral_text_can_be_turned_back_however_hostile(text: str) -> None:
    assert original(neutral(text)) == text


@given(st.lists(st.tuples(st.text(), st.integers()), max_size=5))
def test_rows_read_back_as_written(rows: list[tuple[str, int]]) -> None:
    target = io.StringIO(newline="")
    assert write_csv(target, ["=name", "number"], rows) == len(rows)
    back = list(csv.reader(io.StringIO(target.getvalue(), newline="")))
    assert back[0] == ["'=name", "number"]
    assert [(original(name), int(number)) for name, number in back[1:]] == rows


def test_nothing_is_written_as_nothing() -> None:
    target = io.StringIO()
    write_csv(target, ["a", "b", "c"], [(None, -1.5, "-1.5")], delimiter=";", newline="\n")
    assert target.getvalue() == "a;b;c\n;-1.5;-1.5\n"
