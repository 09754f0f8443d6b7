"""Experiments: whether a variant beats the control, when to stop, and what pausing a channel or a region really cost.

Start at `arms.py` (what was counted), then `read_test` (decide.py): all read-outs, guardrails and a decision with its sentence.
`analyse_pause` (pause.py) and `analyse_regions` (regions.py) read lift tests. Planning is in power.py, traffic in bandit.py.
"""

from ml.experiments.arms import Arm, cuped, mean, mean_of, proportion, quantile_of, ratio, ratio_of, stratified
from ml.experiments.bandit import Split, top_two_split
from ml.experiments.bayesian import BayesianReading, Belief, bayesian_reading
from ml.experiments.correction import benjamini_hochberg, holm
from ml.experiments.decide import Rules, TestReading, Variant, read_test
from ml.experiments.effect import Effect, effect_of
from ml.experiments.fixed import FixedReading, fixed_reading
from ml.experiments.guardrail import Guardrail, GuardrailReading, read_guardrail
from ml.experiments.pause import PauseReading, analyse_pause
from ml.experiments.power import Plan, chance_to_finish, detectable_lift, plan_test, power_of, units_needed
from ml.experiments.regions import RegionReading, analyse_regions
from ml.experiments.sample_ratio import SampleRatio, check_sample_ratio
from ml.experiments.sequential import SequentialReading, sequential_reading

__all__ = [
    "Arm",
    "BayesianReading",
    "Belief",
    "Effect",
    "FixedReading",
    "Guardrail",
    "GuardrailReading",
    "PauseReading",
    "Plan",
    "RegionReading",
    "Rules",
    "SampleRatio",
    "SequentialReading",
    "Split",
    "TestReading",
    "Variant",
    "analyse_pause",
    "analyse_regions",
    "bayesian_reading",
    "benjamini_hochberg",
    "chance_to_finish",
    "check_sample_ratio",
    "cuped",
    "detectable_lift",
    "effect_of",
    "fixed_reading",
    "holm",
    "mean",
    "mean_of",
    "plan_test",
    "power_of",
    "proportion",
    "quantile_of",
    "ratio",
    "ratio_of",
    "read_guardrail",
    "read_test",
    "sequential_reading",
    "stratified",
    "top_two_split",
    "units_needed",
]
