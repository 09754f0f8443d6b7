"""Money is an integer number of micros (millionths of the currency's unit) plus an ISO 4217 currency."""

from decimal import ROUND_HALF_EVEN, Decimal

MICROS = 1_000_000


def to_micros(amount: Decimal | float) -> int:
    """An amount in currency units as micros; a float is taken at its shortest decimal spelling."""
    exact = amount if isinstance(amount, Decimal) else Decimal(repr(amount))
    return int((exact * MICROS).to_integral_value(ROUND_HALF_EVEN))


def from_micros(micros: int) -> Decimal:
    """Micros as an exact amount in currency units."""
    return Decimal(micros) / MICROS
