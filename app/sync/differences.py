"""Our totals beside the platform's, day by day: what is the same, what still settles, what differs, and at which rate we convert."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from typing import TypeVar

from babel.numbers import format_currency

from app.sync.page_queries import DayBesideTheirs, RateOfDay
from app.sync.presenting import unbroken
from kit.csvio import write_csv
from kit.format import DEFAULT_LOCALE, MISSING, ago, count, day, plural
from kit.money import from_micros

N = TypeVar("N", int, Decimal)
FINALITY = {0: "Not over", 1: "Settling", 2: "Final"}
_UNTOLD = "No numbers"


@dataclass(frozen=True)
class Measured:
    """One measure on both sides, and the difference (ours less theirs); theirs is missing where nobody asked."""

    ours: str
    theirs: str
    difference: str
    is_equal: bool


@dataclass(frozen=True)
class DayLine:
    """One day."""

    day: str
    finality: str
    label: str
    tone: str
    spend: Measured
    clicks: Measured
    conversions: Measured
    checked: str


@dataclass(frozen=True)
class Standing:
    """What the days say together. `checked` tells when, where all were checked at one time."""

    lines: list[DayLine]
    totals: list[str]
    checked: str
    title: str
    sentence: str
    tone: str


def standing_of(days: Sequence[DayBesideTheirs], *, currency: str, platform: str) -> Standing:
    """The days, their sum, and the finding."""
    checked = [one for one in days if one.checked_at is not None]
    differing = [one for one in checked if not is_equal(one)]
    final = [one for one in differing if one.finality == 2 and not one.has_changed_since]
    lines = [_line(one, currency) for one in days]
    title, sentence, tone = _finding(len(days), len(checked), len(differing), len(final), platform)
    moments = {line.checked for line in lines}
    when = f"Checked {moments.pop()}" if len(moments) == 1 and checked else ""
    return Standing(lines, _totals(checked, currency), when, title, sentence, tone)


def is_equal(one: DayBesideTheirs) -> bool:
    """To the micro, in spend, clicks and conversions."""
    ours = (one.our_spend_micros or 0, one.our_clicks or 0, one.our_conversions or 0)
    return ours == (one.their_spend_micros, one.their_clicks, one.their_conversions)


def settling_note(platform: str, restatement_days: int) -> str:
    """Why days may differ, in plain words."""
    return (
        f"{platform} goes on correcting a day after it is over: conversions that come late are added to the day of the click, "
        f"and clicks that turn out invalid are taken away and refunded. Adloom reads the last {plural(restatement_days, 'day')} "
        "again with every sync, so such days meet by themselves. After that a day is final."
    )


def rate_note(rates: Sequence[RateOfDay], *, currency: str, into: str, days: int) -> str:
    """At which rate, from whom and of when the account's money is converted for the other pages."""
    if currency == into:
        return f"The account and the workspace both count in {into}, so nothing is converted."
    if not rates:
        return f"There is no exchange rate from {currency} to {into} yet, so its days are not counted on other pages."
    newest = rates[0]
    told = (
        f"The platform counts in {currency}. Pages that add up accounts convert each day at its own rate: "
        f"1 {currency} = {plain_rate(newest.rate)} {into} on {day(newest.quoted_on)} ({newest.source})."
    )
    low, high = min(one.rate for one in rates), max(one.rate for one in rates)
    if low != high:
        told += f" In these days it was between {plain_rate(low)} and {plain_rate(high)}."
    without = days - len(rates)
    return told + (f" {plural(without, 'day')} before the first known rate are not counted." if without > 0 else "")


def plain_rate(rate: Decimal) -> str:
    """Six figures, without idle zeros."""
    return f"{Context(prec=6).plus(rate).normalize():f}"


def comparison_csv(
    days: Sequence[DayBesideTheirs], rates: Sequence[RateOfDay], *, account: str, currency: str, into: str
) -> bytes:
    """The days as CSV, exact, each with the rate that converts it (UTF-8 with a mark, so that spreadsheets read umlauts)."""
    rate_of = {one.day: one for one in rates}
    stream = io.StringIO(newline="")
    header = ["Day", "Account", "How final", f"Spend here ({currency})", f"Spend at the platform ({currency})"]
    header += ["Spend difference", "Clicks here", "Clicks at the platform", "Clicks difference"]
    header += ["Conversions here", "Conversions at the platform", "Conversions difference", "Checked at"]
    header += [f"Rate to {into}", "Rate of", "Rate source"]
    write_csv(stream, header, (_csv_row(one, rate_of.get(one.day), account) for one in days))
    return stream.getvalue().encode("utf-8-sig")


