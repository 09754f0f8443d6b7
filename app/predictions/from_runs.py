"""What a finished run of the decision pages said, as predictions: a forecast's totals, and what a plan would add."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy.orm import Session

from app.predictions.schemas import Kind, NewPrediction
from app.predictions.service import record_all
from kit.money import MICROS, to_micros

WEEK = 7
PLAN_DAYS = 28
PLAN_LEVEL = 0.95
_PLANNER = "mix model and optimiser"
Document = Mapping[str, Any]  # a JSON document of the numeric core


@dataclass(frozen=True)
class FinishedRun:
    """A run as far as the ledger wants to know it. Amounts in its documents are in units of `currency`."""

    id: UUID
    job_id: UUID | None
    made_by: UUID | None
    request: Document
    data_version: int
    currency: str
    today: date


def write_forecast(session: Session, run: FinishedRun, forecast: Document) -> int:
    """Write the totals of a forecast down, those whose days are not over yet; answers how many were new.

    A forecast of the same days on the same data and plan is one prediction, however often it is asked for.
    """
    return record_all(session, [new for new in _totals(run, forecast) if new.until >= run.today])


def _totals(run: FinishedRun, forecast: Document) -> Iterator[NewPrediction]:
    first = date.fromisoformat(forecast["dates"][0])
    spread = _spread(run.request)
    for days, total in _known_totals(forecast).items():
        until = first + timedelta(days=days - 1)
        yield NewPrediction(
            kind=Kind.FORECAST_REVENUE,
            since=first,
            until=until,
            point=total["total"] * MICROS,
            low=min(total["low80"], total["total"]) * MICROS,
            high=max(total["high80"], total["total"]) * MICROS,
            unit="micros",
            currency=run.currency,
            model=forecast["model"],
            model_version=str(forecast["format"]),
            data_version=run.data_version,
            assumed=_assumed(forecast, periods=days // forecast["cadence_days"]),
            run_id=run.id,
            job_id=run.job_id,
            made_by=run.made_by,
            key=f"forecast:{first}:{days}:{run.data_version}:{spread}",
        )


def _known_totals(forecast: Document) -> dict[int, Document]:
    """The first week's and the whole horizon's total, by their days, as the simulated paths tell them: ranges are never added up."""
    whole = len(forecast["dates"]) * forecast["cadence_days"]
    named: dict[int, Document] = {one["days"]: one for one in forecast["weekly"][:1]}
    named[whole] = {
        "total": forecast["total"],
        "low80": forecast["total_low80"],
        "high80": forecast["total_high80"],
    }
    return {days: total for days, total in sorted(named.items()) if days in {WEEK, whole}}


def _assumed(forecast: Document, *, periods: int) -> dict[str, Any]:
    spend = forecast["assumed_spend"]
    micros = to_micros(float(sum(sum(row) for row in spend["spend"][:periods])))
    if not spend["is_planned"]:
        return {"is_planned": False, "spend_micros": micros}
    return {"is_planned": True, "spend_micros": micros, "planned_spend_micros": micros}


def _spread(request: Document) -> str:
    """A short name for the spend that somebody planned; the same for everybody who planned none."""
    planned = request.get("planned_per_day") or {}
    return sha256(msgspec.json.encode(planned, order="sorted")).hexdigest()[:12] if planned else "as-it-was"


def write_plan(session: Session, run: FinishedRun, plan: Document) -> int:
    """Write down what a budget plan would add over the next four weeks, where it proposes a move at all."""
    if plan["advice"] != "move":
        return 0
    point, low, high = (plan[name] * PLAN_DAYS * MICROS for name in _UPLIFT)
    new = NewPrediction(
        kind=Kind.BUDGET_MOVE,
        since=run.today,
        until=run.today + timedelta(days=PLAN_DAYS - 1),
        point=point,
        low=min(low, point),
        high=max(high, point),
        level=PLAN_LEVEL,
        unit="micros",
        currency=run.currency,
        subject=str(run.request.get("name") or ""),
        model=_PLANNER,
        model_version="1",
        data_version=run.data_version,
        assumed={"is_planned": True, "channels": [_move(line) for line in plan["allocation"]]},
        run_id=run.id,
        job_id=run.job_id,
        made_by=run.made_by,
        key=f"plan:{run.id}",
    )
    return record_all(session, [new])


_UPLIFT = ("expected_uplift_per_day", "uplift_low", "uplift_high")


def _move(line: Document) -> dict[str, Any]:
    return {
        "channel": line["channel"],
        "from_micros": to_micros(line["current_per_day"]),
        "to_micros": to_micros(line["recommended_per_day"]),
    }
