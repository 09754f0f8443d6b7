"""A day's revenue that stands on every row, or on one of them, is recognised before it can be counted several times."""

import pytest

from app.imports.revenue import recognise_revenue
from app.imports.shape import RevenueShape
from tests.imports.files import TODAY, recognised, rows_file, workbook

DAYS = [f"2026-01-{day:02}" for day in range(1, 21)]
CHANNELS = ("TV", "Radio", "Google Ads")


def shape_of(*rows: str) -> RevenueShape:
    file = rows_file(*rows)
    return recognise_revenue(file, *recognised(file), today=TODAY).shape


def test_revenue_repeated_on_every_row_of_a_day_is_the_days() -> None:
    rows = [f"{day},{channel},1{n},{100 + i}" for i, day in enumerate(DAYS) for n, channel in enumerate(CHANNELS)]
    file = rows_file(*rows)
    found = recognise_revenue(file, *recognised(file), today=TODAY)
    assert found.shape is RevenueShape.DAY_REPEATED
    assert "20 of 20 days" in found.sentence
    assert "counted once a day" in found.sentence


def test_one_odd_day_in_twenty_does_not_hide_it() -> None:
    rows = [f"{day},{channel},1,{100 + i}" for i, day in enumerate(DAYS) for channel in CHANNELS]
    rows[0] = rows[0].replace(",100", ",99")
    assert shape_of(*rows) is RevenueShape.DAY_REPEATED


def test_two_odd_days_in_twenty_make_it_revenue_per_row() -> None:
    rows = [f"{day},{channel},1,{100 + i}" for i, day in enumerate(DAYS) for channel in CHANNELS]
    rows[0], rows[3] = rows[0].replace(",100", ",99"), rows[3].replace(",101", ",99")
    assert shape_of(*rows) is RevenueShape.ROW


@pytest.mark.parametrize("as_workbook", [False, True])
def test_revenue_on_one_row_of_a_day_is_the_days(as_workbook: bool) -> None:
    rows = [[day, channel, "1", "100" if n == 0 else ""] for day in DAYS for n, channel in enumerate(CHANNELS)]
    header = ["date", "channel", "spend", "revenue"]
    file = workbook([header, *rows]) if as_workbook else rows_file(*(",".join(row) for row in rows))
    found = recognise_revenue(file, *recognised(file), today=TODAY)
    assert found.shape is RevenueShape.DAY_BLANK
    assert "only one row" in found.sentence


def test_a_channel_that_alone_earns_and_never_spends_is_a_channel_of_its_own() -> None:
    rows = [f"{day},{row}" for day in DAYS for row in ("Direct,0,100", "TV,5,", "Radio,6,")]
    assert shape_of(*rows) is RevenueShape.ROW


@pytest.mark.parametrize(
    "rows",
    [
        [f"{day},{channel},1,{i * 7 + n}" for i, day in enumerate(DAYS) for n, channel in enumerate(CHANNELS)],
        [f"{day},TV,1,100" for day in DAYS],
        [f"{day},{channel},1,0" for day in DAYS for channel in CHANNELS],
        [f"{day},{channel},1,100" for day in DAYS for channel in CHANNELS],
        ["2026-01-01,TV,1,100", "2026-01-01,Radio,1,100"],
    ],
    ids=["own revenue", "one channel", "zeros", "the same figure everywhere", "one coincidence"],
)
def test_what_does_not_show_a_days_revenue_is_read_row_by_row(rows: list[str]) -> None:
    assert shape_of(*rows) is RevenueShape.ROW
