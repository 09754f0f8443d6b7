"""Computing a run: history from the database, numbers from `ml`, the result back into the run's row.

A refusal (the data cannot carry the answer) is an outcome, stored with its reason; only defects and outages fail a job.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.mix.campaign_budget import advise_budget
from app.mix.errors import as_product_error
from app.mix.models import ModelRun
from app.mix.queries import marketing_frame, run_by_id
from app.mix.schemas import (
    REQUEST_TYPES,
    SEED,
    AttributionRequest,
    BudgetRequest,
    CampaignBudgetRequest,
    ForecastRequest,
    Kind,
    RunRequest,
)
from app.mix.service import fit_on, keep_attribution
from kit.clock import utc_now
from kit.errors import DataCannotCarry, InvalidInput
from ml.errors import MlError
from ml.frames import MarketingFrame
from ml.mix.fit import fit_mix
from ml.mix.optimise import frontier, optimise_budget
from ml.mix.report import budget_document, mix_fit_document, quality_sentence, summary_sentences
from ml.mix.results import MixFit

Progress = Callable[[float, str], None]
_FRONTIER_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5)


@dataclass(frozen=True)
class RunContext:
    """What a run needs to know about its workspace, and whom to tell how far it is."""

    currency: str
    today: date
    progress: Progress


def run_model(session: Session, *, run_id: UUID, context: RunContext) -> ModelRun:
    """Compute the run and store its outcome. Running again overwrites the outcome with an equal one."""
    run = run_by_id(session, run_id)
    request = msgspec.convert(run.request, REQUEST_TYPES[Kind(run.kind)])
    # Read before the history: data that come in meanwhile must not count as seen.
    run.data_version = data_version(session)
    try:
        run.result = _compute(session, request, context, version=run.data_version)
        run.state, run.problem = "done", None
    except (MlError, DataCannotCarry, InvalidInput) as refusal:
        problem = as_product_error(refusal) if isinstance(refusal, MlError) else refusal
        run.state, run.result = "refused", None
        run.problem = {"code": problem.code, "title": problem.title, "detail": problem.detail, "hint": problem.hint}
    run.finished_at = utc_now()
    return run


def _compute(session: Session, request: RunRequest, context: RunContext, *, version: int) -> dict[str, Any]:
    if isinstance(request, AttributionRequest):
        return _attribution(session, request, context)
    if isinstance(request, ForecastRequest):
        return _forecast(session, request, context)
    if isinstance(request, CampaignBudgetRequest):
        return advise_budget(
            session, request, currency=context.currency, today=context.today, progress=context.progress
        )
    run_id, fit = _fit_for_budget(session, context, version=version)
    context.progress(0.9, "Trying splits of the budget")
    return {"attribution_run_id": str(run_id)} | budget_result(fit, request)


def _attribution(session: Session, request: AttributionRequest, context: RunContext) -> dict[str, Any]:
    context.progress(0.01, "Reading your history")
    frame = marketing_frame(
        session, currency=context.currency, today=context.today, since=request.since, until=request.until
    )
    fit = fit_mix(frame, seed=SEED, progress=context.progress)
    return attribution_result(fit)


def attribution_result(fit: MixFit) -> dict[str, Any]:
    """What is stored of a fit: the fit itself, the documented form, and its sentences."""
    return {
        "fit": fit.to_dict(),
        "document": mix_fit_document(fit),
        "sentences": list(summary_sentences(fit)),
        "quality": quality_sentence(fit),
    }


def _forecast(session: Session, request: ForecastRequest, context: RunContext) -> dict[str, Any]:
    context.progress(0.01, "Reading your history")
    frame = marketing_frame(session, currency=context.currency, today=context.today)
    return forecast_result(frame, request, context.progress)


def forecast_result(frame: MarketingFrame, request: ForecastRequest, progress: Progress) -> dict[str, Any]:
    """What is stored of a forecast: the forecast itself and the documented form."""
    from ml.forecast import forecast_document, forecast_revenue

    planned = _every_day(frame, request.planned_per_day, horizon_days=request.horizon_days)
    forecast = forecast_revenue(frame, horizon_days=request.horizon_days, planned=planned, seed=SEED, progress=progress)
    return {"forecast": forecast.to_dict(), "document": forecast_document(forecast)}


def _every_day(frame: MarketingFrame, per_day: dict[str, float], *, horizon_days: int) -> dict[tuple[date, str], float]:
    """A plan in amounts per day as a plan by date, for every day of the horizon."""
    last_day: date = frame.dates[-1].astype(object) + timedelta(days=frame.cadence_days - 1)
    days = [last_day + timedelta(days=offset) for offset in range(1, horizon_days + 1)]
    return {(day, channel): amount for channel, amount in per_day.items() for day in days}


def budget_result(fit: MixFit, request: BudgetRequest) -> dict[str, Any]:
    """What is stored of a plan: the plan, the documented form, and the best revenue at other budgets."""
    budget = request.budget_per_day if request.budget_per_day is not None else float(fit.current_per_day().sum())
    plan = optimise_budget(
        fit,
        budget_per_day=budget,
        minimum=request.minimum,
        maximum=request.maximum,
        locked=request.locked,
        max_change=request.max_change,
        within_observed=request.within_observed,
    )
    points = frontier(fit, [budget * step for step in _FRONTIER_STEPS], within_observed=request.within_observed)
    return {
        "plan": plan.to_dict(),
        "document": budget_document(plan),
        "frontier": [
            {
                "budget_per_day": point.budget_per_day,
                "revenue_per_day": point.revenue.mean,
                "low": point.revenue.low,
                "high": point.revenue.high,
            }
            for point in points
        ],
    }


def _fit_for_budget(session: Session, context: RunContext, *, version: int) -> tuple[UUID, MixFit]:
    """The attribution of today's data, or one made now and kept, so that the plan can show what it rests on."""
    known = fit_on(session, version=version)
    if known is not None:
        return known
    frame = marketing_frame(session, currency=context.currency, today=context.today)
    fit = fit_mix(frame, seed=SEED, progress=lambda share, sentence: context.progress(share * 0.85, sentence))
    return keep_attribution(session, result=attribution_result(fit), version=version).id, fit
