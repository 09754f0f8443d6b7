"""Purchases and summaries: what counts as a purchase, and what is refused."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.errors import BadFrame, BadOption
from ml.predict.lifetime import purchases_from_columns, rfm_from_columns, summarise_customers
from ml.predict.lifetime.summary import outcome_after

ROWS = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 40), st.floats(1, 500)), min_size=1, max_size=30)


def columns(rows: list[tuple[str, int, float]]) -> tuple[list[str], list[np.datetime64], list[float]]:
    first = np.datetime64("2026-01-01")
    return [row[0] for row in rows], [first + row[1] for row in rows], [row[2] for row in rows]


def test_same_day_purchases_are_one_and_their_amounts_add_up() -> None:
    purchases = purchases_from_columns(["a", "a", "a"], ["2026-01-01", "2026-01-01", "2026-01-15"], [10, 5, 20])
    summary = summarise_customers(purchases)
    assert purchases.value.tolist() == [15.0, 20.0]
    assert (summary.frequency[0], summary.recency[0], summary.age[0], summary.spend[0]) == (1, 2, 2, 17.5)


def test_a_later_refund_lowers_the_average_and_leaves_the_purchase() -> None:
    purchases = purchases_from_columns(["a", "a"], ["2026-01-01", "2026-01-09"], [50, -20], as_of="2026-02-01")
    summary = summarise_customers(purchases)
    assert (summary.frequency[0], summary.spend[0]) == (0, 30)
    assert "1 rows are refunds" in purchases.warnings[0]


def test_a_refund_on_the_day_itself_undoes_the_purchase() -> None:
    purchases = purchases_from_columns(["a", "a", "b"], ["2026-01-01"] * 3, [50, -50, 8])
    assert purchases.ids.tolist() == ["b"]


def test_an_amount_of_zero_is_a_purchase_of_no_value() -> None:
    purchases = purchases_from_columns(["a", "a"], ["2026-01-01", "2026-01-08"], [0, 10])
    assert summarise_customers(purchases).frequency[0] == 1


def test_many_orders_of_no_value_do_not_take_the_worth_of_the_others() -> None:
    purchases = purchases_from_columns(["a", "b", "c"], ["2026-01-01"] * 3, [0, 0, 40])
    assert summarise_customers(purchases).spend.tolist() == [0, 0, 40]
    assert not any("exceed" in warning for warning in purchases.warnings)


def test_rows_after_the_last_day_are_left_out_and_said_so() -> None:
    purchases = purchases_from_columns(["a", "b"], ["2026-01-01", "2030-01-01"], [10, 10], as_of=date(2026, 3, 1))
    assert purchases.ids.tolist() == ["a"]
    assert "dated after" in purchases.warnings[0]


def test_an_order_a_thousand_times_the_usual_does_not_set_the_average() -> None:
    purchases = purchases_from_columns(["a", "b", "c"], ["2026-01-01"] * 3, [10, 10, 1e12])
    assert summarise_customers(purchases).spend.max() == pytest.approx(10_000)
    assert "exceed the usual one" in purchases.warnings[-1]


@pytest.mark.parametrize(
    ("customer", "on", "amount"),
    [
        ([], [], []),
        (["a"], ["2026-01-01"], [float("nan")]),
        (["a"], ["2026-01-01"], [1e13]),
        (["a"], ["2026-01-01"], ["ten"]),
        (["a"], ["NaT"], [10]),
        (["a"], ["yesterday"], [10]),
        (["a"], ["0026-01-01"], [10]),
        ([""], ["2026-01-01"], [10]),
        (["a", "b"], ["2026-01-01"], [10]),
        (["a", "b"], ["2026-01-01"] * 2, [0, 0]),
        (["a"], ["2026-01-01"], [-10]),
    ],
)
def test_what_cannot_be_purchases_is_refused(customer: list[str], on: list[str], amount: list[float]) -> None:
    with pytest.raises(BadFrame):
        purchases_from_columns(customer, on, amount)


@pytest.mark.parametrize("as_of", ["soon", "NaT"])
def test_an_unreadable_last_day_is_refused(as_of: str) -> None:
    with pytest.raises(BadOption):
        purchases_from_columns(["a"], ["2026-01-01"], [10], as_of=as_of)


@pytest.mark.parametrize(
    ("x", "t_x", "age"),
    [([1.5], [1], [2]), ([1], [3], [2]), ([0], [1], [2]), ([1], [0], [2]), ([-1], [0], [2]), ([], [], [])],
)
def test_a_contradictory_summary_is_refused(x: list[float], t_x: list[float], age: list[float]) -> None:
    with pytest.raises(BadFrame):
        rfm_from_columns(x, t_x, age)


@given(ROWS, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[str, int, float]], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    one, other = (summarise_customers(purchases_from_columns(*columns(part))) for part in (rows, shuffled))
    np.testing.assert_allclose(one.spend, other.spend)
    np.testing.assert_array_equal(one.frequency, other.frequency)
    np.testing.assert_array_equal(one.recency, other.recency)


@given(ROWS, st.integers(0, 40))
def test_an_earlier_day_and_what_followed_add_up_to_everything_of_its_customers(
    rows: list[tuple[str, int, float]], back: int
) -> None:
    purchases = purchases_from_columns(*columns(rows))
    day = max(purchases.as_of - back, int(purchases.day.min()))
    then, after = purchases.until(day), outcome_after(purchases, day, back)
    known = np.isin(purchases.ids, then.ids)
    total = np.bincount(purchases.customer, purchases.value, purchases.customers)[known]
    before = np.bincount(then.customer, then.value, then.customers)
    np.testing.assert_allclose(before + after.value, total)
