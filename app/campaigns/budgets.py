"""Reading what somebody types as a new daily budget: an amount, or a change in per cent or by an amount."""

import re
from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import get_currency_precision

from kit.errors import FieldError, InvalidInput
from kit.money import MICROS

_TYPED = re.compile(r"(?P<sign>[+\-−]?)\s*(?P<number>\d{1,12}(?:[.,]\d{1,6})?)\s*(?P<percent>%?)")
HINT = "Enter an amount such as 250, or a change such as +10 % or -5."


def new_budget_micros(typed: str, *, old_micros: int, currency: str) -> int:
    """`250` is the new budget, `+10 %` and `-5` change the old one; rounded to the currency's smallest coin. Raises InvalidInput."""
    found = _TYPED.fullmatch(typed.strip())
    if found is None or (found["percent"] and not found["sign"]):
        raise InvalidInput("The new budget cannot be read.", HINT, [FieldError(HINT, "budget", value=typed)])
    number = Decimal(found["number"].replace(",", "."))
    step = number / 100 * old_micros if found["percent"] else number * MICROS
    wanted = {"": step, "+": old_micros + step}.get(found["sign"], old_micros - step)
    coin = Decimal(MICROS) / 10 ** get_currency_precision(currency)
    return int((wanted / coin).to_integral_value(ROUND_HALF_UP) * coin)