def _csv_row(one: DayBesideTheirs, rate: RateOfDay | None, account: str) -> list[object]:
    ours, theirs = from_micros(one.our_spend_micros or 0), one.their_spend_micros
    money = [ours, None, None] if theirs is None else [ours, from_micros(theirs), ours - from_micros(theirs)]
    return [
        one.day,
        account,
        _finality(one),
        *money,
        *_three(one.our_clicks or 0, one.their_clicks),
        *_three(one.our_conversions or Decimal(0), one.their_conversions),
        one.checked_at.isoformat(timespec="seconds") if one.checked_at else None,
        *((rate.rate.normalize(), rate.quoted_on, rate.source) if rate else (None, None, None)),
    ]


def _three(ours: N, theirs: N | None) -> list[object]:
    return [ours, theirs, None if theirs is None else ours - theirs]


def _finding(days: int, checked: int, differing: int, final: int, platform: str) -> tuple[str, str, str]:
    if not days:
        return "No numbers in these days", "Choose other days, or wait until the history is read.", "info"
    if not checked:
        return "Not compared yet", f"Check now asks {platform} for its totals of these days again.", "info"
    if not differing:
        return (
            f"All {plural(checked, 'compared day')} agree",
            "Spend, clicks and conversions are the same on both sides.",
            "good",
        )
    title = f"{checked - differing} of {plural(checked, 'compared day')} agree"
    if not final:
        told = "The others still settle: they meet with the next sync."
        return title, told, "info"
    told = f"{plural(final, 'final day')} {'differs' if final == 1 else 'differ'}. Sync the account, then check again."
    return title, told, "warn"


def _line(one: DayBesideTheirs, currency: str) -> DayLine:
    label, tone = _verdict(one)
    return DayLine(
        day=unbroken(day(one.day)),
        finality=unbroken(_finality(one)),
        label=label,
        tone=tone,
        spend=_measured(one.our_spend_micros or 0, one.their_spend_micros, lambda value: exact_money(value, currency)),
        clicks=_measured(one.our_clicks or 0, one.their_clicks, count),
        conversions=_measured(one.our_conversions or Decimal(0), one.their_conversions, _plain),
        checked=unbroken(ago(one.checked_at)) if one.checked_at else MISSING,
    )


def _verdict(one: DayBesideTheirs) -> tuple[str, str]:
    if one.checked_at is None:
        return "Not compared", "plain"
    if is_equal(one):
        return "Same", "good"
    if one.has_changed_since:
        return "Changed since", "plain"
    return "Differs", "warn" if one.finality == 2 else "info"


def _finality(one: DayBesideTheirs) -> str:
    return _UNTOLD if one.finality is None else FINALITY[one.finality]


def _measured(ours: N, theirs: N | None, show: Callable[[N], str]) -> Measured:
    if theirs is None:
        return Measured(show(ours), MISSING, MISSING, is_equal=True)
    gap = ours - theirs
    sign = "+" if gap > 0 else "−"
    return Measured(show(ours), show(theirs), f"{sign}{show(abs(gap))}" if gap else "0", is_equal=not gap)


def _totals(checked: Sequence[DayBesideTheirs], currency: str) -> list[str]:
    """The cells of the foot: the sum of the days that were compared."""
    if not checked:
        return []
    spend = _measured(
        sum(one.our_spend_micros or 0 for one in checked),
        sum(one.their_spend_micros or 0 for one in checked),
        lambda value: exact_money(value, currency),
    )
    clicks = _measured(
        sum(one.our_clicks or 0 for one in checked), sum(one.their_clicks or 0 for one in checked), count
    )
    ours = sum((one.our_conversions or Decimal(0) for one in checked), Decimal(0))
    theirs = sum((one.their_conversions or Decimal(0) for one in checked), Decimal(0))
    sums = (spend, clicks, _measured(ours, theirs, _plain))
    cells = [text for one in sums for text in (one.ours, one.theirs, one.difference)]
    return [plural(len(checked), "day"), "", "", *cells]


def exact_money(micros: int, currency: str) -> str:
    """With every decimal that the currency has, more where there is more to tell."""
    value = from_micros(micros)
    text = format_currency(value, currency, locale=DEFAULT_LOCALE)
    if value and not any(digit in "123456789" for digit in text):
        text = f"{value.normalize():f} {currency}"
    return text.replace("-", "−")


def _plain(value: Decimal) -> str:
    rounded = value.quantize(Decimal("0.01"))
    text = f"{rounded:,f}" if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
