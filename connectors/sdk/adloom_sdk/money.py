"""Exact money: whole micros from what platforms send. Nothing here goes through a float that it could avoid."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from adloom_sdk.errors import SchemaDrift

MICROS = 1_000_000
# ISO 4217 currencies whose minor unit is not a hundredth.
_MINOR_DIGITS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
}


class NotAnAmount(SchemaDrift, ValueError):
    """Something else stands where an amount of money was due."""


def micros_from_decimal(value: str | int | float | Decimal) -> int:
    """Micros of an amount in whole units ("12.34" → 12_340_000), rounded half to even; thousands commas are dropped.

    Raises NotAnAmount where it is not a number.
    """
    try:
        exact = Decimal(value.replace(",", "") if isinstance(value, str) else str(value))
        return int((exact * MICROS).quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    except InvalidOperation as error:
        raise NotAnAmount(f"The platform sent {value!r} where an amount of money was due.") from error


def minor_digits(currency: str) -> int:
    """Decimal places of the currency's minor unit: 2 for USD, 0 for JPY, 3 for KWD."""
    return _MINOR_DIGITS.get(currency.upper(), 2)


def micros_from_minor(value: str | int, digits: int) -> int:
    """Micros of an amount in minor units ("1234" with 2 digits → 12_340_000)."""
    return int(int(value) * 10 ** (6 - digits))


def minor_from_micros(micros: int, digits: int) -> int:
    """Minor units of micros; raises ValueError where the amount is finer than the unit."""
    whole, rest = divmod(micros, 10 ** (6 - digits))
    if rest:
        raise ValueError(f"{micros} micros are not a whole number of minor units")
    return int(whole)


def decimal_text(micros: int) -> str:
    """Micros as a decimal number of whole units, without idle zeros but with two places at least ("12.34", "0.001")."""
    sign, micros = ("-" if micros < 0 else ""), abs(micros)
    whole, rest = divmod(micros, MICROS)
    places = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{sign}{whole}.{places}"
