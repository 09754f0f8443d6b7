"""The answers in the words and figures of the page."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from app.experiments.schemas import (
    Decision,
    GuardrailReply,
    Harm,
    PauseReply,
    PlanReply,
    ReadReply,
    ReadRequest,
    VariantReply,
    Version,
)
from app.experiments.service import LETTERS
from kit.format import MISSING, amount, compact_amount, count, day_range, multiple, percent, percent_change, plural

Tone = Literal["good", "bad", "warn", "info"]
_TONES: dict[Decision, Tone] = {
    "ship": "good",
    "keep": "info",
    "go_on": "info",
    "stopped_by_guardrail": "bad",
    "broken_sample_ratio": "bad",
}
_HARM: dict[Harm, tuple[str, str]] = {
    "safe": ("Safe", "good"),
    "harmed": ("Harmed", "bad"),
    "unclear": ("Not clear yet", "warn"),
}
_PAUSED_BELOW = 0.05  # of the planned spend: what is left after a pause are late bookings


@dataclass(frozen=True)
class VersionLine:
    """A version in the table; the control has no comparison."""

    name: str
    people: str
    expected: str
    result: str
    better_by: str = ""
    between: str = ""
    chance: str = ""
    loss: str = ""
    note: str = ""


@dataclass(frozen=True)
class GuardrailLine:
    """What a version did to a metric that must not suffer; below 0 is worse."""

    version: str
    metric: str
    change: str
    between: str
    allowed: str
    label: str
    tone: str


@dataclass(frozen=True)
class ReadingView:
    """A test that was read."""

    tone: Tone
    title: str
    sentence: str
    control: str
    is_split_broken: bool
    lines: tuple[VersionLine, ...]
    guardrails: tuple[GuardrailLine, ...] = ()


@dataclass(frozen=True)
class PlanView:
    """A test that was planned."""

    sentence: str
    per_version: str
    people: str
    weeks: str


@dataclass(frozen=True)
class PauseView:
    """A pause that was read, and where to tell it as a lift test."""

    sentence: str
    days: str
    moved: str
    revenue: str
    revenue_between: str
    roi: str
    roi_between: str
    tell_href: str


def reading_view(request: ReadRequest, reply: ReadReply) -> ReadingView:
    """Decision first, then every version."""
    control = request.control.name or LETTERS[0]
    expected = reply.sample_ratio.expected
    lines = [VersionLine(control, count(request.control.people), count(expected[0]), _result(request.control))]
    for version, reading, people in zip(request.variants, reply.variants, expected[1:], strict=True):
        lines.append(_line(version, reading, people))
    return ReadingView(
        tone=_TONES[reply.decision],
        title=_title(reply, control),
        sentence=reply.sentence,
        control=control,
        is_split_broken=reply.sample_ratio.is_broken,
        lines=tuple(lines),
        guardrails=tuple(_guardrail_line(one.name, guard) for one in reply.variants for guard in one.guardrails),
    )


def plan_view(reply: PlanReply) -> PlanView:
    """A plan in three figures."""
    weeks = MISSING if reply.weeks is None else plural(reply.weeks, "week")
    return PlanView(reply.sentence, count(reply.people_per_version), count(reply.people), weeks)


def pause_view(reply: PauseReply, *, base: str) -> PauseView:
    """What a pause did, and the address of the lift test's form with what is known of it."""
    act = _act(reply)
    known = {"channel": reply.key, "act": act, "starts_on": str(reply.starts_on), "ends_on": str(reply.ends_on)}
    sign = -1 if act == "raised" else 1
    low, high = sorted((sign * reply.lost_low, sign * reply.lost_high))
    return PauseView(
        sentence=reply.sentence,
        days=day_range(reply.starts_on, reply.ends_on),
        moved=f"{amount(abs(reply.spend_change), reply.currency)} {'more' if act == 'raised' else 'less'}",
        revenue=compact_amount(sign * reply.lost_revenue, reply.currency),
        revenue_between=f"{compact_amount(low, reply.currency)} to {compact_amount(high, reply.currency)}",
        roi=multiple(reply.roi),
        roi_between=f"{multiple(reply.roi_low)} to {multiple(reply.roi_high)}",
        tell_href=f"{base}/attribution/lift-tests?{urlencode(known)}#tell",
    )


def _act(reply: PauseReply) -> str:
    if reply.spend_change < 0:
        return "raised"
    planned = reply.planned_per_day * ((reply.ends_on - reply.starts_on).days + 1)
    return "paused" if planned - reply.spend_change <= _PAUSED_BELOW * planned else "lowered"


def _title(reply: ReadReply, control: str) -> str:
    titles: dict[Decision, str] = {
        "ship": f"Use {reply.winner}",
        "keep": f"Keep {control}",
        "go_on": "Let the test run on",
        "stopped_by_guardrail": "Stop the test",
        "broken_sample_ratio": "People were not split as planned",
    }
    return titles[reply.decision]


def _line(version: Version, reading: VariantReply, expected: float) -> VersionLine:
    known = reading.low is not None and reading.high is not None
    return VersionLine(
        name=reading.name,
        people=count(version.people),
        expected=count(expected),
        result=_result(version),
        better_by=percent_change(reading.effect),
        between=f"{percent_change(reading.low)} to {percent_change(reading.high)}" if known else "",
        chance=_chance(reading.chance_to_be_better),
        loss=percent(reading.expected_loss, digits=2),
        note="" if reading.is_ready else "Too early to rely on",
    )


def _guardrail_line(version: str, guard: GuardrailReply) -> GuardrailLine:
    known = guard.low is not None and guard.high is not None
    label, tone = _HARM[guard.verdict]
    return GuardrailLine(
        version=version,
        metric=guard.name,
        change=percent_change(guard.change),
        between=f"{percent_change(guard.low)} to {percent_change(guard.high)}" if known else "Too early to compare",
        allowed=percent_change(-guard.margin),
        label=label,
        tone=tone,
    )


def _result(version: Version) -> str:
    if version.successes is not None:
        return percent(version.successes / version.people, digits=2)
    return f"{version.mean:,.2f}"


def _chance(chance: float | None) -> str:
    if chance is None:
        return MISSING
    if chance > 0.999:
        return "above " + percent(0.999)
    return "below " + percent(0.001) if chance < 0.001 else percent(chance)
