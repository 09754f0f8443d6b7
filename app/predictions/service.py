"""Writing predictions down, and telling how those of a kind have fared."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from statistics import median
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.predictions.models import Prediction, PredictionScore
from app.predictions.queries import Outcome, counts, known_kinds, outcomes, prediction_by_key
from app.predictions.schemas import ENOUGH, LEVEL, Kind, NewPrediction, TrackRecord, Verdict
from app.predictions.wording import NAMES, record_sentence
from kit.clock import utc_now
from kit.ids import new_id
from ml.predict.drift import judge_coverage

_DIGITS = Decimal("0.000001")
_AT_ONCE = 500
CLOSE = 0.1


@dataclass(frozen=True)
class Evidence:
    """How much scored predictions say: of days that overlap only the first counts, per subject."""

    scored: int
    inside: int
    apart: int
    periods: int


def record(session: Session, new: NewPrediction) -> Prediction:
    """Write a prediction down, before its days are known. The same key again gives the row that is there, unchanged."""
    record_all(session, [new])
    return prediction_by_key(session, new.key)


def record_all(session: Session, news: Iterable[NewPrediction]) -> int:
    """Write many down at once; answers how many were new."""
    rows, written = [_row(new) for new in news], 0
    for start in range(0, len(rows), _AT_ONCE):
        statement = insert(Prediction).values(rows[start : start + _AT_ONCE])
        written += len(session.execute(statement.on_conflict_do_nothing().returning(Prediction.id)).all())
    return written


def track_record(session: Session, kind: str) -> TrackRecord:
    """How predictions of this kind have fared: the share inside their range beside the promise, and the usual distance."""
    scored = outcomes(session, kind=kind)
    waiting, hopeless = counts(session, kind=kind)
    evidence = _evidence(scored)
    is_enough = evidence.scored >= ENOUGH
    share = evidence.inside / evidence.scored if is_enough else None
    level = scored[-1].level if scored else LEVEL
    found = TrackRecord(
        kind=kind,
        name=NAMES[Kind(kind)],
        level=level,
        scored=evidence.scored,
        inside=evidence.inside,
        periods=evidence.periods,
        waiting=waiting,
        not_scoreable=hopeless,
        enough=ENOUGH,
        share_inside=share,
        median_error=_median_error(scored) if is_enough else None,
        verdict="too_few" if share is None else _verdict(share, evidence.apart, promised=level),
        sentence="",
        last_scored_at=_last_scored_at(session, kind) if scored else None,
    )
    return msgspec.structs.replace(found, sentence=record_sentence(found))


def track_records(session: Session) -> list[TrackRecord]:
    """The record of every kind of which anything was written down, in the order in which people read them."""
    known = known_kinds(session)
    return [track_record(session, kind) for kind in Kind if kind in known]


def disjoint(windows: Sequence[tuple[date, date]]) -> int:
    """The most windows that can be chosen so that none overlaps another."""
    chosen, last = 0, date.min
    for since, until in sorted(windows, key=lambda window: window[1]):
        if since > last:
            chosen, last = chosen + 1, until
    return chosen


def _verdict(share: float, apart: int, *, promised: float) -> Verdict:
    """The judgement of `apart` independent outcomes; far from the promise and yet within what chance may bring is unclear."""
    judged = judge_coverage(share, apart, promised=promised)
    return "unclear" if judged == "as_promised" and abs(share - promised) > CLOSE else judged


def _evidence(scored: Sequence[Outcome]) -> Evidence:
    by_subject: dict[UUID | None, list[tuple[date, date]]] = {}
    for one in scored:
        by_subject.setdefault(one.subject_id, []).append((one.since, one.until))
    return Evidence(
        scored=len(scored),
        inside=sum(one.inside for one in scored),
        apart=sum(disjoint(windows) for windows in by_subject.values()),
        periods=disjoint([(one.since, one.until) for one in scored]),
    )


def _median_error(scored: Sequence[Outcome]) -> float | None:
    """The median distance between prediction and outcome, as a share of the prediction."""
    shares = [abs(one.error) / abs(one.point) for one in scored if one.point]
    return median(shares) if shares else None


def _last_scored_at(session: Session, kind: str) -> Any:  # what the database gives for a timestamp
    return session.scalar(
        select(func.max(PredictionScore.scored_at))
        .join(Prediction, Prediction.id == PredictionScore.prediction_id)
        .where(Prediction.kind == kind)
    )


def _row(new: NewPrediction) -> dict[str, Any]:  # column names and what they are given
    low, point, high = (_exact(value) for value in (new.low, new.point, new.high))
    values = msgspec.structs.asdict(new) | {"kind": new.kind.value, "low": low, "point": point, "high": high}
    return values | {"id": new_id(), "made_at": utc_now(), "level": Decimal(str(new.level))}


def _exact(value: float) -> Decimal:
    return Decimal(repr(float(value))).quantize(_DIGITS)
