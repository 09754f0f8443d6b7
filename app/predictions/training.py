"""Learning from campaigns: a new version for the registry, a look at the one that runs, and predictions of the next days."""

from collections.abc import Callable
from datetime import date
from statistics import geometric_mean
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.predictions.campaign_numbers import Source, new_predictions
from app.predictions.campaign_queries import LearntFrom, campaigns_history
from app.predictions.errors import PredictionRefused, as_product_error
from app.predictions.models import ModelVersion
from app.predictions.queries import active_model
from app.predictions.registry import Candidate, Trained, decide, register
from app.predictions.schemas import ModelKind
from app.predictions.service import record_all
from kit.clock import utc_now
from ml.errors import MlError
from ml.predict.campaigns import CampaignModel, model_drift, predict_campaigns
from ml.predict.campaigns import train_campaigns as fit_campaigns
from ml.predict.drift import DriftReport

SEED = 20_260_101
Progress = Callable[[float, str], None]


def train_campaigns(
    session: Session, *, currency: str, today: date, job_id: UUID | None, progress: Progress
) -> Trained:
    """Train on today's data and predict the campaigns' next days with whichever version is better.

    Too little data is an outcome, not a failure: the version that runs stays, and the reason is told.
    """
    progress(0.05, "Reading your campaigns' days")
    version = data_version(session)
    try:
        learnt_from = campaigns_history(session, currency=currency, today=today)
        progress(0.3, "Learning from them")
        model = fit_campaigns(learnt_from.history, seed=SEED)
    except MlError as refusal:
        return Trained(None, "refused", str(as_product_error(refusal)))
    except PredictionRefused as refusal:
        return Trained(None, "refused", str(refusal))
    progress(0.8, "Comparing it with the one that runs")
    running = active_model(session, kind=ModelKind.CAMPAIGNS)
    drift = _check(running, learnt_from)
    row = _registered(session, model, currency=currency, data_version=version, job_id=job_id)
    _decide(session, row, running, drift, today=today, currency=currency)
    in_use = row if row.state == "active" else running
    progress(0.9, "Predicting the next days")
    written = _predict_all(session, in_use, learnt_from, currency=currency, data_version=version, job_id=job_id)
    return Trained(row.version, row.state, row.reason, written)


def opened(row: ModelVersion) -> CampaignModel:
    """The model that a version holds. Raises PredictionRefused for one that this release cannot read any more."""
    try:
        return CampaignModel.from_dict(row.document)
    except MlError as problem:
        raise as_product_error(problem) from problem


def _check(running: ModelVersion | None, learnt_from: LearntFrom) -> DriftReport | None:
    """Whether the running model still fits, kept beside it."""
    if running is None:
        return None
    try:
        report = model_drift(opened(running), learnt_from.history)
    except (MlError, PredictionRefused):
        return None
    running.drift, running.drift_checked_at = report.to_dict(), utc_now()
    return report


def _registered(
    session: Session, model: CampaignModel, *, currency: str, data_version: int, job_id: UUID | None
) -> ModelVersion:
    new = Candidate(
        kind=ModelKind.CAMPAIGNS,
        document=model.to_dict(),
        features=tuple(model.features),
        metrics=model.metrics(),
        since=model.trained_since,
        until=model.trained_until,
    )
    return register(session, new, currency=currency, data_version=data_version, job_id=job_id)


def _decide(
    session: Session,
    row: ModelVersion,
    running: ModelVersion | None,
    drift: DriftReport | None,
    *,
    today: date,
    currency: str,
) -> None:
    ratio = None if running is None else _error_ratio(row.metrics, running.metrics)
    decide(session, row, running, drift, ratio=ratio, today=today, currency=currency)


def _error_ratio(new: dict[str, Any], old: dict[str, Any]) -> float | None:
    """New over old error on days kept back, geometric mean over what both predict."""
    pairs = [(_error(new[name]), _error(old[name])) for name in new if name in old]
    ratios = [ours / theirs for ours, theirs in pairs if ours > 0 and theirs > 0]
    return geometric_mean(ratios) if ratios else None


def _error(metrics: dict[str, Any]) -> float:
    return float(metrics["errors"][metrics["method"]])


def _predict_all(
    session: Session,
    row: ModelVersion | None,
    learnt_from: LearntFrom,
    *,
    currency: str,
    data_version: int,
    job_id: UUID | None,
) -> int:
    """Write down what every running campaign is expected to bring over each horizon that the model knows."""
    if row is None or row.currency != currency:
        return 0
    model, written = opened(row), 0
    for horizon in sorted({horizon for _, horizon in model.predictors}):
        found = predict_campaigns(model, learnt_from.history, horizon_days=horizon)
        source = Source(learnt_from.next_day, learnt_from.names, row.version, data_version, job_id=job_id)
        written += record_all(session, new_predictions(found, source))
    return written
