"""Computing a run: history from the database, numbers from `ml`, the result back into the run's row.

A refusal (the data cannot carry the answer) is an outcome, stored with its reason; only defects and outages fail a job.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.mix.campaign_budget import advise_budget
from app.mix.contexts import FIRST_LOOK_SHARE
from app.mix.errors import as_product_error
from app.mix.events import RunFinished
from app.mix.lift_tests import evidence
from app.mix.model_options import mix_options
from app.mix.models import ModelRun
from app.mix.path_running import path_result
from app.mix.queries import latest_run, marketing_frame, run_by_id
from app.mix.scenarios import best_plan
from app.mix.schemas import (
    REQUEST_TYPES,
    SEED,
    AttributionRequest,
    BudgetRequest,
    CampaignBudgetRequest,
    ForecastRequest,
    Kind,
    ModelOptions,
    PathsRequest,
    RunRequest,
    SelfTestRequest,
)
from app.mix.service import fit_of, fit_on, keep_attribution
from kit.clock import utc_now
from kit.errors import DataCannotCarry, InvalidInput
from kit.events import announce
from ml.errors import MlError
from ml.frames import MarketingFrame
from ml.mix.experiment import next_experiment
from ml.mix.fit import fit_mix
from ml.mix.health import diagnose_fit
from ml.mix.lift import Experiment
from ml.mix.optimise import frontier
from ml.mix.preview import preview_mix
from ml.mix.report import budget_document, mix_fit_document, quality_sentence, summary_sentences
from ml.mix.results import MixFit
from ml.mix.selftest import selftest

Progress = Callable[[float, str], None]
FirstLook = Callable[[dict[str, Any]], None]
_FRONTIER_STEPS = (0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5)


def _nobody_looks(result: dict[str, Any]) -> None:
    """Nobody waits for a first look."""


@dataclass(frozen=True)
class RunContext:
    """What a run needs to know about its workspace, and whom to tell how far it is; `first_look` is given a rough answer on the way."""

    currency: str
    today: date
    progress: Progress
    first_look: FirstLook = _nobody_looks
    timezone: str = "UTC"


def run_model(session: Session, *, run_id: UUID, context: RunContext) -> ModelRun:
    """Compute the run and store its outcome. Running again overwrites the outcome with an equal one."""
    run = run_by_id(session, run_id)
    request = msgspec.convert(run.request, REQUEST_TYPES[Kind(run.kind)])
    # Read before the history: data that come in meanwhile must not count as seen. The row itself is left alone until the end, for a
    # first look is kept in a transaction of its own.
    version = data_version(session)
    try:
        result = _compute(session, request, context, version=version)
        run.state, run.result, run.problem = "done", result, None
    except (MlError, DataCannotCarry, InvalidInput) as refusal:
        problem = as_product_error(refusal) if isinstance(refusal, MlError) else refusal
        run.state, run.result = "refused", None
        run.problem = {"code": problem.code, "title": problem.title, "detail": problem.detail, "hint": problem.hint}
    run.finished_at = utc_now()
    if run.state == "done":
        announce(session, RunFinished(run, context.currency, context.today))
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
    if isinstance(request, SelfTestRequest):
        return _self_test(session, request, context, version=version)
    if isinstance(request, PathsRequest):
        return path_result(
            session,
            request,
            currency=context.currency,
            today=context.today,
            zone=context.timezone,
            progress=context.progress,
        )
    run_id, fit = _fit_for_budget(session, context, version=version)
    context.progress(0.9, "Trying splits of the budget")
    return {"attribution_run_id": str(run_id)} | budget_result(fit, request)


def _attribution(session: Session, request: AttributionRequest, context: RunContext) -> dict[str, Any]:
    context.progress(0.01, "Reading your history")
    frame = marketing_frame(
        session, currency=context.currency, today=context.today, since=request.since, until=request.until
    )
    asked = request.model or ModelOptions()
    question = _question(session, frame, asked)
    context.progress(0.1, "Taking a first look")
    context.first_look(attribution_result(preview_mix(**question)))
    context.progress(FIRST_LOOK_SHARE, "A first look is there; the full calculation goes on")
    earlier = _earlier(session, question["lift_tests"]) if request == AttributionRequest() else None
    fit = fit_mix(**question, earlier=earlier, progress=_part(context.progress, FIRST_LOOK_SHARE, 0.7))
    checks = diagnose_fit(fit=fit, **question, progress=_part(context.progress, 0.7, 1.0))
    next_test = next_experiment(fit, question["frame"]).to_dict()
    told = _told(question["lift_tests"])
    return attribution_result(replace(fit, checks=checks)) | {"next_test": next_test, "lift_tests": told}


def _earlier(session: Session, tests: Sequence[Experiment]) -> MixFit | None:
    """The last answer, which a few more weeks should not overturn: returns that still fit the data move in steps. A lift test that came
    or went since is evidence of its own, and the answer is free to follow it."""
    last = latest_run(session, kind=Kind.ATTRIBUTION, state="done")
    if last is None or last.result is None or last.result.get("lift_tests") != _told(tests):
        return None
    if msgspec.convert(last.request, AttributionRequest) != AttributionRequest():
        return None
    return fit_of(last)


def _told(tests: Sequence[Experiment]) -> list[str]:
    """Lift tests as texts that can be stored and compared."""
    return [repr(test) for test in tests]


def _part(progress: Progress, begin: float, end: float) -> Progress:
    """Progress of a piece of the work, as progress of the whole."""
    return lambda share, sentence: progress(begin + share * (end - begin), sentence)


def _question(session: Session, frame: MarketingFrame, asked: ModelOptions) -> dict[str, Any]:
    """What the mix model is asked: a history, what lift tests say of its channels, and how to fit."""
    tests = evidence(session, frame) if asked.with_lift_tests else []
    if not asked.with_events:
        frame = replace(frame, events=())
    return {"frame": frame, "seed": asked.seed, "options": mix_options(asked, frame), "lift_tests": tests}


def _self_test(session: Session, request: SelfTestRequest, context: RunContext, *, version: int) -> dict[str, Any]:
    """Businesses with this spend and known truth, fitted again: how often the ranges hold, and how far the numbers are off."""
    fit_id, fit = _fit_for_budget(
        session, replace(context, progress=_part(context.progress, 0.0, 0.1)), version=version
    )
    frame = _question(session, marketing_frame(session, currency=context.currency, today=context.today), ModelOptions())
    tested = selftest(fit, frame["frame"], n=request.rounds, seed=SEED, progress=_part(context.progress, 0.1, 1.0))
    return {"attribution_run_id": str(fit_id), "self_test": tested.to_dict()}


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
    from ml.forecast import ForecastOptions, forecast_document, forecast_revenue

    planned = _every_day(frame, request.planned_per_day, horizon_days=request.horizon_days)
    forecast = forecast_revenue(
        frame,
        horizon_days=request.horizon_days,
        planned=planned,
        seed=SEED,
        options=ForecastOptions(country=request.country or None),
        progress=progress,
    )
    return {"forecast": forecast.to_dict(), "document": forecast_document(forecast)}


def _every_day(frame: MarketingFrame, per_day: dict[str, float], *, horizon_days: int) -> dict[tuple[date, str], float]:
    """A plan in amounts per day as a plan by date, for every day of the horizon."""
    last_day: date = frame.dates[-1].astype(object) + timedelta(days=frame.cadence_days - 1)
    days = [last_day + timedelta(days=offset) for offset in range(1, horizon_days + 1)]
    return {(day, channel): amount for channel, amount in per_day.items() for day in days}


def budget_result(fit: MixFit, request: BudgetRequest) -> dict[str, Any]:
    """What is stored of a plan: the plan, the documented form, and the best revenue at other budgets."""
    today = float(fit.current_per_day().sum())
    budget = request.budget_per_day if request.budget_per_day is not None else today
    plan = best_plan(fit, request)
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
    fit = fit_mix(
        **_question(session, frame, ModelOptions()),
        progress=_part(context.progress, 0.0, 0.85),
    )
    return keep_attribution(session, result=attribution_result(fit), version=version).id, fit
