"""What the API is asked about customers and what it answers. Money is in micros of the workspace's currency."""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

import msgspec

from app.predictions.schemas import TrackRecord

Grade = Literal["reliable", "uncertain", "cannot_tell"]


class Sort(StrEnum):
    """In which order customers come."""

    VALUE = "value"
    RISK = "risk"
    GAIN = "gain"


class Act(StrEnum):
    """What to do about a customer's next offer: make it, try it on one in five, or make none."""

    OFFER = "offer"
    TEST = "test"
    NONE = "none"


class LtvRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One customer, or all who are known (leave `customer_id` out), over the next so many days."""

    customer_id: UUID | None = None
    horizon_days: Literal[30, 90, 180, 365] = 90


class CustomerModel(msgspec.Struct, frozen=True, kw_only=True):
    """The version behind a number: from which days it learnt, and how it did on days that it had not seen.

    `value_error` is predicted ÷ actual − 1 over all customers, `coverage` the share of customers whose value lay in their range.
    """

    kind: str
    version: int
    method: str
    trained_since: date
    trained_until: date
    features: list[str]
    holdout_days: int | None
    value_error: float | None
    coverage: float | None
    drift: str


class LtvReply(msgspec.Struct, frozen=True, kw_only=True):
    """Orders less refunds that are expected of the customer, or of all, over the days: not discounted, before costs.

    In four of five cases the outcome lies between low and high. `value_micros` is null where the grade is `cannot_tell`: then the
    range is all that can be said.
    """

    customer_id: UUID | None
    customers: int
    since: date
    until: date
    value_micros: int | None
    low_micros: int
    high_micros: int
    level: float
    currency: str
    grade: Grade
    grade_reason: str
    sentence: str
    warnings: list[str]
    model: CustomerModel
    track_record: TrackRecord


class NextOffer(msgspec.Struct, frozen=True, kw_only=True):
    """The offer that is worth most for a customer, with the gain over making none, and its 80 % range."""

    name: str
    act: Act
    gain_micros: int
    low_micros: int
    high_micros: int


class CustomerOutlook(msgspec.Struct, frozen=True, kw_only=True):
    """What is expected of a customer over the next 90 days. `value_micros` and `risk` (the probability to buy nothing) are null where
    nothing has been learnt of them, or where it cannot be told."""

    customer_id: UUID
    external_id: str
    name: str
    orders: int
    last_order_at: datetime | None
    value_micros: int | None
    value_low_micros: int | None
    value_high_micros: int | None
    risk: float | None
    next_offer: NextOffer | None


class OutlookPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of customers with what is expected of them. No `next_cursor`: no more."""

    currency: str
    items: list[CustomerOutlook]
    total: int
    value_grade: Grade | None
    risk_grade: Grade | None
    next_cursor: str | None


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Which customers, in which order."""

    sort: Sort = Sort.VALUE
    act: Act | None = None
    offer: str = ""
    q: str = ""
