"""The mix model: how much each channel brought, how sure that is, and where the next budget should go.

`fit_mix` (fit.py) → `MixFit` (results.py) → `optimise_budget` (optimise.py); documents and sentences in report.py.
Inside: design → baseline → media → posterior → mode → sampler → summarise; diagnose.py refuses and grades.
"""

from ml.mix.diagnose import check_data
from ml.mix.fit import MixOptions, fit_mix
from ml.mix.optimise import BudgetPlan, expected_revenue, frontier, optimise_budget
from ml.mix.posterior import LiftTest
from ml.mix.results import ChannelResult, FitQuality, MixFit, ResponseCurve

__all__ = [
    "BudgetPlan",
    "ChannelResult",
    "FitQuality",
    "LiftTest",
    "MixFit",
    "MixOptions",
    "ResponseCurve",
    "check_data",
    "expected_revenue",
    "fit_mix",
    "frontier",
    "optimise_budget",
]
