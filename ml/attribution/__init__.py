"""Attribution from touch paths: which channels accompanied a sale, by rules, by a Markov chain and by Shapley values.

`paths_from_touches` (journeys.py) or `paths_from_lists` (paths.py) → `attribute_paths` (run.py) → `reconcile` (reconcile.py)
with the platforms' claims and the mix model. Rules in models.py, markov.py, shapley.py, shapley_lift.py; bootstrap.py.
"""

from ml.attribution.journeys import JourneyOptions, Orders, Refunds, Touches, paths_from_touches
from ml.attribution.paths import TouchPaths, paths_from_lists
from ml.attribution.reconcile import (
    Claim,
    Flag,
    MixCredit,
    ReconciledChannel,
    Reconciliation,
    mix_credits,
    reconcile,
    scale_to_mix,
)
from ml.attribution.result import ModelCredit, PathAttribution
from ml.attribution.run import ALL_MODELS, PathOptions, attribute_paths

__all__ = [
    "ALL_MODELS",
    "Claim",
    "Flag",
    "JourneyOptions",
    "MixCredit",
    "ModelCredit",
    "Orders",
    "PathAttribution",
    "PathOptions",
    "ReconciledChannel",
    "Reconciliation",
    "Refunds",
    "TouchPaths",
    "Touches",
    "attribute_paths",
    "mix_credits",
    "paths_from_lists",
    "paths_from_touches",
    "reconcile",
    "scale_to_mix",
]
