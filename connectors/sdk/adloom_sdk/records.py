"""What connectors hand over: accounts, campaigns and below, daily numbers, revenue days. Typed, with units in the names.

Money is whole micros (millionths of the currency's unit) beside an ISO 4217 code, never a float. A day is a day of the ad
account's own time zone. None says "the platform did not tell", 0 says "the platform told zero"; the two are never mixed.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Literal

import msgspec


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of everything that a connector hands over. Ids are the platform's own, as text."""


class AccountStatus(StrEnum):
    """Whether an account delivers. LIMITED still reads, but something needs the owner (payment, review)."""

    ACTIVE = "active"
    LIMITED = "limited"
    DISABLED = "disabled"
    CLOSED = "closed"


class EntityStatus(StrEnum):
    """The state of a campaign or what is below it. What fits nowhere is OTHER, with the platform's word in `raw_status`."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    REMOVED = "removed"
    OTHER = "other"


class BudgetOwner(StrEnum):
    """Where a campaign's budget lies. A SHARED budget also feeds other campaigns; AD_GROUPS have their own each."""

    CAMPAIGN = "campaign"
    SHARED = "shared"
    AD_GROUPS = "ad_groups"
    NONE = "none"


class Level(StrEnum):
    """What a daily number belongs to."""

    CAMPAIGN = "campaign"
    AD_GROUP = "ad_group"
    AD = "ad"


class Finality(StrEnum):
    """How much a day may still change: today and unfinished days, days inside the restatement window, and the rest."""

    PROVISIONAL = "provisional"
    SETTLING = "settling"
    FINAL = "final"


class Account(Record, frozen=True, kw_only=True):
    """An advertising account, property or shop. `problem` says in a sentence why it cannot be read, if so."""

    id: str
    name: str
    currency: str
    timezone: str
    status: AccountStatus = AccountStatus.ACTIVE
    raw_status: str = ""
    parent_id: str | None = None
    can_write: bool | None = None
    problem: str = ""


class Campaign(Record, frozen=True, kw_only=True):
    """A campaign with its budget in micros of the account's currency."""

    id: str
    account_id: str
    name: str
    status: EntityStatus
    raw_status: str = ""
    objective: str = ""
    kind: str = ""
    currency: str = ""
    daily_budget_micros: int | None = None
    lifetime_budget_micros: int | None = None
    budget_owner: BudgetOwner = BudgetOwner.CAMPAIGN
    starts_on: date | None = None
    ends_on: date | None = None
    updated_at: datetime | None = None
    parent_id: str | None = None


class AdGroup(Record, frozen=True, kw_only=True):
    """Ad group, ad set, ad squad, line item: what lies between campaign and ad."""

    id: str
    account_id: str
    campaign_id: str
    name: str
    status: EntityStatus
    raw_status: str = ""
    daily_budget_micros: int | None = None
    lifetime_budget_micros: int | None = None
    updated_at: datetime | None = None


class Ad(Record, frozen=True, kw_only=True):
    """What people see, with the creative that it shows."""

    id: str
    account_id: str
    campaign_id: str
    ad_group_id: str
    name: str
    status: EntityStatus
    raw_status: str = ""
    creative_id: str | None = None
    updated_at: datetime | None = None


class Creative(Record, frozen=True, kw_only=True):
    """Words and pictures of an ad; `media_urls` may expire, so nothing but a preview depends on them."""

    id: str
    account_id: str
    kind: Literal["image", "video", "carousel", "text", "other"] = "other"
    name: str = ""
    title: str = ""
    body: str = ""
    link_url: str = ""
    media_urls: tuple[str, ...] = ()


class DailyMetric(Record, frozen=True, kw_only=True):
    """One entity's day. `conversions` may be fractional (rounded to 6 places); `reach` must not be summed over days.

    `campaign_id` is the campaign that the entity belongs to; at campaign level the entity itself. `finality` is set only by
    platforms that tell it (capability FINALITY); for all others the host derives it from the restatement window.
    """

    account_id: str
    level: Level
    entity_id: str
    campaign_id: str
    day: date
    currency: str
    spend_micros: int
    impressions: int | None = None
    clicks: int | None = None
    conversions: float | None = None
    conversion_value_micros: int | None = None
    video_views: int | None = None
    reach: int | None = None
    extras: dict[str, float] = {}
    attribution: str = ""
    finality: Finality | None = None


class RevenueDay(Record, frozen=True, kw_only=True):
    """A day's revenue as a shop or an analytics property counts it, by where it came from (`source`, '' where not told)."""

    account_id: str
    day: date
    currency: str
    source: str = ""
    revenue_micros: int = 0
    orders: float | None = None
    new_customers: int | None = None
    returning_customers: int | None = None
    sessions: int | None = None


Entity = Campaign | AdGroup | Ad | Creative
AnyRecord = Campaign | AdGroup | Ad | Creative | DailyMetric | RevenueDay


class Additivity(StrEnum):
    """Whether a metric may be summed: over everything, over entities of one day only, or not at all (ratios)."""

    ADDITIVE = "additive"
    WITHIN_DAY = "within_day"
    NONE = "none"


class MetricDefinition(Record, frozen=True, kw_only=True):
    """What a metric means: its unit, whether it may be summed, and what a missing value stands for."""

    name: str
    unit: Literal["micros", "count", "ratio", "seconds"]
    additivity: Additivity = Additivity.ADDITIVE
    missing: Literal["zero", "unknown"] = "unknown"


METRICS: tuple[MetricDefinition, ...] = (
    MetricDefinition(name="spend_micros", unit="micros", missing="zero"),
    MetricDefinition(name="impressions", unit="count", missing="zero"),
    MetricDefinition(name="clicks", unit="count", missing="zero"),
    MetricDefinition(name="conversions", unit="count"),
    MetricDefinition(name="conversion_value_micros", unit="micros"),
    MetricDefinition(name="video_views", unit="count"),
    MetricDefinition(name="reach", unit="count", additivity=Additivity.NONE),
)
