"""A test's reading in plain words: what is better, how sure that is, what a mistake would cost, and what to do."""

from collections.abc import Sequence
from typing import Protocol

from ml.experiments.bayesian import BayesianReading
from ml.experiments.guardrail import GuardrailReading
from ml.experiments.sample_ratio import SampleRatio


class Read(Protocol):
    """The parts of a variant's reading that sentences speak of."""

    @property
    def name(self) -> str: ...
    @property
    def ready(self) -> bool: ...
    @property
    def bayesian(self) -> BayesianReading | None: ...
    @property
    def guardrails(self) -> tuple[GuardrailReading, ...]: ...


def sentence_of(
    decision: str,
    winner: str | None,
    readings: Sequence[Read],
    split: SampleRatio,
    *,
    control_name: str,
    relative: bool,
) -> str:
    """One or two sentences for a decision of `decide.py`."""
    best = _best(readings, winner)
    if decision == "broken_sample_ratio":
        return _broken(split)
    if decision == "stopped_by_guardrail":
        return _harmed(readings)
    if best is None or best.bayesian is None:
        return "It is too early to compare the versions. Let the test run on."
    said = belief_sentence(best.name, best.bayesian, relative=relative)
    if decision == "ship":
        return f"{said} Use {best.name}."
    if decision == "keep":
        return f"{said} That is not enough for a change: keep {control_name}."
    return f"{said} {_still_open(best)}"


def belief_sentence(name: str, reading: BayesianReading, *, relative: bool) -> str:
    """Chance to win and the cost of a mistake, such as “B is better with a probability of 99.0 %; choosing it wrongly
    would cost about 0.02 %.”"""
    cost = _percent(reading.loss_of_variant, 2) if relative else f"{reading.loss_of_variant:.4g} per person"
    cost = cost if cost.startswith("less") else f"about {cost}"
    return (
        f"{name} is better with a probability of {_chance(reading.chance_to_win)}; "
        f"choosing it wrongly would cost {cost}."
    )


def _chance(chance: float) -> str:
    if chance > 0.999:
        return "more than 99.9 %"
    return "less than 0.1 %" if chance < 0.001 else _percent(chance, 1)


def _percent(share: float, digits: int) -> str:
    least = 10.0 ** -(digits + 2)
    if 0 < share < least / 2:
        return f"less than {least * 100:.{digits}f} %"
    return f"{share * 100:.{digits}f} %"


def _broken(split: SampleRatio) -> str:
    planned = " : ".join(f"{units:,.0f}" for units in split.expected)
    return (
        f"People were not split as planned (the plan was {planned}), so nothing that this test says can be trusted. "
        "Find out what loses people in one version, then start again."
    )


def _harmed(readings: Sequence[Read]) -> str:
    found = [
        (reading.name, guardrail)
        for reading in readings
        for guardrail in reading.guardrails
        if guardrail.verdict == "harmed"
    ]
    name, guardrail = min(found, key=lambda pair: pair[1].change)
    worse = _percent(abs(guardrail.change), 1)
    return f"{name} makes {guardrail.name} worse by about {worse}, more than you allow. Stop the test."


def _still_open(best: Read) -> str:
    waiting = [guardrail.name for guardrail in best.guardrails if guardrail.verdict == "unclear"]
    if not best.ready:
        return "It is too early to rely on that. Let the test run on."
    if waiting:
        return f"Let the test run on: it must still show that it does no harm to {', '.join(waiting)}."
    return "Let the test run on: a difference this size may still be chance."


def _best(readings: Sequence[Read], winner: str | None) -> Read | None:
    named = [reading for reading in readings if reading.name == winner]
    known = [reading for reading in readings if reading.bayesian is not None]
    ranked = named or sorted(known, key=lambda reading: reading.bayesian.effect if reading.bayesian else 0.0)
    return ranked[-1] if ranked else None
