"""Numbers come out exactly as they were meant, in every convention, or are refused with a reason."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.imports.amounts import count_reader, money_reader, recognise_numbers
from app.imports.shape import Problem

MICROS = st.integers(-99_999_999_999_999_999, 99_999_999_999_999_999)
CONVENTIONS = [
    (".", ""),
    (".", ","),
    (".", " "),
    (".", "'"),
    (".", "\u202f"),
    (",", ""),
    (",", "."),
    (",", " "),
    (",", "\u00a0"),
]
AROUND = ["{}", "€{}", "{} €", "$ {}", "{} USD", "EUR {}", " {} ", "CHF {}", "{} kr"]


def spelt(micros: int, decimal: str, thousands: str) -> str:
    text = f"{Decimal(micros) / 1_000_000:,.6f}"
    return text.replace(",", "t").replace(".", decimal).replace("t", thousands)


@given(MICROS, st.sampled_from(CONVENTIONS), st.sampled_from(AROUND))
def test_an_amount_survives_every_spelling(micros: int, convention: tuple[str, str], around: str) -> None:
    text = around.format(spelt(micros, *convention))
    assert money_reader(convention[0], may_be_negative=True)(text) == micros


@given(
    MICROS.filter(lambda micros: micros > 0),
    st.sampled_from(["({})", "-{}", "−{}", "{}-", "-€{}", "€-{}", "(€ {})", "-{} €"]),
)
def test_every_way_to_write_a_negative_amount_is_understood(micros: int, around: str) -> None:
    assert money_reader(".", may_be_negative=True)(around.format(spelt(micros, ".", ","))) == -micros


@given(st.floats(0, 1e9))
def test_a_workbooks_number_is_taken_at_its_shortest_spelling(number: float) -> None:
    assert money_reader(",")(number) == round(Decimal(repr(number)) * 1_000_000)


@given(st.integers(0, 999_999_999_999), st.sampled_from(CONVENTIONS))
def test_a_count_survives_every_spelling(count: int, convention: tuple[str, str]) -> None:
    text = spelt(count * 1_000_000, *convention).removesuffix(convention[0] + "000000")
    assert count_reader(convention[0])(text) == count


@pytest.mark.parametrize("blank", ["", " ", "-", "–", "—", "n/a", "N/A", "null", "None", "\u00a0"])
def test_blanks_are_unknown_and_not_zero(blank: str) -> None:
    assert money_reader(".")(blank) is None
    assert count_reader(".")(blank) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("12%", "percentage"),
        ("#DIV/0!", "error of the spreadsheet"),
        ("=1+1", "formula"),
        ("1.2K", "in full"),
        ("-5", "negative"),
        ("1e12", "larger"),
        ("100000000000", "larger"),
        ("twelve", "not a number"),
        ("1,23", "decimal point"),
        ("12,50", "decimal point"),
        ("1.2.3", "decimal point"),
        ("12 GBP", "another currency"),
        ("£12", "another currency"),
        ("²", "not a number"),
    ],
)
def test_what_is_no_amount_is_refused_with_the_reason(text: str, reason: str) -> None:
    problem = money_reader(".", currency="EUR")(text)
    assert isinstance(problem, Problem)
    assert reason in problem.message


@pytest.mark.parametrize(("text", "reason"), [("1.5", "whole"), ("-1", "negative"), ("1e15", "larger"), (2.5, "whole")])
def test_what_is_no_count_is_refused_with_the_reason(text: str | float, reason: str) -> None:
    problem = count_reader(".")(text)
    assert isinstance(problem, Problem)
    assert reason in problem.message


def test_scientific_notation_and_indian_groups_are_understood() -> None:
    assert money_reader(".")("1.2E+05") == 120_000_000_000
    assert money_reader(".")("₹1,23,45,678.50") == 12_345_678_500_000


@pytest.mark.parametrize(
    ("texts", "decimal", "thousands"),
    [
        (["1,234.50", "12"], ".", ","),
        (["1.234,50"], ",", "."),
        (["12,5"], ",", ""),
        (["0.123"], ".", ""),
        (["1 234,50"], ",", " "),
        (["1'234.50"], ".", "'"),
        (["1.234.567"], ",", "."),
        (["12", "13"], ".", ""),
    ],
)
def test_the_decimal_mark_is_recognised_where_the_numbers_settle_it(
    texts: list[str], decimal: str, thousands: str
) -> None:
    found = recognise_numbers(texts)
    assert (found.decimal, found.thousands, found.is_certain) == (decimal, thousands, True)


@pytest.mark.parametrize(("leans", "decimal"), [(True, ","), (False, ".")])
def test_a_number_with_three_digits_after_a_point_is_asked_about(leans: bool, decimal: str) -> None:
    found = recognise_numbers(["1.234", "5.678"], leans_to_comma=leans)
    assert (found.decimal, found.is_certain) == (decimal, False)


def test_a_file_that_mixes_both_marks_is_asked_about() -> None:
    found = recognise_numbers(["12,50", "13,50", "14.50"])
    assert (found.decimal, found.is_certain) == (",", False)
    assert "14.50" in found.evidence[1]
