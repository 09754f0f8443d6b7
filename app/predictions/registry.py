"""The registry of models, whatever they predict: putting a version in, and deciding whether it takes over from the one that runs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.predictions.models import ModelVersion
from app.predictions.schemas import ModelKind
from kit.clock import utc_now
from ml.predict.drift import DriftReport

WORSE = 1.25
OLD = timedelta(days=56)


@dataclass(frozen=True)
class Candidate:
    """A trained model as plain data: what it is, how it did on days kept back, and from which days it learnt."""

    kind: ModelKind
    document: dict[str, Any]
    features: tuple[str, ...]
    metrics: dict[str, Any]
    since: date
    until: date


@dataclass(frozen=True)
class Trained:
    """What came of a training: the version, whether it runs now, how many predictions were written down; or why there is none."""

    version: int | None
    state: str
    reason: str
    written: int = 0


def register(
    session: Session, new: Candidate, *, currency: str, data_version: int, job_id: UUID | None
) -> ModelVersion:
    """Keep a model as the next version of its kind; it waits until somebody decides."""
    last = session.scalar(select(func.max(ModelVersion.version)).where(ModelVersion.kind == new.kind))
    row = ModelVersion(
        kind=new.kind.value,
        version=(last or 0) + 1,
        state="candidate",
        document=new.document,
        features=list(new.features),
        metrics=new.metrics,
        trained_since=new.since,
        trained_until=new.until,
        data_version=data_version,
        currency=currency,
        job_id=job_id,
    )
    session.add(row)
    session.flush()
    return row


def decide(
    session: Session,
    row: ModelVersion,
    running: ModelVersion | None,
    drift: DriftReport | None,
    *,
    ratio: float | None,
    today: date,
    currency: str,
    because: str = "",
) -> None:
    """The new version takes over unless it is clearly worse on days kept back than the running one was on its own.

    `ratio` is new over old error on days kept back; None where the two cannot be compared.
    `because` says why the running one no longer answers the question, whatever their errors are.
    """
    takes_over, row.reason = _verdict(running, drift, ratio=ratio, today=today, currency=currency)
    if because and running is not None:
        takes_over, row.reason = True, because
    if not takes_over:
        return
    now = utc_now()
    session.execute(
        update(ModelVersion)
        .where(ModelVersion.kind == row.kind, ModelVersion.id != row.id, ModelVersion.state != "retired")
        .values(state="retired", retired_at=now)
    )
    row.state, row.activated_at = "active", now
    session.flush()


def _verdict(
    running: ModelVersion | None, drift: DriftReport | None, *, ratio: float | None, today: date, currency: str
) -> tuple[bool, str]:
    if running is None:
        return True, "It is the first."
    if running.currency != currency:
        return True, f"The workspace counts in {currency} now."
    if drift is None or drift.state == "drifted":
        return True, drift.sentence if drift else "The version before could not be read any more."
    if today - running.trained_until > OLD:
        return True, "The version before is more than eight weeks old."
    if ratio is None or ratio <= WORSE:
        return True, "It is no worse on days that it had not seen than the version before."
    return (
        False,
        f"On days that it had not seen it is {ratio - 1:.0%} further off than version {running.version}, which stays.",
    )
