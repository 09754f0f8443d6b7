"""What a lifetime prediction hands out: frozen results, with their own track record on the merchant's past beside them."""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ml.frames import FloatArray
from ml.predict.lifetime.bgnbd import BgNbd
from ml.predict.lifetime.document import plain_json
from ml.predict.lifetime.gamma_gamma import GammaGamma

FORMAT = 1
MODEL_PROBABILITY, MODEL_BOOSTING = "BG/NBD + Gamma-Gamma", "Gradient boosting"
LifetimeGrade: TypeAlias = Literal["reliable", "uncertain", "cannot_tell"]


@dataclass(frozen=True)
class CohortError:
    """Customers who joined from `start_on` to `end_on` (ISO days): value predicted and actual, in currency units."""

    start_on: str
    end_on: str
    customers: int
    predicted: float
    actual: float


@dataclass(frozen=True)
class CandidateScore:
    """A method's error in the hold-out: mean Poisson deviance of value per customer, in units of the average value."""

    model: str
    deviance: float


@dataclass(frozen=True)
class Holdout:
    """How the same method would have done `days` days ago, on customers it knew then.

    `purchases_error` and `value_error` are predicted ÷ actual − 1 over all customers; `mean_absolute_error` purchases per
    customer; `correlation` of predicted with actual purchases; `coverage80` the share of customers whose value lay in their
    80 % range (above 0.8 where most buy nothing: a range that is 0 alone holds too often).
    """

    days: int
    customers: int
    predicted_purchases: float
    actual_purchases: float
    purchases_error: float | None
    predicted_value: float
    actual_value: float
    value_error: float | None
    mean_absolute_error: float
    correlation: float | None
    coverage80: float
    cohorts: tuple[CohortError, ...]
    candidates: tuple[CandidateScore, ...]


@dataclass(frozen=True, eq=False)
class LifetimeReport:
    """Value of n customers over the next `horizon_days`, discounted and times the margin, currency units.

    `p_alive` probability to be still a customer; `expected_purchases` undiscounted; `order_value` expected per purchase;
    `value` expected, `low` and `high` where 8 of 10 customers' own value will be. `total_*` of all customers.
    """

    model: str
    horizon_days: int
    ids: NDArray[np.str_]
    p_alive: FloatArray
    expected_purchases: FloatArray
    order_value: FloatArray
    value: FloatArray
    low: FloatArray
    high: FloatArray
    total: float
    total_low80: float
    total_high80: float
    buying: BgNbd
    worth: GammaGamma
    holdout: Holdout | None
    grade: LifetimeGrade
    grade_reason: str
    warnings: tuple[str, ...]
    seed: int

    def to_dict(self) -> dict[str, Any]:  # a JSON document
        """JSON-safe form: columns as lists, seven significant digits."""
        return {"format": FORMAT, **plain_json(self)}
