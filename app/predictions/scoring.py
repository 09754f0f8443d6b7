"""Scoring: once the days of a prediction are over and final, what happened is written beside it, or why nothing can be said.

A prediction waits while a platform or a shop may still correct its days, and 60 days at most; then what is known counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy.orm import Session

from app.campaigns.platform_models import Campaign
from app.predictions.customer_outcomes import CustomersSince, customers_since
from app.predictions.models import Prediction, PredictionScore
from app.predictions.queries import (
    Told,
    account_told_until,
    campaign_told,
    campaign_with_id,
    has_unsettled,
    last_told_day,
    revenue_between,
    spend_between,
    spend_by_channel,
    unscored,
)
from app.predictions.schemas import Kind
from app.predictions.wording import days_of
from kit.clock import utc_now

AT_ONCE = 2000
LATE_ROWS = timedelta(days=1)
PATIENCE = timedelta(days=60)
OFF_PLAN = 0.25
HALF_WAY = 0.5
OTHER_CUSTOMERS = 0.05


@dataclass(frozen=True)
class Actual:
    """What happened, in the prediction's unit."""

    value: Decimal


@dataclass(frozen=True)
class Hopeless:
    """Why nothing can be said about it, ever."""

    reason: str


@dataclass(frozen=True)
class Moment:
    """The day on which somebody scores, and the workspace's currency on it."""

    today: date
    currency: str

    def is_late(self, prediction: Prediction) -> bool:
        """True where waiting any longer would be waiting for ever."""
        return self.today - prediction.until > PATIENCE


Finding = Actual | Hopeless | None


def score_due(session: Session, *, today: date, currency: str) -> int:
    """Score what can be scored; answers how many. What is still open waits for the next day."""
    moment = Moment(today, currency)
    scored = 0
    for prediction in unscored(session, before=today - LATE_ROWS, limit=AT_ONCE):
        found = _SCORERS[Kind(prediction.kind)](session, prediction, moment)
        if found is not None:
            session.add(_score(prediction, found))
            scored += 1
    session.flush()
    return scored


def _score(prediction: Prediction, found: Actual | Hopeless) -> PredictionScore:
    score = PredictionScore(prediction_id=prediction.id, scored_at=utc_now())
    if isinstance(found, Hopeless):
        score.reason = found.reason
        return score
    score.actual, score.error = found.value, found.value - prediction.point
    score.inside = prediction.low <= found.value <= prediction.high
    return score


