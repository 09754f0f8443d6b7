"""Learning from customers each week: value and leaving, each a version of its own; too little data for one leaves the other alone."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from app.campaigns.facts import data_version
from app.predictions.customer_answers import write_answers
from app.predictions.customer_history import KnownCustomers, check, known_customers
from app.predictions.customer_learning import HORIZON_DAYS, Learnt, learn_churn, learn_lifetime, ledger_row
from app.predictions.errors import PredictionRefused, as_product_error
from app.predictions.queries import active_model
from app.predictions.registry import Trained, decide, register
from app.predictions.schemas import Kind, ModelKind
from app.predictions.service import record_all
from ml.errors import MlError

Progress = Callable[[float, str], None]
# Which kind of answers a model gives, and which kind of prediction it writes into the ledger.
ANSWERS = {ModelKind.LIFETIME: "lifetime", ModelKind.CHURN: "churn", ModelKind.OFFERS: "offer"}
_TOTALS = {ModelKind.LIFETIME: Kind.CUSTOMER_VALUE, ModelKind.CHURN: Kind.CUSTOMERS_LOST, ModelKind.OFFERS: None}


@dataclass(frozen=True)
class Setting:
    """The workspace's money and clock on the day of a training, and the job that does it."""

    currency: str
    timezone: str
    today: date
    job_id: UUID | None = None


def train_customers(session: Session, setting: Setting, *, progress: Progress) -> dict[ModelKind, Trained]:
    """Learn what customers will bring and who stops buying. Too little data is an outcome with its reason, not a failure."""
    progress(0.05, "Reading your customers' orders")
    try:
        known = known_customers(session, today=setting.today, timezone=setting.timezone)
    except PredictionRefused as refusal:
        return dict.fromkeys((ModelKind.LIFETIME, ModelKind.CHURN), Trained(None, "refused", str(refusal)))
    progress(0.2, "Learning what customers bring")
    value = attempt(session, setting, known, lambda: learn_lifetime(known))
    progress(0.6, "Learning who stops buying")
    leaving = attempt(session, setting, known, lambda: learn_churn(known))
    progress(0.95, "Writing it down")
    return {ModelKind.LIFETIME: value, ModelKind.CHURN: leaving}


def attempt(
    session: Session,
    setting: Setting,
    known: KnownCustomers,
    learn: Callable[[], Learnt],
    because: str = "",
) -> Trained:
    """Learn one model, and let it say something of every customer if it is the better one; or why that is not possible."""
    try:
        learnt = learn()
    except MlError as refusal:
        return Trained(None, "refused", str(as_product_error(refusal)))
    return keep(session, setting, known, learnt, because=because)


def keep(session: Session, setting: Setting, known: KnownCustomers, learnt: Learnt, *, because: str = "") -> Trained:
    """Put a model into the registry. Where the running one stays, so does what it said of each customer."""
    kind = learnt.new.kind
    running = active_model(session, kind=kind)
    drift = check(session, running, known, _TOTALS[kind])
    version = data_version(session)
    row = register(session, learnt.new, currency=setting.currency, data_version=version, job_id=setting.job_id)
    ratio = _ratio(row.metrics["error"], running.metrics["error"]) if running is not None else None
    decide(session, row, running, drift, ratio=ratio, today=setting.today, currency=setting.currency, because=because)
    if row.state != "active":
        return Trained(row.version, row.state, row.reason)
    write_answers(session, learnt.answers, kind=ANSWERS[kind], horizon_days=HORIZON_DAYS, model_id=row.id)
    written = 0
    if learnt.total is not None and known.is_fresh:
        new = ledger_row(
            learnt.total,
            known,
            version=row.version,
            method=learnt.new.metrics["method"],
            data_version=version,
            currency=setting.currency,
            job_id=setting.job_id,
        )
        written = record_all(session, [new])
    return Trained(row.version, row.state, row.reason, written)


def _ratio(new: float | None, old: float | None) -> float | None:
    return new / old if new and old and new > 0 and old > 0 else None
