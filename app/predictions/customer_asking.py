"""What customers will bring, asked for by somebody: by the model that runs, with its grade and its record."""

from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from sqlalchemy.orm import Session

from app.customers.queries import customer_by_id
from app.predictions.customer_history import IMPORT_ORDERS, as_purchases, day_begins
from app.predictions.customer_learning import HORIZON_DAYS, SEED
from app.predictions.customer_queries import answer_of, orders_of
from app.predictions.customer_schemas import CustomerModel, Grade, LtvReply, LtvRequest
from app.predictions.errors import PredictionRefused
from app.predictions.models import ModelVersion
from app.predictions.queries import active_model
from app.predictions.schemas import LEVEL, Kind, ModelKind
from app.predictions.service import track_record
from app.predictions.wording import value_sentence
from kit.money import to_micros
from ml.predict.lifetime import BgNbd, GammaGamma, RfmSummary, expected_purchases, expected_spend, summarise_customers
from ml.predict.lifetime.futures import Spending, value_range

NO_MODEL = "Nothing has been learnt from your customers yet."
DRAWS = 2000


class _Value(NamedTuple):
    point: float
    low: float
    high: float


def predict_ltv(session: Session, request: LtvRequest, *, currency: str, timezone: str) -> LtvReply:
    """What the customer, or all of them, will bring. Raises NotFound, and PredictionRefused with what is missing."""
    row = running_lifetime(session, currency=currency)
    told = row.metrics["horizons"][str(request.horizon_days)]
    grade: Grade = told["grade"]
    if request.customer_id is None:
        value, customers = _Value(told["total"], told["low"], told["high"]), int(row.metrics["customers"])
    else:
        value, customers = _of_one(session, row, request.customer_id, request.horizon_days, timezone), 1
    since = row.trained_until + timedelta(days=1)
    until = since + timedelta(days=request.horizon_days - 1)
    micros = _Value(*map(to_micros, value))
    return LtvReply(
        customer_id=request.customer_id,
        customers=customers,
        since=since,
        until=until,
        value_micros=None if grade == "cannot_tell" else int(micros.point),
        low_micros=int(micros.low),
        high_micros=int(micros.high),
        level=LEVEL,
        currency=currency,
        grade=grade,
        grade_reason=told["grade_reason"],
        sentence=value_sentence(value, customers=customers, since=since, until=until, grade=grade, currency=currency),
        warnings=row.metrics["warnings"],
        model=registered(row),
        track_record=track_record(session, Kind.CUSTOMER_VALUE),
    )


def running_lifetime(session: Session, *, currency: str) -> ModelVersion:
    """The version that says what customers will bring. Raises PredictionRefused where there is none for this currency."""
    row = active_model(session, kind=ModelKind.LIFETIME)
    if row is None:
        raise PredictionRefused(
            NO_MODEL, f"{IMPORT_ORDERS} It is learnt each Monday, or when you ask for it on the page."
        )
    if row.currency != currency:
        raise PredictionRefused(
            f"What was learnt counts in {row.currency}, and the workspace in {currency}.",
            "It is learnt anew on Monday, or when you ask for it on the page.",
        )
    return row


def registered(row: ModelVersion) -> CustomerModel:
    """A version as programs see it."""
    held: dict[str, Any] = row.metrics.get("holdout") or {}
    return CustomerModel(
        kind=row.kind,
        version=row.version,
        method=row.metrics["method"],
        trained_since=row.trained_since,
        trained_until=row.trained_until,
        features=row.features,
        holdout_days=held.get("days"),
        value_error=held.get("value_error"),
        coverage=held.get("coverage80"),
        drift=(row.drift or {}).get("state", "cannot_tell"),
    )


def _of_one(session: Session, row: ModelVersion, customer_id: UUID, horizon_days: int, timezone: str) -> _Value:
    """The 90 days as they were written down; other horizons by the version's own parameters."""
    customer_by_id(session, customer_id)
    written = answer_of(session, customer_id, kind="lifetime")
    if written is None or written.low is None or written.high is None:
        raise PredictionRefused(
            "This customer had not ordered yet when the model last learnt.",
            "Ask again after the next training, on Monday, or start one on the page.",
        )
    if horizon_days == HORIZON_DAYS:
        return _Value(written.point, written.low, written.high)
    ends = day_begins(row.trained_until + timedelta(days=1), timezone)
    known = as_purchases(orders_of(session, customer_id, before=ends), timezone, until=row.trained_until)
    return _by_parameters(row, summarise_customers(known), horizon_days)


def _by_parameters(row: ModelVersion, summary: RfmSummary, horizon_days: int) -> _Value:
    models = opened(row)
    bought = expected_purchases(models.buying, summary, horizon_days)
    point = float((bought * expected_spend(models.worth, summary.frequency + 1, summary.spend))[0])
    found = value_range(models, summary, horizon_days, weight=np.ones(1), draws=DRAWS, seed=SEED)
    return _Value(point, min(float(found.low[0]), point), max(float(found.high[0]), point))


def opened(row: ModelVersion) -> Spending:
    """The parameters that a version of lifetime value keeps."""
    buying, worth = row.document["buying"], row.document["worth"]
    return Spending(
        BgNbd(**{**buying, "covariance": np.array(buying["covariance"], float)}),
        GammaGamma(**{**worth, "covariance": np.array(worth["covariance"], float)}),
    )
