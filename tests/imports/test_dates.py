"""Days come out as they were meant in every form; what can be read in two ways is asked, never guessed in silence."""

from datetime import date, timedelta

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from app.imports.dates import MONTH_LANGUAGES, SERIAL_EPOCH, date_reader, parse_day, recognise_dates
from app.imports.shape import DayOrder, Problem
from tests.imports.files import TODAY

DAYS = st.dates(date(2000, 1, 1), TODAY)
SEPARATORS = st.sampled_from("./-")


@given(
    DAYS,
    st.sampled_from(["%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d 00:00:00"]),
    st.sampled_from(DayOrder),
)
def test_year_first_needs_no_order(day: date, form: str, order: DayOrder) -> None:
    assert parse_day(day.strftime(form), order) == day
    assert parse_day(day.strftime(form), None) == day


@given(DAYS, SEPARATORS, st.booleans())
def test_numbers_are_read_in_the_confirmed_order(day: date, mark: str, is_short: bool) -> None:
    year = f"{day.year % 100:02}" if is_short else str(day.year)
    assert parse_day(f"{day.day}{mark}{day.month}{mark}{year}", DayOrder.DAY_FIRST) == day
    assert parse_day(f"{day.month:02}{mark}{day.day:02}{mark}{year}", DayOrder.MONTH_FIRST) == day


WIDTHS = [
    *((language, width) for language in MONTH_LANGUAGES for width in ("medium", "long")),
    *((language, "full") for language in ("en", "de", "fr", "it", "nl")),
]


@given(DAYS, st.sampled_from(WIDTHS))
def test_named_months_are_read_in_every_language(day: date, style: tuple[str, str]) -> None:
    language, width = style
    assert parse_day(format_date(day, width, locale=language), DayOrder.DAY_FIRST) == day


@given(DAYS)
def test_excel_serial_numbers_are_days(day: date) -> None:
    serial = (day - SERIAL_EPOCH).days
    assert parse_day(str(serial), None) == day
    assert parse_day(float(serial), None) == day


@pytest.mark.parametrize("text", ["2024-02-30", "31/11/2024", "2024-13-01", "soon", "12", "2024", "1/2", "99999"])
def test_what_is_no_day_is_refused_with_what_to_do(text: str) -> None:
    problem = parse_day(text, DayOrder.DAY_FIRST)
    assert isinstance(problem, Problem)
    assert "year-month-day" in problem.message


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "missing"), ("Total", "totals"), ("2026-11-23", "future"), ("1999-12-31", "before 2000")],
)
def test_days_that_cannot_be_are_refused_with_the_reason(text: str, reason: str) -> None:
    problem = date_reader(None, today=TODAY)(text)
    assert isinstance(problem, Problem)
    assert reason in problem.message


def test_tomorrow_is_accepted_because_the_world_is_round() -> None:
    assert date_reader(None, today=TODAY)("2026-11-22") == TODAY + timedelta(days=1)


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["01/02/2024", "13/02/2024"], DayOrder.DAY_FIRST),
        (["01/02/2024", "02/13/2024"], DayOrder.MONTH_FIRST),
        (["01.02.2024", "02.02.2024"], DayOrder.DAY_FIRST),
        (["2024-02-01"], None),
        (["1 Feb 2024"], None),
    ],
)
def test_the_order_is_certain_where_the_dates_settle_it(texts: list[str], order: DayOrder | None) -> None:
    found = recognise_dates(texts, today=TODAY)
    assert (found.day_order, found.is_certain) == (order, True)


@pytest.mark.parametrize(
    ("texts", "guess"),
    [
        (["01/02/2024", "02/02/2024", "03/02/2024"], DayOrder.DAY_FIRST),
        (["02/01/2024", "02/02/2024", "02/03/2024"], DayOrder.MONTH_FIRST),
        (["11/12/2026"], DayOrder.MONTH_FIRST),
    ],
)
def test_an_open_order_is_asked_with_a_guess_from_neighbours_and_the_future(texts: list[str], guess: DayOrder) -> None:
    found = recognise_dates(texts, today=date(2026, 11, 21))
    assert not found.is_certain
    assert found.evidence
    if len(texts) > 1:
        assert found.day_order is guess


def test_a_file_that_mixes_orders_is_asked_about() -> None:
    found = recognise_dates(["13/02/2024", "14/02/2024", "02/15/2024"], today=TODAY)
    assert (found.day_order, found.is_certain) == (DayOrder.DAY_FIRST, False)
