"""The mix model: how much each channel brought, how sure that is, and where the next budget should go.

`preview_mix` (preview.py) at once, `fit_mix` (fit.py) → `MixFit` (results.py) → `optimise_budget` (optimise.py); documents and sentences in report.py.
Inside: design → baseline → media → posterior → mode → sampler → summarise; diagnose.py refuses and grades; health.py looks at a fit
from outside; lift.py takes in experiments; refresh.py keeps later fits steady.
"""

from ml.mix.diagnose import check_data
from ml.mix.experiment import ExperimentPlan, NextExperiment, next_experiment
from ml.mix.fit import MixOptions, fit_mix
from ml.mix.goals import MostProfit, MostRevenue, TargetRoas
from ml.mix.health import diagnose_fit
from ml.mix.lift import LiftTest, LiftWindow
from ml.mix.limits import GroupCap
from ml.mix.optimise import BudgetPlan, expected_revenue, frontier, optimise_budget
from ml.mix.preview import preview_mix
from ml.mix.results import ChannelResult, Check, FitQuality, MixFit, ResponseCurve
from ml.mix.rollout import RolloutStep, roll_out
from ml.mix.scenarios import ScenarioValue, compare_scenarios

__all__ = [
    "BudgetPlan",
    "ChannelResult",
    "Check",
    "ExperimentPlan",
    "FitQuality",
    "GroupCap",
    "LiftTest",
    "LiftWindow",
    "MixFit",
    "MixOptions",
    "MostProfit",
    "MostRevenue",
    "NextExperiment",
    "ResponseCurve",
    "RolloutStep",
    "ScenarioValue",
    "TargetRoas",
    "check_data",
    "compare_scenarios",
    "diagnose_fit",
    "expected_revenue",
    "fit_mix",
    "frontier",
    "next_experiment",
    "optimise_budget",
    "preview_mix",
    "roll_out",
]
