"""Metrics that must not suffer while another one improves: non-inferiority with intervals that stay valid at daily looks."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from ml.errors import BadOption, CannotCompare
from ml.experiments.arms import Arm
from ml.experiments.document import Document, plain
from ml.experiments.effect import effect_of
from ml.experiments.sequential import sequential_reading

Goal: TypeAlias = Literal["more", "less"]
Verdict: TypeAlias = Literal["safe", "harmed", "unclear"]


@dataclass(frozen=True)
class Guardrail:
    """One metric of both arms that may get worse by at most `margin` (relative; 0.02 is 2 %). `goal` says what is better."""

    name: str
    control: Arm
    variant: Arm
    margin: float = 0.02
    goal: Goal = "more"


@dataclass(frozen=True)
class GuardrailReading:
    """The relative change counted so that below 0 is worse, its always-valid interval, and the verdict."""

    name: str
    change: float
    low: float
    high: float
    margin: float
    verdict: Verdict

    def to_dict(self) -> Document:
        return plain(self)


def read_guardrail(guardrail: Guardrail, *, alpha: float = 0.05, tuning: float = 5000.0) -> GuardrailReading:
    """Safe where the interval lies above −margin, harmed where it lies below 0 and the estimate below −margin, else unclear.

    Interval: two-sided confidence sequence at level 1 − alpha, so that each verdict is wrong with at most alpha/2 however often
    one looks. A metric that cannot be compared yet is unclear. Raises `BadOption` for a margin below 0.
    """
    if not guardrail.margin >= 0:
        raise BadOption(f"The margin of {guardrail.name} is {guardrail.margin}.", "Choose 0 or more.")
    try:
        effect = effect_of(guardrail.control, guardrail.variant)
    except CannotCompare:
        return GuardrailReading(guardrail.name, 0.0, float("-inf"), float("inf"), guardrail.margin, "unclear")
    better = effect if guardrail.goal == "more" else effect.flipped()
    reading = sequential_reading(better, alpha=alpha, tuning=tuning)
    verdict: Verdict = "unclear"
    if reading.low > -guardrail.margin:
        verdict = "safe"
    elif reading.high < 0 and reading.effect < -guardrail.margin:
        verdict = "harmed"
    return GuardrailReading(guardrail.name, reading.effect, reading.low, reading.high, guardrail.margin, verdict)
