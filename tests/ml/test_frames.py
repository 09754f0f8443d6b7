"""The frame that every model reads: the row rule, the cadence, gaps, and refusals that name the row."""

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from ml.errors import BadFrame
from ml.frames import Event, MarketingFrame, Row, frame_from_columns, frame_from_rows, read_marketing_csv, read_plan_csv

START = date(2026, 1, 5)


def day(number: int) -> date:
    return START + timedelta(days=number)


def two_channel_rows(days: int = 10, step: int = 1) -> list[Row]:
    dates = [day(number * step) for number in range(days)]
    return [Row(on, name, 10.0, 30.0) for on in dates for name in ("Search", "Social")]


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_revenue_of_a_day_is_the_sum_of_its_rows_with_spend_free_channels() -> None:
    rows = [Row(day(0), "Search", 10, 40), Row(day(0), "Direct", 0, 60), Row(day(1), "Search", 10, 5)]
    frame = frame_from_rows(rows)
    assert frame.revenue.tolist() == [100, 5]
    assert frame.channels == ("Search",)


def test_rows_may_come_in_any_order() -> None:
    rows = two_channel_rows()
    forward, backward = frame_from_rows(rows), frame_from_rows(rows[::-1])
    assert np.array_equal(forward.dates, backward.dates)
    assert set(forward.channels) == set(backward.channels)


def test_dates_a_week_apart_are_weekly_data() -> None:
    frame = frame_from_rows(two_channel_rows(20, step=7))
    assert (frame.cadence_days, frame.periods, frame.days) == (7, 20, 140)


def test_a_missing_week_stays_weekly_and_is_not_observed() -> None:
    rows = [row for row in two_channel_rows(20, step=7) if row.on != day(70)]
    frame = frame_from_rows(rows)
    assert frame.cadence_days == 7
    assert frame.observed.tolist().count(False) == 1
    assert "1 of 20 weeks" in frame.warnings[0]


def test_missing_days_spend_nothing_and_are_reported() -> None:
    frame = frame_from_rows([row for row in two_channel_rows() if row.on != day(4)])
    assert frame.spend[4].tolist() == [0, 0]
    assert not frame.observed[4]
    assert "1 of 10 days have no rows" in frame.warnings[0]


def test_repeated_rows_are_added_up_and_reported() -> None:
    rows = [*two_channel_rows(), Row(day(0), "Search", 5, 1)]
    frame = frame_from_rows(rows)
    assert frame.spend[0].tolist() == [15, 10]
    assert any("repeat a date and channel" in note for note in frame.warnings)


def test_refunds_and_future_dates_are_accepted_with_a_warning() -> None:
    rows = [*two_channel_rows(), Row(day(9), "Direct", 0, -500)]
    frame = frame_from_rows(rows, today=day(7))
    assert frame.revenue[9] == -440
    assert any("refunds" in note for note in frame.warnings)
    assert any("after 2026-01-12" in note for note in frame.warnings)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (Row(day(3), "Search", float("nan"), 1), "spend is not a number"),
        (Row(day(3), "Search", float("inf"), 1), "spend is not a number"),
        (Row(day(3), "Search", 1, float("nan")), "revenue is not a number"),
        (Row(day(3), "Search", -1, 1), "spend is negative"),
        (Row(day(3), " ", 1, 1), "channel is empty"),
        (Row(date(1890, 1, 1), "Search", 1, 1), "date is missing"),
    ],
)
def test_a_row_that_cannot_be_is_refused_by_its_number(row: Row, words: str) -> None:
    with pytest.raises(BadFrame, match=words) as refused:
        frame_from_rows([*two_channel_rows(3), row])
    assert refused.value.row == 7
    assert refused.value.hint


def test_monthly_data_and_mistyped_years_are_refused() -> None:
    rows = [Row(date(2026, month, 1), "Search", 10, 30) for month in range(1, 13)]
    with pytest.raises(BadFrame, match="Only 12 of the 335 days"):
        frame_from_rows(rows)


def test_no_rows_at_all_are_refused() -> None:
    with pytest.raises(BadFrame, match="no rows"):
        frame_from_rows([])


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(BadFrame, match="differ in length"):
        frame_from_columns(dates=[np.datetime64("2026-01-05")], channels=["A", "B"], spend=[1.0], revenue=[1.0])


