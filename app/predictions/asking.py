"""One campaign's next days, asked for by somebody: predicted by the model that runs, written down, and told with its record."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.campaigns.detail import campaign_by_id
from app.campaigns.facts import data_version
from app.campaigns.platform_models import Campaign
from app.predictions.campaign_numbers import Source, new_prediction
from app.predictions.campaign_queries import LearntFrom, campaigns_history, rate_of
from app.predictions.errors import PredictionRefused, as_product_error
from app.predictions.models import ModelVersion, Prediction
from app.predictions.queries import active_model
from app.predictions.schemas import Kind, ModelKind, PredictReply, PredictRequest, RegisteredModel
from app.predictions.service import record, track_record
from app.predictions.training import opened
from app.predictions.wording import campaign_sentence
from kit.money import MICROS
from ml.errors import MlError
from ml.predict.campaigns import CampaignPrediction, Estimate, predict_campaign

NO_MODEL = "Nothing has been learnt from your campaigns yet."
WHEN_LEARNT = "It is tried each Monday, from about eight weeks of campaign days on, with 30 conversions or more on the last of them."


@dataclass(frozen=True)
class Asked:
    """Who asks in which workspace, and when."""

    currency: str
    today: date
    actor_id: UUID | None


def predict(session: Session, *, kind: Kind, request: PredictRequest, asked: Asked) -> PredictReply:
    """What the campaign will bring. Raises NotFound, and PredictionRefused with what is missing and what would help."""
    campaign = campaign_by_id(session, request.campaign_id)
    row = running_model(session, currency=asked.currency)
    learnt_from = campaigns_history(session, currency=asked.currency, today=asked.today, also=campaign.id)
    worth = rate_of(session, campaign.currency, currency=asked.currency, day=asked.today)
    found = _found(row, learnt_from, campaign, request, worth)
    estimate = _estimate(found, kind)
    source = Source(
        learnt_from.next_day,
        {str(campaign.id): campaign.name},
        row.version,
        data_version(session),
        made_by=asked.actor_id,
        worth=worth,
    )
    written = record(session, new_prediction(found, estimate, kind, source))
    return _reply(session, campaign, row, written, found)


def running_model(session: Session, *, currency: str) -> ModelVersion:
    """The version that predicts now. Raises PredictionRefused where there is none for this currency."""
    row = active_model(session, kind=ModelKind.CAMPAIGNS)
    if row is None:
        raise PredictionRefused(NO_MODEL, WHEN_LEARNT)
    if row.currency != currency:
        raise PredictionRefused(
            f"What was learnt counts in {row.currency}, and the workspace in {currency}.",
            "It is learnt anew on Monday.",
        )
    return row


def registered(row: ModelVersion, *, kind: Kind, horizon_days: int, is_planned: bool) -> RegisteredModel:
    """A version with the figures that concern one question."""
    metrics = metrics_of(row, kind=kind, horizon_days=horizon_days, is_planned=is_planned)
    return RegisteredModel(
        kind=row.kind,
        version=row.version,
        method=metrics["method_name"],
        trained_since=row.trained_since,
        trained_until=row.trained_until,
        features=row.features,
        error=metrics["errors"][metrics["method"]],
        baseline="last 28 days carried forward",
        baseline_error=metrics["errors"]["carried"],
        promised=metrics["promised"],
        held=metrics["held80"],
        drift=(row.drift or {}).get("state", "cannot_tell"),
    )


def metrics_of(row: ModelVersion, *, kind: Kind, horizon_days: int, is_planned: bool) -> dict[str, Any]:
    """The calibration that belongs to a question. Raises PredictionRefused where the version cannot answer it."""
    outcome = "conversions" if kind is Kind.CAMPAIGN_CONVERSIONS else "value"
    name = f"{outcome}.{horizon_days}.{'planned' if is_planned else 'as_it_was'}"
    if name not in row.metrics:
        raise PredictionRefused(NO_MODEL, WHEN_LEARNT)
    metrics: dict[str, Any] = row.metrics[name]
    return metrics


def _found(
    row: ModelVersion, learnt_from: LearntFrom, campaign: Campaign, request: PredictRequest, worth: float
) -> CampaignPrediction:
    planned = request.planned_daily_spend_micros
    try:
        return predict_campaign(
            opened(row),
            learnt_from.history,
            str(campaign.id),
            horizon_days=request.horizon_days,
            planned_spend=None if planned is None else planned / MICROS * worth * request.horizon_days,
        )
    except MlError as refusal:
        raise as_product_error(refusal) from refusal


def _estimate(found: CampaignPrediction, kind: Kind) -> Estimate:
    is_count = kind is Kind.CAMPAIGN_CONVERSIONS
    estimate = found.conversions if is_count else found.roas
    if estimate is None:
        reason = found.refusals.get("conversions" if is_count else "value")
        told = "no conversions" if is_count else "no value of conversions"
        raise PredictionRefused(reason or f"Its platform tells {told}.", "Set up conversion tracking on its platform.")
    return estimate


def _reply(
    session: Session,
    campaign: Campaign,
    row: ModelVersion,
    written: Prediction,
    found: CampaignPrediction,
) -> PredictReply:
    """The number as it was written down: what is told is what will be scored."""
    kind, assumed = Kind(written.kind), written.assumed or {}
    return PredictReply(
        prediction_id=written.id,
        campaign_id=campaign.id,
        since=written.since,
        until=written.until,
        value=float(written.point),
        low=float(written.low),
        high=float(written.high),
        level=float(written.level),
        unit=written.unit,
        spend_micros=assumed["spend_micros"],
        currency=campaign.currency,
        is_planned=assumed["is_planned"],
        own_share=assumed["own_share"],
        sentence=campaign_sentence(written, campaign.currency),
        warnings=list(found.warnings),
        model=registered(row, kind=kind, horizon_days=found.horizon_days, is_planned=found.is_planned),
        track_record=track_record(session, kind),
    )
