"""How a campaign fares against the period before, with the noise of its days: a difference within it is called that."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from app.performance.campaigns.insight_parts import Certainty, Figure, Insight, Suggestion, Told, micros, number, share
from app.performance.campaigns.insight_queries import ToldDay
from app.performance.catalogue import Unit
from kit.format import count, multiple, percent_change
from ml.change import Days, RateChange, rate_change
from ml.errors import CannotCompare

_UNCHANGED = 0.005


@dataclass(frozen=True)
class Watched:
    """A rate that is watched: what is divided by what, and whether more of it is good."""

    name: str
    title: str
    days: Callable[[Sequence[ToldDay]], Days | None]
    show: Callable[[Told, float], str]
    figure: Callable[[str, float], Figure]
    is_more_good: bool


def trends(told: Told) -> list[Insight]:
    """Conversions a day, CPA and ROAS, each where its platform tells what it takes."""
    found = []
    for watched in _WATCHED:
        now, before = watched.days(told.finished), watched.days(told.days_before)
        if now is None or before is None:
            continue
        try:
            found.append(_insight(told, watched, rate_change(now, before)))
        except CannotCompare as problem:
            found.append(_refused(told, watched, problem))
    return found


def _insight(told: Told, watched: Watched, change: RateChange) -> Insight:
    is_clear = change.is_clear and abs(change.change) >= _UNCHANGED
    before, now = watched.show(told, change.before.value), watched.show(told, change.now.value)
    head = f"{watched.title} went from {before} to {now} ({percent_change(change.change)})"
    span = f"from {percent_change(change.low)} to {percent_change(change.high)}"
    if is_clear:
        tail = f", more than the noise of the days explains: with 95 % certainty {span}."
    elif change.low == change.high:
        head, tail = f"{watched.title} stayed at {now}", "."
    else:
        tail = f". You cannot tell whether it changed: {span} is within the noise of the days."
    is_good = (change.change > 0) is watched.is_more_good
    return Insight(
        kind=f"trend_{watched.name}",
        tone=("good" if is_good else "bad") if is_clear else "plain",
        certainty=Certainty.CLEAR if is_clear or change.low == change.high else Certainty.CANNOT_TELL,
        sentence=head + tail,
        figures=_figures(watched, change),
        period=told.window,
        source=told.source(),
        suggestion=_suggestion(told, is_clear=is_clear, is_good=is_good),
    )


def _figures(watched: Watched, change: RateChange) -> tuple[Figure, ...]:
    return (
        watched.figure(watched.name, change.now.value),
        watched.figure(f"{watched.name}_before", change.before.value),
        share("change", change.change),
        share("change_low", change.low),
        share("change_high", change.high),
        number("days", change.now.days),
        number("days_before", change.before.days),
    )


def _suggestion(told: Told, *, is_clear: bool, is_good: bool) -> Suggestion | None:
    if not is_clear:
        return told.look("Look at 90 days", period="last_90_days") if told.window.days < 90 else None
    return told.budget_step("+20 %" if is_good else "-20 %")


def _refused(told: Told, watched: Watched, problem: CannotCompare) -> Insight:
    return Insight(
        kind=f"trend_{watched.name}",
        tone="plain",
        certainty=Certainty.CANNOT_TELL,
        sentence=f"{watched.title} cannot be compared with the period before. {problem.detail}",
        figures=(number("days", len(told.finished)), number("days_before", len(told.days_before))),
        period=told.window,
        source=told.source(),
        suggestion=told.look("Look at 90 days", period="last_90_days") if told.window.days < 90 else None,
    )


def _conversions(days: Sequence[ToldDay]) -> Days | None:
    told = [one.conversions for one in days if one.conversions is not None]
    return Days(told, [1.0] * len(told)) if told else None


def _cpa(days: Sequence[ToldDay]) -> Days | None:
    told = [(one.spend, one.conversions) for one in days if one.conversions is not None]
    return Days([spend for spend, _ in told], [orders for _, orders in told]) if told else None


def _roas(days: Sequence[ToldDay]) -> Days | None:
    told = [(one.value, one.spend) for one in days if one.value is not None]
    return Days([value for value, _ in told], [spend for _, spend in told]) if told else None


_WATCHED = (
    Watched(
        "conversions_a_day",
        "Conversions a day",
        _conversions,
        lambda _told, value: count(value) if value >= 10 else f"{value:.1f}",
        number,
        is_more_good=True,
    ),
    Watched("cpa", "CPA", _cpa, lambda told, value: told.price(value), micros, is_more_good=False),
    Watched(
        "roas",
        "ROAS",
        _roas,
        lambda _told, value: multiple(value),
        lambda name, value: Figure(name, round(value, 6), Unit.MULTIPLE.value),
        is_more_good=True,
    ),
)