def test_weekly_keeps_the_totals_of_complete_weeks() -> None:
    frame = frame_from_rows(two_channel_rows(30)).weekly()
    assert (frame.cadence_days, frame.periods) == (7, 4)
    assert frame.revenue.tolist() == [420.0] * 4
    assert frame.spend.sum() == 4 * 7 * 20


def test_slice_keeps_events_and_shortens_all_series() -> None:
    frame = frame_from_rows(two_channel_rows(30), events=[Event(day(3), "Sale")])
    part = frame.slice(5, 15)
    assert part.dates[0] == np.datetime64(day(5))
    assert (part.periods, len(part.revenue), len(part.observed), part.events) == (10, 10, 10, frame.events)


def test_a_frame_built_by_hand_is_checked() -> None:
    dates = np.array(["2026-01-01", "2026-01-03"], "datetime64[D]")
    with pytest.raises(BadFrame, match="evenly"):
        MarketingFrame(dates, 1, ("A",), np.ones((2, 1)), np.ones(2))
    with pytest.raises(BadFrame, match="30 days is not supported"):
        MarketingFrame(dates, 30, ("A",), np.ones((2, 1)), np.ones(2))


def test_csv_columns_may_come_in_any_case_and_order_with_blank_revenue(tmp_path: Path) -> None:
    path = write(
        tmp_path, "\ufeffRevenue,Channel,DATE,Spend,Clicks\n40,Search,2026-01-05,10,1\n,Search,2026-01-06,12,3\n\n"
    )
    frame = read_marketing_csv(path)
    assert frame.revenue.tolist() == [40, 0]
    assert frame.spend[:, 0].tolist() == [10, 12]


def test_csv_errors_name_the_line_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "date,channel,spend,revenue\n2026-01-05,Search,10,1\n2026-01-06,Search,ten,1\n")
    with pytest.raises(BadFrame, match="“ten” is not a number") as refused:
        read_marketing_csv(path)
    assert refused.value.row == 3


def test_csv_without_a_needed_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFrame, match="lacks the column revenue"):
        read_marketing_csv(write(tmp_path, "date,channel,spend\n2026-01-05,Search,10\n"))


def test_csv_with_a_bad_date_or_another_encoding_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFrame, match="“soon” is not a date"):
        read_marketing_csv(write(tmp_path, "date,channel,spend,revenue\nsoon,Search,10,1\n"))
    path = tmp_path / "latin.csv"
    path.write_bytes("date,channel,spend,revenue\n2026-01-05,Café,1,1\n".encode("latin-1"))
    with pytest.raises(BadFrame, match="not UTF-8"):
        read_marketing_csv(path)


def test_revenue_repeated_on_every_row_of_a_day_is_counted_once(tmp_path: Path) -> None:
    lines = [f"{day(n)},{name},10,{100 + n}" for n in range(10) for name in ("Search", "Social")]
    frame = read_marketing_csv(write(tmp_path, "\n".join(["date,channel,spend,revenue", *lines])))
    assert frame.revenue.tolist() == [100 + n for n in range(10)]
    assert "counted once" in frame.warnings[0]


def test_a_switch_of_currency_is_refused(tmp_path: Path) -> None:
    text = "date,channel,spend,revenue,currency\n2026-01-05,A,1,1,EUR\n2026-01-06,A,1,1,USD\n"
    with pytest.raises(BadFrame, match="currency changes from EUR to USD"):
        read_marketing_csv(write(tmp_path, text))


def test_events_and_plans_are_read_from_their_files(tmp_path: Path) -> None:
    data = write(tmp_path, "date,channel,spend,revenue\n2026-01-05,A,1,1\n2026-01-06,A,1,1\n")
    events = tmp_path / "events.csv"
    events.write_text("date,event\n2026-01-06,Sale\n", encoding="utf-8")
    assert read_marketing_csv(data, events).events == (Event(date(2026, 1, 6), "Sale"),)
    plan = tmp_path / "plan.csv"
    plan.write_text("date,channel,spend\n2026-02-01,A,5\n2026-02-01,A,2\n", encoding="utf-8")
    assert read_plan_csv(plan) == {(date(2026, 2, 1), "A"): 7.0}
    plan.write_text("date,channel,spend\n2026-02-01,A,-5\n", encoding="utf-8")
    with pytest.raises(BadFrame, match="planned spend"):
        read_plan_csv(plan)
