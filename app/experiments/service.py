"""The three calculators: requests into the numeric core's terms, its answers and refusals into the product's."""

import math
from collections.abc import Callable
from datetime import date
from typing import TypeVar

from sqlalchemy.orm import Session

from app.experiments.schemas import (
    ArmSplit,
    GuardrailReply,
    GuardrailRequest,
    Measured,
    PauseReply,
    PauseRequest,
    PlanReply,
    PlanRequest,
    ReadReply,
    ReadRequest,
    SplitReply,
    TrafficReply,
    TrafficRequest,
    VariantReply,
    Version,
)
from app.mix.errors import as_product_error
from app.mix.queries import PaidChannel, marketing_frame, paid_channels
from kit.errors import AdloomError, FieldError, InvalidInput
from ml.errors import BadOption, BadSample, MlError
from ml.experiments import (
    Arm,
    PauseReading,
    Rules,
    TestReading,
    Variant,
    analyse_pause,
    plan_test,
    proportion,
    read_test,
    top_two_split,
)
from ml.experiments.decide import VariantReading
from ml.experiments.guardrail import Guardrail, GuardrailReading

LETTERS = "ABCDE"
_ALL_DAYS = 3650
_LONGEST_DAYS = 366
_LEAST_AMOUNT = 1e-9  # below it, quotients of averages leave what numbers can hold
Answer = TypeVar("Answer")


def read_versions(request: ReadRequest) -> ReadReply:
    """Decision, sentence and the figures of every variant. Raises InvalidInput that names `control.…` or `variants.0.…`."""
    places = ["control", *(f"variants.{index}" for index in range(len(request.variants)))]
    versions = [request.control, *request.variants]
    names = _names(versions, places)
    _require_one_metric(versions, places)
    arms = [_arm(version, place) for version, place in zip(versions, places, strict=True)]
    guardrails = _guardrails(request)
    reading = asked(
        "variants.0.people",
        lambda: read_test(
            arms[0],
            [Variant(name, arm, guards) for name, arm, guards in zip(names[1:], arms[1:], guardrails, strict=True)],
            rules=_rules(request),
            weights=[version.weight for version in versions],
            control_name=names[0],
        ),
    )
    return _read_reply(reading)


def plan_versions(request: PlanRequest) -> PlanReply:
    """People per version and weeks, for a test that may be looked at every day."""
    if request.lift == 0:
        raise complaint("Enter a change that is not 0.", "lift")
    if not request.baseline * (1 + request.lift) < 1:
        raise complaint("That change would take the rate to 100 % or beyond. Look for a smaller one.", "lift")
    usual = Arm.plain(2, request.baseline, request.baseline * (1 - request.baseline))
    plan = asked(
        "lift",
        lambda: plan_test(
            usual,
            lift=request.lift,
            units_per_day=request.people_per_day,
            power=request.power,
            arms=request.versions,
        ),
    )
    return PlanReply(
        people_per_version=plan.units_per_arm,
        people=plan.units_per_arm * request.versions,
        weeks=None if plan.days is None else plan.days // 7,
        power=plan.power,
        sentence=plan.sentence,
    )


def split_traffic(request: TrafficRequest) -> TrafficReply:
    """By which shares the next people should be split between the versions. Raises InvalidInput that names `versions.0.…`."""
    places = [f"versions.{index}" for index in range(len(request.versions))]
    names = _names(request.versions, places)
    _require_one_metric(request.versions, places)
    arms = [_arm(version, place) for version, place in zip(request.versions, places, strict=True)]
    split = asked(
        "least_share",
        lambda: top_two_split(arms, least_share=request.least_share, goal_is_more=request.goal == "more"),
    )
    shares = zip(names, split.chance_best, split.weights, strict=True)
    return TrafficReply(versions=[ArmSplit(name=name, chance_best=best, share=share) for name, best, share in shares])


def read_pause(session: Session, request: PauseRequest, *, currency: str, today: date) -> PauseReply:
    """What a change of a channel's spend did, from the workspace's own history around it."""
    _require_days(request, today=today)
    channel = _channel(session, request.channel, today=today)
    frame = marketing_frame(session, currency=currency, today=today)
    reading = asked(
        "starts_on",
        lambda: analyse_pause(
            frame,
            channel.name,
            starts_on=request.starts_on,
            ends_on=request.ends_on,
            planned_per_day=request.planned_per_day,
        ),
    )
    return _pause_reply(reading, channel, currency)


def complaint(message: str, field: str) -> InvalidInput:
    """A refusal that names one field."""
    return InvalidInput("Some of the numbers cannot be.", message, [FieldError(message, field)])


def asked(field: str, ask: Callable[[], Answer]) -> Answer:
    """The numeric core's answer; its refusal speaks of `field` where an argument is to blame."""
    try:
        return ask()
    except MlError as problem:
        raise _refusal(problem, field) from problem


def _refusal(problem: MlError, field: str) -> AdloomError:
    if not isinstance(problem, BadOption | BadSample):
        return as_product_error(problem)
    message = f"{problem.detail} {problem.hint}".strip()
    return InvalidInput(problem.detail, problem.hint, [FieldError(message, field)])


def _names(versions: list[Version], places: list[str]) -> list[str]:
    names = [version.name.strip() or letter for version, letter in zip(versions, LETTERS, strict=False)]
    for index, name in enumerate(names):
        if name in names[:index]:
            raise complaint("Name every version differently.", f"{places[index]}.name")
    return names


def _require_one_metric(versions: list[Version], places: list[str]) -> None:
    is_share = versions[0].successes is not None
    for version, place in zip(versions, places, strict=True):
        has_mean = version.mean is not None or version.sd is not None
        if version.successes is not None and has_mean:
            raise complaint("Give either successes or an average, not both.", f"{place}.successes")
        if version.successes is None and not has_mean:
            raise complaint("Enter how many of the people succeeded, or an average.", f"{place}.successes")
        if (version.successes is not None) != is_share:
            raise complaint("Count the same thing in every version.", f"{place}.successes")


