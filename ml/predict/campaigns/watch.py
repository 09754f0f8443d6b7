"""Does a model still fit its campaigns? Their features against those it was trained on, and what came against what it promised."""

import numpy as np

from ml.predict.campaigns.features import FEATURES, LEAST_DAYS, examples_at
from ml.predict.campaigns.history import CampaignHistory
from ml.predict.campaigns.methods import STEP_DAYS
from ml.predict.campaigns.model import CampaignModel, Outcome
from ml.predict.campaigns.train import known_outcome, reference_rows
from ml.predict.drift import DriftReport, check_drift

# The plan and the calendar are no campaign's own, all campaigns grow older, and a platform's rate is one number for many of them:
# none of these says that campaigns have changed.
NOT_COMPARED = ("planned_spend", "season_last_year", "age", "platform", "objective")
HORIZON = 7
WEEKS = 8


def model_drift(model: CampaignModel, history: CampaignHistory) -> DriftReport:
    """Compare the last eight weeks of `history` with what the model learnt from.

    Features: the stability index of each, over the campaigns that run now. Promises: outcomes of weeks that began after the
    model's last day, against its 80 % ranges as it was (no plan known); with fewer than 20 campaigns and no such week the answer
    is that it cannot be told. Raises `BadFrame` for a model of other features.
    """
    outcome: Outcome = "conversions" if "conversions" in model.spreads else "value"
    known = known_outcome(history, outcome, model.spreads[outcome])
    kept = [index for index, name in enumerate(FEATURES) if name not in NOT_COMPARED]
    names = tuple(FEATURES[index] for index in kept)
    rows = reference_rows(known)[:, kept]
    reference = type(model.reference)(
        {name: model.reference.features[name] for name in names}, model.reference.subjects
    )
    running = int((history.spend[-STEP_DAYS:].sum(0) > 0).sum())
    inside = _inside(model, history, outcome)
    return check_drift(reference, names, rows, subjects=running, inside=inside, apart=len(inside))


def _inside(model: CampaignModel, history: CampaignHistory, outcome: Outcome) -> np.ndarray:
    """Whether each campaign's outcome of each whole week since the model was trained lay within its range."""
    first = int((np.datetime64(model.trained_until) - history.dates[0]).astype(int)) + 1
    days = np.arange(max(first, LEAST_DAYS), history.days - HORIZON + 1, HORIZON)[-WEEKS:]
    predictor = model.predictors.get((outcome, HORIZON))
    if predictor is None or not len(days):
        return np.zeros(0, bool)
    known = known_outcome(history, outcome, model.spreads[outcome])
    examples = examples_at(known, days, horizon_days=HORIZON)
    if outcome == "value":
        examples = examples.taken(examples.spend > 0)
    spend = examples.spend if outcome == "value" else predictor.learnt.assumed_spend(examples)
    method = predictor.calibrations["as_it_was"].method
    said = predictor.learnt.expected(examples, method, spend=spend, planned=None)
    around = predictor.bands["as_it_was"].around(said, 0)
    if around is None:
        return np.zeros(0, bool)
    inside: np.ndarray = (around[0] <= examples.outcome) & (examples.outcome <= around[1])
    return inside
