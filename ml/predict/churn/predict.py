"""Who will not buy again soon: learn, test on the latest window, learn anew with it, and say how sure that is."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ml.errors import BadOption, TooFewOutcomes, TooShort
from ml.frames import FloatArray
from ml.predict.churn.calibration import Calibration, calibration_of
from ml.predict.churn.learn import learn_churn
from ml.predict.lifetime.bgnbd import p_alive
from ml.predict.lifetime.boosting import CustomerFeatures
from ml.predict.lifetime.document import plain_json
from ml.predict.lifetime.purchases import Purchases
from ml.predict.lifetime.snapshot import FEWEST_DAYS, check_enough, take_snapshot
from ml.predict.lifetime.summary import outcome_after

FORMAT = 1
FEWEST_OF_EACH = 20
LONGEST_HORIZON_DAYS = 730
WELL_CALIBRATED, POORLY_CALIBRATED = 0.03, 0.1
BARELY_RANKED = 0.55

ChurnGrade: TypeAlias = Literal["reliable", "uncertain", "cannot_tell"]


@dataclass(frozen=True, eq=False)
class ChurnReport:
    """P(no purchase in the next `horizon_days`) of n customers, (n,), and how the same method did on the latest window.

    `tested` compares what would have been said `horizon_days` ago, of `tested_customers`, with what happened since;
    `tested_model` is the method of that day, `model` today's. `expected_leavers` is the sum of the probabilities.
    """

    model: str
    horizon_days: int
    ids: NDArray[np.str_]
    p_churn: FloatArray
    p_alive: FloatArray
    expected_leavers: float
    tested_model: str
    tested_customers: int
    tested: Calibration
    grade: ChurnGrade
    grade_reason: str
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form: columns as lists, seven significant digits."""
        return {"format": FORMAT, **plain_json(self)}


def predict_churn(
    purchases: Purchases, *, horizon_days: int = 90, features: CustomerFeatures | None = None, seed: int = 0
) -> ChurnReport:
    """Probability that each customer buys nothing in the next `horizon_days` (7 to 730) days.

    BG/NBD: 1 − P(alive)·(1 − ((α+T)/(α+T+t))^(r+x)), blended in logits with gradient-boosted trees (and `features` where
    given) where that gained on windows that they had not seen. The report's calibration is that of a model learnt only from what
    was known `horizon_days` ago.

    Raises `BadOption` for a horizon outside its range; `TooShort` and `TooFewCustomers` where the history then could not carry a
    model; `TooFewOutcomes` where fewer than 20 customers left, or stayed, since. One BLAS thread.
    Source: Fader, Hardie & Lee 2005; the blend and its limits were compared in benchmarks/ml_lifetime.py.
    """
    if not 7 <= horizon_days <= LONGEST_HORIZON_DAYS:
        raise BadOption(
            f"A horizon of {horizon_days} days is not possible.", f"Choose 7 to {LONGEST_HORIZON_DAYS} days."
        )
    check_enough(purchases)
    model_then, count, tested = _test(purchases, horizon_days, features, seed)
    model = learn_churn(purchases, horizon_days, features, seed=seed)
    now = take_snapshot(purchases, seed=seed)
    p_churn = model.probability(now)
    grade, reason = _grade(tested)
    return ChurnReport(
        model=model.name,
        horizon_days=horizon_days,
        ids=now.purchases.ids,
        p_churn=p_churn,
        p_alive=p_alive(now.models.buying, now.summary),
        expected_leavers=float(p_churn.sum()),
        tested_model=model_then,
        tested_customers=count,
        tested=tested,
        grade=grade,
        grade_reason=reason,
        warnings=purchases.warnings,
    )


def _test(
    purchases: Purchases, days: int, features: CustomerFeatures | None, seed: int
) -> tuple[str, int, Calibration]:
    if purchases.span_days < FEWEST_DAYS + days:
        raise TooShort(purchases.span_days, FEWEST_DAYS + days)
    then = take_snapshot(purchases, day=purchases.as_of - days, seed=seed)
    left = (outcome_after(purchases, then.purchases.as_of, days).purchases == 0).astype(float)
    for outcome, count in (("bought nothing", int(left.sum())), ("bought again", int(len(left) - left.sum()))):
        if count < FEWEST_OF_EACH:
            raise TooFewOutcomes(outcome, count, FEWEST_OF_EACH)
    model = learn_churn(then.purchases, days, features, seed=seed)
    return model.name, len(left), calibration_of(left, model.probability(then))


def _grade(tested: Calibration) -> tuple[ChurnGrade, str]:
    said = f"On the latest window, which it had not seen, shares of leavers were off by {tested.ece:.1%} on average."
    if tested.ece > POORLY_CALIBRATED or (tested.auc or 0.5) < BARELY_RANKED:
        return "cannot_tell", said
    return ("reliable" if tested.ece <= WELL_CALIBRATED else "uncertain"), said