def _revenue(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    """A revenue total. One that rests on somebody's plan of spend counts only where that plan came true."""
    if prediction.currency != moment.currency:
        return Hopeless(f"The workspace counts in {moment.currency} now.")
    if not _days_are_in(session, prediction, moment):
        return Hopeless("No data came in for these days.") if moment.is_late(prediction) else None
    revenue = revenue_between(session, since=prediction.since, until=prediction.until)
    if revenue is None:
        return Hopeless("No revenue was told for these days.")
    planned = (prediction.assumed or {}).get("planned_spend_micros")
    if planned is not None:
        spent = spend_between(session, since=prediction.since, until=prediction.until)
        if _is_off(spent, planned):
            return Hopeless("Spend did not follow the plan that it assumed.")
    return Actual(Decimal(revenue))


def _days_are_in(session: Session, prediction: Prediction, moment: Moment) -> bool:
    last = last_told_day(session)
    if last is None or last < prediction.until:
        return False
    return moment.is_late(prediction) or not has_unsettled(session, since=prediction.since, until=prediction.until)


def _conversions(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    found = _campaign(session, prediction, moment)
    if not isinstance(found, Told):
        return found
    if found.conversions is None and found.spend_micros:
        return Hopeless("The platform told no conversions for these days.")
    return Actual(found.conversions or Decimal(0))


def _roas(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    found = _campaign(session, prediction, moment)
    if not isinstance(found, Told):
        return found
    if not found.spend_micros:
        return Hopeless("Nothing was spent on these days, so there is no ROAS.")
    if found.value_micros is None:
        return Hopeless("The platform told no conversion value for these days.")
    return Actual(Decimal(found.value_micros) / Decimal(found.spend_micros))


def _campaign(session: Session, prediction: Prediction, moment: Moment) -> Told | Hopeless | None:
    """The campaign's days, where they are whole. One with a plan of spend counts only where that plan came true."""
    campaign = campaign_with_id(session, prediction.subject_id) if prediction.subject_id else None
    if campaign is None:
        return Hopeless("The campaign is no longer here.")
    told = campaign_told(session, campaign.number, since=prediction.since, until=prediction.until)
    if not moment.is_late(prediction) and not (told.are_final and _account_is_read(session, campaign, prediction)):
        return None
    if not _account_is_read(session, campaign, prediction):
        return Hopeless("No data came in for these days.")
    assumed = prediction.assumed or {}
    if assumed.get("is_planned") and _is_off(told.spend_micros or 0, assumed["spend_micros"]):
        return Hopeless("It did not spend what was planned.")
    return told


def _account_is_read(session: Session, campaign: Campaign, prediction: Prediction) -> bool:
    until = account_told_until(session, campaign)
    return until is not None and until >= prediction.until


def _is_off(spent: int, planned: int) -> bool:
    return abs(spent - planned) > OFF_PLAN * planned


def _budget_move(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    """What a plan added cannot be read off the revenue, which also moves by itself. Whether it was followed can."""
    if not _days_are_in(session, prediction, moment):
        return Hopeless("No data came in for these days.") if moment.is_late(prediction) else None
    days = days_of(prediction.since, prediction.until)
    spent = spend_by_channel(session, since=prediction.since, until=prediction.until)
    if not _was_followed((prediction.assumed or {})["channels"], {name: spent[name] / days for name in spent}):
        return Hopeless("The plan was not followed.")
    return Hopeless("The plan was followed; only a test with a hold-out can tell what it added.")


def _was_followed(moves: Sequence[Mapping[str, Any]], per_day: Mapping[str, float]) -> bool:
    """True where spend went at least half of the way that the plan proposed: actual · proposed ÷ proposed², over the channels."""
    proposed: list[float] = [one["to_micros"] - one["from_micros"] for one in moves]
    actual: list[float] = [per_day.get(one["channel"], 0.0) - one["from_micros"] for one in moves]
    whole = sum(step * step for step in proposed)
    went = sum(step * done for step, done in zip(proposed, actual, strict=True))
    return whole > 0 and went / whole >= HALF_WAY


def _customer_value(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    """What the customers spent who were known then, less refunds."""
    if prediction.currency != moment.currency:
        return Hopeless(f"The workspace counts in {moment.currency} now.")
    found = _customers(session, prediction, moment)
    return Actual(Decimal(found.value_micros)) if isinstance(found, CustomersSince) else found


def _customers_lost(session: Session, prediction: Prediction, moment: Moment) -> Finding:
    """How many of them bought nothing."""
    found = _customers(session, prediction, moment)
    return Actual(Decimal(found.silent)) if isinstance(found, CustomersSince) else found


def _customers(session: Session, prediction: Prediction, moment: Moment) -> CustomersSince | Hopeless | None:
    """What the customers did on the prediction's days, where orders of them all came in and they are still the same customers."""
    assumed = prediction.assumed or {}
    found = customers_since(session, since=prediction.since, until=prediction.until, timezone=assumed["timezone"])
    if found.last_day is None or found.last_day < prediction.until:
        return Hopeless("No orders came in for the last of these days.") if moment.is_late(prediction) else None
    if abs(found.known - assumed["customers"]) > OTHER_CUSTOMERS * assumed["customers"]:
        return Hopeless("Orders of earlier days were added or removed since, so these are other customers.")
    return found


_SCORERS: dict[Kind, Callable[[Session, Prediction, Moment], Finding]] = {
    Kind.FORECAST_REVENUE: _revenue,
    Kind.BUDGET_MOVE: _budget_move,
    Kind.CAMPAIGN_CONVERSIONS: _conversions,
    Kind.CAMPAIGN_ROAS: _roas,
    Kind.CUSTOMER_VALUE: _customer_value,
    Kind.CUSTOMERS_LOST: _customers_lost,
}
