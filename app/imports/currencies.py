"""Currency signs and ISO codes beside numbers and in column headers."""

import re
from collections.abc import Iterable
from functools import cache

SIGNS: dict[str, tuple[str, ...]] = {
    "US$": ("USD",),
    "A$": ("AUD",),
    "AU$": ("AUD",),
    "C$": ("CAD",),
    "CA$": ("CAD",),
    "R$": ("BRL",),
    "NZ$": ("NZD",),
    "HK$": ("HKD",),
    "S$": ("SGD",),
    "$": ("USD", "AUD", "CAD", "NZD", "HKD", "SGD", "MXN", "ARS", "CLP", "COP", "TWD"),
    "€": ("EUR",),
    "£": ("GBP", "EGP"),
    "¥": ("JPY", "CNY"),
    "₹": ("INR",),
    "₩": ("KRW",),
    "₺": ("TRY",),
    "₪": ("ILS",),
    "₴": ("UAH",),
    "₽": ("RUB",),
    "฿": ("THB",),
    "₫": ("VND",),
    "₱": ("PHP",),
    "R": ("ZAR",),
    "zł": ("PLN",),
    "Kč": ("CZK",),
    "Ft": ("HUF",),
    "lei": ("RON",),
    "kr": ("SEK", "NOK", "DKK", "ISK"),
    "kr.": ("DKK", "SEK", "NOK"),
    "Fr.": ("CHF",),
    "SFr.": ("CHF",),
    "Euro": ("EUR",),
}
_SIGN = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_BEFORE = re.compile(rf"({_SIGN}|[A-Za-z]{{3}})\s*([-+(]?\s?[\d.,].*)", re.IGNORECASE)
_AFTER = re.compile(rf"(.*[\d.,][-)]?)\s*({_SIGN}|[A-Za-z]{{3}})", re.IGNORECASE)
_IN_HEADER = re.compile(rf"(?<![A-Za-z])({_SIGN}|[A-Z]{{3}})(?![A-Za-z])")
_BY_FOLDED_SIGN = {sign.casefold(): codes for sign, codes in SIGNS.items()}


@cache
def known_codes() -> frozenset[str]:
    """ISO 4217 codes."""
    from babel.numbers import list_currencies

    return frozenset(list_currencies())


def codes_of(sign_or_code: str) -> tuple[str, ...]:
    """The currencies that a sign or a code can mean, the most common first; () where it is none."""
    if codes := _BY_FOLDED_SIGN.get(sign_or_code.casefold()):
        return codes
    code = sign_or_code.upper()
    return (code,) if code in known_codes() else ()


def split_currency(text: str) -> tuple[str, str]:
    """(sign or code, the rest) of an amount such as `€ 12,50` or `12.50 USD`; ('', text) without one."""
    if text[-1:].isdecimal() and text[:1].isdecimal():
        return "", text
    if (match := _BEFORE.fullmatch(text)) and codes_of(match[1]):
        return match[1], match[2].strip()
    if (match := _AFTER.fullmatch(text)) and codes_of(match[2]):
        return match[2], match[1].strip()
    return "", text


def in_header(header: str) -> str:
    """The sign or code that a header names (`Amount spent (USD)`), or ''."""
    for match in _IN_HEADER.finditer(header):
        if match[1] != "R" and codes_of(match[1]):
            return match[1]
    return ""


def recognise_currency(headers: Iterable[str], amounts: Iterable[str]) -> list[str]:
    """The signs and codes seen, headers first, each once; signs that say less than a seen one are left out."""
    seen = [found for header in headers if (found := in_header(header))]
    seen += [found for text in amounts if (found := split_currency(text.strip())[0])]
    distinct: list[str] = []
    for sign in seen:
        codes = set(codes_of(sign))
        if not any(codes & set(codes_of(known)) for known in distinct):
            distinct.append(sign)
    return distinct
