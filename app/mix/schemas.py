"""What is asked of a model run and what the API answers. Money in requests is in units of the workspace's currency per day."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec

PerDay = Annotated[float, msgspec.Meta(ge=0, le=1e12)]
HORIZONS = (7, 30, 60, 90)
# One seed for all: the same data give the same numbers, on every machine and in every test.
SEED = 20_260_101


class Kind(StrEnum):
    """The questions that are asked of the data."""

    ATTRIBUTION = "attribution"
    FORECAST = "forecast"
    BUDGET = "budget"
    CAMPAIGN_BUDGET = "campaign_budget"


class AttributionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days to explain; without dates, all there are."""

    since: date | None = None
    until: date | None = None


class ForecastRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far to look ahead, and what will be spent: per day and channel; channels left out go on as in the last weeks."""

    horizon_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    planned_per_day: dict[str, PerDay] = {}


class BudgetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget per day to split, within limits per channel. Without a budget, today's total is split anew."""

    name: Annotated[str, msgspec.Meta(max_length=80)] = "Plan"
    budget_per_day: PerDay | None = None
    minimum: dict[str, PerDay] = {}
    maximum: dict[str, PerDay] = {}
    locked: list[str] = []
    max_change: Annotated[float, msgspec.Meta(gt=0, le=10)] | None = None
    within_observed: bool = True


class CampaignBudgetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which campaign, what of it was known when somebody asked, and how far its daily budget may move: 0.2 is 20 % up or down."""

    campaign_id: UUID
    status: str
    daily_budget_micros: int | None
    max_change: float


RunRequest = AttributionRequest | ForecastRequest | BudgetRequest | CampaignBudgetRequest
REQUEST_TYPES: dict[Kind, type[RunRequest]] = {
    Kind.ATTRIBUTION: AttributionRequest,
    Kind.FORECAST: ForecastRequest,
    Kind.BUDGET: BudgetRequest,
    Kind.CAMPAIGN_BUDGET: CampaignBudgetRequest,
}


class ScenarioRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An allocation to value with the fit of one attribution run: what the sliders ask while they are dragged."""

    attribution_run_id: UUID
    per_day: dict[str, PerDay]


class ScenarioReply(msgspec.Struct, frozen=True):
    """Expected revenue a day from advertising at that allocation, and against today's; 95 % intervals."""

    total_per_day: float
    expected_revenue_per_day: float
    revenue_low: float
    revenue_high: float
    expected_uplift_per_day: float
    uplift_low: float
    uplift_high: float
    probability_better: float
    channels: list[dict[str, Any]]


class ConfirmCall(msgspec.Struct, frozen=True):
    """The call that asks for the change."""

    method: str
    href: str
    body: dict[str, Any]


class ChangePreview(msgspec.Struct, frozen=True, kw_only=True):
    """What a change would do; nothing is asked of the platform before `confirm` is called or `page` confirmed. `problem`: why it
    cannot be done now, and then there is nothing to confirm."""

    campaign_id: UUID
    kind: str
    currency: str
    before_daily_budget_micros: int | None
    after_daily_budget_micros: int
    problem: str
    what_to_do: str
    page: str
    confirm: ConfirmCall | None


class RunReply(msgspec.Struct, frozen=True):
    """A run: its state, and its result once it is done."""

    id: UUID
    kind: str
    state: str
    job_id: UUID | None
    request: dict[str, Any]
    created_at: datetime
    finished_at: datetime | None
    is_current: bool
    result: dict[str, Any] | None = None
    problem: dict[str, Any] | None = None
    href: str = ""


class CampaignBudgetReply(RunReply, frozen=True):
    """A run about one campaign's daily budget. `result.verdict` is raise, lower, keep or cannot_advise (with `reason` and
    `next_step`); `preview` is there where a change is proposed."""

    preview: ChangePreview | None = None
