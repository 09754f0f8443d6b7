"""What was typed into the three forms, as requests; fields carry the requests' own names (`variants.0.people`)."""

import re
from collections.abc import Mapping
from datetime import date

from app.experiments.schemas import (
    MOST_PEOPLE,
    MOST_VARIANTS,
    Goal,
    GuardrailRequest,
    Measured,
    PauseRequest,
    PlanRequest,
    ReadRequest,
    Version,
)
from app.experiments.service import complaint

Typed = Mapping[str, str]
_COUNT = re.compile(r"\d+|\d{1,3}([.,'’ ]\d{3})+")
FORM_GUARDRAILS = 2
_COUNTED = ("people", "successes", "mean", "sd")
_MOST = 1e12
_NUMBER = "Enter a number such as 1200 or 2.5."


def read_request(data: Typed) -> ReadRequest:
    """A test; rows after the last one with a number in it are not part of it."""
    rows = [f"variants.{index}" for index in range(MOST_VARIANTS)]
    filled = [
        index for index, row in enumerate(rows) if any(data.get(f"{row}.{what}", "").strip() for what in _COUNTED)
    ]
    variants = [_version(data, row) for row in rows[: max(filled, default=0) + 1]]
    return ReadRequest(
        control=_version(data, "control"),
        variants=variants,
        planned_people=_count(data, "planned_people", least=2),
        goal=_goal(data, "goal"),
        smallest_lift=_smallest_lift(data),
        guardrails=[
            _guardrail(data, f"guardrails.{index}", variants=len(variants))
            for index in range(FORM_GUARDRAILS)
            if _is_guarded(data, f"guardrails.{index}")
        ],
    )


def plan_request(data: Typed) -> PlanRequest:
    """A plan; rates and changes are typed in per cent."""
    baseline = _required(_percent(data, "baseline"), "Enter the share of people who succeed today.", "baseline")
    if not 0 < baseline < 1:
        raise complaint("Enter a share between 0 and 100 %.", "baseline")
    lift = _required(_percent(data, "lift"), "Enter the change that you want to be able to see.", "lift")
    if not -1 < lift <= 100:
        raise complaint("Enter a change above −100 %.", "lift")
    return PlanRequest(
        baseline=baseline,
        lift=lift,
        people_per_day=_count(data, "people_per_day", least=1),
        versions=_versions(data),
    )


def pause_request(data: Typed) -> PauseRequest:
    """A pause."""
    planned = _number(data, "planned_per_day")
    if planned is not None and planned < 0:
        raise complaint("Enter 0 or more.", "planned_per_day")
    return PauseRequest(
        channel=data.get("channel", ""),
        starts_on=_day(data, "starts_on"),
        ends_on=_day(data, "ends_on"),
        planned_per_day=planned,
    )


def _goal(data: Typed, field: str) -> Goal:
    return "less" if data.get(field) == "less" else "more"


def _smallest_lift(data: Typed) -> float | None:
    """The change that would matter, typed in per cent."""
    lift = _percent(data, "smallest_lift")
    if lift is not None and not 1e-6 <= lift <= 100:
        raise complaint("Enter a change above 0 %.", "smallest_lift")
    return lift


def _is_guarded(data: Typed, row: str) -> bool:
    """True where somebody began to fill in a guardrail."""
    counted = (f"{row}.control.successes", *(f"{row}.variants.{index}.successes" for index in range(MOST_VARIANTS)))
    return any(data.get(field, "").strip() for field in (f"{row}.name", *counted))


def _guardrail(data: Typed, row: str, *, variants: int) -> GuardrailRequest:
    name, margin = data.get(f"{row}.name", "").strip()[:60], _percent(data, f"{row}.margin")
    if not name:
        raise complaint("Name what must not suffer.", f"{row}.name")
    if margin is not None and not 0 <= margin <= 1:
        raise complaint("Enter a share from 0 to 100 %.", f"{row}.margin")
    return GuardrailRequest(
        name=name,
        control=_measured(data, f"{row}.control"),
        variants=[_measured(data, f"{row}.variants.{index}") for index in range(variants)],
        margin=0.02 if margin is None else margin,
        goal=_goal(data, f"{row}.goal"),
    )


def _measured(data: Typed, place: str) -> Measured:
    counted = _count(data, f"{place}.successes", least=0)
    return Measured(successes=int(_required(counted, "Count it in every version.", f"{place}.successes")))


def _version(data: Typed, row: str) -> Version:
    people = _count(data, f"{row}.people", least=0)
    spread = _number(data, f"{row}.sd")
    weight = _number(data, f"{row}.weight")
    if spread is not None and spread < 0:
        raise complaint("Enter 0 or more.", f"{row}.sd")
    if weight is not None and not 1e-6 <= weight <= 1e6:
        raise complaint("Enter a number above 0.", f"{row}.weight")
    return Version(
        people=int(_required(people, "Enter how many people saw it.", f"{row}.people")),
        successes=_count(data, f"{row}.successes", least=0),
        mean=_number(data, f"{row}.mean"),
        sd=spread,
        name=data.get(f"{row}.name", "").strip()[:60],
        weight=1.0 if weight is None else weight,
    )


def _versions(data: Typed) -> int:
    versions = _count(data, "versions", least=2)
    if versions is not None and versions > MOST_VARIANTS + 1:
        raise complaint(f"A test has {MOST_VARIANTS + 1} versions at most.", "versions")
    return versions or 2


def _required(value: float | None, message: str, field: str) -> float:
    if value is None:
        raise complaint(message, field)
    return value


def _count(data: Typed, field: str, *, least: int) -> int | None:
    """A whole number, with or without marks between thousands."""
    typed = data.get(field, "").strip().replace("\u00a0", " ")
    if not typed:
        return None
    if not _COUNT.fullmatch(typed) or len(typed) > 20:
        raise complaint("Enter a whole number such as 1200.", field)
    value = int(re.sub(r"\D", "", typed))
    if not least <= value <= MOST_PEOPLE:
        raise complaint(f"Enter a whole number from {least} on.", field)
    return value


def _percent(data: Typed, field: str) -> float | None:
    value = _number({field: data.get(field, "").replace("%", "")}, field)
    return None if value is None else value / 100


def _number(data: Typed, field: str) -> float | None:
    typed = data.get(field, "").strip().replace("\u00a0", "").replace(" ", "").replace("−", "-")
    if not typed:
        return None
    try:
        value = float(typed.replace(",", ".") if typed.count(",") == 1 and "." not in typed else typed.replace(",", ""))
    except ValueError:
        raise complaint(_NUMBER, field) from None
    if not -_MOST <= value <= _MOST:
        raise complaint(_NUMBER, field)
    return value


def _day(data: Typed, field: str) -> date:
    try:
        return date.fromisoformat(data.get(field, ""))
    except ValueError:
        raise complaint("Enter a day such as 2026-11-21.", field) from None
