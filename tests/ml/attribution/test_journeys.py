"""Touches and orders become paths: windows, sessions, duplicates, refunds, and what is refused."""

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.attribution import (
    JourneyOptions,
    Orders,
    Refunds,
    Touches,
    TouchPaths,
    attribute_paths,
    paths_from_touches,
)
from ml.errors import BadOption, BadPaths, NoConversions

Row = tuple[str, str, str]


def touches(*rows: Row) -> Touches:
    """Rows of person, day and hour in March 2026, channel."""
    return Touches([row[0] for row in rows], [stamp(row[1]) for row in rows], [row[2] for row in rows])


def orders(*rows: tuple[str, str, float, str]) -> Orders:
    """Rows of person, day and hour in March 2026, value, order id."""
    person, at, value, order_id = zip(*rows, strict=True)
    return Orders(person, [stamp(text) for text in at], value, order_id)


def stamp(text: str) -> str:
    return f"2026-03-{text}"


def told(paths: TouchPaths) -> list[tuple[list[str], bool, float]]:
    """Paths as a person would write them down."""
    cut = np.split(paths.codes, paths.starts[1:-1])
    return [
        ([paths.channels[code] for code in codes], bool(sold), float(value))
        for codes, sold, value in zip(cut, paths.converted, paths.value, strict=True)
    ]


def test_each_order_ends_a_path_and_what_follows_is_one_without_a_sale() -> None:
    paths = paths_from_touches(
        touches(
            ("ann", "05T10:00", "email"),
            ("ann", "01T10:00", "search"),
            ("ann", "07T10:00", "social"),
            ("bob", "02T10:00", "search"),
        ),
        orders(("ann", "06T10:00", 50, "o1")),
    )
    assert told(paths) == [(["search", "email"], True, 50), (["social"], False, 0), (["search"], False, 0)]
    assert paths.days_before_end[:2].tolist() == [5, 1]


def test_touches_before_the_look_back_window_do_not_count_for_the_sale() -> None:
    rows = touches(("ann", "01T10:00", "search"), ("ann", "09T10:00", "email"))
    order = orders(("ann", "10T10:00", 50, "o1"))
    assert told(paths_from_touches(rows, order, options=JourneyOptions(look_back_days=9)))[0][0] == ["search", "email"]
    week = paths_from_touches(rows, order, options=JourneyOptions(look_back_days=7))
    assert told(week) == [(["search"], False, 0), (["email"], True, 50)]


def test_touches_of_one_session_count_once() -> None:
    rows = touches(
        ("ann", "01T10:00", "search"),
        ("ann", "01T10:20", "search"),
        ("ann", "01T10:45", "search"),
        ("ann", "01T10:50", "email"),
        ("ann", "01T10:55", "search"),
        ("ann", "01T12:00", "search"),
    )
    paths = paths_from_touches(rows, orders(("ann", "01T13:00", 9, "o1")))
    assert told(paths)[0][0] == ["search", "email", "search", "search"]
    assert any("2 touches repeat" in note for note in paths.notes)


def test_an_order_without_a_touch_is_a_sale_without_a_channel() -> None:
    paths = paths_from_touches(
        touches(("ann", "01T10:00", "search")), orders(("ann", "02T10:00", 9, "o1"), ("bob", "02T10:00", 4, "o2"))
    )
    assert told(paths) == [(["search"], True, 9), ([], True, 4)]


def test_refunds_lower_the_sale_and_a_full_one_undoes_it() -> None:
    paths = paths_from_touches(
        touches(("ann", "01T10:00", "search"), ("bob", "01T10:00", "email")),
        orders(("ann", "02T10:00", 50, "o1"), ("bob", "02T10:00", 40, "o2"), ("eve", "02T10:00", 30, "o3")),
        refunds=Refunds(["o1", "o1", "o2", "o3", "o99"], [5, 15, 40, 30, 7]),
    )
    assert told(paths) == [(["search"], True, 30), (["email"], False, 0)]
    assert any("2 orders were refunded in full" in note for note in paths.notes)
    assert any("1 refunds name an order that is not here" in note for note in paths.notes)


def test_orders_imported_twice_count_once() -> None:
    order = ("ann", "02T10:00", 50.0, "o1")
    paths = paths_from_touches(touches(("ann", "01T10:00", "search")), orders(order, order))
    assert paths.conversions == 1
    assert any("left out" in note for note in paths.notes)


def test_an_order_of_nothing_is_still_a_sale() -> None:
    assert paths_from_touches(touches(("a", "01T10:00", "x")), orders(("a", "02T10:00", 0, "o1"))).conversions == 1


