"""Which file a finished run becomes: the ending decides, the page's words go along."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from app.mix.export import (
    Origin,
    Table,
    attribution_tables,
    csv_file,
    forecast_tables,
    json_file,
    pdf_file,
    plan_tables,
    xlsx_file,
)
from app.mix.models import ModelRun
from app.mix.presenting import (
    Assumption,
    attribution_assumptions,
    attribution_headline,
    budget_assumptions,
    budget_headline,
    forecast_accuracy,
    forecast_assumptions,
    forecast_headline,
)
from app.mix.queries import channel_slots, run_by_id
from app.mix.report import fit_notes, forecast_notes, plan_pictures, plan_report
from app.mix.schemas import BudgetRequest, Kind
from app.mix.service import fit_of
from app.mix.showing import fit_of_plan
from app.mix.views import plan_view
from app.performance.export import ExportFile
from kit.db import ScopedSession
from kit.errors import Conflict
from kit.format import day
from ml.forecast import Forecast


def attribution_file(session: ScopedSession, run_id: UUID, *, workspace: str, ending: str) -> ExportFile:
    """An attribution as a file."""
    run = _finished(session, run_id, Kind.ATTRIBUTION)
    fit = fit_of(run)
    notes = fit_notes(fit, attribution_headline(fit), _pairs(attribution_assumptions(fit)))
    origin = Origin(workspace, "attribution", str(fit.dates[-1]), notes)
    return _as(ending, origin, attribution_tables(fit), _document(run))


def forecast_file(session: ScopedSession, run_id: UUID, *, workspace: str, ending: str) -> ExportFile:
    """A forecast as a file."""
    run = _finished(session, run_id, Kind.FORECAST)
    forecast = Forecast.from_dict(_result(run)["forecast"])
    days = len(forecast.mean) * forecast.cadence_days
    notes = forecast_notes(
        forecast_headline(forecast, days), forecast_accuracy(forecast), _pairs(forecast_assumptions(forecast))
    )
    origin = Origin(workspace, "forecast", str(forecast.history.dates[-1]), notes)
    return _as(ending, origin, forecast_tables(forecast), _document(run))


def budget_file(session: ScopedSession, run_id: UUID, *, workspace: str, ending: str) -> ExportFile:
    """A plan as a file."""
    run = _finished(session, run_id, Kind.BUDGET)
    fit, result = fit_of_plan(session, run), _result(run)
    if fit is None:
        raise _unfinished()
    request = msgspec.convert(run.request, BudgetRequest)
    data_to: date = fit.dates[-1].astype(object)
    notes = (("Finding", budget_headline(result["plan"], fit.currency)), *_pairs(budget_assumptions(fit, request)))
    origin = Origin(workspace, "budget-plan", data_to.isoformat(), notes)
    if ending == "pdf":
        shown = plan_view(result, fit, request, slots=channel_slots(session))
        made = f"Made on {day(run.created_at.date())}, on data to {day(data_to)}"
        return pdf_file(origin, plan_report(shown, workspace=workspace, made=made), plan_pictures(shown))
    return _as(ending, origin, plan_tables(result, fit.currency), _document(run))


def _as(ending: str, origin: Origin, tables: Sequence[Table], document: dict[str, Any]) -> ExportFile:
    if ending == "csv":
        return csv_file(origin, tables[0])
    return xlsx_file(origin, tables) if ending == "xlsx" else json_file(origin, document)


def _finished(session: ScopedSession, run_id: UUID, kind: Kind) -> ModelRun:
    run = run_by_id(session, run_id, kind=kind)
    if run.state != "done":
        raise _unfinished()
    return run


def _unfinished() -> Conflict:
    return Conflict("This run has no result to export.", "Wait until it is done, or start a new one.")


def _result(run: ModelRun) -> dict[str, Any]:
    return run.result or {}


def _document(run: ModelRun) -> dict[str, Any]:
    document: dict[str, Any] = _result(run)["document"]
    return document


def _pairs(assumptions: Sequence[Assumption]) -> tuple[tuple[str, str], ...]:
    return tuple((item.title, item.text) for item in assumptions)
