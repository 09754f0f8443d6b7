"""What the numeric core learns from customers, as versions for the registry, answers per customer and predictions for the ledger."""

from dataclasses import dataclass
from datetime import timedelta
from math import hypot, sqrt
from typing import Any
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from app.predictions.customer_history import HABITS, KnownCustomers, reference
from app.predictions.registry import Candidate
from app.predictions.schemas import Kind, ModelKind, NewPrediction
from kit.format import plural
from kit.money import MICROS
from ml.frames import FloatArray
from ml.predict.churn import Calibration, ChurnReport, predict_churn
from ml.predict.lifetime import LifetimeReport, predict_lifetime
from ml.predict.lifetime.boosting import poisson_deviance
from ml.predict.lifetime.document import plain_json
from ml.predict.lifetime.summary import outcome_after

HORIZON_DAYS = 90
HORIZONS = (30, 90, 180, 365)
SEED = 20_260_101
FORMAT = 1
NORMAL_90, STUDENT_90 = 1.2816, 3.0777  # the last: of one degree of freedom, for one past window is known


@dataclass(frozen=True, eq=False)
class Answers:
    """One number per customer, (n,) each: `point` within `low` and `high`; for offers which (`choice`) and what to do (`act`)."""

    ids: tuple[UUID, ...]
    point: FloatArray
    low: FloatArray
    high: FloatArray
    choice: NDArray[np.str_] | None = None
    act: NDArray[np.str_] | None = None


@dataclass(frozen=True)
class Total:
    """A number for the ledger: all customers together over the next 90 days."""

    kind: Kind
    point: float
    low: float
    high: float


@dataclass(frozen=True)
class Learnt:
    """A model of customers with what it says of each, and of all."""

    new: Candidate
    answers: Answers
    total: Total | None = None


def learn_lifetime(known: KnownCustomers) -> Learnt:
    """Future value of every customer: orders less refunds, undiscounted, over 90 days; of all customers over four horizons.

    Raises MlError where the history cannot carry it.
    """
    reports = {
        days: predict_lifetime(known.purchases, horizon_days=days, discount_per_year=0.0, seed=SEED)
        for days in HORIZONS
    }
    report = reports[HORIZON_DAYS]
    new = Candidate(
        kind=ModelKind.LIFETIME,
        document={
            "format": FORMAT,
            "buying": plain_json(report.buying),
            "worth": plain_json(report.worth),
            "reference": reference(known),
        },
        features=HABITS,
        metrics=_lifetime_metrics(report, reports) | {"error": _relative_error(known, report)},
        since=known.since,
        until=known.as_of,
    )
    answers = Answers(_ids(report.ids), report.value, report.low, report.high)
    total = Total(
        Kind.CUSTOMER_VALUE, *(value * MICROS for value in (report.total, report.total_low80, report.total_high80))
    )
    return Learnt(new, answers, total)


def _lifetime_metrics(report: LifetimeReport, reports: dict[int, LifetimeReport]) -> dict[str, Any]:
    held = report.holdout
    return {
        "method": report.model,
        "grade": report.grade,
        "grade_reason": report.grade_reason,
        "customers": len(report.ids),
        "holdout": plain_json(held) if held is not None else None,
        "warnings": list(report.warnings),
        "horizons": {
            str(days): {
                "total": one.total,
                "low": one.total_low80,
                "high": one.total_high80,
                "grade": one.grade,
                "grade_reason": one.grade_reason,
            }
            for days, one in reports.items()
        },
    }


def _relative_error(known: KnownCustomers, report: LifetimeReport) -> float | None:
    """The hold-out's deviance over that of telling every customer the average of that window, so that windows can be compared."""
    held = report.holdout
    if held is None:
        return None
    actual = outcome_after(known.purchases, known.purchases.as_of - held.days, held.days).value
    same_for_all = poisson_deviance(actual, np.full(len(actual), actual.mean()))
    used = next(one.deviance for one in held.candidates if one.model == report.model)
    return used / same_for_all if same_for_all > 0 else None


def learn_churn(known: KnownCustomers) -> Learnt:
    """The probability of every customer to buy nothing within 90 days, and how many that will be. Raises MlError.

    The trees that may take part are grown anew each week, for they are no plain data; a version keeps what it said, how that was
    calibrated, and what its customers looked like.
    """
    report = predict_churn(known.purchases, horizon_days=HORIZON_DAYS, seed=SEED)
    low, high = leavers_range(report.p_churn, report.tested)
    new = Candidate(
        kind=ModelKind.CHURN,
        document={"format": FORMAT, "reference": reference(known)},
        features=HABITS,
        metrics=_churn_metrics(report) | {"low": low, "high": high},
        since=known.since,
        until=known.as_of,
    )
    answers = Answers(_ids(report.ids), report.p_churn, report.p_churn, report.p_churn)
    return Learnt(new, answers, Total(Kind.CUSTOMERS_LOST, report.expected_leavers, low, high))


def _churn_metrics(report: ChurnReport) -> dict[str, Any]:
    return {
        "error": report.tested.brier / report.tested.brier_base,
        "method": report.model,
        "grade": report.grade,
        "grade_reason": report.grade_reason,
        "customers": len(report.ids),
        "expected": report.expected_leavers,
        "tested": plain_json(report.tested),
        "tested_customers": report.tested_customers,
        "tested_method": report.tested_model,
    }


def leavers_range(said: FloatArray, tested: Calibration) -> tuple[float, float]:
    """80 % range of how many of n customers leave, from their probabilities (n,) and a test on the latest window.

    Half its width is √((1.28·√Σp(1−p))² + (t·n·g)²): chance, and how far the share of leavers was off in the test (g, beyond what
    chance explains there) times Student's t of one window. Kept within 0 … n.
    """
    chance = sqrt(float((said * (1 - said)).sum()))
    customers = sum(part.customers for part in tested.bins)
    gap = sum(part.customers * (part.said - part.happened) for part in tested.bins) / customers
    by_chance = sum(part.customers * part.said * (1 - part.said) for part in tested.bins) / customers**2
    beyond = sqrt(max(gap**2 - by_chance, 0.0))
    half = hypot(NORMAL_90 * chance, STUDENT_90 * len(said) * beyond)
    expected = float(said.sum())
    return max(expected - half, 0.0), min(expected + half, float(len(said)))


def ledger_row(
    total: Total,
    known: KnownCustomers,
    *,
    version: int,
    method: str,
    data_version: int,
    currency: str,
    job_id: UUID | None,
) -> NewPrediction:
    """A total as a prediction of the 90 days after the last known one. The same days are predicted once."""
    since = known.next_day
    is_money = total.kind is Kind.CUSTOMER_VALUE
    return NewPrediction(
        kind=total.kind,
        subject=plural(known.summary.customers, "customer"),
        since=since,
        until=since + timedelta(days=HORIZON_DAYS - 1),
        point=total.point,
        low=min(total.low, total.point),
        high=max(total.high, total.point),
        unit="micros" if is_money else "count",
        currency=currency if is_money else None,
        assumed={"customers": known.summary.customers, "timezone": known.timezone},
        model=method,
        model_version=str(version),
        data_version=data_version,
        job_id=job_id,
        key=f"{total.kind.value}:{HORIZON_DAYS}:{since}",
    )


def _ids(named: NDArray[np.str_]) -> tuple[UUID, ...]:
    return tuple(UUID(one) for one in named.tolist())