def test_people_may_be_numbers_on_one_side_and_text_on_the_other() -> None:
    rows = Touches([1, 2], ["2026-03-01", "2026-03-01"], ["email", "search"])
    paths = paths_from_touches(rows, orders(("2", "02T10:00", 9, "o1")))
    assert told(paths) == [(["email"], False, 0), (["search"], True, 9)]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.sampled_from("abc")), max_size=30),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 90), st.integers(0, 500)), min_size=1, max_size=10),
    st.integers(1, 40),
)
def test_no_sale_or_touch_is_lost(
    rows: list[tuple[int, int, str]], sold: list[tuple[int, int, int]], look_back: int
) -> None:
    def at(days: int) -> np.datetime64:
        return np.datetime64("2026-01-01", "s") + np.timedelta64(days, "D")

    paths = paths_from_touches(
        Touches([row[0] for row in rows], [at(row[1]) for row in rows], [row[2] for row in rows]),
        Orders([o[0] for o in sold], [at(o[1]) for o in sold], [o[2] for o in sold], list(range(len(sold)))),
        options=JourneyOptions(look_back_days=look_back, session_minutes=0),
    )
    assert paths.conversions == len(sold)
    assert paths.total_value == sum(o[2] for o in sold)
    assert (paths.days_before_end[paths.converted[paths.path_of_touch]] <= look_back).all()
    assert len(paths.codes) >= len(set(rows))


GOOD_TOUCH: dict[str, Any] = {"person": ["ann"], "at": ["2026-03-01T10:00"], "channel": ["email"]}
GOOD_ORDER: dict[str, Any] = {"person": ["ann"], "at": ["2026-03-02T10:00"], "value": [9.0], "order_id": ["o1"]}


@pytest.mark.parametrize(
    ("touch", "order", "refund", "message"),
    [
        ({"at": ["NaT"]}, {}, {}, "Row 1: the time of the touch is missing"),
        ({"at": ["soon"]}, {}, {}, "cannot be read"),
        ({"at": ["1970-01-01"]}, {}, {}, "between 1990 and 2100"),
        ({"at": ["2026-04-01"]}, {}, {}, "Row 1: the touch lies in the future"),
        ({}, {"at": ["2026-04-01"]}, {}, "Row 1: the order lies in the future"),
        ({"channel": [" "]}, {}, {}, "no channel"),
        ({"channel": ["a", "b"]}, {}, {}, "differ in length"),
        ({"person": [None]}, {}, {}, "person is missing"),
        ({"person": [[1, 2]]}, {}, {}, "one column"),
        ({}, {"person": [np.nan]}, {}, "person is missing"),
        ({}, {"order_id": [""]}, {}, "order id is missing"),
        ({}, {"value": [-1]}, {}, "below zero"),
        ({}, {"value": [np.nan]}, {}, "missing or infinite"),
        ({}, {"value": ["nine"]}, {}, "not a number"),
        ({}, {"value": [1, 2]}, {}, "differ in length"),
        ({}, {}, {"order_id": ["o1"], "value": [-2]}, "refund is missing, infinite or below zero"),
        ({}, {}, {"order_id": ["o1"], "value": [10]}, "more was refunded"),
        ({}, {}, {"order_id": ["o1"], "value": [1, 2]}, "differ in length"),
    ],
)
def test_rows_that_make_no_sense_are_refused(
    touch: dict[str, Any], order: dict[str, Any], refund: dict[str, Any], message: str
) -> None:
    options = JourneyOptions(as_of=datetime(2026, 3, 15, tzinfo=UTC))
    with pytest.raises(BadPaths, match=message):
        paths_from_touches(
            Touches(**{**GOOD_TOUCH, **touch}),
            Orders(**{**GOOD_ORDER, **order}),
            refunds=Refunds(**refund),
            options=options,
        )


def test_nothing_at_all_is_refused_and_one_side_alone_has_no_credit_to_give() -> None:
    no_touches, no_orders = Touches([], [], []), Orders([], [], [], [])
    with pytest.raises(BadPaths, match="no paths"):
        paths_from_touches(no_touches, no_orders)
    with pytest.raises(NoConversions):
        attribute_paths(paths_from_touches(no_touches, Orders(**GOOD_ORDER)))
    with pytest.raises(NoConversions):
        attribute_paths(paths_from_touches(Touches(**GOOD_TOUCH), no_orders))


@pytest.mark.parametrize("changes", [{"look_back_days": 0}, {"look_back_days": 1e9}, {"session_minutes": -1}])
def test_windows_that_make_no_sense_are_refused(changes: dict[str, float]) -> None:
    with pytest.raises(BadOption):
        JourneyOptions(**changes)  # type: ignore[arg-type]  # as_of is not among them
