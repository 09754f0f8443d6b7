"""What a finished run of the decision pages said, as predictions: a forecast's totals, and what a plan would add."""

from collections.abc import Mapping
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

WEEK, SINGLE_WEEKS = 7, 4
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

    These are the totals that the page shows: the first 7, 30, 60 and 90 days as far as the forecast goes, all of its days, and
    each of the next four weeks on its own. A forecast of the same days on the same data and plan is one prediction, however
    often it is asked for.
    """
    told = [_total(run, forecast, one) for one in _known_totals(forecast)]
    return record_all(session, [new for new in told if new.until >= run.today])


def _total(run: FinishedRun, forecast: Document, one: Document) -> NewPrediction:
    since, days = date.fromisoformat(one["start_on"]), one["days"]
    return NewPrediction(
        kind=Kind.FORECAST_REVENUE,
        since=since,
        until=since + timedelta(days=days - 1),
        point=one["total"] * MICROS,
        low=min(one["low80"], one["total"]) * MICROS,
        high=max(one["high80"], one["total"]) * MICROS,
        unit="micros",
        currency=run.currency,
        model=forecast["model"],
        model_version=str(forecast["format"]),
        data_version=run.data_version,
        assumed=_assumed(forecast, since=since, days=days),
        run_id=run.id,
        job_id=run.job_id,
        made_by=run.made_by,
        key=f"forecast:{since}:{days}:{run.data_version}:{_spread(run.request)}",
    )


def _known_totals(forecast: Document) -> list[Document]:
    """Totals with ranges of their own, as the simulated paths tell them (ranges are never added up); each stretch of days once."""
    weeks = [one for one in forecast["weekly"][:SINGLE_WEEKS] if one["days"] == WEEK]
    found = {(one["start_on"], one["days"]): one for one in (*forecast["horizons"], *weeks)}
    return list(found.values())


def _assumed(forecast: Document, *, since: date, days: int) -> dict[str, Any]:
    """The spend that a total over these days rests on."""
    spend, cadence_days = forecast["assumed_spend"], forecast["cadence_days"]
    start = (since - date.fromisoformat(forecast["dates"][0])).days // cadence_days
    rows = spend["spend"][start : start + days // cadence_days]
    micros = to_micros(float(sum(sum(row) for row in rows)))
    if not spend["is_planned"]:
        return {"is_planned": False, "spend_micros": micros}
    return {"is_planned": True, "spend_micros": micros, "planned_spend_micros": micros}


def _spread(request: Document) -> str:
    """A short name for the spend that somebody planned and the holidays that were counted; the same for everybody who chose neither."""
    asked = {name: request[name] for name in ("planned_per_day", "country") if request.get(name)}
    return sha256(msgspec.json.encode(asked, order="sorted")).hexdigest()[:12] if asked else "as-it-was"


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
