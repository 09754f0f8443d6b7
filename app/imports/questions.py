"""What a person is told about a file's conventions, and what is asked where the file does not settle them."""

from collections.abc import Sequence
from datetime import date

from app.imports.amounts import NumberFindings, money_reader
from app.imports.currencies import codes_of
from app.imports.dates import DateFindings, parse_day
from app.imports.shape import DayOrder, Option, Question, Topic
from kit.money import from_micros


def date_findings(dates: DateFindings) -> list[str]:
    """Sentences on the dates."""
    said = [f"Dates are written as {', '.join(dates.forms)}."] if dates.forms else []
    if dates.is_certain:
        said += dates.evidence
    return said


def number_findings(numbers: NumberFindings) -> list[str]:
    """Sentences on the numbers."""
    names = {".": "points", ",": "commas", " ": "spaces", "'": "apostrophes"}
    said = list(numbers.evidence) if numbers.is_certain else []
    if numbers.thousands and numbers.is_certain:
        said.append(f"Thousands are divided by {names[numbers.thousands]}.")
    return said


def currency_findings(possible: Sequence[str], signs: Sequence[str]) -> list[str]:
    """A sentence on the currency, where one was seen."""
    if len(signs) != 1:
        return []
    if len(possible) == 1:
        return [f"Amounts are in {possible[0]}."]
    return [f"Amounts are marked {signs[0]}, which is read as your workspace's currency where that uses the sign."]


def day_order_question(dates: DateFindings) -> Question | None:
    """Asked unless the dates settle it."""
    if dates.is_certain or dates.day_order is None:
        return None
    options = tuple(Option(order.value, _reading(dates.example, order)) for order in DayOrder)
    return Question(
        topic=Topic.DAY_ORDER,
        text=f"Which day is {dates.example}?",
        options=options,
        guess=dates.day_order.value,
        evidence=dates.evidence,
    )


def decimal_question(numbers: NumberFindings) -> Question | None:
    """Asked where a number can be read in two ways, or the file mixes both."""
    if numbers.is_certain:
        return None
    return Question(
        topic=Topic.DECIMAL,
        text=f"How much is {numbers.example}?",
        options=tuple(Option(mark, _amount(numbers.example, mark)) for mark in (".", ",")),
        guess=numbers.decimal,
        evidence=numbers.evidence,
    )


def currency_question(signs: Sequence[str]) -> Question | None:
    """Asked where amounts in several currencies were seen: they cannot be added up."""
    if len(signs) < 2:
        return None
    codes = [codes_of(sign)[0] for sign in signs]
    return Question(
        topic=Topic.CURRENCY,
        text="Which currency is the file in?",
        options=tuple(Option(code, code) for code in codes),
        guess=codes[0],
        evidence=(f"Amounts are marked {', '.join(signs)}. Rows in another currency will be refused.",),
    )


def _reading(example: str, order: DayOrder) -> str:
    day = parse_day(example, order)
    name = "Day first" if order is DayOrder.DAY_FIRST else "Month first"
    return f"{name}: {day:%-d %B %Y}" if isinstance(day, date) else f"{name}: no such day"


def _amount(example: str, decimal: str) -> str:
    name = "Decimal point" if decimal == "." else "Decimal comma"
    micros = money_reader(decimal, may_be_negative=True)(example)
    return f"{name}: {from_micros(micros):,f}" if isinstance(micros, int) else f"{name}: not a number"
