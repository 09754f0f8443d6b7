"""What an analyst types about the model → settings, and settings → words."""

from collections.abc import Mapping
from datetime import date

import msgspec

from app.mix.schemas import SEED, AttributionRequest, Delay, ModelOptions
from kit.errors import FieldError, InvalidInput
from kit.format import day, day_range, multiple

DELAYS = (
    (Delay.LEARNT.value, "Learnt from the data"),
    (Delay.AT_ONCE.value, "Strongest at once"),
    (Delay.LATER.value, "Strongest some days later"),
)
# Field, its name, its hint, and the least and the most that may be entered.
NUMBERS: tuple[tuple[str, str, str, float, float], ...] = (
    ("typical_return", "Typical return", "Revenue per unit of spend that you expect of a channel before looking. Calibrated: 1.2.", 1e-6, 1e6),
    ("return_spread", "How far returns may differ", "Standard deviation of the logarithm of that return. Calibrated: 0.5.", 0.05, 3),
    ("typical_lag_days", "Typical delay, days", "Mean days between spend and effect. Calibrated: 2.5.", 0.1, 45),
    ("half_level", "Half of the ceiling at", "Times a channel's usual spend. Calibrated: 1.35.", 0.05, 20),
    ("slope", "Steepness of the curve", "Above 1 small budgets bring little, then more. Calibrated: 1.1.", 0.3, 5),
)  # fmt: skip


def model_request(form: Mapping[str, str]) -> AttributionRequest:
    """The run that the form asks for. Raises InvalidInput that names every field that is wrong."""
    problems: list[FieldError] = []
    numbers = {name: _number(form, name, least, most, problems) for name, _, _, least, most in NUMBERS}
    since, until = (_day(form, name, problems) for name in ("since", "until"))
    if since and until and until < since:
        problems.append(FieldError("It ends before it starts.", "until"))
    country = form.get("holidays", "").strip().upper()
    if country and not (len(country) == 2 and country.isalpha() and country.isascii()):
        problems.append(FieldError("Write a country's two letters, such as US or DE.", "holidays"))
    seed = _number(form, "seed", 0, 2**31 - 1, problems)
    if problems:
        raise InvalidInput(
            "Some settings need a correction.", "Correct them, and run the model again.", errors=problems
        )
    return AttributionRequest(
        since=since,
        until=until,
        model=ModelOptions(
            **numbers,
            delay=Delay(form["delay"]) if form.get("delay") in set(Delay) else Delay.LEARNT,
            holidays=country,
            with_events=form.get("with_events") == "1",
            with_lift_tests=form.get("with_lift_tests") == "1",
            seed=SEED if seed is None else int(seed),
        ),
    )


def form_values(asked: AttributionRequest | None) -> dict[str, str]:
    """What the form shows of a run that was asked for; the calibrated settings without one."""
    options = (asked.model if asked else None) or ModelOptions()
    told = msgspec.to_builtins(options)
    values = {name: f"{told[name]:g}" for name, *_ in NUMBERS if told[name] is not None}
    values |= {"delay": options.delay.value, "holidays": options.holidays, "seed": str(options.seed)}
    values |= {name: "1" for name in ("with_events", "with_lift_tests") if told[name]}
    if asked:
        values |= {name: on.isoformat() for name, on in (("since", asked.since), ("until", asked.until)) if on}
    return values


def in_words(asked: AttributionRequest) -> str:
    """What a run set differently from the calibrated model."""
    options, usual = asked.model or ModelOptions(), ModelOptions()
    parts = []
    if asked.since or asked.until:
        parts.append(_days(asked.since, asked.until))
    if options.typical_return is not None:
        parts.append(f"return {multiple(options.typical_return)}")
    if options.return_spread is not None:
        parts.append(f"spread {options.return_spread:g}")
    if options.typical_lag_days is not None:
        parts.append(f"delay {options.typical_lag_days:g} days")
    if options.half_level is not None:
        parts.append(f"half at {options.half_level:g}×")
    if options.slope is not None:
        parts.append(f"steepness {options.slope:g}")
    if options.delay is not usual.delay:
        parts.append("strongest at once" if options.delay is Delay.AT_ONCE else "strongest later")
    if options.holidays:
        parts.append(f"holidays of {options.holidays}")
    parts += [] if options.with_events else ["without events"]
    parts += [] if options.with_lift_tests else ["without lift tests"]
    parts += [] if options.seed == usual.seed else [f"seed {options.seed}"]
    return ", ".join(parts) or "calibrated settings"


def _days(since: date | None, until: date | None) -> str:
    if since and until:
        return day_range(since, until)
    return f"from {day(since)}" if since else f"to {day(until)}"


def _number(form: Mapping[str, str], name: str, least: float, most: float, problems: list[FieldError]) -> float | None:
    typed = form.get(name, "").strip().replace(",", ".")
    if not typed:
        return None
    try:
        value = float(typed)
    except ValueError:
        value = float("nan")
    if not least <= value <= most:
        problems.append(FieldError(f"Enter a number from {least:g} to {most:g}, or leave it empty.", name))
        return None
    return value


def _day(form: Mapping[str, str], name: str, problems: list[FieldError]) -> date | None:
    typed = form.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError:
        problems.append(FieldError("Enter a day such as 2026-11-21.", name))
        return None
