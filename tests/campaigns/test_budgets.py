"""What people type as a new budget, read to the currency's smallest coin."""

import pytest

from app.campaigns.budgets import new_budget_micros
from kit.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "currency", "expected"),
    [
        ("250", "USD", 250_000_000),
        ("12,50", "EUR", 12_500_000),
        ("+10 %", "USD", 110_000_000),
        ("-5%", "USD", 95_000_000),
        ("−5", "USD", 95_000_000),
        ("+0.333 %", "USD", 100_330_000),
        ("+0.5 %", "JPY", 101_000_000),
        ("1.0005", "KWD", 1_001_000),
    ],
)
def test_amounts_and_changes_are_read(typed: str, currency: str, expected: int) -> None:
    assert new_budget_micros(typed, old_micros=100_000_000, currency=currency) == expected


@pytest.mark.parametrize("typed", ["", "lots", "10 %", "1e5", "1,000.50", "--5", "NaN"])
def test_what_could_mean_two_things_is_refused(typed: str) -> None:
    with pytest.raises(InvalidInput):
        new_budget_micros(typed, old_micros=100_000_000, currency="USD")