def _arm(version: Version, place: str) -> Arm:
    if version.people < 2:
        raise complaint("At least 2 people must have seen it.", f"{place}.people")
    successes, mean, sd = version.successes, version.mean, version.sd
    if successes is not None:
        if successes > version.people:
            raise complaint("There are more successes than people. Count everybody once.", f"{place}.successes")
        return asked(f"{place}.successes", lambda: proportion(version.people, successes))
    if mean is None or sd is None:
        missing = "mean" if mean is None else "sd"
        raise complaint("An average needs its standard deviation, and the other way round.", f"{place}.{missing}")
    if place.endswith("control") and mean < 0:
        raise complaint("A change in per cent needs an average above 0.", f"{place}.mean")
    if any(0 < abs(value) < _LEAST_AMOUNT for value in (mean, sd)):
        raise complaint("That is too small a number. Count in a smaller unit.", f"{place}.mean")
    return asked(f"{place}.mean", lambda: Arm.plain(version.people, mean, sd**2))


def _guardrails(request: ReadRequest) -> list[tuple[Guardrail, ...]]:
    """Per variant its guardrails, each beside the control's."""
    found: list[list[Guardrail]] = [[] for _ in request.variants]
    names: set[str] = set()
    for index, one in enumerate(request.guardrails):
        place, name = f"guardrails.{index}", one.name.strip()
        if not name or name in names:
            raise complaint("Name every guardrail, each differently.", f"{place}.name")
        if len(one.variants) != len(request.variants):
            raise complaint("Count it in every version.", f"{place}.variants.{len(one.variants)}.successes")
        names.add(name)
        control = _measured(one.control, request.control, f"{place}.control")
        for number, (told, version) in enumerate(zip(one.variants, request.variants, strict=True)):
            variant = _measured(told, version, f"{place}.variants.{number}")
            found[number].append(_guardrail(one, name, control, variant))
    return [tuple(guards) for guards in found]


def _guardrail(one: GuardrailRequest, name: str, control: Arm, variant: Arm) -> Guardrail:
    return Guardrail(name, control, variant, margin=one.margin, goal=one.goal)


def _measured(told: Measured, version: Version, place: str) -> Arm:
    """The guardrail's arm, under the same rules as the test's own metric."""
    people = version.people if told.people is None else told.people
    alike = Version(people=people, successes=told.successes, mean=told.mean, sd=told.sd)
    _require_one_metric([alike], [place])
    return _arm(alike, place)


def _rules(request: ReadRequest) -> Rules:
    """With a planned size, intervals are narrowest there, and the test ends there."""
    planned, least = request.planned_people, request.smallest_lift
    if planned is None:
        return Rules(goal=request.goal, smallest_lift=least)
    return Rules(goal=request.goal, tuning=float(planned), units_at_end=planned, smallest_lift=least)


def _read_reply(reading: TestReading) -> ReadReply:
    split = reading.sample_ratio
    return ReadReply(
        decision=reading.decision,
        winner=reading.winner,
        sentence=reading.sentence,
        people=reading.units,
        sample_ratio=SplitReply(is_broken=split.broken, p_value=split.sequential_p, expected=list(split.expected)),
        variants=[_variant_reply(one) for one in reading.variants],
    )


def _variant_reply(one: VariantReading) -> VariantReply:
    sure, believed = one.sequential, one.bayesian
    return VariantReply(
        name=one.name,
        is_ready=one.ready,
        effect=sure.effect if sure else None,
        low=sure.low if sure else None,
        high=sure.high if sure else None,
        chance_to_be_better=believed.chance_to_win if believed else None,
        expected_loss=believed.loss_of_variant if believed else None,
        guardrails=[_guardrail_reply(guard) for guard in one.guardrails],
    )


def _guardrail_reply(found: GuardrailReading) -> GuardrailReply:
    is_known = math.isfinite(found.low) and math.isfinite(found.high)
    return GuardrailReply(
        name=found.name,
        change=found.change if is_known else None,
        low=found.low if is_known else None,
        high=found.high if is_known else None,
        margin=found.margin,
        verdict=found.verdict,
    )


def _require_days(request: PauseRequest, *, today: date) -> None:
    if request.ends_on < request.starts_on:
        raise complaint("It ends before it starts.", "ends_on")
    if request.ends_on >= today:
        raise complaint("It has not ended yet. Come back when its last day is over.", "ends_on")
    if (request.ends_on - request.starts_on).days >= _LONGEST_DAYS:
        raise complaint("A pause lasts a year at most.", "ends_on")


def _channel(session: Session, named: str, *, today: date) -> PaidChannel:
    channels = paid_channels(session, today=today, days=_ALL_DAYS)
    found = next((one for one in channels if named in {one.key, one.name}), None)
    if found is None:
        raise complaint("Choose a channel of the list.", "channel")
    return found


def _pause_reply(reading: PauseReading, channel: PaidChannel, currency: str) -> PauseReply:
    return PauseReply(
        channel=reading.channel,
        key=channel.key,
        starts_on=reading.starts_on,
        ends_on=reading.ends_on,
        currency=currency,
        planned_per_day=reading.planned_per_day,
        spend_change=reading.spend_change,
        lost_revenue=reading.lost_revenue,
        lost_low=reading.lost_low,
        lost_high=reading.lost_high,
        roi=reading.roi,
        roi_low=reading.roi_low,
        roi_high=reading.roi_high,
        verdict=reading.verdict,
        sentence=reading.sentence,
    )
