"""The countries whose public holidays are known, by their two letters (ISO 3166)."""

from functools import lru_cache

import holidays
from babel import Locale

from kit.errors import FieldError, InvalidInput
from kit.format import DEFAULT_LOCALE


@lru_cache(maxsize=1)
def countries() -> tuple[tuple[str, str], ...]:
    """Two letters and name of each, by name."""
    names = Locale.parse(DEFAULT_LOCALE).territories
    known = holidays.list_supported_countries(include_aliases=False)
    return tuple(sorted(((code, names.get(code, code)) for code in known), key=lambda one: one[1]))


def require_country(country: str, field: str = "country") -> None:
    """Nothing for a country that is known, and for none at all. Raises InvalidInput for any other, naming the field."""
    if country and country not in dict(countries()):
        message = "Write a country's two letters, such as US or DE, or leave it out."
        raise InvalidInput(
            "Holidays of this country are not known.", message, [FieldError(message, field, value=country)]
        )
