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
    SELF_TEST = "self_test"
    PATHS = "paths"


class Delay(StrEnum):
    """How the effect of an ad may be spread over the days after it: learnt, strongest at once, or strongest later."""

    LEARNT = "learnt"
    AT_ONCE = "at_once"
    LATER = "later"


class ModelOptions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an analyst may set of the mix model; what is left out keeps the calibrated defaults (docs/how-to/set-up-the-model.md).

    `typical_return` and its `return_spread` (standard deviation of its logarithm): where returns are expected before the data are
    seen. `typical_lag_days`, `half_level` (times a channel's usual spend) and `slope` likewise for lag and saturation. `delay` is the
    shape of the lag kernel. `holidays` is a country's two letters. `with_events`: whether the events that were told explain sales.
    """

    typical_return: Annotated[float, msgspec.Meta(gt=0, le=1e6)] | None = None
    return_spread: Annotated[float, msgspec.Meta(ge=0.05, le=3)] | None = None
    typical_lag_days: Annotated[float, msgspec.Meta(ge=0.1, le=45)] | None = None
    half_level: Annotated[float, msgspec.Meta(ge=0.05, le=20)] | None = None
    slope: Annotated[float, msgspec.Meta(ge=0.3, le=5)] | None = None
    delay: Delay = Delay.LEARNT
    holidays: Annotated[str, msgspec.Meta(pattern="^([A-Z]{2})?$")] = ""
    with_events: bool = True
    with_lift_tests: bool = True
    seed: Annotated[int, msgspec.Meta(ge=0, le=2**31 - 1)] = SEED


class AttributionRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which days to explain; without dates, all there are. `model`: an analyst's settings in place of the calibrated ones."""

    since: date | None = None
    until: date | None = None
    model: ModelOptions | None = None


class ForecastRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far to look ahead, and what will be spent: per day and channel; channels left out go on as in the last weeks.

    `country`: two letters (ISO 3166) of the one whose public holidays count; without it, only the events that were told do.
    """

    horizon_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    planned_per_day: dict[str, PerDay] = {}
    country: str = ""


class BudgetGoal(StrEnum):
    """What a plan is to achieve: the most revenue from a budget, the most profit, or the most revenue at a return."""

    REVENUE = "revenue"
    PROFIT = "profit"
    ROAS = "roas"


class GroupCapRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What some channels may take together, per day."""

    channels: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
    maximum: PerDay
    name: Annotated[str, msgspec.Meta(max_length=60)] = ""


class BudgetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A budget per day to split, within limits per channel and group. Without a budget, today's total is split anew.

    `goal` profit (with the `margin` that stays of a sale before ads) and roas (with the `target_roas` to keep) choose the budget
    themselves; `budget_per_day` is then its upper end, where it is given.
    """

    name: Annotated[str, msgspec.Meta(max_length=80)] = "Plan"
    budget_per_day: PerDay | None = None
    minimum: dict[str, PerDay] = {}
    maximum: dict[str, PerDay] = {}
    locked: list[str] = []
    max_change: Annotated[float, msgspec.Meta(gt=0, le=10)] | None = None
    within_observed: bool = True
    goal: BudgetGoal = BudgetGoal.REVENUE
    margin: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    target_roas: Annotated[float, msgspec.Meta(gt=0, le=1e6)] | None = None
    group_caps: Annotated[list[GroupCapRequest], msgspec.Meta(max_length=20)] = []


class CampaignBudgetRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which campaign, what of it was known when somebody asked, and how far its daily budget may move: 0.2 is 20 % up or down."""

    campaign_id: UUID
    status: str
    daily_budget_micros: int | None
    max_change: float


class SelfTestRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many businesses like this one to make and fit again."""

    rounds: Annotated[int, msgspec.Meta(ge=2, le=100)] = 20


class PathsRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which sales to credit to touches, and how: the last `window_days` for which there are data; a touch counts for a sale up to
    `look_back_days` later; touches of one channel at most `session_minutes` apart are one (0: every touch counts)."""

    window_days: Annotated[int, msgspec.Meta(ge=7, le=730)] = 90
    look_back_days: Annotated[int, msgspec.Meta(ge=1, le=365)] = 30
    session_minutes: Annotated[int, msgspec.Meta(ge=0, le=1440)] = 30


RunRequest = (
    AttributionRequest | ForecastRequest | BudgetRequest | CampaignBudgetRequest | SelfTestRequest | PathsRequest
)
REQUEST_TYPES: dict[Kind, type[RunRequest]] = {
    Kind.ATTRIBUTION: AttributionRequest,
    Kind.FORECAST: ForecastRequest,
    Kind.BUDGET: BudgetRequest,
    Kind.CAMPAIGN_BUDGET: CampaignBudgetRequest,
    Kind.SELF_TEST: SelfTestRequest,
    Kind.PATHS: PathsRequest,
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
    """A run: its state, and its result once it is done. `first_look`: an attribution's rough answer while the full one is worked out."""

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
    first_look: dict[str, Any] | None = None


class CampaignBudgetReply(RunReply, frozen=True):
    """A run about one campaign's daily budget. `result.verdict` is raise, lower, keep or cannot_advise (with `reason` and
    `next_step`); `preview` is there where a change is proposed."""

    preview: ChangePreview | None = None
