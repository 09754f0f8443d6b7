"""The whole reading of a test: every variant in three read-outs, guardrails, split, and one decision with its sentence.

The winner rule never looks at fixed-size p-values: it needs the always-valid interval *and* a small expected loss.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

from ml.errors import BadOption, CannotCompare
from ml.experiments.arms import Arm
from ml.experiments.bayesian import BayesianReading, Belief, bayesian_reading
from ml.experiments.correction import benjamini_hochberg, holm
from ml.experiments.document import Document, plain
from ml.experiments.domain import check_alpha
from ml.experiments.effect import Effect, effect_of
from ml.experiments.fixed import FixedReading, fixed_reading
from ml.experiments.guardrail import Goal, Guardrail, GuardrailReading, read_guardrail
from ml.experiments.sample_ratio import SampleRatio, check_sample_ratio
from ml.experiments.sequential import SequentialReading, sequential_reading
from ml.experiments.wording import sentence_of

Decision: TypeAlias = Literal["ship", "keep", "go_on", "stopped_by_guardrail", "broken_sample_ratio"]
LARGEST_RELATIVE_ERROR = 0.2  # before the mean of an arm is known to ± 20 %, its error is not yet near normal


@dataclass(frozen=True)
class Rules:
    """How a test is read. They are fixed before it starts.

    `alpha` bounds false alarms over all looks and variants; `tuning` is about the planned number of people (all arms);
    `largest_loss` the expected relative loss at which a winner is declared; a `smallest_lift` that would matter lets a test end
    early when no variant can reach it; `units_at_end` ends it without a winner. `goal` says what is better.
    """

    alpha: float = 0.05
    tuning: float = 5000.0
    largest_loss: float = 0.0025
    least_units: int = 100
    smallest_lift: float | None = None
    units_at_end: int | None = None
    goal: Goal = "more"
    belief: Belief | None = None
    relative: bool = True

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        if not self.largest_loss > 0:
            raise BadOption("The largest loss must be above 0.", "Choose about 0.25 %.")
        if self.smallest_lift is not None and not self.smallest_lift > 0:
            raise BadOption("The smallest lift that matters must be above 0.", "Leave it out, or choose about 1 %.")


@dataclass(frozen=True)
class Variant:
    """One version beside the control, with its guardrail metrics."""

    name: str
    arm: Arm
    guardrails: tuple[Guardrail, ...] = ()


@dataclass(frozen=True)
class VariantReading:
    """One variant against the control; effects are counted so that above 0 is better. p-values are corrected over variants:
    `sequential_p` and `fixed_p` by Holm, `discovery_p` (fixed) by Benjamini–Hochberg. None where it is too early."""

    name: str
    ready: bool
    fixed: FixedReading | None
    sequential: SequentialReading | None
    bayesian: BayesianReading | None
    sequential_p: float
    fixed_p: float
    discovery_p: float
    guardrails: tuple[GuardrailReading, ...]


@dataclass(frozen=True)
class TestReading:
    """What a test says today. `winner` names the version to use where the decision is ship."""

    __test__ = False  # not a test case, whatever its name suggests to pytest

    decision: Decision
    winner: str | None
    sentence: str
    variants: tuple[VariantReading, ...]
    sample_ratio: SampleRatio
    units: int

    def to_dict(self) -> Document:
        return plain(self)


def read_test(
    control: Arm,
    variants: Sequence[Variant],
    *,
    rules: Rules | None = None,
    weights: Sequence[float] | None = None,
    control_name: str = "A",
) -> TestReading:
    """Read a test of k variants against `control`, as often as wanted. `weights` is the planned split, control first.

    broken_sample_ratio: the split differs from the plan (always-valid p < 1 %). stopped_by_guardrail: every variant harms a
    guardrail. ship: a variant whose always-valid interval at 1 − alpha/k lies above 0, whose expected loss is at most
    `largest_loss` and whose guardrails are safe. keep: every variant is worse, or cannot reach `smallest_lift`, or the planned size
    is reached. Otherwise go_on. By the union bound over k always-valid intervals, P(ever ship or keep by mistake) ≤ alpha
    asymptotically; the smallest sample keeps early looks from spoiling that (measured: benchmarks/ml_experiments.py).

    Raises `BadOption` for no variant, a repeated name, or a split that does not fit.
    """
    chosen = rules or Rules()
    _check_names(control_name, variants)
    units = [control.n, *(variant.arm.n for variant in variants)]
    split = check_sample_ratio(units, weights if weights is not None else [1.0] * len(units))
    readings = _corrected([_read(control, variant, chosen, len(variants)) for variant in variants])
    decision, winner = _decide(readings, chosen, split, sum(units))
    sentence = sentence_of(decision, winner, readings, split, control_name=control_name, relative=chosen.relative)
    return TestReading(decision, winner, sentence, readings, split, sum(units))


def _read(control: Arm, variant: Variant, rules: Rules, variants: int) -> VariantReading:
    guardrails = tuple(
        read_guardrail(guardrail, alpha=rules.alpha / variants, tuning=rules.tuning) for guardrail in variant.guardrails
    )
    try:
        effect = effect_of(control, variant.arm, relative=rules.relative)
    except CannotCompare:
        return VariantReading(variant.name, False, None, None, None, 1.0, 1.0, 1.0, guardrails)
    better = effect if rules.goal == "more" else effect.flipped()
    fixed, sequential, bayesian = _readouts(better, rules, variants)
    ready = _is_ready(control, rules) and _is_ready(variant.arm, rules)
    p_value = fixed.p_value
    return VariantReading(
        variant.name, ready, fixed, sequential, bayesian, sequential.p_value, p_value, p_value, guardrails
    )


def _readouts(effect: Effect, rules: Rules, variants: int) -> tuple[FixedReading, SequentialReading, BayesianReading]:
    alpha = rules.alpha / variants
    return (
        fixed_reading(effect, alpha=alpha),
        sequential_reading(effect, alpha=alpha, tuning=rules.tuning),
        bayesian_reading(effect, belief=rules.belief, alpha=rules.alpha),
    )


def _is_ready(arm: Arm, rules: Rules) -> bool:
    if arm.n < rules.least_units:
        return False
    return not rules.relative or arm.mean_variance <= (LARGEST_RELATIVE_ERROR * arm.base) ** 2


def _corrected(readings: Sequence[VariantReading]) -> tuple[VariantReading, ...]:
    sequential = holm([reading.sequential_p for reading in readings])
    fixed = holm([reading.fixed_p for reading in readings])
    discoveries = benjamini_hochberg([reading.fixed_p for reading in readings])
    return tuple(
        replace(reading, sequential_p=sequential[index], fixed_p=fixed[index], discovery_p=discoveries[index])
        for index, reading in enumerate(readings)
    )


def _decide(
    readings: Sequence[VariantReading], rules: Rules, split: SampleRatio, units: int
) -> tuple[Decision, str | None]:
    if split.broken:
        return "broken_sample_ratio", None
    unharmed = [reading for reading in readings if not _harms(reading)]
    if not unharmed:
        return "stopped_by_guardrail", None
    winners = [reading for reading in unharmed if _wins(reading, rules)]
    if winners:
        return "ship", max(winners, key=_estimate).name
    ended = rules.units_at_end is not None and units >= rules.units_at_end
    if ended or all(_is_hopeless(reading, rules) for reading in unharmed):
        return "keep", None
    return "go_on", None


def _harms(reading: VariantReading) -> bool:
    return any(guardrail.verdict == "harmed" for guardrail in reading.guardrails)


def _wins(reading: VariantReading, rules: Rules) -> bool:
    if not reading.ready or reading.sequential is None or reading.bayesian is None:
        return False
    safe = all(guardrail.verdict == "safe" for guardrail in reading.guardrails)
    return safe and reading.sequential.low > 0 and reading.bayesian.loss_of_variant <= rules.largest_loss


def _is_hopeless(reading: VariantReading, rules: Rules) -> bool:
    if not reading.ready or reading.sequential is None:
        return False
    return reading.sequential.high < (rules.smallest_lift or 0.0)


def _estimate(reading: VariantReading) -> float:
    return reading.bayesian.effect if reading.bayesian else 0.0


def _check_names(control_name: str, variants: Sequence[Variant]) -> None:
    names = [control_name, *(variant.name for variant in variants)]
    if len(names) < 2:
        raise BadOption("A test of one version compares nothing.", "Add a second version.")
    if len(set(names)) < len(names):
        raise BadOption("Two versions have the same name.", "Name every version differently.")
