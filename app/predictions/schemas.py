"""What is written down of a prediction, what the API is asked and what it answers. Money is in micros."""

import math
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

LEVEL = 0.8
ENOUGH = 10


class Kind(StrEnum):
    """What is predicted."""

    FORECAST_REVENUE = "forecast_revenue"
    BUDGET_MOVE = "budget_move"
    CAMPAIGN_CONVERSIONS = "campaign_conversions"
    CAMPAIGN_ROAS = "campaign_roas"
    CUSTOMER_VALUE = "customer_value"
    CUSTOMERS_LOST = "customers_lost"


class ModelKind(StrEnum):
    """What is trained and kept in the registry."""

    CAMPAIGNS = "campaigns"
    LIFETIME = "lifetime"
    CHURN = "churn"
    OFFERS = "offers"


Verdict = Literal["too_few", "unclear", "as_promised", "too_narrow", "too_wide"]
Unit = Literal["micros", "count", "ratio"]


class NewPrediction(msgspec.Struct, frozen=True, kw_only=True):
    """A number to be written down: low ≤ point ≤ high in `unit`, about the days `since` to `until`, both included."""

    kind: Kind
    since: date
    until: date
    point: float
    low: float
    high: float
    unit: Unit
    model: str
    model_version: str
    data_version: int
    key: str
    level: float = LEVEL
    currency: str | None = None
    subject: str = ""
    subject_id: UUID | None = None
    assumed: Mapping[str, Any] | None = None
    run_id: UUID | None = None
    job_id: UUID | None = None
    made_by: UUID | None = None

    def __post_init__(self) -> None:
        """A ledger with a number that is none would never be believed again."""
        if not all(map(math.isfinite, (self.point, self.low, self.high))):
            raise ValueError(f"{self.key}: a prediction must be a finite number with a finite range.")
        if not self.low <= self.point <= self.high or not 0 < self.level < 1 or self.since > self.until:
            raise ValueError(f"{self.key}: the range must hold the number, and the days must be in order.")


class TrackRecord(msgspec.Struct, frozen=True, kw_only=True):
    """How predictions of a kind have fared. `share_inside` and `median_error` (a share of the prediction) are None before
    `enough` have been scored; `periods` are stretches of days that do not overlap, which is what counts as evidence."""

    kind: str
    name: str
    level: float
    scored: int
    inside: int
    periods: int
    waiting: int
    not_scoreable: int
    enough: int
    share_inside: float | None
    median_error: float | None
    verdict: Verdict
    sentence: str
    last_scored_at: datetime | None


class PredictRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which campaign, how far ahead, and what it will spend a day in micros of its own currency. Without a plan it is assumed to
    go on as it did."""

    campaign_id: UUID
    horizon_days: Literal[7, 30] = 30
    planned_daily_spend_micros: Annotated[int, msgspec.Meta(ge=1, le=10**18)] | None = None


class RegisteredModel(msgspec.Struct, frozen=True, kw_only=True):
    """The model behind a number: which version, what it learnt from, and how it did on days that it had not seen."""

    kind: str
    version: int
    method: str
    trained_since: date
    trained_until: date
    features: list[str]
    error: float
    baseline: str
    baseline_error: float
    promised: float
    held: float | None
    drift: str


class PredictReply(msgspec.Struct, frozen=True, kw_only=True):
    """What a campaign will bring over the days, and how such numbers have fared. `value` is a count of conversions, or a ROAS.

    In four of five cases the outcome lies between `low` and `high`. `own_share` is how much of the number rests on the campaign's
    own days rather than on its peers'. `spend_micros` is what was planned or assumed, in all.
    """

    prediction_id: UUID
    campaign_id: UUID
    since: date
    until: date
    value: float
    low: float
    high: float
    level: float
    unit: str
    spend_micros: int
    currency: str
    is_planned: bool
    own_share: float
    sentence: str
    warnings: list[str]
    model: RegisteredModel
    track_record: TrackRecord
