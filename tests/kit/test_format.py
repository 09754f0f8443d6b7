"""Numbers, money and dates read as people write them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from kit.format import (
    ago,
    amount,
    compact_amount,
    compact_count,
    count,
    day_range,
    file_size,
    moment,
    money,
    money_range,
    multiple,
    multiple_range,
    percent,
    percent_change,
    plain_number,
    plural,
    points_change,
)

NB = "\u00a0"


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        (23_908.2, "USD", "$23,908"),
        (16.46, "USD", "$16.46"),
        (99.999, "USD", "$100"),
        (0.0, "EUR", "€0"),
        (-52.5, "USD", "−$52.50"),
        (12.4, "JPY", "¥12"),
        (None, "USD", "–"),
    ],
)
def test_money_has_cents_only_below_a_hundred(value: float | None, currency: str, text: str) -> None:
    assert amount(value, currency) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (431_200, "$431.2K"),
        (1_380_000, "$1.38M"),
        (9_999, "$9,999"),
        (20_000, "$20K"),
        (999_950, "$1M"),
        (-43_100, "−$43.1K"),
    ],
)
def test_tiles_show_three_or_four_figures(value: float, text: str) -> None:
    assert compact_amount(value, "USD") == text


def test_a_locale_without_short_thousands_writes_them_out() -> None:
    assert compact_amount(43_100, "EUR", locale="de_DE") == f"43.100{NB}€"
    assert compact_count(43_100, locale="de_DE") == "43.100"
    assert compact_amount(1_380_000, "EUR", locale="de_DE") == f"1,38{NB}Mio.{NB}€"


def test_micros_are_money_too() -> None:
    assert money(16_460_000, "USD") == "$16.46"
    assert money(None, "USD") == "–"


def test_counts_are_grouped_and_missing_is_a_dash() -> None:
    assert (count(8942), compact_count(1_240_000), count(None)) == ("8,942", "1.24M", "–")


def test_quotients_and_shares_carry_their_sign() -> None:
    assert (multiple(3.214), percent(0.0403), multiple(None)) == ("3.21×", f"4.0{NB}%", "–")


@pytest.mark.parametrize(
    ("change", "text"),
    [(0.061, f"+6.1{NB}%"), (-0.061, f"−6.1{NB}%"), (0.0004, f"±0.0{NB}%"), (11.0, "×12"), (None, "–")],
)
def test_changes_are_signed(change: float | None, text: str) -> None:
    assert percent_change(change) == text


def test_a_share_changes_in_points() -> None:
    assert points_change(0.012) == f"+1.2{NB}pt"


def test_a_range_reads_as_words() -> None:
    assert money_range(9_100, 5_200, 12_800, "USD") == f"about $9.1K (90{NB}% range $5.2K to $12.8K)"


def test_a_range_without_a_middle_does_not_invent_one() -> None:
    assert multiple_range(None, 0.1, 3.9, level=95) == f"between 0.10× and 3.90× (95{NB}% range)"


@pytest.mark.parametrize(
    ("start_on", "end_on", "text"),
    [
        (date(2026, 11, 1), date(2026, 11, 21), "1–21 Nov 2026"),
        (date(2026, 10, 22), date(2026, 11, 20), "22 Oct – 20 Nov 2026"),
        (date(2025, 12, 31), date(2026, 1, 1), "31 Dec 2025 – 1 Jan 2026"),
        (date(2026, 11, 1), date(2026, 11, 1), "1 Nov 2026"),
    ],
)
def test_day_ranges_do_not_repeat_what_they_share(start_on: date, end_on: date, text: str) -> None:
    assert day_range(start_on, end_on) == text


def test_a_moment_names_its_zone() -> None:
    at = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
    assert moment(at, "Europe/Berlin") == "21 Nov 2026, 14:05 CET"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(5, "just now"), (60, "1 minute ago"), (720, "12 minutes ago"), (7200, "2 hours ago"), (90_000, "1 day ago")],
)
def test_freshness_in_words(seconds: int, text: str) -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert ago(now - timedelta(seconds=seconds), now) == text


def test_old_things_show_their_date() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert (ago(datetime(2026, 9, 1, tzinfo=UTC), now), ago(None, now)) == ("on 1 Sep 2026", "never")


def test_nouns_follow_their_number() -> None:
    assert (plural(1, "row"), plural(1204, "row"), plural(2, "inbox", "inboxes")) == (
        "1 row",
        "1,204 rows",
        "2 inboxes",
    )


def test_form_fields_get_plain_numbers() -> None:
    assert (plain_number(320.0), plain_number(0.5), plain_number(1_234_567.0)) == ("320", "0.5", "1234567")


def test_file_sizes() -> None:
    assert (file_size(812), file_size(4_200_000), file_size(3_100_000_000)) == ("812 bytes", "4.2 MB", "3.1 GB")
