"""What is learnt from customers: their orders as the numeric core reads them, and the habits by which drift is watched."""

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy.orm import Session

from app.customers.queries import purchases as orders_of_all
from app.predictions.errors import PredictionRefused, as_product_error
from app.predictions.models import ModelVersion
from app.predictions.queries import outcomes
from app.predictions.schemas import Kind
from app.predictions.service import disjoint
from kit.clock import utc_now
from kit.money import MICROS
from ml.errors import MlError
from ml.frames import FloatArray
from ml.predict.drift import DriftReport, Reference, check_drift, reference_of
from ml.predict.lifetime import Purchases, RfmSummary, purchases_from_columns, summarise_customers

HABITS = ("orders", "days_since_last_order", "order_value")
STALE = timedelta(days=14)
_EPOCH = date(1970, 1, 1).toordinal()
NO_ORDERS = "No orders of customers are known yet."
IMPORT_ORDERS = "Import a file with a customer, a day and an amount per order, or send orders through the API."


@dataclass(frozen=True)
class KnownCustomers:
    """Customers with their orders up to and including `as_of`, the last day on which anybody ordered."""

    purchases: Purchases
    summary: RfmSummary
    as_of: date
    since: date
    today: date
    timezone: str

    @property
    def next_day(self) -> date:
        """The first day that is not known."""
        return self.as_of + timedelta(days=1)

    @property
    def is_fresh(self) -> bool:
        """True where the next days still lie ahead, so that a prediction of them may be scored."""
        return self.today - self.as_of <= STALE


def day_begins(day: date, timezone: str) -> datetime:
    """The instant at which a day begins on the workspace's clock."""
    return datetime.combine(day, time.min, ZoneInfo(timezone))


def known_customers(session: Session, *, today: date, timezone: str) -> KnownCustomers:
    """Every customer who ordered before today. Raises PredictionRefused where nobody did."""
    rows = orders_of_all(session, until=day_begins(today, timezone))
    if not rows:
        raise PredictionRefused(NO_ORDERS, IMPORT_ORDERS)
    purchases = as_purchases(rows, timezone)
    first = date.fromordinal(int(purchases.day.min()) + _EPOCH)
    return KnownCustomers(purchases, summarise_customers(purchases), as_of(purchases), first, today, timezone)


def as_purchases(rows: list[tuple[UUID, datetime, int]], timezone: str, *, until: date | None = None) -> Purchases:
    """Orders as the numeric core reads them: days on the workspace's clock, value in its currency's units."""
    zone = ZoneInfo(timezone)
    try:
        return purchases_from_columns(
            [str(customer) for customer, _, _ in rows],
            np.array([when.astimezone(zone).date() for _, when, _ in rows], "datetime64[D]"),
            np.array([micros for _, _, micros in rows], float) / MICROS,
            as_of=until,
        )
    except MlError as problem:
        raise as_product_error(problem) from problem


def as_of(purchases: Purchases) -> date:
    """The last day that counts."""
    return date.fromordinal(purchases.as_of + _EPOCH)


def habits(summary: RfmSummary) -> FloatArray:
    """(n, 3): orders, days since the last one, and value of an order, of each customer."""
    idle = (summary.age - summary.recency) * summary.unit_days
    return np.stack([summary.frequency + 1, idle, summary.spend], axis=1)


def reference(known: KnownCustomers) -> dict[str, Any]:  # a JSON document
    """How customers' habits are spread today, to be kept with the model that learns from them."""
    return reference_of(HABITS, habits(known.summary), subjects=known.summary.customers).to_dict()


def check(
    session: Session, running: ModelVersion | None, known: KnownCustomers, kind: Kind | None
) -> DriftReport | None:
    """Whether the running model still fits, by its customers' habits and by how often its ranges held; kept beside it."""
    if running is None or "reference" not in running.document:
        return None
    scored = [] if kind is None else outcomes(session, kind=kind)
    try:
        report = check_drift(
            Reference.from_dict(running.document["reference"]),
            HABITS,
            habits(known.summary),
            subjects=known.summary.customers,
            inside=np.array([one.inside for one in scored], bool),
            apart=max(disjoint([(one.since, one.until) for one in scored]), 1),
        )
    except MlError:
        return None
    # The core's sentence speaks of campaigns.
    report = replace(report, sentence=report.sentence.replace("campaigns", "customers"))
    running.drift, running.drift_checked_at = report.to_dict(), utc_now()
    return report
