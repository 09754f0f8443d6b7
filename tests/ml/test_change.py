"""Changes of rates: noise is called noise at the promised rate, true moves are seen, and what cannot be compared is refused."""

import numpy as np
import pytest

from ml.change import Days, rate_change, rate_of
from ml.errors import CannotCompare


def days_of(rng: np.random.Generator, *, rate: float, count: int, carried: float = 0.0) -> Days:
    """Spend that varies, and orders that follow it with noise, which may carry over from one day to the next."""
    spend = rng.uniform(80, 120, count)
    shocks = rng.normal(size=count)
    noise = np.zeros(count)
    for day in range(count):
        noise[day] = shocks[day] + carried * noise[max(day - 1, 0)]
    return Days(np.maximum(rate * spend * (1 + 0.25 * noise), 0), spend)


@pytest.mark.parametrize("carried", [0.0, 0.4])
def test_noise_is_called_a_change_in_about_one_case_of_twenty(carried: float) -> None:
    rng = np.random.default_rng(7)
    wrong = sum(
        rate_change(
            days_of(rng, rate=3, count=28, carried=carried), days_of(rng, rate=3, count=28, carried=carried)
        ).is_clear
        for _ in range(1000)
    )
    assert 10 <= wrong <= 85


def test_a_move_beyond_the_noise_is_seen_with_its_size() -> None:
    rng = np.random.default_rng(8)
    seen = [rate_change(days_of(rng, rate=2, count=28), days_of(rng, rate=3, count=28)) for _ in range(200)]
    assert np.mean([one.is_clear for one in seen]) > 0.95
    assert np.mean([one.change for one in seen]) == pytest.approx(-1 / 3, abs=0.02)
    assert np.mean([one.low <= -1 / 3 <= one.high for one in seen]) > 0.9


def test_days_that_are_all_alike_have_no_noise() -> None:
    change = rate_change(Days([33] * 7, [10] * 7), Days([30] * 7, [10] * 7))
    assert (change.change, change.low, change.high) == pytest.approx((0.1, 0.1, 0.1))
    assert change.is_clear
    same = rate_change(Days([30] * 7, [10] * 7), Days([30] * 7, [10] * 7))
    assert not same.is_clear


def test_a_rates_interval_lies_around_it() -> None:
    rate = rate_of(days_of(np.random.default_rng(9), rate=3, count=28))
    assert rate.low < rate.value < rate.high
    assert rate.low < 3 < rate.high


@pytest.mark.parametrize(
    ("above", "below", "word"), [([1] * 4, [1] * 4, "4 days"), ([0] * 9, [1] * 9, "Nothing"), ([1] * 9, [0] * 9, "No")]
)
def test_what_holds_too_little_is_refused(above: list[float], below: list[float], word: str) -> None:
    with pytest.raises(CannotCompare, match=word):
        rate_change(Days(above, below), Days([1] * 9, [1] * 9))
